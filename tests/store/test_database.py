import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ForeignKeyConstraint, Index, Table, event, text
from sqlalchemy.sql.schema import ColumnCollectionConstraint
from sqlmodel import SQLModel

from supportbot.errors import SupportbotError
from supportbot.store import (
    conversations,
    database,
    inbox,
    job_runs,
    knowledge,
    outbox,
    places,
    tombstones,
)
from supportbot.store.database import Database

_MODULES = (conversations, inbox, job_runs, knowledge, outbox, places, tombstones)
"""Imported for their tables."""

_SECOND_STEP = """
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE TABLE badge (community_id TEXT PRIMARY KEY)")
"""
_BROKEN_STEP = f"{_SECOND_STEP}    raise RuntimeError('the step is broken')\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "supportbot.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Database]:
    opened = Database(path)
    yield opened
    opened.close()


@pytest.fixture
def next_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a later version's steps, which are read from now on."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(database.__file__).parent / "migrations", folder)
    monkeypatch.setattr(database, "ScriptDirectory", lambda _folder: ScriptDirectory(str(folder)))
    return folder / "versions" / "0003_badges.py"


def keep(database: Database, *document_ids: str, title: str = "") -> None:
    with database.writing() as tx:
        for document_id in document_ids:
            insert_document(tx.connection(), document_id, title)


def insert_document(connection: sqlalchemy.Connection, document_id: str, title: str) -> None:
    connection.execute(
        text(
            "INSERT INTO document(community_id, id, audience, source, hash, title, author, "
            "author_id, url) VALUES ('ours', :id, 'community', 's', 'h', :title, '', '', '')"
        ),
        {"id": document_id, "title": title},
    )


def kept(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM document ORDER BY id")]


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def test_a_new_file_gets_every_table(path: Path) -> None:
    Database(path).close()

    assert tables(path) >= {
        *_TABLES,
        "passage_words",
        "question",
    }
    assert revision(path) == "0002"


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    first = Database(path)
    keep(first, "one")
    first.close()

    Database(path).close()

    assert kept(path) == ["one"]


def test_an_older_file_is_copied_and_then_brought_up_to_date(path: Path, next_steps: Path) -> None:
    old = Database(path)
    keep(old, "one")
    old.close()
    next_steps.write_text(_SECOND_STEP)

    Database(path).close()

    copy = path.with_name("supportbot.db.before-0003")
    assert (revision(path), kept(path), "badge" in tables(path)) == ("0003", ["one"], True)
    assert (revision(copy), kept(copy), "badge" in tables(copy)) == ("0002", ["one"], False)


def test_nothing_of_a_step_that_fails_stays(path: Path, next_steps: Path) -> None:
    old = Database(path)
    keep(old, "one")
    old.close()
    next_steps.write_text(_BROKEN_STEP)

    with pytest.raises(RuntimeError, match="the step is broken"):
        Database(path)

    assert (revision(path), kept(path), "badge" in tables(path)) == ("0002", ["one"], False)


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(SupportbotError) as refusal:
        Database(path)

    assert str(refusal.value) == (
        f"The database {path} was written by a newer supportbot (revision 9999; this one knows "
        "up to 0002). Upgrade supportbot, or set SUPPORTBOT_HOME to another folder."
    )


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("Dear diary, today the bot did not answer. " * 30)

    with pytest.raises(SupportbotError) as refusal:
        Database(path)

    assert str(refusal.value) == (
        f"The database {path} is not a database. Move the file away, or set SUPPORTBOT_HOME to "
        "another folder."
    )


def test_a_damaged_file_is_refused(path: Path) -> None:
    Database(path).close()
    first_page = path.read_bytes()[:4096]
    path.write_bytes(first_page + b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(SupportbotError, match=r"is damaged\. Put your last backup in its place"):
        Database(path)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"cannot be opened\. Check that the folder exists"):
        Database(tmp_path / "nowhere" / "supportbot.db")


def test_opening_a_file_that_another_process_keeps_locked_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 20)
    Database(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(SupportbotError, match="is locked by another process"):
            Database(path)


def test_writing_while_another_process_writes_is_refused_and_works_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 20)
    with closing(Database(path)) as opened, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SupportbotError, match="is locked by another process"):
            keep(opened, "early")
        other.rollback()

        keep(opened, "late")

    assert kept(path) == ["late"]


def test_reading_goes_on_while_another_process_writes(opened: Database, path: Path) -> None:
    keep(opened, "one")
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM document")

        with opened.reading() as tx:
            documents, _ = knowledge.count(tx, "ours")

    assert documents == 1


def test_a_full_disk_is_told_and_nothing_of_the_transaction_stays(
    opened: Database, path: Path
) -> None:
    keep(opened, "before")

    def fill_up(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    event.listen(opened._engine, "connect", fill_up)
    opened.close()

    with pytest.raises(SupportbotError, match=r"the disk is full\. What was stored before is safe"):
        keep(opened, "one", "two", "three", title="x" * 4_000)

    assert kept(path) == ["before"]


def test_writing_works_again_once_there_is_space(opened: Database, path: Path) -> None:
    pages = 10

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(opened._engine, "connect", limit)
    opened.close()
    with pytest.raises(SupportbotError, match="the disk is full"):
        keep(opened, "one", title="x" * 1_000_000)
    pages = 10_000
    opened.close()

    keep(opened, "two")

    assert kept(path) == ["two"]


def test_a_file_that_may_not_be_written_is_told(opened: Database) -> None:
    def forbid(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(opened._engine, "connect", forbid)
    opened.close()

    with pytest.raises(SupportbotError, match=r"cannot be written\. Mend its permissions"):
        keep(opened, "one")


def test_nothing_of_a_transaction_that_fails_stays(opened: Database, path: Path) -> None:
    keep(opened, "before")

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        keep(opened, "half", "before")

    assert kept(path) == ["before"]


def test_our_own_mistake_keeps_its_traceback(opened: Database) -> None:
    keep(opened, "one")

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        keep(opened, "one")


def test_a_mistake_in_the_file_functions_of_sqlite_keeps_its_traceback(
    path: Path,
) -> None:
    with pytest.raises(sqlite3.OperationalError), database._explained(path):
        raise sqlite3.OperationalError


def test_reading_keeps_its_snapshot_while_somebody_writes(opened: Database) -> None:
    keep(opened, "one")

    with opened.reading() as tx:
        before = knowledge.count(tx, "ours")
        keep(opened, "two")
        still = knowledge.count(tx, "ours")

    assert (before, still) == ((1, 0), (1, 0))


def test_writers_take_turns(opened: Database, path: Path) -> None:
    both_are_there = threading.Barrier(2)

    def write(name: str) -> None:
        both_are_there.wait()
        keep(opened, name)

    threads = [threading.Thread(target=write, args=[name]) for name in ("one", "two")]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept(path) == ["one", "two"]


def test_what_refers_to_something_needs_it(opened: Database) -> None:
    with pytest.raises(sqlalchemy.exc.IntegrityError), opened.writing() as tx:
        tx.execute(
            text(
                "INSERT INTO passage(community_id, id, audience, document_id, heading, anchor, "
                "shown, content_hash) VALUES ('ours', 1, 'community', 'none', '', '', '', '')"
            )
        )


def test_the_steps_make_the_tables_that_the_code_expects(opened: Database) -> None:
    def is_ours(_object: object, name: str | None, *_: object) -> bool:
        return not str(name).startswith(("passage_words", "passage_vocabulary"))

    with opened._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours, "compare_type": True}
        )
        differences = compare_metadata(context, SQLModel.metadata)

    assert differences == []


_TABLES = sorted(SQLModel.metadata.tables)
_KEYS = [
    pytest.param(key, id=f"{table}: {type(key).__name__}")
    for table in _TABLES
    for key in (
        *SQLModel.metadata.tables[table].indexes,
        *(
            constraint
            for constraint in SQLModel.metadata.tables[table].constraints
            if isinstance(constraint, ColumnCollectionConstraint) and len(constraint.columns)
        ),
    )
]


@pytest.mark.parametrize("key", _KEYS)
def test_every_key_and_index_begins_with_the_community(
    key: ColumnCollectionConstraint | Index,
) -> None:
    assert next(iter(key.columns)).name == "community_id"


@pytest.mark.parametrize("name", _TABLES)
def test_what_a_table_refers_to_is_in_the_same_community(name: str) -> None:
    table: Table = SQLModel.metadata.tables[name]

    first_targets = [
        key.elements[0].column.name
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    ]

    assert set(first_targets) <= {"community_id"}


@pytest.mark.parametrize("name", ["answer", "document", "inbox", "outbox", "passage", "question"])
def test_what_is_said_or_searched_has_an_audience_and_a_community(name: str) -> None:
    columns = SQLModel.metadata.tables[name].columns

    assert not columns["audience"].nullable
    assert not columns["community_id"].nullable


def test_every_table_is_looked_at_by_these_rules() -> None:
    assert _TABLES == [
        "absence",
        "answer",
        "document",
        "embedding",
        "inbox",
        "job",
        "outbox",
        "outbox_quote",
        "passage",
        "place",
        "question",
        "revision",
        "tombstone",
    ]
