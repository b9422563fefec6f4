"""Bringing what was said while nobody listened: Discord tells of it once, to whoever is there."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import discord

from supportbot.adapting.storing import stored
from supportbot.domain.events import Event
from supportbot.ports import Receive
from supportbot_discord.events import Known, approved, past, snowflake_of
from supportbot_discord.markup import APPROVALS
from supportbot_discord.posting import Messageable

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""What is read once more: clocks differ, and of what came last not everything may be stored."""
_PUT_AWAY = timedelta(hours=1)
"""A thread is put away after an hour without a word at the earliest."""
_LAST = 50
"""Messages of a channel without news in which is looked for edits and marks, after a long gap."""
_MOST_APPROVALS = 10


async def catch_up(
    client: discord.Client, receive: Receive, *, since: datetime, oldest: datetime
) -> int:
    """Pass on what was said, edited and marked in the bot's channels after a moment.

    Args:
        client: Connected, with everything that it sees.
        receive: Stores an event; what is stored already is stored once.
        since: The moment.
        oldest: What was said before is looked at no more, whatever has become of it.

    Returns:
        How many events were passed on.
    """
    count = 0
    gap = datetime.now(UTC) - since
    for guild in client.guilds:
        async for channel in _watched(guild, since, gap):
            for event in [one async for one in _missed(client, channel, since, oldest, gap)]:
                await stored(event, receive)
                count += 1
    return count


async def _watched(
    guild: discord.Guild, since: datetime, gap: timedelta
) -> AsyncIterator[Messageable]:
    """Give the channels and threads that the bot may read."""
    for channel in _readable(guild, [*guild.text_channels, *guild.voice_channels]):
        if isinstance(channel, discord.TextChannel | discord.VoiceChannel):
            yield channel
    for thread in guild.threads:
        yield thread
    if gap < _PUT_AWAY:
        return
    for channel in _readable(guild, [*guild.text_channels, *guild.forums]):
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
            continue
        try:
            async for thread in channel.archived_threads(limit=None):
                if thread.archive_timestamp < since:
                    break
                yield thread
        except discord.HTTPException as error:
            log.warning("archived threads of #%s were not caught up with: %s", channel, error)


def _readable(
    guild: discord.Guild,
    channels: list[discord.TextChannel | discord.VoiceChannel | discord.ForumChannel],
) -> Iterator[discord.abc.GuildChannel]:
    for channel in channels:
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.read_message_history:
            yield channel


async def _missed(
    client: discord.Client,
    channel: Messageable,
    since: datetime,
    oldest: datetime,
    gap: timedelta,
) -> AsyncIterator[Event]:
    """Read what was missed in a channel, oldest first."""
    last = getattr(channel, "last_message_id", None) or 0
    has_news = last > snowflake_of(since)
    if not has_news and (gap <= 2 * OVERLAP or last < snowflake_of(oldest)):
        return
    assert client.user is not None  # noqa: S101 - it is connected
    known = Known(client.user.id, datetime.now(UTC))
    try:
        if gap > 2 * OVERLAP:
            before = [message async for message in channel.history(limit=_LAST, before=since)]
            for message in reversed(before):
                async for event in _become(channel, message, known, since):
                    yield event
        if has_news:
            async for message in channel.history(limit=None, after=since, oldest_first=True):
                async for event in _become(channel, message, known, since):
                    yield event
    except discord.HTTPException as error:
        log.warning("#%s was not caught up with: %s", channel, error)


async def _become(
    channel: Messageable, message: discord.Message, known: Known, since: datetime
) -> AsyncIterator[Event]:
    for event in past(message, known, since=since):
        yield event
    for reaction in message.reactions:
        if str(reaction.emoji) in APPROVALS:
            async for user in reaction.users(limit=_MOST_APPROVALS):
                mark = str(reaction.emoji)
                marked = approved(channel, message.id, user, mark, known)
                if marked is not None:
                    yield marked
