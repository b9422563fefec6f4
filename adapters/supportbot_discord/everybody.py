"""Who may see a channel, and who is everybody in a server.

A channel is open when everybody in the group can see it. In most servers that is @everyone; behind
a verification gate it is the role that people get once they are through.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import discord

from supportbot_discord.options import DiscordOptions

_ELEVATED = (
    "administrator",
    "ban_members",
    "kick_members",
    "manage_channels",
    "manage_guild",
    "manage_messages",
    "manage_roles",
    "moderate_members",
)
"""Permissions that nobody gives to everybody."""


class Openness(StrEnum):
    """Who sees a channel."""

    OPEN = "open"
    """Everybody in the group, and nobody else."""
    SHARED = "shared"
    """People who are not in the group see it too."""
    CLOSED = "closed"
    """Only some of the group."""


class _Chosen:
    """The role that the settings name, by its name or id, for all of this process."""

    def __init__(self) -> None:
        self.role = ""
        self.found: dict[int, int] = {}
        """Ids of the roles that are everybody, by the ids of their servers."""


_CHOSEN = _Chosen()


def choose(options: DiscordOptions) -> None:
    """Take the role that the settings name for everybody's."""
    _CHOSEN.role = options.everybody
    _CHOSEN.found.clear()


def forget(guild_id: int) -> None:
    """Look again who is everybody in a server: its roles or channels have changed."""
    _CHOSEN.found.pop(guild_id, None)


def everybody_of(guild: discord.Guild) -> discord.Role | None:
    """Find the role that everybody in the group has; None where the settings name one in vain."""
    known = guild.get_role(_CHOSEN.found.get(guild.id, 0))
    if known is not None:
        return known
    held = guild.me.roles if guild.me is not None else []
    return look_for_everybody(guild, talked_in(guild.channels), held)


def look_for_everybody(
    guild: discord.Guild,
    channels: Sequence[discord.abc.GuildChannel],
    held: Sequence[discord.Role],
) -> discord.Role | None:
    """Find the role that everybody has, and remember it.

    Args:
        guild: The server.
        channels: Those in which people write.
        held: The bot's own roles.
    """
    chosen = _CHOSEN.role
    role = (
        _named(guild, chosen)
        if chosen
        else _plainly_everybodys(guild, channels, held) or guild.default_role
    )
    if role is not None:
        _CHOSEN.found[guild.id] = role.id
    return role


def _plainly_everybodys(
    guild: discord.Guild,
    channels: Sequence[discord.abc.GuildChannel],
    held: Sequence[discord.Role],
) -> discord.Role | None:
    """Find the role of those who are through a gate; None where there is no gate, or it is unclear.

    It is plain when @everyone sees less than half of what the role sees, and no other role that
    members have sees anything that @everyone doesn't: then nobody is in the group without it.
    """
    by_all = _seen(channels, guild.default_role)
    if len(channels) <= 2 * len(by_all):
        return None
    wider = roles_beyond_all(guild, channels)
    # A role that was made for bots alone is one that the bot has.
    wider = [role for role in wider if role not in held] or wider
    match wider:
        case [role] if len(_seen(channels, role)) > 2 * len(by_all):
            return role
        case _:
            return None


def roles_beyond_all(
    guild: discord.Guild, channels: Sequence[discord.abc.GuildChannel]
) -> list[discord.Role]:
    """Return the roles of members that see what @everyone doesn't, those that see most first."""
    by_all = _seen(channels, guild.default_role)
    seen = {role: _seen(channels, role) for role in guild.roles if _is_members(role)}
    wider = [role for role, channels_seen in seen.items() if not channels_seen <= by_all]
    return sorted(wider, key=lambda role: len(seen[role]), reverse=True)


def openness(channel: object) -> Openness:
    """Decide who sees a channel, or a thread in one."""
    if isinstance(channel, discord.Thread):
        is_private = channel.type is discord.ChannelType.private_thread
        return Openness.CLOSED if is_private or channel.parent is None else openness(channel.parent)
    if not isinstance(channel, discord.abc.GuildChannel):
        return Openness.CLOSED
    everybody = everybody_of(channel.guild)
    if everybody is None or not _sees(channel, everybody) or next(denied(channel), None):
        return Openness.CLOSED
    if not everybody.is_default() and _sees(channel, channel.guild.default_role):
        return Openness.SHARED
    return Openness.OPEN


def why_closed(channel: discord.abc.GuildChannel) -> str:
    """Say in a few words why a channel is not open."""
    everybody = everybody_of(channel.guild)
    if everybody is None or not _sees(channel, everybody):
        return "not everybody sees it"
    kept_out = ", ".join(denied(channel))
    return f"denied to {kept_out}" if kept_out else "people outside of the group see it too"


def denied(channel: discord.abc.GuildChannel) -> Iterator[str]:
    """Name the roles and people of the group who are kept out of a channel by name."""
    guild = channel.guild
    everybody = everybody_of(guild)
    for target, overwrite in channel.overwrites.items():
        if overwrite.view_channel is not False:
            continue
        if isinstance(target, discord.Role):
            is_of_group = not (target.is_default() or target == everybody or target.managed)
            if is_of_group and not target.permissions.administrator:
                yield target.name
        else:
            member = guild.get_member(target.id)
            is_bot = guild.me is not None and target.id == guild.me.id
            if not is_bot and not (member is not None and member.bot):
                yield member.display_name if member else "a member"


def is_outsider(member: discord.Member) -> bool:
    """Whether somebody is in the server and not in the group: they are not through its gate."""
    everybody = everybody_of(member.guild)
    if everybody is None or everybody.is_default() or everybody in member.roles:
        return False
    permissions = member.guild_permissions
    return not (permissions.administrator or permissions.manage_guild)


def talked_in(
    channels: Iterable[discord.abc.GuildChannel],
) -> list[discord.abc.GuildChannel]:
    """Leave out the categories: nobody writes in them."""
    return [one for one in channels if not isinstance(one, discord.CategoryChannel)]


def _named(guild: discord.Guild, name: str) -> discord.Role | None:
    wanted = name.removeprefix("@").casefold()
    return next(
        (role for role in guild.roles if wanted in {str(role.id), role.name.casefold()}), None
    )


def _is_members(role: discord.Role) -> bool:
    """Whether members may have a role, and not only those who look after the server, or bots."""
    is_elevated = any(getattr(role.permissions, name) for name in _ELEVATED)
    return not (role.is_default() or role.managed or is_elevated)


def _seen(channels: Iterable[discord.abc.GuildChannel], role: discord.Role) -> set[int]:
    return {channel.id for channel in channels if _sees(channel, role)}


def _sees(channel: discord.abc.GuildChannel, role: discord.Role) -> bool:
    return channel.permissions_for(role).view_channel
