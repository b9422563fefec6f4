"""What one person wants to see: read from the database, within the walls, and shown to nobody else.

What a page names was in the open, or the reader took part in it: `store/pages` says so, here and
once more when the page leaves.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

from supportbot.domain.chat.allowance import WINDOW, Leave
from supportbot.domain.chat.events import Inquired, Inquiry
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_to, is_home
from supportbot.domain.chat.questions import Question, Standing, reply_id
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb
from supportbot.domain.experts.profile import Profile
from supportbot.domain.experts.topics import Knower, content_words, who_knows
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.outcome import Outcome, saying
from supportbot.domain.replies import notices, pages
from supportbot.domain.replies.reply import OutgoingMessage, Page, Reply
from supportbot.ports import Clock
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
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.inbox import InboxState
from supportbot.store.outbox_rows import OutboxState

MOST_KNOWERS = 10
"""People who are named for a topic."""
_MOST_PAGES = 120
"""Times an hour that one member's page is made: twice a minute."""


class Inquiring:
    """Turns what members want to see into pages, for one community."""

    def __init__(  # noqa: PLR0913 - what it reads, and what a group has chosen
        self,
        database: Database,
        *,
        clock: Clock,
        rules: TeachingRules,
        leave_to_speak: Callable[[Author, Place], Leave],
        asks_per_week: int,
        listening: Listening,
        experts: Sequence[Declared],
    ) -> None:
        """Read from this database; `leave_to_speak` says whether a member may cause a reply."""
        self._database = database
        self._clock = clock
        self._rules = rules
        self._leave_to_speak = leave_to_speak
        self._asks_per_week = asks_per_week
        self._listening = listening
        self._experts = experts

    def show(self, event: Inquired) -> Outcome:
        """Show somebody what they want to see, unless they have wanted too much already."""
        if event.about is Inquiry.HOME and is_home(event.place):
            return self._show_home(event)
        if self._leave_to_speak(event.author, event.place) is not Leave.FREE:
            return Outcome()
        return saying(event.event_id, event.place, self._reply(event))

    def _show_home(self, event: Inquired) -> Outcome:
        """Make a member's page anew. It disturbs nobody, so that much more of it is allowed."""
        author, now = event.author, self._clock.now()
        with self._database.reading() as tx:
            made = outbox_counts.count_pages_for(
                tx, author.member_id, since=now - WINDOW, until=now
            )
            if made >= _MOST_PAGES:
                return Outcome()
            reply = Reply("", page=self._home(tx, author, now))
        page = OutgoingMessage(reply_id(event.event_id), event.place, reply, slot=outbox_rows.PAGE)
        return Outcome(messages=(page,))

    def _reply(self, event: Inquired) -> Reply:
        is_maintainer = self._rules.is_maintainer(event.author)
        if event.about in _FOR_MAINTAINERS and not is_maintainer:
            return notices.compose_maintainers_only_see()
        with self._database.reading() as tx:
            return self._answer(tx, event, is_maintainer=is_maintainer)

    def _answer(  # noqa: PLR0911 - one for each thing that may be seen
        self, tx: Transaction, event: Inquired, *, is_maintainer: bool
    ) -> Reply:
        now = self._clock.now()
        match event.about:
            case Inquiry.HOME:
                return Reply("", page=self._home(tx, event.author, now))
            case Inquiry.EXPERTS:
                return self._experts_on(tx, event.text.strip(), now, event.author.member_id)
            case Inquiry.HELP:
                return Reply(
                    "",
                    page=pages.compose_help(
                        event.text,
                        is_maintainer=is_maintainer,
                        platform=event.place.platform,
                        listening=self._listening,
                    ),
                )
            case Inquiry.UNANSWERED:
                found = self._unanswered(tx, event.author)
                return Reply("", page=pages.compose_unanswered(found, now))
            case Inquiry.ASIDE:
                return Reply("", page=pages.compose_aside(self._aside(tx)))
            case Inquiry.SETTINGS:
                if event.channel is None or direct_to(event.channel):
                    return notices.compose_say_it_there()
                listening = places.listening_in(tx, event.channel) or self._listening
                return Reply("", page=pages.compose_settings(event.channel, listening))
            case Inquiry.REVIEW:
                return notices.compose_how_to_review()
            case _:
                assert_never(event.about)

    def _experts_on(self, tx: Transaction, topic: str, now: datetime, reader: str) -> Reply:
        if topic and not content_words(topic):
            return notices.compose_no_topic()
        knowers = experts_on(tx, self._experts, topic, now=now, reader=reader)
        return Reply("", page=pages.compose_experts(topic, knowers))

    def _home(self, tx: Transaction, author: Author, now: datetime) -> Page:
        member_id = author.member_id
        # What is theirs elsewhere is theirs as well.
        own = [one.member_id for one in identities.of_person(tx, author)]
        asked = [
            question
            for id_ in own
            for question in conversations.open_questions_by(tx, id_)
            if walls.may_read(tx, question, id_)
        ]
        asked.sort(key=lambda question: question.asked_at, reverse=True)
        duty = None
        if self._rules.is_maintainer(author):
            duty = pages.Duty(self._unanswered(tx, author), self._aside(tx))
        return pages.compose_home(
            asked=asks.climbs_of(tx, asked),
            waiting=[one for id_ in own for one in self._waiting_for(tx, id_)],
            availability=profiles.availability_of(tx, member_id),
            asks_per_week=self._asks_per_week,
            contribution=pages.together([self._contribution(tx, id_) for id_ in own]),
            duty=duty,
            now=now,
        )

    def _waiting_for(self, tx: Transaction, member_id: str) -> list[tuple[Ask, Question]]:
        """Give what a member was asked, or has taken on, and what is still open."""
        found = []
        for ask in asks.asks_of(tx, member_id):
            if ask.outcome not in _UNSETTLED:
                continue
            question = conversations.question_of(tx, ask.question_id)
            if question is None or not walls.may_read(tx, question, member_id):
                continue
            climb = asks.climb_of(tx, question)
            if climb.is_open and not climb.is_answered:
                found.append((ask, question))
        return found

    def _contribution(self, tx: Transaction, member_id: str) -> pages.Contribution:
        last = conversations.last_answers_by(tx, member_id, limit=pages.LAST_ANSWERS)
        questions = {
            answer.question_id: question
            for answer in last
            if (question := conversations.question_of(tx, answer.question_id))
            and walls.may_read(tx, question, member_id)
        }
        helped = receipts.count_helped(tx, member_id, questions)
        return pages.Contribution(
            answers=conversations.count_answered(tx, member_id),
            accepted=conversations.count_accepted(tx, member_id),
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

    def _unanswered(self, tx: Transaction, author: Author) -> tuple[Climb, ...]:
        now = self._clock.now()
        return tuple(
            climb
            for climb in asks.climbs(tx, answered_since=now)
            if climb.is_open
            and climb.answered_at is None
            and walls.may_read(tx, climb.question, author.member_id)
        )

    def _aside(self, tx: Transaction) -> pages.Aside:
        return pages.Aside(
            inbox.count(tx, InboxState.SET_ASIDE),
            outbox_counts.count(tx, OutboxState.SET_ASIDE),
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
    """Say who knows about a topic, or who answers most without one: the best first.

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
    """Give what the settings say that people know about, and what they say themselves."""
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
