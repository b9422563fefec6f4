"""What is done by the clock, or on command."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from supportbot.domain.documents import Document
from supportbot.importers.best_practices import SOURCE, Problem, read_folder
from supportbot.ports import Clock
from supportbot.search import Progress, Search, SyncReport
from supportbot.settings import KnowledgeSettings
from supportbot.store import inbox, job_runs, scrubbing
from supportbot.store.database import Database


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again when so much time has passed since the last time."""

    name: str
    every: timedelta
    do: Callable[[], object]


def tidying(database: Database, community_id: str, clock: Clock, *, inbox_days: int) -> Job:
    """Give the job that drops the words of events that were handled long enough ago."""

    def tidy() -> None:
        now = clock.now()
        before = now - timedelta(days=inbox_days)
        with database.writing() as tx:
            if inbox.drop_bodies_before(tx, community_id, before):
                scrubbing.note_deletion(tx, community_id, now=now)
        database.remove_old_copies(before=before)

    return Job("tidying", timedelta(hours=1), tidy)


def scrubbing_large(database: Database, community_id: str) -> Job:
    """Give the job that scrubs a database which is too large to be scrubbed at each deletion."""

    def scrub() -> None:
        with database.reading() as tx:
            since = scrubbing.needed_since(tx, community_id)
        if since is not None:
            scrubbing.scrub(database, community_id, since=since)

    return Job("scrubbing", timedelta(days=1), scrub)


def run_due(
    database: Database, community_id: str, jobs: Sequence[Job], clock: Clock
) -> tuple[str, ...]:
    """Do the jobs whose time has come, and note it; gives their names.

    A job that was done in the future was done before the clock was put back: it is due.
    """
    done = []
    for job in jobs:
        with database.reading() as tx:
            last = job_runs.last_run(tx, community_id, job.name)
        if last is not None and timedelta(0) <= clock.now() - last < job.every:
            continue
        job.do()
        with database.writing() as tx:
            job_runs.note_run(tx, community_id, job.name, now=clock.now())
        done.append(job.name)
    return tuple(done)


def sync_knowledge(
    search: Search, community_id: str, knowledge: KnowledgeSettings, progress: Progress
) -> tuple[SyncReport, list[Problem]]:
    """Make the index agree with the knowledge folder.

    Returns:
        What was done, and what is wrong with the files.

    Raises:
        SupportbotError: There is no such folder, or the database cannot be written.
    """
    problems: list[Problem] = []

    def documents() -> Iterator[Document]:
        base_url = knowledge.base_url or f"{knowledge.folder.name}/"
        for file in read_folder(knowledge.folder, base_url=base_url):
            problems.extend(file.problems)
            if file.document is not None:
                yield file.document

    return search.sync(community_id, SOURCE, documents(), progress), problems
