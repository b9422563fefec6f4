"""What a benchmark needs that asks a bot on a platform: passages, questions, a bot, and figures."""

import itertools
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.recognition.kinds import MessageKind, recognise
from supportbot.importers.beir import read_documents, read_records
from supportbot.knowledge.search import Search
from supportbot.ports import Vectors
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.retrieval.serving import build_embedder
from supportbot.runtime.build import DATABASE_NAME
from supportbot.settings import ModelSettings
from supportbot.store.engine.sqlite import Database

CHANNELS, MEMBERS = 10, 50
SETTINGS = """
community = "ours"
[knowledge]
folder = "{knowledge}"
[channels]
burst_seconds = 0
[limits]
replies_per_member = 1000000
replies_per_channel = 1000000
[[experts]]
name = "Paul"
topics = ["everything"]
identities = ["{paul}"]
{adapter}
"""
"""Of a bot that replies to everything that is asked."""
LONGEST = 900.0
"""Seconds that anything may take."""
QUIET = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """What was asked in one round, and what the bot's process took for it."""

    asked: int
    acknowledged: list[float]
    """Seconds from the server's first attempt to the acknowledgement."""
    replied: list[float]
    """Seconds from the question to the reply, in the order in which they were asked."""
    seconds: float
    """From the first question to the last reply."""
    cpu: float
    """Seconds of processor time, without the start."""


class Filling:
    """Gives random vectors in the name of the real model."""

    def __init__(self, real: SentenceTransformerEmbedder) -> None:
        self.model, self.key, self.dimension = real.model, real.key, real.dimension
        self.is_multilingual = real.is_multilingual
        self.precision = real.precision
        self._random = np.random.default_rng(0)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = self._random.standard_normal((len(texts), self.dimension), dtype=np.float32)
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        return self.embed_documents([text])


def questions_of(pack: Path) -> list[str]:
    """Make questions of a folder's queries; those that the bot takes for chatter are left out."""
    texts = [" ".join(record.text.split())[:300] for record in read_records(pack, "queries")]
    random.Random(0).shuffle(texts)  # noqa: S311 - no secret
    asked = (f"How do I do this: {text} ({number})?" for number, text in enumerate(texts))
    return [text for text in asked if _is_question(text)]


def _is_question(text: str) -> bool:
    asker, now = Author("slack", "U1", "Member"), datetime.now(UTC)
    message = MessagePosted("1", Place("slack", "T1", "help"), "1", asker, text, now)
    return recognise(message, None) is MessageKind.QUESTION


def fill(home: Path, pack: Path, passages: int) -> int:
    """Store documents until there are so many passages; gives how many there are."""
    real = build_embedder(ModelSettings())
    assert isinstance(real, SentenceTransformerEmbedder)
    with closing(Database(home / DATABASE_NAME, "ours")) as database:
        search = Search(database, Filling(real))
        documents = itertools.islice(read_documents(pack), passages)
        return search.sync("beir:benchmark", documents).passages


def wait_for_quiet(count_said: Callable[[], int]) -> None:
    """Wait until the bot has said nothing more for some seconds: not all of it are questions."""
    said = -1
    while said != (said := count_said()):
        time.sleep(QUIET)


@contextmanager
def running_bot(home: Path, paul: str, adapter: str, secrets: Mapping[str, str]) -> Iterator[int]:
    """Run a bot that replies to everything that is asked; gives its process id.

    Args:
        home: Its home, with the passages.
        paul: Member id of the one who knows everything.
        adapter: The settings of its platform.
        secrets: Its tokens.
    """
    settings, knowledge = home / "supportbot.toml", home / "knowledge"
    knowledge.mkdir()
    text = SETTINGS.format(knowledge=knowledge, paul=paul, adapter=adapter)
    settings.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "supportbot", "run", "--settings", str(settings)]
    environment = {**os.environ, **secrets, "SUPPORTBOT_HOME": str(home)}
    with (home / "log").open("wb") as log:
        bot = subprocess.Popen(command, stderr=log, env=environment)  # noqa: S603 - ours
        try:
            yield bot.pid
        finally:
            bot.send_signal(signal.SIGTERM)
            bot.wait()


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process has taken. Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_words(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles([1e3 * one for one in seconds], n=100, method="inclusive")
    return f"{cuts[49]:,.0f}, {cuts[98]:,.0f} ms"
