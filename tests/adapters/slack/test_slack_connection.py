import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import pytest

from supportbot.domain.chat.events import ChannelsListed, Event, MessagePosted
from supportbot.ports import AdapterContext
from supportbot_slack.adapter import SlackAdapter
from tests.slack_server import SlackServer

PATIENCE = 20.0


@asynccontextmanager
async def connected(
    slack: SlackServer, home: Path
) -> AsyncIterator[tuple[SlackAdapter, asyncio.Queue[Event]]]:
    """Connect an adapter over sockets, and wait until it listens."""
    options = {"api_url": slack.api_url, "ping_seconds": 0.1}
    environment = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    adapter = SlackAdapter(AdapterContext(home, options, StringIO(), StringIO()), environment)
    events: asyncio.Queue[Event] = asyncio.Queue()

    async def receive(event: Event) -> None:
        if not isinstance(event, ChannelsListed):
            await events.put(event)

    connecting = asyncio.create_task(adapter.connect(receive))
    try:
        async with asyncio.timeout(PATIENCE):
            await slack.until(lambda: slack.courier.sockets)
            yield adapter, events
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await slack.until(lambda: not slack.courier.sockets)


async def posted(events: asyncio.Queue[Event], ts: str = "") -> MessagePosted:
    """Wait for a message, or for that one; what is caught up with may come before, and again."""
    while True:
        event = await events.get()
        if isinstance(event, MessagePosted) and ts in {"", event.message_id}:
            return event


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what nobody tells of."""
    while not is_so():  # noqa: ASYNC110 - it does not tell
        await asyncio.sleep(0.02)


def test_what_was_missed_is_brought_although_our_clock_is_ahead_of_slacks(tmp_path: Path) -> None:
    async def play() -> None:
        async with SlackServer(clock=lambda: time.time() - 1800) as slack:
            maria = slack.user("Maria")
            here = slack.channel("help", maria)
            heard = tmp_path / "slack-heard.txt"
            async with connected(slack, tmp_path):
                await until(heard.exists)
            missed = await maria.says(here, "How do I post?")

            async with connected(slack, tmp_path) as (_, events):
                brought = await posted(events, missed.ts)

            assert brought.message_id == missed.ts

    asyncio.run(play())


def test_a_token_that_is_revoked_is_told_of_in_one_line_and_in_one_when_it_works_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            maria = slack.user("Maria")
            here = slack.channel("help", maria)
            async with connected(slack, tmp_path) as (_, events):
                caplog.clear()
                slack.revoke()
                await until(lambda: "left out" in caplog.text)
                slack.app.app_token_is_revoked = True
                slack.courier.drop_sockets()
                missed = await maria.says(here, "How do I post?")
                await slack.until(lambda: len(slack.record.calls_of("apps.connections.open")) > 10)
                told = [one for one in caplog.records if one.levelname != "INFO"]
                assert len(told) == 2, [one.getMessage() for one in told]
                assert "install the app again" in told[0].getMessage()
                assert "SLACK_APP_TOKEN" in told[1].getMessage()
                assert not any(one.exc_info for one in told)
                caplog.clear()

                slack.app.app_token_is_revoked = False
                slack.installation().fault = ""
                brought = await posted(events, missed.ts)
                assert brought.message_id == missed.ts
                await slack.until(lambda: slack.courier.sockets)
                told = [one for one in caplog.records if one.levelname != "INFO"]
                assert len(told) == 2, [one.getMessage() for one in told]

    asyncio.run(play())
