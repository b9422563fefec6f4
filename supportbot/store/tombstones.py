"""Who was forgotten, and until when: so that nothing brings back what they had said."""

import hashlib
from datetime import datetime

from sqlmodel import Field, Session, SQLModel

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


def _hash(community_id: str, member_id: str) -> str:
    return hashlib.sha256(f"{community_id}\0{member_id}".encode("utf-8", "replace")).hexdigest()
