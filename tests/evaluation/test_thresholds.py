import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.documents import Background
from supportbot.evaluation.thresholds import (
    JudgedMatch,
    fit_calibration,
    lowest_threshold,
    precision_bound,
)


def judged(
    cosines: list[float], is_right: list[bool], backgrounds: list[float] | None = None
) -> list[JudgedMatch]:
    """Give as many matches, each of a question of its own."""
    return [
        JudgedMatch(str(number), cosine, Background(mean, 1_000), right)
        for number, (cosine, right, mean) in enumerate(
            zip(cosines, is_right, backgrounds or [0.1] * len(cosines), strict=True)
        )
    ]


def test_all_right_bound_is_the_root_of_what_is_left_to_chance() -> None:
    assert precision_bound(46, 46, assurance=0.95) == pytest.approx(0.05 ** (1 / 46))


@pytest.mark.parametrize(
    ("right", "given_", "bound"),
    [
        # One-sided Clopper–Pearson bounds at 95 %.
        (1, 1, 0.05),
        (9, 10, 0.605837),
        (10, 10, 0.741134),
        (1, 10, 0.005116),
        (0, 10, 0.0),
        (0, 0, 0.0),
    ],
)
def test_the_precision_that_is_at_least_reached_is_known(
    right: int, given_: int, bound: float
) -> None:
    assert precision_bound(right, given_, assurance=0.95) == pytest.approx(bound, abs=1e-6)


def test_less_assurance_gives_a_higher_bound() -> None:
    assert precision_bound(10, 10, assurance=0.5) == pytest.approx(0.5 ** (1 / 10))


def test_the_lowest_confidence_from_which_answers_are_right_often_enough_is_found() -> None:
    # Ten right answers: at least 74 % are right. With the wrong one below them, at least 64 %.
    confidences = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.50]
    is_right = [True] * 10 + [False]

    found = lowest_threshold(confidences, is_right, precision=0.7, assurance=0.95)

    assert found == 0.90


def test_a_wrong_answer_among_the_likeliest_may_be_made_up_for_below() -> None:
    confidences = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90]
    is_right = [False] + [True] * 9

    found = lowest_threshold(confidences, is_right, precision=0.6, assurance=0.95)

    assert found == 0.90


def test_the_order_of_the_questions_does_not_matter() -> None:
    confidences = [0.50, 0.91, 0.93, 0.92, 0.95, 0.94]
    is_right = [False, True, True, True, True, True]

    found = lowest_threshold(confidences, is_right, precision=0.5, assurance=0.95)

    assert found == 0.91


def test_answers_of_the_same_confidence_are_given_together_or_not_at_all() -> None:
    confidences = [0.9] * 92
    is_right = [True] * 46 + [False] * 46

    with pytest.raises(ValueError, match="no threshold"):
        lowest_threshold(confidences, is_right, precision=0.9, assurance=0.95)


def test_too_few_questions_give_no_threshold() -> None:
    with pytest.raises(ValueError, match=r"no threshold reaches a precision of 0\.9 on 28 questio"):
        lowest_threshold([0.9] * 28, [True] * 28, precision=0.9, assurance=0.95)


def test_just_enough_questions_give_a_threshold() -> None:
    assert lowest_threshold([0.9] * 29, [True] * 29, precision=0.9, assurance=0.95) == 0.9


def test_no_questions_give_no_threshold() -> None:
    with pytest.raises(ValueError, match="on 0 questions"):
        lowest_threshold([], [], precision=0.9, assurance=0.95)


JUDGED = st.lists(st.tuples(st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]), st.booleans()), max_size=60)
SURE = [(0.95, True)] * 10


@settings(max_examples=100, deadline=None)
@given(JUDGED)
def test_what_is_given_from_the_threshold_on_is_right_often_enough(
    judged: list[tuple[float, bool]],
) -> None:
    confidences, is_right = zip(*SURE, *judged, strict=True)

    found = lowest_threshold(confidences, is_right, precision=0.7, assurance=0.95)

    answers = [right for confidence, right in [*SURE, *judged] if confidence >= found]
    assert precision_bound(sum(answers), len(answers), assurance=0.95) >= 0.7


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
