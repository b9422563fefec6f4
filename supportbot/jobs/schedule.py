"""What is done by the clock, or on command."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from supportbot.ports import Clock
from supportbot.store import job_runs
from supportbot.store.engine.sqlite import Database


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again when so much time has passed since the last time."""

    name: str
    every: timedelta
    do: Callable[[], object]


def run_due(database: Database, jobs: Sequence[Job], clock: Clock) -> tuple[str, ...]:
    """Do the jobs whose time has come, and note it; gives their names.

    A job that was done in the future was done before the clock was put back: it is due.
    """
    done = []
    for job in jobs:
        with database.reading() as tx:
            last = job_runs.last_run(tx, job.name)
        if last is not None and timedelta(0) <= clock.now() - last < job.every:
            continue
        job.do()
        with database.writing() as tx:
            job_runs.note_run(tx, job.name, now=clock.now())
        done.append(job.name)
    return tuple(done)
