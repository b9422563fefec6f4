"""A calibration for an embedding model, fitted on packs of questions that people judged.

Each question counts twice: as it is, and with what is relevant to it taken out of what is found,
where no match can be right.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from supportbot.domain.chat.audiences import Scope
from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.evaluation.packs import Over, open_pack
from supportbot.evaluation.thresholds import (
    FEWEST_RIGHT,
    JudgedMatch,
    Kept,
    calibrate,
    judged_matches,
    kept,
)
from supportbot.importers import beir
from supportbot.knowledge.search import Progress, Search, untold

_CONSIDERED = 20
"""Matches of a question among which the likeliest is looked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what is searched for it, and the ids of the documents that help."""

    id: str
    text: str
    scope: Scope
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What the thresholds do on the questions of a split."""

    split: str
    answers: Kept
    shown: Kept

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.split}: {_said('answered', self.answers)}; {_said('shown', self.shown)}"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A calibration, on how many matches it was fitted, and what it does on each split."""

    calibration: Calibration
    pack: str
    judged: int
    reports: tuple[Report, ...]
    """Of the splits that it was fitted on, then of those that it was only judged on."""

    def as_json(self) -> dict[str, object]:
        """Return the calibration, and the reports."""
        return {
            "calibration": asdict(self.calibration),
            "judged": self.judged,
            "reports": [asdict(report) for report in self.reports],
        }

    def as_settings(self) -> str:
        """Write the lines for the settings, what they were fitted on as comments before them."""
        values = {
            name: json.dumps(value) if isinstance(value, str) else f"{value:.6g}"
            for name, value in asdict(self.calibration).items()
        }
        warning = (
            "# No threshold was good enough: nothing will be an answer, only suggestions.\n"
            if self.calibration.only_suggests
            else ""
        )
        return (
            f"# Fitted on {self.judged} judged matches of {self.pack}.\n"
            + "".join(f"# {report}\n" for report in self.reports)
            + warning
            + "[calibration]\n"
            + "".join(f"{name} = {value}\n" for name, value in values.items())
        )


def fit_on_pack(  # noqa: PLR0913 - what is fitted on, what is judged on, and how it is told
    search: Search,
    folder: Path,
    splits: Sequence[str],
    others: Sequence[str] = (),
    *,
    on_embedded: Progress = untold,
    on_asked: Progress = untold,
) -> Fitted:
    """Fit a calibration for the search's model.

    Of a pack with candidates only what people judged for the question is searched: among the
    others stand copies of the question itself, which nobody judged.

    Args:
        search: Over a database of its own: the pack is synced into it.
        folder: In BEIR's layout.
        splits: What is fitted on.
        others: What is only reported; nothing promises anything but this.
        on_embedded: Told how far the documents are.
        on_asked: Told how far the questions of a split are.

    Raises:
        SupportbotError: The pack lacks what was asked for, or too few matches are right.
    """
    search.sync(beir.source_of(folder), beir.read_documents(folder), on_embedded)
    judged = {
        split: judge(search, _asked_of(folder, split), on_asked)
        for split in dict.fromkeys([*splits, *others])
    }
    fitting = [one for split in dict.fromkeys(splits) for one in judged[split]]
    calibration = calibrate(search.embedder.model, fitting)
    if calibration is None:
        message = (
            f"The model {search.embedder.model} gave the right document first for fewer than "
            f"{FEWEST_RIGHT} questions of {', '.join(splits)}: nothing can be fitted on that. Name "
            "more splits with --split, or take another pack."
        )
        raise SupportbotError(message)
    reports = (_report(split, matches, calibration) for split, matches in judged.items())
    return Fitted(calibration, folder.resolve().name, len(fitting), tuple(reports))


def judge(search: Search, asked: Sequence[Asked], on_asked: Progress) -> list[JudgedMatch]:
    """Return each question's likeliest match, with and without what is right for it.

    What nobody has said to be right counts as wrong, so that thresholds are rather too high.
    """
    found: list[JudgedMatch] = []
    for done, one in enumerate(asked, 1):
        with search.reading() as tx:
            matches = search.find_matches(tx, one.scope, one.text, limit=_CONSIDERED)
        found.extend(judged_matches(one.id, matches, one.right))
        on_asked(done, len(asked))
    return found


def _asked_of(folder: Path, split: str) -> list[Asked]:
    pack = open_pack(folder, split=split, preferred=Over.JUDGED)
    return [
        Asked(
            question.id,
            question.text,
            pack.scope(question),
            pack.ids_of(key for key, grade in pack.judgements[question.id].items() if grade > 0),
        )
        for question in pack.questions
    ]


def _report(split: str, judged: Sequence[JudgedMatch], calibration: Calibration) -> Report:
    return Report(
        split,
        kept(judged, calibration, calibration.answer_threshold),
        kept(judged, calibration, calibration.suggest_threshold),
    )


def _said(what: str, of: Kept) -> str:
    right = "" if of.precision is None else f", {of.precision:.2f} of them right"
    return f"{what} {of.given} of {of.judged}{right}"
