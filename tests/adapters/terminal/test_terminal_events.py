import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from supportbot.domain.chat.events import (
    AnswerAccepted,
    Event,
    HelpRequested,
    LinkRequested,
    MessagePosted,
    ProfileChanged,
    QuestionClaimed,
    QuestionPassed,
    TopicRefused,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot_terminal.events import read_event, read_line
from supportbot_terminal.room import Entry
from tests.growth import grows_linearly

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "author", "thread", "text"),
    [
        ("How do I post?\n", "Guest", None, "How do I post?"),
        ("Maria: How do I post?\n", "Maria", None, "How do I post?"),
        ("Paul @3: With the button.", "Paul", "3", "With the button."),
        ("Paul@3:With the button.", "Paul", "3", "With the button."),
        ("@3: /solved", "Guest", "3", "/solved"),
        ("  Maria:   spaces   ", "Maria", None, "spaces"),
        ("O'Neill: hello", "O'Neill", None, "hello"),
        (": hello", "Guest", None, "hello"),
        ("error: it does not work", "Guest", None, "error: it does not work"),
        ("Two words: hello", "Guest", None, "Two words: hello"),
        ("at 10:30 it stopped", "Guest", None, "at 10:30 it stopped"),
        ("Maria @x: hello", "Guest", None, "Maria @x: hello"),
    ],
)
def test_a_typed_line_says_who_where_and_what(
    line: str, author: str, thread: str | None, text: str
) -> None:
    assert read_line(line, now=NOW) == {
        "author": author,
        "thread": thread,
        "text": text,
        "at": "2026-03-02T09:00:00+00:00",
    }


@pytest.mark.parametrize("line", ["", "\n", "   \n", "Maria:\n", "Paul @3:  \n", ":"])
def test_an_empty_line_says_nothing(line: str) -> None:
    assert read_line(line, now=NOW) is None


def entry(**fields: object) -> Entry:
    return Entry(7, {"author": "Maria", "text": "How?", "at": NOW.isoformat(), **fields})


def test_an_entry_in_the_open_is_a_message() -> None:
    assert read_event(entry(thread=None), "room1") == MessagePosted(
        event_id="terminal:room1:7",
        place=Place("terminal", "room1", "main"),
        message_id="7",
        author=Author("terminal", "Maria", "Maria"),
        text="How?",
        posted_at=NOW,
        url="terminal:#7",
    )


def test_whom_a_message_names_is_read() -> None:
    event = read_event(entry(text="@Paul or @Ana-Lena, mail a@Bo.org? Not @3, @Paul."), "room")

    assert isinstance(event, MessagePosted)
    assert [author.member_id for author in event.mentions] == ["terminal:Paul", "terminal:Ana-Lena"]


@pytest.mark.parametrize("thread", ["3", 3])
def test_an_entry_in_a_thread_is_a_message_there(thread: object) -> None:
    event = read_event(entry(thread=thread), "room1")

    assert event is not None
    assert event.place == Place("terminal", "room1", "main", "3")


def test_the_word_for_the_button_is_the_button() -> None:
    assert read_event(entry(thread="3", text="/solved"), "room1") == AnswerAccepted(
        "terminal:room1:7",
        Place("terminal", "room1", "main", "3"),
        Author("terminal", "Maria", "Maria"),
        NOW,
    )


def test_the_word_for_the_button_of_an_offer_is_that_button() -> None:
    assert read_event(entry(thread="3", text="/find"), "room1") == HelpRequested(
        "terminal:room1:7",
        Place("terminal", "room1", "main", "3"),
        Author("terminal", "Maria", "Maria"),
        NOW,
    )


MARIA = Author("terminal", "Maria", "Maria")
PAUL = Author("terminal", "Paul", "Paul")
THREAD = Place("terminal", "room1", "main", "3")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("/take", QuestionClaimed("terminal:room1:7", THREAD, MARIA, NOW)),
        ("/refuse", TopicRefused("terminal:room1:7", THREAD, MARIA, NOW)),
        ("/pass", QuestionPassed("terminal:room1:7", THREAD, MARIA, NOW)),
        ("/pass Paul", QuestionPassed("terminal:room1:7", THREAD, MARIA, NOW, PAUL)),
        ("/me", ProfileChanged("terminal:room1:7", THREAD, MARIA, "", NOW)),
        ("/me budget 3", ProfileChanged("terminal:room1:7", THREAD, MARIA, "budget 3", NOW)),
        ("/me nonsense", ProfileChanged("terminal:room1:7", THREAD, MARIA, "nonsense", NOW)),
    ],
)
def test_the_words_of_those_who_are_asked_are_their_buttons(text: str, event: Event) -> None:
    assert read_event(entry(thread="3", text=text), "room1") == event


@pytest.mark.parametrize(("text", "code"), [("/link", ""), ("/link ABCD-EFGH", "ABCD-EFGH")])
def test_the_code_of_another_platform_can_be_typed(text: str, code: str) -> None:
    alone = direct_place(MARIA, "room1")

    event = read_event(entry(text=text), "room1")

    assert event == LinkRequested("terminal:room1:7", alone, MARIA, code, NOW)


def test_what_somebody_says_of_themselves_in_the_open_is_replied_to_in_a_thread() -> None:
    event = read_event(entry(text="/me budget 3"), "room1")

    assert event is not None
    assert event.place == Place("terminal", "room1", "main", "7")


@pytest.mark.parametrize("text", ["/pass me the salt", "/means", "/taken", "take"])
def test_what_only_looks_like_a_button_is_a_message(text: str) -> None:
    assert isinstance(read_event(entry(thread="3", text=text), "room1"), MessagePosted)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"room": "room1"},
        {"author": "Maria"},
        {"text": "hello"},
        {"author": None, "text": "hello"},
        {"author": ["Maria"], "text": "hello"},
        {"author": "Maria", "text": 5},
        {"message_id": "e1/reply", "thread": "3", "reply": {"text": "hello"}},
    ],
)
def test_what_no_person_wrote_is_no_event(fields: Mapping[str, Any]) -> None:
    assert read_event(Entry(7, fields), "room1") is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02T09:00:00+00:00", NOW),
        ("2026-03-02T10:00:00+01:00", NOW),
        ("2026-03-02T09:00:00", NOW),
        ("yesterday", datetime(1970, 1, 1, tzinfo=UTC)),
        (None, datetime(1970, 1, 1, tzinfo=UTC)),
        (5, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_message_without_a_moment_is_old(written: object, moment: datetime) -> None:
    event = read_event(entry(at=written), "room1")

    assert isinstance(event, MessagePosted)
    assert event.posted_at == moment


@pytest.mark.parametrize("thread", [["3"], {"a": 1}, 1.5, "", 0, False, None])
def test_what_is_no_thread_is_none(thread: object) -> None:
    event = read_event(entry(thread=thread), "room1")

    assert event is not None
    assert event.place.thread is None


@pytest.mark.parametrize("field", ["thread", "at"])
def test_deep_nesting_in_a_field_is_no_value_of_it(field: str) -> None:
    nested = json.loads("[" * 900 + "]" * 900)

    event = read_event(entry(**{field: nested}), "room1")

    assert isinstance(event, MessagePosted)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_that_no_calendar_has_is_old(at: str) -> None:
    event = read_event(entry(at=at), "room1")

    assert isinstance(event, MessagePosted)
    assert event.posted_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_moments_are_in_utc() -> None:
    event = read_event(entry(at="2026-03-02T10:00:00+01:00"), "room1")

    assert isinstance(event, MessagePosted)
    assert event.posted_at.tzinfo is UTC


@pytest.mark.parametrize(
    "line",
    [
        "A" * 1_000_000 + "!",
        "A" + " " * 1_000_000 + "!",
        "A @" + "1" * 1_000_000 + " " * 1_000_000 + "!",
        "@" + "1" * 1_000_000,
        "A" + "-'" * 500_000 + "@",
        "\ud800\x00\u2028" * 300_000,
    ],
    ids=range(6),
)
def test_a_line_made_to_harm_takes_no_longer_than_its_length_deserves(line: str) -> None:
    assert read_line(line, now=NOW) is not None
    assert grows_linearly(lambda text: read_line(text, now=NOW), line)
