import random

import pytest

from supportbot.domain.experts.expertise import FEATURES, Appraisal
from supportbot.domain.experts.routing import SHIPPED
from supportbot.experts.fitting import Example, fit

ACTIVE = FEATURES.index("said in 7 days")


def examples(*, helps: int) -> list[Example]:
    """Return questions that the one answers of whom one feature is greater; the rest is noise."""
    chance = random.Random(7)  # noqa: S311 - made up on purpose
    found = []
    for _ in range(80):
        people = [Appraisal(f"p{n}", tuple(chance.random() for _ in FEATURES)) for n in range(12)]
        best = max(people, key=lambda one: one.features[helps])
        found.append(Example(tuple(people), frozenset({best.member_id})))
    return found


def test_what_helps_is_learned() -> None:
    model = fit(examples(helps=ACTIVE))

    assert max(model.weights) == model.weights[ACTIVE]


def test_the_odds_are_those_of_the_examples() -> None:
    past = examples(helps=ACTIVE)
    model = fit(past)

    odds = [model.logit(one.features) for example in past for one in example.appraisals]
    likely = sum(value > 0 for value in odds) / len(odds)

    assert 0.02 < likely < 0.15  # one of twelve answers


def same_for_everybody() -> list[Example]:
    """Return questions before which everybody was equally active."""
    return [
        Example(
            tuple(
                Appraisal(one.member_id, (*one.features[:ACTIVE], 3.0, *one.features[ACTIVE + 1 :]))
                for one in example.appraisals
            ),
            example.answerers,
        )
        for example in examples(helps=ACTIVE + 1)
    ]


def test_what_is_the_same_for_everybody_teaches_nothing() -> None:
    same = same_for_everybody()

    assert fit(same).weights[ACTIVE] == 0
    assert fit(same, untaught=SHIPPED).weights[ACTIVE] == SHIPPED.weights[ACTIVE]


def test_what_has_taught_nothing_changes_no_odds_of_the_past() -> None:
    past = same_for_everybody()
    someone = past[0].appraisals[0].features

    assert fit(past, untaught=SHIPPED).logit(someone) == pytest.approx(fit(past).logit(someone))
