"""From judged matches to a calibration: what a cosine means, and where to draw the lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from supportbot.domain.documents import Background
from supportbot.domain.triage import Calibration

_FOLDS = 10


@dataclass(frozen=True, slots=True)
class JudgedMatch:
    """The likeliest match of a question, and whether it helps."""

    question_id: str
    cosine: float
    background: Background
    is_right: bool


def fit_calibration(
    model: str,
    judged: Sequence[JudgedMatch],
    *,
    precision: float = 0.9,
    assurance: float = 0.95,
    suggest_threshold: float = 1 / 3,
) -> Calibration:
    """Fit a logistic curve to the probability of helping, and the answer threshold.

    For the threshold each question is judged by a curve that was fitted without it: ten folds.

    Args:
        model: The embedding model that the cosines come from.
        judged: What the curve is fitted to.
        precision: What share of answers must be right.
        assurance: How sure that has to be.
        suggest_threshold: Where showing a match begins: a choice of taste, not fitted. One in
            three is when reading three matches pays on average.

    Raises:
        ValueError: No threshold is good enough on these judgements.
    """
    is_right = np.array([one.is_right for one in judged])
    features = np.array([(one.cosine, one.background.mean) for one in judged])
    questions = [one.question_id for one in judged]
    unseen = np.empty(len(judged))
    folds = GroupKFold(min(_FOLDS, len(set(questions))))
    for rest, fold in folds.split(features, groups=questions):
        unseen[fold] = _curve(features[rest], is_right[rest]).predict_proba(features[fold])[:, 1]
    lowest = lowest_threshold(
        unseen.tolist(), is_right.tolist(), precision=precision, assurance=assurance
    )
    curve = _curve(features, is_right)
    slope, background_slope = (float(one) for one in curve.coef_[0])
    return Calibration(
        model,
        intercept=float(curve.intercept_[0]),
        slope=slope,
        answer_threshold=lowest,
        suggest_threshold=suggest_threshold,
        background_slope=background_slope,
        usual_background=float(features[:, 1].mean()),
    )


def _curve(
    features: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_]
) -> LogisticRegression:
    return LogisticRegression(C=1e4, max_iter=1_000).fit(features, is_right)


def lowest_threshold(
    confidences: Sequence[float], is_right: Sequence[bool], *, precision: float, assurance: float
) -> float:
    """Give the lowest confidence from which the answers are right often enough, assuredly.

    Source: Geifman & El-Yaniv 2017, "Selective classification for deep neural networks", with
    the exact binomial bound of Clopper & Pearson 1934.

    Raises:
        ValueError: There is none.
    """
    best_first = sorted(zip(confidences, is_right, strict=True), reverse=True)
    found: float | None = None
    right = 0
    for given, (confidence, was_right) in enumerate(best_first, 1):
        right += was_right
        if given < len(best_first) and best_first[given][0] == confidence:
            continue  # those of one confidence are given together
        if precision_bound(right, given, assurance=assurance) >= precision:
            found = confidence
    if found is None:
        message = f"no threshold reaches a precision of {precision} on {len(best_first)} questions"
        raise ValueError(message)
    return found


def precision_bound(right: int, given: int, *, assurance: float) -> float:
    """Give the precision that is at least reached, by Clopper and Pearson; 0 when none is right."""
    if right == 0:
        return 0.0
    return float(beta.ppf(1 - assurance, right, given - right + 1))
