"""What solved a question: replies that are kept, marks, presses and reviews.

A press confirms what it stands under. A person's reply counts only when it was marked itself; where
two could be meant, the bot asks which.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerReviewed,
    Inquired,
    Inquiry,
    MessageEdited,
    MessagePosted,
)
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing, reply_id
from supportbot.domain.experts import ladder
from supportbot.domain.experts.ladder import AskOutcome
from supportbot.domain.knowledge import capture, edits, teaching, votes
from supportbot.domain.knowledge.documents import document_id
from supportbot.domain.outcome import Outcome, saying, saying_alone
from supportbot.domain.recognition.acknowledgements import says_it_works
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies import notices
from supportbot.domain.replies.choices import MOST_CHOICES, choices_among
from supportbot.domain.replies.closing import (
    compose_closing_offer,
    compose_thanks,
    compose_which,
    compose_whose,
)
from supportbot.domain.replies.reply import THE_BOTS_OWN, Choice, OutgoingMessage, Reply
from supportbot.handlers.context import Context
from supportbot.store import (
    conversations,
    inbox,
    outbox,
    outbox_rows,
    places,
    question_parts,
    receipts,
)
from supportbot.store.acceptances import count_people_helped


@dataclass(frozen=True, slots=True)
class _Thread:
    """A question with all that may have solved it."""

    question: Question
    answers: tuple[Answer, ...]
    shown: tuple[str, ...]
    """Ids of the documents that the bot has shown, likeliest first."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        return choices_among(self.answers, has_shown=bool(self.shown))


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a press or a mark says that solved a question; nothing known is just closing it."""

    answer: Answer | None = None
    is_the_bots: bool = False


def keep(message: MessagePosted, question: Question, context: Context) -> Outcome:
    """Keep a reply; a trusted member's becomes knowledge, another's waits for acceptance."""
    answer = as_answer(message, question)
    thread = _thread(question, context)
    count = count_people_helped(context.tx, answer.author.member_id)
    has_spoken = outbox.has_spoken(context.tx, question.place)
    asked = context.asking.climb_of(context.tx, question).ask_of(message.author.member_id)
    now = context.now
    asks = () if asked is None else (ladder.changed(asked, AskOutcome.ANSWERED, now),)
    is_settled = (
        question.state is QuestionState.RESOLVED or capture.taught(thread.answers) is not None
    )
    if not capture.says_something(answer):
        return Outcome(answers=(answer,), asks=asks)
    # A thread that people had to themselves so far is left to them.
    answered = replace(thread, answers=(*thread.answers, answer))
    offer = _offer(answered, answer.id) if has_spoken else ()
    if is_settled:
        return Outcome(answers=(answer,), asks=asks, messages=offer)
    verdict = teaching.judge_reply(answer.author, count, context.rules)
    judged = replace(answer, standing=verdict.standing, reason=verdict.reason)
    return replace(taught_by(question, judged), asks=asks, messages=offer)


def offer_to_close(message: MessagePosted, question: Question, context: Context) -> Outcome:
    """Offer to close a question whose asker said thanks, and ask for which answer."""
    choices = choices_of(question, context)
    is_helped = question.state is QuestionState.ANSWERED or bool(choices)
    # Who thanks for being put through to somebody has nothing to close yet.
    if not (is_helped or says_it_works(message.text)):
        return Outcome()
    if context.leave_to_speak(message.author, message.place) is not Leave.FREE:
        return Outcome()
    # Named by the question: however often somebody says thanks, it is offered once.
    reply = compose_closing_offer(choices)
    return Outcome(messages=(OutgoingMessage(f"{question.id}/closing", question.place, reply),))


def choices_of(question: Question, context: Context) -> tuple[Choice, ...]:
    """Find what may have solved a question."""
    return _thread(question, context).choices


def accept(event: AnswerAccepted, context: Context) -> Outcome:
    """Let what was marked or pressed have solved a question."""
    question = _question_marked(event, context)
    thread = _thread(question, context) if question else None
    meant = _meant(event, thread, context) if thread else None
    if thread is None:
        return _word(event, notices.compose_gone())
    question = thread.question
    if question.state is QuestionState.RESOLVED:
        return _word(event, notices.compose_solved_before())
    is_asker = event.author.member_id == question.asker.member_id
    if not is_asker and not context.rules.is_maintainer(event.author):
        return _word(event, notices.compose_askers_only(question.asker))
    if meant is None:
        return _ask_which(event, thread)
    if meant.answer is None:
        return _close(event, thread, is_confirmed=meant.is_the_bots)
    return _accepted(event, thread, meant.answer, context)


def review(event: AnswerReviewed, context: Context) -> Outcome:
    """Do what a maintainer decided about an answer: show it, in whose words, or never.

    What was decided about another standing, or other words, than it has by now does not count.
    """
    question = conversations.question_in(context.tx, event.place)
    if question is None:
        return Outcome()
    answers = conversations.answers_to(context.tx, question.id)
    answer = _named(answers, event.message_id)
    if answer is None or not teaching.is_about(event, answer):
        return Outcome()
    if not event.is_accepted:
        return _not_shown(question, answer, event)
    taught = teaching.reviewed(approved(answer, question), event, redact(event.text))
    learned = taught_by(question, taught)
    return replace(learned, answers=(*_no_more(answers, taught), *learned.answers))


def review_in_chat(event: Inquired, context: Context) -> Outcome | None:
    """Take back, restore or correct what a link leads to; None where that was not meant."""
    said = teaching.read_review(event.text) if event.about is Inquiry.REVIEW else None
    if said is None or not context.rules.is_maintainer(event.author):
        return None
    answer = conversations.answer_at(context.tx, said.link, said.standing)
    question = conversations.question_of(context.tx, answer.question_id) if answer else None
    if answer is None or question is None:
        return saying(event.event_id, event.place, notices.compose_no_such_answer())
    decided = AnswerReviewed(
        event.event_id,
        question.place,
        answer.id.removeprefix(f"{question.id}/"),
        event.author,
        is_accepted=said.is_shown,
        reviewed_at=event.inquired_at,
        text=said.text,
        standings=(said.standing,),
    )
    reply = notices.compose_reviewed(is_shown=said.is_shown)
    told = saying(event.event_id, event.place, reply)
    return replace(review(decided, context), messages=told.messages)


def edit(question: Question, answer: Answer, event: MessageEdited, context: Context) -> Outcome:
    """Let an answer say what its author makes of it, as far as that needs no approval.

    The words that were approved are shown until somebody has looked at the others.
    """
    count = count_people_helped(context.tx, answer.author.member_id)
    text = redact(event.text)
    kept = teaching.edited(answer, event.author, text, count, context.rules)
    # Nothing is learned anew where the same words are shown as before.
    is_shown = kept.text != answer.text or answer.standing is not Standing.KNOWLEDGE
    return taught_by(question, kept) if is_shown else Outcome(answers=(kept,))


def asked_anew(before: Question, outcome: Outcome, context: Context) -> Outcome:
    """Unlink the answer of a question that an edit has made another one: somebody looks."""
    now = outcome.question
    if now is None:
        return outcome
    answers = conversations.answers_to(context.tx, before.id)
    answer = capture.taught(answers)
    if answer is None:
        return outcome
    approved_for = answer.asked_as or edits.fingerprint(before.text)
    if not (
        edits.is_another_question(approved_for, now.text) or edits.is_turned(before.text, now.text)
    ):
        return outcome
    reason = "its question was edited into another one"
    waits = replace(answer, standing=Standing.WAITING, reason=reason)
    return replace(
        outcome,
        documents=(),
        answers=(*outcome.answers, waits),
        unlearned=(document_id(capture.SOURCE, before.id),),
    )


def _not_shown(question: Question, answer: Answer, event: AnswerReviewed) -> Outcome:
    """Show an answer to nobody; or drop what its author has made of it, and that alone."""
    if answer.standing is Standing.KNOWLEDGE and event.is_about_edit:
        return Outcome(answers=(replace(answer, proposed=""),))
    reason = "a maintainer dropped it"
    unlearned: tuple[str, ...] = ()
    if answer.standing is Standing.KNOWLEDGE:
        reason = "a maintainer took it back"
        unlearned = (document_id(capture.SOURCE, question.id),)
    dropped = replace(answer, standing=Standing.DROPPED, reason=reason, proposed="")
    return Outcome(answers=(dropped,), unlearned=unlearned)


def _accepted(event: AnswerAccepted, thread: _Thread, answer: Answer, context: Context) -> Outcome:
    question = thread.question
    count = count_people_helped(context.tx, answer.author.member_id)
    verdict = teaching.judge_accepted(answer.author, event.author, count, context.rules)
    accepted = replace(
        approved(answer, question),
        is_accepted=True,
        standing=verdict.standing,
        reason=verdict.reason,
    )
    thanks = compose_thanks(accepted, event.author)
    learned = taught_by(replace(question, state=QuestionState.RESOLVED), accepted)
    by, at = event.author.member_id, event.accepted_at
    return replace(
        learned,
        answers=(*_no_more(thread.answers, accepted), *learned.answers),
        messages=saying(event.event_id, question.place, thanks).messages,
        votes=votes.reject(question.id, thread.shown, by, at),
    )


def _close(event: AnswerAccepted, thread: _Thread, *, is_confirmed: bool) -> Outcome:
    """Close a question that nobody's reply has solved; nothing is learned from replies."""
    question, by, at = thread.question, event.author.member_id, event.accepted_at
    return replace(
        saying(event.event_id, question.place, notices.compose_closed()),
        question=replace(question, state=QuestionState.RESOLVED),
        votes=votes.confirm(question.id, thread.shown, by, at) if is_confirmed else (),
    )


def _ask_which(event: AnswerAccepted, thread: _Thread) -> Outcome:
    """Ask what solved it: the one who pressed alone, and where they have marked it, there."""
    if not event.is_reaction:
        return saying_alone(event, compose_which(thread.choices))
    return Outcome(messages=_offer(thread, event.event_id))


def _offer(thread: _Thread, cause: str) -> tuple[OutgoingMessage, ...]:
    """Offer to say whose answer solved it, in one message that follows the answers."""
    question, choices = thread.question, thread.choices
    is_open = question.state in {QuestionState.ROUTED, QuestionState.ANSWERED}
    if not is_open or not choices or len(choices) > MOST_CHOICES:
        return ()
    reply = compose_whose(choices)
    return (OutgoingMessage(f"{cause}/whose", question.place, reply, slot=outbox_rows.WHOSE),)


def _meant(event: AnswerAccepted, thread: _Thread, context: Context) -> _Meant | None:
    """Find what solved the question; None where the bot has to ask."""
    if not event.message_id:
        # Said of the thread: what the bot has shown there, or else the only reply there is.
        return _Meant(is_the_bots=True) if thread.shown else _only(thread, or_reply=True)
    question = thread.question
    posted = outbox.posted_as(context.tx, question.place, event.message_id)
    if posted is None:
        reply = _reply_marked(thread, event.message_id, context)
        return _Meant(reply) if reply else _only(thread)
    first = reply_id(question_parts.first_key(context.tx, question))
    if thread.shown and (posted.slot == outbox_rows.FIRST or posted.message_id == first):
        return _Meant(is_the_bots=True)
    return _only(thread, or_reply=posted.slot == outbox_rows.WHOSE)


def _only(thread: _Thread, *, or_reply: bool = False) -> _Meant | None:
    """Find what the whole thread can only mean: what the bot has shown, where that is all.

    Or a single reply, where a press may stand for it.
    """
    choices = thread.choices
    if not choices or [one.message_id for one in choices] == [THE_BOTS_OWN]:
        return _Meant(is_the_bots=True)
    if or_reply and len(choices) == 1:
        return _Meant(_named(thread.answers, choices[0].message_id))
    return None


def _reply_marked(thread: _Thread, message_id: str, context: Context) -> Answer | None:
    """Find the reply that was marked, also one that had not looked like an answer.

    One that a maintainer has dropped solves nothing.
    """
    question, kept = thread.question, _named(thread.answers, message_id)
    if kept is not None:
        return None if kept.standing is Standing.DROPPED else kept
    key = question.place.message_key(message_id)
    said = inbox.as_it_stands(context.tx, key)
    if (
        said is None
        or said.place.key != question.place.key
        or said.author.member_id == question.asker.member_id
    ):
        return None
    return as_answer(said, question)


def _thread(question: Question, context: Context) -> _Thread:
    answers = conversations.answers_to(context.tx, question.id)
    return _Thread(question, answers, receipts.shown_for(context.tx, question.id))


def _question_marked(event: AnswerAccepted, context: Context) -> Question | None:
    """Find the question that was marked; a reaction does not say in which thread it is."""
    place = places.as_heard(context.tx, event.place, event.accepted_at)
    if place.thread is not None:
        return conversations.question_in(context.tx, place)
    key = place.message_key(event.message_id)
    said = inbox.as_it_stands(context.tx, key)
    thread = (
        said.place.key
        if said is not None and said.place.thread is not None
        else outbox.thread_of(context.tx, place, event.message_id) or key
    )
    answer = conversations.answer_said_in(context.tx, key)
    return conversations.question_of(context.tx, answer.question_id if answer else thread)


def as_answer(message: MessagePosted, question: Question) -> Answer:
    """Build the answer that a reply is."""
    return Answer(
        id=f"{question.id}/{message.message_id}",
        question_id=question.id,
        author=message.author,
        text=redact(message.text),
        said_at=message.posted_at,
        url=message.url,
    )


def taught_by(question: Question, answer: Answer) -> Outcome:
    """Keep an answer, with its document where it is knowledge."""
    if answer.standing is not Standing.KNOWLEDGE:
        return Outcome(question=question, answers=(answer,))
    taught = replace(answer, asked_as=answer.asked_as or edits.fingerprint(question.text))
    documents = (capture.document_from(question, taught),)
    return Outcome(question=question, answers=(taught,), documents=documents)


def approved(answer: Answer, question: Question) -> Answer:
    """Bind an approval to what an answer says now, and to what is asked now."""
    return replace(
        answer,
        approved="",
        proposed="",
        from_history=False,
        asked_as=edits.fingerprint(question.text),
    )


def _word(event: AnswerAccepted, reply: Reply) -> Outcome:
    """Answer a press that leads to nothing, alone; a ✅ asks for no answer."""
    return Outcome() if event.is_reaction else saying_alone(event, reply)


def _named(answers: Sequence[Answer], message_id: str) -> Answer | None:
    return next((a for a in answers if a.id == f"{a.question_id}/{message_id}"), None)


def _no_more(answers: Sequence[Answer], accepted: Answer) -> list[Answer]:
    """Find the other answers that do not wait any more, nor are knowledge beside a new one."""
    ended = {Standing.WAITING}
    if accepted.standing is Standing.KNOWLEDGE:
        ended.add(Standing.KNOWLEDGE)
    return [
        replace(answer, standing=Standing.GIVEN, reason="")
        for answer in answers
        if answer.id != accepted.id and answer.standing in ended
    ]
