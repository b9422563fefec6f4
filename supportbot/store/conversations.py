"""Questions that members asked, and the answers that people gave."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Text, bindparam, exists, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import (
    Field,
    ForeignKeyConstraint,
    Index,
    SQLModel,
    col,
    func,
    insert,
    select,
    update,
)

from supportbot.domain.chat.audiences import audience_of
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import Json, UtcDateTime
from supportbot.store.engine.statements import connection_of, put_into, table_of
from supportbot.store.engine.transaction import Transaction


class QuestionRow(SQLModel, table=True):
    """What a member asked."""

    __tablename__ = "question"
    __table_args__ = (
        Index("question_by_asker", "community_id", "asker_id"),
        Index("question_by_channel", "community_id", "channel_key"),
        Index("question_by_state", "community_id", "state", "asked_at"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    audience: str
    channel_key: str
    place: Any = Field(sa_column=Column(Json(Place), nullable=False))
    asker_id: str
    asker: Any = Field(sa_column=Column(Json(Author), nullable=False))
    text: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    url: str
    state: str
    confidence: float
    experts: Any = Field(sa_column=Column(Json(tuple[str, ...]), nullable=False))


def of_question() -> ForeignKeyConstraint:
    """Let a row belong to its question, by `question_id`, and go with it."""
    return ForeignKeyConstraint(
        ["community_id", "question_id"],
        ["question.community_id", "question.id"],
        ondelete="CASCADE",
    )


class AnswerRow(SQLModel, table=True):
    """A person's reply in a question's thread."""

    __tablename__ = "answer"
    __table_args__ = (
        of_question(),
        Index("answer_by_question", "community_id", "question_id", "said_at"),
        Index("answer_by_message", "community_id", "message_key"),
        Index("answer_by_author", "community_id", "author_id"),
        Index("answer_by_standing", "community_id", "standing"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    audience: str
    question_id: str
    message_key: str
    author_id: str
    author: Any = Field(sa_column=Column(Json(Author), nullable=False))
    text: str
    said_at: datetime = Field(sa_type=UtcDateTime)
    url: str
    is_accepted: bool
    standing: str = Standing.GIVEN
    reason: str = ""
    approved: str = ""
    proposed: str = ""
    is_reworded: bool = False
    asked_as: str = ""
    from_history: bool = False


def save_question(tx: Transaction, question: Question) -> None:
    """Store a question, in place of what it was before."""
    connection_of(tx).execute(_PUT_QUESTION, _question_values(tx.community_id, question))


def save_answer(tx: Transaction, answer: Answer) -> None:
    """Store an answer, in place of what it was before, for the audience of its question."""
    question = tx.get_one(QuestionRow, (tx.community_id, answer.question_id))
    tx.merge(
        AnswerRow(
            community_id=tx.community_id,
            id=answer.id,
            audience=question.audience,
            question_id=answer.question_id,
            message_key=question.place.message_key(answer.id.removeprefix(f"{question.id}/")),
            author_id=answer.author.member_id,
            author=answer.author,
            text=answer.text,
            said_at=answer.said_at,
            url=answer.url,
            is_accepted=answer.is_accepted,
            standing=answer.standing,
            reason=answer.reason,
            approved=answer.approved,
            proposed=answer.proposed,
            is_reworded=answer.is_reworded,
            asked_as=answer.asked_as,
            from_history=answer.from_history,
        )
    )


def question_in(tx: Transaction, place: Place) -> Question | None:
    """Find the question whose thread a place is."""
    return question_of(tx, place.key)


def answers_to(tx: Transaction, question_id: str) -> tuple[Answer, ...]:
    """Read the answers to a question, oldest first."""
    key = {"community_id": tx.community_id, "question_id": question_id}
    return tuple(_answer(row) for row in connection_of(tx).execute(_ANSWERS_TO, key))


def answer_said_in(tx: Transaction, message_key: str) -> Answer | None:
    """Find the answer that a message is."""
    key = {"community_id": tx.community_id, "message_key": message_key}
    row = connection_of(tx).execute(_ANSWER_SAID_IN, key).first()
    return None if row is None else _answer(row)


def message_key_of(tx: Transaction, answer: Answer) -> str:
    """Name the message that an answer is."""
    return tx.get_one(AnswerRow, (tx.community_id, answer.id)).message_key


def question_of(tx: Transaction, question_id: str) -> Question | None:
    """Find a question by its id."""
    key = {"community_id": tx.community_id, "id": question_id}
    row = connection_of(tx).execute(_QUESTION, key).first()
    return None if row is None else _question(row)


def questions_by(
    tx: Transaction, member_id: str, *, until: datetime | None = None
) -> tuple[Question, ...]:
    """Read what a member asked, oldest first; until a moment, where one is given."""
    found = _questions(tx, QuestionRow.asker_id == member_id)
    return tuple(question for question in found if until is None or question.asked_at <= until)


def open_questions_by(tx: Transaction, member_id: str) -> tuple[Question, ...]:
    """Read the questions of a member for which people are asked, oldest first."""
    is_theirs = col(QuestionRow.asker_id) == member_id
    is_routed = col(QuestionRow.state) == QuestionState.ROUTED
    return _questions(tx, is_theirs & is_routed)


def questions_in_channel(tx: Transaction, channel_key: str) -> tuple[Question, ...]:
    """Read what was asked in a channel, oldest first."""
    return _questions(tx, QuestionRow.channel_key == channel_key)


def open_questions(tx: Transaction, *, answered_since: datetime) -> tuple[Question, ...]:
    """Read the questions for which people are asked, oldest first.

    So are those that the bot answered, since a moment: they may need people yet.
    """
    asked_at = col(QuestionRow.asked_at)
    is_routed = col(QuestionRow.state) == QuestionState.ROUTED
    is_answered = col(QuestionRow.state) == QuestionState.ANSWERED
    condition = is_routed | (is_answered & (asked_at >= answered_since))
    return _questions(tx, condition)


def end_asking(tx: Transaction, place: Place) -> None:
    """Let nobody else be asked about what is open in a thread, a channel or a workspace."""
    if place.thread is not None:
        is_there = col(QuestionRow.id) == place.key
    elif place.channel:
        is_there = col(QuestionRow.channel_key) == place.channel_key
    else:
        is_there = col(QuestionRow.channel_key).startswith(place.workspace_key, autoescape=True)
    is_open = col(QuestionRow.state).in_([QuestionState.ROUTED, QuestionState.ANSWERED])
    tx.exec(
        update(QuestionRow)
        .where(col(QuestionRow.community_id) == tx.community_id, is_there, is_open)
        .values(state=QuestionState.EXPIRED)
    )


def questions_put_to(tx: Transaction, member_id: str) -> tuple[Question, ...]:
    """Read the questions that a member was asked to help with, oldest first."""
    text = type_coerce(QuestionRow.experts, Text)
    asked = text.contains(json.dumps(member_id, ensure_ascii=False), autoescape=True)
    found = _questions(tx, asked)
    return tuple(question for question in found if member_id in question.experts)


def answers_by(
    tx: Transaction, member_id: str, *, until: datetime | None = None
) -> tuple[Answer, ...]:
    """Read what a member answered, oldest first; until a moment, where one is given."""
    found = _answers(tx, AnswerRow.author_id == member_id)
    return tuple(answer for answer in found if until is None or answer.said_at <= until)


def last_answers_by(tx: Transaction, member_id: str, *, limit: int) -> tuple[Answer, ...]:
    """Read the last answers of a member, the latest first."""
    rows = tx.exec(
        select(AnswerRow)
        .where(AnswerRow.community_id == tx.community_id, AnswerRow.author_id == member_id)
        .order_by(col(AnswerRow.said_at).desc(), col(AnswerRow.id))
        .limit(limit)
    )
    return tuple(_answer(row) for row in rows)


def has_answered(tx: Transaction, question_id: str, member_id: str) -> bool:
    """Whether a member has answered a question."""
    query = select(AnswerRow.id).where(
        AnswerRow.community_id == tx.community_id,
        AnswerRow.question_id == question_id,
        AnswerRow.author_id == member_id,
    )
    return tx.exec(query.limit(1)).first() is not None


def answers_waiting(tx: Transaction) -> tuple[Answer, ...]:
    """Read the answers that somebody has to look at, or at what became of them, oldest first."""
    waits = col(AnswerRow.standing) == Standing.WAITING
    return _answers(tx, waits | (col(AnswerRow.proposed) != ""))


def answers_decided(tx: Transaction) -> tuple[Answer, ...]:
    """Read the answers that are shown, and those that were taken back or dropped, oldest first."""
    standing = col(AnswerRow.standing)
    return _answers(tx, standing.in_([Standing.KNOWLEDGE, Standing.DROPPED]))


def count_accepted(tx: Transaction, member_id: str) -> int:
    """Count the answers of a member that were accepted."""
    query = select(func.count()).where(
        AnswerRow.community_id == tx.community_id,
        AnswerRow.author_id == member_id,
        col(AnswerRow.is_accepted).is_(True),
    )
    return tx.exec(query).one()


def answer_at(tx: Transaction, url: str, standing: Standing) -> Answer | None:
    """Find the answer to which a link leads, or to the question of which it does."""
    at = url.partition("?")[0]
    ends = (col(QuestionRow.url), col(AnswerRow.url))
    leads = [(end == at) | end.startswith(f"{at}?", autoescape=True) for end in ends]
    row = tx.exec(
        select(AnswerRow)
        .join(
            QuestionRow,
            (col(AnswerRow.community_id) == col(QuestionRow.community_id))
            & (col(AnswerRow.question_id) == col(QuestionRow.id)),
        )
        .where(
            AnswerRow.community_id == tx.community_id,
            AnswerRow.standing == standing,
            leads[0] | leads[1],
        )
        .order_by(col(AnswerRow.said_at).desc())
        .limit(1)
    ).first()
    return None if row is None or not at else _answer(row)


def askers_helped(
    tx: Transaction, member_ids: Collection[str], *, without: str = ""
) -> frozenset[str]:
    """Find who asked what accepted answers of some members have solved; `without` one answer."""
    query = (
        select(QuestionRow.asker_id)
        .join(
            AnswerRow,
            (col(AnswerRow.community_id) == col(QuestionRow.community_id))
            & (col(AnswerRow.question_id) == col(QuestionRow.id)),
        )
        .where(
            AnswerRow.community_id == tx.community_id,
            col(AnswerRow.author_id).in_(member_ids),
            col(AnswerRow.is_accepted).is_(True),
            AnswerRow.id != without,
            QuestionRow.asker_id != "",
        )
    )
    return frozenset(tx.exec(query.distinct()))


def count_answered(tx: Transaction, member_id: str) -> int:
    """Count the questions that a member has answered."""
    query = select(func.count(func.distinct(AnswerRow.question_id))).where(
        AnswerRow.community_id == tx.community_id, AnswerRow.author_id == member_id
    )
    return tx.exec(query).one()


def remove_question(tx: Transaction, question_id: str) -> None:
    """Remove a question with all answers to it."""
    row = tx.get(QuestionRow, (tx.community_id, question_id))
    if row is not None:
        tx.delete(row)
        tx.flush()


def remove_answer(tx: Transaction, answer_id: str) -> None:
    """Remove an answer."""
    row = tx.get(AnswerRow, (tx.community_id, answer_id))
    if row is not None:
        tx.delete(row)
        tx.flush()


@dataclass(frozen=True, slots=True)
class Asked:
    """What replies need to know of the question that they belong to."""

    asker_id: str
    audience: str
    is_past: bool


def asked(tx: Transaction, ids: Collection[str]) -> dict[str, Asked]:
    """Return of each question that there is who asked it, and for whom."""
    found = {}
    for some in in_batches(ids):
        query = select(
            QuestionRow.id, QuestionRow.asker_id, QuestionRow.audience, QuestionRow.state
        ).where(QuestionRow.community_id == tx.community_id, col(QuestionRow.id).in_(some))
        for id_, asker_id, audience, state in tx.exec(query):
            found[id_] = Asked(asker_id, audience, state == QuestionState.PAST)
    return found


def put_questions(tx: Transaction, questions: Sequence[Question]) -> None:
    """Store many questions; those that are there stay as they are."""
    rows = [_question_values(tx.community_id, question) for question in questions]
    if rows:
        tx.execute(insert(QuestionRow).prefix_with("OR IGNORE"), rows)


def put_answers(
    tx: Transaction,
    answers: Sequence[tuple[Answer, str]],
    known: Mapping[str, Asked],
) -> None:
    """Store many answers, each with its message's key; those that are there stay as they are."""
    rows = [
        {
            "community_id": tx.community_id,
            "id": answer.id,
            "audience": known[answer.question_id].audience,
            "question_id": answer.question_id,
            "message_key": message_key,
            "author_id": answer.author.member_id,
            "author": answer.author,
            "text": answer.text,
            "said_at": answer.said_at,
            "url": answer.url,
            "is_accepted": answer.is_accepted,
            "standing": answer.standing,
            "reason": answer.reason,
            "approved": answer.approved,
            "proposed": answer.proposed,
            "is_reworded": answer.is_reworded,
            "asked_as": answer.asked_as,
            "from_history": answer.from_history,
        }
        for answer, message_key in answers
    ]
    if rows:
        tx.execute(insert(AnswerRow).prefix_with("OR IGNORE"), rows)


def accept_first(tx: Transaction, answer: Answer) -> None:
    """Mark an answer as accepted, unless the question has an accepted one."""
    answered = (
        col(AnswerRow.community_id) == tx.community_id,
        col(AnswerRow.question_id) == answer.question_id,
    )
    accepted = select(AnswerRow.id).where(*answered, col(AnswerRow.is_accepted).is_(True))
    if tx.exec(accepted.limit(1)).first() is None:
        tx.exec(
            update(AnswerRow)
            .where(*answered, col(AnswerRow.id) == answer.id)
            .values(is_accepted=True)
        )


def question_ids(tx: Transaction, *, after: str, limit: int) -> tuple[str, ...]:
    """Read the ids of questions that come after an id, in their order."""
    query = (
        select(QuestionRow.id)
        .where(QuestionRow.community_id == tx.community_id, QuestionRow.id > after)
        .order_by(col(QuestionRow.id))
    )
    return tuple(tx.exec(query.limit(limit)))


def call_wrong(tx: Transaction, answer: Answer, reason: str) -> None:
    """Note why an answer is not chosen that nobody has accepted or decided about."""
    tx.exec(
        update(AnswerRow)
        .where(
            col(AnswerRow.community_id) == tx.community_id,
            col(AnswerRow.id) == answer.id,
            col(AnswerRow.standing) == Standing.GIVEN,
            col(AnswerRow.is_accepted).is_(False),
        )
        .values(reason=reason)
    )


def past_questions_with_answers(tx: Transaction, *, after: str, limit: int) -> tuple[Question, ...]:
    """Read questions from before the bot came to which somebody replied, in the order of ids."""
    has_answer = exists().where(
        col(AnswerRow.community_id) == QuestionRow.community_id,
        col(AnswerRow.question_id) == QuestionRow.id,
    )
    rows = tx.exec(
        select(QuestionRow)
        .where(
            QuestionRow.community_id == tx.community_id,
            QuestionRow.state == QuestionState.PAST,
            QuestionRow.id > after,
            has_answer,
        )
        .order_by(col(QuestionRow.id))
        .limit(limit)
    )
    return tuple(_question(row) for row in rows)


def _questions(tx: Transaction, condition: object) -> tuple[Question, ...]:
    query = select(QuestionRow).where(
        QuestionRow.community_id == tx.community_id,
        condition,  # type: ignore[arg-type]  # a column expression
    )
    rows = tx.exec(query.order_by(col(QuestionRow.asked_at), col(QuestionRow.id)))
    return tuple(_question(row) for row in rows)


def _answers(tx: Transaction, condition: object) -> tuple[Answer, ...]:
    query = select(AnswerRow).where(
        AnswerRow.community_id == tx.community_id,
        condition,  # type: ignore[arg-type]  # a column expression
    )
    rows = tx.exec(query.order_by(col(AnswerRow.said_at), col(AnswerRow.id)))
    return tuple(_answer(row) for row in rows)


def _question_values(community_id: str, question: Question) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "id": question.id,
        "audience": audience_of(question.place),
        "channel_key": question.place.channel_key,
        "place": question.place,
        "asker_id": question.asker.member_id if question.asker.user_id else "",
        "asker": question.asker,
        "text": question.text,
        "asked_at": question.asked_at,
        "url": question.url,
        "state": question.state,
        "confidence": question.confidence,
        "experts": question.experts,
    }


_QUESTIONS, _ANSWERS = table_of(QuestionRow), table_of(AnswerRow)
_PUT_QUESTION = put_into(_QUESTIONS)
_QUESTION = select_columns(_QUESTIONS).where(
    _QUESTIONS.c.community_id == bindparam("community_id"), _QUESTIONS.c.id == bindparam("id")
)
_ANSWERS_TO = (
    select_columns(_ANSWERS)
    .where(
        _ANSWERS.c.community_id == bindparam("community_id"),
        _ANSWERS.c.question_id == bindparam("question_id"),
    )
    .order_by(_ANSWERS.c.said_at, _ANSWERS.c.id)
)
_ANSWER_SAID_IN = (
    select_columns(_ANSWERS)
    .where(
        _ANSWERS.c.community_id == bindparam("community_id"),
        _ANSWERS.c.message_key == bindparam("message_key"),
    )
    .limit(1)
)


def _answer(row: AnswerRow | Row[Any]) -> Answer:
    return Answer(
        id=row.id,
        question_id=row.question_id,
        author=row.author,
        text=row.text,
        said_at=row.said_at,
        url=row.url,
        is_accepted=row.is_accepted,
        standing=Standing(row.standing),
        reason=row.reason,
        approved=row.approved,
        proposed=row.proposed,
        is_reworded=row.is_reworded,
        asked_as=row.asked_as,
        from_history=row.from_history,
    )


def _question(row: QuestionRow | Row[Any]) -> Question:
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
