"""How long a question waits before others are asked: as long as this group usually takes.

The time until the first answer is estimated with the product limit (Kaplan and Meier,
"Nonparametric estimation from incomplete observations", JASA 53, 1958): a question that nobody has
answered yet says that it took at least until now, and is not left out. What is told is the time by
which 70 % of those that are answered at all were answered. The part of the day and of the week in
which a question is asked has its own curve, drawn to that of the whole where it rests on little.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from supportbot.domain.experts.availability import zone_of
from supportbot.domain.experts.ladder import LadderRules

ENOUGH: Final = 20
"""First answers under which nothing is said of a group, or of a part of its day."""
DEFAULT: Final = timedelta(hours=2)
"""What is waited where too little is known."""
SHARE: Final = 0.7
"""Of the questions that are answered at all, so many were answered by then."""
_RULES = LadderRules()
LONGEST_SEEN: Final = timedelta(days=14)
"""An answer that comes later is not waited for, and counts as none."""


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """When a question was asked, and after how many seconds it was answered first."""

    asked_at: datetime
    seconds: float
    is_answered: bool = True
    """Otherwise it has stood for so long without an answer."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long others wait to be asked."""

    time: timedelta
    usually: str = ""
    """The part of the day and week at which the group usually answers within it, such as `weekday
    mornings`; empty where that was not measured."""


def first_answer(asked_at: datetime, answered_at: datetime | None, now: datetime) -> FirstAnswer:
    """Return how long a question took, or has stood without an answer."""
    seconds = ((answered_at or now) - asked_at).total_seconds()
    longest = LONGEST_SEEN.total_seconds()
    is_answered = answered_at is not None and seconds <= longest
    return FirstAnswer(asked_at, max(0.0, min(seconds, longest)), is_answered)


def wait_for(
    first_answers: Sequence[FirstAnswer], now: datetime, rules: LadderRules = _RULES
) -> Wait:
    """Return how long a question that is asked now waits before others are asked."""
    if sum(one.is_answered for one in first_answers) < ENOUGH:
        return Wait(_within(DEFAULT, rules))
    part = part_of(now, rules.timezone)
    same = [one for one in first_answers if part_of(one.asked_at, rules.timezone) == part]
    whole, own = _Curve(first_answers), _Curve(same)
    answered = sum(one.is_answered for one in same)
    seconds = _quantile(own, whole, answered)
    usual = timedelta(seconds=seconds)
    is_told = answered >= ENOUGH and usual <= rules.longest_wait
    return Wait(_within(usual, rules), part if is_told else "")


def part_of(moment: datetime, timezone: str) -> str:
    """Name the part of the day and week in a group's zone, such as `weekday mornings`."""
    local = moment.astimezone(zone_of(timezone))
    day = "weekend" if local.weekday() >= _SATURDAY else "weekday"
    return f"{day} {_PARTS[local.hour // 6]}"


class _Curve:
    """The share of questions that were answered by a time, by the product limit."""

    def __init__(self, first_answers: Sequence[FirstAnswer]) -> None:
        self.times: list[float] = []
        self.shares: list[float] = []
        left, unanswered = len(first_answers), 1.0
        ordered = sorted(first_answers, key=lambda one: one.seconds)
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end].seconds == ordered[start].seconds:
                end += 1
            answers = sum(one.is_answered for one in ordered[start:end])
            if answers:
                unanswered *= 1 - answers / left
                self.times.append(ordered[start].seconds)
                self.shares.append(1 - unanswered)
            left -= end - start
            start = end

    def by(self, seconds: float) -> float:
        """Return the share, of those answered at all, that were answered by then."""
        at = bisect_right(self.times, seconds)
        return self.shares[at - 1] / self.shares[-1] if at else 0.0


def _quantile(own: _Curve, whole: _Curve, answered: int) -> float:
    """Return the time by which the share was answered; the whole counts as much as `ENOUGH`."""
    weight = answered / (answered + ENOUGH)
    low, high = 0, len(whole.times) - 1
    while low < high:
        middle = (low + high) // 2
        at = whole.times[middle]
        share = (1 - weight) * whole.by(at) + (weight * own.by(at) if answered else 0.0)
        if share >= SHARE:
            high = middle
        else:
            low = middle + 1
    return whole.times[low]


def _within(time: timedelta, rules: LadderRules) -> timedelta:
    """Round up to what people say, between the shortest and the longest."""
    minutes = time.total_seconds() / 60
    step = next((step for limit, step in _STEPS if minutes <= limit), 60)
    rounded = timedelta(minutes=ceil(minutes / step) * step)
    return max(rules.shortest_wait, min(rules.longest_wait, rounded))


_STEPS = ((60, 5), (120, 30))
"""Up to an hour in steps of five minutes, up to two of half an hour."""


_PARTS = ("nights", "mornings", "afternoons", "evenings")
_SATURDAY = 5
