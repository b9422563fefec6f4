"""Whom to ask: how likely each person answers, and the few who together cover a question."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.domain.experts.expert import Expert
from supportbot.domain.experts.expertise import FEATURES, Appraisal
from supportbot.domain.language.catalogue import day, say
from supportbot.domain.language.texts import Name, Said

GROUP = 3
"""How many people are asked at once, at most."""
LEAST_SIMILARITY = 0.25
"""Cosine under which a topic says nothing about a question. Unrelated texts of all-MiniLM-L6-v2
lie around 0.1; chosen by reading, not fitted: no export says who declared what."""
TOPIC_IS_MEANT = 0.5
"""Cosine from which a message is about a declared topic, also where it asks nothing: a near one."""
LIKE_THIS = 0.4
"""Cosine from which a past question is called one like this; chosen by reading."""


@dataclass(frozen=True, slots=True)
class ExpertModel:
    """Logistic regression over `FEATURES`: what speaks for a person becomes a probability."""

    intercept: float
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse weights of other features."""
        if len(self.weights) != len(FEATURES):
            message = f"{len(FEATURES)} weights are needed, one for each feature"
            raise ValueError(message)

    def logit(self, features: Sequence[float]) -> float:
        """Return the logarithm of the odds that this person answers."""
        pairs = zip(self.weights, features, strict=True)
        return self.intercept + sum(weight * value for weight, value in pairs)


SHIPPED = ExpertModel(
    # Fitted on 2,464 answered questions of five communities (the time before the `dev` questions of
    # each, at most 600 of one) by tests/benchmarks/fit_routing.py; see docs/benchmarks.md.
    intercept=-0.062,
    weights=(
        -0.231,  # said in 1 days
        0.349,  # said in 7 days
        0.025,  # said in 30 days
        0.043,  # said in 180 days
        -0.187,  # silent
        -0.032,  # said here in 1 days
        0.118,  # said here in 7 days
        0.109,  # said here in 30 days
        -0.053,  # said here in 180 days
        -0.189,  # silent here
        -0.335,  # said in the thread
        -0.116,  # silent in the thread
        0.965,  # opened the thread
        -0.424,  # answered in 30 days
        0.184,  # answered in 180 days
        -0.150,  # answered here in 30 days
        0.300,  # answered here in 180 days
        0.166,  # thanked in 180 days
        0.217,  # helped the asker
        0.187,  # was helped by the asker
        0.130,  # speaks at this hour
        0.086,  # speaks on this weekday
        3.723,  # is named
        0.553,  # answered near questions
        0.198,  # answers mostly near questions
        0.180,  # answers rather than asks
    ),
)


@dataclass(frozen=True, slots=True)
class Courtesy:
    """How much the asks of the last days count against asking the same person again."""

    load: float = 0.25
    """Taken from a person's log-odds for each e-fold of their asks of late."""
    specialist: float = 0.5
    """Given to the third person for answering mostly questions like this."""


COURTESY = Courtesy()
"""Where nobody says how often they may be asked; chosen on the `dev` questions of five exports."""
THRIFT = Courtesy(load=1.0)
"""Where people have budgets: who is asked too early cannot be asked when they are needed. Chosen on
the same questions, with five asks a person and week."""


LOAD_HALF_LIFE = timedelta(days=7)


def load_of(asked: Iterable[datetime], now: datetime) -> float:
    """Return how much somebody was asked of late: asks that decay with a half-life of a week."""
    return sum(math.exp2((at - now) / LOAD_HALF_LIFE) for at in asked)


def evidence_of_silence(unanswered: int) -> float:
    """Return the log-odds that are left of one who has left the last asks without a word.

    After k of them in a row the odds are 1 in 1 + k of what they were: the rule of succession, for
    somebody of whom nothing else is known than that they were asked.

    Source: Laplace 1814; with one answer and one silence taken as seen before.
    """
    return -math.log1p(unanswered)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person for a question: the log-odds that they answer, and those with load taken off."""

    member_id: str
    logit: float
    courteous: float
    special: float = 0.0
    """How much of what they answered was like this."""
    is_newcomer: bool = False
    """They are new here and have answered well, and the question is an easy one."""

    @property
    def chance(self) -> float:
        """Return the probability that they answer."""
        return 1 / (1 + math.exp(-max(-_STEEPEST, min(_STEEPEST, self.logit))))


def rank(
    appraisals: Iterable[Appraisal],
    model: ExpertModel,
    loads: Mapping[str, float],
    courtesy: Courtesy = COURTESY,
    *,
    told: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """Put people in the order in which they are asked; the first three are the first group.

    Two are the best, with what they were asked of late taken off. The third is the one of the
    next best who answers mostly questions like this: three people with the same knowledge are
    worth less than three who cover it. An easy question gives that place to a newcomer among
    them who has answered well: there they do as well, and how else do they become experts?

    Args:
        appraisals: What speaks for each.
        model: What that is worth.
        loads: How often each was asked of late: asks that decay with a half-life of a week.
        courtesy: What load costs.
        told: What is known of people besides their record, as `evidence_of` gives it.
    """
    evidence = told or {}
    candidates = [
        _candidate(one, model, loads, courtesy, evidence.get(one.member_id, 0.0))
        for one in appraisals
    ]
    candidates.sort(key=lambda one: (-one.courteous, one.member_id))
    best, others = candidates[: GROUP - 1], candidates[GROUP - 1 :]
    near = others[:_POOL]
    if not near:
        return best
    third = _newcomer(best, near) or max(
        near, key=lambda one: one.courteous + courtesy.specialist * one.special
    )
    return [*best, third, *(one for one in others if one is not third)]


def _newcomer(best: Sequence[Candidate], near: Sequence[Candidate]) -> Candidate | None:
    if any(one.is_newcomer for one in best):
        return None
    return next((one for one in near if one.is_newcomer), None)


def evidence_of(expert: Expert, *, has_record: bool) -> float:
    """Return the log-odds that declared topics add, and answers of which the record does not know.

    Args:
        expert: With the nearest topic that they declared, and their answers to near questions.
        has_record: Their answers are in the record, and count there.
    """
    evidence = max(0.0, expert.topic_similarity - LEAST_SIMILARITY)
    if not has_record:
        evidence += sum(max(0.0, cosine - LEAST_SIMILARITY) for cosine, _ in expert.answers)
    return _EVIDENCE * evidence


def enough_of(ranked: Sequence[Candidate], *, limit: int = GROUP) -> list[Candidate]:
    """Take the first ones, until it is likely enough that one of them answers, and any newcomer."""
    chosen: list[Candidate] = []
    nobody = 1.0
    for candidate in ranked[:limit]:
        if 1 - nobody >= _LIKELY_ENOUGH and not candidate.is_newcomer:
            continue
        chosen.append(candidate)
        nobody *= 1 - candidate.chance
    return chosen


def reason_of(
    expert: Expert,
    *,
    answers_here: int,
    has_helped: bool,
    is_named: bool = False,
    good_answers: int = 0,
) -> Said:
    """Return why somebody is asked, as it is told to them.

    Args:
        expert: Whom; with their answers to questions like this.
        is_named: The question names them.
        good_answers: Accepted answers of one who is asked as a newcomer; 0 for everybody else.
        answers_here: What they answered in this channel in the last 30 days.
        has_helped: They answered the asker before.
    """
    if is_named:
        return say("asked.named")
    if good_answers:
        return say("asked.newcomer", n=good_answers)
    return _reason_told(expert) or _reason_seen(answers_here, has_helped=has_helped)


def _reason_told(expert: Expert) -> Said:
    near = [said_at for cosine, said_at in expert.answers if cosine >= LIKE_THIS]
    dated = [said_at for said_at in near if said_at is not None]
    if dated:
        return say("asked.like_this_last", n=len(near), day=day(max(dated)))
    if near:
        return say("asked.like_this", n=len(near))
    if expert.named_by:
        return say("asked.suggested", who=Name(expert.named_by))
    if expert.topic_similarity >= LEAST_SIMILARITY:
        return say("asked.topic", topic=Name(expert.topic))
    return ""


def _reason_seen(answers_here: int, *, has_helped: bool) -> Said:
    if answers_here:
        return say("asked.here", n=answers_here)
    return say("asked.helped" if has_helped else "asked.answered")


_STEEPEST = 700.0
_POOL = 10
"""How many of the next best may be the specialist."""
_SPECIAL = FEATURES.index("answers mostly near questions")
_LIKELY_ENOUGH = 0.9
_EVIDENCE = 6.0
"""Log-odds for each 1 of cosine above `LEAST_SIMILARITY`: a near topic (0.5) multiplies the odds by
four. Chosen, not fitted: no export says who declared what."""


def _candidate(
    appraisal: Appraisal,
    model: ExpertModel,
    loads: Mapping[str, float],
    courtesy: Courtesy,
    evidence: float,
) -> Candidate:
    logit = model.logit(appraisal.features) + evidence
    load = math.log1p(loads.get(appraisal.member_id, 0.0))
    return Candidate(
        appraisal.member_id,
        logit,
        logit - courtesy.load * load,
        appraisal.features[_SPECIAL],
        appraisal.is_newcomer,
    )
