from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import text

from supportbot.domain.chat.audiences import COMMUNITY, Audience, Scope, scope_of
from supportbot.domain.chat.places import Place
from supportbot.domain.knowledge.documents import Document, Passage
from supportbot.store import knowledge, places
from supportbot.store.engine import fts5
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import PreparedDocument
from tests.communities import theirs

BOARD = Audience("place:slack/T1/board")
ALL = Scope(frozenset({COMMUNITY}))


def prepared(
    key: str = "a.md",
    *searched: str,
    audience: Audience = COMMUNITY,
    said_at: datetime | None = None,
) -> PreparedDocument:
    document = Document(
        source="handbook",
        key=key,
        title="Invoices",
        body="",
        author="Paul",
        author_id="slack:U1",
        said_at=said_at,
        url="https://example.org/a",
        audience=audience,
    )
    passages = tuple(Passage(one, f"shown: {one}", "Posting", "posting") for one in searched)
    return PreparedDocument(document, f"hash of {key}", passages)


def put(database: Database, *documents: PreparedDocument, community_id: str = "ours") -> None:
    with database.of(community_id).writing() as tx:
        knowledge.put_documents(tx, documents)


def remove(database: Database, *ids: str, community_id: str = "ours") -> set[int]:
    with database.of(community_id).writing() as tx:
        return knowledge.remove_documents(tx, ids)


def embed(database: Database, *texts: str, model: str = "m", community_id: str = "ours") -> None:
    vectors = {knowledge.content_hash(one): np.array([1.0, 0.5], np.float32) for one in texts}
    with database.of(community_id).writing() as tx:
        knowledge.put_embeddings(tx, vectors, model=model, precision="float32")


def find(
    database: Database, word: str, scope: Scope = ALL, *, community_id: str = "ours"
) -> list[str]:
    """Find by a word, and read what was found: what the rows let through comes out."""
    with database.of(community_id).reading() as tx:
        scores = fts5.score_word(tx, word)
        found = knowledge.read_passages(tx, scope, list(scores))
    best_first = sorted(found, key=lambda id_: (-scores[id_], found[id_].shown))
    return [found[id_].shown for id_ in best_first]


def all_ids(database: Database, community_id: str = "ours") -> list[int]:
    with database.of(community_id).reading() as tx:
        rows = tx.execute(
            text("SELECT id FROM passage WHERE community_id = :c"), {"c": community_id}
        )
        return [row[0] for row in rows]


def number_of(database: Database, table: str) -> int:
    queries = {
        "embedding": "SELECT count(*) FROM embedding",
        "passage": "SELECT count(*) FROM passage",
        "passage_words": "SELECT count(*) FROM passage_words",
    }
    with database.reading() as tx:
        return int(tx.execute(text(queries[table])).scalar_one())


def test_a_passage_is_found_by_its_words(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice", "close the ledger"))

    assert find(database, "invoice") == ["shown: post an invoice"]


def test_words_are_found_in_another_form_and_without_accents(database: Database) -> None:
    put(database, prepared("a.md", "posting invoices in the café"))

    assert (
        find(database, "post") == find(database, "cafe") == ["shown: posting invoices in the café"]
    )


def test_the_passage_that_says_a_word_more_often_comes_first(database: Database) -> None:
    put(database, prepared("a.md", "an invoice", "invoice invoice", "one", "two", "three"))

    assert find(database, "invoice") == ["shown: invoice invoice", "shown: an invoice"]


@pytest.mark.parametrize("word", ["AND", "scope", "NEAR(a b)", "*", "c:d", "'"])
def test_what_looks_like_search_syntax_is_only_a_word(database: Database, word: str) -> None:
    put(database, prepared("a.md", "post an invoice"))

    assert find(database, word) == []


def test_another_community_finds_nothing(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice"))

    assert find(database, "invoice", community_id="theirs") == []


def test_two_communities_keep_documents_of_the_same_name_apart(database: Database) -> None:
    put(database, prepared("a.md", "our invoice"), community_id="ours")
    put(database, prepared("a.md", "their invoice"), community_id="theirs")

    remove(database, "handbook:a.md", community_id="theirs")

    assert find(database, "invoice") == ["shown: our invoice"]
    assert find(database, "invoice", community_id="theirs") == []


def test_what_was_said_in_private_is_not_found_by_words_elsewhere(database: Database) -> None:
    put(database, prepared("a.md", "the secret invoice", audience=BOARD))

    assert find(database, "invoice") == []
    assert find(database, "invoice", scope=Scope(frozenset({COMMUNITY, BOARD}))) == [
        "shown: the secret invoice"
    ]


def test_what_was_said_in_private_cannot_be_read_elsewhere_even_by_id(database: Database) -> None:
    put(database, prepared("a.md", "the secret invoice", audience=BOARD))
    ids = all_ids(database)

    with database.reading() as tx:
        by_id = knowledge.read_passages(tx, ALL, ids)
        by_document = knowledge.read_document_passages(tx, ALL, ["handbook:a.md"])

    assert (by_id, by_document) == ({}, {})


def test_passages_of_another_community_cannot_be_read_by_id(database: Database) -> None:
    put(database, prepared("a.md", "their invoice"), community_id="theirs")
    ids = all_ids(database, "theirs")

    with database.reading() as tx:
        by_id = knowledge.read_passages(tx, ALL, ids)
        by_document = knowledge.read_document_passages(tx, ALL, ["handbook:a.md"])

    assert (len(ids), by_id, by_document) == (1, {}, {})


def test_a_document_that_is_stored_again_takes_the_place_of_the_old_one(
    database: Database,
) -> None:
    put(database, prepared("a.md", "old invoice", "old ledger"))

    put(database, prepared("a.md", "new invoice"))

    assert find(database, "invoice") == ["shown: new invoice"]
    assert find(database, "ledger") == []
    assert (number_of(database, "passage"), number_of(database, "passage_words")) == (1, 1)


def test_a_document_that_is_removed_leaves_neither_passages_nor_words(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice", "close the ledger"))
    ids = all_ids(database)

    gone = remove(database, "handbook:a.md")

    assert gone == set(ids)
    assert (number_of(database, "passage"), number_of(database, "passage_words")) == (0, 0)
    with database.reading() as tx:
        assert knowledge.count(tx) == (0, 0)
        assert fts5.count_containing(tx, "invoic") == 0


def test_removing_what_is_not_there_removes_nothing(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice"))

    assert remove(database, "handbook:b.md") == set()
    assert number_of(database, "passage") == 1


def test_more_documents_than_one_statement_takes_are_removed(database: Database) -> None:
    put(database, *(prepared(f"{number}.md", f"invoice {number}") for number in range(1_201)))

    gone = remove(database, *(f"handbook:{number}.md" for number in range(1_201)))

    assert (len(gone), number_of(database, "passage")) == (1_201, 0)


def test_a_document_without_passages_is_counted(database: Database) -> None:
    put(database, prepared("a.md"))

    with database.reading() as tx:
        assert knowledge.count(tx) == (1, 0)


def test_a_passage_is_read_with_what_its_document_says(database: Database) -> None:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    put(database, prepared("a.md", "post an invoice", said_at=moment))

    with database.reading() as tx:
        (found,) = knowledge.read_document_passages(tx, ALL, ["handbook:a.md"]).values()

    assert found.key.document_id == "handbook:a.md"
    assert found.key.said_at == moment
    assert found.key.audience == "community"
    assert (found.title, found.source, found.url) == (
        "Invoices",
        "handbook",
        "https://example.org/a",
    )
    assert (found.author, found.author_id) == ("Paul", "slack:U1")
    assert (found.heading, found.anchor, found.shown) == (
        "Posting",
        "posting",
        "shown: post an invoice",
    )


def test_the_hashes_of_one_source_are_told(database: Database) -> None:
    other = replace(prepared("b.md").document, source="answers")
    put(database, prepared("a.md"), PreparedDocument(other, "another hash", ()))

    with database.reading() as tx:
        assert knowledge.document_hashes(tx, "handbook") == {"handbook:a.md": "hash of a.md"}
        assert knowledge.document_hashes(theirs(tx), "handbook") == {}


def test_texts_lack_a_vector_until_they_have_one_of_that_model(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice", "close the ledger"))
    embed(database, "post an invoice", model="m")

    with database.reading() as tx:
        of_m = knowledge.texts_without_vector(tx, "m")
        of_n = knowledge.texts_without_vector(tx, "n")
        of_theirs = knowledge.texts_without_vector(theirs(tx), "m")

    assert list(of_m.values()) == ["close the ledger"]
    assert sorted(of_n.values()) == ["close the ledger", "post an invoice"]
    assert of_theirs == {}


def test_vectors_come_back_as_they_were_for_their_passages(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice"))
    embed(database, "post an invoice")

    with database.reading() as tx:
        ((keys, vectors),) = list(knowledge.read_vectors(tx, "m"))

    assert [key.document_id for key in keys] == ["handbook:a.md"]
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[1.0, 0.5]]


def test_vectors_of_another_model_or_community_are_not_read(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice"))
    embed(database, "post an invoice", model="m")

    with database.reading() as tx:
        assert list(knowledge.read_vectors(tx, "n")) == []
        assert list(knowledge.read_vectors(theirs(tx), "m")) == []


def test_vectors_are_read_in_batches(database: Database) -> None:
    put(database, prepared("a.md", "one", "two", "three"))
    embed(database, "one", "two", "three")

    with database.reading() as tx:
        batches = list(knowledge.read_vectors(tx, "m", batch=2))

    assert [vectors.shape for _, vectors in batches] == [(2, 2), (1, 2)]


def test_a_vector_that_is_stored_again_is_replaced(database: Database) -> None:
    embed(database, "one")

    embed(database, "one")

    assert number_of(database, "embedding") == 1


def test_vectors_that_nothing_needs_any_more_are_removed(database: Database) -> None:
    put(database, prepared("a.md", "kept"))
    embed(database, "kept", "dropped", model="m")
    embed(database, "kept", "dropped", model="n")
    embed(database, "theirs", community_id="theirs")

    with database.writing() as tx:
        knowledge.remove_unused_embeddings(tx)

    # "kept" of both models, and the one of another community.
    assert number_of(database, "embedding") == 3


def test_storing_nothing_is_allowed(database: Database) -> None:
    put(database)
    embed(database)

    assert (number_of(database, "passage"), number_of(database, "embedding")) == (0, 0)


def test_words_are_taken_apart_as_the_index_does(database: Database) -> None:
    with database.reading() as tx:
        stems = fts5.stems_of(tx, ["invoices", "gen_ledger", "Café"])

    assert stems == {"invoices": ("invoic",), "gen_ledger": ("gen", "ledger"), "Café": ("cafe",)}


def test_no_words_have_no_stems(database: Database) -> None:
    with database.reading() as tx:
        assert fts5.stems_of(tx, []) == {}


def test_stems_of_an_earlier_question_are_forgotten(database: Database) -> None:
    with database.reading() as tx:
        fts5.stems_of(tx, ["invoices", "ledgers"])

        assert fts5.stems_of(tx, ["tables"]) == {"tables": ("tabl",)}


def test_the_passages_that_have_a_stem_are_counted(database: Database) -> None:
    put(database, prepared("a.md", "post an invoice", "two invoices, one invoice", "a ledger"))

    with database.reading() as tx:
        assert fts5.count_containing(tx, "invoic") == 2
        assert fts5.count_containing(tx, "nothing") == 0


def test_equal_texts_have_equal_names() -> None:
    assert knowledge.content_hash("an invoice") == knowledge.content_hash("an invoice")
    assert knowledge.content_hash("an invoice") != knowledge.content_hash("an Invoice")


def test_half_a_character_has_a_name_too() -> None:
    assert len(knowledge.content_hash("broken \ud83d")) == 32


def revision(database: Database, community_id: str = "ours") -> int:
    with database.of(community_id).reading() as tx:
        return knowledge.revision(tx)


def test_each_change_of_what_can_be_found_is_counted(database: Database) -> None:
    counted = [revision(database)]
    put(database, prepared("a.md", "post an invoice"))
    counted.append(revision(database))
    embed(database, "post an invoice")
    counted.append(revision(database))
    remove(database, "handbook:a.md")
    counted.append(revision(database))

    assert counted == [0, 1, 2, 3]
    assert revision(database, "theirs") == 0


def test_what_changes_nothing_is_not_counted(database: Database) -> None:
    put(database)
    embed(database)
    remove(database, "handbook:a.md")

    assert revision(database) == 0


def test_a_change_that_was_taken_back_is_not_counted(database: Database) -> None:
    with suppress(ZeroDivisionError), database.writing() as tx:
        knowledge.note_change(tx)
        raise ZeroDivisionError

    assert revision(database) == 0


def test_the_hashes_of_documents_are_those_that_a_scope_may_see(database: Database) -> None:
    put(database, prepared("a.md"), prepared("b.md", audience=BOARD))
    ids = ["handbook:a.md", "handbook:b.md", "handbook:c.md"]

    with database.reading() as tx:
        assert knowledge.hashes_of(tx, []) == {}
        assert knowledge.hashes_of(tx, ids) == {
            "handbook:a.md": "hash of a.md",
            "handbook:b.md": "hash of b.md",
        }
        assert knowledge.hashes_of(tx, ids, scope=ALL) == {"handbook:a.md": "hash of a.md"}


def said_in(channel: str, key: str = "a.md") -> PreparedDocument:
    one = prepared(key, "post an invoice")
    return replace(one, document=replace(one.document, channel_key=channel))


def test_the_documents_of_a_channel_move_with_it_and_no_others(database: Database) -> None:
    put(database, said_in("slack/T1/board"), said_in("slack/T1/help", "b.md"))
    put(database, said_in("slack/T1/board"), community_id="theirs")
    board = Place("slack", "T1", "board", is_private=True)

    with database.writing() as tx:
        knowledge.move_audience(tx, board)

    with database.reading() as tx:
        assert knowledge.documents_in_channel(tx, "slack/T1/board") == {"handbook:a.md"}
        assert knowledge.hashes_of(tx, ["handbook:a.md", "handbook:b.md"], scope=ALL) == {
            "handbook:b.md": "hash of b.md"
        }
    assert len(find(database, "invoice", scope_of(board))) == 2
    assert len(find(database, "invoice")) == 1
    assert find(database, "invoice", community_id="theirs") == ["shown: post an invoice"]


@pytest.mark.parametrize(("is_private", "found"), [(True, []), (False, ["shown: post an invoice"])])
def test_what_was_said_in_a_channel_is_kept_for_those_who_may_see_it_now(
    database: Database, found: list[str], *, is_private: bool
) -> None:
    board = Place("slack", "T1", "board", is_private=is_private)
    with database.writing() as tx:
        places.note(tx, board, datetime(2026, 3, 2, tzinfo=UTC))

    put(database, said_in("slack/T1/board"))

    assert find(database, "invoice") == found
    assert find(database, "invoice", scope=scope_of(board)) == ["shown: post an invoice"]
