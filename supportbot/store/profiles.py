"""What people say of themselves: when they may be asked, how often, and about what."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, delete

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.profile import Profile
from supportbot.store.engine.columns import Json, UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class ProfileRow(SQLModel, table=True):
    """What one member has chosen."""

    __tablename__ = "profile"
    community_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    name: str
    availability: Any = Field(sa_column=Column(Json(Availability), nullable=False))
    changed_at: datetime = Field(sa_type=UtcDateTime)


def save(tx: Transaction, profile: Profile, *, now: datetime) -> None:
    """Keep what a member has chosen, in place of what it was before."""
    tx.merge(
        ProfileRow(
            community_id=tx.community_id,
            member_id=profile.author.member_id,
            name=profile.author.name,
            availability=profile.availability,
            changed_at=now,
        )
    )


def availability_of(tx: Transaction, member_id: str) -> Availability:
    """Read what a member has chosen; those who have not said anything are asked at any hour."""
    return find(tx, member_id) or Availability()


def availabilities_of(tx: Transaction, member_ids: Collection[str]) -> dict[str, Availability]:
    """Read the same of several members; who has not chosen anything is left out."""
    key = {"community_id": tx.community_id, "member_ids": list(member_ids)}
    rows = connection_of(tx).execute(_OF_MEMBERS, key)
    return {member_id: availability for member_id, _, availability in rows}


def find(tx: Transaction, member_id: str) -> Availability | None:
    """Read what a member has chosen; None when they have not."""
    return availabilities_of(tx, [member_id]).get(member_id)


def everybody(tx: Transaction) -> list[Profile]:
    """Read what everybody has chosen, in the order of their ids."""
    rows = connection_of(tx).execute(_EVERYBODY, {"community_id": tx.community_id})
    return [
        Profile(Author.of(member_id, name), availability) for member_id, name, availability in rows
    ]


def forget_member(tx: Transaction, member_id: str, *, until: datetime) -> None:
    """Keep nothing of what a member chose until a moment."""
    tx.exec(
        delete(ProfileRow).where(
            col(ProfileRow.community_id) == tx.community_id,
            col(ProfileRow.member_id) == member_id,
            col(ProfileRow.changed_at) <= until,
        )
    )


_CHOSEN = select_columns(
    col(ProfileRow.member_id), col(ProfileRow.name), col(ProfileRow.availability)
).where(col(ProfileRow.community_id) == bindparam("community_id"))
_EVERYBODY = _CHOSEN.order_by(col(ProfileRow.member_id))
_OF_MEMBERS = _CHOSEN.where(col(ProfileRow.member_id).in_(bindparam("member_ids", expanding=True)))
