"""What the buttons are called: what they do, and the thread that they are about. Pure.

Discord gives a pressed button back by its `custom_id`, also after a restart, and nothing else.

Source: https://discord.com/developers/docs/components/reference#anatomy-of-a-component
"""

from dataclasses import dataclass

from supportbot.domain.chat.places import Place

PLATFORM = "discord"
LONGEST = 100
"""Characters of a `custom_id`."""
PASS_TO = "to"  # noqa: S105 - no password
"""The select that passes a question on; the other actions are named by `Action`."""
SHARE_IN = "in"
"""The select of a channel in which a question is to be asked."""
MEANT = "."
"""After what a button does, and before what it means: an answer, by the id of its message."""
_MARK = "sb"
_ASKED_FROM = "ask"
"""Begins the name of a thread that only one person sees, somewhere in a channel."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a button does, and what it is about."""

    name: str
    workspace: str = ""
    channel: str = ""
    thread: str | None = None


def name_of(name: str, place: Place) -> str:
    """Return the `custom_id` of a button about a thread."""
    return f"{_MARK}:{name}:{place.workspace}:{place.channel}:{place.thread or ''}"[:LONGEST]


def read_name(custom_id: str) -> Target | None:
    """Read a `custom_id`; None when it is none of ours."""
    match custom_id.split(":"):
        case [mark, name, workspace, channel, thread] if mark == _MARK:
            return Target(name, workspace, channel, thread or None)
        case _:
            return None


def asked_in(channel_id: int, interaction_id: int) -> str:
    """Name a thread that one person sees alone in a channel, with the bot's answers to them."""
    return f"{_ASKED_FROM}.{channel_id}.{interaction_id}"


def asked_from(thread: str | None) -> tuple[str, str] | None:
    """Return the channel and the interaction with which somebody asked; None for all else."""
    match (thread or "").split("."):
        case [begin, channel, interaction] if begin == _ASKED_FROM:
            return channel, interaction
        case _:
            return None
