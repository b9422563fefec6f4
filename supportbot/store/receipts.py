"""What was shown to whom, for those whose answers helped."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import (
    Field,
    Index,
    SQLModel,
    col,
    delete,
    func,
    select,
)

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import QuestionState
from supportbot.domain.knowledge.capture import SOURCE
from supportbot.domain.knowledge.documents import document_id
from supportbot.domain.knowledge.receipts import Showing
from supportbot.domain.replies.reply import Quote
from supportbot.store.conversations import AnswerRow, QuestionRow, of_question
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of, table_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.knowledge import DocumentRow


class ShownRow(SQLModel, table=True):
    """That a document was quoted in the reply to a question. It goes with its question."""

    __tablename__ = "shown"
    __table_args__ = (
        of_question(),
        Index("shown_by_document", "community_id", "document_id"),
        Index("shown_by_asker", "community_id", "asker_id"),
        Index("shown_by_author", "community_id", "author_id"),
    )
    community_id: str = Field(primary_key=True)
    question_id: str = Field(primary_key=True)
    document_id: str = Field(primary_key=True)
    asker_id: str
    author_id: str
    """Member id of the one whose words were shown; empty for the group's own documents."""
    shown_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the author heard that it helped."""
    position: int | None = None
    """Where it stood among what the reply showed, from 0. Unknown of what was shown long ago."""
    chance: float | None = None
    """Probability that it helps by the calibration alone, before the votes correct it."""
    model: str | None = None
    """The embedding model that the chance belongs to."""


def note_shown(
    tx: Transaction,
    question_id: str,
    quotes: Sequence[Quote],
    *,
    now: datetime,
) -> None:
    """Note which documents the reply to a question has shown, likeliest first.

    Of what was shown for it before, it is noted where it stands now, and whose it was then.
    """
    question = tx.get(QuestionRow, (tx.community_id, question_id)) if quotes else None
    if question is None:
        return
    document_ids = [quote.document_id for quote in quotes]
    documents = tx.exec(
        select(DocumentRow.id, DocumentRow.author_id).where(
            DocumentRow.community_id == tx.community_id, col(DocumentRow.id).in_(document_ids)
        )
    )
    authors = dict(iter(documents))
    for position, quote in enumerate(quotes):
        if quote.document_id in authors:
            row = {
                "community_id": tx.community_id,
                "question_id": question_id,
                "document_id": quote.document_id,
                "asker_id": question.asker_id,
                "author_id": authors[quote.document_id],
                "shown_at": now,
                "position": position,
                "chance": quote.chance,
                "model": quote.model or None,
            }
            connection_of(tx).execute(_PUT_SHOWN, row)


def shown_for(tx: Transaction, question_id: str) -> tuple[str, ...]:
    """Return the ids of the documents that the last reply to a question showed, likeliest first."""
    rows = tx.exec(
        select(ShownRow)
        .where(ShownRow.community_id == tx.community_id, ShownRow.question_id == question_id)
        .order_by(col(ShownRow.position), col(ShownRow.document_id))
    ).all()
    last = max((row.shown_at for row in rows), default=None)
    return tuple(row.document_id for row in rows if row.shown_at == last)


def showings(tx: Transaction) -> list[Showing]:
    """Read all that was shown of those authors who have something to hear.

    What was shown of somebody counts as long as the document is theirs.
    """
    untold = (
        select(ShownRow.author_id)
        .join(QuestionRow, its_question())
        .where(
            ShownRow.community_id == tx.community_id,
            ShownRow.author_id != "",
            col(ShownRow.told_at).is_(None),
            has_helped(),
        )
    )
    rows = _shown(tx, col(ShownRow.author_id).in_(untold))
    given = _places_of_answers(tx, {row.document_id for row in rows})
    return [
        _showing(row, Author.of(row.author_id, row.author), given[row.document_id])
        for row in rows
        if row.document_id in given
    ]


def showings_of_owned(
    tx: Transaction, owner_on: Callable[[str, str], Author | None]
) -> list[Showing]:
    """Read all that was shown of the group's own documents whose owners are members.

    Args:
        tx: A transaction.
        owner_on: Gives the member whom a document calls its owner, on a platform.
    """
    rows = _shown(tx, col(ShownRow.author_id) == "", col(DocumentRow.author) != "")
    owners = ((row, owner_on(row.author, row.place.platform)) for row in rows)
    return [
        replace(_showing(row, owner, row.place), title=row.title)
        for row, owner in owners
        if owner is not None
    ]


def count_helped(tx: Transaction, member_id: str, question_ids: Collection[str]) -> dict[str, int]:
    """Count whom a member's answers to these questions have helped, by the question."""
    ids = {document_id(SOURCE, question_id): question_id for question_id in question_ids}
    query = (
        select_columns(col(ShownRow.document_id), func.count(func.distinct(col(ShownRow.asker_id))))
        .join(QuestionRow, its_question())
        .where(
            col(ShownRow.community_id) == tx.community_id,
            col(ShownRow.author_id) == member_id,
            col(ShownRow.asker_id).not_in(["", member_id]),
            col(ShownRow.document_id).in_(ids),
            has_helped(),
        )
        .group_by(col(ShownRow.document_id))
    )
    return {ids[id_]: helped for id_, helped in tx.execute(query)}


def note_told(tx: Transaction, showings: Iterable[Showing], *, now: datetime) -> None:
    """Note that an author has heard of what helped among these."""
    for one in showings:
        if one.has_helped and not one.is_told:
            row = tx.get(ShownRow, (tx.community_id, one.question_id, one.document_id))
            if row is not None:
                row.told_at = now


def questions_shown_something(tx: Transaction) -> frozenset[str]:
    """Return the ids of the questions to which the bot has shown something."""
    query = select(ShownRow.question_id).where(ShownRow.community_id == tx.community_id)
    return frozenset(tx.exec(query.distinct()))


def count_about(tx: Transaction, member_id: str) -> int:
    """Count what is noted of a member: what was shown to them, and what of theirs to others."""
    query = select(func.count()).where(ShownRow.community_id == tx.community_id, _about(member_id))
    return tx.exec(query).one()


def remove_documents(tx: Transaction, document_ids: Collection[str]) -> None:
    """Keep nothing of what was shown of documents that are gone."""
    of_these = col(ShownRow.document_id).in_(document_ids)
    tx.exec(delete(ShownRow).where(col(ShownRow.community_id) == tx.community_id, of_these))


def forget_member(tx: Transaction, member_id: str) -> None:
    """Keep nothing of what was shown to a member, nor of theirs."""
    tx.exec(
        delete(ShownRow).where(col(ShownRow.community_id) == tx.community_id, _about(member_id))
    )


def _about(member_id: str) -> ColumnElement[bool]:
    return or_(col(ShownRow.asker_id) == member_id, col(ShownRow.author_id) == member_id)


def _shown(tx: Transaction, *conditions: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Read what was shown of documents that are still their author's, with when it was said."""
    query = (
        select_columns(
            col(ShownRow.document_id),
            col(ShownRow.question_id),
            col(ShownRow.author_id),
            col(ShownRow.asker_id),
            col(ShownRow.told_at),
            col(QuestionRow.place),
            has_helped().label("has_helped"),
            col(DocumentRow.author),
            col(DocumentRow.title),
            col(DocumentRow.said_at),
            col(DocumentRow.url),
        )
        .join(QuestionRow, its_question())
        .join(
            DocumentRow,
            (col(DocumentRow.community_id) == col(ShownRow.community_id))
            & (col(DocumentRow.id) == col(ShownRow.document_id))
            & (col(DocumentRow.author_id) == col(ShownRow.author_id)),
        )
        .where(
            col(ShownRow.community_id) == tx.community_id,
            col(DocumentRow.said_at).is_not(None),
            *conditions,
        )
        .order_by(col(ShownRow.document_id), col(ShownRow.question_id))
    )
    return tx.execute(query).all()


def _showing(row: Row[Any], author: Author, given_in: Place) -> Showing:
    is_elsewhere = given_in.workspace_key != row.place.workspace_key
    return Showing(
        document_id=row.document_id,
        question_id=row.question_id,
        author=author,
        workspace=given_in.workspace,
        said_at=row.said_at,
        url=row.url,
        asker_id=row.asker_id,
        elsewhere=row.place.workspace_key if is_elsewhere else "",
        has_helped=bool(row.has_helped),
        is_told=row.told_at is not None,
    )


def its_question() -> ColumnElement[bool]:
    """Join what was shown with the question to which it was."""
    return (col(QuestionRow.community_id) == col(ShownRow.community_id)) & (
        col(QuestionRow.id) == col(ShownRow.question_id)
    )


def has_helped() -> ColumnElement[bool]:
    """Hold for a question that was solved without a person's answer that was accepted."""
    accepted = (
        select(AnswerRow.id)
        .where(
            AnswerRow.community_id == QuestionRow.community_id,
            AnswerRow.question_id == QuestionRow.id,
            col(AnswerRow.is_accepted).is_(True),
        )
        .exists()
    )
    return (col(QuestionRow.state) == QuestionState.RESOLVED) & ~accepted


def _places_of_answers(tx: Transaction, document_ids: Collection[str]) -> dict[str, Place]:
    """Return of each document in which thread the answer was given."""
    ids = [id_.removeprefix(document_id(SOURCE, "")) for id_ in document_ids]
    found: dict[str, Place] = {}
    for some in in_batches(ids):
        query = select(QuestionRow.id, QuestionRow.place).where(
            QuestionRow.community_id == tx.community_id, col(QuestionRow.id).in_(some)
        )
        found.update({document_id(SOURCE, id_): place for id_, place in tx.exec(query)})
    return found


_PUT_SHOWN = insert(table_of(ShownRow))
_PUT_SHOWN = _PUT_SHOWN.on_conflict_do_update(
    index_elements=["community_id", "question_id", "document_id"],
    set_={name: _PUT_SHOWN.excluded[name] for name in ("shown_at", "position", "chance", "model")},
)
