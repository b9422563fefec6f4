"""What a member has told the bot about being asked."""

from dataclasses import dataclass

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.availability import Availability


@dataclass(frozen=True, slots=True)
class Profile:
    """A member, with what they have chosen."""

    author: Author
    availability: Availability
