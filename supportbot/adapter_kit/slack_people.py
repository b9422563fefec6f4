"""People and channels of Slack that are not a workspace's alone: guests, and Slack Connect. Pure.

Source: https://docs.slack.dev/apis/slack-connect and https://docs.slack.dev/reference/objects/user-object
"""

from collections.abc import Mapping
from typing import Any

_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")
_SHARED = ("is_ext_shared", "is_pending_ext_shared")
"""Marks of a channel. One that is `is_org_shared` is shared within a company, and none of these."""


def is_ext_shared(channel: Mapping[str, Any]) -> bool:
    """Whether a channel is shared with another company, or about to be."""
    return any(channel.get(mark) is True for mark in _SHARED)


def is_outside(user: Mapping[str, Any], team: str, enterprise: str = "") -> bool:
    """Whether somebody is a guest, or of another company.

    Args:
        user: As Slack describes them.
        team: Our workspace.
        enterprise: The organisation that it belongs to, with Enterprise Grid.
    """
    if any(user.get(mark) is True for mark in _GUEST):
        return True
    their_team = user.get("team_id")
    if not isinstance(their_team, str) or their_team in {"", team, enterprise}:
        return False
    theirs = user.get("enterprise_user")
    theirs = theirs if isinstance(theirs, Mapping) else {}
    is_of_company = bool(enterprise) and theirs.get("enterprise_id") == enterprise
    return not (is_of_company or team in (theirs.get("teams") or ()))
