"""The SQLite file: opened, checked, brought up to date, and written to by one at a time."""

import copy
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlmodel import create_engine

from supportbot.errors import DamageError, SupportbotError
from supportbot.files.modes import make_private
from supportbot.store.engine import fts5
from supportbot.store.engine.group_commit import GroupCommit
from supportbot.store.engine.transaction import Transaction

_CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"
_STEPS = str(Path(__file__).parents[1] / "migrations")
_BUSY_TIMEOUT = 5_000
"""Milliseconds to wait for another process that is writing."""


class Database:
    """Every row that the bot has. Safe to use from several threads.

    Reading takes a snapshot. Writing takes its turn: all or nothing, on the disk when it returns.
    Writes that come at the same time share a commit.

    Attributes:
        community_id: Whose rows the transactions read and write.
    """

    def __init__(self, path: Path, community_id: str) -> None:
        """Open the file, or make it, and bring it up to date.

        Raises:
            SupportbotError: It is locked, broken, not a database, or newer than this program.
        """
        # SQLite takes some names, such as `:memory:`, for no file.
        self.path = path = path.absolute()
        self.community_id = community_id
        make_private(path)
        # What was written may be somebody's words: it does not belong into an error's text.
        # As an object: in a text, a question mark would end the path.
        url = sqlalchemy.URL.create("sqlite", database=str(path))
        self._engine = create_engine(url, hide_parameters=True)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._writing_engine = self._engine.execution_options(immediate=True)
        self._writes = GroupCommit(self._writing_engine)
        with _explained(path):
            self._migrate()

    def of(self, community_id: str) -> Self:
        """Return the same database for another community, in the same file."""
        other = copy.copy(self)
        other.community_id = community_id
        return other

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads."""
        # The connection is opened here, so that it is closed here even when it cannot begin.
        with _explained(self.path), self._engine.connect() as connection:  # noqa: SIM117
            with Transaction(connection, self.community_id) as tx:
                yield tx

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction that writes, and commit it at the end.

        Keep it short: search before it. Nothing is kept when it raises.

        Raises:
            SupportbotError: The disk is full, or another process has kept the file locked.
        """
        with _explained(self.path), self._writes.writing(self.community_id) as tx:
            yield tx

    def scrub(self) -> bool:
        """Leave nothing in the files of what was deleted: write them anew, and empty the WAL.

        `secure_delete` is not enough: where SQLite moves rows from page to page, copies of them
        stay in the gaps. It takes as long as copying the file, and others wait to write meanwhile.

        Returns:
            False when somebody is reading, so that it has to be done again.
        """
        with self.writing() as tx:
            fts5.merge(tx)
        # A connection of its own: this one needs a file for what it rewrites, and not memory.
        with _explained(self.path), self._writes.alone(), closing(self._own()) as connection:
            connection.execute("VACUUM")
            return not connection.execute(_CHECKPOINT).fetchone()[0]

    def size(self) -> int:
        """Return the bytes of the file."""
        return self.path.stat().st_size

    def remove_old_copies(self, *, before: datetime) -> None:
        """Remove the copies made before an upgrade, once they are old: they forget nothing."""
        for old in self.path.parent.glob(f"{self.path.name}.before-*"):
            if old.stat().st_mtime < before.timestamp():
                old.unlink()

    def find_damage(self) -> tuple[str, ...]:
        """Check every page and the word index; gives what is wrong, in SQLite's words."""
        try:
            with self.reading() as tx:
                found = [str(row[0]) for row in tx.execute(sqlalchemy.text("PRAGMA quick_check"))]
            with self.writing() as tx:
                fts5.check(tx)
        except DamageError as error:
            return (str(error),)
        return tuple(line for line in found if line != "ok")

    def back_up(self, target: Path) -> None:
        """Copy everything into another file, while others may write.

        Raises:
            SupportbotError: The file cannot be written.
        """
        with _explained(target):
            self._copy(target.absolute())

    def close(self) -> None:
        """Let go of the file."""
        self._writes.close()
        self._engine.dispose()

    def _own(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT}")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _migrate(self) -> None:
        with self._writing_engine.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        head = _head()
        if current == head:
            return
        script = ScriptDirectory(_STEPS)
        if current is not None:
            known = {revision.revision for revision in script.walk_revisions()}
            if current not in known:
                message = (
                    f"The database {self.path} was written by a newer supportbot "
                    f"(revision {current}; this one knows up to {head}). Upgrade supportbot, or "
                    "set SUPPORTBOT_HOME to another folder."
                )
                raise SupportbotError(message)
            self._copy(self.path.with_name(f"{self.path.name}.before-{head}"))
        with self._writing_engine.begin() as connection:
            _upgrade(script, connection)

    def _copy(self, target: Path) -> None:
        make_private(target)
        with (
            closing(sqlite3.connect(self.path)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)


@cache
def _head() -> str | None:
    """Read to which revision this version brings a database: once, for it imports every step."""
    return ScriptDirectory(_STEPS).get_current_head()


def _upgrade(script: ScriptDirectory, connection: sqlalchemy.Connection) -> None:
    """Apply what is missing, in the transaction of this connection: all of it or nothing."""

    def steps(revision: Any, _context: MigrationContext) -> Any:  # alembic's own types are loose
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - as alembic.command does

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    try:
        _set_up(connection)
    except sqlite3.Error:
        # The pool never heard of this connection, so nobody else would close it.
        connection.close()
        raise


def _set_up(connection: sqlite3.Connection) -> None:
    # The driver would begin transactions by itself, and not before DDL.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    # What the word index makes of the words of a question: the same tokenizer has to say.
    connection.execute(
        "CREATE VIRTUAL TABLE temp.asked_word USING fts5("
        "word, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    connection.execute(
        "CREATE VIRTUAL TABLE temp.asked_stem USING fts5vocab(temp, asked_word, 'instance')"
    )


def _begin(connection: sqlalchemy.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_EXPLANATIONS = {
    "SQLITE_BUSY": "is locked by another process. Stop it, or wait until it has finished",
    "SQLITE_FULL": (
        "cannot grow: the disk is full. What was stored before is safe; free some space and run "
        "the command again"
    ),
    "SQLITE_IOERR": (
        "cannot be read or written: the disk reports an error, or is full. Free some space, check "
        "the disk, and run the command again"
    ),
    "SQLITE_NOTADB": (
        "is not a database. Move the file away, or set SUPPORTBOT_HOME to another folder"
    ),
    "SQLITE_CORRUPT": (
        "is damaged. Put your last backup in its place, and remove the files beside it that end in "
        "-wal and -shm"
    ),
    "SQLITE_CANTOPEN": "cannot be opened. Check that the folder exists and can be written",
    "SQLITE_READONLY": "cannot be written. Fix its permissions, or those of its folder",
    "SQLITE_PERM": "cannot be opened. Fix its permissions",
}

_DAMAGE = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses, and a person can fix, into a sentence."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as error:
        raise _explanation(path, error.orig) or error from error
    except sqlite3.Error as error:
        raise _explanation(path, error) or error from error


def _explanation(path: Path, error: BaseException | None) -> SupportbotError | None:
    name = getattr(error, "sqlite_errorname", None) or ""
    for code, explanation in _EXPLANATIONS.items():
        # Extended codes, such as SQLITE_IOERR_WRITE, begin with the plain one.
        if name.startswith(code):
            kind = DamageError if code in _DAMAGE else SupportbotError
            return kind(f"The database {path} {explanation}.")
    return None
