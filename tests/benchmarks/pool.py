"""Make a smaller pack of a large one: `python tests/benchmarks/pool.py PACK DOCUMENTS TARGET`.

Holds so many documents drawn at random (seed 0), and all that is relevant to a question of any
split. Figures over it compare models with each other, and nothing else: it is easier to search.
"""

import argparse
import gzip
import json
import random
import shutil
from pathlib import Path

from supportbot.importers import beir


def main() -> None:
    """Write the pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("documents", type=int)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    pack, target = arguments.pack, arguments.target
    relevant = {
        key
        for table in (pack / "qrels").glob("*.tsv")
        for grades in beir.read_judgements(table).values()
        for key in grades
    }
    others = [one.id for one in beir.read_records(pack, "corpus") if one.id not in relevant]
    kept = relevant | set(random.Random(0).sample(others, arguments.documents))  # noqa: S311 - of a benchmark
    target.mkdir(parents=True)
    shutil.copytree(pack / "qrels", target / "qrels")
    for name in ("pack.json", "queries.jsonl.gz", "queries.jsonl"):
        if (pack / name).exists():
            shutil.copy(pack / name, target / name)
    with gzip.open(target / "corpus.jsonl.gz", "wt", encoding="utf-8") as file:
        for one in beir.read_records(pack, "corpus"):
            if one.id in kept:
                fields = {"_id": one.id, "title": one.title, "text": one.text}
                file.write(json.dumps({**fields, "metadata": dict(one.metadata)}) + "\n")
    print(f"{len(kept):,} documents, {len(relevant):,} of them relevant")


if __name__ == "__main__":
    main()
