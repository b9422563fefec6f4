"""What the blocks of a Slack message say, in Slack's markup. Pure.

Slack's own composer sends blocks beside the text; apps may send blocks alone.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count, repeat
from typing import Any

_Part = Mapping[str, Any]


def text_of_blocks(blocks: object) -> str:
    """Return what people read in blocks, a line or more for each; empty where they say nothing."""
    return _lines(_block(block) for block in _objects(blocks))


def _block(block: _Part) -> str:
    match block.get("type"):
        case "rich_text":
            return _lines(_rich_part(part) for part in _objects(block.get("elements")))
        case "actions" | "context_actions" | "divider" | "file" | "input":
            return ""
        case "image" | "video":
            return _composed(block.get("title")) or _escaped(_text(block, "alt_text"))
        case "table":
            rows = block.get("rows")
            return _lines(map(_row, rows)) if isinstance(rows, list) else ""
        case _:
            return _lines(_parts(block))


def _parts(block: _Part) -> Iterator[str]:
    """Read sections, headers, contexts and what is new by the parts that blocks have in common."""
    yield _composed(block.get("title"))
    yield _composed(block.get("text"))
    for name in ("fields", "elements"):
        yield from map(_composed, _objects(block.get(name)))


def _composed(value: object) -> str:
    """Read a text object, or a text: only one that calls itself plain has no markup."""
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, Mapping):
        return ""
    text = _text(value, "text").strip()
    return _escaped(text) if value.get("type") == "plain_text" else text


def _row(row: object) -> str:
    return " | ".join(_cell(cell) for cell in _objects(row))


def _cell(cell: _Part) -> str:
    text = _block(cell) if cell.get("type") == "rich_text" else _escaped(_text(cell, "text"))
    return " ".join(text.split())


def _rich_part(part: _Part) -> str:
    elements = tuple(_objects(part.get("elements")))
    match part.get("type"):
        case "rich_text_list":
            return _rich_list(part, elements)
        case "rich_text_quote":
            return _lines(f"&gt; {line}" for line in _inline(elements).splitlines())
        case "rich_text_preformatted":
            code = _inline(elements).strip("\n")
            return f"```\n{code}\n```" if code else ""
        case _:
            return _inline(elements).strip("\n")


def _rich_list(part: _Part, items: Iterable[_Part]) -> str:
    level, offset = part.get("indent"), part.get("offset")
    margin = "    " * min(level, _DEEPEST) if isinstance(level, int) else ""
    first = 1 + (offset if isinstance(offset, int) else 0)
    is_ordered = part.get("style") == "ordered"
    signs = (f"{number}." for number in count(first)) if is_ordered else repeat("•")
    return _lines(
        f"{margin}{sign} {_rich_part(item)}" for sign, item in zip(signs, items, strict=False)
    )


_DEEPEST = 8
"""Levels of lists that are shown; Slack's composer has nine."""


def _inline(elements: Iterable[_Part]) -> str:
    return "".join(map(_element, elements))


_NAMED = {
    "user": ("@", "user_id"),
    "channel": ("#", "channel_id"),
    "usergroup": ("!subteam^", "usergroup_id"),
    "broadcast": ("!", "range"),
}
"""How Slack's markup writes what an element names: a character, and the id in this field."""
_SHOWN_BY = {"date": "fallback", "color": "value"}


def _element(element: _Part) -> str:
    kind = str(element.get("type"))
    if kind in _NAMED:
        character, name = _NAMED[kind]
        return _marked(character + _text(element, name)) if _text(element, name) else ""
    if kind == "emoji":
        return f":{_text(element, 'name')}:"
    text = _escaped(_text(element, _SHOWN_BY.get(kind, "text")))
    if kind == "link":
        return _marked(_text(element, "url"), text)
    style = element.get("style")
    is_code = isinstance(style, Mapping) and style.get("code") is True
    return f"`{text}`" if is_code and text else text


def _marked(target: str, label: str = "") -> str:
    if not target:
        return label
    return f"<{target}|{label}>" if label else f"<{target}>"


def _escaped(text: str) -> str:
    """Write the three characters that Slack's markup takes for itself as Slack writes them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _objects(value: object) -> Iterator[_Part]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))


def _text(holder: _Part, name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
