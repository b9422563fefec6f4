"""What can go wrong on demand.

slack.faults.add("chat.postMessage", RateLimited(2))          # the next call
slack.faults.add("chat.postMessage", LostResponse(), after=3) # the fourth call from now
slack.faults.add("*", Status(503), times=5)                   # the next five of any method
"""

import math
from dataclasses import dataclass, field

from tests.playing.troubles import Held, Limit, LostResponse, NotJson, Plan, Reset, Slow, Status
from tests.slack.model import JSON


@dataclass(frozen=True, slots=True)
class RateLimited:
    """429. The header is sent as it is given, so that it may be nonsense; None leaves it out."""

    retry_after: float | str | None = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """`{"ok": false, "error": …}` without an effect."""

    error: str
    more: JSON = field(default_factory=dict)


Fault = RateLimited | Status | NotJson | LostResponse | Reset | Slow | Held | Refusal


class Faults(Plan[Fault]):
    """Faults of methods, such as `chat.postMessage`, and `response_url` for those."""

    def limit(self, method: str, calls: int, seconds: float, *, by: str = "") -> None:
        """Answer 429 from now on when there are more calls than this in so many seconds.

        Args:
            method: Such as `chat.postMessage`, or `*` for each.
            calls: How many go well.
            seconds: In this time.
            by: The argument that each value has a limit of its own for, like `channel`.
        """
        self.limits.append(Limit(method, calls, seconds, by))

    def take(self, method: str, arguments: JSON) -> Fault | None:
        """Return the fault that befalls this call."""

        def is_meant(calls: str) -> bool:
            return calls in {"*", method}

        if (planned := self.next_for(is_meant, arguments)) is not None:
            return planned
        wait = self.seconds_early(is_meant, lambda limit: str(arguments.get(limit.by, "")))
        return RateLimited(math.ceil(wait)) if wait else None
