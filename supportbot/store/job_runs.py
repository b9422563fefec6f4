"""When each job was done last."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.transaction import Transaction


class JobRow(SQLModel, table=True):
    """A job that is done by the clock."""

    __tablename__ = "job"
    community_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    last_run: datetime = Field(sa_type=UtcDateTime)


def last_run(tx: Transaction, name: str) -> datetime | None:
    """Return when a job was done last; None when it never was."""
    row = tx.get(JobRow, (tx.community_id, name))
    return None if row is None else row.last_run


def note_run(tx: Transaction, name: str, *, now: datetime) -> None:
    """Note that a job is done."""
    tx.merge(JobRow(community_id=tx.community_id, name=name, last_run=now))
