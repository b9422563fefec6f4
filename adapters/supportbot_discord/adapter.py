"""Connects Discord to the bot."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import discord

from supportbot.adapter_kit.presence import Presence
from supportbot.domain.chat.places import Place, direct_place, direct_to
from supportbot.domain.replies.reply import Action, OutgoingMessage
from supportbot.errors import DeliveryError
from supportbot.ports import Adapter, AdapterContext, Receive
from supportbot_discord.absent import Absent
from supportbot_discord.asked_alone import AskedAlone, shown_alone_by
from supportbot_discord.asking_places import channels_for
from supportbot_discord.belonging import Belonging, group_of
from supportbot_discord.catching_up import OVERLAP, catch_up
from supportbot_discord.commands import sync_if_changed
from supportbot_discord.connection import Connection
from supportbot_discord.direct_channels import DirectChannels
from supportbot_discord.everybody import choose
from supportbot_discord.failures import told
from supportbot_discord.forums import find_post, forum_at, open_post
from supportbot_discord.interactions import Interactions, Profiles
from supportbot_discord.library import caller, redirect
from supportbot_discord.options import TOKEN, read_options, read_token
from supportbot_discord.pages import profile_of, rendered
from supportbot_discord.posting import (
    Messageable,
    find_posted,
    place_to_write,
    post,
    take_buttons_off,
    update,
)
from supportbot_discord.render import Component
from supportbot_discord.targets import PLATFORM, asked_from
from supportbot_discord.threads import mark_solved

log = logging.getLogger(__name__)

_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
"""Seconds between two attempts to reach Discord: doubled each time, up to the longest."""
_SWITCHES = {
    "message_content": "Message Content Intent",
    "members": "Server Members Intent",
}
"""What a privileged intent is called on Discord's page for developers, under Bot."""


def create(context: AdapterContext) -> Adapter:
    """Make the adapter. Entry point of the group `supportbot.adapters`."""
    return DiscordAdapter(context)


def intents_of(mode: str) -> discord.Intents:
    """Return what Discord is to tell. Without Message Content no intent is privileged."""
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = True
    intents.guild_reactions = intents.dm_reactions = True
    if mode == "content":
        intents.message_content = intents.members = True
    return intents


class DiscordAdapter:
    """Brings what is said in guilds, and posts what the bot says, once each."""

    platform = PLATFORM

    def __init__(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> None:
        """Read the settings and the token.

        Raises:
            SupportbotError: They cannot be used.
        """
        self._home = context.home
        self._options = read_options(context.options)
        self._intents = intents_of(self._options.mode)
        self._token = read_token(os.environ if environment is None else environment)
        redirect(self._options)
        choose(self._options)
        self._client: Connection | None = None
        self._alone = AskedAlone()
        self._belonging = Belonging(group_of(context, self._options))
        self._direct = DirectChannels(context.home / "discord-direct.txt")
        self._absent = Absent(context.home / "discord-absent.txt")
        self._presence = Presence(context.home / "discord-heard.txt")
        self._profiles: Profiles = {}
        self._is_refused = False
        self._is_new_session = asyncio.Event()
        self._in_hand: dict[str, asyncio.Task[str]] = {}

    async def connect(self, receive: Receive) -> None:
        """Bring what was missed, then pass on everything, until cancelled.

        discord.py ends when the first connection fails, or over an event that it cannot read. It is
        then begun anew.
        """
        try:
            await self._stay_connected(receive)
        finally:
            self._alone.end()

    async def _stay_connected(self, receive: Receive) -> None:
        pause = _PAUSE
        while True:
            client, began = self._new_client(receive), time.monotonic()
            try:
                await self._live(client, receive)
            except discord.PrivilegedIntentsRequired:
                await self._go_on_with_less()
            except discord.LoginFailure:
                self._tell_of_refusal()
            except discord.ConnectionClosed as error:
                if error.code == _TOKEN_REFUSED:
                    self._tell_of_refusal()
                else:
                    log.warning("the connection to Discord broke: %s", _reason(error))
            except Exception as error:  # noqa: BLE001 - nothing that Discord does may end the bot
                log.warning("the connection to Discord broke: %s", _reason(error))
            # Discord lets nobody log in a thousand times a day.
            lived = time.monotonic() - began
            pause = _PAUSE if client.was_ready and lived > _LONGEST_PAUSE else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _tell_of_refusal(self) -> None:
        """Say once that the token is refused, and what to do; not at each attempt."""
        if not self._is_refused:
            log.error(_REFUSED, TOKEN)
        self._is_refused = True

    async def _live(self, client: Connection, receive: Receive) -> None:
        """Let one client live until it breaks."""
        self._is_new_session.clear()
        async with client:
            listening = asyncio.create_task(self._listen(client, receive))
            listening.add_done_callback(_say_why_it_ended)
            self._client = client
            try:
                await client.start(self._token)
            finally:
                self._client = None
                listening.cancel()

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Post a message, unless it stands there already.

        Who gives up waiting does not end an attempt: a call that is cut off while discord.py waits
        for the end of a limit would leave it waiting for ever. The next attempt waits for the same.
        """
        in_hand = self._in_hand.get(message.id)
        if in_hand is None:
            in_hand = asyncio.create_task(self._deliver(message, attempt=attempt))
            self._in_hand[message.id] = in_hand
            in_hand.add_done_callback(lambda done: self._let_go(message.id, done))
        return await asyncio.shield(in_hand)

    def _let_go(self, message_id: str, done: asyncio.Task[str]) -> None:
        del self._in_hand[message_id]
        if not done.cancelled():
            # Nobody may be there any more to be told; who asks again finds out.
            done.exception()

    async def _deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        place, user = message.place, direct_to(message.place)
        profile = profile_of(message)
        if user and profile is not None:
            self._profiles[user] = profile
        if place.workspace and self._belonging.refuses(place.workspace):
            reason = f"the server {place.workspace} is not the group's"
            raise DeliveryError(reason, permanent=True)
        with told():
            async with self._at_hand() as client:
                guilds = self._belonging.guilds(client)
                channels = await channels_for(guilds, user) if _asks_where(message) else []
                hears_all = self._intents.message_content
                components = rendered(message, channels, hears_all=hears_all)
                if key := shown_alone_by(message):
                    if shown := await self._alone.show(key, components):
                        return shown
                    place = _direct_place_of(message)
                return await self._write(client, place, message, components, attempt)

    async def _write(
        self,
        client: discord.Client,
        place: Place,
        message: OutgoingMessage,
        components: list[Component],
        attempt: int,
    ) -> str:
        """Post in a channel, a thread or a forum, or let what stands there say something else."""
        mentions, own_id = message.reply.mentions, _own_id(client)
        if (forum := await forum_at(client, place)) is not None:
            found = await find_post(forum, own_id, message.id) if attempt > 1 else ""
            return found or await open_post(forum, message, components)
        where, reply_to = await place_to_write(client, place)
        if isinstance(where, discord.DMChannel):
            self._direct.note(where.id)
        if message.replaces:
            return await _changed(where, message, components)
        found = await find_posted(where, own_id, message.id) if attempt > 1 else ""
        posted_id = found or await post(where, message.id, components, mentions, reply_to)
        if message.reply.is_solved:
            await self._mark_solved(where)
        return posted_id

    def url_of(self, place: Place, message_id: str) -> str:
        """Link to a message."""
        if direct_to(place):
            return ""
        channel = place.thread or place.channel
        known = self._client.get_channel(int(channel)) if self._client else None
        if isinstance(known, discord.ForumChannel):
            # A post in a forum is a thread, whose first message has its id.
            channel = message_id
        return f"https://discord.com/channels/{place.workspace}/{channel}/{message_id}"

    def _new_client(self, receive: Receive) -> Connection:
        interactions = Interactions(
            receive, self._alone, self._profiles, self._options.topic_roles, self._belonging
        )
        client = Connection(
            self._intents,
            receive,
            interactions,
            self._belonging,
            on_new_session=self._is_new_session.set,
            on_direct=self._direct.note,
            on_absent=self._note_absent,
        )
        client.solved_tag = self._options.solved_tag
        return client

    @asynccontextmanager
    async def _at_hand(self) -> AsyncIterator[discord.Client]:
        """Yield a client that can call: that which is connected, or one for the moment."""
        if self._client is not None and self._client.is_ready():
            yield self._client
            return
        async with caller() as client:
            await client.login(self._token)
            yield client

    async def _listen(self, client: Connection, receive: Receive) -> None:
        """Note that somebody listens; in a new session, bring what was said before it."""
        while True:
            await self._is_new_session.wait()
            self._is_new_session.clear()
            self._is_refused = False
            if not self._belonging.group.is_settled:
                # One of several shards does not know of all servers.
                await client.wait_until_ready()
            self._belonging.meet(client)
            await self._bring_what_was_missed(client, receive, self._presence.until())
            await self._tell_commands(client)
            while not self._is_new_session.is_set():
                if client.hears:
                    await asyncio.to_thread(self._presence.note, datetime.now(UTC))
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._options.look_seconds):
                        await self._is_new_session.wait()

    async def _bring_what_was_missed(
        self, client: Connection, receive: Receive, heard: datetime | None
    ) -> None:
        """Bring it, again and again until all of it could be read; what comes twice is one."""
        pause = _PAUSE
        while True:
            now = datetime.now(UTC)
            oldest = now - timedelta(days=self._options.catch_up_days)
            for guild in client.guilds:
                if guild.unavailable:
                    self._note_absent(guild.id)
            here = _available(client)
            missing = min(heard or now, self._absent.since(here) or now)
            since = max(missing - OVERLAP, oldest)
            brought = await catch_up(
                client,
                self._belonging.only(client, receive),
                since=since,
                oldest=oldest,
                guilds=self._belonging.guilds(client),
                direct=self._direct.ids,
            )
            log.info("caught up with %s events", brought.count)
            if brought.is_all:
                self._absent.forget(here & _available(client))
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _note_absent(self, guild_id: int) -> None:
        self._absent.note(guild_id, self._presence.until() or datetime.now(UTC))

    async def _go_on_with_less(self) -> None:
        """Ask what the app is allowed now, and do without the rest."""
        # What was said at the login may be out of date.
        try:
            async with self._at_hand() as client:
                flags = client.application_flags
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord does not say what the bot may hear: %s", _reason(error))
        else:
            self._intents = _without_what_is_refused(self._intents, flags)

    async def _mark_solved(self, where: Messageable) -> None:
        try:
            await mark_solved(where, self._options.solved_tag)
        except discord.HTTPException as error:
            log.warning("a solved post was not tagged: %s", error)

    async def _tell_commands(self, client: Connection) -> None:
        try:
            await sync_if_changed(client.tree, self._home / "discord-commands.txt")
        except Exception as error:  # noqa: BLE001 - whatever Discord says, it listens
            log.warning("Discord was not told what may be typed: %s", _reason(error))


def _available(client: discord.Client) -> set[int]:
    return {guild.id for guild in client.guilds if not guild.unavailable}


def _without_what_is_refused(
    intents: discord.Intents, flags: discord.ApplicationFlags
) -> discord.Intents:
    """Go on with less, and say which switches give the rest."""
    allowed = {
        "message_content": flags.gateway_message_content or flags.gateway_message_content_limited,
        "members": flags.gateway_guild_members or flags.gateway_guild_members_limited,
    }
    refused = [name for name in _SWITCHES if getattr(intents, name) and not allowed[name]]
    # Where Discord does not say which, all of them are.
    refused = refused or list(_SWITCHES)
    switches = " and ".join(_SWITCHES[name] for name in refused)
    log.error(
        "Discord does not let the bot have what it asks for. Turn on %s at "
        "https://discord.com/developers/applications, under Bot, and restart it. Until then it "
        "goes on without: %s.",
        switches,
        "it hears those who mention it, write to it or use its commands"
        if "message_content" in refused
        else "it does not hear who leaves",
    )
    fewer = discord.Intents(**dict(intents))
    for name in refused:
        setattr(fewer, name, False)
    return fewer


_REFUSED = (
    "Discord refuses %s: it was reset, or is of another app. Reset it at "
    "https://discord.com/developers/applications, under Bot, copy it into the environment, and "
    "restart the bot. Until then nothing is heard or said there."
)
_TOKEN_REFUSED = 4004
"""What the gateway closes a connection with. Source:
https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
"""


def _say_why_it_ended(listening: asyncio.Task[None]) -> None:
    if not listening.cancelled() and (error := listening.exception()) is not None:
        log.error("what was missed is not looked for any more", exc_info=error)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def _changed(
    where: Messageable, message: OutgoingMessage, components: Sequence[Component]
) -> str:
    """Let what is there say something else, or have nothing to press any more."""
    if message.leaves is not None:
        return await take_buttons_off(where, message.replaces, message.leaves)
    return await update(where, message.replaces, components, message.reply.mentions)


def _own_id(client: discord.Client) -> int:
    assert client.user is not None  # noqa: S101 - it has logged in
    return client.user.id


def _direct_place_of(message: OutgoingMessage) -> Place:
    """Find where somebody is told alone what can't be shown under what they did any more."""
    if message.alone is not None:
        return direct_place(message.alone.member, message.place.workspace)
    return replace(message.place, thread=None)


def _asks_where(message: OutgoingMessage) -> bool:
    """Whether its reader may choose a channel in which to ask."""
    is_known = asked_from((message.about or message.place).thread) is not None
    return Action.SHARE in message.reply.actions and not is_known
