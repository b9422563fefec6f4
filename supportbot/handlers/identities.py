"""Joining the identities of one person: a code is asked for here, and typed there."""

import secrets
from collections.abc import Callable

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import LinkRequested
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.persons import CODE_LENGTH, LETTERS, VALID_FOR, hashed, shown
from supportbot.domain.chat.places import Place
from supportbot.domain.outcome import Joined, LinkCode, Outcome, Parted, saying
from supportbot.domain.replies.identities import (
    compose_code,
    compose_joined,
    compose_not_joined,
    compose_own_code,
    compose_parted,
    compose_unknown_code,
)
from supportbot.domain.replies.reply import Reply
from supportbot.ports import Clock
from supportbot.store import identities
from supportbot.store.engine.sqlite import Database

OFF = "off"
"""What is typed to stand alone again."""


class Linking:
    """Gives out codes, and joins who types them."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        leave_to_speak: Callable[[Author, Place], Leave],
    ) -> None:
        """Read from this database; `leave_to_speak` says whether a member may cause a reply."""
        self._database = database
        self._clock = clock
        self._leave_to_speak = leave_to_speak

    def link(self, event: LinkRequested) -> Outcome:
        """Give somebody a code, or join them with the one who was given it.

        Nobody tries codes: who has caused too many replies gets none, and joins nobody.
        """
        if self._leave_to_speak(event.author, event.place) is not Leave.FREE:
            return Outcome()
        typed = event.text.strip()
        if not typed:
            return self._offer(event)
        if typed.casefold() == OFF:
            return self._part(event)
        return self._join(event, typed)

    def _join(self, event: LinkRequested, typed: str) -> Outcome:
        now = self._clock.now()
        with self._database.reading() as tx:
            own = identities.of_person(tx, event.author)
            other = identities.offered_by(tx, hashed(typed), now=now)
        if other is None:
            return _said(event, compose_unknown_code())
        if other.member_id in {one.member_id for one in own}:
            return _said(event, compose_own_code())
        return _said(event, compose_joined(other), Joined(event.author, other))

    def _part(self, event: LinkRequested) -> Outcome:
        with self._database.reading() as tx:
            own = identities.of_person(tx, event.author)
        if len(own) == 1:
            return _said(event, compose_not_joined())
        return _said(event, compose_parted(), Parted(event.author))

    def _offer(self, event: LinkRequested) -> Outcome:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        expires_at = self._clock.now() + VALID_FOR
        offered = LinkCode(event.author, hashed(code), expires_at)
        return _said(event, compose_code(shown(code)), offered)


def _said(
    event: LinkRequested, reply: Reply, linked: LinkCode | Joined | Parted | None = None
) -> Outcome:
    said = saying(event.event_id, event.place, reply)
    return Outcome(messages=said.messages, linked=linked)
