"""What the bot may do with messages: `chat.*` and `reactions.*`.

https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

import json
import re
import secrets
from typing import Any

from tests.slack.api import Request, method
from tests.slack.blocks import MOST_CHARACTERS, measure, problems_of_message
from tests.slack.model import JSON, Channel, Kind, Message, refuse
from tests.slack.workspace import Workspace

MOST_TEXT = 40_000
MOST_MARKDOWN = 12_000
MOST_METADATA = 16_000
"""Characters of metadata as JSON. Slack names no number; this is the order that people report."""


@method("chat.postMessage", "chat:write")
def post_message(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/chat.postMessage"""
    channel = _writable_channel(request)
    content = read_content(request)
    root = find_root(request.workspace, channel, request.text("thread_ts"))
    subtype = "thread_broadcast" if root and request.flag("reply_broadcast") else ""
    message = say_as_bot(request.workspace, channel, content, root=root, subtype=subtype)
    for name in ("unfurl_links", "unfurl_media", "mrkdwn", "parse", "link_names"):
        if name in request.arguments:
            message.options[name] = request.flag(name)
    shown = request.workspace.message_json(message, with_metadata=True)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    user = request.required("user")
    channel = request.channel()
    if channel.archived:
        refuse("is_archived")
    if request.bot.id not in channel.members:
        refuse("not_in_channel")
    if user not in channel.members:
        refuse("user_not_in_channel")
    content = read_content(request)
    root = find_root(request.workspace, channel, request.text("thread_ts"))
    message = whisper(request.workspace, channel, user, content, root=root)
    return {"ok": True, "message_ts": message.ts}


@method("chat.update", "chat:write")
def update(request: Request) -> JSON:
    """Change a message of the bot's own. https://docs.slack.dev/reference/methods/chat.update

    A text without blocks takes the blocks away; blocks without a text leave the text. Only a
    change by text alone is marked as edited.
    """
    channel = request.channel()
    message = request.message(channel, "ts")
    if message.user != request.bot.id or message.subtype == "tombstone":
        refuse("cant_update_message")
    if channel.archived:
        refuse("is_archived")
    fields = read_content(request)
    given = {name: value for name, value in fields.items() if name in request.arguments}
    if fields["text"]:
        given |= {"text": fields["text"], "blocks": fields["blocks"]}
    has_blocks = bool(fields["blocks"])
    request.workspace.change(message, request.bot.id, shows=not has_blocks, **given)
    shown = request.workspace.message_json(message, with_metadata=True)
    answer = {"ok": True, "channel": channel.id, "ts": message.ts, "text": message.text}
    return answer | {"message": shown}


@method("chat.delete", "chat:write")
def delete(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/chat.delete"""
    channel = request.channel()
    message = request.message(channel, "ts")
    if message.user != request.bot.id or message.subtype == "tombstone":
        refuse("cant_delete_message")
    request.workspace.delete(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/chat.getPermalink"""
    channel = request.channel()
    message = request.message(channel, "message_ts")
    link = permalink(request.workspace, message)
    return {"ok": True, "channel": channel.id, "permalink": link}


@method("reactions.add", "reactions:write")
def add_reaction(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/reactions.add"""
    channel = request.channel()
    message = request.message(channel, "timestamp")
    request.workspace.react(message, request.bot.id, request.required("name").strip(":"))
    return {"ok": True}


@method("reactions.remove", "reactions:write")
def remove_reaction(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/reactions.remove"""
    channel = request.channel()
    message = request.message(channel, "timestamp")
    request.workspace.unreact(message, request.bot.id, request.required("name").strip(":"))
    return {"ok": True}


@method("reactions.get", "reactions:read")
def get_reactions(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/reactions.get"""
    channel = request.channel()
    message = request.message(channel, "timestamp")
    shown = request.workspace.message_json(message)
    return {"ok": True, "type": "message", "channel": channel.id, "message": shown}


def permalink(workspace: Workspace, message: Message) -> str:
    link = f"https://{workspace.domain}.slack.com/archives/{message.channel}/p"
    link += message.ts.replace(".", "")
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return link


def say_as_bot(
    workspace: Workspace,
    channel: Channel,
    content: JSON,
    *,
    root: Message | None = None,
    subtype: str = "",
) -> Message:
    """Post with what the app's own messages carry."""
    thread_ts = root.ts if root else ""
    more = bot_fields(workspace)
    return workspace.post(
        channel, workspace.bot.id, **content, thread_ts=thread_ts, subtype=subtype, more=more
    )


def whisper(
    workspace: Workspace, channel: Channel, user: str, content: JSON, *, root: Message | None = None
) -> Message:
    """Say something that one person sees; history keeps nothing of it."""
    message = Message(
        channel.id,
        workspace.new_ts(),
        workspace.bot.id,
        **content,
        thread_ts=root.ts if root else "",
        more=bot_fields(workspace) | {"is_ephemeral": True},
        ephemeral_to=user,
    )
    workspace.ephemerals.append(message)
    return message


def bot_fields(workspace: Workspace) -> JSON:
    bot = workspace.bot
    return {
        "bot_id": bot.bot_id,
        "app_id": bot.app_id,
        "bot_profile": {
            "id": bot.bot_id,
            "app_id": bot.app_id,
            "name": bot.real_name,
            "deleted": False,
            "team_id": workspace.id,
            "updated": 1_700_000_000,
            "icons": {},
        },
    }


def find_root(workspace: Workspace, channel: Channel, thread_ts: str) -> Message | None:
    """Find the first message of a thread.

    One that was deleted gives None, and the reply goes to the channel without a word:
    https://github.com/slack-go/slack/issues/1571
    """
    message = workspace.messages.get((channel.id, thread_ts))
    if message and message.is_reply:
        message = workspace.messages.get((channel.id, message.thread_ts))
    if message and message.subtype.startswith(_WITHOUT_THREADS):
        refuse("cannot_reply_to_message")
    return None if message is None or message.deleted else message


_WITHOUT_THREADS = ("channel_", "group_")
"""How the subtypes of what Slack says of a channel begin."""


def read_content(request: Request) -> JSON:
    """Read text, blocks, attachments and metadata, and refuse what Slack refuses."""
    return check_content(
        text=request.text("text"),
        blocks=request.json("blocks", "invalid_blocks_format"),
        attachments=request.json("attachments", "invalid_attachments"),
        metadata=request.json("metadata", "invalid_metadata_format"),
        markdown=request.text("markdown_text"),
    )


def check_content(
    *,
    text: str,
    blocks: Any = None,
    attachments: Any = None,
    metadata: Any = None,
    markdown: str = "",
) -> JSON:
    """Return what a message holds, or refuse it."""
    if markdown:
        if text or blocks:
            refuse("markdown_text_conflict")
        if len(markdown) > MOST_MARKDOWN:
            refuse("msg_too_long")
        text = markdown
    if len(text) > MOST_TEXT:
        refuse("msg_too_long")
    if not (text.strip() or blocks or attachments):
        refuse("no_text")
    if blocks:
        if not isinstance(blocks, list):
            refuse("invalid_blocks_format")
        if problems := problems_of_message(blocks):
            messages = [f"[ERROR] {problem}" for problem in problems]
            refuse("invalid_blocks", response_metadata={"messages": messages})
        if measure(blocks) > MOST_CHARACTERS:
            refuse("msg_blocks_too_long")
    return {
        "text": text,
        "blocks": name_blocks(blocks or []),
        "attachments": attachments or [],
        "metadata": _check_metadata(metadata) or {},
    }


def _check_metadata(metadata: Any) -> JSON | None:
    if metadata is None or metadata == {}:
        return None
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        refuse("invalid_metadata_format")
    if len(json.dumps(metadata)) > MOST_METADATA:
        refuse("metadata_too_large")
    # A type with other characters is accepted, and the metadata is not kept:
    # https://github.com/slackapi/bolt-python/issues/863
    return dict(metadata) if re.fullmatch(r"[\w-]+", metadata["event_type"]) else None


def name_blocks(blocks: list[JSON]) -> list[JSON]:
    """Return each block an id, as Slack does with those that have none."""
    return [{"block_id": secrets.token_urlsafe(4)} | block for block in blocks]


def _writable_channel(request: Request) -> Channel:
    said = request.required("channel")
    is_person = said in request.workspace.users
    channel = request.workspace.dm(said) if is_person else request.channel()
    if channel.archived:
        refuse("is_archived")
    if request.bot.id not in channel.members and (
        channel.kind is not Kind.PUBLIC or "chat:write.public" not in request.installation.scopes
    ):
        refuse("not_in_channel")
    return channel
