"""A folder in BEIR's layout: corpus, queries, and what is relevant to what.

Source: Thakur et al. 2021, "BEIR", whose files are `corpus.jsonl`, `queries.jsonl` (either may
be gzipped) and `qrels/SPLIT.tsv`. Ours may have `candidates/SPLIT.tsv` and `pack.json` as well.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from supportbot.domain.documents import Document
from supportbot.domain.unicode import repaired
from supportbot.errors import SupportbotError


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a corpus or of the queries."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, object]


def source_of(folder: Path) -> str:
    """Name the source that a pack's documents belong to."""
    return f"beir:{folder.resolve().name}"


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
            url=str(record.metadata.get("url") or ""),
            author=str(record.metadata.get("author") or ""),
        )


def read_records(folder: Path, name: str) -> Iterator[Record]:
    """Read `NAME.jsonl` or `NAME.jsonl.gz` line by line.

    Raises:
        SupportbotError: The file is missing or broken.
    """
    path = _find(folder, name)
    number = 0
    with _opened(path) as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read_record(line, path, number)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            message = f"{path}:{number + 1}: the file is broken here ({error}). Fetch it again."
            raise SupportbotError(message) from error


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read a table of query id, corpus id and a whole number: `qrels` or `candidates`.

    Raises:
        SupportbotError: The file is missing or broken.
    """
    judgements: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            try:
                next(rows, None)
                for row in filter(None, rows):
                    query_id, corpus_id, value = row
                    judgements.setdefault(query_id, {})[corpus_id] = int(value)
            except (ValueError, csv.Error) as error:
                # A line that cannot be decoded was not counted.
                line = rows.line_num + isinstance(error, UnicodeDecodeError)
                message = f"{path}:{line}: expected query-id, corpus-id and a number, with tabs."
                raise SupportbotError(message) from error
    except FileNotFoundError as error:
        raise SupportbotError(_no_such_split(path)) from error
    return judgements


def read_settings(folder: Path) -> Mapping[str, object]:
    """Read `pack.json`, empty when there is none.

    Raises:
        SupportbotError: It is not a JSON object.
    """
    path = folder / "pack.json"
    if not path.exists():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        message = f"{path}: not JSON ({error})."
        raise SupportbotError(message) from error
    if not isinstance(settings, dict):
        message = f'{path}: expected an object such as {{"as_of": "ts"}}.'
        raise SupportbotError(message)
    return settings


def moment_of(record: Record, key: str) -> datetime | None:
    """Give the moment in a record's metadata: seconds since 1970, or ISO 8601."""
    value = record.metadata.get(key)
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _find(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"):
        if path.is_file():
            return path
    message = (
        f"{folder} has no {name}.jsonl or {name}.jsonl.gz. "
        "A BEIR folder has a corpus, queries, and a folder qrels."
    )
    raise SupportbotError(message)


def _read_record(line: str, path: Path, number: int) -> Record:
    try:
        fields = json.loads(line)
        metadata = fields.get("metadata") or {}
        if not isinstance(metadata, dict):
            metadata = {}
        return Record(
            id=str(fields["_id"]),
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


def _no_such_split(path: Path) -> str:
    there = sorted(other.stem for other in path.parent.glob("*.tsv"))
    known = f"There are: {', '.join(there)}." if there else "The folder has none."
    return f"There is no split '{path.stem}' in {path.parent}. {known}"
