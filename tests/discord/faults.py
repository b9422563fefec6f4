"""What can go wrong with calls on demand.

discord.faults.add("POST /channels/*/messages", RateLimited(0.2))          # the next call
discord.faults.add("POST /channels/*/messages", LostResponse(), after=3)   # the fourth from now
discord.faults.add("*", Status(503), times=5)                              # the next five of any
discord.faults.add("GET /channels/*", Refusal(403, 50001, "Missing Access"), times=-1)
"""

import math
import time
from dataclasses import dataclass, field
from typing import Any

from tests.discord.paths import arguments_of
from tests.slack.faults import Held, LostResponse, NotJson, Reset, Slow, Status


@dataclass(frozen=True, slots=True)
class RateLimited:
    """429, as in https://discord.com/developers/docs/topics/rate-limits.

    Attributes:
        retry_after: Seconds, in the header and in the body.
        via: Whether the header `Via` says that it comes from Discord itself. discord.py waits and
            repeats only then; without it, it believes that Cloudflare has banned the address.
        is_global: Whether the limit is that of all calls together.
        scope: `user`, `shared` or `global`.
    """

    retry_after: float = 1.0
    via: bool = True
    is_global: bool = False
    scope: str = "user"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Discord's own refusal, in JSON, without an effect.

    Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes.
    """

    status: int = 403
    code: int = 50013
    message: str = "Missing Permissions"


Fault = RateLimited | Refusal | Status | NotJson | LostResponse | Reset | Slow | Held


@dataclass(slots=True)
class _Planned:
    calls: str
    fault: Fault
    after: int
    times: int
    body: dict[str, Any]


@dataclass(slots=True)
class _Limit:
    calls: str
    most: int
    seconds: float
    recent: dict[str, list[float]] = field(default_factory=dict)

    def seconds_to_wait(self, path: str) -> float:
        """Count a call, unless it is one too many: then say how long it is early."""
        now = time.monotonic()
        recent = [at for at in self.recent.get(path, ()) if at > now - self.seconds]
        self.recent[path] = recent
        if len(recent) >= self.most:
            return recent[0] + self.seconds - now
        recent.append(now)
        return 0.0


@dataclass(slots=True)
class Faults:
    """Which faults are still to come. The first that fits a call befalls it."""

    planned: list[_Planned] = field(default_factory=list)
    limits: list[_Limit] = field(default_factory=list)

    def limit(self, calls: str, most: int, seconds: float) -> None:
        """Answer 429 from now on when one path is called more often than this in so many seconds.

        Args:
            calls: Such as `POST /channels/*/messages`.
            most: How many go well.
            seconds: In this time.
        """
        self.limits.append(_Limit(calls, most, seconds))

    def add(
        self, calls: str, fault: Fault, *, times: int = 1, after: int = 0, **body: Any
    ) -> Fault:
        """Plan a fault.

        Args:
            calls: Such as `POST /channels/*/messages`; `*` for each.
            fault: What befalls them.
            times: How many calls it befalls; -1 for all from now on.
            after: How many calls go well before.
            body: Only calls whose body says this.
        """
        self.planned.append(_Planned(calls, fault, after, times, body))
        return fault

    def clear(self) -> None:
        """Let everything go well from now on."""
        self.planned.clear()
        self.limits.clear()

    def take(self, method: str, path: str, body: Any) -> Fault | None:
        """Give the fault that befalls this call."""
        said = body if isinstance(body, dict) else {}
        for planned in self.planned:
            if not planned.times or arguments_of(planned.calls, method, path) is None:
                continue
            if any(said.get(name) != value for name, value in planned.body.items()):
                continue
            if planned.after:
                planned.after -= 1
                continue
            planned.times -= 1
            return planned.fault
        for limit in self.limits:
            if arguments_of(limit.calls, method, path) is None:
                continue
            if wait := limit.seconds_to_wait(path):
                return RateLimited(math.ceil(wait * 1000) / 1000)
        return None
