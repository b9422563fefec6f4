import asyncio
import io
import itertools
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.chat.events import AnswerAccepted, Event, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, AdapterContext
from supportbot.testing import PATIENCE, AdapterContract, World
from supportbot_terminal import adapter as adapter_module
from supportbot_terminal.adapter import ROOM_NAME, TerminalAdapter, create
from supportbot_terminal.room import Room


class Typist(io.StringIO):
    """A terminal: what is typed into it, and what is shown on it."""

    def isatty(self) -> bool:
        return True


class TerminalWorld(World):
    """A room in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.room = Room(home / ROOM_NAME)
        self.screens: list[io.StringIO] = []

    def adapter(self) -> Adapter:
        return self.terminal()

    def terminal(self, typed: str = "") -> TerminalAdapter:
        """Return a new adapter, and what is typed into it."""
        self.screens.append(io.StringIO())
        context = AdapterContext(self.home, {}, io.StringIO(typed), self.screens[-1])
        return TerminalAdapter(context)

    def post(self, author: str, text: str, thread: str | None = None) -> str:
        moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).isoformat()
        self.room.append({"author": author, "thread": thread, "text": text, "at": moment})
        return str(max(entry.number for entry in self.room.entries()))

    def place(self, thread: str) -> Place:
        return Place("terminal", self.room.id, "main", thread)

    def missing_place(self) -> Place:
        return Place("terminal", "elsewhere", "main", "1")

    def shown(self) -> list[str]:
        return [said for said in self._said() if "alone)" not in said]

    def shown_alone(self, author: str) -> list[str]:
        return [said for said in self._said() if f"(to {author} alone)" in said]

    def _said(self) -> list[str]:
        text = "".join(screen.getvalue() for screen in self.screens)
        return [f"supportbot{said}" for said in text.split("supportbot")[1:]]


class TestTerminalAdapter(AdapterContract):
    @pytest.fixture(autouse=True)
    def rooms(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(adapter_module, "_PAUSE", 0.0)
        self._folders = (tmp_path / str(number) for number in itertools.count())

    def world(self) -> TerminalWorld:
        folder = next(self._folders)
        folder.mkdir()
        return TerminalWorld(folder)


@pytest.fixture
def world(tmp_path: Path) -> TerminalWorld:
    return TerminalWorld(tmp_path)


def message(world: TerminalWorld, thread: str = "2") -> OutgoingMessage:
    return OutgoingMessage("e1/reply", world.place(thread), Reply("I don't know this one."))


def events_until_the_input_ends(adapter: Adapter) -> list[Event]:
    events: list[Event] = []

    async def receive(event: Event) -> None:
        events.append(event)

    async def connect() -> None:
        async with asyncio.timeout(PATIENCE):
            await adapter.connect(receive)

    asyncio.run(connect())
    return events


def test_it_is_made_by_its_entry_point(tmp_path: Path) -> None:
    adapter = create(AdapterContext(tmp_path, {}, io.StringIO(), io.StringIO()))

    assert adapter.platform == "terminal"


def test_what_is_typed_arrives_and_the_end_of_the_input_is_the_goodbye(
    world: TerminalWorld,
) -> None:
    terminal = world.terminal("Maria: How do I post?\n\nPaul @2: With the button.\n@2: /solved\n")

    asked, answered, accepted = events_until_the_input_ends(terminal)

    assert isinstance(asked, MessagePosted)
    assert (asked.author.name, asked.text, asked.message_id) == ("Maria", "How do I post?", "2")
    assert isinstance(answered, MessagePosted)
    assert (answered.author.name, answered.place.thread) == ("Paul", "2")
    assert isinstance(accepted, AnswerAccepted)
    assert (accepted.author.name, accepted.place.thread) == ("Guest", "2")


@pytest.mark.parametrize(
    "typed", ["Paul @9: With the button.", "@9: /solved", "@2: /solved 9", "/delete 9", "/edit 9 b"]
)
def test_a_number_that_nothing_has_is_told_and_brings_nothing(
    world: TerminalWorld, typed: str
) -> None:
    terminal = world.terminal(f"Maria: How do I post?\n{typed}\n")

    (asked,) = events_until_the_input_ends(terminal)

    assert isinstance(asked, MessagePosted)
    assert "There is no message 9 here." in world.screens[-1].getvalue()


def test_what_people_write_is_shown_with_its_number(world: TerminalWorld) -> None:
    terminal = world.terminal("Maria: How do I post?\nPaul @2: With the button.\n")

    events_until_the_input_ends(terminal)

    assert world.screens[-1].getvalue() == (
        "Maria  #2\n  How do I post?\n\nPaul  @2\n  With the button.\n\n"
    )


def test_what_was_written_before_the_start_is_not_shown_again(world: TerminalWorld) -> None:
    world.post("Maria", "How do I post?")

    events = events_until_the_input_ends(world.terminal())

    assert len(events) == 1
    assert world.screens[-1].getvalue() == ""


def test_lines_that_nobody_wrote_as_a_message_are_neither_shown_nor_brought(
    world: TerminalWorld,
) -> None:
    terminal = world.terminal()
    world.room.append({"weather": "fine"})
    world.room.append({"author": 5, "text": "hello"})

    assert events_until_the_input_ends(terminal) == []
    assert world.screens[-1].getvalue() == ""


def test_one_who_types_sees_only_the_number_of_what_was_typed(world: TerminalWorld) -> None:
    screen = Typist()
    context = AdapterContext(world.home, {}, Typist("Maria: How do I post?\n"), screen)

    events_until_the_input_ends(TerminalAdapter(context))

    assert "#2" in screen.getvalue()
    assert "How do I post?" not in screen.getvalue()


def test_an_event_is_offered_until_it_is_stored(
    world: TerminalWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(adapter_module, "_PAUSE", 0.0)
    world.post("Maria", "How do I post?")
    offered: list[Event] = []

    async def receive(event: Event) -> None:
        offered.append(event)
        if len(offered) < 3:
            reason = "The disk is full."
            raise SupportbotError(reason)

    asyncio.run(world.terminal().connect(receive))

    assert [event.event_id for event in offered] == [f"terminal:{world.room.id}:2"] * 3
    assert (
        caplog.record_tuples
        == [
            (
                "supportbot_terminal.adapter",
                logging.WARNING,
                f"event terminal:{world.room.id}:2 is offered again: The disk is full.",
            )
        ]
        * 2
    )


def test_a_reply_is_named_by_its_number_in_the_room(world: TerminalWorld) -> None:
    world.post("Maria", "How do I post?")

    posted_id = asyncio.run(world.terminal().deliver(message(world), attempt=1))

    assert posted_id == "3"


def test_what_is_said_to_one_person_alone_is_shown_as_such(world: TerminalWorld) -> None:
    place = direct_place(Author("terminal", "Paul", "Paul"), world.room.id)
    note = OutgoingMessage("receipt/1", place, Reply("Your answer helped."))

    asyncio.run(world.terminal().deliver(note, attempt=1))

    assert world.shown_alone("Paul") == ["supportbot  (to Paul alone)\n  Your answer helped.\n\n"]


def test_a_reply_that_cannot_be_written_is_tried_again_later(
    world: TerminalWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_room: Room, _fields: object) -> None:
        raise OSError(28, "No space left on device")

    terminal = world.terminal()
    monkeypatch.setattr(Room, "append", fail)

    with pytest.raises(DeliveryError, match="No space left on device") as refusal:
        asyncio.run(terminal.deliver(message(world), attempt=1))

    assert not refusal.value.permanent


def test_a_reply_is_looked_for_when_it_may_have_been_delivered_before(
    world: TerminalWorld,
) -> None:
    world.post("Maria", "How do I post?")

    first = asyncio.run(world.terminal().deliver(message(world), attempt=2))
    again = asyncio.run(world.terminal().deliver(message(world), attempt=3))

    assert (first, again) == ("3", "3")
    assert len(list(world.room.entries())) == 3


def test_a_framed_screen_shows_the_reply_too(world: TerminalWorld) -> None:
    screen = Typist()
    terminal = TerminalAdapter(AdapterContext(world.home, {}, io.StringIO(), screen))

    asyncio.run(terminal.deliver(message(world), attempt=1))

    assert "supportbot" in screen.getvalue()
    assert "I don't know this one." in screen.getvalue()


def test_input_that_cannot_be_kept_ends_the_room_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    context = AdapterContext(tmp_path, {}, io.StringIO("Is anybody there?\n"), io.StringIO())
    adapter = create(context)
    monkeypatch.setattr(Room, "append", refuse)

    async def receive(event: Event) -> None:
        raise AssertionError(event)

    async def connect() -> None:
        async with asyncio.timeout(PATIENCE):
            await adapter.connect(receive)

    asyncio.run(connect())

    assert "No space left on device" in caplog.text


class Full(io.StringIO):
    """A screen on which nothing can be shown for a while."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_what_cannot_be_shown_is_not_delivered_until_it_can(tmp_path: Path) -> None:
    world, screen = TerminalWorld(tmp_path), Full()
    thread = world.post("Maria", "How do I post?")
    adapter = TerminalAdapter(AdapterContext(tmp_path, {}, io.StringIO(), screen))
    message = OutgoingMessage("q/reply", world.place(thread), Reply("I don't know this one."))

    with pytest.raises(DeliveryError, match="cannot be written") as refused:
        asyncio.run(adapter.deliver(message, attempt=1))
    with pytest.raises(DeliveryError):
        asyncio.run(adapter.deliver(message, attempt=2))
    screen.is_full = False
    asyncio.run(adapter.deliver(message, attempt=3))

    assert not refused.value.permanent
    assert screen.getvalue().count("I don't know this one.") == 1
