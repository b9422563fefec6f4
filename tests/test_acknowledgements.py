import pytest

from supportbot.domain.chat.places import direct_place
from supportbot.domain.chat.questions import QuestionState
from supportbot.store.engine.sqlite import Database
from tests.bench import HELP, MARIA, PAUL, TOM, Bench

QUESTION = "How does the zebra batch post in the wizard?"
ACKNOWLEDGEMENTS = [
    "great",
    "ok",
    "\N{THUMBS UP SIGN}",
    "perfect \N{PERSON WITH FOLDED HANDS}",
    ":raised_hands:",
    "cool, got it",
    "\u0634\u0643\u0631\u0627 \u062c\u0632\u064a\u0644\u0627",
    "Te\u015fekk\u00fcrler, \u00e7al\u0131\u015ft\u0131",
    "It is version 7.",
]
COMPLAINTS = [
    "that did not help",
    "ok but it still fails",
    "great, now it crashes",
    "\u05dc\u05d0 \u05e2\u05d5\u05d1\u05d3",
    "And how do I undo it?",
]


@pytest.fixture
def bench(database: Database) -> Bench:
    """Return a bot that knows the answer to the question."""
    bench = Bench(database)
    bench.say(QUESTION)
    bench.learn()
    return bench


@pytest.mark.parametrize("text", ACKNOWLEDGEMENTS)
def test_an_acknowledgement_under_an_answer_disturbs_nobody(bench: Bench, text: str) -> None:
    (answer,) = bench.say(QUESTION, after=60, author=TOM)

    replies = bench.say(text, after=60, author=TOM, place=answer.place)

    assert all(reply.id.endswith("/closing") for reply in replies)
    assert [one.state for one in bench.questions() if one.asker == TOM] == [QuestionState.ANSWERED]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_evidence_that_an_answer_did_not_help_asks_people(bench: Bench, text: str) -> None:
    (answer,) = bench.say(QUESTION, after=60, author=TOM)

    (asking,) = bench.say(text, after=60, author=TOM, place=answer.place)

    assert asking.reply.text == "This is one for people."


def test_whoever_says_it_outside_the_thread_right_after_the_answer_means_that(bench: Bench) -> None:
    (answer,) = bench.say(QUESTION, after=60, author=TOM)

    (asking,) = bench.say("that did not help", after=10, author=TOM)

    assert (asking.place, asking.reply.text) == (answer.place, "This is one for people.")


def test_thanks_outside_the_thread_are_no_part_of_the_question(bench: Bench) -> None:
    bench.say(QUESTION, after=60, author=TOM)

    assert bench.say("\u0441\u043f\u0430\u0441\u0438\u0431\u043e", after=10, author=TOM) == []
    assert [one.text for one in bench.questions() if one.asker == TOM] == [QUESTION]


@pytest.mark.parametrize("text", ACKNOWLEDGEMENTS[:-1])
def test_who_is_alone_with_the_bot_may_acknowledge_without_asking(bench: Bench, text: str) -> None:
    alone = direct_place(TOM, "T1")
    bench.say(QUESTION, after=60, author=TOM, place=alone)

    assert bench.say(text, after=60, author=TOM, place=alone) == []


def test_who_is_alone_with_the_bot_may_say_that_it_did_not_help(bench: Bench) -> None:
    alone = direct_place(TOM, "T1")
    (answer,) = bench.say(QUESTION, after=60, author=TOM, place=alone)

    (offer,) = bench.say("that did not help", after=60, author=TOM, place=alone)

    assert offer.place == answer.place
    assert "Shall I ask the group?" in offer.reply.closing


def test_thanks_for_being_put_through_close_nothing_yet(bench: Bench) -> None:
    bench.say("How do I close the ledger of last year?", after=60, author=TOM)

    thanks = bench.say("Thanks!", after=60, author=TOM, place=HELP.in_thread(str(bench.number)))

    assert thanks == []


def test_thanks_for_what_a_person_answered_are_offered_to_close_once(bench: Bench) -> None:
    (first,) = bench.say("How do I close the ledger of last year?", after=60, author=TOM)
    bench.say("Open the setup and widen the dates.", author=PAUL, place=first.place)

    offers = [
        *bench.say("\u8c22\u8c22", after=60, author=TOM, place=first.place),
        *bench.say("ok", after=60, author=TOM, place=first.place),
        *bench.say("works now", after=60, author=TOM, place=first.place),
    ]

    assert [offer.id.endswith("/closing") for offer in offers] == [True]
    assert MARIA not in offers[0].reply.mentions
