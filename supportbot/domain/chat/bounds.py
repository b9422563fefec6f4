"""Limits on what comes in from a platform, so that one event cannot choke the rest."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar

from supportbot.domain.chat.events import Event, MessageEdited, MessagePosted
from supportbot.domain.chat.unicode import repaired

LONGEST_TEXT = 40_000
"""Characters of a message: Slack's own limit, the longest of all platforms. The rest is cut off.

Source: https://docs.slack.dev/reference/methods/chat.postMessage (text, "truncating content").
"""
LONGEST_NAME = 500
"""Characters of a name, an id or a role. A platform's are far shorter."""
LONGEST_URL = 4_000
MOST_ROLES = 250
"""Roles of a member; Discord has 250 a guild."""
MOST_CHANNELS = 200_000
"""Channels of a workspace. One that is left out of the list of the open ones counts as closed."""
MOST_MENTIONS = 20
"""People whom a message names; more are a call to everybody. Their roles are not kept."""

_Value = TypeVar("_Value")
_MOST = {"open": MOST_CHANNELS, "shared": MOST_CHANNELS}
_LIMITS = {"text": LONGEST_TEXT, "url": LONGEST_URL}


def bounded(event: Event) -> Event:
    """Return an event whose every text is text, and within its limit."""
    if isinstance(event, MessagePosted | MessageEdited):
        named = tuple(replace(one, roles=()) for one in event.mentions[:MOST_MENTIONS])
        event = replace(event, mentions=named)
    return _bounded(event)


def _bounded(value: _Value) -> _Value:
    assert is_dataclass(value) and not isinstance(value, type)  # noqa: S101, PT018 - for the types
    changes = {f.name: _fitting(f.name, getattr(value, f.name)) for f in fields(value)}
    return replace(value, **changes)


def _fitting(name: str, value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        limit = _LIMITS.get(name, LONGEST_NAME)
        # SQLite's own functions end a text at NUL.
        return repaired(value[:limit]).replace("\0", "\ufffd")
    if isinstance(value, tuple):
        return tuple(_fitting(name, one) for one in value[: _MOST.get(name, MOST_ROLES)])
    return _bounded(value) if is_dataclass(value) else value
