"""Whether confidence can be relied on: does it rank what is right first, and keep its promise?

Everywhere, `confidence` holds probabilities and `is_right` whether what they were given for came
true, question by question. What is of one confidence is answered together or not at all.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BINS = 10


def auroc(confidence: Floats, is_right: Bools) -> float:
    """Return how often what is right has more confidence than what is not; `nan` without both.

    Source: Hanley & McNeil 1982, by ranks (Mann & Whitney); a tie counts half.
    """
    right = int(is_right.sum())
    pairs = right * (len(is_right) - right)
    if not pairs:
        return math.nan
    ranks = rankdata(confidence)[is_right].sum()
    return float((ranks - right * (right + 1) / 2) / pairs)


def aurc(confidence: Floats, is_right: Bools) -> float:
    """Return the mean risk over all coverages, the area under the risk–coverage curve.

    It depends on how many are right at all: compare it on the same questions only.

    Source: Geifman, Uziel & El-Yaniv 2019, "Bias-reduced uncertainty estimation for deep neural
    classifiers"; the warning is of Ding et al. 2020.
    """
    precision = precision_by_coverage(confidence, is_right)
    return float(1 - precision.mean()) if precision.size else math.nan


def precision_by_coverage(confidence: Floats, is_right: Bools) -> Floats:
    """Return the precision of the likeliest 1, 2, … of all; within a tie, the expected one."""
    right = _likeliest_first(confidence, is_right)[1]
    return np.asarray(np.cumsum(right) / np.arange(1, len(right) + 1), np.float64)


def coverage_at_precision(confidence: Floats, is_right: Bools, precision: float) -> float:
    """Return the greatest share that can be answered so that enough of the answers are right.

    The threshold is chosen on these very questions, knowing what is right: what could be reached,
    not what is.
    """
    if not confidence.size:
        return math.nan
    sorted_, right = _likeliest_first(confidence, is_right)
    given = np.arange(1, len(right) + 1)
    is_whole = np.append(sorted_[1:] != sorted_[:-1], [True])
    # A precision of exactly nine in ten is enough, whatever the rounding makes of it.
    is_enough = np.cumsum(right) >= precision * given - 1e-9
    return float(np.max(given, where=is_whole & is_enough, initial=0) / len(right))


def brier(confidence: Floats, is_right: Bools) -> float:
    """Return the mean squared error of the confidence (Brier 1950); less is better."""
    return float(np.square(confidence - is_right).mean()) if confidence.size else math.nan


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: how many, what share was promised right, and what share was."""

    count: int
    promised: float
    kept: float


def reliability(confidence: Floats, is_right: Bools, *, bins: int = BINS) -> tuple[Bin, ...]:
    """Cut the questions into bins of equal size by confidence, the least first; none is empty."""
    sorted_, right = _likeliest_first(confidence, is_right)
    parts = zip(np.array_split(sorted_[::-1], bins), np.array_split(right[::-1], bins), strict=True)
    return tuple(
        Bin(len(promised), float(promised.mean()), float(kept.mean()))
        for promised, kept in parts
        if promised.size
    )


def calibration_error(confidence: Floats, is_right: Bools, *, bins: int = BINS) -> float:
    """Return the mean distance between what bins of like confidence promised and kept.

    Source: Naeini, Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using
    Bayesian binning": the expected calibration error, with ten bins of equally many questions
    (those of Guo et al. 2017 are equally wide, and most would be all but empty here).
    """
    if not confidence.size:
        return math.nan
    found = reliability(confidence, is_right, bins=bins)
    return sum(b.count * abs(b.promised - b.kept) for b in found) / len(confidence)


def calibration_error_by_chance(
    confidence: Floats, *, bins: int = BINS, draws: int = 50, seed: int = 0
) -> float:
    """Return the calibration error that is expected of what keeps its promise exactly.

    The mean over draws of what comes true. Bins are never filled exactly as promised, and the fewer
    questions the less: a calibration error says something where it is more than this.

    Source: Bröcker & Smith 2007, "Increasing the reliability of reliability diagrams" (consistency
    resampling).
    """
    if not confidence.size:
        return math.nan
    random = np.random.default_rng(seed)
    drawn = (random.random(confidence.size) < confidence for _ in range(draws))
    return math.fsum(calibration_error(confidence, one, bins=bins) for one in drawn) / draws


def matthews(truth: npt.NDArray[np.intp], said: npt.NDArray[np.intp]) -> float:
    """Return the correlation of what is so and what was said, both as numbers of classes from 0.

    1 is perfect, 0 is no better than chance, and what has one class only.

    Source: Gorodkin 2004, for many classes; scikit-learn's gives the same, and takes too long for
    a thousand resamples.
    """
    if not truth.size:
        return math.nan
    classes = int(max(truth.max(), said.max())) + 1
    in_truth = np.bincount(truth, minlength=classes).astype(np.float64)
    as_said = np.bincount(said, minlength=classes).astype(np.float64)
    square = float(len(truth)) ** 2
    variances = (square - in_truth @ in_truth) * (square - as_said @ as_said)
    if not variances:
        return 0.0
    agreed = float((truth == said).sum()) * len(truth)
    return float((agreed - in_truth @ as_said) / math.sqrt(variances))


def _likeliest_first(confidence: Floats, is_right: Bools) -> tuple[Floats, Floats]:
    """Sort by confidence, and give what is tied the share of it that is right."""
    _, tie, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    shares = np.bincount(tie, weights=is_right, minlength=len(counts)) / counts
    order = np.argsort(tie, kind="stable")
    return confidence[order], shares[tie][order]
