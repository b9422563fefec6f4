"""A mark that is taken back: what it had said of an answer does not hold any more."""

from dataclasses import replace

from supportbot.domain.chat.events import MarkTakenBack
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.knowledge import teaching
from supportbot.domain.outcome import Outcome, TakenBack, saying
from supportbot.domain.replies.asking import compose_taken_back
from supportbot.handlers.context import Context
from supportbot.store import conversations, outbox, places
from supportbot.store.acceptances import count_people_helped


def take_back(event: MarkTakenBack, context: Context) -> Outcome:
    """Undo what a mark has led to, where it was of one who might set it.

    The mark itself is forgotten in any case, so that it may be set again.
    """
    forgotten = Outcome(effect=TakenBack(event.mark_id, event.author.member_id))
    answer, question = _marked(event, context)
    if question is None or question.state is not QuestionState.RESOLVED:
        return forgotten
    answers = conversations.answers_to(context.tx, question.id)
    count = 0
    if answer is not None:
        who = answer.author.member_id
        count = count_people_helped(context.tx, who, without=answer.id)
    accepted = [one for one in answers if one.is_accepted]
    is_what_solved_it = answer.is_accepted if answer else not accepted
    is_asker = event.author.member_id == question.asker.member_id
    may_mark = is_asker or context.rules.is_maintainer(event.author)
    if not is_what_solved_it or not may_mark:
        return forgotten
    said = saying(event.event_id, question.place, compose_taken_back(event.author))
    return replace(
        said,
        effect=TakenBack(
            event.mark_id,
            event.author.member_id,
            question,
            answer and _judged_anew(answer, count, context),
        ),
    )


def _marked(event: MarkTakenBack, context: Context) -> tuple[Answer | None, Question | None]:
    """Find the reply that was marked, and its question; of the bot's own words, that alone."""
    place = places.as_heard(context.tx, event.place, event.taken_back_at)
    answer = conversations.answer_said_in(context.tx, place.message_key(event.message_id))
    if answer is not None:
        return answer, conversations.question_of(context.tx, answer.question_id)
    thread = outbox.thread_of(context.tx, place, event.message_id)
    return None, conversations.question_of(context.tx, thread) if thread else None


def _judged_anew(answer: Answer, people_helped: int, context: Context) -> Answer:
    verdict = teaching.judge_reply(answer.author, people_helped, context.rules)
    return replace(answer, is_accepted=False, standing=verdict.standing, reason=verdict.reason)
