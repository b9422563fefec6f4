"""Measures of a ranking, from what is relevant to each question.

Source: Manning, Raghavan & Schütze 2008, "Introduction to Information Retrieval", chapter 8;
nDCG with linear gains, as trec_eval computes it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from supportbot.evaluation.bootstrap import Interval, Rows, intervals

Relevance = Mapping[str, int]
"""Grade of each judged document: above 0 is relevant."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over the questions, each 0 to 1.

    A question to which nothing is relevant counts 0 in MAP and MRR, as the shared tasks publish
    them, and is left out of the other figures.
    """

    queries: int
    map: float
    mrr: float
    precision_at_1: float
    ndcg_at_10: float
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float

    def as_json(self) -> dict[str, int | float]:
        """Return the figures under the names that scripts rely on."""
        return {"queries": self.queries, **dict(zip(_NAMES, astuple(self)[1:], strict=True))}


_NAMES = ("map", "mrr", "p@1", "ndcg@10", "recall@1", "recall@5", "recall@10")
"""The names of the figures, in the order of the fields."""


def measure(rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Relevance]) -> Measures:
    """Measure rankings (question id to document ids, best first) against judgements.

    Every judged question counts, one without a ranking as an empty one.
    """
    figures = _figures(rankings, judgements)
    return Measures(len(judgements), *(_mean(column) for column in figures.T))


def measure_intervals(
    rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Relevance]
) -> dict[str, Interval]:
    """Return the interval of each figure, by its name in `Measures.as_json`."""
    figures = _figures(rankings, judgements)

    def measured(rows: Rows) -> dict[str, float]:
        means = (_mean(column) for column in figures[rows].T)
        return dict(zip(_NAMES, means, strict=True))

    return intervals(measured, len(judgements))


def average_precision(ranking: Sequence[str], grades: Relevance) -> float:
    """Return the mean of the precision at each relevant document; 0 when there is none."""
    relevant = _relevant(grades)
    found = [rank for rank, id_ in enumerate(ranking, 1) if id_ in relevant]
    return sum(i / rank for i, rank in enumerate(found, 1)) / (len(relevant) or 1)


def reciprocal_rank(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Return one over the rank of the first relevant document; 0 when none is in the first few."""
    relevant = _relevant(grades)
    ranks = (rank for rank, id_ in enumerate(ranking[:depth], 1) if id_ in relevant)
    return 1 / next(ranks, math.inf)


def recall(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Return the share of the relevant documents that are among the first few."""
    relevant = _relevant(grades)
    return len(relevant.intersection(ranking[:depth])) / (len(relevant) or 1)


def ndcg(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Return the discounted gain, as a share of the best possible one."""
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(id_, 0) for id_ in ranking[:depth]]) / (best or 1.0)


def _gain(grades: Sequence[int]) -> float:
    return sum(max(0, grade) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _relevant(grades: Relevance) -> set[str]:
    return {id_ for id_, grade in grades.items() if grade > 0}


def _figures(
    rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Relevance]
) -> npt.NDArray[np.float64]:
    """Measure each question: (questions, figures); `nan` where a figure leaves it out."""
    rows = [_figures_of(rankings.get(id_, ()), grades) for id_, grades in judgements.items()]
    return np.array(rows, np.float64).reshape(len(rows), len(_NAMES))


def _figures_of(ranking: Sequence[str], grades: Relevance) -> tuple[float, ...]:
    always = (average_precision(ranking, grades), reciprocal_rank(ranking, grades, depth=10))
    if not _relevant(grades):
        return (*always, *[math.nan] * (len(_NAMES) - len(always)))
    return (
        *always,
        reciprocal_rank(ranking, grades, depth=1),
        ndcg(ranking, grades, depth=10),
        recall(ranking, grades, depth=1),
        recall(ranking, grades, depth=5),
        recall(ranking, grades, depth=10),
    )


def _mean(column: npt.NDArray[np.float64]) -> float:
    counted = column[~np.isnan(column)]
    return float(counted.sum() / (counted.size or 1))
