from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from supportbot.domain.chat.bounds import bounded
from supportbot.domain.chat.events import (
    AnswerAccepted,
    ChannelsListed,
    Event,
    Inquiry,
    MessageDeleted,
    MessagePosted,
    message_key_of,
    moment_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
POSTED = MessagePosted("slack:e1", HELP, "1", MARIA, "How do I post?", NOW, "https://x.example/1")

ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.sampled_from("\0\ud83d\udc00/%\u202e"),
    max_size=30,
)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.sampled_from([1, 50, 3_000]))
MOMENTS = st.datetimes(timezones=st.just(UTC))
PLACES = st.builds(
    Place, LONG_TEXT, LONG_TEXT, LONG_TEXT, st.none() | LONG_TEXT, is_private=st.booleans()
)
AUTHORS = st.builds(
    Author, LONG_TEXT, LONG_TEXT, LONG_TEXT, st.lists(ANY_TEXT, max_size=300).map(tuple)
)
BY_TYPE = {
    str: LONG_TEXT,
    Place: PLACES,
    Author: AUTHORS,
    Author | None: st.none() | AUTHORS,
    Place | None: st.none() | PLACES,
    datetime: MOMENTS,
    datetime | None: st.none() | MOMENTS,
    bool: st.booleans(),
    int: st.integers(0, 20),
    Listening: st.sampled_from(Listening),
    Inquiry: st.sampled_from(Inquiry),
    tuple[str, ...]: st.lists(ANY_TEXT, max_size=30).map(tuple),
    tuple[Author, ...]: st.lists(AUTHORS, max_size=30).map(tuple),
}
EVENTS = st.one_of(
    *(
        st.builds(
            kind,
            **{
                name: BY_TYPE[field.type]
                for name, field in kind.__dataclass_fields__.items()
                if name != "kind"
            },
        )
        for kind in get_args(Event)
    )
)
WRITTEN = TypeAdapter[Event](Event)


def test_an_ordinary_event_stays_as_it_is() -> None:
    assert bounded(POSTED) == POSTED


def test_no_open_channel_is_left_out_of_a_list() -> None:
    listed = ChannelsListed("slack:e1", HELP, tuple(f"C{n}" for n in range(1_000)), NOW)

    assert bounded(listed) == listed


def test_a_text_is_cut_where_the_longest_platform_cuts_it() -> None:
    event = bounded(replace(POSTED, text="x" * 40_001))

    assert isinstance(event, MessagePosted)
    assert event.text == "x" * 40_000


def test_a_link_a_name_and_an_id_have_limits_of_their_own() -> None:
    huge = "x" * 1_000_000
    author = Author("slack", "U1", huge, (huge,))

    event = bounded(replace(POSTED, message_id=huge, url=huge, author=author))

    assert isinstance(event, MessagePosted)
    assert len(event.message_id) == 500
    assert len(event.url) == 4_000
    assert event.author == Author("slack", "U1", "x" * 500, ("x" * 500,))


def test_no_more_roles_are_kept_than_a_platform_has() -> None:
    author = replace(MARIA, roles=tuple(f"role {number}" for number in range(10_000)))

    event = bounded(AnswerAccepted("slack:e2", HELP, author, NOW))

    assert isinstance(event, AnswerAccepted)
    assert len(event.author.roles) == 250
    assert event.author.roles[249] == "role 249"


def test_of_those_whom_a_message_names_only_so_many_are_kept_without_their_roles() -> None:
    named = replace(MARIA, roles=("admin",))

    event = bounded(replace(POSTED, mentions=(named,) * 1_000))

    assert isinstance(event, MessagePosted)
    assert event.mentions == (MARIA,) * 20


def test_what_a_database_cannot_hold_becomes_the_sign_for_what_cannot_be_read() -> None:
    event = bounded(replace(POSTED, text="half \ud83d and \0 nothing"))

    assert isinstance(event, MessagePosted)
    assert event.text == "half \ufffd and \ufffd nothing"


def test_the_place_of_an_event_is_bounded_too() -> None:
    place = Place("slack", "T\0", "help\ud83d", "1" * 1_000, is_private=True)

    event = bounded(MessageDeleted("slack:e3", place, "1", NOW))

    assert event.place == Place("slack", "T\ufffd", "help\ufffd", "1" * 500, is_private=True)


@pytest.mark.parametrize("thread", [None, "", "1"])
def test_a_place_without_a_thread_is_not_a_place_with_one(thread: str | None) -> None:
    event = bounded(replace(POSTED, place=Place("slack", "T1", "help", thread)))

    assert event.place.thread == thread


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_whatever_comes_in_can_be_written_and_read_again(event: Event) -> None:
    safe = bounded(event)

    assert WRITTEN.validate_json(WRITTEN.dump_json(safe)) == safe
    assert b"\\u0000" not in WRITTEN.dump_json(safe)


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_bounding_twice_changes_nothing(event: Event) -> None:
    once = bounded(event)

    assert bounded(once) == once


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_no_event_is_larger_than_its_limits_together(event: Event) -> None:
    # A text, a link, and some 320 names, each letter of up to twelve bytes.
    assert len(WRITTEN.dump_json(bounded(event))) < 12 * (40_000 + 4_000 + 320 * 500)


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_what_an_event_is_and_when_it_happened_stays(event: Event) -> None:
    safe = bounded(event)

    assert (type(safe), safe.kind, moment_of(safe)) == (type(event), event.kind, moment_of(event))
    message_key_of(safe).encode()
