import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from simcord.backend.models import Overwrite
from simcord.backend.permissions import flag
from simcord.enums import OverwriteType

from supportbot.domain.language.catalogue import words
from tests.acceptance.bots import Bot, Host, eventually
from tests.acceptance.discord_bots import MAINTAINERS, MODES, DiscordBot, labels_of, text_of
from tests.adapters.discord.test_discord_render import problems
from tests.discord_server import Channel, DiscordServer, Message, Person, running_discord

VIEW = flag("view_channel")
LISTED = (
    "SELECT count(*) FROM inbox WHERE event_id LIKE 'discord:{}:privacy/%' AND state = 'handled'"
)
"""How often it was heard which channels of a guild are open."""
HOW_TO_BE_HEARD = f"-# {words('listen.replies_only')}"
WHEN = f"{words('form.when')} …"
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LIFE = Path(__file__).with_name("discord-life.txt")
"""One whole life of a question, as it is posted in both modes."""


@pytest.mark.parametrize("mode", [MODES[0], pytest.param(MODES[1], marks=pytest.mark.slow)])
def test_a_question_is_routed_taken_answered_solved_and_answered_with_it_the_next_time(
    bot: Bot, discord: DiscordServer, mode: str, pytestconfig: pytest.Config
) -> None:
    here = DiscordBot(bot, discord, mode)
    maria, paul, lena = (here.person(name) for name in ("Maria", "Paul", "Lena"))
    help_ = here.channel("help")
    here.make_expert(paul)
    here.connect()
    # Without the content of messages, the bot hears those who call it.
    call = f"<@{discord.bot.id}> " if mode == "mentions" else ""

    asked = here.says(maria, help_, f"{call}How do I close the ledger for last year?")
    routed = here.reply(asked)
    thread = here.thread(asked)
    assert labels_of(routed) == ["I'll take it", "Not me"]
    here.presses(paul, routed, "I'll take it")
    assert "Paul is on it" in text_of(here.reply(asked, 2))
    assert (HOW_TO_BE_HEARD in text_of(routed)) == (mode == "mentions")
    words = "Open the setup, choose Close, and widen the dates."
    answered = here.heard(discord.do(paul.replies(routed, words)))
    here.solves(maria, thread)
    assert "Thank you, Paul" in text_of(here.reply(asked, 4))
    again = here.says(lena, help_, f"{call}How can I close the ledger of last year?")
    found = here.reply(again)

    here.rests()
    link = f"https://discord.com/channels/{discord.guild.id}/{thread.id}/{answered.id}"
    assert f"]({link})" in text_of(found)
    assert here.stop() == 0
    assert discord.record.gaps == []
    shown = transcript(here, help_, {maria: "Maria", paul: "Paul", lena: "Lena"})
    if pytestconfig.getoption("update_conversations"):
        LIFE.write_text(shown, encoding="utf-8")
        pytest.skip("rewritten")
    assert shown == LIFE.read_text(encoding="utf-8")


def transcript(here: DiscordBot, channel: Channel, names: dict[Person, str]) -> str:
    """Return what stands in a channel and its threads, as posted, with what may be pressed."""
    people = {person.id: name for person, name in names.items()}
    people[here.discord.bot.id] = "supportbot"
    lines = here.discord.call(lambda: list(_lines_of(here.discord, channel, people)))
    today = datetime.now(UTC)
    said_today = f"{today.day} {today:%B}"
    text = "\n".join([*lines, ""]).replace(said_today, "(today)")
    # Whether the bot is called is the difference between the modes.
    text = text.replace("  @supportbot ", "  ").replace(f"      {HOW_TO_BE_HEARD}\n", "")
    return re.sub(r"(https://discord\.com/channels)[/\d]+", r"\1/…", text)


def _lines_of(discord: DiscordServer, channel: Channel, people: dict[int, str]) -> Iterator[str]:
    for root in discord.messages(channel):
        yield from _shown(root, people, "")
        thread = discord.thread(root)
        if thread is not None:
            yield f"    [thread: {_named(thread.name or '', people)}]"
            for message in discord.messages(thread):
                if message.type != _THREAD_STARTER and message.system_metadata is None:
                    yield from _shown(message, people, "    ")


_THREAD_STARTER = 21


def _shown(message: Message, people: dict[int, str], indent: str) -> list[str]:
    assert problems(message.components) == []
    labels = "".join(f"[{one}]" for one in labels_of(message))
    shown = [*_named(text_of(message), people).splitlines(), *([labels] if labels else [])]
    lines = [f"{people[message.author_id]}:", *(f"  {line}" for line in shown)]
    return [f"{indent}{line}".rstrip() for line in lines]


def _named(text: str, people: dict[int, str]) -> str:
    for id_, name in people.items():
        text = text.replace(f"<@{id_}>", f"@{name}")
    return text


@pytest.fixture(scope="module")
def here(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DiscordBot]:
    """Yield a bot that is connected, with people and channels that each test names anew."""
    with running_discord() as discord:
        bot = Bot(host, tmp_path_factory.mktemp("discord") / "bot")
        here = DiscordBot(bot, discord, settings=MAINTAINERS)
        here.connect()
        yield here
        assert here.stop() == 0
        assert discord.record.gaps == []
        assert here.complaints == []
        bot.clean_up()


def learned(here: DiscordBot, words: str) -> int:
    """Count what is known with these words."""
    return here.look(f"SELECT count(*) FROM passage WHERE shown LIKE '%{words}%'")  # noqa: S608


def solved(here: DiscordBot, channel: Channel, name: str, question: str, answer: str) -> Message:
    """Let a question be asked, answered and solved in a channel; gives the answer."""
    asker, helper = here.person(f"{name} who asks"), here.person(f"{name} who helps")
    asked = here.says(asker, channel, question)
    here.reply(asked)
    given = here.heard(here.says(helper, here.thread(asked), answer))
    here.solves(asker, here.thread(asked))
    eventually(lambda: "Thank you" in text_of(here.replies(asked)[-1]))
    return given


# Asking


@pytest.mark.slow
def test_a_question_by_command_is_seen_by_its_asker_alone_until_it_is_shown(
    here: DiscordBot,
) -> None:
    ben = here.person("Ben")
    channel = here.channel("commands")

    alone = here.runs(ben, "ask", channel, question="How do I void a cheque?")
    assert "Only you see this" in text_of(alone)
    assert problems(alone.components) == []
    assert here.said(channel) == []
    here.presses(ben, alone, "Ask the group")

    posted = here.said_there(channel)
    assert text_of(posted).startswith(f"{ben.mention} asks:") or "Ben asks:" in text_of(posted)
    assert "How do I void a cheque?" in text_of(posted)
    assert "I have no answer yet." in text_of(here.reply(posted))
    assert "I'll mention you there" in text_of(here.seen(ben, channel, 2))


@pytest.mark.slow
def test_the_menu_of_a_message_makes_a_question_of_it(here: DiscordBot) -> None:
    eva, jan = here.person("Eva"), here.person("Jan")
    channel = here.channel("menus")
    said = here.heard(here.says(eva, channel, "Lunch was late and the label printer is silent"))

    here.discord.do(jan.uses("Ask the group", said))

    assert "I have no answer yet." in text_of(here.reply(said))


@pytest.mark.slow
def test_a_post_in_a_forum_is_a_question_and_is_tagged_when_it_is_solved(here: DiscordBot) -> None:
    lea, otto = here.person("Lea"), here.person("Otto")
    forum = here.discord.call(lambda: here.discord.forum("forum", tags=["ledger", "Solved"]))

    post = here.discord.do(
        lea.posts(forum, "Year end", "How do I carry the otters forward?", tags=["ledger"])
    )
    first = here.said_there(post)
    assert "I have no answer yet." in text_of(first)
    asked = "SELECT text FROM question WHERE text LIKE '%otters%'"
    assert here.bot.look(asked) == [["Year end\nHow do I carry the otters forward?\n(ledger)"]]
    here.heard(here.says(otto, post, "Press Carry, and count the otters."))
    here.solves(lea, post)

    assert "Thank you, Otto" in text_of(here.said_there(post, 3))
    tags = {tag["name"]: int(tag["id"]) for tag in forum.available_tags}
    eventually(lambda: set(post.applied_tags) == set(tags.values()))


@pytest.mark.slow
def test_a_question_to_the_bot_alone_is_answered_there_and_shared_when_they_say_so(
    here: DiscordBot,
) -> None:
    ines = here.person("Ines")
    channel = here.channel("shared")
    here.says(ines, ines.dm, "How do I print a batch of labels?")
    alone = here.said_there(ines.dm)
    assert "Only you see this" in text_of(alone)

    here.chooses(ines, alone, "#shared")

    posted = here.said_there(channel)
    assert "How do I print a batch of labels?" in text_of(posted)
    assert "I have no answer yet." in text_of(here.reply(posted))
    assert "I'll mention you there" in text_of(here.said_there(ines.dm, 2))


@pytest.mark.slow
def test_who_replies_to_the_bot_alone_is_offered_to_ask_the_group(here: DiscordBot) -> None:
    ida = here.person("Ida")
    here.says(ida, ida.dm, "How do I rename the plotter?")
    first = here.said_there(ida.dm)

    here.discord.do(ida.replies(first, "No, that does not help me at all"))

    second = here.said_there(ida.dm, 2)
    assert "Ask the group in …" in labels_of(second)


@pytest.mark.slow
def test_a_screenshot_without_a_word_is_not_left_in_silence(here: DiscordBot) -> None:
    ada = here.person("Ada")
    channel = here.channel("files")

    logged = here.says(
        ada, channel, "What does this mean?", files=[("error.txt", b"Zebrafish error 4711")]
    )
    pictured = here.says(ada, channel, "", files=[("error.png", b"\x89PNG")])

    assert "I have no answer yet." in text_of(here.reply(logged))
    assert here.look("SELECT count(*) FROM question WHERE text LIKE '%Zebrafish error 4711%'") == 1
    assert "I can't read images" in text_of(here.reply(pictured))


@pytest.mark.slow
def test_a_mention_in_a_thread_brings_the_bot_to_its_first_message(here: DiscordBot) -> None:
    lia, ulf = here.person("Lia"), here.person("Ulf")
    channel = here.channel("mentions")
    first = here.heard(here.says(lia, channel, "We moved the nightly batch to Tuesday"))
    thread = here.discord.do(ulf.starts_thread(first, "batch"))

    here.says(ulf, thread, f"<@{here.discord.bot.id}> do you know this?")

    assert text_of(here.reply(first))


@pytest.mark.slow
def test_without_message_content_nothing_comes_of_what_does_not_call_the_bot(
    bot: Bot, discord: DiscordServer
) -> None:
    here = DiscordBot(bot, discord, "mentions")
    maria, paul = here.person("Maria"), here.person("Paul")
    help_, call = here.channel("help"), f"<@{discord.bot.id}>"
    forum = discord.call(lambda: discord.forum("forum"))
    here.connect()

    here.says(maria, help_, "How do I close the ledger for last year?")
    post = discord.do(maria.posts(forum, "Ledgers", "How do I close the ledger for last year?"))
    asked = here.says(maria, help_, f"{call} How do I water the ledger?")
    thread = here.thread(asked)
    first = here.reply(asked)
    given = here.heard(discord.do(paul.replies(first, "With a can.")))
    here.says(maria, thread, "No, that does not work at all")
    discord.do(maria.reacts(given, "✅"))
    again = here.says(maria, help_, f"{call} How do I water the ledger?")
    found = here.reply(again)
    here.says(maria, here.thread(again), "Thank you, that was it!")
    called = discord.do(maria.posts(forum, "Ledgers", f"{call} Why is the ledger blue?"))

    here.said_there(called)
    assert "With a can." in text_of(found)
    here.rests()
    assert here.said(post) == []
    assert [text_of(one)[:9] for one in here.replies(asked)] == ["I have no", "Thank you"]
    assert here.replies(again) == [found]
    assert here.look("SELECT count(*) FROM question") == 3


# Answering


@pytest.mark.slow
def test_a_tick_on_the_reply_solves_the_question_and_how_it_stands_is_one_message(
    here: DiscordBot,
) -> None:
    mia, kai, sam = (here.person(name) for name in ("Mia", "Kai", "Sam"))
    channel = here.channel("ticks")
    # Somebody has to be known who may be asked, whatever was played before.
    said = here.says(sam, channel, "The forklift stands in the way again")
    side = here.discord.do(kai.starts_thread(said, "forklift"))
    here.heard(here.says(kai, side, "I have parked it on the other side of the hall"))
    asked = here.says(mia, channel, "How do I reopen the quarter of the warehouse?")
    first = here.reply(asked)
    here.presses(kai, first, "I'll take it")
    status = here.reply(asked, 2)
    answer = here.heard(here.says(kai, here.thread(asked), "Set the lock date back, and post."))
    offer = here.reply(asked, 3)

    here.discord.do(mia.reacts(answer, "✅"))

    assert "Thank you, Kai" in text_of(here.reply(asked, 4))
    assert [one.id for one in here.replies(asked)[:3]] == [first.id, status.id, offer.id]


@pytest.mark.slow
def test_a_thread_that_was_put_away_is_opened_to_answer(here: DiscordBot) -> None:
    tea, tom = here.person("Tea"), here.person("Tom")
    channel = here.channel("archives")
    asked = here.says(tea, channel, "How do I oil the weathercock?")
    here.reply(asked)
    thread = here.thread(asked)
    here.heard(here.says(tom, thread, "With a drop of linseed oil, from the ladder."))
    here.reply(asked, 2)
    here.discord.call(lambda: here.discord.archive(thread))

    here.solves(tea, thread)

    assert "Thank you, Tom" in text_of(here.reply(asked, 3))


@pytest.mark.slow
def test_who_wants_to_be_asked_alone_gets_a_card_and_passes_it_on_to_another(
    bot: Bot, discord: DiscordServer
) -> None:
    here = DiscordBot(bot, discord)
    here.connect()
    gil, nora, uwe = here.person("Gil"), here.person("Nora"), here.person("Uwe")
    channel = here.channel("birds")
    # Only those are asked who are known.
    here.heard(here.says(uwe, channel, "Good morning, everybody"))
    shown = here.runs(gil, "me", channel, change="topics peregrine falcons; ask alone")
    assert "peregrine falcons" in text_of(shown)

    asked = here.says(nora, channel, "Which seeds would peregrine falcons eat?")
    card = here.said_there(gil.dm)
    assert "Which seeds would peregrine falcons eat?" in text_of(card)
    assert problems(card.components) == []
    here.chooses(gil, card, "Pass it to …")
    to_whom = here.seen(gil, gil.dm)
    here.chooses(gil, to_whom, uwe)

    assert f"Gil suggests {uwe.mention}. Uwe, can you help?" in text_of(here.reply(asked, 2))


# What changes later


@pytest.mark.slow
def test_a_small_edit_is_learned_another_word_waits_and_what_is_deleted_is_forgotten(
    here: DiscordBot,
) -> None:
    channel = here.channel("edits")
    question = "How do I merge two vendor cards?"
    answer = solved(here, channel, "Pia", question, "Use the vendor merge page, quokka.")
    rob = here.person("Pia who helps")
    eventually(lambda: learned(here, "quokka"))

    here.discord.do(rob.edits(answer, "Use the vendor **merge** page, quokka."))
    eventually(lambda: learned(here, "**merge**"))
    here.discord.do(rob.edits(answer, "Use the vendor **merge** page, wombat."))
    eventually(lambda: here.look("SELECT count(*) FROM answer WHERE proposed LIKE '%wombat%'"))
    assert (learned(here, "quokka"), learned(here, "wombat")) == (1, 0)
    here.discord.do(rob.deletes(answer))

    eventually(lambda: not learned(here, "quokka"))


@pytest.mark.slow
@pytest.mark.parametrize("what", ["messages", "thread", "channel", "post"])
def test_what_goes_with_many_messages_is_forgotten(here: DiscordBot, what: str) -> None:
    discord = here.discord
    name = f"gone-{what}"
    if what == "post":
        forum = discord.call(lambda: discord.forum(name))
        asker, helper = here.person("Cleo"), here.person("Carl")
        thread = discord.do(asker.posts(forum, "Shelves", f"How do I {name} the shelf?"))
        here.said_there(thread)
        answer = here.heard(here.says(helper, thread, f"Use the lever of {name}."))
        here.solves(asker, thread)
    else:
        forum = here.channel(name)
        answer = solved(here, forum, name, f"How do I {name} it?", f"Use the lever of {name}.")
        thread = discord.call(lambda: discord.backend.channels[answer.channel_id])
    eventually(lambda: learned(here, f"lever of {name}"))
    other = here.heard(here.says(here.person("Cleo"), thread, "Well done, both of you"))

    match what:
        case "messages":
            discord.call(lambda: discord.delete_in_bulk(answer, other))
        case "channel":
            discord.call(lambda: discord.delete_channel(forum))
        case _:
            discord.call(lambda: discord.delete_channel(thread))

    eventually(lambda: not learned(here, f"lever of {name}"))


# Commands


@pytest.mark.slow
def test_commands_are_replied_to_in_the_channel_and_seen_by_one_person_alone(
    here: DiscordBot,
) -> None:
    udo = here.person("Udo")
    channel = here.channel("typed")

    assert "/me" in text_of(here.runs(udo, "help", channel))
    assert "Paul: says: ledger" in text_of(here.runs(udo, "experts", channel, topic="ledger"))
    changed = here.runs(udo, "me", channel, change="budget 2")
    assert "at most 2 times a week" in text_of(changed)
    assert here.said(channel) == []


@pytest.mark.slow
def test_how_somebody_is_asked_is_chosen_in_forms(here: DiscordBot) -> None:
    gero = here.person("Gero")
    channel = here.channel("forms")
    home = here.runs(gero, "me", channel)

    here.presses(gero, home, WHEN)
    assert gero.modal is not None
    here.discord.do(gero.submits({"From": "25", "To": "26", "On these days": ALL_DAYS}))
    refused = here.seen(gero, channel, 2)
    assert "A day has no hours from 25-26" in text_of(refused)
    here.presses(gero, home, WHEN)
    given = {"At most so many times a week": "4", "On these days": ALL_DAYS}
    here.discord.do(gero.submits(given))

    changed = here.seen(gero, channel, 3)
    assert "at most 4 times a week" in text_of(changed)


@pytest.mark.slow
def test_a_maintainer_chooses_to_what_the_bot_listens_in_a_channel(here: DiscordBot) -> None:
    vera, finn = here.maintainer("Vera"), here.person("Finn")
    channel = here.channel("quiet")
    page = here.runs(vera, "settings", channel)

    here.chooses(vera, page, "mentions")

    eventually(lambda: here.said(channel) or len(here.discord.call(lambda: vera.sees(channel))) > 1)
    again = here.runs(vera, "settings", channel)
    assert "messages that mention me" in text_of(again)
    unheard = here.heard(here.says(finn, channel, "How do I silence the parrot?"))
    here.rests()
    assert here.replies(unheard) == []


# Walls


@pytest.mark.slow
def test_what_was_learned_in_a_private_channel_is_shown_there_only(here: DiscordBot) -> None:
    people = [here.person(f"Uma who {does}") for does in ("asks", "helps")]
    closed = here.channel("closed", *people, private=True)
    opened = here.channel("opened")
    question = "How do I import the budget of the marmots?"
    solved(here, closed, "Uma", question, "With the import wizard, on the marmot page.")

    outside = here.says(people[1], opened, question)
    inside = here.says(people[1], closed, "How could I import the budget of the marmots?")

    assert "on the marmot page" not in text_of(here.reply(outside))
    assert "on the marmot page" in text_of(here.reply(inside))


@pytest.mark.slow
def test_what_was_said_in_a_private_thread_is_shown_there_only(here: DiscordBot) -> None:
    may = here.discord.call(lambda: here.discord.role("Whisperers", "create_private_threads"))
    ole, kim = here.person("Ole", roles=[may]), here.person("Kim")
    channel = here.channel("den")
    thread = here.discord.do(ole.starts_thread(channel, "foxes", private=True))
    bot = here.discord.bot.id
    here.discord.call(lambda: here.discord.backend.add_thread_member(thread.id, bot))
    here.discord.call(lambda: here.discord.backend.add_thread_member(thread.id, kim.id))
    asked = here.says(ole, thread, f"<@{bot}> Why does counting foxes crash Excel?")
    here.said_there(thread)
    here.heard(here.says(kim, thread, "Because they move, said the vixen.", reply_to=asked))
    here.solves(ole, thread)
    eventually(lambda: learned(here, "the vixen"))

    outside = here.says(ole, channel, "Why does counting foxes crash Excel?")

    assert "vixen" not in text_of(here.reply(outside))


def close(here: DiscordBot, channel: Channel, how: str) -> None:
    """Close a channel to those who have no role."""
    backend, everyone = here.discord.backend, here.discord.guild.id
    if how == "role":
        permissions = here.discord.guild.roles[everyone].permissions & ~VIEW
        backend.edit_role(everyone, everyone, {"permissions": permissions})
    else:
        backend.set_overwrite(channel.id, Overwrite(everyone, OverwriteType.ROLE, deny=VIEW))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["channel", "role", "away"])
def test_a_channel_that_is_closed_takes_what_was_learned_there_with_it(
    bot: Bot, discord: DiscordServer, how: str
) -> None:
    here = DiscordBot(bot, discord)
    may = discord.call(lambda: discord.role("Members", "view_channel"))
    # Of two roles that see more than everybody, neither is taken for everybody's.
    discord.call(lambda: discord.role("Visitors", "view_channel"))
    asker, helper = here.person("Una who asks", roles=[may]), here.person("Una who helps")
    channel, other = here.channel("closing"), here.channel("other")
    here.connect()
    question = "How do I wind the cuckoo clock?"
    solved(here, channel, "Una", question, "Pull the pine cone down.")
    assert "pine cone" in text_of(here.reply(here.says(helper, other, question)))
    here.rests()
    listed = here.look(LISTED.format(discord.guild.id))

    if how == "away":
        assert here.stop() == 0
    discord.call(lambda: close(here, channel, how))
    if how == "away":
        here.connect()
    eventually(lambda: here.look(LISTED.format(discord.guild.id)) > listed)
    lobby = here.channel("lobby") if how != "role" else other
    again = here.says(asker, lobby, "How can I wind the cuckoo clock?")

    assert "pine cone" not in text_of(here.reply(again))


# Restarts


@pytest.mark.slow
def test_buttons_and_lists_work_after_a_restart(bot: Bot, discord: DiscordServer) -> None:
    here = DiscordBot(bot, discord)
    maria, paul = here.person("Maria"), here.person("Paul")
    here.make_expert(paul)
    here.connect()
    asked = here.says(maria, here.channel("help"), "How do I close the ledger for last year?")
    routed = here.reply(asked)
    home = here.runs(maria, "me", here.channel("help"))
    assert here.stop() == 0

    here.connect()
    here.presses(paul, routed, "I'll take it")
    assert "Paul is on it" in text_of(here.reply(asked, 2))
    here.heard(here.says(paul, here.thread(asked), "Open the setup, choose Close."))
    here.solves(maria, here.thread(asked))

    assert "Thank you, Paul" in text_of(here.reply(asked, 4))
    here.presses(maria, home, WHEN)
    assert words("form.profile") in text_of(here.seen(maria, here.channel("help"), 2))


# Two platforms


@pytest.mark.slow
def test_who_chooses_a_role_that_is_a_topic_has_it_and_is_asked_about_it(
    bot: Bot, discord: DiscordServer
) -> None:
    here = DiscordBot(
        bot, discord, settings='[adapters.discord.topic_roles]\n"Pelicans" = "pelicans, herons"'
    )
    role = discord.call(lambda: discord.role("Pelicans"))
    channel, gero = here.channel("help"), here.person("Gero")
    here.connect()

    offered = here.runs(gero, "topics", channel)
    here.chooses(gero, offered, "Pelicans")
    noted = here.seen(gero, channel, 2)
    asked = here.says(here.person("Maria"), channel, "Which food do the pelicans of the zoo get?")

    assert "pelicans" in text_of(noted)
    assert role.id in discord.call(gero.roles)
    assert f"<@{gero.id}>" in text_of(here.reply(asked))
    here.chooses(gero, offered)
    here.seen(gero, channel, 3)
    assert role.id not in discord.call(gero.roles)
    assert here.stop() == 0


@pytest.mark.slow
def test_guilds_on_several_shards_are_all_heard(bot: Bot, discord: DiscordServer) -> None:
    discord.call(lambda: setattr(discord, "shards", 2))
    far = discord.call(lambda: discord.add_guild("Elsewhere", shard=_other_shard(discord)))
    here = DiscordBot(bot, discord, servers=(discord.guild.id, far.id))
    near_maria, near = here.person("Maria"), here.channel("help")
    far_lena = discord.call(lambda: discord.user("Lena", guild=far))
    board = discord.call(lambda: discord.channel("board", guild=far))
    here.connect()

    asked = here.says(near_maria, near, "How do I close the ledger for last year?")
    asked_far = here.says(far_lena, board, "How do the pelicans get to the lake?")

    assert "I have no answer yet" in text_of(here.reply(asked))
    assert "I have no answer yet" in text_of(here.reply(asked_far))
    assert len(discord.call(lambda: discord.gateway.sessions)) == 2
    assert here.stop() == 0


def _other_shard(discord: DiscordServer) -> tuple[int, int]:
    """Return the shard, of two, on which the guild that is there is not."""
    return 1 - (discord.guild.id >> 22) % 2, 2


@pytest.mark.slow
def test_a_stranger_who_adds_the_bot_to_a_server_of_their_own_reads_and_teaches_nothing(
    bot: Bot, discord: DiscordServer
) -> None:
    here = DiscordBot(bot, discord, settings=MAINTAINERS)
    boss = here.maintainer("Boss")
    maria, paul = here.person("Maria"), here.person("Paul")
    help_ = here.channel("help")
    here.connect()
    asked = here.says(maria, help_, "How do I close the ledger for last year?")
    routed = here.reply(asked)
    here.heard(discord.do(paul.replies(routed, "Open the setup, choose Close, widen the dates.")))
    here.solves(boss, here.thread(asked))
    here.reply(asked, 3)
    evil = discord.call(lambda: discord.add_guild("Evil"))
    own = discord.call(lambda: discord.role("Own", "manage_guild", guild=evil))
    owner = here.person("Owner", roles=[own], guild=evil)
    hall = here.channel("hall", guild=evil)

    stolen = here.says(owner, hall, "How can I close the ledger of last year?")
    alone = here.says(owner, owner.dm, "How can I close the ledger of last year?")
    inside = here.says(maria, help_, "How can I close the ledger of last year?")

    assert "widen the dates" in text_of(here.reply(inside))
    assert here.replies(stolen) == []
    assert here.replies(alone) == []
    assert here.bot.count("inbox", "waiting") == 0
    keys = [key for (key,) in here.bot.look("SELECT channel_key FROM inbox")]
    assert not any(str(evil.id) in key for key in keys)
    assert here.stop() == 0


@pytest.mark.slow
def test_what_concerns_one_person_is_said_to_them_alone_and_buttons_go_once_it_is_solved(
    here: DiscordBot,
) -> None:
    maria, paul, tom = (here.person(name) for name in ("Mara", "Pablo", "Thom"))
    asked = here.says(maria, here.channel("narwhals"), "How do the narwhals post their invoices?")
    here.reply(asked)
    thread = here.thread(asked)
    here.says(paul, thread, "They post them with their tusks, one by one.")
    offer = here.reply(asked, 2)

    here.discord.do(tom.presses(offer, "This solved it"))
    told = here.seen(tom, thread)
    here.solves(maria, thread)
    here.reply(asked, 3)
    here.rests()

    assert "Only Mara or a maintainer" in text_of(told)
    assert [label for one in here.replies(asked) for label in labels_of(one)] == []
    assert "Did Pablo's answer solve it?" in text_of(here.replies(asked)[1])
