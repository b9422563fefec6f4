"""What can go wrong with calls on demand.

discord.faults.add("POST /channels/*/messages", RateLimited(0.2))          # the next call
discord.faults.add("POST /channels/*/messages", LostResponse(), after=3)   # the fourth from now
discord.faults.add("*", Status(503), times=5)                              # the next five of any
discord.faults.add("GET /channels/*", Refusal(403, 50001, "Missing Access"), times=-1)
"""

import math
from dataclasses import dataclass
from typing import Any

from tests.discord.paths import arguments_of
from tests.playing.troubles import Held, Limit, LostResponse, NotJson, Plan, Reset, Slow, Status


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


class Faults(Plan[Fault]):
    """Faults of calls, such as `POST /channels/*/messages`."""

    def limit(self, calls: str, most: int, seconds: float) -> None:
        """Answer 429 from now on when one path is called more often than this in so many seconds.

        Args:
            calls: Such as `POST /channels/*/messages`.
            most: How many go well.
            seconds: In this time.
        """
        self.limits.append(Limit(calls, most, seconds))

    def take(self, method: str, path: str, body: Any) -> Fault | None:
        """Return the fault that befalls this call."""

        def is_meant(calls: str) -> bool:
            return arguments_of(calls, method, path) is not None

        if (planned := self.next_for(is_meant, body if isinstance(body, dict) else {})) is not None:
            return planned
        wait = self.seconds_early(is_meant, lambda _limit: path)
        return RateLimited(math.ceil(wait * 1000) / 1000) if wait else None
