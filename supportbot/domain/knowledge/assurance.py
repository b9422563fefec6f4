"""How much a few judgements assure: exact bounds on a share, and thresholds that keep one."""

import math
from collections.abc import Iterator, Sequence

_HALVINGS = 60


def is_assured(right: int, given: int, *, precision: float, assurance: float) -> bool:
    """Whether so many right ones of those given show that this precision is reached.

    Source: the exact test of Clopper & Pearson 1934. It also holds where each has a probability
    of its own (Hoeffding 1956).
    """
    return _at_least(right, given, precision) <= 1 - assurance


def precision_bound(right: int, given: int, *, assurance: float) -> float:
    """Return the lower bound of the precision (Clopper and Pearson); 0 when none is right."""
    if right == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if is_assured(right, given, precision=middle, assurance=assurance):
            low = middle
        else:
            high = middle
    return low


def fewest_assured(precision: float, assurance: float) -> int:
    """Return the fewest judgements that can show a precision below 1: so many, and all right."""
    return math.ceil(math.log(1 - assurance) / math.log(precision))


def assured_threshold(  # noqa: PLR0913 - the judgements, and what is asked of them
    confidences: Sequence[float],
    is_right: Sequence[bool],
    *,
    precision: float,
    assurance: float,
    start: int = 100,
    step: int = 25,
) -> float | None:
    """Return the lowest confidence that keeps a precision, assured for the search as well.

    Thresholds are tested from the highest down, and the first that fails ends it, so that trying
    many of them does not make a lucky one likelier ("fixed sequence testing"). Which are tried is
    settled by how many are given, before it is seen which are right.

    Source: Angelopoulos, Bates, Candès, Jordan & Lei 2021, "Learn then Test".

    Args:
        confidences: Of what was given.
        is_right: Whether it was.
        precision: What share must be right.
        assurance: How sure that has to be.
        start: How many are given at the first threshold: with fewer, one that is good fails too.
        step: How many more are given at each further one.

    Returns:
        None where the first fails, or there are too few.
    """
    found: float | None = None
    enough = start
    for confidence, right, given in _from_the_top(confidences, is_right):
        if given < enough:
            continue
        if not is_assured(right, given, precision=precision, assurance=assurance):
            break
        found, enough = confidence, given + step
    return found


def _from_the_top(
    confidences: Sequence[float], is_right: Sequence[bool]
) -> Iterator[tuple[float, int, int]]:
    """Yield each threshold from the highest down, with how many are right of how many given."""
    best_first = sorted(zip(confidences, is_right, strict=True), reverse=True)
    right = 0
    for given, (confidence, was_right) in enumerate(best_first, 1):
        right += was_right
        # Those of one confidence are given together.
        if given == len(best_first) or best_first[given][0] != confidence:
            yield confidence, right, given


def _at_least(right: int, given: int, share: float) -> float:
    """Return the probability that so many or more of those given are right, at this true share."""
    if right <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    yes, no, all_ways = math.log(share), math.log1p(-share), math.lgamma(given + 1)
    return sum(
        math.exp(
            all_ways
            - math.lgamma(number + 1)
            - math.lgamma(given - number + 1)
            + number * yes
            + (given - number) * no
        )
        for number in range(right, given + 1)
    )
