import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import generate_latest

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.language.texts import Link, Text
from supportbot.domain.replies import notices
from supportbot.domain.replies.answers import compose_was_shared
from supportbot.domain.replies.reply import After, Asked, OutgoingMessage, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Receive
from supportbot.runtime import sender as sender_module
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.sender import Sender
from supportbot.store import delivery, inbox, outbox, outbox_counts, withdrawal
from supportbot.store.engine.sqlite import Database
from supportbot.store.outbox_rows import Cause, OutboxRow, OutboxState
from supportbot.testing import PATIENCE, SetClock

HELP = Place("slack", "T1", "help", "1")
OTHER = Place("slack", "T1", "help", "2")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUSY = DeliveryError("the platform is busy", permanent=False)
GONE = DeliveryError("no such channel", permanent=True)


class FakePlatform:
    """Takes messages, and refuses those of a thread for as long as it has errors for it."""

    platform = "slack"

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.attempts: list[tuple[str, int]] = []
        self.refusals: dict[str, list[DeliveryError]] = {}
        self.on_delivery: Callable[[OutgoingMessage], object] = lambda _message: None

    async def connect(self, receive: Receive) -> None:
        """Bring nothing."""

    def url_of(self, place: Place, message_id: str) -> str:
        """Return a link that leads nowhere."""
        return f"https://example.org/{place.channel}/{message_id}"

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        self.attempts.append((message.id, attempt))
        self.on_delivery(message)
        refusals = self.refusals.get(message.place.key, [])
        if refusals:
            raise refusals.pop(0)
        self.taken.append(message.id)
        return f"ts-{len(self.taken)}"

    def refuse(self, place: Place, *errors: DeliveryError) -> None:
        """Refuse messages in a thread with these errors, one after another."""
        self.refusals[place.key] = list(errors)


class HastyClock(SetClock):
    """A clock on which a second has passed whenever it is looked at."""

    def now(self) -> datetime:
        self.move(timedelta(seconds=1))
        return super().now()


@dataclass(frozen=True)
class Bench:
    """A sender with everything around it."""

    database: Database
    platform: FakePlatform
    clock: SetClock
    sender: Sender


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def sender(database: Database, platform: FakePlatform, clock: SetClock) -> Sender:
    return Sender(database, platform, clock=clock, metrics=Metrics())


@pytest.fixture
def bench(database: Database, platform: FakePlatform, clock: SetClock, sender: Sender) -> Bench:
    return Bench(database, platform, clock, sender)


def try_every_quarter_of_an_hour(bench: Bench, times: int) -> None:
    for _ in range(times):
        bench.clock.move(timedelta(minutes=15))
        deliver_all(bench.sender)


def put(database: Database, id_: str, place: Place = HELP, *, minute: int = 0) -> None:
    message = OutgoingMessage(id_, place, Reply("I have no answer yet."))
    with database.writing() as tx:
        outbox.put(tx, [message], now=NOW + timedelta(minutes=minute - 60))


def deliver_all(sender: Sender) -> None:
    async def deliver() -> None:
        while await sender.deliver_next():
            pass

    patiently(deliver())


def patiently(doing: Awaitable[None]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(PATIENCE):
            await doing

    asyncio.run(wait())


def row(database: Database, id_: str) -> OutboxRow:
    with database.reading() as tx:
        return tx.get_one(OutboxRow, ("ours", id_))


def test_nothing_is_delivered_when_nothing_waits(sender: Sender) -> None:
    assert not asyncio.run(sender.deliver_next())


def test_a_message_is_delivered_once_and_its_id_at_the_platform_kept(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1")

    deliver_all(sender)
    deliver_all(sender)

    assert platform.taken == ["e1"]
    assert (row(database, "e1").state, row(database, "e1").posted_id) == ("delivered", "ts-1")


def test_messages_of_a_thread_are_delivered_in_order(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "b", minute=1)
    put(database, "a", minute=2)
    put(database, "c", minute=3)

    deliver_all(sender)

    assert platform.taken == ["b", "a", "c"]


def test_a_refused_message_holds_up_its_own_thread_and_no_other(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1", HELP, minute=1)
    put(database, "e2", HELP, minute=2)
    put(database, "e3", OTHER, minute=3)
    platform.refuse(HELP, BUSY)

    deliver_all(sender)

    assert platform.taken == ["e3"]


def test_a_refused_message_is_tried_again_later_with_the_same_id(
    sender: Sender, database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    put(database, "e1", minute=1)
    put(database, "e2", minute=2)
    platform.refuse(HELP, BUSY)
    deliver_all(sender)
    assert row(database, "e1").error == "the platform is busy"
    clock.move(timedelta(seconds=1))

    deliver_all(sender)

    assert platform.attempts == [("e1", 1), ("e1", 2), ("e2", 1)]


def test_a_refused_message_is_not_tried_again_at_once(
    sender: Sender, database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    put(database, "e1")
    platform.refuse(HELP, BUSY)
    deliver_all(sender)
    clock.move(timedelta(seconds=0.4))

    deliver_all(sender)

    assert platform.attempts == [("e1", 1)]


def test_a_permanent_refusal_is_not_tried_again(
    sender: Sender, database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    put(database, "e1")
    platform.refuse(HELP, GONE)
    deliver_all(sender)
    clock.move(timedelta(days=1))

    deliver_all(sender)

    assert platform.attempts == [("e1", 1)]
    assert (row(database, "e1").state, row(database, "e1").error) == (
        "set_aside",
        "no such channel",
    )


def test_a_permanent_refusal_lets_the_rest_of_the_thread_go_on(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1", minute=1)
    put(database, "e2", minute=2)
    platform.refuse(HELP, GONE)

    deliver_all(sender)

    assert platform.taken == ["e2"]


def test_the_platform_says_how_long_to_wait(
    sender: Sender, database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    put(database, "e1")
    wait = timedelta(minutes=10)
    platform.refuse(HELP, DeliveryError("slow down", permanent=False, retry_after=wait))
    deliver_all(sender)
    clock.move(timedelta(minutes=9, seconds=59))
    deliver_all(sender)
    early = list(platform.attempts)
    clock.move(timedelta(seconds=1))

    deliver_all(sender)

    assert early == [("e1", 1)]
    assert platform.attempts == [("e1", 1), ("e1", 2)]


def test_a_short_wait_that_the_platform_asks_for_is_not_shortened(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1")
    wait = timedelta(milliseconds=1)
    platform.refuse(HELP, DeliveryError("slow down", permanent=False, retry_after=wait))

    deliver_all(sender)

    assert row(database, "e1").due_at >= NOW + timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("refusals", "bounds"),
    [(1, (0.5, 1)), (2, (1, 2)), (3, (2, 4)), (6, (16, 32)), (11, (450, 900))],
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(
    bench: Bench, refusals: int, bounds: tuple[float, float]
) -> None:
    put(bench.database, "e1")
    bench.platform.refuse(HELP, *[BUSY] * refusals)

    try_every_quarter_of_an_hour(bench, refusals)

    wait = (row(bench.database, "e1").due_at - bench.clock.now()).total_seconds()
    assert bounds[0] <= wait <= bounds[1]


def test_an_attempt_is_counted_before_it_is_made(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1")
    counted: list[int] = []
    platform.on_delivery = lambda message: counted.append(row(database, message.id).attempts)

    deliver_all(sender)

    assert counted == [1]


def test_a_message_that_was_cut_off_in_its_delivery_is_delivered_again_as_the_second_attempt(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1")

    def die(_message: OutgoingMessage) -> None:
        raise SystemExit(137)

    platform.on_delivery = die
    with pytest.raises(SystemExit):
        deliver_all(sender)
    platform.on_delivery = lambda _message: None

    deliver_all(sender)

    assert platform.attempts == [("e1", 1), ("e1", 2)]


def test_it_gives_up_after_twelve_attempts(bench: Bench) -> None:
    put(bench.database, "e1")
    bench.platform.refuse(HELP, *[BUSY] * 100)

    try_every_quarter_of_an_hour(bench, 20)

    assert len(bench.platform.attempts) == 12
    assert row(bench.database, "e1").state == "set_aside"


def test_what_is_said_stays_out_of_the_log(
    sender: Sender, database: Database, platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    put(database, "e1")
    platform.refuse(HELP, BUSY)

    deliver_all(sender)

    assert caplog.messages == ["message e1 was not delivered: the platform is busy"]


async def run_until(sender: Sender, has_ended: asyncio.Event) -> None:
    running = asyncio.create_task(sender.run())
    await has_ended.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_a_running_sender_delivers_what_waits_and_what_it_is_woken_for(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    async def play() -> None:
        both_are_there, first_is_there = asyncio.Event(), asyncio.Event()
        events = iter([first_is_there, both_are_there])
        platform.on_delivery = lambda _message: next(events).set()
        put(database, "e1")
        running = asyncio.create_task(run_until(sender, both_are_there))
        await first_is_there.wait()
        await asyncio.to_thread(put, database, "e2")
        sender.wake()
        await running

    patiently(play())

    assert platform.attempts == [("e1", 1), ("e2", 1)]


def test_a_running_sender_tries_again_when_the_time_has_come(
    database: Database, platform: FakePlatform
) -> None:
    sender = Sender(database, platform, clock=HastyClock(NOW), metrics=Metrics())
    put(database, "e1")
    platform.refuse(HELP, BUSY)

    async def play() -> None:
        second_attempt = asyncio.Event()
        marks = iter([asyncio.Event(), second_attempt])
        platform.on_delivery = lambda _message: next(marks).set()
        await run_until(sender, second_attempt)

    patiently(play())

    assert platform.attempts == [("e1", 1), ("e1", 2)]


def test_a_running_sender_waits_for_a_database_that_cannot_be_used(
    sender: Sender,
    database: Database,
    platform: FakePlatform,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sender_module, "_PAUSE", timedelta(0))
    put(database, "e1")
    troubles = [SupportbotError("The disk is full.")]
    writing = database.writing

    def troubled() -> object:
        if troubles:
            raise troubles.pop()
        return writing()

    monkeypatch.setattr(database, "writing", troubled)

    async def play() -> None:
        delivered = asyncio.Event()
        platform.on_delivery = lambda _message: delivered.set()
        await run_until(sender, delivered)

    patiently(play())

    assert platform.attempts == [("e1", 1)]
    assert caplog.messages == ["messages for slack wait: The disk is full."]


def test_a_running_sender_tells_what_keeps_messages_waiting_for_as_long_as_it_does(
    sender: Sender, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, "e1")
    troubles: list[str] = []

    def fail() -> object:
        message = "The disk is full."
        raise SupportbotError(message)

    async def look(_pause: timedelta) -> None:
        troubles.append(sender.trouble)
        monkeypatch.undo()
        monkeypatch.setattr(sender, "_wait", look_again)

    async def look_again(_pause: timedelta) -> None:
        troubles.append(sender.trouble)
        sender.stop()

    monkeypatch.setattr(database, "writing", fail)
    monkeypatch.setattr(sender, "_wait", look)
    asyncio.run(sender.run())

    assert troubles == ["The disk is full.", ""]


def test_a_message_behind_a_postponed_one_does_not_keep_the_sender_awake(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1", minute=1)
    put(database, "e2", minute=2)
    platform.refuse(HELP, DeliveryError("slow down", permanent=False, retry_after=timedelta(1)))
    deliver_all(sender)

    assert sender._until_next() == timedelta(seconds=2)


def test_what_waits_for_another_platform_is_left_to_its_own_sender(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1", Place("discord", "G1", "help", "1"))

    deliver_all(sender)

    assert platform.attempts == []
    with database.reading() as tx:
        assert outbox_counts.count(tx, OutboxState.WAITING) == 1


def test_a_bug_in_an_adapter_holds_up_its_thread_only(bench: Bench) -> None:
    bench.platform.refusals[HELP.key] = [RuntimeError("a bug")]  # type: ignore[list-item]
    put(bench.database, "m1")
    put(bench.database, "m2", OTHER, minute=1)

    deliver_all(bench.sender)

    assert bench.platform.taken == ["m2"]
    assert row(bench.database, "m1").state == OutboxState.WAITING
    assert row(bench.database, "m1").error == "the adapter failed; see the log"


@pytest.mark.parametrize(
    ("asked", "longest"),
    [(timedelta(seconds=-30), 1), (timedelta.min, 1), (timedelta(days=999), 3_600)],
    ids=["negative", "the least there is", "years"],
)
def test_what_a_platform_asks_for_is_obeyed_within_reason(
    bench: Bench, asked: timedelta, longest: int
) -> None:
    put(bench.database, "e1")
    bench.platform.refuse(HELP, DeliveryError("slow down", permanent=False, retry_after=asked))

    deliver_all(bench.sender)

    wait = (row(bench.database, "e1").due_at - NOW).total_seconds()
    assert longest / 2 <= wait <= longest


def test_a_platform_that_does_not_answer_in_time_is_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(message: OutgoingMessage, *, attempt: int) -> str:
        del message, attempt
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(sender_module, "_PATIENCE", timedelta(0))
    monkeypatch.setattr(bench.platform, "deliver", hang)
    put(bench.database, "e1")

    deliver_all(bench.sender)

    assert row(bench.database, "e1").state == OutboxState.WAITING
    assert row(bench.database, "e1").error == "the platform did not answer in time"


def test_a_clock_that_is_put_back_does_not_hold_up_what_was_postponed(bench: Bench) -> None:
    put(bench.database, "e1")
    bench.platform.refuse(HELP, BUSY)
    deliver_all(bench.sender)
    bench.clock.move(timedelta(days=-2))

    until = bench.sender._until_next()
    deliver_all(bench.sender)

    assert until == timedelta(0)
    assert bench.platform.taken == ["e1"]


def test_a_sender_that_is_stopped_ends_after_the_message_in_hand(
    sender: Sender, database: Database, platform: FakePlatform
) -> None:
    put(database, "e1")
    put(database, "e2", OTHER)
    platform.on_delivery = lambda _message: sender.stop()

    patiently(sender.run())

    assert platform.taken == ["e1"]


def test_each_attempt_is_counted_by_its_outcome(
    database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    metrics = Metrics()
    sender = Sender(database, platform, clock=clock, metrics=metrics)
    put(database, "e1", HELP)
    put(database, "e2", OTHER)
    platform.refuse(HELP, GONE)
    platform.refuse(OTHER, BUSY)
    deliver_all(sender)
    clock.move(timedelta(minutes=1))

    deliver_all(sender)

    page = generate_latest(metrics.registry).decode()
    assert 'deliveries_total{outcome="set_aside",platform="slack"} 1.0' in page
    assert 'deliveries_total{outcome="postponed",platform="slack"} 1.0' in page
    assert 'deliveries_total{outcome="delivered",platform="slack"} 1.0' in page
    assert 'supportbot_set_aside_total{what="message"} 1.0' in page
    assert "supportbot_waiting_seconds_count 1.0" in page


def test_what_is_posted_for_somebody_is_their_question_once(
    database: Database, platform: FakePlatform, clock: SetClock
) -> None:
    maria, woken = Author("slack", "U1", "Maria"), []
    sender = Sender(
        database,
        platform,
        clock=clock,
        metrics=Metrics(),
        on_incoming=lambda: woken.append(True),
    )
    channel = Place("slack", "T1", "help")
    shared_at = NOW - timedelta(hours=1)
    asked = Asked(maria, "How do I post?", asked_here_at=shared_at)
    with database.writing() as tx:
        shared = OutgoingMessage("q/shared", channel, Reply("Maria asks:", asked=asked))
        outbox.put(tx, [shared], now=shared_at)

    deliver_all(sender)

    with database.writing() as tx:
        claimed = inbox.claim(tx)
    assert claimed is not None
    event, _ = claimed
    assert event == MessagePosted(
        event_id="q/shared/posted",
        place=channel,
        message_id="ts-1",
        author=maria,
        text="How do I post?",
        posted_at=shared_at,
        url="https://example.org/help/ts-1",
        is_addressed=True,
    )
    assert woken == [True]


def test_what_tells_of_a_question_elsewhere_is_not_asked_again(
    database: Database, sender: Sender
) -> None:
    asked = Asked(Author("slack", "U1", "Maria"), "How do I post?", "https://example.org/1")
    with database.writing() as tx:
        card = OutgoingMessage("card", HELP, Reply("Maria asks …", asked=asked))
        outbox.put(tx, [card], now=NOW - timedelta(hours=1))

    deliver_all(sender)

    with database.reading() as tx:
        assert not inbox.is_waiting(tx)


def test_a_platform_that_refuses_everything_for_one_reason_is_told_of_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    put(bench.database, "a")
    put(bench.database, "b", OTHER)
    bench.platform.refuse(HELP, BUSY, BUSY)
    bench.platform.refuse(OTHER, BUSY)

    deliver_all(bench.sender)
    try_every_quarter_of_an_hour(bench, 2)

    told = [one for one in caplog.messages if "not delivered" in one]
    assert told == ["message a was not delivered: the platform is busy"]
    assert sorted(bench.platform.taken) == ["a", "b"]


ALONE = Place("slack", "T1", "@U1", "9", is_private=True)


def share(database: Database, cause: str = "e1") -> None:
    question = OutgoingMessage("q/shared", replace(HELP, thread=None), Reply("Maria asks:"))
    told = OutgoingMessage(
        f"{cause}/reply",
        ALONE,
        compose_was_shared(HELP),
        after=After("q/shared", question.place, notices.compose_not_shared()),
    )
    with database.writing() as tx:
        outbox.put(tx, [question, told], now=NOW, cause=Cause(cause, "slack:U1"))


def test_what_tells_that_a_message_is_there_waits_for_it_and_leads_to_it(bench: Bench) -> None:
    said: list[OutgoingMessage] = []
    bench.platform.on_delivery = said.append
    share(bench.database)
    bench.platform.refuse(replace(HELP, thread=None), BUSY)

    deliver_all(bench.sender)
    before = list(bench.platform.taken)
    bench.clock.move(timedelta(minutes=15))
    deliver_all(bench.sender)

    assert before == []
    assert bench.platform.taken == ["q/shared", "e1/reply"]
    text = said[-1].reply.text
    assert isinstance(text, Text)
    assert Link("your question", "https://example.org/help/ts-1") in text.parts


def test_a_message_that_cannot_be_delivered_is_told_of_once_to_the_one_who_waits(
    bench: Bench,
) -> None:
    said: list[OutgoingMessage] = []
    bench.platform.on_delivery = said.append
    share(bench.database)
    bench.platform.refuse(replace(HELP, thread=None), GONE)

    deliver_all(bench.sender)

    assert bench.platform.taken == ["e1/reply/failed"]
    assert said[-1].place == ALONE
    assert "couldn't post your question" in str(said[-1].reply.text)


def test_one_who_was_told_of_a_failure_hears_when_it_is_delivered_after_all(bench: Bench) -> None:
    share(bench.database)
    bench.platform.refuse(replace(HELP, thread=None), GONE)
    deliver_all(bench.sender)

    with bench.database.writing() as tx:
        delivery.deliver_again(tx, "q/shared", now=bench.clock.now())
    deliver_all(bench.sender)

    assert bench.platform.taken == ["e1/reply/failed", "q/shared", "e1/reply"]


def test_what_failed_is_said_when_somebody_asks_anew(bench: Bench) -> None:
    share(bench.database)
    bench.platform.refuse(replace(HELP, thread=None), GONE)
    deliver_all(bench.sender)

    share(bench.database, "e2")
    deliver_all(bench.sender)

    assert bench.platform.taken[:2] == ["e1/reply/failed", "q/shared"]
    assert "e2/reply" in bench.platform.taken


def test_one_who_asks_twice_is_told_twice_and_the_group_is_asked_once(bench: Bench) -> None:
    share(bench.database)
    deliver_all(bench.sender)

    share(bench.database, "e2")
    deliver_all(bench.sender)

    assert bench.platform.taken == ["q/shared", "e1/reply", "e2/reply"]


def test_nothing_is_told_of_a_message_that_nobody_needs_any_more(bench: Bench) -> None:
    share(bench.database)

    with bench.database.writing() as tx:
        withdrawal.withdraw_in(tx, replace(HELP, thread=None))
    deliver_all(bench.sender)

    assert bench.platform.taken == []
