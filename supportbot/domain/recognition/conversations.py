"""Tells conversations apart where no thread is marked: by time, by who talks to whom, and by words.

The weights were fitted by logistic regression on a public chat whose conversations researchers had
told apart (see docs/benchmarks.md); nothing here knows a word of it.
"""

import math
import re
import sys
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.knowledge.capture import says_something
from supportbot.domain.recognition.acknowledgements import says_it_failed
from supportbot.domain.recognition.kinds import MessageKind, recognise


def asks(message: PastMessage) -> bool:
    """Whether a message that begins a conversation is a question."""
    in_the_open = replace(message.place, thread=None)
    return recognise(_posted(message, in_the_open), None) is MessageKind.QUESTION


def gives_thanks(message: PastMessage) -> bool:
    """Whether the asker's message means that the question is solved."""
    thread = message.place.in_thread(message.place.thread or message.message_id)
    question = Question(
        thread, message.author, "", message.said_at, "", QuestionState.PAST, confidence=0.0
    )
    return recognise(_posted(message, thread), question) is MessageKind.THANKS


def says_unsolved(message: PastMessage) -> bool:
    """Whether the asker's message means that what they were told did not help."""
    return not gives_thanks(message) and says_it_failed(message.text)


def approving(message: PastMessage) -> frozenset[str]:
    """Return the member ids of those who marked a message as what solved the question."""
    return frozenset(f"{message.author.platform}:{id_}" for id_ in message.approved_by)


def refusing(message: PastMessage) -> frozenset[str]:
    """Return the member ids of those who marked a message as wrong."""
    return frozenset(f"{message.author.platform}:{id_}" for id_ in message.refused_by)


def as_answer(message: PastMessage, question_id: str) -> Answer:
    """Return a reply as an answer, in the words that it has."""
    return Answer(
        id=f"{question_id}/{message.message_id}",
        question_id=question_id,
        author=message.author,
        text=message.text,
        said_at=message.said_at,
        url=message.url,
    )


class Conversations:
    """Says to which conversation each message belongs. Give it messages in the order of time.

    It remembers the latest conversations of the channels that were talked in last, and no more,
    so a million messages take no more room than a thousand.
    """

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._channels: OrderedDict[str, _Channel] = OrderedDict()

    def place(self, message: PastMessage) -> str:
        """Return the key of the conversation's first message, which may be the message itself."""
        if message.place.thread is not None:
            return message.place.key
        key = message.place.channel_key
        channel = self._channels.pop(key, None) or _Channel()
        self._channels[key] = channel
        if len(self._channels) > _MOST_CHANNELS:
            self._channels.popitem(last=False)
        return channel.place(_read(message))


class Tally:
    """Counts what conversations hold, and keeps no word of them."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._asked: dict[str, _Asked] = {}

    def count(self, message: PastMessage, conversation: str, *, is_question: bool) -> None:
        """Count a message. Give those of one conversation in the order of time.

        Args:
            message: What was said.
            conversation: Key of the conversation's first message.
            is_question: It is that first message, and asks.
        """
        member_id = sys.intern(message.author.member_id)
        if is_question:
            self._asked[conversation] = _Asked(member_id)
        elif (asked := self._asked.get(conversation)) is not None:
            asked.hear(message, member_id)

    @property
    def questions(self) -> int:
        """Count the questions that somebody else replied to."""
        return sum(asked.has_reply for asked in self._asked.values())

    @property
    def answers(self) -> int:
        """Count the questions to which somebody else said something."""
        return sum(bool(asked.chosen) for asked in self._asked.values())

    @property
    def people(self) -> int:
        """Count those who gave these answers."""
        return len({asked.chosen for asked in self._asked.values()} - {""})


@dataclass(frozen=True, slots=True)
class Remark:
    """What of a message tells where it belongs."""

    key: str
    message_id: str
    member_id: str
    name: str
    said_at: datetime
    reply_to: str
    addressed: frozenset[str]
    """Member ids of those whom it mentions."""
    first_word: str
    words: frozenset[str]
    is_asking: bool


@dataclass(slots=True)
class Conversation:
    """What is remembered of a conversation."""

    key: str
    last_at: datetime
    last_number: int
    """How many messages the channel had when this one had its last."""
    last_by: str = ""
    is_asking: bool = False
    """Its last message asks something."""
    size: int = 0
    spoke_at: dict[str, datetime] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Member ids by what people call them, in lower case."""
    addressed: set[str] = field(default_factory=set)
    words: dict[str, None] = field(default_factory=dict)
    message_ids: dict[str, None] = field(default_factory=dict)


def features(remark: Remark, conversation: Conversation, number: int) -> tuple[float, ...]:
    """Return how a message and an open conversation stand to each other, in the order of `WEIGHTS`.

    Args:
        remark: The message.
        conversation: One that it may belong to.
        number: How many messages the channel has had.
    """
    own = conversation.spoke_at.get(remark.member_id)
    others = conversation.spoke_at.keys() - {remark.member_id}
    addressed = remark.addressed | _called(remark, conversation)
    gap = _minutes(remark.said_at, conversation.last_at)
    is_last_speaker = conversation.last_by == remark.member_id
    shared = len(remark.words & conversation.words.keys())
    return (
        math.log1p(gap),
        *(float(gap > pause) for pause in _PAUSES),
        float(own is not None),
        float(is_last_speaker),
        math.log1p(gap) if is_last_speaker else 0.0,
        math.log1p(_minutes(remark.said_at, own)) if own is not None else 0.0,
        float(bool(addressed & others)),
        float(bool(addressed) and not addressed & others),
        float(conversation.last_by in addressed and not is_last_speaker),
        float(remark.member_id in conversation.addressed),
        min(shared, _MOST_SHARED) / math.sqrt(1 + len(remark.words)),
        math.log1p(number - conversation.last_number),
        float(number == conversation.last_number),
        math.log1p(gap) if number == conversation.last_number else 0.0,
        float(conversation.size == 1 and own is None),
        float(remark.is_asking and own is None),
        float(conversation.is_asking and not is_last_speaker),
        math.log1p(conversation.size),
    )


WEIGHTS = (
    *(0.17, -0.37, -0.59, -0.96, 0.51),
    *(2.75, -1.29, 0.75, -0.53),
    *(1.15, -0.7, 0.92, 0.89),
    0.85,
    *(-2.74, 0.9, -0.56),
    *(0.0, -0.42, 0.27, 0.08),
)
"""For time, who speaks, whom they speak to, words, what was said meanwhile, and questions."""
BIAS = 0.15
THRESHOLD = -0.25
"""A message whose best conversation has less than this begins a new one."""

_Value = TypeVar("_Value")

_MOST_CHANNELS = 1_000
_MOST_OPEN = 12
"""Conversations of a channel that a message may still belong to."""
_MOST_REMEMBERED = 60
_MOST_WORDS = 30
_MOST_SHARED = 5
_PAUSES = (5.0, 15.0, 30.0, 60.0)
"""Minutes."""
_CLOSED_AFTER = 24 * 60.0
"""Minutes of silence after which a conversation is over."""
_WORD = re.compile(r"[^\W\d_][\w.+#/-]{2,}")
_FIRST = re.compile(r"\W*([\w.-]+)")
_ASKING = re.compile(r"\?(?:\s|$)")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "about after again all also although and any are because been before being but can "
        "cannot could did does doing don for from get got had has have having here how into "
        "its just know let like make may maybe might more most much need not now only other "
        "our out over really see should some something still such than thanks that the their "
        "them then there these they thing things think this those though too use used using "
        "very want was way well were what when where which while who why will with work would "
        "yeah yes you your ",
    )
)


@dataclass(slots=True)
class _Asked:
    """Who asked, and who answered."""

    asker: str
    has_reply: bool = False
    first: str = ""
    last: str = ""
    accepted: str = ""

    def hear(self, message: PastMessage, member_id: str) -> None:
        if member_id == self.asker:
            if not self.accepted and self.last and gives_thanks(message):
                self.accepted = self.last
            return
        self.has_reply = True
        if says_something(as_answer(message, "")):
            self.first = self.first or member_id
            self.last = member_id
            if not self.accepted and self.asker in approving(message):
                self.accepted = member_id

    @property
    def chosen(self) -> str:
        return self.accepted or self.first


class _Channel:
    """The conversations of one channel that may still go on, the latest last."""

    def __init__(self) -> None:
        self.open: list[Conversation] = []
        self.number = 0

    def place(self, remark: Remark) -> str:
        found = self.find(remark)
        self.add(remark, found)
        return self.open[-1].key

    def find(self, remark: Remark) -> Conversation | None:
        """Find the conversation that a message belongs to; None when it begins one."""
        going_on = (c for c in self.open if _minutes(remark.said_at, c.last_at) < _CLOSED_AFTER)
        self.open = list(going_on)
        if remark.reply_to:
            answered = (c for c in self.open if remark.reply_to in c.message_ids)
            found = next(answered, None)
            if found is not None:
                return found
        scored = [(_score(features(remark, c, self.number)), n) for n, c in enumerate(self.open)]
        best, position = max(scored, default=(-math.inf, -1))
        return self.open[position] if best >= THRESHOLD else None

    def add(self, remark: Remark, found: Conversation | None) -> None:
        """Let a message be the latest of a conversation, or begin one."""
        conversation = found or Conversation(remark.key, remark.said_at, self.number)
        if found is not None:
            self.open.remove(found)
        self.open.append(conversation)
        del self.open[:-_MOST_OPEN]
        self.number += 1
        conversation.last_number = self.number
        conversation.last_at = max(conversation.last_at, remark.said_at)
        conversation.last_by = remark.member_id
        conversation.is_asking = remark.is_asking
        conversation.size += 1
        conversation.addressed |= remark.addressed
        conversation.addressed.discard(remark.member_id)
        _remember(conversation.spoke_at, remark.member_id, remark.said_at)
        _remember(conversation.names, remark.name.casefold(), remark.member_id)
        _remember(conversation.message_ids, remark.message_id, None)
        for word in sorted(remark.words):
            _remember(conversation.words, word, None)


def _posted(message: PastMessage, place: Place) -> MessagePosted:
    return MessagePosted(
        event_id="",
        place=place,
        message_id=message.message_id,
        author=message.author,
        text=message.text,
        posted_at=message.said_at,
    )


def _score(values: Sequence[float]) -> float:
    return BIAS + sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))


def _remember(memory: dict[str, _Value], key: str, value: _Value) -> None:
    """Remember the latest few."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _MOST_REMEMBERED:
        del memory[next(iter(memory))]


def _read(message: PastMessage) -> Remark:
    author = message.author
    first = _FIRST.match(message.text)
    return Remark(
        key=message.key,
        message_id=message.message_id,
        member_id=author.member_id,
        name=author.name,
        said_at=message.said_at,
        reply_to=message.reply_to,
        addressed=frozenset(f"{author.platform}:{id_}" for id_ in message.mentions),
        first_word=first.group(1).casefold() if first else "",
        words=frozenset(_words(message.text)),
        is_asking=bool(_ASKING.search(message.text)),
    )


def _words(text: str) -> Iterator[str]:
    count = 0
    for match in _WORD.finditer(text):
        word = match.group().casefold().rstrip(".")
        if word not in _COMMON:
            yield word
            count += 1
        if count == _MOST_WORDS:
            return


def _called(remark: Remark, conversation: Conversation) -> frozenset[str]:
    """Return whom a message speaks to by beginning with their name."""
    called = conversation.names.get(remark.first_word, remark.member_id)
    return frozenset({called} - {remark.member_id})


def _minutes(later: datetime, earlier: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds() / 60)
