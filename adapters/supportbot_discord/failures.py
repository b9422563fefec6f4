"""What Discord refuses, in the core's words. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
import discord

from supportbot.errors import DeliveryError

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_USER = 10003, 10008, 10015, 10013
MISSING_ACCESS, CANNOT_WRITE_TO_USER, MISSING_PERMISSIONS = 50001, 50007, 50013
INVALID_WEBHOOK_TOKEN, ARCHIVED, UNKNOWN_INTERACTION = 50027, 50083, 10062
THREAD_IS_THERE, TOO_MANY_THREADS, NO_HISTORY = 160004, 160006, 160002
INVALID_FORM, BLOCKED, TITLE_BLOCKED, HARMFUL_LINK = 50035, 200000, 200001, 240000
"""Codes of refusals. Source: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json"""
NAME_REFUSED = frozenset({INVALID_FORM, BLOCKED, TITLE_BLOCKED, HARMFUL_LINK})
"""What Discord says to a name that is none, or has words that the server does not want."""
CANNOT_OPEN = frozenset({*NAME_REFUSED, MISSING_PERMISSIONS, TOO_MANY_THREADS})
"""What Discord says where no thread can be opened although the message is there."""
NO_REPLY = frozenset({NO_HISTORY, MISSING_PERMISSIONS})
"""What Discord says where a message cannot refer to another one."""
_NOT_FOR_GOOD = frozenset({401, 408, 429})
_BANNED_FOR = timedelta(minutes=1)
"""Without another word, after a refusal that says nothing of when it ends."""
_REFUSED_FROM, _BROKEN_FROM = 400, 500
_REASONS = {
    CANNOT_WRITE_TO_USER: "they take no direct messages",
    MISSING_ACCESS: "the bot cannot see the channel",
    MISSING_PERMISSIONS: "the bot lacks a permission there; supportbot doctor says which",
    UNKNOWN_CHANNEL: "there is no such channel or thread",
    UNKNOWN_MESSAGE: "the message is gone",
}


@contextmanager
def told() -> Iterator[None]:
    """Return what Discord or the way to it refuses.

    Raises:
        DeliveryError: Instead of what discord.py raises; permanent where it stays so.
    """
    try:
        yield
    except discord.RateLimited as error:
        after = timedelta(seconds=error.retry_after)
        raise DeliveryError(_TOO_MANY, permanent=False, retry_after=after) from error
    except discord.LoginFailure as error:
        reason = "Discord refuses the token of the bot"
        raise DeliveryError(reason, permanent=False) from error
    except discord.HTTPException as error:
        raise _refusal(error) from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        reason = f"Discord cannot be reached ({type(error).__name__})"
        raise DeliveryError(reason, permanent=False) from error


_TOO_MANY = "too many requests"


def _refusal(error: discord.HTTPException) -> DeliveryError:
    if error.status == 429:  # noqa: PLR2004 - too many requests
        # discord.py waits for what it is told to; this one came from what stands before Discord.
        return DeliveryError(_TOO_MANY, permanent=False, retry_after=_retry_after(error))
    reason = _REASONS.get(error.code) or f"{error.status} {error.text or 'without a word'}"[:200]
    is_refused = _REFUSED_FROM <= error.status < _BROKEN_FROM
    return DeliveryError(reason, permanent=is_refused and error.status not in _NOT_FOR_GOOD)


def _retry_after(error: discord.HTTPException) -> timedelta:
    said = error.response.headers.get("Retry-After", "")
    try:
        return timedelta(seconds=float(said))
    except (ValueError, OverflowError):
        return _BANNED_FOR
