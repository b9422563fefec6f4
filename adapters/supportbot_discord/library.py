"""discord.py, as a bot without a voice needs it, and what it keeps in its classes."""

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from supportbot_discord.options import DiscordOptions

LONGEST_WAIT = 30.0
"""Seconds that discord.py waits for leave to call again; for longer ones the outbox waits."""

# What it would need for a voice is missing on purpose.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def redirect(options: DiscordOptions) -> None:
    """Let discord.py call other addresses than Discord's."""
    if options.api_url:
        Route.BASE = options.api_url
    if options.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
    if options.cdn_url:
        discord.Asset.BASE = options.cdn_url


def caller() -> discord.Client:
    """Return a client that only calls; it hears nothing, since it never connects."""
    # Without the intent of guilds, discord.py warns of what happens to those that connect.
    intents = discord.Intents(guilds=True)
    return discord.Client(intents=intents, max_ratelimit_timeout=LONGEST_WAIT)
