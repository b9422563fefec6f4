"""What happens for each kind of event: read this first.

A handler reads, searches and decides. What it wants done comes back as an `Outcome`, which the
worker stores in one transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from supportbot.asking import Asking, Group
from supportbot.domain import capture, composing, forgetting, ladder, teaching
from supportbot.domain.allowance import WINDOW, Allowance, Leave, leave_to_speak
from supportbot.domain.availability import Misread, described, next_moment, read_change
from supportbot.domain.documents import Document
from supportbot.domain.events import (
    AnswerAccepted,
    AnswerReviewed,
    Author,
    Event,
    ForgetRequested,
    HelpRequested,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
    ProfileChanged,
    QuestionClaimed,
    QuestionDue,
    QuestionPassed,
    TopicRefused,
    message_key_of,
    moment_of,
)
from supportbot.domain.experts import Referral
from supportbot.domain.ladder import Ask, AskOutcome, Climb, Due, Move, Reached, Rung
from supportbot.domain.places import Place, scope_of
from supportbot.domain.questions import Answer, Question, QuestionState, Standing, reply_id
from supportbot.domain.recognise import MessageKind, has_words, recognise
from supportbot.domain.redaction import redact
from supportbot.domain.replies import OutgoingMessage, Reply
from supportbot.domain.teaching import TeachingRules
from supportbot.domain.triage import Calibration, Decision, DecisionKind, decide
from supportbot.domain.waiting import Wait
from supportbot.people import People
from supportbot.ports import Clock
from supportbot.search import Search
from supportbot.store import conversations, inbox, outbox, places, profiles
from supportbot.store.database import Database, Transaction
from supportbot.store.profiles import Profile

_NEAR = 20
"""How many past answers are looked at to find who gave them."""

Effect = MessageDeleted | PlaceDeleted | MemberLeft | MemberJoined | ForgetRequested
"""An event that what is stored has to follow."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event leads to: stored together, or not at all. The effect comes first."""

    effect: Effect | None = None
    question: Question | None = None
    answers: tuple[Answer, ...] = ()
    documents: tuple[Document, ...] = ()
    messages: tuple[OutgoingMessage, ...] = ()
    asks: tuple[Ask, ...] = ()
    reached: tuple[Reached, ...] = ()
    profile: Profile | None = None
    decision: DecisionKind | None = None
    """What was decided about a new question."""


@dataclass(frozen=True, slots=True)
class Consideration:
    """What the bot thinks of a question: its decision, and whom it would ask."""

    decision: Decision
    referrals: tuple[Referral, ...]
    wait: Wait | None = None
    """How long those are waited for; None when nobody is asked."""


class Handlers:
    """Turns events into outcomes, for one community."""

    def __init__(  # noqa: PLR0913 - what a group can choose
        self,
        community_id: str,
        database: Database,
        search: Search,
        calibration: Calibration,
        people: People,
        *,
        clock: Clock,
        rules: TeachingRules | None = None,
        allowance: Allowance | None = None,
        asking: Asking | None = None,
    ) -> None:
        """Read from this database, find with this search, decide with this calibration."""
        self._community_id = community_id
        self._database = database
        self._search = search
        self._calibration = calibration
        self._asking = asking or Asking(community_id, database, search, people, clock=clock)
        self._clock = clock
        self._rules = rules or TeachingRules()
        self._allowance = allowance or Allowance()

    def handle(  # noqa: C901, PLR0911, PLR0912 - one for each kind of event
        self, event: Event, *, by_meaning: bool = True
    ) -> Outcome:
        """Say what an event leads to.

        Args:
            event: What happened.
            by_meaning: Without it, nothing is searched: the model has failed on this event.

        Raises:
            EmbeddingError: The model failed.
        """
        match event:
            case MessagePosted():
                return self._handle_message(event, by_meaning=by_meaning)
            case MessageEdited():
                return self._handle_edit(event)
            case AnswerAccepted():
                return self._handle_acceptance(event)
            case AnswerReviewed():
                return self._handle_review(event)
            case ForgetRequested():
                return self._forget(event)
            case HelpRequested():
                return self._handle_help_request(event, by_meaning=by_meaning)
            case QuestionClaimed():
                return self._handle_claim(event)
            case QuestionPassed():
                return self._handle_pass(event, by_meaning=by_meaning)
            case TopicRefused():
                return self._handle_refusal(event)
            case ProfileChanged():
                return self._handle_profile(event)
            case QuestionDue():
                return self._handle_due(event, by_meaning=by_meaning)
            case MessageDeleted() | PlaceDeleted() | MemberLeft() | MemberJoined():
                return Outcome(effect=event)
            case PlaceChanged():
                return Outcome()  # every event says how its place is; the worker notes it
            case _:
                assert_never(event)

    def consider(
        self, text: str, place: Place, asker: Author, *, without: Collection[str] = ()
    ) -> Consideration:
        """Search what may be shown in a place, decide, and choose whom to ask there.

        Args:
            text: The question.
            place: Where it is asked.
            asker: Who asks.
            without: Member ids of those who were asked already.
        """
        scope = scope_of(self._community_id, place)
        matches = self._search.find_matches(scope, text, limit=_NEAR)
        decision = decide(matches, self._calibration)
        if decision.kind is DecisionKind.ANSWER:
            return Consideration(decision, ())
        referrals = self._asking.choose(text, place, asker, matches=matches, without=without)
        return Consideration(decision, referrals, self._asking.wait() if referrals else None)

    def _handle_message(  # noqa: C901, PLR0911 - one for each kind of message
        self, message: MessagePosted, *, by_meaning: bool
    ) -> Outcome:
        with self._database.reading() as tx:
            key = message_key_of(message)
            if inbox.is_deleted(tx, self._community_id, message.place, message.message_id):
                return _deleted(message)
            edit = inbox.last_edit(tx, self._community_id, key)
            if self._is_known(tx, key):
                return Outcome()
            asked = conversations.question_of(tx, self._community_id, key)
            if asked is not None and asked.state is QuestionState.RESOLVED:
                return Outcome()
            place = self._place_of(tx, message)
            question = conversations.question_in(tx, self._community_id, place)
        message = replace(message, place=place, text=edit.text if edit else message.text)
        # What was asked stays a question, also when its reply is thought over.
        match MessageKind.QUESTION if asked else recognise(message, question):
            case MessageKind.FORGET_ME:
                where = place if place.thread else place.in_thread(message.message_id)
                return self._forget(
                    ForgetRequested(message.event_id, where, message.author, message.posted_at)
                )
            case MessageKind.QUESTION:
                return self._ask(message, by_meaning=by_meaning)
            case MessageKind.MAYBE_QUESTION:
                return self._offer_help(message)
            case MessageKind.ANSWER if question is not None:
                return self._keep_answer(message, question)
            case MessageKind.THANKS if question and question.state is not QuestionState.RESOLVED:
                return self._offer_to_close(message, question)
            case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ANSWERED:
                return self._escalate(message, question, by_meaning=by_meaning)
            case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ROUTED:
                return self._hear_unsolved(question)
            case _:
                return Outcome()

    def _ask(self, message: MessagePosted, *, by_meaning: bool) -> Outcome:
        question = Question(
            place=message.place.in_thread(message.message_id),
            asker=message.author,
            text=redact(message.text),
            asked_at=message.posted_at,
            url=message.url,
            state=QuestionState.ROUTED,
            confidence=0.0,
        )
        leave = self._leave_to_speak(message.author, message.place)
        if leave is not Leave.FREE:
            minutes = int(WINDOW.total_seconds() // 60)
            silence = composing.compose_silence(minutes=minutes)
            said = _saying(question.id, question.place, silence)
            # Nobody is asked later either: a flood of questions would be one of asks.
            return replace(
                said if leave is Leave.LAST else Outcome(),
                question=question,
                reached=(self._reached(question, Rung.OPEN),),
            )
        if not by_meaning:
            reply = composing.compose_out_of_order(())
            return replace(
                _saying(question.id, question.place, reply),
                question=question,
                reached=(self._reached(question, Rung.LATER, self._asking.wait()),),
            )
        # A reply that is thought over comes after others that may have asked somebody.
        known = self._asking.climb_of(question).asked_ids
        considered = self.consider(message.text, message.place, message.author, without=known)
        kind = considered.decision.kind
        is_answered = kind is DecisionKind.ANSWER
        question = replace(
            question,
            state=QuestionState.ANSWERED if is_answered else QuestionState.ROUTED,
            confidence=considered.decision.confidence,
            experts=(*sorted(known), *(r.expert.member_id for r in considered.referrals)),
        )
        reply = composing.compose_reply(considered.decision, considered.referrals, considered.wait)
        said = _saying(question.id, question.place, reply)
        asked = Outcome()
        if not is_answered:
            asked = self._asked(question, Rung.FIRST, considered.referrals, considered.wait)
        return replace(
            said, question=question, decision=kind, asks=asked.asks, reached=asked.reached
        )

    def _escalate(self, message: MessagePosted, question: Question, *, by_meaning: bool) -> Outcome:
        """Ask people when the asker goes on talking under an answer: it did not help."""
        scope = scope_of(self._community_id, question.place)
        referrals: tuple[Referral, ...] = ()
        if by_meaning:
            matches = self._search.find_matches(scope, question.text, limit=_NEAR)
            known = self._asking.climb_of(question).asked_ids
            referrals = self._asking.choose(
                question.text, question.place, question.asker, matches=matches, without=known
            )
        wait = self._asking.wait() if referrals else None
        reply = composing.compose_escalation(referrals, wait)
        routed = replace(_with_experts(question, referrals), state=QuestionState.ROUTED)
        asked = self._asked(routed, Rung.NEXT, referrals, wait)
        # Somebody may have answered in vain under the bot's own answer: it is not solved.
        unsolved = self._reached(question, Rung.UNSOLVED)
        return replace(
            _saying(message.event_id, question.place, reply),
            question=routed,
            asks=asked.asks,
            reached=(*asked.reached, unsolved),
        )

    def _offer_help(self, message: MessagePosted) -> Outcome:
        if self._leave_to_speak(message.author, message.place) is not Leave.FREE:
            return Outcome()
        thread = message.place.in_thread(message.message_id)
        offer = OutgoingMessage(_offer_id(thread), thread, composing.compose_help_offer())
        return Outcome(messages=(offer,))

    def _handle_help_request(self, event: HelpRequested, *, by_meaning: bool) -> Outcome:
        """Treat a message as a question after all: its author, or a maintainer, said it is one."""
        first, of = event.place.thread or "", self._community_id
        with self._database.reading() as tx:
            message = inbox.posted_as(tx, of, event.place.key)
            if message is None or inbox.is_deleted(tx, of, event.place, first):
                return Outcome()
            is_offered = outbox.is_known(tx, of, _offer_id(event.place))
            is_asked = conversations.question_of(tx, of, event.place.key) is not None
            is_theirs = event.author.member_id == message.author.member_id
            if (
                not is_offered
                or is_asked
                or not (is_theirs or self._rules.is_maintainer(event.author))
            ):
                return Outcome()
            place = self._place_of(tx, message)
            edit = inbox.last_edit(tx, of, event.place.key)
        message = replace(message, place=place, text=edit.text if edit else message.text)
        return self._ask(message, by_meaning=by_meaning) if has_words(message.text) else Outcome()

    def _offer_to_close(self, message: MessagePosted, question: Question) -> Outcome:
        if self._leave_to_speak(message.author, message.place) is not Leave.FREE:
            return Outcome()
        # Named by the question: however often somebody says thanks, it is offered once.
        offer = OutgoingMessage(
            f"{question.id}/closing", question.place, composing.compose_closing_offer()
        )
        return Outcome(messages=(offer,))

    def _keep_answer(self, message: MessagePosted, question: Question) -> Outcome:
        """Keep a reply; a trusted member's becomes knowledge, another's waits for acceptance."""
        answer = _as_answer(message, question)
        with self._database.reading() as tx:
            others = conversations.answers_to(tx, self._community_id, question.id)
            count = conversations.count_accepted(tx, self._community_id, answer.author.member_id)
        asked = self._asking.climb_of(question).ask_of(message.author.member_id)
        now = self._clock.now()
        asks = () if asked is None else (ladder.changed(asked, AskOutcome.ANSWERED, now),)
        is_settled = question.state is QuestionState.RESOLVED or _taught(others) is not None
        if is_settled or not capture.says_something(answer):
            return Outcome(answers=(answer,), asks=asks)
        verdict = teaching.judge_reply(answer.author, count, self._rules)
        outcome = _taught_by(
            question, replace(answer, standing=verdict.standing, reason=verdict.reason)
        )
        return replace(outcome, asks=asks)

    def _handle_acceptance(self, event: AnswerAccepted) -> Outcome:
        with self._database.reading() as tx:
            place = self._place_of(tx, event)
            question = conversations.question_in(tx, self._community_id, place)
            if question is None or question.state is QuestionState.RESOLVED:
                return Outcome()
            answers = conversations.answers_to(tx, self._community_id, question.id)
            is_asker = event.author.member_id == question.asker.member_id
            if not is_asker and not self._rules.is_maintainer(event.author):
                return Outcome()
            marked = self._marked(tx, question, answers, event.message_id)
            answer = marked or _chosen(answers)
            count = 0
            if answer is not None:
                count = conversations.count_accepted(
                    tx, self._community_id, answer.author.member_id
                )
        resolved = replace(question, state=QuestionState.RESOLVED)
        if answer is None:
            outcome = _saying(event.event_id, question.place, composing.compose_closed())
            return replace(outcome, question=resolved)
        verdict = teaching.judge_accepted(answer.author, event.author, count, self._rules)
        accepted = replace(
            answer, is_accepted=True, standing=verdict.standing, reason=verdict.reason
        )
        thanks = composing.compose_thanks(accepted, event.author)
        said = _saying(event.event_id, question.place, thanks)
        learned = _taught_by(resolved, accepted)
        return replace(
            learned,
            answers=(*_no_more(answers, accepted), *learned.answers),
            messages=said.messages,
        )

    def _marked(
        self, tx: Transaction, question: Question, answers: Sequence[Answer], message_id: str
    ) -> Answer | None:
        """Give the reply that was marked, also one that had not looked like an answer."""
        kept = _marked(answers, message_id)
        if kept is not None:
            return None if kept.standing is Standing.DROPPED else kept
        key = question.place.message_key(message_id)
        said = inbox.posted_as(tx, self._community_id, key) if message_id else None
        if (
            said is None
            or said.place.key != question.place.key
            or said.author.member_id == question.asker.member_id
            or inbox.is_deleted(tx, self._community_id, said.place, message_id)
        ):
            return None
        edit = inbox.last_edit(tx, self._community_id, key)
        return _as_answer(replace(said, text=edit.text if edit else said.text), question)

    def _handle_review(self, event: AnswerReviewed) -> Outcome:
        """Do what a maintainer decided about an answer that waited: show it, or never."""
        with self._database.reading() as tx:
            question = conversations.question_in(tx, self._community_id, event.place)
            if question is None:
                return Outcome()
            answers = conversations.answers_to(tx, self._community_id, question.id)
        answer = _marked(answers, event.message_id)
        if answer is None or answer.standing is not Standing.WAITING:
            return Outcome()
        if not event.is_accepted:
            dropped = replace(answer, standing=Standing.DROPPED, reason="a maintainer dropped it")
            return Outcome(answers=(dropped,))
        taught = replace(
            answer,
            text=redact(event.text or answer.text),
            is_accepted=True,
            standing=Standing.KNOWLEDGE,
            reason="a maintainer accepted it",
        )
        learned = _taught_by(question, taught)
        return replace(learned, answers=(*_no_more(answers, taught), *learned.answers))

    def _handle_edit(self, event: MessageEdited) -> Outcome:
        """Let the question or the answer that was edited, and its document, say the same."""
        key = message_key_of(event)
        with self._database.reading() as tx:
            if inbox.is_deleted(tx, self._community_id, event.place, event.message_id):
                return _deleted(event)
            latest = inbox.last_edit(tx, self._community_id, key) or event
            answer = conversations.answer_said_in(tx, self._community_id, key)
            question = conversations.question_of(
                tx, self._community_id, answer.question_id if answer else key
            )
            if question is None:
                return Outcome()
            taught = _taught(conversations.answers_to(tx, self._community_id, question.id))
        if not has_words(latest.text):
            return _deleted(event)
        text = redact(latest.text)
        if answer is not None:
            edited = replace(answer, text=text)
            return _taught_by(question, edited)
        question = replace(question, text=text)
        outcome = Outcome(question=question)
        if taught is not None:
            outcome = replace(outcome, documents=(capture.document_from(question, taught),))
        return outcome

    def _forget(self, event: ForgetRequested) -> Outcome:
        """Forget a member; what others answered to them stands alone from then on."""
        member_id = event.author.member_id
        documents = []
        with self._database.reading() as tx:
            of, until = self._community_id, event.requested_at
            asked = conversations.questions_by(tx, of, member_id, until=until)
            answered = conversations.answers_by(tx, of, member_id, until=until)
            for question in asked:
                answers = conversations.answers_to(tx, self._community_id, question.id)
                left = forgetting.others_answers(answers, question.asker)
                taught = _taught(left)
                if taught is not None:
                    nameless = forgetting.without_asker(question)
                    documents.append(capture.document_from(nameless, taught))
        reply = composing.compose_forgotten(questions=len(asked), answers=len(answered))
        outcome = _saying(event.event_id, event.place, reply)
        is_spoken_to = (
            bool(event.place.channel)
            and self._leave_to_speak(event.author, event.place) is Leave.FREE
        )
        return replace(
            outcome if is_spoken_to else Outcome(), effect=event, documents=tuple(documents)
        )

    def _handle_claim(self, event: QuestionClaimed) -> Outcome:
        """Let somebody take a question on, whether or not they were asked."""
        climb, author = self._open_climb(event), event.author
        if climb is None:
            return self._saying_that_it_is_closed(event)
        if author.member_id == climb.question.asker.member_id:
            return Outcome()
        known, now = climb.ask_of(author.member_id), self._clock.now()
        if known is not None and known.outcome == AskOutcome.CLAIMED:
            return Outcome()
        ask = known or Ask(climb.question.id, author.member_id, now, Rung.VOLUNTEER)
        claimed = replace(
            ladder.changed(ask, AskOutcome.CLAIMED, now), name=author.name, reminded_at=None
        )
        said = self._replying(event, climb.question.place, composing.compose_claimed(author))
        return replace(said, asks=(claimed,))

    def _handle_pass(self, event: QuestionPassed, *, by_meaning: bool) -> Outcome:
        """Ask the one to whom a question was passed on, if they may be asked."""
        climb = self._open_climb(event)
        if climb is None:
            return self._saying_that_it_is_closed(event)
        question, by, now = climb.question, event.author, self._clock.now()
        ask = climb.ask_of(by.member_id)
        if ask is None:
            return self._replying(event, question.place, composing.compose_not_asked(by))
        if ask.outcome in _SETTLED:
            return Outcome()
        if event.to is None:
            said = self._replying(event, question.place, composing.compose_declined(by))
            return replace(said, asks=(ladder.changed(ask, AskOutcome.PASSED, now),))
        reason = self._asking.objection(event.to, climb, by_meaning=by_meaning)
        is_known = reason is None or reason.teaches
        passed_to = event.to.member_id if is_known else ""
        passed = ladder.changed(ask, AskOutcome.PASSED, now, passed_to=passed_to)
        if reason is not None:
            reply = composing.compose_not_passed(by, event.to, reason)
            return replace(self._replying(event, question.place, reply), asks=(passed,))
        wait = self._asking.wait()
        reply = composing.compose_passed(by, event.to, wait)
        return replace(
            _saying(event.event_id, question.place, reply),
            question=_with_experts(question, [Referral(event.to, "")]),
            asks=(
                passed,
                Ask(question.id, event.to.member_id, now, Rung.REFERRED, name=event.to.name),
            ),
            reached=(self._reached(question, Rung.REFERRED, wait),),
        )

    def _handle_refusal(self, event: TopicRefused) -> Outcome:
        """Note that a question is not somebody's topic: they are not asked about the like."""
        climb = self._open_climb(event)
        if climb is None:
            return self._saying_that_it_is_closed(event)
        by = event.author
        ask = climb.ask_of(by.member_id)
        if ask is None:
            return self._replying(event, climb.question.place, composing.compose_not_asked(by))
        if ask.outcome in _SETTLED:
            return Outcome()
        said = self._replying(event, climb.question.place, composing.compose_refused(by))
        return replace(said, asks=(ladder.changed(ask, AskOutcome.REFUSED, self._clock.now()),))

    def _handle_profile(self, event: ProfileChanged) -> Outcome:
        """Keep what a person says about being asked, or say how it stands."""
        author = event.author
        with self._database.reading() as tx:
            known = profiles.availability_of(tx, self._community_id, author.member_id)
        is_new = bool(event.text.strip())
        read = read_change(redact(event.text), known) if is_new else known
        if isinstance(read, Misread):
            return self._replying(event, event.place, composing.compose_misread(read.sentence))
        stands = described(read, asks_per_week=self._asking.rules.asks_per_week)
        said = self._replying(event, event.place, composing.compose_profile(stands, is_new=is_new))
        return said if read == known else replace(said, profile=Profile(author, read))

    def _handle_due(self, event: QuestionDue, *, by_meaning: bool) -> Outcome:
        """Do what is due for a question by the clock, if it still is."""
        climb = self._open_climb(event)
        # A clock that was put back meanwhile makes nothing undue.
        now = max(self._clock.now(), event.due_at)
        due = None if climb is None else self._asking.next_due(climb, now)
        if climb is None or due is None or (due.move, due.since) != (event.move, event.since):
            return Outcome()
        question = climb.question
        match due.move:
            case Move.CLIMB | Move.REOPEN:
                return self._climb(event, climb, due, by_meaning=by_meaning)
            case Move.REMIND:
                return self._remind(event, climb, by_meaning=by_meaning)
            case Move.CHECK:
                said = _saying(event.event_id, question.place, composing.compose_check())
                return replace(said, reached=(self._reached(question, Rung.CHECKED),))
            case Move.EXPIRE:
                expired = Outcome(question=replace(question, state=QuestionState.EXPIRED))
                if climb.answered_at or not climb.asks or now - due.at > _RECENT:
                    return expired
                reply = composing.compose_expired(self._asking.rules.expires_after)
                said = _saying(event.event_id, question.place, reply)
                return replace(said, question=expired.question)
            case _:
                assert_never(due.move)

    def _climb(self, event: QuestionDue, climb: Climb, due: Due, *, by_meaning: bool) -> Outcome:
        """Ask the next people; where nobody is left, put the question on the open list."""
        question, now = climb.question, self._clock.now()
        wait = self._asking.wait()
        if self._leave_to_speak(question.asker, question.place) is not Leave.FREE:
            return Outcome(reached=(self._reached(question, Rung.LATER, wait),))
        matches = None
        if by_meaning:
            scope = scope_of(self._community_id, question.place)
            matches = self._search.find_matches(scope, question.text, limit=_NEAR)
        group = self._asking.next_group(climb, matches)
        if (
            group is None
            and ladder.may_wait(climb, now)
            and self._asking.next_group(climb, matches, in_hours=False) is not None
        ):
            return Outcome(
                asks=ladder.left_behind(climb, now),
                reached=(self._reached(question, Rung.LATER, wait),),
            )
        why = composing.Why.NOBODY
        if due.move is Move.REOPEN:
            why = composing.Why.QUIET
        elif Rung.UNSOLVED in climb.reached:
            why = composing.Why.UNSOLVED
        return self._asking_group(event, climb, group, why)

    def _asking_group(
        self, event: QuestionDue, climb: Climb, group: Group | None, why: composing.Why
    ) -> Outcome:
        question, now = climb.question, self._clock.now()
        if group is None:
            reply = composing.compose_open(why)
            reached = self._reached(question, Rung.OPEN)
            asks: tuple[Ask, ...] = ()
        else:
            reply = composing.compose_group(group.rung, group.referrals, group.wait, why)
            reached = self._reached(question, group.rung, group.wait)
            asks = ladder.asks_for(question, group.referrals, group.rung, now)
        return replace(
            _saying(event.event_id, question.place, reply),
            question=_with_experts(question, group.referrals if group else ()),
            asks=(*ladder.left_behind(climb, now), *asks),
            reached=(reached,),
        )

    def _remind(self, event: QuestionDue, climb: Climb, *, by_meaning: bool) -> Outcome:
        """Ask gently, within their hours, one who took a question on; others if they have left."""
        claim, now, of = climb.claim, self._clock.now(), self._community_id
        if claim is None:
            return Outcome()
        with self._database.reading() as tx:
            availability = profiles.availability_of(tx, of, claim.member_id)
            has_left = claim.member_id in places.members_away(tx, of, climb.question.place)
        if has_left:
            due = Due(Move.REOPEN, now, event.since)
            return self._climb(event, climb, due, by_meaning=by_meaning)
        if next_moment(availability, now) > now:
            return Outcome()
        reminder = composing.compose_reminder(claim.author)
        said = _saying(event.event_id, climb.question.place, reminder)
        return replace(said, asks=(replace(claim, reminded_at=now),))

    def _hear_unsolved(self, question: Question) -> Outcome:
        """Go on asking when the asker, who was asked, does not say that it is solved."""
        climb = self._asking.climb_of(question)
        if Rung.CHECKED not in climb.reached or not climb.is_answered:
            return Outcome()
        return Outcome(reached=(self._reached(question, Rung.UNSOLVED),))

    def _open_climb(
        self, event: QuestionClaimed | QuestionPassed | TopicRefused | QuestionDue
    ) -> Climb | None:
        """Find the question that an event is about, if it is still open."""
        with self._database.reading() as tx:
            question = conversations.question_in(tx, self._community_id, event.place)
        climb = None if question is None else self._asking.climb_of(question)
        return climb if climb is not None and climb.is_open else None

    def _saying_that_it_is_closed(
        self, event: QuestionClaimed | QuestionPassed | TopicRefused
    ) -> Outcome:
        with self._database.reading() as tx:
            question = conversations.question_in(tx, self._community_id, event.place)
        if question is None or question.state not in _CLOSED:
            return Outcome()
        return self._replying(event, question.place, composing.compose_not_open())

    def _asked(
        self, question: Question, rung: Rung, referrals: Sequence[Referral], wait: Wait | None
    ) -> Outcome:
        """Note whom a reply to a question asks; it is tried again where there was nobody."""
        rung = rung if referrals else Rung.LATER
        asks = ladder.asks_for(question, referrals, rung, self._clock.now())
        return Outcome(
            asks=asks, reached=(self._reached(question, rung, wait or self._asking.wait()),)
        )

    def _reached(self, question: Question, rung: Rung, wait: Wait | None = None) -> Reached:
        time = timedelta(0) if wait is None else wait.time
        return Reached(question.id, rung, self._clock.now(), time)

    def _replying(
        self,
        event: QuestionClaimed | QuestionPassed | TopicRefused | ProfileChanged,
        place: Place,
        reply: Reply,
    ) -> Outcome:
        """Reply to what somebody pressed or typed, unless they have caused too much already."""
        if self._leave_to_speak(event.author, place) is not Leave.FREE:
            return Outcome()
        return _saying(event.event_id, place, reply)

    def _is_known(self, tx: Transaction, message_key: str) -> bool:
        """Say whether a message was handled already, as another event.

        Some platforms deliver one post as a message and as a mention. A question whose reply was
        taken back, to be thought over, is not known.
        """
        return conversations.answer_said_in(
            tx, self._community_id, message_key
        ) is not None or outbox.is_known(tx, self._community_id, reply_id(message_key))

    def _place_of(self, tx: Transaction, event: Event) -> Place:
        return places.as_heard(tx, self._community_id, event.place, moment_of(event))

    def _leave_to_speak(self, member: Author, place: Place) -> Leave:
        of, now = self._community_id, self._clock.now()
        since = now - WINDOW
        with self._database.reading() as tx:
            to_member = outbox.count_caused_by(tx, of, member.member_id, since=since, until=now)
            in_channel = outbox.count_in_channel(tx, of, place.channel_key, since=since, until=now)
        return leave_to_speak(self._allowance, to_member=to_member, in_channel=in_channel)


_SETTLED = frozenset({AskOutcome.PASSED, AskOutcome.REFUSED, AskOutcome.ANSWERED})
_CLOSED = frozenset({QuestionState.RESOLVED, QuestionState.EXPIRED})
_RECENT = timedelta(days=1)
"""What expired longer ago does so without a word, since the bot was away meanwhile."""


def _with_experts(question: Question, referrals: Sequence[Referral]) -> Question:
    """Give a question of which more people were asked."""
    more = (referral.expert.member_id for referral in referrals)
    return replace(question, experts=tuple(dict.fromkeys((*question.experts, *more))))


def _taught(answers: Sequence[Answer]) -> Answer | None:
    """Give the answer of which the question's document was made."""
    return next((a for a in answers if a.standing is Standing.KNOWLEDGE), None)


def _chosen(answers: Sequence[Answer]) -> Answer | None:
    """Give the likeliest reply, when the thread was marked."""
    return capture.choose_answer([a for a in answers if a.standing is not Standing.DROPPED])


def _as_answer(message: MessagePosted, question: Question) -> Answer:
    return Answer(
        id=f"{question.id}/{message.message_id}",
        question_id=question.id,
        author=message.author,
        text=redact(message.text),
        said_at=message.posted_at,
        url=message.url,
    )


def _marked(answers: Sequence[Answer], message_id: str) -> Answer | None:
    return next((a for a in answers if a.id == f"{a.question_id}/{message_id}"), None)


def _no_more(answers: Sequence[Answer], accepted: Answer) -> list[Answer]:
    """Give the other answers that do not wait any more, nor are knowledge beside a new one."""
    ended = {Standing.WAITING}
    if accepted.standing is Standing.KNOWLEDGE:
        ended.add(Standing.KNOWLEDGE)
    return [
        replace(answer, standing=Standing.GIVEN, reason="")
        for answer in answers
        if answer.id != accepted.id and answer.standing in ended
    ]


def _taught_by(question: Question, answer: Answer) -> Outcome:
    """Keep an answer, with its document where it is knowledge."""
    is_knowledge = answer.standing is Standing.KNOWLEDGE
    documents = (capture.document_from(question, answer),) if is_knowledge else ()
    return Outcome(question=question, answers=(answer,), documents=documents)


def _deleted(event: MessagePosted | MessageEdited) -> Outcome:
    """Keep nothing of a message: it is gone already, or says nothing any more."""
    gone = MessageDeleted(event.event_id, event.place, event.message_id, moment_of(event))
    return Outcome(effect=gone)


def _offer_id(thread: Place) -> str:
    """Name the offer by the message, so that it is made once."""
    return f"{thread.key}/offer"


def _saying(cause: str, place: Place, reply: Reply) -> Outcome:
    """Reply to a question (named by its id) or to an event, with the same id each time."""
    return Outcome(messages=(OutgoingMessage(reply_id(cause), place, reply),))
