"""Who may teach: whose answers become knowledge, and which ones somebody looks at first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from supportbot.domain.capture import says_something
from supportbot.domain.composing import THE_BOTS_ANSWER
from supportbot.domain.events import Author
from supportbot.domain.questions import Answer, Standing
from supportbot.domain.replies import THE_BOTS_OWN, Choice

MOST_CHOICES = 12
"""Answers to a question between which the bot lets somebody choose in the thread."""


@dataclass(frozen=True, slots=True)
class TeachingRules:
    """What a group has decided about its teachers. Members are named by their member ids."""

    maintainers: frozenset[str] = field(default_factory=frozenset)
    maintainer_roles: frozenset[str] = field(default_factory=frozenset)
    trusted: frozenset[str] = field(default_factory=frozenset)
    trusted_roles: frozenset[str] = field(default_factory=frozenset)
    trusted_after: int = 3
    """Accepted answers after which a member is trusted; 0: never by answers alone."""
    review_newcomers: bool = False
    """Look at the accepted answers, too, of those who are not trusted yet."""

    def is_maintainer(self, author: Author) -> bool:
        """Say whether a person looks after the group's knowledge."""
        return author.member_id in self.maintainers or bool(
            self.maintainer_roles.intersection(author.roles)
        )

    def trusts(self, author: Author, accepted_answers: int) -> bool:
        """Say whether what a person answers may be shown without anybody's accepting it."""
        return self.is_maintainer(author) or (
            not author.is_outsider and self._trusts_member(author, accepted_answers)
        )

    def _trusts_member(self, author: Author, accepted_answers: int) -> bool:
        return (
            author.member_id in self.trusted
            or bool(self.trusted_roles.intersection(author.roles))
            or 0 < self.trusted_after <= accepted_answers
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an answer, and why."""

    standing: Standing
    reason: str


def choices(answers: Sequence[Answer], *, has_shown: bool) -> tuple[Choice, ...]:
    """Say what may have solved a question: people's answers, and what the bot has shown.

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
    found = [Choice(THE_BOTS_OWN, THE_BOTS_ANSWER)] if has_shown else []
    for answer in said:
        name = answer.author.name
        seen[name] += 1
        label = f"{name} ({seen[name]})" if names[name] > 1 else name
        found.append(Choice(answer.id.removeprefix(f"{answer.question_id}/"), label))
    return tuple(found)


def judge_reply(author: Author, accepted_answers: int, rules: TeachingRules) -> Verdict:
    """Decide about a reply that nobody has accepted yet."""
    if rules.trusts(author, accepted_answers):
        return Verdict(Standing.KNOWLEDGE, "its author is trusted")
    return Verdict(
        Standing.WAITING,
        f"nobody has accepted it yet, and {_history(author, accepted_answers, rules)}",
    )


def judge_accepted(
    author: Author, accepted_by: Author, accepted_answers: int, rules: TeachingRules
) -> Verdict:
    """Decide about a reply that the asker or a maintainer has accepted."""
    if rules.is_maintainer(accepted_by):
        return Verdict(Standing.KNOWLEDGE, "a maintainer accepted it")
    is_from_outside = author.is_outsider or accepted_by.is_outsider
    if (rules.review_newcomers or is_from_outside) and not rules.trusts(author, accepted_answers):
        return Verdict(
            Standing.WAITING,
            f"the asker accepted it, but {_history(author, accepted_answers, rules)}",
        )
    return Verdict(Standing.KNOWLEDGE, "the asker accepted it")


def _history(author: Author, accepted_answers: int, rules: TeachingRules) -> str:
    answers = "accepted answer" if accepted_answers == 1 else "accepted answers"
    needed = f"; trusted from {rules.trusted_after} on" if rules.trusted_after else ""
    return f"{author.name} has {accepted_answers or 'no'} {answers} so far{needed}"
