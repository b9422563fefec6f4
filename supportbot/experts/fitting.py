"""Fits who answers from a community's own past, told in the order of time."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.domain.experts.expertise import Appraisal, Asking, Expertise, Step
from supportbot.domain.experts.routing import SHIPPED, ExpertModel

_MOST = 600
_MOMENT = timedelta(seconds=1)
ENOUGH = 60
"""Answered questions from which a community's own model is fitted; with fewer, the shipped one."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question of the past: what spoke for each person then, and who answered."""

    appraisals: tuple[Appraisal, ...]
    answerers: frozenset[str]


def replay(
    steps: Sequence[Step],
    askings: Mapping[int, Asking],
    on_step: Callable[[int, int], object] = lambda _done, _total: None,
) -> Iterator[tuple[int, list[Appraisal]]]:
    """Live through the past; for each asking (by the number of its step) say who may know.

    Nothing of a step is known before it.
    """
    expertise = Expertise()
    for number, step in enumerate(steps):
        asking = askings.get(number)
        if asking is not None:
            yield number, expertise.appraise(asking)
        expertise.learn(step)
        on_step(number + 1, len(steps))


def answerers(steps: Sequence[Step], *, before: datetime) -> dict[str, set[str]]:
    """Return who answered each question until a moment."""
    found: dict[str, set[str]] = {}
    for step in steps:
        if step.answered is not None and step.said.said_at < before:
            found.setdefault(step.answered.question_id, set()).add(step.answered.member_id)
    return found


def learn(steps: Sequence[Step], *, most: int = _MOST) -> ExpertModel | None:
    """Fit a community's own model from its past; None where too little was asked and answered.

    Args:
        steps: Everything that was said, in the order of time.
        most: How many questions are learned from: the last ones.
    """
    if not steps:
        return None
    answered = answerers(steps, before=steps[-1].said.said_at + _MOMENT)
    asked = [n for n, step in enumerate(steps) if step.asked and step.said.thread in answered]
    if len(asked) < ENOUGH:
        return None
    askings = {number: _asking(steps[number]) for number in asked[-most:]}
    return fit(
        [
            Example(tuple(appraisals), frozenset(answered[steps[number].said.thread]))
            for number, appraisals in replay(steps, askings)
        ],
        # Whom a question named is not kept, so a community's past says nothing of it.
        untaught=SHIPPED,
    )


def fit(examples: Collection[Example], *, untaught: ExpertModel | None = None) -> ExpertModel:
    """Fit the odds that a person answers: logistic regression, each feature scaled, L2 with C=1.

    Args:
        examples: What is learned from.
        untaught: Gives the weights of what was the same for everybody, which has taught nothing;
            otherwise they are 0.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = [one.features for example in examples for one in example.appraisals]
    labels = [one.member_id in e.answerers for e in examples for one in e.appraisals]
    features = np.asarray(rows)
    means, scales = features.mean(axis=0), features.std(axis=0)
    varies = scales > _LEAST_SCALE
    scales = np.where(varies, scales, 1.0)
    fitted = LogisticRegression(max_iter=300).fit(varies * (features - means) / scales, labels)
    others = np.zeros(len(means)) if untaught is None else np.asarray(untaught.weights)
    weights = np.where(varies, fitted.coef_[0] / scales, others)
    intercept = float(fitted.intercept_[0] - weights @ means)
    return ExpertModel(intercept, tuple(float(weight) for weight in weights))


_LEAST_SCALE = 1e-3


def _asking(step: Step) -> Asking:
    said = step.said
    return Asking(step.asked, said.member_id, said.channel_key, said.said_at)
