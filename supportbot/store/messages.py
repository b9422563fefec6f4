"""Who said something, where and when: never what. It tells who is about, and who helps."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Integer, String, bindparam, literal_column
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Field, Index, SQLModel, col, delete, func, insert, select, update

from supportbot.domain.chat.audiences import COMMUNITY, Audience
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.expertise import Answered, Step, Utterance
from supportbot.store import identities
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.inbox import InboxRow


class MessageRow(SQLModel, table=True):
    """That a person said something. Bots are not noted."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_by_member", "community_id", "member_id"),
        Index("message_by_channel", "community_id", "channel_key"),
        Index("message_by_moment", "community_id", "said_at"),
        Index("message_by_thread", "community_id", "thread"),
    )
    community_id: str = Field(primary_key=True)
    message_key: str = Field(primary_key=True)
    channel_key: str
    member_id: str
    thread: str
    """Key of the conversation's first message; empty where the message stands alone."""
    said_at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Said:
    """One message, to be noted."""

    message_key: str
    channel_key: str
    member_id: str
    thread: str
    said_at: datetime


def note(tx: Transaction, said: Sequence[Said]) -> None:
    """Note messages; those that are noted already stay as they are.

    Once somebody replies to a message that stood alone, it begins a conversation.
    """
    rows = [
        {
            "community_id": tx.community_id,
            "message_key": one.message_key,
            "channel_key": one.channel_key,
            "member_id": one.member_id,
            "thread": one.thread,
            "said_at": one.said_at,
        }
        for one in said
    ]
    if rows:
        connection_of(tx).execute(_NOTE, rows)
    for some in in_batches({one.thread for one in said} - {""}):
        tx.exec(
            update(MessageRow)
            .where(
                col(MessageRow.community_id) == tx.community_id,
                col(MessageRow.message_key).in_(some),
                col(MessageRow.thread) == "",
            )
            .values(thread=col(MessageRow.message_key))
        )


_NOTE = insert(MessageRow).prefix_with("OR IGNORE")


def known(tx: Transaction, message_keys: Collection[str]) -> frozenset[str]:
    """Return which messages are noted."""
    found: set[str] = set()
    for some in in_batches(message_keys):
        query = select(MessageRow.message_key).where(
            MessageRow.community_id == tx.community_id, col(MessageRow.message_key).in_(some)
        )
        found.update(tx.exec(query))
    return frozenset(found)


def said_between(
    tx: Transaction,
    member_id: str,
    channel_key: str,
    *,
    since: datetime,
    until: datetime,
) -> list[str]:
    """Return the keys of what somebody said in a channel, outside threads, the oldest first."""
    return list(
        tx.exec(
            select(MessageRow.message_key)
            .where(
                MessageRow.community_id == tx.community_id,
                MessageRow.channel_key == channel_key,
                MessageRow.member_id == member_id,
                MessageRow.thread == "",
                col(MessageRow.said_at) >= since,
                col(MessageRow.said_at) <= until,
            )
            .order_by(col(MessageRow.said_at), col(MessageRow.message_key))
        )
    )


def came_in(tx: Transaction, message_keys: Collection[str]) -> frozenset[str]:
    """Return which messages the platform told of when they were posted."""
    return _told_of(tx, message_keys, ["message_posted"])


def deleted(tx: Transaction, keys: Collection[str]) -> frozenset[str]:
    """Return which messages, threads and channels the platform has told of as deleted."""
    return _told_of(tx, keys, ["message_deleted", "place_deleted"])


def steps_after(tx: Transaction, row: int) -> tuple[list[Step], int]:
    """Read what was noted since: each message with whom it helped, in the order of time.

    By person: what somebody said under several identities, one person said.

    Args:
        tx: A transaction.
        row: What the last reading gave; 0 to begin with.

    Returns:
        The steps, and where the next reading goes on.
    """
    who = identities.persons(tx).person
    steps, last = [], row
    new = {"of": tx.community_id, "row": row}
    for read in connection_of(tx).execute(_NEW, new).yield_per(_READ_AT_ONCE):
        last = max(last, read[0])
        steps.append(_step(who, *read[1:]))
    steps.sort(key=lambda step: (step.said.said_at, step.said.member_id))
    return steps, last


def _new() -> Executable:
    opener = aliased(MessageRow)
    number = literal_column("message.rowid", Integer)
    # The plus keeps SQLite from reading every message of the community, by an index on it, to find
    # the few that are new: https://www.sqlite.org/optoverview.html#unary_plus
    of = literal_column("+message.community_id", String)
    return (
        select_columns(
            number,
            col(MessageRow.message_key),
            col(MessageRow.member_id),
            col(MessageRow.channel_key),
            col(MessageRow.thread),
            col(MessageRow.said_at),
            col(opener.member_id),
            col(QuestionRow.text),
            col(QuestionRow.audience),
            col(QuestionRow.asked_at),
            col(AnswerRow.is_accepted),
        )
        .select_from(MessageRow)
        .join(
            opener,
            (col(opener.community_id) == MessageRow.community_id)
            & (col(opener.message_key) == MessageRow.thread),
            isouter=True,
        )
        .join(
            QuestionRow,
            (col(QuestionRow.community_id) == MessageRow.community_id)
            & (col(QuestionRow.id) == MessageRow.thread),
            isouter=True,
        )
        .join(
            AnswerRow,
            (col(AnswerRow.community_id) == MessageRow.community_id)
            & (col(AnswerRow.message_key) == MessageRow.message_key),
            isouter=True,
        )
        .where(of == bindparam("of"), number > bindparam("row"))
    )


_NEW = _new()


def count_by(tx: Transaction, member_id: str) -> int:
    """Count the messages of a member that are noted."""
    query = select(func.count()).where(
        MessageRow.community_id == tx.community_id, MessageRow.member_id == member_id
    )
    return tx.exec(query).one()


def last_said_at(tx: Transaction, member_id: str) -> datetime | None:
    """Return when a member has last said something; None when nothing is noted."""
    query = select(func.max(MessageRow.said_at)).where(
        MessageRow.community_id == tx.community_id, MessageRow.member_id == member_id
    )
    return tx.exec(query).one()


def channels_of(tx: Transaction, member_id: str) -> frozenset[str]:
    """Return the keys of the channels in which a member has said something."""
    query = select(MessageRow.channel_key).where(
        MessageRow.community_id == tx.community_id, MessageRow.member_id == member_id
    )
    return frozenset(tx.exec(query.distinct()))


def has_spoken_in(tx: Transaction, channel_key: str, member_id: str) -> bool:
    """Whether a member has ever said something in a channel."""
    query = select(MessageRow.message_key).where(
        MessageRow.community_id == tx.community_id,
        MessageRow.member_id == member_id,
        MessageRow.channel_key == channel_key,
    )
    return tx.exec(query.limit(1)).first() is not None


def is_replied_to(tx: Transaction, message_key: str, *, besides: str) -> bool:
    """Whether somebody else than this member has said something in the thread of a message."""
    query = select(MessageRow.message_key).where(
        MessageRow.community_id == tx.community_id,
        MessageRow.thread == message_key,
        MessageRow.message_key != message_key,
        MessageRow.member_id != besides,
    )
    return tx.exec(query.limit(1)).first() is not None


def remove(tx: Transaction, message_key: str) -> None:
    """Remove what is noted of a message."""
    _remove(tx, col(MessageRow.message_key) == message_key)


def remove_in(tx: Transaction, place: Place) -> None:
    """Remove what is noted of a thread, or of a channel when there is no thread."""
    if place.thread is None:
        _remove(tx, col(MessageRow.channel_key) == place.channel_key)
    else:
        _remove(tx, col(MessageRow.thread) == place.key)
        remove(tx, place.key)


def remove_by(tx: Transaction, member_id: str, *, until: datetime) -> None:
    """Remove what is noted of a member until a moment."""
    of_theirs = (col(MessageRow.member_id) == member_id) & (col(MessageRow.said_at) <= until)
    _remove(tx, of_theirs)


_READ_AT_ONCE = 10_000


def _step(  # noqa: PLR0913, PLR0917 - a row
    who: Callable[[str], str],
    message_key: str,
    member_id: str,
    channel_key: str,
    thread: str,
    said_at: datetime,
    asker_id: str | None,
    question: str | None,
    audience: str | None,
    asked_at: datetime | None,
    is_accepted: bool | None,  # noqa: FBT001 - as it is read
) -> Step:
    person_id = who(member_id)
    said = Utterance(person_id, channel_key, said_at, thread)
    answered = None
    if asker_id and who(asker_id) != person_id:
        answered = Answered(
            person_id,
            who(asker_id),
            channel_key,
            thread,
            said_at,
            question or "",
            COMMUNITY if audience is None else Audience(audience),
            asked_at,
        )
    asked = question or "" if message_key == thread else ""
    return Step(said, answered, person_id if is_accepted else "", asked)


def _remove(tx: Transaction, condition: ColumnElement[bool]) -> None:
    tx.exec(delete(MessageRow).where(col(MessageRow.community_id) == tx.community_id, condition))


def _told_of(tx: Transaction, keys: Collection[str], kinds: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for some in in_batches(keys):
        query = select(InboxRow.message_key).where(
            InboxRow.community_id == tx.community_id,
            col(InboxRow.message_key).in_(some),
            col(InboxRow.kind).in_(kinds),
        )
        found.update(tx.exec(query))
    return frozenset(found)
