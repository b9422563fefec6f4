"""Our search beside what people would take instead, in one run: the same texts, the same model.

`python -m tests.benchmarks.peers PACK [--passages 10000] [--questions 200] [--rounds 3]` takes the
first passages of a folder in BEIR's layout and its queries. Each contender runs in processes of its
own, by turns: one takes everything in, another is started anew and asked. What is not installed is
left out (`pip install langchain-community txtai chromadb`). `--vectors FILE` keeps the passages'
vectors (numpy) for the next run; `--embedded 0` leaves out taking in with embedding. Linux.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from supportbot.domain.knowledge.documents import Document
from supportbot.importers.beir import read_documents, read_records
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings
from tests.benchmarks.contenders import CONTENDERS, OURS, Giving, Supportbot, version_of

LIMIT = 10
_LONGEST = 1_900
"""Characters of a question; ours would cut what is longer than 2,000."""

Figures = dict[str, float]


def main() -> None:
    """Let every contender have its turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--embedded", type=int, default=500, help="passages to embed as well")
    parser.add_argument("--vectors", type=Path, default=None)
    parser.add_argument("--one", choices=list(CONTENDERS), help="play one contender's part")
    parser.add_argument("--part", choices=["fill", "ask"])
    parser.add_argument("--scratch", type=Path)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_fill(arguments) if arguments.part == "fill" else _ask(arguments)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        _prepare(arguments, Path(scratch))
        _print(_rounds(arguments, Path(scratch)), arguments.passages)


def _prepare(arguments: argparse.Namespace, scratch: Path) -> None:
    """Embed what is the same for all: passages and questions; find the exact nearest."""
    embedder = build_embedder(ModelSettings())
    documents = _documents(arguments.pack, arguments.passages)
    path = arguments.vectors or scratch / "all.npy"
    if not path.exists():
        np.save(path, embedder.embed_documents([document.asked[0] for document in documents]))
    vectors = np.load(path)[: len(documents)]
    queries = [record.text[:_LONGEST] for record in read_records(arguments.pack, "queries")]
    asked = queries[:: max(1, len(queries) // arguments.questions)][: arguments.questions]
    of_asked = np.concatenate([embedder.embed_question(text) for text in asked])
    nearest = [np.argsort(-(vectors @ one), kind="stable")[:LIMIT] for one in of_asked]
    np.save(scratch / "vectors.npy", vectors)
    np.save(scratch / "questions.npy", of_asked)
    exact = [[documents[position].id for position in positions] for positions in nearest]
    told = {"asked": asked, "exact": exact}
    (scratch / "questions.json").write_text(json.dumps(told), encoding="utf-8")


def _documents(pack: Path, passages: int) -> list[Document]:
    return list(islice(read_documents(pack), passages))


def _rounds(arguments: argparse.Namespace, scratch: Path) -> dict[str, list[Figures]]:
    """Return each contender's figures, by round."""
    there = [name for name in CONTENDERS if version_of(name) is not None]
    for name in CONTENDERS.keys() - set(there):
        print(f"{name} is not installed and is left out.")
    figures: dict[str, list[Figures]] = {name: [] for name in there}
    for number in range(arguments.rounds):
        turn = number % len(there)
        for name in there[turn:] + there[:turn]:
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "all").mkdir()
                for file in scratch.iterdir():
                    (Path(folder) / file.name).symlink_to(file)
                filled = _run(name, "fill", arguments, folder)
                figures[name].append({**filled, **_run(name, "ask", arguments, folder)})
            print(f"round {number + 1}, {name}: {figures[name][-1]}", file=sys.stderr)
    return figures


def _run(name: str, part: str, arguments: argparse.Namespace, folder: str) -> Figures:
    module = "tests.benchmarks.peers"
    command = [sys.executable, "-m", module, str(arguments.pack), "--one", name, "--part", part]
    command += ["--scratch", folder, "--passages", str(arguments.passages)]
    command += ["--embedded", str(arguments.embedded)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "BENCH_STARTED": str(time.time())}
    ran = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)  # noqa: S603 - ours
    figures: Figures = json.loads(ran.stdout.splitlines()[-1])
    return figures


def _fill(arguments: argparse.Namespace) -> Figures:
    """Take passages in with given vectors, and some of them with their embedding."""
    documents = _documents(arguments.pack, arguments.passages)
    known = {document.asked[0]: row for row, document in enumerate(documents)}
    vectors = np.load(arguments.scratch / "vectors.npy")
    plainly = arguments.one != OURS
    given, making = Giving(known, vectors, plainly=plainly), Giving({}, vectors, plainly=plainly)

    def fill(embedder: Giving, some: Sequence[Document]) -> float:
        with tempfile.TemporaryDirectory() as folder:
            work = partial(CONTENDERS[arguments.one](embedder).fill, Path(folder), some)
            return _seconds(work)

    fill(given, documents[:32])  # so that nothing is left to be imported
    all_in = arguments.scratch / "all"
    taken = _seconds(partial(CONTENDERS[arguments.one](given).fill, all_in, documents))
    figures = {
        "taken in, vectors given: passages a second": len(documents) / taken,
        "memory while taking in, MB": _peak(),
    }
    if arguments.embedded:
        making.embed_question("warm-up")
        some = documents[:: max(1, len(documents) // arguments.embedded)][: arguments.embedded]
        rate = len(some) / fill(making, some)
        figures["taken in, with embedding: passages a second"] = rate
    return figures


def _ask(arguments: argparse.Namespace) -> Figures:
    """Ask each question with its vector given, and with embedding; and embed it alone, twice.

    Embedding alone is done as the contender does it, and as the plain library does.
    """
    scratch: Path = arguments.scratch
    told = json.loads((scratch / "questions.json").read_text(encoding="utf-8"))
    asked: list[str] = told["asked"]
    known = {text: row for row, text in enumerate(asked)}
    embedder = Giving(known, np.load(scratch / "questions.npy"), plainly=arguments.one != OURS)
    contender = CONTENDERS[arguments.one](embedder)
    contender.open(scratch / "all")
    contender.ask("The first question, which nobody knows yet", LIMIT)
    cold = time.time() - float(os.environ["BENCH_STARTED"])
    found = [contender.ask(text, LIMIT) for text in asked]
    finding, both = list[float](), list[float]()
    embedding, plainly = list[float](), list[float]()
    for number, text in enumerate(asked):
        # Neither the model's cache nor ours knows it.
        new = f"{text} {number}"
        finding.append(_seconds(partial(contender.ask, text, LIMIT)))
        embedding.append(_seconds(partial(embedder.embed_question, new)))
        plainly.append(_seconds(partial(embedder.embed_plainly, [new], threads=1)))
        both.append(_seconds(partial(contender.ask, new, LIMIT)))
    figures = {
        **_in_milliseconds("question to matches, vector given", finding),
        **_in_milliseconds("question to matches, with embedding", both),
        **_in_milliseconds("embedding alone", embedding),
        "with embedding / embedding alone: medians": _ratio(both, embedding, 49),
        "with embedding / embedding alone: 99th percentiles": _ratio(both, embedding, 98),
        **_in_milliseconds("embedding alone, by the plain library", plainly),
        "with embedding / that: medians": _ratio(both, plainly, 49),
        "with embedding / that: 99th percentiles": _ratio(both, plainly, 98),
        "recall@10 of the nearest by cosine": _recall(found, told["exact"]),
    }
    if isinstance(contender, Supportbot):
        alone = [contender.nearest(text, LIMIT) for text in asked]
        figures["the same, by vectors alone"] = _recall(alone, told["exact"])
    return {**figures, "memory while asked, MB": _peak(), "cold start to first answer, s": cold}


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _in_milliseconds(what: str, seconds: Sequence[float]) -> Figures:
    cuts = _cuts(seconds)
    return {f"{what}: median, ms": cuts[49], f"{what}: 99th percentile, ms": cuts[98]}


def _ratio(whole: Sequence[float], part: Sequence[float], percent: int) -> float:
    return _cuts(whole)[percent] / _cuts(part)[percent]


def _cuts(seconds: Sequence[float]) -> list[float]:
    return statistics.quantiles([1e3 * one for one in seconds], n=100, method="inclusive")


def _recall(found: Sequence[Sequence[str]], exact: Sequence[Sequence[str]]) -> float:
    shares = [len({*ids} & {*right}) / len(right) for ids, right in zip(found, exact, strict=True)]
    return statistics.fmean(shares)


def _peak() -> float:
    """Return the most memory that this process has had, in MB, without that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _print(figures: Mapping[str, Sequence[Figures]], passages: int) -> None:
    """Print the median of each figure's rounds, in brackets that of its ratios to ours."""
    titles = [f"{name} {version_of(name)}".strip() for name in figures]
    print("| " + " | ".join([f"{passages:,} passages", *titles]) + " |")
    print("|---" * (len(titles) + 1) + "|")
    for what in figures[OURS][0]:
        cells = [_cell(rounds, figures[OURS], what) for rounds in figures.values()]
        print("| " + " | ".join([what, *cells]) + " |")


def _cell(rounds: Sequence[Figures], ours: Sequence[Figures], what: str) -> str:
    if what not in rounds[0]:
        return "–"
    value = statistics.median(one[what] for one in rounds)
    text = f"{value:,.0f}" if value >= 100 else f"{value:.4g}" if value < 1 else f"{value:.3g}"
    if rounds is ours:
        return text
    ratios = [one[what] / our[what] for one, our in zip(rounds, ours, strict=True)]
    return f"{text} ({statistics.median(ratios):.2f})"


if __name__ == "__main__":
    main()
