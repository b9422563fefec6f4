"""What a message is: a question, a reply to one, thanks, or chatter."""

import re
from enum import StrEnum

from supportbot.domain.events import MessagePosted
from supportbot.domain.questions import Question


class MessageKind(StrEnum):
    """What a message means to the bot."""

    QUESTION = "question"
    FOLLOW_UP = "follow-up"
    ANSWER = "answer"
    THANKS = "thanks"
    CHATTER = "chatter"
    FORGET_ME = "forget me"


def recognise(message: MessagePosted, question: Question | None) -> MessageKind:
    """Say what a message is.

    Args:
        message: What was posted.
        question: The question whose thread the message is in, if any.
    """
    if message.is_addressed and _FORGET_ME.fullmatch(message.text):
        return MessageKind.FORGET_ME
    if question is None:
        return _recognise_in_the_open(message)
    if message.author.member_id != question.asker.member_id:
        return MessageKind.ANSWER
    return MessageKind.THANKS if _is_thanks(message.text) else MessageKind.FOLLOW_UP


def has_words(text: str) -> bool:
    """Say whether there is anything to search for."""
    return any(character.isalnum() for character in text)


_ASKING = re.compile(
    r"""\?(?:\s|$)
    | ^(?:hi|hello|hey)?[\s,!]*(?:(?:all|everyone|folks|team)[\s,!]*)?
      (?:how|what|why|where|when|which|who|is\ there|are\ there|does\ any|do\ any|has\ any
        |can\ (?:i|we|you|some|any)|could\ (?:you|some|any)|should\ (?:i|we)|any(?:one|body)\b)
    | \b(?:need|looking\ for|appreciate)\s+(?:some\s+|any\s+)?(?:help|advice|hints?)\b
    | \bany\s+(?:ideas?|hints?|suggestions?|pointers?)\b
    | \bhow\ (?:do|can|to|should)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|cheers|that (?:worked|works|helped|did it|solved it)|solved)\b",
    re.IGNORECASE,
)
_FORGET_ME = re.compile(r"\W*(?:please\W+)?forget\s+me(?:\W+please)?\W*", re.IGNORECASE)
_NO_THANKS = re.compile(r"\bin advance\b|\?\s*$|\bnot\b|n[’']t\b", re.IGNORECASE)


def _recognise_in_the_open(message: MessagePosted) -> MessageKind:
    if not has_words(message.text) or message.place.thread is not None:
        return MessageKind.CHATTER
    if message.is_addressed or _ASKING.search(message.text):
        return MessageKind.QUESTION
    return MessageKind.CHATTER


def _is_thanks(text: str) -> bool:
    return bool(_THANKS.search(text)) and not _NO_THANKS.search(text)
