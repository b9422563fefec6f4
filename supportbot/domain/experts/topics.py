"""Who knows what: read from who answered what, and told in true sentences."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.domain.chat.questions import Answer, Question, Standing
from supportbot.domain.experts.declared import Declared
from supportbot.domain.knowledge.capture import says_something
from supportbot.domain.language.catalogue import day, listed, say, words
from supportbot.domain.language.texts import Name, Said, joined

_MOST_TOPICS = 10
_ENOUGH, _ASKERS = 3, 2
"""Answered questions, and people who asked them, that make a topic."""
_CHANCE = 0.01
"""The most likely that a topic of one person may be by chance, given what they answer of all."""
_HALF_LIFE = 365.0
"""Days after which an answer counts half."""
_ABOUT = 0.5
"""The part of what a topic's words tell that a thread has to hold."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with its replies, oldest first."""

    question: Question
    replies: tuple[Answer, ...] = ()
    was_shown_something: bool = False
    """Whether the bot quoted anything in it."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Return the replies that answer: by others, and accepted or saying something."""
        asker_id = self.question.asker.member_id
        return tuple(
            reply
            for reply in self.replies
            if reply.author.member_id != asker_id and (reply.is_accepted or says_something(reply))
        )


@dataclass(frozen=True, slots=True)
class Knower:
    """A person who knows about a topic, or who answers at all, with what speaks for it."""

    name: str
    member_ids: tuple[str, ...]
    answers: int = 0
    """Questions that they answered: those on the topic, where there is one."""
    accepted: int = 0
    last: datetime | None = None
    """When they answered the last of these."""
    says: tuple[str, ...] = ()
    """The topics that were declared, where one of them is meant."""
    topic: str = ""

    @property
    def reason(self) -> Said:
        """Say in one true sentence why they are named."""
        topics = listed([Name(one) for one in self.says])
        said = say("knows.says", topics=topics) if self.says else ""
        if self.last is None:
            return said
        key = "knows.answered_about" if self.topic else "knows.answered"
        answered = say(key, n=self.answers, day=day(self.last))
        accepted = ""
        if self.accepted:
            is_one = self.answers == 1
            accepted = words("knows.accepted_one" if is_one else "knows.accepted", n=self.accepted)
        return joined(answered, accepted, said, between="; ")


@dataclass(frozen=True, slots=True)
class SoleTopic:
    """What was asked about repeatedly, and always answered by one and the same person."""

    topic: str
    name: str
    answers: int
    has_left: bool = False
    """Whether that person is not there any more."""


def who_knows(
    threads: Sequence[Thread],
    topic: str = "",
    *,
    declared: Collection[Declared] = (),
    gone: Collection[str] = (),
    now: datetime,
) -> list[Knower]:
    """Return who knows about a topic, or who answers most when there is none; the best first.

    A thread is about a topic when it holds at least half of what its words tell, where a rare
    word tells more. An answer counts half after a year, and a quarter after two.

    Args:
        threads: What everybody may see.
        topic: Some words; empty for all that was answered.
        declared: What was said in the settings, or by people themselves. On a topic, it counts
            like one answer of today.
        gone: Member ids of those who are not there any more.
        now: The moment from which the age of an answer is counted.
    """
    wanted = frozenset(content_words(topic))
    tallies: dict[str, _Tally] = {}
    names = {member_id: one for one in declared for member_id in one.member_ids}
    about = _threads_about(threads, wanted) if topic else threads
    for thread in about:
        for answer in _first_of_each(thread.answers):
            who = answer.author.member_id
            key = names[who].name if who in names else who
            if who not in gone:
                tallies.setdefault(key, _Tally()).add(answer, now)
    for one in declared:
        is_meant = not topic or any(wanted & set(content_words(said)) for said in one.topics)
        if is_meant and not set(one.member_ids) <= set(gone):
            tally = tallies.setdefault(one.name, _Tally())
            tally.name, tally.says, tally.member_ids = one.name, one.topics, one.member_ids
            tally.weight += bool(topic)
    ordered = sorted(tallies.items(), key=lambda item: (-item[1].weight, item[1].name, item[0]))
    return [replace(tally.knower(), topic=topic) for _, tally in ordered]


def sole_topics(threads: Sequence[Thread], *, gone: Collection[str] = ()) -> tuple[SoleTopic, ...]:
    """Find what only one person has answered, however often it was asked.

    A topic is a word, or two words in a row, of at least three answered questions that two or
    more people asked. It is told only where that would hardly be chance: somebody who answers
    half of everything is bound to be the only one for many a word.
    """
    answered = [(thread, _solvers(thread)) for thread in threads if thread.answers]
    names = {a.author.member_id: a.author.name for thread, _ in answered for a in thread.answers}
    shares = Counter(who for _, people in answered for who in people)
    found: dict[str, set[int]] = {}
    written: dict[str, str] = {}
    for number, (thread, _) in enumerate(answered):
        for term, as_written in _terms(thread.question.text):
            found.setdefault(term, set()).add(number)
            written.setdefault(term, as_written)
    chosen: list[SoleTopic] = []
    told: set[int] = set()
    for term, numbers in sorted(found.items(), key=_most_and_longest):
        people = {who for number in numbers for who in answered[number][1]}
        askers = {answered[number][0].question.asker.member_id for number in numbers}
        if len(numbers) < _ENOUGH or len(people) > 1 or len(askers) < _ASKERS:
            continue
        (who,) = people
        by_chance = (shares[who] / len(answered)) ** len(numbers)
        if by_chance <= _CHANCE and len(numbers & told) * 2 <= len(numbers):
            told |= numbers
            chosen.append(SoleTopic(written[term], names[who], len(numbers), who in gone))
    return tuple(chosen[:_MOST_TOPICS])


def content_words(text: str) -> list[str]:
    """Return the words of a text that tell what it is about, in order, and without endings."""
    return [word for word, _ in _words(text)]


class _Tally:
    """What speaks for one person."""

    def __init__(self) -> None:
        self.name = ""
        self.member_ids: tuple[str, ...] = ()
        self.says: tuple[str, ...] = ()
        self.weight = 0.0
        self._answers = 0
        self._accepted = 0
        self._last: datetime | None = None

    def add(self, answer: Answer, now: datetime) -> None:
        self._answers += 1
        self._accepted += answer.is_accepted
        age = max(0.0, (now - answer.said_at).total_seconds()) / 86_400
        self.weight += 0.5 ** (age / _HALF_LIFE)
        if self._last is None or answer.said_at >= self._last:
            self._last, self.name = answer.said_at, answer.author.name
        if answer.author.member_id not in self.member_ids:
            self.member_ids = (*self.member_ids, answer.author.member_id)

    def knower(self) -> Knower:
        return Knower(
            self.name, self.member_ids, self._answers, self._accepted, self._last, self.says
        )


def _threads_about(threads: Sequence[Thread], wanted: Collection[str]) -> list[Thread]:
    """Choose the threads that hold enough of the wanted words, in the question or an answer."""
    held = [_held(thread, wanted) for thread in threads]
    known = Counter(word for words in held for word in words)
    tells = {word: math.log1p(len(threads) / (known[word] + 1)) for word in wanted}
    least = _ABOUT * sum(tells.values())
    return [
        thread
        for thread, words in zip(threads, held, strict=True)
        if words and sum(tells[word] for word in words) >= least
    ]


def _held(thread: Thread, wanted: Collection[str]) -> set[str]:
    texts = (thread.question.text, *(answer.text for answer in thread.answers))
    return {word for text in texts for word in content_words(text) if word in wanted}


def _first_of_each(answers: Sequence[Answer]) -> list[Answer]:
    """Return one answer of each person: the accepted one, else the first."""
    found: dict[str, Answer] = {}
    for answer in answers:
        known = found.get(answer.author.member_id)
        if known is None or (answer.is_accepted and not known.is_accepted):
            found[answer.author.member_id] = answer
    return list(found.values())


def _solvers(thread: Thread) -> frozenset[str]:
    """Say whose answer solved a question; where nobody said, each that was given may have."""
    answers = thread.answers
    accepted = [answer for answer in answers if answer.is_accepted]
    learned = [answer for answer in answers if answer.standing is Standing.KNOWLEDGE]
    return frozenset(answer.author.member_id for answer in accepted or learned or answers)


def _terms(text: str) -> Iterator[tuple[str, str]]:
    """Yield the content words of a question's beginning, and each two in a row, also as written."""
    words = _words(text[:_BEGINNING])
    yield from words
    for (one, one_written), (two, two_written) in itertools.pairwise(words):
        if one != two:
            yield f"{one} {two}", f"{one_written} {two_written}"


def _most_and_longest(item: tuple[str, set[int]]) -> tuple[int, int, str]:
    term, numbers = item
    return -len(numbers), -len(term), term


def _words(text: str) -> list[tuple[str, str]]:
    """Return the content words of a text: in one form, and as they are written there."""
    plain = _NOT_WORDS.sub(" ", text[:_LONGEST].casefold())
    found = (match.group() for match in _WORD.finditer(plain))
    return [(_stem(word), word) for word in found if _tells(word)]


def _tells(word: str) -> bool:
    is_common = word in _COMMON or (word.endswith("s") and word[:-1] in _COMMON)
    return _SHORTEST <= len(word) <= _LONGEST_WORD and not (is_common or word.isdecimal())


def _stem(word: str) -> str:
    """Take off an English ending, so that `closing` is `closed`; wrong alike for every text."""
    stem = next((word.removesuffix(end) for end in _ENDINGS if word.endswith(end)), word)
    return stem if len(stem) >= _SHORTEST_STEM and not word.endswith("ss") else word


_LONGEST, _BEGINNING = 10_000, 150
"""Characters of a text that are looked at, and of a question that say what it is about."""
_SHORTEST, _LONGEST_WORD, _SHORTEST_STEM = 2, 40, 3
_ENDINGS = ("ings", "ing", "ed", "es", "s", "e")
_NOT_WORDS = re.compile(r"https?://\S{1,2000}|<[@#!][^>]{1,200}>|:[a-z0-9_+\-]{2,40}:|\[code\]")
"""Addresses, mentions, channels, emoji by name, and what stands for code."""
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+(?:'[^\W_]+)?")
_COMMON_ENGLISH = """
able about above after again against all almost alone along already also although
alway am among an and another any anybody anyone anything anyway are aren't around as
ask asked asking at away back bad be because become been before behind being below
best better between both bug but by call came can can't cannot case cause change come
correct could couldn't day did didn't different do doe doesn't doing don don't done
down each easy either else enough error especially etc even ever every everyone
everything example except fail failed failing far few find fine first fix follow
following for found from get getting give given go goe going gone good got great guy
ha had hadn't hard has hasn't have haven't having he hello help her here hey hi him
hint his hour how however i'd i'll i'm i've idea if in instead into is isn't issue it
it' its itself just keep kind know last later least les less let like line little long
look looking lot made make making many matter may maybe me mean might mine minute more
morning most much must my myself name need new next nice no nobody none not note
nothing now of off often ok okay old on once one only onto or other our out over own
part people per perhap please plz point possible problem properly put question quick
quite rather read really reason right run running said same saw say see seem seen set
several shall she should shouldn't show similar simple simply since so some somebody
somehow someone something sometime somewhere soon sorry still stuff such suggest
suggestion sure take team tell than thank that that' the their them then there there'
these they thi thing thing' think those though through time tip to today together told
too trie tried try trying two under understand until up upon us use used using usually
ve version very via wa wait want wanted was wasn't way we we're week well went were
what what' when where whether which while who whole whose why will wish with within
without won't wonder wondering word work worked working would wouldn't write wrong
year yes yesterday yet you you're your
"""
_COMMON = frozenset(_COMMON_ENGLISH.split())
"""Words that tell nothing of what a question is about, also with an s."""
