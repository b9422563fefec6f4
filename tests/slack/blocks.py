"""Slack's published limits on blocks and views, as pure functions over JSON.

Each function gives what is wrong in words like Slack's, each with a pointer to the place; nothing
when all is well. The limits are those of https://docs.slack.dev/reference/block-kit (one page for
each block, element and object) and https://docs.slack.dev/reference/views; a function names its
page where that is another.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.slack.model import JSON

MOST_BLOCKS_OF_MESSAGE = 50
MOST_BLOCKS_OF_VIEW = 100
MOST_CHARACTERS = 13_000
"""Characters that the blocks of a message may hold together.

Slack's pages say nothing of it; its people speak of 12,000 and something for the containers, and
13,172 to 13,297 were counted: https://github.com/slackapi/bolt-js/issues/2509
"""
MOST_MARKDOWN = 12_000

Problems = Iterator[str]

_PARTS = ("text", "elements", "fields", "accessory", "title", "label", "hint", "element")


def problems_of_message(blocks: list[JSON]) -> list[str]:
    """Return what Slack would refuse in the blocks of a message.

    https://docs.slack.dev/reference/block-kit/blocks
    """
    return list(_blocks(blocks, "/blocks", MOST_BLOCKS_OF_MESSAGE))


def problems_of_view(view: JSON) -> list[str]:
    """Return what Slack would refuse in a modal or Home tab.

    https://docs.slack.dev/reference/views/modal-views and
    https://docs.slack.dev/reference/views/home-tab-views
    """
    return list(_view(view))


def measure(blocks: Any) -> int:
    """Count the characters that people see in blocks."""
    match blocks:
        case str():
            return len(blocks)
        case list():
            return sum(measure(block) for block in blocks)
        case dict():
            return sum(measure(blocks[part]) for part in _PARTS if part in blocks)
        case _:
            return 0


def _view(view: JSON) -> Problems:
    at = "/view"
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    if kind == "modal":
        yield from _text(view.get("title"), f"{at}/title", 24, plain=True)
    for name in ("submit", "close"):
        if view.get(name) is not None:
            yield from _text(view[name], f"{at}/{name}", 24, plain=True)
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        yield from _string(view, name, at, most)
    blocks = view.get("blocks")
    yield from _blocks(blocks, f"{at}/blocks", MOST_BLOCKS_OF_VIEW)
    has_input = isinstance(blocks, list) and any(_kind(block) == "input" for block in blocks)
    if kind == "modal" and has_input and not view.get("submit"):
        yield f"missing required field: submit [json-pointer:{at}]"


def _blocks(blocks: Any, at: str, most: int) -> Problems:
    if not isinstance(blocks, list):
        yield f"must be a list [json-pointer:{at}]"
        return
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        here = f"{at}/{number}"
        check = _BLOCKS.get(block.get("type", "")) if isinstance(block, dict) else None
        if check is None:
            yield f"unsupported type: {_kind(block)} [json-pointer:{here}/type]"
            continue
        yield from _string(block, "block_id", here, 255)
        if (block_id := block.get("block_id")) is not None:
            if block_id in seen:
                yield f"block_id already exists: {block_id} [json-pointer:{here}/block_id]"
            seen.add(block_id)
        yield from check(block, here)
    if sum(_length(b) for b in blocks if _kind(b) == "markdown") > MOST_MARKDOWN:
        yield f"must be less than {MOST_MARKDOWN + 1} characters together [json-pointer:{at}]"


# Blocks


def _section(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block"""
    yield from _only(block, at, "text", "fields", "accessory", "expand")
    if block.get("text") is None and not block.get("fields"):
        yield f"missing required field: text [json-pointer:{at}]"
    if block.get("text") is not None:
        yield from _text(block["text"], f"{at}/text", 3000)
    if block.get("fields") is not None:
        yield from _items(block["fields"], f"{at}/fields", 10)
        for number, field in enumerate(block["fields"]):
            yield from _text(field, f"{at}/fields/{number}", 2000)
    if block.get("accessory") is not None:
        yield from _element(block["accessory"], f"{at}/accessory")


def _header(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""
    yield from _only(block, at, "text", "level")
    yield from _text(block.get("text"), f"{at}/text", 150, plain=True)


def _divider(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block"""
    yield from _only(block, at)


def _context(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    yield from _only(block, at, "elements")
    yield from _items(block.get("elements"), f"{at}/elements", 10)
    for number, element in enumerate(block.get("elements") or []):
        here = f"{at}/elements/{number}"
        if _kind(element) == "image":
            yield from _image_element(element, here)
        else:
            yield from _text(element, here, 3000)


def _actions(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block"""
    yield from _only(block, at, "elements")
    yield from _items(block.get("elements"), f"{at}/elements", 25)
    seen: set[str] = set()
    for number, element in enumerate(block.get("elements") or []):
        here = f"{at}/elements/{number}"
        yield from _element(element, here)
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and action_id in seen:
            yield f"action_id already exists: {action_id} [json-pointer:{here}/action_id]"
        seen.add(str(action_id))


def _image(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/image-block"""
    yield from _only(block, at, "image_url", "alt_text", "title", "slack_file")
    yield from _image_element(block, at)
    if block.get("title") is not None:
        yield from _text(block["title"], f"{at}/title", 2000, plain=True)


def _input(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""
    yield from _only(block, at, "label", "element", "dispatch_action", "hint", "optional")
    yield from _text(block.get("label"), f"{at}/label", 2000, plain=True)
    if block.get("hint") is not None:
        yield from _text(block["hint"], f"{at}/hint", 2000, plain=True)
    if _kind(block.get("element")) in {"button", "overflow", "image"}:
        yield f"unsupported type: {_kind(block['element'])} [json-pointer:{at}/element]"
    yield from _element(block.get("element"), f"{at}/element")


def _markdown(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    yield from _only(block, at, "text")
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield f"missing required field: text [json-pointer:{at}]"


def _rich_text(block: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    yield from _only(block, at, "elements")
    known = {f"rich_text_{kind}" for kind in ("section", "list", "preformatted", "quote")}
    for number, element in enumerate(block.get("elements") or []):
        if _kind(element) not in known:
            here = f"{at}/elements/{number}"
            yield f"unsupported type: {_kind(element)} [json-pointer:{here}/type]"


def _unchecked(_block: JSON, _at: str) -> Problems:
    yield from ()


_BLOCKS: dict[str, Callable[[JSON, str], Problems]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    # Their insides are not looked at.
    "video": _unchecked,
    "file": _unchecked,
    "table": _unchecked,
    "context_actions": _unchecked,
}


# Elements


def _element(element: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements"""
    if not isinstance(element, dict) or element.get("type") not in _ELEMENTS:
        yield f"unsupported type: {_kind(element)} [json-pointer:{at}/type]"
        return
    yield from _string(element, "action_id", at, 255)
    if element.get("placeholder") is not None:
        yield from _text(element["placeholder"], f"{at}/placeholder", 150, plain=True)
    if element.get("confirm") is not None:
        yield from _confirm(element["confirm"], f"{at}/confirm")
    yield from _ELEMENTS[element["type"]](element, at)


def _button(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    yield from _only(element, at, *_PROPERTIES_OF_BUTTON)
    yield from _text(element.get("text"), f"{at}/text", 75, plain=True)
    for name, most in (("url", 3000), ("value", 2000), ("accessibility_label", 75)):
        yield from _string(element, name, at, most)
    if element.get("style") not in {None, "primary", "danger"}:
        yield f"must be one of primary, danger [json-pointer:{at}/style]"


_PROPERTIES_OF_BUTTON = (
    "text",
    "url",
    "value",
    "style",
    "confirm",
    "accessibility_label",
    "action_id",
    "agent_prompt",
)


def _image_element(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element"""
    yield from _string(element, "image_url", at, 3000)
    yield from _string(element, "alt_text", at, 2000)
    if not (element.get("image_url") or element.get("slack_file")):
        yield f"missing required field: image_url [json-pointer:{at}]"
    if not element.get("alt_text"):
        yield f"missing required field: alt_text [json-pointer:{at}]"


def _select(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
    groups = element.get("option_groups")
    if groups is None:
        yield from _options(element.get("options"), f"{at}/options", 100, plain=True)
        return
    yield from _items(groups, f"{at}/option_groups", 100)
    for number, group in enumerate(groups):
        here = f"{at}/option_groups/{number}"
        yield from _text(group.get("label"), f"{here}/label", 75, plain=True)
        yield from _options(group.get("options"), f"{here}/options", 100, plain=True)


def _overflow(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element"""
    yield from _options(element.get("options"), f"{at}/options", 5, plain=True)


def _choices(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element"""
    yield from _options(element.get("options"), f"{at}/options", 10, plain=False)


def _text_input(element: JSON, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element"""
    for name in ("min_length", "max_length"):
        if not 0 <= element.get(name, 1) <= 3000:
            yield f"must be from 0 to 3000 [json-pointer:{at}/{name}]"


_ELEMENTS: dict[str, Callable[[JSON, str], Problems]] = {
    "button": _button,
    "image": _image_element,
    "static_select": _select,
    "multi_static_select": _select,
    "overflow": _overflow,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "plain_text_input": _text_input,
}
# Of these only what all elements share is looked at.
_ELEMENTS |= dict.fromkeys(
    (
        "users_select",
        "multi_users_select",
        "conversations_select",
        "multi_conversations_select",
        "channels_select",
        "multi_channels_select",
        "external_select",
        "multi_external_select",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "email_text_input",
        "number_input",
        "url_text_input",
        "rich_text_input",
        "file_input",
        "workflow_button",
    ),
    _unchecked,
)


# Objects


def _text(text: Any, at: str, most: int, *, plain: bool = False) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    if not isinstance(text, dict):
        yield f"missing required field: text [json-pointer:{at}]"
        return
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    if text.get("type") not in kinds:
        yield f"must be one of {', '.join(sorted(kinds))} [json-pointer:{at}/type]"
    # `emoji` belongs to plain text, `verbatim` to the other.
    yield from _only(text, at, "text", "emoji" if text.get("type") == "plain_text" else "verbatim")
    if not isinstance(text.get("text"), str) or not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    yield from _string(text, "text", at, most)


def _options(options: Any, at: str, most: int, *, plain: bool) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    yield from _items(options, at, most)
    for number, option in enumerate(options or []):
        here = f"{at}/{number}"
        yield from _text(option.get("text"), f"{here}/text", 75, plain=plain)
        if option.get("description") is not None:
            yield from _text(option["description"], f"{here}/description", 75, plain=plain)
        if not option.get("value"):
            yield f"missing required field: value [json-pointer:{here}]"
        yield from _string(option, "value", here, 150)
        yield from _string(option, "url", here, 3000)


def _confirm(confirm: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        value = confirm.get(name) if isinstance(confirm, dict) else None
        yield from _text(value, f"{at}/{name}", most, plain=name != "text")


def _string(holder: JSON, name: str, at: str, most: int) -> Problems:
    value = holder.get(name)
    if value is None:
        return
    if not isinstance(value, str):
        yield f"must be a string [json-pointer:{at}/{name}]"
    elif len(value) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}/{name}]"


def _items(items: Any, at: str, most: int) -> Problems:
    if not isinstance(items, list) or not items:
        yield f"no fewer than 1 items allowed [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"


def _only(holder: JSON, at: str, *names: str) -> Problems:
    for name in sorted(set(holder) - {"type", "block_id", *names}):
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def _kind(thing: Any) -> Any:
    return thing.get("type") if isinstance(thing, dict) else None


def _length(block: JSON) -> int:
    return len(block.get("text") or "")
