"""A page with messages on it, whatever the platform looks like."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


class NotDrawnError(Exception):
    """The bot has sent something that nobody knows how to draw."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message that is drawn."""

    author: str
    html: str
    is_bot: bool = False
    note: str = ""
    """What the platform itself says of it."""


_COLOURS = ("#2f6f4f", "#8a4b9e", "#b0572d", "#2b6c99")
_PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>
* {{ box-sizing: border-box; }}
body {{ margin: 0; padding: 14px 18px; width: {width}px; }}
.message {{ display: flex; gap: 10px; padding: 7px 0; }}
.avatar {{ flex: none; width: 36px; height: 36px; color: #fff; font-weight: 700;
  display: flex; align-items: center; justify-content: center; }}
.body {{ flex: 1; min-width: 0; overflow-wrap: anywhere; }}
.text {{ white-space: pre-wrap; }}
pre {{ white-space: pre-wrap; margin: 4px 0; }}
{style}
</style></head><body>{messages}</body></html>
"""


def page_of(messages: Sequence[Drawn], style: str, *, width: int, badge: str) -> str:
    """Return a page.

    Args:
        messages: What stands on it, in this order.
        style: What the platform looks like, in CSS.
        width: Pixels from the left to the right.
        badge: How the platform marks an app.
    """
    drawn = "\n".join(_message(one, badge) for one in messages)
    return _PAGE.format(width=width, style=style, messages=drawn)


def element(name: str, inside: str, kind: str = "") -> str:
    """Return an element of HTML around what is HTML already."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{name}{attribute}>{inside}</{name}>"


def _message(message: Drawn, badge: str) -> str:
    colour = "#4a154b" if message.is_bot else _COLOURS[sum(map(ord, message.author)) % 4]
    avatar = f'<div class="avatar" style="background:{colour}">{escape(message.author[:1])}</div>'
    head = element("span", escape(message.author), "name")
    if message.is_bot:
        head += element("span", badge, "badge")
    note = element("div", escape(message.note), "note") if message.note else ""
    return element(
        "div",
        avatar + element("div", element("div", head, "head") + message.html + note, "body"),
        "message",
    )
