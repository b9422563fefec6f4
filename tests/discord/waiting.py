"""Waiting for something to be true of the server, from its own thread and from others."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 10.0


class Waiting:
    """What a server has so that tests never sleep: whoever waits looks when something changed."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._watchers: set[asyncio.Event] = set()

    async def until(self, is_so: Callable[[], T | None], *, within: float = PATIENCE) -> T:
        """Wait until something is true of the server, and give it.

        Raises:
            TimeoutError: It was not true within that many seconds.
        """
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            async with asyncio.timeout(within):
                while not (value := is_so()):
                    await changed.wait()
                    changed.clear()
                return value
        finally:
            self._watchers.discard(changed)

    def do(self, work: Coroutine[Any, Any, T], *, within: float = 60.0) -> T:
        """Carry out what is async, from another thread than the server's."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def call(self, function: Callable[[], T]) -> T:
        """Call what is not async in the server's own thread."""

        async def carry_out() -> T:
            return function()

        return self.do(carry_out())

    def wait_until(self, is_so: Callable[[], T | None], *, within: float = PATIENCE) -> T:
        """Wait from another thread; see `until`."""
        return self.do(self.until(is_so, within=within), within=within + 5)

    def note_change(self) -> None:
        """Let those who wait look again."""
        for watcher in self._watchers:
            watcher.set()
