import math

import numpy as np
import pytest

from supportbot.evaluation.bootstrap import Interval, Rows, intervals

RIGHT = np.array([True] * 80 + [False] * 20)


def share_right(rows: Rows) -> dict[str, float]:
    return {"right": float(RIGHT[rows].mean())}


def test_the_interval_of_a_share_is_about_two_standard_errors_wide_to_each_side() -> None:
    # The standard error of 80 of 100 is 0.04.
    found = intervals(share_right, 100)["right"]

    assert found.low == pytest.approx(0.72, abs=0.015)
    assert found.high == pytest.approx(0.88, abs=0.015)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another_one() -> None:
    def mean(rows: Rows) -> dict[str, float]:
        return {"mean": float(rows.mean())}

    assert intervals(mean, 100, seed=7) == intervals(mean, 100, seed=7)
    assert intervals(mean, 100, seed=7) != intervals(mean, 100, seed=8)


def test_as_many_questions_are_drawn_as_there_are_and_each_may_come_twice() -> None:
    drawn: list[list[int]] = []

    def noted(rows: Rows) -> dict[str, float]:
        drawn.append(rows.tolist())
        return {}

    intervals(noted, 3, resamples=50)

    assert [len(rows) for rows in drawn] == [3] * 50
    assert {row for rows in drawn for row in rows} == {0, 1, 2}
    assert any(len(set(rows)) < 3 for rows in drawn)


def test_draws_on_which_a_figure_has_no_meaning_are_left_out() -> None:
    def measured(rows: Rows) -> dict[str, float]:
        return {"defined": 0.5 if 0 in rows else math.nan, "never": math.nan}

    assert intervals(measured, 2) == {"defined": Interval(0.5, 0.5)}


def test_no_questions_have_no_intervals() -> None:
    assert intervals(share_right, 0) == {}


def test_an_interval_is_written_with_two_digits() -> None:
    assert str(Interval(0.7, 0.8512)) == "(0.70–0.85)"
