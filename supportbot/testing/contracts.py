"""What every embedder and every adapter promises, as tests to subclass."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import numpy as np

from supportbot.domain.chat.events import ChannelsListed, Event, MessagePosted
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import Action, Alone, OutgoingMessage, Quote, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, Embedder, Reranker

PATIENCE = 10.0
"""Seconds until a contract gives up waiting for what must happen."""


class EmbedderContract(ABC):
    """What every `Embedder` promises."""

    @abstractmethod
    def embedder(self) -> Embedder:
        """Return the embedder under test."""

    def test_vectors_have_the_promised_shape_and_length_one(self) -> None:
        embedder = self.embedder()

        vectors = embedder.embed_documents(["How do I restart the service?", "Lunch", "x" * 5000])

        assert vectors.shape == (3, embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)

    def test_no_texts_give_no_vectors(self) -> None:
        embedder = self.embedder()

        assert embedder.embed_documents([]).shape == (0, embedder.dimension)

    def test_the_order_of_texts_is_kept_and_equal_texts_are_equal(self) -> None:
        texts = ["a longer text about invoices and taxes", "short", "short", "another text"]

        vectors = self.embedder().embed_documents(texts)

        assert np.array_equal(vectors[1], vectors[2])
        alone = self.embedder().embed_documents(["another text"])
        assert np.allclose(vectors[3], alone[0], atol=1e-2)

    def test_a_reworded_question_is_nearer_than_another_one(self) -> None:
        embedder = self.embedder()
        texts = ["How do I post an invoice?", "Where is the lunch menu?"]

        cosines = embedder.embed_documents(texts) @ embedder.embed_question("posting an invoice")[0]

        assert cosines[0] > cosines[1]

    def test_strange_text_gives_finite_vectors(self) -> None:
        vectors = self.embedder().embed_documents(["", "\x00", "🤷" * 300, "\u202e"])

        assert np.isfinite(vectors).all()


class RerankerContract(ABC):
    """What every `Reranker` promises."""

    @abstractmethod
    def reranker(self) -> Reranker:
        """Return the second stage under test."""

    def test_each_text_has_a_score_of_its_own_whatever_stands_beside_it(self) -> None:
        reranker = self.reranker()
        texts = ["Posting an invoice to the ledger", "x" * 5_000, "Lunch"]

        scores = reranker.scores("How do I post an invoice?", texts)

        alone = [reranker.scores("How do I post an invoice?", [text])[0] for text in texts]
        assert np.allclose(scores, alone, atol=1e-4)

    def test_no_texts_have_no_scores(self) -> None:
        assert self.reranker().scores("How do I post an invoice?", []) == []

    def test_strange_texts_have_finite_scores(self) -> None:
        scores = self.reranker().scores("", ["", "\x00", "🤷" * 300, "\u202e"])

        assert np.isfinite(scores).all()


class World(ABC):
    """How a test drives a platform, and sees what people there would see."""

    @abstractmethod
    def adapter(self) -> Adapter:
        """Return a new adapter to this platform, as after a restart."""

    @abstractmethod
    def post(self, author: str, text: str, thread: str | None = None) -> str:
        """Let a person write a message; gives its id."""

    @abstractmethod
    def place(self, thread: str) -> Place:
        """Return the place of a thread."""

    @abstractmethod
    def missing_place(self) -> Place:
        """Return a place that this platform does not have."""

    @abstractmethod
    def shown(self) -> list[str]:
        """Return everything that the bot has said to all, as people see it, oldest first."""

    @abstractmethod
    def shown_alone(self, author: str) -> list[str]:
        """Return everything that the bot has said to one person alone, oldest first."""


class AdapterContract(ABC):
    """What every `Adapter` promises."""

    @abstractmethod
    def world(self) -> World:
        """Return an empty platform."""

    def test_a_message_arrives_with_its_author_text_and_thread(self) -> None:
        world = self.world()
        question = world.post("Maria", "How do I post an invoice?")
        world.post("Paul", "With the button Post.", question)

        asked, answered = self.received(world, 2)

        assert isinstance(asked, MessagePosted)
        assert isinstance(answered, MessagePosted)
        assert (asked.author.name, asked.text) == ("Maria", "How do I post an invoice?")
        assert asked.place.thread is None
        assert answered.place == asked.place.in_thread(asked.message_id)
        assert asked.author.member_id != answered.author.member_id

    def test_a_message_keeps_its_event_id_when_it_comes_again(self) -> None:
        world = self.world()
        world.post("Maria", "How do I post an invoice?")

        first, again = self.received(world, 1), self.received(world, 1)

        assert first == again

    def test_what_was_posted_while_the_bot_was_away_is_brought_on_connecting(self) -> None:
        world = self.world()
        self.received(world, 0)
        world.post("Maria", "Is anybody there?")

        (event,) = self.received(world, 1)

        assert isinstance(event, MessagePosted)
        assert event.text == "Is anybody there?"

    def test_an_event_that_could_not_be_stored_comes_again(self) -> None:
        world = self.world()
        world.post("Maria", "How do I post an invoice?")

        events = self.received(world, 2, failures=1)

        assert events[0] == events[1]

    def test_a_reply_is_shown_with_its_quotes(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")

        self.run(world.adapter().deliver(self.message(world, thread), attempt=1))

        (shown,) = world.shown()
        assert "This was answered before" in shown
        assert "Use the button Post" in shown
        assert "Paul" in shown

    def test_the_same_message_is_shown_once_however_often_it_is_delivered(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")
        message = self.message(world, thread)

        first = self.run(world.adapter().deliver(message, attempt=1))
        again = self.run(world.adapter().deliver(message, attempt=2))

        assert first == again
        assert len(world.shown()) == 1

    def test_a_place_that_is_not_there_is_refused_for_good(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")
        message = self.message(world, thread)
        lost = OutgoingMessage(message.id, world.missing_place(), message.reply)

        refusal = self.run(_refusal(world.adapter().deliver(lost, attempt=1)))

        assert refusal.permanent

    def test_a_link_that_is_quoted_is_shown_with_its_host(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")

        message = self.message(world, thread, quoted="See [your bank](https://evil.example/login).")
        self.run(world.adapter().deliver(message, attempt=1))

        (shown,) = world.shown()
        assert "evil.example" in shown

    def test_what_is_quoted_cannot_send_control_characters(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")

        message = self.message(world, thread, quoted="\x1b[2Jgone \u202etxet")
        self.run(world.adapter().deliver(message, attempt=1))

        (shown,) = world.shown()
        assert "\x1b" not in shown
        assert "\u202e" not in shown

    def test_what_concerns_one_person_is_shown_to_them_alone(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")
        world.post("Paul", "With the button Post.", thread)
        _, replied = self.received(world, 2)
        assert isinstance(replied, MessagePosted)
        alone = Alone(replied.author, "press-1")
        word = OutgoingMessage(
            "press-1/reply", world.place(thread), Reply("Not yours to say."), alone=alone
        )

        self.run(world.adapter().deliver(word, attempt=1))

        (told,) = world.shown_alone("Paul")
        assert "Not yours to say." in told
        assert world.shown() == []
        assert world.shown_alone("Maria") == []

    def test_taking_buttons_off_leaves_what_was_said(self) -> None:
        world = self.world()
        thread = world.post("Maria", "How do I post an invoice?")
        posted = self.run(world.adapter().deliver(self.message(world, thread), attempt=1))
        place = world.place(thread)
        bare = OutgoingMessage("buttons-1", place, Reply(""), replaces=posted, leaves=())

        taken = self.run(world.adapter().deliver(bare, attempt=1))

        assert taken == posted
        (shown,) = world.shown()
        assert "This was answered before" in shown
        assert "Use the button Post" in shown

    def message(
        self, world: World, thread: str, *, quoted: str = "Use the button Post."
    ) -> OutgoingMessage:
        """Return a reply in a thread."""
        quote = Quote(quoted, "Posting", "Paul", datetime(2026, 3, 2, tzinfo=UTC), "x:1", 0.93)
        reply = Reply("This was answered before.", (quote,), actions=(Action.SOLVED,))
        return OutgoingMessage("event-1/reply", world.place(thread), reply)

    def received(self, world: World, count: int, *, failures: int = 0) -> list[Event]:
        """Connect until so many events were offered; the first few cannot be stored."""
        events: list[Event] = self.run(_received(world.adapter(), count, failures))
        return events

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine, and give up when it takes too long."""

        async def patiently() -> Any:
            async with asyncio.timeout(PATIENCE):
                return await doing

        return asyncio.run(patiently())


async def _received(adapter: Adapter, count: int, failures: int) -> list[Event]:
    events: list[Event] = []
    enough = asyncio.Event()

    async def receive(event: Event) -> None:
        if isinstance(event, ChannelsListed):
            return  # said on connecting, whatever happens
        events.append(event)
        if len(events) >= count:
            enough.set()
        if len(events) <= failures:
            message = "the disk is full"
            raise SupportbotError(message)

    connecting = asyncio.create_task(adapter.connect(receive))
    if count:
        await enough.wait()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    return events


async def _refusal(delivering: Coroutine[Any, Any, str]) -> DeliveryError:
    try:
        await delivering
    except DeliveryError as error:
        return error
    message = "the platform took what it cannot show"
    raise AssertionError(message)
