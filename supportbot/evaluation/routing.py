"""How well the right people are found: a chat's past is lived through again, question by question.

Only what was known before a question's moment is used, for the people and for the model alike.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.expertise import FEATURES, Appraisal
from supportbot.domain.experts.routing import (
    COURTESY,
    GROUP,
    THRIFT,
    Courtesy,
    ExpertModel,
    load_of,
    rank,
)
from supportbot.errors import SupportbotError
from supportbot.evaluation.replay import GoldQuestion, Past
from supportbot.experts.fitting import ENOUGH, Example, answerers, fit, replay

BUDGET = 5
"""Asks that a person takes in a week."""


@dataclass(frozen=True, slots=True)
class RoutingMeasures:
    """Shares of the questions, 0 to 1; where only the first three count, they are the asked."""

    questions: int
    hit_at_1: float
    hit_at_3: float
    hit_at_5: float
    mrr: float
    main_hit_at_3: float
    """The one who answered most was among the first three."""
    top5_share: float
    """Share of the asks that went to the five who were asked most."""
    gini: float
    """Of the asks, over everybody who was asked or answered: 0 when all are asked alike."""
    hit_at_3_budget: float
    """Hit at 3 when nobody is asked more than five times in seven days."""

    def as_json(self) -> dict[str, int | float]:
        """Return the figures under the names that scripts rely on."""
        return {
            "questions": self.questions,
            "hit@1": self.hit_at_1,
            "hit@3": self.hit_at_3,
            "hit@5": self.hit_at_5,
            "mrr": self.mrr,
            "main_hit@3": self.main_hit_at_3,
            "top5_share": self.top5_share,
            "gini": self.gini,
            f"hit@3_budget{BUDGET}": self.hit_at_3_budget,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with what was known of everybody when it was asked, and who answered."""

    question: GoldQuestion
    asked_at: datetime
    appraisals: tuple[Appraisal, ...]
    main: str
    answerers: frozenset[str]


Policy = Callable[[Judged, "Asks"], Sequence[str]]
"""Puts people into the order in which they are asked, knowing who was asked before."""


class Asks:
    """Who was asked when."""

    def __init__(self) -> None:
        """Begin with nobody asked."""
        self._moments: dict[str, list[datetime]] = {}

    def note(self, member_id: str, moment: datetime) -> None:
        """Take in that somebody was asked."""
        self._moments.setdefault(member_id, []).append(moment)

    def loads(self, moment: datetime) -> dict[str, float]:
        """Return how often each was asked of late, as `load_of` counts it."""
        return {
            who: load_of(moments[-_REMEMBERED:], moment) for who, moments in self._moments.items()
        }

    def in_a_week(self, member_id: str, moment: datetime) -> int:
        """Count how often somebody was asked in the seven days before a moment."""
        since = moment - _WEEK
        return sum(then > since for then in self._moments.get(member_id, ()))


@dataclass(frozen=True, slots=True)
class RoutingEvaluation:
    """The figures of each way to choose, ours first, and our rankings."""

    split: str
    measures: Mapping[str, RoutingMeasures]
    rankings: Mapping[str, Sequence[str]]
    """User ids, best first, by question."""
    trade: Sequence[tuple[float, float, float]] = field(default=())
    """What load costs: its weight, hit at 3, and the share of the busiest five."""
    is_own_model: bool = True

    def as_run(self) -> str:
        """Write each question with whom we would ask, best first."""
        return "".join(f"{id_}\t{','.join(people)}\n" for id_, people in self.rankings.items())


def evaluate_routing(  # noqa: PLR0913 - what can be chosen
    past: Past,
    gold: Sequence[GoldQuestion],
    shipped: ExpertModel,
    *,
    split: str | None = None,
    courtesy: Courtesy = COURTESY,
    on_step: Callable[[int, int], object] = lambda _done, _total: None,
) -> RoutingEvaluation:
    """Measure ours beside the simple ways, on one split.

    The model is fitted on what the export tells of the time before the split's first question;
    with too little of that, the shipped one counts.

    Raises:
        SupportbotError: The gold has no such split, or does not belong to the export.
    """
    chosen = split or _default_split(gold)
    judged_questions = [question for question in gold if question.split == chosen]
    if not judged_questions:
        splits = ", ".join(sorted({question.split for question in gold}))
        message = f"The gold has no answered question of split '{chosen}'. There are: {splits}."
        raise SupportbotError(message)
    judged, examples = gather(past, judged_questions, on_step)
    model = fit(examples) if len(examples) >= ENOUGH else shipped
    order = sorted(judged, key=lambda one: (one.asked_at, one.question.id))
    ways = {"ours": ours(model, courtesy), **_simple_ways()}
    thrifty = {**ways, "ours": ours(model, THRIFT)}
    measures = {name: measure(order, way, thrifty[name]) for name, way in ways.items()}
    rankings = {
        one.question.id: [Author.of(who).user_id for who in people]
        for one, people in play(order, ways["ours"])
    }
    return RoutingEvaluation(
        chosen,
        measures,
        rankings,
        trade=[_traded(order, model, courtesy, load) for load in _LOADS],
        is_own_model=model is not shipped,
    )


def gather(
    past: Past,
    questions: Sequence[GoldQuestion],
    on_step: Callable[[int, int], object] = lambda _done, _total: None,
) -> tuple[list[Judged], list[Example]]:
    """Live through the past once; gives what is judged, and what could be learned before."""
    numbers = {number: question for question, number in _numbers(past, questions)}
    begins = min(past.steps[number].said.said_at for number in numbers)
    answered = answerers(past.steps, before=begins)
    learned_from = {
        number: frozenset(answered[message.key])
        for number, message in enumerate(past.messages)
        if message.key in answered and message.said_at < begins
    }
    wanted = {number: past.askings[number] for number in (*learned_from, *numbers)}
    judged, examples = [], []
    for number, appraisals in replay(past.steps, wanted, on_step):
        if number in learned_from:
            examples.append(Example(tuple(appraisals), learned_from[number]))
        if number in numbers:
            judged.append(_judged(past, numbers[number], number, appraisals))
    return judged, examples


def ours(model: ExpertModel, courtesy: Courtesy) -> Policy:
    """Choose as the bot does."""

    def choose(judged: Judged, asks: Asks) -> list[str]:
        ranked = rank(judged.appraisals, model, asks.loads(judged.asked_at), courtesy)
        return [candidate.member_id for candidate in ranked]

    return choose


def play(judged: Iterable[Judged], way: Policy) -> list[tuple[Judged, list[str]]]:
    """Ask the first three of each question, one question after the other."""
    asks = Asks()
    played = []
    for one in judged:
        people = list(way(one, asks))
        for member_id in people[:GROUP]:
            asks.note(member_id, one.asked_at)
        played.append((one, people))
    return played


def measure(judged: Sequence[Judged], way: Policy, thrifty: Policy) -> RoutingMeasures:
    """Measure one way to choose, over questions in the order of time.

    `thrifty` is the way where people have budgets.
    """
    played = play(judged, way)
    within_budget = play(judged, _within_budget(thrifty))
    asked = Counter(who for _, people in played for who in people[:GROUP])
    everybody = {who for one, _ in played for who in one.answerers} | asked.keys()
    return RoutingMeasures(
        questions=len(played),
        hit_at_1=_mean(_hit(one, people[:1]) for one, people in played),
        hit_at_3=_mean(_hit(one, people[:3]) for one, people in played),
        hit_at_5=_mean(_hit(one, people[:5]) for one, people in played),
        mrr=_mean(_reciprocal_rank(one, people) for one, people in played),
        main_hit_at_3=_mean(one.main in people[:3] for one, people in played),
        top5_share=_share(asked),
        gini=gini([asked[who] for who in sorted(everybody)]),
        hit_at_3_budget=_mean(_hit(one, people[:3]) for one, people in within_budget),
    )


def gini(counts: Sequence[int]) -> float:
    """Return the Gini coefficient: half the mean difference of two people, over the mean."""
    total = sum(counts)
    if not total:
        return 0.0
    ranked = enumerate(sorted(counts), 1)
    weighted = sum((2 * place - len(counts) - 1) * count for place, count in ranked)
    return weighted / (len(counts) * total)


_WEEK = timedelta(days=7)
_REMEMBERED = 200
_LOADS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
_SEED = 20261122


def _numbers(past: Past, questions: Sequence[GoldQuestion]) -> list[tuple[GoldQuestion, int]]:
    found = past.find(questions)
    return [(question, found[question.id]) for question in questions]


def _judged(
    past: Past, question: GoldQuestion, number: int, appraisals: Sequence[Appraisal]
) -> Judged:
    return Judged(
        question,
        past.steps[number].said.said_at,
        tuple(appraisals),
        f"{past.platform}:{question.main}",
        frozenset(f"{past.platform}:{who}" for who in question.answerers),
    )


def _simple_ways() -> dict[str, Policy]:
    anywhere, here = FEATURES.index("said in 30 days"), FEATURES.index("said here in 30 days")
    answers, near = (
        FEATURES.index("answered here in 30 days"),
        FEATURES.index("answered near questions"),
    )
    return {
        "random": _at_random,
        "most active, 30 days": _by(anywhere),
        "most active here, 30 days": _by(here, anywhere),
        "most answers here, 30 days": _by(answers, here),
        "nearest questions": _by(near, anywhere),
    }


def _by(*features: int) -> Policy:
    def choose(judged: Judged, _asks: Asks) -> list[str]:
        ranked = sorted(
            judged.appraisals,
            key=lambda one: (*(-one.features[feature] for feature in features), one.member_id),
        )
        return [one.member_id for one in ranked]

    return choose


def _at_random(judged: Judged, _asks: Asks) -> list[str]:
    people = sorted(one.member_id for one in judged.appraisals)
    random.Random(f"{_SEED}:{judged.question.id}").shuffle(people)  # noqa: S311 - a baseline
    return people


def _within_budget(way: Policy) -> Policy:
    def choose(judged: Judged, asks: Asks) -> list[str]:
        people = way(judged, asks)
        return [who for who in people if asks.in_a_week(who, judged.asked_at) < BUDGET]

    return choose


def _traded(
    judged: Sequence[Judged], model: ExpertModel, courtesy: Courtesy, load: float
) -> tuple[float, float, float]:
    played = play(judged, ours(model, Courtesy(load=load, specialist=courtesy.specialist)))
    asked = Counter(who for _, people in played for who in people[:GROUP])
    return load, _mean(_hit(one, people[:3]) for one, people in played), _share(asked)


def _default_split(gold: Sequence[GoldQuestion]) -> str:
    splits = {question.split for question in gold}
    return next((split for split in ("dev", "test") if split in splits), min(splits, default=""))


def _hit(judged: Judged, people: Sequence[str]) -> bool:
    return not judged.answerers.isdisjoint(people)


def _reciprocal_rank(judged: Judged, people: Sequence[str]) -> float:
    ranks = (rank_ for rank_, who in enumerate(people, 1) if who in judged.answerers)
    return 1 / next(ranks, math.inf)


def _share(asked: Counter[str]) -> float:
    busiest = sum(count for _, count in asked.most_common(5))
    return busiest / asked.total() if asked else 0.0


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
