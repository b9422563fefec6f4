"""Embedding models beside each other, the first one being what the others are compared with.

`models.py MODEL… --pack PACK:SPLIT:OVER:MEASURES …`: MODEL is a name or a folder, and MEASURES are
 `map`, `mrr` and `recall@10`, with a `+` between. Each model is measured in a process of its
own: a question's milliseconds on one thread, passages a second, memory, then the packs, through the
whole search. The questions and passages that are timed are those of the last pack.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from supportbot.evaluation.bootstrap import Rows, intervals
from supportbot.evaluation.matching import evaluate_matching
from supportbot.evaluation.measures import Relevance, average_precision, recall, reciprocal_rank
from supportbot.evaluation.packs import Over, open_pack
from supportbot.evaluation.tuning import peak_megabytes
from supportbot.importers import beir
from supportbot.knowledge.search import Search
from supportbot.ports import Embedder
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings, find_home
from supportbot.store.engine.sqlite import Database

LONGEST = 2_000


def main() -> None:
    """Measure all, and print a line for each; with `--one`, measure one, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--pack", action="append", required=True)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        measured = _measure(
            arguments.models[0], arguments.pack, arguments.questions, arguments.passages
        )
        print(json.dumps(measured))
        return
    first: dict[str, list[float]] = {}
    for model in arguments.models:
        command = [sys.executable, __file__, model, "--one"]
        command += [part for pack in arguments.pack for part in ("--pack", pack)]
        command += ["--questions", str(arguments.questions), "--passages", str(arguments.passages)]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this very file
        found = json.loads(ran.stdout.splitlines()[-1])
        worth = found.pop("worth")
        first = first or worth
        print(f"{model}: {found}")
        for name, values in worth.items():
            print(f"  {name}: {_said(np.array(values), np.array(first[name]))}", flush=True)


def _measure(model: str, packs: list[str], questions: int, passages: int) -> dict[str, object]:
    folder, *_ = packs[-1].split(":")
    asked = [record.text[:LONGEST] for record in beir.read_records(Path(folder), "queries")]
    texts = [p.searched for one in beir.read_documents(Path(folder)) for p in passages_of(one)]
    embedder = build_embedder(ModelSettings(name=model))
    embedder.embed_question("warm-up")
    taken = []
    for text in asked[:: max(1, len(asked) // questions)][:questions]:
        started = time.perf_counter()
        embedder.embed_question(text)
        taken.append(1_000 * (time.perf_counter() - started))
    some = texts[:: max(1, len(texts) // passages)][:passages]
    started = time.perf_counter()
    embedder.embed_documents(some)
    rate = len(some) / (time.perf_counter() - started)
    return {
        "dimension": embedder.dimension,
        "question_ms": round(statistics.median(taken), 2),
        "passages_per_second": round(rate, 1),
        "peak_megabytes": peak_megabytes(),
        "worth": {name: worth for pack in packs for name, worth in _worth(embedder, pack).items()},
    }


def _worth(embedder: Embedder, named: str) -> dict[str, list[float]]:
    """Return what each question's ranking is worth, by the measures that the pack is named with."""
    folder, split, over, measures = named.split(":")
    path = find_home() / "cache" / f"{Path(folder).resolve().name}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(Search(Database(path, "ours"), embedder)) as search:
        evaluation = evaluate_matching(search, Path(folder), split=split, over=Over(over))
    judgements = open_pack(Path(folder), split=split, over=Over(over)).judgements
    ranked = {id_: list(ranking) for id_, ranking in evaluation.rankings.items()}
    return {
        f"{folder}, {split}, {name}": [
            _worth_of(name, ranked[id_], grades) for id_, grades in sorted(judgements.items())
        ]
        for name in measures.split("+")
    }


def _worth_of(name: str, ranked: list[str], grades: Relevance) -> float:
    match name:
        case "map":
            return average_precision(ranked, grades)
        case "mrr":
            return reciprocal_rank(ranked, grades, depth=10)
        case _:
            return recall(ranked, grades, depth=10)


def _said(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", first: object) -> str:
    """Say the mean, where it lies, and how far it is from that of the first model."""
    gains = values - np.asarray(first)

    def means(rows: Rows) -> dict[str, float]:
        return {"mean": float(np.nanmean(values[rows])), "gain": float(np.nanmean(gains[rows]))}

    found = intervals(means, len(values))
    return (
        f"{np.nanmean(values):.4f} {found['mean']}; difference {np.nanmean(gains):+.4f} "
        f"({found['gain'].low:+.4f} to {found['gain'].high:+.4f})"
    )


if __name__ == "__main__":
    main()
