"""Units of knowledge, and the pieces of them that are searched."""

from dataclasses import dataclass
from datetime import datetime

from supportbot.domain.chat.audiences import COMMUNITY, Audience

DOCUMENTS = "best_practices"
"""The source of the group's own documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """A unit of knowledge: a best-practice document, or a past question with its answer.

    `asked` is what people ask when they need it: the past question, or each `asked_as`.
    `body` is what is shown: Markdown of a document (cut into passages), or the answer's words.
    """

    source: str
    """Who brings it: `best_practices`, `answers`, or `beir:NAME`. A sync owns its source."""
    key: str
    """Its name within the source, such as the file's path."""
    title: str
    body: str
    asked: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    author: str = ""
    author_id: str = ""
    """The member who said it, where one did."""
    said_at: datetime | None = None
    url: str = ""
    is_markdown: bool = False
    audience: Audience = COMMUNITY
    channel_key: str = ""
    """The channel in which it was said, where it was: its audience follows that channel."""
    from_history: bool = False
    """It was learned from an export, and nobody has confirmed it: it does not answer alone."""

    @property
    def id(self) -> str:
        """Name the document within its community."""
        return document_id(self.source, self.key)


def document_id(source: str, key: str) -> str:
    """Name a document within its community."""
    return f"{source}:{key}"


@dataclass(frozen=True, slots=True)
class Passage:
    """The piece of a document that is embedded and searched.

    `searched` is what is matched against a question; `shown` is what a reader sees.
    """

    searched: str
    shown: str
    heading: str = ""
    """Path of headings from the top, joined with " › "."""
    anchor: str = ""
    """Fragment of the heading's link, without `#`."""
    line: int = 1
    """Line of the document's body in which it starts, from 1."""


@dataclass(frozen=True, slots=True)
class PassageKey:
    """What decides whether a passage may be found: which it is, for whom, and since when."""

    id: int
    document_id: str
    audience: Audience
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class Background:
    """What a cosine has to stand out from: how near a question is to knowledge in general.

    A question in a community's everyday words is near to everything there, and a high cosine says
    little; one in rare words is near to nothing else.
    """

    mean: float = 0.0
    """Cosine of the question, on average over the passages that the asker may see."""
    passages: int = 0
    """How many these are."""


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found for a question."""

    document_id: str
    title: str
    heading: str
    source: str
    url: str
    author: str
    author_id: str
    said_at: datetime | None
    excerpt: str
    score: float
    """Fused score, comparable within one search only."""
    cosine: float
    background: Background = Background()
    shared_words: tuple[str, ...] = ()
    """Words of the question that are in what is shown, the rarest first."""
    from_history: bool = False
    """It was learned from an export, and nobody has confirmed it since."""
    other_version: str = ""
    """Version of a product of which the question names another one."""
    other_language: str = ""
    """Language of what is shown, where the question is in another one."""
    confidence: float = 0.0
    """Probability that this helps, 0 to 1; `decide` sets it."""
    chance: float = 0.0
    """The same by the calibration alone, before the community's votes correct it."""
