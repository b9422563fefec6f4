"""How far a figure would move, had other questions of the same kind been asked.

Source: Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 13: the questions are
drawn anew, with repeats, and the interval holds the middle of what is measured on the draws.

It knows only what was drawn: where 12 of 12 answers are right it has no width, and
`thresholds.precision_bound` says what that proves.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]
"""Numbers of questions, each from 0; one that was drawn twice stands there twice."""

RESAMPLES = 1_000
SEED = 0

_SHARE = 0.95


class Interval(NamedTuple):
    """Between what a figure lies, in 95 % of the draws."""

    low: float
    high: float

    def __str__(self) -> str:
        """Write it behind the figure: two digits, since the third is chance."""
        return f"({self.low:.2f}–{self.high:.2f})"


def intervals(
    measure: Callable[[Rows], Mapping[str, float]],
    questions: int,
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> dict[str, Interval]:
    """Return the interval of each figure that is measured; the same for the same seed.

    Args:
        measure: Measures the questions of these rows; `nan` where a figure has no meaning.
        questions: How many there are.
        seed: Of the draws.
        resamples: How many draws.

    Returns:
        By the name of the figure; one that had no meaning in any draw is left out.
    """
    if not questions:
        return {}
    random = np.random.default_rng(seed)
    drawn = [measure(random.integers(questions, size=questions)) for _ in range(resamples)]
    found = {}
    for name in drawn[0]:
        values = np.array([figures[name] for figures in drawn])
        values = values[~np.isnan(values)]
        if values.size:
            low, high = np.quantile(values, [(1 - _SHARE) / 2, (1 + _SHARE) / 2])
            found[name] = Interval(float(low), float(high))
    return found
