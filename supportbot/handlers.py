"""What happens for each kind of event: read this first.

A handler reads, searches and decides. What it wants done comes back as an `Outcome`, which the
worker stores in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from supportbot.domain import capture, composing
from supportbot.domain.documents import Document, Match
from supportbot.domain.events import AnswerAccepted, Author, Event, MessagePosted
from supportbot.domain.experts import Expert, Referral
from supportbot.domain.places import Place, Scope, scope_of
from supportbot.domain.questions import Answer, Question, QuestionState
from supportbot.domain.recognise import MessageKind, recognise
from supportbot.domain.replies import OutgoingMessage, Reply
from supportbot.domain.routing import choose_experts
from supportbot.domain.triage import Calibration, Decision, DecisionKind, decide
from supportbot.search import Search
from supportbot.settings import ExpertSettings
from supportbot.store import conversations
from supportbot.store.database import Database

_NEAR = 20
"""How many past answers are looked at to find who gave them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event leads to: stored together, or not at all."""

    question: Question | None = None
    answer: Answer | None = None
    document: Document | None = None
    messages: tuple[OutgoingMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class Consideration:
    """What the bot thinks of a question: its decision, and whom it would ask."""

    decision: Decision
    referrals: tuple[Referral, ...]


class Handlers:
    """Turns events into outcomes, for one community."""

    def __init__(
        self,
        community_id: str,
        database: Database,
        search: Search,
        calibration: Calibration,
        experts: Sequence[ExpertSettings],
    ) -> None:
        """Read from this database, find with this search, decide with this calibration."""
        self._community_id = community_id
        self._database = database
        self._search = search
        self._calibration = calibration
        self._experts = experts

    def handle(self, event: Event) -> Outcome:
        """Say what an event leads to."""
        match event:
            case MessagePosted():
                return self._handle_message(event)
            case AnswerAccepted():
                return self._handle_acceptance(event)
            case _:
                assert_never(event)

    def consider(self, text: str, scope: Scope, asker: Author) -> Consideration:
        """Search, decide, and choose whom to ask on the asker's platform when people are needed."""
        matches = self._search.find_matches(scope, text, limit=_NEAR)
        decision = decide(matches, self._calibration)
        if decision.kind is DecisionKind.ANSWER:
            return Consideration(decision, ())
        return Consideration(decision, self._choose_experts(text, matches, asker))

    def _handle_message(self, message: MessagePosted) -> Outcome:
        with self._database.reading() as tx:
            question = conversations.question_in(tx, self._community_id, message.place)
        match recognise(message, question):
            case MessageKind.QUESTION:
                return self._ask(message)
            case MessageKind.ANSWER if question is not None:
                return Outcome(answer=_answer(message, question))
            case MessageKind.THANKS if question and question.state is not QuestionState.RESOLVED:
                return _saying(message.event_id, message.place, composing.compose_closing_offer())
            case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ANSWERED:
                return self._escalate(message, question)
            case _:
                return Outcome()

    def _escalate(self, message: MessagePosted, question: Question) -> Outcome:
        """Ask people when the asker goes on talking under an answer: it did not help."""
        scope = scope_of(self._community_id, question.place)
        matches = self._search.find_matches(scope, question.text, limit=_NEAR)
        referrals = self._choose_experts(question.text, matches, question.asker)
        reply = composing.compose_escalation(referrals)
        routed = replace(
            question,
            state=QuestionState.ROUTED,
            experts=tuple(referral.expert.member_id for referral in referrals),
        )
        return replace(_saying(message.event_id, question.place, reply), question=routed)

    def _ask(self, message: MessagePosted) -> Outcome:
        scope = scope_of(self._community_id, message.place)
        considered = self.consider(message.text, scope, message.author)
        is_answered = considered.decision.kind is DecisionKind.ANSWER
        question = Question(
            place=message.place.in_thread(message.message_id),
            asker=message.author,
            text=message.text,
            asked_at=message.posted_at,
            url=message.url,
            state=QuestionState.ANSWERED if is_answered else QuestionState.ROUTED,
            confidence=considered.decision.confidence,
            experts=tuple(r.expert.member_id for r in considered.referrals),
        )
        reply = composing.compose_reply(considered.decision, considered.referrals)
        return replace(_saying(message.event_id, question.place, reply), question=question)

    def _handle_acceptance(self, event: AnswerAccepted) -> Outcome:
        with self._database.reading() as tx:
            question = conversations.question_in(tx, self._community_id, event.place)
            answers = (
                conversations.answers_to(tx, self._community_id, question.id) if question else ()
            )
        if question is None or question.state is QuestionState.RESOLVED:
            return Outcome()
        if event.author.member_id != question.asker.member_id:
            return Outcome()
        resolved = replace(question, state=QuestionState.RESOLVED)
        answer = capture.choose_answer(answers)
        if answer is None:
            outcome = _saying(event.event_id, event.place, composing.compose_closed())
            return replace(outcome, question=resolved)
        thanks = composing.compose_thanks(answer, question.asker)
        return replace(
            _saying(event.event_id, event.place, thanks),
            question=resolved,
            answer=replace(answer, is_accepted=True),
            document=capture.document_from(question, answer),
        )

    def _choose_experts(
        self, text: str, matches: Sequence[Match], asker: Author
    ) -> tuple[Referral, ...]:
        """Choose among everybody who may be asked on the asker's platform."""
        platform = asker.platform
        candidates: dict[str, Expert] = {}
        for expert in self._experts:
            author = expert.author_on(platform)
            if author is not None:
                similarities = self._search.similarities(text, expert.topics)
                nearest, topic = max(zip(similarities, expert.topics, strict=True))
                candidates[author.member_id] = Expert(author, topic, nearest)
        for member_id, (name, answers) in _answers_by_author(matches).items():
            of, _, user_id = member_id.partition(":")
            if of == platform:
                known = candidates.get(member_id, Expert(Author(of, user_id, name)))
                candidates[member_id] = replace(known, answers=answers)
        return choose_experts(candidates.values(), asker=asker)


_Answers = tuple[tuple[float, datetime | None], ...]
"""Near accepted answers of one person: cosine, and when they were given."""


def _answers_by_author(matches: Sequence[Match]) -> Mapping[str, tuple[str, _Answers]]:
    found: dict[str, tuple[str, _Answers]] = {}
    for match in matches:
        if match.author_id:
            name, answers = found.get(match.author_id, (match.author, ()))
            found[match.author_id] = (name, (*answers, (match.cosine, match.said_at)))
    return found


def _answer(message: MessagePosted, question: Question) -> Answer:
    return Answer(
        id=f"{question.id}/{message.message_id}",
        question_id=question.id,
        author=message.author,
        text=message.text,
        said_at=message.posted_at,
        url=message.url,
    )


def _saying(event_id: str, place: Place, reply: Reply) -> Outcome:
    # The same event leads to the same message id, however often it is handled.
    return Outcome(messages=(OutgoingMessage(f"{event_id}/reply", place, reply),))
