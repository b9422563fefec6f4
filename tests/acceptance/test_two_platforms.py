"""One group on Slack and on Discord, with one bot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass
class Both:
    """A bot on both platforms: Maria and Paul are here, on Discord, Lena and Kurt there."""

    here: DiscordBot
    there: SlackBot

    def __post_init__(self) -> None:
        """Let it connect."""
        here, there = self.here, self.there
        self.help, self.maria, self.paul = (
            here.channel("help"),
            here.person("Maria"),
            here.person("Paul"),
        )
        self.lena, self.kurt = there.person("Lena"), there.person("Kurt")
        self.aid = there.channel("aid", self.lena, self.kurt)
        here.connect(environment=there.environment)
        eventually(there.listens)

    def solve_there(self, question: str, answer: str) -> None:
        """Let Lena ask on Slack what Kurt answers, and be content with it."""
        there = self.there
        asked = there.says(self.lena, self.aid, question)
        there.reply(asked)
        there.says(self.kurt, self.aid, answer, thread=asked)
        there.heard()
        there.solves(self.lena, asked)
        there.reply(asked, 3)


@pytest.fixture
def both(bot: Bot, discord: DiscordServer, slack: SlackServer) -> Both:
    return Both(DiscordBot(bot, discord), SlackBot(bot, slack))


@pytest.mark.slow
def test_a_question_is_asked_here_answered_there_and_answered_with_it_here_the_next_time(
    both: Both, reads_as: Callable[[Path, str], None]
) -> None:
    here, help_, maria, tom = both.here, both.help, both.maria, both.here.person("Tom")
    question = "How do I close the ledger for last year?"

    here.reply(here.says(maria, help_, question))
    both.solve_there(question, "Open the setup, choose Close, and widen the dates.")
    here.reply(here.says(tom, help_, "How can I close the ledger of last year?"))
    here.rests()

    on_discord = test_discord.transcript(here, help_, {maria: "Maria", tom: "Tom"})
    on_slack = test_slack.transcript(
        both.there.slack, both.aid, {both.lena: "Lena", both.kurt: "Kurt"}
    )
    shown = f"On Discord:\n\n{on_discord}\nOn Slack:\n\n{on_slack}"
    assert here.stop() == 0
    reads_as(LIFE, _as_anywhere(shown))


def _as_anywhere(text: str) -> str:
    """Take the day and the names of this run out of a transcript."""
    today = datetime.now(UTC)
    text = text.replace(f"{today.day} {today:%B}", "(today)")
    return re.sub(r"https://[\w.-]+\.slack\.com/[^\s)|>]+", "https://….slack.com/…", text)


@pytest.mark.slow
def test_what_was_solved_on_one_platform_is_found_and_quoted_on_the_other(
    both: Both,
) -> None:
    here, there, help_, maria = both.here, both.there, both.help, both.maria

    both.solve_there("How do I close the ledger for last year?", "Open the setup, choose Close.")
    on_discord = text_of(here.reply(here.says(maria, help_, "How can I close the ledger?")))
    asked_here = here.says(maria, help_, "How do I void the cheques of the pelicans?")
    here.reply(asked_here)
    given = here.heard(here.says(both.paul, here.thread(asked_here), "Press Void on the pelican."))
    here.solves(maria, here.thread(asked_here))
    here.reply(asked_here, 3)
    on_slack = there.reply(
        there.says(both.kurt, both.aid, "How can I void the cheques of the pelicans?")
    )

    assert "> Open the setup, choose Close." in on_discord
    assert "Kurt answered this" in on_discord
    assert "slack.com/archives/" in on_discord
    assert "Press Void on the pelican." in str(on_slack.blocks)
    assert "Paul" in str(on_slack.blocks)
    link = f"https://discord.com/channels/{here.discord.guild.id}/{asked_here.id}/{given.id}"
    assert link in str(on_slack.blocks)
    assert here.stop() == 0


@pytest.mark.slow
def test_one_person_on_both_platforms_is_asked_here_for_what_they_answered_there(
    both: Both,
) -> None:
    here, help_, maria, paul = both.here, both.help, both.maria, both.paul
    both.solve_there(
        "How do the pelicans get to the lake of the herons?", "They take the bus of the zoo."
    )

    given = text_of(here.runs(paul, "link", help_))
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", given)
    assert code is not None
    both.there.slack.do(both.kurt.runs("/supportbot", f"link {code[0]}", both.aid))
    eventually(lambda: here.look("SELECT count(*) FROM identity") == 2)
    again = here.says(maria, help_, "How can pelicans get to the lake of the herons?")
    here.presses(maria, here.reply(again), "Ask a person")

    assert f"<@{paul.id}>" in text_of(here.reply(again, 2))
    assert here.stop() == 0
