"""Messages on their way: claimed, delivered, postponed, set aside."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from supportbot.domain.chat.questions import CLOSED
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.store import buttons, conversations, page_access, receipts
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.outbox import tell_what_became_of, withdraw
from supportbot.store.outbox_rows import IS_OURS, WORD, OutboxRow, OutboxState, drop_words
from supportbot.store.withdrawal import stale_quotes, strike_out, think_again


@dataclass(frozen=True, slots=True)
class Claim:
    """A message to deliver now, which attempt it is (from 1), and since when it waits."""

    message: OutgoingMessage
    attempt: int
    created_at: datetime
    posted_before: str = ""
    """The platform's id of the message that this one tells of."""


@dataclass(frozen=True, slots=True)
class SetAsideMessage:
    """A message that could not be delivered, for a maintainer to decide about."""

    message_id: str
    platform: str
    created_at: datetime
    attempts: int
    error: str


def claim(tx: Transaction, platform: str, *, now: datetime) -> Claim | None:
    """Take the oldest message that is due and has none before it in its thread.

    The attempt is counted before it is made. What is quoted is looked at once more: a message
    whose quotation was deleted, edited or closed off meanwhile is thought over again.
    """
    while True:
        due = {"community_id": tx.community_id, "platform": platform, "now": now}
        row = tx.scalars(_DUE, due).first()
        if row is None:
            return None
        if is_about_nothing(tx, row):
            withdraw(tx, row)
            continue
        stale = stale_quotes(tx, row)
        if stale and not think_again(tx, row):
            strike_out(tx, row, stale)
        elif stale:
            continue
        row.attempts += 1
        assert row.message is not None  # noqa: S101 - a waiting message has its words
        row.message = _without_late_buttons(tx, row.message)
        message = page_access.as_it_stands(tx, row.message)
        message = replace(message, replaces=message.replaces or _posted_in_slot(tx, row))
        after = message.after and tx.get(OutboxRow, (tx.community_id, message.after.message_id))
        return Claim(message, row.attempts, row.created_at, after.posted_id if after else "")


def next_due(tx: Transaction, platform: str, *, now: datetime) -> datetime | None:
    """Return when the next message that has none before it may be tried; None when none waits."""
    waiting = (
        OutboxRow.community_id == tx.community_id,
        OutboxRow.platform == platform,
        OutboxRow.state == OutboxState.WAITING,
        _is_first_in_thread(),
    )
    if tx.exec(select(OutboxRow.id).where(*waiting, col(OutboxRow.waits_since) > now)).first():
        return now
    return tx.exec(select(func.min(OutboxRow.due_at)).where(*waiting)).one()


def mark_delivered(tx: Transaction, message_id: str, posted_id: str) -> None:
    """Say that a message is there, and under which id the platform knows it.

    Its words are dropped: they stand on the platform now. What it quotes is noted as shown. One
    that was withdrawn meanwhile stays without words.
    """
    row = tx.get_one(OutboxRow, (tx.community_id, message_id))
    if row.message is not None:
        shown = row.message.reply.quotes
        receipts.note_shown(tx, row.thread, shown, now=row.created_at)
        if row.message.leaves is None:
            buttons.note(tx, row.message, posted_id)
    row.state = OutboxState.DELIVERED
    row.posted_id = posted_id
    row.error = ""
    drop_words(tx, row)
    tell_what_became_of(tx, row)


def postpone(
    tx: Transaction,
    message_id: str,
    *,
    now: datetime,
    until: datetime,
    error: str,
) -> None:
    """Try a message again later, unless it was withdrawn meanwhile."""
    row = tx.get_one(OutboxRow, (tx.community_id, message_id))
    row.due_at = until
    row.waits_since = now
    row.error = error


def set_aside(tx: Transaction, message_id: str, error: str) -> None:
    """Leave a message that the platform will never take, with the reason."""
    row = tx.get_one(OutboxRow, (tx.community_id, message_id))
    if row.state == OutboxState.WAITING:
        row.state = OutboxState.SET_ASIDE
        row.error = error
        tell_what_became_of(tx, row)


def deliver_again(tx: Transaction, message_id: str, *, now: datetime) -> bool:
    """Let a message that was set aside be tried again; False when there is none of that id.

    Its attempts go on counting, so that the platform is asked whether it has the message.
    """
    row = tx.get(OutboxRow, (tx.community_id, message_id))
    if row is None or row.state != OutboxState.SET_ASIDE or row.message is None:
        return False
    row.state = OutboxState.WAITING
    row.due_at = row.waits_since = now
    row.attempts = min(row.attempts, 1)
    row.error = ""
    return True


def drop(tx: Transaction, message_id: str) -> bool:
    """Give up a message that was set aside; False when there is none of that id."""
    row = tx.get(OutboxRow, (tx.community_id, message_id))
    if row is None or row.state != OutboxState.SET_ASIDE:
        return False
    withdraw(tx, row)
    return True


def messages_set_aside(tx: Transaction) -> list[SetAsideMessage]:
    """Read what was set aside, oldest first."""
    rows = tx.exec(
        select(OutboxRow)
        .where(OutboxRow.community_id == tx.community_id, OutboxRow.state == OutboxState.SET_ASIDE)
        .order_by(col(OutboxRow.position))
    )
    return [
        SetAsideMessage(row.id, row.platform, row.created_at, row.attempts, row.error)
        for row in rows
    ]


def is_about_nothing(tx: Transaction, row: OutboxRow) -> bool:
    """Whether it tells of a question that is gone or closed since it was written."""
    about = row.message.about if row.message else None
    if about is None:
        return False
    question = conversations.question_in(tx, about)
    return question is None or question.state in CLOSED


def _without_late_buttons(tx: Transaction, message: OutgoingMessage) -> OutgoingMessage:
    """Offer nothing to press about a question that was closed since a message was written."""
    if not message.reply.actions or message.alone:
        return message
    question = conversations.question_in(tx, message.about or message.place)
    if question is None or question.state not in CLOSED:
        return message
    return replace(message, reply=replace(message.reply, actions=(), choices=()))


def _posted_in_slot(tx: Transaction, row: OutboxRow) -> str:
    """Return the platform's id of the newest message of the same slot."""
    if row.slot in {"", WORD}:
        return ""
    where = {"community_id": row.community_id, "thread": row.thread, "slot": row.slot}
    return connection_of(tx).scalar(_POSTED_IN_SLOT, where) or ""


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


_DUE = (
    select_columns(OutboxRow)
    .where(
        IS_OURS,
        col(OutboxRow.platform) == bindparam("platform"),
        col(OutboxRow.state) == OutboxState.WAITING,
        or_(
            col(OutboxRow.due_at) <= bindparam("now"), col(OutboxRow.waits_since) > bindparam("now")
        ),
        _is_first_in_thread(),
    )
    .order_by(col(OutboxRow.position))
    .limit(1)
)


_POSTED_IN_SLOT = (
    select_columns(col(OutboxRow.posted_id))
    .where(
        IS_OURS,
        col(OutboxRow.thread) == bindparam("thread"),
        col(OutboxRow.state) == OutboxState.DELIVERED,
        col(OutboxRow.slot) == bindparam("slot"),
        col(OutboxRow.posted_id) != "",
    )
    .order_by(col(OutboxRow.position).desc())
    .limit(1)
)
