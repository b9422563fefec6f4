"""What one person wants to see: read from the database, within the walls, and shown to nobody else.

What a page names was in the open, or the reader took part in it: `store/pages` says so, here and
once more when the page leaves.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from supportbot.domain.chat.allowance import WINDOW, Leave
from supportbot.domain.chat.events import Inquired, Inquiry
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import direct_to, is_home
from supportbot.domain.chat.questions import Question, Standing, reply_id
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb
from supportbot.domain.experts.profile import Profile
from supportbot.domain.experts.topics import Knower, content_words, who_knows
from supportbot.domain.outcome import Outcome, saying
from supportbot.domain.replies import notices, pages
from supportbot.domain.replies.reply import OutgoingMessage, Page, Reply
from supportbot.handlers.context import Context
from supportbot.store import (
    asks,
    conversations,
    identities,
    inbox,
    outbox_counts,
    outbox_rows,
    outsiders,
    places,
    profiles,
    receipts,
    statistics,
)
from supportbot.store import page_access as walls
from supportbot.store.engine.transaction import Transaction
from supportbot.store.inbox import InboxState
from supportbot.store.outbox_rows import OutboxState

MOST_KNOWERS = 10
"""People who are named for a topic."""
_MOST_PAGES = 120
"""Times an hour that one member's page is made: twice a minute."""


def show(event: Inquired, context: Context) -> Outcome:
    """Show somebody what they want to see, unless they have wanted too much already."""
    if event.about is Inquiry.HOME and is_home(event.place):
        return _show_home(event, context)
    if context.leave_to_speak(event.author, event.place) is not Leave.FREE:
        return Outcome()
    return saying(event.event_id, event.place, _reply(event, context))


def _show_home(event: Inquired, context: Context) -> Outcome:
    """Make a member's page anew. It disturbs nobody, so that much more of it is allowed."""
    author, now = event.author, context.now
    made = outbox_counts.count_pages_for(
        context.tx, author.member_id, since=now - WINDOW, until=now
    )
    if made >= _MOST_PAGES:
        return Outcome()
    reply = Reply("", page=_home(author, now, context))
    page = OutgoingMessage(reply_id(event.event_id), event.place, reply, slot=outbox_rows.PAGE)
    return Outcome(messages=(page,))


def _reply(event: Inquired, context: Context) -> Reply:
    is_maintainer = context.rules.is_maintainer(event.author)
    if event.about in _FOR_MAINTAINERS and not is_maintainer:
        return notices.compose_maintainers_only_see()
    return _answer(event, context, is_maintainer=is_maintainer)


def _answer(  # noqa: PLR0911 - one for each thing that may be seen
    event: Inquired, context: Context, *, is_maintainer: bool
) -> Reply:

    now = context.now
    match event.about:
        case Inquiry.HOME:
            return Reply("", page=_home(event.author, now, context))
        case Inquiry.EXPERTS:
            return _experts_on(event.text.strip(), now, event.author.member_id, context)
        case Inquiry.HELP:
            return Reply(
                "",
                page=pages.compose_help(
                    event.text,
                    is_maintainer=is_maintainer,
                    platform=event.place.platform,
                    listening=context.listening,
                ),
            )
        case Inquiry.UNANSWERED:
            found = _unanswered(event.author, context)
            return Reply("", page=pages.compose_unanswered(found, now))
        case Inquiry.ASIDE:
            return Reply("", page=pages.compose_aside(_aside(context)))
        case Inquiry.SETTINGS:
            if event.channel is None or direct_to(event.channel):
                return notices.compose_say_it_there()
            listening = places.listening_in(context.tx, event.channel) or context.listening
            return Reply("", page=pages.compose_settings(event.channel, listening))
        case Inquiry.REVIEW:
            return notices.compose_how_to_review()
        case _:
            assert_never(event.about)


def _experts_on(topic: str, now: datetime, reader: str, context: Context) -> Reply:
    if topic and not content_words(topic):
        return notices.compose_no_topic()
    knowers = experts_on(context.tx, context.experts, topic, now=now, reader=reader)
    return Reply("", page=pages.compose_experts(topic, knowers))


def _home(author: Author, now: datetime, context: Context) -> Page:
    member_id = author.member_id
    # What is theirs elsewhere is theirs as well.
    own = [one.member_id for one in identities.of_person(context.tx, author)]
    asked = [
        question
        for id_ in own
        for question in conversations.open_questions_by(context.tx, id_)
        if walls.may_read(context.tx, question, id_)
    ]
    asked.sort(key=lambda question: question.asked_at, reverse=True)
    duty = None
    if context.rules.is_maintainer(author):
        duty = pages.Duty(_unanswered(author, context), _aside(context))
    return pages.compose_home(
        asked=asks.climbs_of(context.tx, asked),
        waiting=[one for id_ in own for one in _waiting_for(id_, context)],
        availability=profiles.availability_of(context.tx, member_id),
        asks_per_week=context.asking.rules.asks_per_week,
        contribution=pages.together([_contribution(id_, context) for id_ in own]),
        duty=duty,
        now=now,
    )


def _waiting_for(member_id: str, context: Context) -> list[tuple[Ask, Question]]:
    """Return what a member was asked, or has taken on, and what is still open."""
    found = []
    for ask in asks.asks_of(context.tx, member_id):
        if ask.outcome not in _UNSETTLED:
            continue
        question = conversations.question_of(context.tx, ask.question_id)
        if question is None or not walls.may_read(context.tx, question, member_id):
            continue
        climb = asks.climb_of(context.tx, question)
        if climb.is_open and not climb.is_answered:
            found.append((ask, question))
    return found


def _contribution(member_id: str, context: Context) -> pages.Contribution:
    last = conversations.last_answers_by(context.tx, member_id, limit=pages.LAST_ANSWERS)
    questions = {
        answer.question_id: question
        for answer in last
        if (question := conversations.question_of(context.tx, answer.question_id))
        and walls.may_read(context.tx, question, member_id)
    }
    helped = receipts.count_helped(context.tx, member_id, questions)
    return pages.Contribution(
        answers=conversations.count_answered(context.tx, member_id),
        accepted=conversations.count_accepted(context.tx, member_id),
        last=tuple(
            pages.Given(
                questions[answer.question_id],
                answer.said_at,
                answer.url,
                answer.is_accepted,
                helped.get(answer.question_id, 0) if answer.standing in _SHOWN else 0,
            )
            for answer in last
            if answer.question_id in questions
        ),
    )


def _unanswered(author: Author, context: Context) -> tuple[Climb, ...]:
    now = context.now
    return tuple(
        climb
        for climb in asks.climbs(context.tx, answered_since=now)
        if climb.is_open
        and climb.answered_at is None
        and walls.may_read(context.tx, climb.question, author.member_id)
    )


def _aside(context: Context) -> pages.Aside:
    return pages.Aside(
        inbox.count(context.tx, InboxState.SET_ASIDE),
        outbox_counts.count(context.tx, OutboxState.SET_ASIDE),
    )


_FOR_MAINTAINERS = frozenset({Inquiry.UNANSWERED, Inquiry.ASIDE, Inquiry.SETTINGS, Inquiry.REVIEW})
_SHOWN = frozenset({Standing.KNOWLEDGE})
"""Of several answers to a question, the one that others are shown."""
_UNSETTLED = frozenset({AskOutcome.WAITING, AskOutcome.CLAIMED})


def experts_on(
    tx: Transaction,
    experts: Sequence[Declared],
    topic: str,
    *,
    now: datetime,
    reader: str = "",
) -> list[Knower]:
    """Return who knows about a topic, or who answers most without one: the best first.

    Only what was said in open channels counts. To an outsider, it is what was said in theirs, and
    not what people say of themselves. `reader` is the member id of who asks; empty for nobody in
    particular.
    """
    threads = statistics.open_threads(tx)
    declared = _declared(experts, profiles.everybody(tx))
    if outsiders.is_outsider(tx, reader):
        theirs = outsiders.channels_of(tx, reader)
        threads = tuple(one for one in threads if one.question.place.channel_key in theirs)
        declared = []
    return who_knows(
        threads,
        topic,
        declared=declared,
        gone=statistics.gone(tx),
        now=now,
    )[:MOST_KNOWERS]


def _declared(experts: Sequence[Declared], chosen: Sequence[Profile]) -> list[Declared]:
    """Return what the settings say that people know about, and what they say themselves."""
    own = {profile.author.member_id: profile for profile in chosen}
    found = []
    for expert in experts:
        ids = expert.member_ids
        said = [topic for id_ in ids if id_ in own for topic in own.pop(id_).availability.topics]
        found.append(Declared(expert.name, tuple(dict.fromkeys((*expert.topics, *said))), ids))
    found.extend(
        Declared(one.author.name, one.availability.topics, (id_,))
        for id_, one in own.items()
        if one.availability.topics
    )
    return found
