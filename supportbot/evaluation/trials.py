"""Questions that can and cannot be answered, decided by the very search that serves people.

The question is put to `Search.find_matches` and `decide`, as `Handlers` do it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from supportbot.domain.chat.audiences import Scope, open_scope
from supportbot.domain.knowledge.decision import Calibration, decide
from supportbot.domain.knowledge.documents import document_id
from supportbot.errors import SupportbotError
from supportbot.evaluation.bootstrap import SEED, Interval
from supportbot.evaluation.confidence import (
    Bin,
    Bools,
    Floats,
    precision_by_coverage,
    reliability,
)
from supportbot.evaluation.decision import (
    DecisionMeasures,
    Trial,
    Variant,
    decision_intervals,
    measure_decisions,
)
from supportbot.evaluation.packs import Over, Pack, open_pack
from supportbot.evaluation.voting import AfterVotes, after_votes
from supportbot.handlers.ladder import NEAR
from supportbot.importers import beir, hint3
from supportbot.importers.hint3 import Bot
from supportbot.knowledge.search import Progress, Search, untold


@dataclass(frozen=True, slots=True)
class DecisionEvaluation:
    """The figures of a pack, their intervals, and what was decided on each question."""

    measures: DecisionMeasures
    intervals: Mapping[str, Interval]
    trials: tuple[Trial, ...]
    calibration: Calibration
    asked: str
    """Which questions of the pack, and over what."""
    after_votes: tuple[AfterVotes, ...] = ()
    """What votes of members would make of it, the fewest first."""

    def as_json(self) -> dict[str, object]:
        """Return the figures under the names that scripts rely on, and their intervals."""
        return {
            **self.measures.as_json(),
            "answer_threshold": self.calibration.answer_threshold,
            "suggest_threshold": self.calibration.suggest_threshold,
            "intervals": {name: [*interval] for name, interval in self.intervals.items()},
            "after_votes": [one.as_json() for one in self.after_votes],
        }

    @property
    def reliability(self) -> tuple[Bin, ...]:
        """Return what questions of like confidence were promised, and what was kept."""
        return reliability(*self._judged())

    @property
    def precision_by_coverage(self) -> Floats:
        """Return the precision of the likeliest 1, 2, … of all that was asked."""
        return precision_by_coverage(*self._judged())

    def _judged(self) -> tuple[Floats, Bools]:
        confidence = np.array([trial.confidence for trial in self.trials], np.float64)
        return confidence, np.array([trial.is_right for trial in self.trials], np.bool_)

    def as_run(self) -> str:
        """Write a line for each: question, variant, confidence, right (1 or 0), likeliest match."""
        return "".join(
            f"{t.question}\t{t.variant}\t{t.confidence:.6f}\t{t.is_right:d}\t{t.top}\n"
            for t in self.trials
        )


def evaluate_decision(  # noqa: PLR0913 - each is a choice of the command line
    search: Search,
    calibration: Calibration,
    path: Path,
    *,
    split: str | None = None,
    over: Over | None = None,
    votes: Collection[int] = (),
    seed: int = SEED,
    on_embedded: Progress = untold,
    on_asked: Progress = untold,
) -> DecisionEvaluation:
    """Let the bot decide on each question of a pack, and measure what it did.

    Args:
        search: Over a database of its own: the pack is synced into it.
        calibration: What a match is worth, and where the thresholds are.
        path: A folder in BEIR's layout, or HINT3's tables.
        split: Name of a file in `qrels`; `dev`, `test`, or the only one when left out.
        over: What is searched; when left out, what was judged for the question where the pack has
            candidates: of the others nobody knows whether they help.
        votes: After how many votes of members it is measured as well.
        seed: Of the intervals, and of who votes.
        on_embedded: Told how far the documents are.
        on_asked: Told how far the questions are.

    Raises:
        SupportbotError: The pack lacks what was asked for, or is broken.
    """
    bot = hint3.find_bot(path)
    if bot is None:
        if not path.exists():
            message = f"There is no folder {path}, and no {path}_train.csv."
            raise SupportbotError(message)
        pack = open_pack(path, split=split, over=over, preferred=Over.JUDGED)
        source, documents = pack.source, beir.read_documents(path)
        cases = list(_cases_of_pack(pack))
        asked = f"split {pack.split}, over {_OVER[pack.over]}"
    else:
        _refuse(split, over)
        known = hint3.read_documents(bot)
        source, documents = bot.source, iter(known)
        cases = list(_cases_of_bot(bot, {document.key for document in known}))
        asked = f"over {len(known)} labels"
    search.sync(source, documents, on_embedded)
    trials = []
    for done, case in enumerate(cases, 1):
        trials.append(_decide(search, calibration, source, case))
        on_asked(done, len(cases))
    measured = measure_decisions(trials)
    found = decision_intervals(trials, seed=seed)
    voted = tuple(after_votes(trials, calibration, one, seed=seed) for one in sorted(votes))
    return DecisionEvaluation(measured, found, tuple(trials), calibration, asked, voted)


_OVER = {
    Over.CANDIDATES: "the candidates",
    Over.CORPUS: "the corpus",
    Over.JUDGED: "what was judged",
}


def _refuse(split: str | None, over: Over | None) -> None:
    for option, value in (("--split", split), ("--over", over)):
        if value is not None:
            message = f"{option} is for packs in BEIR's layout: HINT3's tables have no such choice."
            raise SupportbotError(message)


@dataclass(frozen=True, slots=True)
class _Case:
    """A question as it is asked once: what is searched, and what of it is relevant."""

    question: str
    text: str
    scope: Scope
    relevant: frozenset[str] = frozenset()
    variant: Variant = Variant.AS_IS
    label: str | None = None


def _cases_of_pack(pack: Pack) -> Iterator[_Case]:
    """Ask each question as it is, and once more with all that is relevant to it taken out.

    One to which nothing is relevant is asked once; one for which nothing is left to search is not
    asked, since there is nothing to decide.
    """
    for question in pack.questions:
        grades = pack.judgements[question.id]
        relevant = pack.ids_of(key for key, grade in grades.items() if grade > 0)
        as_is = pack.scope(question)
        searched = relevant - as_is.without if as_is.only is None else relevant & _searched(as_is)
        cases = [_Case(question.id, question.text, as_is, searched)]
        if searched:
            scope = replace(as_is, without=as_is.without | searched)
            cases.append(_Case(question.id, question.text, scope, variant=Variant.WITHOUT))
        for case in cases:
            if case.scope.only is None or _searched(case.scope):
                yield case


def _searched(scope: Scope) -> frozenset[str]:
    return (scope.only or frozenset()) - scope.without


def _cases_of_bot(bot: Bot, labels: Collection[str]) -> Iterator[_Case]:
    """Ask each sentence once. What has a label that the bot does not know cannot be answered."""
    scope = open_scope()
    for sentence in hint3.read_sentences(bot.test):
        label = sentence.label if sentence.label in labels else ""
        relevant = frozenset({document_id(bot.source, label)} if label else ())
        yield _Case(str(sentence.line), sentence.text, scope, relevant, label=label)


def _decide(search: Search, calibration: Calibration, source: str, case: _Case) -> Trial:
    with search.reading() as tx:
        matches = search.find_matches(tx, case.scope, case.text, limit=NEAR)
    decision = decide(matches, calibration)
    likeliest = next((match.document_id for match in decision.matches), "")
    return Trial(
        question=case.question,
        variant=case.variant,
        is_answerable=bool(case.relevant),
        kind=decision.kind,
        confidence=decision.confidence,
        top=likeliest.removeprefix(f"{source}:"),
        is_right=likeliest in case.relevant,
        shows_right=any(match.document_id in case.relevant for match in decision.shown),
        label=case.label,
    )
