"""What is known of channels and of who is in them: it changes while words stay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, select

from supportbot.domain.chat.audiences import Audience, channel_audience
from supportbot.domain.chat.events import ChannelsListed
from supportbot.domain.chat.places import Listening, Place, channel_of, direct_to, workspace_of
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of, put_into, table_of
from supportbot.store.engine.transaction import Transaction


class PlaceRow(SQLModel, table=True):
    """A channel, and whether it is private, as of the latest that was heard."""

    __tablename__ = "place"
    community_id: str = Field(primary_key=True)
    channel_key: str = Field(primary_key=True)
    is_private: bool
    since: datetime = Field(sa_type=UtcDateTime)
    listening: str = ""
    """To what the bot listens there; empty leaves it to the settings."""
    is_shared: bool = False
    """People outside of the community see it too."""


class AbsenceRow(SQLModel, table=True):
    """Whether a member has left a channel, or a workspace, as of the latest that was heard."""

    __tablename__ = "absence"
    community_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    channel_key: str = Field(primary_key=True)
    is_away: bool
    since: datetime = Field(sa_type=UtcDateTime)


def as_known(tx: Transaction, place: Place) -> Place:
    """Return a place as open or private as its channel is now, not when it was named."""
    row = _known(tx, place.channel_key)
    return place if row is None else row.of(place)


def audience_now(tx: Transaction, channel_key: str, *, otherwise: Audience) -> Audience:
    """Return who may see what is said in a channel, as of the latest that was heard of it."""
    row = _known(tx, channel_key) if channel_key else None
    return otherwise if row is None else channel_audience(channel_key, is_private=row.is_private)


def note(tx: Transaction, place: Place, heard_at: datetime) -> bool:
    """Note whether a channel is private; True when it was different until then.

    What is older than the latest that was heard is not news.
    """
    row = _known(tx, place.channel_key)
    is_change = row is not None and _is_newer(row, place, heard_at)
    connection_of(tx).execute(
        _NOTE,
        {
            "community_id": tx.community_id,
            "channel_key": place.channel_key,
            "is_private": place.is_private if row is None or is_change else row.is_private,
            "is_shared": place.is_shared if row is None or is_change else row.is_shared,
            "since": heard_at if row is None else max(row.since, heard_at),
            "listening": "" if row is None else row.listening,
        },
    )
    return is_change


def workspaces(tx: Transaction, platform: str) -> frozenset[str]:
    """Return the ids of the workspaces of a platform of which something was heard."""
    key = Place(platform, "", "").platform_key
    keys = tx.exec(
        select(PlaceRow.channel_key).where(
            PlaceRow.community_id == tx.community_id,
            col(PlaceRow.channel_key).startswith(key, autoescape=True),
        )
    )
    return frozenset(workspace_of(one) for one in keys) - {""}


def note_listed(tx: Transaction, listed: ChannelsListed) -> list[Place]:
    """Note which channels of a workspace are open, and return those that were different until then.

    What is not listed is closed, whatever was heard of it last: it may be gone, or out of sight. It
    is opened only by what is newer.
    """
    workspace = replace(listed.place, channel="", thread=None)
    of_workspace = col(PlaceRow.channel_key).startswith(workspace.workspace_key, autoescape=True)
    rows = tx.exec(select(PlaceRow).where(PlaceRow.community_id == tx.community_id, of_workspace))
    changed = []
    for row in rows.all():
        channel = workspace.channel_in(row.channel_key)
        is_shared = channel in listed.shared
        is_private = is_shared or channel not in listed.open
        now, before = (is_private, is_shared), (row.is_private, row.is_shared)
        if now != before and (now > before or listed.listed_at > row.since):
            row.is_private, row.is_shared = now
            row.since = max(row.since, listed.listed_at)
            place = replace(workspace, channel=channel)
            changed.append(place.with_privacy(is_private=is_private, is_shared=is_shared))
    return changed


def close(tx: Transaction, place: Place) -> list[Place]:
    """Note that a channel is closed or shared, whatever was heard of it last, and return changes.

    It is so under every workspace, since platforms use a channel's id once. What is newer opens it.
    """
    changed = []
    for known, row in _channels(tx, place.platform):
        closer = (row.is_private or place.is_private, row.is_shared or place.is_shared)
        if known.channel == place.channel and closer != (row.is_private, row.is_shared):
            row.is_private, row.is_shared = closer
            is_private, is_shared = closer
            changed.append(known.with_privacy(is_private=is_private, is_shared=is_shared))
    tx.flush()
    return changed


def closed_elsewhere(tx: Transaction, place: Place) -> datetime | None:
    """Find out since when the channel is known as private under another workspace.

    Platforms use a channel's id once. An export may name another workspace than the bot knows.
    """
    same = (
        row.since
        for known, row in _channels(tx, place.platform)
        if known.channel == place.channel
        and known.workspace != place.workspace
        and known.is_private
    )
    return max(same, default=None)


def known_channels(tx: Transaction, platform: str) -> list[Place]:
    """Read the channels of a platform of which something was heard, direct ones left out."""
    return [place for place, _ in _channels(tx, platform) if not direct_to(place)]


def _channels(tx: Transaction, platform: str) -> Iterator[tuple[Place, PlaceRow]]:
    rows = tx.exec(
        select(PlaceRow).where(
            PlaceRow.community_id == tx.community_id,
            col(PlaceRow.channel_key).startswith(f"{platform}/", autoescape=True),
        )
    )
    for row in rows.all():
        known = channel_of(row.channel_key, is_private=row.is_private, is_shared=row.is_shared)
        yield known, row


def listening_in(tx: Transaction, place: Place) -> Listening | None:
    """Say to what the bot listens in a channel; None when nobody has chosen it."""
    row = _known(tx, place.channel_key)
    return Listening(row.listening) if row is not None and row.listening else None


def set_listening(tx: Transaction, place: Place, listening: Listening) -> None:
    """Choose to what the bot listens in a channel, of which something was heard before."""
    tx.get_one(PlaceRow, (tx.community_id, place.channel_key)).listening = listening


def as_heard(tx: Transaction, place: Place, heard_at: datetime) -> Place:
    """Return a place as open or private as `note` would leave it."""
    row = _known(tx, place.channel_key)
    if row is None or _is_newer(row, place, heard_at):
        return place
    return row.of(place)


_NOTE = put_into(table_of(PlaceRow))
_KNOWN = select_columns(
    col(PlaceRow.is_private),
    col(PlaceRow.is_shared),
    col(PlaceRow.since),
    col(PlaceRow.listening),
).where(
    col(PlaceRow.community_id) == bindparam("community_id"),
    col(PlaceRow.channel_key) == bindparam("channel_key"),
)


class _Known(NamedTuple):
    is_private: bool
    is_shared: bool
    since: datetime
    listening: str

    def of(self, place: Place) -> Place:
        """Return a place of the channel, as closed as the channel is."""
        return place.with_privacy(is_private=self.is_private, is_shared=self.is_shared)


def _known(tx: Transaction, channel_key: str) -> _Known | None:
    key = {"community_id": tx.community_id, "channel_key": channel_key}
    row = connection_of(tx).execute(_KNOWN, key).first()
    return None if row is None else _Known(*row)


def _is_newer(row: _Known, place: Place, heard_at: datetime) -> bool:
    """Whether a channel has changed. Of two things heard at one moment, the closer counts."""
    now, before = (place.is_private, place.is_shared), (row.is_private, row.is_shared)
    return now != before and (heard_at > row.since or (heard_at == row.since and now > before))


def note_member(
    tx: Transaction,
    member_id: str,
    place: Place,
    heard_at: datetime,
    *,
    is_away: bool,
) -> None:
    """Note that a member has left a channel, or came back. The latest that was heard counts."""
    key = (tx.community_id, member_id, place.channel_key)
    row = tx.get(AbsenceRow, key)
    if row is None:
        tx.add(
            AbsenceRow(
                community_id=tx.community_id,
                member_id=member_id,
                channel_key=place.channel_key,
                is_away=is_away,
                since=heard_at,
            )
        )
    elif heard_at >= row.since:
        row.is_away, row.since = is_away, heard_at


def members_away(tx: Transaction, place: Place) -> frozenset[str]:
    """Return the member ids of those who have left the channel, or its workspace."""
    where = {
        "community_id": tx.community_id,
        "channel_key": place.channel_key,
        "workspace_key": place.workspace_key,
    }
    return frozenset(connection_of(tx).scalars(_AWAY, where))


_AWAY = select_columns(col(AbsenceRow.member_id)).where(
    col(AbsenceRow.community_id) == bindparam("community_id"),
    col(AbsenceRow.channel_key).in_([bindparam("channel_key"), bindparam("workspace_key")]),
    col(AbsenceRow.is_away),
)


def comings_of(tx: Transaction, member_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of the channels to which somebody came, and of those that they have left."""
    query = select(AbsenceRow.channel_key, AbsenceRow.is_away).where(
        AbsenceRow.community_id == tx.community_id, AbsenceRow.member_id == member_id
    )
    rows = tx.exec(query).all()
    joined = frozenset(key for key, is_away in rows if not is_away)
    return joined, frozenset(key for key, is_away in rows if is_away)


def left_by(tx: Transaction, member_id: str) -> tuple[str, ...]:
    """Return the keys of the channels and workspaces that a member has left or come back to."""
    query = select(AbsenceRow.channel_key).where(
        AbsenceRow.community_id == tx.community_id, AbsenceRow.member_id == member_id
    )
    return tuple(sorted(tx.exec(query)))


def forget_member(tx: Transaction, member_id: str) -> None:
    """Keep nothing of where a member was."""
    rows = tx.exec(
        select(AbsenceRow).where(
            AbsenceRow.community_id == tx.community_id, AbsenceRow.member_id == member_id
        )
    )
    for row in rows.all():
        tx.delete(row)
