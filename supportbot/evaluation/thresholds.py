"""From judged matches to a calibration: what a cosine means, and where to draw the lines."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from supportbot.domain.knowledge.assurance import assured_threshold, fewest_assured
from supportbot.domain.knowledge.decision import SUGGESTS_ONLY, Calibration, decide
from supportbot.domain.knowledge.documents import Background, Match

FEWEST_RIGHT = 10
"""Right matches from which a curve can be fitted at all."""

_FOLDS = 10
_ANY = Calibration("any", 0.0, 1.0, 1.0, 0.0)
"""Puts matches into the order of their cosines, whatever these mean."""


@dataclass(frozen=True, slots=True)
class JudgedMatch:
    """The likeliest match of a question, and whether it helps."""

    question_id: str
    cosine: float
    background: Background
    is_right: bool


def judged_matches(
    question_id: str, matches: Sequence[Match], right: Collection[str]
) -> Iterator[JudgedMatch]:
    """Yield a question's likeliest match as it is, and once what is right for it is taken out.

    Args:
        question_id: Both matches are of this question.
        matches: What was found for it, best first.
        right: Ids of the documents that help.
    """
    others = [match for match in matches if match.document_id not in right]
    for considered in filter(None, (matches, others)):
        best = decide(considered, _ANY).matches[0]
        yield JudgedMatch(question_id, best.cosine, best.background, best.document_id in right)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a threshold does: how many of the matches judged are given, and how many are right."""

    given: int
    judged: int
    precision: float | None
    """Share of the given that is right, 0 to 1; None where nothing is given."""


def kept(judged: Sequence[JudgedMatch], calibration: Calibration, threshold: float) -> Kept:
    """Look at what is at least as likely as the threshold."""
    right = [
        one.is_right
        for one in judged
        if calibration.confidence(one.cosine, one.background) >= threshold
    ]
    return Kept(len(right), len(judged), sum(right) / len(right) if right else None)


def calibrate(model: str, judged: Sequence[JudgedMatch]) -> Calibration | None:
    """Fit the calibration; without a threshold that keeps its promise, nothing is an answer.

    Returns:
        None where so few matches are right that nothing can be fitted.
    """
    if sum(one.is_right for one in judged) < FEWEST_RIGHT:
        return None
    try:
        return fit_calibration(model, judged)
    except ValueError:
        return fit_curve(model, judged, answer_threshold=SUGGESTS_ONLY)


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
    is_right, features = _table(judged)
    questions = [one.question_id for one in judged]
    unseen = np.empty(len(judged))
    folds = GroupKFold(min(_FOLDS, len(set(questions))))
    for rest, fold in folds.split(features, groups=questions):
        unseen[fold] = _curve(features[rest], is_right[rest]).predict_proba(features[fold])[:, 1]
    lowest = assured_threshold(
        unseen.tolist(),
        is_right.tolist(),
        precision=precision,
        assurance=assurance,
        start=fewest_assured(precision, assurance),
        step=1,
    )
    if lowest is None:
        message = f"no threshold reaches a precision of {precision} on {len(judged)} questions"
        raise ValueError(message)
    return fit_curve(model, judged, answer_threshold=lowest, suggest_threshold=suggest_threshold)


def fit_curve(
    model: str,
    judged: Sequence[JudgedMatch],
    *,
    answer_threshold: float,
    suggest_threshold: float = 1 / 3,
) -> Calibration:
    """Fit a logistic curve to the probability of helping; the thresholds are given."""
    is_right, features = _table(judged)
    curve = _curve(features, is_right)
    slope, background_slope = (float(one) for one in curve.coef_[0])
    return Calibration(
        model,
        intercept=float(curve.intercept_[0]),
        slope=slope,
        answer_threshold=answer_threshold,
        suggest_threshold=suggest_threshold,
        background_slope=background_slope,
        usual_background=float(features[:, 1].mean()),
    )


def _table(
    judged: Sequence[JudgedMatch],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    is_right = np.array([one.is_right for one in judged])
    return is_right, np.array([(one.cosine, one.background.mean) for one in judged])


def _curve(
    features: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_]
) -> LogisticRegression:
    return LogisticRegression(C=1e4, max_iter=1_000).fit(features, is_right)
