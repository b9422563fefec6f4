"""Inbox to handlers: one event, one transaction."""

import logging
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

from supportbot.domain.events import Event
from supportbot.errors import SupportbotError
from supportbot.handlers import Handlers, Outcome
from supportbot.ports import Clock
from supportbot.search import Search
from supportbot.store import conversations, inbox, outbox
from supportbot.store.database import Database, Transaction

log = logging.getLogger(__name__)

_MOST_ATTEMPTS = 5
"""An event that was begun so often and never finished has killed the process each time."""
_PAUSE = 5.0
"""Seconds to wait when the database cannot be used, before trying again."""


class Worker:
    """Handles every stored event once: what it leads to and "handled" are one commit."""

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        community_id: str,
        database: Database,
        search: Search,
        handlers: Handlers,
        *,
        clock: Clock,
        on_outgoing: Callable[[], object],
    ) -> None:
        """Call `on_outgoing` after each commit that left messages in the outbox."""
        self._community_id = community_id
        self._database = database
        self._search = search
        self._handlers = handlers
        self._clock = clock
        self._on_outgoing = on_outgoing
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Handle events until stopped. Blocks; give it a thread."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.handle_next():
                    pass
            except SupportbotError as error:
                # Not this event's fault: nothing is set aside, and it is tried again.
                log.warning("events wait: %s", error)
                self._stopping.wait(_PAUSE)
                continue
            self._wake.wait()

    def wake(self) -> None:
        """Say that an event came in."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the event in hand."""
        self._stopping.set()
        self._wake.set()

    def handle_next(self) -> bool:
        """Handle the oldest waiting event; False when none waits.

        1. Count the attempt.
        2. Read, search and decide, outside any transaction that writes.
        3. Store what comes of it together with "handled".
        4. Let what was learned be found.
        """
        with self._database.writing() as tx:
            claimed = inbox.claim(tx, self._community_id)
        if claimed is None:
            return False
        event, attempt = claimed
        if attempt > _MOST_ATTEMPTS:
            self._set_aside(event, f"was begun {_MOST_ATTEMPTS} times and never finished")
            return True
        try:
            self._handle(event)
        except SupportbotError:
            # Not this event's fault, so the attempt does not count.
            with suppress(SupportbotError), self._database.writing() as tx:
                inbox.release(tx, self._community_id, event.event_id)
            raise
        except Exception:  # whatever it is, the other events go on
            log.exception("event %s was set aside", event.event_id)
            self._set_aside(event, traceback.format_exc())
        return True

    def _handle(self, event: Event) -> None:
        outcome = self._handlers.handle(event)
        findable = self._search.make_findable(outcome.document) if outcome.document else None
        with self._database.writing() as tx:
            self._store(tx, outcome)
            if findable is not None:
                self._search.store(tx, self._community_id, findable)
            inbox.mark_handled(tx, self._community_id, event.event_id)
        if findable is not None:
            self._search.add(self._community_id, findable)
        if outcome.messages:
            self._on_outgoing()

    def _store(self, tx: Transaction, outcome: Outcome) -> None:
        if outcome.question is not None:
            conversations.save_question(tx, self._community_id, outcome.question)
        if outcome.answer is not None:
            conversations.save_answer(tx, self._community_id, outcome.answer)
        outbox.put(tx, self._community_id, outcome.messages, now=self._clock.now())

    def _set_aside(self, event: Event, error: str) -> None:
        with self._database.writing() as tx:
            inbox.set_aside(tx, self._community_id, event.event_id, error)
