"""`[adapters.discord]` in the settings, and the token in the environment."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from supportbot.adapter_kit import reading
from supportbot.errors import SupportbotError

TOKEN = "DISCORD_TOKEN"  # noqa: S105 - the name of one

_Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+[^/\s]$")]
_Topics = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern="^[^;]+$")]
SNOWFLAKE = r"\d{1,20}"
Snowflake = Annotated[str, BeforeValidator(str), StringConstraints(pattern=f"^{SNOWFLAKE}$")]
"""An id of Discord, written as a number or as text."""
_Socket = Annotated[str, StringConstraints(pattern=r"^wss?://[^\s]+$")]


class DiscordOptions(BaseModel):
    """`[adapters.discord]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["mentions", "content"] = Field(
        default="mentions",
        description="`mentions` needs no privileged intent; `content` reads whole channels.",
    )
    servers: tuple[Snowflake, ...] = Field(
        default=(),
        description="Ids of the group's servers. Empty: those confirmed by `setup discord`.",
    )
    everybody: str = Field(
        default="",
        max_length=100,
        description="The role, by name or id, that all of the group have; empty: found by itself.",
    )
    topic_roles: dict[str, _Topics] = Field(
        default_factory=dict,
        description="Roles that members choose with `/topics`: what each knows about, by its name.",
    )
    api_url: _Address | None = Field(default=None, description="Where Discord's REST API is.")
    gateway_url: _Socket | None = Field(default=None, description="Where its gateway is.")
    cdn_url: _Address | None = Field(default=None, description="Where its files are.")
    solved_tag: str = Field(
        default="solved",
        min_length=1,
        max_length=20,
        description="The tag that a solved post in a forum gets, where the forum has it.",
    )
    look_seconds: float = Field(
        default=10.0, gt=0, description="Seconds between two notes that somebody listens."
    )
    catch_up_days: float = Field(
        default=3.0,
        ge=0,
        le=30,
        description="Days after which nothing is brought any more that was missed.",
    )


def read_options(options: Mapping[str, object]) -> DiscordOptions:
    """Read the settings of this adapter.

    Raises:
        SupportbotError: They cannot be used; the message says all that is wrong.
    """
    return reading.read_options(DiscordOptions, "discord", options)


def read_token(environment: Mapping[str, str]) -> str:
    """Read the bot's token.

    Raises:
        SupportbotError: It is missing, or cannot be one.
    """
    token = environment.get(TOKEN, "").strip()
    where = "`supportbot setup discord` says how to get it."
    if not token:
        message = f"Discord cannot be reached: {TOKEN} is not set. {where}"
        raise SupportbotError(message)
    if token.lower().startswith("bot ") or token.count(".") != 2:  # noqa: PLR2004 - its three parts
        message = (
            f"Discord cannot be reached: {TOKEN} is no bot token. It is under Bot, Reset Token, "
            f"and has three parts with dots between them. {where}"
        )
        raise SupportbotError(message)
    return token
