"""How far our clock is from a platform's, which dates every message and every answer."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

NOTICEABLE = timedelta(seconds=30)
"""A difference from which somebody should look at the machine's clock."""
_EXACT = timedelta(seconds=2)
"""Within this, the clocks agree: a `Date` header has whole seconds, and an answer takes a while."""


def ahead_of(date: str, now: datetime) -> timedelta | None:
    """Return how far our clock is ahead of the one that wrote a `Date` header.

    Args:
        date: The header, as in RFC 9110, section 5.6.7.
        now: Our time when the answer came.

    Returns:
        Negative when our clock is behind; None when the header cannot be read.
    """
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return None
    if theirs.tzinfo is None:
        return None
    ahead = now - theirs
    return timedelta(0) if abs(ahead) <= _EXACT else ahead


class PlatformClock:
    """Tells the platform's time: ours, corrected by what its answers say."""

    def __init__(self) -> None:
        """Take our clock for right until an answer says otherwise."""
        self.ahead = timedelta(0)
        """How far our clock is ahead of the platform's."""

    def note(self, date: str) -> None:
        """Compare our clock with the `Date` header of an answer that has just come."""
        ahead = ahead_of(date, datetime.now(UTC))
        if ahead is not None:
            self.ahead = ahead

    def now(self) -> datetime:
        """Return the platform's time, as near as we know it."""
        return datetime.now(UTC) - self.ahead


def clock_problem(ahead: timedelta, platform: str) -> str:
    """Return what is wrong with our clock, and what to do; empty while nothing is.

    Args:
        ahead: How far our clock is ahead of the platform's.
        platform: What people call it.
    """
    if abs(ahead) < NOTICEABLE:
        return ""
    seconds = round(abs(ahead).total_seconds())
    far = f"{seconds} seconds" if seconds < _MINUTES else f"{seconds // 60} minutes"
    where = "ahead of" if ahead > timedelta(0) else "behind"
    return (
        f"This machine's clock is {far} {where} {platform}'s. Switch time synchronisation on, such "
        "as with `timedatectl set-ntp true`."
    )


_MINUTES = 120
"""Seconds from which a difference is given in minutes."""
