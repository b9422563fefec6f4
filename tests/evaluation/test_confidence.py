import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from supportbot.evaluation.confidence import (
    Bools,
    Floats,
    aurc,
    auroc,
    brier,
    calibration_error,
    calibration_error_by_chance,
    coverage_at_precision,
    matthews,
    precision_by_coverage,
    reliability,
)

# Likeliest first: right, right, wrong, right.
CONFIDENCE = np.array([0.9, 0.8, 0.6, 0.5])
RIGHT = np.array([True, True, False, True])
NONE = np.array([], np.float64), np.array([], np.bool_)


def test_auroc_is_the_share_of_pairs_in_which_the_right_one_has_more_confidence() -> None:
    # Of three pairs of a right and a wrong one, two are in order.
    assert auroc(CONFIDENCE, RIGHT) == pytest.approx(2 / 3)


def test_a_tie_is_half_in_order() -> None:
    assert auroc(np.array([0.5, 0.5]), np.array([True, False])) == 0.5


@pytest.mark.parametrize("right", [[True, True], [False, False]])
def test_where_all_are_alike_there_is_nothing_to_put_in_order(right: list[bool]) -> None:
    assert math.isnan(auroc(np.array([0.4, 0.5]), np.array(right)))


def test_precision_is_given_for_the_likeliest_one_two_and_so_on() -> None:
    found = precision_by_coverage(CONFIDENCE, RIGHT)

    assert found.tolist() == pytest.approx([1.0, 1.0, 2 / 3, 3 / 4])


def test_within_a_tie_precision_is_what_chance_would_make_of_it() -> None:
    found = precision_by_coverage(np.array([0.5, 0.5]), np.array([False, True]))

    assert found.tolist() == [0.5, 0.5]


def test_the_area_under_the_risk_coverage_curve_is_the_mean_risk() -> None:
    # The risks are 0, 0, 1/3 and 1/4.
    assert aurc(CONFIDENCE, RIGHT) == pytest.approx(7 / 48)


@pytest.mark.parametrize(
    ("precision", "coverage"), [(1.0, 0.5), (0.75, 1.0), (2 / 3, 1.0), (0.9, 0.5)]
)
def test_coverage_is_the_most_that_can_be_answered_with_enough_right(
    precision: float, coverage: float
) -> None:
    assert coverage_at_precision(CONFIDENCE, RIGHT, precision) == coverage


def test_nine_right_of_ten_are_nine_in_ten() -> None:
    right = np.array([True] * 9 + [False])

    assert coverage_at_precision(np.linspace(1.0, 0.1, 10), right, 0.9) == 1.0


def test_what_is_tied_is_answered_together_or_not_at_all() -> None:
    # With one of the two wrong ones, nine of ten would be right.
    confidence = np.array([0.9] * 9 + [0.5] * 2)
    right = np.array([True] * 9 + [False] * 2)

    assert coverage_at_precision(confidence, right, 0.9) == 9 / 11


def test_where_the_likeliest_is_wrong_nothing_can_be_answered() -> None:
    assert coverage_at_precision(np.array([0.9, 0.5]), np.array([False, True]), 0.9) == 0.0


def test_the_brier_score_is_the_mean_squared_distance_from_the_truth() -> None:
    # 0.01, 0.04, 0.36 and 0.25
    assert brier(CONFIDENCE, RIGHT) == pytest.approx(0.165)


def test_bins_are_equally_full_and_say_what_was_promised_and_kept() -> None:
    low, high = reliability(CONFIDENCE, RIGHT, bins=2)

    assert (low.count, high.count) == (2, 2)
    assert [low.promised, high.promised] == pytest.approx([0.55, 0.85])
    assert [low.kept, high.kept] == [0.5, 1.0]


def test_the_calibration_error_is_the_mean_distance_between_promised_and_kept() -> None:
    # 0.05 in one half, 0.15 in the other
    assert calibration_error(CONFIDENCE, RIGHT, bins=2) == pytest.approx(0.1)


def test_the_fewer_questions_the_more_of_the_calibration_error_is_chance() -> None:
    many, few = (np.linspace(0.05, 0.95, number) for number in (4_000, 100))

    assert calibration_error_by_chance(many) < 0.02
    assert 0.08 < calibration_error_by_chance(few) < 0.12


def test_what_is_certain_leaves_nothing_to_chance() -> None:
    assert calibration_error_by_chance(np.array([0.0, 1.0, 1.0])) == 0.0


def test_with_fewer_questions_than_bins_no_bin_is_empty() -> None:
    assert [found.count for found in reliability(CONFIDENCE, RIGHT)] == [1, 1, 1, 1]


def test_no_questions_have_no_figures() -> None:
    assert math.isnan(auroc(*NONE))
    assert math.isnan(aurc(*NONE))
    assert math.isnan(brier(*NONE))
    assert math.isnan(calibration_error(*NONE))
    assert math.isnan(calibration_error_by_chance(NONE[0]))
    assert math.isnan(coverage_at_precision(*NONE, 0.9))
    assert math.isnan(matthews(np.array([], np.intp), np.array([], np.intp)))
    assert reliability(*NONE) == ()


@pytest.mark.parametrize(
    ("truth", "said", "correlation"),
    [
        ([0, 1, 2], [0, 1, 2], 1.0),
        ([0, 1], [1, 0], -1.0),
        ([0, 1, 1], [0, 0, 0], 0.0),
        # 3 of 4 agree: (3 · 4 - 8) / √((16 - 8) · (16 - 10)) = 4 / √48
        ([0, 0, 1, 1], [0, 0, 0, 1], 0.577350),
    ],
)
def test_matthews_correlation_compares_what_is_so_with_what_was_said(
    truth: list[int], said: list[int], correlation: float
) -> None:
    found = matthews(np.array(truth, np.intp), np.array(said, np.intp))

    assert found == pytest.approx(correlation, abs=1e-6)


LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)
JUDGED = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.8, 0.9]), st.booleans()), max_size=40)


def columns(judged: list[tuple[float, bool]]) -> tuple[Floats, Bools]:
    both = [(0.3, True), (0.4, False), *judged]
    return np.array([c for c, _ in both]), np.array([right for _, right in both])


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_matthews_correlation_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    # With a single label, scikit-learn warns.
    truth, said = np.array([*pairs, (0, 1)], np.intp).T

    assert matthews(truth, said) == pytest.approx(matthews_corrcoef(truth, said))


@settings(max_examples=60, deadline=None)
@given(JUDGED)
def test_auroc_is_that_of_scikit_learn(judged: list[tuple[float, bool]]) -> None:
    confidence, right = columns(judged)

    assert auroc(confidence, right) == pytest.approx(roc_auc_score(right, confidence))


@settings(max_examples=60, deadline=None)
@given(JUDGED, st.randoms(use_true_random=False))
def test_the_order_of_the_questions_changes_no_figure(
    judged: list[tuple[float, bool]], random: Random
) -> None:
    shuffled = list(judged)
    random.shuffle(shuffled)

    before, after = columns(judged), columns(shuffled)

    assert aurc(*after) == pytest.approx(aurc(*before))
    assert calibration_error(*after) == pytest.approx(calibration_error(*before))
    assert coverage_at_precision(*after, 0.9) == coverage_at_precision(*before, 0.9)
