"""From judged matches to a calibration: what a cosine means, and where to draw the lines."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from supportbot.domain.assurance import lowest_threshold
from supportbot.domain.triage import Calibration


def fit_calibration(  # noqa: PLR0913 - what is fitted, and what is chosen
    model: str,
    cosines: Sequence[float],
    is_right: Sequence[bool],
    *,
    precision: float = 0.9,
    assurance: float = 0.95,
    suggest_threshold: float = 1 / 3,
) -> Calibration:
    """Fit a logistic curve from cosine to the probability of helping, and the answer threshold.

    Args:
        model: The embedding model that the cosines come from.
        cosines: Of the likeliest match of each question.
        is_right: Whether that match helps.
        precision: What share of answers must be right.
        assurance: How sure that has to be.
        suggest_threshold: Where showing a match begins: a choice of taste, not fitted. One in
            three is when reading three matches pays on average.

    Raises:
        ValueError: No threshold is good enough on these judgements.
    """
    curve = LogisticRegression(C=1e6).fit(np.reshape(cosines, (-1, 1)), is_right)
    intercept, slope = float(curve.intercept_[0]), float(curve.coef_[0, 0])
    fitted = Calibration(model, intercept, slope, 1.0, suggest_threshold)
    lowest = lowest_threshold(
        [fitted.confidence(cosine) for cosine in cosines],
        is_right,
        precision=precision,
        assurance=assurance,
    )
    return Calibration(model, intercept, slope, lowest, suggest_threshold)
