"""The simulated world for longer than a test may take: do the promises hold?

`python tests/benchmarks/simulating.py [--minutes 30] [--steps 100] [--jobs 2]`. Each job plays one
world after the other, each of so many steps and with everything that can go wrong. It ends with the
number of steps and of what came about, or with the first promise that was broken and how to play it
again.
"""

import argparse
import collections
import logging
import multiprocessing
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.acceptance import test_simulation

_WORLDS_AT_ONCE = 20


def main() -> None:
    """Play until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()
    deadline = time.monotonic() + 60 * arguments.minutes
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        playing = [
            pool.apply_async(_play_until, (deadline, arguments.steps))
            for _ in range(arguments.jobs)
        ]
        total: collections.Counter[str] = collections.Counter()
        for played in playing:
            total += played.get()
    print(", ".join(f"{count:,} {what}" for what, count in total.items()))


def _play_until(deadline: float, steps: int) -> collections.Counter[str]:
    logging.disable(logging.CRITICAL)
    test_simulation.STEPS_EACH = steps
    world = test_simulation.TheWorld
    while time.monotonic() < deadline:
        test_simulation.play(_WORLDS_AT_ONCE)
    return collections.Counter({"steps": world.steps}) + world.seen


if __name__ == "__main__":
    main()
