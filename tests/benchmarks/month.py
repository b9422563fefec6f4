"""A month of a real community, lived through again with the bot in it: what does asking change?

`python tests/benchmarks/month.py EXPORT GOLD MONTH [--members 300] [--answers 0.1]`. EXPORT is a
Slack export with threads, GOLD a table as `evaluate routing` takes it, MONTH such as 2025-12.

The history before the month is imported, and who answers is learned from it. Then everything that
the 300 people who spoke last said in the month comes in at its time, through the real worker; the
jobs are done every ten minutes. All of them answer when they really did. Beyond that, somebody whom
the bot asks is about at their next message anywhere, if that is within three days, and two minutes
later they answer: surely, if they really answered this question, and otherwise with the probability
`--answers`. With 0, nothing is answered that was not, only sooner: that is the careful reading.
The model of the words is a fake one, and nothing is answered from the archive.
"""

import argparse
import heapq
import random
import statistics
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.experts.ladder import Ask
from supportbot.evaluation.replay import GoldQuestion, Past, read_gold, read_past
from supportbot.jobs.schedule import run_due
from supportbot.knowledge.history import import_history
from supportbot.runtime.build import App, build_app, build_jobs, build_worker
from supportbot.settings import Settings
from supportbot.store import asks, conversations, delivery, inbox
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder, SetClock

BUDGET = 5
_TICK = timedelta(minutes=10)
_PATIENCE = timedelta(days=3)
_TYPING = timedelta(minutes=2)
_ANSWER = "Open the settings of that page and choose it there; it works like that for me."


def main() -> None:
    """Play the month and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("month")
    parser.add_argument("--members", type=int, default=300)
    parser.add_argument("--answers", type=float, default=0.0)
    arguments = parser.parse_args()
    past, gold = read_past(arguments.export), read_gold(arguments.gold, with_unanswered=True)
    with tempfile.TemporaryDirectory() as home:
        month = Month(Path(home), past, arguments.month, arguments.members, arguments.answers)
        month.play()
        month.report(gold)


class Month:
    """One month, and the bot in it."""

    def __init__(self, home: Path, past: Past, month: str, members: int, answers: float) -> None:
        """Bring in what was before."""
        self.begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        self.ends = (self.begins + timedelta(days=32)).replace(day=1)
        until = [message for message in past.messages if message.said_at < self.ends]
        last = {message.author.member_id: message.said_at for message in until}
        self.members = set(sorted(last, key=lambda who: last[who], reverse=True)[:members])
        before = [message for message in until if message.said_at < self.begins]
        self.messages = [
            message
            for message in until
            if message.said_at >= self.begins and message.author.member_id in self.members
        ]
        self.spoke: dict[str, list[datetime]] = {}
        for message in past.messages:
            self.spoke.setdefault(message.author.member_id, []).append(message.said_at)
        self.past, self.answers = past, answers
        self.clock = SetClock(self.begins)
        self.app = _build(home, self.clock)
        import_history(iter(before), self.app.database, self.app.search)
        self.app.people.learn()
        self.worker = build_worker(self.app)
        self.jobs = build_jobs(self.app, platforms=())
        self.repliers = _repliers(past.messages)
        self.chance = random.Random(20261122)  # noqa: S311 - no secret
        self.to_come: list[tuple[datetime, str, MessagePosted]] = []
        self.seen: set[tuple[str, str]] = set()
        self.asks: list[Ask] = []
        self.first: dict[str, datetime] = {}

    def play(self) -> None:
        """Let everything happen at its time."""
        for message in self.messages:
            self._happen(_event(message))
        ticks = self.begins
        while ticks < self.ends + _PATIENCE:
            while self.to_come and self.to_come[0][0] <= ticks:
                moment, _, event = heapq.heappop(self.to_come)
                self.clock.move(moment - self.clock.now())
                self._receive(event)
            self.clock.move(ticks - self.clock.now())
            run_due(self.app.database, self.jobs, self.clock)
            self._work()
            ticks += _TICK

    def report(self, gold: Sequence[GoldQuestion]) -> None:
        """Print what came of it, beside what really happened."""
        asked = [m for m in self.messages if m.place.thread in {None, m.message_id}]
        wanted = {one.id for one in gold if one.is_question}
        questions = [m for m in asked if f"{m.channel_name}:{m.message_id}" in wanted]
        with self.app.database.reading() as tx:
            known = [m for m in questions if conversations.question_of(tx, m.key) is not None]
        really = [_until(m, self.repliers.get(m.key, {}).values()) for m in questions]
        with_bot = [
            _until(m, [*self.repliers.get(m.key, {}).values(), *self._by_asked(m.key)])
            for m in questions
        ]
        print(f"{len(self.members)} members, {len(self.messages):,} messages in the month")
        print(f"{len(questions)} questions, {len(known)} of them recognised")
        print(f"as it was:     {_summary(really)}")
        print(f"with the bot:  {_summary(with_bot)}")
        per_person = Counter(ask.member_id for ask in self.asks)
        most = max((_most_in_a_week(self.asks, who) for who in per_person), default=0)
        print(
            f"{len(self.asks)} asks of {len(per_person)} people; the busiest "
            f"{max(per_person.values(), default=0)} in the month; most in seven days: {most} "
            f"(budget {BUDGET})"
        )
        if most > BUDGET:
            sys.exit("somebody was asked over budget")

    def _by_asked(self, key: str) -> Iterator[datetime]:
        if key in self.first:
            yield self.first[key]

    def _happen(self, event: MessagePosted) -> None:
        heapq.heappush(self.to_come, (event.posted_at, event.event_id, event))

    def _receive(self, event: MessagePosted) -> None:
        with self.app.database.writing() as tx:
            inbox.put(tx, event, now=self.clock.now())
        self._work()

    def _work(self) -> None:
        while self.worker.handle_next():
            pass
        with self.app.database.writing() as tx:
            while claim := delivery.claim(tx, "slack", now=self.clock.now()):
                delivery.mark_delivered(tx, claim.message.id, claim.message.id)
        with self.app.database.reading() as tx:
            lately = asks.asks_since(tx, self.clock.now() - _TICK)
        for ask in lately:
            if (ask.question_id, ask.member_id) not in self.seen:
                self.seen.add((ask.question_id, ask.member_id))
                self.asks.append(ask)
                self._react(ask)

    def _react(self, ask: Ask) -> None:
        really = self.repliers.get(ask.question_id, {}).get(ask.member_id)
        if really is None and self.chance.random() >= self.answers:
            return
        spoke = self.spoke.get(ask.member_id, [])
        at = bisect_right(spoke, ask.asked_at)
        if at == len(spoke) or spoke[at] - ask.asked_at > _PATIENCE:
            return
        answered_at = spoke[at] + _TYPING
        if really is not None and answered_at >= really:
            return
        first = self.first.get(ask.question_id)
        self.first[ask.question_id] = min(first or answered_at, answered_at)
        place = next(m.place for m in self.messages if m.key == ask.question_id)
        thread = place.in_thread(ask.question_id.rpartition("/")[2])
        id_ = f"asked-{ask.member_id}-{thread.thread}"
        self._happen(MessagePosted(f"e-{id_}", thread, id_, ask.author, _ANSWER, answered_at))


def _build(home: Path, clock: SetClock) -> App:
    calibration = replace(HASHING_CALIBRATION, answer_threshold=1.0, suggest_threshold=1.0)
    settings = Settings.model_validate(
        {
            "community": "ours",
            "channels": {"burst_seconds": 0},
            "limits": {"replies_per_member": 10_000, "replies_per_channel": 10_000},
            "model": {"name": "hashing"},
            "calibration": {
                "model": "hashing",
                "intercept": calibration.intercept,
                "slope": calibration.slope,
                "answer_threshold": 1.0,
                "suggest_threshold": 1.0,
            },
        }
    )
    return build_app(settings, home, embedder=HashingEmbedder(), clock=clock)


def _event(message: PastMessage) -> MessagePosted:
    place = message.place
    if place.thread == message.message_id:
        place = replace(place, thread=None)
    return MessagePosted(
        f"slack:{message.key}",
        place,
        message.message_id,
        message.author,
        message.text,
        message.said_at,
        message.url,
    )


def _repliers(messages: Sequence[PastMessage]) -> dict[str, dict[str, datetime]]:
    """Return who else first said something in each thread, and when."""
    askers = {message.key: message.author.member_id for message in messages}
    found: dict[str, dict[str, datetime]] = {}
    for message in messages:
        thread = message.place.key if message.place.thread else ""
        who = message.author.member_id
        if thread and thread != message.key and askers.get(thread) not in {None, who}:
            found.setdefault(thread, {}).setdefault(who, message.said_at)
    return found


def _until(question: PastMessage, answers: Iterable[datetime]) -> float | None:
    times = [(answer - question.said_at).total_seconds() for answer in answers]
    return min(times) if times else None


def _summary(times: Sequence[float | None]) -> str:
    answered = [time for time in times if time is not None]
    within_hour = sum(time <= 3_600 for time in answered)
    everybody = statistics.median(float("inf") if time is None else time for time in times)
    return (
        f"{len(answered)} of {len(times)} answered, {within_hour} within an hour; median time to "
        f"the first answer {statistics.median(answered) / 60:.0f} minutes of those answered, "
        f"{everybody / 60:.0f} of all"
    )


def _most_in_a_week(made: Sequence[Ask], who: str) -> int:
    moments = sorted(ask.asked_at for ask in made if ask.member_id == who)
    week = timedelta(days=7)
    return max(sum(start <= other < start + week for other in moments) for start in moments)


if __name__ == "__main__":
    main()
