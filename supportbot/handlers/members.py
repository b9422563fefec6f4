"""What people choose for themselves: to be forgotten, and where the bot listens."""

from dataclasses import replace

from supportbot.domain.chat.allowance import Leave
from supportbot.domain.chat.events import (
    ChannelConfigured,
    ForgetRequested,
)
from supportbot.domain.knowledge import capture, forgetting
from supportbot.domain.outcome import Outcome, saying
from supportbot.domain.replies import notices
from supportbot.handlers.context import Context
from supportbot.handlers.speaking import replying
from supportbot.store import (
    conversations,
)


def configure(event: ChannelConfigured, context: Context) -> Outcome:
    """Let a maintainer choose to what the bot listens in a channel."""
    if not context.rules.is_maintainer(event.author):
        return replying(event, notices.compose_maintainers_only(), context)
    said = replying(event, notices.compose_listening(event.listening), context)
    return replace(said, effect=event)


def forget(event: ForgetRequested, context: Context) -> Outcome:
    """Forget a member; what others answered to them stands alone from then on."""
    member_id = event.author.member_id
    documents = []
    until = event.requested_at
    asked = conversations.questions_by(context.tx, member_id, until=until)
    answered = conversations.answers_by(context.tx, member_id, until=until)
    for question in asked:
        answers = conversations.answers_to(context.tx, question.id)
        left = forgetting.others_answers(answers, question.asker)
        taught = capture.taught(left)
        if taught is not None:
            nameless = forgetting.without_asker(question)
            documents.append(capture.document_from(nameless, taught))
    reply = notices.compose_forgotten(questions=len(asked), answers=len(answered))
    outcome = saying(event.event_id, event.place, reply)
    is_spoken_to = (
        bool(event.place.channel)
        and context.leave_to_speak(event.author, event.place) is Leave.FREE
    )
    return replace(outcome if is_spoken_to else Outcome(), effect=event, documents=tuple(documents))
