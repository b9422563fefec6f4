"""Discord's components as HTML. Pure.

What is not known here raises: nothing that the bot sends is left out of a picture.
"""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from html import escape
from typing import Any

from tests.pictures.paper import Drawn, NotDrawnError, element, page_of

Json = Mapping[str, Any]
Names = Mapping[int, str]
"""What people are called, by their ids."""


class Kind(IntEnum):
    """Discord's numbers for components."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    TEXT = 10
    CONTAINER = 17
    LABEL = 18


_EPHEMERAL = 1 << 6
_STYLE = """
body { background: #313338; color: #dbdee1;
  font: 16px/1.375 "gg sans", "Noto Sans", sans-serif; }
.avatar { border-radius: 50%; }
.name { color: #f2f3f5; font-weight: 600; }
.badge { margin-left: 6px; padding: 1px 5px; border-radius: 3px; background: #5865f2; color: #fff;
  font-size: 10px; font-weight: 600; vertical-align: 2px; }
.note { color: #949ba4; font-size: 12px; }
.container { background: #2b2d31; border: 1px solid #3f4147; border-radius: 8px;
  padding: 12px 14px; margin: 4px 0; display: flex; flex-direction: column; gap: 8px; }
a { color: #00a8fc; text-decoration: none; }
.user { background: #3c4270; color: #c9cdfb; border-radius: 3px; padding: 0 2px; }
blockquote { margin: 2px 0; padding-left: 12px; border-left: 4px solid #4e5058;
  white-space: pre-wrap; }
pre, code { font-family: "Noto Sans Mono", "DejaVu Sans Mono", monospace; font-size: 13px;
  background: #1e1f22; border-radius: 4px; }
pre { padding: 8px; } code { padding: 1px 3px; }
.small { color: #949ba4; font-size: 13px; }
h3 { font-size: 17px; margin: 4px 0 2px; color: #f2f3f5; }
ul { margin: 2px 0; padding-left: 22px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; }
.button { background: #4e5058; color: #fff; border-radius: 8px; padding: 5px 14px;
  font-size: 14px; font-weight: 500; }
.primary { background: #5865f2; }
.menu { flex: 1; background: #1e1f22; border: 1px solid #3f4147; border-radius: 8px;
  padding: 8px 12px; color: #949ba4; display: flex; justify-content: space-between; }
.menu::after { content: "\\25BE"; }
.label { font-weight: 600; } .input { background: #1e1f22; padding: 8px; min-height: 36px; }
"""


def discord_page(messages: Sequence[Drawn]) -> str:
    """Return a page that looks like a thread in Discord."""
    return page_of(messages, _STYLE, width=600, badge="APP")


def drawn_message(message: Json, author: str, names: Names, *, is_bot: bool = False) -> Drawn:
    """Draw a message as it was posted: its text, and its components."""
    html = markdown(message["content"], names) if message["content"] else ""
    html += drawn_components(message["components"], names)
    is_hidden = bool(message["flags"] & _EPHEMERAL)
    return Drawn(author, html, is_bot=is_bot, note="Only you can see this" if is_hidden else "")


def drawn_components(components: Sequence[Json], names: Names) -> str:
    """Draw the components of a message or of a form."""
    return "\n".join(_component(one, names) for one in components)


def _component(one: Json, names: Names) -> str:
    match one["type"]:
        case Kind.CONTAINER | Kind.ROW as kind:
            inside = drawn_components(one["components"], names)
            return element("div", inside, Kind(kind).name.lower())
        case Kind.TEXT:
            return element("div", markdown(one["content"], names))
        case Kind.BUTTON:
            style = {1: "button primary", 2: "button"}[one["style"]]
            return element("span", escape(one["label"]), style)
        case Kind.STRING_SELECT | Kind.USER_SELECT:
            chosen = [option["label"] for option in one.get("options", ()) if option.get("default")]
            return element("span", escape(", ".join(chosen) or one.get("placeholder", "")), "menu")
        case Kind.LABEL | Kind.TEXT_INPUT:
            return _of_a_form(one, names)
        case kind:
            raise NotDrawnError(kind)


def _of_a_form(one: Json, names: Names) -> str:
    if one["type"] == Kind.TEXT_INPUT:
        return element("div", escape(one.get("value", "")), "input")
    label = element("div", escape(one["label"]), "label")
    hint = element("div", escape(one.get("description", "")), "small")
    return f"{label}{hint}{_component(one['component'], names)}"


_FENCED = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_LINES = (("> ", "blockquote", ""), ("### ", "h3", ""), ("-# ", "div", "small"), ("- ", "ul", ""))


def markdown(text: str, names: Names) -> str:
    """Draw what Discord makes of a text."""
    pieces = _FENCED.split(text)
    return "".join(
        element("pre", escape(piece)) if number % 2 else _paragraphs(piece, names)
        for number, piece in enumerate(pieces)
    )


def _paragraphs(text: str, names: Names) -> str:
    """Draw lines; neighbours of one kind are one quotation, or one list."""
    groups: list[tuple[str, list[str]]] = []
    for line in text.strip("\n").split("\n"):
        sign = next((sign for sign, *_ in _LINES if line.startswith(sign)), "")
        if not groups or groups[-1][0] != sign:
            groups.append((sign, []))
        groups[-1][1].append(line.removeprefix(sign))
    return "".join(_group(sign, lines, names) for sign, lines in groups if any(lines))


def _group(sign: str, lines: Sequence[str], names: Names) -> str:
    name, kind = next(((name, kind) for one, name, kind in _LINES if one == sign), ("div", "text"))
    if name == "ul":
        return element("ul", "".join(element("li", _inline(line, names)) for line in lines))
    return element(name, _inline("\n".join(lines), names), kind)


_INLINE = re.compile(
    r"\\(?P<escaped>[^\w\s])"
    r"|`` (?P<ticks>.+?) ``|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<b>(?:\\.|[^\\])+?)\*\*|~~(?P<s>(?:\\.|[^\\])+?)~~|\*(?P<i>(?:\\.|[^\\*])+)\*"
    r"|\[(?P<label>(?:\\.|[^\]\\])+)\]\(<?(?P<url>[^)\s>]+)>?\)"
    r"|<@!?(?P<user>\d+)>|<#(?P<channel>\d+)>|<?(?P<bare>https?://[^\s>)]+)>?"
)


def _inline(text: str, names: Names) -> str:
    shown, end = "", 0
    for found in _INLINE.finditer(text):
        shown += escape(text[end : found.start()]) + _live(found, names)
        end = found.end()
    return shown + escape(text[end:])


def _live(found: re.Match[str], names: Names) -> str:
    kind = str(found.lastgroup)
    if kind == "url":
        return element("a", _inline(found["label"], names))
    inside = found[kind]
    match kind:
        case "escaped":
            return escape(inside)
        case "ticks" | "code":
            return element("code", escape(inside))
        case "user" | "channel":
            called = names[int(inside)] if kind == "user" else names.get(int(inside), "channel")
            sign = "@" if kind == "user" else "#"
            return element("span", escape(f"{sign}{called}"), "user")
        case "bare":
            return element("a", escape(inside))
        case _:
            return element(kind, _inline(inside, names))
