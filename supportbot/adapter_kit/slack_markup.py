"""How Slack writes texts and moments: read alike live and from an export. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from supportbot.adapter_kit.slack_blocks import text_of_blocks
from supportbot.domain.chat.quotations import quotation_of

APPROVALS = frozenset({"white_check_mark", "heavy_check_mark", "ballot_box_with_check"})
"""Reactions that mark a reply as what solved it."""
REFUSALS = frozenset(
    {"x", "negative_squared_cross_mark", "heavy_multiplication_x", "-1", "thumbsdown"}
)
"""Reactions that mark a reply as wrong. A tone of skin follows some of them."""

_MOMENT = re.compile(r"(\d{1,10})\.(\d{1,6})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKUP = re.compile(r"<([^<>]+)>")


def own_words(message: Mapping[str, Any]) -> str:
    """Return what a message's author wrote, in Slack's markup, for `plain_text` and `mentions_in`.

    That is its text; where it has none, what its blocks say; and what an app added for its author
    as attachments. The preview of a link is nobody's words, and what is forwarded is another's:
    see `quoted_words`.
    """
    text = _text(message, "text")
    if not text or text in _STAND_INS:
        text = text_of_blocks(message.get("blocks")) or text
    added = (
        _said_in(attachment)
        for attachment in _objects(message, "attachments")
        if not _is_forwarded(attachment) and not _is_preview(attachment)
    )
    return "\n".join((text, *(one for one in added if one not in text))).strip()


def quoted_words(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a message forwards of others, quoted with its author as people read it.

    Args:
        message: As Slack has it, live or in an export.
        names: As for `plain_text`.
    """
    quotations = (
        quotation_of(plain_text(_said_in(attachment), names), _author_of(attachment, names))
        for attachment in _objects(message, "attachments")
        if _is_forwarded(attachment)
    )
    return "\n\n".join(filter(None, quotations))


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Return Slack's markup as people read it.

    Args:
        text: With Slack's markup.
        names: What the ids of users and channels stand for.
    """
    shown = _MARKUP.sub(lambda match: _shown(match.group(1), names), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def mentions_in(text: str) -> tuple[str, ...]:
    """Return the user ids that a text names, each once, in their order."""
    targets = (match.group(1).partition("|")[0] for match in _MARKUP.finditer(text))
    return tuple(dict.fromkeys(t[1:] for t in targets if t.startswith("@") and t[1:]))


def names_of_user(user: Mapping[str, object]) -> Iterator[object]:
    """Yield the names of a user object, that which people read first; some may be none."""
    profile = user.get("profile")
    if isinstance(profile, Mapping):
        yield profile.get("display_name")
        yield profile.get("real_name")
    yield user.get("display_name")
    yield user.get("real_name")
    yield user.get("name")


def moment_of_ts(ts: object) -> datetime | None:
    """Read a `ts` such as `1772442000.000100`, exact to the microsecond; None when it is none."""
    match = _MOMENT.fullmatch(ts) if isinstance(ts, str) and ts.isascii() else None
    if match is None:
        return None
    seconds, fraction = match.groups()
    try:
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0")))
    except OverflowError:
        return None


def _shown(markup: str, names: Mapping[str, str]) -> str:
    target, _, label = markup.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or names.get(target[1:]) or target[1:]}"
        case "#":
            return f"#{label or names.get(target[1:]) or target[1:]}"
        case "!":
            command = target[1:].split("^")[0]
            return label or f"@{command}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label != address else address


_NO_PREVIEW = "[no preview available]"
_STAND_INS = frozenset({"This content can't be displayed.", _NO_PREVIEW})
"""What Slack writes in the place of a text when an app gave only blocks or attachments."""


def _is_forwarded(attachment: Mapping[str, Any]) -> bool:
    """Whether it is another message that its reader may see too.

    Slack marks what only members of a private channel may see; what its author shared on purpose
    is for everybody.
    """
    if attachment.get("private_channel_prompt") is True and attachment.get("is_share") is not True:
        return False
    marks = (attachment.get(mark) for mark in ("is_share", "is_msg_unfurl", "message_blocks"))
    return any(mark is True or (isinstance(mark, list) and mark) for mark in marks)


def _is_preview(attachment: Mapping[str, Any]) -> bool:
    marks = ("from_url", "original_url", "is_app_unfurl", "is_msg_unfurl", "private_channel_prompt")
    return any(attachment.get(mark) for mark in marks)


def _said_in(attachment: Mapping[str, Any]) -> str:
    """Find the words of an attachment, in Slack's markup; the name of a file where it has none."""
    text = "\n".join(filter(None, _lines_of(attachment)))
    shared = (_object(one, "message") for one in _objects(attachment, "message_blocks"))
    return (
        text
        or "\n".join(filter(None, (text_of_blocks(one.get("blocks")) for one in shared)))
        or text_of_blocks(attachment.get("blocks"))
        or "\n".join(f"[file: {_text(file, 'name')}]" for file in _named_files(attachment))
        or _text(attachment, "fallback").removeprefix(_NO_PREVIEW)
    )


def _lines_of(attachment: Mapping[str, Any]) -> Iterator[str]:
    for name in ("pretext", "title", "text"):
        yield _text(attachment, name)
    for field in _objects(attachment, "fields"):
        yield ": ".join(filter(None, (_text(field, "title"), _text(field, "value"))))


def _named_files(attachment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (file for file in _objects(attachment, "files") if _text(file, "name"))


def _author_of(attachment: Mapping[str, Any], names: Mapping[str, str]) -> str:
    given = (_text(attachment, "author_name"), _text(attachment, "author_subname"))
    return names.get(_text(attachment, "author_id")) or next(filter(None, given), "")


def _objects(holder: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    value = holder.get(name)
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value.strip() if isinstance(value, str) else ""
