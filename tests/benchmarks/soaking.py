"""`supportbot run`, with the real model, asked for hours: does anything grow?

`python tests/benchmarks/soaking.py [--minutes 60] [--pause 0.5]`. A question is written into the
terminal's transcript at each pause. Every minute a line tells the resident memory, the open files,
and the bytes of the write-ahead log; at the end, the slope of each over the second half.
Linux only: it looks into /proc.
"""

import argparse
import os
import statistics
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


def main() -> None:
    """Ask, and look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two questions")
    parser.add_argument("--every", type=float, default=60, help="seconds between two looks")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = home / "supportbot.toml"
        settings.write_text(SETTINGS.format(folder=manual_folder()), encoding="utf-8")
        room = Room(home / "terminal.jsonl")
        with subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, str(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "SUPPORTBOT_HOME": folder},
        ) as bot:
            samples = _soak(bot.pid, home, room, arguments)
            bot.communicate()
        _report(samples)


def _soak(
    pid: int, home: Path, room: Room, arguments: argparse.Namespace
) -> list[tuple[float, ...]]:
    samples: list[tuple[float, ...]] = []
    start, asked = time.monotonic(), 0
    while (elapsed := time.monotonic() - start) < arguments.minutes * 60:
        asked += 1
        _ask(room, asked)
        if elapsed >= arguments.every * (len(samples) + 1):
            samples.append(_sample(pid, home, elapsed / 60))
            print(
                "{:.1f} min, {:.1f} MB, {:.0f} files, log {:.1f} MB".format(*samples[-1])
                + f", {asked} asked",
                flush=True,
            )
        time.sleep(arguments.pause)
    return samples


def _ask(room: Room, number: int) -> None:
    text = f"How do I back up database number {number} while the bot is running?"
    now = datetime.now(UTC).isoformat()
    room.append({"author": f"M{number}", "thread": None, "text": text, "at": now})


def _sample(pid: int, home: Path, minutes: float) -> tuple[float, ...]:
    process, log = Path(f"/proc/{pid}"), home / "supportbot.db-wal"
    pages = int((process / "statm").read_text().split()[1])
    files = len(list((process / "fd").iterdir()))
    size = log.stat().st_size if log.exists() else 0
    return minutes, pages * os.sysconf("SC_PAGE_SIZE") / 1e6, files, size / 1e6


def _report(samples: list[tuple[float, ...]]) -> None:
    later = samples[len(samples) // 2 :]
    if len(later) < 2:
        print("too short for a slope")
        return
    minutes, *measures = zip(*later, strict=True)
    for name, values in zip(("MB", "files", "MB of log"), measures, strict=True):
        slope = statistics.linear_regression(minutes, values).slope
        print(f"{slope * 60:+.2f} {name} an hour")


if __name__ == "__main__":
    main()
