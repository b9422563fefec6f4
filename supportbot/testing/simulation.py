"""A whole world in one thread: a platform with faults, a bot, and a switch for its power.

Everything is done step by step, by whoever drives it, so that a run can be played again.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.bounds import bounded
from supportbot.domain.chat.events import Event
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.knowledge.recalibration import Recalibration
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import DeliveryError
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.handlers.context import Services
from supportbot.jobs.ladder import climbing
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.ports import Receive
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.sender import Sender
from supportbot.runtime.worker import Worker
from supportbot.store import inbox, outbox_counts, outbox_rows
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.testing.fakes import HASHING_CALIBRATION, HashingEmbedder, SetClock

COMMUNITY_ID = "simulated"


class PowerCutError(BaseException):
    """The power is gone: nothing after this happened. No handler of errors may catch it."""


class PowerSwitch:
    """Counts the moments between two steps, and cuts the power at one of them."""

    def __init__(self) -> None:
        """Leave the power on."""
        self._steps_left: int | None = None

    def cut_after(self, steps: int) -> None:
        """Cut the power after so many more moments."""
        self._steps_left = steps

    def leave_on(self) -> None:
        """Forget about cutting."""
        self._steps_left = None

    def step(self) -> None:
        """Let a moment pass.

        Raises:
            PowerCutError: It was this one.
        """
        if self._steps_left is None:
            return
        self._steps_left -= 1
        if self._steps_left < 0:
            self._steps_left = None
            raise PowerCutError


class FragileDatabase(Database):
    """The real database, with a moment before, in and after each write.

    Closed, it can be used again: it then opens what stands in its file.
    """

    def __init__(self, path: Path, switch: PowerSwitch) -> None:
        """Open the file."""
        super().__init__(path, COMMUNITY_ID)
        self.switch = switch

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Write, unless the power goes."""
        self.switch.step()
        with super().writing() as tx:
            yield tx
            self.switch.step()
        self.switch.step()

    def start_over(self, template: Path) -> None:
        """Put a copy of another database in place of this one."""
        self.close()
        for name in (f"{self.path.name}-wal", f"{self.path.name}-shm"):
            self.path.with_name(name).unlink(missing_ok=True)
        shutil.copyfile(template, self.path)


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that the bot said, as people see it, and when it appeared."""

    id: str
    message: OutgoingMessage
    at: datetime


class SimulatedPlatform:
    """A chat platform in memory, which refuses, loses and repeats as it is told to."""

    platform = "simulated"

    def __init__(self, clock: SetClock, switch: PowerSwitch | None = None) -> None:
        """Begin with nothing said."""
        self._clock = clock
        self._switch = switch or PowerSwitch()
        self._came = asyncio.Event()
        self.events: list[Event] = []
        """Everything that happened here, oldest first."""
        self.shown: list[Shown] = []
        """Everything that the bot said, oldest first."""
        self.is_there: Callable[[Place], bool] = lambda _place: True
        self.refusals: list[DeliveryError] = []
        """What the next deliveries are answered with, before anything is shown."""
        self.losses: list[DeliveryError] = []
        """What the next deliveries are answered with, although the message is shown."""

    def happen(self, event: Event) -> None:
        """Let something happen, whether or not the bot is there."""
        self.events.append(event)
        self._came.set()

    async def connect(self, receive: Receive) -> None:
        """Offer everything that happened, and then what happens, until cancelled."""
        offered = 0
        while True:
            self._came.clear()
            while offered < len(self.events):
                try:
                    await receive(self.events[offered])
                except Exception:  # noqa: BLE001, S112 - it was not acknowledged, so it comes again
                    continue
                offered += 1
            await self._came.wait()

    def url_of(self, place: Place, message_id: str) -> str:
        """Return a link that leads nowhere."""
        return f"https://example.org/{place.channel}/{message_id}"

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Show a message, unless a fault was ordered or it is there already."""
        self._switch.step()
        if attempt > 1:
            for shown in self.shown:
                if shown.message.id == message.id:
                    return shown.id
        if not self.is_there(message.place):
            reason = "there is no such place"
            raise DeliveryError(reason, permanent=True)
        if self.refusals:
            raise self.refusals.pop(0)
        if message.leaves is not None:
            return message.replaces
        shown = Shown(f"posted-{len(self.shown)}", message, self._clock.now())
        self.shown.append(shown)
        self._switch.step()
        if self.losses:
            raise self.losses.pop(0)
        return shown.id


def template_database(path: Path) -> Path:
    """Make an empty database to copy: bringing one up to date takes longer than copying it."""
    with closing(Database(path, COMMUNITY_ID)) as database:
        database.scrub()
    return path


class Bot:
    """The bot on a simulated platform, driven step by step; it survives its restarts."""

    def __init__(  # noqa: PLR0913 - the world around it
        self,
        database: FragileDatabase,
        platform: SimulatedPlatform,
        clock: SetClock,
        *,
        experts: Sequence[Declared] = (),
        rules: TeachingRules | None = None,
        allowance: Allowance | None = None,
        ladder: LadderRules | None = None,
        burst: timedelta = timedelta(0),
    ) -> None:
        """Start on this database."""
        self.database = database
        self._platform = platform
        self._clock = clock
        self._experts = experts
        self._rules = rules
        self._allowance = allowance
        self._ladder = ladder
        self._burst = burst
        self._loop = asyncio.new_event_loop()
        self._start()

    def _start(self) -> None:
        self.database.switch.leave_on()
        self.search = Search(self.database, HashingEmbedder())
        people = People(self.database, self.search, self._experts, clock=self._clock)
        asking = Asking(
            self.search,
            people,
            clock=self._clock,
            rules=self._ladder,
            declared=self._experts,
        )
        self._job = climbing(self.database, self._clock, asking)
        services = Services(
            search=self.search,
            recalibrating=Recalibrating(HASHING_CALIBRATION),
            people=people,
            asking=asking,
            clock=self._clock,
            rules=self._rules or TeachingRules(),
            allowance=self._allowance or Allowance(),
            burst=self._burst,
        )
        self._worker = Worker(
            self.database,
            services,
            metrics=Metrics(),
            on_outgoing=lambda: None,
            on_removed=people.forget,
            on_accepted=people.note_accepted,
        )
        self._sender = Sender(
            self.database,
            self._platform,
            clock=self._clock,
            metrics=Metrics(),
        )

    @property
    def recalibration(self) -> Recalibration:
        """What the votes make of the calibration now."""
        with self.database.reading() as tx:
            return Recalibrating(HASHING_CALIBRATION).now(tx)

    def restart(self) -> None:
        """Lose everything that is not on the disk, and start again."""
        self.database.close()
        self._start()

    def stop(self) -> None:
        """End for good."""
        self.database.close()
        self._loop.close()

    def receive(self, event: Event) -> bool:
        """Store an event, as the adapter's `receive` does; True says that it is acknowledged."""
        with self.database.writing() as tx:
            inbox.put(tx, bounded(event), now=self._clock.now())
        return True

    def work(self) -> bool:
        """Handle one event; False when none waits."""
        return self._worker.handle_next()

    def look_at_the_clock(self) -> None:
        """Do what is done each minute: look what is due for the questions that wait."""
        self._job.do()

    def scrub(self) -> None:
        """Do what the worker does when nothing waits."""
        self._worker.scrub()

    def send(self) -> bool:
        """Deliver one message; False when none is due."""
        return self._loop.run_until_complete(self._sender.deliver_next())

    def settle(self) -> None:
        """Handle and deliver everything, however long it has to be waited for."""
        self.database.switch.leave_on()
        while True:
            while self.work() or self.send():
                pass
            with self.database.reading() as tx:
                events = inbox.count(tx, inbox.InboxState.WAITING)
                messages = outbox_counts.count(tx, outbox_rows.OutboxState.WAITING)
            if not events and not messages:
                break
            if not events:
                # What is left waits for its next attempt.
                self._clock.move(timedelta(hours=1))
        # It is not done each minute anew.
        self._clock.move(timedelta(minutes=2))
        self.scrub()


def said_again(event: Event, event_id: str) -> Event:
    """Return the same event under another id, as some platforms deliver one thing twice."""
    return replace(event, event_id=event_id)
