"""People, and what they do: the side of Discord that no API shows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simcord.actors import MemberActor
from simcord.backend import errors
from simcord.backend.access import channel_accessible, reaction_permissions
from simcord.backend.models import Channel, Guild, Message, Role, User
from simcord.builders import UserHandle
from simcord.components import walk_components
from simcord.enums import SELECT_TYPES, ChannelType
from simcord.results import InteractionResult

from tests.discord import threads
from tests.discord.record import JSON

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

LOADING = 1 << 7
"""https://discord.com/developers/docs/resources/message#message-object-message-flags"""
Place = Channel | str
File = tuple[str, bytes]
Result = Callable[[MemberActor | UserHandle], Awaitable[Any]]


class Person:
    """Someone in front of Discord.

    What returns an `InteractionResult` waits until the bot has answered, or has had its three
    seconds; `result.acknowledged` says which. Nobody can do what a real person could not: press
    what is not there, or write where they may not. That raises `SetupError` or `BackendError`.
    """

    def __init__(self, discord: "DiscordServer", user: User) -> None:
        self.discord = discord
        self.user = user
        self.shown: list[InteractionResult] = []
        """What the bot answered to what they did, the last one last."""

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def mention(self) -> str:
        return f"<@{self.user.id}>"

    @property
    def dm(self) -> Channel:
        """Their direct messages with the bot."""
        return self.discord.backend.get_dm_channel(self.id)

    @property
    def modal(self) -> JSON | None:
        """The modal in front of them."""
        result = self._opened()
        return result.modal if result else None

    def sees(self, channel: Channel | None = None) -> list[Message]:
        """Return the ephemeral messages that only they see, once the bot has said them."""
        return [
            message
            for message in self.discord.messages(channel)
            if message.is_ephemeral and message.visible_to(self.id)
            if not message.flags & LOADING
        ]

    # Talking

    async def says(
        self,
        place: Place,
        text: str,
        *,
        reply_to: Message | None = None,
        at: datetime | None = None,
        files: Sequence[File] = (),
    ) -> Message:
        """Post a message.

        Args:
            place: A channel or a thread, or the name of one.
            text: As Discord sends it: `<@123>` is a mention.
            reply_to: A message of the same channel.
            at: The time, for an old message.
            files: Names and contents.
        """
        channel, backend = self.discord.place(place), self.discord.backend
        self._may(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
        with self.discord.clock.at(at):
            threads.wake(backend, channel.id, self.id)
            if channel.is_thread:
                backend.add_thread_member(channel.id, self.id)
            reference = {"message_id": str(reply_to.id)} if reply_to else None
            return backend.create_message(
                channel.id,
                self.id,
                text,
                reference=backend.normalize_message_reference(channel.id, reference),
                attachments=backend.store_attachments(channel.id, files),
            )

    async def replies(self, message: Message, text: str, **more: Any) -> Message:
        """Reply to a message where it stands."""
        channel = self.discord.backend.get_channel(message.channel_id)
        return await self.says(channel, text, reply_to=message, **more)

    async def posts(
        self,
        forum: Place,
        title: str,
        text: str,
        *,
        tags: Sequence[str] = (),
        at: datetime | None = None,
    ) -> Channel:
        """Post in a forum; gives the thread, whose first message has its id."""
        channel, backend = self.discord.place(forum), self.discord.backend
        self._may(channel, "send_messages")
        named = {tag["name"]: int(tag["id"]) for tag in channel.available_tags}
        with self.discord.clock.at(at):
            starter = backend.prepare_message(channel.id, self.id, text)
            chosen = tuple(named[name] for name in tags)
            return threads.open_post(backend, channel, title, starter, chosen)

    async def starts_thread(
        self, where: Message | Place, name: str, *, private: bool = False
    ) -> Channel:
        """Open a thread from a message, or in a channel."""
        backend = self.discord.backend
        if isinstance(where, Message):
            self._may(backend.get_channel(where.channel_id), "create_public_threads")
            return threads.start_from_message(backend, where, name, self.id)
        channel = self.discord.place(where)
        self._may(channel, "create_private_threads" if private else "create_public_threads")
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        return backend.create_thread(channel.id, name, self.id, type=kind)

    async def edits(self, message: Message, text: str) -> None:
        if message.author_id != self.id:
            raise errors.cannot_edit_other_user()
        threads.refuse_archived(self.discord.backend, message.channel_id)
        self.discord.backend.edit_message(message.channel_id, message.id, {"content": text})

    async def deletes(self, message: Message) -> None:
        backend = self.discord.backend
        if message.author_id != self.id:
            self._may(backend.get_channel(message.channel_id), "manage_messages")
        backend.delete_message(message.channel_id, message.id)

    async def reacts(self, message: Message, emoji: str) -> None:
        channel = self.discord.backend.get_channel(message.channel_id)
        threads.refuse_archived(self.discord.backend, channel.id)
        self._may(channel, *reaction_permissions(message, emoji))
        self.discord.backend.set_reaction(channel.id, message.id, emoji, self.id, reacted=True)

    async def unreacts(self, message: Message, emoji: str) -> None:
        self.discord.backend.remove_reaction(message.channel_id, message.id, emoji, self.id)

    # Guilds and channels

    async def joins(self, guild: Guild) -> None:
        self.discord.backend.add_member(guild.id, self.id, announce=True)

    async def leaves(self, guild: Guild | None = None) -> None:
        guild = guild or self.discord.guild
        self.discord.backend.remove_member(guild.id, self.id)

    def roles(self, guild: Guild | None = None) -> list[int]:
        """Return the ids of the roles that they have."""
        return list((guild or self.discord.guild).members[self.id].role_ids)

    async def gets(self, role: Role, guild: Guild | None = None) -> None:
        """Be given a role."""
        guild = guild or self.discord.guild
        self.discord.backend.add_member_role(guild.id, self.id, role.id)

    async def loses(self, role: Role, guild: Guild | None = None) -> None:
        """Be deprived of a role."""
        guild = guild or self.discord.guild
        self.discord.backend.remove_member_role(guild.id, self.id, role.id)

    async def is_called(self, nick: str | None, guild: Guild | None = None) -> None:
        """Have another name in a guild."""
        guild = guild or self.discord.guild
        self.discord.backend.edit_member(guild.id, self.id, {"nick": nick})

    async def closes_dms(self) -> None:
        """Take no direct messages any more: 50007."""
        self.discord.closed_dms.add(self.id)

    async def opens_dms(self) -> None:
        self.discord.closed_dms.discard(self.id)

    # The bot's controls

    async def presses(
        self, message: Message, label: str = "", *, custom_id: str = ""
    ) -> InteractionResult:
        """Press a button of a message, also of an ephemeral one."""
        pressed = self.discord.stand_in.message(message)
        return await self._acts(
            message.channel_id,
            lambda actor: actor.click(pressed, label=label or None, custom_id=custom_id or None),
        )

    async def chooses(
        self, message: Message, *chosen: Any, placeholder: str = "", custom_id: str = ""
    ) -> InteractionResult:
        """Choose in a select of a message.

        Args:
            message: Where it is.
            chosen: Labels or values of options; people, roles or channels.
            placeholder: Of the select, where there are several.
            custom_id: Of the select, where there are several.
        """
        menu = _find_menu(message.components, placeholder, custom_id)
        values = [_value(menu, one) for one in chosen]
        where = self.discord.stand_in.message(message)
        return await self._acts(
            message.channel_id,
            lambda actor: actor.select(
                where, [self._handle(v) for v in values], custom_id=menu["custom_id"]
            ),
        )

    async def submits(self, values: JSON) -> InteractionResult:
        """Fill in the modal in front of them and submit it.

        Args:
            values: By label or by `custom_id`. A select takes a list.
        """
        shown = self._opened()
        if shown is None:
            message = f"there is no modal in front of {self.name}"
            raise LookupError(message)
        names = _names_of_inputs(shown.modal or {})
        given = {names.get(name, name): self._handles(value) for name, value in values.items()}
        channel_id = shown._interaction.channel_id
        return await self._acts(channel_id, lambda actor: actor.submit_modal(shown, given))

    async def runs(self, command: str, place: Place, **options: Any) -> InteractionResult:
        """Run a slash command: `ask`, or `settings show` for one below another."""
        channel = self.discord.place(place)
        given = {name: self._handle(value) for name, value in options.items()}

        def run(actor: MemberActor | UserHandle) -> Awaitable[Any]:
            if isinstance(actor, UserHandle):
                return actor.slash(command, **given)
            return actor.slash(self.discord.stand_in.channel(channel), command, **given)

        return await self._acts(channel.id, run)

    async def uses(self, name: str, target: "Message | Person") -> InteractionResult:
        """Use a command of the menu of a message, or of a person."""
        place = target.channel_id if isinstance(target, Message) else self._somewhere()
        channel = self.discord.stand_in.channel(self.discord.backend.get_channel(place))

        def use(actor: MemberActor | UserHandle) -> Awaitable[Any]:
            if not isinstance(actor, MemberActor):
                message = "simcord plays menus of messages in guilds only"
                raise NotImplementedError(message)
            if isinstance(target, Message):
                at: Any = self.discord.stand_in.message(target)
            else:
                at = self.discord.stand_in.actor(target.user, actor.guild.id)
            return actor.context_menu(channel, name, at)

        return await self._acts(place, use)

    async def _acts(self, channel_id: int, act: Result) -> InteractionResult:
        """Do something that the bot is to answer, and wait until it has, or its time is over."""
        channel = self.discord.backend.get_channel(channel_id)
        actor = self.discord.stand_in.actor(self.user, channel.guild_id)
        result: InteractionResult = await act(actor)
        self.shown.append(result)
        await self.discord.wait_for_answer(result)
        return result

    def _opened(self) -> InteractionResult | None:
        open_ = (r for r in reversed(self.shown) if r.modal and not r._interaction.modal_consumed)
        return next(open_, None)

    def _handles(self, value: Any) -> Any:
        return [self._handle(one) for one in value] if isinstance(value, list) else value

    def _handle(self, value: Any) -> Any:
        """Return what simcord's actors take for a person, a role or a channel."""
        stand_in = self.discord.stand_in
        match value:
            case Person():
                return stand_in.user(value.user)
            case Role():
                guilds = self.discord.backend.guilds.values()
                guild = next(guild for guild in guilds if value.id in guild.roles)
                return stand_in.role(value, guild.id)
            case Channel():
                return stand_in.channel(value)
            case _:
                return value

    def _may(self, channel: Channel, *permissions: str) -> None:
        if not channel_accessible(self.discord.backend, channel.id, self.id):
            raise errors.missing_access()
        self.discord.backend.require_permissions(
            channel.guild_id, self.id, channel.id, *permissions
        )

    def _somewhere(self) -> int:
        channels = self.discord.guild.channel_ids
        return next(c for c in channels if channel_accessible(self.discord.backend, c, self.id))


def _find_menu(components: list[JSON], placeholder: str, custom_id: str) -> JSON:
    menus = [
        menu
        for menu in walk_components(components)
        if menu.get("type") in SELECT_TYPES
        and placeholder in {"", menu.get("placeholder")}
        and custom_id in {"", menu.get("custom_id")}
    ]
    if len(menus) != 1:
        message = f"{len(menus)} selects fit {placeholder or custom_id or 'anything'!r}"
        raise LookupError(message)
    return menus[0]


def _value(menu: JSON, chosen: Any) -> Any:
    by_label = {option["label"]: option["value"] for option in menu.get("options") or []}
    return by_label.get(chosen, chosen) if isinstance(chosen, str) else chosen


def _names_of_inputs(modal: JSON) -> dict[str, str]:
    """Map labels of a modal's inputs to their ids."""
    found = {}
    for one in walk_components(modal.get("components", [])):
        inner = one.get("component")
        if isinstance(inner, dict) and one.get("label"):
            found[one["label"]] = inner["custom_id"]
        elif one.get("label") and one.get("custom_id"):
            found[one["label"]] = one["custom_id"]
    return found
