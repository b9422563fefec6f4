"""What stands on the pages that one person sees: in sentences that are true of what is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.chat.questions import Question
from supportbot.domain.experts.availability import Availability, described
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb
from supportbot.domain.experts.topics import Knower
from supportbot.domain.language.catalogue import ago, listed, say, words
from supportbot.domain.language.texts import Name, Said, joined
from supportbot.domain.replies.notices import listens_to
from supportbot.domain.replies.reply import Action, Line, ListeningForm, Page, ProfileForm, Section

MOST_LINES = 10
"""Questions that one part of somebody's page names."""
LAST_ANSWERS = 5
_MOST_IN_LIST = 20


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
    """Return what one person has answered under several identities."""
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
            words("home.asked"),
            [_about(one.question, _how_it_stands(one, now)) for one in asked],
            otherwise=words("home.asked_none"),
        ),
        _listed(
            words("home.waiting"),
            [_waiting(ask, question, now) for ask, question in waiting],
            otherwise=words("home.waiting_none"),
        ),
        Section(
            words("home.availability"),
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
    title = words("experts.about" if topic or not knowers else "experts.most")
    if not knowers:
        return Page((Section(title, words("experts.none_about" if topic else "experts.none")),))
    lines = [say("experts.one", who=Name(one.name), reason=one.reason) for one in knowers]
    return Page((Section(title, "", tuple(map(Line, lines))),))


def compose_settings(channel: Place, listening: Listening) -> Page:
    """Say to what the bot listens in a channel, and let it be changed."""
    form = ListeningForm(channel, listening)
    said = say("listen.here", what=listens_to(listening))
    return Page((Section(words("settings.title"), said, form=form),))


def compose_help(
    before: str,
    *,
    is_maintainer: bool,
    platform: str = "",
    listening: Listening = Listening.QUESTIONS,
) -> Page:
    """Say how to ask, how to answer, what is kept, and what may be typed.

    Args:
        before: What is typed before each word, such as `/`.
        is_maintainer: They may type more.
        platform: Where they are: each has ways of its own.
        listening: To what the bot listens where nothing else was chosen.
    """
    sections = [
        _told("help.ask", _ways_to_ask(platform, listening)),
        _told(
            "help.answer",
            [
                words("help.answer_reply"),
                words("help.answer_solved_terminal")
                if platform == _TERMINAL
                else words("help.answer_solved", solved=words("press.solved")),
            ],
        ),
        _told(
            "help.data",
            [words("help.data_forget"), words("help.data_export"), words("help.data_kept")],
        ),
        _told("help.settings", _typed(before, _FOR_EVERYBODY)),
    ]
    if is_maintainer:
        sections.append(_told("help.maintainers", _typed(before, _FOR_MAINTAINERS)))
    return Page(tuple(sections))


_TERMINAL = "terminal"
_SHORTCUTS = frozenset({"slack", "discord"})
"""Platforms where a message has a menu."""
_FOR_EVERYBODY = (
    ("help.home", "home"),
    ("help.me", "me"),
    ("help.experts", "experts ledger"),
    ("help.link", "link"),
)
_FOR_MAINTAINERS = (
    ("help.unanswered", "unanswered"),
    ("help.aside", "aside"),
    ("help.channel", "settings"),
)


def _ways_to_ask(platform: str, listening: Listening) -> Iterator[str]:
    if platform == _TERMINAL or listening is Listening.QUESTIONS:
        yield words("help.ask_channel")
    if platform == _TERMINAL:
        yield words("help.ask_alone")
        return
    if listening is Listening.QUESTIONS:
        yield words("help.ask_mention")
    elif listening is Listening.MENTIONS:
        yield words("help.ask_by_name")
    yield words("help.ask_command", ask="/ask")
    yield words("help.ask_direct")
    if platform in _SHORTCUTS:
        yield words(f"help.ask_shortcut_{platform}")


def _typed(before: str, commands: Sequence[tuple[str, str]]) -> Iterator[str]:
    for key, typed in commands:
        more = {"example": f"{before}me budget 3"} if key == "help.me" else {}
        yield words(key, typed=f"{before}{typed}", **more)


def _told(title: str, lines: Iterable[str]) -> Section:
    return Section(words(title), "", tuple(map(Line, lines)))


def _listed(
    title: str, lines: Sequence[Line], *, otherwise: str = "", most: int = MOST_LINES
) -> Section:
    if not lines:
        return Section(title, otherwise)
    more = len(lines) - most
    rest = (Line(words("home.more", n=more)),) if more > 0 else ()
    return Section(title, "", (*lines[:most], *rest))


def _about(question: Question, text: Said, *actions: Action) -> Line:
    return Line(text, question.url, question.place, actions=actions)


def _waiting(ask: Ask, question: Question, now: datetime) -> Line:
    asker = Name(question.asker.name)
    if ask.outcome == AskOutcome.CLAIMED:
        since = ago(ask.changed_at or ask.asked_at, now)
        return _about(question, say("home.taken", asker=asker, since=since), Action.PASS)
    return _about(
        question,
        say("home.asks", asker=asker, since=ago(ask.asked_at, now)),
        Action.CLAIM,
        Action.PASS,
    )


def _how_it_stands(climb: Climb, now: datetime) -> Said:
    """Say in one sentence how a question of the reader's own stands."""
    if climb.is_answered and climb.answered_at is not None:
        return say("home.was_answered", since=ago(climb.answered_at, now))
    if climb.claim is not None:
        claimed = climb.claim
        since = ago(claimed.changed_at or claimed.asked_at, now)
        return say("home.claimed", who=Name(claimed.author.name), since=since)
    waited_for = [ask for ask in climb.asks if ask.outcome == AskOutcome.WAITING]
    if waited_for:
        names = listed([Name(ask.author.name) for ask in waited_for])
        since = ago(max(ask.asked_at for ask in waited_for), now)
        return say("home.i_asked", names=names, since=since)
    key = "home.listed" if climb.is_listed else "home.looking"
    return say(key, since=ago(climb.question.asked_at, now))


def _contribution(contribution: Contribution, now: datetime) -> Section:
    title = words("home.answered")
    if not contribution.answers:
        return Section(title, words("home.answered_none"))
    text = say("home.answered_count", n=contribution.answers)
    if contribution.accepted:
        text = joined(text, say("home.answered_solved", n=contribution.accepted))
    return Section(title, text, tuple(_given(one, now) for one in contribution.last[:LAST_ANSWERS]))


def _given(given: Given, now: datetime) -> Line:
    said = joined(
        say("home.you_answered", since=ago(given.said_at, now)),
        say("home.solved") if given.is_accepted else "",
        say("home.helped", n=given.helped) if given.helped else "",
    )
    return Line(said, given.url, given.question.place)


def _unanswered(climbs: Sequence[Climb], now: datetime, *, most: int) -> Section:
    lines = [_about(one.question, _unanswered_in_words(one, now)) for one in climbs]
    return _listed(words("open.title"), lines, otherwise=words("open.none"), most=most)


def _unanswered_in_words(climb: Climb, now: datetime) -> Said:
    asked = [Name(ask.author.name) for ask in climb.asks[-3:]]
    return say(
        "open.asked",
        asker=Name(climb.question.asker.name),
        since=ago(climb.question.asked_at, now),
        people=listed(asked) if asked else words("open.nobody"),
    )


def _aside(aside: Aside) -> Section:
    title = words("aside.title")
    if not aside.events and not aside.messages:
        return Section(title, words("aside.none"))
    events = say("count.events", n=aside.events)
    return Section(
        title,
        say("aside.some", events=events, messages=say("count.messages", n=aside.messages)),
    )
