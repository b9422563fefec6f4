"""What it costs that nothing is acknowledged before it is on the disk.

`python tests/benchmarks/durability.py [--folder DIR] [--repeats 5]`. The same is done with
`synchronous=FULL`, as the bot does it, and with `synchronous=OFF`, which waits for no disk, and
loses what was acknowledged when the power goes. Both are done by turns in one run, and compared by
their medians. Put the folder on the disk that is meant: memory has no fsync to wait for.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.ports import Receive
from supportbot.runtime.build import build_app
from supportbot.runtime.service import Service
from supportbot.settings import CalibrationSettings, ChannelSettings, LimitSettings, Settings
from supportbot.store import inbox
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder

WAYS = ("FULL", "OFF")
CALLERS = (1, 16, 64)
AT_ONCE = 16
SETTINGS = Settings(
    community="ours",
    calibration=CalibrationSettings(
        model="hashing", intercept=-8.0, slope=16.0, answer_threshold=0.8, suggest_threshold=0.4
    ),
    channels=ChannelSettings(burst_seconds=0),
    limits=LimitSettings(replies_per_member=10**6, replies_per_channel=10**6),
)


@dataclass
class TakingPlatform:
    """Brings questions with several tasks at once, and takes every message."""

    events: list[MessagePosted]
    platform: str = "slack"
    taken: list[str] = field(default_factory=list)

    async def connect(self, receive: Receive) -> None:
        """Bring everything, and go."""
        left = iter(self.events)

        async def bring() -> None:
            for event in left:
                await receive(event)

        await asyncio.gather(*(bring() for _ in range(AT_ONCE)))

    def url_of(self, place: Place, message_id: str) -> str:
        """Return a link that leads nowhere."""
        return f"https://example.org/{place.channel}/{message_id}"

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Take it."""
        del attempt
        self.taken.append(message.id)
        return str(len(self.taken))


def main() -> None:
    """Measure by turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="on the disk that is meant; here if left out")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_500, help="for each number of callers")
    parser.add_argument("--questions", type=int, default=200, help="from end to end")
    arguments = parser.parse_args()
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for repeat in range(arguments.repeats):
        # By turns, so that whatever else the machine does, it does to both.
        ways = WAYS if repeat % 2 else WAYS[::-1]
        for callers, way in itertools.product(CALLERS, ways):
            name = f"stored, {callers} caller{'' if callers == 1 else 's'}"
            with _database(arguments.folder, way) as database:
                rate, seconds = _store(database, callers, arguments.events)
            rates[name, way].append(rate)
            waits[name, way].extend(seconds)
        for way in ways:
            rates["replied to, end to end", way].append(
                _serve(arguments.folder, way, arguments.questions)
            )
    _print(rates, waits)


@contextmanager
def _database(folder: Path | None, way: str) -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory(dir=folder or Path.cwd()) as home,
        closing(Database(Path(home) / "supportbot.db", "ours")) as database,
    ):
        _synchronous(database, way)
        yield database


def _synchronous(database: Database, way: str) -> None:
    def prepare(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA synchronous={way}")

    # Connections that are open already would stay as they are.
    database.close()
    sqlalchemy.event.listen(database._engine, "connect", prepare)


def _store(database: Database, callers: int, events: int) -> tuple[float, list[float]]:
    """Store events from several threads; gives events a second, and each one's seconds."""
    left, seconds, taking = iter(range(events)), list[float](), threading.Lock()

    def call() -> None:
        while True:
            with taking:
                number = next(left, None)
            if number is None:
                return
            event, start = _question(number), time.perf_counter()
            with database.writing() as tx:
                inbox.put(tx, event, now=event.posted_at)
            seconds.append(time.perf_counter() - start)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return events / (time.perf_counter() - start), seconds


def _serve(folder: Path | None, way: str, questions: int) -> float:
    """Reply to questions from end to end; gives questions a second."""
    with tempfile.TemporaryDirectory(dir=folder or Path.cwd()) as home:
        app = build_app(SETTINGS, Path(home), embedder=HashingEmbedder())
        with closing(app.database):
            _synchronous(app.database, way)
            platform = TakingPlatform([_question(number) for number in range(questions)])
            start = time.perf_counter()
            asyncio.run(_run(app, platform))
            elapsed = time.perf_counter() - start
        assert len(platform.taken) == questions
    return questions / elapsed


async def _run(app: Any, platform: TakingPlatform) -> None:
    await Service(app, [platform]).run()


def _question(number: int) -> MessagePosted:
    return MessagePosted(
        event_id=f"slack:{number}",
        place=Place("slack", "T1", "help"),
        message_id=str(number),
        author=Author("slack", f"U{number % 50}", "Maria"),
        text=f"How does the ledger closing number {number} work?",
        posted_at=datetime.now(UTC),
    )


def _print(
    rates: dict[tuple[str, str], list[float]], waits: dict[tuple[str, str], list[float]]
) -> None:
    print("| questions | a second, FULL | a second, OFF | OFF / FULL | ms until acknowledged, FULL")
    print("|---|---|---|---|---|")
    for name in dict.fromkeys(name for name, _ in rates):
        full, off = (statistics.median(rates[name, way]) for way in WAYS)
        ratios = [o / f for f, o in zip(rates[name, "FULL"], rates[name, "OFF"], strict=True)]
        print(
            f"| {name} | {full:,.0f} | {off:,.0f} | {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f}-{max(ratios):.2f}) | {_waits(waits, name, 'FULL')} "
            f"(OFF {_waits(waits, name, 'OFF')}) |"
        )


def _waits(waits: dict[tuple[str, str], list[float]], name: str, way: str) -> str:
    if not waits[name, way]:
        return "-"
    median, *_, last = statistics.quantiles([1_000 * s for s in waits[name, way]], n=100)[49:]
    return f"median {median:.1f}, 99 % {last:.1f}"


if __name__ == "__main__":
    main()
