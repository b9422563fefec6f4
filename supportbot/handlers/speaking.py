"""Who has caused too much already is told so, alone, and not often."""

from dataclasses import replace

from supportbot.domain.chat.allowance import MOST_ALONE, WINDOW, Leave
from supportbot.domain.chat.events import (
    ChannelConfigured,
    Event,
    MessagePosted,
    author_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.outcome import Outcome, saying, saying_alone
from supportbot.domain.replies import notices
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.handlers.context import Context
from supportbot.store import (
    outbox_counts,
    outbox_rows,
)


def word_over_the_limit(
    event: Event, context: Context, *, is_noted: bool
) -> tuple[OutgoingMessage, ...]:
    """Tell somebody who pressed something over their limit, and them alone, what came of it."""
    author = author_of(event)
    if author is None or context.leave_to_speak(author, event.place) is Leave.FREE:
        return ()
    if _words_told(author, context) >= MOST_ALONE:
        return ()
    reply = notices.compose_noted() if is_noted else notices.compose_enough()
    return tuple(replace(m, slot=outbox_rows.WORD) for m in saying_alone(event, reply).messages)


def _words_told(author: Author, context: Context) -> int:
    now = context.now
    return outbox_counts.count_words_for(
        context.tx, author.member_id, since=now - WINDOW, until=now
    )


def short_word(event: Event, context: Context) -> tuple[OutgoingMessage, ...]:
    """Tell somebody who typed a command something, and nobody else, whatever comes of it."""
    author = author_of(event)
    if author is None or _words_told(author, context) >= MOST_ALONE:
        return ()
    is_free = context.leave_to_speak(author, event.place) is Leave.FREE
    is_asked = isinstance(event, MessagePosted) and is_free
    reply = notices.compose_no_question() if is_asked else notices.compose_enough()
    place = event.place
    if isinstance(event, MessagePosted) and place.thread is None:
        place = place.in_thread(event.message_id)
    return saying(event.event_id, place, reply, slot=outbox_rows.WORD).messages


def replying(event: MessagePosted | ChannelConfigured, reply: Reply, context: Context) -> Outcome:
    """Reply to somebody, unless they have caused too much already."""
    if context.leave_to_speak(event.author, event.place) is not Leave.FREE:
        return Outcome()
    place = event.place
    if isinstance(event, MessagePosted) and place.thread is None:
        place = place.in_thread(event.message_id)
    return saying(event.event_id, place, reply)
