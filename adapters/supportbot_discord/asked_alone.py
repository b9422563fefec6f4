"""What somebody began and only they see: an interaction may be answered for a quarter of an hour.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import discord

from supportbot_discord.events import Interaction
from supportbot_discord.failures import INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK
from supportbot_discord.posting import Shown, only
from supportbot_discord.render import Component

_OPEN_FOR = timedelta(minutes=14, seconds=30)
_MOST = 10_000
_OVER = frozenset({INVALID_WEBHOOK_TOKEN, UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK})


class AskedAlone:
    """The interactions that may still be answered, by their ids."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: OrderedDict[str, Interaction] = OrderedDict()

    def note(self, thread: str, interaction: Interaction) -> None:
        """Remember an interaction: what is said in this thread is shown to who began it."""
        self._open[thread] = interaction
        self._open.move_to_end(thread)
        while len(self._open) > _MOST:
            self._open.popitem(last=False)

    async def show(self, thread: str, components: Sequence[Component]) -> str:
        """Show something to the one who asked; empty when it is too late for it.

        Raises:
            discord.HTTPException: Discord refused.
        """
        interaction = self._open.get(thread)
        if interaction is None or datetime.now(UTC) - interaction.created_at > _OPEN_FOR:
            self._open.pop(thread, None)
            return ""
        try:
            shown = await interaction.followup.send(
                view=Shown(components), ephemeral=True, allowed_mentions=only(()), wait=True
            )
        except discord.HTTPException as error:
            if error.code not in _OVER:
                raise
            del self._open[thread]
            return ""
        return str(shown.id)
