import math

import pytest

from supportbot.domain.knowledge.decision import DecisionKind
from supportbot.evaluation.bootstrap import Interval
from supportbot.evaluation.decision import (
    Trial,
    Variant,
    decision_intervals,
    measure_decisions,
)

AS_IS = Variant.AS_IS
ANSWER, SUGGEST, ROUTE = DecisionKind.ANSWER, DecisionKind.SUGGEST, DecisionKind.ROUTE

# Four questions as they are, two of them right; one is asked again without its answer.
TRIALS = [
    Trial("q1", AS_IS, ANSWER, 0.9, "a", is_answerable=True, is_right=True, shows_right=True),
    Trial("q1", Variant.WITHOUT, ANSWER, 0.8, "b"),
    Trial("q2", AS_IS, SUGGEST, 0.6, "b", is_answerable=True, shows_right=True),
    Trial("q3", AS_IS, ROUTE, 0.2, "c", is_answerable=True, is_right=True),
    Trial("q4", AS_IS, ROUTE, 0.1, "d"),
]
LABELLED = [
    Trial("1", AS_IS, ANSWER, 0.9, "a", is_answerable=True, is_right=True, label="a"),
    Trial("2", AS_IS, SUGGEST, 0.6, "b", is_answerable=True, is_right=True, label="b"),
    Trial("3", AS_IS, ROUTE, 0.1, "b", label=""),
]


def test_what_was_decided_is_measured() -> None:
    figures = measure_decisions(TRIALS).as_json()
    # Each is off by 2p(1 - p) on average when it happens with probability p.
    assert figures.pop("ece_by_chance") == pytest.approx(
        (0.18 + 0.32 + 0.48 + 0.32 + 0.18) / 5, abs=0.05
    )
    assert figures == pytest.approx(
        {
            "questions": 4,
            "counted": 5,
            "answerable": 3,
            # Right are 0.9 and 0.2: of 6 pairs, 3 and 1 are in order.
            "auroc_right": 4 / 6,
            # Answerable are 0.9, 0.6 and 0.2: of 6 pairs, 2, 1 and 1 are in order.
            "auroc_answerable": 4 / 6,
            # The risks are 0, 1/2, 2/3, 2/4 and 3/5.
            "aurc": (1 / 2 + 2 / 3 + 1 / 2 + 3 / 5) / 5,
            "coverage@p90": 1 / 5,
            # Each is a bin of its own.
            "ece": (0.1 + 0.8 + 0.6 + 0.8 + 0.1) / 5,
            "brier": (0.01 + 0.64 + 0.36 + 0.64 + 0.01) / 5,
            "answer_precision": 1 / 2,
            "answer_coverage": 2 / 5,
            "answer_recall": 1 / 3,
            "shown_precision": 2 / 3,
            "shown_coverage": 3 / 5,
            "shown_recall": 2 / 3,
            "mcc_answer": None,
            "mcc_shown": None,
        }
    )


def test_with_labels_what_was_said_is_correlated_with_what_is_right() -> None:
    measures = measure_decisions(LABELLED)

    # Answered: a, nothing, nothing. (2 · 3 - 3) / √((9 - 3) · (9 - 5))
    assert measures.mcc_answer == pytest.approx(3 / math.sqrt(24))
    assert measures.mcc_shown == 1.0


def test_without_questions_no_figure_has_a_meaning() -> None:
    figures = measure_decisions([]).as_json()

    assert {name for name, value in figures.items() if value == 0} == {
        "questions",
        "counted",
        "answerable",
    }
    assert set(figures.values()) == {0, None}
    assert decision_intervals([]) == {}


def test_both_variants_of_a_question_are_drawn_together() -> None:
    # Of each question one variant is right: whichever are drawn, half of the answers are.
    pairs = [
        Trial(
            str(number),
            variant,
            ANSWER,
            0.9,
            "a",
            is_answerable=True,
            is_right=variant is AS_IS,
        )
        for number in range(20)
        for variant in Variant
    ]

    assert decision_intervals(pairs)["answer_precision"] == Interval(0.5, 0.5)


def test_what_is_drawn_stays_what_it_was() -> None:
    # Whichever are drawn: all answers are right, and nothing else is.
    right = [Trial(f"a{n}", AS_IS, ANSWER, 0.9, "a", is_right=True, label="a") for n in range(10)]
    wrong = [Trial(f"b{n}", AS_IS, ROUTE, 0.1, "b", label="") for n in range(20)]

    found = decision_intervals([*right, *wrong])

    assert found["answer_precision"] == Interval(1.0, 1.0)
    assert found["auroc_right"] == Interval(1.0, 1.0)
    assert found["mcc_answer"] == Interval(1.0, 1.0)


def test_a_question_that_was_asked_once_is_drawn_with_others_that_were_asked_twice() -> None:
    found = decision_intervals(TRIALS)

    low, high = found["answer_coverage"]
    assert 0.0 <= low < 2 / 5 < high <= 1.0
    assert "questions" not in found
    assert "mcc_answer" not in found


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert decision_intervals(LABELLED, seed=3) == decision_intervals(LABELLED, seed=3)
    assert decision_intervals(LABELLED)["mcc_shown"] == Interval(0.0, 1.0)
