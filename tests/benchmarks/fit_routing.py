"""Fit the shipped coefficients of who answers, and see how they do where they were not fitted.

`python tests/benchmarks/fit_routing.py EXPORT=GOLD [EXPORT=GOLD ...]`. Of each community, up to 600
answered questions before the first `dev` question of its gold are taken. It prints the hits at 3 on
`dev` of each community with the coefficients of the others, beside its own, and at the end the
coefficients of all, for `supportbot/domain/chances.py`.
"""

import argparse
import random
from pathlib import Path

from supportbot.domain.experts.expertise import FEATURES
from supportbot.domain.experts.routing import COURTESY, ExpertModel
from supportbot.evaluation.replay import read_gold, read_past
from supportbot.evaluation.routing import Judged, gather, measure, ours
from supportbot.experts.fitting import Example, fit

_MOST = 600


def main() -> None:
    """Fit, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="EXPORT=GOLD")
    read = {pair: _read(pair) for pair in parser.parse_args().pairs}
    for pair, (judged, examples) in read.items():
        others = [one for other, (_, theirs) in read.items() if other != pair for one in theirs]
        for name, model in (("own", fit(examples)), ("of the others", fit(others))):
            way = ours(model, COURTESY)
            measures = measure(judged, way, way)
            print(
                f"{Path(pair).name[:40]:40} {name:14} hit@1 {measures.hit_at_1:.3f} "
                f"hit@3 {measures.hit_at_3:.3f} mrr {measures.mrr:.3f} "
                f"top five {measures.top5_share:.2f}",
                flush=True,
            )
    _print(fit([one for _, examples in read.values() for one in examples]))


def _read(pair: str) -> tuple[list[Judged], list[Example]]:
    export, _, gold = pair.partition("=")
    questions = [one for one in read_gold(Path(gold)) if one.split == "dev"]
    judged, examples = gather(read_past(Path(export)), questions)
    sample = random.Random(0).sample(examples, min(_MOST, len(examples)))  # noqa: S311 - no secret
    return sorted(judged, key=lambda one: (one.asked_at, one.question.id)), sample


def _print(model: ExpertModel) -> None:
    print(f"intercept={model.intercept:.3f},")
    for name, weight in zip(FEATURES, model.weights, strict=True):
        print(f"{weight:.3f},  # {name}")


if __name__ == "__main__":
    main()
