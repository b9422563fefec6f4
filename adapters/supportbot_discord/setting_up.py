"""Setting up: the link with which the bot is invited, and what is wrong with what was done."""

import base64
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlencode

import aiohttp
import discord

from supportbot.adapter_kit.group import Group, confirm_in
from supportbot.domain.language.counts import counted
from supportbot.errors import SupportbotError
from supportbot.ports import AdapterContext, Finding, Membership
from supportbot_discord.belonging import SERVER, group_of
from supportbot_discord.everybody import (
    choose,
    forget,
    look_for_everybody,
    openness,
    roles_beyond_all,
    talked_in,
    why_closed,
)
from supportbot_discord.library import caller, redirect
from supportbot_discord.options import SNOWFLAKE, TOKEN, DiscordOptions, read_options, read_token

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "view_channel": "to see the channels in which it is to help",
        "read_message_history": "to bring what was asked while it was away",
        "send_messages": "to ask the group for those who asked it alone",
        "create_public_threads": "to open a thread on each question",
        "send_messages_in_threads": "to reply there",
        "manage_threads": "to open a thread again that was put away, and to tag a solved post",
    }
)
"""What the bot may do in a guild, each with its reason."""
FOR_TOPICS: Mapping[str, str] = MappingProxyType(
    {"manage_roles": "to give the roles that people choose with /topics"}
)
_SCOPES = "bot applications.commands"
_NAME = "discord"
_PAGE = "https://discord.com/developers/applications"
_MOST_NAMED = 10


def needed(options: DiscordOptions) -> Mapping[str, str]:
    """Return what the bot may do, each with its reason; roles only where it gives some."""
    return {**PERMISSIONS, **(FOR_TOPICS if options.topic_roles else {})}


def link(application: str, permissions: Iterable[str] = PERMISSIONS) -> str:
    """Return the address at which the bot is invited to a guild."""
    value = discord.Permissions(**dict.fromkeys(permissions, True)).value
    query = {"client_id": application, "scope": _SCOPES, "permissions": value}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


class DiscordSetup:
    """Explains and checks the connection. Entry point of the group `supportbot.setup`."""

    secrets = (TOKEN,)

    def instructions(
        self,
        options: Mapping[str, object],
        *,
        address: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Say step by step what to do, with the link to open and what to paste where."""
        del address
        read = read_options(options)
        given = os.environ if environment is None else environment
        application = _application_of(given.get(TOKEN, ""))
        return _instructions(read, application)

    async def examine(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> Sequence[Finding]:
        """Look at the token, the intents, and what the bot may do in each guild and channel."""
        given = os.environ if environment is None else environment
        try:
            options = read_options(context.options)
            token = read_token(given)
        except SupportbotError as error:
            return [Finding(_NAME, str(error))]
        redirect(options)
        choose(options)
        group = group_of(context, options)
        return [finding async for finding in _examined(options, token, group)]

    async def memberships(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> Sequence[Membership]:
        """Return the servers that the bot is in."""
        options = read_options(context.options)
        token = read_token(os.environ if environment is None else environment)
        redirect(options)
        choose(options)
        group = group_of(context, options)
        try:
            async with caller() as client:
                await client.login(token)
                guilds = [guild async for guild in client.fetch_guilds(limit=None)]
                notes = {guild.id: await _note_of(client, guild, options) for guild in guilds}
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            message = f"Discord does not say where the bot is ({type(error).__name__})."
            raise SupportbotError(message) from error
        return [
            Membership(str(one.id), one.name, group.includes(str(one.id)), notes[one.id])
            for one in guilds
        ]

    def confirm(self, context: AdapterContext, id_: str) -> None:
        """Let a server belong to the group."""
        options = read_options(context.options)
        group = group_of(context, options)
        confirm_in(group, id_, SNOWFLAKE, setting="[adapters.discord] servers")


def _application_of(token: str) -> str:
    """Read the id of the application from the first part of a token; empty where there is none.

    Source: https://discord.com/developers/docs/reference#authentication (an example of a token)
    """
    first = token.strip().split(".")[0]
    try:
        said = base64.b64decode(f"{first}==").decode("ascii")
    except ValueError:
        return ""
    return said if said.isdecimal() else ""


def _instructions(options: DiscordOptions, application: str) -> str:
    asked = needed(options)
    reasons = "\n".join(f"     {name:<26} {reason}" for name, reason in asked.items())
    if options.mode == "content":
        intents = (
            "  3. On the same page, Privileged Gateway Intents: turn on Message Content Intent,\n"
            "     so that it hears questions that do not mention it, and Server Members Intent,\n"
            "     so that it hears who has left.\n"
        )
    else:
        intents = (
            '  3. Privileged intents are not needed. With mode = "content" in the settings the\n'
            "     bot hears questions that do not mention it, and needs two of them:\n"
            "     Message Content Intent and Server Members Intent, on the same page.\n"
        )
    if application:
        invite = (
            f"  4. Open this page, choose the server, and press Authorize:\n\n{link(application)}\n"
        )
    else:
        invite = (
            f"  4. General Information: copy the application id, and open this page with it:\n\n"
            f"{link('APPLICATION_ID', asked)}\n\n"
            f"     Or run `supportbot setup discord` again, with {TOKEN} in the environment: then\n"
            "     the id is in the link.\n"
        )
    return (
        "To connect a Discord server:\n\n"
        f"  1. Open {_PAGE} and press New Application.\n"
        "  2. Bot, Reset Token: copy the token. It has three parts with dots between them.\n"
        f"     export {TOKEN}=…\n"
        f"{intents}"
        f"{invite}\n"
        "     It asks for these permissions:\n\n"
        f"{reasons}\n\n"
        "  5. In supportbot.toml:\n\n"
        "     [adapters.discord]\n"
        f'     mode = "{options.mode}"\n\n'
        "  6. supportbot doctor says whether everything is there. Then: supportbot run\n"
    )


async def _examined(options: DiscordOptions, token: str, group: Group) -> AsyncIterator[Finding]:
    async with caller() as client:
        try:
            await client.login(token)
            application = await client.application_info()
            guilds = [guild async for guild in client.fetch_guilds(limit=None)]
            yield Finding(_NAME, "", f"The bot is {client.user}.")
            yield _intents(options.mode, application.flags)
            names = [guild.name for guild in guilds]
            problem = (
                f"The bot is in no server. Invite it: {link(str(application.id), needed(options))}"
            )
            yield Finding(_NAME, "" if names else problem, f"It is in {_some(names)}.")
            yield _publicity(application)
            present = {str(guild.id): guild.name for guild in guilds}
            for finding in group.look_at(present, platform=_NAME, kind=SERVER, setting="servers"):
                yield finding
            for guild in guilds:
                if group.is_settled and not group.includes(str(guild.id)):
                    continue
                for finding in await _of_guild(client, guild, options):
                    yield finding
                if missing := await _missing_topics(client, guild, options.topic_roles):
                    yield Finding(_NAME, missing)
        except discord.LoginFailure:
            problem = f"Discord refuses {TOKEN}: reset it at {_PAGE}, under Bot, and copy it anew."
            yield Finding(_NAME, problem)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            problem = f"Discord cannot be reached ({type(error).__name__}). Is there a network?"
            yield Finding(_NAME, problem)


def _publicity(application: discord.AppInfo) -> Finding:
    """Warn where anybody may add the bot to a server of their own. It is no fault: those wait.

    Source: https://discord.com/developers/docs/resources/application#application-object
    """
    warning = (
        "Warning: the bot is public, so anybody can add it to a server of their own. It serves "
        f"nobody there. To switch that off, open {_PAGE}: under Installation, set the install link "
        "to None; then, under Bot, turn off Public Bot."
    )
    return Finding(_NAME, "", warning if application.bot_public else "Only you can add the bot.")


def _intents(mode: str, flags: discord.ApplicationFlags) -> Finding:
    if mode != "content":
        return Finding(_NAME, "", "It needs no privileged intent.")
    allowed = {
        "Message Content Intent": flags.gateway_message_content
        or flags.gateway_message_content_limited,
        "Server Members Intent": flags.gateway_guild_members or flags.gateway_guild_members_limited,
    }
    missing = [name for name, is_on in allowed.items() if not is_on]
    problem = f"Turn on {' and '.join(missing)} at {_PAGE}, under Bot; or set mode to mentions."
    return Finding(_NAME, problem if missing else "", "It has both intents.")


async def _of_guild(
    client: discord.Client, guild: discord.Guild, options: DiscordOptions
) -> Sequence[Finding]:
    """Return what the bot lacks in a guild, and in which channels."""
    assert client.user is not None  # noqa: S101 - it has logged in
    asked = needed(options)
    whole = await client.fetch_guild(guild.id)
    me = await whole.fetch_member(client.user.id)
    all_channels = talked_in(await whole.fetch_channels())
    channels = [
        channel
        for channel in all_channels
        if isinstance(channel, discord.TextChannel | discord.ForumChannel)
    ]
    lacking = {
        channel.name: list(_lacking(channel.permissions_for(me), asked)) for channel in channels
    }
    seen = {name: missing for name, missing in lacking.items() if "view_channel" not in missing}
    if not seen:
        problem = f"In {guild.name} it sees no channel. Let its role view those where it helps."
        return [Finding(_NAME, problem)]
    by_missing: dict[tuple[str, ...], list[str]] = {}
    for name, missing in seen.items():
        if missing:
            by_missing.setdefault(tuple(missing), []).append(f"#{name}")
    found = [
        Finding(
            _NAME,
            f"In {guild.name} it lacks {', '.join(missing)} in {_some(names)}. Give them to its "
            "role, or leave them out there on purpose.",
        )
        for missing, names in by_missing.items()
    ]
    enough = f"In {guild.name} it may do what it needs in {counted(len(seen), 'channel')}."
    return [*(found or [Finding(_NAME, "", enough)]), _of_walls(whole, me, options, all_channels)]


async def _note_of(client: discord.Client, guild: discord.Guild, options: DiscordOptions) -> str:
    """Return who is taken for everybody in a server."""
    assert client.user is not None  # noqa: S101 - it has logged in
    whole = await client.fetch_guild(guild.id)
    me = await whole.fetch_member(client.user.id)
    found = _of_walls(whole, me, options, talked_in(await whole.fetch_channels()))
    return found.problem or found.otherwise


def _of_walls(
    guild: discord.Guild,
    me: discord.Member,
    options: DiscordOptions,
    channels: Sequence[discord.abc.GuildChannel],
) -> Finding:
    """Return which channels are closed, and why: what is learned there is shown there only."""
    forget(guild.id)
    everybody = look_for_everybody(guild, channels, me.roles)
    if everybody is None:
        problem = (
            f"In {guild.name} there is no role '{options.everybody}', which [adapters.discord] "
            "everybody names, so every channel counts as closed."
        )
        return Finding(_NAME, problem)
    reasons = {f"#{one.name}": why_closed(one) for one in channels if openness(one) != "open"}
    who = f"In {guild.name} everybody is {everybody.name}"
    if not reasons:
        return Finding(_NAME, "", f"{who}, and all {counted(len(channels), 'channel')} are open.")
    closed = _some([f"{name} ({why})" for name, why in reasons.items()])
    said = f"{who}, and {len(reasons)} of {len(channels)} channels are closed: {closed}."
    if len(reasons) < len(channels):
        return Finding(_NAME, "", said)
    roles = [role.name for role in roles_beyond_all(guild, channels)]
    example = roles[0] if roles else "Member"
    cure = (
        f"Nothing that is learned in one of them is shown in another. If all members have a role, "
        f'name it: everybody = "{example}" in [adapters.discord].'
    )
    return Finding(_NAME, f"{said} {cure}")


async def _missing_topics(
    client: discord.Client, guild: discord.Guild, topics: Iterable[str]
) -> str:
    """Name the roles of `topic_roles` that a server does not have (any more)."""
    if not topics:
        return ""
    there = {role.name for role in await (await client.fetch_guild(guild.id)).fetch_roles()}
    missing = [name for name in topics if name not in there]
    if not missing:
        return ""
    return (
        f"{guild.name} has no role called {_some(missing)}. Fix topic_roles in the settings, "
        "or make the role: until then /topics leaves it out."
    )


def _lacking(has: discord.Permissions, asked: Iterable[str]) -> Iterator[str]:
    return (name for name in asked if not getattr(has, name))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


SETUP = DiscordSetup()
