"""Composition root: builds every part from the settings, and runs them together."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta

from supportbot.domain.chat.bounds import bounded
from supportbot.domain.chat.events import Event
from supportbot.errors import EmbeddingError, SupportbotError
from supportbot.jobs import schedule
from supportbot.ports import (
    Adapter,
)
from supportbot.runtime.build import App, build_jobs, build_worker
from supportbot.runtime.sender import Sender
from supportbot.runtime.status import Status, StatusServer
from supportbot.store import inbox, outbox_counts
from supportbot.store.inbox import InboxState
from supportbot.store.outbox_rows import OutboxState

log = logging.getLogger(__name__)


GRACE = timedelta(seconds=10)
"""The most that a clean stop takes: what a service manager waits before it kills."""
_LOOK = 0.02
"""Seconds between two looks at whether everything is done."""
_LOOK_AT_JOBS = 60.0
"""Seconds between two looks at whether a job is due."""
_TOO_LONG = timedelta(minutes=1)
"""An event that is in hand for longer is stuck."""


class Service:
    """The running bot: adapters, inbox, worker, outbox and senders, in one task group."""

    def __init__(
        self, app: App, adapters: list[Adapter], *, on_ready: Callable[[], object] = lambda: None
    ) -> None:
        """Serve these platforms; `on_ready` is called once, when questions can be answered."""
        self._on_ready = on_ready
        self._app = app
        self._adapters = adapters
        self._loop = asyncio.get_running_loop()
        self._received = 0
        self._connections: list[asyncio.Task[None]] = []
        self._is_stopping = False
        self._is_warm = threading.Event()
        self._trouble_of_receiving = ""
        self._trouble_of_jobs = ""
        self._senders = [
            Sender(
                app.database,
                adapter,
                clock=app.clock,
                metrics=app.metrics,
                on_incoming=self._wake_worker,
            )
            for adapter in adapters
        ]
        self._worker = build_worker(
            app, on_outgoing=lambda: self._loop.call_soon_threadsafe(self._wake_senders)
        )
        self._jobs = build_jobs(app, platforms=[adapter.platform for adapter in adapters])

    async def run(self) -> None:
        """Serve until stopped, cancelled, or until every platform has said goodbye.

        Raises:
            SupportbotError: Something that a maintainer can fix keeps a part from working.
        """
        try:
            async with self._running():
                async with asyncio.TaskGroup() as connections:
                    self._connections = [
                        connections.create_task(adapter.connect(self._receive))
                        for adapter in self._adapters
                    ]
                if not self._is_stopping:
                    await self.settle()
        except ExceptionGroup as errors:
            # Not `except*`: what is raised in one may come out in a group again (Python 3.11.2).
            meant, others = errors.split(SupportbotError)
            if meant is None or others is not None:
                raise
            raise _first(meant) from errors

    def stop(self) -> None:
        """Take nothing more in, finish what is in hand, and end. Call it from the loop's thread."""
        self._is_stopping = True
        for connection in self._connections:
            connection.cancel()

    async def settle(self, *, received: int = 0) -> None:
        """Wait until every event is handled and every message is delivered or set aside.

        Args:
            received: How many events must have come in since the start.
        """
        while not self._is_stopping and (  # noqa: ASYNC110 - two threads and a database say when
            self._received < received or any(await asyncio.to_thread(self.waiting))
        ):
            await asyncio.sleep(_LOOK)

    def waiting(self) -> tuple[int, int]:
        """Count the events that wait to be handled, and the messages that wait to be delivered."""
        with self._app.database.reading() as tx:
            return (
                inbox.count(tx, InboxState.WAITING),
                outbox_counts.count(tx, OutboxState.WAITING),
            )

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        with ExitStack() as opened:
            observability = self._app.settings.observability
            if observability.port:
                registry = self._app.metrics.registry
                opened.enter_context(
                    StatusServer(
                        observability.host, observability.port, registry, self._look_at_status
                    )
                )
            async with asyncio.TaskGroup() as parts:
                doing_jobs = parts.create_task(self._do_jobs())
                parts.create_task(asyncio.to_thread(self._work))
                for sender in self._senders:
                    parts.create_task(sender.run())
                try:
                    yield
                finally:
                    # Each finishes what it has in hand; the task group waits for them.
                    doing_jobs.cancel()
                    self._worker.stop()
                    for sender in self._senders:
                        sender.stop()

    async def _receive(self, event: Event) -> None:
        with self._app.metrics.acknowledging.time():
            try:
                is_new = await asyncio.to_thread(self._store, bounded(event))
            except SupportbotError as error:
                self._trouble_of_receiving = str(error)
                raise
        self._trouble_of_receiving = ""
        self._app.metrics.events.labels(event.place.platform, str(is_new).lower()).inc()
        if is_new:
            self._worker.wake()
        self._received += 1

    def _store(self, event: Event) -> bool:
        app = self._app
        with app.database.writing() as tx:
            return inbox.put(tx, event, now=app.clock.now())

    def _work(self) -> None:
        # The model is there before the first attempt at an event is counted: a process that is
        # killed while it loads has not failed on anything.
        self._warm_up()
        self._worker.run()

    def _warm_up(self) -> None:
        try:
            passages = self._app.search.warm_up()
        except EmbeddingError as error:
            message = f"The model cannot be used: {error}. Choose another under [model]."
            raise SupportbotError(message) from error
        self._app.people.warm_up()
        self._app.metrics.passages.set(passages)
        self._is_warm.set()
        log.info("ready: %s passages indexed", passages)
        self._on_ready()

    async def _do_jobs(self) -> None:
        app = self._app
        while True:
            try:
                await asyncio.to_thread(schedule.run_due, app.database, self._jobs, app.clock)
            except SupportbotError as error:
                self._trouble_of_jobs = str(error)
                log.warning("jobs wait: %s", error)
            else:
                self._trouble_of_jobs = ""
            await asyncio.sleep(_LOOK_AT_JOBS)

    def _wake_worker(self) -> None:
        self._worker.wake()

    def _wake_senders(self) -> None:
        for sender in self._senders:
            sender.wake()

    def _look_at_status(self) -> Status:
        """Bring the gauges up to date, and say how the bot is."""
        metrics = self._app.metrics
        problems = [
            self._trouble_of_receiving,
            self._worker.trouble,
            *(sender.trouble for sender in self._senders),
            self._trouble_of_jobs,
        ]
        since = self._worker.in_hand_since
        if since is not None and self._app.clock.now() - since > _TOO_LONG:
            problems.append(f"an event is in hand since {since:%H:%M:%S} UTC")
        try:
            events, messages = self.waiting()
            with self._app.database.reading() as tx:
                metrics.events_set_aside.set(inbox.count(tx, InboxState.SET_ASIDE))
                metrics.messages_set_aside.set(outbox_counts.count(tx, OutboxState.SET_ASIDE))
                metrics.note_recalibration(self._app.recalibrating.now(tx))
            metrics.passages.set(self._app.search.indexed())
        except SupportbotError as error:
            problems.append(str(error))
        else:
            metrics.inbox_waiting.set(events)
            metrics.outbox_waiting.set(messages)
        is_ready = self._is_warm.is_set() and bool(self._connections) and not self._is_stopping
        # What troubles one part often troubles all of them, and is said once.
        return Status(is_ready, tuple(dict.fromkeys(filter(None, problems))))


def _first(errors: BaseExceptionGroup[SupportbotError]) -> SupportbotError:
    """Return the first error of a group of groups: one sentence is enough to begin with."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return SupportbotError(str(error))
