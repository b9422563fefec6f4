import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.allowance import Allowance, Leave, leave_to_speak

ALLOWANCE = Allowance(per_member=20, per_channel=120)


@pytest.mark.parametrize(
    ("to_member", "leave"),
    [(0, Leave.FREE), (19, Leave.FREE), (20, Leave.LAST), (21, Leave.NONE), (500, Leave.NONE)],
)
def test_a_member_may_cause_so_many_messages_and_one_that_says_so(
    to_member: int, leave: Leave
) -> None:
    assert leave_to_speak(ALLOWANCE, to_member=to_member, in_channel=0) is leave


@pytest.mark.parametrize(
    ("in_channel", "leave"),
    [(119, Leave.FREE), (120, Leave.LAST), (121, Leave.NONE)],
)
def test_a_channel_is_given_so_many_messages_and_one_that_says_so(
    in_channel: int, leave: Leave
) -> None:
    assert leave_to_speak(ALLOWANCE, to_member=0, in_channel=in_channel) is leave


def test_a_member_who_is_at_the_limit_says_nothing_in_a_channel_that_is_over_it() -> None:
    assert leave_to_speak(ALLOWANCE, to_member=20, in_channel=121) is Leave.NONE


def test_a_member_who_is_over_the_limit_says_nothing_in_a_channel_that_is_at_it() -> None:
    assert leave_to_speak(ALLOWANCE, to_member=21, in_channel=120) is Leave.NONE


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_whoever_may_speak_freely_is_under_both_limits(to_member: int, in_channel: int) -> None:
    leave = leave_to_speak(ALLOWANCE, to_member=to_member, in_channel=in_channel)

    assert (leave is Leave.FREE) == (to_member < 20 and in_channel < 120)
