"""What people type, and what stands in the transcript, as events. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supportbot.domain.events import AnswerAccepted, Author, Event, MessagePosted
from supportbot.domain.places import Place
from supportbot_terminal.room import Entry

PLATFORM = "terminal"
SOLVED = "/solved"
"""Typed in a thread, it is the button "This solved it"."""

_TYPED = re.compile(
    r"^(?:(?P<name>[A-Z][\w'-]*)\s*)?(?:@(?P<thread>\d+)\s*)?:\s*(?P<text>.*)$", re.DOTALL
)


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


def read_event(entry: Entry, room_id: str) -> Event | None:
    """Read an entry of the transcript; None when no person wrote it."""
    author, text = entry.fields.get("author"), entry.fields.get("text")
    if not isinstance(author, str) or not isinstance(text, str):
        return None
    thread = entry.fields.get("thread")
    place = Place(PLATFORM, room_id, "main", str(thread) if thread else None)
    said_by = Author(PLATFORM, author, author)
    event_id = f"{PLATFORM}:{room_id}:{entry.number}"
    moment = _moment(entry.fields.get("at"))
    if text == SOLVED:
        return AnswerAccepted(event_id, place, said_by, moment)
    return MessagePosted(
        event_id=event_id,
        place=place,
        message_id=str(entry.number),
        author=said_by,
        text=text,
        posted_at=moment,
        url=f"{PLATFORM}:#{entry.number}",
    )


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
