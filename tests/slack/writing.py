"""Text as Slack's own client writes it into `blocks`."""

import re

from tests.slack.model import JSON

_PART = re.compile(r"<(?P<sigil>[@#!]?)(?P<what>[^>|]+)(?:\|(?P<label>[^>]*))?>")


def rich_text(text: str) -> list[JSON]:
    """Return the `rich_text` block for a text with mentions and links."""
    if not text:
        return []
    elements: list[JSON] = []
    end = 0
    for part in _PART.finditer(text):
        elements += _plain(text[end : part.start()])
        elements.append(_element(part["sigil"], part["what"], part["label"] or ""))
        end = part.end()
    elements += _plain(text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": f"b{len(text)}", "elements": [section]}]


def _plain(text: str) -> list[JSON]:
    readable = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": readable}] if text else []


def _element(sigil: str, what: str, label: str) -> JSON:
    match sigil:
        case "@":
            return {"type": "user", "user_id": what}
        case "#":
            return {"type": "channel", "channel_id": what}
        case "!":
            return {"type": "broadcast", "range": what}
        case _:
            return {"type": "link", "url": what} | ({"text": label} if label else {})
