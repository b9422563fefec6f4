"""What happens to a question on the polite ladder: claims, referrals, refusals, and the clock."""

from collections.abc import Callable, Sequence
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
from supportbot.domain.chat.members import Author
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
from supportbot.experts.selection import Asking, Group
from supportbot.handlers.acceptance import Accepting
from supportbot.knowledge.search import Search
from supportbot.ports import Clock
from supportbot.store import asks, conversations, outsiders, places, profiles
from supportbot.store.engine.sqlite import Database

MOST_CLAIMS = 5
"""Open questions that one person may have taken on: nobody else is asked about them meanwhile."""
NEAR = 20
"""How many past answers are looked at to find who gave them."""


class Climbing:
    """Turns the events of the ladder into outcomes, for one community."""

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        database: Database,
        search: Search,
        asking: Asking,
        accepting: Accepting,
        *,
        clock: Clock,
        leave_to_speak: Callable[[Author, Place], Leave],
    ) -> None:
        """Choose with `asking`; `leave_to_speak` says whether a member may cause a reply there."""
        self._database = database
        self._search = search
        self._asking = asking
        self._accepting = accepting
        self._clock = clock
        self._leave_to_speak = leave_to_speak

    def claim(self, event: QuestionClaimed) -> Outcome:
        """Let somebody take a question on, whether or not they were asked."""
        climb, author = self._open_climb(event), event.author
        if climb is None:
            return self._saying_that_it_is_closed(event)
        if author.member_id == climb.question.asker.member_id:
            return saying_alone(event, notices.compose_own_question())
        known, now = climb.ask_of(author.member_id), self._clock.now()
        if known is not None and known.outcome == AskOutcome.CLAIMED:
            return saying_alone(event, notices.compose_taken_already())
        with self._database.reading() as tx:
            taken = asks.count_claims(tx, author.member_id)
        if taken >= MOST_CLAIMS:
            return saying_alone(event, notices.compose_enough_taken())
        ask = known or Ask(climb.question.id, author.member_id, now, Rung.VOLUNTEER)
        claimed = replace(
            ladder.changed(ask, AskOutcome.CLAIMED, now), name=author.name, reminded_at=None
        )
        said = self._replying(event, climb.question.place, compose_claimed(author))
        return replace(said, asks=(claimed,))

    def pass_on(self, event: QuestionPassed, *, by_meaning: bool) -> Outcome:
        """Ask the one to whom a question was passed on, if they may be asked."""
        climb = self._open_climb(event)
        if climb is None:
            return self._saying_that_it_is_closed(event)
        question, by, now = climb.question, event.author, self._clock.now()
        ask = climb.ask_of(by.member_id)
        if ask is None or ask.outcome in _SETTLED:
            return _nothing_to_do(event, ask)
        if event.is_choosing:
            return saying_alone(event, notices.compose_to_whom())
        if event.to is None:
            said = self._replying(event, question.place, compose_declined(by))
            return replace(said, asks=(ladder.changed(ask, AskOutcome.PASSED, now),))
        reason = self._asking.objection(event.to, climb, by_meaning=by_meaning)
        is_known = reason is None or reason.teaches
        passed_to = event.to.member_id if is_known else ""
        passed = ladder.changed(ask, AskOutcome.PASSED, now, passed_to=passed_to)
        if reason is not None:
            reply = compose_not_passed(by, event.to, reason)
            return replace(self._replying(event, question.place, reply), asks=(passed,))
        wait = self._asking.wait()
        reply = compose_passed(by, event.to, wait)
        referral = Referral(event.to, "")
        return replace(
            self._asking.saying(event.event_id, question, reply, [referral], wait),
            question=with_experts(question, [referral]),
            asks_anew=True,
            asks=(
                passed,
                Ask(question.id, event.to.member_id, now, Rung.REFERRED, name=event.to.name),
            ),
            reached=(self.reached(question, Rung.REFERRED, wait),),
        )

    def refuse(self, event: TopicRefused) -> Outcome:
        """Note that a question is not somebody's topic: they are not asked about the like."""
        climb = self._open_climb(event)
        if climb is None:
            return self._saying_that_it_is_closed(event)
        by = event.author
        ask = climb.ask_of(by.member_id)
        if ask is None or ask.outcome in _SETTLED:
            return _nothing_to_do(event, ask)
        said = self._replying(event, climb.question.place, compose_refused(by))
        return replace(said, asks=(ladder.changed(ask, AskOutcome.REFUSED, self._clock.now()),))

    def describe(self, event: ProfileChanged) -> Outcome:
        """Keep what a person says about being asked, or say how it stands."""
        author = event.author
        with self._database.reading() as tx:
            known = profiles.availability_of(tx, author.member_id)
        is_new = bool(event.text.strip())
        read = read_change(redact(event.text), known) if is_new else known
        if isinstance(read, Misread):
            return self._replying(event, event.place, notices.compose_misread(read.sentence))
        stands = described(read, asks_per_week=self._asking.rules.asks_per_week)
        said = self._replying(event, event.place, notices.compose_profile(stands, is_new=is_new))
        return said if read == known else replace(said, profile=Profile(author, read))

    def do_what_is_due(self, event: QuestionDue, *, by_meaning: bool) -> Outcome:
        """Do what is due for a question by the clock, if it still is."""
        climb = self._open_climb(event)
        # A clock that was put back meanwhile makes nothing undue.
        now = max(self._clock.now(), event.due_at)
        due = None if climb is None else self._asking.next_due(climb, now)
        if climb is None or due is None or (due.move, due.since) != (event.move, event.since):
            return Outcome()
        question = climb.question
        match due.move:
            case Move.CLIMB | Move.REOPEN:
                return self._climb(event, climb, due, by_meaning=by_meaning)
            case Move.REMIND:
                return self._remind(event, climb, by_meaning=by_meaning)
            case Move.CHECK:
                choices = self._accepting.choices_of(question)
                said = saying(event.event_id, question.place, compose_check(choices))
                return replace(said, reached=(self.reached(question, Rung.CHECKED),))
            case Move.EXPIRE:
                expired = Outcome(question=replace(question, state=QuestionState.EXPIRED))
                if climb.answered_at or not climb.asks or now - due.at > _RECENT:
                    return expired
                reply = compose_expired(self._asking.rules.expires_after)
                said = saying(event.event_id, question.place, reply)
                return replace(said, question=expired.question)
            case _:
                assert_never(due.move)

    def _climb(self, event: QuestionDue, climb: Climb, due: Due, *, by_meaning: bool) -> Outcome:
        """Ask the next people; where nobody is left, put the question on the open list."""
        question, now = climb.question, self._clock.now()
        wait = self._asking.wait()
        if self._leave_to_speak(question.asker, question.place) is not Leave.FREE:
            return Outcome(reached=(self.reached(question, Rung.LATER, wait),))
        matches = None
        if by_meaning:
            with self._database.reading() as tx:
                asker = question.asker
                scope = outsiders.scope_for(tx, question.place, asker)
            matches = self._search.find_matches(scope, question.text, limit=NEAR)
        group = self._asking.next_group(climb, matches)
        if (
            group is None
            and ladder.may_wait(climb, now)
            and self._asking.next_group(climb, matches, in_hours=False) is not None
        ):
            return Outcome(
                asks=ladder.left_behind(climb, now),
                reached=(self.reached(question, Rung.LATER, wait),),
            )
        why = Why.NOBODY
        if due.move is Move.REOPEN:
            why = Why.QUIET
        elif Rung.UNSOLVED in climb.reached:
            why = Why.UNSOLVED
        return self._asking_group(event, climb, group, why)

    def _asking_group(
        self, event: QuestionDue, climb: Climb, group: Group | None, why: Why
    ) -> Outcome:
        question, now = climb.question, self._clock.now()
        if group is None:
            reply = compose_open(why)
            reached = self.reached(question, Rung.OPEN)
            asks: tuple[Ask, ...] = ()
        else:
            reply = compose_group(group.rung, group.referrals, group.wait, why)
            reached = self.reached(question, group.rung, group.wait)
            asks = ladder.asks_for(question, group.referrals, group.rung, now)
        referrals = group.referrals if group else ()
        wait = group.wait if group else None
        return replace(
            self._asking.saying(event.event_id, question, reply, referrals, wait),
            question=with_experts(question, referrals),
            asks=(*ladder.left_behind(climb, now), *asks),
            reached=(reached,),
        )

    def _remind(self, event: QuestionDue, climb: Climb, *, by_meaning: bool) -> Outcome:
        """Ask gently, within their hours, one who took a question on; others if they have left."""
        claim, now = climb.claim, self._clock.now()
        if claim is None:
            return Outcome()
        with self._database.reading() as tx:
            availability = profiles.availability_of(tx, claim.member_id)
            has_left = claim.member_id in places.members_away(tx, climb.question.place)
        if has_left:
            due = Due(Move.REOPEN, now, event.since)
            return self._climb(event, climb, due, by_meaning=by_meaning)
        if next_moment(availability, now) > now:
            return Outcome()
        reminder = compose_reminder(claim.author)
        said = saying(event.event_id, climb.question.place, reminder)
        return replace(said, asks=(replace(claim, reminded_at=now),))

    def hear_unsolved(self, question: Question) -> Outcome:
        """Go on asking when the asker, who was asked, does not say that it is solved."""
        climb = self._asking.climb_of(question)
        if Rung.CHECKED not in climb.reached or not climb.is_answered:
            return Outcome()
        return Outcome(reached=(self.reached(question, Rung.UNSOLVED),))

    def _open_climb(
        self, event: QuestionClaimed | QuestionPassed | TopicRefused | QuestionDue
    ) -> Climb | None:
        """Find the question that an event is about, if it is still open."""
        with self._database.reading() as tx:
            question = conversations.question_in(tx, event.place)
        climb = None if question is None else self._asking.climb_of(question)
        return climb if climb is not None and climb.is_open else None

    def _saying_that_it_is_closed(
        self, event: QuestionClaimed | QuestionPassed | TopicRefused
    ) -> Outcome:
        with self._database.reading() as tx:
            question = conversations.question_in(tx, event.place)
        is_held = question is not None
        word = notices.compose_not_open if is_held else notices.compose_gone
        return saying_alone(event, word())

    def asked(
        self, question: Question, rung: Rung, referrals: Sequence[Referral], wait: Wait | None
    ) -> Outcome:
        """Note whom a reply to a question asks; it is tried again where there was nobody."""
        rung = rung if referrals else Rung.LATER
        asks = ladder.asks_for(question, referrals, rung, self._clock.now())
        return Outcome(
            asks=asks, reached=(self.reached(question, rung, wait or self._asking.wait()),)
        )

    def reached(self, question: Question, rung: Rung, wait: Wait | None = None) -> Reached:
        """Note that a question has reached a rung now, and the wait that was told."""
        time = timedelta(0) if wait is None else wait.time
        return Reached(question.id, rung, self._clock.now(), time)

    def _replying(
        self,
        event: QuestionClaimed | QuestionPassed | TopicRefused | ProfileChanged,
        place: Place,
        reply: Reply,
    ) -> Outcome:
        """Reply to what somebody pressed or typed, unless they have caused too much already."""
        if self._leave_to_speak(event.author, place) is not Leave.FREE:
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
    """Give a question of which more people were asked."""
    more = (referral.expert.member_id for referral in referrals)
    return replace(question, experts=tuple(dict.fromkeys((*question.experts, *more))))
