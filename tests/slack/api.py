"""How a Web API method is declared and called: its token, its scopes, its arguments."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.slack.model import JSON, Channel, Kind, Message, User, refuse
from tests.slack.workspace import Workspace

if TYPE_CHECKING:
    from tests.slack.installing import Installation
    from tests.slack.server import SlackServer

_TRUE = {True, "true", "1", "True"}


@dataclass(slots=True)
class Request:
    """One call, with its token already checked."""

    slack: "SlackServer"
    arguments: JSON
    installation: "Installation"
    headers: dict[str, str]

    @property
    def workspace(self) -> Workspace:
        return self.installation.workspace

    @property
    def bot(self) -> User:
        return self.workspace.bot

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        if not (value := self.text(name)):
            refuse(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return value

    def flag(self, name: str) -> bool:
        return self.arguments.get(name) in _TRUE

    def json(self, name: str, error: str) -> Any:
        """Read an argument that is JSON in a string when it comes in a form."""
        value = self.arguments.get(name)
        if isinstance(value, str):
            try:
                return json.loads(value) if value else None
            except ValueError:
                refuse(error)
        return value

    def channel(self, name: str = "channel") -> Channel:
        """Find the channel that is named, as far as the bot may know of it."""
        said = self.required(name)
        channel = self.workspace.find_channel(said)
        if channel is None or channel.deleted:
            refuse("channel_not_found")
        if channel.kind is not Kind.PUBLIC and self.bot.id not in channel.members:
            refuse("channel_not_found")
        return channel

    def message(self, channel: Channel, name: str) -> Message:
        message = self.workspace.messages.get((channel.id, self.required(name)))
        if message is None or message.deleted:
            refuse("message_not_found")
        return message

    def needs(self, *scopes: str) -> None:
        """Refuse unless the token has one of these scopes."""
        if not set(scopes) & set(self.installation.scopes):
            provided = ",".join(self.installation.scopes)
            refuse("missing_scope", needed=scopes[0], provided=provided)


Handler = Callable[[Request], JSON]


@dataclass(frozen=True, slots=True)
class Method:
    """What a method is called with, and what carries it out."""

    name: str
    run: Handler
    scopes: tuple[str, ...]
    kind: str
    """The token that it takes: `bot`, `app`, `config`, or `none`."""


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, kind: str = "bot") -> Callable[[Handler], Handler]:
    """Declare a Web API method; any one of the scopes is enough."""

    def declare(run: Handler) -> Handler:
        METHODS[name] = Method(name, run, scopes, kind)
        return run

    return declare


def page(
    request: Request,
    items: Sequence[JSON],
    *,
    key: str = "id",
    default: int = 100,
    most: int = 1000,
) -> tuple[list[JSON], str]:
    """Cut out the page that is asked for; gives it with the cursor of the next, or an empty one.

    A cursor names the item that comes next, so that what is new meanwhile moves nothing.
    https://docs.slack.dev/apis/web-api/pagination
    """
    limit = max(1, min(_read_limit(request, default), most))
    first = _read_cursor(request.text("cursor"))
    start = 0
    if first:
        start = next((at for at, item in enumerate(items) if item[key] == first), -1)
        if start < 0:
            refuse("invalid_cursor")
    following = items[start + limit : start + limit + 1]
    cursor = base64.b64encode(f"next:{following[0][key]}".encode()).decode() if following else ""
    return list(items[start : start + limit]), cursor


def _read_limit(request: Request, default: int) -> int:
    try:
        return int(request.text("limit") or default)
    except ValueError:
        refuse("invalid_limit")


def _read_cursor(cursor: str) -> str:
    try:
        word, _, first = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        refuse("invalid_cursor")
    if cursor and word != "next":
        refuse("invalid_cursor")
    return first
