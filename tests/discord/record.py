"""What the server saw and sent: every call, every connection, every dispatch."""

from dataclasses import dataclass, field
from typing import Any

from tests.discord.paths import arguments_of

JSON = dict[str, Any]


@dataclass(slots=True)
class Call:
    """One REST call that came in. Times are seconds since 1970."""

    method: str
    path: str
    """Below `/api/v10`, without the query."""
    body: Any
    params: dict[str, str]
    token: str
    at: float
    status: int = 0
    """HTTP status of the answer; 0 while there is none, or when none was sent."""
    answer: Any = None
    answered_at: float | None = None
    fault: str = ""
    """Name of the fault that befell it."""
    had_effect: bool = False
    """Whether it was carried out, whatever the caller was told."""
    retry_after: float | None = None
    """Seconds that the caller was told to wait."""

    def is_one_of(self, calls: str) -> bool:
        """Whether a pattern such as `POST /channels/*/messages` means it."""
        return arguments_of(calls, self.method, self.path) is not None


@dataclass(slots=True)
class Login:
    """One identify or resume of a client."""

    kind: str
    """`identify` or `resume`."""
    at: float
    session: str
    """The session's id; empty when it was refused."""
    shard: tuple[int, int] = (0, 1)
    intents: int = 0
    refused: str = ""
    """The close code, or `op 9`, when it was refused."""


@dataclass(slots=True)
class Dispatch:
    """One event, as one session got it."""

    name: str
    payload: JSON
    session: str
    sequence: int
    sent: int = 0
    """How often it went out: 0 while nobody was connected, 2 when it was replayed or repeated."""


@dataclass(slots=True)
class Record:
    """Everything that happened, in order."""

    calls: list[Call] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)
    lost: list[tuple[str, JSON]] = field(default_factory=list)
    """Events that reached no session: nobody was connected, or nobody may see them."""
    closed: list[int] = field(default_factory=list)
    """The code with which each connection ended; 1006 when it was cut."""
    gaps: list[str] = field(default_factory=list)
    """Calls and fields that nobody plays here. They were answered with 501."""

    def calls_of(self, calls: str) -> list[Call]:
        """Return the calls that a pattern means, such as `POST /channels/*/messages`."""
        return [call for call in self.calls if call.is_one_of(calls)]

    def events(self, name: str = "") -> list[Dispatch]:
        """Return the events of a name, such as `MESSAGE_CREATE`."""
        return [one for one in self.dispatches if name in {"", one.name}]

    def early_calls(self) -> list[Call]:
        """Return the calls that came before an earlier 429 of the same method and path was over."""
        limited = [call for call in self.calls if call.retry_after is not None]
        return [c for c in self.calls if any(_forbids(earlier, c) for earlier in limited)]


def _forbids(earlier: Call, call: Call) -> bool:
    told_at, seconds = earlier.answered_at, earlier.retry_after
    if told_at is None or seconds is None:
        return False
    same = (earlier.method, earlier.path) == (call.method, call.path)
    return same and told_at <= call.at < told_at + seconds
