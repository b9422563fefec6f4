"""Keeping the order in which things came, while each of them waits for something else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Turns:
    """Lets what came first in a channel be first."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._last: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def queue(self, channel: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Take a place in the queue; gives what waits until it is one's turn.

        Whoever leaves, for whatever reason, lets the next one in, but not before those who were
        there first.
        """
        before = self._last.get(channel)
        mine = asyncio.get_running_loop().create_future()
        self._last[channel] = mine

        async def come() -> None:
            if before is not None:
                # Awaited itself, it would be cancelled with whoever stops waiting for it.
                await asyncio.wait([before])

        def leave(_before: object = None) -> None:
            mine.set_result(None)
            if self._last[channel] is mine:
                del self._last[channel]

        try:
            yield come
        finally:
            if before is None or before.done():
                leave()
            else:
                before.add_done_callback(leave)
