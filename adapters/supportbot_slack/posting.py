"""Posting a message once: it carries its id, and is looked for before it is posted again."""

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from supportbot.errors import DeliveryError
from supportbot_slack.workspace import RefusalError, Search, Workspace

EVENT_TYPE = "supportbot_message"
"""Kind of the metadata that holds our id.

Source: https://docs.slack.dev/messaging/message-metadata
"""
_PAGE = 200
_MOST_SEEN = 1_000
"""Messages of a channel that are looked through; a thread is looked through whole."""


async def post(
    workspace: Workspace,
    channel: str,
    thread: str | None,
    message_id: str,
    rendered: Mapping[str, Any],
) -> str:
    """Post a message that is not there yet; gives its `ts`.

    Raises:
        DeliveryError: Slack refused or did not answer; it may be there all the same.
    """
    posted = await workspace.call(
        "chat.postMessage",
        channel=channel,
        thread_ts=thread,
        metadata=_named(message_id),
        unfurl_links=False,
        unfurl_media=False,
        **rendered,
    )
    ts = str(posted["ts"])
    # Slack says nothing of a thread that is gone: it shows the reply to the whole channel.
    # https://github.com/slack-go/slack/issues/1571
    if thread and not (posted.get("message") or {}).get("thread_ts"):
        await _take_back(workspace, channel, ts)
    return ts


async def _take_back(workspace: Workspace, channel: str, ts: str) -> NoReturn:
    """Delete what stands in the channel instead of in its thread.

    Raises:
        DeliveryError: Always, since nothing is delivered; for good once it is deleted.
    """
    try:
        await workspace.call("chat.delete", channel=channel, ts=ts)
    except RefusalError as error:
        if error.code != "message_not_found":
            raise
    reason = "its thread was deleted"
    raise DeliveryError(reason, permanent=True)


def _named(message_id: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"id": message_id}}


async def update(
    workspace: Workspace, channel: str, ts: str, message_id: str, rendered: Mapping[str, Any]
) -> str:
    """Let a message that is there say something else; the same however often it is called.

    Raises:
        DeliveryError: Slack refused or did not answer.
    """
    await workspace.call(
        "chat.update",
        channel=channel,
        ts=ts,
        metadata=_named(message_id),
        **rendered,
    )
    return ts


async def take_buttons_off(
    workspace: Workspace, channel: str, thread: str | None, ts: str, left: Collection[str]
) -> str:
    """Take off a message what may be pressed, but for what is called so; its words stay.

    What is gone from Slack has nothing to press.

    Raises:
        DeliveryError: Slack refused or did not answer.
    """
    listed = await workspace.ask(
        "conversations.replies",
        channel=channel,
        ts=thread or ts,
        oldest=ts,
        latest=ts,
        inclusive="true",
        include_all_metadata="true",
        limit=_PAGE,
    )
    said = next((one for one in listed.get("messages") or () if one.get("ts") == ts), None)
    if said is None:
        return ts
    blocks = [kept for block in said.get("blocks") or () if (kept := _without(block, left))]
    more = {"metadata": said["metadata"]} if said.get("metadata") else {}
    text = said.get("text") or "…"
    await workspace.call("chat.update", channel=channel, ts=ts, text=text, blocks=blocks, **more)
    return ts


def _without(block: Mapping[str, Any], left: Collection[str]) -> dict[str, Any]:
    """Take what may be pressed out of a block; empty where nothing is left of it."""
    if block.get("type") != "actions":
        return dict(block)
    elements = [one for one in block.get("elements") or () if one.get("action_id") in left]
    return {**block, "elements": elements} if elements else {}


async def show_alone(
    workspace: Workspace,
    channel: str,
    user: str,
    rendered: Mapping[str, Any],
    *,
    thread: str | None = None,
) -> str:
    """Show something to one person in the middle of a channel, or of a thread.

    Where the bot, or that person, is not in the channel, it is a direct message.

    Slack keeps nothing of it, so that it cannot be asked whether it was shown: after a lost answer
    it may be shown twice.

    Raises:
        DeliveryError: Slack refused or did not answer.
    """
    try:
        shown = await workspace.call(
            "chat.postEphemeral", channel=channel, user=user, thread_ts=thread, **rendered
        )
    except DeliveryError as error:
        if not error.permanent:
            raise
        direct = await workspace.direct_channel(user)
        shown = await workspace.call("chat.postMessage", channel=direct, **rendered)
        return str(shown["ts"])
    return str(shown.get("message_ts") or "")


async def enter(workspace: Workspace, channel: str) -> None:
    """Be in a channel, so that the replies there are heard: an open one is joined.

    Raises:
        DeliveryError: The bot may not be in it, for good; or Slack did not answer.
    """
    found = (await workspace.ask("conversations.info", channel=channel)).get("channel") or {}
    if found.get("is_member") is True or found.get("is_im") is True:
        return
    if found.get("is_channel") is not True or found.get("is_private") is True:
        reason = "the bot is not in that channel"
        raise DeliveryError(reason, permanent=True)
    try:
        await workspace.call("conversations.join", channel=channel)
    except RefusalError as error:
        # Nothing is asked where no reply would be heard.
        raise DeliveryError(str(error), permanent=True) from error


async def respond(workspace: Workspace, url: str, user: str, rendered: Mapping[str, Any]) -> None:
    """Tell something to the one who has just pressed or typed something, and to nobody else.

    Args:
        workspace: Where they did it.
        url: The `response_url` that came with it.
        user: Who they are: they are told alone with the bot where the address does not work.
        rendered: What to tell.

    Raises:
        DeliveryError: They cannot be told.
    """
    alone = {"response_type": "ephemeral", "replace_original": False}
    if await workspace.respond(url, {**rendered, **alone}):
        return
    direct = await workspace.direct_channel(user)
    await workspace.call("chat.postMessage", channel=direct, **rendered)


async def publish(workspace: Workspace, user: str, view: Mapping[str, Any]) -> str:
    """Show somebody their Home tab; the same however often it is called.

    Raises:
        DeliveryError: Slack refused or did not answer.
    """
    published = await workspace.call("views.publish", user_id=user, view=view)
    return str((published.get("view") or {}).get("id") or "")


async def open_modal(workspace: Workspace, trigger: str, view: Mapping[str, Any]) -> None:
    """Show a form to somebody who has just pressed something.

    Raises:
        DeliveryError: Slack refused, or did not answer within the three seconds that it gives.
    """
    await workspace.call("views.open", trigger_id=trigger, view=view)


async def find_posted(
    workspace: Workspace, channel: str, thread: str | None, message_id: str
) -> str:
    """Return the `ts` of a message that was posted before; empty when it was not.

    Raises:
        DeliveryError: Slack does not say, or its thread is gone.
    """
    try:
        return await _find(workspace, channel, thread, message_id)
    except RefusalError as error:
        if error.code == "thread_not_found" and thread:
            if astray := await _find(workspace, channel, None, message_id):
                await _take_back(workspace, channel, astray)
        elif not error.permanent:
            raise
    # There is no such thread, or no such channel: posting into it says so once more.
    return ""


async def _find(workspace: Workspace, channel: str, thread: str | None, message_id: str) -> str:
    """Look through a thread or a channel, from where the last look was interrupted."""
    method = "conversations.replies" if thread else "conversations.history"
    searches, key = workspace.searches, f"{channel}/{thread}/{message_id}"
    while True:
        begun = searches.setdefault(key, Search())
        try:
            page = await workspace.ask(
                method,
                channel=channel,
                ts=thread,
                cursor=begun.cursor,
                limit=_PAGE,
                include_all_metadata="true",
            )
        except RefusalError:
            del searches[key]
            raise
        said = page.get("messages") or []
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        searches[key] = now = Search(cursor, begun.seen + len(said))
        found = next((str(one["ts"]) for one in said if _is_named(one, message_id)), "")
        if found or not cursor or (not thread and now.seen >= _MOST_SEEN):
            del searches[key]
            return found


def _is_named(said: Mapping[str, Any], message_id: str) -> bool:
    payload = (said.get("metadata") or {}).get("event_payload") or {}
    return bool(payload.get("id") == message_id)
