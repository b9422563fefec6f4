from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.adapter_kit.slack_blocks import text_of_blocks
from tests.acceptance.bots import Bot, Host, eventually
from tests.acceptance.slack_bots import MODES, SlackBot
from tests.slack_server import (
    Channel,
    Message,
    Person,
    SlackServer,
    View,
    problems_of_message,
    problems_of_view,
    running_slack,
)

LIFE = Path(__file__).with_name("slack-life.txt")
"""One whole life of a question, as it is posted in both modes."""
MAINTAINERS = '[teaching]\nmaintainer_roles = ["admin"]'


@pytest.mark.parametrize("mode", [MODES[0], pytest.param(MODES[1], marks=pytest.mark.slow)])
def test_a_question_is_routed_taken_answered_solved_and_answered_with_it_the_next_time(
    bot: Bot, slack: SlackServer, mode: str, reads_as: Callable[[Path, str], None]
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
    assert "I have no answer yet." in routed.text
    assert paul.id in text_of_blocks(routed.blocks)
    here.presses(paul, routed, "take")
    assert "Paul is on it" in here.reply(asked, 2).text
    here.says(paul, help_, "Open the setup, choose Close, and widen the dates.", thread=asked)
    here.heard()
    here.solves(maria, asked)
    assert "Thank you, Paul" in here.reply(asked, 4).text

    again = here.says(tom, help_, "How can I close the ledger of last year?")
    answer = here.reply(again)

    assert "Paul answered this" in answer.text
    assert "Open the setup, choose Close, and widen the dates." in text_of_blocks(answer.blocks)
    here.heard()
    assert here.stop() == 0
    assert all(delivery.was_acknowledged for delivery in slack.record.deliveries)
    reads_as(LIFE, transcript(slack, help_, {maria: "Maria", paul: "Paul", tom: "Tom"}))


def transcript(slack: SlackServer, channel: Channel, names: dict[Person, str]) -> str:
    """Return what stands in a channel, as posted: texts, and the blocks that are checked."""
    messages = slack.call(lambda: list(slack.workspace.messages.values()))
    said = sorted(
        (one for one in messages if one.channel == channel.id and not one.subtype),
        key=lambda one: (one.thread_ts or one.ts, one.ts),
    )
    people = {person.id: name for person, name in names.items()} | {slack.bot.id: "supportbot"}
    lines = []
    for message in said:
        assert problems_of_message(message.blocks) == []
        text = message.text
        for id_, name in people.items():
            text = text.replace(f"<@{id_}>", f"@{name}")
        indent = "    " if message.is_reply else ""
        buttons = [
            element["text"]["text"] if "text" in element else element["placeholder"]["text"]
            for block in message.blocks
            if block["type"] == "actions"
            for element in block["elements"]
        ]
        shown = [*text.splitlines(), *(["".join(f"[{one}]" for one in buttons)] if buttons else [])]
        lines.append(f"{indent}{people[message.user]}:")
        lines.extend(f"{indent}  {line}".rstrip() for line in shown)
    today = datetime.now(UTC)
    said_today = f"{today.day} {today:%B}"
    return "\n".join([*lines, ""]).replace(said_today, "(today)")


@pytest.fixture(scope="module")
def here(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackBot]:
    """Yield a bot that is connected, with people and channels that each test names anew."""
    with running_slack() as slack:
        bot = Bot(host, tmp_path_factory.mktemp("slack") / "bot")
        here = SlackBot(bot, slack, settings=MAINTAINERS)
        here.connect()
        yield here
        assert here.stop() == 0
        bot.clean_up()


@pytest.mark.slow
def test_a_mention_in_a_thread_brings_the_bot_to_its_first_message(here: SlackBot) -> None:
    lea, otto = here.person("Lea"), here.person("Otto")
    channel = here.channel("mentions", lea, otto)
    first = here.says(lea, channel, "The nightly batch stands still again, nothing in the log")
    here.heard()

    here.says(otto, channel, f"<@{here.slack.bot.id}> do you know this?", thread=first)

    assert here.reply(first).text


@pytest.mark.slow
def test_a_question_to_the_bot_alone_is_answered_there_and_shared_when_they_say_so(
    here: SlackBot,
) -> None:
    ines = here.person("Ines")
    channel = here.channel("shared", ines)
    asked = here.says(ines, ines.dm, "How do I print a batch of labels?")
    alone = here.reply(asked)
    assert "Only you see this" in alone.text

    here.presses(ines, alone, "share_in", selected_conversation=channel.id)

    eventually(lambda: here.said(channel))
    (posted,) = here.said(channel)
    assert posted.text.startswith("Ines asks:")
    assert "How do I print a batch of labels?" in posted.text
    assert "I have no answer yet." in here.reply(posted).text
    assert "I'll mention you there" in here.reply(asked, 2).text


@pytest.mark.slow
def test_who_asks_in_a_thread_that_slack_began_is_answered_there_and_may_share_it(
    here: SlackBot,
) -> None:
    inga = here.person("Inga")
    channel = here.channel("agents", inga)
    began = here.slack.do(inga.opens_assistant(channel))
    here.heard()

    here.says(inga, inga.dm, "How do I empty the tray of the plotter?", thread=began)

    alone = here.reply(began)
    assert "Only you see this" in alone.text
    assert here.slack.call(lambda: here.slack.said_by_bot(inga.dm)) == [alone]
    here.presses(inga, alone, "share_in", selected_conversation=channel.id)
    assert "I'll mention you there" in here.reply(began, 2).text
    eventually(lambda: here.said(channel))
    assert "How do I empty the tray of the plotter?" in here.said(channel)[0].text


@pytest.mark.slow
def test_a_question_that_was_shared_goes_when_a_maintainer_deletes_what_the_bot_posted(
    here: SlackBot,
) -> None:
    nina, max_ = here.person("Nina"), here.person("Max")
    channel = here.channel("regretted", nina, max_)
    asked = here.says(nina, nina.dm, "How do I calibrate the narwhal?")
    here.presses(nina, here.reply(asked), "share_in", selected_conversation=channel.id)
    eventually(lambda: here.said(channel))
    (posted,) = here.said(channel)
    here.reply(posted)
    held = "SELECT count(*) FROM question WHERE text LIKE '%narwhal%'"
    assert here.look(held) == 2

    here.slack.do(max_.deletes(posted))

    eventually(lambda: here.look(held) == 1)


@pytest.mark.slow
def test_a_question_by_command_is_seen_by_its_asker_alone_until_it_is_shown(
    here: SlackBot,
) -> None:
    ben = here.person("Ben")
    channel = here.channel("commands", ben)

    here.slack.do(ben.runs("/ask", "How do I void a cheque?", channel))
    eventually(lambda: here.slack.call(ben.sees))
    (alone,) = here.slack.call(ben.sees)
    assert here.said(channel) == []
    assert problems_of_message(alone.blocks) == []
    here.presses(ben, alone, "share")

    eventually(lambda: here.said(channel))
    (posted,) = here.said(channel)
    assert "How do I void a cheque?" in posted.text
    assert "I have no answer yet." in here.reply(posted).text


@pytest.mark.slow
def test_the_shortcut_makes_a_question_of_any_message(here: SlackBot) -> None:
    eva, jan = here.person("Eva"), here.person("Jan")
    channel = here.channel("shortcuts", eva, jan)
    said = here.says(eva, channel, "Lunch was late and the label printer prints nothing")
    here.heard()

    here.slack.do(jan.uses_shortcut("ask_the_group", said))

    assert "I have no answer yet." in here.reply(said).text


@pytest.mark.slow
def test_what_a_text_file_says_is_read_and_a_picture_is_not(here: SlackBot) -> None:
    ada = here.person("Ada")
    channel = here.channel("files", ada)

    logged = here.slack.do(
        ada.shares_file(channel, "error.log", b"Zebrafish error 4711", text="What does this mean?")
    )
    pictured = here.slack.do(ada.shares_file(channel, "error.png", b"\x89PNG"))

    assert "I have no answer yet." in here.reply(logged).text
    assert here.look("SELECT count(*) FROM question WHERE text LIKE '%Zebrafish error 4711%'") == 1
    assert "I can't read images" in here.reply(pictured).text


@pytest.mark.slow
def test_a_tick_on_the_reply_solves_the_question_and_how_it_stands_is_one_message(
    here: SlackBot,
) -> None:
    mia, kai, sam = (here.person(name) for name in ("Mia", "Kai", "Sam"))
    channel = here.channel("ticks", mia, kai, sam)
    # Somebody has to be known who may be asked, whatever was played before.
    said = here.says(sam, channel, "The forklift stands in the way again")
    here.says(kai, channel, "I have parked it on the other side of the hall", thread=said)
    here.heard()
    asked = here.says(mia, channel, "How do I reopen the quarter of the warehouse?")
    first = here.reply(asked)
    here.presses(kai, first, "take")
    status = here.reply(asked, 2)
    here.presses(sam, first, "take")
    eventually(lambda: "Sam is on it" in here.replies(asked)[1].text)
    answer = here.says(kai, channel, "Use the wizard and choose Reopen.", thread=asked)
    here.heard()

    here.slack.do(mia.reacts(answer, "white_check_mark"))

    assert "Thank you, Kai" in here.reply(asked, 4).text
    assert here.replies(asked)[1].ts == status.ts


@pytest.mark.slow
def test_what_is_edited_or_deleted_is_so_in_what_was_learned(here: SlackBot) -> None:
    pia, rob = here.person("Pia"), here.person("Rob")
    channel = here.channel("edits", pia, rob)
    asked = here.says(pia, channel, "How do I merge two vendor cards on one page?")
    here.reply(asked)
    answer = here.says(rob, channel, "Use the vendor merge page, quokka", thread=asked)
    here.heard()
    here.slack.do(pia.reacts(answer, "white_check_mark"))
    here.reply(asked, 3)
    learned = "SELECT count(*) FROM passage WHERE shown LIKE '%{}%'"

    here.slack.do(rob.edits(answer, "Use the vendor merge page, quokka."))
    eventually(lambda: here.look(learned.format("quokka.")) == here.look(learned.format("quokka")))
    here.slack.do(rob.deletes(answer))

    eventually(lambda: not here.look(learned.format("quokka")))


@pytest.mark.slow
def test_what_was_learned_in_a_private_channel_is_shown_there_only(here: SlackBot) -> None:
    uma, leo = here.person("Uma"), here.person("Leo")
    closed = here.channel("closed", uma, leo, private=True)
    opened = here.channel("opened", uma, leo)
    asked = here.says(uma, closed, "How do I import the budget of the marmots?")
    here.reply(asked)
    answer = here.says(leo, closed, "With the import wizard, on the marmot page.", thread=asked)
    here.heard()
    here.slack.do(uma.reacts(answer, "white_check_mark"))
    here.reply(asked, 3)

    outside = here.says(leo, opened, "How do I import the budget of the marmots?")
    inside = here.says(leo, closed, "How could I import the budget of the marmots?")

    assert "on the marmot page" not in str(here.reply(outside).blocks)
    assert "on the marmot page" in text_of_blocks(here.reply(inside).blocks)


@pytest.mark.slow
@pytest.mark.parametrize("is_away", [False, True])
def test_what_was_learned_in_a_channel_that_is_made_private_is_shown_there_only_from_then_on(
    bot: Bot, slack: SlackServer, *, is_away: bool
) -> None:
    here = SlackBot(bot, slack)
    uma, leo = here.person("Uma"), here.person("Leo")
    board, lobby = here.channel("board", uma, leo), here.channel("lobby", leo)
    here.connect()
    asked = here.says(uma, board, "How do I unlock the safe of the otters?")
    here.reply(asked)
    answer = here.says(leo, board, "The key is under the blue otter.", thread=asked)
    here.heard()
    here.slack.do(uma.reacts(answer, "white_check_mark"))
    here.reply(asked, 3)

    if is_away:
        assert here.stop() == 0
        with slack.unheard():
            slack.do(uma.makes_private(board))
        here.connect()
    else:
        slack.do(uma.makes_private(board))
        here.heard()
    outside = here.says(leo, lobby, "How could I unlock the safe of the otters?")

    assert "blue otter" not in str(here.reply(outside).blocks)
    assert here.stop() == 0


@pytest.mark.slow
def test_nothing_from_inside_is_shown_to_another_company_or_to_a_guest(here: SlackBot) -> None:
    ada, ben = here.person("Ada"), here.person("Ben")
    internal, shared = here.channel("internal", ada, ben), here.channel("with-acme", ada, ben)
    here.slack.call(lambda: shared.more.update(is_shared=True, is_ext_shared=True))
    gus = here.slack.call(lambda: here.slack.user("Gus", is_restricted=True))
    lobby = here.channel("lobby", gus, ben)
    asked = here.says(ada, internal, "How do I reset the firewall of the wombats?")
    here.reply(asked)
    answer = here.says(ben, internal, "With the master code, mauve wombat.", thread=asked)
    here.heard()
    here.slack.do(ada.reacts(answer, "white_check_mark"))
    here.reply(asked, 3)

    with_acme = here.says(ada, shared, "How could I reset the firewall of the wombats?")
    by_guest = here.says(gus, lobby, "How could I reset the firewall of the wombats?")
    alone = here.says(gus, gus.dm, "How could I reset the firewall of the wombats?")
    inside = here.says(ben, lobby, "How would I reset the firewall of the wombats?")

    assert "mauve wombat" in text_of_blocks(here.reply(inside).blocks)
    assert "mauve" not in str(here.reply(with_acme).blocks)
    assert "mauve" not in str(here.reply(by_guest).blocks)
    assert "mauve" not in str(here.reply(alone).blocks)


def home_of(here: SlackBot, person: Person, says: str) -> View:
    """Wait until somebody's Home tab says something."""

    def says_it() -> bool:
        home = here.slack.call(lambda: person.home)
        return home is not None and says in text_of_blocks(home.blocks)

    eventually(says_it)
    home = here.slack.call(lambda: person.home)
    assert home is not None
    assert problems_of_view(home.content) == []
    return home


def opened_home(here: SlackBot, person: Person, says: str) -> View:
    """Let somebody open their Home tab until it says something."""

    def says_it() -> bool:
        here.slack.do(person.opens_home())
        here.heard()
        home = here.slack.call(lambda: person.home)
        return home is not None and says in text_of_blocks(home.blocks)

    eventually(says_it)
    return home_of(here, person, says)


def seen(here: SlackBot, person: Person) -> Message:
    """Wait for what only one person sees."""
    eventually(lambda: here.slack.call(person.sees))
    alone = here.slack.call(person.sees)[-1]
    assert problems_of_message(alone.blocks) == []
    return alone


def modal_of(here: SlackBot, person: Person) -> View:
    eventually(lambda: here.slack.call(lambda: person.modal))
    modal = here.slack.call(lambda: person.modal)
    assert modal is not None
    return modal


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_who_knows_is_chosen_in_a_form_sees_what_waits_and_takes_it_from_their_home_tab(
    bot: Bot, slack: SlackServer, mode: str
) -> None:
    here = SlackBot(bot, slack, mode)
    gil, nora = here.person("Gil"), here.person("Nora")
    channel = here.channel("birds", gil, nora)
    here.connect()
    home = opened_home(here, gil, "Nobody is waiting for you.")

    here.slack.do(gil.presses(home, "supportbot.change"))
    modal = modal_of(here, gil)
    refused = {"topics": "peregrine falcons", "from": "25", "to": "26"}
    here.slack.do(gil.submits(modal, refused))
    assert modal.errors == {"from": "A day has no hours from 25-26. For example: hours 9-17."}
    here.slack.do(gil.submits(modal, {"from": "0", "to": "24", "budget": "4"}))
    assert here.slack.call(lambda: gil.modals) == []
    home_of(here, gil, "Your topics: peregrine falcons.")
    asked = here.says(nora, channel, "How do I feed the peregrine falcons?")
    first = here.reply(asked)
    assert gil.mention in text_of_blocks(first.blocks)
    home = opened_home(here, gil, "How do I feed the peregrine falcons?")
    here.slack.do(gil.presses(home, "supportbot.take"))

    assert "Gil is on it" in here.reply(asked, 2).text
    home_of(here, gil, "you took it")
    opened_home(here, nora, "Gil took it")
    assert here.stop() == 0
    assert all(delivery.was_acknowledged for delivery in slack.record.deliveries)


@pytest.mark.slow
def test_commands_are_replied_to_in_the_channel_and_seen_by_one_person_alone(
    here: SlackBot,
) -> None:
    udo = here.person("Udo")
    channel = here.channel("typed", udo)

    here.slack.do(udo.runs("/supportbot", "help", channel))
    assert "/supportbot me budget 3" in seen(here, udo).text
    here.slack.do(udo.runs("/experts", "ledger", channel))
    eventually(lambda: "Paul: says: ledger" in seen(here, udo).text)
    here.slack.do(udo.runs("/supportbot", "me budget 2", channel))
    eventually(lambda: "at most 2 times a week" in seen(here, udo).text)
    here.slack.do(udo.runs("/supportbot", "unanswered", channel))
    eventually(lambda: "Only maintainers" in seen(here, udo).text)

    assert here.said(channel) == []


@pytest.mark.slow
def test_a_maintainer_chooses_to_what_the_bot_listens_in_a_channel(here: SlackBot) -> None:
    vera = here.slack.call(lambda: here.slack.user("Vera", is_admin=True))
    channel = here.channel("quiet", vera)
    here.slack.do(vera.runs("/supportbot", "settings", channel))

    here.slack.do(vera.presses(seen(here, vera), "supportbot.change"))
    modal = modal_of(here, vera)
    assert problems_of_view(modal.content) == []
    here.slack.do(vera.submits(modal, {"listening": "mentions"}))

    eventually(lambda: here.said(channel))
    assert "here I listen to messages that mention me" in here.said(channel)[0].text
    here.slack.do(vera.runs("/supportbot", "settings", channel))
    eventually(lambda: "messages that mention me" in seen(here, vera).text)


@pytest.mark.slow
def test_the_home_tab_of_a_private_channels_asker_is_not_that_of_others(here: SlackBot) -> None:
    ole, vera = here.person("Ole"), here.slack.call(lambda: here.slack.user("Vera", is_admin=True))
    closed = here.channel("den", ole, private=True)
    asked = here.says(ole, closed, "Why does counting foxes crash Excel?")
    here.reply(asked)

    opened_home(here, ole, "Why does counting foxes crash Excel?")
    others = opened_home(here, vera, "Open questions that nobody has answered")
    assert "foxes" not in str(others.content)


@pytest.mark.slow
def test_what_concerns_one_person_is_said_to_them_alone_and_buttons_go_once_it_is_solved(
    here: SlackBot,
) -> None:
    maria, paul, tom = (here.person(name) for name in ("Maria", "Paul", "Tom"))
    help_ = here.channel("walruses", maria, paul, tom)
    asked = here.says(maria, help_, "How do the walruses post their invoices?")
    here.reply(asked)
    here.says(paul, help_, "They post them with their tusks, one by one.", thread=asked)
    offer = here.reply(asked, 2)

    here.presses(tom, offer, "solved")
    eventually(lambda: here.slack.call(tom.sees))
    here.solves(maria, asked)
    here.reply(asked, 3)
    here.heard()

    (told,) = here.slack.call(tom.sees)
    assert "Only Maria or a maintainer" in told.text
    kinds = {block["type"] for one in here.replies(asked) for block in one.blocks}
    assert "actions" not in kinds
    assert offer.text == "Did Paul's answer solve it?"
