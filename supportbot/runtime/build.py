"""Composition root: builds every part from the settings."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TextIO

from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.handlers.context import Services
from supportbot.jobs.fitting import learning_who_answers
from supportbot.jobs.ladder import climbing
from supportbot.jobs.maintenance import scrubbing_large, tidying
from supportbot.jobs.receipts import receipts
from supportbot.jobs.schedule import Job
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.ports import Adapter, AdapterContext, Clock, Embedder, Finding, Setup
from supportbot.retrieval import serving
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.worker import Worker
from supportbot.settings import ModelSettings, Settings
from supportbot.store import places
from supportbot.store.engine.sqlite import Database

DATABASE_NAME = "supportbot.db"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Every part that a command may need, built from the settings."""

    settings: Settings
    home: Path
    database: Database
    search: Search
    services: Services
    calibration: Calibration
    metrics: Metrics

    @property
    def people(self) -> People:
        """Everybody's record."""
        return self.services.people

    @property
    def recalibrating(self) -> Recalibrating:
        """Corrects the calibration by the votes."""
        return self.services.recalibrating

    @property
    def clock(self) -> Clock:
        """The bot's clock."""
        return self.services.clock

    @property
    def community_id(self) -> str:
        """Name the community that is served."""
        return self.settings.community

    def served(self, platform: str) -> frozenset[str]:
        """Return the workspaces of a platform of which this home holds something already."""
        return served_workspaces(self.database, platform)


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

    database = Database(home / DATABASE_NAME, settings.community)
    configured = settings.configured_calibration()
    if embedder is None:
        chosen, calibration = serving.build_serving(settings, home)
    else:
        chosen, calibration = embedder, calibration_for(embedder.model, configured)
    calibration = settings.thresholds.applied_to(calibration)
    search = search_over(settings, database, chosen)
    time = clock or SystemClock()
    people = People(database, search, settings.declared_experts, clock=time)
    asking = Asking(
        search,
        people,
        clock=time,
        rules=settings.routing.rules(),
        declared=settings.declared_experts,
    )
    services = Services(
        search=search,
        recalibrating=Recalibrating(calibration, is_chosen=settings.thresholds.answer is not None),
        people=people,
        asking=asking,
        clock=time,
        rules=settings.teaching.rules(),
        allowance=settings.limits.allowance(),
        listening=settings.channels.listening,
        burst=timedelta(seconds=settings.channels.burst_seconds),
        experts=settings.declared_experts,
    )
    return App(settings, home, database, search, services, calibration, Metrics())


def build_worker(app: App, *, on_outgoing: Callable[[], object] = lambda: None) -> Worker:
    """Build the worker. There is one that works on a home at a time."""
    return Worker(
        app.database,
        app.services,
        metrics=app.metrics,
        on_outgoing=on_outgoing,
        on_removed=app.people.forget,
        on_accepted=app.people.note_accepted,
    )


def build_jobs(app: App, *, platforms: Collection[str]) -> list[Job]:
    """Build what is done by the clock; private notes go out on these platforms."""
    database, clock = app.database, app.clock
    return [
        tidying(database, clock, inbox_days=app.settings.limits.inbox_days),
        scrubbing_large(database),
        climbing(database, clock, app.services.asking),
        receipts(database, clock, platforms=platforms, experts=app.settings.declared_experts),
        learning_who_answers(app.people),
    ]


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
                "Fix [adapters] in the settings, or install the package that brings it."
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
        with closing(Database(home / DATABASE_NAME, settings.community)) as database:
            served = served_workspaces(database, platform)
    options = settings.adapters.get(platform, {})
    return AdapterContext(home, options, sys.stdin, sys.stdout, served)


def served_workspaces(database: Database, platform: str) -> frozenset[str]:
    """Find the workspaces of a platform of which the database holds something."""
    with database.reading() as tx:
        return places.workspaces(tx, platform)


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


def build_search(
    settings: Settings,
    path: Path,
    community_id: str,
    *,
    home: Path | None = None,
    model: str | None = None,
) -> Search:
    """Build a search over a database of its own, for measuring.

    Args:
        settings: Where the model is chosen.
        path: The database file; its folder is made.
        community_id: Under which it holds what is measured.
        home: Where a tuned model may lie, which is taken when it serves.
        model: Another embedding model than the one that serves: a name, or a folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if model is not None:
        counted = settings.model.model_dump(include={"precision", "question_precision"})
        embedder = serving.build_embedder(ModelSettings(name=model, **counted))
    elif home is not None:
        embedder = serving.serving_embedder(settings, home)
    else:
        embedder = serving.build_embedder(settings.model)
    return search_over(settings, Database(path, community_id), embedder)


def search_over(settings: Settings, database: Database, embedder: Embedder) -> Search:
    """Build the search over a database, with the reranker of the settings."""
    return Search(
        database,
        embedder,
        serving.build_reranker(settings.model),
        reranker_weight=settings.model.reranker_weight,
    )
