"""What somebody began and only they see: an interaction may be answered for a quarter of an hour.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import discord

from supportbot.domain.replies.notices import compose_still_working
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import DeliveryError
from supportbot_discord.events import Interaction
from supportbot_discord.failures import INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK
from supportbot_discord.posting import Shown, only
from supportbot_discord.render import Component, own_words
from supportbot_discord.targets import asked_from

log = logging.getLogger(__name__)

_PATIENCE = timedelta(seconds=20)
"""How long somebody sees only that the bot is thinking."""
_OPEN_FOR = timedelta(minutes=14, seconds=30)
_MOST = 10_000
_OVER = frozenset({INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK})


def shown_alone_by(message: OutgoingMessage) -> str:
    """Name the interaction under which a message is shown to one person; empty for all others."""
    if message.alone is not None:
        return message.alone.event_id
    thread = message.place.thread or ""
    return thread if asked_from(thread) is not None else ""


class AskedAlone:
    """The interactions that may still be answered, by the event or the thread that each began.

    Whoever was promised an answer reads something within `patience`, whatever became of it.
    """

    def __init__(self, patience: timedelta = _PATIENCE) -> None:
        """Begin with none."""
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._patience = patience
        self._waiting: set[asyncio.Task[None]] = set()

    def note(self, key: str, interaction: Interaction, *, is_promised: bool = False) -> None:
        """Remember an interaction: what replies to it is shown to who began it.

        Args:
            key: Id of its event, or the name of its thread.
            interaction: What they did.
            is_promised: Whether Discord shows them that an answer comes; the first one takes the
                place of that.
        """
        self._open[key] = _Open(interaction, is_promised)
        self._open.move_to_end(key)
        while len(self._open) > _MOST:
            self._open.popitem(last=False)
        if is_promised:
            waiting = asyncio.create_task(self._keep_promise(key))
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)

    def drop(self, thread: str) -> None:
        """Forget an interaction: whoever began it was told already that nothing comes of it."""
        self._open.pop(thread, None)

    def end(self) -> None:
        """Wait no more: nobody is connected who could be told anything."""
        for waiting in self._waiting:
            waiting.cancel()

    async def _keep_promise(self, thread: str) -> None:
        """Say something where nothing was said in time. What is said later comes below it."""
        await asyncio.sleep(self._patience.total_seconds())
        open_ = self._open.get(thread)
        if open_ is None or not open_.is_promised:
            return
        try:
            await open_.show_for_now(own_words(compose_still_working().text))
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("somebody who typed a command was not told anything: %s", error)

    async def show(self, key: str, components: Sequence[Component]) -> str:
        """Show something to the one who asked; empty when it is too late for it.

        Raises:
            discord.HTTPException: Discord refused.
            DeliveryError: Discord has not been told yet that an answer comes.
        """
        open_ = self._open.get(key)
        if open_ is None or open_.is_over(datetime.now(UTC)):
            self._open.pop(key, None)
            return ""
        if not open_.interaction.response.is_done():
            reason = "what somebody pressed is not acknowledged yet"
            raise DeliveryError(reason, permanent=False)
        try:
            return await open_.show(Shown(components))
        except discord.HTTPException as error:
            if error.code not in _OVER:
                raise
            del self._open[key]
            return ""


@dataclass(slots=True)
class _Open:
    """An interaction that may be answered."""

    interaction: Interaction
    is_promised: bool
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_over(self, now: datetime) -> bool:
        # A client that was replaced cannot call any more.
        is_late = now - self.interaction.created_at > _OPEN_FOR
        return is_late or self.interaction.client.is_closed()

    async def show_for_now(self, text: str) -> None:
        async with self.turn:
            if self.is_promised:
                await self.interaction.edit_original_response(content=text)
                self.is_promised = False

    async def show(self, shown: Shown) -> str:
        async with self.turn:
            return await self._show(shown)

    async def _show(self, shown: Shown) -> str:
        if not self.is_promised:
            sent = await self.interaction.followup.send(
                view=shown, ephemeral=True, allowed_mentions=only(()), wait=True
            )
            return str(sent.id)
        # However often it is tried, it is one message.
        edited = await self.interaction.edit_original_response(
            view=shown, allowed_mentions=only(())
        )
        self.is_promised = False
        return str(edited.id)
