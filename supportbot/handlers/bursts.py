"""Several messages that one person writes in a row are one question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from supportbot.domain.chat.events import (
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    message_key_of,
)
from supportbot.domain.chat.questions import Part, Question, text_of
from supportbot.domain.knowledge import capture
from supportbot.domain.outcome import Outcome
from supportbot.domain.recognition.follow_ups import Relation, leads_to, relation_to
from supportbot.domain.recognition.kinds import ASKS, asks_probability
from supportbot.domain.redaction.redact import redact
from supportbot.handlers.context import Context
from supportbot.store import conversations, inbox, messages, question_parts

_MOST = 10
"""Messages before a question, and after it, that are looked at."""


def begun(message: MessagePosted, context: Context) -> Question | None:
    """Find the question that somebody has just asked, and that a message goes on with.

    What asks something of its own does not, nor what has nothing to do with it.
    """
    until = message.posted_at
    if not context.burst or message.place.thread:
        return None
    question = question_parts.open_question(
        context.tx,
        message.author.member_id,
        message.place.channel_key,
        since=until - context.burst,
        until=until,
    )
    if question is None or conversations.answers_to(context.tx, question.id):
        return None
    said = question_parts.parts_of(context.tx, question)
    before = text_of([part for part in said if part.said_at <= until])
    is_part = relation_to(before, message.text) is Relation.PART
    return question if is_part else None


def join(question: Question, message: MessagePosted, context: Context) -> Outcome:
    """Make a message a part of a question that was begun before it."""
    said = question_parts.parts_of(context.tx, question)
    own = _part(message)
    parted = {part.message_key: part for part in (*said, own)}
    # What came in before this message, and was too far from the question without it.
    for later in _after(message, text_of(in_order(parted.values())), context):
        parted.setdefault(message_key_of(later), _part(later))
    return _made_of(question, in_order(parted.values()), context)


def edit(question: Question, event: MessageEdited, context: Context) -> Outcome:
    """Let a part of a question, or its only one, say what it says now.

    A part that now asks something of its own is none any more, and is heard as a question.
    """
    key, text = message_key_of(event), redact(event.text)
    said = question_parts.parts_of(context.tx, question)
    is_first = question_parts.first_key(context.tx, question) == key
    posted = inbox.as_it_stands(context.tx, key)
    rest = [part for part in said if part.message_key != key]
    is_own = rest and relation_to(text_of(rest), event.text) is Relation.OWN
    if posted is not None and is_own and not is_first:
        return replace(_made_of(question, rest, context), heard_again=(posted,))
    return _made_of(
        question,
        [replace(one, text=text) if one.message_key == key else one for one in said],
        context,
    )


def delete(event: MessageDeleted, context: Context) -> Outcome:
    """Let all that was made of a message go; of a question, only the part that is gone.

    Where a question goes with its first message, what is left of it is heard by itself.
    """
    key = message_key_of(event)
    question = question_parts.question_with(context.tx, key)
    if question is None:
        return Outcome(effect=event)
    said = question_parts.parts_of(context.tx, question)
    rest = [part for part in said if part.message_key != key]
    if question_parts.first_key(context.tx, question) == key:
        left = [inbox.as_it_stands(context.tx, p.message_key) for p in rest]
        return Outcome(effect=event, heard_again=tuple(one for one in left if one))
    return replace(_made_of(question, rest, context), effect=event)


def parts_until(message: MessagePosted, context: Context) -> tuple[Part, ...]:
    """Return what a question is made of: what its asker wrote close to it, and itself."""
    own = _part(message)
    if message.place.thread:
        return (own,)
    known = conversations.question_of(context.tx, own.message_key)
    if known is not None:
        said = question_parts.parts_of(context.tx, known)
        # It is none of them yet when it comes after a message of its own thread.
        others = [part for part in said if part.message_key != own.message_key]
        return in_order((*others, own))
    if not context.burst:
        return (own,)
    earlier = [_part(one) for one in _before(message, context)]
    later = [_part(one) for one in _after(message, own.text, context)]
    return (*reversed(earlier), own, *later)


def _before(message: MessagePosted, context: Context) -> Iterator[MessagePosted]:
    """Find what leads to a question, the newest first, until its asker last asked."""
    until = message.posted_at
    said = messages.said_between(
        context.tx,
        message.author.member_id,
        message.place.channel_key,
        since=until - _MOST * context.burst,
        until=until,
    )
    latest = until
    for one in _close_by(reversed(said), message, context):
        if latest - one.posted_at > context.burst:
            return
        latest = one.posted_at
        if leads_to(message.text, one.text):
            yield one
        elif _asks(one):
            return


def _after(message: MessagePosted, before: str, context: Context) -> Iterator[MessagePosted]:
    """Find what goes on with a question and was heard before it, the oldest first."""
    since = message.posted_at
    said = messages.said_between(
        context.tx,
        message.author.member_id,
        message.place.channel_key,
        since=since,
        until=since + _MOST * context.burst,
    )
    latest = since
    for one in _close_by(said, message, context):
        if one.posted_at - latest > context.burst:
            return
        match relation_to(before, one.text):
            case Relation.OWN:
                return
            case Relation.PART:
                latest = one.posted_at
                before = f"{before}\n{one.text}"
                yield one
            case Relation.APART:
                continue


def _close_by(
    keys: Iterable[str], message: MessagePosted, context: Context
) -> Iterator[MessagePosted]:
    """Return what somebody wrote beside a message and is part of no question, until one is."""
    own = message_key_of(message)
    for key in islice((key for key in keys if key != own), _MOST):
        one = inbox.as_it_stands(context.tx, key)
        if one is None or question_parts.question_with(context.tx, key) is not None:
            return
        yield one


def _made_of(question: Question, said: Sequence[Part], context: Context) -> Outcome:
    """Let a question, and what was learned from it, say what its parts say."""
    answers = conversations.answers_to(context.tx, question.id)
    taught = capture.taught(answers)
    reworded = replace(question, text=text_of(said))
    documents = () if taught is None else (capture.document_from(reworded, taught),)
    return Outcome(question=reworded, documents=documents, parts=tuple(said))


def in_order(said: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts of a question in the order in which they were written."""
    return tuple(sorted(said, key=lambda part: (part.said_at, part.message_key)))


def _asks(message: MessagePosted) -> bool:
    return asks_probability(message.text) >= ASKS


def _part(message: MessagePosted) -> Part:
    return Part(message_key_of(message), redact(message.text), message.posted_at)
