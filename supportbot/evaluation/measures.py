"""Measures of a ranking, from what is relevant to each question.

Source: Manning, Raghavan & Schütze 2008, "Introduction to Information Retrieval", chapter 8;
nDCG with linear gains, as trec_eval computes it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
        """Give the figures under the names that scripts rely on."""
        return {
            "queries": self.queries,
            "map": self.map,
            "mrr": self.mrr,
            "p@1": self.precision_at_1,
            "ndcg@10": self.ndcg_at_10,
            "recall@1": self.recall_at_1,
            "recall@5": self.recall_at_5,
            "recall@10": self.recall_at_10,
        }


def measure(rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Relevance]) -> Measures:
    """Measure rankings (question id to document ids, best first) against judgements.

    Every judged question counts, one without a ranking as an empty one.
    """
    judged = {id_: (list(rankings.get(id_, ())), grades) for id_, grades in judgements.items()}
    answerable = [pair for pair in judged.values() if any(grade > 0 for grade in pair[1].values())]
    return Measures(
        queries=len(judged),
        map=_mean(average_precision(*pair) for pair in judged.values()),
        mrr=_mean(reciprocal_rank(*pair, depth=10) for pair in judged.values()),
        precision_at_1=_mean(reciprocal_rank(*pair, depth=1) for pair in answerable),
        ndcg_at_10=_mean(ndcg(*pair, depth=10) for pair in answerable),
        recall_at_1=_mean(recall(*pair, depth=1) for pair in answerable),
        recall_at_5=_mean(recall(*pair, depth=5) for pair in answerable),
        recall_at_10=_mean(recall(*pair, depth=10) for pair in answerable),
    )


def average_precision(ranking: Sequence[str], grades: Relevance) -> float:
    """Give the mean of the precision at each relevant document; 0 when there is none."""
    relevant = _relevant(grades)
    found = [rank for rank, id_ in enumerate(ranking, 1) if id_ in relevant]
    return sum(i / rank for i, rank in enumerate(found, 1)) / (len(relevant) or 1)


def reciprocal_rank(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Give one over the rank of the first relevant document; 0 when none is in the first few."""
    relevant = _relevant(grades)
    ranks = (rank for rank, id_ in enumerate(ranking[:depth], 1) if id_ in relevant)
    return 1 / next(ranks, math.inf)


def recall(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Give the share of the relevant documents that are among the first few."""
    relevant = _relevant(grades)
    return len(relevant.intersection(ranking[:depth])) / (len(relevant) or 1)


def ndcg(ranking: Sequence[str], grades: Relevance, *, depth: int) -> float:
    """Give the discounted gain, as a share of the best possible one."""
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(id_, 0) for id_ in ranking[:depth]]) / (best or 1.0)


def _gain(grades: Sequence[int]) -> float:
    return sum(max(0, grade) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _relevant(grades: Relevance) -> set[str]:
    return {id_ for id_, grade in grades.items() if grade > 0}


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return sum(collected) / (len(collected) or 1)
