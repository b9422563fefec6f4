"""Whom to ask: everybody's record, kept up with the database, and the choice among them."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from supportbot.domain.chat.audiences import Audience, scope_of
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.persons import Persons
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer
from supportbot.domain.experts import referrals
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.expert import Expert, Referral
from supportbot.domain.experts.expertise import Asking, Expertise
from supportbot.domain.experts.ladder import PastAsk, unanswered_in_a_row
from supportbot.domain.experts.profile import Profile
from supportbot.domain.experts.referrals import PassedOn
from supportbot.domain.experts.routing import (
    GROUP,
    LEAST_SIMILARITY,
    SHIPPED,
    THRIFT,
    enough_of,
    evidence_of,
    evidence_of_silence,
    load_of,
    rank,
    reason_of,
)
from supportbot.domain.knowledge.documents import Match
from supportbot.experts import fitting
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store import (
    asks,
    expert_models,
    identities,
    members,
    messages,
    outsiders,
    places,
    profiles,
)
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction

_LATELY = timedelta(days=30)
_LOOK_BACK = timedelta(days=90)
"""How far back is looked for asks that somebody left without a word."""


class People:
    """Everybody who may be asked in one community."""

    def __init__(
        self,
        database: Database,
        search: Search,
        declared: Sequence[Declared] = (),
        *,
        clock: Clock,
    ) -> None:
        """Learn from this database; `declared` say themselves what they know."""
        self._database = database
        self._search = search
        self._declared = declared
        self._clock = clock
        self._learning = threading.Lock()
        self._record = Expertise()
        self._read = 0

    def warm_up(self) -> None:
        """Learn what was said until now, so that the first question need not wait for it."""
        with self._database.reading() as tx:
            self._up_to_date(tx)

    def forget(self) -> None:
        """Learn everything anew at the next question: something was deleted or forgotten."""
        with self._learning:
            self._record, self._read = Expertise(), 0

    def note_accepted(self, answer: Answer) -> None:
        """Learn that an answer was accepted, after it had been read as a mere reply."""
        question_id = answer.question_id
        with self._database.reading() as tx:
            record = self._up_to_date(tx)
            who = identities.persons(tx).person(answer.author.member_id)
        with self._learning:
            if not record.was_thanked(who, question_id):
                record.note_thanks(who, answer.said_at, question_id)

    def learn(self) -> None:
        """Fit who answers from this community's own past, where there is enough of it."""
        with self._database.reading() as tx:
            steps, _ = messages.steps_after(tx, 0)
        model = fitting.learn(steps)
        if model is not None:
            with self._database.writing() as tx:
                expert_models.keep(tx, model, now=self._clock.now())

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
        asked: Mapping[str, Sequence[PastAsk]] | None = None,
        limit: int = GROUP,
    ) -> tuple[Referral, ...]:
        """Choose whom to ask, best first: one to three, until one of them likely answers.

        Args:
            tx: What is known now.
            text: The question.
            place: Where it is asked; who left it is not asked.
            asker: Is never asked their own question.
            matches: Past answers that were found for it.
            mentions: Member ids of people whom it names.
            without: Member ids of people who are not asked.
            asked: What `asked_of_late` gave, where it was read already.
            limit: How many are asked at most.
        """
        persons = identities.persons(tx)
        asking = Asking(
            text=text,
            asker_id=persons.person(asker.member_id),
            channel_key=place.channel_key,
            asked_at=self._clock.now(),
            mentions=frozenset(map(persons.person, mentions)),
            audiences=scope_of(place).audiences,
        )
        record = self._up_to_date(tx)
        away = places.members_away(tx, place)
        away |= outsiders.elsewhere(tx, place)
        asked = self.asked_of_late(tx) if asked is None else asked
        model = expert_models.read(tx) or SHIPPED
        said = profiles.everybody(tx)
        passed = self._passed_on(tx, asking.audiences)
        here = _Here(persons, asker.platform)
        declared = {
            persons.person(one.author.member_id): one
            for one in self._declared_on(asker.platform, text, said)
        }
        with self._learning:
            likeness = record.likeness(text, [one.question for one in passed])
            alike = tuple(zip(passed, likeness, strict=True))
            told = _told(declared, matches, alike, asked, here)
            left_out = frozenset(map(persons.person, (*away, *without)))
            may = _Eligible(record, told, here, asking, left_out)
            eligible = record.appraise(
                asking, also=(*told.people, *asking.mentions), may_be_asked=may.be_asked
            )
        loads = _loads(asked, asking.asked_at)
        ranked = rank(eligible, model, loads, THRIFT, told=told.evidence(record, asking.audiences))
        chosen = {one.member_id: one.is_newcomer for one in enough_of(ranked, limit=limit)}
        names = members.names_of(tx, [here.id_of(id_) for id_ in chosen])
        experts = {id_: told.expert(id_, names.get(here.id_of(id_), "")) for id_ in chosen}
        return tuple(
            _referral(id_, experts[id_], asking, record, is_newcomer=is_newcomer)
            for id_, is_newcomer in chosen.items()
        )

    def nearest_topic(self, tx: Transaction, text: str, platform: str) -> float:
        """Return how near a text comes to a topic that somebody on a platform declared; a cosine.

        Raises:
            EmbeddingError: The model failed.
        """
        said = profiles.everybody(tx)
        near = self._declared_on(platform, text, said)
        return max((expert.topic_similarity for expert in near), default=0.0)

    def asked_of_late(self, tx: Transaction) -> dict[str, list[PastAsk]]:
        """Return what each was asked of late, oldest first, whichever identity it was."""
        since = self._clock.now() - _LOOK_BACK
        return asks.asked_of_each(tx, since)

    def _up_to_date(self, tx: Transaction) -> Expertise:
        with self._learning:
            steps, self._read = messages.steps_after(tx, self._read)
            for step in steps:
                self._record.learn(step)
            return self._record

    def _passed_on(self, tx: Transaction, audiences: Collection[Audience]) -> list[PassedOn]:
        since = self._clock.now() - referrals.REMEMBERED
        return asks.passed_on(tx, audiences, since=since)

    def _declared_on(self, platform: str, text: str, said: Sequence[Profile]) -> list[Expert]:
        """Find the nearest topic of each who declared some, to the maintainers or to the bot."""
        topics: dict[Author, tuple[str, ...]] = {}
        for expert in self._declared:
            author = expert.author_on(platform)
            if author is not None:
                topics[author] = expert.topics
        for profile in said:
            author = profile.author
            if author.platform == platform and profile.availability.topics:
                topics[author] = (*topics.get(author, ()), *profile.availability.topics)
        found: dict[str, Expert] = {}
        for author, declared in topics.items():
            similarities = self._search.similarities(text, declared)
            nearest, topic = max(zip(similarities, declared, strict=True))
            known = found.get(author.member_id)
            if known is None or nearest > known.topic_similarity:
                found[author.member_id] = Expert(author, topic, nearest)
        return list(found.values())


_Answers = tuple[str, tuple[tuple[float, datetime | None], ...]]
"""A person's name, and their near accepted answers: cosine, and when they were given."""


@dataclass(frozen=True, slots=True)
class _Here:
    """Where a question is asked, and who people are there."""

    persons: Persons
    platform: str

    def id_of(self, person_id: str) -> str:
        """Return the member id that a person has here; empty where they are not here."""
        return self.persons.on(self.platform, person_id)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of people besides their record: what they say of themselves, and others do.

    All of it by the ids of persons.
    """

    here: _Here
    declared: Mapping[str, Expert]
    answers: Mapping[str, _Answers]
    of_referrals: Mapping[str, float]
    """Log-odds of those who were named for questions like this one, and of those who named them."""
    named_by: Mapping[str, Author]
    unanswered: Mapping[str, int]
    """How many asks in a row each has left without a word."""

    @property
    def people(self) -> frozenset[str]:
        """Return the member ids of those for whom something speaks."""
        return frozenset((*self.declared, *self.answers, *self.named_by))

    def evidence(self, record: Expertise, audiences: frozenset[Audience]) -> dict[str, float]:
        """Return the log-odds that it adds to what the record says of each."""
        return {
            id_: self.of_referrals.get(id_, 0.0)
            + evidence_of(self.expert(id_), has_record=record.has_answered(id_, audiences))
            + evidence_of_silence(self.unanswered.get(id_, 0))
            for id_ in {*self.people, *self.of_referrals, *self.unanswered}
        }

    def expert(self, member_id: str, name: str = "") -> Expert:
        """Return a person as they are here, with what speaks for them and their known name."""
        called, near = self.answers.get(member_id, ("", ()))
        by = self.named_by.get(member_id)
        known = self.declared.get(member_id)
        if known is None:
            known = Expert(Author.of(self.here.id_of(member_id) or member_id, name or called))
        return replace(known, answers=near, named_by=by.name if by else "")


@dataclass(frozen=True, slots=True)
class _Eligible:
    """Says who may be asked at all: who ever answered, or who is said to know."""

    record: Expertise
    told: _Told
    here: _Here
    asking: Asking
    without: frozenset[str]

    def be_asked(self, member_id: str) -> bool:
        if not self.here.id_of(member_id) or member_id in {self.asking.asker_id, *self.without}:
            return False
        expert = self.told.expert(member_id)
        is_said_to_know = expert.topic_similarity >= LEAST_SIMILARITY or bool(expert.named_by)
        return (
            is_said_to_know
            or bool(expert.answers)
            or self.record.has_answered(member_id, self.asking.audiences)
        )


def _told(
    declared: Mapping[str, Expert],
    matches: Sequence[Match],
    passed: Sequence[tuple[PassedOn, float]],
    asked: Mapping[str, Sequence[PastAsk]],
    here: _Here,
) -> _Told:
    return _Told(
        here,
        declared,
        _answers_by_author(matches, here.persons),
        referrals.evidence_of(passed),
        referrals.named_by(passed),
        {member_id: unanswered_in_a_row(of_them) for member_id, of_them in asked.items()},
    )


def _loads(asked: Mapping[str, Sequence[PastAsk]], now: datetime) -> dict[str, float]:
    return {
        member_id: load_of((ask.asked_at for ask in of_them), now)
        for member_id, of_them in asked.items()
    }


def _referral(
    who: str, expert: Expert, asking: Asking, record: Expertise, *, is_newcomer: bool
) -> Referral:
    since = asking.asked_at - _LATELY
    reason = reason_of(
        expert,
        is_named=who in asking.mentions,
        good_answers=record.count_good_answers(who, asking.audiences) if is_newcomer else 0,
        answers_here=record.count_answers(who, asking.channel_key, since=since),
        has_helped=record.has_helped(who, asking.asker_id, asking.audiences),
    )
    return Referral(expert.author, reason)


def _answers_by_author(matches: Sequence[Match], persons: Persons) -> dict[str, _Answers]:
    found: dict[str, _Answers] = {}
    for match in matches:
        if match.author_id:
            who = persons.person(match.author_id)
            name, answers = found.get(who, (match.author, ()))
            found[who] = (name, (*answers, (match.cosine, match.said_at)))
    return found
