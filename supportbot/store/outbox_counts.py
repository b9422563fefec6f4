"""How many messages a member caused, or a channel was given."""

from datetime import datetime

from sqlalchemy import Select, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, func, select

from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.outbox_rows import IS_OURS, PAGE, QUIET, WORD, OutboxRow, OutboxState


def count_caused_by(tx: Transaction, member_id: str, *, since: datetime, until: datetime) -> int:
    """Count the messages that a member has caused between two moments; their page is none."""
    return _count(tx, _CAUSED_BY, member_id, since, until)


def count_all_caused_by(tx: Transaction, member_id: str) -> int:
    """Count the messages that a member has caused, as far as they are kept."""
    query = select(func.count()).where(
        OutboxRow.community_id == tx.community_id, OutboxRow.caused_by == member_id
    )
    return tx.exec(query).one()


def count_pages_for(tx: Transaction, member_id: str, *, since: datetime, until: datetime) -> int:
    """Count how often a member's page was made between two moments."""
    return _count(tx, _PAGES_FOR, member_id, since, until)


def count_words_for(tx: Transaction, member_id: str, *, since: datetime, until: datetime) -> int:
    """Count the short words that a member alone was told between two moments."""
    return _count(tx, _WORDS_FOR, member_id, since, until)


def count_in_channel(tx: Transaction, channel_key: str, *, since: datetime, until: datetime) -> int:
    """Count the messages that a channel was given between two moments; a page is none."""
    return _count(tx, _IN_CHANNEL, channel_key, since, until)


def count(tx: Transaction, state: OutboxState) -> int:
    """Count the messages in a state."""
    query = select(func.count()).where(
        OutboxRow.community_id == tx.community_id, OutboxRow.state == state
    )
    return tx.exec(query).one()


_BETWEEN = (
    select_columns(func.count())
    .select_from(OutboxRow)
    .where(
        IS_OURS,
        col(OutboxRow.created_at) > bindparam("since"),
        col(OutboxRow.created_at) <= bindparam("until"),
    )
)


_THEIRS = _BETWEEN.where(col(OutboxRow.caused_by) == bindparam("of"))


_COUNTS = col(OutboxRow.slot).not_in(QUIET)


_CAUSED_BY = _THEIRS.where(_COUNTS)


_PAGES_FOR = _THEIRS.where(col(OutboxRow.slot) == PAGE)


_WORDS_FOR = _THEIRS.where(col(OutboxRow.slot) == WORD)


_IN_CHANNEL = _BETWEEN.where(col(OutboxRow.channel_key) == bindparam("of"), _COUNTS)


def _count(
    tx: Transaction,
    statement: Select[int],
    of: str,
    since: datetime,
    until: datetime,
) -> int:
    values = {"community_id": tx.community_id, "of": of, "since": since, "until": until}
    return connection_of(tx).execute(statement, values).scalar_one()
