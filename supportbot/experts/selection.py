"""Whom to ask now, and how long to wait for them: the polite ladder, read from the database.

`People` says who is best. Here is who may be asked: within their budget, in their hours, not away,
and not about what they have refused.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Question, reply_id
from supportbot.domain.experts.availability import Availability, Reason, may_be_asked, next_moment
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import (
    Climb,
    Due,
    LadderRules,
    Load,
    PastAsk,
    Rung,
    claim_to_remind,
    loads_of,
    next_due,
    next_groups,
)
from supportbot.domain.experts.routing import GROUP, LEAST_SIMILARITY
from supportbot.domain.experts.waiting import FirstAnswer, Wait, first_answer, part_of, wait_for
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.language.catalogue import say
from supportbot.domain.outcome import Outcome, saying
from supportbot.domain.replies.asking import compose_card
from supportbot.domain.replies.reply import OutgoingMessage, Reply, without_notifying
from supportbot.experts.people import People
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store import (
    asks,
    identities,
    inbox,
    members,
    messages,
    outsiders,
    places,
    profiles,
)
from supportbot.store.engine.transaction import Transaction

_LIKE_REFUSED = 0.5
"""Cosine from which a question is like one that somebody called not their topic. Two questions
about one product lie around 0.3 with all-MiniLM-L6-v2, two ways of asking the same above 0.6;
chosen by reading: what is too low keeps somebody from what they know."""
_REFUSALS_LOOKED_AT = 10
WEEK = timedelta(days=7)
"""Over which it is counted how many people are asked on behalf of one asker."""
_TRIES = 4
"""How often the choice is made again without those who have refused such a topic."""
_ANSWERS_LOOKED_AT = 2_000
_READ_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Group:
    """Who is asked now, on which rung, and how long they are waited for."""

    rung: Rung
    referrals: tuple[Referral, ...]
    wait: Wait


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of everybody who may be asked: what they chose, and what they were asked."""

    chosen: Mapping[str, Availability]
    asked: Mapping[str, Sequence[PastAsk]]
    loads: Mapping[str, Load]


class Asking:
    """Chooses among those who may be asked, in one community."""

    def __init__(
        self,
        search: Search,
        people: People,
        *,
        clock: Clock,
        rules: LadderRules | None = None,
        declared: Sequence[Declared] = (),
    ) -> None:
        """Choose among these people; `declared` gives helpers their names."""
        self._search = search
        self._people = people
        self._clock = clock
        self.rules = rules or LadderRules()
        self._declared = declared
        self._learning = threading.Lock()
        self._read_at: datetime | None = None
        self._answers: list[FirstAnswer] = []
        self._waits: dict[str, Wait] = {}
        """By the part of the day and week: only by that does the moment count."""

    def wait(self, tx: Transaction) -> Wait:
        """Return how long a question that is asked now waits."""
        now = self._clock.now()
        part = part_of(now, self.rules.timezone)
        with self._learning:
            if self._read_at is None or not timedelta(0) <= now - self._read_at < _READ_AGAIN:
                self._waits, self._answers, self._read_at = {}, self._first_answers(tx, now), now
            if part not in self._waits:
                self._waits[part] = wait_for(self._answers, now, self.rules)
            return self._waits[part]

    def choose(  # noqa: PLR0913 - a question, and who is left out
        self,
        tx: Transaction,
        text: str,
        place: Place,
        asker: Author,
        *,
        matches: Sequence[Match] = (),
        mentions: Collection[str] = (),
        without: Collection[str] = (),
        in_hours: bool = True,
    ) -> tuple[Referral, ...]:
        """Choose whom to ask among those who may be asked now.

        Args:
            tx: What is known now.
            text: The question.
            place: Where it is asked.
            asker: Who asks.
            matches: Past answers that were found for it.
            mentions: Member ids of people whom it names.
            without: Member ids of those who are left out.
            in_hours: Otherwise also those whose hours have not begun.

        Raises:
            EmbeddingError: The model failed.
        """
        left = self.left_for(tx, asker)
        if not left:
            return ()
        known = self._known(tx)
        left_out = {*without, *self._barred(known, in_hours=in_hours)}
        chosen: tuple[Referral, ...] = ()
        for _ in range(_TRIES):
            chosen = self._people.choose(
                tx,
                text,
                place,
                asker,
                matches=matches,
                mentions=mentions,
                without=left_out,
                asked=known.asked,
                limit=min(GROUP, left),
            )
            unwilling = self._unwilling(tx, [one.expert.member_id for one in chosen], text)
            if not unwilling:
                return chosen
            left_out |= unwilling
            chosen = tuple(one for one in chosen if one.expert.member_id not in unwilling)
        return chosen

    def left_for(self, tx: Transaction, asker: Author) -> int:
        """Count how many people may still be asked this week on behalf of somebody."""
        since = self._clock.now() - WEEK
        asked = asks.count_on_behalf_of(tx, asker.member_id, since=since)
        return max(0, self.rules.asks_per_asker - asked)

    def next_group(
        self,
        tx: Transaction,
        climb: Climb,
        matches: Sequence[Match] | None,
        *,
        in_hours: bool = True,
    ) -> Group | None:
        """Choose whom to ask next for a question; None when nobody may be asked now.

        Args:
            tx: What is known now.
            climb: What is known of the question.
            matches: What was found for it; None leaves out the experts: the model has failed.
            in_hours: Otherwise also those whose hours have not begun.
        """
        question = climb.question
        for rung in next_groups(climb):
            if rung is Rung.HELPERS:
                referrals = self._helpers(tx, climb, in_hours=in_hours)
            elif matches is None:
                continue
            else:
                referrals = self.choose(
                    tx,
                    question.text,
                    question.place,
                    question.asker,
                    matches=matches,
                    mentions=self.named_in(tx, question),
                    without=climb.asked_ids,
                    in_hours=in_hours,
                )
            if referrals:
                return Group(rung, referrals, self.wait(tx))
        return None

    def objection(
        self, tx: Transaction, to: Author, climb: Climb, *, by_meaning: bool = True
    ) -> Reason | None:
        """Return why somebody to whom a question was passed on is not asked; None when they may be.

        Raises:
            EmbeddingError: The model failed.
        """
        question = climb.question
        theirs = identities.persons(tx).members(to.member_id)
        if question.asker.member_id in theirs:
            return Reason.ASKER
        if climb.asked_ids.intersection(theirs):
            return Reason.ASKED
        if not self._is_known(tx, to):
            return Reason.UNKNOWN
        if to.member_id in self._not_here(tx, question.place):
            return Reason.GONE
        reason = self._reason(self._known(tx), to.member_id)
        if reason is None and by_meaning and self._unwilling(tx, [to.member_id], question.text):
            return Reason.TOPIC
        return reason

    def next_due(self, tx: Transaction, climb: Climb, now: datetime) -> Due | None:
        """Return what is due next for a question, and when: nobody is reminded in their night."""
        to_remind = claim_to_remind(climb)
        may_remind_at = None
        if to_remind is not None:
            claim, at = to_remind
            availability = profiles.availability_of(tx, claim.member_id)
            may_remind_at = next_moment(availability, max(at, now))
        return next_due(climb, self.rules, now, may_remind_at=may_remind_at)

    def saying(  # noqa: PLR0913, PLR0917 - a reply, and whom it asks
        self,
        tx: Transaction,
        cause: str,
        question: Question,
        reply: Reply,
        referrals: Sequence[Referral],
        wait: Wait | None,
        *,
        slot: str = "",
    ) -> Outcome:
        """Say in the thread who is asked; those who want it so are asked alone.

        In a private place nobody is: what is said there is not carried out of it.
        """
        alone = [
            one
            for one in referrals
            if not question.place.is_private
            and profiles.availability_of(tx, one.expert.member_id).is_asked_alone
        ]
        told = {one.expert.member_id for one in alone}
        cards = tuple(
            OutgoingMessage(
                f"{reply_id(cause)}/{one.expert.member_id}",
                direct_place(one.expert, question.place.workspace),
                compose_card(question, one, wait),
                about=question.place,
            )
            for one in alone
        )
        said = saying(cause, question.place, without_notifying(reply, told), slot=slot)
        return replace(said, messages=(*said.messages, *cards))

    def climb_of(self, tx: Transaction, question: Question) -> Climb:
        """Gather what is known about a question's way up the ladder."""
        return asks.climb_of(tx, question)

    def asked_for(self, tx: Transaction, question: Question) -> frozenset[str]:
        """Return the member ids of those who were asked for a question, or came by themselves."""
        return asks.asked_for(tx, question.id)

    def named_in(self, tx: Transaction, question: Question) -> frozenset[str]:
        """Return the member ids of the people whom a question names, as long as that is kept."""
        return inbox.mentioned_in(tx, question.id)

    def _first_answers(self, tx: Transaction, now: datetime) -> list[FirstAnswer]:
        """Return how long first answers took; they are read anew each hour."""
        found = asks.first_answers(tx, limit=_ANSWERS_LOOKED_AT)
        return [first_answer(asked, answered, now) for asked, answered in found]

    def _known(self, tx: Transaction) -> "_Known":
        chosen = {
            profile.author.member_id: profile.availability for profile in profiles.everybody(tx)
        }
        asked = self._people.asked_of_late(tx)
        return _Known(chosen, asked, loads_of(asked, self._clock.now()))

    def _barred(self, known: "_Known", *, in_hours: bool) -> frozenset[str]:
        """Return the member ids of those who may not be asked now, or not this week at all."""
        allowed = {None} if in_hours else {None, Reason.HOURS}
        everybody = {*known.chosen, *known.loads}
        return frozenset(id_ for id_ in everybody if self._reason(known, id_) not in allowed)

    def _reason(self, known: "_Known", member_id: str) -> Reason | None:
        load = known.loads.get(member_id, Load())
        return may_be_asked(
            known.chosen.get(member_id, Availability()),
            load.in_week,
            self._clock.now(),
            unanswered=load.unanswered,
            asks_per_week=self.rules.asks_per_week,
        )

    def _unwilling(self, tx: Transaction, member_ids: Sequence[str], text: str) -> frozenset[str]:
        """Return those of some members who have refused what a question is about."""
        availability = profiles.availabilities_of(tx, member_ids)
        refused = asks.refused_by(tx, member_ids, limit=_REFUSALS_LOOKED_AT)
        return frozenset(
            member_id
            for member_id in member_ids
            if self._has_refused(
                availability.get(member_id, Availability()), refused.get(member_id, ()), text
            )
        )

    def _has_refused(self, availability: Availability, refused: Sequence[str], text: str) -> bool:
        """Whether a question is nearer to what somebody refused than to what they know.

        A topic that they named counts from where a topic counts for somebody as well: it speaks
        against asking exactly where it would have spoken for it.
        """
        if any(near >= _LIKE_REFUSED for near in self._search.similarities(text, refused)):
            return True
        against = max(self._search.similarities(text, availability.refused), default=-1.0)
        speaks_for = max(self._search.similarities(text, availability.topics), default=-1.0)
        return against >= LEAST_SIMILARITY and against > speaks_for

    def _helpers(self, tx: Transaction, climb: Climb, *, in_hours: bool) -> tuple[Referral, ...]:
        """Choose the helpers who were asked least of late, and may be asked now."""
        question = climb.question
        left = self.left_for(tx, question.asker)
        known = self._known(tx)
        barred = {
            *self._barred(known, in_hours=in_hours),
            *climb.asked_ids,
            question.asker.member_id,
            *self._not_here(tx, question.place),
        }
        here = [
            member_id
            for member_id in self.rules.helpers
            if Author.of(member_id).platform == question.place.platform and member_id not in barred
        ]
        names = members.names_of(tx, here)
        here.sort(key=lambda member_id: known.loads.get(member_id, Load()).in_week)
        return tuple(
            Referral(self._named(member_id, names.get(member_id, "")), say("asked.helper"))
            for member_id in here[: min(GROUP, left)]
        )

    def _not_here(self, tx: Transaction, place: Place) -> frozenset[str]:
        """Return the member ids of those who left a channel, or never were in it as outsiders."""
        return places.members_away(tx, place) | outsiders.elsewhere(tx, place)

    def _named(self, member_id: str, name: str) -> Author:
        member = Author.of(member_id, name)
        declared = (expert.author_on(member.platform) for expert in self._declared)
        return next((one for one in declared if one and one.member_id == member_id), member)

    def _is_known(self, tx: Transaction, author: Author) -> bool:
        """Whether somebody was heard of: anybody else cannot be called to a question."""
        return (
            author.member_id in self.rules.helpers
            or any(expert.author_on(author.platform) == author for expert in self._declared)
            or profiles.find(tx, author.member_id) is not None
            or messages.count_by(tx, author.member_id) > 0
        )
