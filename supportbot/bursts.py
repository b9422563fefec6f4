"""Several messages that one person writes in a row are one question."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from supportbot.domain import capture
from supportbot.domain.events import MessageDeleted, MessageEdited, MessagePosted, message_key_of
from supportbot.domain.questions import Part, Question, text_of
from supportbot.domain.recognise import has_words
from supportbot.domain.recognition_features import is_courtesy
from supportbot.domain.redaction import redact
from supportbot.outcomes import Outcome
from supportbot.store import conversations, inbox, messages, parts
from supportbot.store.database import Database, Transaction

_MOST = 10
"""Messages before a question that are looked at."""


class Bursts:
    """Says which messages belong to one question, in one community."""

    def __init__(self, community_id: str, database: Database, *, within: timedelta) -> None:
        """Read from this database; `within` is the longest pause. None at all turns it off."""
        self._community_id = community_id
        self._database = database
        self._within = within

    def begun(self, message: MessagePosted) -> Question | None:
        """Give the question that somebody has just begun, and that a message goes on with."""
        of, until = self._community_id, message.posted_at
        if not self._within or message.place.thread or not _says_something(message):
            return None
        with self._database.reading() as tx:
            question = parts.open_question(
                tx,
                of,
                message.author.member_id,
                message.place.channel_key,
                since=until - self._within,
                until=until,
            )
            if question is None or conversations.answers_to(tx, of, question.id):
                return None
        return question

    def joined(self, question: Question, message: MessagePosted) -> Outcome:
        """Make a message a part of a question that was begun before it."""
        with self._database.reading() as tx:
            said = parts.parts_of(tx, self._community_id, question)
        new = _part(message)
        others = [part for part in said if part.message_key != new.message_key]
        return self._made_of(question, (*others, new))

    def edited(self, question: Question, event: MessageEdited) -> Outcome:
        """Let a part of a question, or its only one, say what it says now."""
        with self._database.reading() as tx:
            said = parts.parts_of(tx, self._community_id, question)
        key, text = message_key_of(event), redact(event.text)
        return self._made_of(
            question, [replace(one, text=text) if one.message_key == key else one for one in said]
        )

    def deleted(self, event: MessageDeleted) -> Outcome:
        """Let all that was made of a message go; of a question, only the part that is gone."""
        key = message_key_of(event)
        with self._database.reading() as tx:
            question = parts.question_with(tx, self._community_id, key)
            if question is None or parts.first_key(tx, self._community_id, question) == key:
                return Outcome(effect=event)
            said = parts.parts_of(tx, self._community_id, question)
        left = self._made_of(question, [part for part in said if part.message_key != key])
        return replace(left, effect=event)

    def parts_until(self, message: MessagePosted) -> tuple[Part, ...]:
        """Give what a question is made of: what its asker wrote just before, and itself."""
        own = _part(message)
        if message.place.thread:
            return (own,)
        with self._database.reading() as tx:
            known = conversations.question_of(tx, self._community_id, own.message_key)
            if known is None:
                earlier = [_part(one) for one in self._before(tx, message)] if self._within else ()
                return (*reversed(earlier), own)
            said = parts.parts_of(tx, self._community_id, known)
        # It is none of them yet when it comes after a message of its own thread.
        others = [part for part in said if part.message_key != own.message_key]
        return tuple(sorted((*others, own), key=lambda part: (part.said_at, part.message_key)))

    def _before(self, tx: Transaction, message: MessagePosted) -> Iterator[MessagePosted]:
        """Give what somebody wrote just before, the newest first, until they last asked."""
        of, since = self._community_id, message.posted_at
        keys = messages.said_before(
            tx,
            of,
            message.author.member_id,
            message.place.channel_key,
            since=since - _MOST * self._within,
            until=since,
        )
        for key in keys[:_MOST]:
            if key == message_key_of(message):
                continue
            one = inbox.as_it_stands(tx, of, key)
            is_apart = one is not None and since - one.posted_at > self._within
            if one is None or is_apart or parts.question_with(tx, of, key) is not None:
                return
            since = one.posted_at
            if _says_something(one):
                yield one

    def _made_of(self, question: Question, said: Sequence[Part]) -> Outcome:
        """Let a question, and what was learned from it, say what its parts say."""
        with self._database.reading() as tx:
            answers = conversations.answers_to(tx, self._community_id, question.id)
        taught = capture.taught(answers)
        reworded = replace(question, text=text_of(said))
        documents = () if taught is None else (capture.document_from(reworded, taught),)
        return Outcome(question=reworded, documents=documents, parts=tuple(said))


def _says_something(message: MessagePosted) -> bool:
    return has_words(message.text) and not is_courtesy(message.text)


def _part(message: MessagePosted) -> Part:
    return Part(message_key_of(message), redact(message.text), message.posted_at)
