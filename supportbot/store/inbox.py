"""What came in: stored before it is acknowledged, handled once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from supportbot.domain.events import Event
from supportbot.domain.places import audience_of
from supportbot.store.columns import Json, UtcDateTime


class InboxState(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    HANDLED = "handled"
    SET_ASIDE = "set_aside"


class InboxRow(SQLModel, table=True):
    """An event, unique by the platform's id of it."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_by_state", "community_id", "state", "position"),
        Index("inbox_by_position", "community_id", "position"),
    )
    community_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    audience: str
    event: Event = Field(sa_column=Column(Json(Event), nullable=False))
    position: int
    """Counts the events of a community in the order in which they came."""
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: str = InboxState.WAITING
    attempts: int = 0
    error: str = ""


def put(tx: Session, community_id: str, event: Event, *, now: datetime) -> bool:
    """Keep an event; False when it is known already."""
    if tx.get(InboxRow, (community_id, event.event_id)) is not None:
        return False
    tx.add(
        InboxRow(
            community_id=community_id,
            event_id=event.event_id,
            audience=audience_of(event.place),
            event=event,
            position=_next_position(tx, community_id),
            received_at=now,
        )
    )
    return True


def claim(tx: Session, community_id: str) -> tuple[Event, int] | None:
    """Take the oldest waiting event, with the number of this attempt, counted before it is made."""
    row = tx.exec(
        select(InboxRow)
        .where(InboxRow.community_id == community_id, InboxRow.state == InboxState.WAITING)
        .order_by(col(InboxRow.position))
        .limit(1)
    ).first()
    if row is None:
        return None
    row.attempts += 1
    return row.event, row.attempts


def release(tx: Session, community_id: str, event_id: str) -> None:
    """Give back an attempt that was not made after all; the event waits as before."""
    tx.get_one(InboxRow, (community_id, event_id)).attempts -= 1


def mark_handled(tx: Session, community_id: str, event_id: str) -> None:
    """Say that an event is done; belongs in the transaction of what it led to."""
    tx.get_one(InboxRow, (community_id, event_id)).state = InboxState.HANDLED


def set_aside(tx: Session, community_id: str, event_id: str, error: str) -> None:
    """Leave an event that cannot be handled, with the reason, so that the others go on."""
    row = tx.get_one(InboxRow, (community_id, event_id))
    row.state = InboxState.SET_ASIDE
    row.error = error


def count(tx: Session, community_id: str, state: InboxState) -> int:
    """Count the events in a state."""
    query = select(func.count()).where(
        InboxRow.community_id == community_id, InboxRow.state == state
    )
    return tx.exec(query).one()


def _next_position(tx: Session, community_id: str) -> int:
    query = select(func.max(InboxRow.position)).where(InboxRow.community_id == community_id)
    return (tx.exec(query).one() or 0) + 1
