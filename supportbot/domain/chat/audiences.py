"""Who may see what was said: the whole community, or the members of one private place."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from supportbot.domain.chat.places import Place

Audience = NewType("Audience", str)
"""Who may see a thing: the whole community, or the members of one private place."""


COMMUNITY = Audience("community")
"""The audience of everything that is said in the open, and of the group's own documents."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may see. There is no search without one.

    `audiences` is never empty. `only`, when given, holds the ids of the only documents that are
    considered, and `without` the ids of those that are not; `before` leaves out what was not said
    before that moment (documents without a date stay).
    """

    audiences: frozenset[Audience]
    only: frozenset[str] | None = None
    before: datetime | None = None
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a scope that names no audience: it is a forgotten wall, not an empty room."""
        if not self.audiences:
            message = "a search needs at least one audience"
            raise ValueError(message)


def audience_of(place: Place) -> Audience:
    """Return who may see what is said in a place: its channel when private, else the community."""
    return channel_audience(place.channel_key, is_private=place.is_private)


def channel_audience(channel_key: str, *, is_private: bool) -> Audience:
    """Return who may see a channel, named by its key."""
    return Audience(f"place:{channel_key}") if is_private else COMMUNITY


def scope_of(place: Place, *, only: frozenset[str] | None = None) -> Scope:
    """Return what may be shown in a place: what is open, and what was said in that place itself.

    Where others see it too, nothing comes in from elsewhere. `only` narrows it to some documents.
    """
    own = audience_of(place)
    return Scope(frozenset({own} if place.is_shared else {COMMUNITY, own}), only=only)


def open_scope(
    *,
    only: frozenset[str] | None = None,
    before: datetime | None = None,
    without: frozenset[str] = frozenset(),
) -> Scope:
    """Return what everybody in a community may see, or a part of it, for checks and measuring."""
    audiences = frozenset({COMMUNITY})
    return Scope(audiences, only=only, before=before, without=without)
