"""Where something was said, and who may see it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportbot.domain.chat.members import Author


class Listening(StrEnum):
    """To what the bot listens in a channel."""

    QUESTIONS = "questions"
    """To every new question."""
    MENTIONS = "mentions"
    """To those who call it by its name."""
    NOTHING = "nothing"

    def hears(self, *, is_addressed: bool) -> bool:
        """Whether it may reply to somebody who asks."""
        return self is Listening.QUESTIONS or (self is Listening.MENTIONS and is_addressed)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said. `thread` is the platform's id of the thread's first message."""

    platform: str
    workspace: str
    channel: str
    thread: str | None = None
    is_private: bool = False
    is_shared: bool = False
    """People who are not of the community see it too; then it is private as well."""

    def __post_init__(self) -> None:
        """Let no channel be open that others share: what is said in it goes nowhere else."""
        if self.is_shared and not self.is_private:
            object.__setattr__(self, "is_private", True)

    @property
    def key(self) -> str:
        """Say the same for everything in one thread, and for nothing else."""
        return _joined(self.platform, self.workspace, self.channel, self.thread or "")

    @property
    def channel_key(self) -> str:
        """Say the same for everything in one channel, whatever the thread."""
        return _joined(self.platform, self.workspace, self.channel)

    @property
    def workspace_key(self) -> str:
        """Name the workspace as if it were a channel: that of those who left it altogether."""
        return _joined(self.platform, self.workspace, "")

    @property
    def platform_key(self) -> str:
        """Return what the keys of all channels of the platform begin with."""
        return f"{_joined(self.platform)}/"

    def message_key(self, message_id: str) -> str:
        """Name a message of this channel; for a thread's first message it is the thread's key."""
        return _joined(self.platform, self.workspace, self.channel, message_id)

    def in_thread(self, thread: str) -> "Place":
        """Return the place of a thread in this channel."""
        return replace(self, thread=thread)

    def channel_in(self, channel_key: str) -> str:
        """Return the id of a channel of this workspace, which its key names."""
        return _parted(channel_key.removeprefix(self.workspace_key))

    def with_privacy(self, *, is_private: bool, is_shared: bool = False) -> "Place":
        """Return the same place, open, private, or shared with others."""
        if (is_private, is_shared) == (self.is_private, self.is_shared):
            return self
        return replace(self, is_private=is_private, is_shared=is_shared)


def direct_place(author: "Author", workspace: str = "") -> Place:
    """Return the private place of one member with the bot; adapters open it as a direct message."""
    return Place(author.platform, workspace, f"{_DIRECT}{author.user_id}", is_private=True)


def direct_to(place: Place) -> str:
    """Return the user id of the member of a direct conversation; empty for other places."""
    is_direct = place.is_private and place.channel.startswith(_DIRECT)
    return place.channel.removeprefix(_DIRECT) if is_direct else ""


def home_of(author: "Author", workspace: str = "") -> Place:
    """Return the page of one member; adapters show it where their platform has room for one."""
    return direct_place(author, workspace).in_thread(_HOME)


def is_home(place: Place) -> bool:
    """Whether a place is somebody's page."""
    return place.thread == _HOME and bool(direct_to(place))


_HOME = "home"
_DIRECT = "@"
"""Before a user id, it stands for a channel with that person alone."""


def channel_of(channel_key: str, *, is_private: bool, is_shared: bool = False) -> Place:
    """Return the channel that a key names."""
    platform, workspace, channel = map(_parted, channel_key.split("/"))
    return Place(platform, workspace, channel, is_private=is_private, is_shared=is_shared)


def workspace_of(channel_key: str) -> str:
    """Return the id of the workspace in which a channel is, by the channel's key."""
    return _parted(channel_key.split("/")[1])


def _parted(part: str) -> str:
    return part.replace("%2F", "/").replace("%25", "%")


def _joined(*parts: str) -> str:
    """Join ids so that no two lists of ids look the same."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
