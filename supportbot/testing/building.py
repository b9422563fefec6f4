"""Builds what handles events, around a search and a clock: with what a test does not choose."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.events import Event
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.outcome import Outcome
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.handlers import dispatch, questions
from supportbot.handlers.context import Context, Services
from supportbot.handlers.questions import Consideration
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HASHING_CALIBRATION


def services_over(  # noqa: PLR0913 - what a group can choose
    search: Search,
    people: People,
    clock: Clock,
    *,
    asking: Asking | None = None,
    recalibrating: Recalibrating | None = None,
    rules: TeachingRules | None = None,
    allowance: Allowance | None = None,
    burst: timedelta = timedelta(0),
    **chosen: Any,
) -> Services:
    """Build what is the same for each event; None stands for what nobody chose."""
    return Services(
        search=search,
        recalibrating=recalibrating or Recalibrating(HASHING_CALIBRATION),
        people=people,
        asking=asking or Asking(search, people, clock=clock),
        clock=clock,
        rules=rules or TeachingRules(),
        allowance=allowance or Allowance(),
        burst=burst,
        **chosen,
    )


@dataclass(frozen=True, slots=True)
class Handling:
    """Handles events as the worker does, and stores nothing."""

    database: Database
    services: Services

    def handle(self, event: Event, *, by_meaning: bool = True) -> Outcome:
        """Say what an event leads to."""
        with self.database.reading() as tx:
            return dispatch.handle(event, Context(tx, self.services, by_meaning=by_meaning))

    def consider(self, text: str, place: Place, asker: Author, **named: Any) -> Consideration:
        """Decide on a question, and choose whom to ask."""
        with self.database.reading() as tx:
            return questions.consider(text, place, asker, Context(tx, self.services), **named)
