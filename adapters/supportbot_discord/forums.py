"""Asking in a forum: what is asked for somebody there is a post of its own."""

from collections.abc import Sequence

import discord

from supportbot.adapter_kit.showing import in_one_line
from supportbot.domain.chat.places import Place, direct_to
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot_discord.failures import NAME_REFUSED
from supportbot_discord.posting import Shown, only
from supportbot_discord.render import Component, number_of
from supportbot_discord.threads import LONGEST_NAME, NEUTRAL_NAME

_LOOKED_THROUGH = 25


async def forum_at(client: discord.Client, place: Place) -> discord.ForumChannel | None:
    """Return the forum in which a new post is to be opened; None for all other places."""
    if place.thread is not None or direct_to(place) or not place.channel.isdecimal():
        return None
    id_ = int(place.channel)
    channel = client.get_channel(id_) or await client.fetch_channel(id_)
    return channel if isinstance(channel, discord.ForumChannel) else None


async def open_post(
    forum: discord.ForumChannel, message: OutgoingMessage, components: Sequence[Component]
) -> str:
    """Open a post, named by what is asked in it; gives its id, which is also its message's.

    Raises:
        discord.HTTPException: Discord refused.
    """
    asked = message.reply.asked
    name = in_one_line(asked.text, LONGEST_NAME) if asked is not None else ""
    try:
        return await _opened(forum, name or NEUTRAL_NAME, message, components)
    except discord.HTTPException as error:
        if error.code not in NAME_REFUSED or not name:
            raise
    return await _opened(forum, NEUTRAL_NAME, message, components)


async def _opened(
    forum: discord.ForumChannel,
    name: str,
    message: OutgoingMessage,
    components: Sequence[Component],
) -> str:
    opened = await forum.create_thread(
        name=name,
        view=Shown(components),
        allowed_mentions=only(message.reply.mentions),
        applied_tags=_tags(forum),
    )
    return str(opened.message.id)


def _tags(forum: discord.ForumChannel) -> list[discord.ForumTag]:
    """Return the first tag that anybody may give, where a post must have one."""
    free = [tag for tag in forum.available_tags if not tag.moderated]
    return free[:1] if forum.flags.require_tag else []


async def find_post(forum: discord.ForumChannel, bot: int, message_id: str) -> str:
    """Return the id of a post that was opened before; empty when it was not.

    Raises:
        discord.HTTPException: Discord does not say.
    """
    number = number_of(message_id)
    threads = await forum.guild.active_threads()
    ours = [one for one in threads if one.parent_id == forum.id and one.owner_id == bot]
    for thread in sorted(ours, key=lambda one: one.id, reverse=True)[:_LOOKED_THROUGH]:
        try:
            first = await thread.fetch_message(thread.id)
        except discord.NotFound:
            continue
        if any(getattr(one, "id", 0) == number for one in first.components):
            return str(first.id)
    return ""
