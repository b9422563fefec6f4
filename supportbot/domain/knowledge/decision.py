"""Answer, suggest, or ask people: the decision, and the probability that it stands on."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from supportbot.domain.knowledge.documents import Background, Match
from supportbot.domain.knowledge.recalibration import IDENTITY, Confirmed, Correction

_FEW = 50
"""Passages for which the usual background counts: fewer say little about a community."""
_NO_BACKGROUND = Background()
SUGGESTS_ONLY = 1.0
"""The answer threshold of a calibration that is never sure enough to answer."""
_ODDS_OF_ANOTHER = 0.1
"""What is left of the odds when a match is about another version, or in another language: a choice,
not measured."""


class DecisionKind(StrEnum):
    """What is done about a question."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    """Show the matches and ask people at once."""
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a match to a probability, and the probabilities at which a decision is taken.

    A logistic curve over the cosine, and over the background from which it has to stand out. It
    holds for one embedding model only: the scale of cosines differs from model to model.
    """

    model: str
    intercept: float
    slope: float
    answer_threshold: float
    """Lowest confidence, 0 to 1, at which a match is given as the answer."""
    suggest_threshold: float
    """Lowest confidence, 0 to 1, at which a match is worth showing."""
    background_slope: float = 0.0
    usual_background: float = 0.0
    """Background that is expected where there is little knowledge to take it from."""

    @property
    def only_suggests(self) -> bool:
        """Whether nothing is an answer with it."""
        return self.answer_threshold >= SUGGESTS_ONLY

    def confidence(self, cosine: float, background: Background = _NO_BACKGROUND) -> float:
        """Return the probability, 0 to 1, that a match of this cosine (-1 to 1) helps."""
        seen = background.passages / (background.passages + _FEW)
        mean = seen * background.mean + (1 - seen) * self.usual_background
        log_odds = self.intercept + self.slope * cosine + self.background_slope * mean
        # The logistic function, in a form that no steepness makes overflow.
        return (1 + math.tanh(log_odds / 2)) / 2


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, how sure the bot is (0 to 1), and on which matches, likeliest first."""

    kind: DecisionKind
    confidence: float
    matches: tuple[Match, ...] = ()
    """What was considered, each with its confidence."""
    shown: tuple[Match, ...] = ()
    """Those of them that are shown: what reaches the answer threshold, else the suggest one."""
    model: str = ""
    """The embedding model of the calibration that was decided with."""
    confirmed: Confirmed | None = None
    """How often members have confirmed what was about as likely, where that was measured."""


def decide(
    matches: Sequence[Match],
    calibration: Calibration,
    *,
    correction: Correction = IDENTITY,
    assured: Collection[str] = (),
    limit: int = 3,
) -> Decision:
    """Answer when the likeliest of the best matches reaches the answer threshold, else ask people.

    What comes from imported history never answers alone: it is shown, and people are asked, until
    the group's own votes have assured it.

    Args:
        matches: Best first.
        calibration: What a cosine means, and where the thresholds are.
        correction: What the community's own votes make of that probability.
        assured: Ids of documents that the group's own votes have assured.
        limit: How many of the best are considered, and shown at most.
    """
    matches = sorted(
        (_estimated(match, calibration, correction) for match in matches[:limit]),
        key=lambda match: -match.confidence,
    )
    confidence = matches[0].confidence if matches else 0.0
    for kind, threshold in (
        (DecisionKind.ANSWER, calibration.answer_threshold),
        (DecisionKind.SUGGEST, calibration.suggest_threshold),
    ):
        shown = tuple(match for match in matches if match.confidence >= threshold)
        if kind is DecisionKind.ANSWER and not any(_may_answer(one, assured) for one in shown):
            kind = DecisionKind.SUGGEST  # noqa: PLW2901 - the same matches, and people as well
        if shown:
            return Decision(kind, confidence, tuple(matches), shown, calibration.model)
    return Decision(DecisionKind.ROUTE, confidence, tuple(matches), model=calibration.model)


def _may_answer(match: Match, assured: Collection[str]) -> bool:
    return not match.from_history or match.document_id in assured


def _estimated(match: Match, calibration: Calibration, correction: Correction) -> Match:
    chance = calibration.confidence(match.cosine, match.background)
    if match.other_version or match.other_language:
        chance = _ODDS_OF_ANOTHER * chance / (1 - (1 - _ODDS_OF_ANOTHER) * chance)
    return replace(match, confidence=correction.apply(chance), chance=chance)
