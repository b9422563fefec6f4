"""Nonces: a message that is posted again under the same one is the message that there is.

https://discord.com/developers/docs/resources/message#create-message: with `enforce_nonce` one is
looked for among those that the author used "in the past few minutes". simcord ignores both.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.discord.clock import ServerClock
from tests.discord.refusing import refuse_form

LONGEST = 25
"""Characters."""


@dataclass(slots=True)
class Nonces:
    """Which message was posted by the bot under which nonce.

    Attributes:
        remembered: How long a nonce is.
    """

    clock: ServerClock
    remembered: timedelta = timedelta(minutes=5)
    used: dict[str, tuple[datetime, int, int]] = field(default_factory=dict)
    """The time, the channel's id and the message's."""
    current: str = ""
    """The nonce of the message that is being posted, before it has an id."""
    _of_messages: dict[str, str] = field(default_factory=dict)

    def check(self, nonce: object) -> str:
        """Return a nonce as a string."""
        if not isinstance(nonce, str | int) or len(str(nonce)) > LONGEST:
            refuse_form("nonce: Must be 25 or fewer in length.")
        return str(nonce)

    def find(self, nonce: str) -> tuple[int, int] | None:
        """Find the channel and the message that it was used for."""
        at, channel_id, message_id = self.used.get(nonce, (None, 0, 0))
        if at is None or self.clock.now() - at > self.remembered:
            return None
        return channel_id, message_id

    def keep(self, nonce: str, channel_id: int, message_id: int) -> None:
        """Remember what was posted."""
        self.used[nonce] = self.clock.now(), channel_id, message_id
        self._of_messages[str(message_id)] = nonce

    def of_message(self, message_id: str) -> str:
        """Return the nonce of a message, also of the one that is being posted."""
        return self.current or self._of_messages.get(message_id, "")
