"""Large JSON files, read value by value: what is broken is named, what came before it counts."""

import codecs
import dataclasses
import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import ijson

from supportbot.domain.chat.bounds import LONGEST_NAME, LONGEST_TEXT
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.unicode import repaired
from supportbot.files.text import NOT_A_TEXT, encoding_of
from supportbot.importers.archives import BrokenFileError, Files, Problem

if TYPE_CHECKING:
    from datetime import datetime

MOST_OF_A_VALUE = 16_000_000
"""Bytes of one value, such as a message with everything in it. Large real ones have 100,000."""


@dataclass(slots=True)
class Passed:
    """What came up while an export was read, for the person who imports it."""

    rows: int = 0
    """Rows that are no messages."""
    empty: int = 0
    """Messages of people without any words or files."""
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    """What people and channels are called, by their ids, where the export has a list of them."""
    remarks: list[str] = dataclasses.field(default_factory=list)
    """What they should know, in sentences."""


def read_values(files: Files, name: str, prefix: str) -> Iterator[Any]:
    """Read the values at a path of a JSON file, in ijson's way of naming it.

    Where the file is broken, what came before is given, and `files.problems` says so.
    """
    try:
        with files.open(name) as file:
            yield from _values(files, name, _Watched(file), prefix)
    except BrokenFileError as error:
        files.problems.append(error.problem)


def read_heads(files: Files, name: str, wanted: Collection[str]) -> dict[str, object]:
    """Read the first value at each of some paths, and no further than needed.

    Where the file is broken, what came before is given, and `files.problems` says so.
    """
    found: dict[str, object] = {}
    try:
        with files.open(name) as file, _named(files, name):
            for path, event, value in ijson.parse(_Watched(file), use_float=True):
                if path in wanted and path not in found and event in _SCALARS:
                    found[path] = value
                if len(found) == len(wanted) or (path, event) == ("messages.item", "end_map"):
                    break
    except BrokenFileError as error:
        files.problems.append(error.problem)
    return found


def read_list(files: Files, name: str) -> list[dict[str, Any]] | None:
    """Read a file that is a list of objects; None when there is none of that name."""
    if name not in files.names:
        return None
    return [value for value in read_values(files, name, "item") if isinstance(value, dict)]


def words(value: object, limit: int = LONGEST_TEXT) -> str:
    """Return a text that can be stored, of at most so many characters; empty if it is no text."""
    if not isinstance(value, str):
        return ""
    return repaired(value[:limit]).replace("\0", "\ufffd")


def name_of(value: object) -> str:
    """Return an id or a name that can be stored; empty for what is none."""
    return words(value, LONGEST_NAME).strip()


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list; none when it is no list."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def field(value: object, name: str) -> Any:
    """Return a field of an object; None when it has none, or is no object."""
    return value.get(name) if isinstance(value, dict) else None


def texts(value: object) -> Iterable[str]:
    """Return the texts of a list; none when it is no list."""
    return (
        [name_of(one) for one in value if isinstance(one, str)] if isinstance(value, list) else ()
    )


def listed(names: Sequence[str]) -> str:
    """Name things in a sentence, and count those that would be too many."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


_MOST_NAMED = 20


def in_order(messages: Iterable[PastMessage]) -> Iterator[PastMessage]:
    """Put messages in the order of time, holding a bounded number of them."""
    waiting: list[tuple[datetime, str, int, PastMessage]] = []
    letters = 0
    for number, message in enumerate(messages):
        heapq.heappush(waiting, (message.said_at, message.place.channel, number, message))
        letters += len(message.text)
        while len(waiting) > _WAITING_MESSAGES or letters > _WAITING_LETTERS:
            first = heapq.heappop(waiting)[-1]
            letters -= len(first.text)
            yield first
    while waiting:
        yield heapq.heappop(waiting)[-1]


_WAITING_MESSAGES = 50_000
_WAITING_LETTERS = 20_000_000
"""How much is held to be put in order: more than any channel's day."""
_DEEPEST = 20_000
"""Brackets that are open at once; those within texts count too. 100,000 take the reader minutes."""
_SCALARS = {"string", "number"}
_BROKEN = (ijson.JSONError, ValueError, OverflowError, RecursionError)


class _Watched:
    """A file of which no single value may be too large to hold."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since = 0
        self._depth = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_utf8 = True

    def read(self, size: int = -1) -> bytes:
        if self._since > MOST_OF_A_VALUE:
            message = f"holds a value of more than {MOST_OF_A_VALUE:,} bytes"
            raise ValueError(message)
        data = self._recoded(size)
        self._since += len(data)
        self._depth += sum(data.count(sign) for sign in (b"[", b"{"))
        self._depth -= sum(data.count(sign) for sign in (b"]", b"}"))
        if self._depth > _DEEPEST:
            message = "is nested too deep"
            raise ValueError(message)
        return data

    def _recoded(self, size: int) -> bytes:
        """Read what the reader of JSON can read: UTF-8 without a mark."""
        data = self._file.read(size)
        if not size:
            # So the reader finds out whether these are bytes.
            return b""
        if self._decoder is None:
            encoding = encoding_of(data[:4])
            self._decoder = codecs.getincrementaldecoder(encoding)()
            self._is_utf8 = encoding == "utf-8-sig"
            data = data.removeprefix(codecs.BOM_UTF8) if self._is_utf8 else data
        if self._is_utf8:
            return data
        text = self._decoder.decode(data, final=not data)
        # Half a character is no end.
        return text.encode() if text or not data else self._recoded(size)

    def mark(self) -> None:
        self._since = self._depth = 0


def _values(files: Files, name: str, file: _Watched, prefix: str) -> Iterator[Any]:
    with _named(files, name):
        for value in ijson.items(file, prefix, use_float=True):
            file.mark()
            yield value


@contextmanager
def _named(files: Files, name: str) -> Iterator[None]:
    """Return which file it is that is no JSON."""
    try:
        yield
    except _BROKEN as error:
        if isinstance(error, UnicodeDecodeError) or "UTF8" in str(error):
            raise BrokenFileError(files.where, Problem(name, NOT_A_TEXT)) from error
        said = " ".join(str(error).split("\n", 1)[0].split())[:100]
        reason = f"is no JSON from some point on ({said}). Fetch it again."
        raise BrokenFileError(files.where, Problem(name, reason)) from error
