"""`[adapters.slack]` in the settings, and the secrets in the environment."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from supportbot.adapter_kit import reading
from supportbot.errors import SupportbotError
from supportbot_slack.outside import Walls

CLIENT_ID, CLIENT_SECRET = "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"
TOKEN_KEY = "SLACK_TOKEN_KEY"  # noqa: S105 - the name of one
CONFIG_TOKEN = "SLACK_CONFIG_TOKEN"  # noqa: S105 - likewise
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"

_Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+/$")]


TEAM = r"[A-Z0-9]{2,20}"
"""What the id of a workspace looks like."""
_Team = Annotated[str, StringConstraints(pattern=f"^{TEAM}$")]


class SlackOptions(BaseModel):
    """`[adapters.slack]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["socket", "http"] = Field(
        default="socket",
        description="`socket` needs no public address; `http` takes events at `port`.",
    )
    api_url: _Address = Field(
        default="https://slack.com/api/", description="Where Slack's Web API is."
    )
    authorize_url: str = Field(
        default="https://slack.com/oauth/v2/authorize",
        description="Where people are sent to install the bot; several workspaces only.",
    )
    workspaces: tuple[_Team, ...] = Field(
        default=(),
        description="Ids of the group's workspaces. Empty: those confirmed by `setup slack`.",
    )
    shared_channels: Literal["own", "community"] = Field(
        default="own",
        description="What channels shared with another company see: their own words, or all.",
    )
    guests: Literal["own", "community"] = Field(
        default="own",
        description="What guests and people of other companies see: their channels, or all.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address to listen at, with `http` or for several workspaces.",
    )
    port: int = Field(default=3000, ge=0, le=65535, description="The port, likewise.")
    connections: int = Field(
        default=2,
        ge=1,
        le=10,
        description="Sockets that are open at once; with two, nothing waits while one is renewed.",
    )
    ping_seconds: float = Field(
        default=10.0, gt=0, description="Seconds between two looks at whether a socket lives."
    )
    catch_up_days: float = Field(
        default=3.0,
        ge=0,
        le=30,
        description="Days after which nothing is brought any more that was missed.",
    )


def walls_of(options: SlackOptions) -> Walls:
    """Return what the group lets others see."""
    return Walls(
        widens_shared=options.shared_channels == "community",
        widens_guests=options.guests == "community",
    )


class Secrets(BaseModel):
    """What must not stand in a file."""

    model_config = ConfigDict(frozen=True)

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    """With one, the bot is installed in several workspaces, each with a token of its own."""
    client_secret: str = ""
    token_key: str = ""
    """With which the tokens are encrypted."""
    config_token: str = ""
    """With one, `supportbot doctor` sees how the app is set up. The bot itself never uses it."""


def read_options(options: Mapping[str, object]) -> SlackOptions:
    """Read the settings of this adapter.

    Raises:
        SupportbotError: They cannot be used; the message says all that is wrong.
    """
    return reading.read_options(SlackOptions, "slack", options)


def read_secrets(options: SlackOptions, environment: Mapping[str, str]) -> Secrets:
    """Read the tokens that this mode needs.

    Raises:
        SupportbotError: One is missing, or is not what its name says.
    """
    secrets = Secrets(
        bot_token=environment.get(BOT_TOKEN, "").strip(),
        app_token=environment.get(APP_TOKEN, "").strip(),
        signing_secret=environment.get(SIGNING_SECRET, "").strip(),
        client_id=environment.get(CLIENT_ID, "").strip(),
        client_secret=environment.get(CLIENT_SECRET, "").strip(),
        token_key=environment.get(TOKEN_KEY, "").strip(),
        config_token=environment.get(CONFIG_TOKEN, "").strip(),
    )
    if secrets.client_id:
        problems = [
            f"{name} is not set, and several workspaces need it"
            for name, value in (
                (CLIENT_SECRET, secrets.client_secret),
                (TOKEN_KEY, secrets.token_key),
            )
            if not value
        ]
    else:
        problems = _token_problems(BOT_TOKEN, secrets.bot_token, "xoxb-", "OAuth & Permissions")
    if options.mode == "socket":
        problems += _token_problems(
            APP_TOKEN, secrets.app_token, "xapp-", "Basic Information, App-Level Tokens"
        )
    elif not secrets.signing_secret:
        problems.append(
            f"{SIGNING_SECRET} is not set: it is under Basic Information, App Credentials"
        )
    if problems:
        message = (
            f"Slack cannot be reached: {'; '.join(problems)}. "
            "`supportbot setup slack` says how to get them."
        )
        raise SupportbotError(message)
    return secrets


def _token_problems(name: str, token: str, prefix: str, where: str) -> list[str]:
    if not token:
        return [f"{name} is not set: it is under {where}, and begins with {prefix}"]
    if not token.startswith(prefix):
        # A token is never printed, but its kind is no secret.
        kind = token[:5] if token[:3] == "xox" or token[:4] == "xapp" else "something else"
        return [f"{name} begins with {kind}, and has to begin with {prefix} ({where})"]
    return []
