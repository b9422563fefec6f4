"""Documents that take in others: `[!INCLUDE [words](path)]`. Pure but for what reads them."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from supportbot.importers.prose import Prose

_INCLUDE = re.compile(
    r"\[!INCLUDE\s{0,9}(?:\[[^\[\]\n]*\])?\s{0,9}\(\s{0,9}<?([^()<>\s\"]+)[^()\n]*\)\s{0,9}\]",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"[ \t>]*(?:{_INCLUDE.pattern}[ \t]*)+", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]*:|[/#\ufdd0~]")
_BEFORE = re.compile(r"[ \t>]*")
_ADDRESS = re.compile(r"(\]\(\s*<?|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<?)([^\s()<>]+)", re.MULTILINE)
_DEEPEST = 5
MOST = 200_000
"""Characters that a document takes in from others. A real page of 1,900 takes in 11,000."""

Read = Callable[[str], str | None]
"""Reads the text of another document by its path from the folder; None where there is no such."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A text with what it takes in."""

    text: str
    lines: tuple[int, ...]
    """For each line of it the line, from 1, in which it stands, or which took it in."""
    taken_in: frozenset[int] = frozenset()
    """Lines of it, from 1, that others alone wrote."""
    addresses: frozenset[str] = frozenset()
    """Where the links of what it takes in lead."""


def with_includes(text: str, path: str, read: Read) -> Whole:
    """Put the texts of others where a document takes them in; what cannot be read is left out.

    Args:
        text: Of the document.
        path: From the folder, with slashes.
        read: Reads another document.
    """
    including = _Including(read)
    whole = including.whole(text, (path,))
    return replace(whole, addresses=frozenset(including.addresses))


def targets_of(text: str, path: str) -> frozenset[str]:
    """Find the paths, from the folder, of what a document takes in."""
    return frozenset(_path_from(path, found[1]) for found in _INCLUDE.finditer(text))


def _path_from(path: str, address: str) -> str:
    target = unquote(urlsplit(address).path)
    target = target.removeprefix("~") if target.startswith("~/") else target
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


class _Including:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = MOST
        self.addresses: set[str] = set()

    def whole(self, text: str, paths: tuple[str, ...]) -> Whole:
        if "[!include" not in text.lower():
            return Whole(text, tuple(range(1, text.count("\n") + 2)))
        prose = Prose(text)
        shown: list[str] = []
        numbers: list[int] = []
        taken_in: set[int] = set()
        for number, line in enumerate(prose.text.split("\n"), 1):
            full = self._line(line, paths) if "[!" in line else line
            shown.append(full)
            count = full.count("\n") + 1
            if _ALONE.fullmatch(line):
                taken_in.update(range(len(numbers) + 1, len(numbers) + count + 1))
            numbers.extend([number] * count)
        return Whole(prose.whole("\n".join(shown)), tuple(numbers), frozenset(taken_in))

    def _line(self, line: str, paths: tuple[str, ...]) -> str:
        def taken_in(found: re.Match[str]) -> str:
            text = self._included(found[1], paths)
            before = _BEFORE.match(line)
            return text.replace("\n", f"\n{before[0] if before else ''}")

        return _INCLUDE.sub(taken_in, line)

    def _included(self, address: str, paths: tuple[str, ...]) -> str:
        path = _path_from(paths[-1], address)
        if path in paths or len(paths) > _DEEPEST or path.startswith(".."):
            return ""
        text = self._read(path) or ""
        if len(text) > self._left:
            return ""
        self._left -= len(text)
        whole = self.whole(text.strip(), (*paths, path)).text
        here, there = posixpath.dirname(paths[-1]), posixpath.dirname(path)
        return self._with_addresses_from(whole, there, here) if "](" in whole else whole

    def _with_addresses_from(self, text: str, there: str, here: str) -> str:
        """Let the links of an included text lead to where they led from its own place."""
        way = posixpath.relpath(there or ".", here or ".")

        def moved(found: re.Match[str]) -> str:
            before, address = found.groups()
            if not _ELSEWHERE.match(address) and there != here:
                path, mark, fragment = address.partition("#")
                address = f"{posixpath.normpath(posixpath.join(way, path))}{mark}{fragment}"
            self.addresses.add(unquote(address))
            return f"{before}{address}"

        prose = Prose(text)
        return prose.whole(_ADDRESS.sub(moved, prose.text))
