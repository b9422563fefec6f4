"""Vectors and words, fused into one ranking."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

WORD_WEIGHT = 0.3
"""What words count beside meaning. Chosen on the train splits of two public packs of questions
(docs/benchmarks.md); anything from 0.2 to 0.5 is as good within the noise."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate: its id, its cosine (-1 to 1), and the fused score of this one search."""

    id: int
    score: float
    cosine: float


def fuse(
    cosines: Mapping[int, float], words: Mapping[int, float], *, word_weight: float = WORD_WEIGHT
) -> tuple[Ranked, ...]:
    """Rank candidates by cosine plus weighted BM25, each scaled to 0–1 within the candidates.

    Args:
        cosines: Of every candidate.
        words: BM25 (more is better) of the candidates that share words; others count 0.
        word_weight: What words count beside meaning.

    Returns:
        Best first; candidates of equal score in the order of their ids.
    """
    meaning = _scaled(cosines)
    wording = _scaled({id_: words.get(id_, 0.0) for id_ in cosines})
    ranked = (
        Ranked(id_, (meaning[id_] + word_weight * wording[id_]) / (1 + word_weight), cosine)
        for id_, cosine in cosines.items()
    )
    return tuple(sorted(ranked, key=lambda candidate: (-candidate.score, candidate.id)))


def _scaled(values: Mapping[int, float]) -> dict[int, float]:
    least, most = min(values.values(), default=0.0), max(values.values(), default=0.0)
    return {id_: (value - least) / ((most - least) or 1.0) for id_, value in values.items()}


def words_of(text: str) -> list[str]:
    """Give the words of a question that may be looked up: each once, no function words."""
    words = (word.lower() for word in re.findall(r"\w+", text))
    return list(dict.fromkeys(word for word in words if word not in _FUNCTION_WORDS))


def rarest(counts: Mapping[str, int], passages: int, *, limit: int = 32) -> list[str]:
    """Choose the words worth looking up: the rarest of those that are there and not too common.

    A word that is in every tenth passage says little, and looking it up takes most of the time.
    On the train split of a pack of 38,468 chat topics this made the search ten times as fast,
    and found a little more.

    Args:
        counts: In how many passages each word is.
        passages: How many passages there are.
        limit: How many words at most.
    """
    most = max(_COMMON_SHARE * passages, _NEVER_COMMON)
    there = [word for word, count in counts.items() if 0 < count <= most]
    return sorted(there, key=lambda word: counts[word])[:limit]


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
