import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.retrieval.ranking import Ranked, freshness, fuse, rarest, rerank, words_of


def ids(ranked: tuple[Ranked, ...]) -> list[int]:
    return [candidate.id for candidate in ranked]


def test_without_words_the_nearest_comes_first() -> None:
    assert ids(fuse({1: 0.2, 2: 0.9, 3: 0.5}, {}, {})) == [2, 3, 1]


def test_words_lift_a_candidate_of_nearly_the_same_meaning() -> None:
    assert ids(fuse({1: 0.9, 2: 0.88, 3: 0.1}, {2: 12.0}, {})) == [2, 1, 3]


def test_words_do_not_outweigh_another_meaning() -> None:
    assert ids(fuse({1: 0.9, 2: 0.1}, {2: 12.0}, {})) == [1, 2]


def test_the_score_is_a_weighted_mean_of_meaning_and_words() -> None:
    ranked = fuse(
        {1: 0.9, 2: 0.5, 3: 0.1}, {2: 8.0, 3: 4.0}, {}, word_weight=0.25, freshness_weight=0.0
    )

    assert {candidate.id: candidate.score for candidate in ranked} == pytest.approx(
        {1: 0.8, 2: 0.6, 3: 0.1}
    )


def test_words_of_a_passage_that_is_no_candidate_count_nothing() -> None:
    assert fuse({1: 0.9, 2: 0.5}, {7: 100.0}, {}) == fuse({1: 0.9, 2: 0.5}, {}, {})


def test_equal_candidates_come_in_the_order_of_their_ids() -> None:
    assert ids(fuse({3: 0.5, 1: 0.5, 2: 0.5}, {}, {})) == [1, 2, 3]


def test_one_candidate_alone_is_ranked() -> None:
    assert fuse({1: 0.5}, {1: 3.0}, {}, freshness_weight=0.0) == (Ranked(1, 0.0, 0.5),)


def test_nothing_gives_nothing() -> None:
    assert fuse({}, {1: 3.0}, {1: 2.0}) == ()


def test_what_was_said_lately_lifts_a_candidate_of_nearly_the_same_meaning() -> None:
    assert ids(fuse({1: 0.9, 2: 0.88, 3: 0.1}, {}, {1: 900.0, 2: 1.0, 3: 0.0})) == [2, 1, 3]


def test_what_has_no_date_is_neither_new_nor_old() -> None:
    assert ids(fuse({1: 0.5, 2: 0.5, 3: 0.5}, {}, {1: 900.0, 3: 1.0})) == [3, 2, 1]


@pytest.mark.parametrize(("days", "fresh"), [(0.0, 1.0), (-3.0, 1.0), (3_650.0, 0.0), (1e9, 0.0)])
def test_nothing_is_fresher_than_new_or_older_than_ten_years(days: float, fresh: float) -> None:
    assert freshness(days) == pytest.approx(fresh)


def test_the_first_days_count_most() -> None:
    assert freshness(0) - freshness(1) > freshness(100) - freshness(200) > 0


COSINES = st.dictionaries(st.integers(0, 50), st.floats(-1, 1), max_size=20)
WORDS = st.dictionaries(st.integers(0, 50), st.floats(0, 100), max_size=20)
DAYS = st.dictionaries(st.integers(0, 50), st.floats(0, 10_000), max_size=20)


@settings(max_examples=60, deadline=None)
@given(COSINES, WORDS, DAYS)
def test_every_candidate_is_ranked_once_with_its_own_cosine(
    cosines: dict[int, float], words: dict[int, float], days: dict[int, float]
) -> None:
    ranked = fuse(cosines, words, days)

    assert {candidate.id: candidate.cosine for candidate in ranked} == cosines
    assert len(ranked) == len(cosines)


@settings(max_examples=60, deadline=None)
@given(COSINES, WORDS, DAYS)
def test_scores_are_between_0_and_1_best_first(
    cosines: dict[int, float], words: dict[int, float], days: dict[int, float]
) -> None:
    scores = [candidate.score for candidate in fuse(cosines, words, days)]

    assert scores == sorted(scores, reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)


@settings(max_examples=60, deadline=None)
@given(COSINES, WORDS, DAYS)
def test_the_order_in_which_candidates_are_given_does_not_matter(
    cosines: dict[int, float], words: dict[int, float], days: dict[int, float]
) -> None:
    turned = dict(reversed(cosines.items()))

    assert fuse(turned, words, days) == fuse(cosines, words, days)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How do I post an invoice?", ["post", "invoice"]),
        ("Invoice invoice INVOICE", ["invoice"]),
        ("error F5-808 in file_name", ["error", "f5", "808", "file_name"]),
        ("Größe 発票", ["größe", "発票"]),
        ("what is it?", []),
        ("", []),
        ("🤷 ?!", []),
    ],
)
def test_the_words_of_a_question_are_those_that_carry_meaning(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_the_rarest_words_come_first() -> None:
    assert rarest({"post": 40, "f5": 2, "invoice": 7}, 1_000) == ["f5", "invoice", "post"]


def test_words_that_are_nowhere_are_not_looked_up() -> None:
    assert rarest({"post": 0, "invoice": 7}, 1_000) == ["invoice"]


def test_a_word_in_more_than_a_twentieth_of_many_passages_is_too_common() -> None:
    assert rarest({"post": 5_001, "invoice": 5_000}, 100_000) == ["invoice"]


def test_among_few_passages_no_word_is_too_common() -> None:
    assert rarest({"post": 500, "invoice": 501}, 600) == ["post"]


def test_no_more_words_than_the_limit_are_looked_up() -> None:
    assert rarest({"a": 3, "b": 1, "c": 2}, 100, limit=2) == ["b", "c"]


def test_words_are_looked_up_until_they_are_in_ten_thousand_passages() -> None:
    counts = {"post": 4_000, "invoice": 6_000, "ledger": 4_001}

    assert rarest(counts, 200_000) == ["post", "ledger"]


def test_equally_rare_words_come_in_the_order_of_the_alphabet() -> None:
    assert rarest({"post": 2, "f5": 1, "invoice": 2}, 1_000) == ["f5", "invoice", "post"]


def test_the_rarest_word_is_looked_up_however_common() -> None:
    assert rarest({"post": 20_000}, 1_000_000) == ["post"]


FIRST_STAGE = (Ranked(1, 0.9, 0.5), Ranked(2, 0.8, 0.6), Ranked(3, 0.7, 0.4))


def test_a_second_stage_is_scaled_within_what_it_saw_and_weighted() -> None:
    ranked = rerank(FIRST_STAGE, {1: -7.0, 2: 3.0, 3: -2.0}, weight=0.5)

    assert ids(ranked) == [2, 3, 1]
    assert [candidate.score for candidate in ranked] == pytest.approx([1.3 / 1.5, 0.95 / 1.5, 0.6])
    assert [candidate.cosine for candidate in ranked] == [0.6, 0.4, 0.5]


def test_what_a_second_stage_has_not_seen_stays_behind_what_it_has() -> None:
    assert ids(rerank(FIRST_STAGE, {1: 0.0, 2: 9.0}, weight=0.5)) == [2, 1, 3]


def test_a_second_stage_that_finds_all_alike_changes_no_order() -> None:
    assert ids(rerank(FIRST_STAGE, {1: 4.0, 2: 4.0, 3: 4.0}, weight=10.0)) == [1, 2, 3]


def test_without_weight_a_second_stage_counts_nothing() -> None:
    assert rerank(FIRST_STAGE, {3: 9.0}, weight=0.0) == FIRST_STAGE
