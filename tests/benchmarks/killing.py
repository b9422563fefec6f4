"""`supportbot run`, with the real model, killed at random: does each question get one reply?

`python tests/benchmarks/killing.py [--questions 300] [--kills 25] [--seed N]`. People write into
the terminal's transcript all the while; the process is killed with SIGKILL and started again. What
counts is what stands in the transcript at the end: what people would have seen.
"""

import argparse
import collections
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from supportbot.cli.demo import manual_folder
from supportbot_terminal.room import Room

COMMAND = [sys.executable, "-m", "supportbot", "run", "--settings"]
SETTINGS = """
[knowledge]
folder = "{folder}"
[channels]
burst_seconds = 0
[limits]
replies_per_channel = 1000000
"""
"""Without its own limit, the channel is told that the bot is silent after 120 replies an hour."""


def main() -> None:
    """Ask, kill, start again, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    chance = random.Random(arguments.seed)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = home / "supportbot.toml"
        settings.write_text(SETTINGS.format(folder=manual_folder()), encoding="utf-8")
        room = Room(home / "terminal.jsonl")
        each = -(-arguments.questions // (arguments.kills + 1))
        asked = 0
        for _ in range(arguments.kills):
            bot = _start(home, settings)
            deadline = time.monotonic() + chance.uniform(3, 14)
            for _ in range(min(each, arguments.questions - asked)):
                asked += 1
                _ask(room, asked)
                time.sleep(chance.uniform(0, 0.3))
            time.sleep(max(0.0, deadline - time.monotonic()))
            os.kill(bot.pid, signal.SIGKILL)
            bot.wait()
        bot = _start(home, settings)
        while asked < arguments.questions:
            asked += 1
            _ask(room, asked)
        bot.communicate()
        _report(home, room, asked)


def _start(home: Path, settings: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, str(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SUPPORTBOT_HOME": str(home)},
    )


def _ask(room: Room, number: int) -> None:
    text = f"How do I back up database number {number} while the bot is running?"
    now = datetime.now(UTC).isoformat()
    room.append({"author": f"M{number}", "thread": None, "text": text, "at": now})


def _report(home: Path, room: Room, asked: int) -> None:
    entries = list(room.entries())
    questions = [str(entry.number) for entry in entries if "author" in entry.fields]
    replies = collections.Counter(e.fields["thread"] for e in entries if "reply" in e.fields)
    lost = sum(1 for number in questions if not replies[number])
    doubled = sum(1 for number in questions if replies[number] > 1)
    with sqlite3.connect(home / "supportbot.db") as database:
        (integrity,) = database.execute("PRAGMA integrity_check").fetchone()
        handled = database.execute("SELECT state, count(*) FROM inbox GROUP BY state").fetchall()
        sent = database.execute(
            "SELECT state, count(*), sum(attempts > 1) FROM outbox GROUP BY state"
        ).fetchall()
    print(f"{asked} asked, {len(questions)} in the room, {lost} without a reply, {doubled} doubled")
    print(f"inbox {handled}, outbox (state, messages, of them tried again) {sent}, {integrity}")


if __name__ == "__main__":
    main()
