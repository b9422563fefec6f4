"""The bot's own sentences. Everything else that it shows is a quotation."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from supportbot.domain.documents import Match
from supportbot.domain.events import Author
from supportbot.domain.experts import Referral
from supportbot.domain.questions import Answer, Standing
from supportbot.domain.replies import Action, OutgoingMessage, Quote, Reply
from supportbot.domain.triage import Decision, DecisionKind
from supportbot.domain.wording import counted

_SURE, _LIKELY = 0.9, 0.6
_NOBODY_ASKED = "Whoever knows: please reply in this thread."


def compose_reply(decision: Decision, referrals: Sequence[Referral]) -> Reply:
    """Write the reply to a question: what was found, and who is asked."""
    quotes = tuple(_quote(match) for match in decision.shown)
    match decision.kind:
        case DecisionKind.ANSWER:
            return Reply(
                text=f"This was answered before; I am {_in_words(decision.confidence)}.",
                quotes=quotes,
                closing='If it helps, press "This solved it". If not, say so here, in the thread.',
                actions=(Action.SOLVED,),
            )
        case DecisionKind.SUGGEST:
            return Reply(
                text=f"This may help, but I am {_in_words(decision.confidence)}.",
                quotes=quotes,
                closing=_asking(referrals, otherwise="I keep the question open"),
                mentions=tuple(referral.expert for referral in referrals),
                actions=(Action.SOLVED,),
            )
        case DecisionKind.ROUTE:
            return Reply(
                text="I don't know this one.",
                closing=_asking(referrals, otherwise="I know nobody to ask yet"),
                mentions=tuple(referral.expert for referral in referrals),
                actions=(Action.SOLVED,),
            )


def compose_escalation(referrals: Sequence[Referral]) -> Reply:
    """Ask people after all, when what was found did not help."""
    return Reply(
        text="Then this is for people.",
        closing=_asking(referrals, otherwise="I know nobody to ask yet"),
        mentions=tuple(referral.expert for referral in referrals),
        actions=(Action.SOLVED,),
    )


def compose_thanks(answer: Answer, accepted_by: Author) -> Reply:
    """Thank the one whose answer was accepted, and say what becomes of it."""
    becomes = (
        "I will show your answer, with your name, to the next one who asks."
        if answer.standing is Standing.KNOWLEDGE
        else "A maintainer looks at it before I show it to others."
    )
    return Reply(
        text=f"Thank you, {answer.author.name}: {accepted_by.name} says that this solved it. "
        f"{becomes}",
    )


def compose_out_of_order(referrals: Sequence[Referral]) -> Reply:
    """Ask people when the search itself does not work."""
    return Reply(
        text="My search does not work just now, so I cannot say whether this was asked before.",
        closing=_asking(referrals, otherwise="Your question stands"),
        mentions=tuple(referral.expert for referral in referrals),
        actions=(Action.SOLVED,),
    )


def compose_closing_offer() -> Reply:
    """Offer to close a question whose asker said thanks."""
    return Reply(
        text='Glad to hear it. Press "This solved it" to close the question.',
        actions=(Action.SOLVED,),
    )


def compose_help_offer() -> Reply:
    """Offer to find somebody, where it is not clear that a message asks for help."""
    return Reply(text="Shall I find somebody for this?", actions=(Action.FIND,))


def compose_silence(*, minutes: int) -> Reply:
    """Say that the bot leaves the next questions to people for a while."""
    return Reply(
        text=f"That is a lot at once, so I keep quiet here for the next {minutes} minutes. Your "
        "question stands; whoever knows: please reply in this thread.",
    )


def compose_forgotten(*, questions: int, answers: int) -> Reply:
    """Confirm to a member that they are forgotten. It names nobody."""
    return Reply(
        text=f"Done. I have forgotten {counted(questions, 'question')} and "
        f"{counted(answers, 'answer')}, and what I had learned from them. What you posted still "
        "stands in the chat itself; deleting it there is up to you.",
    )


def without_quotes(message: OutgoingMessage, document_ids: Collection[str]) -> OutgoingMessage:
    """Strike out of a message what was deleted or changed since it was written."""
    reply = message.reply
    kept = tuple(quote for quote in reply.quotes if quote.document_id not in document_ids)
    if kept:
        return replace(message, reply=replace(reply, quotes=kept))
    closing = reply.closing if reply.mentions else _NOBODY_ASKED
    text = "What I had found here was taken back meanwhile."
    return replace(message, reply=replace(reply, text=text, quotes=(), closing=closing))


def without_mentions(message: OutgoingMessage) -> OutgoingMessage:
    """Strike out of a message whom it asks, because one of them was forgotten."""
    reply = replace(message.reply, closing=_NOBODY_ASKED, mentions=())
    return replace(message, reply=reply)


def compose_closed() -> Reply:
    """Confirm that a question is closed although nobody but the bot answered it."""
    return Reply(text="Good. I have closed the question.")


def _quote(match: Match) -> Quote:
    title = match.title if not match.heading else match.heading
    return Quote(
        text=match.excerpt,
        title=title,
        author=match.author,
        said_at=match.said_at,
        url=match.url,
        confidence=match.confidence,
        document_id=match.document_id,
    )


def _in_words(confidence: float) -> str:
    percent = f"{confidence:.0%}"
    if confidence >= _SURE:
        return f"fairly sure ({percent})"
    if confidence >= _LIKELY:
        return f"not certain ({percent})"
    return f"not sure ({percent})"


def _asking(referrals: Sequence[Referral], *, otherwise: str) -> str:
    if not referrals:
        return f"{otherwise}. {_NOBODY_ASKED}"
    names = _listed([f"{r.expert.name} ({r.reason})" for r in referrals])
    return f"I have asked {names}. Please reply in this thread."


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
