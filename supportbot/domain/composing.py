"""The bot's own sentences. Everything else that it shows is a quotation."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from supportbot.domain.availability import Reason
from supportbot.domain.capture import SOURCE as ANSWERS
from supportbot.domain.catalogue import day, duration, listed, say, words
from supportbot.domain.documents import Match
from supportbot.domain.events import Author
from supportbot.domain.experts import Referral
from supportbot.domain.ladder import CLAIM_PATIENCE, Rung
from supportbot.domain.places import Listening, Place
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
from supportbot.domain.texts import Link, Mention, Name, Room, Said, Text, joined, with_links
from supportbot.domain.triage import Decision, DecisionKind
from supportbot.domain.waiting import Wait

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
                closing=_asking(referrals, otherwise="ask.stays_open", wait=wait),
                actions=(Action.SOLVED, Action.REJECT, *_actions(referrals, wait)),
            )
        case DecisionKind.ROUTE:
            return Reply(
                text=say("ask.unknown"),
                closing=_asking(referrals, otherwise="ask.nobody_yet", wait=wait),
                actions=_actions(referrals, wait),
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


def compose_not_shared() -> Reply:
    """Tell the asker that their question could not be posted, and what to do."""
    return Reply(say("alone.not_shared"), actions=(Action.SHARE,))


def compose_cannot_post(where: str, *, has_others: bool) -> Reply:
    """Tell the asker at once that nobody can be asked in a channel, before anything is promised.

    Args:
        where: The channel's name; empty where the bot does not know it.
        has_others: Whether the asker can choose another channel.
    """
    key = "alone.cannot_post" if has_others else "alone.cannot_post_here"
    channel = Name(where) if where else words("alone.this_channel")
    actions = (Action.SHARE,) if has_others else ()
    return Reply(say(key, channel=channel), actions=actions)


def compose_cannot_see() -> Reply:
    """Tell somebody at once that the bot cannot reply in a channel that it does not see."""
    return Reply(say("alone.cannot_see"))


def compose_taking() -> Reply:
    """Tell somebody that a message of another's is taken as a question."""
    return Reply(say("you.taken"))


def linked(reply: Reply, url: str) -> Reply:
    """Return a reply whose open links lead to an address; without one, they are plain words."""
    return replace(reply, text=with_links(reply.text, url))


def compose_card(question: Question, referral: Referral, wait: Wait | None) -> Reply:
    """Ask one person in a message to them alone."""
    return Reply(
        text=say("ask.card", asker=Name(question.asker.name), reason=_bounded(referral.reason)),
        closing=joined(say("ask.card_where"), "" if wait is None else _waiting(wait)),
        actions=(Action.CLAIM, Action.PASS),
        asked=Asked(question.asker, question.text, question.url),
    )


def compose_unreadable() -> Reply:
    """Ask for words where there is only a picture."""
    return Reply(say("read.no_picture"))


def compose_unheard() -> Reply:
    """Ask for words where there is only a recording."""
    return Reply(say("read.no_recording"))


def compose_unread_file() -> Reply:
    """Ask for words where there is only a file that is not read."""
    return Reply(say("read.no_file"))


def without_the_recording(reply: Reply) -> Reply:
    """Say that only the words of a question were taken in."""
    return replace(reply, text=joined(reply.text, say("read.without_recording")))


def without_the_picture(reply: Reply) -> Reply:
    """Say that only the words of a question were read."""
    return replace(reply, text=joined(reply.text, say("read.without_picture")))


def compose_listening(listening: Listening) -> Reply:
    """Say to what the bot listens in a channel from now on."""
    return Reply(say("listen.confirmed", what=listens_to(listening)))


def listens_to(listening: Listening) -> str:
    """Name what the bot listens to, within a sentence."""
    return words(f"listen.{listening}")


def compose_not_served() -> Reply:
    """Tell somebody that the bot belongs to a group of which they are not, or not here."""
    return Reply(say("you.not_served"))


def compose_maintainers_only() -> Reply:
    """Say that somebody may not decide this."""
    return Reply(say("you.maintainers_only"))


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


def compose_escalation(referrals: Sequence[Referral], wait: Wait | None = None) -> Reply:
    """Ask people after all, when what was found did not help."""
    return _compose_asking(say("ask.people"), referrals, wait)


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
        return _compose_asking(why.words, referrals, wait)
    return _compose_asking(joined(why.words, say("ask.helpers")), referrals, wait, is_last=True)


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


def compose_enough_taken() -> Reply:
    """Say, to them alone, that somebody has taken on as many questions as they may at once."""
    return Reply(say("you.enough_taken"))


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
    return Reply("", closing=joined(asked, _waiting(wait)), actions=_actions(to_whom, wait))


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


def compose_not_asked() -> Reply:
    """Say, to them alone, that only those who were asked can pass a question on."""
    return Reply(say("you.not_asked"))


def compose_taken_back(by: Author) -> Reply:
    """Say that a question is open again whose solution was marked by mistake."""
    return Reply(say("thread.taken_back", by=Name(by.name)))


def compose_not_open() -> Reply:
    """Say, to them alone, that there is nothing to take on or to pass on any more."""
    return Reply(say("you.not_open"))


def compose_gone() -> Reply:
    """Say, to them alone, that what they pressed is about a question that is not held."""
    return Reply(say("you.gone"))


def compose_solved_before() -> Reply:
    """Say, to them alone, that a question was marked as solved before."""
    return Reply(say("you.solved_before"))


def compose_askers_only(asker: Author) -> Reply:
    """Say kindly, to them alone, who may mark a question as solved."""
    return Reply(say("you.askers_only", asker=_whoever(asker)))


def compose_askers_only_may_ask(asker: Author) -> Reply:
    """Say kindly, to them alone, who may say that an answer does not fit."""
    return Reply(say("you.askers_only_may_ask", asker=_whoever(asker)))


def _whoever(asker: Author) -> Name:
    return Name(asker.name or words("you.whoever_asked"))


def compose_asked_already() -> Reply:
    """Say, to them alone, that people are asked already."""
    return Reply(say("you.asked_already"))


def compose_own_question() -> Reply:
    """Say, to them alone, that a question is theirs."""
    return Reply(say("you.own_question"))


def compose_taken_already() -> Reply:
    """Say, to them alone, that they have taken a question on."""
    return Reply(say("you.taken_already"))


def compose_how_to_review() -> Reply:
    """Tell a maintainer how to take back, restore or correct an answer."""
    return Reply(say("review.how"))


def compose_no_such_answer() -> Reply:
    """Tell a maintainer that a link leads to no answer that can be changed so."""
    return Reply(say("review.none"))


def compose_reviewed(*, is_shown: bool) -> Reply:
    """Confirm to a maintainer what became of an answer."""
    if is_shown:
        return Reply(say("review.shown"))
    return Reply(say("review.withdrawn"))


def compose_settled_already() -> Reply:
    """Say, to them alone, that they have answered or passed a question on."""
    return Reply(say("you.settled_already"))


def compose_to_whom() -> Reply:
    """Ask one who was asked, alone, to whom a question goes instead."""
    return Reply(say("you.to_whom"), actions=(Action.PASS_TO,))


def compose_whose(choices: Sequence[Choice]) -> Reply:
    """Ask whose answer it was that solved a question, with one press."""
    text = say("thread.whose")
    if len(choices) == 1:
        is_mine = choices[0].message_id == THE_BOTS_OWN
        name = Name(choices[0].label)
        text = say("thread.whose_mine") if is_mine else say("thread.whose_of", name=name)
    return Reply(text, actions=(Action.SOLVED,), choices=tuple(choices))


def compose_which(choices: Sequence[Choice]) -> Reply:
    """Ask one who says that a question is solved by what; to them alone."""
    return replace(compose_whose(choices), text=say("thread.which"))


def the_bots_answer() -> str:
    """Name, in the menu of answers, what the bot itself has shown."""
    return words("thread.bots_answer")


def compose_check(choices: Sequence[Choice]) -> Reply:
    """Ask the asker, once, whether an answer solved it."""
    return replace(compose_whose(choices), closing=say("thread.check_how"))


def compose_expired(after: timedelta) -> Reply:
    """Say that a question is not asked about any more."""
    return Reply(say("thread.expired", n=after.days))


def compose_profile(described: Said, *, is_new: bool) -> Reply:
    """Say to somebody what they have chosen."""
    return Reply(text=joined(say("you.noted"), described) if is_new else described)


def compose_misread(sentence: Said) -> Reply:
    """Say to somebody what they may choose, when what they typed cannot be read."""
    return Reply(say("you.unchanged", sentence=sentence))


def compose_thanks(answer: Answer, accepted_by: Author) -> Reply:
    """Thank the one whose answer was accepted, and say what becomes of it."""
    becomes = "shown" if answer.standing is Standing.KNOWLEDGE else "waiting"
    thanks = say(
        f"thread.thanks_{becomes}", who=Name(answer.author.name), asker=Name(accepted_by.name)
    )
    return Reply(thanks, is_solved=True)


def compose_out_of_order(referrals: Sequence[Referral]) -> Reply:
    """Ask people when the search itself does not work."""
    return Reply(
        text=say("ask.out_of_order"),
        closing=_asking(referrals, otherwise="ask.stands", wait=None),
        actions=(Action.CLAIM,),
    )


def compose_closing_offer(choices: Sequence[Choice]) -> Reply:
    """Offer to close a question whose asker said thanks, and ask whose answer it was."""
    if len(choices) > 1:
        return replace(compose_whose(choices), text=say("thread.closing_which"))
    text = say("thread.closing_offer", solved=words("press.solved"))
    return Reply(text, actions=(Action.SOLVED,), choices=tuple(choices))


def compose_help_offer() -> Reply:
    """Offer to find somebody, where it is not clear that a message asks for help."""
    return Reply(say("thread.help_offer"), actions=(Action.FIND,))


def compose_unseen() -> Reply:
    """Say, when called into a thread, that its first message is not known."""
    return Reply(say("thread.unseen"))


def compose_solved_already() -> Reply:
    """Say, when asked again in the thread of a solved question, where to ask."""
    return Reply(say("thread.solved"))


def compose_silence(*, minutes: int) -> Reply:
    """Say that the bot leaves the next questions to people for a while."""
    return Reply(say("thread.silence", n=minutes))


def compose_enough() -> Reply:
    """Tell one person alone that they have asked for too much within the last hour."""
    return Reply(say("you.enough"))


def compose_not_here() -> Reply:
    """Tell one person alone that the bot is not in the channel of what they want asked."""
    return Reply(say("you.not_here"))


def compose_noted() -> Reply:
    """Tell one person alone that what they pressed counts, though nothing more is said of it."""
    return Reply(say("you.noted_enough"))


def compose_no_question() -> Reply:
    """Tell one person alone that what they typed asks nothing."""
    return Reply(say("you.no_question"))


def compose_still_working() -> Reply:
    """Tell one person alone that what they typed is not done yet."""
    return Reply(say("you.still_working"))


def compose_forgotten(*, questions: int, answers: int) -> Reply:
    """Confirm to a member that they are forgotten. It names nobody."""
    return Reply(
        say(
            "you.forgotten",
            questions=say("count.questions", n=questions),
            answers=say("count.answers", n=answers),
        )
    )


def without_quotes(message: OutgoingMessage, document_ids: Collection[str]) -> OutgoingMessage:
    """Strike out of a message what was deleted or changed since it was written."""
    reply = message.reply
    kept = tuple(quote for quote in reply.quotes if quote.document_id not in document_ids)
    if kept:
        return replace(message, reply=replace(reply, quotes=kept))
    closing = reply.closing if reply.mentions else say("ask.whoever")
    text = say("found.gone")
    return replace(message, reply=replace(reply, text=text, quotes=(), closing=closing))


def without_mentions(message: OutgoingMessage) -> OutgoingMessage:
    """Strike out of a message whom it asks, because one of them was forgotten."""
    reply = replace(message.reply, closing=say("ask.whoever"))
    return replace(message, reply=reply)


def compose_receipt(receipt: Receipt, *, now: datetime) -> Reply:
    """Tell somebody, alone, whom their answers helped. It names nobody else."""
    lines = [_helped(answer, now) for answer in receipt.answers[:MOST_ANSWERS]]
    more = len(receipt.answers) - MOST_ANSWERS
    if more > 0:
        has_page = any(answer.title for answer in receipt.answers[MOST_ANSWERS:])
        lines.append(say("receipt.other_pages" if has_page else "receipt.others", n=more))
    return Reply(joined(*lines, between="\n"), closing=say("receipt.closing"))


def compose_code(code: str) -> Reply:
    """Give somebody the code with which they say that they are somebody elsewhere, too."""
    return Reply(say("link.code", code=code))


def compose_joined(other: Author) -> Reply:
    """Confirm that two identities are one person's."""
    platform = other.platform.capitalize()
    return Reply(say("link.joined", name=Name(other.name), platform=platform))


def compose_unknown_code() -> Reply:
    """Say that a code is none, or none any more."""
    return Reply(say("link.unknown"))


def compose_own_code() -> Reply:
    """Say that a code has to be typed elsewhere."""
    return Reply(say("link.own"))


def compose_parted() -> Reply:
    """Confirm that an identity stands for itself again."""
    return Reply(say("link.parted"))


def compose_not_joined() -> Reply:
    """Say that there is nothing to end."""
    return Reply(say("link.not_joined"))


def compose_closed() -> Reply:
    """Confirm that a question is closed although nobody but the bot answered it."""
    return Reply(say("thread.closed"), is_solved=True)


def compose_maintainers_only_see() -> Reply:
    """Say that somebody may not see this."""
    return Reply(say("you.maintainers_only_see"))


def compose_say_it_there() -> Reply:
    """Ask somebody to go to the channel whose settings they mean."""
    return Reply(say("you.say_it_there"))


def compose_no_topic() -> Reply:
    """Ask for a topic that tells something."""
    return Reply(say("you.no_topic"))


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
    """Say what is other about what was found; and why it was, where that is not sure."""
    shared = ", ".join(match.shared_words)
    why = words("reason.words", words=shared) if shared else words("reason.meaning")
    reasons = [
        words("reason.language", language=match.other_language) if match.other_language else "",
        words("reason.version", version=match.other_version) if match.other_version else "",
        "" if is_sure else why,
    ]
    return "; ".join(filter(None, reasons))


def _compose_asking(
    text: Said, referrals: Sequence[Referral], wait: Wait | None, *, is_last: bool = False
) -> Reply:
    return Reply(
        text=text,
        closing=_asking(referrals, otherwise="ask.nobody_yet", wait=wait, is_last=is_last),
        actions=_actions(referrals, wait),
    )


def _asking(
    referrals: Sequence[Referral], *, otherwise: str, wait: Wait | None, is_last: bool = False
) -> Said:
    if not referrals:
        return joined(say(otherwise), say("ask.whoever"))
    asked = _asked(referrals)
    return asked if wait is None else joined(asked, _waiting(wait, is_last=is_last))


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


def _waiting(wait: Wait, *, is_last: bool = False) -> Said:
    then = "_open" if is_last else ""
    if wait.usually:
        when = words(f"usually.{wait.usually}")
        return say(f"ask.wait_usual{then}", when=when, time=duration(wait.time))
    return say(f"ask.wait{then}", time=duration(wait.time))


def _actions(referrals: Sequence[Referral], wait: Wait | None) -> tuple[Action, ...]:
    """Choose the buttons: those of the people who are asked only where the ladder stands."""
    return (Action.CLAIM, Action.PASS) if referrals and wait is not None else (Action.CLAIM,)


def _helped(answer: HelpfulAnswer, now: datetime) -> Said:
    people = say("count.people", n=answer.helped)
    helped = people
    if answer.newly < answer.helped:
        helped = say("receipt.more", n=answer.newly, people=people)
    sister = "sister" if answer.workspaces == 1 else "sisters"
    if answer.elsewhere == answer.helped:
        all_ = "all_" if answer.helped > 1 else ""
        helped = say(f"receipt.{all_}{sister}", helped=helped)
    elif answer.elsewhere:
        helped = say(f"receipt.some_{sister}", helped=helped, n=answer.elsewhere)
    if answer.title:
        sentence = say("receipt.page", title=Name(answer.title), helped=helped)
    else:
        sentence = say("receipt.answer", day=day(answer.said_at, now), helped=helped)
    shown = say("receipt.shown", n=answer.shown) if answer.shown > answer.helped else ""
    way = words("link.page" if answer.title else "link.thread")
    return joined(sentence, shown, Text((Link(way, answer.url),)) if answer.url else "")
