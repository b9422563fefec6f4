from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.domain.chat.events import MessageDeleted, MessageEdited
from supportbot.domain.chat.places import Listening
from supportbot.store.engine.sqlite import Database
from tests.bench import HELP, MARIA, TOM, Bench

QUESTION = "How do I close the ledger of last year?"


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


@pytest.fixture
def quiet(database: Database) -> Bench:
    """Return a bot that listens only to those who call it."""
    return Bench(database, listening=Listening.MENTIONS)


def edit(
    bench: Bench, text: str, *, number: str = "1", is_addressed: bool = False
) -> MessageEdited:
    bench.number += 1
    bench.clock.move(timedelta(seconds=30))
    now = bench.clock.now()
    return MessageEdited(
        f"slack:edit{bench.number}",
        HELP,
        number,
        MARIA,
        text,
        now,
        posted_at=now - timedelta(seconds=30),
        is_addressed=is_addressed,
    )


def test_an_edit_that_makes_a_question_of_a_message_is_replied_to_once(bench: Bench) -> None:
    assert bench.say("The ledger of last year") == []

    (reply,) = bench.hear(edit(bench, QUESTION))
    again = bench.hear(edit(bench, f"{QUESTION} Please"))

    assert (reply.id, reply.place) == ("slack/T1/help/1/reply", HELP.in_thread("1"))
    assert again == []
    assert bench.text() == f"{QUESTION} Please"


def test_an_edit_that_adds_a_mention_calls_the_bot(quiet: Bench) -> None:
    assert quiet.say(QUESTION) == []
    assert quiet.hear(edit(quiet, f"{QUESTION} Please")) == []

    (reply,) = quiet.hear(edit(quiet, QUESTION, is_addressed=True))

    assert reply.place == HELP.in_thread("1")


def test_an_edit_that_adds_a_mention_to_what_the_bot_never_saw_calls_it_too(quiet: Bench) -> None:
    first = edit(quiet, QUESTION, number="7", is_addressed=True)

    (reply,) = quiet.hear(first)
    again = quiet.hear(edit(quiet, f"{QUESTION} Please", number="7", is_addressed=True))

    assert (reply.place, again) == (HELP.in_thread("7"), [])


def test_an_edit_of_what_the_bot_never_saw_asks_nothing_without_a_mention(bench: Bench) -> None:
    assert bench.hear(edit(bench, QUESTION, number="7")) == []


def test_an_edit_in_a_thread_calls_the_bot_to_the_threads_question(quiet: Bench) -> None:
    quiet.say(QUESTION)
    thread = HELP.in_thread("1")
    quiet.say("Same here", author=TOM, place=thread)

    called = edit(quiet, "Same here", number="2", is_addressed=True)
    (reply,) = quiet.hear(replace(called, place=thread, author=TOM))

    assert (reply.id, reply.place) == ("slack/T1/help/1/reply", thread)


def test_an_edit_that_arrives_before_its_message_is_heard_once(quiet: Bench) -> None:
    posted = quiet.posted(QUESTION)

    replies = [*quiet.hear(edit(quiet, QUESTION, is_addressed=True)), *quiet.hear(posted)]

    assert [reply.place for reply in replies] == [HELP.in_thread("1")]


def test_a_question_that_an_edit_makes_after_people_replied_is_left_to_them(bench: Bench) -> None:
    bench.say("The ledger of last year")
    bench.say("It is closed already", author=TOM, place=HELP.in_thread("1"))

    assert bench.hear(edit(bench, QUESTION)) == []


def test_an_edit_of_a_message_that_is_gone_asks_nothing(bench: Bench) -> None:
    bench.say("The ledger of last year")
    bench.hear(MessageDeleted("slack:gone", HELP, "1", bench.clock.now()))

    assert bench.hear(edit(bench, QUESTION, is_addressed=True)) == []


def test_an_edit_that_only_thanks_asks_nothing(bench: Bench) -> None:
    bench.say("The ledger of last year")

    assert bench.hear(edit(bench, "Thanks!", is_addressed=True)) == []
