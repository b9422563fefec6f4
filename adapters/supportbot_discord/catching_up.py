"""Bringing what was said while nobody listened: Discord tells of it once, to whoever is there."""

import logging
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import discord

from supportbot.adapter_kit.storing import stored
from supportbot.domain.chat.events import Event
from supportbot.ports import Receive
from supportbot_discord.connection import Connection
from supportbot_discord.events import (
    Known,
    answered_in,
    approved,
    by_others,
    closed_by_people,
    is_first,
    known_to,
    listed,
    past,
    snowflake_of,
)
from supportbot_discord.everybody import forget
from supportbot_discord.markup import APPROVALS
from supportbot_discord.posting import Messageable

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""What is read once more: clocks differ, and of what came last not everything may be stored."""
_LAST = 50
"""Messages of a channel without news in which is looked for edits and marks, after a long gap."""
_FIRST = 20
"""Messages of a thread in which is looked for somebody's answer."""
_MOST_APPROVALS = 10


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of looking for what was missed."""

    count: int
    """How many events were passed on."""
    is_all: bool
    """Whether everything could be read that the bot may read."""


async def catch_up(  # noqa: PLR0913 - where is looked, and since when
    client: Connection,
    receive: Receive,
    *,
    since: datetime,
    oldest: datetime,
    guilds: Collection[discord.Guild],
    direct: Collection[int] = (),
) -> Brought:
    """Pass on what was said, edited and marked in the bot's channels after a moment.

    Args:
        client: Connected, with everything that it sees.
        receive: Stores an event; what is stored already is stored once.
        since: The moment.
        oldest: What was said before is looked at no more, whatever has become of it.
        guilds: The servers in which is looked.
        direct: Ids of channels in which people write to the bot alone: Discord does not list them.
    """
    gap = datetime.now(UTC) - since
    await _tell_what_is_open(client, receive, guilds)
    count = 0
    unread = 0
    async for place in _places(client, since, guilds, direct):
        if isinstance(place, Unread):
            unread += 1
            continue
        try:
            missed = [event async for event in _missed(client, place, since, oldest, gap)]
        except _NOT_FOR_US as error:
            log.warning("channel %s cannot be caught up with: %s", place.id, error)
            continue
        except Exception as error:  # noqa: BLE001 - whatever Discord says of one, the others go on
            log.warning("channel %s is caught up with later: %s", place.id, _kind(error))
            unread += 1
            continue
        if isinstance(place, discord.Thread):
            known = known_to(client)
            closing = closed_by_people(None, place, client.solved_tag, known)
            missed.extend([closing] if closing is not None else [])
        for event in missed:
            await stored(event, receive)
        count += len(missed)
    return Brought(count, is_all=not unread)


async def _tell_what_is_open(
    client: discord.Client, receive: Receive, guilds: Collection[discord.Guild]
) -> None:
    """Say first who may see which channels: it may have changed since the bot went away."""
    assert client.user is not None  # noqa: S101 - it is connected
    for guild in guilds:
        forget(guild.id)
        if not guild.unavailable:
            await stored(listed(guild, Known(client.user.id, datetime.now(UTC))), receive)


_NOT_FOR_US = (discord.Forbidden, discord.NotFound)


def _kind(error: Exception) -> str:
    return type(error).__name__


class Unread:
    """Stands for channels of which Discord did not say anything just now."""


async def _places(
    client: discord.Client,
    since: datetime,
    guilds: Collection[discord.Guild],
    direct: Collection[int],
) -> AsyncIterator[Messageable | Unread]:
    """Yield everything that may be read."""
    for guild in guilds:
        async for channel in _watched(guild, since):
            yield channel
    for channel_id in direct:
        try:
            found = await client.fetch_channel(channel_id)
        except _NOT_FOR_US:
            continue
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("channel %s is read later: %s", channel_id, _kind(error))
            yield Unread()
        else:
            if isinstance(found, discord.DMChannel):
                yield found


async def _watched(guild: discord.Guild, since: datetime) -> AsyncIterator[Messageable | Unread]:
    """Yield the channels and threads of a guild that the bot may read."""
    for channel in _readable(guild, [*guild.text_channels, *guild.voice_channels]):
        if isinstance(channel, discord.TextChannel | discord.VoiceChannel):
            yield channel
    for thread in guild.threads:
        yield thread
    async for found in _put_away(guild, since):
        yield found


async def _put_away(
    guild: discord.Guild, since: datetime
) -> AsyncIterator[discord.Thread | Unread]:
    """Yield the threads that were put away after a moment."""
    for channel in _readable(guild, [*guild.text_channels, *guild.forums]):
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
            continue
        try:
            async for thread in channel.archived_threads(limit=None):
                if thread.archive_timestamp < since:
                    break
                yield thread
        except _NOT_FOR_US as error:
            log.warning("threads of channel %s cannot be read: %s", channel.id, error)
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("threads of channel %s are read later: %s", channel.id, _kind(error))
            yield Unread()


def _readable(
    guild: discord.Guild,
    channels: list[discord.TextChannel | discord.VoiceChannel | discord.ForumChannel],
) -> Iterator[discord.abc.GuildChannel]:
    for channel in channels:
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.read_message_history:
            yield channel


async def _missed(
    client: Connection,
    channel: Messageable,
    since: datetime,
    oldest: datetime,
    gap: timedelta,
) -> AsyncIterator[Event]:
    """Read what was missed in a channel, oldest first."""
    is_direct = isinstance(channel, discord.DMChannel)
    last = getattr(channel, "last_message_id", None) or 0
    has_news = is_direct or last > snowflake_of(since)
    if not has_news and (gap <= 2 * OVERLAP or last < snowflake_of(oldest)):
        return
    assert client.user is not None  # noqa: S101 - it is connected
    bot = Known(client.user.id, datetime.now(UTC))
    known = await client.beginnings.known(channel, bot)
    if gap > 2 * OVERLAP:
        before = [message async for message in channel.history(limit=_LAST, before=since)]
        for message in reversed(before):
            async for event in _become(channel, message, known, since):
                yield event
    if has_news:
        news = channel.history(limit=None, after=since, oldest_first=True)
        said = [message async for message in news]
        replied = answered_in(said)
        for message in said:
            is_late = message.id in replied or await _is_answered(message, said, known)
            async for event in _become(channel, message, known, since, is_late=is_late):
                yield event


async def _is_answered(
    message: discord.Message, said: Sequence[discord.Message], known: Known
) -> bool:
    """Whether somebody else has written in the thread that begins with a message."""
    if is_first(message, known):
        return by_others(message, said)
    if message.thread is None:
        return False
    history = message.thread.history(limit=_FIRST, oldest_first=True)
    return by_others(message, [one async for one in history])


async def _become(
    channel: Messageable,
    message: discord.Message,
    known: Known,
    since: datetime,
    *,
    is_late: bool = False,
) -> AsyncIterator[Event]:
    for event in past(message, known, since=since, is_late=is_late):
        yield event
    for reaction in message.reactions:
        mark = str(reaction.emoji)
        if mark in APPROVALS:
            async for user in reaction.users(limit=_MOST_APPROVALS):
                marked = approved(channel, message.id, user, mark, known)
                if marked is not None:
                    yield marked
