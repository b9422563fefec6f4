"""Slack's blocks as HTML. Pure.

What is not known here raises: nothing that the bot sends is left out of a picture.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tests.pictures.paper import Drawn, NotDrawnError, element, page_of

Json = Mapping[str, Any]
Names = Mapping[str, str]
"""What people are called, by their ids."""

_STYLE = """
body { background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Noto Sans", sans-serif; }
.avatar { border-radius: 8px; }
.name { font-weight: 900; }
.badge { margin-left: 6px; padding: 1px 4px; border-radius: 2px; background: #ebeaeb;
  color: #616061; font-size: 10px; font-weight: 700; }
.note { color: #616061; font-size: 13px; }
a { color: #1264a3; text-decoration: none; }
.user { background: #fff3d1; color: #1264a3; border-radius: 3px; padding: 0 2px; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid #ddd;
  white-space: pre-wrap; }
pre, code { font-family: "Noto Sans Mono", "DejaVu Sans Mono", monospace; font-size: 12px;
  background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; }
pre { padding: 8px; } code { padding: 1px 3px; color: #c01343; } pre code { border: 0; }
.context { color: #616061; font-size: 12px; margin: 4px 0; display: flex; flex-wrap: wrap;
  column-gap: 8px; }
ul, ol { margin: 2px 0; padding-left: 26px; }
.header { font-size: 18px; font-weight: 900; margin: 12px 0 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px; }
.button, .menu { border: 1px solid #bbb; border-radius: 8px; padding: 4px 12px; font-size: 13px;
  font-weight: 700; }
.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
.menu { font-weight: 400; } .menu::after { content: " \\25BE"; color: #616061; }
hr { border: 0; border-top: 1px solid #ddd; }
.label { font-weight: 700; margin-top: 12px; } .hint { color: #616061; font-size: 13px; }
.input { border: 1px solid #bbb; border-radius: 4px; padding: 6px 10px; min-height: 34px; }
"""


def slack_page(messages: Sequence[Drawn]) -> str:
    """Return a page that looks like a thread in Slack."""
    return page_of(messages, _STYLE, width=560, badge="APP")


def drawn_message(message: Json, author: str, names: Names, *, is_bot: bool = False) -> Drawn:
    """Draw a message as it was posted: its blocks, or its text where it has none."""
    html = drawn_blocks(message.get("blocks") or (), names)
    if not html:
        html = element("div", _mrkdwn(str(message["text"]), names), "text")
    note = "Only visible to you" if message.get("is_ephemeral") else ""
    return Drawn(author, html, is_bot=is_bot, note=note)


def drawn_blocks(blocks: Sequence[Json], names: Names) -> str:
    """Draw the blocks of a message, of a modal or of a Home tab."""
    return "\n".join(_block(block, names) for block in blocks)


def _block(block: Json, names: Names) -> str:
    match block["type"]:
        case "rich_text":
            return "\n".join(_rich(part, names) for part in block["elements"])
        case "context":
            shown = [element("span", _text(part, names)) for part in block["elements"]]
            return element("div", "".join(shown), "context")
        case "actions":
            return element("div", "".join(map(_pressed, block["elements"])), "actions")
        case "header":
            return element("div", _text(block["text"], names), "header")
        case "input":
            hint = element("div", _text(block["hint"], names), "hint") if "hint" in block else ""
            label = element("div", _text(block["label"], names), "label")
            return f"{label}{_input(block['element'])}{hint}"
        case kind:
            raise NotDrawnError(kind)


def _rich(part: Json, names: Names) -> str:
    inside = part["elements"]
    match part["type"]:
        case "rich_text_section":
            return element("div", _inline(inside, names), "text")
        case "rich_text_quote":
            return element("blockquote", _inline(inside, names))
        case "rich_text_preformatted":
            return element("pre", _inline(inside, names))
        case "rich_text_list":
            lines = "".join(element("li", _rich(line, names)) for line in inside)
            return element({"bullet": "ul", "ordered": "ol"}[part["style"]], lines)
        case kind:
            raise NotDrawnError(kind)


_STYLES = {"bold": "b", "italic": "i", "strike": "s", "code": "code"}


def _inline(elements: Sequence[Json], names: Names) -> str:
    return "".join(_styled(one, names) for one in elements)


def _styled(one: Json, names: Names) -> str:
    match one["type"]:
        case "text":
            shown = escape(one["text"])
        case "link":
            shown = element("a", escape(one.get("text") or one["url"]))
        case "user":
            shown = element("span", escape(f"@{names[one['user_id']]}"), "user")
        case "channel":
            shown = element("span", escape(f"#{names.get(one['channel_id'], 'channel')}"), "user")
        case kind:
            raise NotDrawnError(kind)
    for style in one.get("style", {}):
        if style not in _STYLES:
            raise NotDrawnError(style)
        shown = element(_STYLES[style], shown)
    return shown


def _text(text: Json, names: Names) -> str:
    match text["type"]:
        case "plain_text":
            return escape(text["text"])
        case "mrkdwn":
            return _mrkdwn(text["text"], names)
        case kind:
            raise NotDrawnError(kind)


_LIVE = re.compile(r"<@(?P<user>\w+)>|<#(?P<channel>\w+)>|<(?P<url>[^|>]+)(?:\|(?P<label>[^>]*))?>")


def _mrkdwn(text: str, names: Names) -> str:
    """Draw what Slack makes of a text. Its escapes are those of HTML, so they stay."""

    def live(found: re.Match[str]) -> str:
        if found["user"]:
            return element("span", escape(f"@{names[found['user']]}"), "user")
        if found["channel"]:
            return element("span", escape(f"#{names.get(found['channel'], 'channel')}"), "user")
        return element("a", found["label"] or found["url"])

    return _LIVE.sub(live, text)


def _pressed(one: Json) -> str:
    match one["type"]:
        case "button":
            style = " primary" if one.get("style") == "primary" else ""
            return element("span", escape(one["text"]["text"]), f"button{style}")
        case "static_select" | "users_select" | "conversations_select":
            return element("span", escape(one["placeholder"]["text"]), "menu")
        case kind:
            raise NotDrawnError(kind)


def _input(one: Json) -> str:
    match one["type"]:
        case "plain_text_input":
            return element("div", escape(one.get("initial_value", "")), "input")
        case "datepicker":
            return element("div", escape(one.get("initial_date", "")), "input")
        case "checkboxes" | "radio_buttons":
            chosen = [*one.get("initial_options", ()), one.get("initial_option")]
            marks = ("☐", "☑") if one["type"] == "checkboxes" else ("○", "◉")
            return "".join(
                element("div", f"{marks[option in chosen]} {escape(option['text']['text'])}")
                for option in one["options"]
            )
        case kind:
            raise NotDrawnError(kind)
