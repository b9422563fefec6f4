import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.store.engine.sqlite import Database
from tests.acceptance.bots import Bot, People, eventually, people_in

_FULL = "the disk is full"


def on_a_small_disk(bot: Bot, size: str) -> People:
    """Put the home on a disk of its own, but for the room: that belongs to the platform."""
    room = bot.home.with_suffix(".room")
    room.mkdir()
    people = people_in(room)
    bot.mount("-t", "tmpfs", "-o", f"size={size}", "none", str(bot.home))
    for name in ("terminal.jsonl", "terminal.jsonl.lock"):
        assert bot.do("touch", str(bot.home / name)) == ""
        bot.mount("--bind", str(room / name), str(bot.home / name))
    return people


@contextmanager
def writing_elsewhere(bot: Bot) -> Iterator[None]:
    """Keep the database locked, as another program may."""
    with closing(sqlite3.connect(bot.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_is_lost(bot: Bot) -> None:
    people = on_a_small_disk(bot, "2m")
    bot.start()
    people.ask(1)
    eventually(lambda: people.replies() == [1])
    filler = str(bot.home / "filler")
    assert "No space left" in bot.do("dd", "if=/dev/zero", f"of={filler}", "bs=4k")

    people.ask(2, 3)

    eventually(lambda: bot.health()[0] == 503)
    assert any(_FULL in problem for problem in bot.health()[1])
    assert bot.look("SELECT count(*) FROM inbox") == [[1]]
    bot.do("rm", filler)
    eventually(lambda: people.replies() == [1, 1, 1])
    eventually(lambda: bot.health() == (200, []))
    assert bot.end() == 0
    assert bot.look("PRAGMA integrity_check") == [["ok"]]


@pytest.mark.slow
def test_a_file_that_may_not_grow_loses_nothing(bot: Bot, people: People) -> None:
    assert bot.live() == 0
    limit = bot.path.stat().st_size + 40_000
    people.ask(*range(1, 13))
    bot.start(file_size=limit)

    eventually(lambda: bot.health()[0] == 503)

    assert bot.health()[1] != []
    assert bot.kill() == -signal.SIGKILL
    assert bot.find_damage() == []
    assert bot.live() == 0
    assert people.replies() == [1] * 12


def test_a_database_that_another_program_keeps_locked_is_waited_for_and_reported(
    bot: Bot, people: People
) -> None:
    bot.start(busy_timeout=100)
    people.ask(1)
    eventually(lambda: people.replies() == [1])

    with writing_elsewhere(bot):
        people.ask(2)
        eventually(lambda: bot.health()[0] == 503)
        problems = bot.health()[1]
        stored = bot.look("SELECT count(*) FROM inbox")

    assert any("is locked by another process" in problem for problem in problems)
    assert stored == [[1]]
    eventually(lambda: people.replies() == [1, 1])
    eventually(lambda: bot.health() == (200, []))
    assert bot.end() == 0


@pytest.mark.slow
def test_a_start_on_a_locked_database_is_refused_in_one_sentence(bot: Bot) -> None:
    assert bot.live() == 0

    with writing_elsewhere(bot):
        status = bot.live(busy_timeout=100)

    assert status == 2
    assert bot.said.splitlines()[-1] == (
        f"The database {bot.path} is locked by another process. Stop it, or wait until it has "
        "finished."
    )


@pytest.mark.slow
def test_a_bot_that_is_paused_goes_on_where_it_was(bot: Bot, people: People) -> None:
    bot.start()
    people.ask(1)
    eventually(lambda: people.replies() == [1])

    # One that is paused while it writes into the room would keep everybody else out of it.
    with people.alone():
        bot.send_signal(signal.SIGSTOP)
        eventually(lambda: is_paused(bot))
    people.ask(2, 3)
    bot.send_signal(signal.SIGCONT)

    assert bot.end() == 0
    assert people.replies() == [1, 1, 1]


@pytest.mark.slow
def test_a_bot_that_is_paused_in_a_write_keeps_others_waiting_for_no_longer_than_told(
    bot: Bot, people: People
) -> None:
    assert bot.live() == 0
    people.ask(1)
    # The second moment of a write is inside its transaction; this one is of the start.
    bot.start(pauses_at=2)
    eventually(lambda: is_paused(bot))

    status = bot.run("review", busy_timeout=100)

    bot.send_signal(signal.SIGCONT)
    assert status == 2
    assert "is locked by another process" in bot.said.splitlines()[-1]
    assert bot.end() == 0
    assert people.replies() == [1]


def is_paused(bot: Bot) -> bool:
    """Whether every thread stands still."""
    try:
        stats = [path.read_text() for path in Path("/proc", str(bot.pid)).glob("task/*/stat")]
    except OSError:  # a thread has just ended
        return False
    return {stat.rpartition(")")[2].split()[0] for stat in stats} == {"T"}


def test_a_home_that_cannot_be_written_is_told_in_one_sentence(bot: Bot) -> None:
    assert bot.live() == 0
    bot.mount("--bind", "-o", "ro", str(bot.home), str(bot.home))

    status = bot.live()

    bot.unmount(bot.home)
    assert status == 2
    assert bot.said.splitlines()[-1] == (
        f"The home folder {bot.home} cannot be written. Fix its permissions, or set "
        "SUPPORTBOT_HOME to another folder."
    )


@pytest.mark.slow
def test_a_database_that_cannot_be_written_is_told_in_one_sentence(bot: Bot) -> None:
    assert bot.live() == 0
    bot.mount("--bind", "-o", "ro", str(bot.path), str(bot.path))

    status = bot.live()

    bot.unmount(bot.path)
    assert status == 2
    assert bot.said.splitlines()[-1] == (
        f"The database {bot.path} cannot be written. Fix its permissions, or those of its folder."
    )


def test_a_damaged_database_is_refused_and_the_backup_takes_its_place(
    bot: Bot, people: People
) -> None:
    backup = bot.home.parent / "backup.db"
    people.ask(*range(1, 6))
    assert bot.live() == 0
    assert bot.run("backup", str(backup)) == 0
    page = bot.look("SELECT rootpage FROM sqlite_master WHERE name = 'answer_by_standing'")[0][0]
    overwrite_page(bot.path, page)

    refused = bot.live()
    last_words = bot.said.splitlines()[-1]
    for path in bot.home.glob("supportbot.db*"):
        path.unlink()
    shutil.copyfile(backup, bot.path)
    people.ask(6)

    assert refused == 2
    assert last_words.startswith(f"The database {bot.path} is damaged")
    assert last_words.endswith(
        "Put your last backup in its place, and remove the files beside it that end in -wal and "
        "-shm."
    )
    assert bot.live() == 0
    assert people.replies() == [1] * 6


def overwrite_page(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * 4096)
        file.write(b"\xa5" * 4096)


def is_whole(path: Path) -> bool:
    """Whether SQLite finds every row of every table and index where it belongs."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def opened(path: Path) -> tuple[str, tuple[str, ...]]:
    """Open a database as the bot does at its start; gives what is refused, and what is damaged."""
    try:
        with closing(Database(path, "ours")) as database:
            return "", database.find_damage()
    except SupportbotError as error:
        return str(error), ()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, host: object) -> Path:
    """Return a database with some questions, and nothing in its log."""
    bot = Bot(host, tmp_path_factory.mktemp("grown") / "bot")  # type: ignore[arg-type]
    people = people_in(bot.home)
    people.ask(*range(1, 9))
    people.write("a1", "Paul", "Open the setup and widen the dates.", thread="q1")
    people.write("s1", "Member1", "/solved <a1>", thread="q1")
    assert bot.live() == 0
    return bot.path


def damaged_pages(grown: Path, folder: Path, numbers: range) -> list[int]:
    """Overwrite one page after the other; gives those of which it was not told.

    The first page is another matter: without it, it is no database.
    """
    path = folder / "damaged.db"
    untold = []
    for number in numbers:
        for left in folder.glob("damaged.db*"):
            left.unlink()
        shutil.copyfile(grown, path)
        overwrite_page(path, number)
        refused, damage = opened(path)
        if not refused and not damage and not is_whole(path):
            untold.append(number)
    return untold


def test_a_page_that_was_overwritten_is_told(grown: Path, tmp_path: Path) -> None:
    pages = grown.stat().st_size // 4096

    assert damaged_pages(grown, tmp_path, range(2, pages + 1, 12)) == []


@pytest.mark.slow
def test_each_page_that_was_overwritten_is_told(grown: Path, tmp_path: Path) -> None:
    pages = grown.stat().st_size // 4096

    assert damaged_pages(grown, tmp_path, range(1, pages + 1)) == []


@pytest.mark.slow
def test_a_start_on_a_full_disk_is_refused_in_one_sentence(bot: Bot) -> None:
    on_a_small_disk(bot, "2m")
    assert bot.live() == 0
    bot.do("dd", "if=/dev/zero", f"of={bot.home / 'filler'}", "bs=4k")

    status = bot.live()

    assert status == 2
    assert "is full" in bot.said.splitlines()[-1]
    assert "backup" not in bot.said
