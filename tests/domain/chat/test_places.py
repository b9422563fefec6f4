from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.audiences import (
    COMMUNITY,
    Audience,
    Scope,
    audience_of,
    open_scope,
    scope_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place, direct_to

OPEN = Place("slack", "T1", "C1")
PRIVATE = Place("slack", "T1", "C2", is_private=True)


def test_a_place_is_named_by_platform_workspace_channel_and_thread() -> None:
    assert OPEN.in_thread("17.5").key == "slack/T1/C1/17.5"


def test_what_is_said_to_one_member_alone_has_a_private_place_of_its_own() -> None:
    place = direct_place(Author("slack", "U1", "Maria"), "T1")

    assert place == Place("slack", "T1", "@U1", is_private=True)
    assert audience_of(place) == "place:slack/T1/@U1"
    assert direct_to(place) == "U1"


@pytest.mark.parametrize("place", [OPEN, PRIVATE, Place("slack", "T1", "@U1")])
def test_another_place_is_for_nobody_alone(place: Place) -> None:
    assert direct_to(place) == ""


def test_a_channel_itself_has_a_name_without_a_thread() -> None:
    assert OPEN.key == "slack/T1/C1/"


def test_the_thread_of_a_private_channel_is_private_too() -> None:
    assert PRIVATE.in_thread("17.5") == Place("slack", "T1", "C2", "17.5", is_private=True)


def test_a_slash_in_an_id_does_not_lead_to_another_place() -> None:
    assert Place("zulip", "a/b", "c").key == "zulip/a%2Fb/c/"
    assert Place("zulip", "a", "b/c").key == "zulip/a/b%2Fc/"


def test_a_percent_sign_in_an_id_does_not_lead_to_another_place() -> None:
    assert Place("zulip", "a%2Fb", "c").key == "zulip/a%252Fb/c/"


PLACES = st.builds(
    Place,
    *(st.text("ab/%:", min_size=1, max_size=4) for _ in range(4)),
    is_private=st.just(value=True),
)


@settings(max_examples=200, deadline=None)
@given(PLACES, PLACES)
def test_two_places_have_one_key_only_when_they_are_the_same(first: Place, second: Place) -> None:
    assert (first.key == second.key) == (first == second)


def test_what_is_said_in_the_open_is_for_the_community() -> None:
    assert audience_of(OPEN.in_thread("17.5")) == "community"


def test_what_is_said_in_a_private_place_is_for_those_who_are_there() -> None:
    assert audience_of(PRIVATE) == "place:slack/T1/C2"


def test_all_threads_of_a_private_place_have_one_audience() -> None:
    assert audience_of(PRIVATE.in_thread("1")) == audience_of(PRIVATE.in_thread("2"))


def test_a_slash_in_an_id_does_not_open_another_private_place() -> None:
    one = Place("zulip", "a/b", "c", is_private=True)
    other = Place("zulip", "a", "b/c", is_private=True)

    assert audience_of(one) != audience_of(other)


def test_in_the_open_only_what_is_open_may_be_shown() -> None:
    assert scope_of(OPEN) == Scope(frozenset({COMMUNITY}))


def test_in_a_private_place_what_was_said_there_may_be_shown_too() -> None:
    scope = scope_of(PRIVATE)

    assert scope.audiences == {Audience("community"), Audience("place:slack/T1/C2")}


def test_a_scope_considers_every_document_of_any_age_unless_told_otherwise() -> None:
    scope = scope_of(OPEN)

    assert scope.only is None
    assert scope.before is None


def test_a_scope_without_an_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one audience"):
        Scope(frozenset())


def test_a_channel_is_named_alike_whatever_the_thread() -> None:
    assert OPEN.channel_key == OPEN.in_thread("17.5").channel_key == "slack/T1/C1"


def test_a_workspace_is_named_as_a_channel_without_a_name() -> None:
    assert OPEN.in_thread("17.5").workspace_key == "slack/T1/"
    assert Place("slack", "T1", "").channel_key == "slack/T1/"


def test_the_first_message_of_a_thread_is_named_as_the_thread() -> None:
    assert OPEN.message_key("17.5") == OPEN.in_thread("17.5").key == "slack/T1/C1/17.5"


def test_a_reply_is_named_by_its_channel_and_not_by_its_thread() -> None:
    assert OPEN.in_thread("17.5").message_key("18.2") == "slack/T1/C1/18.2"


def test_a_slash_in_a_messages_id_does_not_lead_to_another_message() -> None:
    assert Place("matrix", "a", "b").message_key("$c/d") == "matrix/a/b/$c%2Fd"


def test_a_channel_that_is_closed_off_is_the_same_channel() -> None:
    closed = OPEN.in_thread("17.5").with_privacy(is_private=True)

    assert closed == Place("slack", "T1", "C1", "17.5", is_private=True)
    assert closed.key == "slack/T1/C1/17.5"


def test_a_channel_that_is_opened_is_open() -> None:
    assert PRIVATE.with_privacy(is_private=False) == Place("slack", "T1", "C2")


def test_a_channel_that_does_not_change_stays_as_it_is() -> None:
    assert OPEN.with_privacy(is_private=False) == OPEN
    assert PRIVATE.with_privacy(is_private=True) == PRIVATE


def test_what_everybody_may_see_is_what_is_open() -> None:
    assert open_scope() == Scope(frozenset({COMMUNITY}))


def test_what_everybody_may_see_may_be_narrowed_for_measuring() -> None:
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    scope = open_scope(
        only=frozenset({"answers:1"}), before=monday, without=frozenset({"answers:2"})
    )

    assert scope.only == frozenset({"answers:1"})
    assert scope.without == frozenset({"answers:2"})
    assert scope.before == monday
    assert scope.audiences == {"community"}
