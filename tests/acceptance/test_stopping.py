import re
import signal

import pytest

from tests.acceptance.bots import KILLED, Bot, People, eventually


def ask_something_slow(bot: Bot, people: People) -> None:
    """Let the bot have a question in hand, on which the model hangs until the gate opens."""
    people.write("q1", "Maria", "How do I open the poison ledger?")
    eventually(lambda: bot.home.with_suffix(".in-hand").exists())


def open_the_gate(bot: Bot) -> None:
    bot.home.with_suffix(".gate").touch()


@pytest.mark.slow
def test_what_is_in_hand_is_finished_before_a_clean_stop(bot: Bot, people: People) -> None:
    bot.start(model="hangs")
    ask_something_slow(bot, people)

    bot.send_signal(signal.SIGTERM)
    eventually(lambda: "Stopping; what is in hand is finished first" in bot.said)
    open_the_gate(bot)
    status = bot.wait()

    assert status == 0
    assert bot.count("inbox", "handled") == 1
    assert "Traceback" not in bot.said


def test_a_clean_stop_says_what_is_left_and_the_next_start_does_it_once(
    bot: Bot, people: People
) -> None:
    bot.start(model="hangs")
    ask_something_slow(bot, people)
    people.ask(2, 3)
    eventually(lambda: bot.count("inbox", "waiting") == 3)
    bot.send_signal(signal.SIGTERM)
    open_the_gate(bot)

    status = bot.wait()
    last_words = bot.said.splitlines()[-1]
    again = bot.live()

    assert (status, again) == (0, 0)
    # The message of the question in hand may have been delivered, or waits as well.
    assert re.fullmatch(
        r"Stopped\. Left for the next start: 2 events, (no messages|1 message)\.", last_words
    )
    assert people.replies() == [1, 1, 1]


def test_asked_twice_it_stops_at_once_and_loses_nothing(bot: Bot, people: People) -> None:
    bot.start(model="hangs")
    ask_something_slow(bot, people)

    bot.send_signal(signal.SIGTERM)
    eventually(lambda: "Stopping; what is in hand" in bot.said)
    bot.send_signal(signal.SIGTERM)
    status = bot.wait()
    last_words = bot.said.splitlines()[-1]
    again = bot.live()

    assert (status, again) == (1, 0)
    assert last_words == "Stopped in the middle. Left for the next start: 1 event, no messages."
    assert people.replies() == [1]


@pytest.mark.slow
def test_a_stop_that_takes_longer_than_the_grace_is_given_up_and_loses_nothing(
    bot: Bot, people: People
) -> None:
    bot.start(model="hangs", grace=0.6)
    ask_something_slow(bot, people)

    bot.send_signal(signal.SIGTERM)
    status = bot.wait()
    again = bot.live()

    assert (status, again) == (1, 0)
    assert "Stopped in the middle." in bot.said
    assert people.replies() == [1]


@pytest.mark.slow
def test_killed_while_it_stops_it_loses_nothing(bot: Bot, people: People) -> None:
    bot.start(model="hangs")
    ask_something_slow(bot, people)

    bot.send_signal(signal.SIGTERM)
    eventually(lambda: "Stopping; what is in hand" in bot.said)
    status = bot.kill()
    again = bot.live()

    assert (status, again) == (KILLED, 0)
    assert people.replies() == [1]


def test_a_second_bot_in_a_home_is_refused_and_the_first_is_unharmed(
    bot: Bot, people: People
) -> None:
    first = bot.start()
    people.ask(1)
    eventually(lambda: people.replies() == [1])

    status = bot.run("run")
    people.ask(2)
    eventually(lambda: people.replies() == [1, 1])

    assert status == 2
    assert (
        f"A supportbot runs in {bot.home} already (process {first}). Stop it, or set "
        "SUPPORTBOT_HOME to another folder."
    ) in bot.said
    assert bot.end() == 0


@pytest.mark.slow
def test_the_home_of_a_bot_that_was_killed_is_free(bot: Bot, people: People) -> None:
    bot.start()
    people.ask(1)
    eventually(lambda: people.replies() == [1])
    bot.kill()

    status = bot.live()

    assert status == 0
    assert people.replies() == [1]


@pytest.mark.slow
def test_a_command_is_done_by_the_bot_that_runs(bot: Bot, people: People) -> None:
    bot.start()
    people.ask(1)
    eventually(lambda: people.replies() == [1])

    status = bot.run("forget", "terminal:Member1", "--yes")

    assert status == 0
    assert "Forgotten: 1 question" in bot.shown
    eventually(lambda: b"Member1" not in bot.words_on_disk)
    assert bot.end() == 0
