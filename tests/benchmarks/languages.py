"""Questions in other languages than the documents: is the right one found?

`languages.py MODEL …` asks the questions of `languages.tsv`, which we wrote for this, of the
documents in `knowledge/` (English), with each model, by name or folder. English is the control.
"""

import argparse
import csv
import tempfile
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import numpy as np

from supportbot.domain.chat.audiences import open_scope
from supportbot.evaluation.bootstrap import Rows, intervals
from supportbot.knowledge.markdown import SOURCE, read_folder
from supportbot.runtime.build import build_search
from supportbot.settings import Settings
from tests.reading import matches as matches_in

COMMUNITY_ID = "languages"
_HERE = Path(__file__).parent
_KNOWLEDGE = _HERE.parents[1] / "knowledge"


def main() -> None:
    """Print, for each model and language, how often the right one is first, and among three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    for model in parser.parse_args().models:
        for language, ranks in _ranks(model).items():
            first, three = (np.array([rank < most for rank in ranks]) for most in (1, 3))
            print(f"{model}, {language}, {len(ranks)}: first {_said(first)}, three {_said(three)}")


def _ranks(model: str) -> dict[str, list[int]]:
    """Return the rank of the right document among what is found, from 0; 99 when it is missing."""
    found: dict[str, list[int]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(
            build_search(Settings(), Path(folder) / "x.db", "evaluation", model=model)
        ) as search,
    ):
        files = read_folder(_KNOWLEDGE)
        search.sync(SOURCE, (file.document for file in files if file.document))
        for language, text, right in csv.reader(
            (_HERE / "languages.tsv").open(encoding="utf-8"), delimiter="\t"
        ):
            matches = matches_in(search, open_scope(), text)
            keys = [Path(match.document_id.removeprefix(f"{SOURCE}:")).stem for match in matches]
            found[language].append(keys.index(right) if right in keys else 99)
            found["all but English"] += found[language][-1:] * (language != "English")
    return found


def _said(hits: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> str:
    def mean(rows: Rows) -> dict[str, float]:
        return {"mean": float(hits[rows].mean())}

    return f"{hits.mean():.2f} {intervals(mean, len(hits))['mean']}"


if __name__ == "__main__":
    main()
