"""Other addresses than Discord's own: discord.py has them in its classes."""

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from supportbot_discord.options import DiscordOptions


def redirect(options: DiscordOptions) -> None:
    """Let discord.py call other addresses than Discord's."""
    if options.api_url:
        Route.BASE = options.api_url
    if options.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(options.gateway_url)
    if options.cdn_url:
        discord.Asset.BASE = options.cdn_url
