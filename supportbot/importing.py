"""History in: what was said before the bot came, from the stream of an export's messages.

It goes in batches, each one transaction. Ids are the platform's, so that it can be stopped at any
moment, continued, and repeated without change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.domain import capture
from supportbot.domain.conversations import (
    Conversations,
    Tally,
    approving,
    as_answer,
    asks,
    gives_thanks,
)
from supportbot.domain.documents import Document
from supportbot.domain.history import PastMessage
from supportbot.domain.places import Place
from supportbot.domain.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.redaction import redact
from supportbot.search import Progress, Search, untold
from supportbot.store import conversations, knowledge, lives, messages, places, tombstones
from supportbot.store.conversations import Asked
from supportbot.store.database import Database, Transaction
from supportbot.store.messages import Said

_AT_ONCE = 2_000
_LETTERS_AT_ONCE = 4_000_000
_DECIDED_AT_ONCE = 200
_SOURCE = "history"
"""A source without documents: its sync embeds what is stored and has no vector yet."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an export holds, and how much of it was new."""

    messages: int
    """By people, where others may read them."""
    questions: int
    """First messages that ask, and that somebody else replied to."""
    answers: int
    """Questions to which somebody else said something."""
    people: int
    """Those who gave these answers."""
    new_messages: int
    learned: int
    """Answers that became knowledge now."""


def import_history(  # noqa: PLR0913 - what is imported, into what, and who is told
    past: Iterable[PastMessage],
    database: Database,
    search: Search,
    community_id: str,
    *,
    is_dry: bool = False,
    on_embedded: Progress = untold,
) -> ImportReport:
    """Bring in what was said.

    1. Who said something, where and when, is noted; questions and replies in threads are kept.
    2. What solved a question becomes knowledge.
    3. What became knowledge is embedded.

    Args:
        past: Messages, each channel's in the order of time.
        database: Where everything is kept.
        search: What makes it findable.
        community_id: Whose history it is.
        is_dry: Only count; store nothing, and load no model.
        on_embedded: Told how many of how many passages are embedded.
    """
    importer = _Importer(database, community_id)
    for batch in _batches(past):
        importer.take(batch, is_dry=is_dry)
    learned = 0
    if not is_dry:
        learned = _learn(database, search, community_id)
        search.sync(community_id, _SOURCE, (), on_embedded)
    tally = importer.tally
    return ImportReport(
        messages=importer.messages,
        questions=tally.questions,
        answers=tally.answers,
        people=tally.people,
        new_messages=importer.new_messages,
        learned=learned,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """A message with the conversation that it belongs to."""

    message: PastMessage
    key: str
    channel_key: str
    conversation: str
    is_question: bool

    @property
    def in_thread(self) -> bool:
        """Say whether the platform marked the conversation."""
        return self.message.place.thread is not None

    @property
    def said(self) -> Said:
        """What is noted of it. Alone it has no conversation until somebody replies."""
        is_alone = not self.in_thread and self.conversation == self.key
        return Said(
            message_key=self.key,
            channel_key=self.channel_key,
            member_id=self.message.author.member_id,
            thread="" if is_alone else self.conversation,
            said_at=self.message.said_at,
        )

    def is_until(self, moment: datetime | None) -> bool:
        """Say whether it was said before its author was forgotten."""
        return moment is not None and self.message.said_at <= moment


class _Importer:
    """Takes batches of messages in the order of time."""

    def __init__(self, database: Database, community_id: str) -> None:
        self._database = database
        self._community_id = community_id
        self._conversations = Conversations()
        self.tally = Tally()
        self.messages = 0
        self.new_messages = 0

    def take(self, batch: Sequence[PastMessage], *, is_dry: bool) -> None:
        """Take the next messages: all of them, or none when it is stopped."""
        told = [self._tell(message) for message in batch if not message.is_bot]
        with self._database.reading() as tx:
            told = self._without_forgotten(tx, self._without_deleted(tx, told))
            new = self._new(tx, told)
        for one in told:
            self.tally.count(one.message, one.conversation, is_question=one.is_question)
        if new and not is_dry:
            with self._database.writing() as tx:
                # Somebody may have been forgotten since.
                self._store(tx, self._without_forgotten(tx, new))
        self.messages += len(told)
        self.new_messages += len(new)

    def _tell(self, message: PastMessage) -> _Told:
        key, conversation = message.key, self._conversations.place(message)
        is_question = conversation == key and asks(message)
        return _Told(message, key, message.place.channel_key, conversation, is_question)

    def _without_deleted(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what the platform has told of as deleted: it, its thread or its channel."""
        keys = {key for one in told for key in (one.key, one.channel_key)}
        threads = {one.conversation for one in told if one.in_thread}
        gone = messages.deleted(tx, self._community_id, keys | threads)
        return [
            one
            for one in told
            if one.key not in gone
            and one.channel_key not in gone
            and not (one.in_thread and one.conversation in gone)
        ]

    def _without_forgotten(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what members had said before they were forgotten."""
        members = {one.message.author.member_id for one in told}
        forgotten = tombstones.forgotten_among(tx, self._community_id, members)
        return [
            one for one in told if not one.is_until(forgotten.get(one.message.author.member_id))
        ]

    def _new(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what is noted, and what came in by itself."""
        of, keys = self._community_id, {one.key for one in told}
        known = messages.known(tx, of, keys)
        known |= messages.came_in(tx, of, keys - known)
        return [one for one in told if one.key not in known]

    def _store(self, tx: Transaction, told: Sequence[_Told]) -> None:
        of = self._community_id
        where = self._note_places(tx, told)
        messages.note(tx, of, [one.said for one in told])
        in_threads = [one for one in told if one.in_thread]
        questions = [
            _question(one.message, where[one.channel_key]) for one in in_threads if one.is_question
        ]
        conversations.put_questions(tx, of, questions)
        asked = conversations.asked(tx, of, {one.conversation for one in in_threads})
        replies = [
            one for one in in_threads if one.conversation in asked and not one.message.is_first
        ]
        answers = [
            (_answer(one.message), one.key)
            for one in replies
            if one.message.author.member_id != asked[one.conversation].asker_id
        ]
        conversations.put_answers(tx, of, answers, asked)
        for one in replies:
            self._follow(tx, one.message, asked[one.conversation])

    def _note_places(self, tx: Transaction, told: Sequence[_Told]) -> dict[str, Place]:
        """Note the channels. An export may close one that was open; it opens none."""
        of, where = self._community_id, {}
        for key, message in {one.channel_key: one.message for one in told}.items():
            place, heard_at = replace(message.place, thread=None), message.said_at
            closed_at = places.closed_elsewhere(tx, of, place)
            if closed_at is not None:
                place, heard_at = place.with_privacy(is_private=True), closed_at
            is_opening = places.as_known(tx, of, place).is_private and not place.is_private
            if not is_opening and places.note(tx, of, place, heard_at):
                lives.move_audience(tx, of, place)
            where[key] = places.as_known(tx, of, place)
        return where

    def _follow(self, tx: Transaction, message: PastMessage, asked: Asked) -> None:
        """Let the asker's ✅, or thanks, say which answer it was."""
        if not asked.is_past:
            return
        of, question_id = self._community_id, message.place.key
        answer: Answer | None = None
        if message.author.member_id != asked.asker_id:
            if asked.asker_id in approving(message):
                answer = as_answer(message, question_id)
        elif gives_thanks(message):
            answer = _last_before(tx, of, question_id, message.said_at)
        if answer is not None and capture.says_something(answer):
            conversations.accept_first(tx, of, answer)


def _batches(past: Iterable[PastMessage]) -> Iterator[list[PastMessage]]:
    """Cut the stream so that a batch fits in memory, whatever is said in it."""
    batch: list[PastMessage] = []
    letters = 0
    for message in past:
        batch.append(message)
        letters += len(message.text)
        if len(batch) == _AT_ONCE or letters > _LETTERS_AT_ONCE:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


def _learn(database: Database, search: Search, community_id: str) -> int:
    """Let what solved the past questions become knowledge; found by words at once."""
    learned, after = 0, ""
    while True:
        with database.writing() as tx:
            questions = conversations.past_questions_with_answers(
                tx, community_id, after=after, limit=_DECIDED_AT_ONCE
            )
            documents = [_learn_from(tx, community_id, question) for question in questions]
            prepared = [
                search.make_findable(document, by_meaning=False).prepared
                for document in documents
                if document is not None
            ]
            knowledge.put_documents(tx, community_id, prepared)
        if not questions:
            return learned
        learned += len(prepared)
        after = questions[-1].id


def _learn_from(tx: Transaction, community_id: str, question: Question) -> Document | None:
    """Choose among the answers about which nobody has decided."""
    answers = [
        answer
        for answer in conversations.answers_to(tx, community_id, question.id)
        if answer.standing is Standing.GIVEN and capture.says_something(answer)
    ]
    accepted = next((answer for answer in answers if answer.is_accepted), None)
    chosen = accepted or capture.choose_answer(answers)
    if chosen is None:
        return None
    taught = replace(chosen, standing=Standing.KNOWLEDGE)
    resolved = replace(question, state=QuestionState.RESOLVED)
    conversations.save_question(tx, community_id, resolved)
    conversations.save_answer(tx, community_id, taught)
    return capture.document_from(resolved, taught)


def _question(message: PastMessage, channel: Place) -> Question:
    return Question(
        place=message.place.with_privacy(is_private=channel.is_private),
        asker=message.author,
        text=redact(message.text),
        asked_at=message.said_at,
        url=message.url,
        state=QuestionState.PAST,
        confidence=0.0,
    )


def _answer(message: PastMessage) -> Answer:
    return replace(as_answer(message, message.place.key), text=redact(message.text))


def _last_before(
    tx: Transaction, community_id: str, question_id: str, moment: datetime
) -> Answer | None:
    """Give the last answer that says something before the asker's thanks."""
    answers = conversations.answers_to(tx, community_id, question_id)
    said = [a for a in answers if a.said_at <= moment and capture.says_something(a)]
    return said[-1] if said else None
