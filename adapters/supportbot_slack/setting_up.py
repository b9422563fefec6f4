"""What a maintainer has to do in Slack, and what is wrong with what they did."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.adapter_kit.clocks import ahead_of, clock_problem
from supportbot.adapter_kit.group import confirm_in
from supportbot.adapter_kit.slack_people import is_ext_shared
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import AdapterContext, Finding, Membership
from supportbot_slack.belonging import WORKSPACE, group_of
from supportbot_slack.installations import TOKENS, Installations
from supportbot_slack.manifest import APP_LEVEL_SCOPE, SCOPES, lacking, link, manifest
from supportbot_slack.options import (
    APP_TOKEN,
    BOT_TOKEN,
    CONFIG_TOKEN,
    SIGNING_SECRET,
    TEAM,
    Secrets,
    SlackOptions,
    read_options,
    read_secrets,
    walls_of,
)
from supportbot_slack.refusals import refused
from supportbot_slack.workspace import Workspace

_NAME = "slack"
_MOST_CHANNELS = 1_000


class SlackSetup:
    """Explains and checks the connection. Entry point of the group `supportbot.setup`."""

    secrets = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")

    def instructions(self, options: Mapping[str, object], *, address: str = "") -> str:
        """Say step by step what to do, with the page to open and what to paste where."""
        mode = read_options(options).mode
        if mode == "http" and not address:
            message = (
                "Slack has to know where to send events. Say it: supportbot setup slack --address "
                "https://bot.example.org/slack/events"
            )
            raise SupportbotError(message)
        return _instructions(mode, address if mode == "http" else "")

    async def examine(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> Sequence[Finding]:
        """Look at the tokens, the scopes and the channels."""
        given = os.environ if environment is None else environment
        try:
            options = read_options(context.options)
            secrets = read_secrets(options, given)
        except SupportbotError as error:
            return [Finding(_NAME, str(error))]
        try:
            tokens = _tokens(context.home, secrets)
        except SupportbotError as error:
            return [Finding(_NAME, str(error))]
        if not tokens:
            problem = "The bot is installed in no workspace. Open /slack/install at its address."
            return [Finding(_NAME, problem)]
        findings = []
        for number, (team, token) in enumerate(tokens.items()):
            client = AsyncWebClient(token=token, base_url=options.api_url, retry_handlers=[])
            examining = _examined(client, options, secrets, team=team, is_first=number == 0)
            findings += [finding async for finding in examining]
        return [*findings, *await _looked_at(context, options, tokens)]

    async def memberships(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> Sequence[Membership]:
        """Return the workspaces in which the bot is installed."""
        options = read_options(context.options)
        secrets = read_secrets(options, os.environ if environment is None else environment)
        tokens = _tokens(context.home, secrets)
        group = group_of(context, options)
        is_only = not secrets.client_id and not group.is_listed
        return [
            Membership(team, name, is_only or group.includes(team))
            for team, name in (await _teams(options, tokens)).items()
        ]

    def confirm(self, context: AdapterContext, id_: str) -> None:
        """Let a workspace belong to the group."""
        options = read_options(context.options)
        confirm_in(group_of(context, options), id_, TEAM, setting="[adapters.slack] workspaces")


async def _looked_at(
    context: AdapterContext, options: SlackOptions, tokens: Mapping[str, str]
) -> Sequence[Finding]:
    """Return which workspaces are served. Who gave the only token has confirmed it by that."""
    group = group_of(context, options)
    teams = await _teams(options, tokens)
    if "" in tokens and not group.is_listed:
        return []
    looked = group.look_at(teams, platform=_NAME, kind=WORKSPACE, setting="workspaces")
    return list(looked) if teams else []


async def _teams(options: SlackOptions, tokens: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the workspaces by their ids, as far as Slack says them."""
    teams = {}
    for team, token in tokens.items():
        client = AsyncWebClient(token=token, base_url=options.api_url, retry_handlers=[])
        try:
            said = await client.auth_test()
        except (SlackApiError, OSError):
            if team:
                teams[team] = team
        else:
            teams[str(said["team_id"])] = str(said["team"])
    return teams


def _tokens(home: Path, secrets: Secrets) -> Mapping[str, str]:
    """Return the bot's tokens by workspace; the single one goes by no name."""
    if not secrets.client_id:
        return {"": secrets.bot_token}
    return Installations(home / TOKENS, secrets.token_key).tokens()


def _instructions(mode: str, address: str) -> str:
    found = manifest(address=address)
    scopes = "\n".join(f"     {scope:<18} {reason}" for scope, reason in SCOPES.items())
    if mode == "http":
        second = (
            "  3. Basic Information, App Credentials: copy the signing secret.\n"
            f"     export {SIGNING_SECRET}=…\n"
        )
    else:
        second = (
            "  3. Basic Information, App-Level Tokens: make one with the scope\n"
            f"     {APP_LEVEL_SCOPE}, and copy it. It begins with xapp-.\n"
            f"     export {APP_TOKEN}=xapp-…\n"
        )
    return (
        "To connect a Slack workspace:\n\n"
        "  1. Open this page, choose the workspace, and press Create:\n\n"
        f"{link(found)}\n\n"
        "     It asks for these permissions:\n\n"
        f"{scopes}\n\n"
        "  2. Install App: install it to the workspace, and copy the bot token. It begins with\n"
        "     xoxb-.\n"
        f"     export {BOT_TOKEN}=xoxb-…\n"
        f"{second}"
        "  4. In supportbot.toml:\n\n"
        "     [adapters.slack]\n"
        f'     mode = "{mode}"\n\n'
        "  5. In Slack, in each channel in which it is to help: /invite @supportbot\n"
        "  6. supportbot doctor says whether everything is there. Then: supportbot run\n"
    )


async def _examined(
    client: AsyncWebClient, options: SlackOptions, secrets: Secrets, *, team: str, is_first: bool
) -> AsyncIterator[Finding]:
    """Look at one workspace; at what is the same for all of them only with the first."""
    try:
        said = await client.auth_test()
    except (SlackApiError, OSError) as error:
        yield Finding(_NAME, _refused(f"the token of {team}" if team else BOT_TOKEN, error))
        return
    yield Finding(_NAME, "", f"The bot is {said['user']} in {said['team']}.")
    ahead = ahead_of(str(said.headers.get("Date", "")), datetime.now(UTC)) or timedelta(0)
    agrees = f"This machine's clock and Slack's are {abs(ahead).total_seconds():.0f} seconds apart."
    yield Finding(_NAME, clock_problem(ahead, "Slack"), agrees)
    missing = SCOPES.keys() - _scopes(said.headers)
    problem = (
        f"The app lacks the scopes {', '.join(sorted(missing))}. Add them under OAuth & "
        "Permissions, and install the app again."
    )
    yield Finding(_NAME, problem if missing else "", "It has every scope.")
    if options.mode == "socket" and is_first:
        try:
            await client.apps_connections_open(app_token=secrets.app_token)
        except (SlackApiError, OSError) as error:
            yield Finding(_NAME, _refused(APP_TOKEN, error))
        else:
            yield Finding(_NAME, "", "Socket Mode is on, and the app-level token opens it.")
    if is_first:
        yield await _compared(client, str(said["bot_id"]), secrets.config_token)
    workspace = Workspace(client)
    try:
        page = await workspace.ask(
            "users.conversations",
            types="public_channel,private_channel",
            exclude_archived="true",
            limit=_MOST_CHANNELS,
        )
    except DeliveryError as error:
        yield Finding(_NAME, f"Its channels cannot be listed: {error}.")
        return
    channels = page.get("channels") or []
    names = sorted(f"#{channel.get('name')}" for channel in channels)
    problem = "The bot is in no channel. Invite it where it is to help: /invite @supportbot"
    yield Finding(_NAME, "" if names else problem, f"It is in {_some(names)}.")
    shared = sorted(f"#{channel.get('name')}" for channel in channels if is_ext_shared(channel))
    if shared:
        yield Finding(_NAME, "", _of_shared(shared, options))


def _of_shared(names: Sequence[str], options: SlackOptions) -> str:
    """Return which channels another company sees, and what is shown there."""
    shown = (
        "What members say anywhere in the open is shown there, as shared_channels says."
        if walls_of(options).widens_shared
        else "Nothing said elsewhere is shown there, and nothing said there is shown elsewhere."
    )
    return f"Shared with another company: {_some(names)}. {shown}"


async def _compared(client: AsyncWebClient, bot_id: str, token: str) -> Finding:
    """Compare how the app is set up with what the bot needs, when somebody gives leave to see it.

    Of events that it is not subscribed to, an app with a bot token alone is told nothing.
    """
    if not token:
        return Finding(_NAME, "", f"Its events are not compared: {CONFIG_TOKEN} is not set.")
    try:
        app = (await client.bots_info(bot=bot_id))["bot"]["app_id"]
        found = (await client.apps_manifest_export(app_id=app, token=token))["manifest"]
    except (SlackApiError, OSError) as error:
        return Finding(_NAME, _refused(CONFIG_TOKEN, error))
    missing = lacking(found)
    problem = (
        f"The app is set up without {', '.join(missing)}. Paste the manifest anew under App "
        "Manifest, and install the app again: supportbot setup slack has it in its link."
    )
    return Finding(_NAME, problem if missing else "", "It hears of every event that it needs.")


def _refused(token: str, error: SlackApiError | OSError) -> str:
    if not isinstance(error, SlackApiError):
        return f"Slack cannot be reached ({type(error).__name__}). Is there a network?"
    return refused(token, str(error.response.get("error", "an unknown error")))


def _scopes(headers: Mapping[str, Any]) -> frozenset[str]:
    """Read which scopes a token has: Slack says so with every answer."""
    for name, value in headers.items():
        if name.lower() == "x-oauth-scopes":
            return frozenset(scope.strip() for scope in str(value).split(","))
    return frozenset()


def _some(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


SETUP = SlackSetup()
