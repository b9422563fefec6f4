import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from supportbot.domain.chat.audiences import COMMUNITY, Audience, Scope
from supportbot.domain.knowledge.documents import Document
from supportbot.errors import EmbeddingError, SupportbotError
from supportbot.knowledge.search import Search, SyncReport
from supportbot.ports import Vectors
from supportbot.store import knowledge
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder, OverlapReranker
from tests.reading import matches as matches_in
from tests.reading import near_passages as near_passages_in

SAYINGS = st.lists(
    st.sampled_from(["post", "an", "invoice", "close", "the", "ledger", "gen_ledger", "toner"]),
    min_size=1,
    max_size=6,
).map(" ".join)
BOARD = Audience("place:slack/T1/board")
ALL = Scope(frozenset({COMMUNITY}))
INVOICE = Document("answers", "1", "Invoice", "Use the button.", asked=("post an invoice",))
LEDGER = Document("answers", "2", "Ledger", "Close the month.", asked=("close the ledger",))
PAPER = Document("answers", "3", "Paper", "In tray two.", asked=("printer has no paper",))
HANDBOOK = Document(
    "handbook",
    "printing.md",
    "Printing",
    "# Printing\n\n## Paper\n\nFill tray two with paper.\n\n## Toner\n\nShake the cartridge.\n",
    asked=("Why does the printer blink?", "How do I change the cartridge?"),
    url="https://example.org/printing.md",
    is_markdown=True,
)


class UnreliableEmbedder(HashingEmbedder):
    """Embeds so many batches, and then the power goes."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.batches = batches

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not self.batches:
            message = "the power is gone"
            raise RuntimeError(message)
        self.batches -= 1
        return super().embed_documents(texts)


class AlikeEmbedder(HashingEmbedder):
    """Finds all texts alike."""

    def _vector(self, text: str) -> Vectors:
        del text
        return super()._vector("alike")


class NewerEmbedder(HashingEmbedder):
    key = "hashing@2"


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def search(database: Database, embedder: HashingEmbedder) -> Search:
    return Search(database, embedder)


def learn(search: Search, database: Database, document: Document) -> None:
    """Do as the worker does."""
    findable = search.make_findable(document)
    with database.writing() as tx:
        before = knowledge.revision(tx)
        search.store(tx, findable)
        after = knowledge.revision(tx)
    search.follow([findable], since=before, now=after)


def titles(search: Search, question: str, scope: Scope = ALL, limit: int = 10) -> list[str]:
    return [match.title for match in matches_in(search, scope, question, limit=limit)]


def scores(search: Search, question: str) -> dict[str, float]:
    return {match.document_id: match.score for match in matches_in(search, ALL, question)}


def many(count: int) -> list[Document]:
    return [
        Document("answers", f"{number}", f"T{number}", "Body.", asked=(f"question {number}",))
        for number in range(count)
    ]


def test_the_first_sync_adds_and_embeds_everything(search: Search) -> None:
    report = search.sync("answers", [INVOICE, LEDGER])

    assert report == SyncReport(added=2, changed=0, removed=0, unchanged=0, passages=2, embedded=2)


def test_a_sync_without_changes_embeds_nothing(search: Search, embedder: HashingEmbedder) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    embedder.embedded.clear()

    report = search.sync("answers", [INVOICE, LEDGER])

    assert report == SyncReport(added=0, changed=0, removed=0, unchanged=2, passages=2, embedded=0)
    assert embedder.embedded == []


def test_only_what_changed_is_embedded(search: Search, embedder: HashingEmbedder) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    embedder.embedded.clear()

    report = search.sync("answers", [INVOICE, replace(LEDGER, asked=("end the year",))])

    assert report == SyncReport(added=0, changed=1, removed=0, unchanged=1, passages=2, embedded=1)
    assert embedder.embedded == ["end the year"]


def test_a_change_of_what_is_shown_needs_no_new_vector(
    search: Search, embedder: HashingEmbedder
) -> None:
    search.sync("answers", [INVOICE])
    embedder.embedded.clear()

    search.sync("answers", [replace(INVOICE, body="Use the menu.")])

    assert embedder.embedded == []
    assert matches_in(search, ALL, "post an invoice")[0].excerpt == "Use the menu."


def test_what_is_gone_from_the_source_is_removed(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])

    report = search.sync("answers", [INVOICE])

    assert (report.removed, report.unchanged, report.passages) == (1, 1, 1)
    assert titles(search, "close the ledger") == ["Invoice"]


def theirs_too(search: Search) -> Search:
    """Search the same database for another community."""
    return Search(search._database.of("theirs"), search.embedder)


def test_a_sync_leaves_other_sources_and_communities_alone(search: Search) -> None:
    theirs = theirs_too(search)
    search.sync("handbook", [HANDBOOK])
    theirs.sync("answers", [LEDGER])

    search.sync("answers", [])

    assert titles(search, "toner cartridge") == ["Printing"]
    assert titles(theirs, "ledger") == ["Ledger"]


def test_what_an_earlier_version_has_stored_is_not_stored_anew(search: Search) -> None:
    document = replace(HANDBOOK, said_at=datetime(2026, 1, 1, tzinfo=UTC), topics=("printing",))

    hash_ = search.make_findable(document).prepared.hash

    assert hash_ == "6dc85ed321ece70943573ca325ddb5a0"  # as version 0.1.0 makes it


def test_of_two_documents_with_one_name_the_first_is_kept(search: Search) -> None:
    twin = replace(INVOICE, title="Twin")

    search.sync("answers", [INVOICE, twin])
    report = search.sync("answers", [INVOICE, twin])

    assert titles(search, "post an invoice") == ["Invoice"]
    assert (report.unchanged, report.changed, report.embedded) == (1, 0, 0)


def test_progress_is_told_in_passages(search: Search) -> None:
    told: list[tuple[int, int]] = []

    search.sync("answers", many(600), lambda done, total: told.append((done, total)))

    assert told == [(512, 600), (600, 600)]


def test_a_sync_that_is_stopped_goes_on_where_it_was(database: Database) -> None:
    embedder = UnreliableEmbedder(batches=1)
    search = Search(database, embedder)
    with pytest.raises(SupportbotError, match="could not be embedded"):
        search.sync("answers", many(600))
    embedder.batches = 10

    report = search.sync("answers", many(600))

    assert (report.unchanged, report.passages, report.embedded) == (600, 600, 88)
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 600


def test_a_sync_that_is_interrupted_between_batches_goes_on_where_it_was(
    search: Search, embedder: HashingEmbedder
) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.sync("answers", many(600), interrupt)

    report = search.sync("answers", many(600))

    assert (report.passages, report.embedded) == (600, 88)
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 600


def test_a_sync_that_is_stopped_while_reading_documents_goes_on_where_it_was(
    search: Search, embedder: HashingEmbedder
) -> None:
    def unreadable() -> Iterator[Document]:
        yield from many(250)
        message = "the file is broken"
        raise OSError(message)

    with suppress(OSError):
        search.sync("answers", unreadable())

    report = search.sync("answers", many(300))

    assert (report.added, report.unchanged, report.passages) == (100, 200, 300)
    assert len(embedder.embedded) == 300


def test_what_is_not_embedded_yet_is_not_found_and_hides_nothing(database: Database) -> None:
    embedder = UnreliableEmbedder(batches=1)
    search = Search(database, embedder)
    search.sync("answers", [INVOICE])
    with suppress(SupportbotError):
        search.sync("answers", [INVOICE, LEDGER])

    assert titles(search, "close the ledger") == ["Invoice"]


def test_another_model_embeds_everything_anew(database: Database, search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    newer = Search(database, NewerEmbedder())

    report = newer.sync("answers", [INVOICE, LEDGER])

    assert (report.unchanged, report.embedded) == (2, 2)
    assert sorted(titles(newer, "post an invoice")) == ["Invoice", "Ledger"]


def test_vectors_of_another_model_are_not_searched(database: Database, search: Search) -> None:
    search.sync("answers", [INVOICE])

    newer = Search(database, NewerEmbedder())

    assert newer.warm_up() == 0
    assert titles(newer, "post an invoice") == []


def test_an_empty_document_set_makes_an_empty_index(search: Search) -> None:
    report = search.sync("answers", [])

    assert report == SyncReport(added=0, changed=0, removed=0, unchanged=0, passages=0, embedded=0)
    assert titles(search, "anything at all") == []
    assert search.is_empty()


def test_a_community_that_knows_something_is_not_empty(search: Search) -> None:
    search.sync("answers", [INVOICE])

    assert not search.is_empty()
    assert theirs_too(search).is_empty()


def test_the_nearest_document_comes_first(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER, PAPER])

    assert titles(search, "how do I close a ledger")[0] == "Ledger"


def test_no_more_documents_than_asked_for_are_found(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER, PAPER])

    assert titles(search, "post an invoice", limit=1) == ["Invoice"]


def test_each_document_is_found_once(search: Search) -> None:
    search.sync("handbook", [HANDBOOK])

    assert titles(search, "printer paper toner cartridge") == ["Printing"]


def test_a_match_says_where_it_comes_from(search: Search) -> None:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    document = replace(
        INVOICE, author="Paul", author_id="slack:U1", said_at=moment, url="https://example.org/1"
    )
    search.sync("answers", [document])

    (match,) = matches_in(search, ALL, "post an invoice")

    assert match.document_id == "answers:1"
    assert (match.title, match.source, match.excerpt) == ("Invoice", "answers", "Use the button.")
    assert (match.author, match.author_id, match.said_at) == ("Paul", "slack:U1", moment)
    assert match.url == "https://example.org/1"
    assert match.cosine == pytest.approx(1.0, abs=1e-3)


def test_a_match_says_which_words_of_the_question_are_in_it(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])

    found = matches_in(search, ALL, "Who can close a ledger with an invoice?")

    assert {match.title: set(match.shared_words) for match in found} == {
        "Invoice": {"invoice"},
        "Ledger": {"close", "ledger"},
    }


def test_a_match_says_that_it_is_about_another_version(search: Search) -> None:
    search.sync("answers", [replace(INVOICE, body="In AX 2012, use the button."), LEDGER])

    found = matches_in(search, ALL, "post an invoice in AX 2009")

    assert {match.title: match.other_version for match in found} == {
        "Invoice": "AX 2012",
        "Ledger": "",
    }


def test_a_match_says_that_it_is_in_another_language(search: Search) -> None:
    body = "Wählen Sie im Menü die Schaltfläche, mit der eine Rechnung gebucht wird."
    search.sync("answers", [replace(INVOICE, title="Rechnung", body=body)])

    (match,) = matches_in(search, ALL, "How can I post an invoice that has been paid already?")

    assert match.other_language == "German"


class BothLanguages(HashingEmbedder):
    """Reads several languages alike."""

    is_multilingual = True


def test_with_a_model_that_reads_both_another_language_is_no_drawback(database: Database) -> None:
    body = "Wählen Sie im Menü die Schaltfläche, mit der eine Rechnung gebucht wird."
    search = Search(database, BothLanguages())
    search.sync("answers", [replace(INVOICE, title="Rechnung", body=body)])

    (match,) = matches_in(search, ALL, "Which button in the menu do I use to post an invoice?")

    assert match.other_language == ""


def test_every_match_has_the_background_of_its_question(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])

    found = matches_in(search, ALL, "post an invoice")

    mean = sum(match.cosine for match in found) / 2
    assert all(match.background.passages == 2 for match in found)
    assert all(match.background.mean == pytest.approx(mean, abs=1e-3) for match in found)


def test_of_two_answers_that_are_as_near_the_newer_comes_first(search: Search) -> None:
    old, new = datetime(2024, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    again = replace(INVOICE, key="9", title="Invoice, again", said_at=new)
    search.sync("answers", [replace(INVOICE, said_at=old), again, LEDGER])

    assert titles(search, "post an invoice")[:2] == ["Invoice, again", "Invoice"]


def test_a_part_of_a_document_is_linked_by_its_heading(search: Search) -> None:
    search.sync("handbook", [HANDBOOK])

    (match,) = matches_in(search, ALL, "fill tray two with paper")

    assert match.heading == "Paper"
    assert match.url == "https://example.org/printing.md#paper"
    assert match.excerpt == "Fill tray two with paper."


def test_a_question_that_a_document_names_shows_its_nearest_part(search: Search) -> None:
    search.sync("handbook", [HANDBOOK])

    (match,) = matches_in(search, ALL, "How do I change the cartridge?")

    assert match.cosine == pytest.approx(1.0, abs=1e-3)
    assert (match.heading, match.excerpt) == ("Toner", "Shake the cartridge.")


@pytest.mark.parametrize("question", ["", "?!", "\x00", "🤷" * 300, "\ud83d", "word " * 5_000])
def test_any_text_can_be_asked(search: Search, question: str) -> None:
    search.sync("answers", [INVOICE])

    assert titles(search, question) == ["Invoice"]


class BrokenReranker(OverlapReranker):
    """Raises, or gives what is no number."""

    def __init__(self, given: list[float] | Exception) -> None:
        super().__init__()
        self._given = given

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        del question, texts
        if isinstance(self._given, Exception):
            raise self._given
        return self._given


def test_a_second_stage_looks_again_at_what_was_found(database: Database) -> None:
    # To the first stage all are alike but for their age; to the second, the third says most.
    new = datetime(2026, 3, 1, tzinfo=UTC)
    saying = ["lunch", "lunch menu", "lunch menu today"]
    documents = [
        Document("answers", str(n), f"Of {n} days", "", asked=(text,), said_at=new - timedelta(n))
        for n, text in enumerate(saying)
    ]
    reranker = OverlapReranker()
    search = Search(database, AlikeEmbedder(), reranker, reranker_weight=1.0)
    search.sync("answers", documents)

    assert titles(search, "Where is today a lunch menu?")[0] == "Of 2 days"
    ((question, texts),) = reranker.seen
    assert question == "Where is today a lunch menu?"
    assert sorted(texts) == saying


def test_a_second_stage_looks_at_twenty_documents_however_few_are_wanted(
    database: Database,
) -> None:
    reranker = OverlapReranker()
    search = Search(database, HashingEmbedder(), reranker)
    documents = [replace(INVOICE, key=str(n), title=f"Invoice {n}") for n in range(30)]
    search.sync("answers", documents)

    assert len(titles(search, "post an invoice", limit=1)) == 1
    assert [len(texts) for _, texts in reranker.seen] == [20]


def test_a_second_stage_sees_nothing_that_the_asker_may_not_see(
    database: Database,
) -> None:
    reranker = OverlapReranker()
    search = Search(database, HashingEmbedder(), reranker)
    search.sync("answers", [replace(INVOICE, audience=BOARD), LEDGER])
    search.warm_up()
    reranker.seen.clear()

    assert titles(search, "post an invoice") == ["Ledger"]
    ((_, texts),) = reranker.seen
    assert [text for text in texts if "invoice" in text] == []


@pytest.mark.parametrize(
    "given", [RuntimeError("out of memory"), [float("nan"), 1.0], [float("inf"), 1.0], [1.0]]
)
def test_where_a_second_stage_fails_the_first_one_answers(
    database: Database, given: list[float] | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    search = Search(database, HashingEmbedder(), BrokenReranker(given))
    search.sync("answers", [INVOICE, LEDGER])

    assert search.warm_up() == 2
    assert titles(search, "post an invoice") == ["Invoice", "Ledger"]
    assert "the second stage overlap" in caplog.text


def test_a_rare_word_breaks_a_tie(search: Search) -> None:
    # Both have the same bag of meanings but for one word, which only the question's one shares.
    one = replace(INVOICE, key="one", title="One", asked=("error 4711 while posting",))
    two = replace(INVOICE, key="two", title="Two", asked=("error 4712 while posting",))
    search.sync("answers", [one, two])

    assert titles(search, "error 4712 while posting")[0] == "Two"


def test_what_was_said_in_private_is_found_in_its_place_only(search: Search) -> None:
    search.sync("answers", [replace(INVOICE, audience=BOARD), LEDGER])
    in_the_board = Scope(frozenset({COMMUNITY, BOARD}))

    assert titles(search, "post an invoice") == ["Ledger"]
    assert titles(search, "post an invoice", in_the_board)[0] == "Invoice"


def test_another_community_finds_nothing(search: Search) -> None:
    search.sync("answers", [INVOICE])

    assert titles(theirs_too(search), "post an invoice") == []


def test_only_the_named_documents_are_found_when_asked_so(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    scope = replace(ALL, only=frozenset({"answers:2"}))

    assert titles(search, "post an invoice", scope) == ["Ledger"]


def test_documents_that_are_left_out_are_not_found(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    scope = replace(ALL, without=frozenset({"answers:1"}))

    assert titles(search, "post an invoice", scope) == ["Ledger"]


def test_only_what_is_older_is_found_when_asked_so(search: Search) -> None:
    new = replace(INVOICE, said_at=datetime(2026, 1, 1, tzinfo=UTC))
    old = replace(LEDGER, said_at=datetime(2025, 1, 1, tzinfo=UTC))
    search.sync("answers", [new, old, PAPER])
    scope = replace(ALL, before=datetime(2026, 1, 1, tzinfo=UTC))

    assert sorted(titles(search, "post an invoice", scope)) == ["Ledger", "Paper"]


def test_an_index_that_is_out_of_date_shows_nothing_that_is_gone(
    database: Database, search: Search
) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    search.warm_up()
    with database.writing() as tx:
        tx.execute(text("DELETE FROM document WHERE id = 'answers:1'"))

    assert titles(search, "post an invoice") == ["Ledger"]


def test_an_index_that_is_out_of_date_shows_nothing_that_became_private(
    database: Database, search: Search
) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    search.warm_up()
    with database.writing() as tx:
        tx.execute(text("UPDATE passage SET audience = 'place:x' WHERE document_id = 'answers:1'"))

    assert titles(search, "post an invoice") == ["Ledger"]


def test_what_was_learned_is_found_at_once(database: Database, search: Search) -> None:
    search.sync("answers", [LEDGER])
    search.warm_up()

    learn(search, database, INVOICE)

    assert titles(search, "post an invoice")[0] == "Invoice"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 9), SAYINGS, SAYINGS), min_size=1, max_size=8))
def test_what_is_learned_between_questions_is_ranked_as_after_a_restart(
    tmp_path: Path, template: Path, steps: list[tuple[int, str, str]]
) -> None:
    with closing(
        Database(Path(shutil.copyfile(template, tmp_path / "one.db")), "ours")
    ) as database:
        search = Search(database, HashingEmbedder())
        for number, said, asked in steps:
            learn(search, database, Document("answers", f"{number}", "T", said, asked=(said,)))
            matches_in(search, ALL, asked)

            assert scores(search, asked) == pytest.approx(
                scores(Search(database, HashingEmbedder()), asked), abs=1e-5
            )


TONER = replace(PAPER, key="toner", asked=("toner 4711",))


def test_what_is_learned_is_found_by_words_that_were_asked_for_before(
    database: Database, search: Search
) -> None:
    search.sync("answers", [*many(300), TONER])
    matches_in(search, ALL, "toner 4711")

    learn(search, database, replace(TONER, key="another"))

    restarted = Search(database, HashingEmbedder())
    assert scores(search, "toner 4711") == pytest.approx(scores(restarted, "toner 4711"), abs=0.01)


def test_what_is_learned_in_private_is_found_by_its_words_in_its_place_only(
    database: Database, search: Search
) -> None:
    search.sync("answers", [*many(300), TONER])
    in_the_board = Scope(frozenset({COMMUNITY, BOARD}))
    matches_in(search, ALL, "toner 4711")

    learn(search, database, replace(TONER, key="board", title="Board", audience=BOARD))

    assert sorted(titles(search, "toner 4711", in_the_board, 2)) == ["Board", "Paper"]
    assert "Board" not in titles(search, "toner 4711", limit=400)


def test_what_was_learned_before_the_first_question_is_found_too(
    database: Database, search: Search
) -> None:
    learn(search, database, INVOICE)

    assert titles(search, "post an invoice") == ["Invoice"]


def test_what_was_learned_is_found_after_a_restart(database: Database, search: Search) -> None:
    learn(search, database, INVOICE)

    restarted = Search(database, HashingEmbedder())

    assert titles(restarted, "post an invoice") == ["Invoice"]


def test_what_is_learned_anew_takes_the_place_of_the_old(
    database: Database, search: Search
) -> None:
    learn(search, database, HANDBOOK)
    search.warm_up()

    learn(search, database, replace(HANDBOOK, body="# Printing\n\nAsk the office.\n", asked=()))

    assert search.warm_up() == 1
    assert matches_in(search, ALL, "printing")[0].excerpt == "Ask the office."


def test_what_is_learned_is_not_stored_when_its_transaction_fails(
    database: Database, search: Search
) -> None:
    findable = search.make_findable(INVOICE)
    with suppress(ZeroDivisionError), database.writing() as tx:
        search.store(tx, findable)
        raise ZeroDivisionError

    assert search.is_empty()


def test_texts_are_compared_by_meaning(search: Search) -> None:
    near, far = search.similarities("post an invoice", ["an invoice", "lunch menu"])

    assert near > 0.7
    assert far < 0.1


def test_warming_up_tells_how_much_can_be_found(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER])

    assert search.warm_up() == 2


@pytest.mark.parametrize("size", [199, 200, 201])
def test_any_number_of_documents_is_stored(search: Search, size: int) -> None:
    report = search.sync("answers", many(size))

    assert (report.added, report.passages) == (size, size)


def test_an_answer_without_its_question_is_found_by_its_own_words(search: Search) -> None:
    report = search.sync("answers", [replace(INVOICE, asked=())])

    assert (report.added, report.passages) == (1, 1)
    assert titles(search, INVOICE.body) == [INVOICE.title]


def test_no_excerpt_of_a_part_is_cut_inside_its_code(search: Search) -> None:
    code = "```\n" + "print(1)\n" * 300 + "```"
    search.sync("handbook", [replace(HANDBOOK, body=f"# Printing\n\n{code}\n", asked=())])

    (match,) = matches_in(search, ALL, "print")

    assert re.fullmatch(r"```\n(print\(1\)\n){300}```", match.excerpt)


class ConfusedEmbedder(HashingEmbedder):
    """Gives what is no vector."""

    def __init__(self, spoil: Callable[[Vectors], Vectors]) -> None:
        super().__init__()
        self.spoil = spoil

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self.spoil(super().embed_documents(texts))

    def embed_question(self, text: str) -> Vectors:
        return self.spoil(super().embed_question(text))


SPOILED = {
    "not a number": (lambda v: v * np.nan, "not of length 1"),
    "infinite": (lambda v: v + np.inf, "not of length 1"),
    "nothing": (lambda v: v * 0, "not of length 1"),
    "too long": (lambda v: v * 1.02, "not of length 1"),
    "too short": (lambda v: v * 0.98, "not of length 1"),
    "too few": (lambda v: v[:-1], "gave vectors of shape"),
    "too many": (lambda v: np.vstack([v, v]), "gave vectors of shape"),
    "of another dimension": (lambda v: v[:, :-1], "gave vectors of shape"),
    "flat": (lambda v: v[0], "gave vectors of shape"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILED.values(), ids=SPOILED)
def test_what_is_no_vector_is_neither_searched_with_nor_stored(
    database: Database, spoil: Callable[[Vectors], Vectors], message: str
) -> None:
    search = Search(database, ConfusedEmbedder(spoil))

    with pytest.raises(EmbeddingError, match=message):
        matches_in(search, ALL, "post an invoice")
    with pytest.raises(EmbeddingError, match=message):
        search.make_findable(INVOICE)
    with pytest.raises(SupportbotError, match=message):
        search.sync("answers", [INVOICE])
    with database.reading() as tx:
        assert list(knowledge.read_vectors(tx, "hashing@1")) == []


def test_a_vector_that_is_off_as_little_as_half_precision_makes_it_is_taken(
    database: Database,
) -> None:
    search = Search(database, ConfusedEmbedder(lambda vectors: vectors * np.float32(1.004)))

    search.sync("answers", [INVOICE])

    assert titles(search, "post an invoice") == ["Invoice"]


def test_a_model_that_breaks_is_told_with_its_reason_and_without_the_text(
    database: Database,
) -> None:
    def fail(_vectors: Vectors) -> Vectors:
        message = "post an invoice"
        raise ZeroDivisionError(message)

    search = Search(database, ConfusedEmbedder(fail))

    with pytest.raises(EmbeddingError) as failure:
        matches_in(search, ALL, "post an invoice")

    assert str(failure.value) == "the model hashing failed on 1 texts"
    assert isinstance(failure.value.__cause__, ZeroDivisionError)


def test_what_another_process_has_learned_is_found_at_once(
    database: Database, search: Search
) -> None:
    search.sync("answers", [INVOICE])
    before = titles(search, "close the ledger")

    with closing(Database(database.path, "ours")) as elsewhere:
        Search(elsewhere, HashingEmbedder()).sync("answers", [INVOICE, LEDGER])

    assert (before, titles(search, "close the ledger")[0]) == (["Invoice"], "Ledger")


def test_what_another_process_has_removed_is_not_even_indexed_any_more(
    database: Database, search: Search
) -> None:
    search.sync("answers", [INVOICE, LEDGER])
    search.warm_up()

    with closing(Database(database.path, "ours")) as elsewhere:
        Search(elsewhere, HashingEmbedder()).sync("answers", [INVOICE])

    assert titles(search, "close the ledger") == ["Invoice"]
    assert search.indexed() == 1


def test_what_changes_for_another_community_does_not_build_the_index_anew(search: Search) -> None:
    search.sync("answers", [INVOICE])
    search.warm_up()
    index = search._current

    theirs_too(search).sync("answers", [LEDGER])
    search.warm_up()

    assert search._current is index


def test_what_is_learned_meanwhile_by_another_is_not_lost(
    database: Database, search: Search
) -> None:
    search.sync("answers", [INVOICE])
    search.warm_up()
    findable = search.make_findable(PAPER)
    with database.writing() as tx:
        before = knowledge.revision(tx)
        search.store(tx, findable)
        after = knowledge.revision(tx)
    learn(Search(database, HashingEmbedder()), database, LEDGER)

    search.follow([findable], since=before, now=after)

    assert sorted(titles(search, "printer ledger invoice")) == ["Invoice", "Ledger", "Paper"]


def test_nothing_is_indexed_before_it_is_asked_for(search: Search) -> None:
    search.sync("answers", [INVOICE])

    assert search.indexed() == 0


def test_a_document_that_the_model_failed_on_is_found_after_the_next_sync(
    database: Database, search: Search
) -> None:
    findable = search.make_findable(INVOICE, by_meaning=False)
    with database.writing() as tx:
        search.store(tx, findable)
    search.follow([findable], since=0, now=1)
    before = search.warm_up()

    search.sync("handbook", [])

    assert (before, search.warm_up()) == (0, 1)
    assert titles(search, "post an invoice") == ["Invoice"]


def test_the_nearest_passages_come_as_the_model_sees_them(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER, PAPER])

    found = near_passages_in(search, ALL, "post the invoice", limit=1)

    assert [(one.document_id, one.text) for one in found] == [("answers:1", "post an invoice")]


def test_passages_of_documents_that_were_named_come_as_well(search: Search) -> None:
    search.sync("answers", [INVOICE, LEDGER, PAPER])

    found = near_passages_in(search, ALL, "post the invoice", limit=1, also=["answers:3"])

    assert {one.document_id for one in found} == {"answers:1", "answers:3"}


def test_no_passage_comes_over_a_wall_even_if_its_document_is_named(search: Search) -> None:
    search.sync("answers", [replace(INVOICE, audience=BOARD), LEDGER])

    found = near_passages_in(search, ALL, "post an invoice", limit=5, also=["answers:1"])

    assert {one.document_id for one in found} == {"answers:2"}
