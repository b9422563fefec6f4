"""The server that plays Discord keeps to Discord's rules, as the unmodified client sees them."""

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from aiohttp import ClientSession, ServerDisconnectedError
from discord import app_commands, ui

from tests.discord_server import (
    Channel,
    DiscordServer,
    Held,
    LostResponse,
    Message,
    Person,
    RateLimited,
    Refusal,
    Status,
    running_discord,
)

pytestmark = pytest.mark.slow  # it is a part of the tests, and not of the bot
ROOT = Path(__file__).parents[3]
POST = "POST /channels/*/messages"
Scenario = Callable[["World"], Coroutine[Any, Any, None]]


class Client(discord.Client):
    """The unmodified client, with a note of what it heard."""

    def __init__(self, server: DiscordServer, **options: Any) -> None:
        options.setdefault("intents", discord.Intents.all())
        super().__init__(guild_ready_timeout=0.02, **options)
        self.server = server
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, Any]] = []
        self.said: list[str] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        is_own = event == "message" and args[0].author == self.user
        self.heard.append(("own_message" if is_own else event, args[0] if args else None))
        if event == "message" and not is_own and args[0].content:
            self.said.append(args[0].content)
        super().dispatch(event, *args, **kwargs)
        self.server.note_change()

    async def before_identify_hook(self, *_: Any, **__: Any) -> None:
        """Identify again at once; by itself the client waits five seconds."""

    async def hears(self, event: str) -> Any:
        """Wait for an event, and give what it is about."""
        found = lambda: [(one,) for name, one in self.heard if name == event]  # noqa: E731
        return (await self.server.until(found))[-1][0]


class World:
    """A server, and who is there."""

    def __init__(self, server: DiscordServer, point: Callable[[DiscordServer], None]) -> None:
        self.server = server
        self.point = point
        self.maria = server.user("Maria")
        self.help = server.channel("help")

    @asynccontextmanager
    async def client(
        self, set_up: Callable[[Client], object] | None = None, **options: Any
    ) -> AsyncIterator[Client]:
        """Connect a client, and wait until it is ready."""
        self.point(self.server)
        client = Client(self.server, **options)
        if set_up:
            set_up(client)
        running = asyncio.create_task(client.start(self.server.token))
        running.add_done_callback(lambda _: self.server.note_change())
        try:
            await self.server.until(lambda: running.done() or client.is_ready())
            yield client
        finally:
            await client.close()
            await asyncio.gather(running, return_exceptions=True)

    async def fails_to_connect(self, token: str = "", **options: Any) -> BaseException:
        """Start a client that cannot, and give what it raises."""
        self.point(self.server)
        client = Client(self.server, **options)
        try:
            await client.start(token or self.server.token)
        except discord.DiscordException as error:
            return error
        finally:
            await client.close()
        raise AssertionError

    def text(self, client: Client) -> discord.TextChannel:
        channel = client.get_channel(self.help.id)
        assert isinstance(channel, discord.TextChannel)
        return channel

    async def fetched(self, client: Client, message: Message) -> discord.Message:
        return await self.text(client).fetch_message(message.id)


@pytest.fixture
def point(monkeypatch: pytest.MonkeyPatch) -> Callable[[DiscordServer], None]:
    """Let clients take the server for Discord."""

    def point_at(server: DiscordServer) -> None:
        gateway = yarl.URL(server.gateway_url)
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        monkeypatch.setattr(discord.Asset, "BASE", server.cdn_url)

    return point_at


def in_discord(scenario: Scenario) -> Callable[[Callable[[DiscordServer], None]], None]:
    """Make a test of what is played on a server of its own."""

    async def play(point: Callable[[DiscordServer], None]) -> None:
        async with DiscordServer() as server:
            await scenario(World(server, point))
            assert server.record.gaps == []

    def test(point: Callable[[DiscordServer], None]) -> None:
        asyncio.run(play(point))

    test.__name__ = scenario.__name__
    return test


def code_of(refused: Any) -> int:
    code: int = refused.value.code
    return code


# Connecting


@in_discord
async def test_a_client_logs_in_and_knows_the_guild_its_channels_and_members(world: World) -> None:
    async with world.client() as client:
        (guild,) = client.guilds

        assert guild.name == "User Group"
        assert [channel.name for channel in guild.channels] == ["help"]
        assert guild.get_member(world.maria.id) is not None
        assert guild.me == guild.get_member(world.server.bot.id)


@in_discord
async def test_a_guild_that_was_there_before_is_available_and_not_joined(world: World) -> None:
    async with world.client() as client:
        events = [event for event, _ in client.heard]

        assert "guild_available" in events
        assert "guild_join" not in events


@in_discord
async def test_a_wrong_token_is_no_login(world: World) -> None:
    assert isinstance(await world.fails_to_connect("wrong"), discord.LoginFailure)


@in_discord
async def test_the_gateway_refuses_a_wrong_token(world: World) -> None:
    async with ClientSession() as session, session.ws_connect(world.server.gateway_url) as ws:
        hello = await ws.receive_json()
        await ws.send_json({"op": 2, "d": {"token": "wrong", "intents": 0}})
        closed = await ws.receive()

    assert hello["op"] == 10
    assert closed.data == 4004


@in_discord
async def test_an_intent_that_is_not_approved_is_refused(world: World) -> None:
    world.server.approved_intents = {"members"}

    error = await world.fails_to_connect()

    assert isinstance(error, discord.PrivilegedIntentsRequired)
    assert world.server.record.logins[-1].refused == "4014"


@in_discord
async def test_the_application_says_which_intents_it_has(world: World) -> None:
    world.server.approved_intents = {"message_content"}
    intents = discord.Intents.default()
    intents.message_content = True

    async with world.client(intents=intents) as client:
        flags = (await client.application_info()).flags

    assert flags.gateway_message_content_limited
    assert not flags.gateway_guild_members_limited


@in_discord
async def test_a_shard_hears_of_its_own_guilds(world: World) -> None:
    first = world.server.add_guild("First", shard=(0, 2))
    second = world.server.add_guild("Second", shard=(1, 2))

    async with world.client(shard_id=1, shard_count=2) as client:
        ids = [guild.id for guild in client.guilds]

    assert second.id in ids
    assert first.id not in ids


@in_discord
async def test_members_can_be_asked_for(world: World) -> None:
    async with world.client(chunk_guilds_at_startup=False) as client:
        (guild,) = client.guilds

        found = await guild.query_members("mar")

    assert [member.name for member in found] == ["Maria"]


# Hearing


@in_discord
async def test_what_people_do_is_heard(world: World) -> None:
    async with world.client() as client:
        said = await world.maria.says("help", "How do I …?")
        await world.maria.replies(said, "Nobody?")
        await world.maria.edits(said, "How do I close the ledger?")
        await world.maria.reacts(said, "👍")
        await world.maria.deletes(said)
        await client.hears("raw_message_delete")

        replied = await client.hears("message")
        reaction = await client.hears("raw_reaction_add")
        edited = await client.hears("raw_message_edit")

    assert client.said == ["How do I …?", "Nobody?"]
    assert replied.reference.message_id == said.id
    assert str(reaction.emoji) == "👍"
    assert edited.message.content == "How do I close the ledger?"


@in_discord
async def test_a_post_in_a_forum_is_a_thread_whose_first_message_has_its_id(world: World) -> None:
    world.server.forum("questions", tags=["solved"])

    async with world.client() as client:
        post = await world.maria.posts("questions", "Ledger", "How do I?", tags=["solved"])
        message = await client.hears("message")
        thread = await client.hears("thread_create")

    assert thread.id == message.id == post.id
    assert [tag.name for tag in thread.applied_tags] == ["solved"]


@in_discord
async def test_direct_messages_are_heard_and_answered(world: World) -> None:
    async with world.client() as client:
        await world.maria.says(world.maria.dm, "Hello")
        message = await client.hears("message")
        await message.channel.send("Hello, Maria")

    assert isinstance(message.channel, discord.DMChannel)
    assert world.server.said_by_bot(world.maria.dm)[0].content == "Hello, Maria"


@in_discord
async def test_content_is_censored_without_the_intent_unless_the_bot_is_meant(
    world: World,
) -> None:
    mention = f"<@{world.server.bot.id}> hello"

    async with world.client(intents=discord.Intents.default()) as client:
        await world.maria.says("help", "a secret")
        await world.maria.says("help", mention)
        await world.server.until(lambda: client.said == [mention])

    contents = [event.payload["content"] for event in world.server.record.events("MESSAGE_CREATE")]
    assert contents == ["", mention]


@in_discord
async def test_events_without_their_intent_are_not_sent(world: World) -> None:
    intents = discord.Intents.all()
    intents.guild_reactions = False

    async with world.client(intents=intents):
        said = await world.maria.says("help", "Hello")
        await world.maria.reacts(said, "👍")

    assert world.server.record.events("MESSAGE_REACTION_ADD") == []


@in_discord
async def test_the_bot_hears_nothing_of_channels_that_it_cannot_see(world: World) -> None:
    world.server.channel("board", world.maria, private=True, bot=False)

    async with world.client() as client:
        await world.maria.says("board", "a secret")
        await world.maria.says("help", "hello")
        await client.hears("message")

    assert client.said == ["hello"]
    assert world.server.record.lost[-1][1]["content"] == "a secret"


@in_discord
async def test_what_happens_while_nobody_is_connected_is_lost(world: World) -> None:
    await world.maria.says("help", "too early")

    async with world.client() as client:
        await world.maria.says("help", "in time")
        await client.hears("message")

    assert client.said == ["in time"]


@in_discord
async def test_an_old_message_has_an_old_id(world: World) -> None:
    then = datetime(2024, 5, 1, tzinfo=UTC)
    said = await world.maria.says("help", "long ago", at=then)

    async with world.client() as client:
        fetched = await world.fetched(client, said)

    assert fetched.created_at == then


# Posting


@in_discord
async def test_a_nonce_that_is_used_twice_posts_once(world: World) -> None:
    async with world.client() as client:
        first = await world.text(client).send("Answer", nonce="a1")
        again = await world.text(client).send("Answer", nonce="a1")
        await client.hears("own_message")

    assert again.id == first.id
    assert again.nonce == "a1"
    assert len(world.server.said_by_bot(world.help)) == 1
    (event,) = world.server.record.events("MESSAGE_CREATE")
    assert event.payload["nonce"] == "a1"


@in_discord
async def test_a_nonce_is_forgotten_after_some_minutes(world: World) -> None:
    async with world.client() as client:
        first = await world.text(client).send("Answer", nonce="a1")
        world.server.advance(600)
        again = await world.text(client).send("Answer", nonce="a1")

    assert again.id != first.id


@in_discord
async def test_a_message_has_one_thread(world: World) -> None:
    said = await world.maria.says("help", "How do I?")

    async with world.client() as client:
        message = await world.fetched(client, said)
        thread = await message.create_thread(name="Ledger")
        await thread.send("Like this")
        with pytest.raises(discord.HTTPException) as refused:
            await message.create_thread(name="Again")
        fetched = await world.fetched(client, said)

    assert thread.id == said.id
    assert code_of(refused) == 160004
    assert fetched.flags.has_thread
    assert fetched.thread is not None
    opened = world.server.thread(said)
    assert [one.content for one in world.server.said_by_bot(opened)] == ["Like this"]


@in_discord
async def test_posting_wakes_an_archived_thread_and_editing_does_not(world: World) -> None:
    said = await world.maria.says("help", "How do I?")

    async with world.client() as client:
        message = await world.fetched(client, said)
        thread = await message.create_thread(name="Ledger")
        answer = await thread.send("Like this")
        await thread.edit(archived=True)
        with pytest.raises(discord.HTTPException) as refused:
            await answer.edit(content="Like that")
        await thread.send("Or like that")

    opened = world.server.thread(said)
    assert code_of(refused) == 50083
    assert opened is not None
    assert opened.thread_metadata is not None
    assert not opened.thread_metadata.archived


@in_discord
async def test_nobody_posts_in_a_locked_thread_but_who_manages_threads(world: World) -> None:
    thread = await world.maria.starts_thread("help", "Ledger")
    world.server.archive(thread, locked=True)
    world.server.forbid(world.help, "manage_threads")

    async with world.client() as client:
        there = await client.fetch_channel(thread.id)
        assert isinstance(there, discord.Thread)
        with pytest.raises(discord.HTTPException) as refused:
            await there.send("Hello")

    assert code_of(refused) == 50083


@in_discord
async def test_the_bot_posts_in_a_forum(world: World) -> None:
    forum = world.server.forum("questions")

    async with world.client() as client:
        there = client.get_channel(forum.id)
        assert isinstance(there, discord.ForumChannel)
        thread, message = await there.create_thread(name="Digest", content="This week")

    assert thread.id == message.id
    assert world.server.said_by_bot()[0].content == "This week"


@in_discord
async def test_history_after_a_message_begins_next_to_it(world: World) -> None:
    said = [await world.maria.says("help", str(number)) for number in range(130)]

    async with world.client() as client:
        channel = world.text(client)
        after = discord.Object(said[4].id)
        caught_up = [one.content async for one in channel.history(after=after, limit=None)]
        newest = [one.content async for one in channel.history(limit=2)]
        before = [one.content async for one in channel.history(limit=2, before=after)]
        around = [one.content async for one in channel.history(limit=3, around=after)]

    assert caught_up == [str(number) for number in range(5, 130)]
    assert newest == ["129", "128"]
    assert before == ["3", "2"]
    assert around == ["5", "4", "3"]


@in_discord
async def test_archived_threads_come_in_pages(world: World) -> None:
    for number in range(3):
        with world.server.clock.at(datetime(2026, 1, 1 + number, tzinfo=UTC)):
            thread = await world.maria.starts_thread("help", f"thread {number}")
            world.server.archive(thread)
    await world.maria.starts_thread("help", "active")

    async with world.client() as client:
        channel = world.text(client)
        archived = [one.name async for one in channel.archived_threads(limit=2)]
        older = datetime(2026, 1, 2, tzinfo=UTC)
        rest = [one.name async for one in channel.archived_threads(before=older)]
        active = [one.name for one in await channel.guild.active_threads()]

    assert archived == ["thread 2", "thread 1"]
    assert rest == ["thread 0"]
    assert active == ["active"]


@in_discord
async def test_who_closed_their_direct_messages_gets_none(world: World) -> None:
    await world.maria.closes_dms()

    async with world.client() as client:
        with pytest.raises(discord.Forbidden) as refused:
            await (await client.fetch_user(world.maria.id)).send("Hello")

    assert code_of(refused) == 50007


@in_discord
async def test_files_go_up_and_down(world: World) -> None:
    async with world.client() as client:
        file = discord.File(io.BytesIO(b"a,b"), "table.csv", description="the table")
        sent = await world.text(client).send("Here", file=file)
        await world.maria.says("help", "Mine", files=[("mine.txt", b"mine")])
        heard = await client.hears("message")
        up, down = await sent.attachments[0].read(), await heard.attachments[0].read()

    assert (up, down) == (b"a,b", b"mine")
    assert sent.attachments[0].description == "the table"


@in_discord
async def test_nobody_replies_to_what_was_deleted_unless_they_insist(world: World) -> None:
    said = await world.maria.says("help", "How do I?")

    async with world.client() as client:
        message = await world.fetched(client, said)
        await world.maria.deletes(said)
        with pytest.raises(discord.HTTPException) as refused:
            await message.reply("Like this")
        insisting = message.to_reference(fail_if_not_exists=False)
        sent = await world.text(client).send("Like this", reference=insisting)

    assert code_of(refused) == 50035
    assert sent.reference is None


@in_discord
async def test_a_message_that_is_empty_or_too_long_is_refused(world: World) -> None:
    async with world.client() as client:
        with pytest.raises(discord.HTTPException) as empty:
            await world.text(client).send(" ")
        with pytest.raises(discord.HTTPException) as long:
            await world.text(client).send("x" * 2001)

    assert code_of(empty) == 50006
    assert code_of(long) == 50035


@in_discord
async def test_the_bot_edits_reacts_and_deletes(world: World) -> None:
    said = [await world.maria.says("help", one) for one in ("one", "two", "three")]

    async with world.client() as client:
        channel = world.text(client)
        sent = await channel.send("Hello")
        await sent.edit(content="Hello, all")
        await (await world.fetched(client, said[2])).add_reaction("✅")
        await channel.delete_messages([discord.Object(said[0].id), discord.Object(said[1].id)])
        reacted = (await world.fetched(client, said[2])).reactions[0]
        who = [user.id async for user in reacted.users()]

    left = [message.content for message in world.server.messages(world.help)]
    assert left == ["three", "Hello, all"]
    assert reacted.me
    assert who == [world.server.bot.id]


@in_discord
async def test_old_messages_are_not_deleted_in_bulk(world: World) -> None:
    then = datetime.now(UTC) - timedelta(days=15)
    said = [await world.maria.says("help", one, at=then) for one in ("one", "two")]

    async with world.client() as client:
        with pytest.raises(discord.HTTPException) as refused:
            await world.text(client).delete_messages([discord.Object(one.id) for one in said])

    assert code_of(refused) == 50034


@in_discord
async def test_members_roles_channels_and_private_threads_are_read(world: World) -> None:
    helper = world.server.role("helper", "create_private_threads")
    await world.maria.gets(helper)
    private = await world.maria.starts_thread("help", "private", private=True)
    world.server.archive(private)

    async with world.client() as client:
        (guild,) = client.guilds
        maria = await guild.fetch_member(world.maria.id)
        names = [member.name async for member in guild.fetch_members()]
        roles = [role.name for role in await guild.fetch_roles()]
        channels = [channel.name for channel in await guild.fetch_channels()]
        archive = [one.name async for one in world.text(client).archived_threads(private=True)]

    assert [role.name for role in maria.roles] == ["@everyone", "helper"]
    assert "Maria" in names
    assert "helper" in roles
    assert channels == ["help"]
    assert archive == ["private"]


@in_discord
async def test_new_components_and_content_exclude_each_other(world: World) -> None:
    class Layout(ui.LayoutView):
        words: ui.TextDisplay["Layout"] = ui.TextDisplay("# Hello")

    async with world.client() as client:
        sent = await world.text(client).send(view=Layout())
        with pytest.raises(discord.HTTPException) as refused:
            await client.http.request(
                discord.http.Route(
                    "PATCH",
                    "/channels/{channel_id}/messages/{message_id}",
                    channel_id=world.help.id,
                    message_id=sent.id,
                ),
                json={"content": "Hello"},
            )

    assert sent.flags.components_v2
    assert code_of(refused) == 50035


# Commands, buttons, modals


def with_commands(client: Client) -> None:
    @client.tree.command(name="ask")
    async def ask(interaction: discord.Interaction[Client], question: str) -> None:
        """Ask."""
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"You asked: {question}", ephemeral=True)

    @client.tree.context_menu(name="Share")
    async def share(interaction: discord.Interaction[Client], message: discord.Message) -> None:
        await interaction.response.send_message(f"Shared: {message.content}")


@in_discord
async def test_a_slash_command_is_deferred_and_followed_up(world: World) -> None:
    async with world.client(with_commands) as client:
        await client.tree.sync()
        result = await world.maria.runs("ask", "help", question="How?")
        await world.server.until(world.maria.sees)

    assert result.acknowledged
    assert [message.content for message in world.maria.sees()] == ["You asked: How?"]
    assert world.server.user("Tom").sees() == []


@in_discord
async def test_a_command_is_run_in_direct_messages(world: World) -> None:
    async with world.client(with_commands) as client:
        await client.tree.sync()
        commands = await client.tree.fetch_commands()
        result = await world.maria.runs("ask", world.maria.dm, question="How?")

    assert result.acknowledged
    assert sorted(command.name for command in commands) == ["Share", "ask"]


@in_discord
async def test_a_command_of_the_menu_of_a_message_gets_the_message(world: World) -> None:
    said = await world.maria.says("help", "Hello")

    async with world.client(with_commands) as client:
        await client.tree.sync(guild=None)
        result = await world.maria.uses("Share", said)

    assert result.response is not None
    assert result.response.content == "Shared: Hello"


class Questions(ui.Modal, title="Ask"):
    """A modal with one input."""

    question: ui.TextInput["Questions"] = ui.TextInput(label="Question")

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"You asked: {self.question.value}")


class Controls(ui.View):
    """Buttons and a select."""

    @ui.button(label="Solved")
    async def solved(self, interaction: discord.Interaction[Any], _: ui.Button["Controls"]) -> None:
        await interaction.response.edit_message(content="Solved!", view=None)

    @ui.button(label="Ask")
    async def ask(self, interaction: discord.Interaction[Any], _: ui.Button["Controls"]) -> None:
        await interaction.response.send_modal(Questions())

    @ui.select(options=[discord.SelectOption(label="Tax", value="t1")])
    async def topic(
        self, interaction: discord.Interaction[Any], chosen: ui.Select["Controls"]
    ) -> None:
        await interaction.response.send_message(chosen.values[0], ephemeral=True)

    @ui.select(cls=ui.UserSelect, placeholder="Who?")
    async def who(
        self, interaction: discord.Interaction[Any], chosen: ui.UserSelect["Controls"]
    ) -> None:
        await interaction.response.send_message(chosen.values[0].name, ephemeral=True)


async def controls(world: World, client: Client) -> Message:
    await world.text(client).send("Choose", view=Controls())
    return world.server.said_by_bot(world.help)[-1]


@in_discord
async def test_a_button_is_pressed(world: World) -> None:
    async with world.client() as client:
        message = await controls(world, client)
        result = await world.maria.presses(message, "Solved")

    assert result.acknowledged
    assert message.content == "Solved!"


@in_discord
async def test_options_and_people_are_chosen(world: World) -> None:
    tom = world.server.user("Tom")

    async with world.client() as client:
        message = await controls(world, client)
        (menu,) = [
            one["components"][0]["custom_id"]
            for one in message.components
            if one["components"][0].get("options")
        ]
        await world.maria.chooses(message, "Tax", custom_id=menu)
        await world.maria.chooses(message, tom, placeholder="Who?")

    assert [one.content for one in world.maria.sees()] == ["t1", "Tom"]


@in_discord
async def test_a_modal_is_opened_filled_in_and_submitted(world: World) -> None:
    async with world.client() as client:
        message = await controls(world, client)
        await world.maria.presses(message, "Ask")
        modal = world.maria.modal
        result = await world.maria.submits({"Question": "How?"})

    assert modal is not None
    assert modal["title"] == "Ask"
    assert result.response is not None
    assert result.response.content == "You asked: How?"
    assert world.maria.modal is None


@in_discord
async def test_an_interaction_is_unknown_after_three_seconds(world: World) -> None:
    refused: list[discord.HTTPException] = []

    def too_late(client: Client) -> None:
        @client.tree.command(name="ask")
        async def ask(interaction: discord.Interaction[Client]) -> None:
            """Ask."""
            world.server.advance(4)
            try:
                await interaction.response.defer()
            except discord.HTTPException as error:
                refused.append(error)

    async with world.client(too_late) as client:
        await client.tree.sync()
        result = await world.maria.runs("ask", "help")
        await world.server.until(lambda: refused)

    assert not result.acknowledged
    assert refused[0].code == 10062


@in_discord
async def test_the_token_of_an_interaction_is_worth_nothing_after_a_quarter_of_an_hour(
    world: World,
) -> None:
    async with world.client(with_commands) as client:
        await client.tree.sync()
        await world.maria.runs("ask", "help", question="How?")
        interaction = await client.hears("interaction")
        await world.server.until(world.maria.sees)
        world.server.advance(900)
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.edit_original_response(content="Still there?")

    assert code_of(refused) == 50027


@in_discord
async def test_nobody_answers_what_is_pressed_while_no_bot_is_there(world: World) -> None:
    async with world.client() as client:
        message = await controls(world, client)
    world.server.gateway.forget_sessions()

    result = await world.maria.presses(message, "Solved")

    assert not result.acknowledged


# What goes wrong with calls


@in_discord
async def test_a_client_waits_when_it_is_told_to(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, RateLimited(0.05))
        await world.text(client).send("Hello")

    first, second = world.server.record.calls_of(POST)
    assert (first.status, second.status) == (429, 200)
    assert world.server.record.early_calls() == []


@in_discord
async def test_a_global_limit_says_so(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, RateLimited(0.05, is_global=True))
        await world.text(client).send("Hello")

    first, second = world.server.record.calls_of(POST)
    assert first.answer["global"]
    assert second.had_effect


@in_discord
async def test_a_limit_that_is_not_discords_own_is_an_error(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, RateLimited(1, via=False))
        with pytest.raises(discord.HTTPException) as refused:
            await world.text(client).send("Hello")

    assert refused.value.status == 429


@in_discord
async def test_too_many_calls_are_limited(world: World) -> None:
    world.server.faults.limit(POST, 2, 0.1)

    async with world.client() as client:
        for number in range(3):
            await world.text(client).send(str(number))

    assert [call.status for call in world.server.record.calls_of(POST)] == [200, 200, 429, 200]


@in_discord
async def test_an_error_of_the_server_is_seen(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, Status(503))
        with pytest.raises(discord.DiscordServerError):
            await world.text(client).send("Hello")
        await world.text(client).send("Hello again")

    assert [call.had_effect for call in world.server.record.calls_of(POST)] == [False, True]


@in_discord
async def test_a_lost_response_leaves_its_effect(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, LostResponse())
        with pytest.raises(ServerDisconnectedError):
            await world.text(client).send("Hello", nonce="a1")
        await world.text(client).send("Hello", nonce="a1")

    assert len(world.server.said_by_bot(world.help)) == 1


@in_discord
async def test_a_refusal_befalls_only_the_calls_that_are_meant(world: World) -> None:
    async with world.client() as client:
        world.server.faults.add(POST, Refusal(403, 50013), content="no")
        await world.text(client).send("yes")
        with pytest.raises(discord.Forbidden) as refused:
            await world.text(client).send("no")

    assert code_of(refused) == 50013


@in_discord
async def test_an_answer_is_held_until_it_is_released(world: World) -> None:
    async with world.client() as client:
        held = Held()
        world.server.faults.add(POST, held)
        sending = asyncio.create_task(world.text(client).send("Hello"))
        await world.server.until(lambda: world.server.said_by_bot(world.help))
        was_done = sending.done()
        held.release()
        await sending

    assert not was_done


def test_what_nobody_plays_is_refused_and_noted() -> None:
    async def play() -> None:
        async with DiscordServer() as server, ClientSession() as session:
            headers = {"Authorization": f"Bot {server.token}"}
            address = f"{server.api_url}/guilds/1/widget.json"
            async with session.get(address, headers=headers) as response:
                assert response.status == 501
            assert len(server.record.gaps) == 1

    asyncio.run(play())


# What goes wrong at the gateway


async def reconnects(world: World, client: Client, go_wrong: Callable[[], None]) -> None:
    """Let something go wrong with the connection, and say something afterwards."""
    logins = len(world.server.record.logins)
    go_wrong()
    await world.server.until(lambda: len(world.server.record.logins) > logins)
    await world.server.until_connected()
    await world.maria.says("help", "afterwards")
    await world.server.until(lambda: "afterwards" in client.said)


@in_discord
async def test_what_was_missed_is_heard_after_resuming(world: World) -> None:
    async with world.client() as client:
        await world.server.gateway.close(4000)
        await world.maria.says("help", "missed")
        await client.hears("resumed")

    assert client.said == ["missed"]
    assert [login.kind for login in world.server.record.logins] == ["identify", "resume"]


@in_discord
async def test_a_cut_connection_is_resumed(world: World) -> None:
    async with world.client() as client:
        world.server.gateway.abort()
        await world.maria.says("help", "missed")
        await client.hears("resumed")

    assert client.said == ["missed"]


@in_discord
async def test_a_client_connects_again_when_it_is_asked_to(world: World) -> None:
    async with world.client() as client:
        await reconnects(world, client, world.server.gateway.reconnect)

    assert world.server.record.logins[-1].kind == "resume"


@in_discord
async def test_an_invalid_session_that_can_be_resumed_is(world: World) -> None:
    async with world.client() as client:
        await reconnects(world, client, lambda: world.server.gateway.invalidate(resumable=True))

    assert world.server.record.logins[-1].kind == "resume"


@in_discord
async def test_after_an_invalid_session_a_client_identifies_anew(world: World) -> None:
    async with world.client() as client:
        await reconnects(world, client, world.server.gateway.invalidate)

    assert [login.kind for login in world.server.record.logins] == ["identify", "identify"]


@in_discord
async def test_what_is_more_than_a_session_keeps_is_lost(world: World) -> None:
    world.server.gateway.resume_events = 2

    async with world.client() as client:
        await world.server.gateway.close(4000)
        for number in range(3):
            await world.maria.says("help", str(number))
        await world.server.until(lambda: len(world.server.record.logins) == 3)
        await world.server.until_connected()
        await world.maria.says("help", "afterwards")
        await client.hears("message")

    assert client.said == ["afterwards"]
    assert [login.refused for login in world.server.record.logins] == ["", "op 9", ""]


@in_discord
async def test_heartbeats_that_nobody_acknowledges_end_the_connection(world: World) -> None:
    async with world.client(heartbeat_timeout=0.2) as client:
        world.server.gateway.acknowledges = False
        await client.hears("resumed")

    assert [login.kind for login in world.server.record.logins][:2] == ["identify", "resume"]


@in_discord
async def test_without_hello_nobody_identifies(world: World) -> None:
    world.server.gateway.says_hello = False
    world.point(world.server)
    client = Client(world.server)
    running = asyncio.create_task(client.start(world.server.token))
    (connection,) = await world.server.until(lambda: world.server.gateway.connections)

    assert world.server.record.logins == []
    assert connection.session is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await client.close()


@in_discord
async def test_an_event_can_arrive_twice(world: World) -> None:
    async with world.client() as client:
        world.server.gateway.copies = 2
        await world.maria.says("help", "twice")
        world.server.gateway.copies = 1
        world.server.gateway.repeat(world.server.record.events("MESSAGE_CREATE")[-1])
        await world.server.until(lambda: len(client.said) == 3)

    assert client.said == ["twice"] * 3


@in_discord
async def test_an_event_that_has_not_its_form_is_delivered_all_the_same(world: World) -> None:
    world.point(world.server)
    client = Client(world.server)
    running = asyncio.create_task(client.start(world.server.token))
    await client.hears("ready")

    world.server.gateway.send("MESSAGE_CREATE", {"id": "1"})

    with pytest.raises(KeyError):
        await running
    await client.close()


@in_discord
async def test_a_revoked_token_ends_everything(world: World) -> None:
    world.point(world.server)
    client = Client(world.server)
    running = asyncio.create_task(client.start(world.server.token))
    await client.hears("ready")

    await world.server.revoke_token()

    with pytest.raises(discord.ConnectionClosed) as closed:
        await running
    assert code_of(closed) == 4004
    assert isinstance(await world.fails_to_connect(), discord.LoginFailure)


@in_discord
async def test_a_revoked_intent_ends_the_connection(world: World) -> None:
    world.point(world.server)
    client = Client(world.server)
    running = asyncio.create_task(client.start(world.server.token))
    await client.hears("ready")

    await world.server.revoke_intent("message_content")

    with pytest.raises(discord.PrivilegedIntentsRequired):
        await running
    await client.close()


# What changes while the bot runs


@in_discord
async def test_a_guild_is_left_and_joined_again(world: World) -> None:
    said = await world.maria.says("help", "Hello")

    async with world.client() as client:
        world.server.remove_bot()
        await client.hears("guild_remove")
        left = list(client.guilds)
        with pytest.raises(discord.Forbidden) as refused:
            await client.fetch_channel(world.help.id)
        world.server.return_bot(world.server.guild)
        await client.hears("guild_join")
        fetched = await world.fetched(client, said)

    assert left == []
    assert code_of(refused) == 50001
    assert fetched.content == "Hello"


@in_discord
async def test_a_permission_is_taken_away_in_a_channel(world: World) -> None:
    async with world.client() as client:
        world.server.forbid(world.help, "send_messages")
        await client.hears("guild_channel_update")
        with pytest.raises(discord.Forbidden) as refused:
            await world.text(client).send("Hello")
        world.server.allow(world.help)
        await world.text(client).send("Hello")

    assert code_of(refused) == 50013


@in_discord
async def test_a_new_process_takes_over_from_one_that_was_killed(world: World) -> None:
    async with world.client():
        pass
    async with world.client() as second:
        await world.maria.says("help", "Hello")
        await second.hears("message")

    assert len(world.server.record.events("MESSAGE_CREATE")) == 1


@in_discord
async def test_things_vanish(world: World) -> None:
    first, second = [await world.maria.says("help", one) for one in ("one", "two")]
    thread = await world.maria.starts_thread(await world.maria.says("help", "three"), "Three")
    helper = world.server.role("helper")

    async with world.client() as client:
        await world.maria.gets(helper)
        updated = await client.hears("member_update")
        world.server.delete_in_bulk(first, second)
        world.server.delete_channel(thread)
        world.server.delete_channel(world.help)
        await world.maria.leaves()
        await client.hears("raw_member_remove")
        bulk = await client.hears("raw_bulk_message_delete")

    assert updated.id == world.maria.id
    assert bulk.message_ids == {first.id, second.id}
    events = [event for event, _ in client.heard]
    assert "raw_thread_delete" in events
    assert "guild_channel_delete" in events


# The server


def test_the_server_can_run_in_a_thread_of_its_own() -> None:
    with running_discord() as server:
        maria: Person = server.call(lambda: server.user("Maria"))
        help_: Channel = server.call(lambda: server.channel("help"))
        server.do(maria.says(help_, "Hello"))

        (message,) = server.wait_until(lambda: server.messages(help_))

        assert message.content == "Hello"


BOT = """
import os, discord, yarl
discord.http.Route.BASE = os.environ["API"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
client = discord.Client(intents=discord.Intents.all(), guild_ready_timeout=0.02)

@client.event
async def on_message(message):
    if message.author != client.user:
        await message.reply(f"{message.content} yourself")

client.run(os.environ["TOKEN"], log_handler=None)
"""


@contextmanager
def bot_of(server: DiscordServer) -> Iterator[None]:
    """Run a bot in a process of its own, and kill it."""
    addresses = {"API": server.api_url, "GATEWAY": server.gateway_url, "TOKEN": server.token}
    command = [sys.executable, "-c", BOT]
    with subprocess.Popen(command, env=os.environ | addresses) as process:  # noqa: S603 - our own
        try:
            server.do(server.until_connected())
            yield
        finally:
            process.kill()


def test_a_bot_in_a_process_of_its_own_is_killed_and_started_again() -> None:
    with running_discord() as server:
        maria: Person = server.call(lambda: server.user("Maria"))
        help_: Channel = server.call(lambda: server.channel("help"))
        with bot_of(server):
            server.do(maria.says(help_, "Hello"))
            server.wait_until(lambda: len(server.said_by_bot(help_)) == 1)
        server.wait_until(lambda: not server.gateway.connected)
        server.do(maria.says(help_, "Anybody?"))
        with bot_of(server):
            server.do(maria.says(help_, "Welcome"))
            server.wait_until(lambda: len(server.said_by_bot(help_)) == 2)

    said = [message.content for message in server.said_by_bot(help_)]
    assert said == ["Hello yourself", "Welcome yourself"]
    assert server.record.closed[0] == 1006


def test_the_server_can_be_started_from_the_command_line() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.discord_server"], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        settings = json.loads(process.stdout.readline())
        process.terminate()

    assert settings["api_url"].endswith("/api/v10")
    assert settings["DISCORD_TOKEN"]


@in_discord
async def test_time_passes_when_it_is_told_to(world: World) -> None:
    before = world.server.clock.now()

    world.server.advance(3600)

    assert world.server.clock.now() - before >= timedelta(hours=1)
