"""Joining the identities of one person: a code is asked for here, and typed there."""

import secrets

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import LinkRequested
from supportbot.domain.chat.persons import CODE_LENGTH, LETTERS, VALID_FOR, hashed, shown
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
from supportbot.handlers.context import Context
from supportbot.store import identities

OFF = "off"
"""What is typed to stand alone again."""


def link(event: LinkRequested, context: Context) -> Outcome:
    """Give somebody a code, or join them with the one who was given it.

    Nobody tries codes: who has caused too many replies gets none, and joins nobody.
    """
    if context.leave_to_speak(event.author, event.place) is not Leave.FREE:
        return Outcome()
    typed = event.text.strip()
    if not typed:
        return _offer(event, context)
    if typed.casefold() == OFF:
        return _part(event, context)
    return _join(event, typed, context)


def _join(event: LinkRequested, typed: str, context: Context) -> Outcome:
    now = context.now
    own = identities.of_person(context.tx, event.author)
    other = identities.offered_by(context.tx, hashed(typed), now=now)
    if other is None:
        return _said(event, compose_unknown_code())
    if other.member_id in {one.member_id for one in own}:
        return _said(event, compose_own_code())
    return _said(event, compose_joined(other), Joined(event.author, other))


def _part(event: LinkRequested, context: Context) -> Outcome:
    own = identities.of_person(context.tx, event.author)
    if len(own) == 1:
        return _said(event, compose_not_joined())
    return _said(event, compose_parted(), Parted(event.author))


def _offer(event: LinkRequested, context: Context) -> Outcome:
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    expires_at = context.now + VALID_FOR
    offered = LinkCode(event.author, hashed(code), expires_at)
    return _said(event, compose_code(shown(code)), offered)


def _said(
    event: LinkRequested, reply: Reply, linked: LinkCode | Joined | Parted | None = None
) -> Outcome:
    said = saying(event.event_id, event.place, reply)
    return Outcome(messages=said.messages, linked=linked)
