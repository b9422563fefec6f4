"""How well the bot decides between answering and asking people, from what it did on questions."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from supportbot.domain.knowledge.decision import DecisionKind
from supportbot.evaluation import confidence as measuring
from supportbot.evaluation.bootstrap import SEED, Interval, Rows, intervals
from supportbot.evaluation.confidence import Bools, Floats

PRECISION = 0.9
"""What share of the answers should be right."""


class Variant(StrEnum):
    """How a question was asked."""

    AS_IS = "as-is"
    WITHOUT = "without"
    """With everything that is relevant to it taken out of what is searched."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One question as it was decided, and what would have been right."""

    question: str
    variant: Variant
    kind: DecisionKind
    confidence: float
    top: str = ""
    """The likeliest match; empty when nothing was found."""
    is_answerable: bool = False
    """There is something relevant in what was searched."""
    is_right: bool = False
    """The likeliest match is relevant."""
    shows_right: bool = False
    """One of those that are shown is relevant."""
    label: str | None = None
    """What is right, where that is one of a few labels, `top` another; empty: not answerable."""


@dataclass(frozen=True, slots=True)
class DecisionMeasures:
    """What the decisions are worth. Shares are 0 to 1, and `nan` where there is nothing to share.

    The area under the curve of receivers (`auroc`), the risk–coverage curve, calibration and
    correlation are explained, with their sources, in `evaluation/confidence`.
    """

    questions: int
    counted: int
    """Questions that were asked, each variant for itself."""
    answerable: int
    auroc_right: float
    """How well confidence tells right likeliest matches from wrong ones."""
    auroc_answerable: float
    """How well it tells questions that can be answered from those that cannot."""
    aurc: float
    coverage_at_precision: float
    """The most of all counted that could be answered with `PRECISION`."""
    calibration_error: float
    calibration_error_by_chance: float
    """What is expected of confidence that keeps its promise exactly, on so many questions."""
    brier: float
    answer_precision: float
    """Of the answers, how many are right: the likeliest match is relevant."""
    answer_coverage: float
    """Of all counted, how many are answered."""
    answer_recall: float
    """Of the answerable, how many are answered, and rightly."""
    shown_precision: float
    """Where something is shown, as the answer or as a suggestion: how often one of it is right."""
    shown_coverage: float
    """Of all counted, for how many something is shown."""
    shown_recall: float
    """Of the answerable, for how many something right is shown."""
    mcc_answer: float
    """Matthews correlation of right labels and answers; `nan` where there are no labels."""
    mcc_shown: float
    """The same with the likeliest match wherever something is shown."""

    def as_json(self) -> dict[str, int | float | None]:
        """Return the figures under the names that scripts rely on; None for `nan`."""
        return {
            _NAMES.get(name, name): None if math.isnan(value) else value
            for name, value in asdict(self).items()
        }


_NAMES = {
    "coverage_at_precision": "coverage@p90",
    "calibration_error": "ece",
    "calibration_error_by_chance": "ece_by_chance",
}


def measure_decisions(trials: Sequence[Trial]) -> DecisionMeasures:
    """Measure what was decided."""
    columns = _columns(trials)
    by_chance = measuring.calibration_error_by_chance(columns.confidence)
    return replace(_measured(columns), calibration_error_by_chance=by_chance)


def decision_intervals(trials: Sequence[Trial], *, seed: int = SEED) -> dict[str, Interval]:
    """Return the interval of each figure, by its name in `as_json`.

    Questions are drawn, each with both its variants, since these are right or wrong together.
    """
    columns = _columns(trials)

    def measured(rows: Rows) -> dict[str, float]:
        figures = _measured(columns.of(rows)).as_json()
        return {
            name: math.nan if value is None else value
            for name, value in figures.items()
            if name not in _COUNTS
        }

    return intervals(measured, len(columns.rows), seed=seed)


_COUNTS = {"questions", "counted", "answerable"}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Trials as columns, and where each question stands in them: (questions, most variants)."""

    rows: npt.NDArray[np.intp]
    """Numbers of trials; -1 fills up."""
    confidence: Floats
    is_answerable: Bools
    is_answered: Bools
    is_shown: Bools
    is_right: Bools
    shows_right: Bools
    label: npt.NDArray[np.intp]
    top: npt.NDArray[np.intp]
    """Labels by number; 0 is out of scope. Both are empty where there are none."""

    def of(self, questions: Rows) -> "_Columns":
        """Return the trials of some questions, one that stands there twice twice."""
        rows = self.rows[questions].ravel()
        rows = rows[rows >= 0]
        has_labels = bool(self.label.size)
        return _Columns(
            rows=self.rows[questions],
            confidence=self.confidence[rows],
            is_answerable=self.is_answerable[rows],
            is_answered=self.is_answered[rows],
            is_shown=self.is_shown[rows],
            is_right=self.is_right[rows],
            shows_right=self.shows_right[rows],
            label=self.label[rows] if has_labels else self.label,
            top=self.top[rows] if has_labels else self.top,
        )


def _columns(trials: Sequence[Trial]) -> _Columns:
    numbers: dict[str, int] = {"": 0}
    labelled = [trial for trial in trials if trial.label is not None]
    for trial in labelled:
        numbers.setdefault(trial.label or "", len(numbers))
        numbers.setdefault(trial.top, len(numbers))
    kinds = [trial.kind for trial in trials]
    return _Columns(
        rows=_rows_by_question(trials),
        confidence=np.array([trial.confidence for trial in trials], np.float64),
        is_answerable=np.array([trial.is_answerable for trial in trials], np.bool_),
        is_answered=np.array([kind is DecisionKind.ANSWER for kind in kinds], np.bool_),
        is_shown=np.array([kind is not DecisionKind.ROUTE for kind in kinds], np.bool_),
        is_right=np.array([trial.is_right for trial in trials], np.bool_),
        shows_right=np.array([trial.shows_right for trial in trials], np.bool_),
        label=np.array([numbers[trial.label or ""] for trial in labelled], np.intp),
        top=np.array([numbers[trial.top] for trial in labelled], np.intp),
    )


def _rows_by_question(trials: Sequence[Trial]) -> npt.NDArray[np.intp]:
    rows: dict[str, list[int]] = {}
    for row, trial in enumerate(trials):
        rows.setdefault(trial.question, []).append(row)
    most = max(map(len, rows.values()), default=0)
    filled = [[*numbers, *[-1] * (most - len(numbers))] for numbers in rows.values()]
    return np.array(filled, np.intp).reshape(len(rows), most)


def _measured(columns: _Columns) -> DecisionMeasures:
    confidence, is_right = columns.confidence, columns.is_right
    answerable = columns.is_answerable
    answered_rightly = columns.is_answered & is_right
    return DecisionMeasures(
        questions=len(columns.rows),
        counted=len(confidence),
        answerable=int(answerable.sum()),
        auroc_right=measuring.auroc(confidence, is_right),
        auroc_answerable=measuring.auroc(confidence, answerable),
        aurc=measuring.aurc(confidence, is_right),
        coverage_at_precision=measuring.coverage_at_precision(confidence, is_right, PRECISION),
        calibration_error=measuring.calibration_error(confidence, is_right),
        # It has no interval of its own, and would take most of the time of the draws.
        calibration_error_by_chance=math.nan,
        brier=measuring.brier(confidence, is_right),
        answer_precision=_share(is_right, columns.is_answered),
        answer_coverage=_share(columns.is_answered),
        answer_recall=_share(answered_rightly, answerable),
        shown_precision=_share(columns.shows_right, columns.is_shown),
        shown_coverage=_share(columns.is_shown),
        shown_recall=_share(columns.shows_right, answerable),
        mcc_answer=_correlation(columns, columns.is_answered),
        mcc_shown=_correlation(columns, columns.is_shown),
    )


def _share(of: Bools, among: Bools | None = None) -> float:
    chosen = of if among is None else of[among]
    return float(chosen.mean()) if chosen.size else math.nan


def _correlation(columns: _Columns, is_said: Bools) -> float:
    if not columns.label.size:
        return math.nan
    return measuring.matthews(columns.label, np.where(is_said, columns.top, 0))
