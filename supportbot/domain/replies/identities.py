"""Joining one person's identities on two platforms."""

from supportbot.domain.chat.members import Author
from supportbot.domain.language.catalogue import say
from supportbot.domain.language.texts import Name
from supportbot.domain.replies.reply import Reply


def compose_code(code: str) -> Reply:
    """Give somebody the code with which they say that they are somebody elsewhere, too."""
    return Reply(say("link.code", code=code))


def compose_joined(other: Author) -> Reply:
    """Confirm that two identities are one person's."""
    platform = other.platform.capitalize()
    return Reply(say("link.joined", name=Name(other.name), platform=platform))


def compose_unknown_code() -> Reply:
    """Say that a code is none, or none any more."""
    return Reply(say("link.unknown"))


def compose_own_code() -> Reply:
    """Say that a code has to be typed elsewhere."""
    return Reply(say("link.own"))


def compose_parted() -> Reply:
    """Confirm that an identity stands for itself again."""
    return Reply(say("link.parted"))


def compose_not_joined() -> Reply:
    """Say that there is nothing to end."""
    return Reply(say("link.not_joined"))
