"""What a handler works with: one moment of the database, and what the group has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from supportbot.domain.chat.allowance import WINDOW, Allowance, Leave, leave_to_speak
from supportbot.domain.chat.events import (
    Event,
    MessagePosted,
    moment_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.experts.declared import Declared
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store import (
    inbox,
    outbox_counts,
    places,
)
from supportbot.store.engine.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What is the same for each event: what finds and chooses, and what the group has chosen.

    Attributes:
        recalibrating: Corrects the calibration by the votes.
        listening: For the channels for which nobody has chosen.
        burst: What one person writes in a channel with no longer pause is one question.
        experts: Those of whom the settings say what they know about.
    """

    search: Search
    recalibrating: Recalibrating
    people: People
    asking: Asking
    clock: Clock
    rules: TeachingRules = field(default_factory=TeachingRules)
    allowance: Allowance = field(default_factory=Allowance)
    listening: Listening = Listening.QUESTIONS
    burst: timedelta = timedelta(0)
    experts: Sequence[Declared] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """One event's view of everything.

    Attributes:
        tx: Reads; all of it as it was at one moment.
        services: What is the same for each event.
        by_meaning: Without it, nothing is searched: the model has failed on this event.
    """

    tx: Transaction
    services: Services
    by_meaning: bool = True

    @property
    def now(self) -> datetime:
        """The moment, by the bot's clock."""
        return self.services.clock.now()

    @property
    def search(self) -> Search:
        """Finds what may be shown."""
        return self.services.search

    @property
    def recalibrating(self) -> Recalibrating:
        """Corrects the calibration by the votes."""
        return self.services.recalibrating

    @property
    def people(self) -> People:
        """Everybody's record."""
        return self.services.people

    @property
    def asking(self) -> Asking:
        """Chooses whom to ask."""
        return self.services.asking

    @property
    def rules(self) -> TeachingRules:
        """Who may teach."""
        return self.services.rules

    @property
    def listening(self) -> Listening:
        """To what the bot listens where nobody has chosen."""
        return self.services.listening

    @property
    def burst(self) -> timedelta:
        """The longest pause within one question."""
        return self.services.burst

    @property
    def experts(self) -> Sequence[Declared]:
        """Those of whom the settings say what they know about."""
        return self.services.experts

    def leave_to_speak(self, member: Author, place: Place) -> Leave:
        """Whether a member may cause a reply in a place, by what they have caused of late."""
        now = self.now
        since = now - WINDOW
        to_member = outbox_counts.count_caused_by(self.tx, member.member_id, since=since, until=now)
        in_channel = outbox_counts.count_in_channel(
            self.tx, place.channel_key, since=since, until=now
        )
        return leave_to_speak(self.services.allowance, to_member=to_member, in_channel=in_channel)


def first_message(thread: Place, context: Context) -> MessagePosted | None:
    """Return the first message of a thread as it reads now; None when it is not held, or gone."""
    message = inbox.as_it_stands(context.tx, thread.key)
    return None if message is None else replace(message, place=place_as_heard(message, context))


def place_as_heard(event: Event, context: Context) -> Place:
    """Return the place of an event, as open or private as it is by now."""
    return places.as_heard(context.tx, event.place, moment_of(event))
