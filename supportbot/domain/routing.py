"""Whom to ask."""

from collections.abc import Iterable
from datetime import datetime

from supportbot.domain.events import Author
from supportbot.domain.experts import Expert, Referral

LEAST_SIMILARITY = 0.25
"""Cosine under which an answer or a topic says nothing about a question. Unrelated texts of
all-MiniLM-L6-v2 lie around 0.1; chosen by reading, not fitted (routing has its own data)."""


def choose_experts(
    candidates: Iterable[Expert], *, asker: Author, limit: int = 3
) -> tuple[Referral, ...]:
    """Choose those who most likely know: near accepted answers, then declared topics.

    Args:
        candidates: Everybody who may be asked, with what speaks for them on this question.
        asker: Is never asked their own question.
        limit: How many are asked at most.

    Returns:
        Best first; empty when nothing speaks for anybody.
    """
    others = [e for e in candidates if e.author.member_id != asker.member_id]
    scored = [(_score(expert), expert) for expert in others]
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1].author.member_id))
    return tuple(
        Referral(expert.author, _reason(expert)) for score, expert in ranked[:limit] if score > 0
    )


def _score(expert: Expert) -> float:
    answers = sum(max(0.0, cosine - LEAST_SIMILARITY) for cosine, _ in expert.answers)
    return answers + max(0.0, expert.topic_similarity - LEAST_SIMILARITY)


def _reason(expert: Expert) -> str:
    near = [said_at for cosine, said_at in expert.answers if cosine > LEAST_SIMILARITY]
    if not near:
        return f"knows about {expert.topic}"
    questions = "a question" if len(near) == 1 else f"{len(near)} questions"
    return f"answered {questions} like this{_last(near)}"


def _last(dates: list[datetime | None]) -> str:
    known = [date for date in dates if date is not None]
    if not known:
        return ""
    latest = max(known)
    return f"{', last' if len(dates) > 1 else ''} on {latest.day} {latest:%B %Y}"
