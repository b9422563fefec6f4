"""What somebody wrote: what it is, and what follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import (
    ForgetRequested,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    message_key_of,
    moment_of,
)
from supportbot.domain.chat.places import Place, direct_to
from supportbot.domain.chat.questions import (
    Part,
    Question,
    QuestionState,
    reply_id,
    text_of,
)
from supportbot.domain.experts.routing import TOPIC_IS_MEANT
from supportbot.domain.knowledge.decision import Decision, DecisionKind
from supportbot.domain.outcome import Outcome, saying
from supportbot.domain.recognition.follow_ups import only_complains
from supportbot.domain.recognition.kinds import Known, MessageKind, has_words, recognise, weighed
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies import notices
from supportbot.domain.replies.answers import (
    compose_added,
    compose_alone,
    compose_known,
    compose_more,
)
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.handlers import acceptance, bursts, ladder
from supportbot.handlers.context import Context, first_message, place_as_heard
from supportbot.handlers.members import forget
from supportbot.handlers.questions import ask, by_words_alone, decide_on, escalate, offer_id
from supportbot.handlers.speaking import replying
from supportbot.store import (
    conversations,
    inbox,
    messages,
    outbox,
    outbox_rows,
    places,
    question_parts,
)


def handle(  # noqa: C901, PLR0911, PLR0912 - one for each kind of message
    message: MessagePosted, context: Context
) -> Outcome:
    """Say what a message leads to."""
    key = message_key_of(message)
    if inbox.is_deleted(context.tx, message.place, message.message_id):
        return _deleted(message)
    edit = inbox.last_edit(context.tx, key)
    if _is_known(key, context):
        return Outcome()
    there = conversations.question_of(context.tx, key)
    asked = question_parts.question_begun_by(context.tx, key)
    # People were quicker, also under another message of the thread that it begins.
    if any(one and one.state is QuestionState.RESOLVED for one in (there, asked)):
        return Outcome()
    place = place_as_heard(message, context)
    question = conversations.question_in(context.tx, place)
    listening = places.listening_in(context.tx, place) or context.listening
    message = inbox.as_edited(replace(message, place=place), edit)
    # What was asked stays a question, also when its reply is thought over.
    kind = MessageKind.QUESTION if asked else recognise(message, question)
    is_apart = asked or message.is_command or kind is MessageKind.FORGET_ME
    begun = None if is_apart else bursts.begun(message, context)
    is_heard = listening.hears(is_addressed=message.is_addressed) or bool(direct_to(place))
    unhelped = _unhelped(message, begun, context) if only_complains(message.text) else None
    if unhelped is not None:
        return escalate(message.event_id, unhelped, context)
    if begun is not None:
        is_call = kind in _CALLS - {MessageKind.FAINT} and is_heard
        return _go_on(begun, message, context, is_call=is_call)
    if kind in _CALLS and not is_heard:
        return Outcome()
    match kind:
        case MessageKind.FORGET_ME:
            where = place if place.thread else place.in_thread(message.message_id)
            return forget(
                ForgetRequested(message.event_id, where, message.author, message.posted_at), context
            )
        case MessageKind.QUESTION if _began(place, context):
            return replying(message, notices.compose_unseen(), context)
        case MessageKind.QUESTION:
            return ask(message, context)
        case MessageKind.FURTHER_QUESTION:
            return replying(message, notices.compose_solved_already(), context)
        case MessageKind.PICTURE:
            return replying(message, notices.compose_unreadable(), context)
        case MessageKind.RECORDING:
            return replying(message, notices.compose_unheard(), context)
        case MessageKind.FILE:
            return replying(message, notices.compose_unread_file(), context)
        case MessageKind.MAYBE_QUESTION | MessageKind.FAINT:
            return _weigh(message, kind, context)
        case MessageKind.ANSWER if question is not None:
            return acceptance.keep(message, question, context)
        case MessageKind.THANKS if question and question.state is not QuestionState.RESOLVED:
            return acceptance.offer_to_close(message, question, context)
        case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ANSWERED:
            return escalate(message.event_id, question, context)
        case MessageKind.CALLED:
            return _look_at_thread(message, context)
        case MessageKind.FOLLOW_UP if question and question.state is QuestionState.ROUTED:
            return ladder.hear_unsolved(question, context)
        case _:
            return Outcome()


def _unhelped(message: MessagePosted, begun: Question | None, context: Context) -> Question | None:
    """Find the question to whose answer somebody says, outside its thread, that it is no help.

    Who is alone with the bot means what they asked last.
    """
    if begun is None and direct_to(message.place) and message.place.thread is None:
        until = message.posted_at
        begun = question_parts.open_question(
            context.tx,
            message.author.member_id,
            message.place.channel_key,
            since=until - _REMEMBERED,
            until=until,
        )
    return begun if begun and begun.state is QuestionState.ANSWERED else None


def _go_on(
    question: Question, message: MessagePosted, context: Context, *, is_call: bool
) -> Outcome:
    """Make a message a part of the question before it, and show what is found with both.

    Who asked, and may have asked something else, is told where they are heard.
    """
    key = f"{message_key_of(message)}/more"
    if outbox.is_known(context.tx, reply_id(key)):
        return Outcome()
    outcome = bursts.join(question, message, context)
    if context.leave_to_speak(message.author, message.place) is not Leave.FREE:
        return outcome
    found = _find_more(question, message, outcome.parts, context) if context.by_meaning else None
    if found is not None:
        is_alone = bool(direct_to(question.place))
        compose = compose_alone if is_alone else compose_more
        # What answers the first words is not taken away by what answers the next.
        slot = "" if is_call or question.state is QuestionState.ANSWERED else outbox_rows.FIRST
        said = saying(key, question.place, compose(found, context.now), slot=slot)
    elif is_call:
        is_waiting = question.state is QuestionState.ROUTED
        added = compose_added(is_waiting=is_waiting or not context.by_meaning)
        said = saying(key, question.place, added, slot=_ADDED)
    else:
        return outcome
    return replace(outcome, messages=said.messages)


def _find_more(
    question: Question, message: MessagePosted, said: Sequence[Part], context: Context
) -> Decision | None:
    """Search with all that a question says now, and with what was added; None if it is known.

    Beside an answer, only another answer is worth showing.
    """
    _, before = decide_on(question.text, question.place, question.asker, context)
    known = {match.document_id for match in before.shown}
    for text in (text_of(said), message.text):
        _, decision = decide_on(text, question.place, question.asker, context)
        is_enough = (
            decision.kind is DecisionKind.ANSWER or question.state is not QuestionState.ANSWERED
        )
        is_new = any(match.document_id not in known for match in decision.shown)
        if is_new and is_enough:
            return decision
    return None


def _began(place: Place, context: Context) -> bool:
    """Whether the bot itself began a thread, such as by asking somebody alone."""
    if place.thread is None:
        return False
    return bool(outbox.thread_of(context.tx, place, place.thread))


def _look_at_thread(message: MessagePosted, context: Context) -> Outcome:
    """Treat the first message of a thread as a question: somebody called the bot to it."""
    first = first_message(message.place, context)
    if first is not None and has_words(first.text):
        return ask(replace(first, is_addressed=True), context)
    return replying(message, notices.compose_unseen(), context)


def _weigh(message: MessagePosted, kind: MessageKind, context: Context) -> Outcome:
    """Let what is known decide whether a message asks; show it at once where it may help."""
    decision, known = None, Known.NOT
    if context.by_meaning and not message.is_late:
        _, decision = decide_on(message.text, message.place, message.author, context)
        known = _known_about(message, decision, context)
    kind = weighed(kind, known)
    if kind is MessageKind.QUESTION:
        return ask(message, context)
    if kind is not MessageKind.MAYBE_QUESTION:
        return Outcome()
    if decision is not None and known is Known.PERHAPS:
        return _show_known(message, decision, context)
    return _offer_help(message, context)


def _known_about(message: MessagePosted, decision: Decision, context: Context) -> Known:
    if decision.kind is DecisionKind.ANSWER:
        return Known.STRONGLY
    nearest = context.people.nearest_topic(context.tx, message.text, message.place.platform)
    if nearest >= TOPIC_IS_MEANT:
        return Known.BY_SOMEBODY
    return Known.PERHAPS if decision.kind is DecisionKind.SUGGEST else Known.NOT


def _show_known(message: MessagePosted, decision: Decision, context: Context) -> Outcome:
    """Show what may help whoever may have asked; people are asked only on a press."""
    if context.leave_to_speak(message.author, message.place) is not Leave.FREE:
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
    reply = by_words_alone(compose_known(decision, context.now), message)
    said = saying(message_key_of(message), question.place, reply, slot=outbox_rows.FIRST)
    return replace(said, question=question, decision=decision.kind)


def _offer_help(message: MessagePosted, context: Context) -> Outcome:
    leave = context.leave_to_speak(message.author, message.place)
    if message.is_late or leave is not Leave.FREE:
        return Outcome()
    thread = message.place.in_thread(message.message_id)
    offer = OutgoingMessage(offer_id(thread), thread, notices.compose_help_offer())
    return Outcome(messages=(offer,))


def handle_edit(event: MessageEdited, context: Context) -> Outcome:
    """Let the question or the answer that was edited, and its document, say the same."""
    key = message_key_of(event)
    if inbox.is_deleted(context.tx, event.place, event.message_id):
        return _deleted(event)
    latest = inbox.last_edit(context.tx, key) or event
    answer = conversations.answer_said_in(context.tx, key)
    question = (
        conversations.question_of(context.tx, answer.question_id)
        if answer
        else question_parts.question_with(context.tx, key)
    )
    if question is None:
        return _hear_call(latest, context)
    if not has_words(latest.text):
        return bursts.delete(_gone(event), context)
    if answer is not None:
        return acceptance.edit(question, answer, latest, context)
    reworded = bursts.edit(question, replace(event, text=latest.text), context)
    return acceptance.asked_anew(question, reworded, context)


def _hear_call(edit: MessageEdited, context: Context) -> Outcome:
    """Handle a message anew that an edit has made a call, as if it had been posted so.

    However often it is edited, it is replied to once: its reply is named by the message.
    """
    key = message_key_of(edit)
    posted = inbox.as_it_stands(context.tx, key)
    if posted is None and not edit.is_addressed:
        return Outcome()
    message = posted or _posted_as(edit)
    message = replace(message, place=place_as_heard(message, context))
    there = conversations.question_of(context.tx, key) or conversations.question_in(
        context.tx, message.place
    )
    is_joined = messages.is_replied_to(context.tx, key, besides=message.author.member_id)
    listening = places.listening_in(context.tx, message.place) or context.listening
    # Who has an answer already, or talks to others, has not waited for the bot.
    if is_joined and not edit.is_addressed:
        return Outcome()
    is_heard = listening.hears(is_addressed=message.is_addressed) or direct_to(message.place)
    is_call = there is None and recognise(message, None) in _CALLS and has_words(message.text)
    return Outcome(heard_again=(message,)) if is_call and is_heard else Outcome()


def _is_known(message_key: str, context: Context) -> bool:
    """Whether a message was handled already, as another event.

    Some platforms deliver one post as a message and as a mention. A question whose reply was
    taken back, to be thought over, is not known.
    """
    return conversations.answer_said_in(context.tx, message_key) is not None or outbox.is_known(
        context.tx, reply_id(message_key)
    )


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
