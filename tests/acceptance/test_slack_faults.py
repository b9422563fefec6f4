import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from supportbot.adapter_kit.slack_blocks import text_of_blocks
from tests.acceptance.bots import DEAD, KILLED, POISON, Bot, Host, eventually
from tests.acceptance.slack_bots import SlackBot
from tests.slack_server import (
    Channel,
    Held,
    LostResponse,
    Message,
    NotJson,
    Person,
    RateLimited,
    Reset,
    Signature,
    SlackServer,
    Status,
    problems_of_message,
    running_slack,
)

pytestmark = pytest.mark.slow
POST = "chat.postMessage"
_EVERY = 7
"""Steps from one at which the bot dies to the next."""


@pytest.fixture
def here(bot: Bot, slack: SlackServer, request: pytest.FixtureRequest) -> SlackBot:
    """Return a bot in one of the modes; Paul is the expert of the settings."""
    here = SlackBot(bot, slack, getattr(request, "param", "socket"))
    make_paul_the_expert(here)
    return here


in_both_modes = pytest.mark.parametrize(
    "here", [pytest.param("socket", marks=pytest.mark.slow), "http"], indirect=True
)
REASONS = ("warning", "refresh_requested")
in_socket_mode = pytest.mark.parametrize("here", ["socket"], indirect=True)
in_http_mode = pytest.mark.parametrize("here", ["http"], indirect=True)


def make_paul_the_expert(here: SlackBot) -> None:
    file = here.bot.home.with_suffix(".toml")
    paul = here.person("Paul")
    declared = f'topics = ["ledger"]\nidentities = ["slack:{paul.id}"]'
    file.write_text(file.read_text().replace('topics = ["ledger"]', declared))


@pytest.fixture
def maria(here: SlackBot) -> Person:
    return here.person("Maria")


@pytest.fixture
def paul(here: SlackBot) -> Person:
    return here.person("Paul")


@pytest.fixture
def help_(here: SlackBot, maria: Person, paul: Person) -> Channel:
    return here.channel("help", maria, paul)


def question(number: int) -> str:
    return f"How do I open ledger {number}?"


def never_again(here: SlackBot) -> None:
    """Let Slack send nothing twice: what is not taken then has to be looked for."""
    here.slack.courier.retry_delays = ()


def is_at_rest(bot: Bot) -> bool:
    return not bot.count("inbox", "waiting") and not bot.count("outbox", "waiting")


def counted(here: SlackBot, asked: Sequence[Message]) -> list[int]:
    """Wait until nothing is left to do, and count the replies to each question."""
    eventually(lambda: is_at_rest(here.bot))
    return [len(here.replies(root)) for root in asked]


def outside_threads(here: SlackBot, channel: Channel) -> list[str]:
    """Return what the bot said in a channel, and not in a thread."""
    return [
        m.text for m in here.slack.call(lambda: here.slack.said_by_bot(channel)) if not m.is_reply
    ]


# What comes more than once


@in_both_modes
def test_a_message_that_comes_three_times_gets_one_reply(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.slack.courier.copies = 3

    asked = here.says(maria, help_, question(1))
    here.reply(asked)
    here.heard()
    (delivery, *_) = here.slack.record.events("message", "")
    here.slack.do(here.slack.courier.repeat(delivery, times=2))

    assert counted(here, [asked]) == [1]
    assert [a.failure for a in delivery.attempts] == [""] * 5


@in_both_modes
def test_a_mention_and_the_message_itself_get_one_reply(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.slack.courier.copies = 2

    asked = here.says(maria, help_, f"<@{here.slack.bot.id}> {question(1)}")
    here.reply(asked)
    here.heard()

    assert len(here.slack.record.events("app_mention")) == 1
    assert counted(here, [asked]) == [1]


# What is cut off


@pytest.mark.slow
@in_both_modes
def test_killed_between_storing_a_question_and_replying_it_replies_once(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect(model="hangs")
    asked = here.says(maria, help_, f"How do I open the {POISON} ledger?")
    here.heard()
    eventually(here.bot.home.with_suffix(".in-hand").exists)

    assert here.bot.kill() == KILLED
    here.start()

    here.reply(asked)
    assert counted(here, [asked]) == [1]


@in_both_modes
@pytest.mark.parametrize("is_posted", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_killed_while_slack_is_posting_it_replies_once(
    here: SlackBot, maria: Person, help_: Channel, *, is_posted: bool
) -> None:
    here.connect()
    held = Held(effect_first=is_posted)
    here.slack.faults.add(POST, held)
    asked = here.says(maria, help_, question(1))
    eventually(lambda: here.slack.record.calls_of(POST))
    eventually(lambda: len(here.replies(asked)) == is_posted)

    assert here.bot.kill() == KILLED
    here.slack.faults.clear()
    here.start()

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert len(here.slack.record.calls_of(POST)) == (1 if is_posted else 2)


def dies_at(host: Host, slack: SlackServer, folder: Path, mode: str, step: int) -> bool:
    """Ask one that dies at the n-th step, and start it again; says whether it died."""
    # Slack's own repetitions are minutes apart: what the dead one has not stored is looked for.
    slack.courier.retry_delays = ()
    here = SlackBot(Bot(host, folder / f"bot{step}"), slack, mode)
    make_paul_the_expert(here)
    maria = here.person("Maria")
    channel = here.channel(f"help{step}", maria)
    here.start(dies_at=step)
    eventually(lambda: here.bot.is_gone or here.listens())
    asked = here.says(maria, channel, question(1))
    eventually(lambda: here.bot.is_gone or (here.replies(asked) and is_at_rest(here.bot)))
    has_died = here.bot.is_gone
    if has_died:
        assert here.bot.wait() == DEAD
        here.start()
    here.reply(asked)
    assert counted(here, [asked]) == [1]
    here.bot.kill()
    return has_died


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "first"), [("socket", 1), ("http", 4)])
def test_at_whatever_step_it_dies_it_replies_once(
    host: Host, tmp_path: Path, mode: str, first: int
) -> None:
    deaths = 0
    for step in range(first, 120, _EVERY):
        # A Slack of its own for each: one that has many channels is read for longer.
        with running_slack() as slack:
            deaths += dies_at(host, slack, tmp_path, mode, step)

    assert deaths >= 3


# What Slack does with the bot's calls


def a_thread(here: SlackBot, asked: Message, maria: Person, paul: Person) -> None:
    """Let a question be taken on, answered and solved: the bot says four things."""
    routed = here.reply(asked)
    here.presses(paul, routed, "take")
    here.says(paul, here.channel("help"), "Open the setup and widen the dates.", thread=asked)
    here.heard()
    here.solves(maria, asked)


@pytest.mark.slow
@in_both_modes
def test_every_second_post_is_refused_for_a_second_and_all_is_said_in_order(
    here: SlackBot, maria: Person, paul: Person, help_: Channel
) -> None:
    for number in range(1, 20):
        here.slack.faults.add(POST, RateLimited(1), after=number)
    here.connect()

    asked = here.says_at_once([(maria, help_, question(number)) for number in range(3)])
    for root in asked:
        a_thread(here, root, maria, paul)

    assert [here.reply(root, 4).text[:15] for root in asked] == ["Thank you, Paul"] * 3
    assert counted(here, asked) == [4, 4, 4]
    for root in asked:
        first, second, third, fourth = (message.text for message in here.replies(root))
        assert "I have no answer yet" in first
        assert "Paul is on it" in second
        assert "Did Paul's answer solve it?" in third
        assert "Thank you, Paul" in fourth
    assert len([c for c in here.slack.record.calls_of(POST) if c.status == 429]) >= 8
    assert here.slack.record.early_calls() == []


TROUBLES: list[Status | NotJson | Reset | LostResponse] = [
    Status(500),
    Status(502, "Bad gateway", "text/plain"),
    Status(503),
    Status(504, '"upstream timed out"', "application/json"),
    NotJson(),
    NotJson("<html>Sign in</html>", "text/html"),
    NotJson("ok", "text/plain"),
    NotJson("[1, 2]"),
    NotJson(""),
    Reset(),
    LostResponse(),
    LostResponse(reset=True),
]


@pytest.mark.slow
@in_both_modes
def test_whatever_becomes_of_a_post_it_is_made_once(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.slack.courier.events_paused = True
    asked = here.says_at_once([(maria, help_, question(n)) for n in range(len(TROUBLES))])
    for root, trouble in zip(asked, TROUBLES, strict=True):
        here.slack.faults.add(POST, trouble, times=2, thread_ts=root.ts)

    here.slack.call(here.slack.courier.resume)

    for root in asked:
        here.reply(root)
    assert counted(here, asked) == [1] * len(TROUBLES)
    assert "Traceback" not in here.bot.said


@pytest.mark.slow
@in_both_modes
def test_slack_that_answers_nothing_well_for_a_while_loses_nothing(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    for trouble in TROUBLES:
        here.slack.faults.add("*", trouble)
    asked = [here.says(maria, help_, question(1))]

    here.start()
    eventually(lambda: not any(p.times for p in here.slack.faults.planned), patience=60)
    asked.append(here.says(maria, help_, question(2)))

    for root in asked:
        here.reply(root)
    assert counted(here, asked) == [1, 1]


@in_both_modes
def test_what_comes_first_is_not_lost_while_slack_does_not_say_who_the_bot_is(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.slack.faults.add("auth.test", Status(503), times=-1)
    never_again(here)

    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]


@in_both_modes
def test_a_reply_to_a_question_that_is_deleted_meanwhile_does_not_stay_in_the_channel(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    held = Held(effect_first=False)
    here.slack.faults.add(POST, held)
    asked = here.says(maria, help_, question(1))
    eventually(lambda: here.slack.record.calls_of(POST))

    here.slack.do(maria.deletes(asked))
    here.slack.call(held.release)

    eventually(lambda: here.slack.record.calls_of("chat.delete"))
    eventually(lambda: is_at_rest(here.bot))
    assert outside_threads(here, help_) == []


# Connections


@in_socket_mode
@pytest.mark.parametrize(
    "how",
    ["drops", *(pytest.param(how, marks=pytest.mark.slow) for how in ("freezes", *REASONS))],
)
def test_sockets_that_end_lose_nothing(
    here: SlackBot, maria: Person, help_: Channel, how: str
) -> None:
    never_again(here)
    here.slack.courier.warning_seconds = 0.5
    here.connect()
    eventually(lambda: len(here.slack.courier.sockets) == 2)
    before = here.says(maria, help_, question(1))
    here.reply(before)
    ever = here.slack.courier.sockets_ever

    end_sockets(here, how)
    asked = here.says_at_once([(maria, help_, question(n)) for n in (2, 3, 4, 5)])
    eventually(lambda: here.slack.courier.sockets_ever >= ever + 2)
    later = here.says(maria, help_, question(6))

    for root in (*asked, later):
        here.reply(root)
    assert counted(here, [before, *asked, later]) == [1] * 6


def end_sockets(here: SlackBot, how: str) -> None:
    courier = here.slack.courier
    match how:
        case "drops":
            here.slack.call(courier.drop_sockets)
        case "freezes":
            here.slack.call(courier.freeze_sockets)
        case reason:
            here.slack.do(courier.disconnect(reason))


@in_socket_mode
@pytest.mark.slow
def test_socket_mode_that_is_switched_off_and_on_again_loses_nothing(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    never_again(here)
    here.connect()
    here.slack.do(here.slack.turn_socket_mode_off())
    eventually(lambda: not here.listens())
    asked = here.says(maria, help_, question(1))

    here.slack.app.socket_mode = True

    here.reply(asked)
    assert counted(here, [asked]) == [1]


@in_both_modes
def test_slack_that_cannot_be_reached_for_a_while_loses_nothing(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    never_again(here)
    here.connect()
    here.reply(here.says(maria, help_, question(0)))
    said = here.bot.said
    here.slack.do(here.slack.stop_listening())
    here.slack.call(here.slack.courier.drop_sockets)
    # Connections that are open stay open.
    here.slack.faults.add("*", Reset(), times=-1)
    asked = here.says(maria, help_, question(1))
    eventually(lambda: here.bot.said != said)

    here.slack.faults.clear()
    here.slack.do(here.slack.start_listening())

    here.reply(asked)
    assert counted(here, [asked]) == [1]


@in_both_modes
def test_what_happened_while_the_bot_was_away_is_brought(
    here: SlackBot, maria: Person, paul: Person, help_: Channel
) -> None:
    never_again(here)
    here.connect()
    known = here.says(maria, help_, question(1))
    edited = here.says(maria, help_, "How do I close the cash journal?")
    here.reply(known)
    here.reply(edited)
    here.says(paul, help_, "Open the setup and widen the dates.", thread=known)
    here.heard()
    eventually(lambda: is_at_rest(here.bot))
    assert here.bot.kill() == KILLED

    day = 24 * 3600.0
    (answer,) = (m for m in here.slack.thread(known) if m.user == paul.id)
    open_ = here.says(maria, help_, question(2))
    answered = here.says(maria, help_, question(3))
    here.says(paul, help_, "In the cellar.", thread=answered)
    old = here.says(maria, help_, question(4), at=time.time() - 4 * day)
    here.slack.do(maria.edits(edited, "How do I close the cash drawer?"))
    here.slack.do(maria.reacts(answer, "white_check_mark"))
    here.start()

    here.reply(open_)
    here.reply(known, 3)
    eventually(lambda: is_at_rest(here.bot))
    assert counted(here, [open_, answered, old]) == [1, 0, 0]
    assert "Did Paul's answer solve it?" in here.reply(known, 2).text
    assert "Thank you, Paul" in here.reply(known, 3).text
    texts = here.bot.look("SELECT text FROM question")
    assert any("cash drawer" in text for (text,) in texts)


# Tokens


@pytest.mark.slow
@in_both_modes
def test_a_token_that_is_revoked_when_it_starts_is_said_and_waited_for(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.slack.installation().fault = "token_revoked"
    here.start()
    eventually(lambda: "token_revoked" in here.bot.said)
    assert not here.bot.is_gone
    asked = here.says(maria, help_, question(1))

    here.slack.installation().fault = ""

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert "Traceback" not in here.bot.said
    assert here.slack.bot_token not in here.bot.said


@in_both_modes
def test_a_token_that_is_revoked_while_it_runs_is_said_and_waited_for(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.slack.installation().fault = "token_revoked"
    asked = here.says(maria, help_, question(1))
    eventually(lambda: "token_revoked" in here.bot.said)
    assert not here.bot.is_gone

    here.slack.installation().fault = ""

    here.reply(asked)
    assert counted(here, [asked]) == [1]


# What did not come from Slack


@in_http_mode
@pytest.mark.parametrize("signature", [Signature.WRONG, Signature.OLD, Signature.MISSING])
def test_what_is_not_signed_is_refused_and_not_stored(
    here: SlackBot, maria: Person, help_: Channel, signature: Signature
) -> None:
    never_again(here)
    here.connect()
    # It looks for what it missed before it listens and after, and would find the question there.
    eventually(lambda: len(here.slack.record.calls_of("conversations.history")) > 1)
    here.slack.courier.signature = signature

    here.says(maria, help_, question(1))
    here.heard()

    (delivery,) = here.slack.record.events("message")
    assert [attempt.status for attempt in delivery.attempts] == [401]
    assert here.bot.look("SELECT count(*) FROM inbox WHERE kind = 'message_posted'") == [[0]]


@in_http_mode
def test_slack_is_told_that_the_address_is_ours(here: SlackBot) -> None:
    here.connect()

    assert here.slack.do(here.slack.courier.verify_url(here.address, "token"))


# Too much, and too strange


@pytest.mark.slow
@in_both_modes
def test_two_hundred_questions_at_once_are_all_acknowledged_and_replied_to_once(
    here: SlackBot,
) -> None:
    # How long it takes is measured by the benchmark: here, Slack is as patient as a test must be.
    here.slack.courier.ack_seconds = 120
    people = [here.person(f"Member {number}") for number in range(20)]
    channels = [here.channel(f"help{number}", *people) for number in range(5)]
    here.connect()

    asked = here.says_at_once([(people[n % 20], channels[n % 5], question(n)) for n in range(200)])
    here.slack.do(here.slack.until_delivered(within=240), within=250)

    assert [len(one.attempts) for one in here.slack.record.events("message", "")[:200]] == [1] * 200
    eventually(lambda: all(map(here.replies, asked)), patience=240)
    assert counted(here, asked) == [1] * 200


MONSTERS = {
    "long": "How do I open the ledger? " + "Nothing helps. " * 2_665,
    "one word": "How do I open the ledger? " + "x" * 39_000,
    "broken pairs": "How do I open the ledger \ud83d or \ude00\ud83d\ude00 \udfff?",
    "calls": "How do I open the ledger? <!channel> <!here> <!everyone|x> <!subteam^S1> @channel",
    "escaped calls": "How do I open the ledger? &lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "mentions": "How do I open the ledger? " + " ".join(f"<@U{n:08d}>" for n in range(500)),
    "fences": "How do I open the ledger?\n" + "```\n~~~\n````\ncode\n" * 400,
    "odd fences": "How do I open the ledger? " + "```" * 3_001,
    "markup": "How do I open the ledger? " + "*_~`" * 2_000 + "<http://x|" * 500,
    "marks": "How do I open the ledger? " + "e" + "\u0301" * 3_000 + "\u202e\u200b\x00\x1b[31m",
    "lines": "How do I open the ledger?" + "\n> " * 5_000,
}


def pings(message: Message) -> list[str]:
    """Return what in a message would call many, or would notify somebody."""
    said = f"{message.text} {text_of_blocks(message.blocks)}"
    return re.findall(r"<!\w+|<@\w+", said)


@in_both_modes
def test_whatever_a_question_is_made_of_it_is_replied_to_within_the_limits(
    here: SlackBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()

    asked = here.says_at_once([(maria, help_, text) for text in MONSTERS.values()])

    for root in asked:
        reply = here.reply(root)
        assert problems_of_message(reply.blocks) == []
        assert set(pings(reply)) <= {f"<@{paul.id}", f"<@{maria.id}"}
    assert counted(here, asked) == [1] * len(MONSTERS)
    assert "Traceback" not in here.bot.said


@pytest.mark.slow
@in_both_modes
def test_whatever_an_answer_is_made_of_it_is_quoted_within_the_limits(
    here: SlackBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    asked = here.says_at_once(
        [(maria, help_, f"How do I open the {name} ledger?") for name in MONSTERS]
    )
    for root, text in zip(asked, MONSTERS.values(), strict=True):
        here.reply(root)
        words = text.replace("How do I open the ledger?", "Like this:")
        answer = here.says(paul, help_, words, thread=root)
        here.heard()
        # Not each looks like an answer about which the bot would ask.
        here.slack.do(maria.reacts(answer, "white_check_mark"))

    for root in asked:
        until_thanked(here, root)
    again = here.says_at_once(
        [(maria, help_, f"How do I open the {name} ledger?") for name in MONSTERS]
    )

    for root in again:
        reply = here.reply(root)
        assert reply.text.startswith(("This should answer it:", "Paul answered this"))
        assert problems_of_message(reply.blocks) == []
        assert pings(reply) == []
    assert counted(here, again) == [1] * len(MONSTERS)
    assert "Traceback" not in here.bot.said


def until_thanked(here: SlackBot, root: Message) -> None:
    eventually(lambda: "Thank you, Paul" in here.replies(root)[-1].text)


# A disk that is full


@in_both_modes
def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(
    here: SlackBot, maria: Person, help_: Channel
) -> None:
    here.slack.courier.retry_delays = (0.3,) * 60
    here.bot.mount("-t", "tmpfs", "-o", "size=2m", "none", str(here.bot.home))
    here.connect()
    here.reply(here.says(maria, help_, question(1)))
    filler = str(here.bot.home / "filler")
    assert "No space left" in here.bot.do("dd", "if=/dev/zero", f"of={filler}", "bs=4k")

    asked = here.says(maria, help_, question(2))
    *_, delivery = here.slack.record.events("message")
    eventually(lambda: here.bot.health()[0] == 503)
    was_acknowledged = delivery.was_acknowledged
    here.bot.do("rm", filler)

    here.reply(asked)
    assert not was_acknowledged
    assert counted(here, [asked]) == [1]
