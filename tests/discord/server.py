"""A server that plays Discord for one bot, over real sockets of this machine.

async with DiscordServer() as discord:
    maria = discord.user("Maria")
    help_ = discord.channel("help")
    ...                                    # a client that connects to discord.addresses
    await maria.says(help_, "How do I …?")
    await discord.until(lambda: discord.said_by_bot(help_))

What stands behind it is the backend of simcord (https://github.com/SilentHacks/simcord), a model
of Discord in memory. By itself it serves a client in its own process. We use its model
(`simcord.backend`), its answers to calls (`simcord.http.router.dispatch`), its rules for what a
session hears (`simcord.gateway`, `simcord.intents`) and what people can do (`simcord.actors`).

Not usable, and played here instead:

- its transports (`simcord.http.client`) and settling (`simcord.env`): they replace parts of a
  client and of its event loop; `rest` and `gateway` serve sockets instead;
- its clock, which stands still: `clock`;
- identify, resume, heartbeats and all that goes wrong with them: `gateway`;
- nonces: `nonces`; threads, archives and history where simcord differs: `threads`, `routes`;
- what is hidden from the bot: simcord tells it of channels that it cannot see.
"""

import base64
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from aiohttp import web
from simcord.backend import Backend, serializers
from simcord.backend.cdn import CDN_BASE
from simcord.backend.models import Channel, Guild, Message, Overwrite, Role, User
from simcord.backend.permissions import flag
from simcord.enums import ChannelType, OverwriteType
from simcord.intents import PRIVILEGED_INTENTS
from simcord.results import InteractionResult

from tests.discord import threads
from tests.discord.clock import ServerClock
from tests.discord.faults import Faults
from tests.discord.gateway import Gateway
from tests.discord.nonces import Nonces
from tests.discord.people import LOADING, Person
from tests.discord.record import Record
from tests.discord.rest import API, Rest
from tests.discord.stand_in import StandIn
from tests.playing.serving import PATIENCE, Server, running

INTERACTION_SECONDS = 3.0
"""https://discord.com/developers/docs/interactions/receiving-and-responding"""
_LIMITED_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
"""https://discord.com/developers/docs/resources/application#application-object-application-flags"""


class DiscordServer(Server):
    """Discord, as far as one bot can tell.

    Attributes:
        backend: simcord's model of who and what there is.
        guild: The guild where the bot is from the start.
        record: Every call, login and dispatch.
        faults: What is to go wrong with calls.
        gateway: How events go out; its attributes may be changed.
        token: The bot's token.
        approved_intents: The privileged intents that it may have.
        closed_dms: Ids of those who take no direct messages.
        interaction_seconds: How long people wait for an answer of the bot.
        shards: How many `GET /gateway/bot` recommends.
        cdn_of_backend: What addresses of files begin with in the backend.
    """

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port)
        self.clock = ServerClock()
        self.backend = Backend(clock=self.clock)
        self.backend.bot_user.name = "supportbot"
        self.record = Record()
        self.faults = Faults()
        self.nonces = Nonces(self.clock)
        self.gateway = Gateway(self)
        self.stand_in = StandIn(self.backend)
        self.token = _new_token(self.backend.bot_user.id)
        self.token_is_revoked = False
        self.approved_intents = set(PRIVILEGED_INTENTS)
        self.closed_dms: set[int] = set()
        self.interaction_seconds = INTERACTION_SECONDS
        self.shards = 1
        self.cdn_of_backend = CDN_BASE
        self._people: dict[int, Person] = {}
        self._away: dict[int, tuple[Guild, dict[int, Channel], dict[int, dict[int, Message]]]] = {}
        self.guild = self.add_guild("User Group")
        self.backend.subscribers.append(self.gateway.tell)

    def application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(Rest(self).routes())
        application.router.add_get("/gateway", self.gateway.serve)
        return application

    async def hang_up(self) -> None:
        self.gateway.abort()

    # Addresses

    @property
    def api_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`, as a `yarl.URL`."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn_url(self) -> str:
        """For `discord.Asset.BASE`."""
        return f"http://127.0.0.1:{self._port}/cdn"

    @property
    def bot(self) -> User:
        return self.backend.bot_user

    @property
    def application_flags(self) -> int:
        """The flags of an application of less than a hundred guilds, with its intents."""
        return sum(_LIMITED_FLAGS[name] for name in self.approved_intents)

    # Who and where

    def add_guild(self, name: str, *, shard: tuple[int, int] = (0, 1)) -> Guild:
        """Add a guild with the bot in it, for that shard of so many."""
        return self.backend.create_guild(name, shard_id=shard[0], shard_count=shard[1])

    def user(self, name: str, *, guild: Guild | None = None, roles: Sequence[Role] = ()) -> Person:
        """Return the person of that name; when first named they join a guild."""
        found = (p for p in self._people.values() if p.name == name)
        person = next(found, None) or self._new_person(name)
        guild = guild or self.guild
        if person.id not in guild.members:
            ids = [role.id for role in roles]
            self.backend.add_member(guild.id, person.id, roles=ids, announce=True)
        return person

    def _new_person(self, name: str, **more: Any) -> Person:
        user = self.backend.make_user(name, **more)
        self._people[user.id] = Person(self, user)
        return self._people[user.id]

    def other_bot(self, name: str = "Jira") -> Person:
        """Add a bot that is not ours."""
        person = self._new_person(name, bot=True)
        self.backend.add_member(self.guild.id, person.id)
        return person

    def channel(
        self,
        name: str,
        *members: Person,
        private: bool = False,
        bot: bool = True,
        guild: Guild | None = None,
        kind: ChannelType = ChannelType.TEXT,
        **more: Any,
    ) -> Channel:
        """Return the channel of that name; a private one is seen by its members and the bot."""
        guild = guild or self.guild
        if found := self._find_channel(name, guild):
            return found
        overwrites = []
        if private:
            view = flag("view_channel")
            ids = [member.id for member in members] + ([self.bot.id] if bot else [])
            overwrites = [Overwrite(guild.id, OverwriteType.ROLE, deny=view)]
            overwrites += [Overwrite(one, OverwriteType.MEMBER, allow=view) for one in ids]
        elif not bot:
            overwrites = [Overwrite(self.bot.id, OverwriteType.MEMBER, deny=flag("view_channel"))]
        return self.backend.create_channel(guild.id, name, type=kind, overwrites=overwrites, **more)

    def forum(self, name: str, *, tags: Sequence[str] = (), **more: Any) -> Channel:
        """Return the forum of that name."""
        shape = {"moderated": False, "emoji_id": None, "emoji_name": None}
        made = [{"id": str(self.backend.snowflake()), "name": tag} | shape for tag in tags]
        more.setdefault("available_tags", made)
        return self.channel(name, kind=ChannelType.FORUM, **more)

    def role(self, name: str, *permissions: str, guild: Guild | None = None) -> Role:
        """Return the role of that name; when first named it gets these permissions."""
        guild = guild or self.guild
        found = (role for role in guild.roles.values() if role.name == name)
        bits = sum(flag(permission) for permission in permissions)
        return next(found, None) or self.backend.create_role(guild.id, name, permissions=bits)

    def own_role(self) -> Role:
        """Return the role that the bot brought with it, which may be mentioned in its place."""
        found = (role for role in self.guild.roles.values() if role.name == self.bot.name)
        made = next(found, None)
        return made or self.backend.create_role(self.guild.id, self.bot.name, managed=True)

    def place(self, place: Channel | str) -> Channel:
        """Return a channel or a thread by its name."""
        if isinstance(place, Channel):
            return place
        found = [one for one in self.backend.channels.values() if one.name == place]
        if not found:
            known = ", ".join(one.name for one in self.backend.channels.values() if one.name)
            message = f"no channel {place!r}; there are {known}"
            raise LookupError(message)
        return found[-1]

    def _find_channel(self, name: str, guild: Guild) -> Channel | None:
        channels = (self.backend.channels[id_] for id_ in guild.channel_ids)
        return next((channel for channel in channels if channel.name == name), None)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Let nobody hear of what happens meanwhile, as when history is prepared."""
        self.backend.subscribers.remove(self.gateway.tell)
        try:
            yield
        finally:
            self.backend.subscribers.append(self.gateway.tell)

    # What there is to see

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """Return what stands in a channel or anywhere, ephemeral too, oldest first."""
        ids = list(self.backend.messages) if channel is None else [channel.id]
        found = [m for id_ in ids for m in self.backend.messages.get(id_, {}).values()]
        return sorted(found, key=lambda message: message.id)

    def said_by_bot(self, channel: Channel | None = None) -> list[Message]:
        """Return what the bot said to all and did not delete, oldest first; not that it thinks."""
        return [
            message
            for message in self.messages(channel)
            if message.author_id == self.bot.id
            and not message.is_ephemeral
            and not message.flags & LOADING
            and message.system_metadata is None
            and message.type != _THREAD_STARTER
        ]

    def thread(self, root: Message) -> Channel | None:
        """Return the thread that was opened from a message."""
        found = self.backend.channels.get(root.id)
        return found if found and found.is_thread else None

    def as_json(self, message: Message) -> dict[str, Any]:
        """Return a message as Discord sends it."""
        json = threads.message_json(self.backend, message)
        return dict(threads.with_thread(self.backend, json))

    # Waiting

    async def until_connected(self, *, within: float = PATIENCE) -> None:
        """Wait until a client is connected and identified."""
        await self.until(lambda: self.gateway.connected, within=within)

    async def wait_for_answer(self, result: InteractionResult) -> None:
        """Wait until an interaction was answered, unless nobody can, or its time is over."""
        deadline = result._interaction.initial_response_deadline or ""

        def is_over() -> bool:
            is_late = self.backend.now_iso() >= deadline
            return result.acknowledged or is_late or not self.gateway.sessions

        try:
            await self.until(is_over, within=self.interaction_seconds)
        except TimeoutError:
            return

    def advance(self, seconds: float) -> None:
        """Let time pass: interactions expire, nonces are forgotten."""
        self.clock.advance(seconds)
        self.note_change()

    # What is taken away, and given back

    def takes_dms(self, dm: Channel) -> bool:
        """Whether the bot may write there: it was not forbidden, and a guild is shared."""
        (user_id,) = dm.recipient_ids
        shares = any(user_id in guild.members for guild in self.backend.guilds.values())
        return shares and user_id not in self.closed_dms

    async def revoke_token(self) -> None:
        """Make the token worthless: 401, and 4004 for who is connected."""
        self.token_is_revoked = True
        await self.gateway.close(4004, "Authentication failed.")

    async def revoke_intent(self, name: str) -> None:
        """Take away a privileged intent: 4014 for who is connected."""
        self.approved_intents.discard(name)
        await self.gateway.close(4014, "Disallowed intent(s).")

    def forbid(self, channel: Channel, *permissions: str) -> None:
        """Take permissions from the bot in a channel, and in its threads."""
        bits = sum(flag(name) for name in permissions)
        overwrite = Overwrite(self.bot.id, OverwriteType.MEMBER, deny=bits)
        self.backend.set_overwrite(channel.permission_channel_id(), overwrite)

    def allow(self, channel: Channel) -> None:
        """Give them back."""
        self.backend.delete_overwrite(channel.permission_channel_id(), self.bot.id)

    def remove_bot(self, guild: Guild | None = None) -> None:
        """Throw the bot out of a guild; what stands there stays for its return."""
        guild = guild or self.guild
        ids = [*guild.channel_ids, *guild.thread_ids]
        channels = {id_: self.backend.channels[id_] for id_ in ids}
        said = {id_: self.backend.messages[id_] for id_ in ids}
        self._away[guild.id] = guild, channels, said
        self.backend.remove_guild(guild.id)

    def is_out_of_reach(self, channel_id: int) -> bool:
        """Whether a channel is in a guild that the bot was thrown out of."""
        return any(channel_id in channels for _, channels, _ in self._away.values())

    def return_bot(self, guild: Guild) -> None:
        """Let the bot into a guild again."""
        _, channels, said = self._away.pop(guild.id)
        self.backend.guilds[guild.id] = guild
        self.backend.channels.update(channels)
        self.backend.messages.update(said)
        payload = serializers.guild_create_payload(self.backend, guild)
        self.backend.emit("GUILD_CREATE", payload)

    def clear_reactions(self, message: Message, emoji: str = "") -> None:
        """Take all reactions away, or those of one kind, as a moderator."""
        if emoji:
            self.backend.clear_reaction(message.channel_id, message.id, emoji)
        else:
            self.backend.clear_reactions(message.channel_id, message.id)

    def tag(self, post: Channel, name: str) -> None:
        """Give a post a tag, as a moderator."""
        assert post.parent_id is not None
        tags = self.backend.get_channel(post.parent_id).available_tags
        ids = [int(tag["id"]) for tag in tags if tag["name"] == name]
        self.backend.edit_channel(post.id, {"applied_tags": ids})

    def archive(self, thread: Channel, *, locked: bool | None = None) -> None:
        """Archive a thread, and lock it."""
        threads.archive(self.backend, thread, locked=locked)

    def delete_in_bulk(self, *messages: Message) -> None:
        """Delete several messages of one channel at once, as a moderator."""
        self.backend.bulk_delete_messages(messages[0].channel_id, [m.id for m in messages])

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread."""
        threads.delete(self.backend, channel)


_THREAD_STARTER = 21


def _new_token(bot: int) -> str:
    """Make a token as Discord's are: the bot's id, then what says when and what nobody guesses."""
    first = base64.urlsafe_b64encode(str(bot).encode()).decode().rstrip("=")
    return f"{first}.{secrets.token_hex(3)}.{secrets.token_hex(19)}"


def running_discord(*, port: int = 0) -> AbstractContextManager[DiscordServer]:
    """Run a server in a thread of its own; use `do`, `call` and `wait_until` from outside."""
    return running(DiscordServer(port=port), "discord")
