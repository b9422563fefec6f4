"""The bot's own sentences. Everything else that it shows is a quotation."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from supportbot.domain.availability import Reason
from supportbot.domain.documents import Match
from supportbot.domain.events import Author
from supportbot.domain.experts import Referral
from supportbot.domain.knowing import day
from supportbot.domain.ladder import CLAIM_PATIENCE, Rung
from supportbot.domain.places import Listening
from supportbot.domain.questions import Answer, Question, Standing
from supportbot.domain.receipts import MOST_ANSWERS, HelpfulAnswer, Receipt
from supportbot.domain.replies import (
    THE_BOTS_OWN,
    Action,
    Asked,
    Choice,
    OutgoingMessage,
    Quote,
    Reply,
)
from supportbot.domain.texts import Link, Mention, Name, Said, Text, fill, joined, with_links
from supportbot.domain.triage import Decision, DecisionKind
from supportbot.domain.waiting import Wait, in_words
from supportbot.domain.wording import counted

_SURE, _LIKELY = 0.9, 0.6
_NOBODY_ASKED = "Whoever knows: please reply in this thread."


def compose_reply(
    decision: Decision, referrals: Sequence[Referral], wait: Wait | None = None
) -> Reply:
    """Write the reply to a question: what was found, who is asked, and when others are."""
    quotes = tuple(_quote(match, decision.model) for match in decision.shown)
    match decision.kind:
        case DecisionKind.ANSWER:
            return Reply(
                text=f"This was answered before; I am {_how_sure(decision)}",
                quotes=quotes,
                closing='If it helps, press "This solved it". If not, say so here, in the thread.',
                actions=(Action.SOLVED, Action.REJECT, Action.PERSON),
            )
        case DecisionKind.SUGGEST:
            # It is sure and only suggests where no threshold keeps its promise (yet).
            joined = "and" if decision.confidence >= _SURE else "but"
            return Reply(
                text=f"This may help, {joined} I am {_how_sure(decision)}",
                quotes=quotes,
                closing=_asking(referrals, otherwise="I keep the question open", wait=wait),
                actions=(Action.SOLVED, Action.REJECT, *_actions(referrals, wait)),
            )
        case DecisionKind.ROUTE:
            return Reply(
                text="I don't know this one.",
                closing=_asking(referrals, otherwise="I know nobody to ask yet", wait=wait),
                actions=_actions(referrals, wait),
            )


def compose_known(decision: Decision) -> Reply:
    """Show what may help somebody of whom it is not clear that they ask."""
    return replace(
        compose_reply(decision, ()),
        closing="If you'd rather ask a person, press the button.",
        actions=(Action.SOLVED, Action.PERSON),
    )


def compose_alone(decision: Decision) -> Reply:
    """Write the reply to one who asked the bot alone: nobody else is asked before they say so."""
    reply = compose_reply(decision, ())
    if decision.kind is DecisionKind.ANSWER:
        closing = 'If it helps, press "This solved it". If not, I can ask the group.'
        return replace(reply, closing=closing, actions=(Action.SOLVED, Action.SHARE))
    return replace(reply, closing=_ASK_THE_GROUP, actions=(Action.SHARE,))


def compose_share_offer() -> Reply:
    """Offer to ask the group, when what was found did not help the one who asked alone."""
    return Reply(text="Then this is for people.", closing=_ASK_THE_GROUP, actions=(Action.SHARE,))


_ASK_THE_GROUP = "Only you see this. Shall I ask the group? They then see your question and name."


def compose_shared(question: Question, shared_at: datetime) -> Reply:
    """Ask the group what somebody had asked the bot alone."""
    asked = Asked(question.asker, question.text, asked_here_at=shared_at)
    return Reply(
        text=fill("{asker} asks:", asker=Name(question.asker.name)),
        closing=fill("{asker}, replies will be in this thread.", asker=Mention(question.asker)),
        asked=asked,
    )


def compose_was_shared() -> Reply:
    """Confirm to the asker that the group is asked; `linked` puts in where."""
    return Reply(
        text=fill(
            "Done: {question}. I'll mention you there.", question=Link("here is your question", "")
        )
    )


def compose_not_shared() -> Reply:
    """Tell the asker that their question could not be posted, and what to do."""
    return Reply(
        text="I couldn't post your question there, so nobody has been asked. Add me to that "
        "channel and try again, or choose another one.",
        actions=(Action.SHARE,),
    )


def compose_cannot_post(where: str, *, has_others: bool) -> Reply:
    """Tell the asker at once that nobody can be asked in a channel, before anything is promised.

    Args:
        where: The channel's name; empty where the bot does not know it.
        has_others: Whether the asker can choose another channel.
    """
    way = "Choose another channel" if has_others else "Please ask in another channel"
    return Reply(
        text=fill(
            "I can't post in {channel}, so nobody has been asked. {way}, or ask whoever looks "
            "after the server to let me in.",
            channel=Name(where or "this channel"),
            way=way,
        ),
        actions=(Action.SHARE,) if has_others else (),
    )


def compose_cannot_see() -> Reply:
    """Tell somebody at once that the bot cannot reply in a channel that it does not see."""
    return Reply(
        text="I can't see this channel, so I can't reply to that message. Whoever looks after "
        "the server can let me in; until then, /ask works everywhere."
    )


def compose_taking() -> Reply:
    """Tell somebody that a message of another's is taken as a question."""
    return Reply(text="I'm on it: my reply will be in the thread on that message.")


def linked(reply: Reply, url: str) -> Reply:
    """Return a reply whose open links lead to an address; without one, they are plain words."""
    return replace(reply, text=with_links(reply.text, url))


def compose_card(question: Question, referral: Referral, wait: Wait | None) -> Reply:
    """Ask one person in a message to them alone."""
    until = "" if wait is None else f" I ask others in {in_words(wait.time)}."
    return Reply(
        text=fill(
            "{asker} asks something that you may know ({reason}).",
            asker=Name(question.asker.name),
            reason=Name(referral.reason),
        ),
        closing=f"Please reply in the thread there.{until}",
        actions=(Action.CLAIM, Action.PASS),
        asked=Asked(question.asker, question.text, question.url),
    )


def compose_unreadable() -> Reply:
    """Ask for words where there is only a picture."""
    return Reply(text="I can't read images: could you paste the text of the error?")


def compose_unheard() -> Reply:
    """Ask for words where there is only a recording."""
    return Reply(text="I can't listen to recordings: could you write your question down?")


def compose_unread_file() -> Reply:
    """Ask for words where there is only a file that is not read."""
    return Reply(text="I can't read this kind of file: could you paste the part that matters?")


def without_the_recording(reply: Reply) -> Reply:
    """Say that only the words of a question were taken in."""
    return replace(reply, text=f"{reply.text} I go by your words: I can't listen to the recording.")


def without_the_picture(reply: Reply) -> Reply:
    """Say that only the words of a question were read."""
    words = "I go by your words: I can't read the picture."
    return replace(reply, text=joined(reply.text, words))


def compose_listening(listening: Listening) -> Reply:
    """Say to what the bot listens in a channel from now on."""
    return Reply(text=f"Noted. Here I listen to {LISTENS_TO[listening]}.")


LISTENS_TO = {
    Listening.QUESTIONS: "every new question",
    Listening.MENTIONS: "those who call me by my name, and nobody else",
    Listening.NOTHING: "nothing any more",
}


def compose_not_served() -> Reply:
    """Tell somebody that the bot belongs to a group of which they are not, or not here."""
    return Reply(
        text="I only help in my own group's places, and this isn't one of them. If it should be, "
        "ask whoever runs me to add it."
    )


def compose_maintainers_only() -> Reply:
    """Say that somebody may not decide this."""
    return Reply(text="Only maintainers can change this. I have left it as it was.")


def compose_more(decision: Decision) -> Reply:
    """Show what was found once the asker had written more; who was asked before still is."""
    reply = compose_reply(decision, ())
    if decision.kind is DecisionKind.ANSWER:
        return reply
    actions = (Action.SOLVED, Action.REJECT, Action.CLAIM, Action.PASS)
    return replace(reply, closing="Those whom I have asked see it here, too.", actions=actions)


def compose_added(*, is_waiting: bool) -> Reply:
    """Confirm that a further message belongs to the question before it.

    Where nobody was asked about that one, its asker may want a person now.
    """
    if is_waiting:
        return Reply(text="I've added that to your question, so whoever helps will see it.")
    return Reply(
        text="I've added that to your question, but found nothing more.", actions=(Action.PERSON,)
    )


def compose_escalation(referrals: Sequence[Referral], wait: Wait | None = None) -> Reply:
    """Ask people after all, when what was found did not help."""
    return _compose_asking("Then this is for people.", referrals, wait)


class Why(Enum):
    """Why others are asked."""

    NOBODY = "Nobody has answered yet."
    UNSOLVED = "This is not solved yet."
    QUIET = "It has become quiet here."


def compose_group(rung: Rung, referrals: Sequence[Referral], wait: Wait, why: Why) -> Reply:
    """Ask the next people, or those who help when nobody else does."""
    if rung is not Rung.HELPERS:
        return _compose_asking(why.value, referrals, wait)
    text = f"{why.value} This goes to those who help out here now."
    then = "I put the question on the list of open questions"
    return _compose_asking(text, referrals, wait, then=then)


def compose_open(why: Why) -> Reply:
    """Say that a question stands on the list of open questions: there is nobody left to ask."""
    return Reply(
        text=f"{why.value} I know nobody else to ask, so the question is on the list of open "
        "questions now.",
        closing=_NOBODY_ASKED,
        actions=(Action.CLAIM,),
    )


def without_asking(reply: Reply) -> Reply:
    """Say kindly that nobody is asked: many people were asked for this member this week already."""
    return replace(
        reply,
        closing="I've asked quite a few people for you this week, so this one goes on the list of "
        "open questions instead. Whoever knows: please reply in this thread.",
    )


def compose_enough_taken() -> Reply:
    """Say, to them alone, that somebody has taken on as many questions as they may at once."""
    return Reply(
        text="Thank you! You have taken on several questions already. Once you have answered one "
        "of them, you can take this one, too; or reply in the thread right away."
    )


def compose_claimed(author: Author) -> Reply:
    """Tell the asker that somebody takes the question on."""
    return Reply(
        text=fill("{who} takes this one. I ask nobody else meanwhile.", who=Name(author.name))
    )


def compose_reminder(author: Author) -> Reply:
    """Ask once, gently, somebody who took a question on and was not heard of since."""
    return Reply(
        text="How is it going with this one?",
        closing=fill(
            '{who}: if you cannot get to it, press "Not me", and I ask others. Otherwise I do so '
            "in {time}.",
            who=Mention(author),
            time=in_words(CLAIM_PATIENCE),
        ),
        actions=(Action.PASS,),
    )


def compose_passed(by: Author, to: Author, wait: Wait) -> Reply:
    """Ask the one to whom a question was passed on."""
    referral = Referral(to, f"{by.name} thinks that they may know")
    return _compose_asking("Thank you for passing it on.", [referral], wait)


def compose_not_passed(by: Author, to: Author, reason: Reason) -> Reply:
    """Say politely why the one to whom a question was passed on is not asked."""
    return Reply(
        text=fill(
            "Thank you, {by}. I do not ask {to}, who {reason}; I ask others in time.",
            by=Name(by.name),
            to=Name(to.name),
            reason=reason.value,
        )
    )


def compose_declined(by: Author) -> Reply:
    """Thank one who was asked for saying that it is not for them."""
    return Reply(text=fill("Thank you for saying so, {by}. I ask others.", by=Name(by.name)))


def compose_refused(by: Author) -> Reply:
    """Promise one who was asked that they are not asked about the like again."""
    return Reply(
        text=fill(
            "Thank you for saying so, {by}. I do not ask you about questions like this one again; "
            "I ask others.",
            by=Name(by.name),
        )
    )


def compose_taken_back(by: Author) -> Reply:
    """Say that a question is open again whose solution was marked by mistake."""
    words = "{by} has taken the mark back, so this question is open again."
    return Reply(text=fill(words, by=Name(by.name)))


def compose_not_asked() -> Reply:
    """Say, to them alone, that only those who were asked can pass a question on."""
    return Reply(
        text="No need to: I haven't asked you about this one. If you know the answer, you are "
        "welcome to reply in the thread."
    )


def compose_not_open() -> Reply:
    """Say, to them alone, that there is nothing to take on or to pass on any more."""
    return Reply(text="Thank you! This question is already closed, so there's nothing left to do.")


def compose_gone() -> Reply:
    """Say, to them alone, that what they pressed is about a question that is not held."""
    return Reply(text="I can't find this question any more. It may have been deleted.")


def compose_solved_before() -> Reply:
    """Say, to them alone, that a question was marked as solved before."""
    return Reply(text="This question is already marked as solved. Thank you!")


def compose_askers_only(asker: Author) -> Reply:
    """Say kindly, to them alone, who may mark a question as solved."""
    return Reply(
        text=fill(
            "Good to hear that it helps you, too! Only {asker} or a maintainer can mark this "
            "question as solved, so I've left it open.",
            asker=_whoever(asker),
        )
    )


def compose_askers_only_may_ask(asker: Author) -> Reply:
    """Say kindly, to them alone, who may say that an answer does not fit."""
    return Reply(
        text=fill(
            "That's for {asker} to say: it's their question. If you have one of your own, ask it "
            "in the channel, and I'll look.",
            asker=_whoever(asker),
        )
    )


def _whoever(asker: Author) -> Name:
    return Name(asker.name or "whoever asked")


def compose_asked_already() -> Reply:
    """Say, to them alone, that people are asked already."""
    return Reply(text="Thank you, noted. I've already asked people; they'll reply in this thread.")


def compose_own_question() -> Reply:
    """Say, to them alone, that a question is theirs."""
    return Reply(text="This is your own question; somebody else has to take it.")


def compose_taken_already() -> Reply:
    """Say, to them alone, that they have taken a question on."""
    return Reply(text="It's yours already. Thank you! Reply in the thread when you get to it.")


def compose_how_to_review() -> Reply:
    """Tell a maintainer how to take back, restore or correct an answer."""
    return Reply(
        text="Type withdraw, restore or correct, then the link to the answer; after correct, also "
        "what it is to say."
    )


def compose_no_such_answer() -> Reply:
    """Tell a maintainer that a link leads to no answer that can be changed so."""
    return Reply(
        text="I can't find such an answer there. Copy the link that stands under the quotation."
    )


def compose_reviewed(*, is_shown: bool) -> Reply:
    """Confirm to a maintainer what became of an answer."""
    if is_shown:
        return Reply(text="Done: it is shown from now on.")
    return Reply(text="Done: I won't show this answer any more. restore brings it back.")


def compose_settled_already() -> Reply:
    """Say, to them alone, that they have answered or passed a question on."""
    return Reply(text="Thank you, that's noted already. There's nothing left for you to do here.")


def compose_to_whom() -> Reply:
    """Ask one who was asked, alone, to whom a question goes instead."""
    return Reply(text="Who might know?", actions=(Action.PASS_TO,))


def compose_whose(choices: Sequence[Choice]) -> Reply:
    """Ask whose answer it was that solved a question, with one press."""
    text: Said = "Did one of these answers solve it?"
    if len(choices) == 1:
        is_mine = choices[0].message_id == THE_BOTS_OWN
        words = "Did my answer solve it?" if is_mine else "Did {name}'s answer solve it?"
        text = fill(words, name=Name(choices[0].label))
    return Reply(text=text, actions=(Action.SOLVED,), choices=tuple(choices))


def compose_which(choices: Sequence[Choice]) -> Reply:
    """Ask one who says that a question is solved by what; to them alone."""
    return replace(compose_whose(choices), text="Good to hear! Whose answer was it?")


THE_BOTS_ANSWER = "What I showed above"
"""In the menu of answers: what the bot itself has shown."""


def compose_check(choices: Sequence[Choice]) -> Reply:
    """Ask the asker, once, whether an answer solved it."""
    closing = "If not, say so here, and I'll ask others."
    return replace(compose_whose(choices), closing=closing)


def compose_expired(after: timedelta) -> Reply:
    """Say that a question is not asked about any more."""
    return Reply(
        text=f"Nobody has answered this within {counted(after.days, 'day')}, so I stop asking. It "
        "may be asked again at any time.",
    )


def compose_profile(described: Said, *, is_new: bool) -> Reply:
    """Say to somebody what they have chosen."""
    return Reply(text=joined("Noted.", described) if is_new else described)


def compose_misread(sentence: str) -> Reply:
    """Say to somebody what they may choose, when what they typed cannot be read."""
    return Reply(text=f"I have not changed anything. {sentence}")


def compose_thanks(answer: Answer, accepted_by: Author) -> Reply:
    """Thank the one whose answer was accepted, and say what becomes of it."""
    becomes = (
        "I will show your answer, with your name, to the next one who asks."
        if answer.standing is Standing.KNOWLEDGE
        else "A maintainer looks at it before I show it to others."
    )
    return Reply(
        text=fill(
            "Thank you, {who}: {asker} says that this solved it. {becomes}",
            who=Name(answer.author.name),
            asker=Name(accepted_by.name),
            becomes=becomes,
        ),
        is_solved=True,
    )


def compose_out_of_order(referrals: Sequence[Referral]) -> Reply:
    """Ask people when the search itself does not work."""
    return Reply(
        text="My search does not work just now, so I cannot say whether this was asked before.",
        closing=_asking(referrals, otherwise="Your question stands", wait=None),
        actions=(Action.CLAIM,),
    )


def compose_closing_offer(choices: Sequence[Choice]) -> Reply:
    """Offer to close a question whose asker said thanks, and ask whose answer it was."""
    if len(choices) > 1:
        return replace(compose_whose(choices), text="Glad to hear it. Whose answer was it?")
    return Reply(
        text='Glad to hear it. Press "This solved it" to close the question.',
        actions=(Action.SOLVED,),
        choices=tuple(choices),
    )


def compose_help_offer() -> Reply:
    """Offer to find somebody, where it is not clear that a message asks for help."""
    return Reply(text="Shall I find somebody for this?", actions=(Action.FIND,))


def compose_unseen() -> Reply:
    """Say, when called into a thread, that its first message is not known."""
    return Reply(
        text="I have not seen how this thread began, so I cannot look for an answer. Please ask "
        "me in a message of its own, outside this thread.",
    )


def compose_solved_already() -> Reply:
    """Say, when asked again in the thread of a solved question, where to ask."""
    return Reply(
        text="This question is marked as solved, so I no longer look for answers in its thread. "
        "If this is about something else, please ask in a message of its own, outside this thread.",
    )


def compose_silence(*, minutes: int) -> Reply:
    """Say that the bot leaves the next questions to people for a while."""
    return Reply(
        text=f"That is a lot at once, so I keep quiet here for the next {minutes} minutes. Your "
        "question stands; whoever knows: please reply in this thread.",
    )


def compose_enough() -> Reply:
    """Tell one person alone that they have asked for too much within the last hour."""
    return Reply(
        text="That was a lot within an hour, so I'm taking a break. Please try again in a while."
    )


def compose_not_here() -> Reply:
    """Tell one person alone that the bot is not in the channel of what they want asked."""
    return Reply(
        text="I'm not in this channel, so I couldn't reply here. Add me with /invite, then try "
        "again."
    )


def compose_noted() -> Reply:
    """Tell one person alone that what they pressed counts, though nothing more is said of it."""
    return Reply(text="Noted. That was a lot within an hour, so I won't say more about it here.")


def compose_no_question() -> Reply:
    """Tell one person alone that what they typed asks nothing."""
    return Reply(text="I can't find a question in that. What would you like to know?")


def compose_still_working() -> Reply:
    """Tell one person alone that what they typed is not done yet."""
    return Reply(
        text="This is taking longer than usual. If nothing more shows up here in a few minutes, "
        "please try again."
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
    reply = replace(message.reply, closing=_NOBODY_ASKED)
    return replace(message, reply=reply)


def compose_receipt(receipt: Receipt, *, now: datetime) -> Reply:
    """Tell somebody, alone, whom their answers helped. It names nobody else."""
    lines = [_helped(answer, now) for answer in receipt.answers[:MOST_ANSWERS]]
    more = len(receipt.answers) - MOST_ANSWERS
    if more > 0:
        has_page = any(answer.title for answer in receipt.answers[MOST_ANSWERS:])
        lines.append(
            f"So did {counted(more, 'other page' if has_page else 'other answer')} of yours."
        )
    return Reply(
        text=joined(*lines, between="\n"),
        closing="Only you see this, once a week. You can turn it off where you choose how you are "
        "asked: receipts off.",
    )


def compose_code(code: str) -> Reply:
    """Give somebody the code with which they say that they are somebody elsewhere, too."""
    return Reply(
        text=f"Your code is {code}. Within 15 minutes, type /link {code} where people know you by "
        "another name; in Slack, /supportbot link. From then on both are you: you are asked "
        "where a question is asked, no more often than before, and see all that is yours."
    )


def compose_joined(other: Author) -> Reply:
    """Confirm that two identities are one person's."""
    return Reply(
        text=fill(
            "Done: you are {name} on {platform}, too. How you are asked is as you chose it there. "
            "/link off ends it.",
            name=Name(other.name),
            platform=other.platform.capitalize(),
        )
    )


def compose_unknown_code() -> Reply:
    """Say that a code is none, or none any more."""
    return Reply(text="I know no such code. It is good for 15 minutes; /link gives a new one.")


def compose_own_code() -> Reply:
    """Say that a code has to be typed elsewhere."""
    return Reply(text="This is your own code. Type it where people know you by another name.")


def compose_parted() -> Reply:
    """Confirm that an identity stands for itself again."""
    return Reply(text="Done: here you are somebody of your own again.")


def compose_not_joined() -> Reply:
    """Say that there is nothing to end."""
    return Reply(text="You are joined with nobody. /link alone gives a code.")


def compose_closed() -> Reply:
    """Confirm that a question is closed although nobody but the bot answered it."""
    return Reply(text="Good. I have closed the question.", is_solved=True)


def _quote(match: Match, model: str) -> Quote:
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
        model=model,
        reason=_reason(match),
    )


def _reason(match: Match) -> str:
    """Say which words and which meaning matched, and when it is about something else."""
    said = ", ".join(f'"{word}"' for word in match.shared_words)
    reasons = [
        f"in {match.other_language}" if match.other_language else "",
        f"about {match.other_version}" if match.other_version else "",
        f"both say {said}" if said else "alike in meaning, not in words",
    ]
    return "; ".join(filter(None, reasons))


def _how_sure(decision: Decision) -> str:
    """Say how sure the bot is, and what members made of it before, where that was measured."""
    said, confirmed = f"{_in_words(decision.confidence)}.", decision.confirmed
    if confirmed is None:
        return said
    times = counted(confirmed.in_hundred, "time")
    return f"{said} When I am this sure, members confirmed me {times} in 100."


def _in_words(confidence: float) -> str:
    percent = f"{confidence:.0%}"
    if confidence >= _SURE:
        return f"fairly sure ({percent})"
    if confidence >= _LIKELY:
        return f"not certain ({percent})"
    return f"not sure ({percent})"


_OTHERS = "I ask others"
"""What comes after waiting."""


def _compose_asking(
    text: str, referrals: Sequence[Referral], wait: Wait | None, *, then: str = _OTHERS
) -> Reply:
    return Reply(
        text=text,
        closing=_asking(referrals, otherwise="I know nobody to ask yet", wait=wait, then=then),
        actions=_actions(referrals, wait),
    )


def _asking(
    referrals: Sequence[Referral], *, otherwise: str, wait: Wait | None, then: str = _OTHERS
) -> Said:
    if not referrals:
        return f"{otherwise}. {_NOBODY_ASKED}"
    named = [
        fill("{who} ({reason})", who=Mention(one.expert), reason=Name(one.reason))
        for one in referrals
    ]
    asked = fill("I have asked {names}. Please reply in this thread.", names=_listed(named))
    return asked if wait is None else joined(asked, _waiting(wait, then))


def _waiting(wait: Wait, then: str) -> str:
    time = in_words(wait.time)
    if wait.usually:
        return f"On {wait.usually} this group usually answers within {time}; then {then}."
    return f"If nobody answers within {time} {then}."


def _actions(referrals: Sequence[Referral], wait: Wait | None) -> tuple[Action, ...]:
    """Choose the buttons: those of the people who are asked only where the ladder stands."""
    return (Action.CLAIM, Action.PASS) if referrals and wait is not None else (Action.CLAIM,)


def _helped(answer: HelpfulAnswer, now: datetime) -> Said:
    helped = _people(answer.helped)
    if answer.newly < answer.helped:
        helped = f"{answer.newly:,} more, {_people(answer.helped)} in all"
    sister = "the sister group" if answer.workspaces == 1 else "sister groups"
    where = ""
    if answer.elsewhere == answer.helped:
        where = f", {'all of them ' if answer.helped > 1 else ''}in {sister}"
    elif answer.elsewhere:
        where = f", {answer.elsewhere:,} of them in {sister}"
    shown = f" It was shown to {answer.shown:,}." if answer.shown > answer.helped else ""
    words = fill(
        "Your {what} helped {helped}{where}.{shown}",
        what=_what(answer, now),
        helped=helped,
        where=where,
        shown=shown,
    )
    return joined(words, Text((Link("See it there", answer.url),)) if answer.url else "")


def _what(answer: HelpfulAnswer, now: datetime) -> Said:
    if answer.title:
        return fill(
            "page \N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}",
            title=Name(answer.title),
        )
    said_on = day(answer.said_at)
    if answer.said_at.year == now.year:
        said_on = said_on.rpartition(" ")[0]
    return f"answer of {said_on}"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _listed(names: Sequence[Said]) -> Said:
    if len(names) == 1:
        return names[0]
    return joined(joined(*names[:-1], between=", "), names[-1], between=" and ")
