import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.chat.events import (
    AnswerAccepted,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import DeliveryError
from supportbot.jobs import schedule
from supportbot.jobs.maintenance import tidying
from supportbot.ports import Receive
from supportbot.runtime import sender
from supportbot.runtime import service as app_module
from supportbot.runtime.build import App, build_app
from supportbot.runtime.service import Service
from supportbot.settings import CalibrationSettings, ChannelSettings, LimitSettings, Settings
from supportbot.store import inbox
from supportbot.store.inbox import InboxState
from supportbot.testing import PATIENCE, HashingEmbedder, SetClock

pytestmark = pytest.mark.slow
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA, PAUL = Author("slack", "U1", "Maria"), Author("slack", "U2", "Paul")
AT_ONCE = 16
"""Tasks with which a platform brings its events."""
SETTINGS = Settings(
    community="ours",
    calibration=CalibrationSettings(
        model="hashing", intercept=-8.0, slope=16.0, answer_threshold=0.8, suggest_threshold=0.4
    ),
    channels=ChannelSettings(burst_seconds=0),
    limits=LimitSettings(replies_per_member=10_000, replies_per_channel=10_000),
)


class PassingClock(SetClock):
    """A clock on which a minute passes at each look."""

    def now(self) -> datetime:
        self.move(timedelta(minutes=1))
        return super().now()


@dataclass
class Troubled:
    """A platform that brings events with many tasks at once, and delivers as it is told to.

    `answer` is called at each attempt with the message and the number of the attempt, and may raise
    before or after `post`.
    """

    platform: str = "slack"
    brings: Sequence[Event] = ()
    first: Sequence[Event] = ()
    """Brought before the others."""
    stays_until: Callable[["Troubled"], bool] = lambda _self: True
    answer: Callable[["Troubled", OutgoingMessage], object] = lambda self, m: self.post(m)
    posted: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)

    def post(self, message: OutgoingMessage) -> None:
        """Show a message to people."""
        self.posted.append(message.id)

    async def connect(self, receive: Receive) -> None:
        for event in self.first:
            await receive(event)
        left = iter(self.brings)

        async def bring() -> None:
            for event in left:
                await receive(event)

        await asyncio.gather(*(bring() for _ in range(AT_ONCE)))
        while not self.stays_until(self):  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.001)

    def url_of(self, place: Place, message_id: str) -> str:
        """Return a link that leads nowhere."""
        return f"https://example.org/{place.channel}/{message_id}"

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        self.attempts[message.id] += 1
        if attempt > 1 and message.id in self.posted:
            return "known"
        waiting = self.answer(self, message)
        if asyncio.iscoroutine(waiting):
            await waiting
        return str(len(self.posted))


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK", timedelta(milliseconds=1))
    monkeypatch.setattr(app_module, "_LOOK", 0.001)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    kind: type[SetClock] = getattr(request, "param", PassingClock)
    return kind(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: SetClock) -> Iterator[App]:
    app = build_app(SETTINGS, tmp_path, embedder=HashingEmbedder(), clock=clock)
    with closing(app.database):
        yield app


def serve(app: App, *platforms: Troubled) -> None:
    async def patiently() -> None:
        async with asyncio.timeout(3 * PATIENCE):
            await Service(app, list(platforms)).run()

    asyncio.run(patiently())


def asked(number: int, platform: str = "slack") -> MessagePosted:
    return MessagePosted(
        event_id=f"{platform}:{number}",
        place=replace(HELP, platform=platform),
        message_id=str(number),
        author=Author(platform, "U1", "Maria"),
        text=f"How does the ledger closing number {number} work?",
        posted_at=NOW,
    )


def thread_of(number: int) -> list[Event]:
    """Return a question, an answer, thanks and its acceptance: the bot says four things."""
    place = HELP.in_thread(str(number))
    answer = "Open the setup and widen the dates."
    return [
        asked(number),
        MessagePosted(f"slack:a{number}", place, f"a{number}", PAUL, answer, NOW),
        MessagePosted(f"slack:t{number}", place, f"t{number}", MARIA, "Thanks, that worked.", NOW),
        AnswerAccepted(f"slack:s{number}", place, MARIA, NOW, f"a{number}"),
    ]


def said_in(number: int) -> list[str]:
    """Return the ids of what the bot says in such a thread, in order."""
    key = f"slack/T1/help/{number}"
    offer = f"{key}/a{number}/whose"
    return [f"{key}/reply", offer, f"{key}/closing", f"slack:s{number}/reply"]


def said(platform: Troubled) -> list[str]:
    """Return the ids of what was posted, without what only takes buttons off a post."""
    return [id_ for id_ in platform.posted if "/buttons/" not in id_]


def storm(events: Sequence[Event], seed: int) -> list[Event]:
    """Let each event come one to five times, in any order."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    many = [event for event in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(many)
    return many


def mentioned(event: MessagePosted) -> MessagePosted:
    """Return the second event that some platforms send for one message that mentions the bot."""
    return replace(event, event_id=f"{event.event_id}-mention", is_addressed=True)


def edited(event: MessagePosted) -> MessageEdited:
    text = "How does the edited closing work?"
    return MessageEdited(
        f"{event.event_id}-edit", event.place, event.message_id, event.author, text, NOW
    )


def deleted(event: MessagePosted) -> MessageDeleted:
    return MessageDeleted(f"{event.event_id}-gone", event.place, event.message_id, NOW)


def set_aside(app: App) -> int:
    with app.database.reading() as tx:
        return inbox.count(tx, InboxState.SET_ASIDE)


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 4), pytest.param(2, 60, marks=pytest.mark.slow)],
)
def test_in_a_storm_of_repetitions_each_question_gets_one_reply(
    app: App, seed: int, count: int
) -> None:
    questions = [asked(number) for number in range(count)]
    events: list[Event] = [*questions, *map(mentioned, questions), *map(edited, questions)]

    platform = Troubled(brings=storm(events, seed))
    serve(app, platform)
    serve(app, Troubled(brings=storm(events, seed + 1)))

    assert Counter(platform.posted) == {f"slack/T1/help/{n}/reply": 1 for n in range(count)}
    assert set_aside(app) == 0


def test_a_question_that_was_deleted_before_it_came_gets_no_reply_in_any_storm(app: App) -> None:
    questions = [asked(number) for number in range(10)]
    gone = questions[::2]
    said: list[Event] = [*questions, *map(mentioned, questions), *map(edited, questions)]

    platform = Troubled(
        first=[*map(deleted, gone)], brings=storm([*said, *map(deleted, gone)], seed=3)
    )
    serve(app, platform)

    assert Counter(platform.posted) == {f"slack/T1/help/{n}/reply": 1 for n in range(1, 10, 2)}
    assert set_aside(app) == 0


@pytest.mark.parametrize("threads", [3, pytest.param(15, marks=pytest.mark.slow)])
def test_in_a_storm_of_refusals_everything_is_said_once_and_in_order(
    app: App, threads: int
) -> None:
    chance = random.Random(4)  # noqa: S311 - no secret
    waits = [None, *map(timedelta, [0, -1, 10_000]), timedelta(seconds=90)]

    def answer(platform: Troubled, message: OutgoingMessage) -> None:
        if platform.attempts[message.id] <= chance.randint(0, 5):
            reason = "too many requests"
            raise DeliveryError(reason, permanent=False, retry_after=chance.choice(waits))
        platform.post(message)

    events = [event for number in range(threads) for event in thread_of(number)]
    platform = Troubled(first=events, answer=answer)
    serve(app, platform)

    in_threads = [[id_ for id_ in platform.posted if id_ in said_in(n)] for n in range(threads)]
    assert in_threads == [said_in(n) for n in range(threads)]
    assert len(said(platform)) == 4 * threads
    assert platform.attempts.total() > 4 * threads


def test_a_response_that_is_lost_after_the_post_does_not_say_it_twice(app: App) -> None:
    def answer(platform: Troubled, message: OutgoingMessage) -> None:
        platform.post(message)
        reason = "connection reset by peer"
        raise ConnectionResetError(reason)

    platform = Troubled(brings=[asked(number) for number in range(10)], answer=answer)
    serve(app, platform)

    assert Counter(platform.posted) == {f"slack/T1/help/{n}/reply": 1 for n in range(10)}
    assert set(platform.attempts.values()) == {2}


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_platform_that_does_not_answer_is_asked_again(
    app: App, monkeypatch: pytest.MonkeyPatch, *, is_shown: bool
) -> None:
    monkeypatch.setattr(sender, "_PATIENCE", timedelta(milliseconds=20))

    async def answer(platform: Troubled, message: OutgoingMessage) -> None:
        if platform.attempts[message.id] > 2:
            platform.post(message)
            return
        if is_shown:
            platform.post(message)
        await asyncio.Event().wait()

    platform = Troubled(brings=[asked(1), asked(2)], answer=answer)
    serve(app, platform)

    assert sorted(platform.posted) == ["slack/T1/help/1/reply", "slack/T1/help/2/reply"]


def test_a_platform_that_is_stuck_does_not_hold_up_another(app: App) -> None:
    other = Troubled("discord", [asked(number, "discord") for number in range(10)])

    async def stick(platform: Troubled, message: OutgoingMessage) -> None:
        while len(other.posted) < 10:  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.001)
        platform.post(message)

    stuck = Troubled(brings=[asked(1)], answer=stick)
    serve(app, stuck, other)

    assert len(other.posted) == 10
    assert stuck.posted == ["slack/T1/help/1/reply"]


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("clock", [SetClock], indirect=True)
def test_a_message_that_waits_is_delivered_when_the_clock_is_set(
    app: App, clock: SetClock, hours: int
) -> None:
    def answer(platform: Troubled, message: OutgoingMessage) -> None:
        if platform.attempts[message.id] == 1:
            clock.move(timedelta(hours=hours))
            reason = "too many requests"
            raise DeliveryError(reason, permanent=False, retry_after=timedelta(minutes=30))
        platform.post(message)

    def was_refused(platform: Troubled) -> bool:
        if platform.attempts["slack/T1/help/1/reply"] == 1:
            # Noted since by the clock as it was set; it is set once more, the same way.
            clock.move(timedelta(hours=hours))
        return bool(platform.posted)

    platform = Troubled(brings=[asked(1)], answer=answer, stays_until=was_refused)
    serve(app, platform)

    assert platform.posted == ["slack/T1/help/1/reply"]


@pytest.mark.parametrize("clock", [SetClock], indirect=True)
def test_questions_are_replied_to_once_while_the_clock_is_set_to_and_fro(
    app: App, clock: SetClock
) -> None:
    chance = random.Random(5)  # noqa: S311 - no secret

    def answer(platform: Troubled, message: OutgoingMessage) -> None:
        clock.move(timedelta(minutes=chance.choice([-60, 60, 61, -120])))
        platform.post(message)

    events = [event for number in range(4) for event in thread_of(number)]
    platform = Troubled(first=events, answer=answer)
    serve(app, platform)

    in_threads = [[id_ for id_ in platform.posted if id_ in said_in(n)] for n in range(4)]
    assert in_threads == [said_in(n) for n in range(4)]
    assert len(said(platform)) == 16


@pytest.mark.parametrize("clock", [SetClock], indirect=True)
def test_a_job_is_due_again_when_the_clock_is_put_back(app: App, clock: SetClock) -> None:
    job = tidying(app.database, clock, inbox_days=7)

    def run() -> tuple[str, ...]:
        return schedule.run_due(app.database, [job], clock)

    first, again = run(), run()
    clock.move(timedelta(hours=-1))
    put_back, after_that = run(), run()

    assert (first, again) == (("tidying",), ())
    assert (put_back, after_that) == (("tidying",), ())
