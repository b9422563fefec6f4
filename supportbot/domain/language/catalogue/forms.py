"""A sentence of the catalogue, which may read differently with a number."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Forms:
    """A sentence in the forms that a number asks for; `{n}` is the number."""

    one: str
    other: str
    none: str = ""
    """For nothing at all, where that is said differently."""

    def of(self, number: int, category: str) -> str:
        """Return the form for a number, by the plural category that the language has for it."""
        if number == 0 and self.none:
            return self.none
        return self.one if category == "one" else self.other


Sentence: TypeAlias = str | Forms
