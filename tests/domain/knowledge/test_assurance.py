import random

import pytest

from supportbot.domain.knowledge.assurance import (
    assured_threshold,
    fewest_assured,
    is_assured,
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


def test_the_fewest_that_can_show_a_precision_are_just_enough_when_all_are_right() -> None:
    assert fewest_assured(0.9, 0.95) == 29
    assert is_assured(29, 29, precision=0.9, assurance=0.95)
    assert not is_assured(28, 28, precision=0.9, assurance=0.95)


def test_answers_of_the_same_confidence_are_given_together_or_not_at_all() -> None:
    found = assured_threshold(
        [0.9] * 92, [True] * 46 + [False] * 46, precision=0.9, assurance=0.95, start=29, step=1
    )

    assert found is None


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
