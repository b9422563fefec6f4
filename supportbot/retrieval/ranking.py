"""Vectors, words and age, fused into one ranking."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

WORD_WEIGHT = 0.3
"""What words count beside meaning. Chosen on the train splits of two public packs of questions
(docs/benchmarks.md); anything from 0.2 to 0.5 is as good within the noise."""
FRESHNESS_WEIGHT = 0.5
"""What it counts beside meaning that something was said lately. Chosen on the train split of the
public pack that has dates; anything from 0.4 to 0.8 is as good within the noise."""
_OLDEST = 3_650.0
"""Days after which nothing gets any older."""
_UNDATED = 60.0
"""Days that a document without a date counts for: it is kept up to date, though not of today."""

RERANK_WEIGHT = 0.1
"""What a second stage counts beside everything that the first one says, unless that is chosen: as
much as was best for a weak one (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate: its id, its cosine (-1 to 1), and the fused score of this one search."""

    id: int
    score: float
    cosine: float


def fuse(
    cosines: Mapping[int, float],
    words: Mapping[int, float],
    days: Mapping[int, float],
    *,
    word_weight: float = WORD_WEIGHT,
    freshness_weight: float = FRESHNESS_WEIGHT,
) -> tuple[Ranked, ...]:
    """Rank candidates by the weighted mean of cosine, BM25 and freshness.

    Cosine and BM25 are scaled to 0–1 within the candidates. What people need is what was said
    lately more often than what is a little nearer: things change.

    Args:
        cosines: Of every candidate.
        words: BM25 (more is better) of the candidates that share words; others count 0.
        days: How old candidates are; others have no date.
        word_weight: What words count beside meaning.
        freshness_weight: What freshness counts beside meaning.

    Returns:
        Best first; candidates of equal score in the order of their ids.
    """
    meaning = _scaled(cosines)
    wording = _scaled({id_: words.get(id_, 0.0) for id_ in cosines})
    ranked = []
    for id_, cosine in cosines.items():
        fresh = freshness(days.get(id_, _UNDATED))
        score = meaning[id_] + word_weight * wording[id_] + freshness_weight * fresh
        ranked.append(Ranked(id_, score / (1 + word_weight + freshness_weight), cosine))
    return tuple(sorted(ranked, key=lambda candidate: (-candidate.score, candidate.id)))


def rerank(
    ranked: Sequence[Ranked], scores: Mapping[int, float], *, weight: float
) -> tuple[Ranked, ...]:
    """Rank candidates anew by the weighted mean of their score and what a second stage says.

    Args:
        ranked: Best first.
        scores: Of the second stage, more is better; scaled to 0–1 within them. Candidates that it
            did not look at count 0.
        weight: What they count beside the first stage.

    Returns:
        Best first; candidates of equal score in the order of the first stage.
    """
    again = _scaled(scores)
    mixed = (
        replace(one, score=(one.score + weight * again.get(one.id, 0.0)) / (1 + weight))
        for one in ranked
    )
    return tuple(sorted(mixed, key=lambda candidate: -candidate.score))


def freshness(days: float) -> float:
    """Return 1 for what was said just now, 0 after ten years. The first days count most."""
    return 1 - math.log1p(min(max(days, 0.0), _OLDEST)) / math.log1p(_OLDEST)


def _scaled(values: Mapping[int, float]) -> dict[int, float]:
    least, most = min(values.values(), default=0.0), max(values.values(), default=0.0)
    return {id_: (value - least) / ((most - least) or 1.0) for id_, value in values.items()}


def words_of(text: str) -> list[str]:
    """Return the words of a question that may be looked up: each once, no function words."""
    words = (word.lower() for word in re.findall(r"\w+", text))
    return list(dict.fromkeys(word for word in words if word not in _FUNCTION_WORDS))


def rarest(
    counts: Mapping[str, int], passages: int, *, limit: int = 32, looked_at: int = 10_000
) -> list[str]:
    """Choose the words worth looking up: the rarest of those that are there and not too common.

    A word that is in every tenth passage says little, and looking it up takes most of the time.
    On the train split of a pack of 38,468 chat topics this made the search ten times as fast,
    and found a little more.

    Args:
        counts: In how many passages each word is.
        passages: How many passages there are.
        limit: How many words at most.
        looked_at: In how many passages these are, all in all; the rarest is always taken. The time
            is in proportion to it, and long questions have many words.

    Returns:
        The rarest first; of equally rare ones, the first in the alphabet.
    """
    most = max(_COMMON_SHARE * passages, _NEVER_COMMON)
    there = [word for word, count in counts.items() if 0 < count <= most]
    chosen = sorted(there, key=lambda word: (counts[word], word))[:limit]
    together = accumulate(counts[word] for word in chosen)
    enough = sum(1 for count in together if count <= looked_at)
    return chosen[: max(enough, 1)]


_COMMON_SHARE = 0.05
_NEVER_COMMON = 500


_FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "got",
        "had",
        "has",
        "have",
        "he",
        "hello",
        "help",
        "her",
        "hi",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "please",
        "she",
        "should",
        "so",
        "some",
        "than",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
