"""Messages that must not be said any more, or not as they were written."""

from collections.abc import Collection, Sequence

from sqlalchemy import Row
from sqlalchemy import select as select_columns
from sqlmodel import col, delete, select, update

from supportbot.domain.chat.audiences import scope_of
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import reply_id
from supportbot.domain.language.texts import joined
from supportbot.domain.replies.notices import without_mentions, without_quotes
from supportbot.domain.replies.reply import Reply
from supportbot.store import asks, inbox, knowledge, places
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.outbox import withdraw
from supportbot.store.outbox_rows import _IS_QUOTE, OutboxRow, OutboxState, QuoteRow


def withdraw_quoting(tx: Transaction, document_ids: Collection[str]) -> None:
    """Let no message say what a document said that is gone: think again, or strike it out."""
    quoting = select(QuoteRow.message_id).where(
        QuoteRow.community_id == tx.community_id, col(QuoteRow.document_id).in_(document_ids)
    )
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == tx.community_id, col(OutboxRow.id).in_(quoting)
        )
    )
    for row in rows.all():
        if row.state != OutboxState.WAITING or not think_again(tx, row):
            strike_out(tx, row, document_ids)


def withdraw_in(tx: Transaction, place: Place) -> None:
    """Say nothing more in a thread, or in a channel when there is no thread: it is gone."""
    where = (
        OutboxRow.channel_key == place.channel_key
        if place.thread is None
        else OutboxRow.thread == place.key
    )
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == tx.community_id, where, col(OutboxRow.message).is_not(None)
        )
    )
    for row in rows.all():
        withdraw(tx, row)


def withdraw_telling_of(tx: Transaction, thread: Place) -> None:
    """Tell nobody elsewhere of a question that is gone."""
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == tx.community_id, col(OutboxRow.message).is_not(None)
        )
    )
    for row in rows.all():
        about = row.message.about if row.message else None
        if about is not None and about.key == thread.key:
            withdraw(tx, row)


def withdraw_about(
    tx: Transaction,
    author: Author,
    *,
    threads: Collection[str],
    later: Collection[str],
) -> None:
    """Say nothing more that a member caused, or that names them; nor that they caused anything.

    Args:
        tx: The transaction of the forgetting.
        author: The member.
        threads: Keys of the threads in which they asked or answered.
        later: Ids of events of the member that are not forgotten.
    """
    rows = tx.exec(
        select(OutboxRow).where(
            OutboxRow.community_id == tx.community_id, col(OutboxRow.message).is_not(None)
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
            withdraw(tx, row)
        elif author.member_id in {mentioned.member_id for mentioned in reply.mentions}:
            row.message = without_mentions(row.message)
    theirs = (
        col(OutboxRow.community_id) == tx.community_id,
        col(OutboxRow.caused_by) == author.member_id,
        col(OutboxRow.cause).not_in(later),
    )
    # A place with them alone has their id as its name.
    _, _, name = direct_place(author).channel_key.rpartition("/")
    alone = col(OutboxRow.channel_key).endswith(f"/{name}", autoescape=True)
    tx.exec(update(OutboxRow).where(*theirs, alone).values(thread="", channel_key="", audience=""))
    tx.exec(update(OutboxRow).where(*theirs).values(caused_by=""))


def _is_on_page(name: str, reply: Reply) -> bool:
    sections = () if reply.page is None else reply.page.sections
    return any(name in line.text for section in sections for line in section.lines)


def stale_quotes(tx: Transaction, row: OutboxRow) -> set[str]:
    """Return the quoted documents that are gone, were changed, or are not for this place."""
    quotes = quotes_of(tx, row)
    if not quotes or row.message is None:
        return set()
    place = places.as_known(tx, row.message.place)
    scope = scope_of(place)
    visible = knowledge.hashes_of(tx, [id_ for id_, _ in quotes], scope=scope)
    return {id_ for id_, hash_ in quotes if visible.get(id_) != hash_}


def quotes_of(tx: Transaction, row: OutboxRow) -> Sequence[Row[str, str]]:
    """Read which documents a message quotes, and as they were then."""
    key = {"community_id": row.community_id, "message_id": row.id}
    return connection_of(tx).execute(_QUOTES, key).all()


def think_again(tx: Transaction, row: OutboxRow) -> bool:
    """Handle the event once more that led to a message, if nobody can have seen the message."""
    if row.attempts or not row.cause or not inbox.handle_again(tx, row.cause):
        return False
    if row.id == reply_id(row.thread):
        asks.take_back_first(tx, row.thread)
    tx.delete(row)
    tx.flush()
    return True


def strike_out(tx: Transaction, row: OutboxRow, document_ids: Collection[str]) -> None:
    """Take documents out of what a message quotes."""
    if row.message is not None:
        row.message = without_quotes(row.message, document_ids)
    tx.exec(
        delete(QuoteRow).where(
            col(QuoteRow.community_id) == row.community_id,
            col(QuoteRow.message_id) == row.id,
            col(QuoteRow.document_id).in_(document_ids),
        )
    )


_QUOTES = select_columns(col(QuoteRow.document_id), col(QuoteRow.hash)).where(_IS_QUOTE)
