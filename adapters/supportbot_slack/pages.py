"""Pages as Slack's blocks: in a message, and as somebody's Home tab. Pure.

Source: https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Iterator
from itertools import accumulate, groupby
from typing import Any

from supportbot.adapter_kit.showing import (
    LONGEST_ASKED,
    LONGEST_LINE,
    in_one_line,
    link_to,
    plain,
    within,
)
from supportbot.domain.language.catalogue import words
from supportbot.domain.replies.reply import Line, OutgoingMessage, Page, Section
from supportbot_slack.events import target_of
from supportbot_slack.modals import CHANGE, value_of
from supportbot_slack.render import (
    LONGEST_PLAIN,
    MOST_IN_ALL,
    Blocks,
    elements_in,
    elements_of,
    escaped,
    letters_in,
    paragraph_of,
    render,
    rich_text,
)

_LONGEST_TITLE = 100
_LIST = "rich_text_list"
_MOST_BLOCKS = 48
"""A message takes 50, and a page has no more there than it has in a Home tab."""


def rendered(message: OutgoingMessage) -> dict[str, Any]:
    """Return what `chat.postMessage` takes, with the page of a message after its words."""
    given, page = render(message), message.reply.page
    if page is None:
        return given
    own = given["text"] if given["blocks"] else ""
    text = "\n".join(part for part in (own, escaped(plain(page))) if part)
    blocks = _within([*given["blocks"], *blocks_of(page)][:_MOST_BLOCKS], MOST_IN_ALL)
    return {"text": within(text, LONGEST_PLAIN) or "…", "blocks": blocks}


def _within(blocks: Blocks, room: int) -> Blocks:
    """Return the blocks that fit; a list that does not fit loses its last lines."""
    kept: Blocks = []
    for block in blocks:
        if (size := letters_in(block)) > room:
            return [*kept, *_cut(block, room)]
        kept.append(block)
        room -= size
    return kept


def _cut(block: dict[str, Any], room: int) -> Blocks:
    is_text = block["type"] == "rich_text"
    lists = [one for one in block["elements"] if one["type"] == _LIST] if is_text else []
    if not lists:
        return []
    lines = lists[0]["elements"]
    sums = accumulate(map(letters_in, lines))
    fitting_lines = [line for line, sum_ in zip(lines, sums, strict=True) if sum_ <= room]
    return [rich_text([{**lists[0], "elements": fitting_lines}])] if fitting_lines else []


def home_of(page: Page) -> dict[str, Any]:
    """Return the view that `views.publish` takes."""
    return {"type": "home", "blocks": list(blocks_of(page))[:_MOST_BLOCKS]}


def blocks_of(page: Page) -> Blocks:
    """Return the blocks of a page."""
    return [block for section in page.sections for block in _section(section)]


def _section(section: Section) -> Iterator[dict[str, Any]]:
    title = in_one_line(section.title, _LONGEST_TITLE) or "…"
    yield {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    yield from paragraph_of(section.text)
    for has_buttons, lines in groupby(section.lines, key=lambda line: bool(line.actions)):
        if has_buttons:
            for line in lines:
                yield from _with_buttons(line)
        else:
            yield _list(list(lines))
    if section.form is not None:
        button: dict[str, Any] = {
            "type": "button",
            "action_id": CHANGE,
            "text": {"type": "plain_text", "text": words("press.change"), "emoji": False},
            "value": value_of(section.form),
        }
        yield {"type": "actions", "block_id": f"form.{section.form.kind}", "elements": [button]}


def _list(lines: list[Line]) -> dict[str, Any]:
    elements = [{"type": "rich_text_section", "elements": _inline(line)} for line in lines]
    return rich_text([{"type": _LIST, "style": "bullet", "elements": elements}])


def _with_buttons(line: Line) -> Iterator[dict[str, Any]]:
    yield rich_text([{"type": "rich_text_section", "elements": _inline(line)}])
    if line.about is not None:
        block_id, elements = target_of(line.about), elements_of(line.actions, line.about)
        yield {"type": "actions", "block_id": block_id, "elements": elements}


def _inline(line: Line) -> list[dict[str, Any]]:
    """Give somebody's words, which lead to where they stand, and the bot's after them."""
    asked, text = in_one_line(line.asked, LONGEST_ASKED), elements_in(line.text, LONGEST_LINE)
    url = link_to(line.url)
    elements: list[dict[str, Any]] = []
    if asked and url:
        elements.append({"type": "link", "url": url, "text": asked})
    elif asked:
        elements.append({"type": "text", "text": asked, "style": {"bold": True}})
    if text and asked:
        elements.append({"type": "text", "text": " "})
    elements.extend(text)
    if url and not asked:
        elements.append({"type": "link", "url": url, "text": f" {words('link.thread')}"})
    return elements or [{"type": "text", "text": "…"}]
