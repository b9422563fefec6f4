"""What simcord's actors take for the environment of a bot in their own process.

`simcord.actors.MemberActor` knows what people can press, choose, fill in and run, and what Discord
then sends. Afterwards it lets the bot in its own process come to rest; here there is none, so the
stand-in has nothing to let rest. What an actor does beside that (posting, editing, reacting) gives
messages of that bot's client, so `people` does it with the backend itself.
"""

from typing import Any

from simcord.actors import MemberActor
from simcord.backend import Backend
from simcord.backend.models import Channel, Interaction, Message, Role, User
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle, UserHandle
from simcord.results import InteractionResult, ResponseMessage


class StandIn:
    """An environment without a bot."""

    bot = None
    strict_sync = True
    _message_states = ()

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def _begin_operation(self, label: str) -> None:
        """Begin nothing: several people may do something at once here."""

    def _end_operation(self) -> None:
        """End nothing."""

    def _mark_mutation(self) -> None:
        """Tell no preview."""

    def _notify_dispatch_observers(self, interaction: Interaction) -> None:
        """Tell no preview."""

    async def _settle_internal(self, **_: Any) -> None:
        """Wait for nobody: the bot is elsewhere."""

    # simcord's handles for what the backend has

    def _as_env(self) -> Any:
        return self

    def actor(self, user: User, guild_id: int | None) -> MemberActor | UserHandle:
        """Give somebody as one who acts, in a guild or in their direct messages."""
        if guild_id is None:
            return self.user(user)
        return MemberActor(self._as_env(), self.guild(guild_id), self.user(user))

    def user(self, user: User) -> UserHandle:
        return UserHandle(self._as_env(), user)

    def guild(self, guild_id: int) -> GuildHandle:
        return GuildHandle(self._as_env(), self.backend.get_guild(guild_id))

    def channel(self, channel: Channel) -> ChannelHandle:
        guild = self.guild(channel.guild_id) if channel.guild_id is not None else None
        return ChannelHandle(self._as_env(), guild, channel)

    def role(self, role: Role, guild_id: int) -> RoleHandle:
        return RoleHandle(self._as_env(), self.guild(guild_id), role)

    def message(self, message: Message) -> ResponseMessage:
        return ResponseMessage(self._as_env(), message)

    def result(self, interaction: Interaction) -> InteractionResult:
        return InteractionResult(self._as_env(), interaction)
