"""The words of the passages of all communities, in SQLite FTS5: stemmed.

Nothing here knows who may see a passage: what is found by words goes through an index that does.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, text

from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


def add(tx: Transaction, texts: Mapping[int, str]) -> None:
    """Let passages be found by the words of their texts, given by id."""
    rows = [{"id": id_, "words": words} for id_, words in texts.items()]
    if rows:
        tx.execute(text("INSERT INTO passage_words(rowid, words) VALUES (:id, :words)"), rows)


def remove(tx: Transaction, ids: Sequence[int]) -> None:
    """Forget the words of passages."""
    if ids:
        statement = text("DELETE FROM passage_words WHERE rowid = :id")
        tx.execute(statement, [{"id": id_} for id_ in ids])


def merge(tx: Transaction) -> None:
    """Write the word index anew: until then it holds the words of what was deleted."""
    tx.execute(text("INSERT INTO passage_words(passage_words) VALUES ('optimize')"))


def check(tx: Transaction) -> None:
    """Raise what SQLite finds wrong in the word index."""
    tx.execute(text("INSERT INTO passage_words(passage_words) VALUES ('integrity-check')"))


def texts_of(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Read the texts of passages, as the model sees them."""
    found: dict[int, str] = {}
    for some in in_batches(ids):
        found.update({int(id_): str(words) for id_, words in tx.execute(_TEXTS, {"ids": some})})
    return found


_TEXTS = text("SELECT rowid, words FROM passage_words WHERE rowid IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def stems_of(tx: Transaction, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what the word index makes of each word; one with an underscore becomes several."""
    tx.execute(text("DELETE FROM temp.asked_word"))
    if not words:
        return {}
    rows = [{"id": position, "word": word} for position, word in enumerate(words)]
    tx.execute(text("INSERT INTO temp.asked_word(rowid, word) VALUES (:id, :word)"), rows)
    stems: dict[str, tuple[str, ...]] = {}
    for position, stem in tx.execute(
        text("SELECT doc, term FROM temp.asked_stem ORDER BY doc, offset")
    ):
        stems[words[position]] = (*stems.get(words[position], ()), stem)
    return stems


def count_containing(tx: Transaction, stem: str) -> int:
    """Count the passages, of all communities, that have a stem. Takes longer the more they are."""
    return counts_containing(tx, [stem])[stem]


def counts_containing(tx: Transaction, stems: Collection[str]) -> dict[str, int]:
    """Count the same for each of several stems, all at once."""
    counts = dict.fromkeys(stems, 0)
    for some in in_batches(stems):
        for stem, count in tx.execute(_COUNTS, {"stems": some}):
            counts[stem] = count
    return counts


_COUNTS = text("SELECT term, doc FROM passage_vocabulary WHERE term IN :stems").bindparams(
    bindparam("stems", expanding=True)
)


def score_word(tx: Transaction, word: str) -> dict[int, float]:
    """Return what a word adds to the BM25 of each passage that holds it, in all communities.

    The BM25 of several words is the sum. More is better; none is 0.

    Source: SQLite FTS5's `bm25`, k1 = 1.2, b = 0.75; words are stemmed by its `porter`.
    """
    rows = connection_of(tx).execute(_SCORES, {"match": f'"{word}"'})
    return {row[0]: row[1] for row in rows}


_SCORES = text(
    "SELECT rowid, -bm25(passage_words) FROM passage_words WHERE passage_words MATCH :match"
)
