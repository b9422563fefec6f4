"""What every server has that plays a platform: a life on loopback, and ways to wait for it."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

T = TypeVar("T")
PATIENCE = 10.0


class Server(ABC):
    """Serves until it is stopped; whoever waits for something looks when something has changed.

    Attributes:
        loop: That in which it serves, once it does.
    """

    def __init__(self, port: int) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._port = port
        self._watchers: set[asyncio.Event] = set()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @abstractmethod
    def application(self) -> web.Application:
        """Return what answers to requests."""

    @abstractmethod
    async def hang_up(self) -> None:
        """End the connections that stay open by themselves."""

    # Beginning and end

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        application = self.application()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.start_listening()

    async def stop(self) -> None:
        await self.hang_up()
        if self._runner:
            served = self._runner.server
            lines = [one.transport for one in served.connections] if served else []
            await self._runner.cleanup()
            # A closed line waits until its peer has read what is left, and that peer may be dead.
            for line in lines:
                if line is not None:
                    line.abort()

    async def start_listening(self) -> None:
        """Accept connections, again on the same port after `stop_listening`."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Refuse new connections; open sockets stay open."""
        assert self._site is not None
        await self._site.stop()

    # Waiting, and other threads

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


S = TypeVar("S", bound=Server)


@contextmanager
def running(server: S, name: str) -> Iterator[S]:
    """Run a server in a thread of its own; use `do`, `call` and `wait_until` from outside."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE)
        asyncio.run_coroutine_threadsafe(_let_all_end(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _let_all_end() -> None:
    """End what still waits, such as a call that a test has held, and let sockets be closed."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
