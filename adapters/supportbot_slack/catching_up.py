"""Bringing what was said while nobody listened: Slack tells of it once, to whoever is there.

What was deleted meanwhile is seen where replies are left, such as ours. Of the rest Slack keeps no
trace, and an adapter does not know what is held.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from supportbot.adapter_kit.storing import stored
from supportbot.domain.chat.events import Event
from supportbot.errors import DeliveryError
from supportbot.ports import Receive
from supportbot_slack.events import TOMBSTONE, listed_channels, needed_of_message, read_past
from supportbot_slack.refusals import NEEDS_A_PERSON
from supportbot_slack.workspace import RefusalError, Workspace, pages

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""What is read once more: clocks differ, and of what came last not everything may be stored."""
_PAGE = 200
_MOST_LISTED = 1_000
_WITH_PRIVATE = "public_channel,private_channel"
_KINDS = "public_channel,private_channel,mpim,im"
_PAUSE = timedelta(seconds=5)
_CLOCKS_DIFFER = timedelta(seconds=3)
"""As far as what we take for Slack's time may be from it."""
_FOR_NOW = NEEDS_A_PERSON | {
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
}
"""What Slack refuses until somebody has mended it, here or there."""


async def catch_up(
    workspace: Workspace, receive: Receive, *, since: datetime, oldest: datetime
) -> int:
    """Pass on what was said, edited, marked and deleted in the bot's channels after a moment.

    Args:
        workspace: Where to look.
        receive: Stores an event; what is stored already is stored once.
        since: The moment.
        oldest: Threads that began later are looked at for what was said since. After a gap that
            Slack has not bridged by sending again, they are looked at whole: an old answer may
            have been edited or marked.

    Returns:
        How many events were passed on.
    """
    workspace.forget_privacy()
    await _tell_what_is_open(workspace, receive)
    count = 0
    is_long = datetime.now(UTC) - since > 2 * OVERLAP
    for channel in [channel async for channel in _channels(workspace)]:
        for event in await _missed(workspace, channel, since, min(since, oldest), is_long=is_long):
            await stored(event, receive)
            count += 1
    return count


async def _tell_what_is_open(workspace: Workspace, receive: Receive) -> None:
    """Tell which channels everybody may see: Slack tells nobody later that one was closed."""
    # What is told of a channel from now on has to be newer, by Slack's clock.
    asked_at = workspace.clock.now() - _CLOCKS_DIFFER
    found = await _listed(workspace, _WITH_PRIVATE) or await _listed(workspace, "public_channel")
    if found is None:
        return
    workspace.note_listed(found)
    told = listed_channels(
        found, workspace.team, asked_at, now=datetime.now(UTC), walls=workspace.walls
    )
    await stored(told, receive)


async def _listed(workspace: Workspace, kinds: str) -> list[Mapping[str, Any]] | None:
    """Return the channels of some kinds; None where Slack refuses to list them."""
    listed = pages(
        partial(_until_answered, workspace), "conversations.list", types=kinds, limit=_MOST_LISTED
    )
    try:
        return [channel async for page in listed for channel in page.get("channels") or []]
    except RefusalError as error:
        log.warning("Slack does not say which channels are open: %s", error)
        return None


async def _missed(
    workspace: Workspace,
    channel: Mapping[str, Any],
    since: datetime,
    oldest: datetime,
    *,
    is_long: bool,
) -> list[Event]:
    """Read what was missed in a channel, oldest first."""
    id_ = str(channel.get("id"))
    threads, said = [], []
    looked_at = _ts(oldest if is_long else since)
    async for message in _messages(
        workspace, "conversations.history", channel=id_, oldest=_ts(oldest)
    ):
        said.append(message)
        if message.get("reply_count") and str(message.get("latest_reply", "")) > looked_at:
            threads.append(message)
    for first in threads:
        replies = _messages(
            workspace, "conversations.replies", channel=id_, ts=first["ts"], oldest=looked_at
        )
        said += [reply async for reply in replies if reply.get("ts") != first["ts"]]
    said.sort(key=lambda message: str(message.get("ts")))
    events: list[Event] = []
    for message in said:
        if not _has_changed(message, since):
            continue
        known = await workspace.known(needed_of_message(message))
        events.extend(read_past(message, channel, known, since=since, now=datetime.now(UTC)))
    return events


def _has_changed(message: Mapping[str, Any], since: datetime) -> bool:
    """Whether there can be news: for the others nobody has to be looked up.

    A tombstone does not say since when it stands there. What is stored already is stored once.
    """
    if message.get("subtype") == TOMBSTONE:
        return True
    edited = message.get("edited")
    moments = (message.get("ts"), edited.get("ts") if isinstance(edited, Mapping) else None)
    return bool(message.get("reactions")) or max(str(m or "") for m in moments) > _ts(since)


async def _channels(workspace: Workspace) -> AsyncIterator[Mapping[str, Any]]:
    ask = partial(_patiently, workspace)
    listed = pages(ask, "users.conversations", types=_KINDS, exclude_archived="true", limit=_PAGE)
    async for page in listed:
        for channel in page.get("channels") or []:
            yield channel


async def _messages(
    workspace: Workspace, method: str, **where: str
) -> AsyncIterator[Mapping[str, Any]]:
    async for page in pages(partial(_patiently, workspace), method, limit=_PAGE, **where):
        for message in page.get("messages") or []:
            yield message


async def _patiently(workspace: Workspace, method: str, **arguments: Any) -> Mapping[str, Any]:
    """Ask until Slack answers; what it refuses for good is passed over."""
    try:
        return await _until_answered(workspace, method, **arguments)
    except RefusalError as error:
        log.warning("something was not caught up with: %s", error)
        return {}


async def _until_answered(workspace: Workspace, method: str, **arguments: Any) -> Mapping[str, Any]:
    """Ask until Slack answers, for as long as it asks to wait each time.

    Raises:
        RefusalError: It says no for good.
    """
    while True:
        try:
            return await workspace.ask(method, **arguments)
        except DeliveryError as error:
            if isinstance(error, RefusalError) and error.code not in _FOR_NOW:
                raise
            log.info("catching up waits: %s", error)
            await asyncio.sleep((error.retry_after or _PAUSE).total_seconds())


def _ts(moment: datetime) -> str:
    return f"{moment.timestamp():.6f}"
