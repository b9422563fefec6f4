"""What people see of themselves, and of others: events in, pages out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.events import (
    AnswerAccepted,
    Event,
    ForgetRequested,
    Inquired,
    Inquiry,
    LinkRequested,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    ProfileChanged,
    QuestionClaimed,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place, direct_to, home_of
from supportbot.domain.experts.ladder import Ask, Rung
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.replies.notices import compose_enough, compose_no_question
from supportbot.domain.replies.reply import (
    Action,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Reply,
    Section,
)
from supportbot.store import asks, delivery, inbox, outbox, places
from supportbot.store.engine.sqlite import Database
from tests.experts.test_selection import (
    ASKED,
    DONNA,
    HELP,
    HUGO,
    MARIA,
    NOW,
    PAUL,
    QUESTION,
    THREAD,
    Bench,
    expert,
    replied,
)

CLOSED = Place("slack", "T1", "closed", is_private=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench(database: Database) -> Bench:
    """Paul is the one who knows; Hugo looks after the bot."""
    rules = TeachingRules(maintainers=frozenset({HUGO.member_id}))
    return Bench(database, experts=(expert(PAUL),), teaching=rules)


def inquired(
    author: Author, about: Inquiry = Inquiry.HOME, text: str = "", number: int = 1
) -> Inquired:
    place = home_of(author, "T1") if about is Inquiry.HOME else direct_place(author, "T1")
    return Inquired(f"slack:i{author.name}{about}{number}", place, author, about, NOW, text)


def shown(bench: Bench, event: Inquired) -> OutgoingMessage:
    (message,) = bench.hear(event)
    return message


def page_of(message: OutgoingMessage) -> Page:
    assert message.reply.page is not None
    return message.reply.page


def section(message: OutgoingMessage, title: str) -> Section:
    (found,) = (one for one in page_of(message).sections if one.title == title)
    return found


def lines(bench: Bench, author: Author, title: str) -> list[tuple[str, str]]:
    bench.number += 1
    message = shown(bench, inquired(author, number=bench.number))
    return [(line.asked, str(line.text)) for line in section(message, title).lines]


def ask_in(bench: Bench, place: Place, text: str = QUESTION) -> Place:
    """Let Maria ask and Paul, who speaks there, be asked."""
    bench.hear(MessagePosted("slack:hi", place, "0", PAUL, "Good morning", NOW))
    bench.hear(MessagePosted("slack:q", place, "1", MARIA, text, NOW))
    return place.in_thread("1")


def test_somebodys_page_goes_to_their_page_and_to_nobody_else(bench: Bench) -> None:
    message = shown(bench, inquired(MARIA))

    assert message.place == home_of(MARIA, "T1")
    assert [one.title for one in page_of(message).sections] == [
        "My open questions",
        "Waiting for me",
        "How I'm asked",
        "What I've answered",
    ]


def test_an_open_question_stands_on_the_askers_page_and_on_that_of_the_one_who_was_asked(
    bench: Bench,
) -> None:
    bench.hear(ASKED)
    bench.clock.move(timedelta(minutes=30))

    assert lines(bench, MARIA, "My open questions") == [(QUESTION, "I asked Paul 30 minutes ago.")]
    assert lines(bench, PAUL, "Waiting for me") == [
        (QUESTION, "Maria asks. I asked you 30 minutes ago.")
    ]
    assert lines(bench, DONNA, "Waiting for me") == []


def test_who_is_asked_can_take_it_pass_it_on_or_refuse_it_there(bench: Bench) -> None:
    bench.hear(ASKED)

    (line,) = section(shown(bench, inquired(PAUL)), "Waiting for me").lines

    assert line.actions == (Action.CLAIM, Action.PASS)
    assert line.about == THREAD


def test_who_has_taken_a_question_can_give_it_back(bench: Bench) -> None:
    bench.hear(ASKED, QuestionClaimed("slack:c", THREAD, PAUL, NOW))

    (line,) = section(shown(bench, inquired(PAUL)), "Waiting for me").lines

    assert str(line.text) == "Maria is waiting: you took it just now."
    assert line.actions == (Action.PASS,)
    assert lines(bench, MARIA, "My open questions") == [(QUESTION, "Paul took it just now.")]


def test_what_somebody_has_answered_waits_for_nobody(bench: Bench) -> None:
    bench.hear(ASKED, replied(PAUL))

    assert lines(bench, PAUL, "Waiting for me") == []
    assert lines(bench, MARIA, "My open questions") == [
        (QUESTION, "Someone answered just now. Did it solve it?")
    ]


def test_what_was_answered_is_counted_with_whom_it_helped(bench: Bench) -> None:
    solved = AnswerAccepted("slack:s", THREAD, MARIA, NOW, replied(PAUL).message_id)
    bench.hear(ASKED, replied(PAUL), solved)
    bench.hear(MessagePosted("slack:q2", HELP, "2", DONNA, QUESTION, NOW))
    bench.hear(AnswerAccepted("slack:s2", HELP.in_thread("2"), DONNA, NOW))

    answered = section(shown(bench, inquired(PAUL)), "What I've answered")

    assert answered.text == "You've answered 1 question. 1 answer solved it."
    assert [(line.asked, str(line.text)) for line in answered.lines] == [
        (QUESTION, "You answered just now. It solved it. It has helped 1 more person since.")
    ]


def test_how_somebody_is_asked_can_be_changed_from_what_it_is(bench: Bench) -> None:
    bench.choose(PAUL, "budget 3; topics ledger")

    asked = section(shown(bench, inquired(PAUL)), "How I'm asked")

    assert str(asked.text).startswith("I ask you at most 3 times a week.")
    assert isinstance(asked.form, ProfileForm)
    assert (asked.form.availability.asks_a_week, asked.form.availability.topics) == (
        3,
        ("ledger",),
    )


# The wall


def test_a_question_of_a_private_channel_is_told_to_its_asker_and_to_who_was_asked_there(
    bench: Bench,
) -> None:
    ask_in(bench, CLOSED)

    assert lines(bench, MARIA, "My open questions") == [(QUESTION, "I asked Paul just now.")]
    assert lines(bench, PAUL, "Waiting for me") == [(QUESTION, "Maria asks. I asked you just now.")]


def test_who_was_asked_in_a_private_channel_and_never_spoke_there_is_not_told_of_it(
    bench: Bench,
) -> None:
    bench.hear(replace(ASKED, place=CLOSED))
    assert bench.asks(CLOSED.in_thread("1")).keys() == {"Paul"}

    assert lines(bench, PAUL, "Waiting for me") == []


@pytest.mark.parametrize("left", [CLOSED, Place("slack", "T1", "")])
@pytest.mark.parametrize(
    ("author", "title"), [(MARIA, "My open questions"), (PAUL, "Waiting for me")]
)
def test_who_has_left_a_private_channel_is_told_nothing_of_it(
    bench: Bench, author: Author, title: str, left: Place
) -> None:
    ask_in(bench, CLOSED)
    bench.hear(MemberLeft("slack:left", left, author, NOW + MINUTE))

    assert lines(bench, author, title) == []


def test_who_has_left_a_private_channel_is_not_told_what_they_answered_there(bench: Bench) -> None:
    thread = ask_in(bench, CLOSED)
    bench.hear(replace(replied(PAUL), place=thread))
    assert len(lines(bench, PAUL, "What I've answered")) == 1

    bench.hear(MemberLeft("slack:left", CLOSED, PAUL, NOW + MINUTE))

    assert lines(bench, PAUL, "What I've answered") == []


def test_maintainers_are_not_told_what_was_asked_in_a_private_channel(bench: Bench) -> None:
    ask_in(bench, CLOSED)
    bench.hear(replace(ASKED, event_id="slack:open", text="How do I post to the ledger?"))

    unanswered = lines(bench, HUGO, "Open questions that nobody has answered")

    assert unanswered == [("How do I post to the ledger?", "Maria asked just now; I asked Paul.")]


def test_a_question_to_the_bot_alone_is_nobodys_else(bench: Bench) -> None:
    alone = direct_place(MARIA, "T1")
    bench.hear(MessagePosted("slack:q", alone, "1", MARIA, QUESTION, NOW))
    with bench.database.writing() as tx:
        asks.note(tx, [Ask(alone.in_thread("1").key, PAUL.member_id, NOW, Rung.FIRST)])

    assert lines(bench, PAUL, "Waiting for me") == []


# What happens between writing a page and showing it


def written(bench: Bench, event: Inquired) -> None:
    """Let a page be written, and not leave yet."""
    with bench.database.writing() as tx:
        inbox.put(tx, event, now=bench.clock.now())
    while bench.worker.handle_next():
        pass


def words_kept(bench: Bench) -> str:
    with bench.database.reading() as tx:
        rows = tx.connection().exec_driver_sql("SELECT message FROM outbox").all()
    return "".join(str(message) for (message,) in rows)


def test_nobodys_words_are_kept_in_a_page_that_waits(bench: Bench) -> None:
    bench.hear(ASKED)

    written(bench, inquired(PAUL))

    assert '"name": "Maria"' in words_kept(bench)
    assert QUESTION not in words_kept(bench)


def test_what_is_edited_until_then_is_shown_as_it_is_now(bench: Bench) -> None:
    bench.hear(ASKED)
    written(bench, inquired(PAUL))

    (message,) = bench.hear(MessageEdited("slack:d", HELP, "1", MARIA, "How about tax?", NOW))

    (line,) = section(message, "Waiting for me").lines
    assert line.asked == "How about tax?"


@pytest.mark.parametrize(
    "event",
    [
        MessageDeleted("slack:d", HELP, "1", NOW),
        PlaceChanged("slack:d", replace(HELP, is_private=True), NOW + MINUTE),
    ],
)
def test_what_is_deleted_or_closed_off_until_then_is_not_shown(
    bench: Bench, event: MessageDeleted | PlaceChanged
) -> None:
    bench.hear(ASKED)
    written(bench, inquired(PAUL))

    messages = bench.hear(event)

    (page,) = (message for message in messages if message.place == home_of(PAUL, "T1"))
    assert section(page, "Waiting for me").lines == ()


def test_a_page_that_names_somebody_who_is_forgotten_is_not_shown(bench: Bench) -> None:
    bench.hear(ASKED)
    written(bench, inquired(PAUL))

    messages = bench.hear(ForgetRequested("slack:f", Place("slack", "", ""), MARIA, NOW + MINUTE))

    assert [message for message in messages if message.reply.page] == []


def test_of_pages_that_wait_only_the_newest_is_shown(bench: Bench) -> None:
    written(bench, inquired(PAUL, number=1))
    bench.hear(ASKED)
    written(bench, inquired(PAUL, number=2))

    (page,) = bench.hear(inquired(PAUL, number=3))

    assert len(section(page, "Waiting for me").lines) == 1


# How much


def test_opening_ones_page_does_not_use_up_what_somebody_may_ask(database: Database) -> None:
    bench = Bench(database, allowance=Allowance(per_member=2))
    for number in range(10):
        shown(bench, inquired(MARIA, number=number))

    (reply, *_) = bench.hear(ASKED)

    assert reply.place == THREAD


@pytest.mark.slow
def test_a_page_is_not_made_without_end(bench: Bench) -> None:
    for number in range(120):
        shown(bench, inquired(MARIA, number=number))

    assert bench.hear(inquired(MARIA, number=120)) == []
    assert len(bench.hear(inquired(PAUL))) == 1
    bench.clock.move(timedelta(hours=1, minutes=1))
    assert len(bench.hear(inquired(MARIA, number=121))) == 1


def test_replies_to_commands_have_their_limit(database: Database) -> None:
    bench = Bench(database, allowance=Allowance(per_member=2))
    for number in range(2):
        shown(bench, inquired(MARIA, Inquiry.HELP, number=number))

    (word,) = bench.hear(inquired(MARIA, Inquiry.HELP, number=3))
    assert word.reply == compose_enough()


# Commands


def test_who_knows_is_told_of_what_was_answered_in_the_open_only(bench: Bench) -> None:
    thread = ask_in(bench, CLOSED, "How does the garden fence work?")
    bench.hear(replace(replied(DONNA), place=thread))
    bench.hear(ASKED, replied(PAUL))

    open_ones = shown(bench, inquired(MARIA, Inquiry.EXPERTS, "ledger"))
    private = shown(bench, inquired(MARIA, Inquiry.EXPERTS, "garden fence", 2))

    (line,) = section(open_ones, "Who knows about this").lines
    assert str(line.text) == (
        "Paul: answered 1 question on this, last on 2 March 2026; says: ledger"
    )
    assert section(private, "Who knows about this").lines == ()
    assert open_ones.place == direct_place(MARIA, "T1")


def test_a_topic_without_words_is_refused(bench: Bench) -> None:
    message = shown(bench, inquired(MARIA, Inquiry.EXPERTS, "the of"))

    assert str(message.reply.text).startswith("I can't tell what that topic")


def test_help_names_what_is_typed_and_to_maintainers_more(bench: Bench) -> None:
    everybodys = shown(bench, inquired(MARIA, Inquiry.HELP, "/"))
    maintainers = shown(bench, inquired(HUGO, Inquiry.HELP, "/"))

    assert "/me budget 3" in section(everybodys, "Settings").lines[1].text
    assert "For maintainers" not in {one.title for one in page_of(everybodys).sections}
    assert str(section(maintainers, "For maintainers").lines[0].text).startswith("/unanswered: ")


@pytest.mark.parametrize("about", [Inquiry.UNANSWERED, Inquiry.ASIDE, Inquiry.SETTINGS])
def test_what_is_for_maintainers_is_for_nobody_else(bench: Bench, about: Inquiry) -> None:
    bench.hear(ASKED)

    message = shown(bench, replace(inquired(MARIA, about), channel=HELP))

    assert message.reply.text == "Only maintainers can see and change this."
    assert message.reply.page is None


def test_maintainers_are_told_how_much_is_set_aside(bench: Bench) -> None:
    bench.hear(ASKED)
    with bench.database.writing() as tx:
        inbox.set_aside(tx, "slack:e1", "Traceback about the words of somebody")
        outbox.put(tx, [OutgoingMessage("m", HELP, shown_reply())], now=NOW)
        delivery.set_aside(tx, "m", "no")

    aside = section(shown(bench, inquired(HUGO, Inquiry.ASIDE)), "Set aside")

    assert str(aside.text).startswith("I couldn't handle 1 event or deliver 1 message.")
    assert "words of somebody" not in aside.text


def shown_reply() -> Reply:
    return Reply("Hello")


def test_the_settings_of_a_channel_begin_with_what_they_are(bench: Bench) -> None:
    bench.hear(ASKED)
    with bench.database.writing() as tx:
        places.set_listening(tx, HELP, Listening.MENTIONS)

    message = shown(bench, replace(inquired(HUGO, Inquiry.SETTINGS), channel=HELP))

    assert section(message, "This channel").form == ListeningForm(HELP, Listening.MENTIONS)


def test_outside_a_channel_there_are_no_settings(bench: Bench) -> None:
    message = shown(bench, inquired(HUGO, Inquiry.SETTINGS))

    assert message.reply.text == "Please say this in the channel that you mean."


def test_who_asks_for_their_page_elsewhere_is_shown_it_there(bench: Bench) -> None:
    alone = direct_place(MARIA, "T1")

    message = shown(bench, replace(inquired(MARIA), place=alone))

    assert (message.place, message.slot) == (alone, "")
    assert section(message, "My open questions").text == "You have no open questions."


TYPED: dict[str, Event] = {
    "a page": inquired(MARIA, Inquiry.HELP, number=90),
    "how they are asked": ProfileChanged("slack:p", direct_place(MARIA), MARIA, "budget 2", NOW),
    "a code": LinkRequested("slack:l", direct_place(MARIA), MARIA, "", NOW),
    "a question": MessagePosted(
        "slack:a", direct_place(MARIA), "a.1", MARIA, QUESTION, NOW, is_command=True
    ),
}


@pytest.mark.parametrize("typed", TYPED)
def test_whoever_types_too_much_is_told_so_alone_each_time(database: Database, typed: str) -> None:
    bench = Bench(database, allowance=Allowance(per_member=1))
    shown(bench, inquired(MARIA, Inquiry.HELP))
    shown(bench, inquired(MARIA, Inquiry.HELP, number=2))

    (word,) = bench.hear(TYPED[typed])

    assert word.reply == compose_enough()
    assert direct_to(word.place) == MARIA.user_id


def test_being_told_so_does_not_count_as_more(database: Database) -> None:
    bench = Bench(database, allowance=Allowance(per_member=1))
    shown(bench, inquired(MARIA, Inquiry.HELP))
    for number in range(2, 5):
        bench.clock.move(14 * MINUTE)
        shown(bench, inquired(MARIA, Inquiry.HELP, number=number))

    bench.clock.move(20 * MINUTE)

    assert shown(bench, inquired(MARIA, Inquiry.HELP, number=9)).reply.page is not None


def test_somebody_who_types_on_and_on_is_not_told_so_for_ever(database: Database) -> None:
    bench = Bench(database, allowance=Allowance(per_member=0))
    asked = [inquired(MARIA, Inquiry.HELP, number=number) for number in range(70)]

    assert len(bench.hear(*asked)) == 60


def test_a_command_that_asks_nothing_is_answered(bench: Bench) -> None:
    place = direct_place(MARIA)
    asked = MessagePosted("slack:a", place, "a.1", MARIA, "thanks!", NOW, is_command=True)

    (word,) = bench.hear(asked)

    assert word.reply == compose_no_question()
    assert word.place == place.in_thread("a.1")
