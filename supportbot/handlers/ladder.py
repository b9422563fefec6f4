"""What happens to a question on the polite ladder: claims, referrals, refusals, and the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import (
    ProfileChanged,
    QuestionClaimed,
    QuestionDue,
    QuestionPassed,
    TopicRefused,
)
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.experts import ladder
from supportbot.domain.experts.availability import Misread, described, next_moment, read_change
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb, Due, Move, Reached, Rung
from supportbot.domain.experts.profile import Profile
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.outcome import Outcome, saying, saying_alone
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies import notices
from supportbot.domain.replies.asking import (
    Why,
    compose_claimed,
    compose_declined,
    compose_expired,
    compose_group,
    compose_not_passed,
    compose_open,
    compose_passed,
    compose_refused,
    compose_reminder,
)
from supportbot.domain.replies.closing import compose_check
from supportbot.domain.replies.reply import Reply
from supportbot.experts.selection import Group
from supportbot.handlers import acceptance
from supportbot.handlers.context import Context
from supportbot.store import asks, conversations, outsiders, places, profiles

MOST_CLAIMS = 5
"""Open questions that one person may have taken on: nobody else is asked about them meanwhile."""
NEAR = 20
"""How many past answers are looked at to find who gave them."""


def claim(event: QuestionClaimed, context: Context) -> Outcome:
    """Let somebody take a question on, whether or not they were asked."""
    climb, author = _open_climb(event, context), event.author
    if climb is None:
        return _saying_that_it_is_closed(event, context)
    if author.member_id == climb.question.asker.member_id:
        return saying_alone(event, notices.compose_own_question())
    known, now = climb.ask_of(author.member_id), context.now
    if known is not None and known.outcome == AskOutcome.CLAIMED:
        return saying_alone(event, notices.compose_taken_already())
    taken = asks.count_claims(context.tx, author.member_id)
    if taken >= MOST_CLAIMS:
        return saying_alone(event, notices.compose_enough_taken())
    ask = known or Ask(climb.question.id, author.member_id, now, Rung.VOLUNTEER)
    claimed = replace(
        ladder.changed(ask, AskOutcome.CLAIMED, now), name=author.name, reminded_at=None
    )
    said = _replying(event, climb.question.place, compose_claimed(author), context)
    return replace(said, asks=(claimed,))


def pass_on(event: QuestionPassed, context: Context) -> Outcome:
    """Ask the one to whom a question was passed on, if they may be asked."""
    climb = _open_climb(event, context)
    if climb is None:
        return _saying_that_it_is_closed(event, context)
    question, by, now = climb.question, event.author, context.now
    ask = climb.ask_of(by.member_id)
    if ask is None or ask.outcome in _SETTLED:
        return _nothing_to_do(event, ask)
    if event.is_choosing:
        return saying_alone(event, notices.compose_to_whom())
    if event.to is None:
        said = _replying(event, question.place, compose_declined(by), context)
        return replace(said, asks=(ladder.changed(ask, AskOutcome.PASSED, now),))
    reason = context.asking.objection(context.tx, event.to, climb, by_meaning=context.by_meaning)
    is_known = reason is None or reason.teaches
    passed_to = event.to.member_id if is_known else ""
    passed = ladder.changed(ask, AskOutcome.PASSED, now, passed_to=passed_to)
    if reason is not None:
        reply = compose_not_passed(by, event.to, reason)
        return replace(_replying(event, question.place, reply, context), asks=(passed,))
    wait = context.asking.wait(context.tx)
    reply = compose_passed(by, event.to, wait)
    referral = Referral(event.to, "")
    return replace(
        context.asking.saying(context.tx, event.event_id, question, reply, [referral], wait),
        question=with_experts(question, [referral]),
        asks_anew=True,
        asks=(
            passed,
            Ask(question.id, event.to.member_id, now, Rung.REFERRED, name=event.to.name),
        ),
        reached=(note_reached(question, Rung.REFERRED, context, wait),),
    )


def refuse(event: TopicRefused, context: Context) -> Outcome:
    """Note that a question is not somebody's topic: they are not asked about the like."""
    climb = _open_climb(event, context)
    if climb is None:
        return _saying_that_it_is_closed(event, context)
    by = event.author
    ask = climb.ask_of(by.member_id)
    if ask is None or ask.outcome in _SETTLED:
        return _nothing_to_do(event, ask)
    said = _replying(event, climb.question.place, compose_refused(by), context)
    return replace(said, asks=(ladder.changed(ask, AskOutcome.REFUSED, context.now),))


def describe(event: ProfileChanged, context: Context) -> Outcome:
    """Keep what a person says about being asked, or say how it stands."""
    author = event.author
    known = profiles.availability_of(context.tx, author.member_id)
    is_new = bool(event.text.strip())
    read = read_change(redact(event.text), known) if is_new else known
    if isinstance(read, Misread):
        return _replying(event, event.place, notices.compose_misread(read.sentence), context)
    stands = described(read, asks_per_week=context.asking.rules.asks_per_week)
    said = _replying(event, event.place, notices.compose_profile(stands, is_new=is_new), context)
    return said if read == known else replace(said, profile=Profile(author, read))


def do_what_is_due(event: QuestionDue, context: Context) -> Outcome:
    """Do what is due for a question by the clock, if it still is."""
    climb = _open_climb(event, context)
    # A clock that was put back meanwhile makes nothing undue.
    now = max(context.now, event.due_at)
    due = None if climb is None else context.asking.next_due(context.tx, climb, now)
    if climb is None or due is None or (due.move, due.since) != (event.move, event.since):
        return Outcome()
    question = climb.question
    match due.move:
        case Move.CLIMB | Move.REOPEN:
            return _climb(event, climb, due, context)
        case Move.REMIND:
            return _remind(event, climb, context)
        case Move.CHECK:
            choices = acceptance.choices_of(question, context)
            said = saying(event.event_id, question.place, compose_check(choices))
            return replace(said, reached=(note_reached(question, Rung.CHECKED, context),))
        case Move.EXPIRE:
            expired = Outcome(question=replace(question, state=QuestionState.EXPIRED))
            if climb.answered_at or not climb.asks or now - due.at > _RECENT:
                return expired
            reply = compose_expired(context.asking.rules.expires_after)
            said = saying(event.event_id, question.place, reply)
            return replace(said, question=expired.question)
        case _:
            assert_never(due.move)


def _climb(event: QuestionDue, climb: Climb, due: Due, context: Context) -> Outcome:
    """Ask the next people; where nobody is left, put the question on the open list."""
    question, now = climb.question, context.now
    wait = context.asking.wait(context.tx)
    if context.leave_to_speak(question.asker, question.place) is not Leave.FREE:
        return Outcome(reached=(note_reached(question, Rung.LATER, context, wait),))
    matches = None
    if context.by_meaning:
        asker = question.asker
        scope = outsiders.scope_for(context.tx, question.place, asker)
        matches = context.search.find_matches(context.tx, scope, question.text, limit=NEAR)
    group = context.asking.next_group(context.tx, climb, matches)
    if (
        group is None
        and ladder.may_wait(climb, now)
        and context.asking.next_group(context.tx, climb, matches, in_hours=False) is not None
    ):
        return Outcome(
            asks=ladder.left_behind(climb, now),
            reached=(note_reached(question, Rung.LATER, context, wait),),
        )
    why = Why.NOBODY
    if due.move is Move.REOPEN:
        why = Why.QUIET
    elif Rung.UNSOLVED in climb.reached:
        why = Why.UNSOLVED
    return _asking_group(event, climb, group, why, context)


def _asking_group(
    event: QuestionDue, climb: Climb, group: Group | None, why: Why, context: Context
) -> Outcome:

    question, now = climb.question, context.now
    if group is None:
        reply = compose_open(why)
        reached = note_reached(question, Rung.OPEN, context)
        asks: tuple[Ask, ...] = ()
    else:
        reply = compose_group(group.rung, group.referrals, group.wait, why)
        reached = note_reached(question, group.rung, context, group.wait)
        asks = ladder.asks_for(question, group.referrals, group.rung, now)
    referrals = group.referrals if group else ()
    wait = group.wait if group else None
    return replace(
        context.asking.saying(context.tx, event.event_id, question, reply, referrals, wait),
        question=with_experts(question, referrals),
        asks=(*ladder.left_behind(climb, now), *asks),
        reached=(reached,),
    )


def _remind(event: QuestionDue, climb: Climb, context: Context) -> Outcome:
    """Ask gently, within their hours, one who took a question on; others if they have left."""
    claim, now = climb.claim, context.now
    if claim is None:
        return Outcome()
    availability = profiles.availability_of(context.tx, claim.member_id)
    has_left = claim.member_id in places.members_away(context.tx, climb.question.place)
    if has_left:
        due = Due(Move.REOPEN, now, event.since)
        return _climb(event, climb, due, context)
    if next_moment(availability, now) > now:
        return Outcome()
    reminder = compose_reminder(claim.author)
    said = saying(event.event_id, climb.question.place, reminder)
    return replace(said, asks=(replace(claim, reminded_at=now),))


def hear_unsolved(question: Question, context: Context) -> Outcome:
    """Go on asking when the asker, who was asked, does not say that it is solved."""
    climb = context.asking.climb_of(context.tx, question)
    if Rung.CHECKED not in climb.reached or not climb.is_answered:
        return Outcome()
    return Outcome(reached=(note_reached(question, Rung.UNSOLVED, context),))


def _open_climb(
    event: QuestionClaimed | QuestionPassed | TopicRefused | QuestionDue, context: Context
) -> Climb | None:
    """Find the question that an event is about, if it is still open."""
    question = conversations.question_in(context.tx, event.place)
    climb = None if question is None else context.asking.climb_of(context.tx, question)
    return climb if climb is not None and climb.is_open else None


def _saying_that_it_is_closed(
    event: QuestionClaimed | QuestionPassed | TopicRefused, context: Context
) -> Outcome:

    question = conversations.question_in(context.tx, event.place)
    is_held = question is not None
    word = notices.compose_not_open if is_held else notices.compose_gone
    return saying_alone(event, word())


def note_asked(
    question: Question,
    rung: Rung,
    referrals: Sequence[Referral],
    wait: Wait | None,
    context: Context,
) -> Outcome:
    """Note whom a reply to a question asks; it is tried again where there was nobody."""
    rung = rung if referrals else Rung.LATER
    asks = ladder.asks_for(question, referrals, rung, context.now)
    return Outcome(
        asks=asks,
        reached=(note_reached(question, rung, context, wait or context.asking.wait(context.tx)),),
    )


def note_reached(
    question: Question, rung: Rung, context: Context, wait: Wait | None = None
) -> Reached:
    """Note that a question has reached a rung now, and the wait that was told."""
    time = timedelta(0) if wait is None else wait.time
    return Reached(question.id, rung, context.now, time)


def _replying(
    event: QuestionClaimed | QuestionPassed | TopicRefused | ProfileChanged,
    place: Place,
    reply: Reply,
    context: Context,
) -> Outcome:
    """Reply to what somebody pressed or typed, unless they have caused too much already."""
    if context.leave_to_speak(event.author, place) is not Leave.FREE:
        return Outcome()
    return saying(event.event_id, place, reply, slot=_STATUS)


def _nothing_to_do(event: QuestionPassed | TopicRefused, ask: Ask | None) -> Outcome:
    """Tell one who was not asked, or has said enough already, that they need not do anything."""
    was_asked = ask is not None
    word = notices.compose_settled_already if was_asked else notices.compose_not_asked
    return saying_alone(event, word())


_STATUS = "status"
"""Of what only says how things stand, the newest is enough."""
_SETTLED = frozenset({AskOutcome.PASSED, AskOutcome.REFUSED, AskOutcome.ANSWERED})
_RECENT = timedelta(days=1)
"""What expired longer ago does so without a word, since the bot was away meanwhile."""


def with_experts(question: Question, referrals: Sequence[Referral]) -> Question:
    """Return a question of which more people were asked."""
    more = (referral.expert.member_id for referral in referrals)
    return replace(question, experts=tuple(dict.fromkeys((*question.experts, *more))))
