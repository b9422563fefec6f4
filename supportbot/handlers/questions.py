"""A question: what is found, who is asked, and what its asker makes of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from supportbot.domain.chat.allowance import WINDOW, Leave
from supportbot.domain.chat.events import (
    AnswerRejected,
    HelpRequested,
    MessagePosted,
    QuestionShared,
    message_key_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_to
from supportbot.domain.chat.questions import (
    Question,
    QuestionState,
    reply_id,
    shared_id,
    text_of,
)
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import Rung
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.knowledge import votes as voting
from supportbot.domain.knowledge.decision import Decision, DecisionKind, decide
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.outcome import Outcome, saying, saying_alone
from supportbot.domain.recognition.kinds import has_words
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies import notices
from supportbot.domain.replies.answers import (
    compose_alone,
    compose_out_of_order,
    compose_reply,
    compose_share_offer,
    compose_shared,
    compose_was_shared,
)
from supportbot.domain.replies.asking import compose_escalation, without_asking
from supportbot.domain.replies.reply import After, OutgoingMessage, Reply
from supportbot.handlers import bursts, ladder
from supportbot.handlers.context import Context, first_message
from supportbot.handlers.speaking import short_word
from supportbot.store import (
    conversations,
    outbox,
    outbox_rows,
    outsiders,
    question_parts,
    receipts,
    votes,
)


@dataclass(frozen=True, slots=True)
class Consideration:
    """What the bot thinks of a question: its decision, and whom it would ask."""

    decision: Decision
    referrals: tuple[Referral, ...]
    wait: Wait | None = None
    """How long those are waited for; None when nobody is asked."""


def consider(  # noqa: PLR0913 - a question, and who is left out
    text: str,
    place: Place,
    asker: Author,
    context: Context,
    *,
    mentions: Collection[str] = (),
    without: Collection[str] = (),
) -> Consideration:
    """Search what may be shown in a place, decide, and choose whom to ask there.

    Args:
        text: The question.
        place: Where it is asked.
        asker: Who asks.
        context: What is known now.
        mentions: Member ids of people whom it names.
        without: Member ids of those who were asked already.
    """
    matches, decision = decide_on(text, place, asker, context)
    if decision.kind is DecisionKind.ANSWER or direct_to(place):
        return Consideration(decision, ())
    referrals = context.asking.choose(
        context.tx, text, place, asker, matches=matches, mentions=mentions, without=without
    )
    return Consideration(
        decision, referrals, context.asking.wait(context.tx) if referrals else None
    )


def decide_on(
    text: str, place: Place, asker: Author, context: Context
) -> tuple[tuple[Match, ...], Decision]:
    """Search what may be shown to somebody in a place, and decide what to do with it."""
    scope = outsiders.scope_for(context.tx, place, asker)
    matches = context.search.find_matches(context.tx, scope, text, limit=ladder.NEAR)
    calibration, now = context.recalibrating.calibration(context.tx)
    past = [match.document_id for match in matches if match.from_history]
    assured = votes.assured_among(context.tx, past)
    decision = decide(matches, calibration, correction=now.correction, assured=assured)
    return matches, replace(decision, confirmed=now.confirmed_at(decision.confidence))


def ask(message: MessagePosted, context: Context) -> Outcome:
    """Reply to a question, made of what its asker wrote just before as well."""
    said = bursts.parts_until(message, context)
    if len(said) == 1 and message.place.thread is None:
        return _reply(message, context)
    whole = replace(message, text=text_of(said))
    return replace(_reply(whole, context), parts=said)


def _reply(message: MessagePosted, context: Context) -> Outcome:
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
        question=question, reached=(ladder.note_reached(question, Rung.OPEN, context),)
    )
    if message.is_late:
        return on_the_list
    leave = context.leave_to_speak(message.author, message.place)
    if leave is not Leave.FREE and message.is_command:
        return Outcome()
    if leave is not Leave.FREE:
        minutes = int(WINDOW.total_seconds() // 60)
        silence = notices.compose_silence(minutes=minutes)
        said = saying(key, question.place, silence)
        # Nobody is asked later either: a flood of questions would be one of asks.
        return replace(on_the_list, messages=said.messages if leave is Leave.LAST else ())
    if not context.by_meaning:
        reply = compose_out_of_order(())
        return replace(
            saying(key, question.place, reply),
            question=question,
            reached=(
                ladder.note_reached(question, Rung.LATER, context, context.asking.wait(context.tx)),
            ),
        )
    # A reply that is thought over comes after others that may have asked somebody.
    known = context.asking.asked_for(context.tx, question)
    considered = consider(
        message.text,
        message.place,
        message.author,
        context,
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
        return _reply_alone(message, question, considered.decision, context)
    reply = compose_reply(considered.decision, considered.referrals, considered.wait, context.now)
    is_spent = not is_answered and not context.asking.left_for(context.tx, message.author)
    if is_spent:
        reply = without_asking(reply)
    said = context.asking.saying(
        context.tx,
        key,
        question,
        by_words_alone(reply, message),
        considered.referrals,
        considered.wait,
        slot=outbox_rows.FIRST,
    )
    asked = Outcome()
    if is_spent:
        asked = Outcome(reached=(ladder.note_reached(question, Rung.OPEN, context),))
    elif not is_answered:
        asked = ladder.note_asked(
            question, Rung.FIRST, considered.referrals, considered.wait, context
        )
    return replace(said, question=question, decision=kind, asks=asked.asks, reached=asked.reached)


def _reply_alone(
    message: MessagePosted, question: Question, decision: Decision, context: Context
) -> Outcome:
    """Reply to one who asked the bot alone: nobody else hears of it before they say so."""
    reply = by_words_alone(compose_alone(decision, context.now), message)
    # Nobody was asked, and nothing is due by the clock.
    answered = replace(question, state=QuestionState.ANSWERED, experts=())
    # In a thread that had begun before, another one may have been replied to already.
    slot = outbox_rows.FIRST if message.place.thread is None else ""
    said = saying(message_key_of(message), question.place, reply, slot=slot)
    return replace(said, question=answered, decision=decision.kind)


def share(event: QuestionShared, context: Context) -> Outcome:
    """Ask the group what somebody had asked the bot alone."""
    question = conversations.question_in(context.tx, event.place)
    key = question_parts.first_key(context.tx, question) if question else ""
    if (
        question is None
        or question.asker.member_id != event.author.member_id
        or direct_to(event.to)
    ):
        return Outcome()
    if context.leave_to_speak(event.author, event.to) is not Leave.FREE:
        return Outcome(messages=short_word(event, context))
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


def ask_people_after_all(event: AnswerRejected | HelpRequested, context: Context) -> Outcome:
    """Ask people when what was found is not what its asker meant, or not enough for them."""
    question = conversations.question_in(context.tx, event.place)
    shown = receipts.shown_for(context.tx, question.id) if question else ()
    if question is None:
        return saying_alone(event, notices.compose_gone())
    if not may_speak_for(event.author, question.asker, context):
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
    escalated = escalate(event.event_id, question, context)
    return replace(escalated, votes=rejected)


def may_speak_for(author: Author, asker: Author, context: Context) -> bool:
    """Whether somebody may say what a question's asker may: they themselves, and maintainers."""
    return author.member_id == asker.member_id or context.rules.is_maintainer(author)


def escalate(cause: str, question: Question, context: Context) -> Outcome:
    """Ask people when the asker goes on talking under an answer: it did not help."""
    if direct_to(question.place):
        return saying(cause, question.place, compose_share_offer())
    scope = outsiders.scope_for(context.tx, question.place, question.asker)
    referrals: tuple[Referral, ...] = ()
    if context.by_meaning:
        matches = context.search.find_matches(context.tx, scope, question.text, limit=ladder.NEAR)
        known = context.asking.asked_for(context.tx, question)
        referrals = context.asking.choose(
            context.tx,
            question.text,
            question.place,
            question.asker,
            matches=matches,
            mentions=context.asking.named_in(context.tx, question),
            without=known,
        )
    wait = context.asking.wait(context.tx) if referrals else None
    reply = compose_escalation(referrals, wait)
    routed = replace(ladder.with_experts(question, referrals), state=QuestionState.ROUTED)
    asked = ladder.note_asked(routed, Rung.NEXT, referrals, wait, context)
    # Somebody may have answered in vain under the bot's own answer: it is not solved.
    unsolved = ladder.note_reached(question, Rung.UNSOLVED, context)
    return replace(
        context.asking.saying(context.tx, cause, question, reply, referrals, wait),
        question=routed,
        asks=asked.asks,
        reached=(*asked.reached, unsolved),
    )


def ask_for_help(event: HelpRequested, context: Context) -> Outcome:
    """Treat a message as a question after all: its author, or a maintainer, said it is one."""
    is_asked = conversations.question_of(context.tx, event.place.key) is not None
    is_offered = outbox.is_known(context.tx, offer_id(event.place))
    message = first_message(event.place, context)
    if is_asked:
        return ask_people_after_all(event, context)
    if message is None or not is_offered or not has_words(message.text):
        return saying_alone(event, notices.compose_gone())
    if not may_speak_for(event.author, message.author, context):
        return saying_alone(event, notices.compose_askers_only_may_ask(message.author))
    return ask(message, context)


def by_words_alone(reply: Reply, message: MessagePosted) -> Reply:
    """Say what of a question was not taken in."""
    if message.recordings:
        return notices.without_the_recording(reply)
    return notices.without_the_picture(reply) if message.pictures else reply


def offer_id(thread: Place) -> str:
    """Name the offer by the message, so that it is made once."""
    return f"{thread.key}/offer"
