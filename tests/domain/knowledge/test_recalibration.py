import math
import random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.knowledge.recalibration import (
    IDENTITY,
    NEVER,
    Confirmed,
    Correction,
    Drift,
    find_drift,
    fit,
    recalibrate,
)
from supportbot.domain.knowledge.votes import Judged

SHIPPED = 0.765
WORLDS = [Correction(-1.0), Correction(1.0), Correction(0.0, 0.5), Correction(-1.0, 0.6)]


def voted(*groups: tuple[float, int, int]) -> list[Judged]:
    """Return so many confirmed ones of so many, at each of some chances."""
    return [Judged(chance, number < yes) for chance, yes, of in groups for number in range(of)]


def votes_in(world: Correction, number: int, chance: random.Random) -> list[Judged]:
    """Let people vote where this correction is the truth."""
    chances = [max(0.34, chance.betavariate(2.2, 1.2)) for _ in range(number)]
    return [Judged(c, chance.random() < world.apply(c)) for c in chances]


def error(found: Correction, world: Correction) -> float:
    """Return the expected calibration error, on what is asked in the community later."""
    asked = [one.chance for one in votes_in(world, 500, random.Random(9))]  # noqa: S311 - a world
    return mean(abs(found.apply(c) - world.apply(c)) for c in asked)


def errors(world: Correction, number: int) -> list[float]:
    chance = random.Random(3)  # noqa: S311 - a world to measure in
    return [error(fit(votes_in(world, number, chance)), world) for _ in range(20)]


def test_no_correction_leaves_each_probability_as_it_is() -> None:
    assert [IDENTITY.apply(chance) for chance in (0.0, 0.3, 1.0)] == [0.0, 0.3, 1.0]


def test_a_correction_shifts_and_bends_the_log_odds() -> None:
    assert Correction(1.0).apply(0.5) == pytest.approx(0.731059, abs=1e-6)
    assert Correction(0.0, 0.5).apply(0.8) == pytest.approx(2 / 3)


@given(st.floats(0, 1), st.floats(-20, 20), st.floats(0.2, 20))
@settings(max_examples=60, deadline=None)
def test_a_corrected_probability_is_one(chance: float, intercept: float, slope: float) -> None:
    assert 0 <= Correction(intercept, slope).apply(chance) <= 1


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_three_hundred_votes_calibrate_a_community_that_differs(world: Correction) -> None:
    assert error(IDENTITY, world) > 0.05

    assert mean(errors(world, 300)) < 0.05


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_fifty_votes_are_better_than_none_where_a_community_differs(world: Correction) -> None:
    assert mean(errors(world, 50)) < error(IDENTITY, world)


def test_fifty_votes_do_little_harm_where_the_shipped_calibration_is_right() -> None:
    assert mean(errors(IDENTITY, 50)) < 0.05


@given(st.lists(st.builds(Judged, st.floats(0, 1), st.booleans()), max_size=80))
@settings(max_examples=60, deadline=None)
def test_a_likelier_match_stays_likelier_whatever_is_voted(judged: list[Judged]) -> None:
    found = fit(judged)

    assert found.slope > 0
    assert found.apply(0.3) < found.apply(0.7)
    assert math.isfinite(found.intercept)


def test_votes_that_turn_everything_round_flatten_it_only() -> None:
    found = fit(voted((0.9, 0, 500), (0.4, 500, 500)))

    assert found.slope == 0.2


def test_with_too_few_votes_everything_is_as_shipped() -> None:
    found = recalibrate(voted((0.8, 20, 49)), answer_threshold=0.9)

    assert (found.correction, found.answer_threshold) == (IDENTITY, 0.9)
    assert not found.has_own_threshold


def test_with_enough_votes_what_is_promised_is_corrected() -> None:
    found = recalibrate(voted((0.8, 20, 50)), answer_threshold=0.9)

    assert 0.4 < found.correction.apply(0.8) < 0.8


def test_many_votes_that_assure_it_lower_the_threshold_below_the_shipped() -> None:
    found = recalibrate(voted((0.9, 200, 200), (0.5, 100, 100)), answer_threshold=SHIPPED)

    assert found.has_own_threshold
    assert found.answer_threshold == found.correction.apply(0.5)


def test_some_votes_do_not_lower_the_threshold() -> None:
    found = recalibrate(voted((0.9, 40, 40), (0.5, 70, 70)), answer_threshold=0.999)

    assert (found.answer_threshold, found.has_own_threshold) == (0.999, False)


def test_some_votes_raise_the_threshold_where_they_demand_it() -> None:
    found = recalibrate(voted((0.95, 110, 110), (0.8, 50, 100)), answer_threshold=SHIPPED)

    assert found.has_own_threshold
    assert found.answer_threshold == found.correction.apply(0.95) > SHIPPED


def test_votes_that_assure_nothing_leave_the_shipped_threshold() -> None:
    found = recalibrate(voted((0.9, 90, 100)) * 3, answer_threshold=SHIPPED)

    assert (found.answer_threshold, found.has_own_threshold) == (SHIPPED, False)


def test_a_threshold_that_a_maintainer_has_chosen_stays() -> None:
    judged = voted((0.9, 200, 200), (0.5, 100, 100))

    found = recalibrate(judged, answer_threshold=0.95, is_chosen=True)

    assert (found.answer_threshold, found.has_own_threshold) == (0.95, False)


@pytest.mark.parametrize(("confirmed", "is_drift"), [(14, False), (13, True)])
def test_answers_that_are_confirmed_less_often_than_chance_explains_are_drift(
    confirmed: int, *, is_drift: bool
) -> None:
    # Of 20 with 0.9 each, 13 or fewer are confirmed in 0.2 % of cases, 14 or fewer in 1.1 %.
    found = find_drift(voted((0.9, confirmed, 20)), IDENTITY)

    expected = Drift(confirmed, 20, pytest.approx(0.9)) if is_drift else None  # type: ignore[arg-type]  # nearly
    assert found == expected


def test_a_few_answers_are_no_drift() -> None:
    assert find_drift(voted((0.99, 0, 19)), IDENTITY) is None


def test_after_drift_only_what_was_still_right_is_answered() -> None:
    found = recalibrate(voted((0.8, 5, 15), (0.95, 24, 25)), answer_threshold=SHIPPED)

    assert found.drift == Drift(29, 40, pytest.approx(0.89375))  # type: ignore[arg-type]  # nearly
    assert found.answer_threshold == 0.95


def test_after_drift_nothing_is_answered_where_nothing_was_right() -> None:
    assert recalibrate(voted((0.9, 10, 40)), answer_threshold=SHIPPED).answer_threshold == NEVER


def test_drift_is_over_once_the_last_votes_are_fine_again() -> None:
    judged = [*voted((0.9, 10, 40)), *voted((0.9, 95, 100))]

    found = recalibrate(judged, answer_threshold=SHIPPED)

    assert (found.drift, found.answer_threshold) == (None, SHIPPED)


def test_where_a_maintainer_has_chosen_the_threshold_drift_is_only_told() -> None:
    found = recalibrate(voted((0.9, 10, 40)), answer_threshold=SHIPPED, is_chosen=True)

    assert found.drift is not None
    assert found.answer_threshold == SHIPPED


def test_how_often_what_was_as_likely_was_confirmed_is_known_from_thirty_votes_on() -> None:
    found = recalibrate(voted((0.9, 28, 30), (0.5, 2, 4)), answer_threshold=SHIPPED)

    assert found.confirmed_at(0.93) == Confirmed(28, 30)
    assert found.confirmed_at(0.5) is None


def test_what_was_confirmed_is_told_as_times_in_a_hundred() -> None:
    assert Confirmed(28, 30).in_hundred == 93
