"""What a question is made of, when its asker wrote it as several messages in a row."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, Index, SQLModel, col, delete, select

from supportbot.domain.chat.questions import Part, Question, QuestionState
from supportbot.store import conversations
from supportbot.store.conversations import QuestionRow, of_question
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class PartRow(SQLModel, table=True):
    """One message of a question. One that is its thread's first message alone may have none."""

    __tablename__ = "question_part"
    __table_args__ = (
        of_question(),
        Index("question_part_by_question", "community_id", "question_id", "said_at"),
    )
    community_id: str = Field(primary_key=True)
    message_key: str = Field(primary_key=True)
    question_id: str
    text: str
    said_at: datetime = Field(sa_type=UtcDateTime)


def save(tx: Transaction, question_id: str, parts: Sequence[Part]) -> None:
    """Keep what a question is made of, in place of what it was before."""
    tx.exec(
        delete(PartRow).where(
            col(PartRow.community_id) == tx.community_id, col(PartRow.question_id) == question_id
        )
    )
    for part in parts:
        tx.merge(
            PartRow(
                community_id=tx.community_id,
                message_key=part.message_key,
                question_id=question_id,
                text=part.text,
                said_at=part.said_at,
            )
        )


def parts_of(tx: Transaction, question: Question) -> tuple[Part, ...]:
    """Return what a question is made of, in the order of time: itself, if of one message."""
    key = {"community_id": tx.community_id, "question_id": question.id}
    parts = tuple(Part(*row) for row in connection_of(tx).execute(_PARTS_OF, key))
    return parts or (Part(question.id, question.text, question.asked_at),)


def question_with(tx: Transaction, message_key: str) -> Question | None:
    """Return the question of which a message is a part, or the whole, or whose thread it begins."""
    key = {"community_id": tx.community_id, "message_key": message_key}
    question_id = connection_of(tx).scalar(_QUESTION_WITH, key)
    return conversations.question_of(tx, question_id or message_key)


_PARTS_OF = (
    select_columns(col(PartRow.message_key), col(PartRow.text), col(PartRow.said_at))
    .where(
        col(PartRow.community_id) == bindparam("community_id"),
        col(PartRow.question_id) == bindparam("question_id"),
    )
    .order_by(col(PartRow.said_at), col(PartRow.message_key))
)
_QUESTION_WITH = select_columns(col(PartRow.question_id)).where(
    col(PartRow.community_id) == bindparam("community_id"),
    col(PartRow.message_key) == bindparam("message_key"),
)


def question_begun_by(tx: Transaction, message_key: str) -> Question | None:
    """Return the question that a message is, whether or not there are further parts of it."""
    question = question_with(tx, message_key)
    is_first = question and first_key(tx, question) == message_key
    return question if is_first else None


def first_key(tx: Transaction, question: Question) -> str:
    """Name the message that a question is: what is said about it is named by that.

    It begins the thread of the question, but for one that was asked in a thread that had begun
    before: that is made of this one message.
    """
    keys = [part.message_key for part in parts_of(tx, question)]
    return question.id if question.id in keys else keys[0]


def remove(tx: Transaction, message_key: str) -> None:
    """Keep nothing of a message that was a part of a question."""
    row = tx.get(PartRow, (tx.community_id, message_key))
    if row is not None:
        tx.delete(row)


def open_question(
    tx: Transaction,
    member_id: str,
    channel_key: str,
    *,
    since: datetime,
    until: datetime,
) -> Question | None:
    """Find the open question that somebody asked last, if a part of it is between two moments."""
    id_ = tx.exec(
        select(QuestionRow.id)
        .where(
            QuestionRow.community_id == tx.community_id,
            QuestionRow.asker_id == member_id,
            QuestionRow.channel_key == channel_key,
            col(QuestionRow.state).in_([QuestionState.ANSWERED, QuestionState.ROUTED]),
            col(QuestionRow.asked_at) <= until,
        )
        .order_by(col(QuestionRow.asked_at).desc())
        .limit(1)
    ).first()
    question = conversations.question_of(tx, id_) if id_ else None
    if question is None:
        return None
    moments = [part.said_at for part in parts_of(tx, question)]
    return question if any(since <= moment <= until for moment in moments) else None
