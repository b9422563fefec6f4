"""Asking people: who is asked, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Question
from supportbot.domain.experts.availability import Reason
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import CLAIM_PATIENCE, Rung
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.language.catalogue import duration, listed, say, words
from supportbot.domain.language.texts import Mention, Name, Said, joined
from supportbot.domain.replies.reply import Action, Asked, Reply


def compose_card(question: Question, referral: Referral, wait: Wait | None) -> Reply:
    """Ask one person in a message to them alone."""
    return Reply(
        text=say("ask.card", asker=Name(question.asker.name), reason=_bounded(referral.reason)),
        closing=joined(say("ask.card_where"), "" if wait is None else until_others(wait)),
        actions=(Action.CLAIM, Action.PASS),
        asked=Asked(question.asker, question.text, question.url),
    )


def compose_escalation(referrals: Sequence[Referral], wait: Wait | None = None) -> Reply:
    """Ask people after all, when what was found did not help."""
    return compose_asking(say("ask.people"), referrals, wait)


class Why(Enum):
    """Why others are asked."""

    NOBODY = "nobody"
    UNSOLVED = "unsolved"
    QUIET = "quiet"

    @property
    def words(self) -> str:
        """The reason in a sentence."""
        return words(f"why.{self.value}")


def compose_group(rung: Rung, referrals: Sequence[Referral], wait: Wait, why: Why) -> Reply:
    """Ask the next people, or those who help when nobody else does."""
    if rung is not Rung.HELPERS:
        return compose_asking(why.words, referrals, wait)
    return compose_asking(joined(why.words, say("ask.helpers")), referrals, wait, is_last=True)


def compose_open(why: Why) -> Reply:
    """Say that a question stands on the list of open questions: there is nobody left to ask."""
    return Reply(
        text=joined(why.words, say("ask.open")),
        closing=say("ask.whoever"),
        actions=(Action.CLAIM,),
    )


def without_asking(reply: Reply) -> Reply:
    """Say kindly that nobody is asked: many people were asked for this member this week already."""
    return replace(reply, closing=joined(say("ask.spent"), say("ask.whoever")))


def compose_claimed(author: Author) -> Reply:
    """Tell the asker that somebody takes the question on."""
    return Reply(say("thread.claimed", who=Name(author.name)))


def compose_reminder(author: Author) -> Reply:
    """Ask once, gently, somebody who took a question on and was not heard of since."""
    return Reply(
        text=say("thread.reminder"),
        closing=say(
            "thread.reminder_how",
            who=Mention(author),
            pass_=words("press.pass"),
            time=duration(CLAIM_PATIENCE),
        ),
        actions=(Action.PASS,),
    )


def compose_passed(by: Author, to: Author, wait: Wait) -> Reply:
    """Ask the one to whom a question was passed on."""
    asked = say("thread.passed", by=Name(by.name), to=Mention(to), name=Name(to.name))
    to_whom = [Referral(to, "")]
    return Reply("", closing=joined(asked, until_others(wait)), actions=buttons_of(to_whom, wait))


def compose_not_passed(by: Author, to: Author, reason: Reason) -> Reply:
    """Say politely why the one to whom a question was passed on is not asked."""
    key = f"thread.not_passed_{reason.name.lower()}"
    return Reply(say(key, by=Name(by.name), to=Name(to.name)))


def compose_declined(by: Author) -> Reply:
    """Thank one who was asked for saying that it is not for them."""
    return Reply(say("thread.declined", by=Name(by.name)))


def compose_refused(by: Author) -> Reply:
    """Promise one who was asked that they are not asked about the like again."""
    return Reply(say("thread.refused", by=Name(by.name)))


def compose_taken_back(by: Author) -> Reply:
    """Say that a question is open again whose solution was marked by mistake."""
    return Reply(say("thread.taken_back", by=Name(by.name)))


def compose_expired(after: timedelta) -> Reply:
    """Say that a question is not asked about any more."""
    return Reply(say("thread.expired", n=after.days))


def compose_asking(
    text: Said, referrals: Sequence[Referral], wait: Wait | None, *, is_last: bool = False
) -> Reply:
    """Ask people in a thread, and say what happens when it stays quiet."""
    return Reply(
        text=text,
        closing=who_is_asked(referrals, otherwise="ask.nobody_yet", wait=wait, is_last=is_last),
        actions=buttons_of(referrals, wait),
    )


def who_is_asked(
    referrals: Sequence[Referral], *, otherwise: str, wait: Wait | None, is_last: bool = False
) -> Said:
    """Name those who are asked, and when others are; or say that nobody is."""
    if not referrals:
        return joined(say(otherwise), say("ask.whoever"))
    asked = _asked(referrals)
    return asked if wait is None else joined(asked, until_others(wait, is_last=is_last))


def _bounded(reason: Said) -> Said | Name:
    """Return a reason that leaves room for those who are asked: it may hold what people typed."""
    return Name(reason) if isinstance(reason, str) else reason


def _asked(referrals: Sequence[Referral]) -> Said:
    if len(referrals) == 1:
        (one,) = referrals
        return say("ask.one", who=Mention(one.expert), reason=_bounded(one.reason))
    named = [
        say("ask.named", who=Mention(one.expert), reason=_bounded(one.reason)) for one in referrals
    ]
    return say("ask.several", names=listed(named))


def until_others(wait: Wait, *, is_last: bool = False) -> Said:
    """Say after how long of quiet others are asked."""
    then = "_open" if is_last else ""
    if wait.usually:
        when = words(f"usually.{wait.usually}")
        return say(f"ask.wait_usual{then}", when=when, time=duration(wait.time))
    return say(f"ask.wait{then}", time=duration(wait.time))


def buttons_of(referrals: Sequence[Referral], wait: Wait | None) -> tuple[Action, ...]:
    """Choose the buttons: those of the people who are asked only where the ladder stands."""
    return (Action.CLAIM, Action.PASS) if referrals and wait is not None else (Action.CLAIM,)
