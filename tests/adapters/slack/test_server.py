"""The server that plays Slack keeps to Slack's rules, as the unmodified client sees them."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.app.async_server import AsyncSlackAppServer
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.browser import install_in_browser
from tests.slack_server import (
    Held,
    LostResponse,
    NotJson,
    RateLimited,
    Refusal,
    Reset,
    Signature,
    SlackServer,
    Slow,
    Status,
    running_slack,
)

pytestmark = pytest.mark.slow  # it is a part of the tests, and not of the bot
ROOT = Path(__file__).parents[3]
Scenario = Callable[[SlackServer], Coroutine[Any, Any, None]]
GO = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "go",
            "value": "7",
            "text": {"type": "plain_text", "text": "Go"},
        },
        {"type": "users_select", "action_id": "refer"},
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "question",
            "label": {"type": "plain_text", "text": "Question"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
HOME = {
    "type": "home",
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}],
}


def in_slack(scenario: Scenario) -> Callable[[], None]:
    """Make a test of what is played on a server of its own."""

    async def play() -> None:
        async with SlackServer() as slack:
            await scenario(slack)

    def test() -> None:
        asyncio.run(play())

    test.__name__ = scenario.__name__
    return test


def client(slack: SlackServer, **options: Any) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, **options)


@asynccontextmanager
async def sockets(slack: SlackServer, count: int = 1) -> AsyncIterator[list[SocketModeRequest]]:
    """Connect clients that acknowledge everything, and give what they get."""
    received: list[SocketModeRequest] = []

    async def acknowledge(client: Any, request: SocketModeRequest) -> None:
        received.append(request)
        await client.send_socket_mode_response({"envelope_id": request.envelope_id})

    clients = []
    for _ in range(count):
        socket = SocketModeClient(slack.app_token, web_client=client(slack), ping_interval=0.2)
        socket.socket_mode_request_listeners.append(acknowledge)
        await socket.connect()  # type: ignore[no-untyped-call]
        clients.append(socket)
    await slack.until(lambda: len(slack.courier.sockets) == count)
    try:
        yield received
    finally:
        for socket in clients:
            await socket.close()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def bolt(slack: SlackServer) -> AsyncIterator[AsyncApp]:
    """Run an app over Socket Mode."""
    app = AsyncApp(client=client(slack), signing_secret=slack.signing_secret)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.until(lambda: slack.courier.sockets)
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def bolt_by_http(slack: SlackServer, **options: Any) -> AsyncIterator[tuple[AsyncApp, str]]:
    """Run an app that listens for requests; gives it with its address."""
    options.setdefault("client", client(slack))
    app = AsyncApp(signing_secret=slack.signing_secret, **options)
    runner = web.AppRunner(AsyncSlackAppServer(0, "/slack/events", app).web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slack.use_http(f"{address}/slack/events")
    try:
        yield app, address
    finally:
        await runner.cleanup()


def error_of(refused: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(refused.value.response["error"])


# Events


@in_slack
async def test_a_message_reaches_the_app_over_socket_mode_and_is_acknowledged(
    slack: SlackServer,
) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)

    async with sockets(slack) as received:
        question = await maria.says(channel, "How do I post a journal?")
        await slack.until_delivered()

    (request,) = received
    event = request.payload["event"]
    assert (request.type, request.retry_attempt) == ("events_api", 0)
    assert (event["type"], event["channel_type"]) == ("message", "channel")
    assert (event["user"], event["ts"]) == (maria.id, question.ts)
    (delivery,) = slack.record.events("message")
    assert delivery.was_acknowledged
    assert slack.record.late_deliveries() == []


@in_slack
async def test_what_is_said_where_the_bot_is_not_stays_there(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("secret", maria, private=True, bot=False)

    await maria.says("secret", "psst")

    assert slack.record.deliveries == []


@in_slack
async def test_a_mention_is_also_a_message(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)

    await maria.says("help", f"<@{slack.bot.id}> how?")

    message, mention = (delivery.event for delivery in slack.record.deliveries)
    assert (message["type"], mention["type"]) == ("message", "app_mention")
    assert message["ts"] == mention["ts"]


@in_slack
async def test_edits_and_deletions_tell_what_was_there_before(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    message = await maria.says("help", "Hwo?")

    await maria.edits(message, "How?")
    await maria.deletes(message)

    changed = slack.record.events("message", "message_changed")[0].event
    deleted = slack.record.events("message", "message_deleted")[0].event
    assert changed["previous_message"]["text"] == "Hwo?"
    assert changed["message"]["edited"]["user"] == maria.id
    assert deleted["deleted_ts"] == message.ts
    assert deleted["previous_message"]["text"] == "How?"


@in_slack
async def test_a_deleted_question_with_replies_leaves_a_tombstone(slack: SlackServer) -> None:
    maria, paul = slack.user("Maria"), slack.user("Paul")
    channel = slack.channel("help", maria, paul)
    question = await maria.says(channel, "How?")
    await paul.says(channel, "Like this", thread=question)

    await maria.deletes(question)

    event = slack.record.events("message", "message_changed")[0].event
    assert event["message"]["subtype"] == "tombstone"
    assert event["message"]["user"] == "USLACKBOT"
    replies = await client(slack).conversations_replies(channel=channel.id, ts=question.ts)
    assert [m["text"] for m in replies["messages"]] == ["This message was deleted.", "Like this"]


@in_slack
async def test_a_tombstone_goes_with_the_last_reply(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    question = await maria.says(channel, "How?")
    reply = await maria.says(channel, "Never mind", thread=question)

    await maria.deletes(question)
    await maria.deletes(reply)

    deleted = [d.event["deleted_ts"] for d in slack.record.events("message", "message_deleted")]
    assert deleted == [reply.ts, question.ts]
    history = await client(slack).conversations_history(channel=channel.id)
    assert history["messages"] == []


@in_slack
async def test_new_changed_and_leaving_people_are_told(slack: SlackServer) -> None:
    maria = slack.user("Maria")

    await maria.joins_team()
    await maria.changes(real_name="Maria Silva", tz="America/Lima")
    await maria.leaves_team()

    events = [delivery.event for delivery in slack.record.deliveries]
    assert [event["type"] for event in events] == ["team_join", "user_change", "user_change"]
    assert events[1]["user"]["profile"]["real_name"] == "Maria Silva"
    assert events[2]["user"]["deleted"]


@in_slack
async def test_reactions_and_comings_and_goings_are_told(slack: SlackServer) -> None:
    maria, paul = slack.user("Maria"), slack.user("Paul")
    channel = slack.channel("help", maria)
    message = await maria.says(channel, "How?")

    await paul.joins(channel)
    await paul.reacts(message, "eyes")
    await paul.unreacts(message, "eyes")
    await maria.makes_private(channel)
    await maria.renames(channel, "helped")
    await maria.archives(channel)

    kinds = [(d.event["type"], d.event.get("subtype", "")) for d in slack.record.deliveries]
    assert kinds == [
        ("message", ""),
        ("member_joined_channel", ""),
        ("message", "channel_join"),
        ("reaction_added", ""),
        ("reaction_removed", ""),
        ("message", "channel_convert_to_private"),
        ("group_rename", ""),
        ("group_archive", ""),
    ]


@in_slack
async def test_an_event_that_nobody_acknowledges_comes_three_times_more(
    slack: SlackServer,
) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    slack.courier.ack_seconds, slack.courier.retry_delays = 0.05, (0.0, 0.01, 0.02)
    slack.courier.lost_acks = -1

    async with sockets(slack) as received:
        await maria.says("help", "How?")
        await slack.until_delivered()

    assert [request.retry_attempt for request in received] == [0, 1, 2, 3]
    assert [request.retry_reason for request in received] == ["", *["timeout"] * 3]
    assert len({request.payload["event_id"] for request in received}) == 1


@in_slack
async def test_a_storm_delivers_every_event_as_often_as_asked_and_in_the_wrong_order(
    slack: SlackServer,
) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    slack.courier.copies, slack.courier.events_paused = 2, True

    async with sockets(slack) as received:
        await maria.says("help", "first")
        await maria.says("help", "second")
        slack.courier.resume(backwards=True)
        await slack.until(lambda: len(received) == 4)

    texts = [request.payload["event"]["text"] for request in received]
    assert sorted(texts) == ["first", "first", "second", "second"]
    assert texts[0] == "second"


@in_slack
async def test_what_happens_unheard_is_found_in_history(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)

    with slack.unheard():
        await maria.says(channel, "long ago", at=1_600_000_000)
        await slack.another_bot_says(channel, "PROJ-1 was closed")
    history = await client(slack).conversations_history(channel=channel.id)

    assert slack.record.deliveries == []
    assert [m["text"] for m in history["messages"]] == ["PROJ-1 was closed", "long ago"]
    assert history["messages"][1]["ts"] == "1600000000.000000"


@in_slack
async def test_an_event_may_come_again_much_later(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)

    async with sockets(slack) as received:
        await maria.says("help", "How?")
        await slack.until_delivered()
        await slack.courier.repeat(slack.record.deliveries[0])

    assert [request.retry_attempt for request in received] == [0, 1]


@in_slack
async def test_events_are_spread_over_the_sockets(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)

    async with sockets(slack, 2):
        await maria.says("help", "first")
        await maria.says("help", "second")
        await slack.until_delivered()

    used = {attempt.to for d in slack.record.deliveries for attempt in d.attempts}
    assert used == {"socket 1", "socket 2"}


@in_slack
async def test_an_eleventh_socket_is_sent_away(slack: SlackServer) -> None:
    slack.courier.max_sockets = 1
    async with sockets(slack), ClientSession() as http:
        answer = await client(slack).apps_connections_open(app_token=slack.app_token)
        async with http.ws_connect(answer["url"]) as socket:
            said = await socket.receive_json()

    assert (said["type"], said["reason"]) == ("disconnect", "too_many_websockets")


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_client_that_is_told_to_go_comes_back(reason: str) -> None:
    @in_slack
    async def play(slack: SlackServer) -> None:
        async with sockets(slack):
            await slack.courier.disconnect(reason)
            await slack.until(lambda: slack.courier.sockets_ever == 2)

    play()


@in_slack
async def test_a_dropped_socket_is_opened_again_and_misses_nothing(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    slack.courier.retry_delays = (0.1,) * 100

    async with sockets(slack) as received:
        slack.courier.drop_sockets()
        await maria.says("help", "How?")
        await slack.until(lambda: received)

    assert slack.courier.sockets_ever == 2
    assert received[0].payload["event"]["text"] == "How?"


@in_slack
async def test_a_frozen_socket_is_given_up_by_the_client(slack: SlackServer) -> None:
    async with sockets(slack):
        slack.courier.freeze_sockets()
        await slack.until(lambda: slack.courier.sockets_ever == 2)


@in_slack
async def test_without_socket_mode_nobody_may_connect(slack: SlackServer) -> None:
    async with sockets(slack):
        await slack.turn_socket_mode_off()
        with pytest.raises(SlackApiError):
            await client(slack).apps_connections_open(app_token=slack.app_token)


@in_slack
async def test_an_address_that_was_given_before_is_of_no_use_then(slack: SlackServer) -> None:
    opened = await client(slack).apps_connections_open(app_token=slack.app_token)
    await slack.turn_socket_mode_off()

    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError, match="408"):
            await session.ws_connect(opened["url"])


# The Web API


@in_slack
async def test_what_the_bot_posts_is_there_with_its_metadata(slack: SlackServer) -> None:
    channel = slack.channel("help", slack.user("Maria"))
    metadata = {"event_type": "supportbot", "event_payload": {"id": "m1"}}
    api = client(slack)

    posted = await api.chat_postMessage(channel=channel.id, text="Hi", metadata=metadata)
    plain = await api.conversations_history(channel=channel.id)
    full = await api.conversations_history(channel=channel.id, include_all_metadata=True)

    assert [m.ts for m in slack.said_by_bot(channel)] == [posted["ts"]]
    assert plain["messages"][0]["metadata"] == {"event_type": "supportbot"}
    assert full["messages"][0]["metadata"] == metadata
    (event,) = slack.record.events("message")
    assert event.event["bot_id"] == slack.bot.bot_id


@in_slack
async def test_a_reply_makes_a_thread_and_stays_out_of_history(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    question = await maria.says(channel, "How?")
    api = client(slack)

    await api.chat_postMessage(channel=channel.id, text="Thus", thread_ts=question.ts)
    history = await api.conversations_history(channel=channel.id)

    assert [reply.text for reply in slack.thread(question)] == ["Thus"]
    (root,) = history["messages"]
    assert (root["reply_count"], root["thread_ts"]) == (1, question.ts)


@in_slack
async def test_a_reply_to_what_was_deleted_goes_to_the_channel(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    question = await maria.says(channel, "How?")
    await maria.deletes(question)

    answer = await client(slack).chat_postMessage(
        channel=channel.id, text="Thus", thread_ts=question.ts
    )

    assert "thread_ts" not in answer["message"]


@in_slack
async def test_the_bot_changes_and_deletes_its_own_messages_only(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    question = await maria.says(channel, "How?")
    api = client(slack)
    mine = await api.chat_postMessage(channel=channel.id, text="one")

    await api.chat_update(channel=channel.id, ts=mine["ts"], text="two")
    with pytest.raises(SlackApiError) as refused:
        await api.chat_update(channel=channel.id, ts=question.ts, text="mine")
    assert [m.text for m in slack.said_by_bot(channel)] == ["two"]
    await api.chat_delete(channel=channel.id, ts=mine["ts"])

    assert error_of(refused) == "cant_update_message"
    assert slack.said_by_bot(channel) == []


@in_slack
async def test_a_change_by_text_alone_takes_the_blocks_away(slack: SlackServer) -> None:
    channel = slack.channel("help", slack.user("Maria"))
    api = client(slack)
    posted = await api.chat_postMessage(channel=channel.id, text="one", blocks=[GO])
    (message,) = slack.said_by_bot()

    await api.chat_update(channel=channel.id, ts=posted["ts"], text="two", blocks=[GO])
    with_blocks = (message.text, len(message.blocks), "edited" in message.more)
    await api.chat_update(channel=channel.id, ts=posted["ts"], text="three")

    assert with_blocks == ("two", 1, False)
    assert (message.text, message.blocks, "edited" in message.more) == ("three", [], True)
    assert [earlier["text"] for earlier in message.earlier] == ["one", "two"]


@in_slack
async def test_what_slack_says_of_a_channel_has_no_replies(slack: SlackServer) -> None:
    maria, paul = slack.user("Maria"), slack.user("Paul")
    channel = slack.channel("help", maria)
    await paul.joins(channel)
    joining = slack.record.events("message", "channel_join")[0].event

    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(
            channel=channel.id, text="Welcome", thread_ts=joining["ts"]
        )

    assert error_of(refused) == "cannot_reply_to_message"


@in_slack
async def test_metadata_of_a_type_with_a_point_is_not_kept(slack: SlackServer) -> None:
    slack.channel("help", slack.user("Maria"))
    metadata = {"event_type": "support.bot", "event_payload": {"id": "m1"}}

    await client(slack).chat_postMessage(channel="#help", text="Hi", metadata=metadata)

    assert slack.said_by_bot()[0].metadata == {}


@in_slack
async def test_an_ephemeral_message_is_seen_by_one_and_kept_by_nobody(slack: SlackServer) -> None:
    maria, paul = slack.user("Maria"), slack.user("Paul")
    channel = slack.channel("help", maria, paul)
    api = client(slack)

    await api.chat_postEphemeral(channel=channel.id, user=maria.id, text="only you")

    assert [m.text for m in maria.sees()] == ["only you"]
    assert paul.sees() == []
    assert (await api.conversations_history(channel=channel.id))["messages"] == []


@in_slack
async def test_history_is_read_page_by_page_newest_first(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    said = [await maria.says(channel, str(number)) for number in range(5)]
    texts: list[str] = []

    async for page in await client(slack).conversations_history(
        channel=channel.id, limit=2, oldest=said[0].ts
    ):
        texts += [message["text"] for message in page["messages"]]

    assert texts == ["4", "3", "2", "1"]


@in_slack
async def test_both_ends_belong_to_an_inclusive_range(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    said = [await maria.says(channel, str(number)) for number in range(4)]

    found = await client(slack).conversations_history(
        channel=channel.id, inclusive=True, oldest=said[1].ts, latest=said[2].ts
    )

    assert [message["text"] for message in found["messages"]] == ["2", "1"]


@in_slack
async def test_lists_have_pages_and_private_channels_stay_hidden(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("one", maria)
    slack.channel("two", maria)
    slack.channel("secret", maria, private=True, bot=False)
    api = client(slack)
    names: list[str] = []

    async for page in await api.conversations_list(types="public_channel,private_channel", limit=1):
        names += [channel["name"] for channel in page["channels"]]
    with pytest.raises(SlackApiError) as refused:
        await api.conversations_list(cursor="no-such-cursor")

    assert names == ["one", "two"]
    assert error_of(refused) == "invalid_cursor"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#apart", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "#old", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "#secret", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#help", "text": ""}, "no_text"),
        ("chat.postMessage", {"channel": "#help", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "#help", "blocks": [{"type": "?"}]}, "invalid_blocks"),
        (
            "chat.postMessage",
            {"channel": "#help", "text": "x", "metadata": {"event_type": "x"}},
            "invalid_metadata_format",
        ),
        (
            "chat.postMessage",
            {
                "channel": "#help",
                "text": "x",
                "metadata": {"event_type": "x", "event_payload": {"x": "y" * 20_000}},
            },
            "metadata_too_large",
        ),
        ("chat.delete", {"channel": "#help", "ts": "1.000001"}, "message_not_found"),
        ("conversations.replies", {"channel": "#help", "ts": "1.000001"}, "thread_not_found"),
        ("views.open", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("no.such", {}, "unknown_method"),
    ],
)
def test_what_slack_refuses_is_refused(method: str, arguments: dict[str, Any], error: str) -> None:
    @in_slack
    async def play(slack: SlackServer) -> None:
        maria = slack.user("Maria")
        slack.channel("help", maria)
        slack.channel("apart", maria, bot=False)
        slack.installation().scopes.remove("chat:write.public")
        slack.channel("secret", maria, bot=False, private=True)
        slack.channel("old", maria).archived = True

        with pytest.raises(SlackApiError) as refused:
            await client(slack).api_call(method, json=arguments)

        assert error_of(refused) == error

    play()


@in_slack
async def test_blocks_that_are_too_much_together_are_refused(slack: SlackServer) -> None:
    slack.channel("help", slack.user("Maria"))
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_999}}

    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(channel="#help", text="x", blocks=[section] * 5)

    assert error_of(refused) == "msg_blocks_too_long"


@in_slack
async def test_tokens_are_checked(slack: SlackServer) -> None:
    def asking(token: str | None) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=slack.api_url)

    good = await asking(slack.bot_token).auth_test()
    errors = []
    for token in (None, "xoxb-wrong", slack.app_token):
        with pytest.raises(SlackApiError) as refused:
            await asking(token).auth_test()
        errors.append(error_of(refused))
    slack.revoke()
    with pytest.raises(SlackApiError) as refused:
        await asking(slack.bot_token).auth_test()

    assert (good["user_id"], good["bot_id"]) == (slack.bot.id, slack.bot.bot_id)
    assert "chat:write" in good.headers["X-OAuth-Scopes"]
    assert errors == ["not_authed", "invalid_auth", "not_allowed_token_type"]
    assert error_of(refused) == "token_revoked"
    assert slack.record.events("tokens_revoked") != []


@in_slack
async def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    slack.channel("help", slack.user("Maria"))
    slack.installation().scopes.remove("chat:write")

    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(channel="#help", text="x")

    assert error_of(refused) == "missing_scope"
    assert refused.value.response["needed"] == "chat:write"


@in_slack
async def test_a_file_is_fetched_with_the_token_and_not_without(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    message = await maria.shares_file("help", "error.log", b"boom", text="look")
    url = message.files[0]["url_private"]

    async with ClientSession() as http:
        header = {"Authorization": f"Bearer {slack.bot_token}"}
        async with http.get(url, headers=header) as response:
            with_token = await response.read()
        async with http.get(url) as response:
            without = await response.text()

    assert with_token == b"boom"
    assert "Sign in" in without
    assert slack.record.events("message", "file_share") != []


# Faults


@in_slack
async def test_the_clients_own_handler_waits_until_the_limit_is_over(slack: SlackServer) -> None:
    slack.channel("help", slack.user("Maria"))
    slack.faults.add("chat.postMessage", RateLimited(1))
    api = client(slack, retry_handlers=[AsyncRateLimitErrorRetryHandler()])

    await api.chat_postMessage(channel="#help", text="x")

    assert [call.status for call in slack.record.calls] == [429, 200]
    assert slack.record.early_calls() == []
    assert len(slack.said_by_bot()) == 1


@in_slack
async def test_a_call_before_its_time_is_noticed(slack: SlackServer) -> None:
    slack.faults.add("api.test", RateLimited(30))
    api = client(slack)

    with pytest.raises(SlackApiError) as refused:
        await api.api_test()
    await api.api_test()

    assert error_of(refused) == "ratelimited"
    assert [call.at for call in slack.record.early_calls()] == [slack.record.calls[1].at]


@in_slack
async def test_a_limit_is_kept_by_channel(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    one, two = slack.channel("one", maria), slack.channel("two", maria)
    slack.faults.limit("chat.postMessage", 1, seconds=30, by="channel")
    api = client(slack)

    await api.chat_postMessage(channel=one.id, text="x")
    await api.chat_postMessage(channel=two.id, text="x")
    with pytest.raises(SlackApiError) as refused:
        await api.chat_postMessage(channel=one.id, text="x")

    assert error_of(refused) == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "30"
    assert slack.record.early_calls(by="channel") == []


@in_slack
async def test_a_lost_response_leaves_the_message_and_the_client_posts_it_again(
    slack: SlackServer,
) -> None:
    slack.channel("help", slack.user("Maria"))
    slack.faults.add("chat.postMessage", LostResponse())

    await client(slack).chat_postMessage(channel="#help", text="twice")

    assert [m.text for m in slack.said_by_bot()] == ["twice", "twice"]
    assert [(c.fault, c.had_effect) for c in slack.record.calls_of("chat.postMessage")] == [
        ("LostResponse", True),
        ("", True),
    ]


@in_slack
async def test_a_reset_leaves_nothing(slack: SlackServer) -> None:
    slack.channel("help", slack.user("Maria"))
    slack.faults.add("*", Reset())

    with pytest.raises(OSError, match=r"reset|disconnected"):
        await client(slack, retry_handlers=[]).chat_postMessage(channel="#help", text="x")

    assert slack.said_by_bot() == []


@in_slack
async def test_only_the_call_that_is_meant_fails(slack: SlackServer) -> None:
    slack.faults.add("api.test", Status(503), after=1)
    api = client(slack, retry_handlers=[AsyncServerErrorRetryHandler()])

    for _ in range(2):
        await api.api_test()

    assert [call.status for call in slack.record.calls] == [200, 503, 200]


@in_slack
async def test_answers_may_be_unreadable_slow_held_or_refusals(slack: SlackServer) -> None:
    api = client(slack)
    slack.faults.add("api.test", NotJson())
    with pytest.raises(SlackApiError):
        await api.api_test()
    slack.faults.add("api.test", Refusal("fatal_error"))
    with pytest.raises(SlackApiError) as refused:
        await api.api_test()
    slack.faults.add("api.test", Slow(0.01))
    await api.api_test()
    held = Held()
    slack.faults.add("api.test", held)
    call = asyncio.ensure_future(api.api_test())
    await slack.until(lambda: slack.record.calls[-1].had_effect)
    was_done = call.done()
    held.release()
    await call

    assert error_of(refused) == "fatal_error"
    assert not was_done


@in_slack
async def test_connections_are_refused_while_nobody_listens(slack: SlackServer) -> None:
    api = client(slack, retry_handlers=[])

    await slack.stop_listening()
    with pytest.raises(OSError, match="connect"):
        await api.api_test()
    await slack.start_listening()

    assert (await api.api_test())["ok"]


# What people do


@in_slack
async def test_a_pressed_button_reaches_the_app_which_changes_the_message(
    slack: SlackServer,
) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)

    async with bolt(slack) as app:

        @app.action("go")
        async def go(ack: Any, action: Any, respond: Any) -> None:
            await ack()
            await respond(text=f"went {action['value']}", replace_original=True)

        await app.client.chat_postMessage(channel=channel.id, text="Go?", blocks=[GO])
        (message,) = slack.said_by_bot(channel)
        delivery = await maria.presses(message, "go")
        await slack.until(lambda: message.text == "went 7")

    assert delivery.was_acknowledged
    assert delivery.payload["container"]["message_ts"] == message.ts
    assert delivery.payload["user"]["id"] == maria.id


@in_slack
async def test_somebody_may_be_chosen_in_a_message(slack: SlackServer) -> None:
    maria, paul = slack.user("Maria"), slack.user("Paul")
    channel = slack.channel("help", maria)
    async with sockets(slack) as received:
        await client(slack).chat_postMessage(channel=channel.id, text="Who?", blocks=[GO])

        await maria.presses(slack.said_by_bot()[0], "refer", selected_user=paul.id)

    action = received[-1].payload["actions"][0]
    assert (action["type"], action["selected_user"]) == ("users_select", paul.id)


@in_slack
async def test_a_command_opens_a_modal_that_is_corrected_and_submitted(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    submitted: list[str] = []

    async with bolt(slack) as app:

        @app.command("/ask")
        async def ask(ack: Any, body: Any, client: Any) -> None:
            await ack(text="One moment")
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("ask")
        async def take(ack: Any, view: Any) -> None:
            text = view["state"]["values"]["question"]["text"]["value"]
            if len(text) < 5:
                await ack(response_action="errors", errors={"question": "Say more"})
                return
            submitted.append(text)
            await ack()

        await maria.runs("/ask", "how", "help")
        modal = await slack.until(lambda: maria.modal)
        await maria.submits(modal, {"text": "How?"})
        errors = dict(modal.errors)
        await maria.submits(modal, {"text": "How do I?"})

    assert [m.text for m in maria.sees()] == ["One moment"]
    assert errors == {"question": "Say more"}
    assert submitted == ["How do I?"]
    assert maria.modal is None


@in_slack
async def test_a_submission_may_update_push_and_clear(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    actions = ["update", "push", "clear"]

    async with bolt(slack) as app:

        @app.shortcut("begin")
        async def begin(ack: Any, body: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("ask")
        async def take(ack: Any) -> None:
            action = actions.pop(0)
            more = {} if action == "clear" else {"view": MODAL | {"private_metadata": action}}
            await ack(response_action=action, **more)

        await maria.uses_shortcut("begin")
        first = await slack.until(lambda: maria.modal)
        await maria.submits(first, {"text": "x"})
        updated = first.content["private_metadata"]
        await maria.submits(first)
        pushed = maria.modals[-1]
        await maria.submits(pushed, {"text": "y"})

    assert updated == "update"
    assert (pushed.previous_id, pushed.root_id) == (first.id, first.id)
    assert maria.modals == []


@in_slack
async def test_closing_a_modal_is_told_when_the_modal_asks_for_it(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    async with sockets(slack) as received:
        view = MODAL | {"notify_on_close": True}
        await client(slack).views_open(trigger_id=slack.new_trigger(maria), view=view)
        modal = await slack.until(lambda: maria.modal)

        await maria.closes(modal)

    payload = received[-1].payload
    assert (payload["type"], payload["is_cleared"]) == ("view_closed", False)
    assert maria.modal is None


@in_slack
async def test_a_button_of_the_home_tab_and_of_an_ephemeral_message_may_be_pressed(
    slack: SlackServer,
) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    api = client(slack)
    await api.views_publish(user_id=maria.id, view=HOME | {"blocks": [GO]})
    await api.chat_postEphemeral(channel=channel.id, user=maria.id, text="Go?", blocks=[GO])
    assert maria.home is not None

    at_home = await maria.presses(maria.home, "go")
    (whispered,) = maria.sees()
    in_channel = await maria.presses(whispered, "go")

    assert at_home.payload["container"] == {"type": "view", "view_id": maria.home.id}
    assert in_channel.payload["container"]["is_ephemeral"]
    assert "message" not in in_channel.payload
    # Nobody was connected.
    assert not in_channel.was_acknowledged


@in_slack
async def test_a_trigger_is_good_for_three_seconds_and_once(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    api = client(slack)
    used, expired = slack.new_trigger(maria), slack.new_trigger(maria)

    await api.views_open(trigger_id=used, view=MODAL)
    with pytest.raises(SlackApiError) as twice:
        await api.views_open(trigger_id=used, view=MODAL)
    slack.expire_triggers()
    with pytest.raises(SlackApiError) as late:
        await api.views_open(trigger_id=expired, view=MODAL)

    assert (error_of(twice), error_of(late)) == ("exchanged_trigger_id", "expired_trigger_id")


@in_slack
async def test_the_home_tab_is_published_and_seen(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    api = client(slack)

    await maria.opens_home()
    await api.views_publish(user_id=maria.id, view=HOME)
    await maria.opens_home("messages")

    assert maria.home is not None
    assert maria.home.blocks[0]["text"]["text"] == "Hello"
    tabs = [delivery.event["tab"] for delivery in slack.record.events("app_home_opened")]
    assert tabs == ["home", "messages"]


@in_slack
async def test_a_message_shortcut_carries_the_message(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    message = await maria.says(slack.channel("help", maria), "How?")

    async with sockets(slack) as received:
        await maria.uses_shortcut("route", message)

    payload = received[-1].payload
    assert (payload["type"], payload["callback_id"]) == ("message_action", "route")
    assert payload["message"]["ts"] == message.ts


@in_slack
async def test_a_response_address_serves_five_times(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    hook = AsyncWebhookClient(slack.new_response_url(maria, channel, None))

    statuses = [(await hook.send(text=str(n))).status_code for n in range(6)]

    assert statuses == [200, 200, 200, 200, 200, 404]
    assert [m.text for m in maria.sees()] == ["0", "1", "2", "3", "4"]


@in_slack
async def test_the_assistant_is_opened_and_told_what_to_show(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    channel = slack.channel("help", maria)
    api = client(slack)

    root = await maria.opens_assistant(channel)
    await maria.says(maria.dm, "How?", thread=root)
    await api.assistant_threads_setStatus(
        channel_id=root.channel, thread_ts=root.ts, status="is searching…"
    )

    thread = slack.record.events("assistant_thread_started")[0].event["assistant_thread"]
    assert (thread["user_id"], thread["context"]["channel_id"]) == (maria.id, channel.id)
    assert [said["status"] for said in slack.statuses] == ["is searching…"]


# HTTP and installing


@in_slack
async def test_events_and_commands_come_signed_by_http(slack: SlackServer) -> None:
    maria = slack.user("Maria")
    slack.channel("help", maria)
    texts: list[str] = []

    async with bolt_by_http(slack) as (app, address):

        @app.event("message")
        async def hear(event: Any) -> None:
            texts.append(event["text"])

        @app.command("/ask")
        async def ask(ack: Any) -> None:
            await ack(text="Asked")

        is_ours = await slack.courier.verify_url(f"{address}/slack/events", "token")
        await maria.says("help", "How?")
        await slack.until_delivered()
        await maria.runs("/ask", "x", "help")

    assert is_ours
    assert texts == ["How?"]
    assert [m.text for m in maria.sees()] == ["Asked"]


@pytest.mark.parametrize("signature", [Signature.WRONG, Signature.OLD, Signature.MISSING])
def test_a_bad_signature_is_refused_by_the_app(signature: Signature) -> None:
    @in_slack
    async def play(slack: SlackServer) -> None:
        maria = slack.user("Maria")
        slack.channel("help", maria)
        slack.courier.signature, slack.courier.retry_delays = signature, (0.0,)

        async with bolt_by_http(slack):
            await maria.says("help", "How?")
            await slack.until_delivered()

        (delivery,) = slack.record.deliveries
        assert [attempt.status for attempt in delivery.attempts] == [401, 401]
        assert [attempt.reason for attempt in delivery.attempts] == ["", "http_error"]

    play()


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk's
@in_slack
async def test_the_app_is_installed_in_another_workspace(slack: SlackServer) -> None:
    other = slack.add_workspace("Sister Group")
    slack.user("Olga", workspace=other)
    query = {
        "client_id": slack.app.client_id,
        "scope": "chat:write,channels:history",
        "redirect_uri": "http://127.0.0.1:1/back",
        "state": "s1",
        "team": other.id,
    }
    async with (
        ClientSession() as http,
        http.get(slack.authorize_url, params=query, allow_redirects=False) as response,
    ):
        back = response.headers["Location"]
    code = back.partition("code=")[2].partition("&")[0]
    api = AsyncWebClient(base_url=slack.api_url)
    secrets = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}

    granted = await api.oauth_v2_access(code=code, **secrets)
    with pytest.raises(SlackApiError) as refused:
        await api.oauth_v2_access(code=code, **secrets)
    who = await AsyncWebClient(token=granted["access_token"], base_url=slack.api_url).auth_test()

    assert "state=s1" in back
    assert (granted["team"]["id"], granted["scope"]) == (other.id, "chat:write,channels:history")
    assert (who["team_id"], who["user_id"]) == (other.id, granted["bot_user_id"])
    assert error_of(refused) == "invalid_code"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk's
def test_bolts_own_installation_runs_from_page_to_event(tmp_path: Path) -> None:
    @in_slack
    async def play(slack: SlackServer) -> None:
        other = slack.add_workspace("Sister Group")
        olga = slack.user("Olga", workspace=other)
        channel = slack.channel("help", olga, workspace=other)
        said: list[str] = []
        settings = AsyncOAuthSettings(
            client_id=slack.app.client_id,
            client_secret=slack.app.client_secret,
            scopes=["chat:write", "channels:history"],
            authorization_url=slack.authorize_url,
            install_page_rendering_enabled=False,
            installation_store=FileInstallationStore(base_dir=str(tmp_path)),
            state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path)),
        )
        api = AsyncWebClient(base_url=slack.api_url)

        async with bolt_by_http(slack, client=api, oauth_settings=settings) as (app, address):

            @app.event("message")
            async def hear(event: Any, say: Any) -> None:
                said.append(event["text"])
                await say("Heard")

            slack.app.redirect_uri = f"{address}/slack/oauth_redirect"
            status = await install_in_browser(f"{address}/slack/install?team={other.id}")
            with slack.unheard(other):
                other.join(channel, other.bot.id)
            await olga.says(channel, "How?")
            await slack.until(lambda: slack.said_by_bot(channel, workspace=other))
            await slack.until_delivered()

        assert status == 200
        assert said == ["How?"]

    play()


@in_slack
async def test_an_app_that_is_removed_is_told_so(slack: SlackServer) -> None:
    slack.uninstall()

    kinds = [delivery.event["type"] for delivery in slack.record.deliveries]
    assert kinds == ["tokens_revoked", "app_uninstalled"]


# In a thread or process of its own


def test_a_server_in_a_process_of_its_own_says_how_to_reach_it() -> None:
    command = [sys.executable, "-m", "tests.slack_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        settings = json.loads(process.stdout.readline())
        api = AsyncWebClient(settings["SLACK_BOT_TOKEN"], base_url=settings["api_url"])

        answer = asyncio.run(api.auth_test())

        process.terminate()
    assert answer["user"] == "supportbot"


def test_a_server_in_a_thread_of_its_own_is_used_from_outside() -> None:
    with running_slack() as slack:
        maria = slack.user("Maria")
        channel = slack.channel("help", maria)

        message = slack.do(maria.says(channel, "How?"))
        asyncio.run(_post(slack, message.ts))
        replies = slack.wait_until(lambda: slack.thread(message))

    assert [reply.text for reply in replies] == ["Thus"]
    assert replies[0].ts < f"{time.time() + 1:f}"


async def _post(slack: SlackServer, thread_ts: str) -> None:
    await client(slack).chat_postMessage(channel="#help", text="Thus", thread_ts=thread_ts)
