"""What people type, and what stands in the transcript, as events. Pure."""

import re
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any

from supportbot.adapter_kit.reading import PRESSED, Press, read_pressed
from supportbot.domain.chat.events import (
    Event,
    ForgetRequested,
    Inquired,
    Inquiry,
    LinkRequested,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ProfileChanged,
    QuestionPassed,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.replies.reply import Action
from supportbot_terminal.room import Entry

PLATFORM = "terminal"
HERE = f"{PLATFORM}:"
"""Before the number of a message, in its address."""
_PRESSED = {
    f"/{action}": made
    for action, made in PRESSED.items()
    if action not in {Action.PASS, Action.PASS_TO}
}
"""What stands for a button when it is typed in a question's thread."""
FORGET = "/forget"
"""Forgets everything about the one who types it."""

_TYPED = re.compile(
    r"^(?:(?P<name>[A-Z][\w'-]*)\s*)?(?:@(?P<thread>\d+)\s*)?:\s*(?P<text>.*)$", re.DOTALL
)


_NAMED = re.compile(r"(?<!\S)@(?P<name>[A-Z][\w'-]*)")
"""A person whom a message names, such as `@Paul`."""
_PASSED = re.compile(r"/pass(?:\s+(?P<name>[\w'-]+))?")
"""The button "Not me", with the name of the one who is asked instead."""
_SOLVED = re.compile(r"/solved\s+#?(?P<number>\d+)")
"""The button "This solved it" of one reply, by its number."""
_LINK = re.compile(r"/link(?:\s+(?P<code>.*))?")
_OF_ME = re.compile(r"/me(?:\s+(?P<said>.*))?", re.DOTALL)
"""What somebody says of themselves, such as `/me budget 3`."""
_SEEN = re.compile(r"/(?P<about>[a-z]+)(?:\s+(?P<text>.*))?", re.DOTALL)
"""What somebody wants to see, such as `/experts ledger`."""
_DELETED = re.compile(r"/delete\s+(?P<number>\d+)")
_EDITED = re.compile(r"/edit\s+(?P<number>\d+)\s+(?P<text>.+)", re.DOTALL)


def read_line(line: str, *, now: datetime) -> Mapping[str, Any] | None:
    r"""Read what a person typed: `text`, `Maria: text`, or `Paul @3: text` in thread 3.

    Returns:
        What to write into the transcript; None for an empty line.
    """
    line = line.strip()
    typed = _TYPED.match(line)
    name, thread, text = (
        (typed["name"], typed["thread"], typed["text"].strip()) if typed else (None, None, line)
    )
    if not text:
        return None
    return {"author": name or "Guest", "thread": thread, "text": text, "at": now.isoformat()}


def what_is_wrong(fields: Mapping[str, Any], numbers: Callable[[], Container[int]]) -> str:
    """Find what nobody could make sense of in what was typed; empty where nothing is wrong.

    Args:
        fields: As `read_line` returns them.
        numbers: Reads those of all that stands in the room.
    """
    commands = (pattern.fullmatch(fields["text"]) for pattern in (_SOLVED, _DELETED, _EDITED))
    named = [fields["thread"], *(meant["number"] for meant in commands if meant)]
    meant_ones = [number for number in named if number is not None]
    there = numbers() if meant_ones else ()
    missing = [number for number in meant_ones if int(number) not in there]
    if not missing:
        return ""
    return f"There is no message {missing[0]} here. Each message has its number beside it."


def read_event(  # noqa: PLR0911 - one for each kind of event
    entry: Entry, room_id: str
) -> Event | None:
    """Read an entry of the transcript; None when no person wrote it."""
    author, text = entry.fields.get("author"), entry.fields.get("text")
    if not isinstance(author, str) or not isinstance(text, str):
        return None
    place = Place(PLATFORM, room_id, "main", _thread(entry.fields.get("thread")))
    thread_of_reply = place.thread or str(entry.number)
    said_by = Author(PLATFORM, author, author)
    event_id = f"{PLATFORM}:{room_id}:{entry.number}"
    moment = _moment(entry.fields.get("at"))
    if (pressed := _press_of(text)) is not None:
        return pressed(event_id, place, said_by, moment)
    if passed := _PASSED.fullmatch(text):
        to = Author(PLATFORM, passed["name"], passed["name"]) if passed["name"] else None
        return QuestionPassed(event_id, place, said_by, moment, to)
    if of_me := _OF_ME.fullmatch(text):
        where = place.in_thread(thread_of_reply)
        return ProfileChanged(event_id, where, said_by, of_me["said"] or "", moment)
    if linked := _LINK.fullmatch(text):
        alone = direct_place(said_by, room_id)
        return LinkRequested(event_id, alone, said_by, linked["code"] or "", moment)
    if text == FORGET:
        return ForgetRequested(event_id, place.in_thread(thread_of_reply), said_by, moment)
    if (seen := _SEEN.fullmatch(text)) and seen["about"] in _INQUIRIES:
        about = Inquiry(seen["about"])
        # What is typed before each word is a slash.
        said = "/" if about is Inquiry.HELP else seen["text"] or ""
        alone = direct_place(said_by, room_id)
        return Inquired(event_id, alone, said_by, about, moment, said)
    if deleted := _DELETED.fullmatch(text):
        return MessageDeleted(event_id, place, deleted["number"], moment)
    if edited := _EDITED.fullmatch(text):
        return MessageEdited(event_id, place, edited["number"], said_by, edited["text"], moment)
    return MessagePosted(
        event_id=event_id,
        place=place,
        message_id=str(entry.number),
        author=said_by,
        text=text,
        posted_at=moment,
        url=url_of(str(entry.number)),
        mentions=_named_in(text),
    )


def _press_of(text: str) -> Press | None:
    """Find what a word means that stands for a button."""
    solved = _SOLVED.fullmatch(text)
    return read_pressed(Action.SOLVED, solved["number"]) if solved else _PRESSED.get(text)


_INQUIRIES = frozenset(Inquiry) - {Inquiry.SETTINGS}
"""There is one channel in a terminal, and the settings say to what the bot listens there."""


def _named_in(text: str) -> tuple[Author, ...]:
    names = dict.fromkeys(named["name"] for named in _NAMED.finditer(text))
    return tuple(Author(PLATFORM, name, name) for name in names)


def url_of(number: str) -> str:
    """Name a message, for those who see the room."""
    return f"{HERE}#{number}"


def _thread(value: object) -> str | None:
    return str(value) if value and isinstance(value, str | int) else None


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        # In the first and last hours of the calendar, another time zone has no such moment.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
