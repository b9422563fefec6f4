"""What was found, shown to the one who asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.knowledge.capture import SOURCE as ANSWERS
from supportbot.domain.knowledge.decision import Decision, DecisionKind
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.language.catalogue import day, say, words
from supportbot.domain.language.texts import Link, Mention, Name, Room, Said
from supportbot.domain.replies.asking import buttons_of, who_is_asked
from supportbot.domain.replies.reply import Action, Asked, Quote, Reply

_SURE, _LIKELY = 0.9, 0.6


def compose_reply(
    decision: Decision,
    referrals: Sequence[Referral],
    wait: Wait | None = None,
    now: datetime | None = None,
) -> Reply:
    """Write the reply to a question: what was found, who is asked, and when others are."""
    match decision.kind:
        case DecisionKind.ANSWER:
            return _compose_answer(decision, now)
        case DecisionKind.SUGGEST:
            is_likely = decision.confidence >= _LIKELY
            return Reply(
                text=say("found.suggestion" if is_likely else "found.suggestion_unsure"),
                quotes=tuple(_quote(match, decision) for match in decision.shown),
                closing=who_is_asked(referrals, otherwise="ask.stays_open", wait=wait),
                actions=(Action.SOLVED, Action.REJECT, *buttons_of(referrals, wait)),
            )
        case DecisionKind.ROUTE:
            return Reply(
                text=say("ask.unknown"),
                closing=who_is_asked(referrals, otherwise="ask.nobody_yet", wait=wait),
                actions=buttons_of(referrals, wait),
            )


def _compose_answer(decision: Decision, now: datetime | None) -> Reply:
    quotes = tuple(_quote(match, decision) for match in decision.shown)
    text, is_introduced = _introduced(decision, now)
    if is_introduced:
        quotes = tuple(replace(quote, is_introduced=True) for quote in quotes)
    return Reply(
        text=text,
        quotes=quotes,
        closing=say("found.if_it_helps", solved=words("press.solved")),
        actions=(Action.SOLVED, Action.REJECT, Action.PERSON),
    )


def _introduced(decision: Decision, now: datetime | None) -> tuple[Said, bool]:
    """Lead up to what answers a question, and tell whether that names who said it, and when."""
    maybe = "" if decision.confidence >= _SURE else "_maybe"
    if len(decision.shown) != 1:
        return say(f"found.several{maybe}"), False
    (match,) = decision.shown
    if match.source != ANSWERS or not match.author:
        return say(f"found.page{maybe}"), False
    who = Name(match.author)
    if match.said_at is None:
        return say(f"found.person_once{maybe}", who=who), True
    return say(f"found.person{maybe}", who=who, day=day(match.said_at, now)), True


def compose_known(decision: Decision, now: datetime | None = None) -> Reply:
    """Show what may help somebody of whom it is not clear that they ask."""
    return replace(
        compose_reply(decision, (), now=now),
        closing=say("found.rather_a_person"),
        actions=(Action.SOLVED, Action.PERSON),
    )


def compose_alone(decision: Decision, now: datetime | None = None) -> Reply:
    """Write the reply to one who asked the bot alone: nobody else is asked before they say so."""
    reply = compose_reply(decision, (), now=now)
    if decision.kind is DecisionKind.ANSWER:
        closing = say("found.if_it_helps_alone", solved=words("press.solved"))
        return replace(reply, closing=closing, actions=(Action.SOLVED, Action.SHARE))
    return replace(reply, closing=say("alone.offer"), actions=(Action.SHARE,))


def compose_share_offer() -> Reply:
    """Offer to ask the group, when what was found did not help the one who asked alone."""
    return Reply(say("alone.people"), closing=say("alone.offer"), actions=(Action.SHARE,))


def compose_shared(question: Question, shared_at: datetime) -> Reply:
    """Ask the group what somebody had asked the bot alone."""
    asked = Asked(question.asker, question.text, asked_here_at=shared_at)
    return Reply(
        text=say("alone.asks", asker=Name(question.asker.name)),
        closing=say("alone.replies_here", asker=Mention(question.asker)),
        asked=asked,
    )


def compose_was_shared(to: Place) -> Reply:
    """Confirm to the asker that the group is asked in a channel; `linked` puts in the link."""
    question = Link(words("alone.your_question"), "")
    return Reply(say("alone.shared", question=question, channel=Room(to.platform, to.channel)))


def compose_more(decision: Decision, now: datetime | None = None) -> Reply:
    """Show what was found once the asker had written more; who was asked before still is."""
    reply = compose_reply(decision, (), now=now)
    if decision.kind is DecisionKind.ANSWER:
        return reply
    actions = (Action.SOLVED, Action.REJECT, Action.CLAIM, Action.PASS)
    return replace(reply, closing=say("found.also_seen"), actions=actions)


def compose_added(*, is_waiting: bool) -> Reply:
    """Confirm that a further message belongs to the question before it.

    Where nobody was asked about that one, its asker may want a person now.
    """
    if is_waiting:
        return Reply(say("thread.added"))
    return Reply(say("thread.added_alone"), actions=(Action.PERSON,))


def compose_out_of_order(referrals: Sequence[Referral]) -> Reply:
    """Ask people when the search itself does not work."""
    return Reply(
        text=say("ask.out_of_order"),
        closing=who_is_asked(referrals, otherwise="ask.stands", wait=None),
        actions=(Action.CLAIM,),
    )


def _quote(match: Match, decision: Decision) -> Quote:
    title = match.title if not match.heading else match.heading
    return Quote(
        text=match.excerpt,
        title=title,
        author=match.author,
        said_at=match.said_at,
        url=match.url,
        confidence=match.confidence,
        document_id=match.document_id,
        chance=match.chance,
        model=decision.model,
        reason=_reason(match, is_sure=decision.confidence >= _SURE),
    )


def _reason(match: Match, *, is_sure: bool) -> str:
    """Return what is other about what was found; and why it was, where that is not sure."""
    shared = ", ".join(match.shared_words)
    why = words("reason.words", words=shared) if shared else words("reason.meaning")
    reasons = [
        words("reason.language", language=match.other_language) if match.other_language else "",
        words("reason.version", version=match.other_version) if match.other_version else "",
        "" if is_sure else why,
    ]
    return "; ".join(filter(None, reasons))
