"""Connects a terminal, and the transcript behind it, to the bot."""

import asyncio
import logging
import threading
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError
from rich.console import Console, RenderableType
from rich.text import Text

from supportbot.domain.chat.events import Event
from supportbot.domain.chat.places import Place, direct_to
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, AdapterContext, Receive
from supportbot_terminal.events import PLATFORM, read_event, read_line, url_of, what_is_wrong
from supportbot_terminal.render import render_direct, render_message, render_reply
from supportbot_terminal.room import Entry, Room

log = logging.getLogger(__name__)

ROOM_NAME = "terminal.jsonl"

_LOOK = 0.05
"""Seconds between two looks at the transcript."""
_PAUSE = 1.0
_LONGEST_ID = 40
_REPLY = TypeAdapter(Reply)


def create(context: AdapterContext) -> Adapter:
    """Make the adapter. Entry point of the group `supportbot.adapters`."""
    return TerminalAdapter(context)


class TerminalAdapter:
    """Shows the room in a terminal, and takes what people type in it.

    Everything goes through the transcript: what is typed is an event once it stands there, and
    what the bot says is delivered once it stands there.
    """

    platform = PLATFORM

    def __init__(self, context: AdapterContext) -> None:
        """Open the room in the home folder."""
        self._context = context
        self._room = Room(context.home / ROOM_NAME)
        self._console = Console(file=context.stdout, highlight=False)
        self._is_typed_here = context.stdin.isatty()
        self._has_ended = threading.Event()
        self._shown = sum(1 for _ in self._room.entries())

    async def connect(self, receive: Receive) -> None:
        """Bring what was written so far, then what is typed, until the input ends."""
        threading.Thread(target=self._read_input, name="terminal input", daemon=True).start()
        read, size = 0, -1
        while True:
            has_ended = self._has_ended.is_set()
            if self._room.size() != size:
                size = self._room.size()
                self._show_or_end()
                for entry in self._room.entries(after=read):
                    event = read_event(entry, self._room.id)
                    if event is not None:
                        await _received(event, receive)
                    read = entry.number
            elif has_ended:
                return
            await asyncio.sleep(_LOOK)

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Write a message into the room, unless it stands there already."""
        if message.leaves is not None:
            # What was typed and said stands in a terminal as it is.
            return message.replaces
        known = self._room.find_message(message.id) if attempt > 1 else None
        if known is not None:
            self._show_to_reader()
            return str(known)
        if message.place.workspace != self._room.id:
            reason = f"there is no room {message.place.workspace} here"
            raise DeliveryError(reason, permanent=True)
        try:
            self._room.append(
                {
                    "message_id": message.id,
                    "thread": message.place.thread,
                    **({"to": alone} if (alone := _seen_only_by(message)) else {}),
                    "reply": _REPLY.dump_python(message.reply, mode="json"),
                }
            )
        except OSError as error:
            raise DeliveryError(str(error), permanent=False) from error
        self._show_to_reader()
        number = self._room.find_message(message.id)
        if number is None:
            reason = "the message does not stand in the room"
            raise DeliveryError(reason, permanent=False)
        return str(number)

    def url_of(self, place: Place, message_id: str) -> str:
        """Name a message by its number."""
        del place
        return url_of(message_id)

    def _read_input(self) -> None:
        try:
            for line in self._context.stdin:
                fields = read_line(line, now=datetime.now(UTC))
                if fields is None:
                    continue
                if wrong := what_is_wrong(fields, self._numbers):
                    self._context.stdout.write(f"{wrong}\n")
                    self._context.stdout.flush()
                else:
                    self._room.append(fields)
        except OSError as error:
            log.error("what was typed could not be kept, and the input ends: %s", error)  # noqa: TRY400 - the reason is all
        finally:
            self._has_ended.set()

    def _numbers(self) -> set[int]:
        return {entry.number for entry in self._room.entries()}

    def _show_or_end(self) -> None:
        try:
            self._show_new()
        except OSError as error:
            message = f"The terminal cannot be written to: {error.strerror or error}."
            raise SupportbotError(message) from error

    def _show_to_reader(self) -> None:
        """Show what is new; what nobody could see is not delivered.

        Raises:
            DeliveryError: It cannot be shown.
        """
        try:
            self._show_new()
        except OSError as error:
            reason = f"the terminal cannot be written to: {error.strerror or error}"
            raise DeliveryError(reason, permanent=False) from error

    def _show_new(self) -> None:
        for entry in self._room.entries(after=self._shown):
            rendered = self._rendered(entry)
            if rendered is not None:
                self._write(rendered)
            self._shown = entry.number

    def _write(self, rendered: RenderableType) -> None:
        # Written by itself: what rich could not write, it would write once more with the next one.
        with self._console.capture() as written:
            self._console.print(rendered, soft_wrap=not self._console.is_terminal)
        self._context.stdout.write(written.get())
        self._context.stdout.flush()

    def _rendered(self, entry: Entry) -> RenderableType | None:
        fields = entry.fields
        is_plain = not self._console.is_terminal
        if "reply" in fields:
            try:
                reply = _REPLY.validate_python(fields["reply"])
            except ValidationError:
                return None  # the bot did not write this
            if isinstance(fields.get("to"), str):
                thread = str(fields.get("thread") or "")[:_LONGEST_ID]
                return render_direct(reply, fields["to"], thread, is_plain=is_plain)
            return render_reply(reply, str(fields.get("thread"))[:_LONGEST_ID], is_plain=is_plain)
        if isinstance(fields.get("author"), str) and isinstance(fields.get("text"), str):
            if self._is_typed_here:
                # The words stand on the screen already; what is missing is the number.
                return Text(f"  #{entry.number}\n", "dim")
            return render_message(
                entry.number,
                fields["author"],
                fields["text"],
                fields.get("thread"),
                is_plain=is_plain,
            )
        return None


def _seen_only_by(message: OutgoingMessage) -> str:
    return message.alone.member.user_id if message.alone else direct_to(message.place)


async def _received(event: Event, receive: Receive) -> None:
    while True:
        try:
            await receive(event)
        except SupportbotError as error:
            log.warning("event %s is offered again: %s", event.event_id, error)
            await asyncio.sleep(_PAUSE)
        else:
            return
