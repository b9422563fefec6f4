"""How a community's own votes correct the probability that it was promised."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from supportbot.domain.knowledge.assurance import assured_threshold
from supportbot.domain.knowledge.votes import Judged

ENOUGH = 50
"""Votes from which they correct what is promised; with fewer, the shipped calibration counts."""
MANY = 300
"""Votes from which the community's own answer threshold may also be lower than the shipped one."""
PRECISION = 0.9
"""What share of answers must be right."""
ASSURANCE = 0.95
NEVER = math.inf
"""The answer threshold at which nothing is given as the answer, and all is only suggested."""

# How far a community may be from the shipped calibration, as a normal prior in log-odds. Of what
# was tried, these were off by no more than 0.035 with 300 votes and by 0.04 with 50 where
# the shipped calibration was right (tests/domain/knowledge/test_recalibration.py,
# docs/decisions.md).
_SPREAD_OF_INTERCEPT, _SPREAD_OF_SLOPE = 0.5, 0.25
_FLATTEST = 0.2
"""A likelier match stays likelier, whatever the votes say."""
_LONGEST_STEP = 1.0
_MOST_STEPS = 50
_CLOSE_ENOUGH = 1e-9
_NEAREST_TO_CERTAIN = 1e-6

_LATELY = 100
"""Answers over which it is looked whether they are still confirmed as promised."""
_FEWEST = 20
"""Answers below which that is not looked at."""
_CHANCE_OF_ALARM = 0.01
MOST_EACH = 5
"""Votes of one person that count, the latest: 50 votes are of ten people, and 20 of four."""
_AROUND, _TO_SAY = 0.05, 30
"""Votes within so much of a confidence are those around it; from so many on it is said."""


@dataclass(frozen=True, slots=True)
class Correction:
    """From the probability of the shipped calibration to the community's own: a line in log-odds.

    Source: Platt 1999, "Probabilistic outputs for support vector machines", with a normal prior
    around no correction at all.
    """

    intercept: float = 0.0
    slope: float = 1.0

    def apply(self, chance: float) -> float:
        """Return the corrected probability, 0 to 1, of one that the shipped calibration gave."""
        if self == IDENTITY:
            return chance
        return _probability(self.intercept + self.slope * _log_odds(chance))


IDENTITY = Correction()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How often members have confirmed what reached them with about one confidence."""

    times: int
    of: int

    @property
    def in_hundred(self) -> int:
        """Give it as times in 100."""
        return round(100 * self.times / self.of)


@dataclass(frozen=True, slots=True)
class Drift:
    """That answers were confirmed of late less often than chance explains."""

    confirmed: int
    of: int
    promised: float
    """What share of them should have been, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What a community's own votes make of the shipped calibration."""

    answer_threshold: float
    """Lowest confidence, corrected, at which a match is given as the answer."""
    correction: Correction = IDENTITY
    drift: Drift | None = None
    has_own_threshold: bool = False
    """The threshold comes from the community's votes."""
    judged: tuple[Judged, ...] = field(default=(), repr=False)

    def confirmed_at(self, confidence: float) -> Confirmed | None:
        """Return how often members confirmed what was about as likely; None where too few voted."""
        near = [
            one.has_helped
            for one in self.judged
            if abs(self.correction.apply(one.chance) - confidence) <= _AROUND
        ]
        return Confirmed(sum(near), len(near)) if len(near) >= _TO_SAY else None


def recalibrate(
    judged: Sequence[Judged], *, answer_threshold: float, is_chosen: bool = False
) -> Recalibration:
    """Correct what is promised by what became of it. No single person decides it.

    Args:
        judged: The matches that were shown first, and what members said of each; oldest first.
        answer_threshold: The shipped one.
        is_chosen: A maintainer has chosen it: then it stays, and drift is only told.
    """
    judged = _of_many(judged)
    correction = fit(judged) if len(judged) >= ENOUGH else IDENTITY
    own = None if is_chosen else _own_threshold(judged, correction, answer_threshold)
    threshold = answer_threshold if own is None else own
    likely = [one for one in judged if correction.apply(one.chance) >= threshold][-_LATELY:]
    drift = _drift_by_many(likely, correction)
    if drift is not None and not is_chosen:
        threshold = max(threshold, _raised(likely, correction))
    return Recalibration(threshold, correction, drift, own is not None, tuple(judged))


def _of_many(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """Leave out what one person said beyond the votes that count of each."""
    kept: list[Judged] = []
    counted: Counter[str] = Counter()
    for one in reversed(judged):
        counted[one.by] += bool(one.by)
        if counted[one.by] <= MOST_EACH:
            kept.append(one)
    return tuple(reversed(kept))


def _drift_by_many(judged: Sequence[Judged], correction: Correction) -> Drift | None:
    """Find a drift that holds without any one of those who voted."""
    drift = find_drift(judged, correction)
    everybody = {one.by for one in judged if one.by}
    if drift is not None and all(
        _is_unlucky([one for one in judged if one.by != who], correction) for who in everybody
    ):
        return drift
    return None


def fit(judged: Sequence[Judged]) -> Correction:
    """Fit the likeliest correction: by Newton's method, from these votes and the prior."""
    points = [(_log_odds(one.chance), one.has_helped) for one in judged]
    found = _fit(points, Correction())
    if found.slope < _FLATTEST:
        found = _fit(points, Correction(0.0, _FLATTEST), has_slope=False)
    return found


def find_drift(judged: Sequence[Judged], correction: Correction) -> Drift | None:
    """Whether so few were confirmed that it is no chance, by an exact one-sided test at 1 %.

    Each has a probability of its own, so their number is Poisson binomial.
    """
    if len(judged) < _FEWEST:
        return None
    if not _is_unlucky(judged, correction):
        return None
    promised = [correction.apply(one.chance) for one in judged]
    confirmed = sum(one.has_helped for one in judged)
    return Drift(confirmed, len(judged), sum(promised) / len(promised))


def _is_unlucky(judged: Sequence[Judged], correction: Correction) -> bool:
    """Whether so few were confirmed that it is no chance."""
    promised = [correction.apply(one.chance) for one in judged]
    return _at_most(sum(one.has_helped for one in judged), promised) <= _CHANCE_OF_ALARM


def _own_threshold(
    judged: Sequence[Judged], correction: Correction, shipped: float
) -> float | None:
    if len(judged) < ENOUGH:
        return None
    # On the shipped scale, which does not move with the votes; the correction keeps the order.
    lowest = assured_threshold(
        [one.chance for one in judged],
        [one.has_helped for one in judged],
        precision=PRECISION,
        assurance=ASSURANCE,
    )
    if lowest is None:
        return None
    own = correction.apply(lowest)
    return own if len(judged) >= MANY or own > shipped else None


def _raised(judged: Sequence[Judged], correction: Correction) -> float:
    """Return the lowest confidence from which the last answers were right often enough."""
    best_first = sorted(judged, key=lambda one: -one.chance)
    found, right = NEVER, 0
    for given, one in enumerate(best_first, 1):
        right += one.has_helped
        is_last = given == len(best_first) or best_first[given].chance < one.chance
        if is_last and given >= _FEWEST and right >= PRECISION * given:
            found = correction.apply(one.chance)
    return found


def _fit(
    points: Sequence[tuple[float, bool]], start: Correction, *, has_slope: bool = True
) -> Correction:
    intercept, slope = start.intercept, start.slope
    for _ in range(_MOST_STEPS):
        # First and second derivatives of the log posterior.
        to_intercept = -intercept / _SPREAD_OF_INTERCEPT**2
        to_slope = (1 - slope) / _SPREAD_OF_SLOPE**2
        both, of_intercept, of_slope = 0.0, 1 / _SPREAD_OF_INTERCEPT**2, 1 / _SPREAD_OF_SLOPE**2
        for odds, has_helped in points:
            probability = _probability(intercept + slope * odds)
            weight = probability * (1 - probability)
            to_intercept += has_helped - probability
            to_slope += (has_helped - probability) * odds
            of_intercept += weight
            both += weight * odds
            of_slope += weight * odds * odds
        if has_slope:
            determinant = of_intercept * of_slope - both * both
            step = (of_slope * to_intercept - both * to_slope) / determinant
            turn = (of_intercept * to_slope - both * to_intercept) / determinant
        else:
            step, turn = to_intercept / of_intercept, 0.0
        # A step that is too long may lead away from the top.
        short = min(1.0, _LONGEST_STEP / max(abs(step), abs(turn), _CLOSE_ENOUGH))
        intercept, slope = intercept + short * step, slope + short * turn
        if max(abs(step), abs(turn)) < _CLOSE_ENOUGH:
            break
    return Correction(intercept, slope)


def _at_most(number: int, probabilities: Sequence[float]) -> float:
    """Return the probability that so many of these happen, or fewer."""
    ways = [1.0]
    for probability in probabilities:
        ways = [
            before * probability + here * (1 - probability)
            for before, here in zip([0.0, *ways], [*ways, 0.0], strict=True)
        ]
    return sum(ways[: number + 1])


def _log_odds(chance: float) -> float:
    kept = min(max(chance, _NEAREST_TO_CERTAIN), 1 - _NEAREST_TO_CERTAIN)
    return math.log(kept / (1 - kept))


def _probability(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2
