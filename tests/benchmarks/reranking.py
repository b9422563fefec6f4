"""What a second stage costs: `python tests/benchmarks/reranking.py PACK FOLDER`.

Each question of the pack is embedded, and read together with 20 passages drawn at random, in turn,
on one thread. The ratio is what to look at: both took part in the same noise.
"""

import argparse
import random
import statistics
import time
from pathlib import Path

from supportbot.evaluation.tuning import peak_megabytes
from supportbot.importers import beir
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.reranker import CrossEncoderReranker
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings

LONGEST = 2_000


def main() -> None:
    """Print milliseconds: median and 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--passages", type=int, default=20)
    arguments = parser.parse_args()
    records = list(beir.read_records(arguments.pack, "queries"))
    asked = [record.text[:LONGEST] for record in records]
    asked = asked[:: max(1, len(asked) // arguments.questions)][: arguments.questions]
    documents = beir.read_documents(arguments.pack)
    texts = [passage.searched for one in documents for passage in passages_of(one)]
    embedder, reranker = build_embedder(ModelSettings()), CrossEncoderReranker(arguments.folder)
    embedder.embed_question("warm-up")
    before = peak_megabytes()
    reranker.scores("warm-up", ["warm-up"])
    drawing = random.Random(0)  # noqa: S311 - of a benchmark
    embedding, reading = [], []
    for question in asked:
        some = drawing.sample(texts, arguments.passages)
        started = time.perf_counter()
        embedder.embed_question(question)
        embedded = time.perf_counter()
        reranker.scores(question, some)
        embedding.append(1_000 * (embedded - started))
        reading.append(1_000 * (time.perf_counter() - embedded))
    for what, taken in (("embedding", embedding), ("second stage", reading)):
        cuts = statistics.quantiles(taken, n=20)
        print(f"{what}: median {cuts[9]:.0f} ms, 95th percentile {cuts[18]:.0f} ms")
    ratio = statistics.median(reading) / statistics.median(embedding)
    print(
        f"{ratio:.1f} times embedding; peak {before} MB without it, {peak_megabytes()} MB with it"
    )


if __name__ == "__main__":
    main()
