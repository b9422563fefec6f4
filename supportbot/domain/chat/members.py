"""Who says something: a person's identity on one platform."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Author:
    """Who said something: the platform, its id of the person, and the name people read."""

    platform: str
    user_id: str
    name: str
    roles: tuple[str, ...] = ()
    """What the platform says they are, such as `moderator`. The settings say what it means."""
    held_in: str = field(default="", compare=False)
    """The workspace in which they hold those roles; empty where that makes no difference."""
    is_outsider: bool = field(default=False, compare=False)
    """They are a guest, or of another organisation: they see what was said where they are."""

    @property
    def member_id(self) -> str:
        """Name the member; one person's identities on several platforms are joined later."""
        return f"{self.platform}:{self.user_id}"

    @classmethod
    def of(cls, member_id: str, name: str = "") -> "Author":
        """Return a member by the id; who has no name that is known is called by their user id."""
        platform, _, user_id = member_id.partition(":")
        return cls(platform, user_id, name or user_id)
