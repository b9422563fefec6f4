import pytest

from supportbot.domain.knowledge.documents import Background
from supportbot.evaluation.thresholds import JudgedMatch, Kept, calibrate, fit_calibration, kept


def judged(
    cosines: list[float], is_right: list[bool], backgrounds: list[float] | None = None
) -> list[JudgedMatch]:
    """Return as many matches, each of a question of its own."""
    return [
        JudgedMatch(str(number), cosine, Background(mean, 1_000), right)
        for number, (cosine, right, mean) in enumerate(
            zip(cosines, is_right, backgrounds or [0.1] * len(cosines), strict=True)
        )
    ]


def test_a_fitted_curve_rises_with_the_cosine_and_has_the_thresholds_on_it() -> None:
    cosines = [0.2] * 30 + [0.3] * 30 + [0.8] * 60 + [0.9] * 60
    is_right = [False] * 55 + [True] * 5 + [True] * 55 + [False] * 5 + [True] * 60

    calibration = fit_calibration("m", judged(cosines, is_right), precision=0.9, assurance=0.95)

    assert calibration.model == "m"
    assert calibration.slope > 0
    assert calibration.usual_background == pytest.approx(0.1)
    assert calibration.answer_threshold == pytest.approx(calibration.confidence(0.8), abs=0.02)
    assert calibration.suggest_threshold == pytest.approx(1 / 3)


def test_a_curve_gives_the_share_that_was_right() -> None:
    cosines = [0.25] * 40 + [0.75] * 40
    is_right = [True] * 10 + [False] * 30 + [True] * 30 + [False] * 10

    calibration = fit_calibration(
        "m", judged(cosines, is_right), precision=0.5, suggest_threshold=0.2
    )

    assert calibration.confidence(0.25) == pytest.approx(0.25, abs=1e-3)
    assert calibration.confidence(0.75) == pytest.approx(0.75, abs=1e-3)
    assert calibration.suggest_threshold == 0.2


def test_judgements_that_no_threshold_satisfies_fit_nothing() -> None:
    with pytest.raises(ValueError, match="no threshold"):
        fit_calibration("m", judged([0.2, 0.8, 0.2, 0.8], [False, True] * 2))


def test_what_is_near_to_everything_is_less_likely_to_help() -> None:
    cosines, backgrounds = [0.6] * 80, [0.1] * 40 + [0.3] * 40
    is_right = [True] * 30 + [False] * 10 + [True] * 10 + [False] * 30

    calibration = fit_calibration("m", judged(cosines, is_right, backgrounds), precision=0.5)

    assert calibration.background_slope < 0
    assert calibration.confidence(0.6, Background(0.1, 10**9)) == pytest.approx(0.75, abs=0.01)
    assert calibration.confidence(0.6, Background(0.3, 10**9)) == pytest.approx(0.25, abs=0.01)


def test_the_threshold_is_taken_from_questions_that_the_curve_was_not_fitted_to() -> None:
    # The same question many times over: only one that is left out whole is unseen.
    alike = [JudgedMatch("q1", 0.9, Background(0.1, 9), is_right=True)] * 40
    others = judged([0.2, 0.9] * 20, [False, True] * 20)

    calibration = fit_calibration("m", [*alike, *others], precision=0.8)

    assert 0 < calibration.answer_threshold < 1


def near_and_far(right: int, wrong: int) -> list[JudgedMatch]:
    background = Background(0.1, 100)
    return [
        JudgedMatch(f"q{n}", (0.8 if n < right else 0.3) + n / 1000, background, n < right)
        for n in range(right + wrong)
    ]


def test_a_threshold_is_fitted_where_answers_can_be_told() -> None:
    calibration = calibrate("tuned", near_and_far(60, 60))

    assert calibration is not None
    assert calibration.answer_threshold < 1.0


def test_where_no_threshold_keeps_its_promise_nothing_is_an_answer() -> None:
    # 20 of 20 right prove a precision of 0.86 at most.
    calibration = calibrate("tuned", near_and_far(20, 40))

    assert calibration is not None
    assert calibration.answer_threshold == 1.0
    assert calibration.slope > 0


def test_where_next_to_nothing_is_right_nothing_can_be_said() -> None:
    assert calibrate("tuned", near_and_far(3, 40)) is None


def test_what_a_threshold_keeps_is_counted() -> None:
    matches = near_and_far(60, 60)
    calibration = calibrate("m", matches)
    assert calibration is not None

    assert kept(matches, calibration, 0.0) == Kept(given=120, judged=120, precision=0.5)
    assert kept(matches, calibration, calibration.confidence(0.5)) == Kept(60, 120, 1.0)
    assert kept(matches, calibration, 1.1) == Kept(given=0, judged=120, precision=None)
