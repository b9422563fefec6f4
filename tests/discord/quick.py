"""The bot's client without the waits that only a Discord with thousands of guilds needs."""

import os
from typing import Any

from supportbot_discord.connection import Connection


class QuickConnection(Connection):
    """Is ready as soon as its guilds have come, and identifies again at once."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._connection.guild_ready_timeout = 0.05
        seconds = float(os.environ.get("DISCORD_HEARTBEAT_TIMEOUT", "60"))
        self._connection.heartbeat_timeout = seconds

    async def before_identify_hook(self, *_: Any, **__: Any) -> None:
        """Identify again at once; by itself the client waits five seconds."""
