"""Who is who: people who are known on several platforms, and have said so."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from supportbot.domain.chat.members import Author

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What codes are made of: nothing that is read as something else."""
CODE_LENGTH = 8
VALID_FOR = timedelta(minutes=15)
"""How long a code may be typed on the other side."""


@dataclass(frozen=True, slots=True)
class Persons:
    """The identities that belong together. Whoever has one only is not named here."""

    _members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each member id, all that the same person has, in the order of the ids."""

    @classmethod
    def of(cls, joined: Iterable[Iterable[str]]) -> "Persons":
        """Return the persons who have these member ids."""
        groups = [tuple(sorted(ids)) for ids in joined]
        return cls({member_id: group for group in groups for member_id in group})

    def members(self, member_id: str) -> tuple[str, ...]:
        """Return all member ids of a person, in their order."""
        return self._members.get(member_id, (member_id,))

    def person(self, member_id: str) -> str:
        """Return the same id for all that a person has: it is one of them."""
        return self.members(member_id)[0]

    def on(self, platform: str, member_id: str) -> str:
        """Return the member id of a person on a platform; empty where they are not there."""
        here = (one for one in self.members(member_id) if Author.of(one).platform == platform)
        return next(here, "")


def normalised(code: str) -> str:
    """Read a code as it was meant, however it was typed."""
    return "".join(letter for letter in code.upper() if letter in LETTERS)


def shown(code: str) -> str:
    """Write a code so that it is typed without an error: `ABCD-EFGH`."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def hashed(code: str) -> str:
    """Return what is kept of a code: who reads the database cannot type it."""
    return hashlib.sha256(normalised(code).encode()).hexdigest()
