"""Who was asked to help with a question, what became of it, and how far up the ladder it is."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists
from sqlalchemy import select as select_columns
from sqlmodel import (
    Field,
    Index,
    SQLModel,
    col,
    delete,
    func,
    select,
    update,
)

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb, PastAsk, Reached, Rung
from supportbot.domain.experts.referrals import PassedOn
from supportbot.store import conversations, identities
from supportbot.store.conversations import AnswerRow, QuestionRow, of_question
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of, put_into, table_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.messages import MessageRow


class AskRow(SQLModel, table=True):
    """That a member was asked. It belongs to its question, and goes with it."""

    __tablename__ = "ask"
    __table_args__ = (
        of_question(),
        Index("ask_by_member", "community_id", "member_id", "asked_at"),
        Index("ask_by_moment", "community_id", "asked_at"),
    )
    community_id: str = Field(primary_key=True)
    question_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    rung: str
    outcome: str
    name: str
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    passed_to: str


class RungRow(SQLModel, table=True):
    """That a question has reached a rung of the ladder. It goes with its question."""

    __tablename__ = "rung"
    __table_args__ = (of_question(),)
    community_id: str = Field(primary_key=True)
    question_id: str = Field(primary_key=True)
    rung: str = Field(primary_key=True)
    reached_at: datetime = Field(sa_type=UtcDateTime)
    wait_seconds: float


def note(tx: Transaction, asks: Sequence[Ask]) -> None:
    """Keep asks, each in place of what was known of it before."""
    rows = [
        {
            "community_id": tx.community_id,
            "question_id": ask.question_id,
            "member_id": ask.member_id,
            "asked_at": ask.asked_at,
            "rung": ask.rung,
            "outcome": ask.outcome,
            "name": ask.name,
            "changed_at": ask.changed_at,
            "reminded_at": ask.reminded_at,
            "passed_to": ask.passed_to,
        }
        for ask in asks
    ]
    if rows:
        connection_of(tx).execute(_NOTE, rows)


def note_reached(tx: Transaction, reached: Sequence[Reached]) -> None:
    """Keep which rungs a question has reached; the latest time where it is not the first."""
    rows = [
        {
            "community_id": tx.community_id,
            "question_id": one.question_id,
            "rung": one.rung,
            "reached_at": one.at,
            "wait_seconds": one.wait.total_seconds(),
        }
        for one in reached
    ]
    if rows:
        connection_of(tx).execute(_NOTE_REACHED, rows)


_NOTE, _NOTE_REACHED = put_into(table_of(AskRow)), put_into(table_of(RungRow))


def asks_since(tx: Transaction, since: datetime) -> list[Ask]:
    """Read who was asked from a moment on, oldest first. Who came by themselves was not asked."""
    rows = tx.exec(
        select(AskRow)
        .where(
            AskRow.community_id == tx.community_id,
            AskRow.asked_at >= since,
            AskRow.rung != Rung.VOLUNTEER,
        )
        .order_by(col(AskRow.asked_at), col(AskRow.question_id), col(AskRow.member_id))
    )
    return [_ask(row) for row in rows]


def asked_of_each(tx: Transaction, since: datetime) -> dict[str, list[PastAsk]]:
    """Read the same by member, and of each ask only what counts later on.

    Each identity of a person has what all of them were asked.
    """
    persons = identities.persons(tx)
    asked: dict[str, list[PastAsk]] = {}
    of = {"community_id": tx.community_id, "since": since}
    for member_id, asked_at, outcome in connection_of(tx).execute(_OF_EACH, of).all():
        asked.setdefault(persons.person(member_id), []).append(PastAsk(asked_at, outcome))
    return {member_id: own for id_, own in asked.items() for member_id in persons.members(id_)}


# Three columns: months of asks are read for each question.
_OF_EACH = (
    select_columns(col(AskRow.member_id), col(AskRow.asked_at), col(AskRow.outcome))
    .where(
        col(AskRow.community_id) == bindparam("community_id"),
        col(AskRow.asked_at) >= bindparam("since"),
        col(AskRow.rung) != Rung.VOLUNTEER,
    )
    .order_by(col(AskRow.asked_at), col(AskRow.question_id))
)


def count_on_behalf_of(tx: Transaction, member_id: str, *, since: datetime) -> int:
    """Count how often people were asked for what a person asked, under any of their identities.

    Who came by themselves, or was named by somebody who had been asked, is not counted.
    """
    theirs = identities.persons(tx).members(member_id)
    query = (
        select(func.count())
        .select_from(AskRow)
        .join(
            QuestionRow,
            (col(QuestionRow.community_id) == col(AskRow.community_id))
            & (col(QuestionRow.id) == col(AskRow.question_id)),
        )
        .where(
            AskRow.community_id == tx.community_id,
            col(QuestionRow.asker_id).in_(theirs),
            col(AskRow.asked_at) >= since,
            col(AskRow.rung).not_in([Rung.VOLUNTEER, Rung.REFERRED]),
        )
    )
    return tx.exec(query).one()


def count_claims(tx: Transaction, member_id: str) -> int:
    """Count the open questions that a person has taken on and not answered yet."""
    theirs = identities.persons(tx).members(member_id)
    query = (
        select(func.count())
        .select_from(AskRow)
        .join(
            QuestionRow,
            (col(QuestionRow.community_id) == col(AskRow.community_id))
            & (col(QuestionRow.id) == col(AskRow.question_id)),
        )
        .where(
            AskRow.community_id == tx.community_id,
            col(AskRow.member_id).in_(theirs),
            AskRow.outcome == AskOutcome.CLAIMED,
            col(QuestionRow.state).in_([QuestionState.ROUTED, QuestionState.ANSWERED]),
        )
    )
    return tx.exec(query).one()


def asked_for(tx: Transaction, question_id: str) -> frozenset[str]:
    """Return the member ids of all who were asked for a question, or who came by themselves."""
    key = {"community_id": tx.community_id, "question_id": question_id}
    return frozenset(connection_of(tx).scalars(_ASKED_FOR, key))


_ASKED_FOR = select_columns(col(AskRow.member_id)).where(
    col(AskRow.community_id) == bindparam("community_id"),
    col(AskRow.question_id) == bindparam("question_id"),
)


def asks_of(tx: Transaction, member_id: str) -> list[Ask]:
    """Read what a member was asked, oldest first."""
    rows = tx.exec(
        select(AskRow)
        .where(AskRow.community_id == tx.community_id, AskRow.member_id == member_id)
        .order_by(col(AskRow.asked_at), col(AskRow.question_id))
    )
    return [_ask(row) for row in rows]


def refused_by(tx: Transaction, member_ids: Collection[str], *, limit: int) -> dict[str, list[str]]:
    """Read the last questions that each member called not their topic, in the askers' words.

    They are read where they stand, so that what is deleted or forgotten is refused no more.
    """
    refused: dict[str, list[str]] = {}
    of = {"community_id": tx.community_id, "member_ids": list(member_ids)}
    for member_id, text in connection_of(tx).execute(_REFUSED, of):
        texts = refused.setdefault(member_id, [])
        if len(texts) < limit:
            texts.append(text)
    return refused


_ITS_QUESTION = (col(QuestionRow.community_id) == col(AskRow.community_id)) & (
    col(QuestionRow.id) == col(AskRow.question_id)
)
_REFUSED = (
    select_columns(col(AskRow.member_id), col(QuestionRow.text))
    .join(QuestionRow, _ITS_QUESTION)
    .where(
        col(AskRow.community_id) == bindparam("community_id"),
        col(AskRow.member_id).in_(bindparam("member_ids", expanding=True)),
        col(AskRow.outcome) == AskOutcome.REFUSED,
        col(QuestionRow.text) != "",
    )
    .order_by(col(AskRow.asked_at).desc())
)


def passed_on(tx: Transaction, audiences: Collection[str], *, since: datetime) -> list[PassedOn]:
    """Read which questions were passed on to which person, of those that these audiences may see.

    They are read where they stand, so that what is deleted or forgotten teaches no more.
    """
    who = identities.persons(tx).person
    seen = {"community_id": tx.community_id, "since": since, "audiences": list(audiences)}
    return [
        PassedOn(text, Author.of(who(by), name), who(to), bool(was_right))
        for text, by, name, to, was_right in connection_of(tx).execute(_PASSED_ON, seen)
    ]


_PASSED_ON = (
    select_columns(
        col(QuestionRow.text),
        col(AskRow.member_id),
        col(AskRow.name),
        col(AskRow.passed_to),
        exists().where(
            col(AnswerRow.community_id) == AskRow.community_id,
            col(AnswerRow.question_id) == AskRow.question_id,
            col(AnswerRow.author_id) == AskRow.passed_to,
        ),
    )
    .join(QuestionRow, _ITS_QUESTION)
    .where(
        col(AskRow.community_id) == bindparam("community_id"),
        col(AskRow.passed_to) != "",
        col(AskRow.outcome) == AskOutcome.PASSED,
        col(AskRow.asked_at) >= bindparam("since"),
        col(QuestionRow.audience).in_(bindparam("audiences", expanding=True)),
        col(QuestionRow.text) != "",
    )
    .order_by(col(AskRow.asked_at), col(AskRow.question_id), col(AskRow.member_id))
)


def climb_of(tx: Transaction, question: Question) -> Climb:
    """Gather what is known about a question's way up the ladder."""
    return _climbs(tx, [question])[0]


def climbs_of(tx: Transaction, questions: Sequence[Question]) -> list[Climb]:
    """Gather the same for several questions."""
    return _climbs(tx, questions)


def climbs(tx: Transaction, *, answered_since: datetime) -> list[Climb]:
    """Gather the same for every question that is open, oldest first.

    Of those that the bot answered, only what was asked since a moment.
    """
    found = conversations.open_questions(tx, answered_since=answered_since)
    return _climbs(tx, [one for one in found if one.asker.user_id])


def first_answers(tx: Transaction, *, limit: int) -> list[tuple[datetime, datetime | None]]:
    """Read when the last questions were asked, and first answered by anybody, newest first.

    A question that only the bot answered, or that was closed without an answer, says nothing.
    """
    first = func.min(AnswerRow.said_at, type_=UtcDateTime())
    last = (
        select(QuestionRow.id)
        .where(QuestionRow.community_id == tx.community_id)
        .order_by(col(QuestionRow.asked_at).desc())
        .limit(limit)
    )
    query = (
        select_columns(col(QuestionRow.asked_at), first)
        .select_from(QuestionRow)
        .join(
            AnswerRow,
            (col(AnswerRow.community_id) == QuestionRow.community_id)
            & (col(AnswerRow.question_id) == QuestionRow.id)
            & (col(AnswerRow.author_id) != QuestionRow.asker_id),
            isouter=True,
        )
        .where(col(QuestionRow.community_id) == tx.community_id, col(QuestionRow.id).in_(last))
        .group_by(col(QuestionRow.id))
        .having(first.is_not(None) | col(QuestionRow.state).in_(_UNANSWERED))
        .order_by(col(QuestionRow.asked_at).desc())
    )
    return [(asked_at, answered_at) for asked_at, answered_at in tx.execute(query)]


def take_back_first(tx: Transaction, question_id: str) -> None:
    """Forget whom the first reply asked: nobody has seen it, and it is thought over."""
    tx.exec(
        delete(AskRow).where(
            col(AskRow.community_id) == tx.community_id,
            col(AskRow.question_id) == question_id,
            col(AskRow.rung) == Rung.FIRST,
        )
    )
    tx.exec(
        delete(RungRow).where(
            col(RungRow.community_id) == tx.community_id,
            col(RungRow.question_id) == question_id,
            col(RungRow.rung) == Rung.FIRST,
        )
    )


def forget_member(tx: Transaction, member_id: str, *, until: datetime) -> None:
    """Keep nothing of what a member was asked until a moment, nor that others named them."""
    tx.exec(
        delete(AskRow).where(
            col(AskRow.community_id) == tx.community_id,
            col(AskRow.member_id) == member_id,
            col(AskRow.asked_at) <= until,
        )
    )
    tx.exec(
        update(AskRow)
        .where(col(AskRow.community_id) == tx.community_id, col(AskRow.passed_to) == member_id)
        .values(passed_to="")
    )


_UNANSWERED = [QuestionState.ROUTED, QuestionState.EXPIRED, QuestionState.PAST]


def _climbs(tx: Transaction, questions: Sequence[Question]) -> list[Climb]:
    ids = [question.id for question in questions]
    asks: dict[str, list[Ask]] = {}
    reached: dict[str, dict[str, Reached]] = {}
    answered: dict[str, datetime] = {}
    spoke: dict[str, datetime] = {}
    for some in in_batches(ids):
        for ask in tx.exec(
            select(AskRow)
            .where(AskRow.community_id == tx.community_id, col(AskRow.question_id).in_(some))
            .order_by(col(AskRow.asked_at), col(AskRow.member_id))
        ):
            asks.setdefault(ask.question_id, []).append(_ask(ask))
        for rung in tx.exec(
            select(RungRow).where(
                RungRow.community_id == tx.community_id, col(RungRow.question_id).in_(some)
            )
        ):
            reached.setdefault(rung.question_id, {})[rung.rung] = _reached(rung)
        answered |= _last_answers(tx, some)
        spoke |= _last_words_of_askers(tx, some)
    return [
        Climb(
            question,
            tuple(asks.get(question.id, ())),
            reached.get(question.id, {}),
            answered.get(question.id),
            spoke.get(question.id),
        )
        for question in questions
    ]


def _last_answers(tx: Transaction, question_ids: Collection[str]) -> dict[str, datetime]:
    last = func.max(AnswerRow.said_at, type_=UtcDateTime())
    query = (
        select_columns(col(AnswerRow.question_id), last)
        .where(
            col(AnswerRow.community_id) == tx.community_id,
            col(AnswerRow.question_id).in_(question_ids),
        )
        .group_by(col(AnswerRow.question_id))
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def _last_words_of_askers(tx: Transaction, question_ids: Collection[str]) -> dict[str, datetime]:
    last = func.max(MessageRow.said_at, type_=UtcDateTime())
    query = (
        select_columns(col(MessageRow.thread), last)
        .join(
            QuestionRow,
            (col(QuestionRow.community_id) == MessageRow.community_id)
            & (col(QuestionRow.id) == MessageRow.thread)
            & (col(QuestionRow.asker_id) == MessageRow.member_id),
        )
        .where(
            col(MessageRow.community_id) == tx.community_id,
            col(MessageRow.thread).in_(question_ids),
        )
        .group_by(col(MessageRow.thread))
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def _ask(row: AskRow) -> Ask:
    return Ask(
        question_id=row.question_id,
        member_id=row.member_id,
        asked_at=row.asked_at,
        rung=row.rung,
        outcome=row.outcome,
        name=row.name,
        changed_at=row.changed_at,
        reminded_at=row.reminded_at,
        passed_to=row.passed_to,
    )


def _reached(row: RungRow) -> Reached:
    return Reached(row.question_id, row.rung, row.reached_at, timedelta(seconds=row.wait_seconds))
