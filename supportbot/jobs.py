"""What is done by the clock, or on command."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from supportbot.asking import Asking
from supportbot.domain.composing import compose_receipt
from supportbot.domain.documents import Document
from supportbot.domain.ladder import due_event
from supportbot.domain.places import direct_place
from supportbot.domain.receipts import receipts_of, week_of
from supportbot.domain.replies import OutgoingMessage
from supportbot.importers.best_practices import SOURCE, Problem, read_folder
from supportbot.people import People
from supportbot.ports import Clock
from supportbot.search import Progress, Search, SyncReport
from supportbot.settings import ExpertSettings, KnowledgeSettings, owner_on
from supportbot.store import (
    asks,
    inbox,
    job_runs,
    knowledge,
    outbox,
    profiles,
    scrubbing,
    statistics,
)
from supportbot.store import receipts as shown
from supportbot.store.database import Database
from supportbot.store.outbox import Cause


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


def climbing(database: Database, community_id: str, clock: Clock, asking: Asking) -> Job:
    """Give the job that looks what is due for the questions that wait.

    It only puts it into the inbox, where the worker handles it like all else. The event is named
    by what is due and since when: however often it is found due, it is done once.
    """

    def climb() -> None:
        now = clock.now()
        since = now - asking.rules.expires_after
        with database.reading() as tx:
            waiting = asks.climbs(tx, community_id, answered_since=since)
        for one in waiting:
            due = asking.next_due(one, now)
            if due is not None and due.at <= now:
                with database.writing() as tx:
                    inbox.put(tx, community_id, due_event(one.question, due), now=now)

    return Job("ladder", timedelta(minutes=1), climb)


def learning_who_answers(people: People) -> Job:
    """Give the job that fits who answers, from what the community asked and answered."""
    return Job("learning", timedelta(days=7), people.learn)


def receipts(
    database: Database,
    community_id: str,
    clock: Clock,
    *,
    platforms: Collection[str],
    experts: Collection[ExpertSettings] = (),
) -> Job:
    """Give the job that tells people, each alone and once a week, whom their answers helped.

    So are the owners of the group's own documents, where they are known.

    Those who do not want to hear of it, and those who have left, are told nothing.

    Args:
        database: Where it is kept what was shown to whom.
        community_id: Whose.
        clock: Says which week it is.
        platforms: Where messages can be delivered.
        experts: They may own documents.
    """

    def tell() -> None:
        now = clock.now()
        with database.writing() as tx:
            gone = statistics.gone(tx, community_id)
            owned = shown.showings_of_owned(tx, community_id, partial(owner_on, experts))
            showings = [*shown.showings(tx, community_id), *owned]
            for receipt in receipts_of(showings):
                author = receipt.author
                id_ = f"receipt/{week_of(now)}/{knowledge.content_hash(author.member_id)}"
                if (
                    author.platform not in platforms
                    or author.member_id in gone
                    or not profiles.availability_of(tx, community_id, author.member_id).receipts
                    or outbox.is_known(tx, community_id, id_)
                ):
                    continue
                place = direct_place(author, receipt.workspace)
                message = OutgoingMessage(id_, place, compose_receipt(receipt, now=now))
                cause = Cause(member_id=author.member_id)
                outbox.put(tx, community_id, [message], now=now, cause=cause)
                told = [one for one in showings if one.author.member_id == author.member_id]
                shown.note_told(tx, community_id, told, now=now)

    return Job("receipts", timedelta(days=7), tell)


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
        What was done, and what is wrong with the files that matters.

    Raises:
        SupportbotError: There is no such folder, or the database cannot be written.
    """
    problems: list[Problem] = []

    def documents() -> Iterator[Document]:
        base_url = knowledge.base_url or f"{knowledge.folder.name}/"
        required = knowledge.required
        for file in read_folder(knowledge.folder, base_url=base_url, required=required):
            problems.extend(problem for problem in file.problems if problem.matters)
            if file.document is not None:
                yield file.document

    return search.sync(community_id, SOURCE, documents(), progress), problems
