"""Writes of many threads, in one transaction and one wait for the disk."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy

from supportbot.errors import SupportbotError
from supportbot.store.engine.transaction import Transaction

LARGEST_GROUP = 64
"""Writes in one commit. With so many, the wait for the disk is a small part of each."""
PATIENCE = 30.0
"""Seconds to wait for a turn, before saying that the database cannot be written."""


@dataclass(slots=True)
class _Group:
    """Writes that are committed together."""

    transaction: sqlalchemy.RootTransaction
    is_done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    writes: int = 0


class GroupCommit:
    """Lets threads write one after the other, and commits what they wrote together.

    Each write is all or nothing by itself: one that raises takes nothing of the others with it.
    None is told that it succeeded before the commit of its group is on the disk.
    """

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        """Write through one connection of this engine, opened when it is needed."""
        self._engine = engine
        self._connection: sqlalchemy.Connection | None = None
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def writing(self, community_id: str) -> Iterator[Transaction]:
        """Take a turn, and return when what was written for a community is on the disk.

        Raises:
            SupportbotError: The turn did not come within the patience.
            sqlalchemy.exc.DBAPIError: What SQLite refused.
        """
        with self._in_turn():
            group = self._group or self._begin()
            try:
                with self._savepoint(community_id) as tx:
                    yield tx
                group.writes += 1
            except BaseException as error:
                if not self._is_in_transaction():
                    # A full disk takes the whole transaction back, and so everybody's writes.
                    self._fail(group, error)
                raise
            finally:
                if group is self._group and not self._may_grow(group):
                    self._commit(group)
        group.is_done.wait()
        if group.error is not None:
            raise group.error

    @contextmanager
    def alone(self) -> Iterator[sqlalchemy.Connection]:
        """Take a turn outside any transaction, as a checkpoint needs it."""
        with self._in_turn():
            if self._group is not None:
                self._commit(self._group)
            yield self._opened()

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            self._drop_connection()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with self._counting:
            self._waiting += 1
        has_turn = False
        try:
            has_turn = self._turn.acquire(timeout=PATIENCE)
        finally:
            with self._counting:
                self._waiting -= 1
            if not has_turn:
                self._leave_no_group_behind()
        if not has_turn:
            message = "The database is busy: another write has taken too long. Try again."
            raise SupportbotError(message)
        try:
            yield
        finally:
            self._turn.release()
            # The one to whom the commit was left may have given up just before.
            self._leave_no_group_behind()

    @contextmanager
    def _savepoint(self, community_id: str) -> Iterator[Transaction]:
        failure: BaseException | None = None
        try:
            with Transaction(
                self._opened(), community_id, join_transaction_mode="create_savepoint"
            ) as tx:
                try:
                    tx.connection()
                    yield tx
                    tx.commit()
                except BaseException as error:
                    failure = error
                    raise
        except sqlalchemy.exc.DBAPIError:
            # Where the whole transaction is gone, so is the savepoint; that is not the reason.
            if failure is not None:
                raise failure from None
            raise

    def _leave_no_group_behind(self) -> None:
        """Commit a group that waited for one who gave up, unless others are coming."""
        # Nobody takes the turn for this while another waits: that one would look in vain.
        if self._group is None or self._waiting or not self._turn.acquire(blocking=False):
            return
        try:
            if self._group is not None and not self._waiting:
                self._commit(self._group)
        finally:
            self._turn.release()

    def _may_grow(self, group: _Group) -> bool:
        """Whether the commit can be left to the next one, who is waiting already."""
        return self._waiting > 0 and group.writes < LARGEST_GROUP

    def _begin(self) -> _Group:
        self._group = _Group(self._opened().begin())
        return self._group

    def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            group.transaction.commit()
        except BaseException as error:  # noqa: BLE001 - each of the group raises it
            self._fail(group, error)
        group.is_done.set()

    def _fail(self, group: _Group, error: BaseException) -> None:
        self._group = None
        group.error = error
        self._drop_connection()
        group.is_done.set()

    def _opened(self) -> sqlalchemy.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _is_in_transaction(self) -> bool:
        connection = self._opened().connection.dbapi_connection
        return bool(connection is not None and connection.in_transaction)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
