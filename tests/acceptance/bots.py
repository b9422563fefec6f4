"""Bots in processes of their own, and the people in their rooms.

The processes are forked by `bot_process.py`. It runs among mounts of its own where that is allowed,
so that a disk can be made full, or a folder read-only, for the bots alone.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from supportbot_terminal.room import Room

ROOT = Path(__file__).parents[2]
DEAD = 137
"""Exit status of one that dropped dead at a step."""
POISON = "poison"
"""A text with this word does to the model what the life says."""
LONGEST_WAIT = 60.0
"""Seconds after which a bot that should go is killed, and the test fails."""


@dataclass(frozen=True, slots=True)
class Life:
    """One run of one command, and what befalls it."""

    home: str
    command: tuple[str, ...] = ("run",)
    dies_at: int = 0
    """The step at which it drops dead; 0 for none."""
    pauses_at: int = 0
    """The step at which it stops, as with SIGSTOP."""
    steps: str = "writes"
    """What a step is: the moments around each `write`, or each SQL `statement`."""
    dies_before_scrubbing: bool = False
    """It drops dead when it is about to scrub what was deleted."""
    model: str = ""
    """What the model does with poison: it `raises`, gives `nan` or another `shape`, `dies`, or
    `hangs` until there is a file beside the home whose name ends in `.gate`. One that is `broken`
    raises whatever the text."""
    busy_timeout: int = 5_000
    """Milliseconds that the database waits for another process."""
    grace: float = 10.0
    """Seconds that a clean stop may take."""
    too_long: float = 60.0
    """Seconds after which an event in hand is reported."""
    most_attempts: int = 10
    """Times that an event is begun, before it is set aside as one that kills the bot."""
    file_size: int = 0
    """Bytes that a file may have at most; 0 for no limit."""
    synced: str = ""
    """Folder that gets what is safe from a power cut, and a log of what was acknowledged."""
    environment: dict[str, str] = field(default_factory=dict)


KILLED = -signal.SIGKILL
PATIENCE = 30.0
"""Seconds until a test gives up waiting for what must happen."""
SETTINGS = """
community = "ours"
[knowledge]
folder = "knowledge"
[model]
name = "hashing"
[calibration]
model = "hashing"
intercept = -8.0
slope = 16.0
answer_threshold = 0.8
suggest_threshold = 0.4
[channels]
burst_seconds = 0
[limits]
replies_per_member = 1000000
replies_per_channel = 1000000
[observability]
port = {port}
[[experts]]
name = "Paul"
topics = ["ledger"]
"""
DOCUMENT = """---
title: Where to meet
topics: [meeting]
author: Maria
---
We meet on the first Monday of each month, in the library.
"""


def eventually(holds: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Wait until something holds; fail when it does not within the patience."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


class Host:
    """The process that forks the bots."""

    def __init__(
        self, process: "subprocess.Popen[str]", *, can_mount: bool, knows_the_disk: bool
    ) -> None:
        self._process = process
        self.can_mount = can_mount
        self.knows_the_disk = knows_the_disk

    def tell(self, command: str, value: object) -> Any:
        """Return a command; gives the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({command: value}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def hosting(folder: Path) -> Iterator[Host]:
    """Run a host, among mounts of its own and with a look at the disk where that is possible."""
    shim = _compiled_shim(folder)
    own_mounts = ["unshare", "--mount"] if _may_mount() else []
    environment = {**os.environ, **({"LD_PRELOAD": str(shim)} if shim else {})}
    command = [*own_mounts, sys.executable, "-m", "tests.acceptance.bot_process"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        yield Host(process, can_mount=bool(own_mounts), knows_the_disk=shim is not None)
        assert process.stdin is not None
        process.stdin.close()


def _may_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603


def _compiled_shim(folder: Path) -> Path | None:
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    shim = folder / "power_loss.so"
    source = Path(__file__).with_name("power_loss.c")
    command = [compiler, "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    return None if done.returncode else shim


class Bot:
    """The bot of one home, started and killed at will."""

    def __init__(self, host: Host, home: Path, *, port: int = 0) -> None:
        self._host = host
        self.home = home
        self.path = home / "supportbot.db"
        self._port = port
        self.pid = 0
        self._alive: set[int] = set()
        home.mkdir(parents=True, exist_ok=True)
        home.with_suffix(".toml").write_text(SETTINGS.format(port=port))
        knowledge = home.parent / "knowledge"
        knowledge.mkdir(exist_ok=True)
        (knowledge / "where-to-meet.md").write_text(DOCUMENT)

    def start(self, **befalls: Any) -> int:
        """Start it, with what befalls it; gives the process id."""
        self.pid = self._begin(Life(str(self.home), **befalls))
        return self.pid

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> int | None:
        """Cut the power; gives the exit status."""
        self.send_signal(signal.SIGKILL)
        return self.wait()

    def end(self) -> int | None:
        """End its input, and wait until it has done everything; gives the exit status."""
        self._host.tell("end", self.pid)
        return self.wait()

    def wait(self, pid: int | None = None) -> int | None:
        """Wait until it has gone; gives the exit status."""
        status: int | None = self._host.tell("wait", pid or self.pid)
        self._alive.discard(pid or self.pid)
        return status

    @property
    def is_gone(self) -> bool:
        """Whether its process has ended."""
        is_gone: bool = self._host.tell("is_gone", self.pid)
        return is_gone

    def live(self, **befalls: Any) -> int | None:
        """Start it, and let it do everything and go; gives the exit status."""
        self.start(**befalls)
        return self.end()

    def run(self, *command: str, **befalls: Any) -> int | None:
        """Run another command on its home while it may be running; gives the exit status."""
        return self.wait(self._begin(Life(str(self.home), command, **befalls)))

    def clean_up(self) -> None:
        """Leave no process behind, whatever became of the test."""
        for pid in self._alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._host.tell("wait", pid)

    def look(self, query: str) -> list[Any]:
        """Read from its database, wherever that is; nothing when it cannot be read just now."""
        return self._host.tell("look", [str(self.path), query]) or []

    def mount(self, *arguments: str) -> None:
        """Mount something for the bots alone; skip the test where that is not allowed."""
        if not self._host.can_mount:
            pytest.skip("needs unshare --mount, and the right to mount")
        assert self._host.tell("do", ["mount", *arguments]) == ""

    def unmount(self, path: Path) -> None:
        """Take a mount away."""
        assert self._host.tell("do", ["umount", str(path)]) == ""

    def do(self, *command: str) -> str:
        """Run a program among the mounts of the bot; gives what it complains of."""
        complaint: str = self._host.tell("do", list(command))
        return complaint

    @property
    def can_lose_power(self) -> bool:
        """Whether it is known what is safe from a power cut."""
        return self._host.knows_the_disk

    def count(self, table: str, state: str) -> int:
        """Count the rows of the inbox or the outbox in a state."""
        rows = self.look(f"SELECT count(*) FROM {table} WHERE state = '{state}'")  # noqa: S608
        return rows[0][0] if rows else 0

    def _begin(self, life: Life) -> int:
        pid: int = self._host.tell("start", asdict(life))
        self._alive.add(pid)
        return pid

    @property
    def said(self) -> str:
        """What it wrote to stderr so far, in all its lives."""
        file = self.home.with_suffix(".err")
        return file.read_text(errors="replace") if file.exists() else ""

    @property
    def shown(self) -> str:
        """What it wrote to stdout so far, in all its lives."""
        return self.home.with_suffix(".out").read_text(errors="replace")

    @property
    def words_on_disk(self) -> bytes:
        """Everything in the files of its database."""
        return b"".join(path.read_bytes() for path in self.home.glob("supportbot.db*"))

    def health(self) -> tuple[int, list[str]]:
        """Ask it how it is: the HTTP status, and its problems. 0 while it does not listen."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())["problems"]
        except ConnectionError:
            return 0, []
        finally:
            connection.close()

    def find_damage(self) -> list[str]:
        """Check the rows and the word index, as SQLite does; the bot must not be running."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            connection.execute("INSERT INTO passage_words(passage_words) VALUES('integrity-check')")
            connection.rollback()
        return [line for line in found if line != "ok"]


@dataclass
class People:
    """Members who write into a room, whether or not the bot is there, by a clock of its own."""

    room: Room
    _path: Path
    _lines: int = 0
    _bytes: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """Number in the room of everything that was written, by the name that it got here."""

    def write(self, name: str, author: str, text: str, *, thread: str | None = None) -> None:
        """Write a message under a name; `thread` is the name of the first message there."""
        moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=len(self.numbers))
        self.room.append(
            {
                "author": author,
                "thread": None if thread is None else str(self.numbers[thread]),
                "text": re.sub(r"<(\w+)>", lambda found: str(self.numbers[found[1]]), text),
                "at": moment.isoformat(),
                "name_here": name,
            }
        )
        self._read_on()
        assert name in self.numbers

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else write for a while, the bot neither."""
        with FileLock(f"{self._path}.lock"):
            yield

    def ask(self, *numbers: int) -> None:
        """Ask questions."""
        for number in numbers:
            self.write(f"q{number}", f"Member{number}", f"How do I open ledger {number}?")

    def _read_on(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._bytes += len(line)
                self._lines += 1
                if b'"name_here": "' in line:
                    self.numbers[json.loads(line)["name_here"]] = self._lines

    def said_by_bot(self) -> Counter[str]:
        """Count the bot's messages, by their ids, in which names stand for numbers."""
        names = {str(number): name for name, number in self.numbers.items()}
        entries = [entry.fields for entry in self.room.entries()]
        ids = [str(fields["message_id"]) for fields in entries if "message_id" in fields]
        return Counter(_renamed(id_, names) for id_ in ids)

    def replies(self) -> list[int]:
        """Count the replies to each question that `ask` has asked, in their order."""
        said = self.said_by_bot()
        asked = sorted((name for name in self.numbers if name.startswith("q")), key=_number)
        return [said[f"{name}/reply"] for name in asked]


def people_in(home: Path) -> People:
    """Open the room of a home."""
    path = home / "terminal.jsonl"
    return People(Room(path), path)


def _renamed(message_id: str, names: Mapping[str, str]) -> str:
    """Return `q1/reply` for `terminal/ROOM/main/17/reply`, and for `terminal:ROOM:17/reply`."""
    number = r"^terminal[:/]\w+[:/](?:main/)?(\d+)"
    return re.sub(number, lambda found: names.get(found[1], found[1]), message_id)


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def documents(paths: Iterable[Path]) -> list[set[tuple[str, str, str]]]:
    """Read title, author and words of everything that was learned, from each database."""
    found = []
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT document.title, document.author, passage.shown FROM document "
                "JOIN passage ON passage.document_id = document.id "
                "WHERE document.source = 'answers'"
            )
            found.append(set(rows.fetchall()))
    return found
