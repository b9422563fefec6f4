"""Composition root: builds every part from the settings, and runs them together."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from filelock import FileLock, Timeout

from supportbot import jobs
from supportbot.asking import Asking
from supportbot.domain.bounds import bounded
from supportbot.domain.events import Event
from supportbot.domain.triage import Calibration
from supportbot.errors import AlreadyRunningError, EmbeddingError, SupportbotError
from supportbot.handlers import Handlers
from supportbot.jobs import Job
from supportbot.metrics import Metrics
from supportbot.people import People
from supportbot.ports import (
    Adapter,
    AdapterContext,
    Clock,
    Embedder,
    Finding,
    Reranker,
    Setup,
)
from supportbot.recalibrating import Recalibrating
from supportbot.search import Search
from supportbot.sender import Sender
from supportbot.settings import ModelSettings, Settings
from supportbot.status import Status, StatusServer
from supportbot.store import inbox, outbox, places
from supportbot.store.database import Database
from supportbot.store.inbox import InboxState
from supportbot.store.outbox import OutboxState
from supportbot.worker import Worker

if TYPE_CHECKING:
    from supportbot.retrieval.models import ModelRecord

log = logging.getLogger(__name__)

DATABASE_NAME = "supportbot.db"

GRACE = timedelta(seconds=10)
"""The most that a clean stop takes: what a service manager waits before it kills."""
_LOOK = 0.02
"""Seconds between two looks at whether everything is done."""
_LOOK_AT_JOBS = 60.0
"""Seconds between two looks at whether a job is due."""
_LOCK_NAME = "supportbot.lock"
_TOO_LONG = timedelta(minutes=1)
"""An event that is in hand for longer is stuck."""


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
    people: People
    handlers: Handlers
    calibration: Calibration
    recalibrating: Recalibrating
    clock: Clock
    metrics: Metrics
    asking: Asking

    @property
    def community_id(self) -> str:
        """Name the community that is served."""
        return self.settings.community

    def served(self, platform: str) -> frozenset[str]:
        """Return the workspaces of a platform of which this home holds something already."""
        return _served(self.database, self.community_id, platform)


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
    configured = settings.configured_calibration()
    if embedder is None:
        chosen, calibration = build_serving(settings, home)
    else:
        chosen, calibration = embedder, calibration_for(embedder.model, configured)
    calibration = settings.thresholds.applied_to(calibration)
    search = _build_search(settings, database, chosen)
    time = clock or SystemClock()
    people = People(settings.community, database, search, settings.experts, clock=time)
    asking = Asking(
        settings.community,
        database,
        search,
        people,
        clock=time,
        rules=settings.routing.rules(),
        declared=settings.experts,
    )
    recalibrating = Recalibrating(
        settings.community,
        database,
        calibration,
        is_chosen=settings.thresholds.answer is not None,
    )
    handlers = Handlers(
        settings.community,
        database,
        search,
        calibration,
        people,
        clock=time,
        rules=settings.teaching.rules(),
        allowance=settings.limits.allowance(),
        listening=settings.channels.listening,
        burst=timedelta(seconds=settings.channels.burst_seconds),
        asking=asking,
        experts=settings.experts,
        recalibrating=recalibrating,
    )
    return App(
        settings,
        home,
        database,
        search,
        people,
        handlers,
        calibration,
        recalibrating,
        time,
        Metrics(),
        asking,
    )


def build_worker(app: App, *, on_outgoing: Callable[[], object] = lambda: None) -> Worker:
    """Build the worker. There is one that works on a home at a time."""
    return Worker(
        app.community_id,
        app.database,
        app.search,
        app.handlers,
        clock=app.clock,
        metrics=app.metrics,
        on_outgoing=on_outgoing,
        on_removed=app.people.forget,
        on_accepted=app.people.note_accepted,
    )


def build_jobs(app: App, *, platforms: Collection[str]) -> list[Job]:
    """Build what is done by the clock; private notes go out on these platforms."""
    of, database, clock = app.community_id, app.database, app.clock
    return [
        jobs.tidying(database, of, clock, inbox_days=app.settings.limits.inbox_days),
        jobs.scrubbing_large(database, of),
        jobs.climbing(database, of, clock, app.asking),
        jobs.receipts(database, of, clock, platforms=platforms, experts=app.settings.experts),
        jobs.learning_who_answers(app.people),
    ]


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Be the only bot that works in a home.

    Raises:
        AlreadyRunningError: Another one does; the message names its process.
    """
    lock, note = FileLock(home / _LOCK_NAME), home / f"{_LOCK_NAME}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        of = f" (process {note.read_text()})" if note.is_file() else ""
        message = (
            f"A supportbot runs in {home} already{of}. Stop it, or set SUPPORTBOT_HOME to another "
            "folder."
        )
        raise AlreadyRunningError(message) from error
    except OSError as error:
        message = (
            f"The home folder {home} cannot be used: {error.strerror}. Mend it, and try again."
        )
        raise SupportbotError(message) from error
    try:
        # It only serves the message above: a full disk is told by what needs the disk.
        with suppress(OSError):
            note.write_text(str(os.getpid()))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def is_running(home: Path) -> bool:
    """Say whether a bot works in a home."""
    try:
        with only_one(home):
            return False
    except AlreadyRunningError:
        return True


def submit(app: App, event: Event) -> bool:
    """Have an event handled: here and now, or by the bot that runs in this home.

    Returns:
        False when another bot runs, which handles it within seconds.
    """
    with app.database.writing() as tx:
        inbox.put(tx, app.community_id, bounded(event), now=app.clock.now())
    try:
        with only_one(app.home):
            worker = build_worker(app)
            while worker.handle_next():
                pass
            worker.scrub()
    except AlreadyRunningError:
        return False
    return True


def build_embedder(settings: ModelSettings) -> Embedder:
    """Build the embedder of the settings; the known models bring their own record."""
    return embedder_of(settings, model_record(settings))


def embedder_of(settings: ModelSettings, record: "ModelRecord") -> Embedder:
    """Build the embedder of a model, which counts as the settings say."""
    from supportbot.retrieval.embedder import SentenceTransformerEmbedder
    from supportbot.retrieval.models import UNIVERSAL
    from supportbot.retrieval.universal import UniversalEmbedder

    if record.name == UNIVERSAL.name:
        return UniversalEmbedder(record)
    return SentenceTransformerEmbedder(
        record,
        precision=settings.precision,
        question_precision=settings.question_precision,
    )


def build_reranker(settings: ModelSettings) -> Reranker | None:
    """Build the second stage of the settings; None where there is none.

    Raises:
        SupportbotError: The folder holds no cross-encoder.
    """
    if not settings.reranker:
        return None
    from supportbot.retrieval.reranker import CrossEncoderReranker

    return CrossEncoderReranker(Path(settings.reranker).expanduser())


def model_record(settings: ModelSettings) -> "ModelRecord":
    """Give the record of the model that the settings name."""
    from supportbot.retrieval.models import ModelRecord, known_record

    known = None if settings.sha256 else known_record(settings.name)
    ours = {"precision", "question_precision", "reranker", "reranker_weight"}
    return known or ModelRecord(**settings.model_dump(exclude=ours))


def build_serving(settings: Settings, home: Path) -> tuple[Embedder, Calibration]:
    """Build the embedder that serves, with its calibration."""
    embedder = _serving_embedder(settings, home)
    return embedder, serving_calibration(settings, home, embedder.model)


def serving_calibration(settings: Settings, home: Path, model: str) -> Calibration:
    """Give a model's calibration: that of the settings, the tuned model's own, or a shipped one.

    Raises:
        SupportbotError: There is none, or that of the settings is another model's.
    """
    from supportbot.retrieval import tuned
    from supportbot.retrieval.calibration import calibration_for

    configured = settings.configured_calibration()
    is_meant = configured is not None and configured.model == model
    own = tuned.serving(home)
    if own is not None and own.name == model and own.calibration is not None and not is_meant:
        return own.calibration
    return calibration_for(model, configured)


def _serving_embedder(settings: Settings, home: Path) -> Embedder:
    """Build the embedder that serves: of the community's own model, if one was tuned.

    One that was tuned from another model than that of the settings does not serve.
    """
    from supportbot.retrieval import tuned

    own = tuned.serving(home)
    if own is None or own.calibration is None:
        return build_embedder(settings.model)
    base = model_record(settings.model)
    if (own.base, own.base_sha256) != (base.name, base.sha256):
        log.warning(
            "the tuned model %s was tuned from %s, and [model] in the settings is %s, which "
            "serves. Tune again: supportbot model tune",
            own.name,
            own.base,
            base.name,
        )
        return build_embedder(settings.model)
    folder = tuned.folder_of(home, own.name)
    return embedder_of(settings.model, tuned.record_of(base, own.name, own.sha256, folder))


def build_adapters(
    settings: Settings,
    home: Path,
    served: Callable[[str], frozenset[str]] = lambda _platform: frozenset(),
    *,
    stdin: TextIO = sys.stdin,
    stdout: TextIO = sys.stdout,
) -> list[Adapter]:
    """Build the configured adapters, found by their entry points.

    `served` finds the workspaces of a platform of which the home holds something.

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
        adapters.append(create(AdapterContext(home, options, stdin, stdout, served(name))))
    return adapters


def setup_context(settings: Settings, home: Path, platform: str) -> AdapterContext:
    """Return what a setup is made from, without building anything else.

    Raises:
        SupportbotError: The database cannot be used.
    """
    served: frozenset[str] = frozenset()
    if (home / DATABASE_NAME).is_file():
        with closing(Database(home / DATABASE_NAME)) as database:
            served = _served(database, settings.community, platform)
    options = settings.adapters.get(platform, {})
    return AdapterContext(home, options, sys.stdin, sys.stdout, served)


def _served(database: Database, community_id: str, platform: str) -> frozenset[str]:
    with database.reading() as tx:
        return places.workspaces(tx, community_id, platform)


def unconnected(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Find the platforms whose token is set although nothing connects them."""
    for name, setup in installed_setups().items():
        given = [secret for secret in setup.secrets if environment.get(secret, "").strip()]
        if given and name not in settings.adapters:
            problem = (
                f"{given[0]} is set, but the settings have no table for {name}, so it is not "
                f"connected. Paste this into supportbot.toml: [adapters.{name}]"
            )
            yield Finding(name, problem)


def installed_setups() -> dict[str, Setup]:
    """Find what explains and checks a connection, by the name of the platform."""
    return {point.name: point.load() for point in entry_points(group="supportbot.setup")}


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
                app.community_id,
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
            SupportbotError: Something that a maintainer can mend keeps a part from working.
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
        community_id = self._app.community_id
        with self._app.database.reading() as tx:
            return (
                inbox.count(tx, community_id, InboxState.WAITING),
                outbox.count(tx, community_id, OutboxState.WAITING),
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
            return inbox.put(tx, app.community_id, event, now=app.clock.now())

    def _work(self) -> None:
        # The model is there before the first attempt at an event is counted: a process that is
        # killed while it loads has not failed on anything.
        self._warm_up()
        self._worker.run()

    def _warm_up(self) -> None:
        try:
            passages = self._app.search.warm_up(self._app.community_id)
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
                await asyncio.to_thread(
                    jobs.run_due, app.database, app.community_id, self._jobs, app.clock
                )
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
        metrics, community_id = self._app.metrics, self._app.community_id
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
                metrics.events_set_aside.set(inbox.count(tx, community_id, InboxState.SET_ASIDE))
                metrics.messages_set_aside.set(
                    outbox.count(tx, community_id, OutboxState.SET_ASIDE)
                )
            metrics.passages.set(self._app.search.indexed(community_id))
            metrics.note_recalibration(self._app.recalibrating.now())
        except SupportbotError as error:
            problems.append(str(error))
        else:
            metrics.inbox_waiting.set(events)
            metrics.outbox_waiting.set(messages)
        is_ready = self._is_warm.is_set() and bool(self._connections) and not self._is_stopping
        # What troubles one part often troubles all of them, and is said once.
        return Status(is_ready, tuple(dict.fromkeys(filter(None, problems))))


def _first(errors: BaseExceptionGroup[SupportbotError]) -> SupportbotError:
    """Give the first error of a group of groups: one sentence is enough to begin with."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return SupportbotError(str(error))


def build_search(
    settings: Settings, path: Path, *, home: Path | None = None, model: str | None = None
) -> Search:
    """Build a search over a database of its own, for measuring.

    Args:
        settings: Where the model is chosen.
        path: The database file; its folder is made.
        home: Where a tuned model may lie, which is taken when it serves.
        model: Another embedding model than the one that serves: a name, or a folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if model is not None:
        counted = settings.model.model_dump(include={"precision", "question_precision"})
        embedder = build_embedder(ModelSettings(name=model, **counted))
    elif home is not None:
        embedder = _serving_embedder(settings, home)
    else:
        embedder = build_embedder(settings.model)
    return _build_search(settings, Database(path), embedder)


def _build_search(settings: Settings, database: Database, embedder: Embedder) -> Search:
    return Search(
        database,
        embedder,
        build_reranker(settings.model),
        reranker_weight=settings.model.reranker_weight,
    )
