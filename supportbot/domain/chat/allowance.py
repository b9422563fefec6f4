"""How much the bot may say within an hour, so that nobody can make it flood a channel."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

WINDOW = timedelta(hours=1)
"""What is counted: messages of the bot within so long before now."""
MOST_ALONE = 60
"""Words within the hour to a member alone, about what they pressed: these disturb nobody else."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages of the bot an hour one member may cause, and one channel may get."""

    per_member: int = 20
    per_channel: int = 120


class Leave(Enum):
    """Whether the bot may speak."""

    FREE = auto()
    """As it likes."""
    LAST = auto()
    """Once more, to say that it will be silent."""
    NONE = auto()
    """Not before the hour is over."""


def leave_to_speak(allowance: Allowance, *, to_member: int, in_channel: int) -> Leave:
    """Decide whether one more message is within the allowance.

    Args:
        allowance: The most within an hour.
        to_member: Messages that the member has caused within the last hour.
        in_channel: Messages that the channel was given within the last hour.
    """
    if to_member > allowance.per_member or in_channel > allowance.per_channel:
        return Leave.NONE
    if to_member == allowance.per_member or in_channel == allowance.per_channel:
        return Leave.LAST
    return Leave.FREE
