"""A server that plays Discord; the parts are in `tests/discord`.

    python -m tests.discord_server --port 9877

prints the addresses and the token for a bot, and serves until it is interrupted.
"""

import argparse
import asyncio
import json
import sys

from simcord.backend.models import Channel, Guild, Message, Role
from simcord.results import InteractionResult

from tests.discord.faults import RateLimited, Refusal
from tests.discord.people import Person
from tests.discord.record import Call, Dispatch, Login
from tests.discord.server import DiscordServer, running_discord
from tests.playing.troubles import Held, LostResponse, NotJson, Reset, Slow, Status

__all__ = [
    "Call",
    "Channel",
    "DiscordServer",
    "Dispatch",
    "Guild",
    "Held",
    "InteractionResult",
    "Login",
    "LostResponse",
    "Message",
    "NotJson",
    "Person",
    "RateLimited",
    "Refusal",
    "Reset",
    "Role",
    "Slow",
    "Status",
    "running_discord",
]


async def serve(port: int) -> None:
    """Serve until interrupted, with one channel and one person to begin with."""
    async with DiscordServer(port=port) as discord:
        discord.channel("general")
        discord.user("Maria")
        settings = {
            "api_url": discord.api_url,
            "gateway_url": discord.gateway_url,
            "cdn_url": discord.cdn_url,
            "DISCORD_TOKEN": discord.token,
        }
        sys.stdout.write(json.dumps(settings) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play Discord on this machine.")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
