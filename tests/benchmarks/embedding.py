"""A whole sync beside a plain `SentenceTransformer.encode` of the same texts, in one run.

`python tests/benchmarks/embedding.py FOLDER [--documents N]`, where FOLDER holds Markdown. The sync
reads, cuts, stores and embeds; the plain library only embeds. Above 1, the sync is the faster.
"""

import argparse
import tempfile
import time
from pathlib import Path

from supportbot.knowledge.markdown import SOURCE, read_folder
from supportbot.knowledge.search import Search
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings
from supportbot.store.engine.sqlite import Database


def main() -> None:
    """Run both in turn, and print passages a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=None, help="take only the first so many")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    files = list(read_folder(arguments.folder))[: arguments.documents]
    documents = [file.document for file in files if file.document]
    problems = sum(len(file.problems) for file in files)
    print(f"{len(files)} files, {len(documents)} taken, {problems} remarks")
    texts = [p.searched for document in documents for p in passages_of(document)]
    embedder = build_embedder(ModelSettings())
    assert isinstance(embedder, SentenceTransformerEmbedder)
    plain = embedder.load()
    embedder.embed_documents(texts[:32])
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as home:
            database = Database(Path(home) / "bench.db", "ours")
            started = time.perf_counter()
            report = Search(database, embedder).sync(SOURCE, documents)
            synced = time.perf_counter() - started
            database.close()
        started = time.perf_counter()
        plain.encode(texts, normalize_embeddings=True)
        encoded = time.perf_counter() - started
        print(
            f"{report.passages} passages: sync {len(texts) / synced:.1f}/s ({synced:.1f} s, "
            f"{report.embedded} different texts), plain encode {len(texts) / encoded:.1f}/s "
            f"({encoded:.1f} s), ratio {encoded / synced:.2f}"
        )


if __name__ == "__main__":
    main()
