"""What people may type after a slash, and choose from the menu of a message."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Literal, Protocol

import discord
from discord import app_commands
from discord.app_commands import locale_str

from supportbot.domain.chat.events import Inquiry
from supportbot_discord.events import Interaction
from supportbot_discord.words import Words

_LONGEST_QUESTION, _LONGEST_TOPIC, _LONGEST_CODE = 3_000, 200, 20


class Takes(Protocol):
    """Takes what somebody typed."""

    async def is_served(self, interaction: Interaction) -> bool:
        """Whether somebody may ask anything here; they are told where they may not."""

    async def ask(self, interaction: Interaction, text: str) -> None:
        """Take a question to the bot alone."""

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Take a message that is to be asked the group."""

    async def inquire(self, interaction: Interaction, about: Inquiry, text: str = "") -> None:
        """Show somebody something."""

    async def change(self, interaction: Interaction, text: str) -> None:
        """Change how somebody is asked."""

    async def offer_topics(self, interaction: Interaction) -> None:
        """Let somebody choose what they know about."""

    async def link(self, interaction: Interaction, code: str) -> None:
        """Let somebody be one with themselves on another platform."""


class _Tree(app_commands.CommandTree):
    """Takes commands from those who are served."""

    def __init__(self, client: discord.Client, takes: Takes) -> None:
        super().__init__(client)
        self._takes = takes

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Decide before a command is taken."""
        return await self._takes.is_served(interaction)


def tree_of(
    client: discord.Client, takes: Takes, *, has_topics: bool = False
) -> app_commands.CommandTree:
    """Return everything that may be typed; `/topics` only where there are some to choose."""
    tree = _Tree(client, takes)

    @tree.command(name=locale_str("ask"), description=locale_str("Ask me; only you see the reply"))
    @app_commands.describe(question=locale_str("What you want to know"))
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, _LONGEST_QUESTION],
    ) -> None:
        await takes.ask(interaction, question)

    @tree.command(name=locale_str("experts"), description=locale_str("Who knows about a topic"))
    @app_commands.describe(topic=locale_str("Such as: ledger"))
    async def experts(
        interaction: Interaction, topic: app_commands.Range[str, 0, _LONGEST_TOPIC] = ""
    ) -> None:
        await takes.inquire(interaction, Inquiry.EXPERTS, topic)

    @tree.command(name=locale_str("help"), description=locale_str("What I do"))
    async def help_(interaction: Interaction) -> None:
        await takes.inquire(interaction, Inquiry.HELP, "/")

    @tree.context_menu(name=locale_str("Ask the group"))
    async def ask_the_group(interaction: Interaction, message: discord.Message) -> None:
        await takes.ask_about(interaction, message)

    _add_what_is_ones_own(tree, takes)
    if has_topics:
        tree.add_command(_topics(takes))
    tree.add_command(_review(takes))
    for name, (about, description) in _FOR_MAINTAINERS.items():
        tree.add_command(_for_maintainers(takes, name, about, description))
    return tree


def _add_what_is_ones_own(tree: app_commands.CommandTree, takes: Takes) -> None:
    @tree.command(
        name=locale_str("home"),
        description=locale_str("Your questions, what waits for you, and whom you helped"),
    )
    async def home(interaction: Interaction) -> None:
        await takes.inquire(interaction, Inquiry.HOME)

    @tree.command(
        name=locale_str("me"),
        description=locale_str("How you are asked: see it, or change it"),
    )
    @app_commands.describe(change=locale_str("Such as: budget 3, hours 9-17, topics ledger, tax"))
    async def me(
        interaction: Interaction, change: app_commands.Range[str, 0, _LONGEST_TOPIC] = ""
    ) -> None:
        if change.strip():
            await takes.change(interaction, change)
        else:
            await takes.inquire(interaction, Inquiry.HOME)

    @tree.command(
        name=locale_str("link"), description=locale_str("You are known on another platform, too")
    )
    @app_commands.describe(code=locale_str("The code that you were given there"))
    async def link(
        interaction: Interaction, code: app_commands.Range[str, 0, _LONGEST_CODE] = ""
    ) -> None:
        await takes.link(interaction, code)


def _topics(takes: Takes) -> app_commands.Command[app_commands.Group, ..., None]:
    async def topics(interaction: Interaction) -> None:
        await takes.offer_topics(interaction)

    command: app_commands.Command[app_commands.Group, ..., None] = app_commands.Command(
        name=locale_str("topics"),
        description=locale_str("Choose what you know about"),
        callback=topics,
    )
    command.guild_only = True
    return command


_FOR_MAINTAINERS = {
    "settings": (Inquiry.SETTINGS, "To what I listen in this channel"),
    "unanswered": (Inquiry.UNANSWERED, "The open questions that nobody has answered"),
    "aside": (Inquiry.ASIDE, "How much could not be handled or delivered"),
}


def _for_maintainers(
    takes: Takes, name: str, about: Inquiry, description: str
) -> app_commands.Command[app_commands.Group, ..., None]:
    async def show(interaction: Interaction) -> None:
        await takes.inquire(interaction, about)

    command: app_commands.Command[app_commands.Group, ..., None] = app_commands.Command(
        name=locale_str(name), description=locale_str(description), callback=show
    )
    # Discord shows it to those only; what they may do, the settings of the bot say.
    command.default_permissions = discord.Permissions(manage_guild=True)
    command.guild_only = True
    return command


def _review(takes: Takes) -> app_commands.Command[app_commands.Group, ..., None]:
    async def review(
        interaction: Interaction,
        what: Literal["withdraw", "restore", "correct"],
        link: str,
        words: app_commands.Range[str, 0, _LONGEST_QUESTION] = "",
    ) -> None:
        await takes.inquire(interaction, Inquiry.REVIEW, f"{what} {link} {words}")

    command: app_commands.Command[app_commands.Group, ..., None] = app_commands.Command(
        name=locale_str("review"),
        description=locale_str("Take back, restore or correct an answer that I show"),
        callback=review,
    )
    command.default_permissions = discord.Permissions(manage_guild=True)
    command.guild_only = True
    return command


async def sync_if_changed(tree: app_commands.CommandTree, path: Path) -> bool:
    """Tell Discord what may be typed, if that has changed since it was told.

    Args:
        tree: What may be typed.
        path: File that remembers what was told.

    Returns:
        Whether it was told.

    Raises:
        discord.HTTPException: Discord refused.
    """
    words = Words()
    await tree.set_translator(words)
    told = [await one.get_translated_payload(tree, words) for one in tree.get_commands()]
    written = json.dumps([tree.client.application_id, told], sort_keys=True)
    state = hashlib.sha256(written.encode()).hexdigest()
    if await asyncio.to_thread(_remembered, path) == state:
        return False
    await tree.sync()
    await asyncio.to_thread(path.write_text, state, encoding="utf-8")
    return True


def _remembered(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
