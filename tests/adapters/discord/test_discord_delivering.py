import asyncio
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from supportbot.domain.chat.events import Event
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.replies.answers import compose_shared
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError
from supportbot.ports import AdapterContext
from supportbot_discord import adapter as adapter_module
from supportbot_discord.adapter import DiscordAdapter
from supportbot_discord.direct_channels import DirectChannels
from tests.discord_server import (
    Channel,
    DiscordServer,
    LostResponse,
    Message,
    RateLimited,
    Refusal,
)

POST = "POST /channels/*/messages"
OPEN_THREAD = "POST /channels/*/messages/*/threads"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


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


@pytest.fixture
def asked(server: DiscordServer) -> Message:
    channel = server.call(lambda: server.channel("help"))
    maria = server.call(lambda: server.user("Maria"))
    return server.do(maria.says(channel, "How do I post?"))


def reply_to(server: DiscordServer, asked: Message) -> OutgoingMessage:
    place = Place("discord", str(server.guild.id), str(asked.channel_id), str(asked.id))
    return OutgoingMessage("q/1", place, Reply("I don't know this one."))


def said_in(server: DiscordServer, channel: Channel | None) -> list[Message]:
    return server.call(lambda: server.said_by_bot(channel))


@pytest.mark.parametrize("code", [50035, 200000, 200001, 240000])
def test_a_reply_comes_in_a_thread_with_a_neutral_name_where_discord_refuses_the_questions_words(
    server: DiscordServer, adapter: DiscordAdapter, asked: Message, code: int
) -> None:
    server.faults.add(OPEN_THREAD, Refusal(400, code, "Invalid Form Body"))

    posted = asyncio.run(adapter.deliver(reply_to(server, asked), attempt=1))

    thread = server.call(lambda: server.thread(asked))
    assert thread is not None
    assert thread.name == "A question"
    assert [str(one.id) for one in said_in(server, thread)] == [posted]


@pytest.mark.parametrize("code", [50035, 50013, 160006])
def test_a_reply_comes_in_the_channel_where_no_thread_can_be_opened(
    server: DiscordServer, adapter: DiscordAdapter, asked: Message, code: int
) -> None:
    server.faults.add(OPEN_THREAD, Refusal(400, code, "Refused"), times=-1)

    asyncio.run(adapter.deliver(reply_to(server, asked), attempt=1))

    (said,) = said_in(server, server.call(lambda: server.channel("help")))
    assert said.reference is not None
    assert said.reference["message_id"] == str(asked.id)


def test_a_reply_comes_without_a_reference_where_the_bot_may_not_read_what_was_said(
    server: DiscordServer, adapter: DiscordAdapter, asked: Message
) -> None:
    help_ = server.call(lambda: server.channel("help"))
    server.call(lambda: server.forbid(help_, "read_message_history"))

    asyncio.run(adapter.deliver(reply_to(server, asked), attempt=1))

    (said,) = said_in(server, help_)
    assert not said.reference


def test_a_thread_on_what_was_asked_for_somebody_is_named_by_their_words(
    server: DiscordServer, adapter: DiscordAdapter
) -> None:
    channel = server.call(lambda: server.channel("help"))
    place = Place("discord", str(server.guild.id), str(channel.id))
    words = "How do I *post* in `2024`, and why?\nIt says **no**."
    maria = Author("discord", "7", "Maria")
    question = Question(place, maria, words, NOW, "", QuestionState.ROUTED, 0.0)
    asked = OutgoingMessage("q/shared", place, compose_shared(question, NOW))
    asyncio.run(adapter.deliver(asked, attempt=1))
    (root,) = said_in(server, channel)

    asyncio.run(adapter.deliver(reply_to(server, root), attempt=1))

    thread = server.call(lambda: server.thread(root))
    assert thread is not None
    assert thread.name == "How do I *post* in `2024`, and why? It says **no**."


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


def test_a_token_that_is_refused_is_said_once_with_what_to_do(
    server: DiscordServer,
    adapter: DiscordAdapter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(adapter_module, "_PAUSE", 0.01)
    server.token_is_revoked = True

    async def receive(_event: Event) -> None:
        raise AssertionError

    async def try_on() -> None:
        async with asyncio.timeout(1):
            await adapter.connect(receive)

    with pytest.raises(TimeoutError):
        asyncio.run(try_on())

    assert len(server.record.calls_of("GET /users/@me")) > 2
    (said,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert "Discord refuses DISCORD_TOKEN" in said
    assert "https://discord.com/developers/applications" in said
    assert not [one for one in caplog.records if one.exc_info]
