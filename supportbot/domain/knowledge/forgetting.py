"""What is left of a conversation when one of its members is forgotten."""

import re
from collections.abc import Sequence
from dataclasses import replace

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Answer, Question

NOBODY = "somebody"
"""What stands where a name was."""
_SHORTEST_NAME = 3
"""Characters of a part of a name that is looked for by itself: shorter ones are words as well."""


def without_asker(question: Question) -> Question:
    """Return a question of which nothing is left but its place, for the answers of others in it."""
    return replace(
        question, asker=Author(question.asker.platform, "", NOBODY), text="", url="", experts=()
    )


def without_expert(question: Question, member_id: str) -> Question:
    """Return a question that does not say that this member was asked."""
    return replace(question, experts=tuple(e for e in question.experts if e != member_id))


def without_name(answer: Answer, author: Author) -> Answer:
    """Give somebody else's answer without the name of a forgotten member."""
    texts = (answer.text, answer.approved, answer.proposed)
    text, approved, proposed = (_named(author).sub(NOBODY, text) for text in texts)
    return replace(answer, text=text, approved=approved, proposed=proposed)


def others_answers(answers: Sequence[Answer], author: Author) -> list[Answer]:
    """Return what other people answered, without the member's name, or what they had asked."""
    return [
        replace(without_name(answer, author), asked_as="")
        for answer in answers
        if answer.author.member_id != author.member_id
    ]


def _named(author: Author) -> "re.Pattern[str]":
    """Match a mention of the member, the whole name, and each part of it that is long enough."""
    parts = [part for part in author.name.split() if len(part) >= _SHORTEST_NAME]
    names = sorted({author.name, *parts} - {""}, key=len, reverse=True)
    mentions = [rf"<@!?{re.escape(author.user_id)}(?:\|[^>]*)?>"] if author.user_id else []
    spoken = [rf"@?(?<!\w){re.escape(name)}(?!\w)" for name in names]
    return re.compile("|".join([*mentions, *spoken]) or r"(?!)")
