"""Where the bot may ask the group: what it can know before it promises anything."""

from collections.abc import Sequence
from typing import Any

import discord

from supportbot.domain.chat.places import Place
from supportbot_discord.render import MOST_CHOICES, Channel


async def channels_for(guilds: Sequence[discord.Guild], user_id: str) -> list[Channel]:
    """Return the channels in which somebody may ask the group: those where both may write."""
    found = []
    for guild in guilds:
        try:
            member = await guild.fetch_member(int(user_id))
        except discord.NotFound:
            continue
        for channel in guild.text_channels:
            mine, theirs = channel.permissions_for(guild.me), channel.permissions_for(member)
            if all(one.view_channel and one.send_messages for one in (mine, theirs)):
                found.append(Channel(str(guild.id), str(channel.id), channel.name))
    return found[:MOST_CHOICES]


def may_ask_in(client: discord.Client, place: Place) -> bool:
    """Whether the bot may post a question in a channel, or open a post for it in a forum."""
    allowed = _allowed(client, place.channel)
    return allowed is not None and allowed.view_channel and allowed.send_messages


def may_reply_in(client: discord.Client, channel: Any) -> bool:
    """Whether the bot may reply to a message of a channel, in a thread or beside it."""
    if isinstance(channel, discord.abc.PrivateChannel):
        return True
    above = getattr(channel, "parent_id", None) if isinstance(channel, discord.Thread) else None
    allowed = _allowed(client, str(above or channel.id))
    if allowed is None or not allowed.view_channel:
        return False
    return allowed.send_messages or allowed.send_messages_in_threads


def _allowed(client: discord.Client, channel_id: str) -> discord.Permissions | None:
    """Return what the bot may do in a channel of a server; None where it does not know it."""
    channel = client.get_channel(int(channel_id)) if channel_id.isdecimal() else None
    if not isinstance(channel, discord.abc.GuildChannel):
        return None
    return channel.permissions_for(channel.guild.me)
