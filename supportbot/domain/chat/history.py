"""What was said before the bot came, as a platform's export tells it."""

from dataclasses import dataclass
from datetime import datetime

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place


@dataclass(frozen=True, slots=True)
class PastMessage:
    """One message of an export.

    `place.thread` is the id of the thread's first message, also for that first message itself;
    None where the platform marked no thread.
    """

    place: Place
    message_id: str
    author: Author
    text: str
    said_at: datetime
    url: str = ""
    channel_name: str = ""
    """What people call the channel."""
    reply_to: str = ""
    """Id of the message that this one replies to, where the platform says so."""
    mentions: tuple[str, ...] = ()
    """User ids of the people whom it mentions."""
    is_bot: bool = False
    has_left: bool = False
    """Whether its author has left the workspace since."""
    approved_by: tuple[str, ...] = ()
    """User ids of those who marked it as what solved the question, with ✅ or the like."""
    refused_by: tuple[str, ...] = ()
    """User ids of those who marked it as wrong, with ❌, 👎 or the like."""

    @property
    def key(self) -> str:
        """Name the message within its community, as events do."""
        return self.place.message_key(self.message_id)

    @property
    def is_first(self) -> bool:
        """Whether it opens its thread, or stands outside any."""
        return self.place.thread in {None, self.message_id}
