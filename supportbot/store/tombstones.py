"""Who was forgotten, and until when: so that nothing brings back what they had said."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from supportbot.store.batches import in_batches
from supportbot.store.columns import UtcDateTime


class TombstoneRow(SQLModel, table=True):
    """A member who was forgotten, named by a hash: the id itself is forgotten too."""

    __tablename__ = "tombstone"
    community_id: str = Field(primary_key=True)
    member_hash: str = Field(primary_key=True)
    forgotten_at: datetime = Field(sa_type=UtcDateTime)


def put(tx: Session, community_id: str, member_id: str, forgotten_at: datetime) -> None:
    """Let nothing come back that a member said until this moment."""
    key = (community_id, _hash(community_id, member_id))
    known = tx.get(TombstoneRow, key)
    if known is None:
        tx.add(TombstoneRow(community_id=key[0], member_hash=key[1], forgotten_at=forgotten_at))
    else:
        known.forgotten_at = max(known.forgotten_at, forgotten_at)


def is_forgotten(tx: Session, community_id: str, member_id: str, said_at: datetime | None) -> bool:
    """Say whether something is from before its author was forgotten. Without a date, it is."""
    row = tx.get(TombstoneRow, (community_id, _hash(community_id, member_id)))
    return row is not None and (said_at is None or said_at <= row.forgotten_at)


def forgotten_at(tx: Session, community_id: str, member_id: str) -> datetime | None:
    """Say when a member was forgotten; None when they were not."""
    row = tx.get(TombstoneRow, (community_id, _hash(community_id, member_id)))
    return None if row is None else row.forgotten_at


def forgotten_among(
    tx: Session, community_id: str, member_ids: Collection[str]
) -> dict[str, datetime]:
    """Say of each of some members who was forgotten until when."""
    hashes = {_hash(community_id, member_id): member_id for member_id in member_ids}
    found = {}
    for some in in_batches(hashes):
        query = select(TombstoneRow.member_hash, TombstoneRow.forgotten_at).where(
            TombstoneRow.community_id == community_id,
            col(TombstoneRow.member_hash).in_(some),
        )
        found.update({hashes[hash_]: moment for hash_, moment in tx.exec(query)})
    return found


def _hash(community_id: str, member_id: str) -> str:
    return hashlib.sha256(f"{community_id}\0{member_id}".encode("utf-8", "replace")).hexdigest()
