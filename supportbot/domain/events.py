"""What happens on a platform, in the core's words. Adapters make these, handlers take them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from supportbot.domain.places import Place


@dataclass(frozen=True, slots=True)
class Author:
    """Who said something: the platform, its id of the person, and the name people read."""

    platform: str
    user_id: str
    name: str

    @property
    def member_id(self) -> str:
        """Name the member; one person's identities on several platforms are joined later."""
        return f"{self.platform}:{self.user_id}"


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody wrote a message. `event_id` is the same however often it is delivered."""

    event_id: str
    place: Place
    message_id: str
    author: Author
    text: str
    posted_at: datetime
    url: str = ""
    is_addressed: bool = False
    """The bot was mentioned or written to directly."""
    kind: Literal["message_posted"] = "message_posted"


@dataclass(frozen=True, slots=True)
class AnswerAccepted:
    """Somebody pressed "This solved it" in a question's thread."""

    event_id: str
    place: Place
    author: Author
    accepted_at: datetime
    kind: Literal["answer_accepted"] = "answer_accepted"


Event = MessagePosted | AnswerAccepted
