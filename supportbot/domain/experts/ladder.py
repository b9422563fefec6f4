"""The polite ladder: who is asked when, and what is due for a question that waits.

One to three people are asked first. Where nobody answers or takes the question on within the
time that this group usually takes, the next ones are asked, then the helpers; then the question
stands on the list of open questions. An answer stops it, and so does *I'll take it*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from supportbot.domain.chat.events import QuestionDue
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.experts.expert import Referral


class Rung(StrEnum):
    """A step of the ladder. People are asked on the first five of them."""

    FIRST = "first"
    NEXT = "next"
    HELPERS = "helpers"
    REFERRED = "referred"
    """One who was asked passed the question on to them."""
    VOLUNTEER = "volunteer"
    """Nobody asked them: they took the question on by themselves. It counts against no budget."""
    LATER = "later"
    """Nobody could be asked at that hour; it is tried again."""
    OPEN = "open"
    """The question stands on the list of open questions."""
    CHECKED = "checked"
    """The asker was asked whether it is solved. That is done once."""
    UNSOLVED = "unsolved"
    """The asker said that it is not."""


class AskOutcome(StrEnum):
    """What became of asking somebody."""

    WAITING = ""
    CLAIMED = "claimed"
    """They said *I'll take it*."""
    PASSED = "passed"
    REFUSED = "refused"
    """They said that it is not their topic."""
    ANSWERED = "answered"
    QUIET = "quiet"
    """They did not say anything before others were asked."""


@dataclass(frozen=True, slots=True)
class Ask:
    """That a member was asked to help with a question."""

    question_id: str
    member_id: str
    asked_at: datetime
    rung: str
    outcome: str = AskOutcome.WAITING
    name: str = ""
    """As people read it."""
    changed_at: datetime | None = None
    """When the outcome came about; None while it is waited for."""
    reminded_at: datetime | None = None
    """When they were asked how it goes, after they had claimed it."""
    passed_to: str = ""
    """Member id of the one to whom they passed it on."""

    @property
    def author(self) -> Author:
        """Return the member."""
        return Author.of(self.member_id, self.name)


@dataclass(frozen=True, slots=True)
class Reached:
    """That a question has reached a rung, and how long it stays there."""

    question_id: str
    rung: str
    at: datetime
    wait: timedelta = timedelta(0)
    """What the asker was told."""


@dataclass(frozen=True, slots=True)
class LadderRules:
    """What a group has decided about asking people."""

    asks_per_week: int = 5
    asks_per_asker: int = 20
    """People asked within seven days on behalf of one asker: some five to ten questions."""
    helpers: tuple[str, ...] = ()
    """Member ids of those who are asked when nobody else answers."""
    shortest_wait: timedelta = timedelta(minutes=15)
    longest_wait: timedelta = timedelta(hours=24)
    expires_after: timedelta = timedelta(days=14)
    timezone: str = ""
    """IANA name of the zone in which the group's parts of the day are told; empty is UTC."""


CLAIM_PATIENCE = timedelta(days=1)
"""How long one who took a question on is left in peace; and once more after they were reminded."""
SILENCE = timedelta(days=1)
"""How long the asker is silent after an answer before they are asked whether it is solved."""
_LONG_AWAY = timedelta(days=4)
"""A weekend, and some: one who took a question on and is away for longer is not reminded."""
_PATIENT = timedelta(days=1)
"""How long a question waits for people whose hours have not begun."""


class PastAsk(NamedTuple):
    """What counts of an ask later on. Months of them are looked at for each question."""

    asked_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Load:
    """How much somebody was asked of late, and how much of it they left."""

    in_week: int = 0
    unanswered: int = 0
    """Asks in a row that they left without a word."""


def loads_of(asked: Mapping[str, Sequence[PastAsk]], now: datetime) -> dict[str, Load]:
    """Return how much each member was asked. What a clock that went back caused counts."""
    week = now - timedelta(days=7)
    return {
        member_id: Load(sum(ask.asked_at > week for ask in own), unanswered_in_a_row(own))
        for member_id, own in asked.items()
    }


class Move(StrEnum):
    """What may be due for a question."""

    CLIMB = "climb"
    """Ask the next people, or put the question on the open list."""
    REMIND = "remind"
    """Ask the one who took it on how it goes."""
    REOPEN = "reopen"
    """Ask others: the one who took it on has not come back."""
    CHECK = "check"
    """Ask the asker whether it is solved."""
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due next for a question, and when.

    `since` is when anything about the question changed last. What was due before that change is
    not due any more.
    """

    move: Move
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Climb:
    """All that is known about a question's way up the ladder."""

    question: Question
    asks: tuple[Ask, ...] = ()
    """Oldest first."""
    reached: Mapping[str, Reached] = field(default_factory=dict)
    """By rung; the latest time where one was reached again."""
    answered_at: datetime | None = None
    """When somebody else last answered in the thread."""
    spoke_at: datetime | None = None
    """When the asker last said something in the thread."""

    @property
    def claim(self) -> Ask | None:
        """Return the latest claim that stands."""
        claims = [ask for ask in self.asks if ask.outcome == AskOutcome.CLAIMED]
        return max(claims, key=lambda ask: ask.changed_at or ask.asked_at, default=None)

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered, and the asker has not said since that it is unsolved."""
        unsolved = self.reached.get(Rung.UNSOLVED)
        return self.answered_at is not None and (unsolved is None or self.answered_at > unsolved.at)

    @property
    def is_open(self) -> bool:
        """Whether anything may still be done for the question."""
        return self.question.state in _OPEN_STATES and bool(self.question.asker.user_id)

    @property
    def is_listed(self) -> bool:
        """Whether it stands on the open list, and nothing has begun anew since."""
        listed, unsolved = self.reached.get(Rung.OPEN), self.reached.get(Rung.UNSOLVED)
        return listed is not None and (unsolved is None or listed.at >= unsolved.at)

    @property
    def asked_ids(self) -> frozenset[str]:
        """Return the member ids of all who were asked, or who came by themselves."""
        return frozenset(ask.member_id for ask in self.asks)

    def ask_of(self, member_id: str) -> Ask | None:
        """Return what is known of asking one member."""
        return next((ask for ask in self.asks if ask.member_id == member_id), None)


_OPEN_STATES = frozenset({QuestionState.ANSWERED, QuestionState.ROUTED})


def next_due(
    climb: Climb, rules: LadderRules, now: datetime, *, may_remind_at: datetime | None = None
) -> Due | None:
    """Return what is due next for a question, and when; None when nothing will be.

    Args:
        climb: What is known of the question.
        rules: What the group has decided.
        now: The moment. What has expired meanwhile is due for nothing else any more.
        may_remind_at: The first moment within the hours of the one who claimed it at which they
            may be reminded; None when it is at any time.
    """
    question = climb.question
    if not climb.is_open:
        return None
    since = _last_change(climb)
    if question.state is QuestionState.ANSWERED and not climb.answered_at:
        return None
    expiry = Due(Move.EXPIRE, question.asked_at + rules.expires_after, since)
    step = _next_step(climb, since, may_remind_at)
    return expiry if step is None or expiry.at <= max(step.at, now) else step


def due_event(question: Question, due: Due) -> QuestionDue:
    """Return the event that something is due: the same one however often it is found due."""
    moments = "/".join(moment.isoformat() for moment in (due.since, due.at))
    return QuestionDue(
        event_id=f"ladder:{question.id}/{due.move}/{moments}",
        place=question.place,
        move=due.move,
        since=due.since,
        due_at=due.at,
    )


def claim_to_remind(climb: Climb) -> tuple[Ask, datetime] | None:
    """Return the claim of which nothing was heard, and from when on its holder is reminded."""
    claim = climb.claim
    if claim is None or claim.reminded_at is not None:
        return None
    return claim, (claim.changed_at or claim.asked_at) + CLAIM_PATIENCE


def next_groups(climb: Climb) -> tuple[Rung, ...]:
    """Return the rungs on which somebody may be asked now, the next one first."""
    experts = [rung for rung in (Rung.FIRST, Rung.NEXT) if rung not in climb.reached]
    helpers = [rung for rung in (Rung.HELPERS,) if rung not in climb.reached]
    return (*experts[:1], *helpers)


def may_wait(climb: Climb, now: datetime) -> bool:
    """Whether a question still waits for people whose hours have not begun."""
    return now - climb.question.asked_at < _PATIENT


def asks_for(
    question: Question, referrals: Sequence[Referral], rung: Rung, now: datetime
) -> tuple[Ask, ...]:
    """Return the asks of a group."""
    return tuple(
        Ask(question.id, one.expert.member_id, now, rung, name=one.expert.name) for one in referrals
    )


def left_behind(climb: Climb, now: datetime) -> tuple[Ask, ...]:
    """Return the asks that nobody reacted to, and the claim nothing was heard of: others are asked.

    They may still answer.
    """
    return tuple(
        changed(ask, AskOutcome.QUIET, now)
        for ask in climb.asks
        if ask.outcome in {AskOutcome.WAITING, AskOutcome.CLAIMED}
    )


def changed(ask: Ask, outcome: AskOutcome, now: datetime, *, passed_to: str = "") -> Ask:
    """Return an ask with what became of it."""
    return Ask(
        ask.question_id,
        ask.member_id,
        ask.asked_at,
        ask.rung,
        outcome,
        ask.name,
        now,
        ask.reminded_at,
        passed_to or ask.passed_to,
    )


def unanswered_in_a_row(asks: Sequence[Ask | PastAsk]) -> int:
    """Count the last asks of one member that they left without a word.

    Those that somebody else answered first are not held against them.
    """
    count = 0
    for ask in sorted(asks, key=lambda one: one.asked_at, reverse=True):
        if ask.outcome == AskOutcome.QUIET:
            count += 1
        elif ask.outcome != AskOutcome.WAITING:
            break
    return count


def _next_step(climb: Climb, since: datetime, may_remind_at: datetime | None) -> Due | None:
    if climb.is_answered:
        return _check(climb, since)
    claim = climb.claim
    if claim is not None:
        to_remind = claim_to_remind(climb)
        if to_remind is not None:
            return _remind(to_remind[1], since, may_remind_at)
        assert claim.reminded_at is not None  # noqa: S101 - or it would be reminded
        return Due(Move.REOPEN, claim.reminded_at + CLAIM_PATIENCE, since)
    if climb.is_listed:
        return None
    return Due(Move.CLIMB, _climbs_at(climb, since), since)


def _remind(quiet_at: datetime, since: datetime, may_remind_at: datetime | None) -> Due:
    """Remind within their hours; who is away for long is not waited for."""
    at = quiet_at if may_remind_at is None else max(quiet_at, may_remind_at)
    if at - quiet_at > _LONG_AWAY:
        return Due(Move.REOPEN, quiet_at, since)
    return Due(Move.REMIND, at, since)


def _check(climb: Climb, since: datetime) -> Due | None:
    if Rung.CHECKED in climb.reached:
        return None
    spoken = [moment for moment in (climb.answered_at, climb.spoke_at) if moment is not None]
    return Due(Move.CHECK, max(spoken) + SILENCE, since)


def _climbs_at(climb: Climb, since: datetime) -> datetime:
    """Return when others are asked: at once when all who were asked have declined."""
    has_declined = any(ask.outcome in _DECLINED for ask in climb.asks)
    if has_declined and all(ask.outcome != AskOutcome.WAITING for ask in climb.asks):
        return since
    waits = [reached for rung, reached in climb.reached.items() if rung in _WAITING_RUNGS]
    if not waits:
        return climb.question.asked_at
    latest = max(waits, key=lambda reached: reached.at)
    return latest.at + latest.wait


_DECLINED = frozenset({AskOutcome.PASSED, AskOutcome.REFUSED})
_WAITING_RUNGS = frozenset({Rung.FIRST, Rung.NEXT, Rung.HELPERS, Rung.REFERRED, Rung.LATER})


def _last_change(climb: Climb) -> datetime:
    moments = [climb.question.asked_at]
    for ask in climb.asks:
        moments.append(ask.asked_at)
        moments.extend(at for at in (ask.changed_at, ask.reminded_at) if at is not None)
    moments.extend(reached.at for reached in climb.reached.values())
    moments.extend(at for at in (climb.answered_at,) if at is not None)
    return max(moments)
