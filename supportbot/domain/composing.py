"""The bot's own sentences. Everything else that it shows is a quotation."""

from collections.abc import Sequence

from supportbot.domain.documents import Match
from supportbot.domain.events import Author
from supportbot.domain.experts import Referral
from supportbot.domain.questions import Answer
from supportbot.domain.replies import Action, Quote, Reply
from supportbot.domain.triage import Decision, DecisionKind

_SURE, _LIKELY = 0.9, 0.6


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


def compose_thanks(answer: Answer, asker: Author) -> Reply:
    """Thank the one whose answer was accepted, and say what becomes of it."""
    return Reply(
        text=f"Thank you, {answer.author.name}: {asker.name} says that this solved it. "
        "I will show your answer, with your name, to the next one who asks.",
    )


def compose_closing_offer() -> Reply:
    """Offer to close a question whose asker said thanks."""
    return Reply(
        text='Glad to hear it. Press "This solved it" to close the question.',
        actions=(Action.SOLVED,),
    )


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
        return f"{otherwise}. Whoever knows: please reply in this thread."
    names = _listed([f"{r.expert.name} ({r.reason})" for r in referrals])
    return f"I have asked {names}. Please reply in this thread."


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
