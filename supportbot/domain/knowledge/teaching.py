"""Who may teach: whose answers become knowledge, and which ones somebody looks at first."""

from dataclasses import dataclass, field, replace

from supportbot.domain.chat.events import AnswerReviewed
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Answer, Standing
from supportbot.domain.knowledge.edits import is_small


@dataclass(frozen=True, slots=True)
class TeachingRules:
    """What a group has decided about its teachers. Members are named by their member ids."""

    maintainers: frozenset[str] = field(default_factory=frozenset)
    maintainer_roles: frozenset[str] = field(default_factory=frozenset)
    trusted: frozenset[str] = field(default_factory=frozenset)
    trusted_roles: frozenset[str] = field(default_factory=frozenset)
    trusted_after: int = 3
    """Different people who must have accepted an answer of a member's for them to be trusted; 0:
    never by answers alone. Three, so that it takes more than an asker and a friend of theirs."""
    review_newcomers: bool = False
    """Look at the accepted answers, too, of those who are not trusted yet."""

    def is_maintainer(self, author: Author) -> bool:
        """Whether a person looks after the group's knowledge."""
        return author.member_id in self.maintainers or bool(
            self.maintainer_roles.intersection(author.roles)
        )

    def trusts(self, author: Author, people_helped: int) -> bool:
        """Whether what a person answers may be shown without anybody's accepting it."""
        return self.is_maintainer(author) or (
            not author.is_outsider and self._trusts_member(author, people_helped)
        )

    def _trusts_member(self, author: Author, people_helped: int) -> bool:
        return (
            author.member_id in self.trusted
            or bool(self.trusted_roles.intersection(author.roles))
            or 0 < self.trusted_after <= people_helped
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an answer, and why."""

    standing: Standing
    reason: str


def judge_reply(author: Author, people_helped: int, rules: TeachingRules) -> Verdict:
    """Decide about a reply that nobody has accepted yet."""
    if rules.trusts(author, people_helped):
        return Verdict(Standing.KNOWLEDGE, "its author is trusted")
    return Verdict(
        Standing.WAITING,
        f"nobody has accepted it yet, and {_history(author, people_helped, rules)}",
    )


def judge_accepted(
    author: Author, accepted_by: Author, people_helped: int, rules: TeachingRules
) -> Verdict:
    """Decide about a reply that the asker or a maintainer has accepted."""
    if rules.is_maintainer(accepted_by):
        return Verdict(Standing.KNOWLEDGE, "a maintainer accepted it")
    is_from_outside = author.is_outsider or accepted_by.is_outsider
    if (rules.review_newcomers or is_from_outside) and not rules.trusts(author, people_helped):
        return Verdict(
            Standing.WAITING,
            f"the asker accepted it, but {_history(author, people_helped, rules)}",
        )
    return Verdict(Standing.KNOWLEDGE, "the asker accepted it")


def is_about(event: AnswerReviewed, answer: Answer) -> bool:
    """Whether what a maintainer decided is about an answer as it stands, and in these words."""
    if event.is_about_edit:
        return bool(answer.proposed) and event.seen in {"", answer.proposed}
    return answer.standing in event.standings and event.seen in {"", answer.text}


@dataclass(frozen=True, slots=True)
class Said:
    """What a maintainer typed about an answer that a link leads to."""

    link: str
    standing: Standing
    """How it has to stand for that."""
    is_shown: bool
    text: str = ""
    """What it is to say; empty when it stays as it is."""


def read_review(text: str) -> Said | None:
    """Read what a maintainer typed, such as `withdraw LINK`; None where it cannot be read."""
    word, link, words = (*text.split(maxsplit=2), "", "", "")[:3]
    link = link.strip("<>").partition("|")[0]
    match word.casefold():
        case "withdraw" if link:
            return Said(link, Standing.KNOWLEDGE, is_shown=False)
        case "restore" if link:
            return Said(link, Standing.DROPPED, is_shown=True)
        case "correct" if link and words.strip():
            return Said(link, Standing.KNOWLEDGE, is_shown=True, text=words.strip())
        case _:
            return None


def reviewed(answer: Answer, event: AnswerReviewed, text: str) -> Answer:
    """Build the answer that a maintainer has approved, in their own words where they gave some."""
    seen = event.seen if event.is_about_edit else answer.text
    said = text or seen or answer.text
    return replace(
        answer,
        text=said,
        is_reworded=said != seen or (answer.is_reworded and not event.is_about_edit),
        is_accepted=True,
        standing=Standing.KNOWLEDGE,
        reason="a maintainer accepted it",
    )


def edited(
    answer: Answer, author: Author, text: str, people_helped: int, rules: TeachingRules
) -> Answer:
    """Decide what an edit makes of an answer.

    Approval binds the words that were approved. An edit of them waits, but for that of a trusted
    author and for one that says nothing new. A maintainer's own wording gives way to maintainers
    alone.
    """
    if answer.standing is not Standing.KNOWLEDGE:
        return replace(answer, text=text, approved="", proposed="")
    if text == answer.approved_words:
        return replace(answer, text=text, approved="", proposed="")
    is_trusted = rules.trusts(author, people_helped) and not answer.is_reworded
    if is_trusted or rules.is_maintainer(author):
        return replace(answer, text=text, approved="", proposed="", is_reworded=False)
    if is_small(answer.approved_words, text) and not answer.is_reworded:
        return replace(answer, text=text, approved=answer.approved_words, proposed="")
    return replace(answer, proposed=text)


def _history(author: Author, people: int, rules: TeachingRules) -> str:
    needed = f"; trusted from {rules.trusted_after} on" if rules.trusted_after else ""
    whom = (
        "nobody has" if not people else "1 person has" if people == 1 else f"{people} people have"
    )
    return f"{whom} accepted answers by {author.name} so far{needed}"
