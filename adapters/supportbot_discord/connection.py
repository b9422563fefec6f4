"""A client of Discord: takes what it tells, in the order in which it came."""

import logging
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import aiohttp
import discord

from supportbot.adapter_kit.storing import stored
from supportbot.adapter_kit.turns import Turns
from supportbot.domain.chat.events import AnswerAccepted, Event
from supportbot.ports import Receive
from supportbot_discord import events
from supportbot_discord.beginnings import Beginnings
from supportbot_discord.belonging import Belonging
from supportbot_discord.commands import tree_of
from supportbot_discord.events import Channel, Interaction, Known, User, known_to
from supportbot_discord.everybody import forget
from supportbot_discord.interactions import Interactions
from supportbot_discord.library import LONGEST_WAIT
from supportbot_discord.markup import APPROVALS

log = logging.getLogger(__name__)


_MOST_MARKS = 5_000
"""Messages of which is remembered who has marked them."""
_BEGINNINGS = frozenset({"READY", "RESUMED"})
"""Events without which there is no session."""


class Connection(discord.AutoShardedClient):
    """Passes on what Discord tells."""

    def __init__(  # noqa: PLR0913 - who is told what
        self,
        intents: discord.Intents,
        receive: Receive,
        interactions: Interactions,
        belonging: Belonging,
        *,
        on_new_session: Callable[[], None],
        on_direct: Callable[[int], None],
        on_absent: Callable[[int], None] = lambda _guild_id: None,
    ) -> None:
        """Make a client that is not connected yet.

        Args:
            intents: What Discord is to tell.
            receive: Stores an event.
            interactions: Take what people press and type.
            belonging: Which servers are served.
            on_new_session: Called where Discord does not say what was missed.
            on_direct: Told of a channel in which somebody writes to the bot alone.
            on_absent: Told of a server of which nothing is told for a while.
        """
        # Members are known from what they do: nobody waits until all of a guild have come.
        super().__init__(
            intents=intents,
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_WAIT,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self._receive = belonging.only(self, receive)
        self._belonging = belonging
        self._interactions = interactions
        self._on_new_session = on_new_session
        self._on_direct = on_direct
        self._on_absent = on_absent
        self._turns = Turns()
        self._deaf: set[int] = set()
        self._marks: OrderedDict[int, dict[str, AnswerAccepted]] = OrderedDict()
        self.tree = tree_of(self, interactions, has_topics=interactions.has_topics)
        parsers = self._connection.parsers
        for name in parsers.keys() - _BEGINNINGS:
            parsers[name] = partial(self._read, name, parsers[name])

    def _read(self, name: str, parse: Callable[[Any], None], payload: Any) -> None:
        """Let discord.py read an event; one that it cannot read ends nothing.

        By itself it would end the connection, and Discord lets nobody log in a thousand times a
        day.
        """
        try:
            parse(payload)
        except Exception:
            log.exception("an event of Discord cannot be read: %s", name)

    @property
    def known(self) -> Known:
        """Return who the bot is, and what time it is."""
        return known_to(self)

    @cached_property
    def beginnings(self) -> Beginnings:
        """What is known of how threads began."""
        return Beginnings(self.known.bot)

    @property
    def hears(self) -> bool:
        """Whether nothing is said that it is not told, or will be told when it resumes."""
        return self.is_ready() and not self._deaf

    # What is told

    was_ready = False
    solved_tag = ""
    """The tag of a post that is solved."""

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that a session is new: of what was said before it, nothing is told."""
        self.was_ready = True
        self._deaf.discard(shard_id)
        self._on_new_session()

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that a session goes on: what was said meanwhile is told now."""
        self._deaf.discard(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that nothing is told, until the session goes on or there is another one."""
        self._deaf.add(shard_id)

    async def on_guild_join(self, _guild: discord.Guild) -> None:
        """Note that somebody has added the bot to a server, which may be anybody's."""
        self._belonging.meet(self)

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Note that Discord cannot serve a server, as in an outage."""
        self._on_absent(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Note that it can again: what was said meanwhile is not told, and has to be looked for."""
        # At a login each server comes so, and all of them are looked through when it is over.
        if self.is_ready() and guild.shard_id not in self._deaf:
            self._on_new_session()

    async def on_message(self, message: discord.Message) -> None:
        """Take a message, with what is in its text files."""
        async with self._turns.queue(str(message.channel.id)) as my_turn:
            if message.guild is not None and not self._serves(message.guild.id):
                return
            if isinstance(message.channel, discord.DMChannel):
                self._on_direct(message.channel.id)
            files = {file.id: await _content(file) for file in events.files_in(message)}
            known = await self.beginnings.known(message.channel, self.known)
            await my_turn()
            await self._pass_on(events.posted(message, replace(known, files=files)))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take an edit."""
        async with self._turns.queue(str(payload.channel_id)) as my_turn:
            known = await self.beginnings.known(payload.message.channel, self.known)
            await my_turn()
            change = events.edited(payload.cached_message, payload.message, known)
            await self._pass_on(change)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take a deletion."""
        await self._take_deleted(payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take the deletion of many messages."""
        await self._take_deleted(payload.channel_id, sorted(payload.message_ids))

    async def _take_deleted(self, channel_id: int, message_ids: list[int]) -> None:
        async with self._channel_in_turn(channel_id) as channel:
            if channel is None:
                return
            for message_id in message_ids:
                known = await self.beginnings.known_of_gone(channel, message_id, self.known)
                await self._pass_on(events.deleted(channel, message_id, known))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Take the deletion of a thread."""
        async with self._turns.queue(str(payload.thread_id)) as my_turn:
            await my_turn()
            await self._pass_on(events.thread_gone(payload, self.known))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Take the deletion of a channel."""
        await self._pass_on(events.gone(channel, self.known))

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """Take that there is a channel more, by which another role may be everybody's."""
        await self._tell_what_is_open(channel.guild)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Take that a channel was opened or closed to somebody."""
        if before.overwrites != after.overwrites:
            await self._tell_what_is_open(after.guild)

    async def on_guild_role_create(self, role: discord.Role) -> None:
        """Take that there is a role more."""
        await self._tell_what_is_open(role.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Take that there is a role less: it may have been everybody's, or kept people out."""
        await self._tell_what_is_open(role.guild)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Take that what a role may see was changed: it may concern any channel."""
        if before.permissions != after.permissions or before.name != after.name:
            await self._tell_what_is_open(after.guild)

    async def _tell_what_is_open(self, guild: discord.Guild) -> None:
        forget(guild.id)
        await self._pass_on(events.listed(guild, self.known))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Take that the bot was removed from a server: nobody is asked there any more."""
        await self._pass_on(events.sent_away(guild, self.known))

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """Take that people closed a thread: then nobody else is asked about its question."""
        async with self._turns.queue(str(after.id)) as my_turn:
            await my_turn()
            await self._pass_on(events.closed_by_people(before, after, self.solved_tag, self.known))

    async def on_raw_thread_member_remove(self, payload: discord.RawThreadMembersUpdate) -> None:
        """Take that people left a private thread. Told only with the members intent."""
        thread = self.get_channel(payload.thread_id)
        for member in payload.data.get("removed_member_ids", ()):
            if isinstance(thread, discord.Thread):
                await self._in_or_out(thread, int(member), is_leaving=True)

    async def on_thread_member_join(self, member: discord.ThreadMember) -> None:
        """Take that somebody came to a private thread. Told only with the members intent."""
        await self._in_or_out(member.thread, member.id, is_leaving=False)

    async def on_thread_remove(self, thread: discord.Thread) -> None:
        """Take that the bot is in a private thread no more."""
        await self._in_or_out(thread, self.known.bot, is_leaving=True)

    async def _in_or_out(self, thread: discord.Thread, user_id: int, *, is_leaving: bool) -> None:
        await self._pass_on(
            events.in_or_out_of_thread(thread, user_id, self.known, is_leaving=is_leaving)
        )

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Take a mark."""
        if str(payload.emoji) not in APPROVALS:
            return
        user = payload.member or await self._user(payload.guild_id, payload.user_id)
        async with self._channel_in_turn(payload.channel_id) as channel:
            mark = self._mark(channel, payload, user)
            if mark is not None:
                self._note_mark(payload.message_id, mark)
                await self._pass_on(mark)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take that somebody took a mark back."""
        if str(payload.emoji) not in APPROVALS:
            return
        user = await self._user(payload.guild_id, payload.user_id)
        async with self._channel_in_turn(payload.channel_id) as channel:
            mark = self._mark(channel, payload, user)
            if mark is not None:
                self._marks.get(payload.message_id, {}).pop(mark.event_id, None)
                await self._pass_on(events.taken_back(mark, self.known))

    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Take that a moderator took all marks away; Discord does not say whose they were."""
        await self._clear_marks(payload.channel_id, payload.message_id)

    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """Take that a moderator took one kind of mark away."""
        if str(payload.emoji) in APPROVALS:
            await self._clear_marks(payload.channel_id, payload.message_id)

    async def _clear_marks(self, channel_id: int, message_id: int) -> None:
        async with self._channel_in_turn(channel_id):
            for mark in self._marks.pop(message_id, {}).values():
                await self._pass_on(events.taken_back(mark, self.known))

    def _mark(
        self, channel: Channel | None, payload: discord.RawReactionActionEvent, user: User
    ) -> AnswerAccepted | None:
        if channel is None:
            return None
        return events.approved(channel, payload.message_id, user, str(payload.emoji), self.known)

    def _note_mark(self, message_id: int, mark: AnswerAccepted) -> None:
        self._marks.setdefault(message_id, {})[mark.event_id] = mark
        self._marks.move_to_end(message_id)
        while len(self._marks) > _MOST_MARKS:
            self._marks.popitem(last=False)

    async def _user(self, guild_id: int | None, user_id: int) -> User:
        """Return somebody with their roles, where they are still in the server."""
        guild = self.get_guild(guild_id) if guild_id is not None else None
        if guild is not None:
            try:
                return guild.get_member(user_id) or await guild.fetch_member(user_id)
            except discord.NotFound:
                log.debug("%s is in the server no more", user_id)
        return self.get_user(user_id) or await self.fetch_user(user_id)

    async def on_member_join(self, member: discord.Member) -> None:
        """Take that somebody came. Told only with the members intent."""
        event = events.came_or_went(member.guild, member, self.known, is_leaving=False)
        await self._pass_on(event)

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        """Take that somebody left. Told only with the members intent."""
        guild = self.get_guild(payload.guild_id)
        self._belonging.forget_member(payload.user.id)
        if guild is not None:
            event = events.came_or_went(guild, payload.user, self.known, is_leaving=True)
            await self._pass_on(event)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Say that something could not be taken; the others go on."""
        log.error("%s could not be taken", event_method, exc_info=sys.exception())

    def _serves(self, guild_id: int) -> bool:
        return self._belonging.group.includes(str(guild_id))

    @asynccontextmanager
    async def _channel_in_turn(self, channel_id: int) -> AsyncIterator[Channel | None]:
        """Wait until it is the turn of what is told with the id of its channel."""
        async with self._turns.queue(str(channel_id)) as my_turn:
            channel = self.get_channel(channel_id)
            if channel is None:
                try:
                    channel = await self.fetch_channel(channel_id)
                except discord.HTTPException:
                    log.debug("channel %s is not there any more", channel_id)
            await my_turn()
            yield channel

    async def _pass_on(self, event: Event | None) -> None:
        if event is not None:
            await stored(event, self._receive)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Take what was pressed, chosen or filled in. What was typed comes by the commands."""
        await self._interactions.take(interaction)


async def _content(file: discord.Attachment) -> str:
    """Read a text file; what cannot be had or read is empty."""
    try:
        return (await file.read()).decode(errors="replace")
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.info("the file %s was not read: %s", file.id, type(error).__name__)
        return ""
