"""What people would take instead of our search, each behind the same few methods.

Each keeps its defaults, and gives the texts of what it finds. What is not installed is left out by
`peers.py`; `import` stands where it is needed, since a process is for one contender alone.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from supportbot.domain.chat.audiences import open_scope
from supportbot.domain.knowledge.documents import Document
from supportbot.knowledge.search import Search
from supportbot.ports import Vectors
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings
from supportbot.store.engine.sqlite import Database
from tests.reading import matches as matches_in

COMMUNITY = "ours"


class Giving:
    """Gives the vectors that are known, and has the model make the others.

    With `plainly`, all is embedded as the plain library does it, on as many threads as ours.
    """

    def __init__(self, known: Mapping[str, int], vectors: Vectors, *, plainly: bool) -> None:
        real = build_embedder(ModelSettings())
        assert isinstance(real, SentenceTransformerEmbedder)
        self.model, self.key, self.dimension = real.model, real.key, real.dimension
        self.is_multilingual = real.is_multilingual
        self.precision = real.precision
        self.real = real
        self._known, self._vectors, self._plainly = known, vectors, plainly

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if all(text in self._known for text in texts):
            return np.asarray(self._vectors[[self._known[text] for text in texts]])
        if self._plainly:
            return self.embed_plainly(texts, threads=os.cpu_count() or 1)
        return self.real.embed_documents(texts)

    def embed_question(self, text: str) -> Vectors:
        if text in self._known:
            return np.asarray(self._vectors[[self._known[text]]])
        if self._plainly:
            return self.embed_plainly([text], threads=1)
        return self.real.embed_question(text)

    def embed_plainly(self, texts: Sequence[str], *, threads: int) -> Vectors:
        """Embed in float32, as the library does it by itself."""
        import torch  # noqa: PLC0415 - takes seconds

        model = self.real.load()
        torch.set_num_threads(threads)
        return np.asarray(model.encode(list(texts), normalize_embeddings=True), np.float32)


class Contender(Protocol):
    """Finds the passages that match a question."""

    def fill(self, folder: Path, documents: Sequence[Document]) -> None:
        """Take in documents of one passage each, and leave them in a folder."""

    def open(self, folder: Path) -> None:
        """Get ready for questions."""

    def ask(self, text: str, limit: int) -> Sequence[str]:
        """Return the ids of the documents that match a question, best first."""


class Supportbot:
    """Ours: vectors, words, freshness, walls, and rows that are read back."""

    def __init__(self, embedder: Giving) -> None:
        self._embedder = embedder
        self._scope = open_scope()

    def fill(self, folder: Path, documents: Sequence[Document]) -> None:
        database = Database(folder / "bench.db", "ours")
        Search(database, self._embedder).sync(documents[0].source, documents)
        database.close()

    def open(self, folder: Path) -> None:
        self.search = Search(Database(folder / "bench.db", "ours"), self._embedder)

    def ask(self, text: str, limit: int) -> Sequence[str]:
        matches = matches_in(self.search, self._scope, text, limit=limit)
        return [match.document_id for match in matches]

    def nearest(self, text: str, limit: int) -> Sequence[str]:
        """Find by vectors alone, as `ask` does first."""
        assert self.search._current is not None
        index = self.search._current.index
        found = index.search(self._embedder.embed_question(text), self._scope, limit)
        passages = {key.id: key.document_id for key in index._passages}
        return [passages[id_] for id_ in found]


class LangChain:
    """LangChain's FAISS store: exact vectors and texts, all in memory."""

    def __init__(self, embedder: Giving) -> None:
        self._embedder = embedder

    def fill(self, folder: Path, documents: Sequence[Document]) -> None:
        from langchain_community.vectorstores import FAISS  # noqa: PLC0415

        texts = [document.asked[0] for document in documents]
        pairs = zip(texts, self._embedder.embed_documents(texts).tolist(), strict=True)
        ids = [document.id for document in documents]
        FAISS.from_embeddings(pairs, self._embed, ids=ids).save_local(str(folder))

    def open(self, folder: Path) -> None:
        from langchain_community.vectorstores import FAISS  # noqa: PLC0415

        self._store = FAISS.load_local(
            str(folder), self._embed, allow_dangerous_deserialization=True
        )

    def ask(self, text: str, limit: int) -> Sequence[str]:
        return [found.id for found in self._store.similarity_search(text, k=limit)]

    def _embed(self, text: str) -> list[float]:
        vector: list[float] = self._embedder.embed_question(text)[0].tolist()
        return vector


class Txtai:
    """txtai with content: approximate vectors, with `hybrid` BM25 as well, texts in SQLite."""

    def __init__(self, embedder: Giving, *, hybrid: bool = False) -> None:
        self._embedder = embedder
        self._hybrid = hybrid

    def fill(self, folder: Path, documents: Sequence[Document]) -> None:
        index = self._embeddings()(
            method="external", transform=self._transform(), content=True, hybrid=self._hybrid
        )
        index.index((document.id, document.asked[0], None) for document in documents)
        index.config["transform"] = None  # a function is not stored
        index.save(str(folder))

    def open(self, folder: Path) -> None:
        self._index = self._embeddings()()
        self._index.load(str(folder), config={"transform": self._transform()})

    def ask(self, text: str, limit: int) -> Sequence[str]:
        return [found["id"] for found in self._index.search(text, limit)]

    def _embeddings(self) -> Any:
        from txtai import Embeddings  # noqa: PLC0415

        return Embeddings

    def _transform(self) -> Callable[[Sequence[str]], Vectors]:
        def embed(texts: Sequence[str]) -> Vectors:
            one = len(texts) == 1
            embedder = self._embedder
            return embedder.embed_question(texts[0]) if one else embedder.embed_documents(texts)

        return embed


class Chroma:
    """Chroma in a folder: approximate vectors (HNSW), texts in SQLite."""

    def __init__(self, embedder: Giving) -> None:
        self._embedder = embedder

    def fill(self, folder: Path, documents: Sequence[Document]) -> None:
        client = self._client(folder)
        collection = client.create_collection(
            COMMUNITY,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
        )
        most = client.get_max_batch_size()
        for start in range(0, len(documents), most):
            some = documents[start : start + most]
            texts = [document.asked[0] for document in some]
            collection.add(
                ids=[document.id for document in some],
                embeddings=self._embedder.embed_documents(texts),
                documents=texts,
            )

    def open(self, folder: Path) -> None:
        self._collection = self._client(folder).get_collection(COMMUNITY, embedding_function=None)

    def ask(self, text: str, limit: int) -> Sequence[str]:
        vector = self._embedder.embed_question(text)
        found: dict[str, Any] = self._collection.query(query_embeddings=vector, n_results=limit)
        ids: list[str] = found["ids"][0]
        return ids

    def _client(self, folder: Path) -> Any:
        import chromadb  # noqa: PLC0415
        from chromadb.config import Settings  # noqa: PLC0415

        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))


OURS = "supportbot"
CONTENDERS: Mapping[str, Callable[[Giving], Contender]] = {
    OURS: Supportbot,
    "LangChain, FAISS": LangChain,
    "txtai": Txtai,
    "txtai, hybrid": lambda embedder: Txtai(embedder, hybrid=True),
    "Chroma": Chroma,
}
_PACKAGES = {
    "LangChain, FAISS": "langchain-community",
    "txtai": "txtai",
    "txtai, hybrid": "txtai",
    "Chroma": "chromadb",
}


def version_of(name: str) -> str | None:
    """Return the version of a contender's package; None for ours, and when it is missing."""
    if name == OURS:
        return ""
    try:
        return version(_PACKAGES[name])
    except PackageNotFoundError:
        return None
