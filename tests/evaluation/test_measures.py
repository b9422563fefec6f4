import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.evaluation.measures import (
    Measures,
    average_precision,
    measure,
    ndcg,
    recall,
    reciprocal_rank,
)

# Three documents are relevant: b and d are found, in ranks 2 and 4, and e is not.
RANKING = ["a", "b", "c", "d"]
GRADES = {"a": 0, "b": 1, "d": 2, "e": 1}


def test_average_precision_is_the_mean_of_the_precision_at_each_relevant_document() -> None:
    # In rank 2 the precision is 1/2, in rank 4 it is 2/4, and e was not found.
    assert average_precision(RANKING, GRADES) == pytest.approx(1 / 3)


def test_the_reciprocal_rank_is_that_of_the_first_relevant_document() -> None:
    assert reciprocal_rank(RANKING, GRADES, depth=10) == 0.5


def test_a_relevant_document_below_the_depth_has_no_reciprocal_rank() -> None:
    assert reciprocal_rank(RANKING, GRADES, depth=1) == 0.0


@pytest.mark.parametrize(("depth", "share"), [(1, 0.0), (2, 1 / 3), (3, 1 / 3), (4, 2 / 3)])
def test_recall_is_the_share_of_the_relevant_documents_that_are_found(
    depth: int, share: float
) -> None:
    assert recall(RANKING, GRADES, depth=depth) == pytest.approx(share)


def test_ndcg_is_the_discounted_gain_as_a_share_of_the_best_possible() -> None:
    # The gain is 0.630930 + 0.861353; the best possible is 2 + 0.630930 + 0.5.
    assert ndcg(RANKING, GRADES, depth=10) == pytest.approx(0.476626, abs=1e-6)


def test_ndcg_counts_only_the_first_few_in_both_rankings() -> None:
    # The gain is 0.630930; the best possible is 2 + 0.630930.
    assert ndcg(RANKING, GRADES, depth=2) == pytest.approx(0.239812, abs=1e-6)


def test_a_grade_below_zero_is_not_relevant_and_costs_nothing() -> None:
    grades = {"a": -1, "b": 1}

    assert ndcg(["a", "b"], grades, depth=10) == pytest.approx(0.630930, abs=1e-6)
    assert average_precision(["a", "b"], grades) == 0.5


@pytest.mark.parametrize("grades", [{}, {"a": 0, "b": -1}])
def test_where_nothing_is_relevant_every_figure_is_zero(grades: dict[str, int]) -> None:
    assert average_precision(RANKING, grades) == 0.0
    assert reciprocal_rank(RANKING, grades, depth=10) == 0.0
    assert recall(RANKING, grades, depth=10) == 0.0
    assert ndcg(RANKING, grades, depth=10) == 0.0


def test_the_figures_are_means_over_the_questions() -> None:
    rankings = {"q1": ["a", "b"], "q2": ["a", "b"]}
    judgements = {"q1": {"a": 1}, "q2": {"b": 1}}

    assert measure(rankings, judgements).as_json() == pytest.approx(
        {
            "queries": 2,
            "map": 0.75,
            "mrr": 0.75,
            "p@1": 0.5,
            "ndcg@10": 0.815465,
            "recall@1": 0.5,
            "recall@5": 1.0,
            "recall@10": 1.0,
        },
        abs=1e-6,
    )


def test_a_question_to_which_nothing_is_relevant_counts_in_map_and_mrr_alone() -> None:
    rankings = {"q1": ["a"], "q2": ["a"]}
    judgements = {"q1": {"a": 1}, "q2": {"a": 0}}

    assert measure(rankings, judgements) == Measures(
        queries=2,
        map=0.5,
        mrr=0.5,
        precision_at_1=1.0,
        ndcg_at_10=1.0,
        recall_at_1=1.0,
        recall_at_5=1.0,
        recall_at_10=1.0,
    )


def test_a_judged_question_without_a_ranking_was_answered_with_nothing() -> None:
    assert measure({}, {"q1": {"a": 1}}) == Measures(1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_a_ranking_that_nobody_judged_does_not_count() -> None:
    measured = measure({"q1": ["a"], "q2": ["a"]}, {"q1": {"a": 1}})

    assert measured == Measures(1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def test_without_questions_every_figure_is_zero() -> None:
    assert measure({}, {}) == Measures(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_mrr_looks_at_the_first_ten_and_map_at_all() -> None:
    ranking = [*"abcdefghij", "right"]

    measured = measure({"q1": ranking}, {"q1": {"right": 1}})

    assert measured.mrr == 0.0
    assert measured.map == pytest.approx(1 / 11)


def test_scripts_find_the_figures_under_their_usual_names() -> None:
    measures = Measures(7, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)

    assert measures.as_json() == {
        "queries": 7,
        "map": 0.1,
        "mrr": 0.2,
        "p@1": 0.3,
        "ndcg@10": 0.4,
        "recall@1": 0.5,
        "recall@5": 0.6,
        "recall@10": 0.7,
    }


RANKINGS = st.permutations("abcdefghijkl")
JUDGED = st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(-1, 3), max_size=12)


@settings(max_examples=60, deadline=None)
@given(RANKINGS, JUDGED)
def test_every_figure_is_between_0_and_1(ranking: list[str], grades: dict[str, int]) -> None:
    figures = measure({"q": ranking}, {"q": grades}).as_json()

    assert all(0 <= figure <= 1 + 1e-9 for figure in figures.values())


@settings(max_examples=60, deadline=None)
@given(JUDGED)
def test_the_best_ranking_has_the_best_gain(grades: dict[str, int]) -> None:
    best = sorted(grades, key=lambda id_: -grades[id_])

    assert ndcg(best, {**grades, "always": 4}, depth=10) < 1
    assert ndcg(["always", *best], {**grades, "always": 4}, depth=10) == pytest.approx(1.0)
