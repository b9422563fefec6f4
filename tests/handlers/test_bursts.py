from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.events import (
    AnswerAccepted,
    ForgetRequested,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceDeleted,
    QuestionShared,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, direct_place
from supportbot.domain.chat.questions import QuestionState
from supportbot.domain.replies.reply import Action, OutgoingMessage, Reply
from supportbot.handlers import bursts
from supportbot.handlers.context import Context
from supportbot.store import outbox
from supportbot.store.engine.sqlite import Database
from supportbot.store.question_parts import PartRow
from tests.bench import ANSWER, HELP, MARIA, NOW, PAUL, TOM, Bench, ts_of

QUESTION = "How do I close the ledger of last year?"
MORE = "The wizard says that a zebra batch is not posted"


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_what_is_written_right_after_a_question_belongs_to_it(bench: Bench) -> None:
    (first,) = bench.say(QUESTION)

    replies = bench.say(MORE, after=10)

    assert first.reply.text == "I have no answer yet."
    assert replies == []
    assert bench.text() == f"{QUESTION}\n{MORE}"


def test_what_is_written_right_before_a_question_belongs_to_it(bench: Bench) -> None:
    bench.say("Good morning")
    bench.say("We moved to the new ledger of zebras", after=5)

    replies = bench.say(QUESTION, after=10)

    assert bench.text() == f"We moved to the new ledger of zebras\n{QUESTION}"
    assert [reply.place for reply in replies] == [HELP.in_thread("3")]


def test_what_is_written_later_is_a_question_of_its_own(bench: Bench) -> None:
    bench.say(QUESTION)

    (reply,) = bench.say("How do I print a label?", after=21)

    assert reply.place == HELP.in_thread("2")
    assert {question.text for question in bench.questions()} == {
        QUESTION,
        "How do I print a label?",
    }


def test_what_asks_something_of_its_own_is_a_question_however_soon_it_comes(bench: Bench) -> None:
    (first,) = bench.say(QUESTION)
    (second,) = bench.say("How do I print a label?", after=3)
    (third,) = bench.say("Who can approve an order?", after=3)

    places = [reply.place for reply in (first, second, third)]
    assert places == [HELP.in_thread("1"), HELP.in_thread("2"), HELP.in_thread("3")]
    assert sorted(question.text for question in bench.questions()) == [
        QUESTION,
        "How do I print a label?",
        "Who can approve an order?",
    ]


def test_who_may_have_asked_something_else_is_told_in_the_first_thread_that_it_is_heard(
    bench: Bench,
) -> None:
    bench.say(QUESTION)

    (added,) = bench.say("Does anybody know?", after=5)

    assert added.place == HELP.in_thread("1")
    assert added.reply.text == "I've added that to your question, so whoever helps will see it."


def test_what_is_found_for_the_next_words_is_shown_beside_the_answer_to_the_first(
    bench: Bench,
) -> None:
    bench.say("How does the zebra batch post in the wizard?")
    bench.learn()
    (first,) = bench.say("How does the zebra batch post in the wizard?", after=60, author=TOM)

    (added,) = bench.say("Is there a list of these?", after=5, author=TOM)

    assert [quote.text for quote in first.reply.quotes] == [ANSWER]
    assert (added.place, added.replaces) == (first.place, "")
    assert added.reply.actions == (Action.PERSON,)


def test_what_has_nothing_to_do_with_a_question_is_no_part_of_it(bench: Bench) -> None:
    bench.say("Great talk yesterday, folks")
    bench.say(QUESTION, after=5)
    bench.say("See you at lunch", after=5)
    bench.say("@Tom is it your turn today?", after=5)

    assert bench.text() == QUESTION


def test_what_follows_a_mere_request_to_be_heard_is_the_question(bench: Bench) -> None:
    bench.say("Could somebody help me please?")
    bench.say("How do I print a label?", after=5)
    bench.say(QUESTION, after=5)

    assert sorted(question.text for question in bench.questions()) == [
        "Could somebody help me please?\nHow do I print a label?",
        QUESTION,
    ]


def test_what_goes_on_with_a_question_and_comes_in_before_it_is_a_part_of_it(
    bench: Bench,
) -> None:
    first = bench.posted(QUESTION)
    bench.say("The version is 2.4", after=5)
    bench.say(MORE, after=10)

    bench.hear(first)

    assert bench.text() == f"{QUESTION}\nThe version is 2.4\n{MORE}"


def test_what_was_too_far_from_a_question_belongs_to_it_once_what_lies_between_comes_in(
    bench: Bench,
) -> None:
    bench.say(QUESTION)
    bench.clock.move(timedelta(seconds=15))
    between = bench.posted("The version is 2.4")
    bench.say(MORE, after=15)

    bench.hear(between)

    assert bench.text() == f"{QUESTION}\nThe version is 2.4\n{MORE}"


def test_what_was_asked_in_vain_before_a_call_is_what_the_call_is_about(database: Database) -> None:
    bench = Bench(database, listening=Listening.MENTIONS)
    bench.say(QUESTION)

    bench.clock.move(timedelta(seconds=5))
    bench.hear(replace(bench.posted("@bot any idea?"), is_addressed=True))

    assert bench.text() == f"{QUESTION}\n@bot any idea?"


def test_a_part_that_an_edit_makes_a_question_of_its_own_is_replied_to(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say("Any idea?", after=5)
    bench.clock.move(timedelta(seconds=5))

    now = bench.clock.now()
    (reply,) = bench.hear(MessageEdited("slack:x", HELP, "2", MARIA, "How do I print a tag?", now))

    assert reply.place == HELP.in_thread("2")
    assert sorted(one.text for one in bench.questions()) == [QUESTION, "How do I print a tag?"]


def test_what_is_left_of_a_question_that_is_deleted_is_heard_by_itself(bench: Bench) -> None:
    bench.say("Could somebody help me please?")
    bench.say("How do I print a label?", after=5)

    (reply,) = bench.hear(MessageDeleted("slack:x", HELP, "1", bench.clock.now()))

    assert reply.place == HELP.in_thread("2")
    assert bench.text() == "How do I print a label?"


def test_a_part_that_comes_twice_is_said_to_be_added_once(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.clock.move(timedelta(seconds=5))
    more = bench.posted("Any idea, anybody?")

    replies = bench.hear(more, replace(more, event_id="again"))

    assert len(replies) == 1


THINGS = ("label", "receipt", "barcode", "certificate")


@pytest.mark.slow
def test_of_sixty_people_who_ask_every_eighteen_seconds_nobody_waits_for_a_reply(
    database: Database,
) -> None:
    bench = Bench(database, allowance=Allowance(per_member=1_000, per_channel=1_000))
    people = [Author("slack", f"A{n}", f"Ada {n}") for n in range(60)]
    asked = [
        (person, f"How do I print a {thing} on floor {number}?")
        for number, thing in enumerate(THINGS)
        for person in people
    ][:200]

    replies = [
        reply
        for person, question in asked
        for reply in bench.say(question, author=person, after=0.3)
    ]

    assert len(replies) == len({reply.place for reply in replies}) == len(asked)


def test_pauses_count_between_two_messages_and_not_from_the_first(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say("It is the one of 2025", after=15)
    bench.say(MORE, after=15)

    assert bench.text() == f"{QUESTION}\nIt is the one of 2025\n{MORE}"


def test_what_is_written_by_somebody_else_or_elsewhere_is_apart(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=1, author=TOM)
    bench.say(MORE, after=1, place=replace(HELP, channel="other"))

    assert [one.text for one in bench.questions() if one.asker == MARIA] == [QUESTION]


def test_thanks_and_greetings_are_no_part_of_a_question(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say("Thanks!", after=5)

    assert bench.text() == QUESTION


def test_once_somebody_has_answered_the_question_is_told_to_its_end(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say("Open the setup and widen the dates.", author=PAUL, place=HELP.in_thread("1"))

    bench.say("How do I print a label?", after=5)

    assert len(bench.questions()) == 2


def test_what_is_found_with_the_whole_question_takes_the_place_of_the_first_reply(
    bench: Bench,
) -> None:
    bench.say("How does the zebra batch post in the wizard?")
    bench.learn()
    (first,) = bench.say("Could somebody help us with the year end please?", after=60)

    (better,) = bench.say("It is about the zebra batch, and how it posts in the wizard", after=5)

    assert first.reply.quotes == ()
    assert [quote.text for quote in better.reply.quotes] == [ANSWER]
    assert (better.place, better.replaces) == (first.place, ts_of(first))


def test_a_part_that_is_edited_is_so_in_the_question_and_in_what_was_learned(
    bench: Bench,
) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.learn()

    said = f"{MORE.rstrip('.?')}. A quokka."
    bench.hear(MessageEdited("slack:x", HELP, "2", MARIA, said, bench.clock.now()))

    assert bench.text() == f"{QUESTION}\n{said}"
    assert bench.finds("quokka")


def test_a_part_that_is_edited_into_another_one_unlinks_the_answer(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.learn()

    bench.hear(MessageEdited("slack:x", HELP, "2", MARIA, "It says: quokka", bench.clock.now()))

    assert bench.text() == f"{QUESTION}\nIt says: quokka"
    assert (bench.finds("zebra"), bench.finds("quokka")) == (False, False)


def test_a_part_that_is_deleted_is_gone_from_the_question_and_from_what_was_learned(
    bench: Bench,
) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.learn()
    assert bench.finds("zebra")

    bench.hear(MessageDeleted("slack:x", HELP, "2", bench.clock.now()))

    assert bench.text() == QUESTION
    assert (bench.finds("zebra"), bench.finds("ledger")) == (False, True)


def test_a_part_that_is_edited_to_nothing_is_gone(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)

    bench.hear(MessageEdited("slack:x", HELP, "2", MARIA, "...", bench.clock.now()))

    assert bench.text() == QUESTION


def test_of_the_one_part_that_is_left_nothing_is_kept_that_it_said_before(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.hear(MessageDeleted("slack:x", HELP, "2", bench.clock.now()))

    bench.hear(MessageEdited("slack:y", HELP, "1", MARIA, "Where is it?", bench.clock.now()))

    assert bench.text() == "Where is it?"
    with bench.database.reading() as tx:
        assert [part.text for part in tx.exec(select(PartRow))] == ["Where is it?"]


def test_with_its_own_message_the_whole_question_goes(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    assert bench.parts() == 2

    bench.hear(MessageDeleted("slack:x", HELP, "1", bench.clock.now()))

    assert bench.questions() == []
    assert bench.parts() == 0


def test_of_one_who_is_forgotten_no_part_is_kept(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)

    bench.hear(ForgetRequested("slack:x", HELP, MARIA, bench.clock.now()))

    assert bench.questions() == []
    assert bench.parts() == 0


def test_of_one_who_is_forgotten_no_part_is_kept_although_what_others_answered_is(
    bench: Bench,
) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.learn()

    bench.hear(ForgetRequested("slack:x", HELP, MARIA, bench.clock.now()))

    assert len(bench.questions()) == 1
    assert bench.parts() == 0
    assert not bench.finds("zebra")


def test_the_same_message_is_a_part_once(bench: Bench) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    (question,) = bench.questions()
    again = MessagePosted("slack:9", HELP, "2", MARIA, MORE, bench.clock.now())

    with bench.database.reading() as tx:
        joined = bursts.join(question, again, Context(tx, bench.worker._services))

    assert joined.question == question


def test_without_a_pause_each_message_stands_by_itself(bench: Bench) -> None:
    bench.say(QUESTION)
    more = MessagePosted("slack:9", HELP, "9", MARIA, MORE, bench.clock.now())

    patient = replace(bench.worker._services, burst=timedelta(0))
    with bench.database.reading() as tx:
        assert bursts.begun(more, Context(tx, patient)) is None


ALONE = direct_place(MARIA, "T1")
BEGUN = ALONE.in_thread("begun")
"""A thread that the platform has begun: nobody was told of its first message."""


def test_what_is_asked_alone_in_a_thread_that_had_begun_is_replied_to_there(bench: Bench) -> None:
    (reply,) = bench.say(QUESTION, place=BEGUN)

    (question,) = bench.questions(ALONE)
    assert (question.text, question.place) == (QUESTION, BEGUN)
    assert (reply.place, reply.id) == (BEGUN, "slack/T1/@U1/1/reply")
    assert "Shall I ask the group?" in reply.reply.closing


def test_what_is_said_after_it_in_that_thread_is_about_it(bench: Bench) -> None:
    bench.say(QUESTION, place=BEGUN)

    (offer,) = bench.say("That is not it", place=BEGUN)
    bench.hear(AnswerAccepted("slack:ok", BEGUN, MARIA, bench.clock.now()))

    assert offer.place == BEGUN
    (question,) = bench.questions(ALONE)
    assert (question.text, question.state) == (QUESTION, QuestionState.RESOLVED)


def test_it_is_asked_once_however_often_it_is_delivered(bench: Bench) -> None:
    said = bench.posted(QUESTION, place=BEGUN)

    assert len(bench.hear(said, replace(said, event_id="again"))) == 1


def test_it_says_what_it_says_after_an_edit(bench: Bench) -> None:
    bench.say(QUESTION, place=BEGUN)

    bench.hear(MessageEdited("slack:x", BEGUN, "1", MARIA, "Where is it?", bench.clock.now()))

    assert [question.text for question in bench.questions(ALONE)] == ["Where is it?"]
    assert bench.parts() == 1


@pytest.mark.parametrize("text", ["", "..."])
def test_it_goes_with_its_message_and_another_may_be_asked_there(bench: Bench, text: str) -> None:
    bench.say(QUESTION, place=BEGUN)
    now = bench.clock.now()
    bench.hear(
        MessageEdited("slack:x", BEGUN, "1", MARIA, text, now)
        if text
        else MessageDeleted("slack:x", BEGUN, "1", now)
    )
    assert (bench.questions(ALONE), bench.parts()) == ([], 0)

    (reply,) = bench.say("How do I print a label?", place=BEGUN, after=60)

    assert (reply.place, reply.id, reply.replaces) == (BEGUN, "slack/T1/@U1/2/reply", "")
    assert [question.text for question in bench.questions(ALONE)] == ["How do I print a label?"]


def test_it_stays_when_the_first_message_of_its_thread_goes(bench: Bench) -> None:
    bench.say(QUESTION, place=BEGUN)

    bench.hear(MessageEdited("slack:x", ALONE, "begun", MARIA, "Hm?", bench.clock.now()))
    bench.hear(MessageDeleted("slack:y", ALONE, "begun", bench.clock.now()))

    assert [question.text for question in bench.questions(ALONE)] == [QUESTION]


def test_what_is_deleted_before_its_reply_left_gets_none(bench: Bench) -> None:
    said = bench.posted(QUESTION, place=BEGUN)

    replies = bench.hear(said, MessageDeleted("slack:x", BEGUN, "1", bench.clock.now()))

    assert replies == []


def test_of_one_who_is_forgotten_it_is_not_kept(bench: Bench) -> None:
    bench.say(QUESTION, place=BEGUN)

    bench.hear(ForgetRequested("slack:x", HELP, MARIA, bench.clock.now()))

    assert (bench.questions(ALONE), bench.parts()) == ([], 0)


@pytest.mark.parametrize(
    "gone",
    [MessageDeleted("slack:x", BEGUN, "1", NOW), PlaceDeleted("slack:x", BEGUN, NOW)],
    ids=["message", "thread"],
)
def test_what_the_group_was_asked_in_its_words_goes_with_it(
    bench: Bench, gone: MessageDeleted | PlaceDeleted
) -> None:
    bench.say(QUESTION, place=BEGUN)
    shared, _ = bench.hear(QuestionShared("slack:s", BEGUN, MARIA, HELP, bench.clock.now()))
    bench.hear(MessagePosted("slack:p", HELP, ts_of(shared), MARIA, QUESTION, bench.clock.now()))
    assert [question.text for question in bench.questions()] == [QUESTION]

    bench.hear(gone)

    assert (bench.questions(ALONE), bench.questions()) == ([], [])


def test_a_first_message_that_comes_late_is_asked_together_with_what_came_before_it(
    bench: Bench,
) -> None:
    first = bench.posted(QUESTION, place=ALONE)
    bench.clock.move(timedelta(seconds=5))
    bench.say(MORE, place=ALONE.in_thread("1"))

    (reply,) = bench.hear(first)

    assert reply.id == "slack/T1/@U1/1/reply"
    assert [question.text for question in bench.questions(ALONE)] == [f"{QUESTION}\n{MORE}"]


def test_a_courtesy_alone_in_a_thread_asks_nothing(bench: Bench) -> None:
    assert bench.say("Thanks!", place=BEGUN) == []


def test_a_reply_to_what_the_bot_wrote_to_somebody_alone_is_no_question(bench: Bench) -> None:
    note = OutgoingMessage("note", ALONE, Reply("Your answers have helped."))
    with bench.database.writing() as tx:
        outbox.put(tx, [note], now=NOW)
    bench.hear()

    (said,) = bench.say(QUESTION, place=ALONE.in_thread("ts of note"))

    assert "outside this thread" in said.reply.text
    assert bench.questions(ALONE) == []


def test_two_questions_by_command_are_two_questions(bench: Bench) -> None:
    place = direct_place(MARIA)
    first = MessagePosted("slack:a", place, "a.1", MARIA, QUESTION, NOW, is_command=True)
    second = replace(first, event_id="slack:b", message_id="a.2")

    said = bench.hear(first, second)

    assert [one.place.thread for one in said] == ["a.1", "a.2"]
