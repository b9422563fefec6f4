"""People and channels that are not the workspace's alone: guests, and Slack Connect. Pure.

Source: https://docs.slack.dev/apis/slack-connect and https://docs.slack.dev/reference/objects/user-object
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")
_SHARED = ("is_ext_shared", "is_pending_ext_shared")
"""Marks of a channel. One that is `is_org_shared` is shared within a company, and none of these."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What a group lets others see."""

    widens_shared: bool = False
    """What was said elsewhere is shown in channels shared with another company, and back."""
    widens_guests: bool = False
    """Guests and people of other companies see what members see."""


CLOSED_WALLS = Walls()
"""Where nothing is widened."""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who sees a channel."""

    is_private: bool = True
    is_shared: bool = False
    """People of another company do as well."""


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
