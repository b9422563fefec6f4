"""What is to be said: kept with what led to it, delivered at least once, in order in a thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, insert, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import (
    Field,
    ForeignKeyConstraint,
    Index,
    Session,
    SQLModel,
    col,
    delete,
    func,
    select,
    update,
)

from supportbot.domain.allowance import MOST_ALONE, WINDOW
from supportbot.domain.composing import without_mentions, without_quotes
from supportbot.domain.events import Author
from supportbot.domain.places import Place, audience_of, direct_place, scope_of
from supportbot.domain.questions import CLOSED, reply_id
from supportbot.domain.replies import OutgoingMessage, Reply
from supportbot.domain.texts import joined
from supportbot.store import (
    asks,
    buttons,
    conversations,
    inbox,
    knowledge,
    pages,
    places,
    receipts,
)
from supportbot.store.columns import Json, UtcDateTime
from supportbot.store.statements import connection_of, table_of


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
_QUIET = (PAGE, WORD, WHOSE, buttons.SLOT)
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


@dataclass(frozen=True, slots=True)
class Claim:
    """A message to deliver now, which attempt it is (from 1), and since when it waits."""

    message: OutgoingMessage
    attempt: int
    created_at: datetime
    posted_before: str = ""
    """The platform's id of the message that this one tells of."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the bot that stands on the platform: our id, and its slot."""

    message_id: str
    slot: str


@dataclass(frozen=True, slots=True)
class SetAsideMessage:
    """A message that could not be delivered, for a maintainer to decide about."""

    message_id: str
    platform: str
    created_at: datetime
    attempts: int
    error: str


def put(
    tx: Session,
    community_id: str,
    messages: Sequence[OutgoingMessage],
    *,
    now: datetime,
    cause: Cause = Cause(),
) -> None:
    """Keep messages, to be delivered in this order. One that was kept before is not said again.

    A page takes the place of those that wait for the same reader.
    """
    new = [m for m in messages if not _is_said_already(tx, community_id, m, cause)]
    last = connection_of(tx).scalar(_LAST, {"community_id": community_id}) if new else None
    start = (last or 0) + 1
    for message in new:
        if message.slot == PAGE:
            _withdraw_pages(tx, community_id, message.place)
    for position, message in enumerate(new, start):
        if message.alone and _is_enough(tx, community_id, message.alone.member, now):
            continue
        where = _seen_in(message)
        row = {
            "community_id": community_id,
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
                "community_id": community_id,
                "message_id": message.id,
                "document_id": id_,
                "hash": hash_,
            }
            for id_, hash_ in knowledge.hashes_of(tx, community_id, quoted).items()
        ]
        if quotes:
            connection_of(tx).execute(_PUT_QUOTES, quotes)
    for after in {message.after.message_id for message in new if message.after}:
        other = tx.get(OutboxRow, (community_id, after))
        if other is not None:
            _tell_what_became_of(tx, other)


def _is_said_already(
    tx: Session, community_id: str, message: OutgoingMessage, cause: Cause
) -> bool:
    """Whether a message was kept before; what failed then is said when somebody asks anew."""
    row = tx.get(OutboxRow, (community_id, message.id))
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


def _is_enough(tx: Session, community_id: str, member: Author, now: datetime) -> bool:
    """Whether a member has pressed so much within the hour that they are told nothing more."""
    since = now - WINDOW
    said = count_words_for(tx, community_id, member.member_id, since=since, until=now)
    return said >= MOST_ALONE


def is_known(tx: Session, community_id: str, message_id: str) -> bool:
    """Say whether a message was kept, whatever became of it."""
    key = {"community_id": community_id, "id": message_id}
    return connection_of(tx).execute(_IS_KNOWN, key).first() is not None


_IS_OURS = col(OutboxRow.community_id) == bindparam("community_id")
_LAST = select_columns(func.max(OutboxRow.position)).where(_IS_OURS)
_IS_KNOWN = select_columns(col(OutboxRow.id)).where(_IS_OURS, col(OutboxRow.id) == bindparam("id"))
_PUT, _PUT_QUOTES = insert(table_of(OutboxRow)), insert(table_of(QuoteRow))


def posted_key(tx: Session, community_id: str, message_id: str) -> str:
    """Give the key of a message of the bot as one of its channel; empty when it is not there."""
    row = tx.get(OutboxRow, (community_id, message_id))
    return f"{row.channel_key}/{row.posted_id}" if row is not None and row.posted_id else ""


def thread_of(tx: Session, community_id: str, place: Place, posted_id: str) -> str:
    """Give the key of the thread in which the bot said something; empty when it did not."""
    query = select(OutboxRow.thread).where(
        OutboxRow.community_id == community_id,
        OutboxRow.channel_key == place.channel_key,
        OutboxRow.posted_id == posted_id,
    )
    return tx.exec(query).first() or ""


def has_spoken(tx: Session, community_id: str, thread: Place) -> bool:
    """Whether the bot has said, or is about to say, something in a thread for all to read."""
    query = select(OutboxRow.id).where(
        OutboxRow.community_id == community_id,
        OutboxRow.thread == thread.key,
        col(OutboxRow.slot).not_in((PAGE, WORD)),
    )
    return tx.exec(query.limit(1)).first() is not None


def posted_as(tx: Session, community_id: str, place: Place, posted_id: str) -> Posted | None:
    """Find what the bot has posted in a channel, by the platform's id; None when it did not."""
    query = select(OutboxRow.id, OutboxRow.slot).where(
        OutboxRow.community_id == community_id,
        OutboxRow.channel_key == place.channel_key,
        OutboxRow.posted_id == posted_id,
    )
    found = tx.exec(query).first()
    return None if found is None else Posted(*found)


def claim(tx: Session, community_id: str, platform: str, *, now: datetime) -> Claim | None:
    """Take the oldest message that is due and has none before it in its thread.

    The attempt is counted before it is made. What is quoted is looked at once more: a message
    whose quotation was deleted, edited or closed off meanwhile is thought over again.
    """
    while True:
        due = {"community_id": community_id, "platform": platform, "now": now}
        row = tx.scalars(_DUE, due).first()
        if row is None:
            return None
        if _is_about_nothing(tx, row):
            _withdraw(tx, row)
            continue
        stale = _stale_quotes(tx, row)
        if stale and not _think_again(tx, row):
            _strike_out(tx, row, stale)
        elif stale:
            continue
        row.attempts += 1
        assert row.message is not None  # noqa: S101 - a waiting message has its words
        row.message = _without_late_buttons(tx, community_id, row.message)
        message = pages.as_it_stands(tx, community_id, row.message)
        message = replace(message, replaces=message.replaces or _posted_in_slot(tx, row))
        after = message.after and tx.get(OutboxRow, (community_id, message.after.message_id))
        return Claim(message, row.attempts, row.created_at, after.posted_id if after else "")


def next_due(tx: Session, community_id: str, platform: str, *, now: datetime) -> datetime | None:
    """Say when the next message that has none before it may be tried; None when none waits."""
    waiting = (
        OutboxRow.community_id == community_id,
        OutboxRow.platform == platform,
        OutboxRow.state == OutboxState.WAITING,
        _is_first_in_thread(),
    )
    if tx.exec(select(OutboxRow.id).where(*waiting, col(OutboxRow.waits_since) > now)).first():
        return now
    return tx.exec(select(func.min(OutboxRow.due_at)).where(*waiting)).one()


def mark_delivered(tx: Session, community_id: str, message_id: str, posted_id: str) -> None:
    """Say that a message is there, and under which id the platform knows it.

    Its words are dropped: they stand on the platform now. What it quotes is noted as shown. One
    that was withdrawn meanwhile stays without words.
    """
    row = tx.get_one(OutboxRow, (community_id, message_id))
    if row.message is not None:
        shown = row.message.reply.quotes
        receipts.note_shown(tx, community_id, row.thread, shown, now=row.created_at)
        if row.message.leaves is None:
            buttons.note(tx, community_id, row.message, posted_id)
    row.state = OutboxState.DELIVERED
    row.posted_id = posted_id
    row.error = ""
    _drop_words(tx, row)
    _tell_what_became_of(tx, row)


def postpone(  # noqa: PLR0913 - a moment, and what it is counted from
    tx: Session,
    community_id: str,
    message_id: str,
    *,
    now: datetime,
    until: datetime,
    error: str,
) -> None:
    """Try a message again later, unless it was withdrawn meanwhile."""
    row = tx.get_one(OutboxRow, (community_id, message_id))
    row.due_at = until
    row.waits_since = now
    row.error = error


def set_aside(tx: Session, community_id: str, message_id: str, error: str) -> None:
    """Leave a message that the platform will never take, with the reason."""
    row = tx.get_one(OutboxRow, (community_id, message_id))
    if row.state == OutboxState.WAITING:
        row.state = OutboxState.SET_ASIDE
        row.error = error
        _tell_what_became_of(tx, row)


def deliver_again(tx: Session, community_id: str, message_id: str, *, now: datetime) -> bool:
    """Let a message that was set aside be tried again; False when there is none of that id.

    Its attempts go on counting, so that the platform is asked whether it has the message.
    """
    row = tx.get(OutboxRow, (community_id, message_id))
    if row is None or row.state != OutboxState.SET_ASIDE or row.message is None:
        return False
    row.state = OutboxState.WAITING
    row.due_at = row.waits_since = now
    row.attempts = min(row.attempts, 1)
    row.error = ""
    return True


def drop(tx: Session, community_id: str, message_id: str) -> bool:
    """Give up a message that was set aside; False when there is none of that id."""
    row = tx.get(OutboxRow, (community_id, message_id))
    if row is None or row.state != OutboxState.SET_ASIDE:
        return False
    _withdraw(tx, row)
    return True


def messages_set_aside(tx: Session, community_id: str) -> list[SetAsideMessage]:
    """Read what was set aside, oldest first."""
    rows = tx.exec(
        select(OutboxRow)
        .where(OutboxRow.community_id == community_id, OutboxRow.state == OutboxState.SET_ASIDE)
        .order_by(col(OutboxRow.position))
    )
    return [
        SetAsideMessage(row.id, row.platform, row.created_at, row.attempts, row.error)
        for row in rows
    ]


def withdraw_quoting(tx: Session, community_id: str, document_ids: Collection[str]) -> None:
    """Let no message say what a document said that is gone: think again, or strike it out."""
    quoting = select(QuoteRow.message_id).where(
        QuoteRow.community_id == community_id, col(QuoteRow.document_id).in_(document_ids)
    )
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == community_id, col(OutboxRow.id).in_(quoting)
        )
    )
    for row in rows.all():
        if row.state != OutboxState.WAITING or not _think_again(tx, row):
            _strike_out(tx, row, document_ids)


def withdraw_in(tx: Session, community_id: str, place: Place) -> None:
    """Say nothing more in a thread, or in a channel when there is no thread: it is gone."""
    where = (
        OutboxRow.channel_key == place.channel_key
        if place.thread is None
        else OutboxRow.thread == place.key
    )
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == community_id, where, col(OutboxRow.message).is_not(None)
        )
    )
    for row in rows.all():
        _withdraw(tx, row)


def withdraw_telling_of(tx: Session, community_id: str, thread: Place) -> None:
    """Tell nobody elsewhere of a question that is gone."""
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == community_id, col(OutboxRow.message).is_not(None)
        )
    )
    for row in rows.all():
        about = row.message.about if row.message else None
        if about is not None and about.key == thread.key:
            _withdraw(tx, row)


def withdraw_about(
    tx: Session,
    community_id: str,
    author: Author,
    *,
    threads: Collection[str],
    later: Collection[str],
) -> None:
    """Say nothing more that a member caused, or that names them; nor that they caused anything.

    Args:
        tx: The transaction of the forgetting.
        community_id: Whose outbox.
        author: The member.
        threads: Keys of the threads in which they asked or answered.
        later: Ids of events of the member that are not forgotten.
    """
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == community_id, col(OutboxRow.message).is_not(None)
        )
    )
    for row in rows.all():
        assert row.message is not None  # noqa: S101 - it was selected so
        reply = row.message.reply
        is_theirs = row.caused_by == author.member_id and row.cause not in later
        said = reply.text if author in reply.mentions else joined(reply.text, reply.closing)
        is_there = row.thread in threads and author.name in said
        is_named = bool(author.name) and (is_there or _is_on_page(author.name, reply))
        if is_theirs or is_named:
            _withdraw(tx, row)
        elif author.member_id in {mentioned.member_id for mentioned in reply.mentions}:
            row.message = without_mentions(row.message)
    theirs = (
        col(OutboxRow.community_id) == community_id,
        col(OutboxRow.caused_by) == author.member_id,
        col(OutboxRow.cause).not_in(later),
    )
    # A place with them alone has their id as its name.
    _, _, name = direct_place(author).channel_key.rpartition("/")
    alone = col(OutboxRow.channel_key).endswith(f"/{name}", autoescape=True)
    tx.exec(update(OutboxRow).where(*theirs, alone).values(thread="", channel_key="", audience=""))
    tx.exec(update(OutboxRow).where(*theirs).values(caused_by=""))


def move_audience(tx: Session, community_id: str, place: Place) -> None:
    """Let what waits for a channel be meant for those who may see the channel now."""
    tx.exec(
        update(OutboxRow)
        .where(
            col(OutboxRow.community_id) == community_id,
            col(OutboxRow.channel_key) == place.channel_key,
        )
        .values(audience=audience_of(place))
    )


def count_caused_by(
    tx: Session, community_id: str, member_id: str, *, since: datetime, until: datetime
) -> int:
    """Count the messages that a member has caused between two moments; their page is none."""
    return _count(tx, _CAUSED_BY, community_id, member_id, since, until)


def count_all_caused_by(tx: Session, community_id: str, member_id: str) -> int:
    """Count the messages that a member has caused, as far as they are kept."""
    query = select(func.count()).where(
        OutboxRow.community_id == community_id, OutboxRow.caused_by == member_id
    )
    return tx.exec(query).one()


def count_pages_for(
    tx: Session, community_id: str, member_id: str, *, since: datetime, until: datetime
) -> int:
    """Count how often a member's page was made between two moments."""
    return _count(tx, _PAGES_FOR, community_id, member_id, since, until)


def count_words_for(
    tx: Session, community_id: str, member_id: str, *, since: datetime, until: datetime
) -> int:
    """Count the short words that a member alone was told between two moments."""
    return _count(tx, _WORDS_FOR, community_id, member_id, since, until)


def count_in_channel(
    tx: Session, community_id: str, channel_key: str, *, since: datetime, until: datetime
) -> int:
    """Count the messages that a channel was given between two moments; a page is none."""
    return _count(tx, _IN_CHANNEL, community_id, channel_key, since, until)


def count(tx: Session, community_id: str, state: OutboxState) -> int:
    """Count the messages in a state."""
    query = select(func.count()).where(
        OutboxRow.community_id == community_id, OutboxRow.state == state
    )
    return tx.exec(query).one()


_BETWEEN = (
    select_columns(func.count())
    .select_from(OutboxRow)
    .where(
        _IS_OURS,
        col(OutboxRow.created_at) > bindparam("since"),
        col(OutboxRow.created_at) <= bindparam("until"),
    )
)
_THEIRS = _BETWEEN.where(col(OutboxRow.caused_by) == bindparam("of"))
_COUNTS = col(OutboxRow.slot).not_in(_QUIET)
_CAUSED_BY = _THEIRS.where(_COUNTS)
_PAGES_FOR = _THEIRS.where(col(OutboxRow.slot) == PAGE)
_WORDS_FOR = _THEIRS.where(col(OutboxRow.slot) == WORD)
_IN_CHANNEL = _BETWEEN.where(col(OutboxRow.channel_key) == bindparam("of"), _COUNTS)


def _count(  # noqa: PLR0913, PLR0917 - what, whose, and between which moments
    tx: Session,
    statement: Select[int],
    community_id: str,
    of: str,
    since: datetime,
    until: datetime,
) -> int:
    values = {"community_id": community_id, "of": of, "since": since, "until": until}
    return connection_of(tx).execute(statement, values).scalar_one()


def _is_about_nothing(tx: Session, row: OutboxRow) -> bool:
    """Say whether it tells of a question that is gone or closed since it was written."""
    about = row.message.about if row.message else None
    if about is None:
        return False
    question = conversations.question_in(tx, row.community_id, about)
    return question is None or question.state in CLOSED


def _without_late_buttons(
    tx: Session, community_id: str, message: OutgoingMessage
) -> OutgoingMessage:
    """Offer nothing to press about a question that was closed since a message was written."""
    if not message.reply.actions or message.alone:
        return message
    question = conversations.question_in(tx, community_id, message.about or message.place)
    if question is None or question.state not in CLOSED:
        return message
    return replace(message, reply=replace(message.reply, actions=(), choices=()))


def _withdraw_pages(tx: Session, community_id: str, place: Place) -> None:
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == community_id,
            OutboxRow.thread == place.key,
            OutboxRow.slot == PAGE,
            col(OutboxRow.state).in_([OutboxState.WAITING, OutboxState.SET_ASIDE]),
        )
    )
    for row in rows.all():
        _withdraw(tx, row)


def _is_on_page(name: str, reply: Reply) -> bool:
    sections = () if reply.page is None else reply.page.sections
    return any(name in line.text for section in sections for line in section.lines)


def _posted_in_slot(tx: Session, row: OutboxRow) -> str:
    """Give the platform's id of the newest message of the same slot."""
    if row.slot in {"", WORD}:
        return ""
    where = {"community_id": row.community_id, "thread": row.thread, "slot": row.slot}
    return connection_of(tx).scalar(_POSTED_IN_SLOT, where) or ""


def _stale_quotes(tx: Session, row: OutboxRow) -> set[str]:
    """Give the quoted documents that are gone, were changed, or are not for this place."""
    quotes = _quotes(tx, row)
    if not quotes or row.message is None:
        return set()
    place = places.as_known(tx, row.community_id, row.message.place)
    scope = scope_of(row.community_id, place)
    visible = knowledge.hashes_of(tx, row.community_id, [id_ for id_, _ in quotes], scope=scope)
    return {id_ for id_, hash_ in quotes if visible.get(id_) != hash_}


def _quotes(tx: Session, row: OutboxRow) -> Sequence[Row[str, str]]:
    """Read which documents a message quotes, and as they were then."""
    key = {"community_id": row.community_id, "message_id": row.id}
    return connection_of(tx).execute(_QUOTES, key).all()


def _think_again(tx: Session, row: OutboxRow) -> bool:
    """Handle the event once more that led to a message, if nobody can have seen the message."""
    if row.attempts or not row.cause or not inbox.handle_again(tx, row.community_id, row.cause):
        return False
    if row.id == reply_id(row.thread):
        asks.take_back_first(tx, row.community_id, row.thread)
    tx.delete(row)
    tx.flush()
    return True


def _strike_out(tx: Session, row: OutboxRow, document_ids: Collection[str]) -> None:
    if row.message is not None:
        row.message = without_quotes(row.message, document_ids)
    tx.exec(
        delete(QuoteRow).where(
            col(QuoteRow.community_id) == row.community_id,
            col(QuoteRow.message_id) == row.id,
            col(QuoteRow.document_id).in_(document_ids),
        )
    )


def _withdraw(tx: Session, row: OutboxRow) -> None:
    row.state = OutboxState.WITHDRAWN
    row.error = ""
    _drop_words(tx, row)
    _tell_what_became_of(tx, row)


def _tell_what_became_of(tx: Session, row: OutboxRow) -> None:
    """Let those be said that wait for a message.

    Where it could not be delivered, they are told so, once, and wait on: a maintainer may let it be
    tried again.
    """
    for one in _held(tx, row):
        match row.state:
            case OutboxState.WITHDRAWN:
                _withdraw(tx, one)
            case OutboxState.DELIVERED:
                one.state = OutboxState.WAITING
            case OutboxState.SET_ASIDE if one.message and one.message.after:
                reply = one.message.after.otherwise
                failed = OutgoingMessage(f"{one.id}/failed", one.message.place, reply)
                cause = Cause(one.cause, one.caused_by)
                put(tx, row.community_id, [failed], now=one.created_at, cause=cause)


def _held(tx: Session, row: OutboxRow) -> list[OutboxRow]:
    """Read which messages wait for one."""
    held = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == row.community_id, OutboxRow.state == OutboxState.HELD
        )
    )
    awaited = ((one, one.message.after) for one in held.all() if one.message)
    return [one for one, after in awaited if after and after.message_id == row.id]


def _drop_words(tx: Session, row: OutboxRow) -> None:
    row.message = None
    key = {"community_id": row.community_id, "message_id": row.id}
    connection_of(tx).execute(_DROP_QUOTES, key)


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
        _IS_OURS,
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
        _IS_OURS,
        col(OutboxRow.thread) == bindparam("thread"),
        col(OutboxRow.state) == OutboxState.DELIVERED,
        col(OutboxRow.slot) == bindparam("slot"),
        col(OutboxRow.posted_id) != "",
    )
    .order_by(col(OutboxRow.position).desc())
    .limit(1)
)
_IS_QUOTE = (col(QuoteRow.community_id) == bindparam("community_id")) & (
    col(QuoteRow.message_id) == bindparam("message_id")
)
_QUOTES = select_columns(col(QuoteRow.document_id), col(QuoteRow.hash)).where(_IS_QUOTE)
_DROP_QUOTES = delete(QuoteRow).where(_IS_QUOTE)
