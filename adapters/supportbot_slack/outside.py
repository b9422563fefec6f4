"""What a group lets guests and other companies see. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Walls:
    """What a group lets others see."""

    widens_shared: bool = False
    """What was said elsewhere is shown in channels shared with another company, and back."""
    widens_guests: bool = False
    """Guests and people of other companies see what members see."""


CLOSED_WALLS = Walls()
"""Where nothing is widened."""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who sees a channel."""

    is_private: bool = True
    is_shared: bool = False
    """People of another company do as well."""
