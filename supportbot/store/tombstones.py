"""Who was forgotten, and until when: so that nothing brings back what they had said."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, select

from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class TombstoneRow(SQLModel, table=True):
    """A member who was forgotten, named by a hash: the id itself is forgotten too."""

    __tablename__ = "tombstone"
    community_id: str = Field(primary_key=True)
    member_hash: str = Field(primary_key=True)
    forgotten_at: datetime = Field(sa_type=UtcDateTime)


def put(tx: Transaction, member_id: str, forgotten_at: datetime) -> None:
    """Let nothing come back that a member said until this moment."""
    key = (tx.community_id, _hash(tx.community_id, member_id))
    known = tx.get(TombstoneRow, key)
    if known is None:
        tx.add(TombstoneRow(community_id=key[0], member_hash=key[1], forgotten_at=forgotten_at))
    else:
        known.forgotten_at = max(known.forgotten_at, forgotten_at)


def is_forgotten(tx: Transaction, member_id: str, said_at: datetime | None) -> bool:
    """Whether something is from before its author was forgotten. Without a date, it is."""
    until = forgotten_at(tx, member_id)
    return until is not None and (said_at is None or said_at <= until)


def forgotten_at(tx: Transaction, member_id: str) -> datetime | None:
    """Return when a member was forgotten; None when they were not."""
    key = {"community_id": tx.community_id, "member_hash": _hash(tx.community_id, member_id)}
    return connection_of(tx).scalar(_FORGOTTEN_AT, key)


_FORGOTTEN_AT = select_columns(col(TombstoneRow.forgotten_at)).where(
    col(TombstoneRow.community_id) == bindparam("community_id"),
    col(TombstoneRow.member_hash) == bindparam("member_hash"),
)


def forgotten_among(tx: Transaction, member_ids: Collection[str]) -> dict[str, datetime]:
    """Return of each of some members who was forgotten until when."""
    hashes = {_hash(tx.community_id, member_id): member_id for member_id in member_ids}
    found = {}
    for some in in_batches(hashes):
        query = select(TombstoneRow.member_hash, TombstoneRow.forgotten_at).where(
            TombstoneRow.community_id == tx.community_id,
            col(TombstoneRow.member_hash).in_(some),
        )
        found.update({hashes[hash_]: moment for hash_, moment in tx.exec(query)})
    return found


def _hash(community_id: str, member_id: str) -> str:
    return hashlib.sha256(f"{community_id}\0{member_id}".encode("utf-8", "replace")).hexdigest()
