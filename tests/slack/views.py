"""Modals and Home tabs: `views.*`, and how a person fills them in."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.api import Request, method
from tests.slack.blocks import problems_of_view
from tests.slack.chat import name_blocks
from tests.slack.model import JSON, refuse

if TYPE_CHECKING:
    from tests.slack.people import Person

MOST_STACKED = 3


def new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


@dataclass(eq=False, slots=True)
class View:
    """A modal or Home tab."""

    id: str
    team: str
    user: str
    app_id: str
    bot_id: str
    content: JSON
    """What the app sent: `type`, `title`, `blocks`, `private_metadata`, …"""
    values: dict[str, dict[str, JSON]] = field(default_factory=dict)
    root_id: str = ""
    previous_id: str = ""
    hash: str = field(default_factory=new_hash)
    errors: dict[str, str] = field(default_factory=dict)
    """What the app said was wrong with what was submitted last, by `block_id`."""

    @property
    def blocks(self) -> list[JSON]:
        blocks: list[JSON] = self.content["blocks"]
        return blocks

    def replace(self, content: JSON) -> None:
        """Show something else, keeping what was filled in where the block is still there."""
        self.content = checked(content)
        self.hash = new_hash()
        kept = {block.get("block_id") for block in self.blocks}
        self.values = {id_: value for id_, value in self.values.items() if id_ in kept}
        self.errors = {}

    def as_json(self) -> JSON:
        content = self.content
        return {
            "id": self.id,
            "team_id": self.team,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": content.get("title"),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": self.previous_id or None,
            "root_view_id": self.root_id or self.id,
            "app_id": self.app_id,
            "external_id": content.get("external_id", ""),
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }


def checked(content: Any) -> JSON:
    """Return the content with an id for each block, or refuse it."""
    if not isinstance(content, dict):
        refuse("invalid_arguments")
    if problems := problems_of_view(content):
        messages = [f"[ERROR] {problem}" for problem in problems]
        refuse("invalid_arguments", response_metadata={"messages": messages})
    return content | {"blocks": name_blocks(content["blocks"])}


@method("views.open")
def open_view(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/views.open"""
    content = checked(request.json("view", "invalid_arguments"))
    person = request.slack.use_trigger(request.text("trigger_id"))
    view = new_view(request, person, content)
    person.modals = [view]
    return {"ok": True, "view": view.as_json()}


@method("views.push")
def push_view(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/views.push"""
    content = checked(request.json("view", "invalid_arguments"))
    person = request.slack.use_trigger(request.text("trigger_id"))
    view = new_view(request, person, content)
    push(person, view)
    return {"ok": True, "view": view.as_json()}


@method("views.update")
def update_view(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/views.update"""
    content = request.json("view", "invalid_arguments")
    view = request.slack.find_view(request.text("view_id"), request.text("external_id"))
    if view is None or view.team != request.workspace.id:
        refuse("not_found")
    if request.text("hash") not in {"", view.hash}:
        refuse("hash_conflict")
    view.replace(content)
    return {"ok": True, "view": view.as_json()}


@method("views.publish")
def publish_view(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/views.publish"""
    user = request.required("user_id")
    content = checked(request.json("view", "invalid_arguments"))
    if content.get("type") != "home":
        refuse("invalid_arguments")
    if user not in request.workspace.users:
        refuse("user_not_found")
    person = request.slack.person(request.workspace, user)
    old = person.home
    if old and request.text("hash") not in {"", old.hash}:
        refuse("hash_conflict")
    view = new_view(request, person, content)
    if old:
        view.id = old.id
    request.slack.homes[request.workspace.id, user] = view
    return {"ok": True, "view": view.as_json()}


def new_view(request: Request, person: "Person", content: JSON) -> View:
    bot = request.bot
    view_id = request.workspace.new_id("V")
    return View(view_id, request.workspace.id, person.id, bot.app_id, bot.bot_id, content)


def push(person: "Person", view: View) -> None:
    """Show a view in front of the others."""
    if len(person.modals) >= MOST_STACKED:
        refuse("push_limit_reached")
    if person.modals:
        view.root_id = person.modals[0].id
        view.previous_id = person.modals[-1].id
    person.modals = [*person.modals, view]


def fill_in(view: View, values: JSON) -> None:
    """Set the state of a view's inputs as if someone had filled them in."""
    left = dict(values)
    for block in view.blocks:
        element = block.get("element") or block.get("accessory")
        if not element or "action_id" not in element:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        given = left.pop(action_id, None)
        if block_id in values and isinstance(values[block_id], dict):
            left.pop(block_id, None)
            given = values[block_id].get(action_id, given)
        if given is None and action_id in view.values.get(block_id, {}):
            continue
        view.values.setdefault(block_id, {})[action_id] = _state(element, given)
    if left:
        message = f"no input has the action_id {', '.join(left)}"
        raise LookupError(message)


_SELECTED = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_INITIAL = {
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
}


def _state(element: JSON, given: Any) -> JSON:
    kind = element["type"]
    match kind:
        case "static_select" | "radio_buttons" | "external_select":
            chosen = _option(element, given) if given else element.get("initial_option")
            return {"type": kind, "selected_option": chosen}
        case "checkboxes" | "multi_static_select":
            initial = element.get("initial_options", [])
            chosen = initial if given is None else [_option(element, one) for one in given]
            return {"type": kind, "selected_options": chosen}
        case _ if name := _SELECTED.get(kind):
            empty: Any = [] if name.endswith("s") else None
            initial = element.get(_INITIAL[name], empty)
            return {"type": kind, name: initial if given is None else given}
        case _:
            return {"type": kind, "value": element.get("initial_value") if given is None else given}


def _option(element: JSON, value: str) -> JSON:
    for option in options_of(element):
        if option["value"] == value:
            return option
    known = ", ".join(option["value"] for option in options_of(element))
    message = f"{element['action_id']} has no option {value!r}; it has {known}"
    raise LookupError(message)


def options_of(element: JSON) -> list[JSON]:
    """Return the options of an element, whether they stand in groups or not."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]
