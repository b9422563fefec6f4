"""What is to be said: kept with what led to it, delivered at least once, in order in a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from supportbot.domain.places import audience_of
from supportbot.domain.replies import OutgoingMessage
from supportbot.store.columns import Json, UtcDateTime


class OutboxState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    SET_ASIDE = "set_aside"


class OutboxRow(SQLModel, table=True):
    """A message of the bot. Its id stays the same over attempts."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_by_state", "community_id", "platform", "state", "position"),
        Index("outbox_by_thread", "community_id", "thread", "state", "position"),
        Index("outbox_by_position", "community_id", "position"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    platform: str
    thread: str
    audience: str
    message: OutgoingMessage = Field(sa_column=Column(Json(OutgoingMessage), nullable=False))
    position: int
    """Counts the messages of a community in the order in which they are to be said."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    state: str = OutboxState.WAITING
    attempts: int = 0
    posted_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message to deliver now, and which attempt it is, from 1."""

    message: OutgoingMessage
    attempt: int


def put(
    tx: Session, community_id: str, messages: Sequence[OutgoingMessage], *, now: datetime
) -> None:
    """Keep messages, to be delivered in this order."""
    last = select(func.max(OutboxRow.position)).where(OutboxRow.community_id == community_id)
    start = (tx.exec(last).one() or 0) + 1
    for position, message in enumerate(messages, start):
        tx.add(
            OutboxRow(
                community_id=community_id,
                id=message.id,
                platform=message.place.platform,
                thread=message.place.key,
                audience=audience_of(message.place),
                message=message,
                position=position,
                created_at=now,
                due_at=now,
            )
        )


def claim(tx: Session, community_id: str, platform: str, *, now: datetime) -> Claim | None:
    """Take the oldest message that is due and has none before it in its thread.

    The attempt is counted before it is made.
    """
    row = tx.exec(
        select(OutboxRow)
        .where(
            OutboxRow.community_id == community_id,
            OutboxRow.platform == platform,
            OutboxRow.state == OutboxState.WAITING,
            col(OutboxRow.due_at) <= now,
            _is_first_in_thread(),
        )
        .order_by(col(OutboxRow.position))
        .limit(1)
    ).first()
    if row is None:
        return None
    row.attempts += 1
    return Claim(row.message, row.attempts)


def next_due(tx: Session, community_id: str, platform: str) -> datetime | None:
    """Say when the next message that has none before it may be tried; None when none waits."""
    query = select(func.min(OutboxRow.due_at)).where(
        OutboxRow.community_id == community_id,
        OutboxRow.platform == platform,
        OutboxRow.state == OutboxState.WAITING,
        _is_first_in_thread(),
    )
    return tx.exec(query).one()


def mark_delivered(tx: Session, community_id: str, message_id: str, posted_id: str) -> None:
    """Say that a message is there, and under which id the platform knows it."""
    row = tx.get_one(OutboxRow, (community_id, message_id))
    row.state = OutboxState.DELIVERED
    row.posted_id = posted_id


def postpone(
    tx: Session, community_id: str, message_id: str, *, until: datetime, error: str
) -> None:
    """Try a message again later."""
    row = tx.get_one(OutboxRow, (community_id, message_id))
    row.due_at = until
    row.error = error


def set_aside(tx: Session, community_id: str, message_id: str, error: str) -> None:
    """Leave a message that the platform will never take, with the reason."""
    row = tx.get_one(OutboxRow, (community_id, message_id))
    row.state = OutboxState.SET_ASIDE
    row.error = error


def count(tx: Session, community_id: str, state: OutboxState) -> int:
    """Count the messages in a state."""
    query = select(func.count()).where(
        OutboxRow.community_id == community_id, OutboxRow.state == state
    )
    return tx.exec(query).one()


def _is_first_in_thread() -> ColumnElement[bool]:
    """Hold for a message that has no waiting one before it in its thread."""
    earlier = aliased(OutboxRow)
    return ~(
        select(earlier.id)
        .where(
            earlier.community_id == OutboxRow.community_id,
            earlier.thread == OutboxRow.thread,
            earlier.state == OutboxState.WAITING,
            col(earlier.position) < col(OutboxRow.position),
        )
        .exists()
    )
