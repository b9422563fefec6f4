"""What may have solved a question, to choose from."""

from collections import Counter
from collections.abc import Sequence

from supportbot.domain.chat.questions import Answer, Standing
from supportbot.domain.knowledge.capture import says_something
from supportbot.domain.replies.closing import the_bots_answer
from supportbot.domain.replies.reply import THE_BOTS_OWN, Choice

MOST_CHOICES = 12
"""Answers to a question between which the bot lets somebody choose in the thread."""


def choices_among(answers: Sequence[Answer], *, has_shown: bool) -> tuple[Choice, ...]:
    """Return what may have solved a question: people's answers, and what the bot has shown.

    Several of one name are numbered, in the order in which they were given. What says little counts
    where nobody says more.

    Args:
        answers: By others than the asker, oldest first.
        has_shown: Whether the bot has shown any matches.
    """
    given = [answer for answer in answers if answer.standing is not Standing.DROPPED]
    said = [answer for answer in given if says_something(answer)] or given
    names = Counter(answer.author.name for answer in said)
    seen: Counter[str] = Counter()
    found = [Choice(THE_BOTS_OWN, the_bots_answer())] if has_shown else []
    for answer in said:
        name = answer.author.name
        seen[name] += 1
        label = f"{name} ({seen[name]})" if names[name] > 1 else name
        found.append(Choice(answer.id.removeprefix(f"{answer.question_id}/"), label))
    return tuple(found)
