"""The words of passages, in SQLite FTS5: stemmed, and walled by community and audience."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, text
from sqlmodel import Session

from supportbot.domain.documents import PassageKey
from supportbot.domain.places import Audience, Scope
from supportbot.store.batches import in_batches
from supportbot.store.columns import UtcDateTime


def add(tx: Session, community_id: str, passages: Sequence[tuple[PassageKey, str]]) -> None:
    """Let passages be found by the words of their texts."""
    rows = [
        {"id": key.id, "scope": _scope_token(community_id, key.audience), "words": words}
        for key, words in passages
    ]
    if rows:
        statement = "INSERT INTO passage_words(rowid, scope, words) VALUES (:id, :scope, :words)"
        tx.execute(text(statement), rows)


def remove(tx: Session, ids: Sequence[int]) -> None:
    """Forget the words of passages."""
    if ids:
        statement = text("DELETE FROM passage_words WHERE rowid = :id")
        tx.execute(statement, [{"id": id_} for id_ in ids])


def move(tx: Session, community_id: str, ids: Sequence[int], audience: Audience) -> None:
    """Let passages be found by another audience."""
    if ids:
        statement = text("UPDATE passage_words SET scope = :scope WHERE rowid = :id")
        scope = _scope_token(community_id, audience)
        tx.execute(statement, [{"id": id_, "scope": scope} for id_ in ids])


def merge(tx: Session) -> None:
    """Write the word index anew: until then it holds the words of what was deleted."""
    tx.execute(text("INSERT INTO passage_words(passage_words) VALUES ('optimize')"))


def check(tx: Session) -> None:
    """Raise what SQLite finds wrong in the word index."""
    tx.execute(text("INSERT INTO passage_words(passage_words) VALUES ('integrity-check')"))


def texts_of(tx: Session, ids: Collection[int]) -> dict[int, str]:
    """Read the texts of passages, as the model sees them."""
    found: dict[int, str] = {}
    for some in in_batches(ids):
        found.update({int(id_): str(words) for id_, words in tx.execute(_TEXTS, {"ids": some})})
    return found


_TEXTS = text("SELECT rowid, words FROM passage_words WHERE rowid IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def stems_of(tx: Session, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give what the word index makes of each word; one with an underscore becomes several."""
    tx.execute(text("DELETE FROM temp.asked_word"))
    if not words:
        return {}
    rows = [{"id": position, "word": word} for position, word in enumerate(words)]
    tx.execute(text("INSERT INTO temp.asked_word(rowid, word) VALUES (:id, :word)"), rows)
    stems: dict[str, tuple[str, ...]] = {}
    for position, stem in tx.execute(text("SELECT doc, term FROM temp.asked_stem")):
        stems[words[position]] = (*stems.get(words[position], ()), stem)
    return stems


def count_containing(tx: Session, stem: str) -> int:
    """Count the passages, of all communities, that have a stem. Takes longer the more they are."""
    return counts_containing(tx, [stem])[stem]


def counts_containing(tx: Session, stems: Collection[str]) -> dict[str, int]:
    """Count the same for each of several stems, all at once."""
    counts = dict.fromkeys(stems, 0)
    for some in in_batches(stems):
        for stem, count in tx.execute(_COUNTS, {"stems": some}):
            counts[stem] = count
    return counts


_COUNTS = text("SELECT term, doc FROM passage_vocabulary WHERE term IN :stems").bindparams(
    bindparam("stems", expanding=True)
)


def find_words(tx: Session, scope: Scope, words: Sequence[str], limit: int) -> dict[int, float]:
    """Give the passages in a scope that share words: id to BM25 (more is better), best first.

    Source: SQLite FTS5's `bm25`, k1 = 1.2, b = 0.75; words are stemmed by its `porter`.
    """
    if not words:
        return {}
    asked = " OR ".join(f'"{word}"' for word in words)
    seen = " OR ".join(f'"{_scope_token(scope.community_id, a)}"' for a in scope.audiences)
    parameters: dict[str, object] = {
        "match": f"scope:({seen}) AND words:({asked})",
        "community_id": scope.community_id,
        "limit": limit,
    }
    # The word index alone knows community and audience: looking up the row of each of some
    # thousand candidates takes as long as the search itself.
    joins, typed = "", list[BindParameter[Any]]()
    conditions = ["passage_words MATCH :match"]
    if scope.before is not None or scope.only is not None or scope.without:
        joins = (
            "JOIN passage ON passage.community_id = :community_id "
            "AND passage.id = passage_words.rowid "
        )
    if scope.before is not None:
        conditions.append("(passage.said_at IS NULL OR passage.said_at < :before)")
        parameters["before"] = scope.before
        typed.append(bindparam("before", type_=UtcDateTime()))
    if scope.only is not None:
        conditions.append("passage.document_id IN :only")
        parameters["only"] = list(scope.only)
        typed.append(bindparam("only", expanding=True))
    if scope.without:
        conditions.append("passage.document_id NOT IN :without")
        parameters["without"] = list(scope.without)
        typed.append(bindparam("without", expanding=True))
    query = text(
        "SELECT passage_words.rowid, -bm25(passage_words, 0.0, 1.0) AS score "  # noqa: S608 - no values
        f"FROM passage_words {joins}"
        f"WHERE {' AND '.join(conditions)} ORDER BY score DESC LIMIT :limit"
    ).bindparams(*typed)
    return {int(id_): float(score) for id_, score in tx.execute(query, parameters)}


def _scope_token(community_id: str, audience: Audience) -> str:
    """Give an audience of a community a word of its own that no tokenizer takes apart."""
    return "s" + hashlib.sha256(f"{community_id}\0{audience}".encode()).hexdigest()[:24]
