"""Search by meaning and by words: one index per community, filtered by a bitmap, all in memory."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from supportbot.domain.chat.audiences import Audience, Scope
from supportbot.domain.knowledge.documents import Background, PassageKey
from supportbot.ports import Vectors
from supportbot.retrieval.postings import Posting, Postings, Stems
from supportbot.retrieval.ranking import Ranked

# One question is one matrix-vector product: more threads made it 3 to 30 times slower on a busy
# machine with two cores.
faiss.omp_set_num_threads(1)

_DAY = 86_400.0
"""Seconds."""
_MOST = 127
"""Largest whole number of a code."""
_DEVIATIONS = 6.0
"""Where a code's range ends, in standard deviations of the numbers of a vector of length 1."""
_LOOKED_AT_AGAIN = 2
"""How many times as many as are wanted are looked at again with their exact cosines."""
_GROWN = 1.01
"""By how much an index may grow until the scores of words that no new passage holds are read anew:
what makes a word rare is how many passages there are."""
_SCOPES = 16
"""For how many scopes it is remembered what they may see; a byte a passage each."""

ReadScores = Callable[[str], Mapping[int, float]]
"""Gives what a word adds to the BM25 of each passage that holds it, by id."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a scope may see: `allowed` marks the passages, and is None when these are all."""

    allowed: npt.NDArray[np.bool_] | None
    newest: float
    """When the newest of them was said, seconds since 1970; minus infinity when none has a date."""


class Index:
    """The passages of one community. Built from the database, never saved, so never out of date.

    Every vector is looked at, as a code of one byte a number, and the nearest of these again
    exactly: a tenth of the time of looking at all of them exactly, and on 100,000 real passages
    the same hundred nearest. What words say is read when they are first asked for, and remembered.

    A hit says that a passage was there when the vector was added: read its row again, and check
    the audience, before showing it.
    """

    def __init__(self, dimension: int) -> None:
        """Make an empty index for vectors of this many numbers."""
        self._vectors: Any = faiss.IndexFlatIP(dimension)  # faiss has no types
        self._codes: Any = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
        self._scale = _MOST * math.sqrt(dimension) / _DEVIATIONS
        self._passages: list[PassageKey] = []
        self._positions: dict[int, int] = {}
        self._audiences: dict[Audience, int] = {}
        self._audience_codes = np.empty(0, np.int32)
        self._said_at = np.empty(0, np.float64)
        self._sums = np.empty((0, dimension), np.float64)
        """Of the vectors of each audience."""
        self._numbers = np.empty(0, np.int64)
        """Of the passages of each audience."""
        self._postings = Postings()
        self._passages_then = 0
        """How many there were when the oldest posting was read."""
        self._seen_by: dict[Scope, _Seen] = {}

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._passages)

    def add(self, passages: Sequence[PassageKey], vectors: Vectors) -> None:
        """Add passages with their vectors, row by row; known ids are replaced."""
        self.remove({passage.id for passage in passages})
        start = len(self._passages)
        vectors = np.ascontiguousarray(vectors, np.float32)
        self._vectors.add(vectors)
        self._codes.add(self._coded(vectors))
        self._passages.extend(passages)
        self._positions.update({passage.id: start + i for i, passage in enumerate(passages)})
        codes = [self._audiences.setdefault(p.audience, len(self._audiences)) for p in passages]
        moments = [p.said_at.timestamp() if p.said_at else -np.inf for p in passages]
        self._count_in(np.array(codes, np.int32), vectors)
        self._seen_by.clear()
        if len(self) > _GROWN * self._passages_then:
            self._postings.clear()
        self._audience_codes = np.append(self._audience_codes, np.array(codes, np.int32))
        self._said_at = np.append(self._said_at, np.array(moments, np.float64))

    def remove(self, ids: set[int]) -> None:
        """Forget passages. Copies the whole index: give many ids at once."""
        gone = sorted(self._positions[id_] for id_ in ids if id_ in self._positions)
        if not gone:
            return
        positions = np.array(gone, np.int64)
        self._count_out(self._audience_codes[gone], self._vectors.reconstruct_batch(positions))
        self._vectors.remove_ids(positions)
        self._codes.remove_ids(positions)
        dropped = set(gone)
        self._passages = [p for i, p in enumerate(self._passages) if i not in dropped]
        self._positions = {passage.id: i for i, passage in enumerate(self._passages)}
        self._audience_codes = np.delete(self._audience_codes, gone)
        self._said_at = np.delete(self._said_at, gone)
        self._seen_by.clear()
        self._postings.clear()  # they name positions

    def remove_document(self, document_id: str) -> None:
        """Forget all passages of a document."""
        self.remove({p.id for p in self._passages if p.document_id == document_id})

    def forget_words(self, stems: AbstractSet[str]) -> None:
        """Read the words that have one of these stems anew: other passages hold them now."""
        self._postings.forget(stems)

    def best_of_each_document(self, ranked: Iterable[Ranked], limit: int) -> list[Ranked]:
        """Keep the best passage of each document, for so many documents."""
        best: dict[str, Ranked] = {}
        for candidate in ranked:
            document_id = self._passages[self._positions[candidate.id]].document_id
            best.setdefault(document_id, candidate)
            if len(best) == limit:
                break
        return list(best.values())

    def search(self, question: Vectors, scope: Scope, limit: int) -> dict[int, float]:
        """Return the nearest passages in a scope: id to cosine, best first."""
        allowed = self._seen(scope).allowed
        if allowed is None:
            parameters = None
        else:
            bitmap = np.packbits(allowed, bitorder="little")
            # The stubs show the C++ constructors; Python's take an array, and keywords.
            selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg, arg-type]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        wide = _LOOKED_AT_AGAIN * limit
        _, positions = self._codes.search(self._coded(question), wide, params=parameters)
        near = positions[0][positions[0] >= 0]
        if not near.size:
            return {}
        cosines = self._vectors.reconstruct_batch(near) @ question[0]
        nearest = np.lexsort((near, -cosines))[:limit]
        return {self._passages[near[i]].id: float(cosines[i]) for i in nearest}

    def search_words(
        self, words: Mapping[str, Stems], scope: Scope, limit: int, read: ReadScores
    ) -> dict[int, float]:
        """Return the passages in a scope that share most with some words: id to BM25, best first.

        Args:
            words: What is looked up, with the stems of each.
            scope: What may be seen.
            limit: How many passages at most.
            read: Called with each word that nobody has asked for before.
        """
        if not len(self._postings):
            self._passages_then = len(self)
        totals = np.zeros(len(self), np.float32)
        for word, stems in words.items():
            posting = self._postings.of(stems, partial(self._read, read, word))
            totals[posting.positions] += posting.scores
        allowed = self._seen(scope).allowed
        if allowed is not None:
            totals *= allowed
        found = np.flatnonzero(totals)
        if found.size > limit:
            least = np.partition(totals[found], -limit)[-limit]
            found = found[totals[found] >= least]
        scores = ((self._passages[i].id, float(totals[i])) for i in found)
        return dict(sorted(scores, key=lambda score: (-score[1], score[0]))[:limit])

    def cosines(self, question: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Return the cosines of some passages; ids that are not in the index are left out."""
        known = [id_ for id_ in ids if id_ in self._positions]
        positions = np.array([self._positions[id_] for id_ in known], np.int64)
        if not known:
            return {}
        vectors = self._vectors.reconstruct_batch(positions)
        return dict(zip(known, (vectors @ question[0]).tolist(), strict=True))

    def days(self, ids: Sequence[int], scope: Scope) -> dict[int, float]:
        """Return how much older passages are, in days, than the newest that a scope may see.

        Those that have no date, or are not in the index, are left out.
        """
        newest = self._seen(scope).newest
        known = (
            (id_, self._said_at[self._positions[id_]]) for id_ in ids if id_ in self._positions
        )
        return {id_: float(newest - at) / _DAY for id_, at in known if np.isfinite(at)}

    def background(self, question: Vectors, scope: Scope) -> Background:
        """Return the mean cosine of a question and everything that a scope's audiences may see."""
        codes = [self._audiences[a] for a in scope.audiences if a in self._audiences]
        count = int(self._numbers[codes].sum())
        total = float(self._sums[codes].sum(axis=0) @ question[0])
        return Background(total / count, count) if count else Background()

    def _coded(self, vectors: Vectors) -> Vectors:
        coded: Vectors = np.clip(np.rint(vectors * self._scale), -_MOST, _MOST).astype(np.float32)
        return coded

    def _count_in(self, codes: npt.NDArray[np.int32], vectors: Vectors) -> None:
        """Add vectors to the sums of their audiences."""
        missing = len(self._audiences) - len(self._sums)
        self._sums = np.pad(self._sums, ((0, missing), (0, 0)))
        self._numbers = np.pad(self._numbers, (0, missing))
        audiences, sums, numbers = _summed(codes, vectors)
        self._sums[audiences] += sums
        self._numbers[audiences] += numbers

    def _count_out(self, codes: npt.NDArray[np.int32], vectors: Vectors) -> None:
        """Take vectors out of the sums of their audiences."""
        audiences, sums, numbers = _summed(codes, vectors)
        self._sums[audiences] -= sums
        self._numbers[audiences] -= numbers

    def _read(self, read: ReadScores, word: str) -> Posting:
        """Read the posting of a word; passages that have no vector yet are passed over."""
        places = self._positions
        scores = {places[id_]: score for id_, score in read(word).items() if id_ in places}
        return Posting(
            np.fromiter(scores, np.int32, len(scores)),
            np.fromiter(scores.values(), np.float32, len(scores)),
        )

    def _seen(self, scope: Scope) -> _Seen:
        """Return what a scope may see; remembered while the index stays the same."""
        seen = self._seen_by.get(scope)
        if seen is None:
            allowed = self._allowed(scope)
            said_at = self._said_at if allowed is None else self._said_at[allowed]
            if len(self._seen_by) == _SCOPES:
                self._seen_by.clear()
            seen = self._seen_by[scope] = _Seen(allowed, float(said_at.max(initial=-np.inf)))
        return seen

    def _allowed(self, scope: Scope) -> npt.NDArray[np.bool_] | None:
        """Mark the passages that a scope may see; None when it may see all of them."""
        codes = [self._audiences[a] for a in scope.audiences if a in self._audiences]
        allowed = np.isin(self._audience_codes, codes)
        if scope.before is not None:
            allowed &= self._said_at < scope.before.timestamp()
        if scope.only is not None:
            only = scope.only
            allowed &= np.fromiter((p.document_id in only for p in self._passages), bool)
        if scope.without:
            without = scope.without
            allowed &= np.fromiter((p.document_id not in without for p in self._passages), bool)
        return None if allowed.all() else allowed


def _summed(
    codes: npt.NDArray[np.int32], vectors: Vectors
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return each code once, the sum of its vectors, and how many they are."""
    order = np.argsort(codes, kind="stable")
    found, starts, numbers = np.unique(codes[order], return_index=True, return_counts=True)
    return found, np.add.reduceat(vectors[order], starts, axis=0, dtype=np.float64), numbers
