"""What is to be said: kept with what led to it, delivered at least once, in order in a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert
from sqlalchemy import select as select_columns
from sqlmodel import (
    col,
    func,
    select,
    update,
)

from supportbot.domain.chat.allowance import MOST_ALONE, WINDOW
from supportbot.domain.chat.audiences import audience_of
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.store import (
    knowledge,
)
from supportbot.store.engine.statements import connection_of, table_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.outbox_counts import count_words_for
from supportbot.store.outbox_rows import (
    IS_OURS,
    NO_CAUSE,
    PAGE,
    WORD,
    Cause,
    OutboxRow,
    OutboxState,
    QuoteRow,
    withdraw_row,
)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the bot that stands on the platform: our id, and its slot."""

    message_id: str
    slot: str


def put(
    tx: Transaction,
    messages: Sequence[OutgoingMessage],
    *,
    now: datetime,
    cause: Cause = NO_CAUSE,
) -> None:
    """Keep messages, to be delivered in this order. One that was kept before is not said again.

    A page takes the place of those that wait for the same reader.
    """
    new = [m for m in messages if not _is_said_already(tx, m, cause)]
    last = connection_of(tx).scalar(_LAST, {"community_id": tx.community_id}) if new else None
    start = (last or 0) + 1
    for message in new:
        if message.slot == PAGE:
            _withdraw_pages(tx, message.place)
    for position, message in enumerate(new, start):
        if message.alone and _is_enough(tx, message.alone.member, now):
            continue
        where = _seen_in(message)
        row = {
            "community_id": tx.community_id,
            "id": message.id,
            "platform": message.place.platform,
            "thread": where.key,
            "channel_key": where.channel_key,
            "audience": audience_of(where),
            "cause": cause.event_id,
            "caused_by": cause.member_id,
            "message": message,
            "slot": WORD if message.alone else message.slot,
            "position": position,
            "created_at": now,
            "due_at": now,
            "waits_since": now,
            "state": OutboxState.HELD if message.after else OutboxState.WAITING,
            "attempts": 0,
            "posted_id": "",
            "error": "",
        }
        connection_of(tx).execute(_PUT, row)
        quoted = {quote.document_id for quote in message.reply.quotes} - {""}
        quotes = [
            {
                "community_id": tx.community_id,
                "message_id": message.id,
                "document_id": id_,
                "hash": hash_,
            }
            for id_, hash_ in knowledge.hashes_of(tx, quoted).items()
        ]
        if quotes:
            connection_of(tx).execute(_PUT_QUOTES, quotes)
    for after in {message.after.message_id for message in new if message.after}:
        other = tx.get(OutboxRow, (tx.community_id, after))
        if other is not None:
            tell_what_became_of(tx, other)


def _is_said_already(tx: Transaction, message: OutgoingMessage, cause: Cause) -> bool:
    """Whether a message was kept before; what failed then is said when somebody asks anew."""
    row = tx.get(OutboxRow, (tx.community_id, message.id))
    if row is None:
        return False
    if row.state != OutboxState.SET_ASIDE or row.cause == cause.event_id:
        return True
    tx.delete(row)
    tx.flush()
    return False


def _seen_in(message: OutgoingMessage) -> Place:
    """Find where a message is seen. One for a member alone holds up nobody else in the thread."""
    if message.alone is None:
        return message.place
    place = direct_place(message.alone.member, message.place.workspace)
    return place.in_thread(message.alone.event_id)


def _is_enough(tx: Transaction, member: Author, now: datetime) -> bool:
    """Whether a member has pressed so much within the hour that they are told nothing more."""
    since = now - WINDOW
    said = count_words_for(tx, member.member_id, since=since, until=now)
    return said >= MOST_ALONE


def is_known(tx: Transaction, message_id: str) -> bool:
    """Whether a message was kept, whatever became of it."""
    key = {"community_id": tx.community_id, "id": message_id}
    return connection_of(tx).execute(_IS_KNOWN, key).first() is not None


_LAST = select_columns(func.max(OutboxRow.position)).where(IS_OURS)
_IS_KNOWN = select_columns(col(OutboxRow.id)).where(IS_OURS, col(OutboxRow.id) == bindparam("id"))
_PUT, _PUT_QUOTES = insert(table_of(OutboxRow)), insert(table_of(QuoteRow))


def posted_key(tx: Transaction, message_id: str) -> str:
    """Return the key of a message of the bot as one of its channel; empty when it is not there."""
    row = tx.get(OutboxRow, (tx.community_id, message_id))
    return f"{row.channel_key}/{row.posted_id}" if row is not None and row.posted_id else ""


def thread_of(tx: Transaction, place: Place, posted_id: str) -> str:
    """Return the key of the thread in which the bot said something; empty when it did not."""
    query = select(OutboxRow.thread).where(
        OutboxRow.community_id == tx.community_id,
        OutboxRow.channel_key == place.channel_key,
        OutboxRow.posted_id == posted_id,
    )
    return tx.exec(query).first() or ""


def has_spoken(tx: Transaction, thread: Place) -> bool:
    """Whether the bot has said, or is about to say, something in a thread for all to read."""
    query = select(OutboxRow.id).where(
        OutboxRow.community_id == tx.community_id,
        OutboxRow.thread == thread.key,
        col(OutboxRow.slot).not_in((PAGE, WORD)),
    )
    return tx.exec(query.limit(1)).first() is not None


def posted_as(tx: Transaction, place: Place, posted_id: str) -> Posted | None:
    """Find what the bot has posted in a channel, by the platform's id; None when it did not."""
    query = select(OutboxRow.id, OutboxRow.slot).where(
        OutboxRow.community_id == tx.community_id,
        OutboxRow.channel_key == place.channel_key,
        OutboxRow.posted_id == posted_id,
    )
    found = tx.exec(query).first()
    return None if found is None else Posted(*found)


def move_audience(tx: Transaction, place: Place) -> None:
    """Let what waits for a channel be meant for those who may see the channel now."""
    tx.exec(
        update(OutboxRow)
        .where(
            col(OutboxRow.community_id) == tx.community_id,
            col(OutboxRow.channel_key) == place.channel_key,
        )
        .values(audience=audience_of(place))
    )


def _withdraw_pages(tx: Transaction, place: Place) -> None:
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == tx.community_id,
            OutboxRow.thread == place.key,
            OutboxRow.slot == PAGE,
            col(OutboxRow.state).in_([OutboxState.WAITING, OutboxState.SET_ASIDE]),
        )
    )
    for row in rows.all():
        withdraw_row(tx, row)


def withdraw(tx: Transaction, row: OutboxRow) -> None:
    """Never say a message, and let those be said that wait for it."""
    withdraw_row(tx, row)
    tell_what_became_of(tx, row)


def tell_what_became_of(tx: Transaction, row: OutboxRow) -> None:
    """Let those be said that wait for a message.

    Where it could not be delivered, they are told so, once, and wait on: a maintainer may let it be
    tried again.
    """
    for one in _held(tx, row):
        match row.state:
            case OutboxState.WITHDRAWN:
                withdraw(tx, one)
            case OutboxState.DELIVERED:
                one.state = OutboxState.WAITING
            case OutboxState.SET_ASIDE if one.message and one.message.after:
                reply = one.message.after.otherwise
                failed = OutgoingMessage(f"{one.id}/failed", one.message.place, reply)
                cause = Cause(one.cause, one.caused_by)
                put(tx, [failed], now=one.created_at, cause=cause)


def _held(tx: Transaction, row: OutboxRow) -> list[OutboxRow]:
    """Read which messages wait for one."""
    held = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == row.community_id, OutboxRow.state == OutboxState.HELD
        )
    )
    awaited = ((one, one.message.after) for one in held.all() if one.message)
    return [one for one, after in awaited if after and after.message_id == row.id]
