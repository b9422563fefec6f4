"""Questions with known answers, searched with the very search that serves people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from supportbot.domain.places import Scope, open_scope
from supportbot.errors import SupportbotError
from supportbot.evaluation.measures import Measures, Relevance, measure
from supportbot.importers import beir
from supportbot.importers.beir import Record
from supportbot.search import Progress, Search, untold

COMMUNITY_ID = "evaluation"
DEPTH = 100
"""How many documents of a ranking are kept."""


class Over(StrEnum):
    """What is ranked: the few candidates that the pack names for a question, or everything."""

    CANDIDATES = "candidates"
    CORPUS = "corpus"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a pack, and the rankings that they come from: question id, then best first."""

    measures: Measures
    rankings: Mapping[str, Mapping[str, float]]
    split: str
    over: Over

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
    chosen = split or _default_split(folder)
    judgements = beir.read_judgements(folder / "qrels" / f"{chosen}.tsv")
    candidates_path = folder / "candidates" / f"{chosen}.tsv"
    ranked_over = over or (Over.CANDIDATES if candidates_path.exists() else Over.CORPUS)
    candidates = beir.read_judgements(candidates_path) if ranked_over is Over.CANDIDATES else None
    as_of = beir.read_settings(folder).get("as_of")
    questions = _questions(folder, judgements)
    source = beir.source_of(folder)
    search.sync(COMMUNITY_ID, source, beir.read_documents(folder), on_embedded)
    rankings = {}
    for done, question in enumerate(questions, 1):
        scope = _scope(folder, question, candidates, as_of if isinstance(as_of, str) else None)
        found = search.find_matches(scope, question.text, limit=DEPTH + 1)
        ranking = {m.document_id.removeprefix(f"{source}:"): m.score for m in found}
        if as_of:
            ranking.pop(question.id, None)
        rankings[question.id] = dict(list(ranking.items())[:DEPTH])
        on_asked(done, len(questions))
    measured = measure({id_: list(ranking) for id_, ranking in rankings.items()}, judgements)
    return Evaluation(measured, rankings, chosen, ranked_over)


def _default_split(folder: Path) -> str:
    splits = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    for split in ("dev", "test", *splits[: len(splits) == 1]):
        if split in splits:
            return split
    what = f"one of: {', '.join(splits)}" if splits else "which a BEIR folder has in qrels/"
    message = f"Say which split of {folder} with --split, {what}."
    raise SupportbotError(message)


def _questions(folder: Path, judgements: Mapping[str, Relevance]) -> list[Record]:
    questions = [r for r in beir.read_records(folder, "queries") if r.id in judgements]
    missing = judgements.keys() - {question.id for question in questions}
    if missing:
        message = (
            f"{folder}: {len(missing)} judged questions are not among the queries, such as "
            f"{min(missing)}."
        )
        raise SupportbotError(message)
    return questions


def _scope(
    folder: Path,
    question: Record,
    candidates: Mapping[str, Relevance] | None,
    as_of: str | None,
) -> Scope:
    source = beir.source_of(folder)
    only = (
        None
        if candidates is None
        else frozenset(f"{source}:{key}" for key in candidates.get(question.id, {}))
    )
    before = beir.moment_of(question, as_of) if as_of else None
    return open_scope(COMMUNITY_ID, only=only, before=before)
