"""What is wrong with a home, and one question from end to end."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.knowledge.decision import SUGGESTS_ONLY
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.recalibration import ENOUGH
from supportbot.domain.language.counts import counted
from supportbot.errors import EmbeddingError, SupportbotError
from supportbot.files.modes import open_to_others
from supportbot.ports import AdapterContext, Finding
from supportbot.runtime.build import (
    DATABASE_NAME,
    App,
    build_app,
    build_worker,
    installed_setups,
    unconnected,
)
from supportbot.runtime.home import is_running
from supportbot.settings import ModelSettings
from supportbot.store import delivery, inbox, knowledge, outbox_counts
from supportbot.store.delivery import SetAsideMessage
from supportbot.store.inbox import InboxState, SetAsideEvent
from supportbot.store.outbox_rows import OutboxState

_LEAST_SPACE = 500_000_000
"""Bytes that should be free: the database grows, and a full disk stops everything."""
_FIRST_STAGE = ModelSettings()
"""The practice brings its embedder along, and needs no second stage."""
_LONGEST_WAIT = timedelta(minutes=15)
_CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was found, and what was set aside, oldest first."""

    findings: tuple[Finding, ...]
    events: tuple[SetAsideEvent, ...]
    messages: tuple[SetAsideMessage, ...]

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do."""
        return not any(finding.problem for finding in self.findings)


def examine(app: App) -> Diagnosis:
    """Look at the home, the database, the queues, the clock, the index, and the platforms."""
    with app.database.reading() as tx:
        events = tuple(inbox.events_set_aside(tx))
        messages = tuple(delivery.messages_set_aside(tx))
    findings = (
        _look_at_home(app),
        _look_at_files(app),
        _look_at_database(app),
        _look_at_queues(app),
        _look_at_set_aside(len(events), len(messages)),
        _look_at_clock(app),
        *_look_at_index(app),
        _look_at_votes(app),
        *_look_at_experts(app),
        _ask_one_question(app),
        *_look_at_platforms(app),
    )
    return Diagnosis(findings, events, messages)


def _look_at_platforms(app: App) -> Iterator[Finding]:
    yield from unconnected(app.settings, os.environ)
    for name, setup in installed_setups().items():
        if name in app.settings.adapters:
            options, served = app.settings.adapters[name], app.served(name)
            context = AdapterContext(app.home, options, sys.stdin, sys.stdout, served)
            yield from asyncio.run(setup.examine(context))
    if not app.settings.adapters.keys() & installed_setups().keys():
        ways = " or ".join(f"supportbot setup {name}" for name in sorted(installed_setups()))
        yield Finding("platforms", "", f"the terminal alone; {ways} tells how to connect another")


def _both(events: int, messages: int) -> str:
    return f"{counted(events, 'event')} and {counted(messages, 'message')}"


def _look_at_home(app: App) -> Finding:
    free = shutil.disk_usage(app.home).free
    problem = ""
    if free < _LEAST_SPACE:
        problem = f"{app.home} has only {free // 1_000_000:,} MB left. Free some space."
    running = "a bot runs here" if is_running(app.home) else "no bot runs here"
    return Finding("home", problem, f"{app.home}, {free // 1_000_000_000:,} GB free; {running}")


def _look_at_files(app: App) -> Finding:
    """Return what other accounts of the machine can read in the home, which began closed."""
    found = open_to_others(app.home)
    problem = ""
    if found:
        more = f" and {counted(len(found) - 1, 'more file')}" if found[1:] else ""
        problem = (
            f"Other accounts of this machine can get at {found[0]}{more}, and it could not be "
            f"closed to them. Run: chmod -R go-rwx {app.home}"
        )
    return Finding("files", problem, "only this account reads the home")


def _look_at_database(app: App) -> Finding:
    damage = app.database.find_damage()
    problem = ""
    if damage:
        problem = (
            f"{damage[0].rstrip('.')}. Put your last backup in place of {app.database.path}, and "
            "remove the files beside it that end in -wal and -shm."
        )
    size = (app.home / DATABASE_NAME).stat().st_size
    return Finding("database", problem, f"sound, {size / 1_000_000:.1f} MB")


def _look_at_queues(app: App) -> Finding:
    with app.database.reading() as tx:
        since = inbox.oldest_waiting_since(tx)
        events = inbox.count(tx, InboxState.WAITING)
        messages = outbox_counts.count(tx, OutboxState.WAITING)
    problem = ""
    if since is not None and app.clock.now() - since > _LONGEST_WAIT:
        problem = (
            f"{counted(events, 'event')} waiting since {since:%Y-%m-%d %H:%M} UTC. Start the bot "
            "(supportbot run), or look into its log."
        )
    return Finding("queues", problem, f"{_both(events, messages)} waiting")


def _look_at_set_aside(events: int, messages: int) -> Finding:
    problem = ""
    if events or messages:
        problem = (
            f"{_both(events, messages)}. Once the reason is mended: supportbot retry --all, or "
            "supportbot retry ID --drop."
        )
    return Finding("set aside", problem, "nothing")


def _look_at_clock(app: App) -> Finding:
    now = app.clock.now()
    with app.database.reading() as tx:
        latest = inbox.latest_received_at(tx)
    problem = ""
    if latest is not None and latest - now > _CLOCK_TOLERANCE:
        problem = (
            f"It is {now:%Y-%m-%d %H:%M} UTC by this machine's clock, but something came in at "
            f"{latest:%Y-%m-%d %H:%M}. Set the clock."
        )
    return Finding("clock", problem, f"{now:%Y-%m-%d %H:%M} UTC")


def _look_at_index(app: App) -> Iterator[Finding]:
    model = app.search.embedder.model
    try:
        passages = app.search.warm_up()
    except (SupportbotError, EmbeddingError) as error:
        yield Finding("model", str(error))
        return
    yield Finding("model", "", model)
    yield from _look_at_reranker(app)
    with app.database.reading() as tx:
        documents, stored = knowledge.count(tx)
    problem = ""
    if stored != passages:
        problem = f"{stored - passages} of {stored} passages have no vector. Run: supportbot sync"
    if not documents:
        problem = "Nothing is known yet. Run: supportbot sync"
    yield Finding(
        "index", problem, f"{counted(documents, 'document')}, {counted(passages, 'passage')}"
    )


def _look_at_reranker(app: App) -> Iterator[Finding]:
    """Ask the second stage itself: where it fails, a search goes on without it."""
    reranker = app.search.reranker
    if reranker is None:
        return
    try:
        reranker.scores("Who is ill?", ["Say what hurts."])
    except Exception as error:  # noqa: BLE001 - whatever the model raises is what is wrong
        problem = f"{error} Matches are found without it. Fix [model] reranker in the settings."
        yield Finding("reranker", problem)
        return
    yield Finding("reranker", "", reranker.model)


def _look_at_votes(app: App) -> Finding:
    """Return how far the community's votes carry, and whether answers are confirmed as promised."""
    with app.database.reading() as tx:
        now = app.recalibrating.now(tx)
    own = len(now.judged) >= ENOUGH
    correction = "corrected by them" if own else f"as shipped until there are {ENOUGH}"
    never = now.answer_threshold >= SUGGESTS_ONLY
    answers = "answers nothing" if never else f"answers from {now.answer_threshold:.0%} on"
    whose = " (by the votes)" if now.has_own_threshold else ""
    problem = ""
    if now.drift is not None:
        problem = (
            f"Of the last {counted(now.drift.of, 'answer')} members confirmed "
            f"{now.drift.confirmed}, and {now.drift.promised:.0%} were promised. The bot {answers} "
            "until that is better. Look at what it answers (supportbot digest), and fix what is "
            "out of date."
        )
    votes = counted(len(now.judged), "vote")
    return Finding("votes", problem, f"{votes}, calibration {correction}, {answers}{whose}")


def _look_at_experts(app: App) -> Iterator[Finding]:
    """Find the experts of the settings whom no connected platform knows."""
    if not app.settings.experts:
        return
    platforms = [name for name in app.settings.adapters if name != "terminal"]
    unknown = [
        expert.name
        for expert in app.settings.declared_experts
        if platforms and not any(map(expert.author_on, platforms))
    ]
    problem = ""
    if unknown:
        problem = (
            f"Nobody on {' or '.join(platforms)} is known as {', '.join(unknown)}, so they are "
            f'never asked. Add identities = ["{platforms[0]}:THEIR-ID"] to their [[experts]].'
        )
    yield Finding(
        "experts", problem, f"{counted(len(app.settings.declared_experts), 'expert')} named"
    )


def _ask_one_question(app: App) -> Finding:
    """Let a question go from the inbox to the outbox, in a home of its own."""
    document = Document("doctor", "examination", "Examination", "Say what hurts.", ("Who is ill?",))
    place, asker = Place("doctor", "practice", "room"), Author("doctor", "patient", "Patient")
    now = app.clock.now()
    question = MessagePosted("doctor:1", place, "1", asker, "Who is ill?", now, is_addressed=True)
    with tempfile.TemporaryDirectory(prefix="supportbot-doctor-") as folder:
        settings = app.settings.model_copy(update={"experts": (), "model": _FIRST_STAGE})
        practice = build_app(settings, Path(folder), embedder=app.search.embedder, clock=app.clock)
        with closing(practice.database):
            try:
                practice.search.sync("doctor", [document])
                with practice.database.writing() as tx:
                    inbox.put(tx, question, now=now)
                build_worker(practice).handle_next()
                with practice.database.writing() as tx:
                    claim = delivery.claim(tx, "doctor", now=now)
            except (SupportbotError, EmbeddingError) as error:
                return Finding("question", str(error))
    is_answered = claim is not None and bool(claim.message.reply.quotes)
    problem = "" if is_answered else "A question whose answer is known was not answered."
    return Finding("question", problem, "asked, found and answered")
