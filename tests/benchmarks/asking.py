"""From question to decision, inside the process: what a question costs, and what of it embeds.

`python tests/benchmarks/asking.py PACK --settings FILE [--questions 20] [--rounds 10]` asks the
pack's queries in the community of the settings, whose home is SUPPORTBOT_HOME.
"""

import argparse
import resource
import statistics
import time
from pathlib import Path

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.handlers.context import Context
from supportbot.handlers.questions import consider
from supportbot.importers.beir import read_records
from supportbot.runtime.build import build_app
from supportbot.settings import find_home, read_settings


def main() -> None:
    """Ask, and print milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--settings", type=Path, default=None)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    records = list(read_records(arguments.pack, "queries"))
    texts = [r.text for r in records[:: len(records) // arguments.questions]]
    texts = texts[: arguments.questions]
    app = build_app(read_settings(arguments.settings), find_home())
    started = time.perf_counter()
    passages = app.search.warm_up()
    print(f"{passages} passages; model and index ready in {time.perf_counter() - started:.1f} s")
    place = Place("terminal", "", "")
    asker = Author("terminal", "bench", "Bench")
    whole: list[float] = []
    embedding: list[float] = []
    for _ in range(arguments.rounds):
        for number, text in enumerate(texts):
            # A question that was asked before is not embedded again: make it a new one.
            asked = f"{text[:1900]} {len(whole)}{number}"
            started = time.perf_counter()
            app.search.embedder.embed_question(asked)
            embedded = time.perf_counter()
            with app.database.reading() as tx:
                consider(asked, place, asker, Context(tx, app.services))
            embedding.append(embedded - started)
            whole.append(time.perf_counter() - embedded)
    _print("question to decision", whole)
    _print("embedding it alone", embedding)
    share = statistics.median(embedding) / statistics.median(whole)
    print(f"share of embedding: {share:.0%}; {1 / share:.2f} times embedding alone")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB")
    app.database.close()


def _print(what: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{what}: median {cuts[49] * 1e3:.1f} ms, 99th percentile {cuts[98] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
