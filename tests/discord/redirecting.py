"""The adapter redirects discord.py for its whole process: tests put it back."""

from collections.abc import Iterator
from contextlib import contextmanager

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route


@contextmanager
def redirected_for_now() -> Iterator[pytest.MonkeyPatch]:
    """Let discord.py call its own addresses again in the end; gives what else is put back then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", Route.BASE)
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
        patch.setattr(discord.Asset, "BASE", discord.Asset.BASE)
        yield patch
