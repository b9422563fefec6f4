"""Threads: opening one on a question, waking one that was put away, tagging one that is solved."""

import re
from datetime import UTC, datetime
from typing import Any

import discord

from supportbot.adapter_kit.showing import in_one_line
from supportbot_discord.events import Known, texts_in, words_of
from supportbot_discord.failures import (
    CANNOT_OPEN,
    MISSING_PERMISSIONS,
    NAME_REFUSED,
    THREAD_IS_THERE,
)

LONGEST_NAME = 90
"""Characters of a thread's name. Discord takes 100."""
NEUTRAL_NAME = "A question"
"""What a thread is called where the question's own words are none, or are refused as a name."""
_ESCAPE = re.compile(r"\\([\W_])|\u200b")


async def thread_on(client: discord.Client, channel: Any, message_id: int) -> discord.Thread | None:
    """Return the thread of a message, which has the message's id, and open it where there is none.

    Returns:
        None where the bot may not open one: then it replies to the message in its channel.

    Raises:
        discord.HTTPException: The message is gone, or the channel is not for the bot.
    """
    if not isinstance(channel, discord.TextChannel):
        return await client.fetch_channel(message_id)  # type: ignore[return-value]
    try:
        message = await channel.fetch_message(message_id)
    except discord.NotFound:
        # Its thread outlives a message that was deleted.
        found = await _thread_without_message(client, message_id)
        if found is None:
            raise
        return found
    except discord.Forbidden as error:
        if error.code != MISSING_PERMISSIONS:
            raise
        return None
    return await _opened(client, message)


async def _opened(client: discord.Client, message: discord.Message) -> discord.Thread | None:
    name = name_for(message, client)
    try:
        try:
            return await message.create_thread(name=name)
        except discord.HTTPException as error:
            if error.code not in NAME_REFUSED or name == NEUTRAL_NAME:
                raise
        return await message.create_thread(name=NEUTRAL_NAME)
    except discord.HTTPException as error:
        if error.code in CANNOT_OPEN:
            return None
        if error.code != THREAD_IS_THERE:
            raise
    return await client.fetch_channel(message.id)  # type: ignore[return-value]


def name_for(message: discord.Message, client: discord.Client) -> str:
    """Name a thread by the first words of its question."""
    assert client.user is not None  # noqa: S101 - it has logged in
    if message.author.id == client.user.id:
        # It asks for somebody: their words stand as a quotation in it.
        said = _first_quoted(message)
    else:
        said = words_of(message, Known(client.user.id, datetime.now(UTC)))
    return in_one_line(said, LONGEST_NAME) or NEUTRAL_NAME


def _first_quoted(message: discord.Message) -> str:
    """Return the words that a message of the bot quotes first, as they were written."""
    for text in texts_in(message.components):
        quoted = [line[2:] for line in text.split("\n") if line.startswith("> ")]
        if quoted:
            return _ESCAPE.sub(lambda match: match[1] or "", " ".join(quoted))
    return ""


async def _thread_without_message(client: discord.Client, thread_id: int) -> discord.Thread | None:
    try:
        found = await client.fetch_channel(thread_id)
    except discord.NotFound:
        return None
    return found if isinstance(found, discord.Thread) else None


async def awake(thread: discord.Thread) -> discord.Thread:
    """Open a thread again that was put away; in a locked one only moderators speak."""
    if thread.archived:
        return await thread.edit(archived=False)
    return thread


async def mark_solved(where: object, tag: str) -> None:
    """Give a post the tag that its forum has for what is solved, if it has one.

    Raises:
        discord.HTTPException: Discord refused.
    """
    forum = where.parent if isinstance(where, discord.Thread) else None
    if not isinstance(where, discord.Thread) or not isinstance(forum, discord.ForumChannel):
        return
    found = (one for one in forum.available_tags if one.name.casefold() == tag.casefold())
    solved = next(found, None)
    if solved is not None and solved.id not in {one.id for one in where.applied_tags}:
        await where.add_tags(solved)
