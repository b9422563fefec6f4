"""What the bot needs of Slack, and why; the app's manifest is made from it. Pure.

Source: https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import yaml

from supportbot_slack.events import ASK_COMMAND, ASK_SHORTCUT, BOT_COMMAND, EXPERTS_COMMAND

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "to hear when somebody calls it by its name",
    "channels:history": "to read questions in the open channels that it is in, and what it missed",
    "channels:join": "to join an open channel where somebody asks the group, and hear the replies",
    "channels:read": "to know which channels are open, and which it is in",
    "chat:write": "to reply",
    "chat:write.public": "to ask for somebody in an open channel that it is not in",
    "commands": "for /ask, /experts, /supportbot and the shortcut",
    "files:read": "to read text files that come with a question",
    "groups:history": "to read questions in the private channels that it was invited to",
    "groups:read": "to know that those channels are private",
    "im:history": "to be asked in a direct message",
    "im:read": "to find direct messages that it missed",
    "im:write": "to write to an expert alone, and the weekly note",
    "mpim:history": "to be asked in a group of direct messages",
    "mpim:read": "to find what it missed there",
    "reactions:read": "to see the tick that solves a question",
    "users:read": "to show people's names, and who administers the workspace",
}
"""Bot token scopes, each with its reason."""
EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}
"""Bot events, each with the scope that it needs, if any."""
_COMMANDS = (
    (ASK_COMMAND, "Ask; only you see the reply", "How do I …?"),
    (EXPERTS_COMMAND, "Who knows about something", "ledger"),
    (BOT_COMMAND, "What it does, how you are asked, and more", "help"),
)
"""Each with what it does, and what may be typed after it."""
_TABS = {"home_tab_enabled": "the Home tab", "messages_tab_enabled": "the Messages tab"}
APP_LEVEL_SCOPE = "connections:write"
_NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml="


def manifest(*, name: str = "supportbot", address: str = "") -> dict[str, Any]:
    """Return the app's manifest.

    Args:
        name: What people call the bot.
        address: Where Slack's requests are taken, such as `https://bot.example.org/slack/events`;
            without one, sockets are used.
    """
    at = {"url": address} if address else {}
    requests = {"request_url": address} if address else {}
    return {
        "display_information": {
            "name": name,
            "description": "Finds the old answer, or the people who know.",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [
                {
                    "name": "Ask the group about this",
                    "type": "message",
                    "callback_id": ASK_SHORTCUT,
                    "description": "Makes a question of this message",
                }
            ],
            "slash_commands": [
                {
                    "command": command,
                    "description": description,
                    "usage_hint": hint,
                    "should_escape": True,
                    **at,
                }
                for command, description, hint in _COMMANDS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **requests},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def lacking(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an app lacks that the bot needs, by the manifest that Slack gives of it."""
    has = frozenset(_asked_for(found))
    return tuple(one for one in _asked_for(manifest()) if one not in has)


def _asked_for(found: Mapping[str, Any]) -> Iterator[str]:
    """Name what a manifest asks for, as Slack's pages do."""
    features, settings = found.get("features") or {}, found.get("settings") or {}
    scopes = ((found.get("oauth_config") or {}).get("scopes") or {}).get("bot") or []
    yield from (f"the scope {scope}" for scope in scopes)
    events = (settings.get("event_subscriptions") or {}).get("bot_events") or []
    yield from (f"the event {event}" for event in events)
    for command in features.get("slash_commands") or []:
        yield f"the command {command.get('command')}"
    for shortcut in features.get("shortcuts") or []:
        yield f"the shortcut {shortcut.get('callback_id')}"
    if (settings.get("interactivity") or {}).get("is_enabled"):
        yield "interactivity"
    for name, is_on in (features.get("app_home") or {}).items():
        if is_on is True and name in _TABS:
            yield _TABS[name]


def as_yaml(found: Mapping[str, Any]) -> str:
    """Write a manifest as Slack's pages show it."""
    return yaml.safe_dump(dict(found), sort_keys=False, allow_unicode=True)


def link(found: Mapping[str, Any]) -> str:
    """Return the page on which the app is made, filled in.

    Source: https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests (sharing)
    """
    return _NEW_APP + quote(as_yaml(found), safe="")
