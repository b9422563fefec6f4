"""What words say of passages, kept in memory from question to question."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Stems = tuple[str, ...]
"""A word as the word index knows it: one stem, or several when it has an underscore."""


@dataclass(frozen=True, slots=True)
class Posting:
    """The passages that hold a word.

    `positions`, int32, say where they are in the index, each once; `scores`, float32 and as many,
    what the word adds to the BM25 of each.
    """

    positions: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]


class Postings:
    """Remembers the postings of the words that were asked for last; eight bytes a passage."""

    def __init__(self, most: int = 2_000_000) -> None:
        """Remember nothing yet, and never more than so many passages of all words together."""
        self._most = most
        self._kept: dict[Stems, Posting] = {}
        """The one asked for last comes last."""
        self._size = 0

    def __len__(self) -> int:
        """Count the words."""
        return len(self._kept)

    def of(self, stems: Stems, read: Callable[[], Posting]) -> Posting:
        """Return a word's posting; it is read when it is not remembered."""
        posting = self._pop(stems) or read()
        self._kept[stems] = posting
        self._size += posting.positions.size
        while self._size > self._most:
            self._pop(next(iter(self._kept)))
        return posting

    def forget(self, stems: AbstractSet[str]) -> None:
        """Forget each word that has one of these stems."""
        for kept in [kept for kept in self._kept if not stems.isdisjoint(kept)]:
            self._pop(kept)

    def clear(self) -> None:
        """Forget all words."""
        self._kept.clear()
        self._size = 0

    def _pop(self, stems: Stems) -> Posting | None:
        posting = self._kept.pop(stems, None)
        self._size -= posting.positions.size if posting else 0
        return posting
