"""The outbox's tables, and the states of a message."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, bindparam
from sqlmodel import Field, ForeignKeyConstraint, Index, SQLModel, col, delete

from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.store import buttons
from supportbot.store.engine.columns import Json, UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


def _in_parts(message: Any) -> Any:
    """Bring a message to today's shape.

    Sentences were plain, with the names of those whom they notify beside them. They are notified at
    the end now: where in the sentence a name stood cannot be told from other words.
    """
    reply = message["reply"]
    mentions = reply.pop("mentions", ())
    if mentions:
        words = {"words": f"{reply.get('closing') or reply['text']} "}
        parts = [part for author in mentions for part in ({"words": ", "}, {"author": author})][1:]
        reply["closing" if reply.get("closing") else "text"] = {"parts": [words, *parts]}
    return message


class OutboxState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    HELD = "held"
    """It waits for another message to be there."""
    DELIVERED = "delivered"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"
    """What it was about is gone, so nobody needs it any more."""


class OutboxRow(SQLModel, table=True):
    """A message of the bot. Its id stays the same over attempts; its words go once it is there."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_by_state", "community_id", "platform", "state", "position"),
        Index("outbox_by_thread", "community_id", "thread", "state", "position"),
        Index("outbox_by_position", "community_id", "position"),
        Index("outbox_by_channel", "community_id", "channel_key", "created_at"),
        Index("outbox_by_member", "community_id", "caused_by", "created_at"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    platform: str
    thread: str
    channel_key: str
    audience: str
    cause: str
    """Id of the event that led to it; empty when it came by the clock."""
    caused_by: str
    """Member id of the one whose event it was."""
    message: OutgoingMessage | None = Field(
        sa_column=Column(Json(OutgoingMessage, upgraded=_in_parts), nullable=True)
    )
    position: int
    """Counts the messages of a community in the order in which they are to be said."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    waits_since: datetime = Field(sa_type=UtcDateTime)
    """When `due_at` was set. A clock that shows less than this was put back."""
    state: str = OutboxState.WAITING
    attempts: int = 0
    posted_id: str = ""
    error: str = ""
    slot: str = ""
    """Of the messages of a thread and slot only the newest is shown, where a platform can."""


PAGE = "page"
"""The slot of a member's page: it counts as no message, for it disturbs nobody."""


WORD = "word"
"""The slot of a short word to one person alone, who did something: it disturbs nobody either."""


WHOSE = "whose"
"""The slot of the offer to say whose answer solved a question: one message that is kept up."""


FIRST = "first"
"""The slot of the replies to a question that is written in several messages."""


QUIET = (PAGE, WORD, WHOSE, buttons.SLOT)
"""Slots of what counts as no message."""


class QuoteRow(SQLModel, table=True):
    """Which document a waiting message quotes, and as it was then."""

    __tablename__ = "outbox_quote"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "message_id"],
            ["outbox.community_id", "outbox.id"],
            ondelete="CASCADE",
        ),
        Index("outbox_quote_by_document", "community_id", "document_id"),
    )
    community_id: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    document_id: str = Field(primary_key=True)
    hash: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Which event leads to a message, and the member whose event it is."""

    event_id: str = ""
    member_id: str = ""


NO_CAUSE = Cause()
"""Of what no event of a member led to."""

IS_OURS = col(OutboxRow.community_id) == bindparam("community_id")


def withdraw_row(tx: Transaction, row: OutboxRow) -> None:
    """Never say a message that was not said yet."""
    row.state = OutboxState.WITHDRAWN
    row.error = ""
    drop_words(tx, row)


def drop_words(tx: Transaction, row: OutboxRow) -> None:
    """Drop what a message said, and what it quoted."""
    row.message = None
    key = {"community_id": row.community_id, "message_id": row.id}
    connection_of(tx).execute(_DROP_QUOTES, key)


_IS_QUOTE = (col(QuoteRow.community_id) == bindparam("community_id")) & (
    col(QuoteRow.message_id) == bindparam("message_id")
)


_DROP_QUOTES = delete(QuoteRow).where(_IS_QUOTE)
