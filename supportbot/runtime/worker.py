"""Inbox to handlers: one event, one transaction."""

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from supportbot.domain.chat.events import (
    AnswerReviewed,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    ForgetRequested,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
    PlaceDeleted,
    QuestionDue,
    author_of,
    moment_of,
)
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import CLOSED, Answer, Question
from supportbot.domain.outcome import Effect, Joined, LinkCode, Outcome, Parted, TakenBack
from supportbot.domain.replies.reply import ABOUT_MATCHES
from supportbot.errors import EmbeddingError, SupportbotError
from supportbot.handlers.context import Context, Services
from supportbot.handlers.dispatch import handle
from supportbot.knowledge.search import Findable
from supportbot.runtime.metrics import Metrics
from supportbot.store import (
    asks,
    buttons,
    conversations,
    identities,
    inbox,
    knowledge,
    lifecycle,
    messages,
    outbox,
    outsiders,
    places,
    question_parts,
    votes,
)
from supportbot.store.engine import scrubbing
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.messages import Said
from supportbot.store.outbox_rows import Cause

log = logging.getLogger(__name__)

_MOST_ATTEMPTS = 10
"""An event that was begun so often and never finished has killed the process each time."""
_ATTEMPTS_BY_MEANING = 3
"""From this attempt on, the model is left out: it has failed on this event each time."""
_LOOK = 2.0
"""Seconds between two looks into the inbox, when nobody says that something came in."""
_QUICKLY_REWRITTEN = 250_000_000
"""Bytes of a database that is written anew within a second or two (184 MB: 1.4 s)."""
_BETWEEN_SCRUBS = timedelta(minutes=1)
_PAUSE = 5.0
"""Seconds to wait when the database cannot be used, before trying again."""


class Worker:
    """Handles every stored event once: what it leads to and "handled" are one commit."""

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        database: Database,
        services: Services,
        *,
        metrics: Metrics,
        on_outgoing: Callable[[], object],
        on_removed: Callable[[], object] = lambda: None,
        on_accepted: Callable[[Answer], object] = lambda _answer: None,
        decide: Callable[[Event, Context], Outcome] = handle,
    ) -> None:
        """Handle one community's events.

        `on_outgoing` is called after each commit that left messages in the outbox, `on_removed`
        after each that removed what was said, `on_accepted` with each answer that is accepted by
        then.
        """
        self._database = database
        self._services = services
        self._decide = decide
        self._search = services.search
        self._clock = services.clock
        self._on_outgoing = on_outgoing
        self._on_removed = on_removed
        self._on_accepted = on_accepted
        self._metrics = metrics
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._is_urgent = False
        self._scrubbed_at: datetime | None = None
        self.in_hand_since: datetime | None = None
        self.trouble = ""
        """What keeps events waiting at present, as a sentence; empty while nothing does."""

    def run(self) -> None:
        """Handle events until stopped. Blocks; give it a thread."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self.handle_next():
                    self.trouble = ""
                self.scrub()
            except SupportbotError as error:
                # Not this event's fault: nothing is set aside, and it is tried again.
                self.trouble = str(error)
                log.warning("events wait: %s", error)
                self._stopping.wait(_PAUSE)
                continue
            self.trouble = ""
            # Another process may have put an event there: a command, or a maintainer's `retry`.
            self._wake.wait(_LOOK)

    def wake(self) -> None:
        """Say that an event came in."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the event in hand."""
        self._stopping.set()
        self._wake.set()

    def handle_next(self) -> bool:
        """Handle the oldest waiting event; False when none waits.

        1. Count the attempt, and note whether its author is of the community.
        2. Read, search and decide, outside any transaction that writes.
        3. Store what comes of it together with "handled".
        4. Let what was learned be found.
        """
        with self._database.reading() as tx:
            if not inbox.is_waiting(tx):
                return False
        with self._database.writing() as tx:
            claimed = inbox.claim(tx)
            if claimed is not None:
                _note_author(tx, claimed[0])
        if claimed is None:
            return False
        event, attempt = claimed
        if attempt > _MOST_ATTEMPTS:
            self._set_aside(event, f"was begun {_MOST_ATTEMPTS} times and never finished")
            return True
        self.in_hand_since = self._clock.now()
        try:
            with self._metrics.handling.time():
                self._handle(event, by_meaning=attempt < _ATTEMPTS_BY_MEANING)
        except EmbeddingError as error:
            log.warning("event %s is tried again: %s", event.event_id, error)
        except SupportbotError:
            # Not this event's fault, so the attempt does not count.
            with suppress(SupportbotError), self._database.writing() as tx:
                inbox.release(tx, event.event_id)
            raise
        except Exception:  # whatever it is, the other events go on
            log.exception("event %s was set aside", event.event_id)
            self._set_aside(event, traceback.format_exc())
        finally:
            self.in_hand_since = None
        return True

    def scrub(self) -> None:
        """Leave nothing in the database's files of what was deleted, once nothing waits.

        Not each minute anew, and a large file takes long and is left to the nightly job; but where
        a person was forgotten, at once.
        """
        with self._database.reading() as tx:
            since = scrubbing.needed_since(tx)
        if since is None or not (self._is_urgent or self._may_scrub()):
            return
        self._is_urgent, self._scrubbed_at = False, self._clock.now()
        scrubbing.scrub(self._database, since=since)

    def _may_scrub(self) -> bool:
        if self._database.size() > _QUICKLY_REWRITTEN:
            return False
        last = self._scrubbed_at
        return last is None or not timedelta(0) <= self._clock.now() - last < _BETWEEN_SCRUBS

    def _handle(self, event: Event, *, by_meaning: bool) -> None:
        with self._database.reading() as tx:
            outcome = self._decide(event, Context(tx, self._services, by_meaning=by_meaning))
        findables = [
            self._search.make_findable(document, by_meaning=by_meaning)
            for document in outcome.documents
        ]
        now = self._clock.now()
        with self._database.writing() as tx:
            before = self._revision(tx, findables)
            changed = _places_changed(tx, event)
            for place in changed:
                lifecycle.move_audience(tx, place)
            self._note(tx, event)
            # Before the effect: what is deleted may be the event itself.
            inbox.mark_handled(tx, event.event_id, now=now)
            is_removed = self._follow(tx, outcome.effect, now)
            if is_removed:
                scrubbing.note_deletion(tx, now=now)
            self._store(tx, event, outcome, now)
            middle = self._revision(tx, findables)
            for findable in findables:
                self._search.store(tx, findable)
            after = self._revision(tx, findables)
        self._is_urgent |= isinstance(outcome.effect, ForgetRequested)
        if findables and middle == before:
            self._search.follow(findables, since=before, now=after)
        if outcome.decision is not None:
            self._metrics.questions.labels(outcome.decision).inc()
        # What is known of people was learned from those who could see it then.
        if is_removed or changed or isinstance(outcome.linked, Joined | Parted):
            self._on_removed()
        if outcome.messages:
            self._on_outgoing()
        for answer in outcome.answers:
            if answer.is_accepted:
                self._on_accepted(answer)

    def _revision(self, tx: Transaction, findables: Sequence[Findable]) -> int:
        """Number what can be found; 0 where nothing is added, since nobody need follow then."""
        return knowledge.revision(tx) if findables else 0

    def _follow(  # noqa: PLR0911 - one for each effect
        self, tx: Transaction, effect: Effect | None, now: datetime
    ) -> bool:
        """Let what is stored follow an event; True when something was removed."""
        match effect:
            case None:
                return False
            case MessageDeleted():
                lifecycle.delete_message(tx, effect.place, effect.message_id, now=now)
            case PlaceDeleted():
                lifecycle.delete_place(tx, effect.place, now=now)
            case ForgetRequested():
                lifecycle.forget_member(tx, effect.author, until=effect.requested_at, now=now)
            case TakenBack():
                mark, member = effect.mark_id, effect.member_id
                return lifecycle.take_back(tx, mark, member, effect.question, effect.answer)
            case AskingEnded():
                conversations.end_asking(tx, effect.place)
                return False
            case ChannelConfigured():
                places.set_listening(tx, effect.place, effect.listening)
                return False
            case MemberLeft():
                member, left_at = effect.author.member_id, effect.left_at
                places.note_member(tx, member, effect.place, left_at, is_away=True)
                return False
            case MemberJoined():
                member, joined_at = effect.author.member_id, effect.joined_at
                places.note_member(tx, member, effect.place, joined_at, is_away=False)
                return False
            case _:
                assert_never(effect)
        return True

    def _store(self, tx: Transaction, event: Event, outcome: Outcome, now: datetime) -> None:
        question = outcome.question
        if question is not None:
            # The event itself may have said that its channel was opened or closed.
            place = places.as_known(tx, question.place)
            conversations.save_question(tx, replace(question, place=place))
            if outcome.parts:
                question_parts.save(tx, question.id, outcome.parts)
            self._take_buttons_off(tx, question, now, asks_anew=outcome.asks_anew)
        for answer in outcome.answers:
            conversations.save_answer(tx, answer)
        if outcome.unlearned:
            lifecycle.unlearn(tx, outcome.unlearned)
        votes.save(tx, outcome.votes)
        self._link(tx, outcome.linked, now)
        asks.note(tx, outcome.asks)
        asks.note_reached(tx, outcome.reached)
        if outcome.profile is not None:
            lifecycle.choose(tx, outcome.profile, now=now)
        for message in outcome.heard_again:
            inbox.hear_again(tx, message, now=now)
        author = None if isinstance(outcome.effect, ForgetRequested) else author_of(event)
        cause = Cause(event.event_id, author.member_id if author else "")
        outbox.put(tx, outcome.messages, now=now, cause=cause)

    def _take_buttons_off(
        self, tx: Transaction, question: Question, now: datetime, *, asks_anew: bool
    ) -> None:
        """Let nobody press what means nothing any more."""
        if question.state in CLOSED:
            changes = buttons.take_off(tx, question.id)
        elif asks_anew:
            changes = buttons.take_off(tx, question.id, leaving=ABOUT_MATCHES)
        else:
            return
        outbox.put(tx, changes, now=now)

    def _link(
        self, tx: Transaction, linked: LinkCode | Joined | Parted | None, now: datetime
    ) -> None:
        match linked:
            case LinkCode():
                until = linked.expires_at
                identities.offer(tx, linked.author, linked.code_hash, expires_at=until)
            case Joined():
                lifecycle.join(tx, linked.author, linked.other, now=now)
            case Parted():
                identities.leave(tx, linked.author.member_id)

    def _note(self, tx: Transaction, event: Event) -> None:
        """Note that somebody said something. Adapters bring what people say, and no bots."""
        if isinstance(event, MessagePosted):
            place = event.place
            said = Said(
                message_key=place.message_key(event.message_id),
                channel_key=place.channel_key,
                member_id=event.author.member_id,
                thread=place.key if place.thread else "",
                said_at=event.posted_at,
            )
            messages.note(tx, [said])

    def _set_aside(self, event: Event, error: str) -> None:
        self._metrics.set_aside.labels("event").inc()
        with self._database.writing() as tx:
            inbox.set_aside(tx, event.event_id, error)


def _note_author(tx: Transaction, event: Event) -> None:
    """Note first whether a person is of the community: it decides what they are shown."""
    author = author_of(event)
    if author is None or isinstance(event, AnswerReviewed | ForgetRequested):
        return  # the platform did not say it
    if outsiders.is_outsider(tx, author.member_id) != author.is_outsider:
        outsiders.note(tx, author)


def _places_changed(tx: Transaction, event: Event) -> Sequence[Place]:
    """Note what an event says of who may see which channel, and return what is different now."""
    match event:
        case ChannelsListed():
            return places.note_listed(tx, event)
        case AnswerReviewed() | AskingEnded() | QuestionDue() | MemberLeft() | MemberJoined():
            # A maintainer's decision and what is due by the clock know the place as it was once,
            # and who comes or goes says nothing about who else may see it.
            return ()
        case _:
            is_news = places.note(tx, event.place, moment_of(event))
            return (event.place,) if is_news else ()
