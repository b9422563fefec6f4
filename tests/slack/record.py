"""What happened, for a test to ask: each call and its answer, each delivery and its receipt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.slack.model import JSON


@dataclass(slots=True)
class Call:
    """One call that came in. Times are seconds since 1970."""

    method: str
    arguments: JSON
    token: str
    at: float
    status: int = 0
    """HTTP status of the answer; 0 while there is none, or when none was sent."""
    answer: Any = None
    answered_at: float | None = None
    fault: str = ""
    """Name of the fault that befell it."""
    had_effect: bool = False
    """Whether the method was carried out, whatever the caller was told."""
    retry_after: float | None = None
    """Seconds that the caller was told to wait."""


@dataclass(slots=True)
class Attempt:
    """One time that something was sent to the app."""

    at: float
    to: str
    """Name of the socket or address; empty when nobody was there."""
    retry: int
    reason: str
    """Why it was sent again; empty for the first time."""
    envelope_id: str = ""
    acknowledged_at: float | None = None
    status: int = 0
    """HTTP status, in HTTP mode."""
    failure: str = ""

    @property
    def took(self) -> float | None:
        """Seconds until it was acknowledged."""
        return None if self.acknowledged_at is None else self.acknowledged_at - self.at


@dataclass(slots=True)
class Delivery:
    """One event, command or action, with every attempt to deliver it."""

    id: str
    kind: str
    """`events_api`, `slash_commands` or `interactive`."""
    payload: JSON
    attempts: list[Attempt] = field(default_factory=list)
    response: Any = None
    """What the app sent back with its acknowledgement."""
    is_over: bool = False

    @property
    def acknowledged_at(self) -> float | None:
        """Time of the first acknowledgement, if there was one."""
        times = [a.acknowledged_at for a in self.attempts if a.acknowledged_at is not None]
        return min(times, default=None)

    @property
    def was_acknowledged(self) -> bool:
        return self.acknowledged_at is not None

    @property
    def event(self) -> JSON:
        event: JSON = self.payload.get("event", {})
        return event


@dataclass(slots=True)
class Record:
    """Everything that happened, in order."""

    calls: list[Call] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def events(self, kind: str = "", subtype: str | None = None) -> list[Delivery]:
        """Return the events of a kind (`message`), and of a subtype if one is named."""
        return [
            delivery
            for delivery in self.deliveries
            if delivery.kind == "events_api"
            and kind in {"", delivery.event.get("type")}
            and subtype in {None, delivery.event.get("subtype", "")}
        ]

    def early_calls(self, *, by: str = "") -> list[Call]:
        """Return the calls that came before an earlier 429 of the same method and token was over.

        Args:
            by: An argument that must be the same too, like `channel`.
        """
        limited = [call for call in self.calls if call.retry_after is not None]
        return [c for c in self.calls if any(_forbids(earlier, c, by) for earlier in limited)]

    def late_deliveries(self, seconds: float = 3.0) -> list[Delivery]:
        """Return what was not acknowledged in time at some attempt that reached the app."""
        return [d for d in self.deliveries if any(_is_late(d.attempts, seconds))]


def _forbids(earlier: Call, call: Call, by: str) -> bool:
    told_at, seconds = earlier.answered_at, earlier.retry_after
    if told_at is None or seconds is None:
        return False
    return (
        (earlier.method, earlier.token) == (call.method, call.token)
        and earlier.arguments.get(by) == call.arguments.get(by)
        and told_at <= call.at < told_at + seconds
    )


def _is_late(attempts: Iterable[Attempt], seconds: float) -> Iterable[bool]:
    return (a.took is None or a.took > seconds for a in attempts if a.to)
