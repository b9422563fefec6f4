import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.store import inbox
from supportbot.store.engine.sqlite import Database
from tests.acceptance.bots import KILLED, Bot, People, eventually

_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_PAGE, _FRAME, _HEADER = 4096, 4096 + 24, 32
_CHECKPOINTED = 5
_COMMITTED = 20


@pytest.fixture
def synced(bot: Bot) -> Path:
    """Return the folder that gets what is safe from a power cut."""
    if not bot.can_lose_power:
        pytest.skip("needs Linux, and a C compiler for what is preloaded")
    folder = bot.home.with_suffix(".synced")
    folder.mkdir()
    return folder


def notes(synced: Path) -> list[list[str]]:
    """Read what arrived, was acknowledged and was synced, in that order of time."""
    log = synced / "log"
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def acknowledged(synced: Path) -> list[str]:
    return [id_ for what, id_ in notes(synced) if what == "acknowledged"]


def syncs_before_acknowledging(synced: Path) -> list[int]:
    """Count the times that the log of the database was synced while each event was received."""
    counts, count = [], 0
    for what, name in notes(synced):
        match what:
            case "arrived":
                count = 0
            case "synced":
                count += name == "supportbot.db-wal"
            case "acknowledged":
                counts.append(count)
    return counts


def events_after_a_power_cut(synced: Path, folder: Path) -> set[str]:
    """Open what was safe on the disk; gives the events in it."""
    folder.mkdir()
    for name in ("supportbot.db", "supportbot.db-wal"):
        if (synced / name).exists():
            shutil.copyfile(synced / name, folder / name)
    with closing(Database(folder / "supportbot.db", "ours")) as database:
        assert database.find_damage() == ()
    with closing(sqlite3.connect(folder / "supportbot.db")) as connection:
        return {row[0] for row in connection.execute("SELECT event_id FROM inbox")}


def test_the_disk_is_waited_for_before_an_event_is_acknowledged(
    bot: Bot, people: People, synced: Path
) -> None:
    people.ask(*range(1, 6))

    assert bot.live(synced=str(synced)) == 0

    counts = syncs_before_acknowledging(synced)
    assert len(counts) == 5
    assert min(counts) >= 1


def test_what_was_acknowledged_is_there_after_a_power_cut(
    bot: Bot, people: People, synced: Path, tmp_path: Path
) -> None:
    people.ask(*range(1, 16))
    bot.start(synced=str(synced))
    eventually(lambda: len(acknowledged(synced)) >= 10)

    status = bot.kill()

    safe = events_after_a_power_cut(synced, tmp_path / "safe")
    assert status == KILLED
    assert set(acknowledged(synced)) - safe == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_what_was_acknowledged_is_there_after_any_power_cut(
    bot: Bot, people: People, synced: Path, tmp_path: Path, seed: int
) -> None:
    people.ask(*range(1, 21))
    bot.start(synced=str(synced))
    last = random.Random(seed).randrange(1, 20)  # noqa: S311 - no secret
    eventually(lambda: len(acknowledged(synced)) >= last)

    bot.kill()

    safe = events_after_a_power_cut(synced, tmp_path / "safe")
    assert set(acknowledged(synced)) - safe == set()
    assert bot.live() == 0
    assert people.replies() == [1] * 20


def event(number: int) -> MessagePosted:
    place, author = Place("slack", "T1", "help"), Author("slack", "U1", "Maria")
    return MessagePosted(f"e{number:03}", place, str(number), author, "How does it work?", _NOW)


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of a killed bot: five events in the database, fifteen in its log."""
    folder = tmp_path_factory.mktemp("running")
    database = Database(folder / "supportbot.db", "ours")
    for number in range(_CHECKPOINTED):
        with database.writing() as tx:
            inbox.put(tx, event(number), now=_NOW)
    assert database.scrub()
    for number in range(_CHECKPOINTED, _COMMITTED):
        with database.writing() as tx:
            inbox.put(tx, event(number), now=_NOW)
    files = tmp_path_factory.mktemp("cut-off")
    for name in ("supportbot.db", "supportbot.db-wal", "supportbot.db-shm"):
        shutil.copyfile(folder / name, files / name)
    database.close()
    return files


def events_left(files: Path) -> int:
    """Open what is left; gives how many events there are, from the first on without a gap.

    Refused is as good as all of them: nothing is lost as long as somebody is told.
    """
    try:
        with closing(Database(files / "supportbot.db", "ours")) as database:
            assert database.find_damage() == ()
            with database.reading() as tx:
                ids = tx.connection().exec_driver_sql("SELECT event_id FROM inbox")
                numbers = sorted(int(id_[1:]) for (id_,) in ids)
    except SupportbotError:
        return _COMMITTED
    assert numbers == list(range(len(numbers)))
    return len(numbers)


def damaged(cut_off: Path, folder: Path, damages: list[bytes]) -> Iterator[int]:
    """Put one damaged log after the other beside the database; gives how many events are left."""
    for number, log in enumerate(damages):
        files = folder / str(number)
        files.mkdir()
        shutil.copyfile(cut_off / "supportbot.db", files / "supportbot.db")
        (files / "supportbot.db-wal").write_bytes(log)
        yield events_left(files)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def test_a_log_that_is_whole_is_taken_whole(cut_off: Path, tmp_path: Path) -> None:
    log = (cut_off / "supportbot.db-wal").read_bytes()

    assert list(damaged(cut_off, tmp_path, [log])) == [_COMMITTED]


def places_in(log: bytes, *, every: int) -> list[int]:
    """Return a place in the log's header, and in some frames two: in its head and in its page."""
    frames = [*range(_HEADER, len(log), _FRAME * every), len(log) - _FRAME]
    return [9, *(place for frame in frames for place in (frame + 10, frame + 24 + _PAGE // 2))]


@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_of_a_damaged_log_the_commits_before_the_damage_are_taken(
    cut_off: Path, tmp_path: Path, every: int
) -> None:
    log = (cut_off / "supportbot.db-wal").read_bytes()

    left = list(
        damaged(cut_off, tmp_path, [flipped(log, at) for at in places_in(log, every=every)])
    )

    assert left == sorted(left)
    # The last frame is of the last commit: what is before it is there.
    assert (left[0], left[-1]) == (_CHECKPOINTED, _COMMITTED - 1)


@pytest.mark.parametrize("every", [20, pytest.param(0.5, marks=pytest.mark.slow)])
def test_of_a_log_that_was_cut_off_the_whole_commits_are_taken(
    cut_off: Path, tmp_path: Path, every: float
) -> None:
    log = (cut_off / "supportbot.db-wal").read_bytes()
    lengths = [0, 1, _HEADER - 1, *range(_HEADER, len(log), int(_FRAME * every)), len(log) - 1]

    left = list(damaged(cut_off, tmp_path, [log[:length] for length in lengths]))

    assert left == sorted(left)
    assert (left[0], left[-1]) == (_CHECKPOINTED, _COMMITTED - 1)


def test_an_index_of_the_log_that_is_lost_or_spoilt_is_made_again(
    cut_off: Path, tmp_path: Path
) -> None:
    index = (cut_off / "supportbot.db-shm").read_bytes()
    lost, spoilt = tmp_path / "lost", tmp_path / "spoilt"
    shutil.copytree(cut_off, lost)
    shutil.copytree(cut_off, spoilt)

    (lost / "supportbot.db-shm").unlink()
    (spoilt / "supportbot.db-shm").write_bytes(bytes(255 - byte for byte in index))

    assert (events_left(lost), events_left(spoilt)) == (_COMMITTED, _COMMITTED)
