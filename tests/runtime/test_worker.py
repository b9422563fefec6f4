import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.audiences import COMMUNITY, Scope, scope_of
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AnswerReviewed,
    ChannelsListed,
    Event,
    ForgetRequested,
    Inquired,
    Inquiry,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.experts.declared import Declared
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.outcome import Outcome
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import SupportbotError
from supportbot.experts.people import People
from supportbot.handlers import questions as handlers_module
from supportbot.handlers.context import Context
from supportbot.knowledge.search import Search
from supportbot.ports import Vectors
from supportbot.runtime import worker as worker_module
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.worker import Worker
from supportbot.store import (
    conversations,
    delivery,
    inbox,
    knowledge,
    members,
    outbox,
    outbox_rows,
    votes,
)
from supportbot.store.acceptances import count_people_helped
from supportbot.store.engine import fts5, scrubbing
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.inbox import InboxRow, InboxState
from supportbot.store.messages import steps_after
from supportbot.testing import HashingEmbedder, SetClock
from supportbot.testing.building import services_over
from tests.communities import theirs
from tests.reading import matches as matches_in

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
BOARD = Place("slack", "T1", "board", is_private=True)
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
QUESTION = "How does the ledger closing work?"
ASKED = MessagePosted("slack:e1", HELP, "1", MARIA, QUESTION, NOW)
REPLIED = MessagePosted("slack:e2", HELP.in_thread("1"), "2", PAUL, "Widen the dates.", NOW)
ACCEPTED = AnswerAccepted("slack:e3", HELP.in_thread("1"), MARIA, NOW, "2")


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
    accepted: list[str] = field(default_factory=list)
    rules: TeachingRules = field(default_factory=TeachingRules)
    allowance: Allowance = field(default_factory=Allowance)

    def __post_init__(self) -> None:
        self.search = Search(self.database, self.embedder)
        self.worker = self.restarted()

    def restarted(self) -> Worker:
        """Return a new worker, as after a restart."""
        experts = (Declared(name="Paul", topics=("ledger",), member_ids=("slack:U2",)),)
        people = People(self.database, self.search, experts, clock=self.clock)
        services = services_over(
            self.search,
            people,
            self.clock,
            rules=self.rules,
            allowance=self.allowance,
        )
        return Worker(
            self.database,
            services,
            metrics=Metrics(),
            on_outgoing=lambda: self.woken.append(True),
            on_removed=people.forget,
            on_accepted=lambda answer: self.accepted.append(answer.id),
        )

    def receive(self, *events: Event) -> None:
        """Store events."""
        for event in events:
            self.clock.move(timedelta(seconds=1))
            with self.database.writing() as tx:
                inbox.put(tx, event, now=self.clock.now())

    def work(self) -> int:
        """Handle all that waits; gives how many were begun."""
        begun = 0
        while self.worker.handle_next():
            begun += 1
        return begun

    def said(self) -> list[str]:
        """Return the ids of what waits to be said."""
        found: list[str] = []
        with self.database.writing() as tx:
            while claimed := delivery.claim(tx, "slack", now=NOW + timedelta(days=1)):
                found.append(claimed.message.id)
                delivery.mark_delivered(tx, claimed.message.id, "")
        return found

    def number_of(self, state: InboxState) -> int:
        """Count events."""
        with self.database.reading() as tx:
            return inbox.count(tx, state)

    def row(self, event_id: str) -> InboxRow:
        """Return an event as it is stored."""
        with self.database.reading() as tx:
            return tx.get_one(InboxRow, ("ours", event_id))

    def found(self, place: Place) -> list[str]:
        """Return what is found for the question in a place."""
        scope = scope_of(place)
        return [match.excerpt for match in matches_in(self.search, scope, QUESTION)]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_nothing_is_done_when_nothing_waits(bench: Bench) -> None:
    assert not bench.worker.handle_next()


def test_a_question_is_kept_and_replied_to(bench: Bench) -> None:
    bench.receive(ASKED)

    assert bench.work() == 1

    assert bench.said() == ["slack/T1/help/1/reply"]
    assert bench.number_of(InboxState.HANDLED) == 1
    with bench.database.reading() as tx:
        question = conversations.question_in(tx, HELP.in_thread("1"))
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
        (answer,) = conversations.answers_to(tx, "slack/T1/help/1")
    assert (answer.author, answer.text, answer.is_accepted) == (PAUL, "Widen the dates.", False)


def test_an_accepted_answer_is_found_at_once_and_after_a_restart(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, ACCEPTED)

    bench.work()

    assert bench.found(HELP) == ["Widen the dates."]
    restarted = Search(bench.database, HashingEmbedder())
    scope = Scope(frozenset({COMMUNITY}))
    assert [match.author for match in matches_in(restarted, scope, QUESTION)] == ["Paul"]


def test_how_common_words_are_is_counted_once_and_anew_after_something_was_learned(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = Scope(frozenset({COMMUNITY}))
    counted: list[set[str]] = []
    count = fts5.counts_containing

    def counting(tx: Transaction, stems: Collection[str]) -> dict[str, int]:
        counted.append(set(stems))
        return count(tx, stems)

    monkeypatch.setattr(fts5, "counts_containing", counting)
    play(bench, ASKED, asked_again("5"))
    before, counted[:] = set().union(*counted), []
    play(bench, asked_again("6"))
    again, counted[:] = set().union(*counted), []
    play(bench, REPLIED, ACCEPTED, asked_again("7"))

    assert before == set().union(*counted) == {"ledger", "close", "work"}
    assert again == set()
    restarted = Search(bench.database, HashingEmbedder())
    assert matches_in(restarted, scope, QUESTION) == matches_in(bench.search, scope, QUESTION)


def asked_again(message_id: str) -> MessagePosted:
    return replace(ASKED, event_id=f"slack:again{message_id}", message_id=message_id)


def test_the_next_one_who_asks_is_given_the_accepted_answer(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, ACCEPTED)
    bench.work()
    bench.said()
    bench.receive(replace(ASKED, event_id="slack:e4", message_id="4"))

    bench.work()

    with bench.database.writing() as tx:
        claimed = delivery.claim(tx, "slack", now=NOW + timedelta(days=1))
    assert claimed is not None
    assert claimed.message.reply.quotes[0].text == "Widen the dates."
    assert claimed.message.reply.quotes[0].author == "Paul"


def test_an_acceptance_by_somebody_else_changes_nothing(bench: Bench) -> None:
    bench.receive(ASKED, REPLIED, replace(ACCEPTED, author=PAUL))

    bench.work()

    assert bench.found(HELP) == []
    (_, to_paul) = messages(bench)
    assert to_paul.alone is not None
    assert to_paul.alone.member == PAUL


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
    assert bench.search.is_empty()


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


def test_an_event_that_was_begun_ten_times_and_never_finished_is_set_aside(
    bench: Bench,
) -> None:
    bench.receive(ASKED, replace(ASKED, event_id="slack:e9", message_id="9"))
    die_in_the_middle(bench, times=10)

    bench.work()

    assert bench.row("slack:e1").state == "set_aside"
    assert bench.row("slack:e1").error == "was begun 10 times and never finished"
    assert bench.said() == ["slack/T1/help/9/reply"]


def test_an_event_is_finished_at_its_tenth_attempt(bench: Bench) -> None:
    bench.receive(ASKED)
    die_in_the_middle(bench, times=9)

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

    def handle(self, _event: Event, _context: Context) -> Outcome:
        try:
            if self.troubles:
                raise self.troubles.pop()
            return Outcome()
        finally:
            self.handled.release()


def test_a_running_worker_handles_what_waits_and_what_comes_later(bench: Bench) -> None:
    handlers: Any = Signalling()
    bench.worker._decide = handlers.handle
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
    bench.worker._decide = handlers.handle
    bench.receive(ASKED)
    thread = start(bench)

    tries = [handlers.handled.acquire(timeout=10) for _ in range(2)]
    stop(bench, thread)

    assert tries == [True, True]
    assert bench.number_of(InboxState.HANDLED) == 1
    assert bench.worker.trouble == ""
    assert ("supportbot.runtime.worker", logging.WARNING, "events wait: The disk is full.") in (
        caplog.record_tuples
    )


def test_a_running_worker_tells_what_keeps_events_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE", 60.0)
    handlers: Any = Signalling([SupportbotError("The disk is full.")])
    bench.worker._decide = handlers.handle
    bench.receive(ASKED)
    thread = start(bench)

    was_tried = handlers.handled.acquire(timeout=10)
    stop(bench, thread)

    assert was_tried
    assert bench.worker.trouble == "The disk is full."


def test_a_worker_that_is_stopped_leaves_the_rest_for_the_next_start(bench: Bench) -> None:
    bench.receive(ASKED)
    bench.worker.stop()

    bench.worker.run()

    assert bench.number_of(InboxState.WAITING) == 1


LATER = NOW + timedelta(hours=1)
THREAD = HELP.in_thread("1")
CLOSED = replace(HELP, is_private=True)
DONNA = Author("slack", "U3", "Donna", ("moderator",))
LENA = Author("slack", "U4", "Lena")
WIDEN = "Widen the posting dates in the setup."
ANSWERED = replace(REPLIED, text=WIDEN)
EDITED = MessageEdited("slack:e5", HELP, "2", PAUL, "Open the next period in the setup.", LATER)
DELETED = MessageDeleted("slack:e6", HELP, "2", LATER)
ASKED_AGAIN = replace(ASKED, event_id="slack:e4", message_id="4", author=LENA)


def question(bench: Bench, thread: str = "1") -> Question | None:
    with bench.database.reading() as tx:
        return conversations.question_in(tx, HELP.in_thread(thread))


def answers(bench: Bench) -> list[Answer]:
    with bench.database.reading() as tx:
        return list(conversations.answers_to(tx, "slack/T1/help/1"))


def messages(bench: Bench) -> list[OutgoingMessage]:
    """Deliver everything that waits."""
    found: list[OutgoingMessage] = []
    with bench.database.writing() as tx:
        while claimed := delivery.claim(tx, "slack", now=bench.clock.now()):
            found.append(claimed.message)
            delivery.mark_delivered(tx, claimed.message.id, "")
    return found


def play(bench: Bench, *events: Event) -> None:
    """Let things happen, one after the other, and be handled."""
    bench.receive(*events)
    bench.work()


def judging(bench: Bench, rules: TeachingRules) -> Bench:
    return Bench(bench.database, rules=rules)


def test_what_a_document_says_follows_the_edit_of_its_answer(bench: Bench) -> None:
    bench = trusting(bench)
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, EDITED)

    assert bench.found(HELP) == ["Open the next period in the setup."]


def test_an_answer_that_is_not_knowledge_follows_its_edit_and_is_not_shown(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, EDITED)

    assert [answer.text for answer in answers(bench)] == ["Open the next period in the setup."]
    assert bench.found(HELP) == []


def test_a_document_is_found_by_its_question_as_it_was_edited(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    asked = "How does the ledger closing work? It is the yearly one."

    play(bench, replace(EDITED, message_id="1", text=asked))

    (match,) = matches_in(bench.search, scope_of(HELP), asked)
    assert (match.title, match.excerpt) == (asked, WIDEN)


def test_a_question_that_is_edited_into_another_one_unlinks_its_answer(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, replace(EDITED, message_id="1", text="Why does the printer blink?"))

    assert bench.found(HELP) == []
    (answer,) = answers(bench)
    assert answer.standing is Standing.WAITING
    assert answer.reason == "its question was edited into another one"


def test_an_edit_of_an_accepted_answer_waits_and_the_accepted_words_stay(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, EDITED)

    assert bench.found(HELP) == [WIDEN]
    (answer,) = answers(bench)
    assert answer.proposed == "Open the next period in the setup."


def test_what_is_taken_back_is_quoted_no_more_not_even_on_its_way(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)
    play(bench, ASKED_AGAIN)
    maintainer = Author("supportbot", "maintainer", "A maintainer")
    taken = AnswerReviewed(
        "supportbot:1",
        HELP.in_thread("1"),
        "2",
        maintainer,
        is_accepted=False,
        reviewed_at=LATER,
        standings=("knowledge",),
    )

    play(bench, taken)

    assert bench.found(HELP) == []
    assert [quote for one in messages(bench) for quote in one.reply.quotes] == []
    play(bench, replace(taken, event_id="supportbot:2", is_accepted=True, standings=("dropped",)))
    assert bench.found(HELP) == [WIDEN]


def test_a_maintainer_takes_an_answer_back_in_the_chat_and_nobody_else_can(
    bench: Bench,
) -> None:
    bench = Bench(bench.database, rules=TeachingRules(maintainers=frozenset({LENA.member_id})))
    link = "https://ours.slack.com/archives/help/p2"
    play(bench, ASKED, replace(ANSWERED, url=f"{link}?thread_ts=1"), ACCEPTED)
    place = direct_place(DONNA)
    typed = f"withdraw {link}"

    play(bench, Inquired("slack:w1", place, DONNA, Inquiry.REVIEW, LATER, typed))
    assert bench.found(HELP) == [WIDEN]
    messages(bench)

    play(bench, Inquired("slack:w2", direct_place(LENA), LENA, Inquiry.REVIEW, LATER, typed))
    assert bench.found(HELP) == []
    (told,) = messages(bench)
    assert str(told.reply.text).startswith("Done")


def test_three_acceptances_by_one_asker_make_nobody_trusted(bench: Bench) -> None:
    for number in ("31", "32", "33"):
        thread = HELP.in_thread(number)
        play(
            bench,
            replace(ASKED, event_id=f"slack:q{number}", message_id=number),
            replace(ANSWERED, event_id=f"slack:a{number}", message_id=f"{number}0", place=thread),
            replace(ACCEPTED, event_id=f"slack:s{number}", place=thread, message_id=f"{number}0"),
        )

    with bench.database.reading() as tx:
        assert count_people_helped(tx, PAUL.member_id) == 1


def trusting(bench: Bench) -> Bench:
    """Let Paul be trusted: his edits pass."""
    return Bench(bench.database, rules=TeachingRules(trusted=frozenset({PAUL.member_id})))


def test_a_question_that_taught_nothing_follows_its_edit(bench: Bench) -> None:
    play(bench, ASKED)

    play(bench, replace(EDITED, message_id="1", text="Why does the printer blink?"))

    found = question(bench)
    assert found is not None
    assert found.text == "Why does the printer blink?"
    assert bench.search.is_empty()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the other way round"])
def test_of_two_edits_the_one_that_was_made_last_counts(
    bench: Bench, order: tuple[int, int]
) -> None:
    later = LATER + timedelta(days=1)
    edits = [EDITED, replace(EDITED, event_id="slack:e7", text="Latest.", edited_at=later)]
    play(bench, ASKED, ANSWERED)

    play(bench, edits[order[0]], edits[order[1]])

    assert [answer.text for answer in answers(bench)] == ["Latest."]


def test_a_message_that_comes_after_its_edit_says_what_the_edit_says(bench: Bench) -> None:
    play(bench, ASKED, EDITED)

    play(bench, ANSWERED)

    assert [answer.text for answer in answers(bench)] == ["Open the next period in the setup."]


def test_a_question_that_comes_after_its_edit_asks_what_the_edit_asks(bench: Bench) -> None:
    play(bench, replace(EDITED, message_id="1", text="Why does the printer blink?"))

    play(bench, ASKED)

    found = question(bench)
    assert found is not None
    assert found.text == "Why does the printer blink?"


def test_the_edit_of_what_is_no_question_and_no_answer_changes_nothing(bench: Bench) -> None:
    play(bench, replace(ASKED, text="Good morning!"), replace(EDITED, message_id="1"))

    assert question(bench) is None
    assert bench.number_of(InboxState.HANDLED) == 2


def test_an_answer_that_was_edited_away_is_gone(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, replace(EDITED, text=" … "))

    assert (answers(bench), bench.found(HELP)) == ([], [])


def test_a_deleted_answer_is_shown_to_nobody_at_once(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    before = bench.found(HELP)

    play(bench, DELETED)

    assert (before, bench.found(HELP)) == ([WIDEN], [])


@pytest.mark.parametrize("deleted", ["1", "2"], ids=["the question", "the answer"])
def test_what_is_deleted_before_it_comes_in_is_never_kept(bench: Bench, deleted: str) -> None:
    play(bench, replace(DELETED, message_id=deleted))

    play(bench, ASKED, ANSWERED)

    assert answers(bench) == []
    assert bench.row(f"slack:e{deleted}").event is None


def test_what_is_edited_after_it_was_deleted_stays_deleted(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, DELETED)

    play(bench, EDITED)

    assert answers(bench) == []
    assert bench.row("slack:e5").event is None


@pytest.mark.parametrize("place", [HELP, THREAD], ids=["the channel", "the thread"])
def test_what_is_said_in_a_place_that_is_gone_is_not_kept(bench: Bench, place: Place) -> None:
    play(bench, PlaceDeleted("slack:e6", place, LATER))

    play(bench, ASKED, ANSWERED)

    assert (question(bench), answers(bench), bench.said()) == (None, [], [])


def test_one_post_that_comes_as_two_events_is_one_question_and_one_answer(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)

    play(
        bench,
        replace(ASKED, event_id="slack:mention", is_addressed=True),
        replace(ANSWERED, event_id="slack:again"),
    )

    assert bench.said() == ["slack/T1/help/1/reply", "slack/T1/help/1/2/whose"]
    assert len(answers(bench)) == 1


def test_a_channel_that_is_closed_off_is_quoted_nowhere_else_at_once(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, PlaceChanged("slack:e6", CLOSED, LATER))

    assert bench.found(replace(HELP, channel="other")) == []
    assert bench.found(CLOSED) == [WIDEN]


def test_a_channel_that_is_opened_is_quoted_everywhere_at_once(bench: Bench) -> None:
    thread = CLOSED.in_thread("1")
    play(
        bench,
        replace(ASKED, place=CLOSED),
        replace(ANSWERED, place=thread),
        replace(ACCEPTED, place=thread),
    )

    play(bench, PlaceChanged("slack:e6", HELP, LATER))

    assert bench.found(replace(HELP, channel="other")) == [WIDEN]


def test_any_event_of_a_channel_says_that_it_was_closed_off(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, replace(ASKED, event_id="slack:e7", message_id="7", place=CLOSED, posted_at=LATER))

    assert bench.found(replace(HELP, channel="other")) == []


@pytest.mark.parametrize(("held_in", "is_accepted"), [("T1", True), ("T9", False)])
def test_a_role_counts_only_in_the_workspace_in_which_it_is_held(
    bench: Bench, held_in: str, *, is_accepted: bool
) -> None:
    bench = judging(bench, TeachingRules(maintainer_roles=frozenset({"moderator"})))
    admin = Author("slack", "U9", "Olga", ("moderator",), held_in)

    play(bench, ASKED, ANSWERED, replace(ACCEPTED, author=admin))

    assert any(answer.is_accepted for answer in answers(bench)) is is_accepted


WORKSPACE = replace(HELP, channel="")


def test_a_channel_that_the_platform_no_longer_lists_as_open_is_quoted_nowhere_else(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, ChannelsListed("slack:e6", WORKSPACE, ("other",), NOW))

    assert bench.found(replace(HELP, channel="other")) == []
    assert bench.found(CLOSED) == [WIDEN]


def test_a_channel_that_is_listed_as_open_again_is_quoted_everywhere(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED, PlaceChanged("slack:e6", CLOSED, LATER))

    listed = LATER + timedelta(minutes=1)
    play(bench, ChannelsListed("slack:e7", WORKSPACE, ("help",), listed))

    assert bench.found(replace(HELP, channel="other")) == [WIDEN]


def test_a_list_from_before_a_channel_was_closed_opens_nothing(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED, PlaceChanged("slack:e6", CLOSED, LATER))

    play(bench, ChannelsListed("slack:e7", WORKSPACE, ("help",), LATER))

    assert bench.found(replace(HELP, channel="other")) == []


def test_a_list_of_one_workspace_closes_nothing_of_another(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, ChannelsListed("slack:e6", replace(WORKSPACE, workspace="T"), (), LATER))

    assert bench.found(replace(HELP, channel="other")) == [WIDEN]


def test_who_comes_says_nothing_about_who_else_may_see_a_channel(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED, PlaceChanged("slack:e6", CLOSED, LATER))

    play(bench, MemberJoined("slack:e7", HELP, PAUL, LATER + timedelta(minutes=1)))

    assert bench.found(replace(HELP, channel="other")) == []


def test_a_question_from_before_the_channel_was_closed_off_is_asked_in_private(
    bench: Bench,
) -> None:
    play(bench, PlaceChanged("slack:e6", CLOSED, LATER))

    play(bench, ASKED)

    found = question(bench)
    assert found is not None
    assert found.place == CLOSED.in_thread("1")


def test_an_expert_who_left_is_not_asked_and_one_who_came_back_is(bench: Bench) -> None:
    play(bench, MemberLeft("slack:e6", HELP, PAUL, NOW), ASKED)
    play(bench, MemberJoined("slack:e7", HELP, PAUL, LATER), ASKED_AGAIN)

    asked, asked_again = messages(bench)

    assert asked.reply.mentions == ()
    assert asked_again.reply.mentions == (PAUL,)


def test_one_who_is_forgotten_is_told_so_and_what_others_answered_stays_found(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)

    play(
        bench,
        replace(
            ASKED,
            event_id="slack:e7",
            message_id="7",
            text="forget me",
            is_addressed=True,
            posted_at=LATER,
        ),
    )

    (told,) = messages(bench)
    assert (told.id, told.place) == ("slack:e7/reply", HELP.in_thread("7"))
    assert str(told.reply.text).startswith("Done. I've forgotten 1 question and no answers")
    (match,) = matches_in(bench.search, scope_of(HELP), "Widen the posting dates")
    assert (match.title, match.excerpt) == ("An answer by Paul", WIDEN)
    assert bench.row("slack:e7").event is None


def test_one_who_asks_in_a_thread_to_be_forgotten_is_told_so_there(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)
    messages(bench)

    play(
        bench,
        replace(
            ANSWERED,
            event_id="slack:e7",
            message_id="7",
            text="forget me",
            is_addressed=True,
            posted_at=LATER,
        ),
    )

    (told,) = messages(bench)
    assert told.place == THREAD
    assert answers(bench) == []


def test_a_maintainers_command_forgets_and_says_nothing_on_the_platform(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)

    play(bench, ForgetRequested("supportbot:1", Place("supportbot", "", ""), PAUL, LATER))

    assert (messages(bench), bench.found(HELP), answers(bench)) == ([], [], [])


def test_a_question_whose_asker_is_forgotten_and_that_taught_nothing_has_no_document(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, ForgetRequested("supportbot:1", Place("supportbot", "", ""), MARIA, LATER))

    assert bench.search.is_empty()
    assert [answer.text for answer in answers(bench)] == [WIDEN]


def test_the_reply_of_one_who_is_trusted_is_found_without_anybodys_accepting_it(
    bench: Bench,
) -> None:
    bench = judging(bench, TeachingRules(trusted=frozenset({"slack:U2"})))

    play(bench, ASKED, ANSWERED)

    assert bench.found(HELP) == [WIDEN]


def test_the_second_reply_of_one_who_is_trusted_does_not_replace_the_first(bench: Bench) -> None:
    bench = judging(bench, TeachingRules(trusted=frozenset({"slack:U2"})))
    play(bench, ASKED, ANSWERED)

    play(bench, replace(ANSWERED, event_id="slack:e7", message_id="7", text="And save it, please."))

    assert bench.found(HELP) == [WIDEN]
    assert [answer.standing for answer in answers(bench)] == [Standing.KNOWLEDGE, Standing.GIVEN]


def test_a_maintainer_accepts_for_the_asker(bench: Bench) -> None:
    bench = judging(bench, TeachingRules(maintainer_roles=frozenset({"moderator"})))
    play(bench, ASKED, ANSWERED)

    play(bench, replace(ACCEPTED, author=DONNA))

    assert bench.found(HELP) == [WIDEN]


def test_a_stranger_accepts_nothing(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, replace(ACCEPTED, author=LENA))

    assert bench.found(HELP) == []
    found = question(bench)
    assert found is not None
    assert found.state is QuestionState.ROUTED


def test_the_reply_that_was_marked_is_the_one_that_is_learned(bench: Bench) -> None:
    other = replace(ANSWERED, event_id="slack:e7", message_id="7", text="Open the next period.")
    play(bench, ASKED, ANSWERED, other)

    play(bench, replace(ACCEPTED, message_id="7"))

    assert bench.found(HELP) == ["Open the next period."]
    assert [answer.standing for answer in answers(bench)] == [Standing.GIVEN, Standing.KNOWLEDGE]


def reviewed(*, is_accepted: bool, text: str = "") -> AnswerReviewed:
    author = Author("supportbot", "maintainer", "A maintainer")
    return AnswerReviewed("supportbot:1", THREAD, "2", author, is_accepted, LATER, text)


def test_an_accepted_answer_of_a_newcomer_waits_until_a_maintainer_has_looked(
    bench: Bench,
) -> None:
    bench = judging(bench, TeachingRules(review_newcomers=True))
    play(bench, ASKED, ANSWERED, ACCEPTED)
    before = bench.found(HELP)

    play(bench, reviewed(is_accepted=True))

    assert (before, bench.found(HELP)) == ([], [WIDEN])


def test_a_maintainer_may_say_it_better(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, reviewed(is_accepted=True, text="Widen them."))

    assert bench.found(HELP) == ["Widen them."]


def test_what_a_maintainer_drops_is_never_shown(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, reviewed(is_accepted=False))
    play(bench, ACCEPTED)

    assert bench.found(HELP) == []
    assert [answer.standing for answer in answers(bench)] == [Standing.DROPPED]


@pytest.mark.parametrize(
    "event",
    [
        replace(reviewed(is_accepted=True), message_id="9"),
        replace(reviewed(is_accepted=True), place=HELP.in_thread("9")),
    ],
    ids=["no such answer", "no such question"],
)
def test_a_review_of_what_is_not_there_changes_nothing(bench: Bench, event: Event) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, event)

    assert bench.found(HELP) == []
    assert bench.row("supportbot:1").state == "handled"


def test_an_answer_that_waits_no_more_is_not_reviewed_again(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, reviewed(is_accepted=False))

    assert bench.found(HELP) == [WIDEN]


def many_questions(count: int) -> list[MessagePosted]:
    return [
        replace(ASKED, event_id=f"slack:q{number}", message_id=f"q{number}")
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "allowance",
    [Allowance(per_member=2), Allowance(per_channel=2)],
    ids=["of a member", "of a channel"],
)
def test_after_too_many_questions_the_bot_says_so_once_and_keeps_the_questions(
    bench: Bench, allowance: Allowance
) -> None:
    bench = Bench(bench.database, allowance=allowance)

    play(bench, *many_questions(5))

    first, second, last = (str(message.reply.text) for message in messages(bench))
    assert (first, second) == ("I have no answer yet.", "I have no answer yet.")
    assert last.startswith("That's a lot at once, so I'll stay quiet here for the next 60 minutes.")
    assert [question(bench, f"q{number}") is not None for number in range(5)] == [True] * 5


def test_after_an_hour_the_bot_speaks_again(bench: Bench) -> None:
    bench = Bench(bench.database, allowance=Allowance(per_member=2))
    play(bench, *many_questions(5))
    messages(bench)
    bench.clock.move(timedelta(hours=1, minutes=1))

    play(bench, ASKED)

    assert [message.reply.text for message in messages(bench)] == ["I have no answer yet."]


def test_who_says_thanks_too_often_is_not_answered(bench: Bench) -> None:
    bench = Bench(bench.database, allowance=Allowance(per_member=1))
    play(bench, ASKED)

    play(bench, replace(ANSWERED, author=MARIA, text="Thanks!"))

    assert bench.said() == ["slack/T1/help/1/reply"]


def test_however_often_somebody_says_thanks_closing_is_offered_once(bench: Bench) -> None:
    play(bench, ASKED)
    thanks = replace(ANSWERED, author=MARIA, text="Thanks, that worked!")

    play(bench, thanks, replace(thanks, event_id="slack:e7", message_id="7"))

    assert bench.said() == ["slack/T1/help/1/reply", "slack/T1/help/1/closing"]


def test_a_reply_whose_quotation_is_edited_before_it_leaves_says_what_stands_now(
    bench: Bench,
) -> None:
    bench = trusting(bench)
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)
    play(bench, ASKED_AGAIN)

    play(bench, EDITED)
    nothing = messages(bench)
    bench.work()

    (told,) = messages(bench)
    assert nothing == []
    assert told.id == "slack/T1/help/4/reply"
    assert [quote.text for quote in told.reply.quotes] == ["Open the next period in the setup."]


def test_a_reply_whose_quotation_is_deleted_before_it_leaves_asks_people(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)
    play(bench, ASKED_AGAIN)

    play(bench, DELETED)

    (told,) = messages(bench)
    assert (told.id, told.reply.quotes) == ("slack/T1/help/4/reply", ())
    assert told.reply.text == "I have no answer yet."


def test_what_was_deleted_is_scrubbed_once_nothing_waits(bench: Bench) -> None:
    play(bench, ASKED, replace(ANSWERED, text="Feed it a quokka, every day."), ACCEPTED)
    messages(bench)

    play(bench, DELETED)
    bench.worker.scrub()

    files = bench.database.path.parent.glob("supportbot.db*")
    assert b"quokka" not in b"".join(file.read_bytes() for file in files)


def test_a_question_that_the_model_fails_on_is_kept_and_given_to_people(bench: Bench) -> None:
    bench.embedder.trouble = RuntimeError("no tokens")
    bench.receive(ASKED)

    begun = bench.work()

    (told,) = messages(bench)
    assert begun == 3
    assert str(told.reply.text).startswith("My search isn't working right now")
    assert bench.row("slack:e1").state == "handled"


def test_an_answer_that_the_model_fails_on_is_found_by_its_words_after_the_next_sync(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED)
    bench.embedder.trouble = RuntimeError("no tokens")

    play(bench, ACCEPTED)

    with bench.database.reading() as tx:
        assert knowledge.count(tx) == (1, 1)
        assert len(knowledge.texts_without_vector(tx, "hashing@1")) == 1


def test_an_asker_who_goes_on_while_the_model_fails_is_brought_to_people(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED, ASKED_AGAIN)
    messages(bench)
    bench.embedder.trouble = RuntimeError("no tokens")
    bench.search._question_vector.cache_clear()

    play(
        bench,
        replace(
            ASKED_AGAIN,
            event_id="slack:e8",
            message_id="8",
            text="No, another page.",
            place=HELP.in_thread("4"),
        ),
    )

    (told,) = messages(bench)
    assert told.reply.text == "This is one for people."
    assert told.reply.mentions == ()


def test_how_long_an_event_is_in_hand_is_known_only_while_it_is(bench: Bench) -> None:
    seen: list[datetime | None] = []

    class Looking(Signalling):
        def handle(self, _event: Event, _context: Context) -> Outcome:
            seen.append(bench.worker.in_hand_since)
            return Outcome()

    handlers: Any = Looking()
    bench.worker._decide = handlers.handle

    play(bench, ASKED)

    assert seen == [NOW + timedelta(seconds=1)]
    assert bench.worker.in_hand_since is None


PRIVATE_THREAD = CLOSED.in_thread("1")


def test_an_acceptance_that_says_first_that_the_channel_was_closed_off_teaches_in_private(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, replace(ACCEPTED, place=PRIVATE_THREAD, accepted_at=LATER))

    assert (bench.found(replace(HELP, channel="other")), bench.found(CLOSED)) == ([], [WIDEN])


def test_a_trusted_reply_that_says_first_that_the_channel_was_closed_off_teaches_in_private(
    bench: Bench,
) -> None:
    bench = judging(bench, TeachingRules(trusted=frozenset({"slack:U2"})))
    play(bench, ASKED)

    play(bench, replace(ANSWERED, place=PRIVATE_THREAD, posted_at=LATER))

    assert (bench.found(replace(HELP, channel="other")), bench.found(CLOSED)) == ([], [WIDEN])


def test_an_edit_that_says_first_that_the_channel_was_closed_off_closes_the_document_off(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, replace(EDITED, place=CLOSED))

    assert bench.found(replace(HELP, channel="other")) == []


def test_the_question_itself_is_kept_for_those_who_may_see_the_channel_that_was_closed_off(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED)

    play(bench, replace(ACCEPTED, place=PRIVATE_THREAD, accepted_at=LATER))

    with bench.database.reading() as tx:
        question_row = tx.get_one(conversations.QuestionRow, ("ours", "slack/T1/help/1"))
        answer_row = tx.get_one(conversations.AnswerRow, ("ours", "slack/T1/help/1/2"))
    assert (question_row.audience, answer_row.audience) == (
        "place:slack/T1/help",
        "place:slack/T1/help",
    )


def test_a_large_database_is_not_scrubbed_at_each_deletion(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_QUICKLY_REWRITTEN", 0)
    play(bench, ASKED, ANSWERED, DELETED)

    bench.worker.scrub()

    with bench.database.reading() as tx:
        assert scrubbing.needed_since(tx) == bench.clock.now()


def test_a_large_database_is_scrubbed_at_once_when_a_person_was_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_QUICKLY_REWRITTEN", 0)
    play(bench, ASKED, ForgetRequested("slack:e7", THREAD, MARIA, LATER))

    bench.worker.scrub()

    with bench.database.reading() as tx:
        assert scrubbing.needed_since(tx) is None


def test_what_could_not_be_scrubbed_is_scrubbed_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [True, False]
    monkeypatch.setattr(bench.database, "scrub", results.pop)
    play(bench, ASKED, DELETED)

    bench.worker.scrub()
    with bench.database.reading() as tx:
        after_the_first = scrubbing.needed_since(tx)
    bench.clock.move(timedelta(minutes=1))
    bench.worker.scrub()

    with bench.database.reading() as tx:
        assert scrubbing.needed_since(tx) is None
    assert after_the_first is not None
    assert results == []


def test_what_is_deleted_while_it_is_scrubbed_is_scrubbed_again(database: Database) -> None:
    with database.writing() as tx:
        scrubbing.note_deletion(tx, now=LATER)

        scrubbing.note_scrubbed(tx, since=NOW)
        scrubbing.note_scrubbed(theirs(tx), since=NOW)

    with database.reading() as tx:
        assert scrubbing.needed_since(tx) == LATER


def test_an_event_that_another_has_taken_meanwhile_is_left_to_them(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.receive(ASKED)
    monkeypatch.setattr(inbox, "claim", lambda *_arguments: None)

    assert not bench.worker.handle_next()


def elsewhere(bench: Bench) -> list[str]:
    return bench.found(replace(HELP, channel="other"))


def test_a_review_of_an_answer_from_before_a_channel_was_closed_off_does_not_open_it(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED)
    play(bench, PlaceChanged("slack:e6", CLOSED, LATER))

    # The maintainer's editor was open meanwhile: the event has the place as it was read.
    play(bench, replace(reviewed(is_accepted=True), reviewed_at=LATER + timedelta(minutes=1)))

    assert elsewhere(bench) == []


def test_an_answer_that_was_knowledge_until_another_was_accepted_is_not_shown_when_deleted(
    bench: Bench,
) -> None:
    rules = TeachingRules(trusted=frozenset({"slack:U2"}), review_newcomers=True)
    bench = judging(bench, rules)
    newcomer = replace(
        ANSWERED,
        event_id="slack:e7",
        message_id="7",
        author=DONNA,
        text="Open the next period in the setup.",
    )
    play(bench, ASKED, ANSWERED, newcomer, replace(ACCEPTED, message_id="7"))

    play(bench, DELETED)

    assert bench.found(HELP) == []


def test_what_a_maintainer_dropped_is_not_shown_however_it_is_marked(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)
    play(bench, reviewed(is_accepted=False))

    play(bench, replace(ACCEPTED, message_id="2"))

    assert bench.found(HELP) == []


def test_an_answer_with_a_slash_in_its_id_follows_its_edit_and_its_deletion(bench: Bench) -> None:
    bench = trusting(bench)
    play(bench, ASKED, replace(ANSWERED, message_id="$a/b"), replace(ACCEPTED, message_id="$a/b"))

    play(bench, replace(EDITED, message_id="$a/b"))
    edited = bench.found(HELP)
    play(bench, replace(DELETED, message_id="$a/b"))

    assert edited == ["Open the next period in the setup."]
    assert bench.found(HELP) == []


def test_nobody_can_make_the_bot_flood_a_channel_by_asking_to_be_forgotten(bench: Bench) -> None:
    bench = Bench(bench.database, allowance=Allowance(per_member=2, per_channel=5))
    again = [
        replace(
            ASKED,
            event_id=f"slack:f{n}",
            message_id=f"f{n}",
            text="forget me",
            is_addressed=True,
            posted_at=LATER + timedelta(minutes=n),
        )
        for n in range(20)
    ]

    play(bench, *again)

    assert len(messages(bench)) <= 6


def test_a_question_that_was_resolved_stays_resolved_when_its_silent_twin_comes(
    bench: Bench,
) -> None:
    bench = Bench(bench.database, allowance=Allowance(per_member=1))
    play(bench, ASKED_AGAIN, replace(ASKED_AGAIN, event_id="slack:e9", message_id="9"))
    asked = replace(ASKED, author=LENA)
    play(bench, asked, ANSWERED, replace(ACCEPTED, author=LENA))

    play(bench, replace(asked, event_id="slack:mention"))

    found = question(bench)
    assert found is not None
    assert found.state is QuestionState.RESOLVED


def test_a_question_that_was_resolved_stays_resolved_when_its_reply_is_thought_over(
    bench: Bench,
) -> None:
    solved_before_its_reply(bench)

    found = question(bench, "4")
    assert found is not None
    assert found.state is QuestionState.RESOLVED


def solved_before_its_reply(bench: Bench) -> None:
    """Let Lena's question be solved by people before its reply, which quoted what is edited."""
    bench = trusting(bench)
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)
    thread = HELP.in_thread("4")
    play(
        bench,
        ASKED_AGAIN,
        replace(ANSWERED, event_id="slack:e8", message_id="8", place=thread),
        replace(ACCEPTED, event_id="slack:e9", place=thread, author=LENA, message_id="8"),
    )
    play(bench, EDITED)
    messages(bench)
    bench.work()


def test_a_question_that_was_solved_before_its_reply_gets_it_when_the_answer_is_deleted(
    bench: Bench,
) -> None:
    solved_before_its_reply(bench)
    before = [message.id for message in messages(bench)]

    play(bench, replace(DELETED, message_id="8", place=HELP.in_thread("4")))

    assert "slack/T1/help/4/reply" not in before
    assert [message.id for message in messages(bench)] == ["slack/T1/help/4/reply"]


def test_a_question_that_was_solved_before_its_reply_gets_it_when_the_answerer_is_forgotten(
    bench: Bench,
) -> None:
    solved_before_its_reply(bench)

    play(bench, ForgetRequested("supportbot:1", Place("supportbot", "", ""), PAUL, LATER))

    assert [message.id for message in messages(bench)] == ["slack/T1/help/4/reply"]


def test_a_reply_that_did_not_look_like_an_answer_can_be_accepted(bench: Bench) -> None:
    short = replace(ANSWERED, text="+1")

    play(bench, ASKED, short, replace(ACCEPTED, message_id=short.message_id))

    assert bench.found(HELP) == ["+1"]


def test_it_is_told_which_answer_was_accepted_once_it_is_stored(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED)
    before = [*bench.accepted]

    play(bench, ACCEPTED)

    assert (before, bench.accepted) == ([], ["slack/T1/help/1/2"])


def test_a_reply_that_is_gone_cannot_be_accepted(bench: Bench) -> None:
    short = replace(ANSWERED, text="+1")

    play(bench, ASKED, short, DELETED, replace(ACCEPTED, message_id=short.message_id))

    assert bench.found(HELP) == []


def test_a_question_that_is_open_again_gets_no_second_reply(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    messages(bench)

    play(bench, DELETED)

    assert messages(bench) == []


def test_a_question_whose_accepted_answer_was_forgotten_is_open_again(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, ForgetRequested("supportbot:1", Place("supportbot", "", ""), PAUL, LATER))

    found = question(bench)
    assert found is not None
    assert found.state is QuestionState.ROUTED


def test_what_is_learned_by_the_event_that_says_that_its_channel_was_closed_stays_there(
    bench: Bench,
) -> None:
    bench = judging(bench, TeachingRules(trusted=frozenset({"slack:U2"})))
    play(bench, ASKED)

    play(bench, replace(ANSWERED, place=replace(ANSWERED.place, is_private=True)))

    assert bench.found(replace(HELP, is_private=True)) != []
    assert elsewhere(bench) == []


def heard(bench: Bench) -> list[tuple[str, str]]:
    with bench.database.reading() as tx:
        steps, _ = steps_after(tx, 0)
    return [(step.said.member_id, step.said.thread) for step in steps]


def test_who_said_something_is_noted_with_the_conversation(bench: Bench) -> None:
    chatter = MessagePosted("slack:e9", HELP, "9", PAUL, "Good morning.", NOW)

    bench.receive(ASKED, REPLIED, replace(ASKED, event_id="slack:again"), chatter)
    bench.work()

    assert sorted(heard(bench)) == [
        ("slack:U1", "slack/T1/help/1"),
        ("slack:U2", ""),
        ("slack:U2", "slack/T1/help/1"),
    ]


def test_what_was_deleted_before_it_came_is_not_noted(bench: Bench) -> None:
    bench.receive(MessageDeleted("slack:gone", HELP, "1", NOW), ASKED)
    bench.work()

    assert heard(bench) == []


def test_who_asks_to_be_forgotten_is_not_noted_for_asking(bench: Bench) -> None:
    asking = replace(ASKED, event_id="slack:f", text="forget me", is_addressed=True)

    bench.receive(asking)
    bench.work()

    assert heard(bench) == []


AGAIN = HELP.in_thread("5")
DONNA_ASKS = replace(ASKED, event_id="slack:v1", message_id="5", author=DONNA)
SOLVED = AnswerAccepted("slack:v2", AGAIN, DONNA, NOW + timedelta(minutes=1))
REJECTED = AnswerRejected("slack:v3", AGAIN, DONNA, NOW + timedelta(minutes=2))
TOLD = replace(REPLIED, event_id="slack:v4", place=AGAIN, message_id="6", author=LENA)


def shown_again(bench: Bench) -> Bench:
    """Let Paul's answer to Maria be shown to Donna, who asks the same."""
    play(bench, ASKED, REPLIED, ACCEPTED)
    bench.said()
    play(bench, DONNA_ASKS)
    bench.said()
    return bench


def voted(bench: Bench, *voters: Author) -> list[bool]:
    with bench.database.reading() as tx:
        return [
            vote.has_helped
            for voter in voters
            for vote in members.holdings_of(tx, voter.member_id).votes
        ]


def test_who_says_that_what_was_shown_solved_it_has_voted_for_it(bench: Bench) -> None:
    play(shown_again(bench), SOLVED)

    assert voted(bench, DONNA) == [True]
    with bench.database.reading() as tx:
        (judged,) = votes.judged(tx, model="hashing")
    assert judged.has_helped
    assert judged.chance == pytest.approx(0.999665, abs=1e-6)


def test_a_mark_on_the_bots_own_words_is_a_vote_for_what_was_shown(bench: Bench) -> None:
    bench = shown_again(bench)
    with bench.database.writing() as tx:
        tx.get_one(outbox_rows.OutboxRow, ("ours", "slack/T1/help/5/reply")).posted_id = "55"

    play(bench, replace(SOLVED, place=HELP, message_id="55"))

    assert voted(bench, DONNA) == [True]


def test_who_says_that_it_is_not_what_was_meant_has_voted_against_it(bench: Bench) -> None:
    play(shown_again(bench), REJECTED)

    assert voted(bench, DONNA) == [False]


def test_a_maintainer_votes_too(database: Database) -> None:
    bench = Bench(database, rules=TeachingRules(maintainers=frozenset({"slack:U2"})))

    play(shown_again(bench), replace(REJECTED, author=PAUL))

    assert voted(bench, DONNA, PAUL) == [False]


@pytest.mark.parametrize("pressed", [SOLVED, REJECTED], ids=["solved", "rejected"])
def test_nobody_else_votes(bench: Bench, pressed: AnswerAccepted | AnswerRejected) -> None:
    play(shown_again(bench), replace(pressed, author=LENA))

    assert voted(bench, DONNA, LENA) == []


def test_the_last_word_of_a_member_is_their_vote(bench: Bench) -> None:
    play(shown_again(bench), REJECTED, SOLVED)

    assert voted(bench, DONNA) == [True]


def test_who_presses_both_ways_after_it_was_solved_votes_anew_and_it_stays_solved(
    bench: Bench,
) -> None:
    play(shown_again(bench), SOLVED, REJECTED)

    assert voted(bench, DONNA) == [False]
    with bench.database.reading() as tx:
        asked = conversations.question_in(tx, AGAIN)
    assert asked is not None
    assert asked.state is QuestionState.RESOLVED


def test_who_accepts_a_persons_answer_says_that_what_was_shown_had_not_helped(
    bench: Bench,
) -> None:
    play(shown_again(bench), TOLD, replace(SOLVED, message_id="6"))

    assert voted(bench, DONNA) == [False]


def test_a_press_under_the_bots_answer_confirms_that_whatever_people_said_below(
    bench: Bench,
) -> None:
    play(shown_again(bench), TOLD, SOLVED)

    assert voted(bench, DONNA) == [True]
    with bench.database.reading() as tx:
        (told,) = conversations.answers_to(tx, AGAIN.key)
    assert not told.is_accepted
    assert told.standing is not Standing.KNOWLEDGE


def test_a_mark_on_the_bots_words_beside_a_persons_answer_says_neither(bench: Bench) -> None:
    play(shown_again(bench), TOLD, replace(SOLVED, message_id="55"))

    assert voted(bench, DONNA) == []


def test_where_nothing_was_shown_nobody_votes(bench: Bench) -> None:
    play(bench, ASKED, ACCEPTED, replace(REJECTED, place=HELP.in_thread("1"), author=MARIA))

    assert voted(bench, MARIA) == []


def test_a_thread_that_is_marked_as_solved_means_its_only_reply(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, replace(ACCEPTED, message_id=""))

    assert [(one.text, one.is_accepted) for one in answers(bench)] == [(ANSWERED.text, True)]
