"""Small working things in place of the slow ones and the random ones."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from supportbot.domain.knowledge.decision import Calibration
from supportbot.ports import Vectors


class HashingEmbedder:
    """A model without weights: texts that share words are near. The same on every machine."""

    model = "hashing"
    key = "hashing@1"
    precision = "float32"
    dimension = 256
    is_multilingual = False

    def __init__(self) -> None:
        """Start counting the texts that were embedded, for tests of what is not done twice."""
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed texts by their words."""
        self.embedded.extend(texts)
        rows = [self._vector(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.dimension)

    def embed_question(self, text: str) -> Vectors:
        """Embed one question by its words."""
        return self._vector(text).reshape(1, self.dimension)

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 1e-6, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            digest = hashlib.sha256(word.rstrip("s").encode("utf-8", "replace")).digest()
            vector[digest[0]] += 1
        return vector / np.linalg.norm(vector)


class OverlapReranker:
    """A second stage without weights: the share of a question's words that a text says, too."""

    model = "overlap"

    def __init__(self) -> None:
        """Start keeping what was asked, for tests of what is looked at again."""
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how much each text has in common with a question."""
        self.seen.append((question, tuple(texts)))
        asked = set(re.findall(r"\w+", question.lower()))
        said = [set(re.findall(r"\w+", text.lower())) for text in texts]
        return [len(asked & words) / (len(asked) or 1) for words in said]


HASHING_CALIBRATION = Calibration(
    model=HashingEmbedder.model,
    intercept=-8.0,
    slope=16.0,
    answer_threshold=0.8,
    suggest_threshold=0.4,
)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        """Start at a Monday morning, unless told otherwise."""
        self._now = now

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
