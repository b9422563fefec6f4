"""What one word adds, beside what FTS5 itself makes of several."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from supportbot.store.engine import fts5
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction

WORDS = ["invoice", "invoices", "ledger", "gen_ledger", "ledger_gen", "post", "café", "4711"]
TEXTS = st.lists(st.sampled_from([*WORDS, "the", "month"]), min_size=1, max_size=12).map(" ".join)


def put(tx: Transaction, *texts: str) -> None:
    fts5.add(tx, dict(enumerate(texts)))


def added_up(tx: Transaction, words: list[str]) -> dict[int, float]:
    totals: dict[int, float] = {}
    for word in words:
        for id_, score in fts5.score_word(tx, word).items():
            totals[id_] = totals.get(id_, 0.0) + score
    return totals


def told_at_once(tx: Transaction, words: list[str]) -> dict[int, float]:
    query = "SELECT rowid, -bm25(passage_words) FROM passage_words WHERE passage_words MATCH :match"
    match = " OR ".join(f'"{word}"' for word in words)
    return {row[0]: row[1] for row in tx.execute(text(query), {"match": match})}


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, max_size=15), st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_what_words_add_is_what_the_word_index_says_of_all_of_them(
    database: Database, texts: list[str], words: list[str]
) -> None:
    with database.writing() as tx:
        tx.execute(text("DELETE FROM passage_words"))
        put(tx, *texts)

        assert added_up(tx, words) == pytest.approx(told_at_once(tx, words), rel=1e-9)


def test_every_passage_that_holds_a_word_has_a_score_above_0(database: Database) -> None:
    with database.writing() as tx:
        put(tx, "an invoice", "two invoices", "a ledger")

        scores = fts5.score_word(tx, "invoice")

    assert sorted(scores) == [0, 1]
    assert min(scores.values()) > 0


def test_a_word_that_nobody_says_adds_nothing(database: Database) -> None:
    with database.writing() as tx:
        put(tx, "an invoice")

        assert fts5.score_word(tx, "ledger") == {}


def test_a_word_with_an_underscore_is_found_in_its_order_only(database: Database) -> None:
    with database.writing() as tx:
        put(tx, "the gen ledger", "a ledger gen", "gen_ledger", "gen and ledger")

        assert sorted(fts5.score_word(tx, "gen_ledger")) == [0, 2]


def test_the_stems_of_a_word_are_in_its_order(database: Database) -> None:
    with database.reading() as tx:
        stems = fts5.stems_of(tx, ["ledger_gen", "gen_ledger"])

    assert stems == {"ledger_gen": ("ledger", "gen"), "gen_ledger": ("gen", "ledger")}
