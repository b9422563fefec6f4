"""A pack of questions with known answers, in BEIR's layout: what is asked, and what is searched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from supportbot.domain.chat.audiences import Scope, open_scope
from supportbot.domain.knowledge.documents import document_id
from supportbot.errors import SupportbotError
from supportbot.evaluation.measures import Relevance
from supportbot.importers import beir
from supportbot.importers.beir import Record

COMMUNITY_ID = "evaluation"


class Over(StrEnum):
    """What is searched for a question."""

    CANDIDATES = "candidates"
    """The few documents that the pack names for it."""
    CORPUS = "corpus"
    """Everything."""
    JUDGED = "judged"
    """What somebody judged for it, whether relevant or not."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The questions of one split, and what is relevant to each (question id to grades)."""

    source: str
    split: str
    over: Over
    questions: tuple[Record, ...]
    judgements: Mapping[str, Relevance]
    as_of: str | None
    """Key of the metadata with a question's moment: only what is older is searched."""
    named: Mapping[str, Relevance] | None
    """The only documents that are searched for each question; None means all."""

    def scope(self, question: Record, *, without: frozenset[str] = frozenset()) -> Scope:
        """Return what is searched for a question, some documents (keys of the pack) left out.

        A pack of what was asked over the years holds the question itself, which is left out, too.
        """
        itself = frozenset({question.id}) if self.as_of else frozenset()
        only = None if self.named is None else self.ids_of(self.named.get(question.id, {}))
        before = beir.moment_of(question, self.as_of) if self.as_of else None
        return open_scope(only=only, before=before, without=self.ids_of(without | itself))

    def ids_of(self, keys: Iterable[str]) -> frozenset[str]:
        """Return the names under which the pack's documents are found."""
        return frozenset(document_id(self.source, key) for key in keys)


def open_pack(
    folder: Path,
    *,
    split: str | None = None,
    over: Over | None = None,
    preferred: Over = Over.CANDIDATES,
) -> Pack:
    """Read the questions and judgements of a pack's split.

    Args:
        folder: In BEIR's layout.
        split: Name of a file in `qrels`; `dev`, `test`, or the only one when left out.
        over: What is searched.
        preferred: What is searched when that is left out and the pack has candidates; without
            them it is everything.

    Raises:
        SupportbotError: The pack lacks what was asked for.
    """
    chosen = split or _default_split(folder)
    judgements = beir.read_judgements(folder / "qrels" / f"{chosen}.tsv")
    candidates = folder / "candidates" / f"{chosen}.tsv"
    searched = over or (preferred if candidates.exists() else Over.CORPUS)
    named = {Over.CANDIDATES: candidates, Over.JUDGED: folder / "qrels" / f"{chosen}.tsv"}
    as_of = beir.read_settings(folder).get("as_of")
    return Pack(
        source=beir.source_of(folder),
        split=chosen,
        over=searched,
        questions=_questions(folder, judgements),
        judgements=judgements,
        as_of=as_of if isinstance(as_of, str) else None,
        named=beir.read_judgements(named[searched]) if searched in named else None,
    )


def _default_split(folder: Path) -> str:
    splits = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    for split in ("dev", "test", *splits[: len(splits) == 1]):
        if split in splits:
            return split
    what = f"one of: {', '.join(splits)}" if splits else "which a BEIR folder has in qrels/"
    message = f"Say which split of {folder} with --split, {what}."
    raise SupportbotError(message)


def _questions(folder: Path, judgements: Mapping[str, Relevance]) -> tuple[Record, ...]:
    questions = tuple(r for r in beir.read_records(folder, "queries") if r.id in judgements)
    missing = judgements.keys() - {question.id for question in questions}
    if missing:
        message = (
            f"{folder}: {len(missing)} judged questions are not among the queries, such as "
            f"{min(missing)}."
        )
        raise SupportbotError(message)
    return questions
