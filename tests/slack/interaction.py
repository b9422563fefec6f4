"""Actions, commands and shortcuts: what the app is sent, and what its answers do.

https://docs.slack.dev/reference/interaction-payloads
"""

from typing import TYPE_CHECKING, Any

from tests.slack.chat import check_content, say_as_bot, whisper
from tests.slack.model import JSON, Channel, Message
from tests.slack.views import View, checked, options_of, push

if TYPE_CHECKING:
    from tests.slack.people import Person
    from tests.slack.server import SlackServer


def find_element(blocks: list[JSON], action_id: str, value: str | None) -> tuple[JSON, JSON]:
    """Find the element, with its block."""
    known = []
    for block in blocks:
        for element in (*block.get("elements", []), block.get("accessory"), block.get("element")):
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            known.append(element["action_id"])
            values = {element.get("value"), *(o.get("value") for o in options_of(element))}
            if element["action_id"] == action_id and (value is None or value in values):
                return block, element
    message = f"nothing to press is called {action_id!r}; there are {', '.join(known) or 'none'}"
    raise LookupError(message)


def action_of(block: JSON, element: JSON, value: str | None, chosen: JSON) -> JSON:
    """Return what `actions` of the payload holds."""
    action: JSON = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
    }
    if element["type"] == "button":
        action["text"] = element["text"]
        action |= {key: element[key] for key in ("value", "style", "url") if key in element}
        return action
    if value is not None and not chosen:
        chosen = {"selected_option": value}
    options = {option["value"]: option for option in options_of(element)}
    for name, choice in chosen.items():
        match name:
            case "selected_option":
                action[name] = options[choice]
            case "selected_options":
                action[name] = [options[one] for one in choice]
            case _:
                action[name] = choice
    return action


class Actions:
    """Makes the payloads of what people do, and carries out what the app answers."""

    def __init__(self, slack: "SlackServer") -> None:
        self._slack = slack

    # What the app is sent

    def of(self, person: "Person", where: Message | View, action: JSON) -> JSON:
        payload = self._payload("block_actions", person) | {"actions": [action]}
        if isinstance(where, View):
            if action["type"] != "button":
                state = {k: v for k, v in action.items() if k not in {"action_id", "block_id"}}
                where.values.setdefault(action["block_id"], {})[action["action_id"]] = state
            about = {"type": "view", "view_id": where.id}
            return payload | {"container": about, "view": where.as_json()}
        channel = person.workspace.channels[where.channel]
        container: JSON = {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(where.ephemeral_to),
        }
        if where.thread_ts:
            container["thread_ts"] = where.thread_ts
        payload |= {
            "container": container,
            "channel": {"id": channel.id, "name": _shown_name(channel)},
            "state": {"values": _state_of(action)},
            "response_url": self._slack.new_response_url(person, channel, where),
        }
        if not where.ephemeral_to:
            # Slack leaves the message out when only one person sees it.
            payload["message"] = person.workspace.message_json(where, with_metadata=True)
        return payload

    def command(self, person: "Person", command: str, text: str, channel: Channel) -> JSON:
        return {
            "token": self._slack.app.verification_token,
            "team_id": person.workspace.id,
            "team_domain": person.workspace.domain,
            "channel_id": channel.id,
            "channel_name": _shown_name(channel),
            "user_id": person.id,
            "user_name": person.user.name,
            "command": command,
            "text": text,
            "api_app_id": self._slack.app.id,
            "is_enterprise_install": "false",
            "response_url": self._slack.new_response_url(person, channel, None),
            "trigger_id": self._slack.new_trigger(person),
        }

    def shortcut(self, person: "Person", callback_id: str, message: Message | None) -> JSON:
        about = {"callback_id": callback_id, "action_ts": person.workspace.new_ts()}
        if message is None:
            return self._payload("shortcut", person) | about
        channel = person.workspace.channels[message.channel]
        return (
            self._payload("message_action", person)
            | about
            | {
                "message_ts": message.ts,
                "message": person.workspace.message_json(message),
                "channel": {"id": channel.id, "name": _shown_name(channel)},
                "response_url": self._slack.new_response_url(person, channel, None),
            }
        )

    def submission(self, person: "Person", view: View) -> JSON:
        payload = self._payload("view_submission", person)
        return payload | {"view": view.as_json(), "response_urls": []}

    def closing(self, person: "Person", view: View, *, everything: bool) -> JSON:
        payload = self._payload("view_closed", person)
        del payload["trigger_id"]
        return payload | {"view": view.as_json(), "is_cleared": everything}

    def _payload(self, kind: str, person: "Person") -> JSON:
        workspace = person.workspace
        return {
            "type": kind,
            "team": {"id": workspace.id, "domain": workspace.domain},
            "user": {
                "id": person.id,
                "username": person.user.name,
                "name": person.user.name,
                "team_id": workspace.id,
            },
            "api_app_id": self._slack.app.id,
            "token": self._slack.app.verification_token,
            "trigger_id": self._slack.new_trigger(person),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # What its answers do

    def answer_command(self, person: "Person", channel: Channel, response: Any) -> None:
        """Show what a command was acknowledged with."""
        if isinstance(response, dict) and (response.get("text") or response.get("blocks")):
            self.show(person, channel, None, response)

    def answer_submission(self, person: "Person", view: View, response: Any) -> None:
        """Do what a submission was acknowledged with; without anything the view closes."""
        answer = response if isinstance(response, dict) else {}
        match answer.get("response_action"):
            case "errors":
                view.errors = dict(answer["errors"])
                return
            case "update":
                view.replace(answer["view"])
                return
            case "push":
                bot = person.workspace.bot
                content = checked(answer["view"])
                view_id = person.workspace.new_id("V")
                team = person.workspace.id
                push(person, View(view_id, team, person.id, bot.app_id, bot.bot_id, content))
                return
            case "clear":
                person.modals = []
            case _:
                person.modals = [v for v in person.modals if v is not view]
        view.errors = {}

    def show(
        self, person: "Person", channel: Channel, source: Message | None, said: JSON
    ) -> Message | None:
        """Do what was posted to a response URL.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        workspace = person.workspace
        if said.get("delete_original") and source:
            self._remove(source)
            return None
        content = check_content(
            text=said.get("text", ""),
            blocks=said.get("blocks"),
            attachments=said.get("attachments"),
            metadata=said.get("metadata"),
        )
        if said.get("replace_original") and source:
            self._replace(source, content)
            return source
        root = workspace.messages.get((channel.id, str(said.get("thread_ts", ""))))
        if said.get("response_type") == "in_channel":
            return say_as_bot(workspace, channel, content, root=root)
        return whisper(workspace, channel, person.id, content, root=root)

    def _replace(self, source: Message, content: JSON) -> None:
        workspace = self._slack.workspace_of(source)
        if source.ephemeral_to:
            source.earlier.append(workspace.message_json(source))
            for name, value in content.items():
                setattr(source, name, value)
        else:
            workspace.change(source, workspace.bot.id, **content)

    def _remove(self, source: Message) -> None:
        if source.ephemeral_to:
            source.deleted = True
        elif not source.deleted:
            self._slack.workspace_of(source).delete(source)

    # The assistant

    def open_assistant(self, person: "Person", beside: Channel | None) -> Message:
        """Begin a thread in the direct conversation, and tell the app."""
        workspace = person.workspace
        more = {"assistant_app_thread": {"title": "New chat", "title_blocks": []}}
        root = workspace.post(
            person.dm,
            workspace.bot.id,
            "New Assistant Thread",
            subtype="assistant_app_thread",
            more=more,
        )
        root.thread_ts = root.ts
        self.tell_assistant(person, "assistant_thread_started", root, beside)
        return root

    def tell_assistant(
        self, person: "Person", kind: str, root: Message, beside: Channel | None
    ) -> None:
        context = {"channel_id": beside.id, "team_id": person.workspace.id} if beside else {}
        thread = {
            "user_id": person.id,
            "context": context,
            "channel_id": root.channel,
            "thread_ts": root.ts,
        }
        person.workspace.tell_app({"type": kind, "assistant_thread": thread})


def _state_of(action: JSON) -> JSON:
    if action["type"] == "button":
        return {}
    state = {k: v for k, v in action.items() if k not in {"action_id", "block_id", "action_ts"}}
    return {action["block_id"]: {action["action_id"]: state}}


def _shown_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind.value, channel.name)
