"""Keeping the order in which things came, while each of them waits for something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets what came first in a channel be first."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._last: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def queue(self, channel: str) -> AsyncIterator[asyncio.Future[None] | None]:
        """Take a place in the queue; gives what has to be over before it is one's turn.

        Whoever leaves, for whatever reason, lets the next one in.
        """
        before = self._last.get(channel)
        mine = asyncio.get_running_loop().create_future()
        self._last[channel] = mine
        try:
            yield before
        finally:
            mine.set_result(None)
            if self._last[channel] is mine:
                del self._last[channel]
