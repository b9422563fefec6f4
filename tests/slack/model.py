"""The things of a workspace: people, channels and messages, and how a refusal is worded."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

JSON = dict[str, Any]
NOBODY = "USLACKBOT"


class SlackError(Exception):
    """A refusal, as the Web API words it."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer: JSON = {"ok": False, "error": code, **more}


def refuse(code: str, **more: Any) -> NoReturn:
    """Answer the call under way with an error."""
    raise SlackError(code, **more)


class Kind(StrEnum):
    """What a channel is; the value is the `channel_type` of message events."""

    PUBLIC = "channel"
    PRIVATE = "group"
    IM = "im"
    MPIM = "mpim"


@dataclass(slots=True)
class User:
    """Someone in a workspace, or the app's own bot."""

    id: str
    name: str
    team: str
    real_name: str
    display_name: str = ""
    is_bot: bool = False
    tz: str = "Europe/Copenhagen"
    tz_offset: int = 3600
    deleted: bool = False
    is_admin: bool = False
    bot_id: str = ""
    app_id: str = ""
    is_restricted: bool = False
    """A guest."""

    def as_json(self) -> JSON:
        profile = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "team": self.team,
        }
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id}
        user: JSON = {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
            "profile": profile,
        }
        if not self.deleted:
            user |= {
                "real_name": self.real_name,
                "tz": self.tz,
                "tz_label": self.tz,
                "tz_offset": self.tz_offset,
                "is_admin": self.is_admin,
                "is_owner": False,
                "is_primary_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": False,
            }
        return user


@dataclass(slots=True)
class Channel:
    """A place to talk: a channel, or a conversation of two or more."""

    id: str
    name: str
    kind: Kind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False
    topic: str = ""
    purpose: str = ""
    more: JSON = field(default_factory=dict)
    """Fields that only some channels have, like `is_ext_shared`."""


@dataclass(slots=True)
class Message:
    """What was said, as it stands now."""

    channel: str
    ts: str
    user: str
    text: str
    thread_ts: str = ""
    subtype: str = ""
    blocks: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[JSON] = field(default_factory=list)
    metadata: JSON = field(default_factory=dict)
    more: JSON = field(default_factory=dict)
    """Fields that only some messages have, like `bot_id` and `edited`."""
    options: JSON = field(default_factory=dict)
    """How it was posted: `unfurl_links`, `unfurl_media`, `mrkdwn`, …"""
    deleted: bool = False
    ephemeral_to: str = ""
    earlier: list[JSON] = field(default_factory=list)
    """What it was before each change, first one first."""

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in {"", self.ts}
