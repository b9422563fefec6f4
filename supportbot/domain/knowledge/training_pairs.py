"""What an embedding model learns from: questions, what solved them, and what did not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

NEARNESS = 0.95
"""A passage nearer than this share of the right one's cosine may be right itself, unlabelled.

Source: Moreira et al. 2024, "NV-Retriever: Improving text embedding models with effective
hard-negative mining" (arXiv 2407.15831): TopK-PercPos.
"""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_TUNED, _CALIBRATED = 0.70, 0.15


@dataclass(frozen=True, slots=True)
class SolvedQuestion:
    """A question, and the documents that solved it, none of which is the question itself."""

    id: str
    text: str
    right: frozenset[str]
    """Ids of documents."""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question, and the words of the answer that was accepted in its own thread."""

    text: str
    answer: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Parts:
    """Questions that are used for one thing each: no question, and no wording, is in two parts."""

    tuning: tuple[SolvedQuestion, ...]
    calibration: tuple[SolvedQuestion, ...]
    report: tuple[SolvedQuestion, ...]


@dataclass(frozen=True, slots=True)
class NearPassage:
    """A passage as the model sees it, and how near it is to a question."""

    document_id: str
    text: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Triplet:
    """A question, a text that is to come nearer to it, and one that is to stay away."""

    question: str
    right: str
    wrong: str


def divide(
    questions: Iterable[SolvedQuestion], report: Sequence[SolvedQuestion] | None = None
) -> Parts:
    """Divide questions by time: the oldest 70 % for tuning, then 15 % and 15 %.

    A wording that was asked several times belongs where it was asked first, and counts once there.

    Args:
        questions: In any order; those without a date stay in the order given, before all others.
        report: What is judged on, where that was chosen; the rest is divided in the same
            proportion, and holds none of its wordings.
    """
    kept: dict[str, SolvedQuestion] = {_wording(one.text): one for one in report or ()}
    chosen = tuple(kept.values())
    in_order = sorted(questions, key=lambda one: one.asked_at or _EARLIEST)
    ordered = [one for one in in_order if kept.setdefault(_wording(one.text), one) is one]
    whole = 1.0 if report is None else _TUNED + _CALIBRATED
    tuned = round(len(ordered) * _TUNED / whole)
    calibrated = round(len(ordered) * (_TUNED + _CALIBRATED) / whole)
    return Parts(
        tuple(ordered[:tuned]),
        tuple(ordered[tuned:calibrated]),
        chosen if report is not None else tuple(ordered[calibrated:]),
    )


def answered_before(
    answered: Iterable[AnsweredQuestion], parts: Parts, *, most: int
) -> list[AnsweredQuestion]:
    """Return the latest answered questions that are older than all that is not for tuning."""
    later = (*parts.calibration, *parts.report)
    end = min((one.asked_at for one in later if one.asked_at), default=None)
    wordings = {_wording(one.text) for one in later}
    older = [
        one
        for one in answered
        if (end is None or one.asked_at < end) and _wording(one.text) not in wordings
    ]
    return sorted(older, key=lambda one: one.asked_at)[-most:] if most else []


def triplets_of(
    question: SolvedQuestion, near: Sequence[NearPassage], *, negatives: int
) -> list[Triplet]:
    """Return what is learned from a question: each right document with the hardest wrong ones.

    Args:
        question: With its right documents.
        near: Passages about it: the nearest of all, and all passages of the right documents.
        negatives: How many wrong passages for each right one.
    """
    found = []
    for document_id in sorted(question.right):
        passages = [one for one in near if one.document_id == document_id]
        best = max(passages, key=lambda one: one.cosine, default=None)
        if best is not None and _wording(best.text) != _wording(question.text):
            wrong = hard_negatives(near, question.right, best.cosine, limit=negatives)
            found += [Triplet(question.text, best.text, one.text) for one in wrong]
    return found


def hard_negatives(
    near: Iterable[NearPassage], right: Collection[str], cosine: float, *, limit: int
) -> list[NearPassage]:
    """Choose the nearest passages that are wrong, and not so near that they may be right.

    Where all are that near, the farthest one stands in.

    Args:
        near: What was found for a question.
        right: Ids of all documents that are right for it.
        cosine: Of the right passage.
        limit: How many.
    """
    wrong = [one for one in near if one.document_id not in right]
    nearest_first = sorted(wrong, key=lambda one: -one.cosine)
    hard = [one for one in nearest_first if one.cosine < NEARNESS * cosine]
    return hard[:limit] or nearest_first[-1:]


def _wording(text: str) -> str:
    return " ".join(text.casefold().split())
