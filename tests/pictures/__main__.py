"""Run the bot on both platforms, ask it, and write the pictures of what it says."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.acceptance.bots import ROOT, Bot, Host, eventually, hosting
from tests.acceptance.discord_bots import DiscordBot
from tests.acceptance.slack_bots import SlackBot
from tests.discord_server import running_discord
from tests.pictures import discord_look, slack_look
from tests.pictures.screenshot import take
from tests.slack_server import running_slack

FOLDER = ROOT / "docs" / "pictures"
QUESTION = "How do I close the ledger for last year?"
AGAIN = "Can I close last year's ledger before the audit?"
ANSWER = (
    "Open Ledger > Setup, choose Close year, and pick the year. "
    "Entries of that year are read-only from then on."
)


def pictures_of_slack(host: Host, folder: Path) -> Iterator[tuple[str, str]]:
    with running_slack() as slack:
        here = SlackBot(Bot(host, folder / "slack" / "bot"), slack)
        maria, paul, tom = (here.person(name) for name in ("Maria", "Paul", "Tom"))
        channel = here.channel("help", maria, paul, tom)
        _make_expert(here.bot, f"slack:{paul.id}")
        here.connect()
        names = {one.id: one.user.real_name for one in (maria, paul, tom)}
        names[slack.bot.id] = "supportbot"

        def drawn(*messages: Any) -> str:
            return slack_look.slack_page(
                [
                    slack_look.drawn_message(
                        asdict(one) | {"is_ephemeral": bool(one.ephemeral_to)},
                        names[one.user],
                        names,
                        is_bot=one.user == slack.bot.id,
                    )
                    for one in messages
                ]
            )

        asked = here.says(maria, channel, QUESTION)
        routed = here.reply(asked)
        yield "slack-asked", drawn(asked, routed)
        here.presses(paul, routed, "take")
        here.reply(asked, 2)
        here.says(paul, channel, ANSWER, thread=asked)
        here.heard()
        here.solves(maria, asked)
        here.reply(asked, 4)
        again = here.says(tom, channel, AGAIN)
        yield "slack-answered", drawn(again, here.reply(again))
        slack.do(tom.runs("/supportbot", "help", channel))
        eventually(lambda: slack.call(tom.sees))
        yield "slack-help", drawn(slack.call(tom.sees)[-1])
        here.stop()
        here.bot.clean_up()


def pictures_of_discord(host: Host, folder: Path) -> Iterator[tuple[str, str]]:
    with running_discord() as discord:
        here = DiscordBot(Bot(host, folder / "discord" / "bot"), discord)
        maria, paul, tom = (here.person(name) for name in ("Maria", "Paul", "Tom"))
        channel = here.channel("help")
        here.make_expert(paul)
        here.connect()
        names = {one.id: one.name for one in (maria, paul, tom)}
        names[discord.bot.id] = "supportbot"

        def drawn(*messages: Any) -> str:
            return discord_look.discord_page(
                [
                    discord_look.drawn_message(
                        {"content": one.content, "components": one.components, "flags": one.flags},
                        names[one.author_id],
                        names,
                        is_bot=one.author_id == discord.bot.id,
                    )
                    for one in messages
                ]
            )

        asked = here.says(maria, channel, QUESTION)
        routed = here.reply(asked)
        yield "discord-asked", drawn(asked, routed)
        here.presses(paul, routed, "I'll take it")
        here.reply(asked, 2)
        here.heard(discord.do(paul.replies(routed, ANSWER)))
        here.solves(maria, here.thread(asked))
        here.reply(asked, 4)
        again = here.says(tom, channel, AGAIN)
        yield "discord-answered", drawn(again, here.reply(again))
        yield "discord-help", drawn(here.runs(tom, "help", channel))
        here.stop()
        here.bot.clean_up()


def _make_expert(bot: Bot, identity: str) -> None:
    file = bot.home.with_suffix(".toml")
    declared = f'topics = ["ledger"]\nidentities = ["{identity}"]'
    file.write_text(file.read_text().replace('topics = ["ledger"]', declared))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, hosting(Path(name)) as host:
        for pictures, width in ((pictures_of_slack, 560), (pictures_of_discord, 600)):
            for picture, html in pictures(host, Path(name)):
                take(html, FOLDER / f"{picture}.png", width=width)
                sys.stdout.write(f"{picture}.png\n")


if __name__ == "__main__":
    main()
