"""Questions that members asked, and the answers that people gave."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, ForeignKeyConstraint, Index, Session, SQLModel, col, select

from supportbot.domain.events import Author
from supportbot.domain.places import Place, audience_of
from supportbot.domain.questions import Answer, Question, QuestionState
from supportbot.store.columns import Json, UtcDateTime


class QuestionRow(SQLModel, table=True):
    """What a member asked."""

    __tablename__ = "question"
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    audience: str
    place: Any = Field(sa_column=Column(Json(Place), nullable=False))
    asker: Any = Field(sa_column=Column(Json(Author), nullable=False))
    text: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    url: str
    state: str
    confidence: float
    experts: Any = Field(sa_column=Column(Json(tuple[str, ...]), nullable=False))


class AnswerRow(SQLModel, table=True):
    """A person's reply in a question's thread."""

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "question_id"],
            ["question.community_id", "question.id"],
            ondelete="CASCADE",
        ),
        Index("answer_by_question", "community_id", "question_id", "said_at"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    audience: str
    question_id: str
    author: Any = Field(sa_column=Column(Json(Author), nullable=False))
    text: str
    said_at: datetime = Field(sa_type=UtcDateTime)
    url: str
    is_accepted: bool


def save_question(tx: Session, community_id: str, question: Question) -> None:
    """Store a question, in place of what it was before."""
    tx.merge(
        QuestionRow(
            community_id=community_id,
            id=question.id,
            audience=audience_of(question.place),
            place=question.place,
            asker=question.asker,
            text=question.text,
            asked_at=question.asked_at,
            url=question.url,
            state=question.state,
            confidence=question.confidence,
            experts=question.experts,
        )
    )


def save_answer(tx: Session, community_id: str, answer: Answer) -> None:
    """Store an answer, in place of what it was before, for the audience of its question."""
    question = tx.get_one(QuestionRow, (community_id, answer.question_id))
    tx.merge(
        AnswerRow(
            community_id=community_id,
            id=answer.id,
            audience=question.audience,
            question_id=answer.question_id,
            author=answer.author,
            text=answer.text,
            said_at=answer.said_at,
            url=answer.url,
            is_accepted=answer.is_accepted,
        )
    )


def question_in(tx: Session, community_id: str, place: Place) -> Question | None:
    """Find the question whose thread a place is."""
    row = tx.get(QuestionRow, (community_id, place.key))
    return None if row is None else _question(row)


def answers_to(tx: Session, community_id: str, question_id: str) -> tuple[Answer, ...]:
    """Read the answers to a question, oldest first."""
    rows = tx.exec(
        select(AnswerRow)
        .where(AnswerRow.community_id == community_id, AnswerRow.question_id == question_id)
        .order_by(col(AnswerRow.said_at), col(AnswerRow.id))
    )
    return tuple(
        Answer(
            id=row.id,
            question_id=row.question_id,
            author=row.author,
            text=row.text,
            said_at=row.said_at,
            url=row.url,
            is_accepted=row.is_accepted,
        )
        for row in rows
    )


def _question(row: QuestionRow) -> Question:
    return Question(
        place=row.place,
        asker=row.asker,
        text=row.text,
        asked_at=row.asked_at,
        url=row.url,
        state=QuestionState(row.state),
        confidence=row.confidence,
        experts=row.experts,
    )
