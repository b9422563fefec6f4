"""The bot's own sentences, built from parts: its words, and what is somebody else's within them.

Names, topics and addresses come from people. They stand in a sentence as parts of their own, so
that each platform can show them as what they are, and nothing in them is obeyed. Only a `Mention`
may notify somebody.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import TypeAlias

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.unicode import neutralised, repaired

LONGEST_NAME = 80
"""Characters of a name within a sentence."""
NAMELESS = "…"
"""What is shown where a name has nothing that can be seen."""


@dataclass(frozen=True, slots=True)
class Words:
    """The bot's own words."""

    words: str


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called, or what they typed: shown, and never obeyed."""

    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is notified."""

    author: Author


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Room:
    """A channel, by its platform's id: a client shows what it is called to those who may see it."""

    platform: str
    channel: str


Part: TypeAlias = Words | Name | Mention | Link | Room


@dataclass(frozen=True, slots=True)
class Text:
    """Parts that read as one text."""

    parts: tuple[Part, ...] = ()

    def __str__(self) -> str:
        """Return it as plain words."""
        return "".join(map(_plain, self.parts))

    def __bool__(self) -> bool:
        """Whether there is anything to read."""
        return any(map(_plain, self.parts))

    def __contains__(self, words: str) -> bool:
        """Whether somebody can read these words in it."""
        return words in str(self)


Said: TypeAlias = str | Text
"""What the bot says. A plain string is its own words, and nothing else."""
Value: TypeAlias = str | int | Part | Text
"""What may stand in the place of a placeholder."""


def fill(template: str, **values: Value) -> Said:
    """Put values in the places that a sentence names, such as `{asker} asks:`.

    What is in a value is not looked at again: braces in a name are braces.

    Raises:
        KeyError: A value is missing.
    """
    parts: list[Part] = []
    for words, name, _, _ in Formatter().parse(template):
        parts.append(Words(words))
        if name is not None:
            parts.extend(parts_in(values[name]))
    return _text_of(parts)


def joined(*said: Said, between: str = " ") -> Said:
    """Return texts as one; empty ones are left out."""
    parts: list[Part] = []
    for one in said:
        if not one:
            continue
        if parts:
            parts.append(Words(between))
        parts.extend(parts_in(one))
    return _text_of(parts)


def parts_in(value: Value) -> tuple[Part, ...]:
    """Return the parts of whatever can stand in a sentence."""
    match value:
        case Text(parts):
            return parts
        case Words() | Name() | Mention() | Link() | Room():
            return (value,)
        case _:
            return (Words(str(value)),)


def mentioned_in(*said: Said) -> tuple[Author, ...]:
    """Return those whom texts may notify, each once."""
    parts = (part for one in said for part in parts_in(one))
    return tuple(dict.fromkeys(part.author for part in parts if isinstance(part, Mention)))


def unmentioned(said: Said, member_ids: Collection[str]) -> Said:
    """Return a text that still names these members, and does not notify them."""
    if isinstance(said, str):
        return said
    return Text(
        tuple(
            Name(part.author.name)
            if isinstance(part, Mention) and part.author.member_id in member_ids
            else part
            for part in said.parts
        )
    )


def with_links(said: Said, url: str) -> Said:
    """Return a text whose links without an address lead to this one; to none, they are words."""
    return _text_of(
        [
            (Link(part.label, url) if url else Words(part.label))
            if isinstance(part, Link) and not part.url
            else part
            for part in parts_in(said)
        ]
    )


def shown_name(name: str) -> str:
    """Return a name in one line of a bearable length, without what cannot be seen."""
    line = " ".join(neutralised(repaired(name[: LONGEST_NAME * 4])).split())
    seen = "".join(_without_hidden(line)).strip()
    if not any(map(_is_visible, seen)):
        return NAMELESS
    return seen if len(seen) <= LONGEST_NAME else f"{seen[: LONGEST_NAME - 1]}…"


def unlinked(text: str) -> str:
    """Return a text in which no client finds an address to link: shown the same, and not live."""
    return _ADDRESS.sub("\\g<0>\u200b", text)


_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:(?=//)|(?<=\w)[.](?=[^\W\d_]{2,})", re.IGNORECASE)
"""After the colon of a scheme, and after each dot that could be one of a domain."""
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that look like nothing."""
_MOST_MARKS = 2


def _plain(part: Part) -> str:
    match part:
        case Words(words):
            return words
        case Name(name):
            return name
        case Mention(author):
            return author.name
        case Link(label, _):
            return label
        case Room(_, channel):
            return f"#{channel}"


def _text_of(parts: list[Part]) -> Said:
    """Join neighbouring words; a text of words alone is a plain string."""
    kept: list[Part] = []
    for part in parts:
        if isinstance(part, Words) and kept and isinstance(kept[-1], Words):
            kept[-1] = Words(kept[-1].words + part.words)
        elif not isinstance(part, Words) or part.words:
            kept.append(part)
    if all(isinstance(part, Words) for part in kept):
        return "".join(map(_plain, kept))
    return Text(tuple(kept))


def _without_hidden(line: str) -> Iterator[str]:
    marks = 0
    for character in line:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category not in {"Cc", "Cf", "Cn", "Cs"} and marks <= _MOST_MARKS:
            yield character


def _is_visible(character: str) -> bool:
    is_mark = unicodedata.category(character)[0] in {"M", "Z"}
    return not is_mark and character not in _BLANKS
