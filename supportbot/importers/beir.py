"""A folder in BEIR's layout: corpus, queries, and what is relevant to what.

Source: Thakur et al. 2021, "BEIR", whose files are `corpus.jsonl`, `queries.jsonl` (either may
be gzipped) and `qrels/SPLIT.tsv`. Ours may have `candidates/SPLIT.tsv` and `pack.json` as well.
The folder may be a zip, as BEIR's are when they are fetched.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from supportbot.domain.chat.unicode import repaired
from supportbot.domain.knowledge.documents import Document
from supportbot.errors import SupportbotError
from supportbot.files.text import NOT_A_TEXT, encoding_of
from supportbot.importers.archives import Files, Limits, open_folder

_LONGEST_LINE = 4_000_000
"""Characters of a line: four times the longest text that is read from anywhere."""
_DEEPEST = 100
_TABLE = Limits(file_bytes=200_000_000)
"""A table is held in memory."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a corpus or of the queries."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, object]


def source_of(folder: Path) -> str:
    """Name the source that a pack's documents belong to; a zip has the name of its folder."""
    path = folder.resolve()
    return f"beir:{path.stem if _is_zip(path) else path.name}"


def read_documents(folder: Path) -> Iterator[Document]:
    """Read a pack's corpus: each thread is a past question, with its first answer if it has one.

    Raises:
        SupportbotError: A file is missing or broken; it says which, and the line.
    """
    source = source_of(folder)
    for record in read_records(folder, "corpus"):
        answers = record.metadata.get("answers")
        listed = answers if isinstance(answers, list) else []
        said = [repaired(answer) for answer in listed if isinstance(answer, str)]
        question = "\n".join(part for part in (record.title, record.text) if part)
        if not question.strip():
            continue
        yield Document(
            source=source,
            key=record.id,
            title=record.title or record.text.strip().splitlines()[0][:80],
            body=next(iter(said), record.text or record.title),
            asked=(question,),
            said_at=moment_of(record, "ts"),
            url=_words(record, "url"),
            author=_words(record, "author"),
        )


def read_records(folder: Path, name: str) -> Iterator[Record]:
    """Read `NAME.jsonl` or `NAME.jsonl.gz` line by line.

    Raises:
        SupportbotError: The file is missing or broken.
    """
    number = 0
    with _opened(folder, (f"{name}.jsonl", f"{name}.jsonl.gz")) as file:
        if file is None:
            message = (
                f"{folder} has no {name}.jsonl or {name}.jsonl.gz. "
                "A BEIR folder has a corpus, queries, and a folder qrels."
            )
            raise SupportbotError(message)
        try:
            for number, line in enumerate(_lines(file), 1):
                if line.strip():
                    yield _read_record(line, file.path, number)
        except UnicodeDecodeError as error:
            message = f"{file.path}:{number + 1}: {NOT_A_TEXT}"
            raise SupportbotError(message) from error
        except (OSError, EOFError, zlib.error) as error:
            message = (
                f"{file.path}:{number + 1}: the file is broken here ({error}). Fetch it again."
            )
            raise SupportbotError(message) from error


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read a table of query id, corpus id and a whole number: `qrels` or `candidates`.

    The first line may name the columns. TREC's tables have a column more after the query's id.

    Args:
        path: Where the table is; the pack that it is in may be a zip.

    Raises:
        SupportbotError: The file is missing or broken.
    """
    judgements: dict[str, dict[str, int]] = {}
    with _opened(path.parent.parent, (f"{path.parent.name}/{path.name}",), _TABLE) as file:
        if file is None:
            raise SupportbotError(_no_such_split(path))
        rows = csv.reader(_lines(file), delimiter="\t", quoting=csv.QUOTE_NONE)
        try:
            for number, row in enumerate(filter(None, rows)):
                if number == 0 and not _is_number(row[-1]):
                    # The names of the columns, which some tables lack.
                    continue
                query_id, corpus_id, value = _judgement(row)
                judgements.setdefault(query_id, {})[corpus_id] = value
        except UnicodeDecodeError as error:
            # The line was not counted.
            message = f"{file.path}:{rows.line_num + 1}: {NOT_A_TEXT}"
            raise SupportbotError(message) from error
        except (ValueError, csv.Error) as error:
            message = (
                f"{file.path}:{rows.line_num}: expected query-id, corpus-id and a whole number, "
                "with tabs."
            )
            raise SupportbotError(message) from error
    return judgements


def _judgement(row: Sequence[str]) -> tuple[str, str, int]:
    """Read a row: three columns, or TREC's four, which may be told apart by spaces."""
    cells = row[0].split() if len(row) == 1 else [cell.strip() for cell in row]
    query_id, *iteration, corpus_id, value = cells
    if len(iteration) > 1 or not query_id or not corpus_id or not float(value).is_integer():
        message = "not a judgement"
        raise ValueError(message)
    return query_id, corpus_id, int(float(value))


def _is_number(cell: str) -> bool:
    try:
        float(cell.rsplit(maxsplit=1)[-1])
    except (ValueError, IndexError):
        return False
    return True


def read_settings(folder: Path) -> Mapping[str, object]:
    """Read `pack.json`, empty when there is none.

    Raises:
        SupportbotError: It is not a JSON object.
    """
    with _opened(folder, ("pack.json",)) as file:
        if file is None:
            return {}
        try:
            settings = json.loads(file.text().read(_LONGEST_LINE))
        except (ValueError, RecursionError) as error:
            message = f"{file.path}: not JSON ({error})."
            raise SupportbotError(message) from error
    if not isinstance(settings, dict):
        message = f'{file.path}: expected an object such as {{"as_of": "ts"}}.'
        raise SupportbotError(message)
    return settings


def moment_of(record: Record, key: str) -> datetime | None:
    """Return the moment in a record's metadata: seconds since 1970, or ISO 8601."""
    value = record.metadata.get(key)
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            # In the first and last hours of the calendar, another time zone has no such moment.
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a pack. The path is for people: within a zip it is none of the system's."""

    path: Path
    stream: gzip.GzipFile | io.BufferedReader | BinaryIO

    def text(self) -> TextIO:
        """Begin to read it as the text that it is."""
        head = self.stream.read(4)
        whole = io.BufferedReader(_Rejoined(head, self.stream))
        return io.TextIOWrapper(whole, encoding=encoding_of(head), newline="")


@contextmanager
def _opened(
    folder: Path, names: Sequence[str], limits: Limits | None = None
) -> Iterator[_File | None]:
    """Open the first of the files that a pack has; None when it has none of them."""
    if not _is_zip(folder):
        path = next((folder / name for name in names if (folder / name).is_file()), None)
        if path is None:
            yield None
            return
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield _File(path, stream)
        return
    with open_folder(folder, limits=limits or Limits()) as files:
        found = next((there for name in names if (there := _within(files, name))), None)
        if found is None:
            yield None
            return
        with files.open(found, gunzip=found.endswith(".gz")) as stream:
            yield _File(folder / found, stream)


class _Rejoined(io.RawIOBase):
    """A stream, with what was read of it to look at it."""

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # What can be read before a damage is read: `read` would lose it.
        data, self._head = self._head or self._rest.read1(len(buffer)), b""
        buffer[: len(data)] = data
        return len(data)


def _words(record: Record, key: str) -> str:
    value = record.metadata.get(key)
    return repaired(str(value or ""))


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()


def _within(files: Files, name: str) -> str | None:
    """Find a file of a pack in a zip: at its top, or in the folder that the zip is of."""
    if name in files.names:
        return name
    inside = [there for there in files.names if there.partition("/")[2] == name]
    ours = [there for there in inside if not there.startswith("__MACOSX/")]
    return ours[0] if len(ours) == 1 else None


def _lines(file: _File) -> Iterator[str]:
    """Read line by line, and never more of a line than memory can hold."""
    number, text = 0, file.text()
    while line := text.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            message = (
                f"{file.path}:{number}: the line has more than {_LONGEST_LINE:,} characters. "
                "Cut it."
            )
            raise SupportbotError(message)
        yield line


def _read_record(line: str, path: Path, number: int) -> Record:
    try:
        fields = json.loads(line)
        _refuse_depth(line, fields)
        metadata = fields.get("metadata") or {}
        if not isinstance(metadata, dict):
            metadata = {}
        return Record(
            id=repaired(str(fields["_id"])),
            title=repaired(str(fields.get("title") or "")),
            text=repaired(str(fields.get("text") or "")),
            metadata=metadata,
        )
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        message = (
            f"{path}:{number}: expected a JSON object with _id and text "
            f"({type(error).__name__}: {error})."
        )
        raise SupportbotError(message) from error


def _refuse_depth(line: str, value: object) -> None:
    """Refuse lists of lists of lists …: whoever walks down there runs out of stack."""
    if line.count("[") + line.count("{") <= _DEEPEST:
        return
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for parent in level for child in _children(parent)]
    if level:
        message = f"nested more than {_DEEPEST} deep"
        raise ValueError(message)


def _children(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_such_split(path: Path) -> str:
    there = sorted(other.stem for other in path.parent.glob("*.tsv"))
    known = f"There are: {', '.join(there)}." if there else "The folder has none."
    return f"There is no split '{path.stem}' in {path.parent}. {known}"
