import pytest

from tests.acceptance.bots import Bot
from tests.acceptance.slack_bots import MODES, SlackBot
from tests.slack_server import SlackServer


@pytest.mark.parametrize("mode", MODES)
def test_a_question_is_routed_taken_answered_solved_and_answered_with_it_the_next_time(
    bot: Bot, slack: SlackServer, mode: str
) -> None:
    here = SlackBot(bot, slack, mode)
    maria, paul, tom = (here.person(name) for name in ("Maria", "Paul", "Tom"))
    help_ = here.channel("help", maria, paul, tom)
    file = bot.home.with_suffix(".toml")
    file.write_text(
        file.read_text().replace(
            'topics = ["ledger"]', f'topics = ["ledger"]\nidentities = ["slack:{paul.id}"]'
        )
    )
    here.connect()

    asked = here.says(maria, help_, "How do I close the ledger for last year?")
    routed = here.reply(asked)
    assert "I don't know this one." in routed.text
    assert paul.mention in str(routed.blocks)
    here.presses(paul, routed, "take")
    assert "Paul takes this one" in here.reply(asked, 2).text
    here.says(paul, help_, "Open the setup, choose Close, and widen the dates.", thread=asked)
    here.heard()
    here.presses(maria, routed, "solved")
    assert "Thank you, Paul" in here.reply(asked, 3).text

    again = here.says(tom, help_, "How can I close the ledger of last year?")
    answer = here.reply(again)

    assert "This was answered before" in answer.text
    assert "Open the setup, choose Close, and widen the dates." in str(answer.blocks)
    here.heard()
    assert here.stop() == 0
    assert slack.call(slack.record.late_deliveries) == []
