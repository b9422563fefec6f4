"""What a period brought: questions, answers, how long they took, and what hangs on one person."""

import math
import statistics
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import QuestionState
from supportbot.domain.experts.topics import SoleTopic, Thread, sole_topics
from supportbot.domain.knowledge.capture import first_line
from supportbot.domain.language.catalogue import about, day, speaking
from supportbot.domain.language.counts import counted

HISTORY = timedelta(days=365)
"""How far back topics are looked for."""


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on, until another one, which is not part of it."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that nobody has answered yet."""

    title: str
    channel: str
    asked_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A person who answered, and how many questions."""

    member_id: str
    name: str
    answers: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What a period brought. The questions are those that were asked in it."""

    period: Period
    asked: int
    answered_by_people: int
    answered_by_match: int
    """What the bot found was shown, and nobody said that it did not help."""
    confirmed: int
    """Those of them whose askers said that it solved the question."""
    closed: int
    """Closed by the asker, though nothing had been shown and nobody had answered."""
    open: tuple[OpenQuestion, ...]
    """The latest first."""
    helpers: tuple[Helper, ...]
    """Who gave answers in the period, also to older questions; most first."""
    median: timedelta | None
    """Time to the first answer by a person, of those that have one."""
    ninety: timedelta | None
    """The time within which nine of ten of them came."""
    sole_topics: tuple[SoleTopic, ...]
    """Of the year up to the end of the period, or of the period where that is longer."""


def summarise(threads: Sequence[Thread], period: Period, *, gone: Collection[str] = ()) -> Digest:
    """Sum up a period.

    Args:
        threads: What everybody may see: of the period, and of a year before its end.
        period: What is summed up.
        gone: Member ids of those who are not there any more: nobody can ask them.
    """
    there = [thread for thread in threads if thread.question.asked_at < period.until]
    asked: dict[_End, list[Thread]] = {end: [] for end in _End}
    for thread in there:
        if period.holds(thread.question.asked_at):
            asked[_end_of(thread)].append(thread)
    times = sorted(map(_seconds_waited, asked[_End.PEOPLE]))
    return Digest(
        period=period,
        asked=sum(map(len, asked.values())),
        answered_by_people=len(asked[_End.PEOPLE]),
        answered_by_match=len(asked[_End.MATCH]),
        confirmed=sum(map(_is_resolved, asked[_End.MATCH])),
        closed=len(asked[_End.CLOSED]),
        open=tuple(_open(thread) for thread in reversed(asked[_End.OPEN])),
        helpers=_helpers(there, period),
        median=timedelta(seconds=statistics.median(times)) if times else None,
        ninety=timedelta(seconds=times[math.ceil(0.9 * len(times)) - 1]) if times else None,
        sole_topics=sole_topics(there, gone=gone),
    )


def lines_of(digest: Digest) -> Iterator[str]:
    """Say it in lines, for a maintainer to read: in English, as all of the command line."""
    with speaking("en"):
        lines = tuple(_lines_of(digest))
    yield from lines


def _lines_of(digest: Digest) -> Iterator[str]:
    yield f"{_moment(digest.period.since)} to {_moment(digest.period.until)} (UTC)"
    yield ""
    yield from _counts(digest)
    if digest.open:
        yield from ("", "Still open")
        for question in digest.open[:_MOST_OPEN]:
            age = _age(question.asked_at, digest.period.until)
            where = ", ".join(part for part in (question.channel, age, question.url) if part)
            yield f"  {question.title} ({where})"
        if digest.open[_MOST_OPEN:]:
            yield f"  and {counted(len(digest.open) - _MOST_OPEN, 'older one')}"
    if digest.helpers:
        yield from ("", "Who answered")
        for helper in digest.helpers[:_MOST_HELPERS]:
            yield f"  {helper.name}: {counted(helper.answers, 'question')}"
        if digest.helpers[_MOST_HELPERS:]:
            yield f"  and {counted(len(digest.helpers) - _MOST_HELPERS, 'other')}"
    if digest.sole_topics:
        yield from ("", "Topics of the last year that only one person answers")
        for topic in digest.sole_topics:
            left = ", who has left" if topic.has_left else ""
            yield f"  {topic.topic}: only {topic.name}{left} ({counted(topic.answers, 'answer')})"


_MOST_OPEN, _MOST_HELPERS = 20, 10
_LONGEST_TITLE = 100
_LONG_AGO = timedelta(days=60)


class _End(Enum):
    """What came of a question."""

    PEOPLE = auto()
    MATCH = auto()
    CLOSED = auto()
    OPEN = auto()


def _end_of(thread: Thread) -> _End:
    if thread.answers:
        return _End.PEOPLE
    if thread.question.state is QuestionState.ANSWERED:
        return _End.MATCH
    if not _is_resolved(thread):
        return _End.OPEN
    return _End.MATCH if thread.was_shown_something else _End.CLOSED


def _seconds_waited(thread: Thread) -> float:
    waited = thread.answers[0].said_at - thread.question.asked_at
    return max(waited.total_seconds(), 0.0)


def _is_resolved(thread: Thread) -> bool:
    return thread.question.state is QuestionState.RESOLVED


def _open(thread: Thread) -> OpenQuestion:
    question = thread.question
    title = first_line(question.text, limit=_LONGEST_TITLE) or "(no words)"
    return OpenQuestion(title, question.place.channel, question.asked_at, question.url)


def _helpers(threads: Sequence[Thread], period: Period) -> tuple[Helper, ...]:
    counts: Counter[str] = Counter()
    people: dict[str, Author] = {}
    for thread in threads:
        given = [answer for answer in thread.answers if period.holds(answer.said_at)]
        people.update({answer.author.member_id: answer.author for answer in given})
        counts.update({answer.author.member_id for answer in given})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], people[item[0]].name, item[0]))
    return tuple(Helper(who, people[who].name, answers) for who, answers in ordered)


def _counts(digest: Digest) -> Iterator[str]:
    if not digest.asked:
        yield "Nobody asked anything."
        return
    parts = [f"{digest.answered_by_people:,} answered by people"]
    if digest.answered_by_match:
        parts.append(
            f"{digest.answered_by_match:,} by a match "
            f"({digest.confirmed:,} of them confirmed by the asker)"
        )
    if digest.closed:
        parts.append(f"{digest.closed:,} closed by the asker without an answer")
    parts.append(f"{len(digest.open):,} still open")
    yield f"{counted(digest.asked, 'question')} asked: {', '.join(parts)}."
    if digest.median is not None and digest.ninety is not None:
        without = digest.asked - digest.answered_by_people
        yield (
            f"First answer by a person: half within {about(digest.median)}, nine in ten within "
            f"{about(digest.ninety)} (of the {digest.answered_by_people:,} that have one; "
            f"{without:,} without)."
        )


def _age(asked_at: datetime, now: datetime) -> str:
    old = now - asked_at
    return f"asked {about(old)} ago" if old < _LONG_AGO else f"asked on {day(asked_at)}"


def _moment(moment: datetime) -> str:
    return f"{day(moment)}, {moment:%H:%M}"
