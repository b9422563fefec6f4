"""People and channels of Slack that are not a workspace's alone: guests, and Slack Connect. Pure.

Source: https://docs.slack.dev/apis/slack-connect and https://docs.slack.dev/reference/objects/user-object
"""

from collections.abc import Mapping
from typing import Any

GUEST_MARKS = ("is_restricted", "is_ultra_restricted", "is_stranger")
"""Marks of a user, any of which says that they are no member."""
_SHARED = ("is_ext_shared", "is_pending_ext_shared")
"""Marks of a channel. One that is `is_org_shared` is shared within a company, and none of these."""
_INVITED = ("pending_shared", "pending_connected_team_ids")
_TEAMS = ("shared_team_ids", "connected_team_ids", "internal_team_ids")


def is_marked(value: object) -> bool:
    """Whether a mark says yes. One that cannot be read does: what is not sure stays closed."""
    if isinstance(value, str):
        return value.strip().lower() not in {"", "false", "0", "no", "null"}
    return bool(value)


def is_ext_shared(channel: Mapping[str, Any], team: str = "") -> bool:
    """Whether a channel is shared with another company, or about to be.

    Args:
        channel: As Slack describes it.
        team: Our workspace, where it is known: then teams that the channel names tell as well.
    """
    if any(is_marked(channel.get(mark)) for mark in (*_SHARED, *_INVITED)):
        return True
    if channel.get("is_org_shared") is True or not team:
        return False
    named = {channel.get("conversation_host_id"), channel.get("context_team_id")}
    for key in _TEAMS:
        teams = channel.get(key)
        named |= set(filter(_is_text, teams)) if isinstance(teams, list) else set()
    return is_marked(channel.get("is_shared")) or bool(named - {None, "", team})


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def is_outside(user: Mapping[str, Any], team: str, enterprise: str = "") -> bool:
    """Whether somebody is a guest, or of another company.

    Args:
        user: As Slack describes them.
        team: Our workspace.
        enterprise: The organisation that it belongs to, with Enterprise Grid.
    """
    if any(is_marked(user.get(mark)) for mark in GUEST_MARKS):
        return True
    their_team = user.get("team_id")
    if not isinstance(their_team, str) or their_team in {"", team, enterprise}:
        return False
    theirs = user.get("enterprise_user")
    theirs = theirs if isinstance(theirs, Mapping) else {}
    is_of_company = bool(enterprise) and theirs.get("enterprise_id") == enterprise
    return not (is_of_company or team in (theirs.get("teams") or ()))
