import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import event, text
from sqlmodel import Session, create_engine

from supportbot.errors import SupportbotError
from supportbot.store.engine import group_commit
from supportbot.store.engine.group_commit import GroupCommit
from supportbot.testing import PATIENCE


@dataclass
class Bench:
    """A file with one table, its group commit, and what was committed in it."""

    path: Path
    pages: int = 100_000
    commits: int = 0
    trouble: Exception | None = None
    before_commit: Callable[[], object] = lambda: None
    threads: list[threading.Thread] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    """What each thread was told, in that order: its name, and `stored` or an error's type."""

    def __post_init__(self) -> None:
        self.engine = create_engine(f"sqlite:///{self.path}")
        event.listen(self.engine, "connect", self._prepare)
        event.listen(self.engine, "begin", self._begin)
        event.listen(self.engine, "commit", self._commit)
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE word (name TEXT PRIMARY KEY)"))
        self.commits = 0
        self.writes = GroupCommit(self.engine)

    def write(self, *names: str) -> None:
        """Write words, in one write."""
        with self.writes.writing("ours") as tx:
            for name in names:
                insert(tx, name)

    def start(self, name: str, write: Callable[[Session], object] | None = None) -> None:
        """Let a thread write its name, or something else, and note what it is told."""

        def work() -> None:
            try:
                with self.writes.writing("ours") as tx:
                    (write or (lambda tx: insert(tx, name)))(tx)
            except (SupportbotError, sqlalchemy.exc.DBAPIError, ArithmeticError) as error:
                self.told.append((name, type(error).__name__))
            else:
                self.told.append((name, "stored"))

        thread = threading.Thread(target=work, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def wait_for(self, count: int) -> None:
        """Wait until so many threads wait for their turn."""
        patiently(lambda: self.writes._waiting == count)

    def join(self) -> None:
        """Wait until each thread has ended."""
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def words(self) -> list[str]:
        """Return what is in the file."""
        with self.engine.connect() as connection:
            return [row[0] for row in connection.execute(text("SELECT name FROM word ORDER BY 1"))]

    def close(self) -> None:
        """Let go of the file."""
        self.writes.close()
        self.engine.dispose()

    def _prepare(self, connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count={self.pages}")  # type: ignore[attr-defined]

    def _begin(self, connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    def _commit(self, _connection: sqlalchemy.Connection) -> None:
        self.commits += 1
        self.before_commit()
        if self.trouble is not None:
            raise self.trouble


def patiently(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    pause, ended = threading.Event(), threading.Event()
    timer = threading.Timer(PATIENCE, ended.set)
    timer.start()
    while not is_so():
        pause.wait(0.001)
        assert not ended.is_set()
    timer.cancel()


def insert(tx: Session, name: str) -> None:
    tx.execute(text("INSERT INTO word VALUES (:name)"), {"name": name})


def divide_by_nothing(tx: Session) -> None:
    insert(tx, "half")
    raise ZeroDivisionError


def fill_up(tx: Session) -> None:
    insert(tx, "x" * 1_000_000)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with closing(Bench(tmp_path / "words.db")) as bench:
        yield bench


def test_one_write_alone_is_one_commit(bench: Bench) -> None:
    bench.write("one", "two")

    assert (bench.words(), bench.commits) == (["one", "two"], 1)


def test_writes_that_come_one_after_the_other_are_a_commit_each(bench: Bench) -> None:
    bench.write("one")
    bench.write("two")

    assert (bench.words(), bench.commits) == (["one", "two"], 2)


def test_writes_that_wait_for_their_turn_share_one_commit(bench: Bench) -> None:
    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("second")
        bench.start("third")
        bench.start("fourth")
        bench.wait_for(3)
    bench.join()

    assert bench.words() == ["first", "fourth", "second", "third"]
    assert bench.commits == 1


def test_nobody_is_told_before_the_commit(bench: Bench) -> None:
    told_before_the_commit: list[list[tuple[str, str]]] = []
    bench.before_commit = lambda: told_before_the_commit.append(list(bench.told))

    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("second")
        bench.start("third")
        bench.wait_for(2)
    bench.join()

    assert told_before_the_commit == [[]]
    assert sorted(bench.told) == [("second", "stored"), ("third", "stored")]


def test_a_write_that_raises_takes_nothing_of_the_others_with_it(bench: Bench) -> None:
    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("broken", divide_by_nothing)
        bench.start("third")
        bench.wait_for(2)
    bench.join()

    assert bench.words() == ["first", "third"]
    assert sorted(bench.told) == [("broken", "ZeroDivisionError"), ("third", "stored")]


def test_a_write_that_sqlite_refuses_takes_nothing_of_the_others_with_it(bench: Bench) -> None:
    bench.write("first")

    with bench.writes.writing("ours") as tx:
        insert(tx, "second")
        bench.start("first")
        bench.wait_for(1)
    bench.join()

    assert bench.words() == ["first", "second"]
    assert bench.told == [("first", "IntegrityError")]


def test_a_write_that_raises_first_leaves_its_group_to_those_who_wait(bench: Bench) -> None:
    with suppress(ZeroDivisionError), bench.writes.writing("ours") as tx:
        bench.start("second")
        bench.wait_for(1)
        divide_by_nothing(tx)
    bench.join()

    assert (bench.words(), bench.told) == (["second"], [("second", "stored")])


def test_a_write_that_raises_alone_leaves_nothing_open(bench: Bench) -> None:
    with suppress(ZeroDivisionError), bench.writes.writing("ours") as tx:
        divide_by_nothing(tx)

    bench.write("next")

    assert bench.words() == ["next"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Bench]:
    with closing(Bench(tmp_path / "small.db", pages=8)) as bench:
        yield bench


def test_a_full_disk_fails_the_whole_group_and_everybody_is_told(small: Bench) -> None:
    def write_and_be_followed(tx: Session) -> None:
        insert(tx, "second")
        small.start("full", fill_up)
        small.wait_for(1)

    is_told = pytest.raises(sqlalchemy.exc.OperationalError, match="disk is full")
    with is_told, small.writes.writing("ours") as tx:
        insert(tx, "first")
        small.start("second", write_and_be_followed)
        small.wait_for(1)
    small.join()

    assert sorted(small.told) == [("full", "OperationalError"), ("second", "OperationalError")]
    assert small.words() == []


def test_there_is_space_for_others_after_a_write_that_was_too_large(small: Bench) -> None:
    is_told = pytest.raises(sqlalchemy.exc.OperationalError, match="disk is full")
    with is_told, small.writes.writing("ours") as tx:
        fill_up(tx)

    small.write("small")

    assert small.words() == ["small"]


def test_a_group_works_again_after_one_that_failed(bench: Bench) -> None:
    bench.trouble = sqlalchemy.exc.OperationalError("COMMIT", {}, OSError("disk I/O error"))
    with pytest.raises(sqlalchemy.exc.OperationalError):
        bench.write("lost")
    bench.trouble = None

    bench.write("kept")

    assert bench.words() == ["kept"]


def test_a_commit_that_fails_is_told_to_each_of_its_group(bench: Bench) -> None:
    bench.trouble = sqlalchemy.exc.OperationalError("COMMIT", {}, OSError("disk I/O error"))
    tx_is_told = pytest.raises(sqlalchemy.exc.OperationalError)

    with tx_is_told, bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("second")
        bench.start("third")
        bench.wait_for(2)
    bench.join()
    bench.trouble = None

    assert bench.words() == []
    assert sorted(bench.told) == [("second", "OperationalError"), ("third", "OperationalError")]


def test_a_group_does_not_grow_without_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_GROUP", 2)

    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("second")
        bench.start("third")
        bench.start("fourth")
        bench.start("fifth")
        bench.wait_for(4)
    bench.join()

    assert bench.words() == ["fifth", "first", "fourth", "second", "third"]
    assert bench.commits == 3


def test_who_waits_too_long_is_told_that_the_database_is_busy(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.01)

    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        bench.start("second")
        bench.join()

    assert bench.told == [("second", "SupportbotError")]
    assert bench.words() == ["first"]


class Turn:
    """A turn for which one who waits gives up when the test says so."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.was_refused = threading.Event()
        self.before_release: Callable[[], object] = lambda: None
        self.after_release: Callable[[], object] = lambda: None

    def acquire(self, *, blocking: bool = True, timeout: float = -1) -> bool:
        del timeout
        has_turn = self.lock.acquire(blocking=False)
        if not has_turn and blocking:
            self.is_over.wait(PATIENCE)
        if not has_turn and not blocking:
            self.was_refused.set()
        return has_turn

    def release(self) -> None:
        self.before_release()
        self.lock.release()
        self.after_release()


@pytest.fixture
def turn(bench: Bench) -> Iterator[Turn]:
    turn = Turn()
    bench.writes._turn = turn  # type: ignore[assignment]
    yield turn
    bench.writes._turn = turn.lock


def start_one_who_counts_on_another(bench: Bench) -> None:
    def write(tx: Session) -> None:
        insert(tx, "first")
        bench.start("second")
        bench.wait_for(1)

    bench.start("first", write)
    patiently(lambda: len(bench.threads) == 2)


def test_who_gives_up_leaves_no_group_open(bench: Bench, turn: Turn) -> None:
    turn.after_release = turn.is_over.set

    start_one_who_counts_on_another(bench)
    bench.join()

    assert sorted(bench.told) == [("first", "stored"), ("second", "SupportbotError")]
    assert bench.words() == ["first"]


def test_who_gives_up_just_before_their_turn_leaves_no_group_open(bench: Bench, turn: Turn) -> None:
    def let_the_other_give_up() -> None:
        turn.is_over.set()
        turn.was_refused.wait(PATIENCE)

    turn.before_release = let_the_other_give_up

    start_one_who_counts_on_another(bench)
    bench.join()

    assert sorted(bench.told) == [("first", "stored"), ("second", "SupportbotError")]
    assert bench.words() == ["first"]


def test_what_is_done_alone_is_done_outside_any_transaction(bench: Bench) -> None:
    with bench.writes.alone() as connection:
        assert not connection.in_transaction()


def test_what_waits_for_a_commit_is_committed_before_something_is_done_alone(bench: Bench) -> None:
    words: list[list[str]] = []

    def do_it_alone() -> None:
        with bench.writes.alone():
            words.append(bench.words())

    alone = threading.Thread(target=do_it_alone)
    with bench.writes.writing("ours") as tx:
        insert(tx, "first")
        alone.start()
        bench.wait_for(1)
    alone.join(PATIENCE)

    assert words == [["first"]]


def test_it_can_be_closed_before_anything_was_written_and_used_afterwards(bench: Bench) -> None:
    bench.writes.close()
    bench.writes.close()

    bench.write("one")

    assert bench.words() == ["one"]


def test_many_threads_store_everything_in_fewer_commits(bench: Bench) -> None:
    with bench.writes.writing("ours") as tx:
        insert(tx, "w")
        names = [f"w{number:02}" for number in range(40)]
        _ = [bench.start(name) for name in names]  # type: ignore[func-returns-value]
        bench.wait_for(40)
    bench.join()

    assert bench.words() == ["w", *names]
    assert bench.commits == 1
