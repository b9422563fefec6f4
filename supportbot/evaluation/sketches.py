"""What was measured, drawn with letters."""

from collections.abc import Iterator, Sequence

import numpy as np

from supportbot.evaluation.confidence import Bin, Floats

_WIDTH = 40
_STEPS = 10


def sketch_reliability(bins: Sequence[Bin]) -> str:
    """Draw what each bin of questions promised (`|`) and kept (`#`)."""
    head = f"{'promised':>10}{'kept':>8}{'count':>8}"
    rows = [
        f"{b.promised:>10.3f}{b.kept:>8.3f}{b.count:>8}  {_bar(b.kept, b.promised)}" for b in bins
    ]
    return "\n".join([head, *rows])


def sketch_risk_coverage(precision: Floats) -> str:
    """Draw the precision at each tenth of coverage, from that of the likeliest 1, 2, … of all."""
    head = f"{'coverage':>10}{'precision':>10}"
    rows = [f"{share:>10.0%}{kept:>10.3f}  {_bar(kept)}" for share, kept in _tenths(precision)]
    return "\n".join([head, *rows])


def _tenths(precision: Floats) -> Iterator[tuple[float, float]]:
    for step in range(1, _STEPS + 1):
        given = int(np.ceil(len(precision) * step / _STEPS))
        if given:
            yield step / _STEPS, float(precision[given - 1])


def _bar(value: float, mark: float | None = None) -> str:
    cells = list("#" * round(value * _WIDTH) + " " * _WIDTH)
    if mark is not None:
        cells[min(round(mark * _WIDTH), _WIDTH - 1)] = "|"
    return "".join(cells[:_WIDTH]).rstrip()
