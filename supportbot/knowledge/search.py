"""Question text in, matches out; documents made findable."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from supportbot.domain.chat.audiences import Scope
from supportbot.domain.knowledge.documents import Background, Document, Match
from supportbot.domain.knowledge.training_pairs import NearPassage
from supportbot.domain.knowledge.versions import other_version
from supportbot.errors import EmbeddingError, SupportbotError
from supportbot.ports import Embedder, Reranker, Vectors
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.index import Index
from supportbot.retrieval.languages import language_of, other_language
from supportbot.retrieval.postings import Stems
from supportbot.retrieval.ranking import RERANK_WEIGHT, Ranked, fuse, rarest, rerank, words_of
from supportbot.store import knowledge
from supportbot.store.engine import fts5
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.knowledge import FoundPassage, PreparedDocument

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told how many of how many passages are embedded."""


def untold(_done: int, _total: int) -> None:
    """Tell nobody."""


_CANDIDATES = 100
_LOOKED_AT_AGAIN = 20
"""Documents that a second stage looks at, where there is one."""
_LONGEST_QUESTION = 2_000
"""Characters of a question that are searched for; the model reads about half of them."""
_WORDS_TOLD = 3
_EMBEDDED_AT_ONCE = 512
_STORED_AT_ONCE = 200
_MOST_OFF = 0.01
"""By how much a vector's length may differ from 1; bfloat16 is off by up to 0.004."""
_CUTTING = "2"
"""Version of the way in which documents are cut. Another one cuts them all anew."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, in documents; `embedded` counts passages."""

    added: int
    changed: int
    removed: int
    unchanged: int
    passages: int
    embedded: int


@dataclass(frozen=True, slots=True)
class Findable:
    """A document that is ready to be stored and indexed.

    `vectors` has one for each passage, or none at all where the model failed: the next sync makes
    them then.
    """

    prepared: PreparedDocument
    vectors: Vectors | None


@dataclass(frozen=True, slots=True)
class _Asking:
    """A question, as far as each of its matches is told by it."""

    text: str
    rare_words: tuple[str, ...]
    """Those that were looked up, the rarest first."""
    background: Background
    is_any_language_read: bool
    """Then a match in another language is as good as one in that of the question."""


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A community's index, and the revision of its knowledge from which it was built."""

    index: Index
    revision: int


class Search:
    """Finds passages by meaning and by words, for one who may see them.

    Safe to use from several threads.
    """

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        reranker: Reranker | None = None,
        *,
        reranker_weight: float = RERANK_WEIGHT,
    ) -> None:
        """Search what is stored, with vectors of this model.

        Args:
            database: Where it is stored.
            embedder: The model.
            reranker: A second stage, which looks again at the best that are found.
            reranker_weight: What it counts beside the first one.
        """
        self._database = database
        self._current: _Indexed | None = None
        self._counts: dict[str, int] = {}
        self._lock = threading.RLock()
        self.embedder = embedder
        self.reranker = reranker
        self._reranker_weight = reranker_weight
        # A question is embedded once, although matches and experts are looked for one by one.
        self._question_vector = lru_cache(maxsize=64)(self._embed_question)

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction in which to search."""
        return self._database.reading()

    def find_matches(
        self, tx: Transaction, scope: Scope, text: str, *, limit: int = 10
    ) -> tuple[Match, ...]:
        """Find the documents that match a question, best first, one passage each.

        Args:
            tx: In which transaction to look.
            scope: What the asker may see.
            text: The question; what is longer than 2,000 characters is cut.
            limit: How many documents at most.
        """
        asked = text[:_LONGEST_QUESTION]
        question = self._question_vector(asked)
        width = max(_CANDIDATES, 2 * limit)
        with self._lock:
            index = self._index(tx)
            rare = self._rare_words(tx, asked, len(index))
            words = index.search_words(rare, scope, width, partial(fts5.score_word, tx))
            cosines = index.search(question, scope, width)
            cosines |= index.cosines(question, [id_ for id_ in words if id_ not in cosines])
            ranked_all = fuse(cosines, words, index.days(list(cosines), scope))
            wanted = max(limit, _LOOKED_AT_AGAIN if self.reranker else 0)
            best = index.best_of_each_document(ranked_all, 2 * wanted)
            background = index.background(question, scope)
        # What the index says may be out of date. The rows are not.
        found = knowledge.read_passages(tx, scope, [ranked.id for ranked in best])
        again = self._looked_at_again(tx, asked, [r for r in best if r.id in found])
        ranked_found = [(ranked, found[ranked.id]) for ranked in again[:limit]]
        shown = self._shown(tx, scope, question, [passage for _, passage in ranked_found])
        asking = _Asking(asked, tuple(rare), background, self.embedder.is_multilingual)
        return tuple(
            _match(ranked, passage, shown[passage.key.document_id], asking)
            for ranked, passage in ranked_found
        )

    def near_passages(
        self, tx: Transaction, scope: Scope, text: str, *, limit: int, also: Collection[str] = ()
    ) -> list[NearPassage]:
        """Find the passages nearest to a question by meaning alone, as the model sees them.

        Args:
            tx: In which transaction to look.
            scope: What may be seen.
            text: The question.
            limit: How many.
            also: Ids of documents all of whose passages are given as well.
        """
        question = self._question_vector(text[:_LONGEST_QUESTION])
        documents = knowledge.read_document_passages(tx, scope, also)
        with self._lock:
            index = self._index(tx)
            cosines = index.search(question, scope, limit)
            cosines |= index.cosines(question, list(documents))
        passages = documents | knowledge.read_passages(tx, scope, list(cosines))
        texts = fts5.texts_of(tx, passages)
        return [
            NearPassage(passages[id_].key.document_id, texts[id_], cosine)
            for id_, cosine in cosines.items()
            if id_ in texts
        ]

    def similarities(self, text: str, others: Sequence[str]) -> list[float]:
        """Return the cosine of a question and each of some other texts, such as topics."""
        question = self._question_vector(text[:_LONGEST_QUESTION])[0]
        return [float(self._question_vector(other)[0] @ question) for other in others]

    def make_findable(self, document: Document, *, by_meaning: bool = True) -> Findable:
        """Cut and embed a document; nothing is stored yet.

        Args:
            document: What is to be found.
            by_meaning: Without it, the document is found by its words until the next sync.

        Raises:
            EmbeddingError: The model failed.
        """
        prepared = PreparedDocument(document, _hash(document), passages_of(document))
        texts = [passage.searched for passage in prepared.passages]
        return Findable(prepared, self._embed_documents(texts) if by_meaning else None)

    def store(self, tx: Transaction, findable: Findable) -> None:
        """Store a document with its vectors, in the transaction of what led to it."""
        knowledge.put_documents(tx, [findable.prepared])
        if findable.vectors is not None:
            hashes = (knowledge.content_hash(p.searched) for p in findable.prepared.passages)
            vectors = dict(zip(hashes, findable.vectors, strict=True))
            self._store_vectors(tx, vectors)

    def follow(self, findables: Sequence[Findable], *, since: int, now: int) -> None:
        """Let stored documents be found, without building the index anew. Call it after the commit.

        Args:
            findables: Everything that the transaction stored; it removed nothing.
            since: `knowledge.revision` at the transaction's start.
            now: `knowledge.revision` at its end.
        """
        texts = [passage.searched for one in findables for passage in one.prepared.passages]
        with self._database.reading() as tx:
            stems = {stem for stems in fts5.stems_of(tx, texts).values() for stem in stems}
        with self._lock:
            current = self._current
            if current is None or current.revision != since:
                return  # it is built from the rows when it is needed
            for findable in findables:
                current.index.remove_document(findable.prepared.document.id)
                if findable.vectors is not None:
                    current.index.add(
                        findable.prepared.keys(self._database.community_id), findable.vectors
                    )
            current.index.forget_words(stems)
            self._counts = {s: count for s, count in self._counts.items() if s not in stems}
            self._current = _Indexed(current.index, now)

    def sync(
        self,
        source: str,
        documents: Iterable[Document],
        progress: Progress = untold,
    ) -> SyncReport:
        """Make what is stored of a source agree with its documents.

        Only what changed is written and embedded. It can be stopped at any point: what was done
        stays, and the next run does the rest.

        1. New and changed documents are stored, with their words.
        2. What is gone from the source is removed.
        3. Texts that have no vector of this model are embedded, in batches of like length.
        """
        with self._database.reading() as tx:
            known = knowledge.document_hashes(tx, source)
        seen: dict[str, str] = {}
        batch: list[PreparedDocument] = []
        for document in documents:
            if document.id in seen:
                continue  # the first one of a name counts
            hash_ = seen[document.id] = _hash(document)
            if known.get(document.id) != hash_:
                batch.append(PreparedDocument(document, hash_, passages_of(document)))
            if len(batch) >= _STORED_AT_ONCE:
                self._put(batch)
                batch = []
        self._put(batch)
        gone = known.keys() - seen.keys()
        self._remove(gone)
        embedded = self.embed_missing(progress)
        with self._database.reading() as tx:
            _, passages = knowledge.count(tx)
        unchanged = sum(1 for id_, hash_ in seen.items() if known.get(id_) == hash_)
        changed = sum(1 for id_, hash_ in seen.items() if known.get(id_, hash_) != hash_)
        return SyncReport(
            added=len(seen) - changed - unchanged,
            changed=changed,
            removed=len(gone),
            unchanged=unchanged,
            passages=passages,
            embedded=embedded,
        )

    def embed_missing(self, progress: Progress = untold) -> int:
        """Embed the texts that have no vector of this model, in committed batches; counts them."""
        with self._database.reading() as tx:
            missing = knowledge.texts_without_vector(tx, self.embedder.key)
        # The longest first: then the remaining time is never more than it looks.
        hashes = sorted(missing, key=lambda hash_: -len(missing[hash_]))
        for start in range(0, len(hashes), _EMBEDDED_AT_ONCE):
            some = hashes[start : start + _EMBEDDED_AT_ONCE]
            vectors = self._embed_batch({hash_: missing[hash_] for hash_ in some})
            with self._database.writing() as tx:
                self._store_vectors(tx, vectors)
            progress(start + len(some), len(hashes))
        return len(hashes)

    def is_empty(self) -> bool:
        """Whether a community knows nothing yet."""
        with self._database.reading() as tx:
            documents, _ = knowledge.count(tx)
        return not documents

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def warm_up(self) -> int:
        """Load the model and the index before the first question; gives the passages indexed."""
        self._question_vector("warm-up")
        language_of("warm-up")
        if self.reranker:
            self._scores(self.reranker, "warm-up", {0: "warm-up"})
        with self._database.reading() as tx, self._lock:
            return len(self._index(tx))

    def indexed(self) -> int:
        """Count the passages in the index, as it was when it was last asked."""
        current = self._current
        return 0 if current is None else len(current.index)

    def _index(self, tx: Transaction) -> Index:
        """Return the index of what this transaction sees, whoever changed it."""
        revision = knowledge.revision(tx)
        current = self._current
        if current is None or current.revision != revision:
            index = Index(self.embedder.dimension)
            for keys, vectors in knowledge.read_vectors(tx, self.embedder.key):
                index.add(keys, vectors)
            current = self._current = _Indexed(index, revision)
            self._counts.clear()
        return current.index

    def _embed_question(self, text: str) -> Vectors:
        return self._checked(1, lambda: self.embedder.embed_question(text))

    def _embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._checked(len(texts), lambda: self.embedder.embed_documents(texts))

    def _checked(self, count: int, embed: Callable[[], Vectors]) -> Vectors:
        """Let nothing in that is no vector: one NaN would spoil every search."""
        try:
            vectors = embed()
        except SupportbotError:
            raise  # such as a model that is not there: not this text's fault
        except Exception as error:
            message = f"the model {self.embedder.model} failed on {count} texts"
            raise EmbeddingError(message) from error
        if vectors.shape != (count, self.embedder.dimension):
            message = f"the model {self.embedder.model} gave vectors of shape {vectors.shape}"
            raise EmbeddingError(message)
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=_MOST_OFF):
            message = f"the model {self.embedder.model} gave vectors that are not of length 1"
            raise EmbeddingError(message)
        return vectors

    def _rare_words(self, tx: Transaction, text: str, passages: int) -> dict[str, Stems]:
        """Choose the words of a question that are worth looking up; gives the stems of each.

        How common a word is may be remembered from before the last sync: it changes little.
        """
        stems_of = fts5.stems_of(tx, words_of(text))
        new = {stem for stems in stems_of.values() for stem in stems} - self._counts.keys()
        self._counts |= fts5.counts_containing(tx, new)
        counts = {
            word: min(self._counts[stem] for stem in stems) for word, stems in stems_of.items()
        }
        return {word: stems_of[word] for word in rarest(counts, passages)}

    def _looked_at_again(
        self, tx: Transaction, text: str, best: Sequence[Ranked]
    ) -> Sequence[Ranked]:
        """Rank the best anew by what a second stage says; without one they stay as they are."""
        if self.reranker is None:
            return best
        texts = fts5.texts_of(tx, [ranked.id for ranked in best[:_LOOKED_AT_AGAIN]])
        scores = self._scores(self.reranker, text, texts)
        return rerank(best, scores, weight=self._reranker_weight) if scores else best

    def _scores(self, reranker: Reranker, text: str, texts: Mapping[int, str]) -> dict[int, float]:
        """Ask the second stage; nothing where it fails, since the first is enough to answer."""
        try:
            scores = reranker.scores(text, list(texts.values()))
            found = dict(zip(texts, scores, strict=True))
        except Exception:
            log.warning("the second stage %s failed: without it", reranker.model, exc_info=True)
            return {}
        if not np.isfinite(scores).all():
            log.warning("the second stage %s gave no numbers: without it", reranker.model)
            return {}
        return found

    def _shown(
        self, tx: Transaction, scope: Scope, question: Vectors, passages: Sequence[FoundPassage]
    ) -> Mapping[str, FoundPassage]:
        """Choose what a reader sees of each document: the passage, or the nearest that shows."""
        shown = {p.key.document_id: p for p in passages}
        hidden = [p.key.document_id for p in passages if not p.shown]
        others = knowledge.read_document_passages(tx, scope, hidden)
        with self._lock:
            cosines = self._index(tx).cosines(question, list(others))
        nearest_last = sorted(others.values(), key=lambda other: cosines.get(other.key.id, -1.0))
        shown |= {other.key.document_id: other for other in nearest_last if other.shown}
        return shown

    def _put(self, batch: Sequence[PreparedDocument]) -> None:
        if batch:
            with self._database.writing() as tx:
                knowledge.put_documents(tx, batch)

    def _remove(self, ids: Collection[str]) -> None:
        with self._database.writing() as tx:
            knowledge.remove_documents(tx, ids)
            knowledge.remove_unused_embeddings(tx)

    def _embed_batch(self, texts: Mapping[str, str]) -> dict[str, npt.NDArray[np.float32]]:
        """Embed texts by hash; where one makes the model fail, all others all the same.

        Raises:
            SupportbotError: It fails whatever the text.
        """
        try:
            return dict(zip(texts, self._embed_documents(list(texts.values())), strict=True))
        except EmbeddingError:
            log.warning("a batch of %s texts could not be embedded: one by one", len(texts))
            self._check_model()
        found: dict[str, npt.NDArray[np.float32]] = {}
        for hash_, text in texts.items():
            try:
                found[hash_] = self._embed_documents([text])[0]
            except EmbeddingError as error:
                log.warning("text %s stays without a vector: %s", hash_, error)
        return found

    def _check_model(self) -> None:
        """See whether the model can embed anything at all."""
        try:
            self._embed_documents(["How do I post an invoice?"])
        except EmbeddingError as error:
            message = f"The knowledge could not be embedded: {error}. Run sync again."
            raise SupportbotError(message) from error

    def _store_vectors(
        self, tx: Transaction, vectors: Mapping[str, npt.NDArray[np.float32]]
    ) -> None:
        knowledge.put_embeddings(
            tx,
            vectors,
            model=self.embedder.key,
            precision=self.embedder.precision,
        )


def _hash(document: Document) -> str:
    return knowledge.content_hash(repr((_CUTTING, _values_of(document))))


# As `astuple`, which copies every value first: that took a third of the time of taking in.
# What does not change what is found, or how it reads, changes no hash.
_values_of = attrgetter(*(f.name for f in fields(Document) if f.name != "from_history"))


def _match(ranked: Ranked, passage: FoundPassage, shown: FoundPassage, asking: _Asking) -> Match:
    read = f"{passage.title}\n{shown.heading}\n{shown.shown}"
    there = set(words_of(read))
    return Match(
        document_id=passage.key.document_id,
        title=passage.title,
        heading=shown.heading,
        source=passage.source,
        url=f"{passage.url}#{shown.anchor}" if shown.anchor else passage.url,
        author=passage.author,
        author_id=passage.author_id,
        said_at=passage.key.said_at,
        excerpt=shown.shown,
        score=ranked.score,
        cosine=ranked.cosine,
        background=asking.background,
        from_history=passage.from_history,
        shared_words=tuple(word for word in asking.rare_words if word in there)[:_WORDS_TOLD],
        other_version=other_version(asking.text, read),
        other_language="" if asking.is_any_language_read else other_language(asking.text, read),
    )
