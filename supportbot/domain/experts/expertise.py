"""Who answers what, learned from what was said: the features of each person for a question.

Everything here is told in the order of time, and asked about a moment: what comes later cannot
change what was known then.
"""

import heapq
import math
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from supportbot.domain.chat.audiences import COMMUNITY, Audience

DAYS = (1.0, 7.0, 30.0, 180.0)
"""Half-lives of what somebody said or answered, in days."""
_OPEN = frozenset({COMMUNITY})
CANDIDATES = 200
"""How many people are looked at for a question: those who spoke most lately."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody said something. Keys are those of `Place`; times are in UTC."""

    member_id: str
    channel_key: str
    said_at: datetime
    thread: str = ""
    """Key of the conversation in which it was said; empty when it stands alone."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody was the first time of help in a question's conversation."""

    member_id: str
    asker_id: str
    channel_key: str
    question_id: str
    said_at: datetime
    question: str = ""
    """What was asked."""
    audience: Audience = COMMUNITY
    """Who may see the question."""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A message as the past tells it: that it was said, whom it helped, and who was thanked."""

    said: Utterance
    answered: Answered | None = None
    thanked: str = ""
    """Member id of the one whose answer was accepted or thanked for in it."""
    asked: str = ""
    """What was asked, where the message is a question whose words are held."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, when and where it is asked, and who may see what speaks for an expert."""

    text: str
    asker_id: str
    channel_key: str
    asked_at: datetime
    thread: str = ""
    """Key of the conversation in which it is asked, when that had begun before."""
    mentions: frozenset[str] = frozenset()
    """Member ids of the people whom it names."""
    audiences: frozenset[Audience] = frozenset({COMMUNITY})


FEATURES = (
    *(f"said in {days:g} days" for days in DAYS),
    "silent",
    *(f"said here in {days:g} days" for days in DAYS),
    "silent here",
    "said in the thread",
    "silent in the thread",
    "opened the thread",
    "answered in 30 days",
    "answered in 180 days",
    "answered here in 30 days",
    "answered here in 180 days",
    "thanked in 180 days",
    "helped the asker",
    "was helped by the asker",
    "speaks at this hour",
    "speaks on this weekday",
    "is named",
    "answered near questions",
    "answers mostly near questions",
    "answers rather than asks",
)
"""What is known of a person for a question. Counts decay and are logarithms, so are silences."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What speaks for one person on one question."""

    member_id: str
    features: tuple[float, ...]
    """In the order of `FEATURES`."""
    near: tuple[datetime, ...] = ()
    """When they answered the near questions, latest first."""
    is_newcomer: bool = False
    """They are new here and have answered well, and the question is an easy one."""


class Expertise:
    """What is known of everybody at a moment that moves on."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._said: dict[str, _Tally] = {}
        self._said_in: dict[str, dict[str, _Tally]] = {}
        self._answered: dict[str, _Tally] = {}
        self._answered_in: dict[str, dict[str, _Tally]] = {}
        self._thanked: dict[str, _Tally] = {}
        self._thanked_in: dict[str, set[str]] = {}
        self._first_said: dict[str, datetime] = {}
        self._begins: datetime | None = None
        self._helped: dict[tuple[str, str], _Tally] = {}
        self._seen_answering: dict[str, set[Audience]] = {}
        self._seen_helping: dict[tuple[str, str], set[Audience]] = {}
        self._threads: OrderedDict[str, _Thread] = OrderedDict()
        self._hours: dict[str, list[float]] = {}
        self._weekdays: dict[str, list[float]] = {}
        self._answers: dict[str, deque[tuple[datetime, str]]] = {}
        self._questions = _Questions()

    def learn(self, step: Step) -> None:
        """Take in a message, with whom it helped."""
        self.note(step.said)
        if step.answered is not None:
            self.note_answer(step.answered)
        if step.thanked:
            self.note_thanks(step.thanked, step.said.said_at, step.said.thread)

    def note(self, said: Utterance) -> None:
        """Take in that somebody said something."""
        who, moment = said.member_id, said.said_at.timestamp()
        self._begins = self._begins or said.said_at
        self._first_said.setdefault(who, said.said_at)
        _tally(self._said, who).add(moment)
        _tally(self._said_in.setdefault(said.channel_key, {}), who).add(moment)
        if said.thread:
            thread = self._threads.pop(said.thread, None) or _Thread(who)
            self._threads[said.thread] = thread
            _tally(thread.said, who).add(moment)
            if len(self._threads) > _THREADS:
                self._threads.popitem(last=False)
        self._hours.setdefault(who, [_UNSEEN] * 24)[said.said_at.astimezone(UTC).hour] += 1
        self._weekdays.setdefault(who, [_UNSEEN] * 7)[said.said_at.astimezone(UTC).weekday()] += 1

    def note_answer(self, answered: Answered) -> None:
        """Take in that somebody helped; once for each person and question."""
        self._questions.add(answered)
        if not self._questions.add_answer(
            answered.question_id, answered.member_id, answered.said_at
        ):
            return
        who, moment = answered.member_id, answered.said_at.timestamp()
        _tally(self._answered, who).add(moment)
        _tally(self._answered_in.setdefault(answered.channel_key, {}), who).add(moment)
        _tally(self._helped, (who, answered.asker_id)).add(moment)
        self._seen_answering.setdefault(who, set()).add(answered.audience)
        self._seen_helping.setdefault((who, answered.asker_id), set()).add(answered.audience)
        answers = self._answers.setdefault(who, deque(maxlen=_REMEMBERED))
        answers.append((answered.said_at, answered.channel_key))

    def note_thanks(self, member_id: str, said_at: datetime, thread: str = "") -> None:
        """Take in that somebody's answer was accepted, or thanked for."""
        _tally(self._thanked, member_id).add(said_at.timestamp())
        self._thanked_in.setdefault(member_id, set()).add(thread)

    def was_thanked(self, member_id: str, thread: str) -> bool:
        """Whether it is known that a person's answer in a conversation was a good one."""
        return thread in self._thanked_in.get(member_id, ())

    def has_answered(self, member_id: str, audiences: frozenset[Audience] = _OPEN) -> bool:
        """Whether a person ever helped where one of these audiences could see it."""
        return not audiences.isdisjoint(self._seen_answering.get(member_id, ()))

    def has_helped(
        self, member_id: str, asker_id: str, audiences: frozenset[Audience] = _OPEN
    ) -> bool:
        """Whether one person ever answered another where one of these audiences could see it."""
        return not audiences.isdisjoint(self._seen_helping.get((member_id, asker_id), ()))

    def count_good_answers(self, member_id: str, audiences: frozenset[Audience] = _OPEN) -> int:
        """Count the conversations in which a person's answer was accepted, or thanked for.

        Only those that one of these audiences could see.
        """
        threads = self._thanked_in.get(member_id, ())
        return sum(self._questions.audience_of(thread) in audiences for thread in threads)

    def count_answers(self, member_id: str, channel_key: str, *, since: datetime) -> int:
        """Count what a person answered in a channel since a moment; 200 are remembered."""
        answers = self._answers.get(member_id, ())
        return sum(at >= since and where == channel_key for at, where in answers)

    def likeness(self, question: str, others: Sequence[str]) -> list[float]:
        """Return how alike questions are by their words, 0 to 1: a rare word counts more."""
        return self._questions.likeness(question, others)

    def appraise(
        self,
        asking: Asking,
        *,
        also: Iterable[str] = (),
        may_be_asked: Callable[[str], bool] = lambda _who: True,
    ) -> list[Appraisal]:
        """Return what speaks for each person who may know: those who spoke lately, and `also`.

        Args:
            asking: The question.
            also: Member ids of people who are looked at in any case.
            may_be_asked: Leaves out the others, for whom nothing is reckoned then.
        """
        moment = asking.asked_at.timestamp()
        nearest = self._questions.nearest(asking.text, asking.audiences)
        near, is_easy = _who_answered(nearest), _is_easy(nearest)
        candidates = self._candidates(asking, moment, near, also)
        appraised = [
            self._appraise(who, asking, moment, near) for who in candidates if may_be_asked(who)
        ]
        if not is_easy:
            return appraised
        return [
            replace(one, is_newcomer=self._is_newcomer(one.member_id, asking.asked_at))
            for one in appraised
        ]

    def _is_newcomer(self, who: str, now: datetime) -> bool:
        """Hold for one who came since the record begins, and has answered little, but well."""
        first = self._first_said.get(who)
        if first is None or self._begins is None:
            return False
        is_new = now - first <= _NEW < now - self._begins
        return is_new and len(self._answers.get(who, ())) <= _LITTLE and who in self._thanked_in

    def _candidates(
        self,
        asking: Asking,
        moment: float,
        near: Mapping[str, "_Near"],
        also: Iterable[str],
    ) -> list[str]:
        lately = heapq.nsmallest(
            CANDIDATES, self._said, key=lambda who: (-self._said[who].lately(moment), who)
        )
        in_thread = self._threads.get(asking.thread, _NO_THREAD).said
        chosen = dict.fromkeys((*lately, *in_thread, *near, *also))
        chosen.pop(asking.asker_id, None)
        return [*chosen]

    def _appraise(
        self, who: str, asking: Asking, moment: float, near: Mapping[str, "_Near"]
    ) -> Appraisal:
        said = self._said.get(who, _NEVER)
        here = self._said_in.get(asking.channel_key, {}).get(who, _NEVER)
        in_thread = self._threads.get(asking.thread, _NO_THREAD)
        thread = in_thread.said.get(who, _NEVER)
        answered = self._answered.get(who, _NEVER).at(moment)
        answered_here = self._answered_in.get(asking.channel_key, {}).get(who, _NEVER).at(moment)
        counts = said.at(moment)
        votes, answers_near = near.get(who, _NOTHING_NEAR)
        asked_at = asking.asked_at.astimezone(UTC)
        features = (
            *map(math.log1p, counts),
            said.silence(moment),
            *map(math.log1p, here.at(moment)),
            here.silence(moment),
            math.log1p(thread.at(moment)[2]),
            thread.silence(moment),
            float(in_thread.opener == who),
            math.log1p(answered[2]),
            math.log1p(answered[3]),
            math.log1p(answered_here[2]),
            math.log1p(answered_here[3]),
            math.log1p(self._thanked.get(who, _NEVER).at(moment)[3]),
            math.log1p(self._helped.get((who, asking.asker_id), _NEVER).at(moment)[3]),
            math.log1p(self._helped.get((asking.asker_id, who), _NEVER).at(moment)[3]),
            _affinity(self._hours.get(who), asked_at.hour, around=True),
            _affinity(self._weekdays.get(who), asked_at.weekday(), around=False),
            float(who in asking.mentions),
            math.log1p(votes),
            votes / math.sqrt(answered[3] + 1),
            math.log1p(answered[3]) - math.log1p(counts[3]),
        )
        return Appraisal(who, features, tuple(sorted(answers_near, reverse=True)))


_DAY = 86_400.0
_LATELY = 2
"""Which of `DAYS` tells who spoke lately."""
_NEVER_MINUTES = 10 * 365 * 24 * 60.0
_UNSEEN = 0.02
"""Messages that everybody is taken to have sent at every hour and weekday."""
_REMEMBERED = 200
_NEW = timedelta(days=90)
"""How long somebody is new after the first word that was heard of them."""
_LITTLE = 10
"""Answers with which somebody is still a newcomer, at most."""


class _Tally:
    """Decaying counts of something, and when it happened last."""

    __slots__ = ("_counts", "_last")

    def __init__(self) -> None:
        self._last = -math.inf
        self._counts = (0.0,) * len(DAYS)

    def add(self, moment: float) -> None:
        self._counts = tuple(count + 1.0 for count in self.at(moment))
        self._last = max(self._last, moment)

    def at(self, moment: float) -> tuple[float, ...]:
        if self._last == -math.inf:
            return self._counts
        days = max(0.0, moment - self._last) / _DAY
        return tuple(
            count * 2.0 ** (-days / half_life)
            for count, half_life in zip(self._counts, DAYS, strict=True)
        )

    def lately(self, moment: float) -> float:
        """Return the one count of `at` that tells who spoke lately: it is asked of everybody."""
        if self._last == -math.inf:
            return self._counts[_LATELY]
        days = max(0.0, moment - self._last) / _DAY
        left: float = 2.0 ** (-days / DAYS[_LATELY])
        return self._counts[_LATELY] * left

    def silence(self, moment: float) -> float:
        minutes = min(_NEVER_MINUTES, max(0.0, moment - self._last) / 60.0)
        return math.log1p(minutes)


_NEVER = _Tally()


_Key = TypeVar("_Key")


def _tally(tallies: dict[_Key, _Tally], key: _Key) -> _Tally:
    found = tallies.get(key)
    if found is None:
        found = tallies[key] = _Tally()
    return found


@dataclass(slots=True)
class _Thread:
    """A conversation: who opened it, and who spoke in it."""

    opener: str
    said: dict[str, _Tally] = field(default_factory=dict)


_NO_THREAD = _Thread("")
_THREADS = 20_000
"""Conversations that are remembered: those in which somebody spoke last."""

_Near = tuple[float, list[datetime]]
"""How near the questions are that one person answered, added up, and when they answered."""
_NOTHING_NEAR: _Near = (0.0, [])


@dataclass(slots=True)
class _Past:
    """A question that was asked before."""

    length: int
    audience: Audience
    asked_at: datetime | None
    answers: dict[str, datetime] = field(default_factory=dict)

    @property
    def was_quick(self) -> bool:
        """Whether somebody helped within the time of an easy question."""
        if self.asked_at is None or not self.answers:
            return False
        return min(self.answers.values()) - self.asked_at <= _QUICK


class _Questions:
    """Finds past questions by their words: BM25, as Robertson & Zaragoza 2009 give it.

    Words stand in for vectors here: on the exports they were as good, they need no model, and a
    name of a module or an error code is a word.
    """

    def __init__(self) -> None:
        self._asked: dict[str, _Past] = {}
        self._postings: dict[str, list[tuple[str, int]]] = {}
        self._words = 0

    def add(self, answered: Answered) -> None:
        id_ = answered.question_id
        if id_ in self._asked:
            return
        words = Counter(_words(answered.question))
        length = sum(words.values())
        self._words += length
        self._asked[id_] = _Past(length, answered.audience, answered.asked_at)
        for word, count in words.items():
            self._postings.setdefault(word, []).append((id_, count))

    def audience_of(self, question_id: str) -> Audience:
        """Return who could see a question; the community where nothing is known of it."""
        asked = self._asked.get(question_id)
        return COMMUNITY if asked is None else asked.audience

    def add_answer(self, question_id: str, member_id: str, said_at: datetime) -> bool:
        """Whether this person had not answered it before."""
        asked = self._asked[question_id]
        if member_id in asked.answers:
            return False
        asked.answers[member_id] = said_at
        return True

    def nearest(self, text: str, audiences: frozenset[Audience]) -> list["_Nearest"]:
        """Return the nearest questions that were answered, the nearest first."""
        own = math.fsum(self._rarities(text).values())
        answered = (
            (score, id_)
            for id_, score in self._scores(text).items()
            if self._asked[id_].answers and self._asked[id_].audience in audiences
        )
        return [
            _Nearest(score, score / own, self._asked[id_])
            for score, id_ in heapq.nlargest(_NEAREST, answered)
        ]

    def likeness(self, text: str, others: Sequence[str]) -> list[float]:
        """Return the rarity that they share, over the geometric mean of what each has."""
        asked = self._rarities(text)
        found = []
        for other in others:
            theirs = self._rarities(other)
            shared = math.fsum(asked[word] for word in asked.keys() & theirs.keys())
            both = math.fsum(asked.values()) * math.fsum(theirs.values())
            found.append(min(1.0, shared / math.sqrt(both)) if both else 0.0)
        return found

    def _rarities(self, text: str) -> dict[str, float]:
        rarities = {word: self._rarity(word) for word in set(_words(text))}
        return {word: rarity for word, rarity in rarities.items() if rarity}

    def _rarity(self, word: str) -> float:
        """Return how much a word tells; 0 for one that stands in too many questions."""
        total, found = len(self._asked), len(self._postings.get(word, ()))
        if found > _COMMON * total + _FEW:
            return 0.0
        return math.log1p((total - found + 0.5) / (found + 0.5))

    def _scores(self, text: str) -> dict[str, float]:
        average = max(1.0, self._words / max(1, len(self._asked)))
        scores: dict[str, float] = {}
        for word in set(_words(text)):
            rarity = self._rarity(word)
            if not rarity:
                continue
            for id_, count in self._postings.get(word, ()):
                length = self._asked[id_].length / average
                weight = count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))
                scores[id_] = scores.get(id_, 0.0) + rarity * weight
        return scores


@dataclass(frozen=True, slots=True)
class _Nearest:
    """A past question that is near to one that is asked."""

    score: float
    share: float
    """The score, over what a question of usual length with just the same words would have."""
    past: _Past


def _who_answered(nearest: Iterable[_Nearest]) -> dict[str, _Near]:
    """Return what the people who answered the nearest questions have to show."""
    found: dict[str, _Near] = {}
    for one in nearest:
        for member_id, said_at in one.past.answers.items():
            votes, dates = found.get(member_id, _NOTHING_NEAR)
            found[member_id] = (votes + one.score / _UNIT, [*dates, said_at])
    return found


def _is_easy(nearest: Iterable[_Nearest]) -> bool:
    """Whether several people have quickly answered several questions like one that is asked."""
    quick = [one.past for one in nearest if one.share >= _LIKE_THIS and one.past.was_quick]
    people = {member_id for past in quick for member_id in past.answers}
    return len(quick) >= _EASY_QUESTIONS and len(people) >= _EASY_PEOPLE


_LIKE_THIS = 0.25
"""Share of the score from which a past question is like the one that is asked."""
_QUICK = timedelta(hours=1)
_EASY_QUESTIONS, _EASY_PEOPLE = 3, 4
"""A question is easy when so many like it were answered within an hour, by so many people."""

_K1, _B = 1.2, 0.75
_COMMON, _FEW = 0.4, 5
"""A word in more than this share of the questions, and in more than a few, tells nothing."""
_NEAREST = 20
_UNIT = 10.0
"""BM25 scores of near questions lie around this."""
_MOST_WORDS = 400
_LINK = re.compile(r"https?://\S{1,2000}")
_WORD = re.compile(r"\w[\w.\-]{1,60}\w")


def _words(text: str) -> list[str]:
    plain = _LINK.sub(" ", text[:_LONGEST].casefold())
    return [found.group() for found in _WORD.finditer(plain)][:_MOST_WORDS]


_LONGEST = 10_000
"""Characters of a question that are looked at."""


def _affinity(counts: list[float] | None, slot: int, *, around: bool) -> float:
    """Compare how much somebody speaks in a slot with an even spread; 0 for nobody known."""
    if counts is None:
        return 0.0
    here = counts[slot]
    if around:
        after = counts[(slot + 1) % len(counts)]
        here = 0.5 * here + 0.25 * counts[slot - 1] + 0.25 * after
    return math.log(here * len(counts) / sum(counts))
