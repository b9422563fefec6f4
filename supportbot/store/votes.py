"""What members said of what was shown to them, and what that tells of the calibration."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, Index, SQLModel, col, delete, func, select

from supportbot.domain.knowledge.votes import Judged, Vote, assured
from supportbot.store import identities, outsiders
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of, put_into, table_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.receipts import ShownRow

MOST = 2_000
"""Votes that a calibration is corrected with: the latest. What is asked changes over the years."""


class VoteRow(SQLModel, table=True):
    """One member's word on one match. It goes with the question, the document and the member."""

    __tablename__ = "vote"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "question_id", "document_id"],
            ["shown.community_id", "shown.question_id", "shown.document_id"],
            ondelete="CASCADE",
        ),
        Index("vote_by_member", "community_id", "member_id"),
        Index("vote_by_time", "community_id", "voted_at"),
    )
    community_id: str = Field(primary_key=True)
    question_id: str = Field(primary_key=True)
    document_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    has_helped: bool
    voted_at: datetime = Field(sa_type=UtcDateTime)


State = tuple[int, int, datetime | None]
"""Another one says that votes came, went or changed."""


def save(tx: Transaction, votes: Iterable[Vote]) -> None:
    """Keep votes, each in place of the member's earlier one. Of what is gone, none is kept."""
    for vote in votes:
        key = (tx.community_id, vote.question_id, vote.document_id)
        if tx.get(ShownRow, key) is not None:
            row = VoteRow(
                community_id=tx.community_id,
                question_id=vote.question_id,
                document_id=vote.document_id,
                member_id=vote.member_id,
                has_helped=vote.has_helped,
                voted_at=vote.voted_at,
            )
            connection_of(tx).execute(_PUT, row.model_dump())


def votes_by(tx: Transaction, member_id: str) -> tuple[Vote, ...]:
    """Read what a member said of what was shown, oldest first."""
    rows = tx.exec(
        select(VoteRow)
        .where(VoteRow.community_id == tx.community_id, VoteRow.member_id == member_id)
        .order_by(col(VoteRow.voted_at), col(VoteRow.question_id), col(VoteRow.document_id))
    )
    return tuple(
        Vote(row.question_id, row.document_id, row.member_id, row.has_helped, row.voted_at)
        for row in rows
    )


def state(tx: Transaction) -> State:
    """Return what tells whether votes have changed since. It is asked for each question."""
    count, helped, last = connection_of(tx).execute(_STATE, {"community_id": tx.community_id}).one()
    return count, helped or 0, last


def judged(tx: Transaction, *, model: str) -> tuple[Judged, ...]:
    """Read what became of the matches that were shown first, oldest first; the latest word counts.

    These are numbers without words or names, so they are read from private places as well. The
    votes of guests and of people of other organisations decide nothing for the group.

    Args:
        tx: A transaction.
        model: The embedding model: chances of another one mean something else.
    """
    key = {"community_id": tx.community_id, "model": model}
    latest = {
        (row.question_id, row.document_id): row for row in connection_of(tx).execute(_JUDGED, key)
    }
    rows = sorted(latest.values(), key=lambda row: (row.voted_at, row.question_id))
    who, outside = identities.persons(tx), outsiders.all_of(tx)
    return tuple(
        Judged(row.chance, bool(row.has_helped), who.person(row.member_id))
        for row in rows
        if row.member_id not in outside
    )


def assured_among(tx: Transaction, document_ids: Collection[str]) -> frozenset[str]:
    """Find which of these documents the group's own votes have assured."""
    if not document_ids:
        return frozenset()
    rows = tx.exec(
        select(VoteRow).where(
            VoteRow.community_id == tx.community_id, col(VoteRow.document_id).in_(document_ids)
        )
    )
    outside = outsiders.all_of(tx)
    said = [
        Vote(row.question_id, row.document_id, row.member_id, row.has_helped, row.voted_at)
        for row in rows
        if row.member_id not in outside
    ]
    return assured(said, identities.persons(tx).person)


def take_back(tx: Transaction, question_id: str, member_id: str) -> None:
    """Keep nothing of what a member said of what was shown for a question."""
    tx.exec(
        delete(VoteRow).where(
            col(VoteRow.community_id) == tx.community_id,
            col(VoteRow.question_id) == question_id,
            col(VoteRow.member_id) == member_id,
        )
    )


def forget_member(tx: Transaction, member_id: str) -> None:
    """Keep nothing of what a member said."""
    tx.exec(
        delete(VoteRow).where(
            col(VoteRow.community_id) == tx.community_id, col(VoteRow.member_id) == member_id
        )
    )


_PUT = put_into(table_of(VoteRow))
_STATE = select_columns(
    func.count(), func.sum(col(VoteRow.has_helped)), func.max(col(VoteRow.voted_at))
).where(col(VoteRow.community_id) == bindparam("community_id"))
_LATEST = (
    select_columns(
        col(VoteRow.question_id),
        col(VoteRow.document_id),
        col(VoteRow.member_id),
        col(VoteRow.has_helped),
        col(VoteRow.voted_at),
        col(ShownRow.chance),
    )
    .join(
        ShownRow,
        (col(ShownRow.community_id) == col(VoteRow.community_id))
        & (col(ShownRow.question_id) == col(VoteRow.question_id))
        & (col(ShownRow.document_id) == col(VoteRow.document_id)),
    )
    .where(
        col(VoteRow.community_id) == bindparam("community_id"),
        col(ShownRow.model) == bindparam("model"),
        col(ShownRow.position) == 0,
    )
    .order_by(col(VoteRow.voted_at).desc(), col(VoteRow.question_id), col(VoteRow.member_id))
    .limit(MOST)
    .subquery()
)
# Oldest first, so that of two words on one match the latest is kept.
_JUDGED = select_columns(_LATEST).order_by(_LATEST.c.voted_at, _LATEST.c.member_id)
