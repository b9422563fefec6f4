"""People, and what they do: the side of Slack that no API shows."""

from typing import TYPE_CHECKING, Any

from tests.slack.interaction import action_of, find_element
from tests.slack.model import JSON, Channel, Kind, Message, User
from tests.slack.record import Delivery
from tests.slack.views import View, fill_in
from tests.slack.workspace import Workspace
from tests.slack.writing import rich_text

if TYPE_CHECKING:
    from tests.slack.server import SlackServer

Place = Channel | str


class Person:
    """Someone in front of Slack.

    What returns a `Delivery` waits until the app has acknowledged, or has had its three seconds.
    Texts are in the form that Slack sends: `<@U123>` is a mention, `&lt;` a less-than sign.
    """

    def __init__(self, slack: "SlackServer", workspace: Workspace, user: User) -> None:
        self.slack = slack
        self.workspace = workspace
        self.user = user
        self.modals: list[View] = []
        """The views open before them, the one in front last."""

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def mention(self) -> str:
        return f"<@{self.user.id}>"

    @property
    def modal(self) -> View | None:
        """The view in front of them."""
        return self.modals[-1] if self.modals else None

    @property
    def home(self) -> View | None:
        """The Home tab that the app has published for them."""
        return self.slack.homes.get((self.workspace.id, self.id))

    @property
    def dm(self) -> Channel:
        """Their direct conversation with the bot."""
        return self.workspace.dm(self.id)

    def sees(self) -> list[Message]:
        """Return the ephemeral messages that only they see, and that were not removed."""
        return [m for m in self.workspace.ephemerals if m.ephemeral_to == self.id and not m.deleted]

    # Talking

    async def says(
        self, channel: Place, text: str, *, thread: Message | str = "", **more: Any
    ) -> Message:
        """Post a message.

        Args:
            channel: A channel, or the name or id of one.
            text: As Slack sends it.
            thread: The message that it replies to, or its `ts`.
            more: `at` (seconds since 1970) for an old message, `subtype`, `files`, `blocks`.
        """
        place = self._place(channel)
        thread_ts = self._root(place, thread)
        fields: JSON = {"client_msg_id": self.slack.new_uuid()}
        more.setdefault("blocks", rich_text(text))
        return self.workspace.post(
            place, self.id, text, thread_ts=thread_ts, more=fields | more.pop("more", {}), **more
        )

    async def broadcasts(self, channel: Place, text: str, *, thread: Message) -> Message:
        """Reply in a thread, and show it in the channel too."""
        return await self.says(channel, text, thread=thread, subtype="thread_broadcast")

    async def says_me(self, channel: Place, text: str) -> Message:
        """Say `/me …`."""
        return await self.says(channel, text, subtype="me_message")

    async def shares_file(
        self,
        channel: Place,
        name: str,
        content: bytes,
        *,
        text: str = "",
        thread: Message | str = "",
    ) -> Message:
        """Upload a file with a message."""
        file = self.slack.add_file(self.workspace, self.id, name, content)
        message = await self.says(
            channel, text, thread=thread, subtype="file_share", files=[file], more={"upload": False}
        )
        file["channels"] = [message.channel]
        return message

    async def edits(self, message: Message, text: str) -> None:
        self.workspace.change(message, self.id, text=text, blocks=rich_text(text))

    async def deletes(self, message: Message) -> None:
        self.workspace.delete(message)

    async def reacts(self, message: Message, name: str) -> None:
        self.workspace.react(message, self.id, name)

    async def unreacts(self, message: Message, name: str) -> None:
        self.workspace.unreact(message, self.id, name)

    # Channels

    async def joins(self, channel: Place) -> None:
        self.workspace.join(self._place(channel), self.id)

    async def leaves(self, channel: Place) -> None:
        self.workspace.leave(self._place(channel), self.id)

    async def invites(self, who: "Person | User | str", channel: Place) -> None:
        """Bring somebody into a channel; `slack.bot` for the bot."""
        user = who if isinstance(who, str) else who.id
        self.workspace.join(self._place(channel), user, inviter=self.id)

    async def removes(self, who: "Person | User | str", channel: Place) -> None:
        """Take somebody out of a channel."""
        self.workspace.leave(self._place(channel), who if isinstance(who, str) else who.id)

    async def archives(self, channel: Place) -> None:
        self.workspace.archive(self._place(channel), self.id)

    async def unarchives(self, channel: Place) -> None:
        self.workspace.unarchive(self._place(channel), self.id)

    async def renames(self, channel: Place, name: str) -> None:
        self.workspace.rename(self._place(channel), name)

    async def makes_private(self, channel: Place) -> None:
        self.workspace.convert(self._place(channel), Kind.PRIVATE, self.id)

    async def makes_public(self, channel: Place) -> None:
        self.workspace.convert(self._place(channel), Kind.PUBLIC, self.id)

    async def deletes_channel(self, channel: Place) -> None:
        self.workspace.remove_channel(self._place(channel))

    # Their own account

    async def joins_team(self) -> None:
        """Tell the app that they are new here."""
        self.workspace.tell_app({"type": "team_join", "user": self.user.as_json()})

    async def changes(self, **fields: Any) -> None:
        """Change their profile: `real_name`, `display_name`, `tz`, …"""
        for name, value in fields.items():
            setattr(self.user, name, value)
        self.workspace.tell_app({"type": "user_change", "user": self.user.as_json()})

    async def leaves_team(self) -> None:
        """Be deactivated."""
        for channel in self.workspace.channels.values():
            if channel.kind in {Kind.PUBLIC, Kind.PRIVATE} and self.id in channel.members:
                channel.members.remove(self.id)
        await self.changes(deleted=True)

    # The app

    async def presses(
        self, where: Message | View, action_id: str, *, value: str | None = None, **chosen: Any
    ) -> Delivery:
        """Press a button, or choose something.

        Args:
            where: A message (also an ephemeral one), a modal, or the Home tab.
            action_id: Of the element.
            value: Of the button or option, where several have that `action_id`.
            chosen: `selected_user`, `selected_users`, `selected_option` (its value),
                `selected_options`, `selected_channel`, `selected_conversation`, `selected_date`,
                and so on, as the element has it.
        """
        block, element = find_element(where.blocks, action_id, value)
        action = action_of(block, element, value, chosen) | {"action_ts": self.workspace.new_ts()}
        payload = self.slack.actions.of(self, where, action)
        return await self.slack.deliver("interactive", payload)

    async def runs(self, command: str, text: str, channel: Place) -> Delivery:
        """Run a slash command."""
        place = self._place(channel)
        payload = self.slack.actions.command(self, command, text, place)
        delivery = await self.slack.deliver("slash_commands", payload)
        self.slack.actions.answer_command(self, place, delivery.response)
        return delivery

    async def uses_shortcut(self, callback_id: str, message: Message | None = None) -> Delivery:
        """Use a shortcut of a message, or a global one."""
        payload = self.slack.actions.shortcut(self, callback_id, message)
        return await self.slack.deliver("interactive", payload)

    async def opens_home(self, tab: str = "home") -> None:
        """Open the app's Home tab, or its `messages` tab."""
        event: JSON = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.dm.id,
            "tab": tab,
        }
        if tab == "home" and self.home:
            event["view"] = self.home.as_json()
        self.workspace.tell_app(event)

    async def opens_assistant(self, channel: Place = "") -> Message:
        """Open the assistant beside a channel; gives the first message of its thread."""
        return self.slack.actions.open_assistant(self, self._place(channel) if channel else None)

    async def moves_assistant(self, thread: Message, channel: Place) -> None:
        """Look at another channel while the assistant is open."""
        self.slack.actions.tell_assistant(
            self, "assistant_thread_context_changed", thread, self._place(channel)
        )

    async def submits(self, view: View, values: JSON | None = None) -> Delivery:
        """Fill in a modal and submit it.

        Args:
            view: The view in front of them.
            values: By `action_id` (or by `block_id`, then `action_id`).
        """
        fill_in(view, values or {})
        payload = self.slack.actions.submission(self, view)
        delivery = await self.slack.deliver("interactive", payload)
        if delivery.was_acknowledged:
            self.slack.actions.answer_submission(self, view, delivery.response)
        return delivery

    async def closes(self, view: View, *, everything: bool = False) -> Delivery | None:
        """Close a modal; the app hears of it if the view asked for that."""
        closed = list(self.modals) if everything else [view]
        self.modals = [v for v in self.modals if v not in closed]
        if not view.content.get("notify_on_close"):
            return None
        payload = self.slack.actions.closing(self, view, everything=everything)
        return await self.slack.deliver("interactive", payload)

    def _place(self, channel: Place) -> Channel:
        if isinstance(channel, Channel):
            return channel
        found = self.workspace.find_channel(channel)
        if found is None:
            known = ", ".join(c.name for c in self.workspace.channels.values() if c.name)
            message = f"no channel {channel!r}; there are {known}"
            raise LookupError(message)
        return found

    def _root(self, place: Channel, thread: Message | str) -> str:
        if not thread:
            return ""
        ts = thread if isinstance(thread, str) else (thread.thread_ts or thread.ts)
        return self.workspace.messages[place.id, ts].ts
