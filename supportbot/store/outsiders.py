"""People who are no members of the community: they see only what was said where they are."""

from collections.abc import Collection

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, delete, select

from supportbot.domain.chat.audiences import Scope, scope_of
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.store import knowledge, messages, places
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class OutsiderRow(SQLModel, table=True):
    """Somebody who is a guest, or of another organisation, as of the latest that was heard."""

    __tablename__ = "outsider"
    community_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)


def note(tx: Transaction, author: Author) -> None:
    """Note whether somebody is a member of the community."""
    forget_member(tx, author.member_id)
    if author.is_outsider:
        tx.add(OutsiderRow(community_id=tx.community_id, member_id=author.member_id))


def is_outsider(tx: Transaction, member_id: str) -> bool:
    """Whether somebody is no member of the community."""
    key = {"community_id": tx.community_id, "member_id": member_id}
    return connection_of(tx).execute(_IS_ONE, key).first() is not None


def all_of(tx: Transaction) -> frozenset[str]:
    """Find everybody who is no member of the community: their word decides nothing for it."""
    of_community = col(OutsiderRow.community_id) == tx.community_id
    return frozenset(tx.exec(select(OutsiderRow.member_id).where(of_community)))


_IS_ONE = select_columns(col(OutsiderRow.member_id)).where(
    col(OutsiderRow.community_id) == bindparam("community_id"),
    col(OutsiderRow.member_id) == bindparam("member_id"),
)


def elsewhere(tx: Transaction, place: Place) -> frozenset[str]:
    """Return the member ids of those outsiders who are not in the channel of a place."""
    query = select(OutsiderRow.member_id).where(OutsiderRow.community_id == tx.community_id)
    return frozenset(
        member_id
        for member_id in tx.exec(query)
        if place.channel_key not in channels_of(tx, member_id)
    )


def channels_of(tx: Transaction, member_id: str) -> frozenset[str]:
    """Return the keys of the channels in which somebody is, as far as the bot has heard."""
    spoken = messages.channels_of(tx, member_id)
    joined, left = places.comings_of(tx, member_id)
    return frozenset(
        key
        for key in (spoken | joined) - left
        if not any(gone.endswith("/") and key.startswith(gone) for gone in left)
    )


def scope_for(tx: Transaction, place: Place, reader: Author) -> Scope:
    """Return what may be shown to somebody in a place.

    To a member it is what the place may show; to an outsider, what was said in their channels.
    """
    if not is_outsider(tx, reader.member_id):
        return scope_of(place)
    theirs = {*channels_of(tx, reader.member_id), place.channel_key}
    return scope_of(place, only=_said_in(tx, theirs))


def _said_in(tx: Transaction, channel_keys: Collection[str]) -> frozenset[str]:
    return frozenset(id_ for key in channel_keys for id_ in knowledge.documents_in_channel(tx, key))


def may_be_in(tx: Transaction, place: Place, member_id: str) -> bool:
    """Whether somebody sees a channel that is open to the community."""
    return not is_outsider(tx, member_id) or place.channel_key in channels_of(tx, member_id)


def forget_member(tx: Transaction, member_id: str) -> None:
    """Keep nothing of whether somebody is a member."""
    tx.exec(
        delete(OutsiderRow).where(
            col(OutsiderRow.community_id) == tx.community_id,
            col(OutsiderRow.member_id) == member_id,
        )
    )
