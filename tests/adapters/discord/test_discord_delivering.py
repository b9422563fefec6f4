import asyncio
from io import StringIO
from pathlib import Path

import pytest

from supportbot.domain.places import Place
from supportbot.domain.replies import OutgoingMessage, Reply
from supportbot.errors import DeliveryError
from supportbot.ports import AdapterContext
from supportbot_discord.adapter import DiscordAdapter
from supportbot_discord.direct_channels import DirectChannels
from tests.discord_server import DiscordServer, LostResponse, RateLimited

POST = "POST /channels/*/messages"


@pytest.fixture
def adapter(server: DiscordServer, tmp_path: Path) -> DiscordAdapter:
    context = AdapterContext(tmp_path, {"api_url": server.api_url}, StringIO(), StringIO())
    return DiscordAdapter(context, {"DISCORD_TOKEN": server.token})


@pytest.fixture
def message(server: DiscordServer) -> OutgoingMessage:
    channel = server.call(lambda: server.channel("help"))
    place = Place("discord", str(server.guild.id), str(channel.id))
    return OutgoingMessage("q/reply", place, Reply("I don't know this one."))


def test_an_attempt_that_was_given_up_is_waited_for_by_the_next_one(
    server: DiscordServer, adapter: DiscordAdapter, message: OutgoingMessage
) -> None:
    server.faults.add(POST, RateLimited(0.5, is_global=True))

    async def deliver() -> str:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await adapter.deliver(message, attempt=1)
        return await adapter.deliver(message, attempt=2)

    posted = asyncio.run(deliver())

    (said,) = server.said_by_bot()
    assert posted == str(said.id)
    assert len(server.record.calls_of(POST)) <= 2


def test_a_message_whose_response_was_lost_is_found_when_its_nonce_is_forgotten(
    server: DiscordServer, adapter: DiscordAdapter, message: OutgoingMessage
) -> None:
    server.faults.add(POST, LostResponse())
    with pytest.raises(DeliveryError, match="cannot be reached"):
        asyncio.run(adapter.deliver(message, attempt=1))
    server.call(lambda: server.advance(3600))

    posted = asyncio.run(adapter.deliver(message, attempt=2))

    (said,) = server.said_by_bot()
    assert posted == str(said.id)


def test_a_token_that_is_refused_is_no_reason_to_give_a_message_up(
    server: DiscordServer, adapter: DiscordAdapter, message: OutgoingMessage
) -> None:
    server.token_is_revoked = True

    with pytest.raises(DeliveryError, match="refuses the token") as refused:
        asyncio.run(adapter.deliver(message, attempt=1))

    assert not refused.value.permanent


def test_channels_of_people_alone_with_the_bot_are_remembered_up_to_a_number(
    tmp_path: Path,
) -> None:
    path = tmp_path / "direct.txt"
    for channel_id in (*range(1, 202), 201, 200):
        DirectChannels(path).note(channel_id)

    assert DirectChannels(path).ids == tuple(range(2, 202))


def test_what_is_no_id_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "direct.txt"
    path.write_text("1\nx\n\n2\n")

    assert DirectChannels(path).ids == (1, 2)
