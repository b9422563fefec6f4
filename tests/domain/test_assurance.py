import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.assurance import (
    assured_threshold,
    is_assured,
    lowest_threshold,
    precision_bound,
)


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


def test_what_is_assured_of_a_share_that_nobody_can_miss_or_reach() -> None:
    assert is_assured(1, 1, precision=0.0, assurance=0.95)
    assert not is_assured(9, 9, precision=1.0, assurance=0.95)


def threshold_of(right_of: list[tuple[float, int, int]]) -> float | None:
    """Test on so many right ones of so many, at each of some confidences."""
    judged = [(c, n < right) for c, right, of in right_of for n in range(of)]
    confidences, is_right = zip(*judged, strict=True)
    return assured_threshold(confidences, is_right, precision=0.9, assurance=0.95)


def test_the_search_goes_down_while_each_threshold_is_assured() -> None:
    assert threshold_of([(0.95, 100, 100), (0.9, 25, 25), (0.8, 24, 25), (0.7, 10, 25)]) == 0.8


def test_the_search_ends_at_the_first_threshold_that_fails_whatever_comes_below() -> None:
    assert threshold_of([(0.95, 100, 100), (0.9, 10, 25), (0.8, 200, 200)]) == 0.95


def test_where_the_first_threshold_fails_there_is_none() -> None:
    assert threshold_of([(0.95, 80, 100), (0.9, 100, 100)]) is None


def test_fewer_than_a_first_threshold_needs_give_none() -> None:
    assert threshold_of([(0.95, 99, 99)]) is None


def test_a_threshold_that_keeps_too_little_is_found_in_less_than_one_search_of_twenty() -> None:
    chance = random.Random(7)  # noqa: S311 - a world to measure in
    found = 0
    for _ in range(400):
        confidences = [chance.random() for _ in range(400)]
        # Nowhere are nine in ten right: every threshold is a wrong one.
        is_right = [chance.random() < 0.895 for _ in confidences]
        kept = assured_threshold(confidences, is_right, precision=0.9, assurance=0.95)
        found += kept is not None

    assert found / 400 < 0.05
