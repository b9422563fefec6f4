"""What a message is: a question, a reply to one, thanks, or chatter.

Three small logistic models over readable features (`recognition_features`) say how likely a message
asks, solves and answers. They were fitted on messages of five communities that were read for it;
docs/benchmarks.md has the figures.
"""

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.places import direct_to
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.chat.quotations import own_or_quoted
from supportbot.domain.recognition import weights as recognition_model
from supportbot.domain.recognition.acknowledgements import Verdict, is_acknowledgement, verdict_of
from supportbot.domain.recognition.features import Features, asking_features, reply_features
from supportbot.domain.recognition.trouble import Trouble, trouble_told

ASKS: Final = 0.5
"""A message in the open is a question from this probability on.

All four thresholds were chosen on the messages that the models were fitted on, each community
judged by models that had not seen it: here 84 % of what was called a question was one.
"""
MAY_ASK: Final = 0.3
"""From here on it may be one, and the bot offers to find somebody: 6 % of questions lie below."""
SOLVES: Final = 0.5
"""What the asker says means "solved" from here on: four of five times it did."""
ANSWERS: Final = 0.25
"""What others say is no answer below: in doubt a reply is kept, since the asker may accept it."""


class MessageKind(StrEnum):
    """What a message means to the bot."""

    QUESTION = "question"
    MAYBE_QUESTION = "maybe question"
    """It may ask for help: the bot offers to find somebody."""
    FAINT = "faint"
    """It may tell of trouble, or be talk: it is a question where something is known about it."""
    FOLLOW_UP = "follow-up"
    """The asker says that it is not solved, or asks on."""
    FURTHER_QUESTION = "further question"
    """The asker of a question that is solved asks the next one in its thread."""
    ANSWER = "answer"
    THANKS = "thanks"
    """The asker thanks, or says that it is solved."""
    UNCLEAR = "unclear"
    """The asker says something else: it disturbs nobody."""
    CALLED = "called"
    """Somebody calls the bot into a thread that it does not follow."""
    PICTURE = "picture"
    """A picture without a word, where somebody may ask."""
    RECORDING = "recording"
    """The same with a voice message, or a film."""
    FILE = "file"
    """Another file that is not read, without a word, for the bot."""
    CHATTER = "chatter"
    FORGET_ME = "forget me"


def recognise(message: MessagePosted, question: Question | None) -> MessageKind:
    """Return what a message is.

    Args:
        message: What was posted.
        question: The question whose thread the message is in, if any.
    """
    if message.is_addressed and _FORGET_ME.fullmatch(message.text):
        return MessageKind.FORGET_ME
    if question is None:
        return _recognise_in_the_open(message)
    if message.author.member_id != question.asker.member_id:
        is_answer = answers_probability(message.text) >= ANSWERS
        return MessageKind.ANSWER if is_answer else MessageKind.CHATTER
    asks = asks_probability(message.text) >= ASKS
    if question.state is QuestionState.RESOLVED and asks:
        return MessageKind.FURTHER_QUESTION
    solves = solves_probability(message.text) >= SOLVES
    return _VERDICTS[verdict_of(message.text, solves=solves, asks=asks)]


class Known(StrEnum):
    """What is known about a message: evidence that somebody may want it."""

    STRONGLY = "strongly"
    """A document or an answer matches so well that it would be the answer."""
    PERHAPS = "perhaps"
    """Something may help."""
    BY_SOMEBODY = "by somebody"
    """It is near the topic that a member declared."""
    NOT = "not"


def weighed(kind: MessageKind, known: Known) -> MessageKind:
    """Decide what a message is whose wording leaves that open, by what is known about it.

    What may ask is a question where something is known; it stays open where nothing is, or where
    what was found only may help. What may also be talk is a question only on a strong match, and
    may be one where somebody knows about it.
    """
    match kind, known:
        case MessageKind.MAYBE_QUESTION | MessageKind.FAINT, Known.STRONGLY:
            return MessageKind.QUESTION
        case MessageKind.MAYBE_QUESTION, Known.BY_SOMEBODY:
            return MessageKind.QUESTION
        case MessageKind.FAINT, Known.BY_SOMEBODY:
            return MessageKind.MAYBE_QUESTION
        case MessageKind.FAINT, _:
            return MessageKind.CHATTER
        case _:
            return kind


def asks_probability(text: str, *, is_to_somebody: bool = False) -> float:
    """Return how likely a message in the open asks the group for help.

    Args:
        text: What it says.
        is_to_somebody: It begins with a person's name. Any other name that it begins with, such as
            `@Helpers` or `@here`, calls a group, and is no word of it.
    """
    said = text if is_to_somebody else _CALLS.sub("", text)
    if not has_words(said):
        return 0.0
    return _probability(recognition_model.ASKS, asking_features(own_or_quoted(said)))


def solves_probability(text: str) -> float:
    """Return how likely an asker means by this that the question is solved.

    Only by words of their own: another's thanks that they pass on solve nothing.
    """
    return _probability(recognition_model.SOLVED, reply_features(text))


def answers_probability(text: str) -> float:
    """Return how likely another's reply is meant to help, and does not ask back or join in."""
    return _probability(recognition_model.ANSWERS, reply_features(own_or_quoted(text)))


def has_words(text: str) -> bool:
    """Whether there is anything to search for."""
    return any(character.isalnum() for character in text)


_VERDICTS: Final[Mapping[Verdict, MessageKind]] = {
    Verdict.SOLVED: MessageKind.THANKS,
    Verdict.UNSOLVED: MessageKind.FOLLOW_UP,
    Verdict.UNCLEAR: MessageKind.UNCLEAR,
}
_FORGET_ME = re.compile(
    r"\W*(?:(?:please\W+)?forget\s+me(?:\W+please)?|(?:bitte\W+)?vergiss\s+mich(?:\W+bitte)?)\W*",
    re.IGNORECASE,
)


def _recognise_in_the_open(message: MessagePosted) -> MessageKind:
    is_call = message.is_addressed or not message.is_broadcast
    if message.place.thread is not None and is_call:
        if not message.is_addressed:
            return MessageKind.CHATTER
        # Who is alone with the bot calls it into nothing: they ask, in whatever thread.
        if not direct_to(message.place):
            return MessageKind.CALLED
    if not has_words(_FILE.sub("", message.text)):
        return _recognise_without_words(message)
    if message.is_addressed:
        is_empty = is_acknowledgement(message.text)
        return MessageKind.CHATTER if is_empty else MessageKind.QUESTION
    return _recognise_unaddressed(message)


def _recognise_unaddressed(message: MessagePosted) -> MessageKind:
    names = tuple(f"@{one.name}" for one in message.mentions)
    is_to_somebody = message.text.lstrip().startswith(names)
    probability = asks_probability(message.text, is_to_somebody=is_to_somebody)
    trouble = trouble_told(message.text)
    if probability >= ASKS or trouble is Trouble.PLAIN:
        return MessageKind.QUESTION
    is_asked = not is_to_somebody and _ends_asking(message.text)
    if probability >= MAY_ASK:
        return MessageKind.MAYBE_QUESTION
    return MessageKind.FAINT if is_asked or trouble is Trouble.FAINT else MessageKind.CHATTER


_FEWEST_WORDS: Final = 5


def _ends_asking(text: str) -> bool:
    """Whether somebody ends with a question mark: they may wait, whatever it reads like."""
    asked = text.rstrip(" \t\n)*_~'\"").endswith(("?", "\uff1f", "\u061f"))
    return (
        asked
        and not text.lstrip().startswith("@")
        and len(text.split(None, _FEWEST_WORDS)) >= _FEWEST_WORDS
    )


def _recognise_without_words(message: MessagePosted) -> MessageKind:
    if message.recordings:
        return MessageKind.RECORDING
    if message.pictures:
        return MessageKind.PICTURE
    return MessageKind.FILE if message.files and message.is_addressed else MessageKind.CHATTER


_CALLS = re.compile(r"^(?:\s*@[\w-]+[\s,:]*)+")
_FILE = re.compile(r"\[file: [^\]\n]*\]")
"""How adapters name a file that is not read."""


def _probability(weights: Mapping[str, float], seen: Features) -> float:
    total = weights["always"] + sum(weights.get(name, 0.0) * much for name, much in seen.items())
    return 1 / (1 + math.exp(-total))
