"""What stands on the pages that one person sees: in sentences that are true of what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.domain.availability import Availability, described
from supportbot.domain.composing import LISTENS_TO
from supportbot.domain.digest import in_words
from supportbot.domain.knowing import Knower, day
from supportbot.domain.ladder import Ask, AskOutcome, Climb
from supportbot.domain.places import Listening, Place
from supportbot.domain.questions import Question
from supportbot.domain.replies import Action, Line, ListeningForm, Page, ProfileForm, Section
from supportbot.domain.texts import Name, Said, Text, fill, joined
from supportbot.domain.wording import counted

MOST_LINES = 10
"""Questions that one part of somebody's page names."""
LAST_ANSWERS = 5
_MOST_IN_LIST = 20
_LONG_AGO = timedelta(days=60)
_JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that somebody gave, and how many people it has helped since."""

    question: Question
    said_at: datetime
    url: str
    is_accepted: bool = False
    helped: int = 0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What somebody has answered."""

    answers: int = 0
    accepted: int = 0
    last: tuple[Given, ...] = ()
    """The latest first."""


def together(contributions: Sequence[Contribution]) -> Contribution:
    """Give what one person has answered under several identities."""
    last = [given for one in contributions for given in one.last]
    last.sort(key=lambda given: given.said_at, reverse=True)
    return Contribution(
        answers=sum(one.answers for one in contributions),
        accepted=sum(one.accepted for one in contributions),
        last=tuple(last[:LAST_ANSWERS]),
    )


@dataclass(frozen=True, slots=True)
class Aside:
    """How much could not be handled, and not be delivered."""

    events: int
    messages: int


@dataclass(frozen=True, slots=True)
class Duty:
    """What those look after who look after the bot."""

    unanswered: tuple[Climb, ...]
    aside: Aside


def compose_home(  # noqa: PLR0913 - all that stands on it
    *,
    asked: Sequence[Climb],
    waiting: Sequence[tuple[Ask, Question]],
    availability: Availability,
    asks_per_week: int,
    contribution: Contribution,
    duty: Duty | None,
    now: datetime,
) -> Page:
    """Give somebody's own page.

    Args:
        asked: Their open questions, the latest first.
        waiting: What they were asked and what is still open, the oldest first.
        availability: What they have chosen.
        asks_per_week: The budget of those who have not chosen one.
        contribution: What they have answered.
        duty: Where they are a maintainer.
        now: The moment.
    """
    sections = [
        _listed(
            "My open questions",
            [_about(one.question, _how_it_stands(one, now)) for one in asked],
            otherwise="You have no open question.",
        ),
        _listed(
            "Waiting for me",
            [_waiting(ask, question, now) for ask, question in waiting],
            otherwise="Nobody waits for you.",
        ),
        Section(
            "How I am asked",
            described(availability, asks_per_week=asks_per_week),
            form=ProfileForm(availability),
        ),
        _contribution(contribution, now),
    ]
    if duty is not None:
        sections.append(_unanswered(duty.unanswered, now, most=MOST_LINES))
        sections.append(_aside(duty.aside))
    return Page(tuple(sections))


def compose_unanswered(climbs: Sequence[Climb], now: datetime) -> Page:
    """List the open questions that nobody has answered, the oldest first."""
    return Page((_unanswered(climbs, now, most=_MOST_IN_LIST),))


def compose_aside(aside: Aside) -> Page:
    """Say how much could not be handled, and not be delivered."""
    return Page((_aside(aside),))


def compose_experts(topic: str, knowers: Sequence[Knower]) -> Page:
    """Say who knows about a topic, or who answers most."""
    if knowers:
        lines = tuple(
            Line(fill("{who}: {reason}", who=Name(one.name), reason=one.reason)) for one in knowers
        )
        return Page((Section("Who knows about this" if topic else "Who answers most", "", lines),))
    if topic:
        text = "Nobody has answered a question with these words. Try fewer, or others."
    else:
        text = "Nobody has answered anything yet."
    return Page((Section("Who knows about this", text),))


def compose_settings(channel: Place, listening: Listening) -> Page:
    """Say to what the bot listens in a channel, and let it be changed."""
    form = ListeningForm(channel, listening)
    return Page((Section("This channel", f"Here I listen to {LISTENS_TO[listening]}.", form=form),))


def compose_help(before: str, *, is_maintainer: bool) -> Page:
    """Say what the bot does, and what may be typed.

    Args:
        before: What is typed before each word, such as `/`.
        is_maintainer: They may type more.
    """
    sections = [
        Section(
            "What I do",
            "Ask something in a channel, or ask me alone. I show what was answered before; where "
            "nothing was, I ask one to three people who are likely to know, and others when they "
            "do not find the time. What solved a question I keep for the next one who asks.",
        ),
        _typed("What you may type", before, _FOR_EVERYBODY),
    ]
    if is_maintainer:
        sections.append(_typed("As a maintainer", before, _FOR_MAINTAINERS))
    return Page(tuple(sections))


_FOR_EVERYBODY = (
    ("help", "what I do"),
    ("home", "your questions, what waits for you, and whom you helped"),
    ("experts ledger", "who knows about the ledger"),
    ("me", "how you are asked"),
    ("link", "you are known on another platform, too: gives a code to type there"),
    ("me budget 3", "at most three times a week; hours, days, away, topics, not and ask go alike"),
)
_FOR_MAINTAINERS = (
    ("unanswered", "the open questions that nobody has answered"),
    ("aside", "how much could not be handled or delivered"),
    ("settings", "to what I listen in a channel"),
)


def _typed(title: str, before: str, words: Sequence[tuple[str, str]]) -> Section:
    return Section(title, "", tuple(Line(f"{before}{typed}: {what}") for typed, what in words))


def _listed(
    title: str, lines: Sequence[Line], *, otherwise: str = "", most: int = MOST_LINES
) -> Section:
    if not lines:
        return Section(title, otherwise)
    more = len(lines) - most
    rest = (Line(f"and {more:,} more"),) if more > 0 else ()
    return Section(title, "", (*lines[:most], *rest))


def _about(question: Question, text: Said, *actions: Action) -> Line:
    return Line(text, question.url, question.place, actions=actions)


def _waiting(ask: Ask, question: Question, now: datetime) -> Line:
    asker = Name(question.asker.name)
    if ask.outcome == AskOutcome.CLAIMED:
        since = ago(ask.changed_at or ask.asked_at, now)
        return _about(
            question,
            fill("{asker} waits: you took it {since}.", asker=asker, since=since),
            Action.PASS,
        )
    return _about(
        question,
        fill("{asker} asks; I asked you {since}.", asker=asker, since=ago(ask.asked_at, now)),
        Action.CLAIM,
        Action.PASS,
    )


def _how_it_stands(climb: Climb, now: datetime) -> Said:
    """Say in one sentence how a question of the reader's own stands."""
    if climb.is_answered and climb.answered_at is not None:
        return f"Somebody answered {ago(climb.answered_at, now)}. Did it solve it?"
    if climb.claim is not None:
        claimed = climb.claim
        since = ago(claimed.changed_at or claimed.asked_at, now)
        return fill("{who} took it {since}.", who=Name(claimed.author.name), since=since)
    waited_for = [ask for ask in climb.asks if ask.outcome == AskOutcome.WAITING]
    if waited_for:
        names = _names([ask.author.name for ask in waited_for])
        since = ago(max(ask.asked_at for ask in waited_for), now)
        return fill("I asked {names} {since}.", names=names, since=since)
    asked = f"You asked {ago(climb.question.asked_at, now)}"
    if climb.is_listed:
        return f"{asked}. It is on the list of open questions."
    return f"{asked}. I look for somebody who can be asked."


def _contribution(contribution: Contribution, now: datetime) -> Section:
    title = "What I have answered"
    if not contribution.answers:
        return Section(title, "You have not answered a question yet.")
    text = f"You have answered {counted(contribution.answers, 'question')}."
    if contribution.accepted:
        text += f" {counted(contribution.accepted, 'answer').capitalize()} solved it."
    return Section(title, text, tuple(_given(one, now) for one in contribution.last[:LAST_ANSWERS]))


def _given(given: Given, now: datetime) -> Line:
    parts = [f"You answered {ago(given.said_at, now)}."]
    if given.is_accepted:
        parts.append("It solved it.")
    if given.helped:
        people = "1 more person" if given.helped == 1 else f"{given.helped:,} more people"
        parts.append(f"It has helped {people} since.")
    return Line(" ".join(parts), given.url, given.question.place)


def _unanswered(climbs: Sequence[Climb], now: datetime, *, most: int) -> Section:
    lines = [_about(one.question, _unanswered_in_words(one, now)) for one in climbs]
    none = "There is no open question without an answer."
    return _listed("Open questions that nobody answered", lines, otherwise=none, most=most)


def _unanswered_in_words(climb: Climb, now: datetime) -> Said:
    people = _names([ask.author.name for ask in climb.asks[-3:]]) if climb.asks else "nobody"
    return fill(
        "{asker} asked {since}; asked for help: {people}.",
        asker=Name(climb.question.asker.name),
        since=ago(climb.question.asked_at, now),
        people=people,
    )


def _aside(aside: Aside) -> Section:
    if not aside.events and not aside.messages:
        return Section("Set aside", "Nothing is set aside.")
    return Section(
        "Set aside",
        f"I could not handle {counted(aside.events, 'event')} and not deliver "
        f"{counted(aside.messages, 'message')}. On my machine, supportbot doctor says why, and "
        "supportbot retry tries again.",
    )


def ago(moment: datetime, now: datetime) -> str:
    """Say when something was: `3 hours ago`, and after two months the day."""
    past = now - moment
    if past < _JUST_NOW:
        return "just now"
    return f"{in_words(past)} ago" if past < _LONG_AGO else f"on {day(moment)}"


def _names(names: Sequence[str]) -> Said:
    named = [Text((Name(name),)) for name in names]
    if len(named) == 1:
        return named[0]
    return joined(joined(*named[:-1], between=", "), named[-1], between=" and ")
