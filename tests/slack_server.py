"""A server that plays Slack; the parts are in `tests/slack`.

    python -m tests.slack_server --port 9876

prints the settings and tokens for a bot, and serves until it is interrupted.
"""

import argparse
import asyncio
import json
import sys

from tests.playing.troubles import Held, LostResponse, NotJson, Reset, Slow, Status
from tests.slack.blocks import problems_of_message, problems_of_view
from tests.slack.courier import Signature
from tests.slack.faults import RateLimited, Refusal
from tests.slack.model import Channel, Kind, Message, User
from tests.slack.people import Person
from tests.slack.record import Attempt, Call, Delivery
from tests.slack.server import SlackServer, running_slack
from tests.slack.views import View
from tests.slack.workspace import Workspace

__all__ = [
    "Attempt",
    "Call",
    "Channel",
    "Delivery",
    "Held",
    "Kind",
    "LostResponse",
    "Message",
    "NotJson",
    "Person",
    "RateLimited",
    "Refusal",
    "Reset",
    "Signature",
    "SlackServer",
    "Slow",
    "Status",
    "User",
    "View",
    "Workspace",
    "problems_of_message",
    "problems_of_view",
    "running_slack",
]


async def serve(port: int) -> None:
    """Serve until interrupted, with one channel and one person to begin with."""
    async with SlackServer(port=port) as slack:
        slack.channel("general", slack.user("Maria"))
        settings = {
            "api_url": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
        sys.stdout.write(json.dumps(settings) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play Slack on this machine.")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
