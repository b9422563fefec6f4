"""What came in: stored before it is acknowledged, handled once, and not kept for longer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import Column, ColumnElement, Insert, ScalarResult, bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, Index, SQLModel, col, delete, func, select, update

from supportbot.domain.chat.audiences import audience_of
from supportbot.domain.chat.events import (
    Event,
    MessageEdited,
    MessagePosted,
    author_of,
    message_key_of,
    moment_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.store import tombstones
from supportbot.store.engine.columns import Json, UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class InboxState(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    HANDLED = "handled"
    SET_ASIDE = "set_aside"


class InboxRow(SQLModel, table=True):
    """An event, unique by the platform's id of it. The row outlives the event's body."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_by_state", "community_id", "state", "position"),
        Index("inbox_by_position", "community_id", "position"),
        Index("inbox_by_message", "community_id", "message_key"),
        Index("inbox_by_author", "community_id", "author_id"),
    )
    community_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    audience: str
    event: Event | None = Field(sa_column=Column(Json(Event), nullable=True))
    kind: str
    message_key: str
    channel_key: str
    author_id: str
    position: int
    """Counts the events of a community in the order in which they came."""
    received_at: datetime = Field(sa_type=UtcDateTime)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = InboxState.WAITING
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class SetAsideEvent:
    """An event that could not be handled, for a maintainer to decide about."""

    event_id: str
    kind: str
    received_at: datetime
    error: str


def put(tx: Transaction, event: Event, *, now: datetime) -> bool:
    """Keep an event; False when it is known already.

    Of a member who was forgotten since, only the id is kept, so that nothing brings it back.
    """
    author = author_of(event)
    is_forgotten = author is not None and tombstones.is_forgotten(
        tx, author.member_id, moment_of(event)
    )
    # The connection itself: what the session makes of an insertion has no count.
    stored = tx.connection().execute(
        _insertion(),
        {
            "of": tx.community_id,
            "community_id": tx.community_id,
            "event_id": event.event_id,
            "audience": audience_of(event.place),
            "event": None if is_forgotten else event,
            "kind": event.kind,
            "message_key": message_key_of(event),
            "channel_key": event.place.channel_key,
            "author_id": "" if is_forgotten or author is None else author.member_id,
            "received_at": now,
            "handled_at": now if is_forgotten else None,
            "state": InboxState.HANDLED if is_forgotten else InboxState.WAITING,
            "attempts": 0,
            "error": "",
        },
    )
    return bool(stored.rowcount)


@cache
def _insertion() -> Insert:
    # A statement instead of an object: half of the time of storing an event.
    last = (
        select(func.coalesce(func.max(InboxRow.position), 0))
        .where(col(InboxRow.community_id) == bindparam("of"))
        .scalar_subquery()
    )
    return insert(InboxRow).values(position=last + 1).on_conflict_do_nothing()


def claim(tx: Transaction) -> tuple[Event, int] | None:
    """Take the oldest waiting event, with the number of this attempt, counted before it is made."""
    row = connection_of(tx).execute(_WAITING, {"community_id": tx.community_id}).first()
    if row is None:
        return None
    event_id, event, attempts = row
    assert event is not None  # noqa: S101 - only what is handled has no body
    counted = {"of": tx.community_id, "id": event_id, "attempts": attempts + 1}
    tx.connection().execute(_COUNT_ATTEMPT, counted)
    return event, attempts + 1


def is_waiting(tx: Transaction) -> bool:
    """Whether an event waits."""
    key = {"community_id": tx.community_id}
    return connection_of(tx).execute(_IS_WAITING, key).first() is not None


def release(tx: Transaction, event_id: str) -> None:
    """Give back an attempt that was not made after all; the event waits as before."""
    tx.get_one(InboxRow, (tx.community_id, event_id)).attempts -= 1


def mark_handled(tx: Transaction, event_id: str, *, now: datetime) -> None:
    """Say that an event is done; belongs in the transaction of what it led to."""
    connection_of(tx).execute(_MARK_HANDLED, {"of": tx.community_id, "id": event_id, "now": now})


def forget(tx: Transaction, event_id: str) -> None:
    """Take an event that comes under this id for a new one."""
    tx.exec(
        delete(InboxRow).where(
            col(InboxRow.community_id) == tx.community_id,
            col(InboxRow.event_id) == event_id,
            col(InboxRow.state) == InboxState.HANDLED,
        )
    )


def set_aside(tx: Transaction, event_id: str, error: str) -> None:
    """Leave an event that cannot be handled, with the reason, so that the others go on."""
    row = tx.get_one(InboxRow, (tx.community_id, event_id))
    row.state = InboxState.SET_ASIDE
    row.error = error


def handle_again(tx: Transaction, event_id: str) -> bool:
    """Let an event wait as if it had just come; False when its body is not there any more."""
    row = tx.get(InboxRow, (tx.community_id, event_id))
    if row is None or row.event is None:
        return False
    row.state = InboxState.WAITING
    row.attempts = 0
    row.error = ""
    row.handled_at = None
    return True


def hear_again(tx: Transaction, message: MessagePosted, *, now: datetime) -> None:
    """Let a message wait as if it had just come, also one of which only an edit came in."""
    if not handle_message_again(tx, message_key_of(message)):
        put(tx, message, now=now)


def handle_message_again(tx: Transaction, message_key: str) -> bool:
    """Let the posting of a message wait as if it had just come; False when its body is gone."""
    query = select(InboxRow.event_id).where(
        InboxRow.community_id == tx.community_id,
        InboxRow.message_key == message_key,
        InboxRow.kind == "message_posted",
        col(InboxRow.event).is_not(None),
    )
    event_id = tx.exec(query).first()
    return event_id is not None and handle_again(tx, event_id)


def try_again(tx: Transaction, event_id: str) -> bool:
    """Let an event that was set aside wait again; False when there is none of that id."""
    row = tx.get(InboxRow, (tx.community_id, event_id))
    if row is None or row.state != InboxState.SET_ASIDE:
        return False
    return handle_again(tx, event_id)


def drop(tx: Transaction, event_id: str, *, now: datetime) -> bool:
    """Give up an event that was set aside; False when there is none of that id."""
    row = tx.get(InboxRow, (tx.community_id, event_id))
    if row is None or row.state != InboxState.SET_ASIDE:
        return False
    _drop_bodies(tx, col(InboxRow.event_id) == event_id, now=now)
    return True


def events_set_aside(tx: Transaction) -> list[SetAsideEvent]:
    """Read what was set aside, oldest first."""
    rows = tx.exec(
        select(InboxRow)
        .where(InboxRow.community_id == tx.community_id, InboxRow.state == InboxState.SET_ASIDE)
        .order_by(col(InboxRow.position))
    )
    return [SetAsideEvent(row.event_id, row.kind, row.received_at, row.error) for row in rows]


def is_deleted(tx: Transaction, place: Place, message_id: str) -> bool:
    """Whether the deletion of a message, its thread or its channel came in.

    What a platform delivers may come in any order, so it may have come before the message; and
    its row stays for good.
    """
    where = {
        "community_id": tx.community_id,
        "message_key": place.message_key(message_id),
        "thread": place.key,
        "channel_key": place.channel_key,
    }
    return connection_of(tx).execute(_DELETION, where).first() is not None


def as_it_stands(tx: Transaction, message_key: str) -> MessagePosted | None:
    """Return a message as it reads now; None when it is gone, or no longer kept."""
    posted = _posted_as(tx, message_key)
    if posted is None or is_deleted(tx, posted.place, posted.message_id):
        return None
    return as_edited(posted, last_edit(tx, message_key))


def as_edited(posted: MessagePosted, edit: MessageEdited | None) -> MessagePosted:
    """Return a message as it reads since an edit. Whom it called stays called."""
    if edit is None:
        return posted
    return replace(
        posted,
        text=edit.text,
        is_addressed=posted.is_addressed or edit.is_addressed,
        mentions=edit.mentions or posted.mentions,
    )


def mentioned_in(tx: Transaction, message_key: str) -> frozenset[str]:
    """Return the member ids of the people whom a message names, as long as it is kept."""
    posted = as_it_stands(tx, message_key)
    return frozenset(author.member_id for author in posted.mentions) if posted else frozenset()


def last_edit(tx: Transaction, message_key: str) -> MessageEdited | None:
    """Return the latest edit of a message that came in, in whatever order they came."""
    events = _find(tx, message_key, "message_edited")
    edits = [event for event in events if isinstance(event, MessageEdited)]
    return max(edits, key=lambda edit: edit.edited_at, default=None)


def drop_bodies_of_message(tx: Transaction, message_key: str, *, now: datetime) -> None:
    """Keep nothing of what a message said, before or after its edits."""
    words_of_it = (col(InboxRow.message_key) == message_key) & col(InboxRow.kind).in_(
        ["message_posted", "message_edited", "answer_reviewed"]
    )
    _drop_bodies(tx, words_of_it, now=now)


def drop_bodies_of_member(
    tx: Transaction, member_id: str, *, until: datetime, now: datetime
) -> frozenset[str]:
    """Keep nothing of what a member said and did until a moment, nor that it was they.

    Returns:
        Ids of the member's events that stay, since they are later.
    """
    rows = tx.exec(
        select(InboxRow).where(
            InboxRow.community_id == tx.community_id, InboxRow.author_id == member_id
        )
    ).all()
    later = {row.event_id for row in rows if row.event and moment_of(row.event) > until}
    gone = [row.event_id for row in rows if row.event_id not in later]
    _drop_bodies(tx, col(InboxRow.event_id).in_(gone), now=now)
    return frozenset(later)


def drop_bodies_in(tx: Transaction, place: Place, *, now: datetime) -> None:
    """Keep nothing of what was said in a thread, or in a channel when there is no thread."""
    query = select(InboxRow).where(
        InboxRow.community_id == tx.community_id,
        InboxRow.channel_key == place.channel_key,
        col(InboxRow.event).is_not(None),
    )
    gone = [
        row.event_id
        for row in tx.exec(query)
        if row.event is not None
        and row.kind not in {"message_deleted", "place_deleted"}
        and (place.thread is None or place.key in {row.event.place.key, row.message_key})
    ]
    _drop_bodies(tx, col(InboxRow.event_id).in_(gone), now=now)


def drop_bodies_before(tx: Transaction, moment: datetime) -> int:
    """Keep nothing of what was handled before a moment; gives how many bodies went.

    The ids stay, so that nothing is handled twice, however late it comes again.
    """
    gone = tx.exec(
        update(InboxRow)
        .where(
            col(InboxRow.community_id) == tx.community_id,
            col(InboxRow.state) == InboxState.HANDLED,
            col(InboxRow.handled_at) < moment,
            col(InboxRow.event).is_not(None),
        )
        .values(event=None, author_id="")
    )
    return int(gone.rowcount)


def move_audience(tx: Transaction, place: Place) -> None:
    """Let what was said in a channel be seen by those who may see the channel now."""
    tx.exec(
        update(InboxRow)
        .where(
            col(InboxRow.community_id) == tx.community_id,
            col(InboxRow.channel_key) == place.channel_key,
        )
        .values(audience=audience_of(place))
    )


def people_in(tx: Transaction) -> Iterator[Author]:
    """Yield the people whose words or doing is kept, or who are named in it."""
    rows = tx.exec(
        select(InboxRow).where(
            InboxRow.community_id == tx.community_id, col(InboxRow.event).is_not(None)
        )
    )
    for row in rows:
        author = author_of(row.event) if row.event is not None else None
        if author is not None:
            yield author
        if isinstance(row.event, MessagePosted | MessageEdited):
            yield from row.event.mentions


def events_of(tx: Transaction, member_id: str) -> Sequence[Event]:
    """Read what is kept of what a member said and did, oldest first."""
    rows = tx.exec(
        select(InboxRow)
        .where(InboxRow.community_id == tx.community_id, InboxRow.author_id == member_id)
        .order_by(col(InboxRow.position))
    )
    return [row.event for row in rows if row.event is not None]


def count(tx: Transaction, state: InboxState) -> int:
    """Count the events in a state."""
    query = select(func.count()).where(
        InboxRow.community_id == tx.community_id, InboxRow.state == state
    )
    return tx.exec(query).one()


def oldest_waiting_since(tx: Transaction) -> datetime | None:
    """Return when the event that waits longest came in; None when none waits."""
    row = _oldest_waiting(tx)
    return None if row is None else row.received_at


def latest_received_at(tx: Transaction) -> datetime | None:
    """Return when the last event came in; None when none ever did."""
    row = tx.exec(
        select(InboxRow)
        .where(InboxRow.community_id == tx.community_id)
        .order_by(col(InboxRow.position).desc())
        .limit(1)
    ).first()
    return None if row is None else row.received_at


def is_handled(tx: Transaction, event_id: str) -> bool:
    """Whether an event is done."""
    row = tx.get(InboxRow, (tx.community_id, event_id))
    return row is not None and row.state == InboxState.HANDLED


def _oldest_waiting(tx: Transaction) -> InboxRow | None:
    return tx.exec(
        select(InboxRow)
        .where(InboxRow.community_id == tx.community_id, InboxRow.state == InboxState.WAITING)
        .order_by(col(InboxRow.position))
        .limit(1)
    ).first()


_IS_OURS = col(InboxRow.community_id) == bindparam("community_id")
_IS_THIS = (col(InboxRow.community_id) == bindparam("of")) & (
    col(InboxRow.event_id) == bindparam("id")
)
_IS_WAITING = (
    select_columns(col(InboxRow.event_id))
    .where(_IS_OURS, col(InboxRow.state) == InboxState.WAITING)
    .limit(1)
)
_WAITING = (
    select_columns(col(InboxRow.event_id), col(InboxRow.event), col(InboxRow.attempts))
    .where(_IS_OURS, col(InboxRow.state) == InboxState.WAITING)
    .order_by(col(InboxRow.position))
    .limit(1)
)
_COUNT_ATTEMPT = update(InboxRow).where(_IS_THIS).values(attempts=bindparam("attempts"))
_MARK_HANDLED = (
    update(InboxRow).where(_IS_THIS).values(state=InboxState.HANDLED, handled_at=bindparam("now"))
)
_OF_MESSAGE = select_columns(col(InboxRow.event)).where(
    _IS_OURS,
    col(InboxRow.message_key) == bindparam("message_key"),
    col(InboxRow.kind) == bindparam("kind"),
)
_DELETION = (
    select_columns(col(InboxRow.event_id))
    .where(
        _IS_OURS,
        col(InboxRow.message_key).in_(
            [bindparam("message_key"), bindparam("thread"), bindparam("channel_key")]
        ),
        (col(InboxRow.kind) == "place_deleted")
        | (
            (col(InboxRow.kind) == "message_deleted")
            & (col(InboxRow.message_key) == bindparam("message_key"))
        ),
    )
    .limit(1)
)


def _find(tx: Transaction, message_key: str, kind: str) -> ScalarResult[Event | None]:
    key = {"community_id": tx.community_id, "message_key": message_key, "kind": kind}
    return connection_of(tx).scalars(_OF_MESSAGE, key)


def _posted_as(tx: Transaction, message_key: str) -> MessagePosted | None:
    """Return a message as it was posted; None when it never came, or is not kept any more."""
    events = _find(tx, message_key, "message_posted")
    return next((event for event in events if isinstance(event, MessagePosted)), None)


def _drop_bodies(tx: Transaction, condition: ColumnElement[bool], *, now: datetime) -> None:
    tx.exec(
        update(InboxRow)
        .where(col(InboxRow.community_id) == tx.community_id, condition)
        .values(event=None, author_id="", error="", state=InboxState.HANDLED, handled_at=now)
    )
