"""What can go wrong on demand.

slack.faults.add("chat.postMessage", RateLimited(2))          # the next call
slack.faults.add("chat.postMessage", LostResponse(), after=3) # the fourth call from now
slack.faults.add("*", Status(503), times=5)                   # the next five of any method
"""

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Any

from tests.slack.model import JSON


@dataclass(frozen=True, slots=True)
class RateLimited:
    """429. The header is sent as it is given, so that it may be nonsense; None leaves it out."""

    retry_after: float | str | None = 1


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
        """Let it go. From another thread: `slack.call(held.release)`."""
        self.gate.set()


@dataclass(frozen=True, slots=True)
class Refusal:
    """`{"ok": false, "error": …}` without an effect."""

    error: str
    more: JSON = field(default_factory=dict)


Fault = RateLimited | Status | NotJson | LostResponse | Reset | Slow | Held | Refusal


@dataclass(slots=True)
class _Planned:
    method: str
    fault: Fault
    after: int
    times: int
    arguments: JSON


@dataclass(slots=True)
class _Limit:
    method: str
    calls: int
    seconds: float
    by: str
    recent: dict[str, list[float]] = field(default_factory=dict)

    def seconds_to_wait(self, arguments: JSON) -> float:
        """Count a call, unless it is one too many: then say how long it is early."""
        now = time.monotonic()
        key = str(arguments.get(self.by, ""))
        recent = [at for at in self.recent.get(key, ()) if at > now - self.seconds]
        self.recent[key] = recent
        if len(recent) >= self.calls:
            return recent[0] + self.seconds - now
        recent.append(now)
        return 0.0


@dataclass(slots=True)
class Faults:
    """Which faults are still to come. The first that fits a call befalls it."""

    planned: list[_Planned] = field(default_factory=list)
    limits: list[_Limit] = field(default_factory=list)

    def limit(self, method: str, calls: int, seconds: float, *, by: str = "") -> None:
        """Answer 429 from now on when there are more calls than this in so many seconds.

        Args:
            method: Such as `chat.postMessage`, or `*` for each.
            calls: How many go well.
            seconds: In this time.
            by: The argument that each value has a limit of its own for, like `channel`.
        """
        self.limits.append(_Limit(method, calls, seconds, by))

    def add(
        self, method: str, fault: Fault, *, times: int = 1, after: int = 0, **arguments: Any
    ) -> Fault:
        """Plan a fault.

        Args:
            method: Such as `chat.postMessage`; `response_url` for those; `*` for each.
            times: How many calls it befalls; -1 for all from now on.
            after: How many calls go well before.
            arguments: Only calls with these arguments.
        """
        self.planned.append(_Planned(method, fault, after, times, arguments))
        return fault

    def clear(self) -> None:
        """Let everything go well from now on."""
        self.planned.clear()
        self.limits.clear()

    def take(self, method: str, arguments: JSON) -> Fault | None:
        """Give the fault that befalls this call."""
        for planned in self.planned:
            if planned.method not in {"*", method} or not planned.times:
                continue
            if any(arguments.get(name) != value for name, value in planned.arguments.items()):
                continue
            if planned.after:
                planned.after -= 1
                continue
            planned.times -= 1
            return planned.fault
        for limit in self.limits:
            if limit.method in {"*", method} and (wait := limit.seconds_to_wait(arguments)):
                return RateLimited(math.ceil(wait))
        return None
