"""Several messages that one person writes in a row are one question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
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
from supportbot.store import conversations, inbox, messages, question_parts
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction

_MOST = 10
"""Messages before a question, and after it, that are looked at."""


class Bursts:
    """Says which messages belong to one question, in one community.

    It depends on the words and on the platform's moments, and not on when, in which order or how
    often the bot heard of them.
    """

    def __init__(self, database: Database, *, within: timedelta) -> None:
        """Read from this database; `within` is the longest pause. None at all turns it off."""
        self._database = database
        self._within = within

    def begun(self, message: MessagePosted) -> Question | None:
        """Find the question that somebody has just asked, and that a message goes on with.

        What asks something of its own does not, nor what has nothing to do with it.
        """
        until = message.posted_at
        if not self._within or message.place.thread:
            return None
        with self._database.reading() as tx:
            question = question_parts.open_question(
                tx,
                message.author.member_id,
                message.place.channel_key,
                since=until - self._within,
                until=until,
            )
            if question is None or conversations.answers_to(tx, question.id):
                return None
            said = question_parts.parts_of(tx, question)
        before = text_of([part for part in said if part.said_at <= until])
        is_part = relation_to(before, message.text) is Relation.PART
        return question if is_part else None

    def joined(self, question: Question, message: MessagePosted) -> Outcome:
        """Make a message a part of a question that was begun before it."""
        with self._database.reading() as tx:
            said = question_parts.parts_of(tx, question)
            own = _part(message)
            parted = {part.message_key: part for part in (*said, own)}
            # What came in before this message, and was too far from the question without it.
            for later in self._after(tx, message, text_of(in_order(parted.values()))):
                parted.setdefault(message_key_of(later), _part(later))
        return self._made_of(question, in_order(parted.values()))

    def edited(self, question: Question, event: MessageEdited) -> Outcome:
        """Let a part of a question, or its only one, say what it says now.

        A part that now asks something of its own is none any more, and is heard as a question.
        """
        key, text = message_key_of(event), redact(event.text)
        with self._database.reading() as tx:
            said = question_parts.parts_of(tx, question)
            is_first = question_parts.first_key(tx, question) == key
            posted = inbox.as_it_stands(tx, key)
        rest = [part for part in said if part.message_key != key]
        is_own = rest and relation_to(text_of(rest), event.text) is Relation.OWN
        if posted is not None and is_own and not is_first:
            return replace(self._made_of(question, rest), heard_again=(posted,))
        return self._made_of(
            question, [replace(one, text=text) if one.message_key == key else one for one in said]
        )

    def deleted(self, event: MessageDeleted) -> Outcome:
        """Let all that was made of a message go; of a question, only the part that is gone.

        Where a question goes with its first message, what is left of it is heard by itself.
        """
        key = message_key_of(event)
        with self._database.reading() as tx:
            question = question_parts.question_with(tx, key)
            if question is None:
                return Outcome(effect=event)
            said = question_parts.parts_of(tx, question)
            rest = [part for part in said if part.message_key != key]
            if question_parts.first_key(tx, question) == key:
                left = [inbox.as_it_stands(tx, p.message_key) for p in rest]
                return Outcome(effect=event, heard_again=tuple(one for one in left if one))
        return replace(self._made_of(question, rest), effect=event)

    def parts_until(self, message: MessagePosted) -> tuple[Part, ...]:
        """Return what a question is made of: what its asker wrote close to it, and itself."""
        own = _part(message)
        if message.place.thread:
            return (own,)
        with self._database.reading() as tx:
            known = conversations.question_of(tx, own.message_key)
            if known is not None:
                said = question_parts.parts_of(tx, known)
                # It is none of them yet when it comes after a message of its own thread.
                others = [part for part in said if part.message_key != own.message_key]
                return in_order((*others, own))
            if not self._within:
                return (own,)
            earlier = [_part(one) for one in self._before(tx, message)]
            later = [_part(one) for one in self._after(tx, message, own.text)]
        return (*reversed(earlier), own, *later)

    def _before(self, tx: Transaction, message: MessagePosted) -> Iterator[MessagePosted]:
        """Find what leads to a question, the newest first, until its asker last asked."""
        until = message.posted_at
        said = messages.said_between(
            tx,
            message.author.member_id,
            message.place.channel_key,
            since=until - _MOST * self._within,
            until=until,
        )
        latest = until
        for one in self._close_by(tx, reversed(said), message):
            if latest - one.posted_at > self._within:
                return
            latest = one.posted_at
            if leads_to(message.text, one.text):
                yield one
            elif _asks(one):
                return

    def _after(
        self, tx: Transaction, message: MessagePosted, before: str
    ) -> Iterator[MessagePosted]:
        """Find what goes on with a question and was heard before it, the oldest first."""
        since = message.posted_at
        said = messages.said_between(
            tx,
            message.author.member_id,
            message.place.channel_key,
            since=since,
            until=since + _MOST * self._within,
        )
        latest = since
        for one in self._close_by(tx, said, message):
            if one.posted_at - latest > self._within:
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
        self, tx: Transaction, keys: Iterable[str], message: MessagePosted
    ) -> Iterator[MessagePosted]:
        """Return what somebody wrote beside a message and is part of no question, until one is."""
        own = message_key_of(message)
        for key in islice((key for key in keys if key != own), _MOST):
            one = inbox.as_it_stands(tx, key)
            if one is None or question_parts.question_with(tx, key) is not None:
                return
            yield one

    def _made_of(self, question: Question, said: Sequence[Part]) -> Outcome:
        """Let a question, and what was learned from it, say what its parts say."""
        with self._database.reading() as tx:
            answers = conversations.answers_to(tx, question.id)
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
