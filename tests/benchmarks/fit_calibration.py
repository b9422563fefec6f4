"""Fit the calibration that is shipped: `python tests/benchmarks/fit_calibration.py PACK SPLIT …`.

Every question of the splits counts twice: as it is, and with its relevant documents taken out of
what is found (then no match can be right). Only documents that somebody judged for the question
are searched: among the others stand copies of the question itself, which nobody judged.
Judge the result on other splits: give `--judge SPLIT`.
"""

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from supportbot.app import build_search
from supportbot.domain.places import COMMUNITY, Scope
from supportbot.domain.triage import Calibration, DecisionKind
from supportbot.evaluation.thresholds import JudgedMatch, fit_calibration, judged_matches
from supportbot.importers import beir
from supportbot.search import Search
from supportbot.settings import Settings

COMMUNITY_ID = "calibration"


def main() -> None:
    """Fit, and print what to put into `retrieval/calibration.py` or `[calibration]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("splits", nargs="+")
    parser.add_argument("--judge", action="append", default=[])
    parser.add_argument("--assurance", type=float, default=0.95)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(build_search(Settings(), Path(folder) / "calibration.db")) as search,
    ):
        documents = beir.read_documents(arguments.pack)
        search.sync(COMMUNITY_ID, beir.source_of(arguments.pack), documents)
        judged = _judged(search, arguments.pack, arguments.splits)
        fitted = fit_calibration(search.embedder.model, judged, assurance=arguments.assurance)
        print(f"{len(judged)} judged; {fitted}")
        for split in (*arguments.splits, *arguments.judge):
            _report(split, _judged(search, arguments.pack, [split]), fitted)


def _judged(search: Search, pack: Path, splits: list[str]) -> list[JudgedMatch]:
    """Give each question's likeliest match, and whether it is relevant."""
    source = beir.source_of(pack)
    questions = {record.id: record.text for record in beir.read_records(pack, "queries")}
    found: list[JudgedMatch] = []
    for split in splits:
        judgements = beir.read_judgements(pack / "qrels" / f"{split}.tsv")
        for done, (question_id, grades) in enumerate(judgements.items()):
            right = {f"{source}:{key}" for key, grade in grades.items() if grade > 0}
            known = frozenset(f"{source}:{key}" for key in grades)
            scope = Scope(COMMUNITY_ID, frozenset({COMMUNITY}), only=known)
            matches = search.find_matches(scope, questions[question_id], limit=20)
            found.extend(judged_matches(question_id, matches, right))
            print(f"\r{split} {done + 1}", end="", file=sys.stderr)
    return found


def _report(split: str, judged: list[JudgedMatch], fitted: Calibration) -> None:
    for kind, threshold in (
        (DecisionKind.ANSWER, fitted.answer_threshold),
        (DecisionKind.SUGGEST, fitted.suggest_threshold),
    ):
        given = [
            one.is_right
            for one in judged
            if fitted.confidence(one.cosine, one.background) >= threshold
        ]
        precision = sum(given) / (len(given) or 1)
        print(
            f"{split}: {kind} at {threshold:.3f}: precision {precision:.3f}, "
            f"coverage {len(given) / len(judged):.3f} of {len(judged)}"
        )


if __name__ == "__main__":
    main()
