"""Documents, their passages, the words and the vectors of these."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    Executable,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    bindparam,
    text,
)
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, delete, insert, select, update

from supportbot.domain.chat.audiences import Audience, Scope, audience_of
from supportbot.domain.chat.places import Place
from supportbot.domain.knowledge.documents import Document, Passage, PassageKey
from supportbot.ports import Vectors
from supportbot.store import places, tombstones
from supportbot.store.engine import fts5
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of, table_of
from supportbot.store.engine.transaction import Transaction


class DocumentRow(SQLModel, table=True):
    """A unit of knowledge."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_by_channel", "community_id", "channel_key"),
        Index("document_by_author", "community_id", "author_id"),
    )
    community_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    audience: str
    source: str
    hash: str
    title: str
    author: str
    author_id: str
    said_at: datetime | None = Field(sa_type=UtcDateTime)
    url: str
    channel_key: str
    from_history: bool = False


class PassageRow(SQLModel, table=True):
    """A piece of a document."""

    __tablename__ = "passage"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "document_id"],
            ["document.community_id", "document.id"],
            ondelete="CASCADE",
        ),
        Index("passage_by_document", "community_id", "document_id"),
    )
    community_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    audience: str
    document_id: str
    said_at: datetime | None = Field(sa_type=UtcDateTime)
    heading: str
    anchor: str
    shown: str
    content_hash: str


class EmbeddingRow(SQLModel, table=True):
    """The vector of a text, for one model. Kept by content, so that nothing is embedded twice."""

    __tablename__ = "embedding"
    community_id: str = Field(primary_key=True)
    content_hash: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    precision: str
    vector: bytes = Field(sa_type=LargeBinary)


class RevisionRow(SQLModel, table=True):
    """Counts the changes of what a community knows, so that an index can tell whether it is old."""

    __tablename__ = "revision"
    community_id: str = Field(primary_key=True)
    number: int


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document, cut and ready to be stored."""

    document: Document
    hash: str
    passages: tuple[Passage, ...]

    def keys(self, community_id: str) -> list[PassageKey]:
        """Return what the index needs to know of each passage."""
        document = self.document
        return [
            PassageKey(
                _passage_id(community_id, document.id, position),
                document.id,
                document.audience,
                document.said_at,
            )
            for position in range(len(self.passages))
        ]


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage as it is stored, with what its document says."""

    key: PassageKey
    title: str
    source: str
    author: str
    author_id: str
    url: str
    heading: str
    anchor: str
    shown: str
    from_history: bool = False


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document as it is stored, for the one whose words it is."""

    id: str
    title: str
    source: str
    url: str
    said_at: datetime | None
    shown: str


def content_hash(text: str) -> str:
    """Name a text by what it says."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def document_hashes(tx: Transaction, source: str) -> dict[str, str]:
    """Return the hash of each stored document of a source, by document id."""
    query = select(DocumentRow.id, DocumentRow.hash).where(
        DocumentRow.community_id == tx.community_id, DocumentRow.source == source
    )
    return dict(tx.exec(query).all())


def hashes_of(
    tx: Transaction, ids: Collection[str], *, scope: Scope | None = None
) -> dict[str, str]:
    """Return the hash of each document that exists and, given a scope, that it may see."""
    if not ids:
        return {}
    of: dict[str, object] = {"community_id": tx.community_id, "ids": list(ids)}
    if scope is None:
        rows = connection_of(tx).execute(_HASHES, of)
    else:
        rows = connection_of(tx).execute(_HASHES_SEEN, {**of, "seen": list(scope.audiences)})
    return {row.id: row.hash for row in rows}


def revision(tx: Transaction) -> int:
    """Return the number of the latest change of what can be found."""
    return connection_of(tx).scalar(_REVISION, {"community_id": tx.community_id}) or 0


_REVISION = select_columns(col(RevisionRow.number)).where(
    col(RevisionRow.community_id) == bindparam("community_id")
)
_HASHES = select_columns(col(DocumentRow.id), col(DocumentRow.hash)).where(
    col(DocumentRow.community_id) == bindparam("community_id"),
    col(DocumentRow.id).in_(bindparam("ids", expanding=True)),
)
_HASHES_SEEN = _HASHES.where(col(DocumentRow.audience).in_(bindparam("seen", expanding=True)))


def note_change(tx: Transaction) -> None:
    """Count a change of what can be found; in the transaction of the change."""
    statement = "INSERT INTO revision VALUES (:c, 1) ON CONFLICT DO UPDATE SET number = number + 1"
    tx.execute(text(statement), {"c": tx.community_id})


def documents_by(tx: Transaction, member_id: str) -> tuple[FoundDocument, ...]:
    """Read the documents that a member's words are in, oldest first."""
    rows = tx.exec(
        select(DocumentRow)
        .where(DocumentRow.community_id == tx.community_id, DocumentRow.author_id == member_id)
        .order_by(col(DocumentRow.said_at), col(DocumentRow.id))
    ).all()
    return tuple(
        FoundDocument(row.id, row.title, row.source, row.url, row.said_at, _shown(tx, row))
        for row in rows
    )


def documents_in_channel(tx: Transaction, channel_key: str) -> set[str]:
    """Return the ids of the documents that were said in a channel."""
    query = select(DocumentRow.id).where(
        DocumentRow.community_id == tx.community_id, DocumentRow.channel_key == channel_key
    )
    return set(tx.exec(query))


def move_audience(tx: Transaction, place: Place) -> None:
    """Let what was learned in a channel be found by those who may see the channel now."""
    audience = audience_of(place)
    ids = sorted(documents_in_channel(tx, place.channel_key))
    for some in in_batches(ids):
        of_these = (
            col(PassageRow.community_id) == tx.community_id,
            col(PassageRow.document_id).in_(some),
        )
        tx.exec(update(PassageRow).where(*of_these).values(audience=audience))
        tx.exec(
            update(DocumentRow)
            .where(col(DocumentRow.community_id) == tx.community_id, col(DocumentRow.id).in_(some))
            .values(audience=audience)
        )
    if ids:
        note_change(tx)


def texts_without_vector(tx: Transaction, model: str) -> dict[str, str]:
    """Return the texts of passages that have no vector of this model, by content hash."""
    query = text(
        "SELECT passage.content_hash, passage_words.words FROM passage "
        "JOIN passage_words ON passage_words.rowid = passage.id "
        "WHERE passage.community_id = :community_id AND NOT EXISTS ("
        "SELECT 1 FROM embedding WHERE embedding.community_id = passage.community_id "
        "AND embedding.content_hash = passage.content_hash AND embedding.model = :model)"
    )
    rows = tx.execute(query, {"community_id": tx.community_id, "model": model})
    return {str(hash_): str(words) for hash_, words in rows}


def put_embeddings(
    tx: Transaction,
    vectors: Mapping[str, npt.NDArray[np.float32]],
    *,
    model: str,
    precision: str,
) -> None:
    """Store the vectors of texts by content hash; known ones are replaced."""
    rows = [
        {
            "community_id": tx.community_id,
            "content_hash": hash_,
            "model": model,
            "precision": precision,
            "vector": vector.tobytes(),
        }
        for hash_, vector in vectors.items()
    ]
    if rows:
        statement = insert(table_of(EmbeddingRow)).prefix_with("OR REPLACE")
        connection_of(tx).execute(statement, rows)
        note_change(tx)


def put_documents(tx: Transaction, prepared: Sequence[PreparedDocument]) -> None:
    """Store documents with their passages and words, in place of what they were before.

    What a member said before they were forgotten is passed over, and what was said in a channel is
    for those who may see the channel now.
    """
    remove_documents(tx, [p.document.id for p in prepared])
    documents, passages = [], []
    words: dict[int, str] = {}
    for one in prepared:
        document = one.document
        if document.author_id and tombstones.is_forgotten(tx, document.author_id, document.said_at):
            continue
        audience = places.audience_now(tx, document.channel_key, otherwise=document.audience)
        documents.append(
            {
                "community_id": tx.community_id,
                "id": document.id,
                "audience": audience,
                "source": document.source,
                "hash": one.hash,
                "title": document.title,
                "author": document.author,
                "author_id": document.author_id,
                "said_at": document.said_at,
                "url": document.url,
                "channel_key": document.channel_key,
                "from_history": document.from_history,
            }
        )
        for key, passage in zip(one.keys(tx.community_id), one.passages, strict=True):
            passages.append(
                {
                    "community_id": tx.community_id,
                    "id": key.id,
                    "audience": audience,
                    "document_id": document.id,
                    "said_at": document.said_at,
                    "heading": passage.heading,
                    "anchor": passage.anchor,
                    "shown": passage.shown,
                    "content_hash": content_hash(passage.searched),
                }
            )
            words[key.id] = passage.searched
    for model, rows in ((DocumentRow, documents), (PassageRow, passages)):
        if rows:
            connection_of(tx).execute(insert(table_of(model)), rows)
    fts5.add(tx, words)
    if documents:
        note_change(tx)


def remove_documents(tx: Transaction, ids: Collection[str]) -> set[int]:
    """Remove documents with their passages and words.

    Returns:
        Ids of the passages that are gone, for the index.
    """
    gone: set[int] = set()
    for some in in_batches(ids):
        of_these = (
            col(PassageRow.community_id) == tx.community_id,
            col(PassageRow.document_id).in_(some),
        )
        passages = list(tx.exec(select(PassageRow.id).where(*of_these)))
        fts5.remove(tx, passages)
        tx.exec(delete(PassageRow).where(*of_these))
        tx.exec(
            delete(DocumentRow).where(
                col(DocumentRow.community_id) == tx.community_id, col(DocumentRow.id).in_(some)
            )
        )
        gone.update(passages)
    if gone:
        note_change(tx)
    return gone


def remove_unused_embeddings(tx: Transaction) -> None:
    """Remove the vectors of texts that nothing says any more, of every model."""
    used = select(PassageRow.content_hash).where(PassageRow.community_id == tx.community_id)
    tx.exec(
        delete(EmbeddingRow).where(
            col(EmbeddingRow.community_id) == tx.community_id,
            col(EmbeddingRow.content_hash).not_in(used),
        )
    )


def read_embeddings(
    tx: Transaction, model: str, hashes: Collection[str]
) -> dict[str, npt.NDArray[np.float32]]:
    """Read the vectors of some texts, by content hash; those that are not there are left out."""
    found = {}
    for some in in_batches(hashes):
        query = select(EmbeddingRow.content_hash, EmbeddingRow.vector).where(
            EmbeddingRow.community_id == tx.community_id,
            EmbeddingRow.model == model,
            col(EmbeddingRow.content_hash).in_(some),
        )
        found.update({hash_: np.frombuffer(row, np.float32) for hash_, row in tx.exec(query)})
    return found


def remove_embeddings(tx: Transaction, model: str) -> None:
    """Remove the vectors of a model, named as in the record, whatever its weights."""
    tx.exec(
        delete(EmbeddingRow).where(
            col(EmbeddingRow.community_id) == tx.community_id,
            col(EmbeddingRow.model).startswith(f"{model}@", autoescape=True),
        )
    )


def read_vectors(
    tx: Transaction, model: str, *, batch: int = 10_000
) -> Iterator[tuple[list[PassageKey], Vectors]]:
    """Read every passage that has a vector of this model, in batches for the index."""
    # Columns, not rows: making objects of 40,000 rows takes seconds.
    query = (
        select_columns(
            col(PassageRow.id),
            col(PassageRow.document_id),
            col(PassageRow.audience),
            col(PassageRow.said_at),
            col(EmbeddingRow.vector),
        )
        .join(
            EmbeddingRow,
            (col(EmbeddingRow.community_id) == col(PassageRow.community_id))
            & (col(EmbeddingRow.content_hash) == col(PassageRow.content_hash)),
        )
        .where(col(PassageRow.community_id) == tx.community_id, col(EmbeddingRow.model) == model)
    )
    for rows in connection_of(tx).execute(query).yield_per(batch).partitions():
        keys = [PassageKey(row[0], row[1], Audience(row[2]), row[3]) for row in rows]
        vectors = np.frombuffer(b"".join(row[4] for row in rows), np.float32)
        yield keys, vectors.reshape(len(keys), -1)


def read_passages(tx: Transaction, scope: Scope, ids: Collection[int]) -> dict[int, FoundPassage]:
    """Read passages by id: only those that still exist and that the scope may see."""
    return {
        found.key.id: found
        for some in in_batches(ids)
        for found in _found(tx, scope, _PASSAGES, some)
    }


def read_document_passages(
    tx: Transaction, scope: Scope, document_ids: Collection[str]
) -> dict[int, FoundPassage]:
    """Read all passages of some documents that the scope may see."""
    return {
        found.key.id: found
        for some in in_batches(document_ids)
        for found in _found(tx, scope, _PASSAGES_OF_DOCUMENTS, some)
    }


def count(tx: Transaction) -> tuple[int, int]:
    """Count a community's documents and passages."""
    counted = tx.execute(
        text(
            "SELECT (SELECT count(*) FROM document WHERE community_id = :c), "
            "(SELECT count(*) FROM passage WHERE community_id = :c)"
        ),
        {"c": tx.community_id},
    ).one()
    return int(counted[0]), int(counted[1])


_SEEN = (
    select_columns(
        col(PassageRow.id),
        col(PassageRow.document_id),
        col(PassageRow.audience),
        col(PassageRow.said_at),
        col(DocumentRow.title),
        col(DocumentRow.source),
        col(DocumentRow.author),
        col(DocumentRow.author_id),
        col(DocumentRow.url),
        col(PassageRow.heading),
        col(PassageRow.anchor),
        col(PassageRow.shown),
        col(DocumentRow.from_history),
    )
    .join(
        DocumentRow,
        (col(DocumentRow.community_id) == col(PassageRow.community_id))
        & (col(DocumentRow.id) == col(PassageRow.document_id)),
    )
    .where(
        col(PassageRow.community_id) == bindparam("community_id"),
        col(PassageRow.audience).in_(bindparam("audiences", expanding=True)),
    )
)
_PASSAGES = _SEEN.where(col(PassageRow.id).in_(bindparam("ids", expanding=True)))
_PASSAGES_OF_DOCUMENTS = _SEEN.where(
    col(PassageRow.document_id).in_(bindparam("ids", expanding=True))
)


def _found(
    tx: Transaction, scope: Scope, statement: Executable, ids: Sequence[int] | Sequence[str]
) -> Iterator[FoundPassage]:
    """Read passages with their documents: columns, not rows, for a question reads dozens."""
    seen = {"community_id": tx.community_id, "audiences": list(scope.audiences), "ids": ids}
    for id_, document_id, audience, said_at, *told in connection_of(tx).execute(statement, seen):
        yield FoundPassage(PassageKey(id_, document_id, Audience(audience), said_at), *told)


def _shown(tx: Transaction, row: DocumentRow) -> str:
    query = select(PassageRow.shown).where(
        PassageRow.community_id == row.community_id, PassageRow.document_id == row.id
    )
    return "\n\n".join(shown for shown in tx.exec(query) if shown)


def _passage_id(community_id: str, document_id: str, position: int) -> int:
    """Name a passage by its place: 63 bits, since faiss and SQLite count with whole numbers."""
    name = f"{community_id}\0{document_id}\0{position}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8]) >> 1
