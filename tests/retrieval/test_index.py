from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.audiences import COMMUNITY, Audience, Scope
from supportbot.domain.knowledge.documents import Background, PassageKey
from supportbot.ports import Vectors
from supportbot.retrieval.index import Index
from supportbot.retrieval.ranking import Ranked

SECRET = Audience("place:slack/T1/C2")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERYTHING = Scope(frozenset({COMMUNITY, SECRET}))
OPEN = Scope(frozenset({COMMUNITY}))
EAST = np.array([[1.0, 0.0]], np.float32)


def at(*degrees: float) -> Vectors:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def key(
    id_: int,
    document_id: str = "a:1",
    *,
    audience: Audience = COMMUNITY,
    said_at: datetime | None = None,
) -> PassageKey:
    return PassageKey(id_, document_id, audience, said_at)


def filled() -> Index:
    """Return an index of three passages: 0, 30 and 60 degrees from the east."""
    index = Index(2)
    index.add([key(1, "a:1"), key(2, "a:2"), key(3, "a:1")], at(0, 30, 60))
    return index


def test_the_nearest_passages_come_first_with_their_cosines() -> None:
    found = filled().search(EAST, OPEN, 10)

    assert list(found) == [1, 2, 3]
    assert list(found.values()) == pytest.approx([1.0, 0.866025, 0.5], abs=1e-5)


def test_no_more_than_the_limit_are_found() -> None:
    assert list(filled().search(EAST, OPEN, 2)) == [1, 2]


def test_an_empty_index_finds_nothing() -> None:
    index = Index(2)

    assert index.search(EAST, OPEN, 10) == {}
    assert index.cosines(EAST, [1]) == {}
    assert len(index) == 0


def test_adding_nothing_changes_nothing() -> None:
    index = filled()

    index.add([], np.empty((0, 2), np.float32))

    assert len(index) == 3


def test_a_passage_of_another_audience_is_not_found() -> None:
    index = Index(2)
    index.add([key(1, audience=SECRET), key(2)], at(0, 30))

    assert list(index.search(EAST, OPEN, 10)) == [2]


def test_a_passage_is_found_by_those_it_is_for() -> None:
    index = Index(2)
    index.add([key(1, audience=SECRET), key(2)], at(0, 30))

    assert list(index.search(EAST, EVERYTHING, 10)) == [1, 2]
    assert list(index.search(EAST, Scope(frozenset({SECRET})), 10)) == [1]


def test_an_audience_that_nobody_wrote_for_finds_nothing() -> None:
    scope = Scope(frozenset({Audience("place:slack/T1/C9")}))

    assert filled().search(EAST, scope, 10) == {}


def test_only_what_was_said_before_a_moment_is_found_and_what_has_no_date() -> None:
    index = Index(2)
    later = MONDAY + timedelta(seconds=1)
    earlier = MONDAY - timedelta(seconds=1)
    index.add(
        [key(1, said_at=later), key(2, said_at=MONDAY), key(3, said_at=earlier), key(4)],
        at(0, 10, 20, 30),
    )

    found = index.search(EAST, Scope(frozenset({COMMUNITY}), before=MONDAY), 10)

    assert list(found) == [3, 4]


def test_only_the_named_documents_are_considered() -> None:
    scope = Scope(frozenset({COMMUNITY}), only=frozenset({"a:2", "a:7"}))

    assert list(filled().search(EAST, scope, 10)) == [2]


def test_the_background_is_the_mean_cosine_of_everything_that_may_be_seen() -> None:
    index = Index(2)
    index.add([key(1), key(2), key(3, audience=SECRET)], at(0, 60, 90))

    found, everything = index.background(EAST, OPEN), index.background(EAST, EVERYTHING)

    assert found.mean == pytest.approx(0.75)
    assert everything.mean == pytest.approx(0.5)
    assert (found.passages, everything.passages) == (2, 3)


def test_the_background_follows_what_is_added_and_removed() -> None:
    index = filled()
    index.add([key(3, audience=SECRET)], at(90))
    index.remove({2})

    found = index.background(EAST, OPEN)

    assert found.passages == 1
    assert found.mean == pytest.approx(1.0)
    assert index.background(EAST, EVERYTHING).mean == pytest.approx(0.5)


def test_where_there_is_nothing_there_is_no_background() -> None:
    index = filled()
    index.remove({1, 2, 3})

    assert index.background(EAST, OPEN) == Background()
    assert Index(2).background(EAST, OPEN) == Background()


def test_the_background_does_not_show_which_documents_are_left_out() -> None:
    without = Scope(frozenset({COMMUNITY}), without=frozenset({"a:1"}))

    assert filled().background(EAST, without) == filled().background(EAST, OPEN)


def test_passages_are_as_old_as_they_are_behind_the_newest_that_may_be_seen() -> None:
    index = Index(2)
    days = [timedelta(days=number) for number in (0, 2, 5)]
    index.add(
        [
            key(1, said_at=MONDAY + days[0]),
            key(2, said_at=MONDAY + days[1]),
            key(3, said_at=MONDAY + days[2], audience=SECRET),
            key(4),
        ],
        at(0, 10, 20, 30),
    )

    assert index.days([1, 2, 4, 9], OPEN) == {1: 2.0, 2: 0.0}
    assert index.days([1, 2, 3], EVERYTHING) == {1: 5.0, 2: 3.0, 3: 0.0}


def test_where_nothing_has_a_date_nothing_is_old() -> None:
    assert filled().days([1, 2, 3], OPEN) == {}
    assert Index(2).days([1], OPEN) == {}


def test_documents_that_are_left_out_are_not_considered() -> None:
    scope = Scope(frozenset({COMMUNITY}), without=frozenset({"a:1", "a:7"}))

    assert list(filled().search(EAST, scope, 10)) == [2]


def test_naming_no_document_finds_nothing() -> None:
    scope = Scope(frozenset({COMMUNITY}), only=frozenset())

    assert filled().search(EAST, scope, 10) == {}


def test_a_passage_that_is_added_again_is_replaced() -> None:
    index = filled()

    index.add([key(1, audience=SECRET)], at(90))

    assert len(index) == 3
    assert list(index.search(EAST, OPEN, 10)) == [2, 3]
    assert list(index.search(EAST, EVERYTHING, 10)) == [2, 3, 1]


def test_a_removed_passage_is_not_found_and_the_others_keep_their_vectors() -> None:
    index = filled()

    index.remove({1, 7})

    assert list(index.search(EAST, OPEN, 10)) == [2, 3]
    assert index.cosines(EAST, [1, 2, 3]) == pytest.approx({2: 0.866025, 3: 0.5}, abs=1e-5)


def test_removing_what_is_not_there_changes_nothing() -> None:
    index = filled()

    index.remove({7})

    assert len(index) == 3


def test_a_removed_document_takes_all_its_passages_along() -> None:
    index = filled()

    index.remove_document("a:1")

    assert list(index.search(EAST, OPEN, 10)) == [2]


def test_after_removing_the_walls_still_stand_at_the_right_passages() -> None:
    index = Index(2)
    index.add([key(1), key(2, audience=SECRET), key(3), key(4, audience=SECRET)], at(0, 1, 2, 3))

    index.remove({1})

    assert list(index.search(EAST, OPEN, 10)) == [3]


def test_cosines_are_given_for_the_passages_that_are_there() -> None:
    cosines = filled().cosines(EAST, [3, 9, 1])

    assert cosines == pytest.approx({3: 0.5, 1: 1.0}, abs=1e-5)


class Words:
    """Says what words add to passages, and remembers what was read of it."""

    def __init__(self, **scores: dict[int, float]) -> None:
        self.scores = scores
        self.read: list[str] = []

    def __call__(self, word: str) -> dict[int, float]:
        self.read.append(word)
        return self.scores[word]

    def find(self, index: Index, *words: str, scope: Scope = OPEN, limit: int = 10) -> list[int]:
        asked = {word: (word,) for word in words}
        return list(index.search_words(asked, scope, limit, self))


def test_the_passages_that_share_most_with_some_words_come_first() -> None:
    words = Words(post={1: 0.5, 2: 0.25}, invoice={2: 1.0, 3: 0.5})
    asked = {"post": ("post",), "invoice": ("invoic",)}

    found = filled().search_words(asked, OPEN, 10, words)

    assert list(found.items()) == [(2, 1.25), (1, 0.5), (3, 0.5)]


def test_words_find_no_more_than_the_limit_and_of_equals_those_of_lower_ids() -> None:
    words = Words(invoice={3: 0.5, 2: 0.5, 1: 0.25})

    assert words.find(filled(), "invoice", limit=1) == [2]


def test_no_words_find_nothing() -> None:
    assert Words().find(filled()) == []
    assert Words(invoice={}).find(filled(), "invoice") == []
    assert Words(invoice={1: 1.0}).find(Index(2), "invoice") == []


def test_a_passage_without_a_vector_is_not_found_by_words() -> None:
    assert Words(invoice={9: 1.0, 2: 0.5}).find(filled(), "invoice") == [2]


def test_a_word_is_read_once_whoever_asks() -> None:
    index, words = filled(), Words(invoice={1: 1.0})

    assert words.find(index, "invoice") == words.find(index, "invoice", scope=EVERYTHING) == [1]
    assert words.read == ["invoice"]


def test_a_word_with_the_stem_of_another_is_not_read() -> None:
    index, words = filled(), Words(invoice={1: 1.0})

    found = index.search_words({"invoice": ("i",), "invoices": ("i",)}, OPEN, 10, words)

    assert found == {1: 2.0}
    assert words.read == ["invoice"]


def test_a_word_that_new_passages_hold_is_read_anew() -> None:
    index, words = large(), Words(invoice={1: 1.0}, ledger={2: 1.0})
    words.find(index, "invoice", "ledger")
    index.add([key(900)], at(0))
    words.scores["invoice"] = {1: 0.5, 900: 0.75}

    index.forget_words({"invoice"})

    assert words.find(index, "invoice", "ledger") == [2, 900, 1]
    assert words.read == ["invoice", "ledger", "invoice"]


def test_all_words_are_read_anew_when_there_are_a_hundredth_more_passages() -> None:
    index, words = large(), Words(invoice={1: 1.0})
    words.find(index, "invoice")
    index.add([key(900)], at(0))
    words.find(index, "invoice")
    read_before = list(words.read)

    index.add([key(id_) for id_ in range(901, 907)], at(*range(6)))

    words.find(index, "invoice")
    assert (read_before, words.read) == (["invoice"], ["invoice", "invoice"])


def large() -> Index:
    """Return an index of 500 passages."""
    index = Index(2)
    index.add([key(id_) for id_ in range(500)], at(*range(500)))
    return index


def test_after_removing_words_still_find_the_right_passages() -> None:
    index, words = filled(), Words(invoice={1: 0.5, 2: 1.0, 3: 0.75})
    words.find(index, "invoice")

    index.remove({1})

    assert words.find(index, "invoice") == [2, 3]


def test_what_a_scope_may_see_is_looked_at_anew_after_each_change() -> None:
    index, words = filled(), Words(invoice={1: 1.0, 2: 0.5, 4: 0.25})
    before = words.find(index, "invoice")

    index.add([key(4), key(2, audience=SECRET)], at(0, 1))

    assert (before, words.find(index, "invoice")) == ([1, 2], [1, 4])
    assert list(index.search(EAST, OPEN, 10)) == [1, 4, 3]


def test_any_number_of_scopes_find_what_is_theirs() -> None:
    index = Index(2)
    audiences = [Audience(f"place:{number}") for number in range(40)]
    index.add([key(id_, audience=audiences[id_]) for id_ in range(40)], at(*range(40)))
    scopes = [Scope(frozenset({audience})) for audience in audiences]

    found = [list(index.search(EAST, scope, 10)) for scope in scopes + scopes]

    assert found == [[id_] for id_ in range(40)] * 2


def test_of_each_document_the_best_passage_is_kept() -> None:
    ranked = [Ranked(3, 0.9, 0.5), Ranked(2, 0.8, 0.8), Ranked(1, 0.7, 1.0)]

    assert filled().best_of_each_document(ranked, 10) == [ranked[0], ranked[1]]


def test_no_more_documents_than_the_limit_are_kept() -> None:
    ranked = [Ranked(3, 0.9, 0.5), Ranked(2, 0.8, 0.8)]

    assert filled().best_of_each_document(ranked, 1) == [ranked[0]]


AUDIENCES = st.sampled_from([COMMUNITY, SECRET, Audience("place:a"), Audience("place:b")])
DOCUMENTS = st.sampled_from(["a:1", "a:2", "a:3"])
MOMENTS = st.none() | st.integers(0, 3).map(lambda days: MONDAY + timedelta(days=days))
SCOPES = st.builds(
    Scope,
    st.frozensets(AUDIENCES, min_size=1),
    st.none() | st.frozensets(DOCUMENTS),
    MOMENTS,
    st.frozensets(DOCUMENTS),
)
PASSAGES = st.lists(
    st.builds(PassageKey, st.integers(0, 99), DOCUMENTS, AUDIENCES, MOMENTS),
    max_size=30,
    unique_by=lambda passage: passage.id,
)


def may_see(scope: Scope, passage: PassageKey) -> bool:
    return (
        passage.audience in scope.audiences
        and (scope.only is None or passage.document_id in scope.only)
        and passage.document_id not in scope.without
        and (scope.before is None or passage.said_at is None or passage.said_at < scope.before)
    )


@settings(max_examples=100, deadline=None)
@given(PASSAGES, st.sets(st.integers(0, 99), max_size=30), SCOPES)
def test_exactly_what_a_scope_may_see_is_found(
    passages: list[PassageKey], removed: set[int], scope: Scope
) -> None:
    index = Index(2)
    index.add(passages, at(*(passage.id for passage in passages)).reshape(-1, 2))
    index.remove(removed)

    found = index.search(EAST, scope, 100)
    by_words = Words(word=dict.fromkeys(range(100), 1.0)).find(
        index, "word", scope=scope, limit=100
    )

    assert set(found) == {p.id for p in passages if may_see(scope, p)} - removed
    assert list(found) == sorted(found) == by_words


@pytest.mark.parametrize("lonely", [0.0, 0.9], ids=["even", "with one number that is large"])
def test_of_many_passages_the_nearest_are_those_of_an_exact_scan(lonely: float) -> None:
    numbers = np.random.default_rng(7)
    topics = numbers.standard_normal((40, 64))
    vectors = topics[numbers.integers(0, 40, 5_000)] + numbers.standard_normal((5_000, 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[:, 0] += lonely
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    index = Index(64)
    index.add([key(number) for number in range(5_000)], vectors)

    found = index.search(vectors[:1], OPEN, 100)

    exact = np.argsort(-(vectors @ vectors[0]), kind="stable")[:100]
    assert set(found) == set(exact.tolist())
    assert list(found.values()) == sorted(found.values(), reverse=True)
