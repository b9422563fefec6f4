"""Composition root: builds every part from the settings, and runs them together."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import TextIO

from supportbot.domain.events import Event
from supportbot.domain.triage import Calibration
from supportbot.errors import SupportbotError
from supportbot.handlers import Handlers
from supportbot.ports import Adapter, AdapterContext, Clock, Embedder
from supportbot.search import Search
from supportbot.sender import Sender
from supportbot.settings import ModelSettings, Settings
from supportbot.store import inbox, outbox
from supportbot.store.database import Database
from supportbot.store.inbox import InboxState
from supportbot.store.outbox import OutboxState
from supportbot.worker import Worker

log = logging.getLogger(__name__)

DATABASE_NAME = "supportbot.db"

_LOOK = 0.02
"""Seconds between two looks at whether everything is done."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the time, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Every part that a command may need, built from the settings."""

    settings: Settings
    home: Path
    database: Database
    search: Search
    handlers: Handlers
    calibration: Calibration
    clock: Clock

    @property
    def community_id(self) -> str:
        """Name the community that is served."""
        return self.settings.community


def build_app(
    settings: Settings,
    home: Path,
    *,
    embedder: Embedder | None = None,
    clock: Clock | None = None,
) -> App:
    """Build every part. The model is not loaded before it is needed.

    Raises:
        SupportbotError: Something in the settings, or the database, cannot be used.
    """
    from supportbot.retrieval.calibration import calibration_for

    database = Database(home / DATABASE_NAME)
    chosen = embedder or build_embedder(settings.model)
    calibration = settings.thresholds.applied_to(
        calibration_for(chosen.model, settings.configured_calibration())
    )
    search = Search(database, chosen)
    handlers = Handlers(settings.community, database, search, calibration, settings.experts)
    return App(settings, home, database, search, handlers, calibration, clock or SystemClock())


def build_embedder(settings: ModelSettings) -> Embedder:
    """Build the embedder of the settings; the known models bring their own record."""
    from supportbot.retrieval.embedder import SentenceTransformerEmbedder
    from supportbot.retrieval.models import ModelRecord, known_record

    record = (None if settings.sha256 else known_record(settings.name)) or ModelRecord(
        **settings.model_dump(exclude={"precision"})
    )
    return SentenceTransformerEmbedder(record, precision=settings.precision)


def build_adapters(
    settings: Settings, home: Path, *, stdin: TextIO = sys.stdin, stdout: TextIO = sys.stdout
) -> list[Adapter]:
    """Build the configured adapters, found by their entry points.

    Raises:
        SupportbotError: No installed package brings an adapter of that name.
    """
    installed = {point.name: point for point in entry_points(group="supportbot.adapters")}
    adapters: list[Adapter] = []
    for name, options in settings.adapters.items():
        if name not in installed:
            message = (
                f"There is no adapter '{name}'. Installed: {', '.join(sorted(installed))}. "
                "Mend [adapters] in the settings, or install the package that brings it."
            )
            raise SupportbotError(message)
        create: Callable[[AdapterContext], Adapter] = installed[name].load()
        adapters.append(create(AdapterContext(home, options, stdin, stdout)))
    return adapters


class Service:
    """The running bot: adapters, inbox, worker, outbox and senders, in one task group."""

    def __init__(self, app: App, adapters: list[Adapter]) -> None:
        """Serve these platforms."""
        self._app = app
        self._adapters = adapters
        self._loop = asyncio.get_running_loop()
        self._received = 0
        self._senders = [
            Sender(app.community_id, app.database, adapter, app.clock) for adapter in adapters
        ]
        self._worker = Worker(
            app.community_id,
            app.database,
            app.search,
            app.handlers,
            clock=app.clock,
            on_outgoing=lambda: self._loop.call_soon_threadsafe(self._wake_senders),
        )

    async def run(self) -> None:
        """Serve until cancelled, or until every platform has said goodbye.

        Raises:
            SupportbotError: Something that a maintainer can mend keeps a part from working.
        """
        try:
            async with self._running():
                async with asyncio.TaskGroup() as connections:
                    for adapter in self._adapters:
                        connections.create_task(adapter.connect(self._receive))
                await self.settle()
        except* SupportbotError as errors:
            raise _first(errors) from errors

    async def settle(self, *, received: int = 0) -> None:
        """Wait until every event is handled and every message is delivered or set aside.

        Args:
            received: How many events must have come in since the start.
        """
        while (  # noqa: ASYNC110 - two threads and a database say when, not one event
            self._received < received or await asyncio.to_thread(self._is_busy)
        ):
            await asyncio.sleep(_LOOK)

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(asyncio.to_thread(self._warm_up))
            working = parts.create_task(asyncio.to_thread(self._worker.run))
            sending = [parts.create_task(sender.run()) for sender in self._senders]
            try:
                yield
            finally:
                self._worker.stop()
                await working
                for task in sending:
                    task.cancel()

    async def _receive(self, event: Event) -> None:
        if await asyncio.to_thread(self._store, event):
            self._worker.wake()
        self._received += 1

    def _store(self, event: Event) -> bool:
        app = self._app
        with app.database.writing() as tx:
            return inbox.put(tx, app.community_id, event, now=app.clock.now())

    def _warm_up(self) -> None:
        passages = self._app.search.warm_up(self._app.community_id)
        log.info("ready: %s passages indexed", passages)

    def _wake_senders(self) -> None:
        for sender in self._senders:
            sender.wake()

    def _is_busy(self) -> bool:
        community_id = self._app.community_id
        with self._app.database.reading() as tx:
            return bool(
                inbox.count(tx, community_id, InboxState.WAITING)
                or outbox.count(tx, community_id, OutboxState.WAITING)
            )


def _first(errors: BaseExceptionGroup[SupportbotError]) -> SupportbotError:
    """Give the first error of a group of groups: one sentence is enough to begin with."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return SupportbotError(str(error))


def build_search(settings: Settings, path: Path, *, model: str | None = None) -> Search:
    """Build a search over a database of its own, for measuring.

    Args:
        settings: Where the model is chosen.
        path: The database file; its folder is made.
        model: Another embedding model than that of the settings: a name, or a folder.
    """
    chosen = settings.model if model is None else ModelSettings(name=model)
    path.parent.mkdir(parents=True, exist_ok=True)
    return Search(Database(path), build_embedder(chosen))
