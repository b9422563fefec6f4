"""What a community's votes bring: some questions of a pack vote, and the others are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.knowledge.recalibration import recalibrate
from supportbot.domain.knowledge.votes import Judged
from supportbot.errors import SupportbotError
from supportbot.evaluation import confidence as measuring
from supportbot.evaluation.bootstrap import SEED
from supportbot.evaluation.confidence import Bools, Floats
from supportbot.evaluation.decision import Trial

DRAWS = 40
"""How often it is drawn anew who votes."""
FEWEST_LEFT = 100
"""Questions, each variant for itself, that must be left to judge on."""


@dataclass(frozen=True, slots=True)
class AfterVotes:
    """Figures after so many votes, means over the draws. Shares are 0 to 1."""

    votes: int
    left: int
    """Questions that are judged, each variant for itself."""
    calibration_error: float
    by_chance: float
    """Calibration error that is expected of what keeps its promise exactly, by chance."""
    answer_threshold: float
    answer_precision: float
    """Of the answers of all draws; `nan` where there are none."""
    answer_coverage: float

    def as_json(self) -> Mapping[str, int | float | None]:
        """Return the figures under the names that scripts rely on; None for `nan`."""
        return {
            "votes": self.votes,
            "left": self.left,
            "ece": self.calibration_error,
            "ece_by_chance": self.by_chance,
            "answer_threshold": self.answer_threshold,
            "answer_precision": None if np.isnan(self.answer_precision) else self.answer_precision,
            "answer_coverage": self.answer_coverage,
        }


def after_votes(
    trials: Sequence[Trial],
    calibration: Calibration,
    votes: int,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> AfterVotes:
    """Let so many of the matches that are shown be voted on, and judge the questions that are left.

    Everybody votes and tells the truth, on what the shipped calibration shows. Both variants of a
    question vote, or are judged.

    Args:
        trials: What was decided with this calibration.
        calibration: The shipped one.
        votes: How many.
        seed: Of who votes.
        draws: How often that is drawn.

    Raises:
        SupportbotError: Too few questions would be left.
    """
    table = _Table(trials)
    random = np.random.default_rng(seed)
    rows = []
    answers = right = 0
    for _ in range(draws):
        has_voted = table.draw_voters(random, calibration.suggest_threshold, votes)
        left = ~has_voted
        if left.sum() < FEWEST_LEFT:
            message = (
                f"{votes} votes leave {left.sum()} of {len(trials)} questions to judge on, and "
                f"{FEWEST_LEFT} are needed. Take fewer votes, or a larger pack."
            )
            raise SupportbotError(message)
        found = recalibrate(
            table.judged(has_voted & (table.confidence >= calibration.suggest_threshold)),
            answer_threshold=calibration.answer_threshold,
        )
        corrected = np.array([found.correction.apply(one) for one in table.confidence[left]])
        is_right = table.is_right[left]
        is_answered = corrected >= found.answer_threshold
        answers += int(is_answered.sum())
        right += int((is_answered & is_right).sum())
        rows.append(
            (
                left.sum(),
                measuring.calibration_error(corrected, is_right),
                measuring.calibration_error_by_chance(corrected),
                found.answer_threshold,
                is_answered.mean(),
            )
        )
    means = np.mean(rows, axis=0)
    return AfterVotes(
        votes,
        left=round(means[0]),
        calibration_error=float(means[1]),
        by_chance=float(means[2]),
        answer_threshold=float(means[3]),
        answer_precision=right / answers if answers else np.nan,
        answer_coverage=float(means[4]),
    )


class _Table:
    """Trials as columns, and which question each is of."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self.confidence: Floats = np.array([trial.confidence for trial in trials], np.float64)
        self.is_right: Bools = np.array([trial.is_right for trial in trials], np.bool_)
        numbers = {name: n for n, name in enumerate(dict.fromkeys(t.question for t in trials))}
        self._questions = len(numbers)
        self._question = np.array([numbers[trial.question] for trial in trials], np.intp)

    def draw_voters(self, random: np.random.Generator, shown_from: float, votes: int) -> Bools:
        """Draw whole questions until there are so many votes, or no more; gives their trials."""
        turn = random.permutation(self._questions)[self._question]
        order = np.argsort(turn, kind="stable")
        shown: npt.NDArray[np.intp] = np.cumsum(self.confidence[order] >= shown_from)
        last = turn[order][np.searchsorted(shown, votes)] if votes <= shown[-1] else turn.max()
        return np.asarray(turn <= last if votes else turn < 0, np.bool_)

    def judged(self, which: Bools) -> list[Judged]:
        chosen = zip(self.confidence[which], self.is_right[which], strict=True)
        return [Judged(float(chance), bool(helped)) for chance, helped in chosen]
