"""`supportbot run` in processes that can be killed, paused, starved and broken.

Run as a module, this reads one JSON object a line, and answers each in one line. It forks a bot for
each `start`: the libraries are imported once, and a start takes a moment instead of seconds.

    {"start": {...}}    begin a life, as `Life` describes it; gives its process id
    {"end": id}         end its input, so that it finishes its work and goes
    {"wait": id}        wait until it has gone; gives its exit status (-9: killed)
    {"is_gone": id}     say whether it has gone
    {"do": [...]}       run a command where the bots are, who may see other mounts than we do
    {"look": [...]}     read from a database there, without ever writing to it: file and query
"""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import sqlalchemy

from supportbot import cli
from supportbot.adapter_kit import storing
from supportbot.domain.chat.events import Event
from supportbot.ports import Vectors
from supportbot.retrieval import calibration, embedder, serving
from supportbot.runtime import sender, service, worker
from supportbot.runtime.service import Service
from supportbot.store.engine import sqlite
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.testing import HashingEmbedder
from supportbot_discord import adapter as discord_adapter
from supportbot_slack import adapter as slack_adapter
from supportbot_slack import catching_up
from supportbot_terminal import adapter
from supportbot_terminal.room import Room
from tests.acceptance.bots import DEAD, LONGEST_WAIT, POISON, Life
from tests.discord.quick import QuickConnection

# Loaded here, and not in each life.
_LOADED = (calibration, embedder)


def serve_commands() -> None:
    """Obey until the commands end."""
    inputs: dict[int, int] = {}
    # What the bots read is another input, and nothing of the commands is left in a buffer.
    with os.fdopen(os.dup(0)) as commands:
        for line in commands:
            ((name, value),) = json.loads(line).items()
            match name:
                case "start":
                    value["command"] = tuple(value["command"])
                    answer: Any = _start(Life(**value), inputs)
                case "end":
                    os.close(inputs.pop(value))
                    answer = None
                case "wait":
                    answer = _wait(value)
                    if value in inputs:
                        os.close(inputs.pop(value))
                case "is_gone":
                    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
                    answer = os.waitid(os.P_PID, value, options) is not None
                case "do":
                    done = subprocess.run(value, capture_output=True, text=True, check=False)  # noqa: S603
                    answer = done.stderr if done.returncode else ""
                case "look":
                    answer = _look(*value)
            print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def _start(life: Life, inputs: dict[int, int]) -> int:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        for other in (writing, *inputs.values()):
            os.close(other)
        _be_the_bot(life, reading)
    os.close(reading)
    inputs[pid] = writing
    return pid


def _wait(pid: int) -> int | None:
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def _look(path: str, query: str) -> list[Any] | None:
    """Read; None when there is nothing to read yet. A reader like this never does a checkpoint."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return None


def _be_the_bot(life: Life, stdin: int) -> NoReturn:
    status: Any = 1
    try:
        _redirect(life, stdin)
        _break_as_told(life)
        status = _obey(life)
    except BaseException:  # noqa: BLE001 - the forked child must never return into the loop above
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _redirect(life: Life, stdin: int) -> None:
    os.dup2(stdin, 0)
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(f"{life.home}.{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
    os.environ.update(life.environment)
    os.environ["SUPPORTBOT_HOME"] = life.home
    if life.synced:
        os.environ["SYNCED"] = life.synced
    if life.file_size:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (life.file_size, life.file_size))


def _obey(life: Life) -> Any:
    if life.command == ("open",):
        Database(Path(life.home) / "supportbot.db", "ours").close()
        return 0
    settings = str(Path(life.home).with_suffix(".toml"))
    sys.argv = ["supportbot", *life.command, "--settings", settings]
    try:
        cli.main()
    except SystemExit as end:
        return 0 if end.code is None else end.code
    return 0


def _break_as_told(life: Life) -> None:
    # Whoever looks more often has finished sooner.
    adapter._LOOK = service._LOOK = 0.005
    adapter._PAUSE = worker._PAUSE = 0.05
    slack_adapter._PAUSE, slack_adapter._LONGEST_PAUSE = 0.1, 1.0
    discord_adapter._PAUSE, discord_adapter._LONGEST_PAUSE = 0.1, 1.0
    vars(discord_adapter)["Connection"] = QuickConnection
    if overlap := os.environ.get("DISCORD_OVERLAP"):
        vars(discord_adapter)["OVERLAP"] = timedelta(seconds=float(overlap))
    catching_up._PAUSE = storing._PAUSE = timedelta(seconds=0.1)
    worker._LOOK = 0.2
    worker._MOST_ATTEMPTS = life.most_attempts
    sender._FIRST_WAIT = sender._PAUSE = timedelta(seconds=0.1)
    sqlite._BUSY_TIMEOUT = life.busy_timeout
    service.GRACE = timedelta(seconds=life.grace)
    service._TOO_LONG = timedelta(seconds=life.too_long)
    vars(serving)["build_embedder"] = lambda _settings: PoisonableEmbedder(life)
    if life.dies_at or life.pauses_at:
        _count_steps(life)
    if life.dies_before_scrubbing:
        _die_before_scrubbing()
    if life.synced:
        _note_acknowledgements(Path(life.synced) / "log")


def _count_steps(life: Life) -> None:
    """Count the moments around everything that stays, and end at one of them without goodbye."""
    counting = threading.Lock()
    count = 0

    def is_due() -> bool:
        nonlocal count
        with counting:
            count += 1
            if count == life.pauses_at:
                os.kill(os.getpid(), signal.SIGSTOP)
            return count == life.dies_at

    def step() -> None:
        if is_due():
            os._exit(DEAD)

    if life.steps == "statements":
        sqlalchemy.event.listen(
            sqlalchemy.Engine, "before_cursor_execute", lambda *_arguments: step()
        )
    else:
        _step_around_writes(step, is_due)


def _step_around_writes(step: Callable[[], None], is_due: Callable[[], bool]) -> None:
    write, append = Database.writing, Room.append

    @contextmanager
    def writing(self: Database) -> Iterator[Transaction]:
        step()
        with write(self) as tx:
            yield tx
            step()
        step()

    def appending(self: Room, fields: Mapping[str, Any]) -> None:
        if is_due():
            with self._path.open("ab") as file:
                file.write(b'{"message_id": "torn')
            os._exit(DEAD)
        append(self, fields)
        step()

    Database.writing = writing  # type: ignore[method-assign]
    Room.append = appending  # type: ignore[method-assign]


def _die_before_scrubbing() -> None:
    def scrub(_self: Database) -> bool:
        os._exit(DEAD)

    Database.scrub = scrub  # type: ignore[assignment, method-assign]


def _note_acknowledgements(log: Path) -> None:
    receive = Service._receive
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def receiving(self: Service, event: Event) -> None:
        os.write(notes, f"arrived {event.event_id}\n".encode())
        await receive(self, event)
        os.write(notes, f"acknowledged {event.event_id}\n".encode())

    Service._receive = receiving  # type: ignore[method-assign]


class PoisonableEmbedder(HashingEmbedder):
    """Suffers from poison, as the life says."""

    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._suffer(texts, super().embed_documents(texts))

    def embed_question(self, text: str) -> Vectors:
        return self._suffer([text], super().embed_question(text))

    def _suffer(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        model = self._life.model
        is_poisoned = model == "broken" or any(POISON in text for text in texts)
        match model if is_poisoned else "":
            case "raises" | "broken":
                message = "the model cannot get any memory"
                raise MemoryError(message)
            case "nan":
                return np.full_like(vectors, np.nan)
            case "shape":
                return vectors[:, :7]
            case "dies":
                os._exit(DEAD)
            case "hangs":
                self._hang()
        return vectors

    def _hang(self) -> None:
        gate, in_hand = (Path(f"{self._life.home}.{name}") for name in ("gate", "in-hand"))
        in_hand.touch()
        while not gate.exists():
            time.sleep(0.005)


if __name__ == "__main__":
    serve_commands()
