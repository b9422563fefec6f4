"""Outbox to one platform, with waiting and giving up."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.replies.notices import linked
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, Clock
from supportbot.runtime.metrics import Metrics
from supportbot.store import delivery, inbox
from supportbot.store.delivery import Claim
from supportbot.store.engine.sqlite import Database

log = logging.getLogger(__name__)

_MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=15)
_LONGEST_ASKED = timedelta(hours=1)
"""The most that is waited because a platform asked for it."""
_PATIENCE = timedelta(minutes=1)
"""The most that one attempt may take. A connection that is half open never ends by itself."""
_LOOK = timedelta(seconds=2)
"""Between two looks into the outbox, when nobody says that something is there."""
_PAUSE = timedelta(seconds=5)


class Sender:
    """Delivers every message for one platform at least once, and in order within a thread."""

    def __init__(
        self,
        database: Database,
        adapter: Adapter,
        *,
        clock: Clock,
        metrics: Metrics,
        on_incoming: Callable[[], object] = lambda: None,
    ) -> None:
        """Deliver what waits in this database through this adapter.

        `on_incoming` is told when something that was posted has to be handled as a question.
        """
        self._on_incoming = on_incoming
        self._database = database
        self._adapter = adapter
        self._clock = clock
        self._metrics = metrics
        self._wake = asyncio.Event()
        self._is_stopping = False
        # Waiting times of many bots must not fall together. Nothing here is a secret.
        self._random = random.Random()  # noqa: S311
        self._told = ""
        """Why the last attempt failed; empty when it did not."""
        self.trouble = ""
        """What keeps messages waiting at present, as a sentence; empty while nothing does."""

    async def run(self) -> None:
        """Deliver until stopped, or cancelled."""
        while not self._is_stopping:
            self._wake.clear()
            try:
                while not self._is_stopping and await self.deliver_next():
                    self.trouble = ""
                pause = await asyncio.to_thread(self._until_next)
                self.trouble = ""
            except SupportbotError as error:
                self.trouble = str(error)
                log.warning("messages for %s wait: %s", self._adapter.platform, error)
                pause = _PAUSE
            await self._wait(pause)

    def wake(self) -> None:
        """Say that a message waits. Call it from the event loop's thread."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the message in hand. Call it from the event loop's thread."""
        self._is_stopping = True
        self._wake.set()

    async def deliver_next(self) -> bool:
        """Deliver the oldest message that is due; False when none is."""
        claimed = await asyncio.to_thread(self._claim)
        if claimed is None:
            return False
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                message = self._linked(claimed)
                posted_id = await self._adapter.deliver(message, attempt=claimed.attempt)
        except DeliveryError as error:
            await asyncio.to_thread(self._note_refusal, claimed, error)
        except TimeoutError:
            # It may be there all the same; the next attempt asks.
            failure = DeliveryError("the platform did not answer in time", permanent=False)
            await asyncio.to_thread(self._note_refusal, claimed, failure)
        except Exception:  # a bug in one adapter: its messages wait, everything else goes on
            log.exception("message %s could not be delivered", claimed.message.id)
            failure = DeliveryError("the adapter failed; see the log", permanent=False)
            await asyncio.to_thread(self._note_refusal, claimed, failure)
        else:
            await asyncio.to_thread(self._mark_delivered, claimed, posted_id)
        return True

    def _linked(self, claimed: Claim) -> OutgoingMessage:
        """Let a message that tells of another one lead to it."""
        message = claimed.message
        if message.after is None:
            return message
        known = claimed.posted_before
        url = self._adapter.url_of(message.after.place, known) if known else ""
        return replace(message, reply=linked(message.reply, url))

    async def _wait(self, pause: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._wake.wait()

    def _claim(self) -> Claim | None:
        with self._database.writing() as tx:
            return delivery.claim(tx, self._adapter.platform, now=self._clock.now())

    def _until_next(self) -> timedelta:
        """Return how long to wait: not for long, since another process may put a message there."""
        now = self._clock.now()
        with self._database.reading() as tx:
            due = delivery.next_due(tx, self._adapter.platform, now=now)
        return _LOOK if due is None else min(max(due - now, timedelta(0)), _LOOK)

    def _mark_delivered(self, claimed: Claim, posted_id: str) -> None:
        self._told = ""
        message = claimed.message
        posted = self._posted_for(message, posted_id)
        with self._database.writing() as tx:
            delivery.mark_delivered(tx, message.id, posted_id)
            if posted is not None:
                inbox.put(tx, posted, now=self._clock.now())
        if posted is not None:
            self._on_incoming()
        self._count("delivered")
        waited = self._clock.now() - claimed.created_at
        self._metrics.waiting.observe(max(0.0, waited.total_seconds()))

    def _posted_for(self, message: OutgoingMessage, posted_id: str) -> MessagePosted | None:
        """Return what was posted for somebody as if they had posted it themselves, when they did.

        That is the platform's time: who has the bot forget them a moment later means this, too,
        whatever the bot's own clock says.
        """
        asked = message.reply.asked
        if asked is None or asked.asked_here_at is None:
            return None
        return MessagePosted(
            event_id=f"{message.id}/posted",
            place=message.place,
            message_id=posted_id,
            author=asked.asker,
            text=asked.text,
            posted_at=asked.asked_here_at,
            url=self._adapter.url_of(message.place, posted_id),
            is_addressed=True,
        )

    def _note_refusal(self, claimed: Claim, error: DeliveryError) -> None:
        message_id = claimed.message.id
        is_hopeless = error.permanent or claimed.attempt >= _MOST_ATTEMPTS
        # A platform that is out of reach refuses each message for the same reason.
        is_news = is_hopeless or str(error) != self._told
        level = logging.WARNING if is_news else logging.DEBUG
        log.log(level, "message %s was not delivered: %s", message_id, error)
        self._told = str(error)
        now = self._clock.now()
        with self._database.writing() as tx:
            if is_hopeless:
                delivery.set_aside(tx, message_id, str(error))
            else:
                until = now + self._wait_before_next(claimed.attempt, error)
                delivery.postpone(tx, message_id, now=now, until=until, error=str(error))
        self._count("set_aside" if is_hopeless else "postponed")
        if is_hopeless:
            self._metrics.set_aside.labels("message").inc()

    def _count(self, outcome: str) -> None:
        self._metrics.deliveries.labels(self._adapter.platform, outcome).inc()

    def _wait_before_next(self, attempt: int, error: DeliveryError) -> timedelta:
        """Double the wait each time, up to the longest, less a random part of up to a half.

        What the platform asks for is obeyed, within reason: it may be a mistake, too.
        """
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempt - 1, 20))
        wait: timedelta = longest * self._random.uniform(0.5, 1.0)
        return max(wait, min(error.retry_after or timedelta(0), _LONGEST_ASKED))
