"""Asking the next people when nobody has answered in time."""

from datetime import timedelta

from supportbot.domain.experts.ladder import due_event
from supportbot.experts.selection import Asking
from supportbot.jobs.schedule import Job
from supportbot.ports import Clock
from supportbot.store import asks, inbox
from supportbot.store.engine.sqlite import Database


def climbing(database: Database, clock: Clock, asking: Asking) -> Job:
    """Return the job that looks what is due for the questions that wait.

    It only puts it into the inbox, where the worker handles it like all else. The event is named
    by what is due and since when: however often it is found due, it is done once.
    """

    def climb() -> None:
        now = clock.now()
        since = now - asking.rules.expires_after
        with database.reading() as tx:
            waiting = asks.climbs(tx, answered_since=since)
            found = [(one.question, asking.next_due(tx, one, now)) for one in waiting]
        for question, due in found:
            if due is not None and due.at <= now:
                with database.writing() as tx:
                    inbox.put(tx, due_event(question, due), now=now)

    return Job("ladder", timedelta(minutes=1), climb)
