"""How long a question in Slack waits for its acknowledgement, and for its reply.

`python -m tests.benchmarks.slack PACK [--passages 10000] [--seconds 60] [--rates 1 20]` asks the
queries of a BEIR folder, as far as the bot takes them for questions. Each has to have a reply of
its own, so messages in a row are not taken together. The bot is a process of its own, with the real
model; the server that plays Slack is here, on the same machine. The passages are the folder's;
their vectors are random, because the search is exact and takes as long whatever they are.
"""

import argparse
import asyncio
import itertools
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from supportbot.app import DATABASE_NAME, build_embedder
from supportbot.domain.events import Author, MessagePosted
from supportbot.domain.places import Place
from supportbot.domain.recognise import MessageKind, recognise
from supportbot.importers.beir import read_documents, read_records
from supportbot.ports import Vectors
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.search import Search
from supportbot.settings import ModelSettings
from supportbot.store.database import Database
from tests.slack_server import Message, SlackServer, running_slack

MODES = ("socket", "http")
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
identities = ["slack:{paul}"]
[adapters.slack]
mode = "{mode}"
api_url = "{api_url}"
port = {port}
"""
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
        self.precision = real.precision
        self._random = np.random.default_rng(0)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = self._random.standard_normal((len(texts), self.dimension), dtype=np.float32)
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        return self.embed_documents([text])


def main() -> None:
    """Ask at each rate in each mode, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 20.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    arguments = parser.parse_args()
    texts = questions_of(arguments.pack)
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        filled.mkdir()
        print(f"{fill(filled, arguments.pack, arguments.passages)} passages")
        print("| mode | a second | asked | replied to | acknowledged | reply | last tenth | CPU |")
        print("|---|---|---|---|---|---|---|---|")
        for mode, rate in itertools.product(arguments.modes, arguments.rates):
            home = Path(folder) / f"{mode}-{rate:g}"
            shutil.copytree(filled, home)
            _print(mode, rate, _round(home, mode, rate, arguments.seconds, texts))


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
    with closing(Database(home / DATABASE_NAME)) as database:
        search = Search(database, Filling(real))
        documents = itertools.islice(read_documents(pack), passages)
        return search.sync("ours", "beir:benchmark", documents).passages


def _round(home: Path, mode: str, rate: float, seconds: float, texts: Sequence[str]) -> Round:
    with running_slack() as slack, _running(home, mode, slack) as pid:
        channels = [slack.call(lambda n=n: slack.channel(f"help{n}")) for n in range(CHANNELS)]  # type: ignore[misc]
        members = [slack.call(lambda n=n: slack.user(f"Member {n}")) for n in range(MEMBERS)]  # type: ignore[misc]

        async def ask(number: int) -> Message:
            channel = channels[number % CHANNELS]
            return await members[number % MEMBERS].says(channel, texts[number % len(texts)])

        def has_replied(root: Message) -> float | None:
            return next((float(m.ts) for m in slack.thread(root) if m.user == slack.bot.id), None)

        # The first one waits for the model.
        first = slack.do(ask(0))
        slack.wait_until(lambda: has_replied(first), within=LONGEST)
        begun, cpu = len(slack.record.deliveries), cpu_of(pid)

        async def ask_on() -> list[Message]:
            start, asked = time.monotonic(), []
            for number in range(1, int(rate * seconds) + 1):
                await asyncio.sleep(start + number / rate - time.monotonic())
                asked.append(await ask(number))
            return asked

        asked = slack.do(ask_on(), within=seconds + LONGEST)
        _wait_for_quiet(slack)
        cpu = cpu_of(pid) - cpu
        roots = {root.ts for root in asked}
        taken = [
            delivery.attempts[0].took
            for delivery in slack.record.deliveries[begun:]
            if delivery.event.get("ts") in roots
        ]
        replies = slack.call(lambda: [has_replied(root) for root in asked])
        waits = [at - float(root.ts) for at, root in zip(replies, asked, strict=True) if at]
        return Round(
            len(asked),
            [took if took is not None else LONGEST for took in taken],
            waits,
            max(at for at in replies if at) - float(asked[0].ts),
            cpu,
        )


def _wait_for_quiet(slack: SlackServer) -> None:
    """Wait until the bot has said nothing more for some seconds: not all of it are questions."""
    said = -1
    while said != (said := len(slack.call(slack.said_by_bot))):
        time.sleep(QUIET)


@contextmanager
def _running(home: Path, mode: str, slack: SlackServer) -> Iterator[int]:
    """Run the bot; gives its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if mode == "http":
        slack.call(lambda: slack.use_http(f"http://127.0.0.1:{port}/slack/events"))
        # It is asked as soon as it listens; until then Slack repeats.
        slack.courier.retry_delays = (1.0,) * 60
    paul = slack.call(lambda: slack.user("Paul")).id
    settings = home / "supportbot.toml"
    knowledge = home / "knowledge"
    knowledge.mkdir()
    settings.write_text(
        SETTINGS.format(
            paul=paul, mode=mode, api_url=slack.api_url, port=port, knowledge=knowledge
        ),
        encoding="utf-8",
    )
    secrets = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SUPPORTBOT_HOME": str(home),
    }
    command = [sys.executable, "-m", "supportbot", "run", "--settings", str(settings)]
    with (home / "log").open("wb") as log:
        bot = subprocess.Popen(command, stderr=log, env={**os.environ, **secrets})  # noqa: S603 - ours
        try:
            yield bot.pid
        finally:
            bot.send_signal(signal.SIGTERM)
            bot.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory so far: {peak:.0f} MB", file=sys.stderr)


def cpu_of(pid: int) -> float:
    """Give the seconds of processor time that a process has taken. Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _print(mode: str, rate: float, told: Round) -> None:
    last = told.replied[-max(2, len(told.replied) // 10) :]
    each = 1e3 * told.cpu / len(told.replied)
    print(
        f"| {mode} | {rate:g} | {told.asked} | {len(told.replied)} | {in_words(told.acknowledged)} "
        f"| {in_words(told.replied)} | {in_words(last)} "
        f"| {each:.0f} ms each; {len(told.replied) / told.seconds:.1f} replies a second |",
        flush=True,
    )


def in_words(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles([1e3 * one for one in seconds], n=100, method="inclusive")
    return f"{cuts[49]:,.0f}, {cuts[98]:,.0f} ms"


if __name__ == "__main__":
    main()
