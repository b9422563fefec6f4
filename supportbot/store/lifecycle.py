"""What goes, stays or moves when a message, a place or a member does: in one transaction.

Nothing here knows of the index; `knowledge.revision` tells it that it is out of date.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, update

from supportbot.domain.chat.audiences import audience_of
from supportbot.domain.chat.events import ForgetRequested, MessageDeleted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import (
    Answer,
    Question,
    QuestionState,
    Standing,
    reply_id,
    shared_id,
)
from supportbot.domain.experts.profile import Profile
from supportbot.domain.knowledge import forgetting
from supportbot.domain.knowledge.capture import SOURCE
from supportbot.domain.knowledge.documents import document_id
from supportbot.store import (
    asks,
    conversations,
    identities,
    inbox,
    knowledge,
    messages,
    outbox,
    outsiders,
    places,
    profiles,
    question_parts,
    receipts,
    tombstones,
    votes,
    withdrawal,
)
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a member was forgotten."""

    questions: int
    answers: int
    documents: int


def delete_message(tx: Transaction, place: Place, message_id: str, *, now: datetime) -> None:
    """Remove a message and everything that was learned from it.

    A question goes with its answers and the document. Where an answer goes, and the document
    stood on it, the question is open again.
    """
    message_key = place.message_key(message_id)
    answer = conversations.answer_said_in(tx, message_key)
    if answer is not None:
        question = conversations.question_of(tx, answer.question_id)
        conversations.remove_answer(tx, answer.id)
        if question is not None and answer.standing is Standing.KNOWLEDGE:
            _remove_documents(tx, {document_id(SOURCE, question.id)})
            _reopen(tx, question)
    asked = question_parts.question_begun_by(tx, message_key)
    question_parts.remove(tx, message_key)
    if asked is not None:
        _remove_question(tx, asked)
        withdrawal.withdraw_in(tx, asked.place)
    _delete_what_was_shared(tx, message_key, now=now)
    messages.remove(tx, message_key)
    withdrawal.withdraw_in(tx, place.in_thread(message_id))
    inbox.drop_bodies_of_message(tx, message_key, now=now)


def take_back(
    tx: Transaction,
    mark_id: str,
    member_id: str,
    question: Question | None,
    answer: Answer | None,
) -> bool:
    """Let a mark not count any more, and open what it had solved; False when that was nothing.

    Args:
        tx: A transaction.
        mark_id: Id of the event that the mark came as; it may come again.
        member_id: Whose mark it was.
        question: What it had solved.
        answer: What it had accepted, as it stands from now on.
    """
    inbox.forget(tx, mark_id)
    if question is None:
        return False
    if answer is not None:
        conversations.save_answer(tx, answer)
        if answer.standing is not Standing.KNOWLEDGE:
            _remove_documents(tx, {document_id(SOURCE, question.id)})
    votes.take_back(tx, question.id, member_id)
    _reopen(tx, question)
    return True


def _delete_what_was_shared(tx: Transaction, message_key: str, *, now: datetime) -> None:
    """Let the question go, too, that the bot asked the group in the words of a message."""
    posted = outbox.posted_key(tx, shared_id(message_key))
    if not posted:
        return
    question = conversations.question_of(tx, posted)
    message = inbox.as_it_stands(tx, posted)
    if question is not None and question.place.thread is not None:
        place, message_id = question.place, question.place.thread
    elif message is not None:
        place, message_id = message.place, message.message_id
    else:
        return
    # As if it were told of next: then it is remembered, whether or not it was handled yet.
    event_id = f"{shared_id(message_key)}/deleted"
    gone = MessageDeleted(event_id, replace(place, thread=None), message_id, now)
    inbox.put(tx, gone, now=now)


def delete_place(tx: Transaction, place: Place, *, now: datetime) -> None:
    """Remove everything that was said and learned in a thread, or in a whole channel."""
    if place.thread is None:
        questions = conversations.questions_in_channel(tx, place.channel_key)
        documents = knowledge.documents_in_channel(tx, place.channel_key)
        _remove_documents(tx, documents)
    else:
        question = conversations.question_in(tx, place)
        questions = () if question is None else (question,)
    for one in questions:
        message_key = question_parts.first_key(tx, one)
        _remove_question(tx, one)
        _delete_what_was_shared(tx, message_key, now=now)
    messages.remove_in(tx, place)
    withdrawal.withdraw_in(tx, place)
    inbox.drop_bodies_in(tx, place, now=now)


def move_audience(tx: Transaction, place: Place) -> None:
    """Let everything of a channel be seen by those, and only those, who may see it now."""
    audience = audience_of(place)
    for question in conversations.questions_in_channel(tx, place.channel_key):
        row = tx.get_one(QuestionRow, (tx.community_id, question.id))
        row.audience = audience
        row.place = question.place.with_privacy(
            is_private=place.is_private, is_shared=place.is_shared
        )
        tx.exec(
            update(AnswerRow)
            .where(
                col(AnswerRow.community_id) == tx.community_id,
                col(AnswerRow.question_id) == question.id,
            )
            .values(audience=audience)
        )
    knowledge.move_audience(tx, place)
    inbox.move_audience(tx, place)
    outbox.move_audience(tx, place)


def forget_member(tx: Transaction, author: Author, *, until: datetime, now: datetime) -> Forgotten:
    """Remove what a member said and did until a moment, and let nothing bring it back.

    What others answered stays, without the name. The documents that stood on the member's
    questions are removed here; `handlers` makes them anew from what is left.
    """
    member_id = author.member_id
    _forget_elsewhere(tx, author, until=until, now=now)
    asked = conversations.questions_by(tx, member_id, until=until)
    answered = conversations.answers_by(tx, member_id, until=until)
    documents = {
        found.id
        for found in knowledge.documents_by(tx, member_id)
        if found.said_at is None or found.said_at <= until
    }
    threads = {question.id for question in asked} | {answer.question_id for answer in answered}
    for answer in answered:
        # Also what others said of it: a maintainer may have edited it.
        key = conversations.message_key_of(tx, answer)
        inbox.drop_bodies_of_message(tx, key, now=now)
        conversations.remove_answer(tx, answer.id)
        of = conversations.question_of(tx, answer.question_id)
        if of is not None and answer.standing is Standing.KNOWLEDGE:
            _reopen(tx, of)
    for question in asked:
        documents.add(document_id(SOURCE, question.id))
        withdrawal.withdraw_telling_of(tx, question.place)
        question_parts.save(tx, question.id, ())
        answers = conversations.answers_to(tx, question.id)
        left = forgetting.others_answers(answers, question.asker)
        if not left:
            conversations.remove_question(tx, question.id)
            continue
        conversations.save_question(tx, forgetting.without_asker(question))
        for other in left:
            conversations.save_answer(tx, other)
    for question in conversations.questions_put_to(tx, member_id):
        without = forgetting.without_expert(question, member_id)
        conversations.save_question(tx, without)
    _remove_documents(tx, documents)
    later = inbox.drop_bodies_of_member(tx, member_id, until=until, now=now)
    withdrawal.withdraw_about(tx, author, threads=threads, later=later)
    messages.remove_by(tx, member_id, until=until)
    places.forget_member(tx, member_id)
    outsiders.forget_member(tx, member_id)
    asks.forget_member(tx, member_id, until=until)
    profiles.forget_member(tx, member_id, until=until)
    receipts.forget_member(tx, member_id)
    votes.forget_member(tx, member_id)
    tombstones.put(tx, member_id, until)
    return Forgotten(len(asked), len(answered), len(documents))


def join(tx: Transaction, one: Author, other: Author, *, now: datetime) -> None:
    """Let two identities be one person's, who are asked as they chose it at the other, if there."""
    chosen = profiles.find(tx, other.member_id)
    if chosen is None:
        chosen = profiles.find(tx, one.member_id)
    identities.join(tx, one, other)
    if chosen is not None:
        choose(tx, Profile(one, chosen), now=now)


def choose(tx: Transaction, profile: Profile, *, now: datetime) -> None:
    """Keep what a person chose about being asked, for all of their identities."""
    for author in identities.of_person(tx, profile.author):
        profiles.save(tx, replace(profile, author=author), now=now)


def _forget_elsewhere(tx: Transaction, author: Author, *, until: datetime, now: datetime) -> None:
    """Let the other identities of a person be forgotten as well, each as if they had said it."""
    for other in identities.of_person(tx, author):
        if other.member_id != author.member_id:
            event_id = f"{author.member_id}/forgotten/{until.isoformat()}/{other.member_id}"
            place = Place(other.platform, "", "")
            inbox.put(tx, ForgetRequested(event_id, place, other, until), now=now)
    identities.leave(tx, author.member_id)


def _remove_question(tx: Transaction, question: Question) -> None:
    _remove_documents(tx, {document_id(SOURCE, question.id)})
    withdrawal.withdraw_telling_of(tx, question.place)
    conversations.remove_question(tx, question.id)


def unlearn(tx: Transaction, document_ids: Collection[str]) -> None:
    """Let documents be knowledge no more: nothing on its way quotes them either."""
    _remove_documents(tx, set(document_ids))


def _remove_documents(tx: Transaction, ids: Collection[str]) -> None:
    withdrawal.withdraw_quoting(tx, ids)
    receipts.remove_documents(tx, ids)
    if knowledge.remove_documents(tx, ids):
        knowledge.remove_unused_embeddings(tx)


def _reopen(tx: Transaction, question: Question) -> None:
    """Let a question be open again; one that was solved before anything was said gets its reply.

    One that was asked before the bot came stays in the past.
    """
    row = tx.get_one(QuestionRow, (tx.community_id, question.id))
    message_key = question_parts.first_key(tx, question)
    if not messages.came_in(tx, [message_key]):
        row.state = QuestionState.PAST
        return
    row.state = QuestionState.ROUTED
    if not outbox.is_known(tx, reply_id(message_key)):
        inbox.handle_message_again(tx, message_key)
