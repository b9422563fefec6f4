"""Questions with known answers, searched with the very search that serves people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from supportbot.evaluation.bootstrap import Interval
from supportbot.evaluation.measures import Measures, measure, measure_intervals
from supportbot.evaluation.packs import Over, Pack, open_pack
from supportbot.importers import beir
from supportbot.knowledge.search import Progress, Search, untold

DEPTH = 100
"""How many documents of a ranking are kept."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a pack, and the rankings that they come from: question id, then best first."""

    measures: Measures
    intervals: Mapping[str, Interval]
    """Where each figure lies in 95 % of the samples that could have been taken."""
    rankings: Mapping[str, Mapping[str, float]]
    split: str
    over: Over

    def as_json(self) -> dict[str, object]:
        """Return the figures under the names that scripts rely on, and their intervals."""
        intervals = {name: [*interval] for name, interval in self.intervals.items()}
        return {**self.measures.as_json(), "intervals": intervals}

    def as_run(self) -> str:
        """Write the rankings as lines of question id, document id and score, with tabs."""
        return "".join(
            f"{question}\t{document}\t{score:.6f}\n"
            for question, ranking in self.rankings.items()
            for document, score in ranking.items()
        )


def evaluate_matching(  # noqa: PLR0913 - each is a choice of the command line
    search: Search,
    folder: Path,
    *,
    split: str | None = None,
    over: Over | None = None,
    on_embedded: Progress = untold,
    on_asked: Progress = untold,
) -> Evaluation:
    """Find the documents for each question of a pack's split, and measure the rankings.

    Where `pack.json` says `as_of`, only what is older than the question is searched, and never
    the document that has the question's own id.

    Args:
        search: Over a database of its own: the pack is synced into it.
        folder: In BEIR's layout.
        split: Name of a file in `qrels`; `dev`, `test`, or the only one when left out.
        over: Candidates where the pack has them for the split, when left out.
        on_embedded: Told how far the documents are.
        on_asked: Told how far the questions are.

    Raises:
        SupportbotError: The pack lacks what was asked for.
    """
    pack = open_pack(folder, split=split, over=over)
    search.sync(pack.source, beir.read_documents(folder), on_embedded)
    rankings = _rank(search, pack, on_asked)
    ranked = {id_: list(ranking) for id_, ranking in rankings.items()}
    return Evaluation(
        measure(ranked, pack.judgements),
        measure_intervals(ranked, pack.judgements),
        rankings,
        pack.split,
        pack.over,
    )


def _rank(search: Search, pack: Pack, on_asked: Progress) -> dict[str, dict[str, float]]:
    rankings = {}
    for done, question in enumerate(pack.questions, 1):
        with search.reading() as tx:
            found = search.find_matches(tx, pack.scope(question), question.text, limit=DEPTH)
        rankings[question.id] = {
            match.document_id.removeprefix(f"{pack.source}:"): match.score for match in found
        }
        on_asked(done, len(pack.questions))
    return rankings
