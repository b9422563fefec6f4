from datetime import UTC, datetime, timedelta

import pytest

from supportbot.adapter_kit.clocks import PlatformClock, ahead_of, clock_problem

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
AT_NOON = "Tue, 01 Dec 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("ours", "ahead"),
    [
        (NOON + timedelta(minutes=30), timedelta(minutes=30)),
        (NOON - timedelta(seconds=90), timedelta(seconds=-90)),
        (NOON + timedelta(seconds=1.9), timedelta(0)),
    ],
)
def test_the_date_of_an_answer_says_how_far_our_clock_is_from_the_platforms(
    ours: datetime, ahead: timedelta
) -> None:
    assert ahead_of(AT_NOON, ours) == ahead


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 01 Dec 2026 12:00:00 -0000", "1"])
def test_a_date_that_cannot_be_read_says_nothing(date: str) -> None:
    assert ahead_of(date, NOON) is None


def test_a_clock_that_heard_nothing_of_the_platform_is_taken_for_right() -> None:
    clock = PlatformClock()

    clock.note("nonsense")

    assert clock.ahead == timedelta(0)


def test_the_platforms_time_is_ours_less_what_we_are_ahead() -> None:
    clock = PlatformClock()

    clock.note((datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"))

    assert abs(clock.now() - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(seconds=29), ""),
        (timedelta(seconds=45), "45 seconds ahead of Slack's"),
        (timedelta(minutes=-30), "30 minutes behind Slack's"),
    ],
)
def test_a_clock_that_is_far_off_is_a_problem_with_a_cure(ahead: timedelta, said: str) -> None:
    problem = clock_problem(ahead, "Slack")

    assert said in problem
    assert bool(said) == ("timedatectl" in problem)
