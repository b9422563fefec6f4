"""Which message begins a thread that somebody opened without one ("Create Thread")."""

import logging
from collections import OrderedDict
from dataclasses import replace

import discord

from supportbot_discord.events import Known

log = logging.getLogger(__name__)

_LOOKED_AT = 5
"""Messages at the beginning of a thread; Discord itself may have said the first ones."""
_MOST = 5_000
_SAID = frozenset({discord.MessageType.default, discord.MessageType.reply})


class Beginnings:
    """Remembers the first messages of threads, and asks Discord once for each thread."""

    def __init__(self, bot: int) -> None:
        """Know none. A thread that the bot opened itself began with a message."""
        self._bot = bot
        self._first: OrderedDict[int, int] = OrderedDict()

    async def known(self, channel: object, known: Known) -> Known:
        """Add to what is known which message begins this thread, if it is such a one."""
        if not isinstance(channel, discord.Thread) or not self._may_begin_by_itself(channel):
            return known
        if channel.id not in self._first:
            first = await _first_in(channel)
            if first is None:
                return known
            self._remember(channel.id, first)
        return replace(known, first=self._first[channel.id])

    async def known_of_gone(self, channel: object, message_id: int, known: Known) -> Known:
        """Do so for a message that is gone: was it said before all that is still there?"""
        if not isinstance(channel, discord.Thread) or channel.id in self._first:
            return await self.known(channel, known)
        known = await self.known(channel, known)
        is_open = self._may_begin_by_itself(channel) and self._first.get(channel.id) != 0
        return (
            replace(known, first=message_id) if is_open and message_id < _first_or(known) else known
        )

    def _may_begin_by_itself(self, thread: discord.Thread) -> bool:
        is_post = isinstance(thread.parent, discord.ForumChannel)
        return not is_post and thread.owner_id != self._bot and thread.starter_message is None

    def _remember(self, thread_id: int, first: int) -> None:
        self._first[thread_id] = first
        while len(self._first) > _MOST:
            self._first.popitem(last=False)


def _first_or(known: Known) -> int:
    """Return the first message that is still there; a larger number than any where none is."""
    return known.first or 1 << 64


async def _first_in(thread: discord.Thread) -> int | None:
    """Ask for the message that begins a thread.

    Returns:
        0 where it began with a message of its channel, None where Discord does not say.
    """
    try:
        async for message in thread.history(limit=_LOOKED_AT, oldest_first=True):
            if message.type is discord.MessageType.thread_starter_message:
                return 0
            if message.type in _SAID:
                return message.id
    except discord.HTTPException as error:
        log.warning("how thread %s began cannot be read: %s", thread.id, error)
    return None
