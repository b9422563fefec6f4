"""What happens for each kind of event: read this first.

A handler reads, searches and decides. What it wants done comes back as an `Outcome`, which the
worker stores in one transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from supportbot.domain.chat.allowance import MOST_ALONE, WINDOW, Allowance, Leave, leave_to_speak
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AnswerReviewed,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    ForgetRequested,
    HelpRequested,
    Inquired,
    LinkRequested,
    MarkTakenBack,
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
    QuestionShared,
    TopicRefused,
    author_of,
    message_key_of,
    moment_of,
    with_roles_held_there,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_to, is_home
from supportbot.domain.chat.questions import (
    Part,
    Question,
    QuestionState,
    reply_id,
    shared_id,
    text_of,
)
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import Rung
from supportbot.domain.experts.routing import TOPIC_IS_MEANT
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.knowledge import capture, forgetting
from supportbot.domain.knowledge import votes as voting
from supportbot.domain.knowledge.decision import Calibration, Decision, DecisionKind, decide
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.outcome import Outcome, saying, saying_alone
from supportbot.domain.recognition.follow_ups import only_complains
from supportbot.domain.recognition.kinds import Known, MessageKind, has_words, recognise, weighed
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies import notices
from supportbot.domain.replies.answers import (
    compose_added,
    compose_alone,
    compose_known,
    compose_more,
    compose_out_of_order,
    compose_reply,
    compose_share_offer,
    compose_shared,
    compose_was_shared,
)
from supportbot.domain.replies.asking import compose_escalation, without_asking
from supportbot.domain.replies.reply import After, OutgoingMessage, Reply
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.handlers.acceptance import Accepting
from supportbot.handlers.bursts import Bursts
from supportbot.handlers.identities import Linking
from supportbot.handlers.ladder import NEAR, Climbing, with_experts
from supportbot.handlers.pages import Inquiring
from supportbot.handlers.withdrawal import Unmarking
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store import (
    conversations,
    inbox,
    messages,
    outbox,
    outbox_counts,
    outbox_rows,
    outsiders,
    places,
    question_parts,
    receipts,
    votes,
)
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction


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
        database: Database,
        search: Search,
        calibration: Calibration,
        people: People,
        *,
        clock: Clock,
        rules: TeachingRules | None = None,
        allowance: Allowance | None = None,
        listening: Listening = Listening.QUESTIONS,
        burst: timedelta = timedelta(0),
        asking: Asking | None = None,
        experts: Sequence[Declared] = (),
        recalibrating: Recalibrating | None = None,
    ) -> None:
        """Read from this database, find with this search, decide with this calibration.

        `listening` is for the channels for which nobody has chosen. What one person writes in a
        channel with no longer pause than `burst` is one question. `recalibrating` corrects the
        calibration by the votes; left out, it does so without regard to who chose the threshold.
        """
        self._database = database
        self._search = search
        self._recalibrating = recalibrating or Recalibrating(database, calibration)
        self._asking = asking or Asking(database, search, people, clock=clock)
        self._clock = clock
        self._rules = rules or TeachingRules()
        self._accepting = Accepting(
            database,
            self._asking,
            clock=clock,
            rules=self._rules,
            leave_to_speak=self._leave_to_speak,
        )
        self._climbing = Climbing(
            database,
            search,
            self._asking,
            self._accepting,
            clock=clock,
            leave_to_speak=self._leave_to_speak,
        )
        self._unmarking = Unmarking(database, self._rules)
        self._inquiring = Inquiring(
            database,
            clock=clock,
            rules=self._rules,
            leave_to_speak=self._leave_to_speak,
            asks_per_week=self._asking.rules.asks_per_week,
            listening=listening,
            experts=experts,
        )
        self._people = people
        self._linking = Linking(database, clock=clock, leave_to_speak=self._leave_to_speak)
        self._allowance = allowance or Allowance()
        self._listening = listening
        self._bursts = Bursts(database, within=burst)

    def handle(self, event: Event, *, by_meaning: bool = True) -> Outcome:
        """Say what an event leads to.

        Args:
            event: What happened.
            by_meaning: Without it, nothing is searched: the model has failed on this event.

        Raises:
            EmbeddingError: The model failed.
        """
        event = with_roles_held_there(event)
        outcome = self._handle(event, by_meaning=by_meaning)
        if outcome.messages:
            return outcome
        if _was_typed_alone(event):
            return replace(outcome, messages=self._short_word(event))
        if _was_pressed(event):
            is_noted = outcome != Outcome()
            return replace(outcome, messages=self._word_over_the_limit(event, is_noted=is_noted))
        return outcome

    def _word_over_the_limit(self, event: Event, *, is_noted: bool) -> tuple[OutgoingMessage, ...]:
        """Tell somebody who pressed something over their limit, and them alone, what came of it."""
        author = author_of(event)
        if author is None or self._leave_to_speak(author, event.place) is Leave.FREE:
            return ()
        if self._words_told(author) >= MOST_ALONE:
            return ()
        reply = notices.compose_noted() if is_noted else notices.compose_enough()
        return tuple(replace(m, slot=outbox_rows.WORD) for m in saying_alone(event, reply).messages)

    def _words_told(self, author: Author) -> int:
        now = self._clock.now()
        with self._database.reading() as tx:
            return outbox_counts.count_words_for(
                tx, author.member_id, since=now - WINDOW, until=now
            )

    def _short_word(self, event: Event) -> tuple[OutgoingMessage, ...]:
        """Tell somebody who typed a command something, and nobody else, whatever comes of it."""
        author = author_of(event)
        if author is None or self._words_told(author) >= MOST_ALONE:
            return ()
        is_free = self._leave_to_speak(author, event.place) is Leave.FREE
        is_asked = isinstance(event, MessagePosted) and is_free
        reply = notices.compose_no_question() if is_asked else notices.compose_enough()
        place = event.place
        if isinstance(event, MessagePosted) and place.thread is None:
            place = place.in_thread(event.message_id)
        return saying(event.event_id, place, reply, slot=outbox_rows.WORD).messages

    def _handle(  # noqa: C901, PLR0911, PLR0912 - one for each kind of event
        self, event: Event, *, by_meaning: bool
    ) -> Outcome:
        match event:
            case MessagePosted():
                return self._handle_message(event, by_meaning=by_meaning)
            case MessageEdited():
                return self._handle_edit(event)
            case AnswerAccepted():
                return self._accepting.accept(event)
            case MarkTakenBack():
                return self._unmarking.take_back(event)
            case AnswerReviewed():
                return self._accepting.review(event)
            case ForgetRequested():
                return self._forget(event)
            case HelpRequested():
                return self._handle_help_request(event, by_meaning=by_meaning)
            case AnswerRejected():
                return self._ask_people_after_all(event, by_meaning=by_meaning)
            case QuestionShared():
                return self._share(event)
            case ChannelConfigured():
                return self._configure(event)
            case QuestionClaimed():
                return self._climbing.claim(event)
            case QuestionPassed():
                return self._climbing.pass_on(event, by_meaning=by_meaning)
            case TopicRefused():
                return self._climbing.refuse(event)
            case ProfileChanged():
                return self._climbing.describe(event)
            case Inquired():
                return self._accepting.review_in_chat(event) or self._inquiring.show(event)
            case LinkRequested():
                return self._linking.link(event)
            case QuestionDue():
                return self._climbing.do_what_is_due(event, by_meaning=by_meaning)
            case MessageDeleted():
                return self._bursts.deleted(event)
            case PlaceDeleted() | AskingEnded() | MemberLeft() | MemberJoined():
                return Outcome(effect=event)
            case PlaceChanged() | ChannelsListed():
                return Outcome()  # the worker notes how places are, whatever the event
            case _:
                assert_never(event)

    def consider(
        self,
        text: str,
        place: Place,
        asker: Author,
        *,
        mentions: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Consideration:
        """Search what may be shown in a place, decide, and choose whom to ask there.

        Args:
            text: The question.
            place: Where it is asked.
            asker: Who asks.
            mentions: Member ids of people whom it names.
            without: Member ids of those who were asked already.
        """
        matches, decision = self._decide(text, place, asker)
        if decision.kind is DecisionKind.ANSWER or direct_to(place):
            return Consideration(decision, ())
        referrals = self._asking.choose(
            text, place, asker, matches=matches, mentions=mentions, without=without
        )
        return Consideration(decision, referrals, self._asking.wait() if referrals else None)

    def _decide(self, text: str, place: Place, asker: Author) -> tuple[tuple[Match, ...], Decision]:
        """Search what may be shown to somebody in a place, and decide what to do with it."""
        with self._database.reading() as tx:
            scope = outsiders.scope_for(tx, place, asker)
        matches = self._search.find_matches(scope, text, limit=NEAR)
        calibration, now = self._recalibrating.calibration()
        past = [match.document_id for match in matches if match.from_history]
        with self._database.reading() as tx:
            assured = votes.assured_among(tx, past)
        decision = decide(matches, calibration, correction=now.correction, assured=assured)
        return matches, replace(decision, confirmed=now.confirmed_at(decision.confidence))

    def _handle_message(  # noqa: C901, PLR0911, PLR0912 - one for each kind of message
        self, message: MessagePosted, *, by_meaning: bool
    ) -> Outcome:
        with self._database.reading() as tx:
            key = message_key_of(message)
            if inbox.is_deleted(tx, message.place, message.message_id):
                return _deleted(message)
            edit = inbox.last_edit(tx, key)
            if self._is_known(tx, key):
                return Outcome()
            there = conversations.question_of(tx, key)
            asked = question_parts.question_begun_by(tx, key)
            # People were quicker, also under another message of the thread that it begins.
            if any(one and one.state is QuestionState.RESOLVED for one in (there, asked)):
                return Outcome()
            place = self._place_of(tx, message)
            question = conversations.question_in(tx, place)
            listening = places.listening_in(tx, place) or self._listening
        message = inbox.as_edited(replace(message, place=place), edit)
        # What was asked stays a question, also when its reply is thought over.
        kind = MessageKind.QUESTION if asked else recognise(message, question)
        is_apart = asked or message.is_command or kind is MessageKind.FORGET_ME
        begun = None if is_apart else self._bursts.begun(message)
        is_heard = listening.hears(is_addressed=message.is_addressed) or bool(direct_to(place))
        unhelped = self._unhelped(message, begun) if only_complains(message.text) else None
        if unhelped is not None:
            return self._escalate(message.event_id, unhelped, by_meaning=by_meaning)
        if begun is not None:
            is_call = kind in _CALLS - {MessageKind.FAINT} and is_heard
            return self._go_on(begun, message, is_call=is_call, by_meaning=by_meaning)
        if kind in _CALLS and not is_heard:
            return Outcome()
        match kind:
            case MessageKind.FORGET_ME:
                where = place if place.thread else place.in_thread(message.message_id)
                return self._forget(
                    ForgetRequested(message.event_id, where, message.author, message.posted_at)
                )
            case MessageKind.QUESTION if self._began(place):
                return self._replying(message, notices.compose_unseen())
            case MessageKind.QUESTION:
                return self._ask(message, by_meaning=by_meaning)
            case MessageKind.FURTHER_QUESTION:
                return self._replying(message, notices.compose_solved_already())
            case MessageKind.PICTURE:
                return self._replying(message, notices.compose_unreadable())
            case MessageKind.RECORDING:
                return self._replying(message, notices.compose_unheard())
            case MessageKind.FILE:
                return self._replying(message, notices.compose_unread_file())
            case MessageKind.MAYBE_QUESTION | MessageKind.FAINT:
                return self._weigh(message, kind, by_meaning=by_meaning)
            case MessageKind.ANSWER if question is not None:
                return self._accepting.keep(message, question)
            case MessageKind.THANKS if question and question.state is not QuestionState.RESOLVED:
                return self._accepting.offer_to_close(message, question)
            case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ANSWERED:
                return self._escalate(message.event_id, question, by_meaning=by_meaning)
            case MessageKind.CALLED:
                return self._look_at_thread(message, by_meaning=by_meaning)
            case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ROUTED:
                return self._climbing.hear_unsolved(question)
            case _:
                return Outcome()

    def _unhelped(self, message: MessagePosted, begun: Question | None) -> Question | None:
        """Find the question to whose answer somebody says, outside its thread, that it is no help.

        Who is alone with the bot means what they asked last.
        """
        if begun is None and direct_to(message.place) and message.place.thread is None:
            until = message.posted_at
            with self._database.reading() as tx:
                begun = question_parts.open_question(
                    tx,
                    message.author.member_id,
                    message.place.channel_key,
                    since=until - _REMEMBERED,
                    until=until,
                )
        return begun if begun and begun.state is QuestionState.ANSWERED else None

    def _go_on(
        self, question: Question, message: MessagePosted, *, is_call: bool, by_meaning: bool
    ) -> Outcome:
        """Make a message a part of the question before it, and show what is found with both.

        Who asked, and may have asked something else, is told where they are heard.
        """
        key = f"{message_key_of(message)}/more"
        with self._database.reading() as tx:
            if outbox.is_known(tx, reply_id(key)):
                return Outcome()
        outcome = self._bursts.joined(question, message)
        if self._leave_to_speak(message.author, message.place) is not Leave.FREE:
            return outcome
        found = self._find_more(question, message, outcome.parts) if by_meaning else None
        if found is not None:
            is_alone = bool(direct_to(question.place))
            compose = compose_alone if is_alone else compose_more
            # What answers the first words is not taken away by what answers the next.
            slot = "" if is_call or question.state is QuestionState.ANSWERED else outbox_rows.FIRST
            said = saying(key, question.place, compose(found, self._clock.now()), slot=slot)
        elif is_call:
            is_waiting = question.state is QuestionState.ROUTED
            added = compose_added(is_waiting=is_waiting or not by_meaning)
            said = saying(key, question.place, added, slot=_ADDED)
        else:
            return outcome
        return replace(outcome, messages=said.messages)

    def _find_more(
        self, question: Question, message: MessagePosted, said: Sequence[Part]
    ) -> Decision | None:
        """Search with all that a question says now, and with what was added; None if it is known.

        Beside an answer, only another answer is worth showing.
        """
        _, before = self._decide(question.text, question.place, question.asker)
        known = {match.document_id for match in before.shown}
        for text in (text_of(said), message.text):
            _, decision = self._decide(text, question.place, question.asker)
            is_enough = (
                decision.kind is DecisionKind.ANSWER or question.state is not QuestionState.ANSWERED
            )
            is_new = any(match.document_id not in known for match in decision.shown)
            if is_new and is_enough:
                return decision
        return None

    def _ask(self, message: MessagePosted, *, by_meaning: bool) -> Outcome:
        """Reply to a question, made of what its asker wrote just before as well."""
        said = self._bursts.parts_until(message)
        if len(said) == 1 and message.place.thread is None:
            return self._reply(message, by_meaning=by_meaning)
        whole = replace(message, text=text_of(said))
        return replace(self._reply(whole, by_meaning=by_meaning), parts=said)

    def _began(self, place: Place) -> bool:
        """Say whether the bot itself began a thread, such as by asking somebody alone."""
        if place.thread is None:
            return False
        with self._database.reading() as tx:
            return bool(outbox.thread_of(tx, place, place.thread))

    def _reply(self, message: MessagePosted, *, by_meaning: bool) -> Outcome:
        place, key = message.place, message_key_of(message)
        question = Question(
            place=place if place.thread else place.in_thread(message.message_id),
            asker=message.author,
            text=redact(message.text),
            asked_at=message.posted_at,
            url=message.url,
            state=QuestionState.ROUTED,
            confidence=0.0,
        )
        on_the_list = Outcome(
            question=question, reached=(self._climbing.reached(question, Rung.OPEN),)
        )
        if message.is_late:
            return on_the_list
        leave = self._leave_to_speak(message.author, message.place)
        if leave is not Leave.FREE and message.is_command:
            return Outcome()
        if leave is not Leave.FREE:
            minutes = int(WINDOW.total_seconds() // 60)
            silence = notices.compose_silence(minutes=minutes)
            said = saying(key, question.place, silence)
            # Nobody is asked later either: a flood of questions would be one of asks.
            return replace(on_the_list, messages=said.messages if leave is Leave.LAST else ())
        if not by_meaning:
            reply = compose_out_of_order(())
            return replace(
                saying(key, question.place, reply),
                question=question,
                reached=(self._climbing.reached(question, Rung.LATER, self._asking.wait()),),
            )
        # A reply that is thought over comes after others that may have asked somebody.
        known = self._asking.asked_for(question)
        considered = self.consider(
            message.text,
            message.place,
            message.author,
            mentions=[author.member_id for author in message.mentions],
            without=known,
        )
        kind = considered.decision.kind
        is_answered = kind is DecisionKind.ANSWER
        question = replace(
            question,
            state=QuestionState.ANSWERED if is_answered else QuestionState.ROUTED,
            confidence=considered.decision.confidence,
            experts=(*sorted(known), *(r.expert.member_id for r in considered.referrals)),
        )
        if direct_to(question.place):
            return self._reply_alone(message, question, considered.decision)
        reply = compose_reply(
            considered.decision, considered.referrals, considered.wait, self._clock.now()
        )
        is_spent = not is_answered and not self._asking.left_for(message.author)
        if is_spent:
            reply = without_asking(reply)
        said = self._asking.saying(
            key,
            question,
            _by_words_alone(reply, message),
            considered.referrals,
            considered.wait,
            slot=outbox_rows.FIRST,
        )
        asked = Outcome()
        if is_spent:
            asked = Outcome(reached=(self._climbing.reached(question, Rung.OPEN),))
        elif not is_answered:
            asked = self._climbing.asked(
                question, Rung.FIRST, considered.referrals, considered.wait
            )
        return replace(
            said, question=question, decision=kind, asks=asked.asks, reached=asked.reached
        )

    def _reply_alone(
        self, message: MessagePosted, question: Question, decision: Decision
    ) -> Outcome:
        """Reply to one who asked the bot alone: nobody else hears of it before they say so."""
        reply = _by_words_alone(compose_alone(decision, self._clock.now()), message)
        # Nobody was asked, and nothing is due by the clock.
        answered = replace(question, state=QuestionState.ANSWERED, experts=())
        # In a thread that had begun before, another one may have been replied to already.
        slot = outbox_rows.FIRST if message.place.thread is None else ""
        said = saying(message_key_of(message), question.place, reply, slot=slot)
        return replace(said, question=answered, decision=decision.kind)

    def _share(self, event: QuestionShared) -> Outcome:
        """Ask the group what somebody had asked the bot alone."""
        with self._database.reading() as tx:
            question = conversations.question_in(tx, event.place)
            key = question_parts.first_key(tx, question) if question else ""
        if (
            question is None
            or question.asker.member_id != event.author.member_id
            or direct_to(event.to)
        ):
            return Outcome()
        if self._leave_to_speak(event.author, event.to) is not Leave.FREE:
            return Outcome(messages=self._short_word(event))
        # Named by what was asked: however often it is pressed, the group is asked once.
        shared = OutgoingMessage(
            shared_id(key),
            event.to,
            compose_shared(question, event.shared_at),
            about=question.place,
        )
        told = OutgoingMessage(
            reply_id(event.event_id),
            question.place,
            compose_was_shared(event.to),
            after=After(shared.id, shared.place, notices.compose_not_shared()),
        )
        return Outcome(messages=(shared, told))

    def _configure(self, event: ChannelConfigured) -> Outcome:
        """Let a maintainer choose to what the bot listens in a channel."""
        if not self._rules.is_maintainer(event.author):
            return self._replying(event, notices.compose_maintainers_only())
        said = self._replying(event, notices.compose_listening(event.listening))
        return replace(said, effect=event)

    def _replying(self, event: MessagePosted | ChannelConfigured, reply: Reply) -> Outcome:
        """Reply to somebody, unless they have caused too much already."""
        if self._leave_to_speak(event.author, event.place) is not Leave.FREE:
            return Outcome()
        place = event.place
        if isinstance(event, MessagePosted) and place.thread is None:
            place = place.in_thread(event.message_id)
        return saying(event.event_id, place, reply)

    def _look_at_thread(self, message: MessagePosted, *, by_meaning: bool) -> Outcome:
        """Treat the first message of a thread as a question: somebody called the bot to it."""
        with self._database.reading() as tx:
            first = self._as_it_stands(tx, message.place)
        if first is not None and has_words(first.text):
            return self._ask(replace(first, is_addressed=True), by_meaning=by_meaning)
        return self._replying(message, notices.compose_unseen())

    def _ask_people_after_all(
        self, event: AnswerRejected | HelpRequested, *, by_meaning: bool
    ) -> Outcome:
        """Ask people when what was found is not what its asker meant, or not enough for them."""
        with self._database.reading() as tx:
            question = conversations.question_in(tx, event.place)
            shown = receipts.shown_for(tx, question.id) if question else ()
        if question is None:
            return saying_alone(event, notices.compose_gone())
        if not self._may_speak_for(event.author, question.asker):
            return saying_alone(event, notices.compose_askers_only_may_ask(question.asker))
        rejected = (
            voting.reject(question.id, shown, event.author.member_id, event.rejected_at)
            if isinstance(event, AnswerRejected)
            else ()
        )
        if question.state is not QuestionState.ANSWERED:
            is_open = question.state is QuestionState.ROUTED
            word = notices.compose_asked_already if is_open else notices.compose_not_open
            return replace(saying_alone(event, word()), votes=rejected)
        escalated = self._escalate(event.event_id, question, by_meaning=by_meaning)
        return replace(escalated, votes=rejected)

    def _may_speak_for(self, author: Author, asker: Author) -> bool:
        return author.member_id == asker.member_id or self._rules.is_maintainer(author)

    def _escalate(self, cause: str, question: Question, *, by_meaning: bool) -> Outcome:
        """Ask people when the asker goes on talking under an answer: it did not help."""
        if direct_to(question.place):
            return saying(cause, question.place, compose_share_offer())
        with self._database.reading() as tx:
            scope = outsiders.scope_for(tx, question.place, question.asker)
        referrals: tuple[Referral, ...] = ()
        if by_meaning:
            matches = self._search.find_matches(scope, question.text, limit=NEAR)
            known = self._asking.asked_for(question)
            referrals = self._asking.choose(
                question.text,
                question.place,
                question.asker,
                matches=matches,
                mentions=self._asking.named_in(question),
                without=known,
            )
        wait = self._asking.wait() if referrals else None
        reply = compose_escalation(referrals, wait)
        routed = replace(with_experts(question, referrals), state=QuestionState.ROUTED)
        asked = self._climbing.asked(routed, Rung.NEXT, referrals, wait)
        # Somebody may have answered in vain under the bot's own answer: it is not solved.
        unsolved = self._climbing.reached(question, Rung.UNSOLVED)
        return replace(
            self._asking.saying(cause, question, reply, referrals, wait),
            question=routed,
            asks=asked.asks,
            reached=(*asked.reached, unsolved),
        )

    def _weigh(self, message: MessagePosted, kind: MessageKind, *, by_meaning: bool) -> Outcome:
        """Let what is known decide whether a message asks; show it at once where it may help."""
        decision, known = None, Known.NOT
        if by_meaning and not message.is_late:
            _, decision = self._decide(message.text, message.place, message.author)
            known = self._known_about(message, decision)
        kind = weighed(kind, known)
        if kind is MessageKind.QUESTION:
            return self._ask(message, by_meaning=by_meaning)
        if kind is not MessageKind.MAYBE_QUESTION:
            return Outcome()
        if decision is not None and known is Known.PERHAPS:
            return self._show_known(message, decision)
        return self._offer_help(message)

    def _known_about(self, message: MessagePosted, decision: Decision) -> Known:
        if decision.kind is DecisionKind.ANSWER:
            return Known.STRONGLY
        nearest = self._people.nearest_topic(message.text, message.place.platform)
        if nearest >= TOPIC_IS_MEANT:
            return Known.BY_SOMEBODY
        return Known.PERHAPS if decision.kind is DecisionKind.SUGGEST else Known.NOT

    def _show_known(self, message: MessagePosted, decision: Decision) -> Outcome:
        """Show what may help whoever may have asked; people are asked only on a press."""
        if self._leave_to_speak(message.author, message.place) is not Leave.FREE:
            return Outcome()
        question = Question(
            place=message.place.in_thread(message.message_id),
            asker=message.author,
            text=redact(message.text),
            asked_at=message.posted_at,
            url=message.url,
            state=QuestionState.ANSWERED,
            confidence=decision.confidence,
        )
        reply = _by_words_alone(compose_known(decision, self._clock.now()), message)
        said = saying(message_key_of(message), question.place, reply, slot=outbox_rows.FIRST)
        return replace(said, question=question, decision=decision.kind)

    def _offer_help(self, message: MessagePosted) -> Outcome:
        leave = self._leave_to_speak(message.author, message.place)
        if message.is_late or leave is not Leave.FREE:
            return Outcome()
        thread = message.place.in_thread(message.message_id)
        offer = OutgoingMessage(_offer_id(thread), thread, notices.compose_help_offer())
        return Outcome(messages=(offer,))

    def _handle_help_request(self, event: HelpRequested, *, by_meaning: bool) -> Outcome:
        """Treat a message as a question after all: its author, or a maintainer, said it is one."""
        with self._database.reading() as tx:
            is_asked = conversations.question_of(tx, event.place.key) is not None
            is_offered = outbox.is_known(tx, _offer_id(event.place))
            message = self._as_it_stands(tx, event.place)
        if is_asked:
            return self._ask_people_after_all(event, by_meaning=by_meaning)
        if message is None or not is_offered or not has_words(message.text):
            return saying_alone(event, notices.compose_gone())
        if not self._may_speak_for(event.author, message.author):
            return saying_alone(event, notices.compose_askers_only_may_ask(message.author))
        return self._ask(message, by_meaning=by_meaning)

    def _as_it_stands(self, tx: Transaction, thread: Place) -> MessagePosted | None:
        """Give the first message of a thread as it reads now; None when it is not held, or gone."""
        message = inbox.as_it_stands(tx, thread.key)
        return None if message is None else replace(message, place=self._place_of(tx, message))

    def _handle_edit(self, event: MessageEdited) -> Outcome:
        """Let the question or the answer that was edited, and its document, say the same."""
        key = message_key_of(event)
        with self._database.reading() as tx:
            if inbox.is_deleted(tx, event.place, event.message_id):
                return _deleted(event)
            latest = inbox.last_edit(tx, key) or event
            answer = conversations.answer_said_in(tx, key)
            question = (
                conversations.question_of(tx, answer.question_id)
                if answer
                else question_parts.question_with(tx, key)
            )
        if question is None:
            return self._hear_call(latest)
        if not has_words(latest.text):
            return self._bursts.deleted(_gone(event))
        if answer is not None:
            return self._accepting.edited(question, answer, latest)
        reworded = self._bursts.edited(question, replace(event, text=latest.text))
        return self._accepting.asked_anew(question, reworded)

    def _hear_call(self, edit: MessageEdited) -> Outcome:
        """Handle a message anew that an edit has made a call, as if it had been posted so.

        However often it is edited, it is replied to once: its reply is named by the message.
        """
        key = message_key_of(edit)
        with self._database.reading() as tx:
            posted = inbox.as_it_stands(tx, key)
            if posted is None and not edit.is_addressed:
                return Outcome()
            message = posted or _posted_as(edit)
            message = replace(message, place=self._place_of(tx, message))
            there = conversations.question_of(tx, key) or conversations.question_in(
                tx, message.place
            )
            is_joined = messages.is_replied_to(tx, key, besides=message.author.member_id)
            listening = places.listening_in(tx, message.place) or self._listening
        # Who has an answer already, or talks to others, has not waited for the bot.
        if is_joined and not edit.is_addressed:
            return Outcome()
        is_heard = listening.hears(is_addressed=message.is_addressed) or direct_to(message.place)
        is_call = there is None and recognise(message, None) in _CALLS and has_words(message.text)
        return Outcome(heard_again=(message,)) if is_call and is_heard else Outcome()

    def _forget(self, event: ForgetRequested) -> Outcome:
        """Forget a member; what others answered to them stands alone from then on."""
        member_id = event.author.member_id
        documents = []
        with self._database.reading() as tx:
            until = event.requested_at
            asked = conversations.questions_by(tx, member_id, until=until)
            answered = conversations.answers_by(tx, member_id, until=until)
            for question in asked:
                answers = conversations.answers_to(tx, question.id)
                left = forgetting.others_answers(answers, question.asker)
                taught = capture.taught(left)
                if taught is not None:
                    nameless = forgetting.without_asker(question)
                    documents.append(capture.document_from(nameless, taught))
        reply = notices.compose_forgotten(questions=len(asked), answers=len(answered))
        outcome = saying(event.event_id, event.place, reply)
        is_spoken_to = (
            bool(event.place.channel)
            and self._leave_to_speak(event.author, event.place) is Leave.FREE
        )
        return replace(
            outcome if is_spoken_to else Outcome(), effect=event, documents=tuple(documents)
        )

    def _is_known(self, tx: Transaction, message_key: str) -> bool:
        """Say whether a message was handled already, as another event.

        Some platforms deliver one post as a message and as a mention. A question whose reply was
        taken back, to be thought over, is not known.
        """
        return conversations.answer_said_in(tx, message_key) is not None or outbox.is_known(
            tx, reply_id(message_key)
        )

    def _place_of(self, tx: Transaction, event: Event) -> Place:
        return places.as_heard(tx, event.place, moment_of(event))

    def _leave_to_speak(self, member: Author, place: Place) -> Leave:
        now = self._clock.now()
        since = now - WINDOW
        with self._database.reading() as tx:
            to_member = outbox_counts.count_caused_by(tx, member.member_id, since=since, until=now)
            in_channel = outbox_counts.count_in_channel(
                tx, place.channel_key, since=since, until=now
            )
        return leave_to_speak(self._allowance, to_member=to_member, in_channel=in_channel)


_REMEMBERED = timedelta(hours=12)
"""For so long, who is alone with the bot may mean their last question when they say "no"."""
_ADDED = "added"
"""That something belongs to a question now is worth one line, however much is added."""


_CALLS = frozenset(
    {
        MessageKind.QUESTION,
        MessageKind.MAYBE_QUESTION,
        MessageKind.FAINT,
        MessageKind.CALLED,
        MessageKind.PICTURE,
        MessageKind.RECORDING,
        MessageKind.FILE,
    }
)
"""What the bot replies to only where it listens."""


def _was_typed_alone(event: Event) -> bool:
    """Whether somebody waits alone for a word of the bot, as after a command."""
    match event:
        case MessagePosted():
            return event.is_command
        case Inquired():
            return bool(direct_to(event.place)) and not is_home(event.place)
        case ProfileChanged() | LinkRequested():
            return bool(direct_to(event.place))
        case _:
            return False


def _was_pressed(event: Event) -> bool:
    """Whether somebody has pressed something, and sees that nothing happens."""
    return isinstance(
        event,
        AnswerRejected
        | ChannelConfigured
        | HelpRequested
        | QuestionClaimed
        | QuestionPassed
        | TopicRefused,
    )


def _by_words_alone(reply: Reply, message: MessagePosted) -> Reply:
    """Say what of a question was not taken in."""
    if message.recordings:
        return notices.without_the_recording(reply)
    return notices.without_the_picture(reply) if message.pictures else reply


def _deleted(event: MessagePosted | MessageEdited) -> Outcome:
    """Keep nothing of a message: it is gone already, or says nothing any more."""
    return Outcome(effect=_gone(event))


def _gone(event: MessagePosted | MessageEdited) -> MessageDeleted:
    return MessageDeleted(event.event_id, event.place, event.message_id, moment_of(event))


def _posted_as(edit: MessageEdited) -> MessagePosted:
    """Return a message of which nobody told before it was edited."""
    return MessagePosted(
        f"{edit.event_id}/posted",
        edit.place,
        edit.message_id,
        edit.author,
        edit.text,
        edit.posted_at or edit.edited_at,
        url=edit.url,
        is_addressed=edit.is_addressed,
        mentions=edit.mentions,
    )


def _offer_id(thread: Place) -> str:
    """Name the offer by the message, so that it is made once."""
    return f"{thread.key}/offer"
