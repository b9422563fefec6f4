"""Why Slack refuses a token, and what to do about it. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

NEEDS_A_PERSON = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""What is refused until somebody acts."""
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "account_inactive": "the app was removed from the workspace: install the app again",
        "invalid_auth": "it is no token, or one of another app: copy it again",
        "missing_scope": "it lacks the scope connections:write",
        "not_authed": "it is empty",
        "socket_mode_not_enabled": "Socket Mode is off: turn it on under Settings, Socket Mode",
        "token_expired": "it is too old: a configuration token lasts 12 hours, and the bot's own "
        "for ever, unless token rotation is on, which it does not use",
        "token_revoked": "it was revoked: install the app again, and give the bot the new token",
    }
)


def refused(token: str, code: str) -> str:
    """Return a sentence about a token that Slack refuses.

    Args:
        token: What the token is called.
        code: Slack's name of the reason.
    """
    return f"Slack refuses {token} ({code}): {REASONS.get(code, 'see its documentation')}."
