"""What can go wrong with calls to any server, and the plan of what is to go wrong."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiohttp import web

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Status:
    """A server error with a page that is no JSON, unless a body is given."""

    code: int = 500
    body: str = "<html><body>Service unavailable</body></html>"
    content_type: str = "text/html"


@dataclass(frozen=True, slots=True)
class NotJson:
    """200, and a body that cannot be read. By default it says that it is JSON."""

    body: str = '{"ok": tru'
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class LostResponse:
    """The call has its effect; then the connection is closed without an answer."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset before anything has happened."""


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer takes this many seconds longer; the effect is made first, or after the wait."""

    seconds: float
    effect_first: bool = True


@dataclass(slots=True)
class Held:
    """The answer waits until the test releases it; the effect is made first, or after the wait."""

    effect_first: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let it go. From another thread: `server.call(held.release)`."""
        self.gate.set()


@dataclass(slots=True)
class Planned(Generic[F]):
    """A fault that is still to come."""

    calls: str
    fault: F
    after: int
    times: int
    said: Mapping[str, Any]


@dataclass(slots=True)
class Limit:
    """How many calls go well in so many seconds."""

    calls: str
    most: int
    seconds: float
    by: str = ""
    """The argument that each value has a limit of its own for."""
    recent: dict[str, list[float]] = field(default_factory=dict)

    def seconds_to_wait(self, key: str) -> float:
        """Count a call, unless it is one too many: then say how long it is early."""
        now = time.monotonic()
        recent = [at for at in self.recent.get(key, ()) if at > now - self.seconds]
        self.recent[key] = recent
        if len(recent) >= self.most:
            return recent[0] + self.seconds - now
        recent.append(now)
        return 0.0


@dataclass(slots=True)
class Plan(Generic[F]):
    """Which faults are still to come. The first that fits a call befalls it."""

    planned: list[Planned[F]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    def add(self, calls: str, fault: F, *, times: int = 1, after: int = 0, **said: Any) -> F:
        """Plan a fault.

        Args:
            calls: Which calls it befalls, as the server names them; `*` for each.
            fault: What befalls them.
            times: How many calls it befalls; -1 for all from now on.
            after: How many calls go well before.
            said: Only calls that say this.
        """
        self.planned.append(Planned(calls, fault, after, times, said))
        return fault

    def clear(self) -> None:
        """Let everything go well from now on."""
        self.planned.clear()
        self.limits.clear()

    def next_for(self, is_meant: Callable[[str], bool], said: Mapping[str, Any]) -> F | None:
        """Return the planned fault that befalls a call; None when none does."""
        for planned in self.planned:
            if not planned.times or not is_meant(planned.calls):
                continue
            if any(said.get(name) != value for name, value in planned.said.items()):
                continue
            if planned.after:
                planned.after -= 1
                continue
            planned.times -= 1
            return planned.fault
        return None

    def seconds_early(
        self, is_meant: Callable[[str], bool], key_of: Callable[[Limit], str]
    ) -> float:
        """Return how long a call is early by the limits; 0 when it goes well."""
        for limit in self.limits:
            if is_meant(limit.calls) and (wait := limit.seconds_to_wait(key_of(limit))):
                return wait
        return 0.0


def reset(request: web.Request) -> None:
    """Cut a connection so that the other side gets a reset."""
    if (transport := request.transport) is None:
        return
    if connection := transport.get_extra_info("socket"):
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
