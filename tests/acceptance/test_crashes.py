import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot_terminal.room import Room

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

_DEAD = 137
_KILLED = -9
_LONGEST_LIFE = 0.4
"""Seconds after which a bot is killed at the latest; it is ready after about a tenth of one."""


class Bot:
    """The bot in a process of its own, in one folder, started and killed at will."""

    def __init__(self, home: Path, process: "subprocess.Popen[str]") -> None:
        self.home = home
        self._process = process

    def start(self, *, deadly_step: int = 0) -> None:
        """Start it; at the deadly step it drops dead."""
        assert self._command(f"start {self.home} {deadly_step}") == "started"

    def kill(self) -> int:
        """Cut the power; gives the exit status."""
        return int(self._command("kill"))

    def end(self) -> int:
        """End its input, and wait until it has done everything; gives the exit status."""
        return int(self._command("end"))

    def _command(self, command: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@pytest.fixture(scope="module")
def process() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(Path(__file__).with_name("bot_process.py"))]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def bot(tmp_path: Path, process: "subprocess.Popen[str]") -> Bot:
    folder = tmp_path / "bot"
    folder.mkdir()
    return Bot(folder, process)


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot.home / "terminal.jsonl")


def ask(room: Room, count: int) -> None:
    """Let people ask, as on a platform: it goes on whether or not the bot is there."""
    for number in range(count):
        room.append(
            {
                "author": f"Member{number}",
                "thread": None,
                "text": f"How do I open ledger {number}?",
                "at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC).isoformat(),
            }
        )


def replies_by_question(room: Room) -> dict[str, int]:
    """Count the bot's messages in the thread of each question."""
    entries = list(room.entries())
    replies = Counter(str(e.fields["thread"]) for e in entries if "message_id" in e.fields)
    questions = [str(e.number) for e in entries if "author" in e.fields]
    assert set(replies) <= set(questions)
    return {question: replies[question] for question in questions}


def check_integrity(bot: Bot) -> str:
    with closing(sqlite3.connect(bot.home / "supportbot.db")) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def live_and_die(bot: Bot, room: Room, *, lives: int, questions_each: int, seed: int) -> list[int]:
    """Start and kill the bot, while people ask; gives the exit statuses."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    statuses = []
    for _ in range(lives):
        bot.start()
        ask(room, questions_each)
        time.sleep(chance.uniform(0.0, _LONGEST_LIFE))
        statuses.append(bot.kill())
    return statuses


def die_at_every_step(bot: Bot, path: Path) -> Iterator[tuple[int, dict[str, int], str]]:
    """Ask one question in a new room, die at the n-th step, start again; until nobody dies."""
    for step in range(1, 1_000):
        bot.home = path / str(step)
        bot.home.mkdir()
        room = Room(bot.home / "terminal.jsonl")
        ask(room, 1)
        bot.start(deadly_step=step)
        status = bot.end()
        assert status in {0, _DEAD}
        if status == 0:
            return
        bot.start()
        assert bot.end() == 0
        yield step, replies_by_question(room), check_integrity(bot)


def test_a_bot_that_is_not_killed_replies_once_to_each_question(bot: Bot, room: Room) -> None:
    ask(room, 5)
    bot.start()

    assert bot.end() == 0

    assert list(replies_by_question(room).values()) == [1] * 5


@pytest.mark.parametrize("seed", [20260302])
def test_killed_at_random_it_replies_once_to_each_question(bot: Bot, room: Room, seed: int) -> None:
    statuses = live_and_die(bot, room, lives=4, questions_each=5, seed=seed)

    bot.start()
    last = bot.end()

    assert (statuses, last) == ([_KILLED] * 4, 0)
    assert list(replies_by_question(room).values()) == [1] * 20
    assert check_integrity(bot) == "ok"


@pytest.mark.slow
def test_killed_sixty_times_it_replies_once_to_each_of_three_hundred_questions(
    bot: Bot, room: Room
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - to play a failure again
    statuses = live_and_die(bot, room, lives=60, questions_each=5, seed=seed)

    bot.start()
    last = bot.end()

    assert (statuses, last) == ([_KILLED] * 60, 0)
    assert list(replies_by_question(room).values()) == [1] * 300
    assert check_integrity(bot) == "ok"


@pytest.mark.slow
def test_wherever_it_dies_one_question_gets_one_reply(bot: Bot, tmp_path: Path) -> None:
    ends = list(die_at_every_step(bot, tmp_path))

    # The event stored, claimed, handled; the message claimed, written, delivered: three moments
    # around each of the database's transactions, and two around the others.
    assert len(ends) >= 15
    assert {tuple(replies.values()) for _, replies, _ in ends} == {(1,)}
    assert {integrity for _, _, integrity in ends} == {"ok"}
