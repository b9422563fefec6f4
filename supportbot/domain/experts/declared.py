"""Who is said to know about something: by the settings, or by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from supportbot.domain.chat.members import Author


@dataclass(frozen=True, slots=True)
class Declared:
    """A person of whom it was said what they know about: in the settings, or by themselves."""

    name: str
    topics: tuple[str, ...]
    member_ids: tuple[str, ...]
    """One on each platform where they are."""

    def author_on(self, platform: str) -> Author | None:
        """Return the person on a platform; None when they are not there."""
        for member_id in self.member_ids:
            author = Author.of(member_id, self.name)
            if author.platform == platform:
                return author
        return None


def owner_on(experts: Iterable[Declared], owner: str, platform: str) -> Author | None:
    """Return the member whom a document's `owner` means: an expert's name, or a platform's id.

    A name that several experts share means nobody.
    """
    called = [expert for expert in experts if expert.name.casefold() == owner.casefold()]
    if len(called) == 1:
        return called[0].author_on(platform)
    member = Author.of(owner)
    return member if member.platform == platform and member.user_id else None
