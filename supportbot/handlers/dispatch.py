"""What happens for each kind of event: read this first.

A handler reads, searches and decides. What it wants done comes back as an `Outcome`, which the
worker stores in one transaction.
"""

from dataclasses import replace
from typing import assert_never

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AnswerReviewed,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    ForgetRequested,
    HelpRequested,
    Inquired,
    LinkRequested,
    MarkTakenBack,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
    ProfileChanged,
    QuestionClaimed,
    QuestionDue,
    QuestionPassed,
    QuestionShared,
    TopicRefused,
    with_roles_held_there,
)
from supportbot.domain.chat.places import direct_to, is_home
from supportbot.domain.outcome import Outcome
from supportbot.handlers import (
    acceptance,
    bursts,
    identities,
    ladder,
    members,
    messages,
    pages,
    questions,
    withdrawal,
)
from supportbot.handlers.context import Context
from supportbot.handlers.speaking import short_word, word_over_the_limit


def handle(event: Event, context: Context) -> Outcome:
    """Say what an event leads to.

    Args:
        event: What happened.
        context: What is known now.

    Raises:
        EmbeddingError: The model failed.
    """
    event = with_roles_held_there(event)
    outcome = _handle(event, context)
    if outcome.messages:
        return outcome
    if _was_typed_alone(event):
        return replace(outcome, messages=short_word(event, context))
    if _was_pressed(event):
        is_noted = outcome != Outcome()
        return replace(outcome, messages=word_over_the_limit(event, context, is_noted=is_noted))
    return outcome


def _handle(  # noqa: C901, PLR0911, PLR0912 - one for each kind of event
    event: Event, context: Context
) -> Outcome:

    match event:
        case MessagePosted():
            return messages.handle(event, context)
        case MessageEdited():
            return messages.handle_edit(event, context)
        case AnswerAccepted():
            return acceptance.accept(event, context)
        case MarkTakenBack():
            return withdrawal.take_back(event, context)
        case AnswerReviewed():
            return acceptance.review(event, context)
        case ForgetRequested():
            return members.forget(event, context)
        case HelpRequested():
            return questions.ask_for_help(event, context)
        case AnswerRejected():
            return questions.ask_people_after_all(event, context)
        case QuestionShared():
            return questions.share(event, context)
        case ChannelConfigured():
            return members.configure(event, context)
        case QuestionClaimed():
            return ladder.claim(event, context)
        case QuestionPassed():
            return ladder.pass_on(event, context)
        case TopicRefused():
            return ladder.refuse(event, context)
        case ProfileChanged():
            return ladder.describe(event, context)
        case Inquired():
            return acceptance.review_in_chat(event, context) or pages.show(event, context)
        case LinkRequested():
            return identities.link(event, context)
        case QuestionDue():
            return ladder.do_what_is_due(event, context)
        case MessageDeleted():
            return bursts.delete(event, context)
        case PlaceDeleted() | AskingEnded() | MemberLeft() | MemberJoined():
            return Outcome(effect=event)
        case PlaceChanged() | ChannelsListed():
            return Outcome()  # the worker notes how places are, whatever the event
        case _:
            assert_never(event)


def _was_typed_alone(event: Event) -> bool:
    """Whether somebody waits alone for a word of the bot, as after a command."""
    match event:
        case MessagePosted():
            return event.is_command
        case Inquired():
            return bool(direct_to(event.place)) and not is_home(event.place)
        case ProfileChanged() | LinkRequested():
            return bool(direct_to(event.place))
        case _:
            return False


def _was_pressed(event: Event) -> bool:
    """Whether somebody has pressed something, and sees that nothing happens."""
    return isinstance(
        event,
        AnswerRejected
        | ChannelConfigured
        | HelpRequested
        | QuestionClaimed
        | QuestionPassed
        | TopicRefused,
    )
