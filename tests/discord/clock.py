"""The server's time: real, and moved on when a test says so."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from simcord._clock import Clock


class ServerClock(Clock):
    """The clock of simcord's backend, which by itself stands still at the start of 2026.

    Ids carry the time, and clients in other processes compare it with theirs: so it is real.
    """

    def __init__(self) -> None:
        super().__init__()
        self._fixed: datetime | None = None

    def now(self) -> datetime:
        """Return the time, with what it was moved on by."""
        return self._fixed or datetime.now(UTC) + timedelta(seconds=self.elapsed)

    @contextlib.contextmanager
    def at(self, then: datetime | None) -> Iterator[None]:
        """Let it be another time meanwhile, as when history is prepared."""
        before, self._fixed = self._fixed, then or self._fixed
        try:
            yield
        finally:
            self._fixed = before
