"""The bot as a process that can be killed.

Run without arguments, this reads commands on stdin, and forks a bot for each `start`: the
libraries are imported once, and a start takes a moment instead of seconds.

    start HOME STEP    start the bot; at its STEP-th step it drops dead (0: never)
    kill               kill it, as a power cut does
    end                end its input, so that it finishes its work and goes

Each command is answered in one line: "started", or the exit status of the bot (-9: killed).
"""

import asyncio
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlmodel import Session

from supportbot import app
from supportbot.app import Service, build_adapters, build_app
from supportbot.settings import CalibrationSettings, ExpertSettings, Settings
from supportbot.store.database import Database
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder
from supportbot_terminal import adapter
from supportbot_terminal.room import Room

DEAD = 137
"""Exit status of one that dropped dead at a step."""

SETTINGS = Settings(
    community="ours",
    calibration=CalibrationSettings(
        model=HASHING_CALIBRATION.model,
        intercept=HASHING_CALIBRATION.intercept,
        slope=HASHING_CALIBRATION.slope,
        answer_threshold=HASHING_CALIBRATION.answer_threshold,
        suggest_threshold=HASHING_CALIBRATION.suggest_threshold,
    ),
    experts=(ExpertSettings(name="Paul", topics=("ledger",)),),
)


def serve_commands() -> None:
    """Obey until the commands end."""
    pid, stdin = 0, -1
    for line in sys.stdin:
        match line.split(" "):
            case ["start", home, step]:
                pid, stdin = _start(Path(home), int(step))
                print("started", flush=True)  # noqa: T201 - the answer
                continue
            case ["kill\n"]:
                os.kill(pid, signal.SIGKILL)
        os.close(stdin)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def _start(home: Path, step: int) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(writing)
        os.dup2(reading, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _be_the_bot(home, step)
    os.close(reading)
    return pid, writing


def _be_the_bot(home: Path, step: int) -> NoReturn:
    try:
        _drop_dead_at(step)
        asyncio.run(_serve(home))
    except BaseException:  # noqa: BLE001 - the forked child must never return into the loop above
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


async def _serve(home: Path) -> None:
    bot = build_app(SETTINGS, home, embedder=HashingEmbedder())
    with os.fdopen(0) as stdin, os.fdopen(1, "w") as stdout:
        await Service(bot, build_adapters(SETTINGS, home, stdin=stdin, stdout=stdout)).run()


def _drop_dead_at(deadly: int) -> None:
    """Count the moments around everything that stays, and end at one of them without goodbye."""
    steps = itertools.count(1)
    write, append = Database.writing, Room.append

    def step() -> None:
        if next(steps) == deadly:
            os._exit(DEAD)

    @contextmanager
    def writing(self: Database) -> Iterator[Session]:
        step()
        with write(self) as tx:
            yield tx
            step()
        step()

    def appending(self: Room, fields: Mapping[str, Any]) -> None:
        if next(steps) == deadly:
            with self._path.open("ab") as file:
                file.write(b'{"message_id": "torn')
            os._exit(DEAD)
        append(self, fields)
        step()

    # Whoever looks more often has finished sooner.
    adapter._LOOK = app._LOOK = 0.005
    Database.writing = writing  # type: ignore[method-assign]
    Room.append = appending  # type: ignore[method-assign]


if __name__ == "__main__":
    serve_commands()
