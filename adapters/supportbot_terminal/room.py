"""The chat platform behind the terminal: a transcript file that only grows."""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock


@dataclass(frozen=True, slots=True)
class Entry:
    """One complete line of the transcript. Its number, from 1, is its id."""

    number: int
    fields: Mapping[str, Any]


def read_entry(number: int, line: bytes) -> Entry:
    """Read a line of a transcript; one that no room has written has no fields."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = {}
    return Entry(number, fields if isinstance(fields, dict) else {})


class Room:
    """A channel kept as JSON lines. Several processes may append to it at once.

    One writes at a time. What a killed writer left of a line is passed over.
    """

    def __init__(self, path: Path) -> None:
        """Open the room, or make it."""
        self._path = path
        self._appending = FileLock(path.with_name(f"{path.name}.lock"))
        if not path.exists() or self._find_id() is None:
            self.append({"room": uuid.uuid4().hex[:12]})
        self.id = str(self._find_id())

    def append(self, fields: Mapping[str, Any]) -> None:
        """Write one line, safe on the disk when this returns."""
        line = json.dumps(fields, ensure_ascii=True).encode() + b"\n"
        with self._appending, self._path.open("ab+", buffering=0) as file:
            if file.tell() and not self._ends_with_newline():
                line = b"\n" + line
            while line:
                # A disk that fills up takes a part first, and refuses the rest only then.
                line = line[file.write(line) or 0 :]
            os.fsync(file.fileno())

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Read the complete lines whose number is greater."""
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number > after and line.endswith(b"\n"):
                    yield read_entry(number, line)

    def size(self) -> int:
        """Return the bytes written so far."""
        return self._path.stat().st_size

    def find_message(self, message_id: str) -> int | None:
        """Return the number of the bot's message with this id, if it was said already."""
        for entry in self.entries():
            if entry.fields.get("message_id") == message_id:
                return entry.number
        return None

    def _find_id(self) -> str | None:
        ids = (entry.fields.get("room") for entry in self.entries())
        return next((id_ for id_ in ids if isinstance(id_, str)), None)

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
