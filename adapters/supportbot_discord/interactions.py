"""What people press, fill in and type: stored, and answered in the time that Discord gives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping

import discord

from supportbot.domain.chat.events import (
    Event,
    Inquiry,
    MessagePosted,
    ProfileChanged,
    QuestionShared,
)
from supportbot.domain.experts.availability import Availability
from supportbot.domain.language.catalogue import words
from supportbot.domain.replies import notices
from supportbot.domain.replies.notices import (
    compose_cannot_post,
    compose_cannot_see,
    compose_taking,
)
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import SupportbotError
from supportbot.ports import Receive
from supportbot_discord import events, topics
from supportbot_discord.asked_alone import AskedAlone
from supportbot_discord.asking_places import channels_for, may_ask_in, may_reply_in
from supportbot_discord.belonging import Belonging
from supportbot_discord.events import Interaction, known_to
from supportbot_discord.pages import FORMS, form_of
from supportbot_discord.posting import Shown, only
from supportbot_discord.render import own_words, render
from supportbot_discord.targets import asked_from

log = logging.getLogger(__name__)

_AT_ONCE = 1.5
"""Seconds that storing may take before Discord is told that an answer comes: it waits three."""


Profiles = dict[str, Availability]
"""What people have chosen, as it was shown to them last, by their ids."""


class Interactions:
    """Takes interactions."""

    def __init__(
        self,
        receive: Receive,
        alone: AskedAlone,
        profiles: Profiles,
        topic_roles: Mapping[str, str],
        belonging: Belonging,
    ) -> None:
        """Take them from a client.

        Args:
            receive: Stores an event.
            alone: Takes the interactions that are answered later.
            profiles: What a form begins with.
            topic_roles: What the members of a role know about.
            belonging: Which servers are served.
        """
        self._receive = receive
        self._alone = alone
        self._profiles = profiles
        self._topic_roles = topic_roles
        self._belonging = belonging

    async def take(self, interaction: Interaction) -> None:
        """Take what was pressed, chosen or filled in. What was typed comes by the commands."""
        takers = {
            discord.InteractionType.component: self._take_press,
            discord.InteractionType.modal_submit: self._take_form,
        }
        take = takers.get(interaction.type)
        if take is not None and await self.is_served(interaction):
            await take(interaction)

    async def is_served(self, interaction: Interaction) -> bool:
        """Whether somebody is in one of the group's servers; they are told where they are not."""
        try:
            is_served = await self._belonging.includes(
                interaction.client, interaction.guild_id, interaction.user.id
            )
        except SupportbotError as error:
            log.warning("what somebody pressed was not taken: %s", error)
            await _say(interaction, words("you.not_stored"))
            return False
        if not is_served:
            await _say(interaction, own_words(notices.compose_not_served().text))
        return is_served

    @property
    def has_topics(self) -> bool:
        """Whether there are roles that are topics."""
        return bool(self._topic_roles)

    async def ask(self, interaction: Interaction, text: str) -> None:
        """Take a question to the bot alone."""
        await self._take_alone(interaction, events.asked(text, interaction))

    async def inquire(self, interaction: Interaction, about: Inquiry, text: str = "") -> None:
        """Show somebody something."""
        await self._take_alone(interaction, events.inquired(about, interaction, text))

    async def change(self, interaction: Interaction, text: str) -> None:
        """Change how somebody is asked."""
        await self._take_alone(interaction, events.changed(text, interaction))

    async def link(self, interaction: Interaction, code: str) -> None:
        """Let somebody be one with themselves on another platform."""
        await self._take_alone(interaction, events.linked(code, interaction))

    async def offer_topics(self, interaction: Interaction) -> None:
        """Let somebody choose what they know about, among the roles that say it."""
        member, place = interaction.user, events.alone(interaction)
        roles = topics.roles_in(interaction.guild, self._topic_roles) if interaction.guild else []
        if not roles or not isinstance(member, discord.Member) or place is None:
            await _say(interaction, words("you.no_choice"))
            return
        shown = Shown(topics.choice_of(roles, member, place))
        await interaction.response.send_message(
            view=shown, ephemeral=True, allowed_mentions=only(())
        )

    async def _choose_topics(self, interaction: Interaction, chosen: Collection[str]) -> None:
        """Give somebody the roles that they chose, and let them be asked about it."""
        member, guild = interaction.user, interaction.guild
        roles = topics.roles_in(guild, self._topic_roles) if guild else []
        if not isinstance(member, discord.Member):
            return
        wanted = [role for role in roles if str(role.id) in chosen]
        unwanted = [role for role in roles if role not in wanted]
        try:
            await member.add_roles(*(role for role in wanted if role not in member.roles))
            await member.remove_roles(*(role for role in unwanted if role in member.roles))
        except discord.HTTPException as error:
            log.warning("roles were not given: %s", error)
            await _say(interaction, words("you.no_roles"))
            return
        await self.change(interaction, topics.change_of(wanted, self._topic_roles))

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Take a message that is to be asked the group."""
        event = events.asked_for(message, known_to(interaction.client))
        if event is None:
            await _say(interaction, words("you.people_only"))
        elif not may_reply_in(interaction.client, message.channel):
            await _say(interaction, str(compose_cannot_see().text))
        elif await self._kept(interaction, event, lambda: _thinking(interaction)):
            await interaction.followup.send(str(compose_taking().text), ephemeral=True)

    async def _take_alone(self, interaction: Interaction, event: Event | None) -> None:
        if event is None:
            await _say(interaction, words("you.nothing_to_ask"))
            return
        thread = event.message_id if isinstance(event, MessagePosted) else event.place.thread
        self._alone.note(thread or "", interaction, is_promised=True)
        if not await self._kept(interaction, event, lambda: _thinking(interaction)):
            self._alone.drop(thread or "")

    async def _take_press(self, interaction: Interaction) -> None:
        form = events.opens(interaction)
        if form in FORMS:
            await self._open(interaction, form)
            return
        if (chosen := topics.chosen_in(interaction.data)) is not None:
            await self._choose_topics(interaction, chosen)
            return
        event = events.pressed(interaction)
        if event is None:
            await interaction.response.defer()
            return
        if isinstance(event, QuestionShared) and not may_ask_in(interaction.client, event.to):
            await self._propose_others(interaction, event)
            return
        # What is said to them alone is shown under what they have just pressed.
        self._alone.note(event.event_id, interaction)
        if asked_from(event.place.thread) is not None:
            self._alone.note(event.place.thread or "", interaction)
        await self._kept(interaction, event, interaction.response.defer)

    async def _propose_others(self, interaction: Interaction, event: QuestionShared) -> None:
        """Say at once that nobody can be asked there, and where they can be."""
        await interaction.response.defer()
        guilds = self._belonging.guilds(interaction.client)
        channels = await channels_for(guilds, str(interaction.user.id))
        channel = interaction.client.get_channel(int(event.to.channel))
        name = getattr(channel, "name", "")
        reply = compose_cannot_post(f"#{name}" if name else "", has_others=bool(channels))
        said = OutgoingMessage(event.event_id, event.place, reply)
        shown = Shown(render(said, channels))
        await interaction.followup.send(
            view=shown, ephemeral=True, allowed_mentions=only(()), wait=True
        )

    async def _open(self, interaction: Interaction, form: str) -> None:
        held = self._profiles.get(str(interaction.user.id))
        if held is None:
            # It was shown before a restart: it is shown anew, with what is chosen now.
            await self.inquire(interaction, Inquiry.HOME)
            return
        await interaction.response.send_modal(_Form(form_of(form, held)))

    async def _take_form(self, interaction: Interaction) -> None:
        held = self._profiles.get(str(interaction.user.id), Availability())
        event, read = events.filled(interaction, held)
        if read.errors:
            problems = "\n".join(f"- {problem}" for problem in read.errors.values())
            await _say(interaction, f"{words('you.not_changed')}\n{problems}")
        elif event is None:
            await _say(interaction, words("you.no_difference"))
        else:
            await self._take_changed(interaction, event)

    async def _take_changed(self, interaction: Interaction, event: ProfileChanged) -> None:
        # What is held of them is out of date now.
        self._profiles.pop(event.author.user_id, None)
        await self._take_alone(interaction, event)

    async def _kept(
        self,
        interaction: Interaction,
        event: Event,
        defer: Callable[[], Awaitable[object]],
    ) -> bool:
        """Store what somebody did, and tell Discord in time that an answer comes."""
        receive = self._belonging.only(interaction.client, self._receive)
        storing = asyncio.ensure_future(receive(event))
        await asyncio.wait([storing], timeout=_AT_ONCE)
        try:
            if not storing.done():
                await defer()
                await storing
                return True
            storing.result()
        except SupportbotError as error:
            log.warning("what somebody pressed was not stored: %s", error)
            await _say(interaction, words("you.not_stored"))
            return False
        await defer()
        return True


class _Form(discord.ui.Modal):
    """A form that is ready to be sent, as Discord takes it."""

    def __init__(self, form: dict[str, object]) -> None:
        super().__init__(title=str(form["title"]), custom_id=str(form["custom_id"]))
        self._form = form
        # What is filled in comes as an interaction, also after a restart.
        self.stop()

    def to_dict(self) -> dict[str, object]:
        """Return it."""
        return self._form


async def _thinking(interaction: Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)


async def _say(interaction: Interaction, text: str) -> None:
    """Say something to the one who pressed, whether or not an answer was promised."""
    if interaction.response.is_done():
        await interaction.followup.send(text, ephemeral=True)
    else:
        await interaction.response.send_message(text, ephemeral=True)
