import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.bots import DEAD, KILLED, POISON, Bot, Host, eventually
from tests.acceptance.discord_bots import IMPATIENT, DiscordBot, moment, text_of
from tests.adapters.discord.test_discord_render import problems
from tests.discord_server import (
    Channel,
    DiscordServer,
    Held,
    LostResponse,
    Message,
    NotJson,
    Person,
    RateLimited,
    Refusal,
    Reset,
    Status,
    running_discord,
)

pytestmark = pytest.mark.slow
POST = "POST /channels/*/messages"
OPEN_THREAD = "POST /channels/*/messages/*/threads"
_EVERY = 7
"""Steps from one at which the bot dies to the next."""


@pytest.fixture
def here(bot: Bot, discord: DiscordServer) -> DiscordBot:
    """Return a bot that reads whole channels; Paul is the expert of the settings."""
    here = DiscordBot(bot, discord)
    here.make_expert(here.person("Paul"))
    return here


@pytest.fixture
def maria(here: DiscordBot) -> Person:
    return here.person("Maria")


@pytest.fixture
def paul(here: DiscordBot) -> Person:
    return here.person("Paul")


@pytest.fixture
def help_(here: DiscordBot) -> Channel:
    return here.channel("help")


def question(number: int) -> str:
    return f"How do I open ledger {number}?"


def counted(here: DiscordBot, asked: Sequence[Message]) -> list[int]:
    """Wait until nothing is left to do, and count the replies to each question."""
    here.rests()
    return [len(here.replies(root)) for root in asked]


# What comes more than once


def test_a_message_that_comes_three_times_gets_one_reply(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.discord.gateway.copies = 3

    asked = here.says(maria, help_, question(1))
    here.reply(asked)
    (dispatch, *_) = here.discord.record.events("MESSAGE_CREATE")
    here.discord.call(lambda: here.discord.gateway.repeat(dispatch))
    later = here.says(maria, help_, question(2))
    here.reply(later)

    assert counted(here, [asked, later]) == [1, 1]


# What is cut off


def test_killed_between_storing_a_question_and_replying_it_replies_once(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect(model="hangs")
    asked = here.says(maria, help_, f"How do I open the {POISON} ledger?")
    eventually(here.bot.home.with_suffix(".in-hand").exists)

    assert here.bot.kill() == KILLED
    here.start()

    here.reply(asked)
    assert counted(here, [asked]) == [1]


@pytest.mark.parametrize("when", ["before", "after", "long after"])
@pytest.mark.parametrize("call", [POST, OPEN_THREAD])
def test_killed_while_discord_is_posting_it_replies_once(
    here: DiscordBot, maria: Person, help_: Channel, call: str, when: str
) -> None:
    here.connect()
    is_done = when != "before"
    here.discord.faults.add(call, Held(effect_first=is_done))
    asked = here.says(maria, help_, question(1))
    eventually(lambda: here.discord.record.calls_of(call))
    if is_done:
        eventually(lambda: here.discord.record.calls_of(call)[0].had_effect)

    assert here.bot.kill() == KILLED
    here.discord.faults.clear()
    if when == "long after":
        # The nonce is forgotten.
        here.discord.call(lambda: here.discord.advance(3600))
    here.start()

    here.reply(asked)
    assert counted(here, [asked]) == [1]


def dies_at(host: Host, discord: DiscordServer, folder: Path, step: int) -> bool:
    """Ask one that dies at the n-th step, and start it again; says whether it died."""
    here = DiscordBot(Bot(host, folder / f"bot{step}"), discord)
    here.make_expert(here.person("Paul"))
    maria, channel = here.person("Maria"), here.channel("help")
    here.start(dies_at=step)
    eventually(lambda: here.bot.is_gone or here.listens())
    asked = here.says(maria, channel, question(1))
    eventually(lambda: here.bot.is_gone or (here.replies(asked) and here.is_at_rest))
    has_died = here.bot.is_gone
    if has_died:
        assert here.bot.wait() == DEAD
        here.start()
    here.reply(asked)
    assert counted(here, [asked]) == [1]
    here.bot.kill()
    return has_died


@pytest.mark.parametrize("first", [1, 4])
def test_at_whatever_step_it_dies_it_replies_once(host: Host, tmp_path: Path, first: int) -> None:
    deaths = 0
    for step in range(first, 120, _EVERY):
        with running_discord() as discord:
            deaths += dies_at(host, discord, tmp_path, step)

    assert deaths >= 3


# What Discord does with the bot's calls

TROUBLES: list[Status | NotJson | Reset | LostResponse | RateLimited | Refusal] = [
    Status(500),
    Status(502, "Bad gateway", "text/plain"),
    Status(503),
    Status(504, '"upstream timed out"', "application/json"),
    NotJson(),
    NotJson("<html>Sign in</html>", "text/html"),
    NotJson("[1, 2]"),
    NotJson("{}"),
    NotJson(""),
    Reset(),
    LostResponse(),
    LostResponse(reset=True),
    RateLimited(0.2),
    RateLimited(0.2, is_global=True, scope="global"),
    RateLimited(0.2, via=False),
    RateLimited(0.2, scope="shared"),
    Refusal(401, 0, "401: Unauthorized"),
]


@pytest.mark.parametrize(
    "call", ["POST /channels/{root}/messages", "POST /channels/*/messages/{root}/threads"]
)
def test_whatever_becomes_of_a_call_the_post_is_made_once(
    here: DiscordBot, maria: Person, help_: Channel, call: str
) -> None:
    here.connect()
    here.discord.call(here.discord.gateway.flowing.clear)
    asked = here.says_at_once([(maria, help_, question(n)) for n in range(len(TROUBLES))])
    for root, trouble in zip(asked, TROUBLES, strict=True):
        here.discord.faults.add(call.replace("{root}", str(root.id)), trouble, times=2)

    here.discord.call(here.discord.gateway.flowing.set)

    eventually(lambda: all(map(here.replies, asked)), patience=120)
    assert counted(here, asked) == [1] * len(TROUBLES)


def test_discord_that_answers_nothing_well_for_a_while_loses_nothing(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    for trouble in TROUBLES:
        here.discord.faults.add("*", trouble)
    here.start()
    eventually(lambda: not any(p.times for p in here.discord.faults.planned), patience=120)

    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert here.complaints == []


def a_thread(here: DiscordBot, asked: Message, maria: Person, paul: Person) -> None:
    """Let a question be taken on, answered and solved: the bot says four things."""
    routed = here.reply(asked)
    here.presses(paul, routed, "I'll take it")
    answer = "Open the setup and widen the dates."
    here.heard(here.says(paul, here.thread(asked), answer))
    here.solves(maria, here.thread(asked))


def test_more_than_discord_allows_is_said_in_order_and_never_too_early(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    here.discord.faults.limit(POST, 1, 0.5)
    here.discord.faults.limit(OPEN_THREAD, 1, 0.5)

    asked = here.says_at_once([(maria, help_, question(number)) for number in range(3)])
    for root in asked:
        a_thread(here, root, maria, paul)

    for root in asked:
        assert "Thank you, Paul" in text_of(here.reply(root, 4))
        first, second, third, fourth = (text_of(message) for message in here.replies(root))
        assert "I have no answer yet" in first
        assert "Paul is on it" in second
        assert "Did Paul's answer solve it?" in third
        assert "Thank you, Paul" in fourth
    assert counted(here, asked) == [4, 4, 4]
    assert here.discord.record.early_calls() == []


def test_a_limit_that_lasts_long_is_waited_for_by_the_outbox_and_not_by_a_call(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.discord.faults.add(OPEN_THREAD, RateLimited(40.0))

    asked = here.says(maria, help_, question(1))

    eventually(lambda: here.bot.look("SELECT error FROM outbox") == [["too many requests"]])
    assert here.replies(asked) == []


def test_an_answer_to_a_command_whose_response_was_lost_is_shown_once(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect()
    here.discord.faults.add("PATCH /webhooks/*/*/messages/@original", LostResponse())

    alone = here.runs(maria, "ask", help_, question="How do I void a cheque?")

    assert "Only you see this" in text_of(alone)
    here.rests()
    assert len(here.discord.call(lambda: maria.sees(help_))) == 1
    assert here.said(maria.dm) == []


# Connections


def end(here: DiscordBot, how: str) -> None:
    gateway = here.discord.gateway
    match how:
        case "closed to be resumed":
            here.discord.do(gateway.close(4000))
        case "closed by Discord":
            here.discord.do(gateway.close(1001))
        case "invalid":
            here.discord.call(gateway.invalidate)
        case "invalid, to be resumed":
            here.discord.call(lambda: gateway.invalidate(resumable=True))
        case "asked to reconnect":
            here.discord.call(gateway.reconnect)
        case "reset":
            here.discord.call(gateway.abort)
        case "reset and forgotten":
            here.discord.call(gateway.abort)
            here.discord.call(gateway.forget_sessions)


@pytest.mark.parametrize(
    "how",
    [
        "closed to be resumed",
        "closed by Discord",
        "invalid",
        "invalid, to be resumed",
        "asked to reconnect",
        "reset",
        "reset and forgotten",
    ],
)
def test_a_connection_that_ends_loses_nothing(
    here: DiscordBot, maria: Person, help_: Channel, how: str
) -> None:
    here.connect()
    before = here.says(maria, help_, question(1))
    here.reply(before)
    logins = len(here.discord.record.logins)

    end(here, how)
    asked = here.says_at_once([(maria, help_, question(n)) for n in (2, 3, 4, 5)])
    eventually(lambda: len(here.discord.record.logins) > logins and here.listens())
    later = here.says(maria, help_, question(6))

    for root in (*asked, later):
        here.reply(root)
    assert counted(here, [before, *asked, later]) == [1] * 6
    assert here.complaints == []


def silence(here: DiscordBot, how: str, *, is_over: bool = False) -> None:
    gateway = here.discord.gateway
    match how:
        case "says no hello":
            gateway.says_hello = is_over
        case "acknowledges no heartbeat":
            gateway.acknowledges = is_over
        case "is full":
            gateway.is_open = is_over


@pytest.mark.parametrize("how", ["says no hello", "acknowledges no heartbeat", "is full"])
def test_a_gateway_that_is_silent_loses_nothing(
    here: DiscordBot, maria: Person, help_: Channel, how: str
) -> None:
    here.discord.gateway.heartbeat_interval = 300
    here.connect(environment=IMPATIENT)
    silence(here, how)
    connections = len(here.discord.record.closed)
    here.discord.do(here.discord.gateway.close(4000))
    asked = here.says(maria, help_, question(1))
    eventually(lambda: len(here.discord.record.closed) > connections)
    here.discord.call(here.discord.gateway.forget_sessions)

    silence(here, how, is_over=True)

    here.reply(asked)
    assert counted(here, [asked]) == [1]


def test_what_was_said_in_a_long_silence_is_brought_by_a_new_session(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect(environment={"DISCORD_OVERLAP": "0.2"})
    here.discord.gateway.is_open = False
    here.discord.do(here.discord.gateway.close(4000))
    asked = here.says(maria, help_, question(1))
    # Longer than what is read once more: who notes that it listened meanwhile loses the question.
    eventually(lambda: datetime.now(UTC) - asked_at(asked) > timedelta(seconds=1))
    here.discord.call(here.discord.gateway.forget_sessions)

    here.discord.gateway.is_open = True

    here.reply(asked)
    assert counted(here, [asked]) == [1]


def asked_at(message: Message) -> datetime:
    return datetime.fromisoformat(message.timestamp)


def test_a_gateway_that_cannot_be_reached_at_first_is_reached_later(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.discord.do(here.discord.stop_listening())
    here.start()
    eventually(lambda: "the connection to Discord broke" in here.bot.said)

    here.discord.do(here.discord.start_listening())
    eventually(here.listens)
    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert here.complaints == []


def test_a_gateway_that_takes_nobody_at_first_is_reached_later(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.discord.gateway.is_open = False
    here.start()
    eventually(lambda: here.discord.record.calls_of("GET /gateway/bot"))
    eventually(lambda: "Failed to connect" in here.bot.said or "broke" in here.bot.said)

    here.discord.gateway.is_open = True
    eventually(here.listens)
    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]


NO_EVENTS: dict[str, object] = {
    "MESSAGE_CREATE": {"nonsense": 1},
    "MESSAGE_UPDATE": {"id": "x", "channel_id": "y"},
    "MESSAGE_DELETE": [],
    "CHANNEL_UPDATE": {"id": None},
    "THREAD_CREATE": {},
    "INTERACTION_CREATE": {"id": 1 << 80},
    "MESSAGE_REACTION_ADD": {"emoji": 3},
    "GUILD_CREATE": None,
    "NEVER_HEARD_OF": {"a": [[[[[1]]]]]},
}


def test_events_without_their_form_do_not_end_the_connection(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    here.connect()

    for name, payload in NO_EVENTS.items():
        here.discord.call(lambda n=name, p=payload: here.discord.gateway.send(n, p))  # type: ignore[misc]
    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert len(here.discord.record.logins) == 1


@pytest.mark.parametrize(
    "frame", ["no JSON", "[]", '{"op": 0, "t": null, "d": null, "s": null}', '{"op": 99}']
)
def test_a_frame_that_is_none_loses_nothing(
    here: DiscordBot, maria: Person, help_: Channel, frame: str
) -> None:
    here.connect()

    here.discord.call(lambda: here.discord.gateway.send_text(frame))
    asked = here.says(maria, help_, question(1))

    here.reply(asked)
    assert counted(here, [asked]) == [1]


# Who asked alone


@pytest.mark.parametrize("how", ["killed", "connected anew"])
def test_who_asked_by_a_command_is_answered_alone_also_when_the_interaction_is_lost(
    here: DiscordBot, maria: Person, help_: Channel, how: str
) -> None:
    here.connect(model="hangs")
    asked = here.discord.do(maria.runs("ask", help_, question=f"How do I open {POISON}?"))
    assert asked.acknowledged
    eventually(here.bot.home.with_suffix(".in-hand").exists)

    if how == "killed":
        assert here.bot.kill() == KILLED
        here.start()
    else:
        here.discord.call(lambda: here.discord.gateway.send_text("no JSON"))
        eventually(lambda: len(here.discord.record.logins) == 2 and here.listens())
        here.bot.home.with_suffix(".gate").touch()

    assert "Only you see this" in text_of(here.said_there(maria.dm))
    here.rests()
    assert len(here.said(maria.dm)) == 1
    assert here.said(help_) == []


# While the bot is away


def test_what_happened_while_the_bot_was_away_is_brought(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    known = here.says(maria, help_, question(1))
    edited = here.says(maria, help_, "How do I close the cash journal?")
    here.reply(known)
    here.reply(edited)
    thread = here.thread(known)
    answer = here.heard(here.says(paul, thread, "Open the setup and widen the dates."))
    here.rests()
    assert here.bot.kill() == KILLED

    four_days = 4 * 24 * 3600
    old = here.says(maria, help_, question(6), at=moment(time.time() - four_days))
    open_ = here.says(maria, help_, question(2))
    answered = here.says(maria, help_, question(3))
    side = here.discord.do(paul.starts_thread(answered, "in the cellar"))
    here.says(paul, side, "In the cellar.")
    inline = here.says(maria, help_, question(4))
    here.discord.do(paul.replies(inline, "In the attic, under the roof."))
    added = here.says(maria, help_, question(5))
    own = here.discord.do(maria.starts_thread(added, "more"))
    here.says(maria, own, "It says that it is locked.")
    here.discord.do(maria.edits(edited, "How do I close the cash drawer?"))
    here.discord.do(maria.reacts(answer, "✅"))
    here.start()

    here.reply(open_)
    here.reply(added)
    assert "Thank you, Paul" in text_of(here.reply(known, 3))
    assert counted(here, [open_, answered, inline, added, old]) == [1, 0, 0, 1, 0]
    texts = here.bot.look("SELECT text FROM question")
    assert any("cash drawer" in text for (text,) in texts)


def test_what_was_said_in_threads_that_were_put_away_is_brought_after_a_long_time(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    asked = here.says(maria, help_, question(1))
    here.reply(asked)
    thread = here.thread(asked)
    forum = here.discord.call(lambda: here.discord.forum("forum"))
    here.rests()
    assert here.bot.kill() == KILLED
    heard = here.bot.home / "discord-heard.txt"
    heard.write_text((datetime.now(UTC) - timedelta(hours=20)).isoformat())

    hours = time.time() - 3600
    answer = here.says(paul, thread, "Open the setup and widen the dates.", at=moment(hours))
    here.discord.do(maria.reacts(answer, "✅"))
    here.discord.call(lambda: here.discord.archive(thread))
    post = here.discord.do(maria.posts(forum, "Stairs", "How do I climb them?", at=moment(hours)))
    taken = here.discord.do(maria.posts(forum, "Doors", "How do I open one?", at=moment(hours)))
    here.says(paul, taken, "With the handle.", at=moment(hours + 60))
    here.start()

    assert "Thank you, Paul" in text_of(here.reply(asked, 3))
    here.said_there(post)
    here.rests()
    assert here.said(taken) == []
    assert len(here.said(post)) == 1


def test_what_was_written_to_the_bot_alone_while_it_was_away_is_brought(
    here: DiscordBot, maria: Person
) -> None:
    here.connect()
    here.says(maria, maria.dm, "How do I print a batch of labels?")
    here.said_there(maria.dm)
    here.rests()
    assert here.bot.kill() == KILLED

    here.says(maria, maria.dm, "How do I void a cheque?")
    here.start()

    here.said_there(maria.dm, 2)
    here.rests()
    assert len(here.said(maria.dm)) == 2


@pytest.mark.parametrize(
    "trouble", [Status(503), Reset(), RateLimited(0.2, via=False), RateLimited(40.0), NotJson()]
)
def test_history_that_cannot_be_read_at_once_is_read_later(
    here: DiscordBot, maria: Person, help_: Channel, trouble: Status | Reset | RateLimited | NotJson
) -> None:
    here.connect()
    assert here.bot.kill() == KILLED
    asked = here.says(maria, help_, question(1))
    here.discord.faults.add(f"GET /channels/{help_.id}/messages", trouble)
    here.start()

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert here.complaints == []


# What the bot may do


def test_a_guild_that_is_joined_and_left_while_it_runs(
    here: DiscordBot, maria: Person, help_: Channel
) -> None:
    discord = here.discord
    here.connect()
    other = discord.call(lambda: discord.add_guild("Another Group"))
    lars = here.person("Lars", guild=other)
    hall = here.channel("hall", guild=other)
    assert here.bot.run("setup", "discord", "--confirm", str(other.id)) == 0

    asked = here.says(lars, hall, question(1))
    here.reply(asked)
    held = Held(effect_first=False)
    discord.faults.add(OPEN_THREAD, held)
    late = here.says(lars, hall, question(2))
    eventually(lambda: len(discord.record.calls_of(OPEN_THREAD)) == 2)
    discord.call(lambda: discord.remove_bot(other))
    discord.call(held.release)
    here.heard(late)
    here.reply(here.says(maria, help_, question(3)))

    here.rests()
    (error,) = (row[0] for row in here.bot.look("SELECT error FROM outbox WHERE error != ''"))
    assert "cannot see the channel" in error
    assert here.complaints == []


@pytest.mark.parametrize("permission", ["send_messages_in_threads", "view_channel"])
def test_a_permission_that_is_taken_away_sets_one_message_aside_and_the_others_go_on(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel, permission: str
) -> None:
    other = here.channel("other")
    here.connect()
    asked = here.says(maria, help_, question(1))
    routed = here.reply(asked)
    here.discord.call(lambda: here.discord.forbid(help_, permission))
    here.discord.do(paul.presses(routed, "I'll take it"))
    eventually(lambda: here.bot.count("outbox", "set_aside"))
    elsewhere = here.says(maria, other, question(2))

    here.reply(elsewhere)
    (error,) = (row[0] for row in here.bot.look("SELECT error FROM outbox WHERE error != ''"))
    assert re.search("lacks a permission|cannot see the channel", error)
    here.discord.call(lambda: here.discord.allow(help_))
    assert here.bot.run("retry", "--all") == 0
    assert "Paul is on it" in text_of(here.reply(asked, 2))
    assert counted(here, [asked, elsewhere]) == [2, 1]


SWITCHES = {
    "message_content": "Message Content Intent",
    "members": "Server Members Intent",
}


@pytest.mark.parametrize("intent", SWITCHES)
@pytest.mark.parametrize("is_running", [True, False])
def test_an_intent_that_is_taken_away_is_named_and_it_goes_on_without(
    here: DiscordBot, maria: Person, help_: Channel, intent: str, *, is_running: bool
) -> None:
    if is_running:
        here.connect()
        here.discord.do(here.discord.revoke_intent(intent))
    else:
        here.discord.approved_intents.discard(intent)
        here.start()
    eventually(lambda: f"Turn on {SWITCHES[intent]} at" in here.bot.said)
    eventually(here.listens)

    asked = here.says(maria, help_, f"<@{here.discord.bot.id}> {question(1)}")

    here.reply(asked)
    assert counted(here, [asked]) == [1]
    assert here.discord.record.logins[-1].refused == ""
    assert here.complaints == []


@pytest.mark.parametrize("is_running", [True, False])
def test_a_token_that_is_revoked_is_said_and_waited_for(
    here: DiscordBot, maria: Person, help_: Channel, *, is_running: bool
) -> None:
    asked = []
    if is_running:
        here.connect()
        held = Held(effect_first=False)
        here.discord.faults.add(OPEN_THREAD, held)
        asked.append(here.says(maria, help_, question(0)))
        eventually(lambda: here.discord.record.calls_of(OPEN_THREAD))
        here.discord.do(here.discord.revoke_token())
        here.discord.call(held.release)
    else:
        here.discord.token_is_revoked = True
        here.start()
    eventually(lambda: "Discord refuses DISCORD_TOKEN" in here.bot.said)
    asked.append(here.says(maria, help_, question(1)))
    assert not here.bot.is_gone

    here.discord.token_is_revoked = False
    eventually(here.listens)
    asked.append(here.says(maria, help_, question(2)))

    expected = asked if is_running else asked[1:]
    for root in expected:
        here.reply(root)
    assert counted(here, expected) == [1] * len(expected)
    assert here.complaints == []
    assert here.discord.token not in here.bot.said
    assert here.bot.said.count("Discord refuses DISCORD_TOKEN") == 1


# Too much, and too strange


def test_two_hundred_questions_at_once_are_all_replied_to_once(here: DiscordBot) -> None:
    people = [here.person(f"Member {number}") for number in range(20)]
    channels = [here.channel(f"help{number}") for number in range(5)]
    here.connect()

    asked = here.says_at_once([(people[n % 20], channels[n % 5], question(n)) for n in range(200)])

    eventually(lambda: all(map(here.replies, asked)), patience=240)
    assert counted(here, asked) == [1] * 200


_MOST_LETTERS = 2_000
"""Of a message. Those who pay may write 4,000, which simcord does not know."""
_MONSTERS = {
    "long": "How do I open the ledger? " + "Nothing helps. " * 131,
    "one word": "How do I open the ledger? " + "x" * 1_974,
    "broken pairs": "How do I open the ledger \ud83d or \ude00\ud83d\ude00 \udfff?",
    "calls": "How do I open the ledger? @everyone @here <@&1> <#2> </ask:3> <id:guide> <t:1:R>",
    "mentions": "How do I open the ledger? " + " ".join(f"<@{n:07d}>" for n in range(195)),
    "fences": "How do I open the ledger?\n" + "```\n~~~\n````\ncode\n" * 100,
    "odd fences": "How do I open the ledger? " + "```" * 651,
    "markup": "How do I open the ledger? " + "*_~`|" * 240 + "[a](http://x)" * 55,
    "marks": "How do I open the ledger? " + "e" + "\u0301" * 1_950 + "\u202e\u200b\x00\x1b[31m",
    "lines": "How do I open the ledger?" + "\n> " * 650,
    "headings": "How do I open the ledger?" + "\n# a\n-# b\n1. c" * 120,
}
MONSTERS = {name: text[:_MOST_LETTERS] for name, text in _MONSTERS.items()}


def pings(here: DiscordBot, message: Message) -> set[str]:
    """Return whom and what in a message Discord would notify."""
    said = set(re.findall(r"@everyone|@here|<@&?\d+>", text_of(message)))
    json = here.discord.call(lambda: here.discord.as_json(message))
    return said | {f"<@{user['id']}>" for user in json["mentions"]}


def test_whatever_a_question_is_made_of_it_is_replied_to_within_the_limits(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()

    asked = here.says_at_once([(maria, help_, text) for text in MONSTERS.values()])

    for root in asked:
        reply = here.reply(root)
        assert problems(reply.components) == []
        assert pings(here, reply) <= {paul.mention, maria.mention}
    assert counted(here, asked) == [1] * len(MONSTERS)
    assert here.complaints == []


def test_a_file_of_twenty_thousand_letters_is_read_and_quoted_within_the_limits(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    words = "".join(text for text in MONSTERS.values() if text.isascii())[:19_000]
    files = [("trace.txt", words.encode())]
    asked = here.says(maria, help_, "How do I open the wombat ledger?", files=files)
    here.reply(asked)
    answered = here.says(paul, here.thread(asked), "Like in this file.", files=files)
    here.heard(answered)
    here.solves(maria, here.thread(asked))
    here.reply(asked, 3)

    again = here.says(maria, help_, "How do I open the wombat ledger?")

    assert problems(here.reply(again).components) == []
    assert pings(here, here.reply(again)) <= {paul.mention}
    assert counted(here, [asked, again]) == [3, 1]
    assert here.complaints == []


def test_whatever_an_answer_is_made_of_it_is_quoted_within_the_limits(
    here: DiscordBot, maria: Person, paul: Person, help_: Channel
) -> None:
    here.connect()
    asked = here.says_at_once(
        [(maria, help_, f"How do I open the {name} ledger?") for name in MONSTERS]
    )
    for root, text in zip(asked, MONSTERS.values(), strict=True):
        here.reply(root)
        words = text.replace("How do I open the ledger", "Like this").replace("?", ".")
        here.heard(here.says(paul, here.thread(root), words))
        here.solves(maria, here.thread(root))

    for root in asked:
        here.reply(root, 3)
    again = here.says_at_once(
        [(maria, help_, f"How do I open the {name} ledger?") for name in MONSTERS]
    )

    for root in again:
        reply = here.reply(root)
        assert text_of(reply).startswith("This should answer it:")
        assert problems(reply.components) == []
        assert pings(here, reply) == set()
    assert counted(here, again) == [1] * len(MONSTERS)
    assert here.complaints == []
