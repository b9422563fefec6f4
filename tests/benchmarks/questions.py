"""What one question costs from the inbox to the outbox: processor time by part, and statements.

`python -m tests.benchmarks.questions PACK [--passages 10000] [--past 2000] [--questions 200]` asks
the queries of a BEIR folder without a platform, one after the other. The passages are the folder's
with random vectors, as in `slack.py`. The past is made up: questions that members answered, each
asked by the bot. Embedding is done by the real model, and is the yardstick: the milliseconds move
with the machine, the ratios to it hardly do.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.experts.ladder import Ask, AskOutcome, Rung
from supportbot.retrieval.serving import build_embedder
from supportbot.runtime.build import App, build_app, build_worker
from supportbot.runtime.sender import Sender
from supportbot.settings import (
    ChannelSettings,
    ExpertSettings,
    LimitSettings,
    RoutingSettings,
    Settings,
)
from supportbot.store import asks, conversations, inbox, messages
from supportbot.store.engine.transaction import Transaction
from supportbot.store.messages import Said
from tests.benchmarks.answering import CHANNELS, MEMBERS, fill, questions_of
from tests.benchmarks.durability import TakingPlatform

EMBED, REST = "embed", "the rest"
PARTS = (EMBED, "search", "people", "store", REST)
AROUND = ("bring in", "deliver")
SETTINGS = Settings(
    community="ours",
    experts=(ExpertSettings(name="Paul", topics=("everything",), identities=("slack:U0",)),),
    channels=ChannelSettings(burst_seconds=0),
    limits=LimitSettings(replies_per_member=10**6, replies_per_channel=10**6),
    # There is somebody to ask for every question, as in a group that is not flooded.
    routing=RoutingSettings(asks_per_week=100),
)
DAY = timedelta(days=1)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of questions took."""

    seconds: Mapping[str, float]
    """Of the processor, by part."""
    statements: Mapping[str, int]
    took: float
    """Seconds from the first question's being claimed to the last one's reply being stored."""


class Meter:
    """Adds up the threads' time and statements by part, each without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.statements: Counter[str] = Counter()
        self._here = threading.local()

    @contextmanager
    def timing(self, part: str) -> Iterator[None]:
        outer = self._settle(part)
        try:
            yield
        finally:
            self._settle(outer)

    def timed(self, part: str, function: Callable[..., _Result]) -> Callable[..., _Result]:
        def call(*args: Any, **kwargs: Any) -> _Result:
            with self.timing(part):
                return function(*args, **kwargs)

        return call

    def count_statement(self, *_: object) -> None:
        self.statements[getattr(self._here, "part", "")] += 1

    def _settle(self, next_part: str) -> str:
        """Count for the part that was done in this thread until now; gives which one it was."""
        now, part = time.thread_time(), getattr(self._here, "part", "")
        if part:
            self.seconds[part] += now - self._here.since
        self._here.part, self._here.since = next_part, now
        return part


def main() -> None:
    """Ask in rounds, and print the medians of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--past", type=int, default=2_000, help="questions of the past 80 days")
    parser.add_argument("--questions", type=int, default=200, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = itertools.cycle(questions_of(arguments.pack))
    with tempfile.TemporaryDirectory() as folder:
        print(f"{fill(Path(folder), arguments.pack, arguments.passages)} passages", flush=True)
        app = build_app(SETTINGS, Path(folder), embedder=build_embedder(SETTINGS.model))
        with closing(app.database):
            _live_through(app, list(itertools.islice(texts, arguments.past)))
            app.search.warm_up()
            app.people.warm_up()
            asked = (_message(number, text) for number, text in enumerate(texts))
            meter, handle_next = Meter(), build_worker(app).handle_next
            _meter_parts(app, meter)
            rounds = [
                _ask(app, meter, handle_next, list(itertools.islice(asked, arguments.questions)))
                for _ in range(arguments.rounds)
            ]
    _print(rounds, arguments.questions)


def _meter_parts(app: App, meter: Meter) -> None:
    search, asking, database = app.search, app.services.asking, app.database
    embed, writing = search.embedder.embed_question, database.writing
    search.embedder.embed_question = meter.timed(EMBED, embed)  # type: ignore[method-assign]
    search.find_matches = meter.timed("search", search.find_matches)  # type: ignore[method-assign]
    asking.choose = meter.timed("people", asking.choose)  # type: ignore[method-assign]

    @contextmanager
    def storing() -> Iterator[Transaction]:
        with meter.timing("store"), writing() as tx:
            yield tx

    database.writing = storing  # type: ignore[method-assign]
    sqlalchemy.event.listen(database._engine, "before_cursor_execute", meter.count_statement)


def _ask(
    app: App, meter: Meter, handle_next: Callable[[], bool], questions: Sequence[MessagePosted]
) -> Round:
    """Bring questions in, handle them, and have the replies delivered."""
    brought = _spent(lambda: _bring(app, questions))
    meter.seconds.clear()
    meter.statements.clear()
    start = time.perf_counter()
    while meter.timed(REST, handle_next)():
        pass
    took = time.perf_counter() - start
    seconds, statements = dict(meter.seconds), dict(meter.statements)
    platform = TakingPlatform([])
    delivered = _spent(lambda: asyncio.run(_deliver(app, platform)))
    assert len(platform.taken) == len(questions)
    return Round({**seconds, "bring in": brought, "deliver": delivered}, statements, took)


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _bring(app: App, questions: Sequence[MessagePosted]) -> None:
    for question in questions:
        with app.database.writing() as tx:
            inbox.put(tx, question, now=app.clock.now())


async def _deliver(app: App, platform: TakingPlatform) -> None:
    sender = Sender(app.database, platform, clock=app.clock, metrics=app.metrics)
    while await sender.deliver_next():
        pass


def _live_through(app: App, texts: Sequence[str]) -> None:
    """Make up a past: each question was asked by a member, and answered by the one asked."""
    begin = datetime.now(UTC) - 80 * DAY
    asked = [
        Question(
            place=_channel(number).in_thread(f"past{number}"),
            asker=_member(number),
            text=text,
            asked_at=begin + number * 80 * DAY / len(texts),
            url="",
            state=QuestionState.RESOLVED,
            confidence=0.0,
        )
        for number, text in enumerate(texts)
    ]
    answered = [
        Answer(
            id=f"{one.id}/a",
            question_id=one.id,
            author=_member(number * 7 + 1),
            text="So it is.",
            said_at=one.asked_at + DAY / 24,
            url="",
        )
        for number, one in enumerate(asked)
    ]
    said = [
        *(_said(one.id, one.id, one.asker, one.asked_at) for one in asked),
        *(_said(one.id, one.question_id, one.author, one.said_at) for one in answered),
    ]
    with app.database.writing() as tx:
        conversations.put_questions(tx, asked)
        known = conversations.asked(tx, [one.id for one in asked])
        conversations.put_answers(tx, [(one, one.id) for one in answered], known)
        messages.note(tx, said)
        asks.note(tx, [_ask_of(one) for one in answered])


def _said(key: str, thread: str, author: Author, said_at: datetime) -> Said:
    return Said(key, thread.rpartition("/")[0], author.member_id, thread, said_at)


def _ask_of(answer: Answer) -> Ask:
    return Ask(
        answer.question_id,
        answer.author.member_id,
        answer.said_at - DAY / 48,
        Rung.FIRST,
        AskOutcome.ANSWERED,
        changed_at=answer.said_at,
    )


def _message(number: int, text: str) -> MessagePosted:
    return MessagePosted(
        event_id=f"slack:{number}",
        place=_channel(number),
        message_id=str(number),
        author=_member(number),
        text=f"{text} ({number})",
        posted_at=datetime.now(UTC),
    )


def _channel(number: int) -> Place:
    return Place("slack", "T1", f"help{number % CHANNELS}")


def _member(number: int) -> Author:
    return Author("slack", f"U{number % MEMBERS}", f"Member {number % MEMBERS}")


def _print(rounds: Sequence[Round], questions: int) -> None:
    def each(part: str) -> float:
        return statistics.median(1e3 * one.seconds[part] / questions for one in rounds)

    embedding, all_parts = each(EMBED), sum(each(part) for part in PARTS)
    print("| part | ms of CPU for a question | times embedding | statements |")
    print("|---|---|---|---|")
    for part in (*PARTS, *AROUND):
        count = rounds[-1].statements.get(part, 0) / questions
        shown = "" if part in AROUND else f"{count:.1f}"
        print(f"| {part} | {each(part):.1f} | {each(part) / embedding:.2f} | {shown} |")
    without = all_parts - embedding
    count = sum(rounds[-1].statements.values()) / questions
    print(f"| from inbox to outbox | {all_parts:.1f} | {all_parts / embedding:.2f} | {count:.1f} |")
    print(f"| the same, without embedding | {without:.1f} | {without / embedding:.2f} | |")
    rates = [questions / one.took for one in rounds]
    print(f"questions a second: {', '.join(f'{rate:.1f}' for rate in rates)}")


if __name__ == "__main__":
    main()
