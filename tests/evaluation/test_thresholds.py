import pytest

from supportbot.evaluation.thresholds import fit_calibration


def test_a_fitted_curve_rises_with_the_cosine_and_has_the_thresholds_on_it() -> None:
    cosines = [0.2] * 30 + [0.3] * 30 + [0.8] * 60 + [0.9] * 60
    is_right = [False] * 55 + [True] * 5 + [True] * 55 + [False] * 5 + [True] * 60

    calibration = fit_calibration("m", cosines, is_right, precision=0.9, assurance=0.95)

    assert calibration.model == "m"
    assert calibration.slope > 0
    assert calibration.answer_threshold == pytest.approx(calibration.confidence(0.8))
    assert calibration.suggest_threshold == pytest.approx(1 / 3)


def test_a_curve_gives_the_share_that_was_right() -> None:
    cosines = [0.25] * 40 + [0.75] * 40
    is_right = [True] * 10 + [False] * 30 + [True] * 30 + [False] * 10

    calibration = fit_calibration("m", cosines, is_right, precision=0.5, suggest_threshold=0.2)

    assert calibration.confidence(0.25) == pytest.approx(0.25, abs=1e-3)
    assert calibration.confidence(0.75) == pytest.approx(0.75, abs=1e-3)
    assert calibration.suggest_threshold == 0.2


def test_judgements_that_no_threshold_satisfies_fit_nothing() -> None:
    with pytest.raises(ValueError, match="no threshold"):
        fit_calibration("m", [0.2, 0.8], [False, True])
