"""Texts that say nearly the same, told by their words. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

NEARLY_THE_SAME = 0.8
"""Part of the pairs of neighbouring words of two texts that both have. Chosen by reading pairs of
1,900 real documents: below it, passages of sister pages differ in what matters."""


def duplicates(texts: Sequence[str]) -> Iterator[list[int]]:
    """Group the texts that say nearly the same as the first of their group; its number comes first.

    Nothing is compared that cannot be alike: two texts of which so much is the same have one of
    their rarest pairs of words in common (prefix filtering).

    Source: Bayardo, Ma and Srikant, "Scaling Up All Pairs Similarity Search", WWW 2007
    """
    sets = [_pairs_of(text) for text in texts]
    counts: dict[str, int] = defaultdict(int)
    for pairs in sets:
        for pair in pairs:
            counts[pair] += 1
    groups: dict[int, list[int]] = {}
    firsts: dict[str, list[int]] = defaultdict(list)
    same: dict[frozenset[str], int] = {}
    for number, pairs in enumerate(sets):
        rarest = sorted(pairs, key=lambda pair: (counts[pair], pair))
        prefix = rarest[: len(pairs) - int(NEARLY_THE_SAME * len(pairs)) + 1]
        first = same.get(pairs)
        if first is None:
            near = sorted({other for pair in prefix for other in firsts[pair]})
            first = next(
                (one for one in near if _likeness(sets[one], pairs) >= NEARLY_THE_SAME), None
            )
        if first is not None:
            groups.setdefault(first, [first]).append(number)
            continue
        same[pairs] = number
        for pair in prefix:
            firsts[pair].append(number)
    yield from groups.values()


def _pairs_of(text: str) -> frozenset[str]:
    words = (
        re.findall(r"\w", text) if _is_without_spaces(text) else re.findall(r"\w+", text.lower())
    )
    return frozenset(f"{one} {other}" for one, other in pairwise(words)) or frozenset(words)


def _is_without_spaces(text: str) -> bool:
    return text.count(" ") * 20 < len(text)


def _likeness(some: Collection[str], others: Collection[str]) -> float:
    both = len(frozenset(some) & frozenset(others))
    return both / max(1, len(some) + len(others) - both)
