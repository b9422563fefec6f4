"""Dropping what is no longer needed, and writing the file anew."""

from datetime import timedelta

from supportbot.jobs.schedule import Job
from supportbot.ports import Clock
from supportbot.store import inbox
from supportbot.store.engine import scrubbing
from supportbot.store.engine.sqlite import Database


def tidying(database: Database, clock: Clock, *, inbox_days: int) -> Job:
    """Return the job that drops the words of events that were handled long enough ago."""

    def tidy() -> None:
        now = clock.now()
        before = now - timedelta(days=inbox_days)
        with database.writing() as tx:
            if inbox.drop_bodies_before(tx, before):
                scrubbing.note_deletion(tx, now=now)
        database.remove_old_copies(before=before)

    return Job("tidying", timedelta(hours=1), tidy)


def scrubbing_large(database: Database) -> Job:
    """Return the job that scrubs a database which is too large to be scrubbed at each deletion."""

    def scrub() -> None:
        with database.reading() as tx:
            since = scrubbing.needed_since(tx)
        if since is not None:
            scrubbing.scrub(database, since=since)

    return Job("scrubbing", timedelta(days=1), scrub)
