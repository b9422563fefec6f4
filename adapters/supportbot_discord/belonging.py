"""Which servers the bot serves, and who is in one of them: nobody else is heard or answered."""

import logging
import time
from enum import StrEnum

import aiohttp
import discord

from supportbot.adapter_kit.group import Group
from supportbot.domain.chat.events import Event, author_of, from_outside
from supportbot.errors import SupportbotError
from supportbot.ports import AdapterContext, Receive
from supportbot_discord.everybody import is_outsider
from supportbot_discord.options import DiscordOptions

log = logging.getLogger(__name__)

SERVER = "server"
CONFIRMED = "discord-servers.txt"
"""The file of the home that says which servers were confirmed."""
_REMEMBERED = 600.0
"""Seconds after which is asked again whether somebody is in one of the group's servers."""


class Standing(StrEnum):
    """What somebody is in the group."""

    MEMBER = "member"
    OUTSIDER = "outsider"
    """They are in one of its servers, and not through its gate."""
    NOBODY = "nobody"


def group_of(context: AdapterContext, options: DiscordOptions) -> Group:
    """Return what is known of the servers that belong to the group."""
    return Group(context.home / CONFIRMED, listed=options.servers, served=context.served)


class Belonging:
    """Lets through what comes from the group's servers, and from people who are in one of them.

    Anybody who shares any server with a bot can write to it, also in a server of their own.
    """

    def __init__(self, group: Group) -> None:
        """Serve these."""
        self.group = group
        self._members: dict[int, float] = {}

    def guilds(self, client: discord.Client) -> list[discord.Guild]:
        """Return the group's servers, as far as the bot is in them."""
        return [guild for guild in client.guilds if self.group.includes(str(guild.id))]

    def refuses(self, workspace: str) -> bool:
        """Whether nothing is said in a server: it is known which are served, and it is not one."""
        return self.group.is_settled and not self.group.includes(workspace)

    def meet(self, client: discord.Client) -> None:
        """Take note of the servers that the bot is in."""
        self.group.meet((str(guild.id) for guild in client.guilds), SERVER)

    def forget_member(self, user_id: int) -> None:
        """Look again whether somebody is in one of the group's servers: they left one."""
        self._members.pop(user_id, None)

    async def includes(self, client: discord.Client, guild_id: int | None, user_id: int) -> bool:
        """Whether somebody is served who does something in a server, or alone with the bot.

        Raises:
            SupportbotError: Discord does not say who they are.
        """
        if guild_id is None:
            return await self._standing(client, user_id) is not Standing.NOBODY
        return self.group.includes(str(guild_id))

    def only(self, client: discord.Client, receive: Receive) -> Receive:
        """Return what stores only the events of the group."""

        async def receive_ours(event: Event) -> None:
            if (ours := await self._of_group(client, event)) is not None:
                await receive(ours)
            else:
                log.debug("event %s is not the group's", event.event_id)

        return receive_ours

    async def _of_group(self, client: discord.Client, event: Event) -> Event | None:
        """Return an event of the group; in a direct message it is known by who writes."""
        author, workspace = author_of(event), event.place.workspace
        if workspace:
            return event if self.group.includes(workspace) else None
        if author is None:
            return event
        match await self._standing(client, int(author.user_id)):
            case Standing.MEMBER:
                return event
            case Standing.OUTSIDER:
                return from_outside(event)
            case _:
                return None

    async def _standing(self, client: discord.Client, user_id: int) -> Standing:
        """Find out what somebody is in the group. Only of members it is remembered."""
        known_at = self._members.get(user_id)
        if known_at is not None and time.monotonic() - known_at < _REMEMBERED:
            return Standing.MEMBER
        found = [await _member_in(guild, user_id) for guild in self.guilds(client)]
        members = [one for one in found if one is not None]
        if not members:
            return Standing.NOBODY
        if all(is_outsider(member) for member in members):
            return Standing.OUTSIDER
        self._members[user_id] = time.monotonic()
        return Standing.MEMBER


async def _member_in(guild: discord.Guild, user_id: int) -> discord.Member | None:
    known = guild.get_member(user_id)
    if known is not None:
        return known
    try:
        return await guild.fetch_member(user_id)
    except discord.NotFound:
        return None
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        message = f"Discord does not say who is in server {guild.id} ({type(error).__name__})"
        raise SupportbotError(message) from error
