"""A community for which the shipped figures are too low, and what its votes make of them."""

import math

import numpy as np
import pytest

from supportbot.domain.knowledge.decision import Calibration, DecisionKind
from supportbot.errors import SupportbotError
from supportbot.evaluation.decision import Trial, Variant
from supportbot.evaluation.voting import after_votes

CALIBRATION = Calibration("any", 0.0, 1.0, answer_threshold=0.9, suggest_threshold=1 / 3)


def trials(number: int, *, off_by: float = 0.0) -> list[Trial]:
    """Ask so many questions; the log-odds of what is right are off by this."""
    random = np.random.default_rng(0)
    found = []
    for n in range(number):
        promised = random.uniform(0.02, 0.98)
        odds = math.log(promised / (1 - promised)) + off_by
        is_right = bool(random.random() < 1 / (1 + math.exp(-odds)))
        kind = DecisionKind.SUGGEST
        found.append(Trial(f"q{n}", Variant.AS_IS, kind, promised, is_right=is_right))
    return found


def test_without_votes_it_is_as_shipped() -> None:
    asked = trials(400)

    found = after_votes(asked, CALIBRATION, 0, draws=2)

    answered = [trial.is_right for trial in asked if trial.confidence >= 0.9]
    assert found.left == 400
    assert found.answer_threshold == 0.9
    assert found.answer_coverage == pytest.approx(len(answered) / 400)
    assert found.answer_precision == pytest.approx(sum(answered) / len(answered))


def test_votes_mend_what_was_promised_too_low() -> None:
    asked = trials(2_000, off_by=1.5)

    shipped, voted = (after_votes(asked, CALIBRATION, votes, draws=5) for votes in (0, 300))

    assert shipped.calibration_error > 0.18
    assert voted.calibration_error < shipped.calibration_error / 3
    assert voted.answer_precision >= 0.9
    assert voted.answer_coverage > shipped.answer_coverage


def test_who_has_voted_is_not_judged() -> None:
    # A third is not shown, and so not voted on.
    found = after_votes(trials(1_000), CALIBRATION, 300, draws=3)

    assert 500 < found.left < 600


def test_both_variants_of_a_question_vote_or_are_judged() -> None:
    pairs = [
        Trial(f"q{n}", variant, DecisionKind.SUGGEST, 0.5, is_right=bool(n % 2))
        for n in range(200)
        for variant in Variant
    ]

    assert after_votes(pairs, CALIBRATION, 51, draws=3).left == 400 - 52


def test_the_calibration_error_stands_beside_what_chance_makes_of_it() -> None:
    found = after_votes(trials(1_000), CALIBRATION, 0, draws=1)

    assert 0.5 < found.calibration_error / found.by_chance < 2


def test_the_same_seed_draws_the_same_voters() -> None:
    asked = trials(500)

    first, again, other = (
        after_votes(asked, CALIBRATION, 100, seed=seed, draws=3) for seed in (1, 1, 2)
    )

    assert first == again != other


def test_too_few_that_are_left_say_nothing() -> None:
    with pytest.raises(SupportbotError, match=r"150 votes leave .* of 200 .* Take fewer votes"):
        after_votes(trials(200), CALIBRATION, 150)


def test_more_votes_than_are_shown_leave_nothing() -> None:
    with pytest.raises(SupportbotError, match="leave 0 of 200"):
        after_votes(trials(200), CALIBRATION, 10_000)


def test_no_answers_have_no_precision() -> None:
    unsure = [Trial(f"q{n}", Variant.AS_IS, DecisionKind.ROUTE, 0.1) for n in range(150)]

    assert after_votes(unsure, CALIBRATION, 0).as_json()["answer_precision"] is None
