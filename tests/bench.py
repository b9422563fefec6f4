"""The bot without a platform: what people say goes in, what it replies comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import func, select

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.events import AnswerAccepted, Event, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.chat.questions import Question
from supportbot.domain.experts.declared import Declared
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.experts.people import People
from supportbot.knowledge.search import Search
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.worker import Worker
from supportbot.store import conversations, delivery, inbox
from supportbot.store.engine.sqlite import Database
from supportbot.store.question_parts import PartRow
from supportbot.testing import HashingEmbedder, SetClock
from supportbot.testing.building import services_over

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
TOM = Author("slack", "U2", "Tom")
PAUL = Author("slack", "U3", "Paul")
EXPERTS = (Declared(name="Paul", topics=("ledger",), member_ids=("slack:U3",)),)
WITHIN = timedelta(seconds=20)
ANSWER = "Post the batch first, then close."


@dataclass
class Bench:
    """The bot without a platform."""

    database: Database
    number: int = 0
    listening: Listening = Listening.QUESTIONS
    allowance: Allowance | None = None

    def __post_init__(self) -> None:
        self.clock = SetClock(NOW)
        search = Search(self.database, HashingEmbedder())
        people = People(self.database, search, EXPERTS, clock=self.clock)
        services = services_over(
            search,
            people,
            self.clock,
            burst=WITHIN,
            listening=self.listening,
            allowance=self.allowance,
        )
        self.worker = Worker(
            self.database,
            services,
            metrics=Metrics(),
            on_outgoing=lambda: None,
        )

    def say(
        self, text: str, *, after: float = 0, author: Author = MARIA, place: Place = HELP
    ) -> list[OutgoingMessage]:
        """Let somebody say something some seconds later; gives what is replied."""
        self.clock.move(timedelta(seconds=after))
        return self.hear(self.posted(text, author=author, place=place))

    def posted(self, text: str, *, author: Author = MARIA, place: Place = HELP) -> MessagePosted:
        """Return a message that nobody has heard yet."""
        self.number += 1
        id_, is_alone = str(self.number), place.is_private
        return MessagePosted(
            f"slack:{id_}", place, id_, author, text, self.clock.now(), is_addressed=is_alone
        )

    def hear(self, *events: Event) -> list[OutgoingMessage]:
        """Let something happen, one after the other; gives what is replied then."""
        for event in events:
            with self.database.writing() as tx:
                inbox.put(tx, event, now=self.clock.now())
            while self.worker.handle_next():
                pass
        return list(self._delivered())

    def _delivered(self) -> Iterator[OutgoingMessage]:
        with self.database.writing() as tx:
            while claim := delivery.claim(tx, "slack", now=self.clock.now()):
                delivery.mark_delivered(tx, claim.message.id, ts_of(claim.message))
                yield claim.message

    def questions(self, place: Place = HELP) -> list[Question]:
        with self.database.reading() as tx:
            return list(conversations.questions_in_channel(tx, place.channel_key))

    def text(self) -> str:
        (question,) = self.questions()
        return question.text

    def learn(self) -> None:
        """Let Paul answer the first question, and Maria accept it."""
        self.say(ANSWER, author=PAUL, place=HELP.in_thread("1"))
        said, now = str(self.number), self.clock.now()
        self.hear(AnswerAccepted("slack:ok", HELP.in_thread("1"), MARIA, now, said))

    def finds(self, word: str) -> bool:
        """Whether something that was learned is found by a word."""
        query = text("SELECT count(*) FROM passage_words WHERE passage_words MATCH :word")
        with self.database.reading() as tx:
            return bool(tx.connection().execute(query, {"word": word}).scalar_one())

    def parts(self) -> int:
        with self.database.reading() as tx:
            return tx.exec(select(func.count()).select_from(PartRow)).one()


def ts_of(message: OutgoingMessage) -> str:
    """Name a message of the bot as the platform does."""
    return f"ts of {message.id}".replace("/", " ")
