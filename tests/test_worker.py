import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot import handlers as handlers_module
from supportbot import worker as worker_module
from supportbot.domain.events import AnswerAccepted, Author, Event, MessagePosted
from supportbot.domain.places import COMMUNITY, Place, Scope, scope_of
from supportbot.errors import SupportbotError
from supportbot.handlers import Handlers, Outcome
from supportbot.metrics import Metrics
from supportbot.ports import Vectors
from supportbot.search import Search
from supportbot.settings import ExpertSettings
from supportbot.store import conversations, inbox, outbox
from supportbot.store.database import Database
from supportbot.store.inbox import InboxRow, InboxState
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder, SetClock
from supportbot.worker import Worker

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
BOARD = Place("slack", "T1", "board", is_private=True)
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
QUESTION = "How does the ledger closing work?"
ASKED = MessagePosted("slack:e1", HELP, "1", MARIA, QUESTION, NOW)
REPLIED = MessagePosted("slack:e2", HELP.in_thread("1"), "2", PAUL, "Widen the dates.", NOW)
ACCEPTED = AnswerAccepted("slack:e3", HELP.in_thread("1"), MARIA, NOW)


class TroubledEmbedder(HashingEmbedder):
    """Raises what it is given, as long as it has it."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: BaseException | None = None

    def embed_question(self, text: str) -> Vectors:
        if self.trouble is not None:
            raise self.trouble
        return super().embed_question(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if self.trouble is not None:
            raise self.trouble
        return super().embed_documents(texts)


@dataclass
class Bench:
    """The worker with everything around it, and a clock that tells events apart."""

    database: Database
    embedder: TroubledEmbedder = field(default_factory=TroubledEmbedder)
    clock: SetClock = field(default_factory=SetClock)
    woken: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.search = Search(self.database, self.embedder)
        self.worker = self.restarted()

    def restarted(self) -> Worker:
        """Give a new worker, as after a restart."""
        experts = (ExpertSettings(name="Paul", topics=("ledger",), identities=("slack:U2",)),)
        handlers = Handlers(
            "ours", self.database, self.search, HASHING_CALIBRATION, experts, clock=self.clock
        )
        return Worker(
            "ours",
            self.database,
            self.search,
            handlers,
            clock=self.clock,
            metrics=Metrics(),
            on_outgoing=lambda: self.woken.append(True),
        )

    def receive(self, *events: Event) -> None:
        """Store events."""
        for event in events:
            self.clock.move(timedelta(seconds=1))
            with self.database.writing() as tx:
                inbox.put(tx, "ours", event, now=self.clock.now())

    def work(self) -> int:
        """Handle all that waits; gives how many were begun."""
        begun = 0
        while self.worker.handle_next():
            begun += 1
        return begun

    def said(self) -> list[str]:
        """Give the ids of what waits to be said."""
        found: list[str] = []
        with self.database.writing() as tx:
            while claimed := outbox.claim(tx, "ours", "slack", now=NOW + timedelta(days=1)):
                found.append(claimed.message.id)
                outbox.mark_delivered(tx, "ours", claimed.message.id, "")
        return found

    def number_of(self, state: InboxState) -> int:
        """Count events."""
        with self.database.reading() as tx:
            return inbox.count(tx, "ours", state)

    def row(self, event_id: str) -> InboxRow:
        """Give an event as it is stored."""
        with self.database.reading() as tx:
            return tx.get_one(InboxRow, ("ours", event_id))

    def found(self, place: Place) -> list[str]:
        """Give what is found for the question in a place."""
        scope = scope_of("ours", place)
        return [match.excerpt for match in self.search.find_matches(scope, QUESTION)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database(tmp_path / "supportbot.db")
    yield Bench(database)
    database.close()


def test_nothing_is_done_when_nothing_waits(bench: Bench) -> None:
    assert not bench.worker.handle_next()


def test_a_question_is_kept_and_replied_to(bench: Bench) -> None:
    bench.receive(ASKED)

    assert bench.work() == 1

    assert bench.said() == ["slack/T1/help/1/reply"]
    assert bench.number_of(InboxState.HANDLED) == 1
    with bench.database.reading() as tx:
        question = conversations.question_in(tx, "ours", HELP.in_thread("1"))
    assert question is not None
    assert question.text == QUESTION


def test_the_same_event_twice_is_one_question_and_one_message(bench: Bench) -> None:
    bench.receive(ASKED, ASKED)
    bench.work()

    bench.receive(ASKED)
    bench.work()

    assert bench.said() == ["slack/T1/help/1/reply"]


def test_the_senders_are_woken_only_when_something_is_to_be_said(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED)

    bench.work()

    assert bench.woken == [True]


def test_a_persons_reply_is_kept_as_an_answer(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED)

    bench.work()

    with bench.database.reading() as tx:
        (answer,) = conversations.answers_to(tx, "ours", "slack/T1/help/1")
    assert (answer.author, answer.text, answer.is_accepted) == (PAUL, "Widen the dates.", False)


def test_an_accepted_answer_is_found_at_once_and_after_a_restart(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, ACCEPTED)

    bench.work()

    assert bench.found(HELP) == ["Widen the dates."]
    restarted = Search(bench.database, HashingEmbedder())
    scope = Scope("ours", frozenset({COMMUNITY}))
    assert [match.author for match in restarted.find_matches(scope, QUESTION)] == ["Paul"]


def test_the_next_one_who_asks_is_given_the_accepted_answer(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, ACCEPTED)
    bench.work()
    bench.said()
    bench.receive(replace(ASKED, event_id="slack:e4", message_id="4"))

    bench.work()

    with bench.database.writing() as tx:
        claimed = outbox.claim(tx, "ours", "slack", now=NOW + timedelta(days=1))
    assert claimed is not None
    assert claimed.message.reply.quotes[0].text == "Widen the dates."
    assert claimed.message.reply.quotes[0].author == "Paul"


def test_an_acceptance_by_somebody_else_changes_nothing(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, replace(ACCEPTED, author=PAUL))

    bench.work()

    assert bench.found(HELP) == []
    assert bench.said() == ["slack/T1/help/1/reply"]


def test_what_was_answered_in_private_is_found_there_and_nowhere_else(bench: Bench) -> None:
    thread = BOARD.in_thread("1")
    bench.receive(
        replace(ASKED, place=BOARD), replace(REPLIED, place=thread), replace(ACCEPTED, place=thread)
    )

    bench.work()

    assert bench.found(BOARD) == ["Widen the dates."]
    assert bench.found(HELP) == []
    assert bench.found(replace(BOARD, channel="staff")) == []


def divide_by_nothing(*_arguments: object, **_named: object) -> None:
    message = "by nothing"
    raise ZeroDivisionError(message)


def test_an_event_that_breaks_its_handler_is_set_aside_and_the_next_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.receive(ASKED, replace(ASKED, event_id="slack:e9", message_id="9", text="Hello there"))
    monkeypatch.setattr(handlers_module, "decide", divide_by_nothing)

    bench.work()

    row = bench.row("slack:e1")
    assert row.state == "set_aside"
    assert row.error.startswith("Traceback (most recent call last)")
    assert row.error.endswith("ZeroDivisionError: by nothing\n")
    assert bench.number_of(InboxState.HANDLED) == 1
    assert "event slack:e1 was set aside" in caplog.messages
    assert QUESTION not in caplog.text


def test_nothing_of_an_event_that_breaks_half_way_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.receive(ASKED, REPLIED)
    bench.work()
    bench.said()
    monkeypatch.setattr(outbox, "put", divide_by_nothing)
    bench.receive(ACCEPTED)

    bench.work()

    assert bench.row("slack:e3").state == "set_aside"
    assert bench.said() == []
    assert bench.search.is_empty("ours")


def die_in_the_middle(bench: Bench, *, times: int) -> None:
    """Let the process die while it handles an event, so often."""

    def die(event: Event, *, by_meaning: bool) -> None:
        del event, by_meaning
        raise SystemExit(137)

    worker = bench.restarted()
    worker._handle = die  # type: ignore[method-assign]
    for _ in range(times):
        with pytest.raises(SystemExit):
            worker.handle_next()


def test_an_event_that_was_begun_five_times_and_never_finished_is_set_aside(
    bench: Bench,
) -> None:
    bench.receive(ASKED, replace(ASKED, event_id="slack:e9", message_id="9"))
    die_in_the_middle(bench, times=5)

    bench.work()

    assert bench.row("slack:e1").state == "set_aside"
    assert bench.row("slack:e1").error == "was begun 5 times and never finished"
    assert bench.said() == ["slack/T1/help/9/reply"]


def test_an_event_is_finished_at_its_fifth_attempt(bench: Bench) -> None:
    bench.receive(ASKED)
    die_in_the_middle(bench, times=4)

    bench.work()

    assert bench.said() == ["slack/T1/help/1/reply"]


def test_what_kills_the_model_three_times_is_answered_without_it(bench: Bench) -> None:
    bench.receive(ASKED)
    bench.embedder.trouble = SystemExit(137)
    for _ in range(2):
        with pytest.raises(SystemExit):
            bench.worker.handle_next()

    bench.work()

    assert bench.row("slack:e1").state == "handled"
    assert bench.said() == ["slack/T1/help/1/reply"]


def test_an_event_waits_while_something_is_wrong_that_a_person_can_mend(bench: Bench) -> None:
    bench.receive(ASKED)
    bench.embedder.trouble = SupportbotError("The disk is full.")
    with pytest.raises(SupportbotError, match="The disk is full"):
        bench.worker.handle_next()
    bench.embedder.trouble = None

    bench.work()

    assert bench.said() == ["slack/T1/help/1/reply"]


def test_an_event_waits_however_long_the_trouble_lasts(bench: Bench) -> None:
    bench.receive(ASKED)
    bench.embedder.trouble = SupportbotError("The weights cannot be fetched.")
    for _ in range(20):
        with pytest.raises(SupportbotError):
            bench.worker.handle_next()
    bench.embedder.trouble = None

    bench.work()

    assert bench.said() == ["slack/T1/help/1/reply"]


def start(bench: Bench) -> threading.Thread:
    thread = threading.Thread(target=bench.worker.run)
    thread.start()
    return thread


def stop(bench: Bench, thread: threading.Thread) -> None:
    bench.worker.stop()
    thread.join(timeout=10)
    assert not thread.is_alive()


@dataclass
class Signalling:
    """Handlers that say when they were asked, and raise what they are given first."""

    troubles: list[Exception] = field(default_factory=list)
    handled: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def handle(self, _event: Event, *, by_meaning: bool) -> Outcome:
        del by_meaning
        try:
            if self.troubles:
                raise self.troubles.pop()
            return Outcome()
        finally:
            self.handled.release()


def test_a_running_worker_handles_what_waits_and_what_comes_later(bench: Bench) -> None:
    handlers: Any = Signalling()
    bench.worker._handlers = handlers
    bench.receive(ASKED)
    thread = start(bench)
    was_there = handlers.handled.acquire(timeout=10)

    bench.receive(REPLIED)
    bench.worker.wake()
    came_later = handlers.handled.acquire(timeout=10)
    stop(bench, thread)

    assert (was_there, came_later) == (True, True)
    assert bench.number_of(InboxState.HANDLED) == 2


def test_a_running_worker_tries_again_after_trouble_that_a_person_can_mend(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE", 0.0)
    handlers: Any = Signalling([SupportbotError("The disk is full.")])
    bench.worker._handlers = handlers
    bench.receive(ASKED)
    thread = start(bench)

    tries = [handlers.handled.acquire(timeout=10) for _ in range(2)]
    stop(bench, thread)

    assert tries == [True, True]
    assert bench.number_of(InboxState.HANDLED) == 1
    assert ("supportbot.worker", logging.WARNING, "events wait: The disk is full.") in (
        caplog.record_tuples
    )


def test_a_worker_that_is_stopped_leaves_the_rest_for_the_next_start(bench: Bench) -> None:
    bench.receive(ASKED)
    bench.worker.stop()

    bench.worker.run()

    assert bench.number_of(InboxState.WAITING) == 1
