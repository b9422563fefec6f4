"""One group on Slack and on Discord, with one bot."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.acceptance import test_discord, test_slack
from tests.acceptance.bots import Bot, eventually
from tests.acceptance.discord_bots import DiscordBot, text_of
from tests.acceptance.slack_bots import SlackBot
from tests.discord_server import DiscordServer
from tests.slack_server import SlackServer

LIFE = Path(__file__).with_name("both-life.txt")
"""One question that is asked on Discord, answered on Slack, and asked again on Discord."""


@pytest.mark.slow
def test_a_question_is_asked_here_answered_there_and_answered_with_it_here_the_next_time(
    bot: Bot, discord: DiscordServer, slack: SlackServer
) -> None:
    here, there = DiscordBot(bot, discord), SlackBot(bot, slack)
    help_, maria, tom = here.channel("help"), here.person("Maria"), here.person("Tom")
    lena, kurt = there.person("Lena"), there.person("Kurt")
    aid = there.channel("aid", lena, kurt)
    here.connect(environment=there.environment)
    eventually(there.listens)

    here.reply(here.says(maria, help_, "How do I close the ledger for last year?"))
    asked = there.says(lena, aid, "How do I close the ledger for last year?")
    first = there.reply(asked)
    there.says(kurt, aid, "Open the setup, choose Close, and widen the dates.", thread=asked)
    there.heard()
    there.presses(lena, first, "solved")
    there.reply(asked, 2)
    here.reply(here.says(tom, help_, "How can I close the ledger of last year?"))
    here.rests()

    on_discord = test_discord.transcript(here, help_, {maria: "Maria", tom: "Tom"})
    on_slack = test_slack.transcript(slack, aid, {lena: "Lena", kurt: "Kurt"})
    shown = f"On Discord:\n\n{on_discord}\nOn Slack:\n\n{on_slack}"
    assert here.stop() == 0
    assert _as_anywhere(shown) == LIFE.read_text(encoding="utf-8")


def _as_anywhere(text: str) -> str:
    """Take the day and the names of this run out of a transcript."""
    today = datetime.now(UTC)
    text = text.replace(f"{today.day} {today:%B %Y}", "(today)")
    return re.sub(r"https://[\w.-]+\.slack\.com/[^\s)|>]+", "https://….slack.com/…", text)


@pytest.mark.slow
def test_what_was_solved_on_one_platform_is_found_and_quoted_on_the_other(
    bot: Bot, discord: DiscordServer, slack: SlackServer
) -> None:
    here, there = DiscordBot(bot, discord), SlackBot(bot, slack)
    help_, maria, paul = here.channel("help"), here.person("Maria"), here.person("Paul")
    lena, kurt = there.person("Lena"), there.person("Kurt")
    aid = there.channel("aid", lena, kurt)
    here.connect(environment=there.environment)
    eventually(there.listens)

    asked = there.says(lena, aid, "How do I close the ledger for last year?")
    first = there.reply(asked)
    there.says(kurt, aid, "Open the setup, choose Close.", thread=asked)
    there.heard()
    there.presses(lena, first, "solved")
    there.reply(asked, 2)
    on_discord = text_of(here.reply(here.says(maria, help_, "How can I close the ledger?")))
    asked_here = here.says(maria, help_, "How do I void the cheques of the pelicans?")
    second = here.reply(asked_here)
    given = here.heard(here.says(paul, here.thread(asked_here), "Press Void on the pelican."))
    here.presses(maria, second, "This solved it")
    here.reply(asked_here, 2)
    on_slack = there.reply(there.says(kurt, aid, "How can I void the cheques of the pelicans?"))

    assert "> Open the setup, choose Close." in on_discord
    assert "Kurt · " in on_discord
    assert "slack.com/archives/" in on_discord
    assert "Press Void on the pelican." in str(on_slack.blocks)
    assert "Paul" in str(on_slack.blocks)
    link = f"https://discord.com/channels/{discord.guild.id}/{asked_here.id}/{given.id}"
    assert link in str(on_slack.blocks)
    assert here.stop() == 0


@pytest.mark.slow
def test_one_person_on_both_platforms_is_asked_here_for_what_they_answered_there(
    bot: Bot, discord: DiscordServer, slack: SlackServer
) -> None:
    here, there = DiscordBot(bot, discord), SlackBot(bot, slack)
    help_, maria, paul = here.channel("help"), here.person("Maria"), here.person("Paul")
    lena, kurt = there.person("Lena"), there.person("Kurt")
    aid = there.channel("aid", lena, kurt)
    here.connect(environment=there.environment)
    eventually(there.listens)
    asked = there.says(lena, aid, "How do the pelicans get to the lake of the herons?")
    first = there.reply(asked)
    there.says(kurt, aid, "They take the bus of the zoo.", thread=asked)
    there.heard()
    there.presses(lena, first, "solved")
    there.reply(asked, 2)

    given = text_of(here.runs(paul, "link", help_))
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", given)
    assert code is not None
    slack.do(kurt.runs("/supportbot", f"link {code[0]}", aid))
    eventually(lambda: here.look("SELECT count(*) FROM identity") == 2)
    again = here.says(maria, help_, "How can pelicans get to the lake of the herons?")
    here.presses(maria, here.reply(again), "Ask a person")

    assert f"<@{paul.id}>" in text_of(here.reply(again, 2))
    assert here.stop() == 0
