"""Whether something was deleted that still stands in the database's files."""

from datetime import datetime

from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.job_runs import JobRow

_NAME = "deleted"
"""Kept among the jobs: present as long as there is something to scrub."""


def note_deletion(tx: Transaction, *, now: datetime) -> None:
    """Note that something was deleted; in the transaction of the deletion."""
    tx.merge(JobRow(community_id=tx.community_id, name=_NAME, last_run=now))


def needed_since(tx: Transaction) -> datetime | None:
    """Return when something was deleted last that was not scrubbed yet; None when nothing was."""
    row = tx.get(JobRow, (tx.community_id, _NAME))
    return None if row is None else row.last_run


def scrub(database: Database, *, since: datetime) -> None:
    """Scrub the files of what was deleted until then; where somebody reads, it stays to be done."""
    if database.scrub():
        with database.writing() as tx:
            note_scrubbed(tx, since=since)


def note_scrubbed(tx: Transaction, *, since: datetime) -> None:
    """Note that everything is scrubbed that was deleted until then."""
    row = tx.get(JobRow, (tx.community_id, _NAME))
    if row is not None and row.last_run == since:
        tx.delete(row)
