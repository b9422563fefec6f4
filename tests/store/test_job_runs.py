from datetime import UTC, datetime, timedelta

from supportbot.store import job_runs
from supportbot.store.engine.sqlite import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def last_run(database: Database, name: str = "tidying", of: str = "ours") -> datetime | None:
    with database.of(of).reading() as tx:
        return job_runs.last_run(tx, name)


def note_run(database: Database, now: datetime) -> None:
    with database.writing() as tx:
        job_runs.note_run(tx, "tidying", now=now)


def test_a_job_that_was_never_done_has_no_last_time(database: Database) -> None:
    assert last_run(database) is None


def test_a_job_was_done_last_when_it_was_noted_last(database: Database) -> None:
    note_run(database, NOW)

    note_run(database, NOW + timedelta(hours=1))

    assert last_run(database) == NOW + timedelta(hours=1)


def test_a_job_says_nothing_about_another_or_about_another_community(database: Database) -> None:
    note_run(database, NOW)

    assert last_run(database, "digest") is None
    assert last_run(database, of="theirs") is None
