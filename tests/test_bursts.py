from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from supportbot.bursts import Bursts
from supportbot.domain.events import (
    AnswerAccepted,
    Author,
    Event,
    ForgetRequested,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
)
from supportbot.domain.places import Place
from supportbot.domain.questions import Question
from supportbot.domain.replies import OutgoingMessage
from supportbot.handlers import Handlers
from supportbot.metrics import Metrics
from supportbot.people import People
from supportbot.search import Search
from supportbot.settings import ExpertSettings
from supportbot.store import conversations, inbox, outbox
from supportbot.store.database import Database
from supportbot.store.parts import PartRow
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder, SetClock
from supportbot.worker import Worker

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
TOM = Author("slack", "U2", "Tom")
PAUL = Author("slack", "U3", "Paul")
EXPERTS = (ExpertSettings(name="Paul", topics=("ledger",), identities=("slack:U3",)),)
WITHIN = timedelta(seconds=20)
QUESTION = "How do I close the ledger of last year?"
MORE = "The wizard says that a zebra batch is not posted"
ANSWER = "Post the batch first, then close."


@dataclass
class Bench:
    """The bot without a platform."""

    database: Database
    number: int = 0

    def __post_init__(self) -> None:
        self.clock = SetClock(NOW)
        search = Search(self.database, HashingEmbedder())
        people = People("ours", self.database, search, EXPERTS, clock=self.clock)
        handlers = Handlers(
            "ours",
            self.database,
            search,
            HASHING_CALIBRATION,
            people,
            clock=self.clock,
            burst=WITHIN,
        )
        self.worker = Worker(
            "ours",
            self.database,
            search,
            handlers,
            clock=self.clock,
            metrics=Metrics(),
            on_outgoing=lambda: None,
        )

    def say(
        self, text: str, *, after: float = 0, author: Author = MARIA, place: Place = HELP
    ) -> list[OutgoingMessage]:
        """Let somebody say something some seconds later; gives what is replied."""
        self.clock.move(timedelta(seconds=after))
        self.number += 1
        id_ = str(self.number)
        return self.hear(MessagePosted(f"slack:{id_}", place, id_, author, text, self.clock.now()))

    def hear(self, *events: Event) -> list[OutgoingMessage]:
        """Let something happen; gives what is replied."""
        for event in events:
            with self.database.writing() as tx:
                inbox.put(tx, "ours", event, now=self.clock.now())
        while self.worker.handle_next():
            pass
        return list(self._delivered())

    def _delivered(self) -> Iterator[OutgoingMessage]:
        with self.database.writing() as tx:
            while claim := outbox.claim(tx, "ours", "slack", now=self.clock.now()):
                outbox.mark_delivered(tx, "ours", claim.message.id, f"ts of {claim.message.id}")
                yield claim.message

    def questions(self) -> list[Question]:
        with self.database.reading() as tx:
            return list(conversations.questions_in_channel(tx, "ours", HELP.channel_key))

    def text(self) -> str:
        (question,) = self.questions()
        return question.text

    def learn(self) -> None:
        """Let Paul answer the first question, and Maria accept it."""
        self.say(ANSWER, author=PAUL, place=HELP.in_thread("1"))
        self.hear(AnswerAccepted("slack:ok", HELP.in_thread("1"), MARIA, self.clock.now()))

    def finds(self, word: str) -> bool:
        """Say whether something that was learned is found by a word."""
        query = text("SELECT count(*) FROM passage_words WHERE passage_words MATCH :word")
        with self.database.reading() as tx:
            return bool(tx.connection().execute(query, {"word": word}).scalar_one())

    def parts(self) -> int:
        with self.database.reading() as tx:
            return tx.exec(select(func.count()).select_from(PartRow)).one()


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_what_is_written_right_after_a_question_belongs_to_it(bench: Bench) -> None:
    (first,) = bench.say(QUESTION)

    replies = bench.say(MORE, after=10)

    assert first.reply.text == "I don't know this one."
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

    (better,) = bench.say("How does the zebra batch post in the wizard?", after=5)

    assert first.reply.quotes == ()
    assert [quote.text for quote in better.reply.quotes] == [ANSWER]
    assert (better.place, better.replaces) == (first.place, f"ts of {first.id}")


def test_a_part_that_is_edited_is_so_in_the_question_and_in_what_was_learned(
    bench: Bench,
) -> None:
    bench.say(QUESTION)
    bench.say(MORE, after=5)
    bench.learn()

    bench.hear(MessageEdited("slack:x", HELP, "2", MARIA, "It says: quokka", bench.clock.now()))

    assert bench.text() == f"{QUESTION}\nIt says: quokka"
    assert (bench.finds("zebra"), bench.finds("quokka")) == (False, True)


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

    joined = Bursts("ours", bench.database, within=WITHIN).joined(question, again)

    assert joined.question == question


def test_without_a_pause_each_message_stands_by_itself(bench: Bench) -> None:
    bench.say(QUESTION)
    more = MessagePosted("slack:9", HELP, "9", MARIA, MORE, bench.clock.now())

    assert Bursts("ours", bench.database, within=timedelta(0)).begun(more) is None
