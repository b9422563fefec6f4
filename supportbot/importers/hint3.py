"""HINT3's tables: what people typed to customer-support bots, and what each of them wanted.

Source: Arora et al. 2020, "HINT3: Raising the bar for intent detection in the wild". A bot has two
tables, `NAME_train.csv` (what it knows) and `NAME_test.csv` (what it was asked later), each with
the columns sentence and label.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supportbot.domain.knowledge.documents import Document
from supportbot.errors import SupportbotError
from supportbot.files.text import read_text

OUT_OF_SCOPE = "NO_NODES_DETECTED"
"""The label of what the bot has no answer to."""

_ENDINGS = ("_train.csv", "_test.csv")
_COLUMNS = ("sentence", "label")
_LARGEST = 200_000_000
"""Bytes of a table. It is held in memory."""


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot's two tables, by what their paths have in common: `hint3/curekart`."""

    prefix: Path

    @property
    def name(self) -> str:
        """Name the bot."""
        return self.prefix.name

    @property
    def source(self) -> str:
        """Name the source that its documents belong to."""
        return f"hint3:{self.name}"

    @property
    def train(self) -> Path:
        """Return the table of what it knows."""
        return self.prefix.with_name(f"{self.name}_train.csv")

    @property
    def test(self) -> Path:
        """Return the table of what it was asked."""
        return self.prefix.with_name(f"{self.name}_test.csv")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody typed, what it means (a label), and the line of the table."""

    text: str
    label: str
    line: int


def find_bot(path: Path) -> Bot | None:
    """Return the bot whose tables a path names, by their prefix or by one of them; else None."""
    if path.is_dir() or not path.name:
        return None
    for ending in _ENDINGS:
        if path.name.endswith(ending):
            return Bot(path.with_name(path.name.removesuffix(ending)))
    bot = Bot(path)
    return bot if bot.train.is_file() or bot.test.is_file() else None


def read_documents(bot: Bot) -> list[Document]:
    """Read what a bot knows: one document for each label, which answers all its sentences.

    Raises:
        SupportbotError: The table is missing or broken; it says which, and the line.
    """
    asked: dict[str, list[str]] = {}
    for sentence in read_sentences(bot.train):
        if sentence.label != OUT_OF_SCOPE:
            asked.setdefault(sentence.label, []).append(sentence.text)
    return [
        Document(
            source=bot.source,
            key=label,
            title=label,
            body=sentences[0],
            asked=tuple(dict.fromkeys(sentences)),
        )
        for label, sentences in asked.items()
    ]


def read_sentences(path: Path) -> list[Sentence]:
    """Read a table.

    Raises:
        SupportbotError: It is missing, empty or broken; it says which, and the line.
    """
    if not path.exists():
        message = f"There is no {path}: HINT3's tables come in pairs, NAME_train.csv and _test.csv."
        raise SupportbotError(message)
    sentences = list(_read_rows(path, read_text(path, most=_LARGEST)))
    if not sentences:
        message = f"{path} has no sentences."
        raise SupportbotError(message)
    return sentences


def _read_rows(path: Path, text: str) -> Iterator[Sentence]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        missing = [name for name in _COLUMNS if name not in columns]
        if missing:
            message = f"{path}:1: has no column {missing[0]}: expected sentence and label."
            raise SupportbotError(message)
        places = [columns.index(name) for name in _COLUMNS]
        for row in filter(None, rows):
            text, label = (row[i].strip() if i < len(row) else "" for i in places)
            if not text or not label or len(row) != len(columns):
                message = f"{path}:{rows.line_num}: expected a sentence and its label."
                raise SupportbotError(message)
            yield Sentence(text, label, rows.line_num)
    except csv.Error as error:
        message = f"{path}:{rows.line_num}: is no CSV with commas between the columns ({error})."
        raise SupportbotError(message) from error
