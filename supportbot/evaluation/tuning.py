"""Tunes the embedding model on a community's own questions, and judges whether that helped."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from supportbot.domain.chat.audiences import Scope, open_scope
from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.knowledge.training_pairs import (
    AnsweredQuestion,
    Parts,
    SolvedQuestion,
    Triplet,
    answered_before,
    divide,
    triplets_of,
)
from supportbot.errors import SupportbotError
from supportbot.evaluation import fitting
from supportbot.evaluation.bootstrap import intervals
from supportbot.evaluation.fitting import Asked
from supportbot.evaluation.matching import DEPTH
from supportbot.evaluation.measures import average_precision, reciprocal_rank
from supportbot.evaluation.packs import COMMUNITY_ID, Pack, open_pack
from supportbot.evaluation.thresholds import (
    FEWEST_RIGHT,
    JudgedMatch,
    calibrate,
    kept,
)
from supportbot.importers import beir
from supportbot.knowledge.search import Progress, Search
from supportbot.ports import Embedder
from supportbot.retrieval import tuned
from supportbot.retrieval.models import ModelRecord
from supportbot.retrieval.training import Training
from supportbot.retrieval.tuned import Comparison, TunedModel
from supportbot.store import knowledge, training_pairs
from supportbot.store.engine.sqlite import Database

ENOUGH = 200
"""Solved questions: with fewer, 30 or fewer are left to judge on, and no gain stands out."""
NEGATIVES = 1
"""Wrong passages for each right one."""
_NEAR = 50
"""Nearest passages among which the wrong ones are chosen."""
_BROUGHT_AT_ONCE = 500
_MEGABYTE = 1_000_000

Shows = Callable[[str], AbstractContextManager[Progress]]
"""Shows how far a step of the work is, named in a few words."""
Train = Callable[[Sequence[Triplet], Path, Progress], Training]
"""Trains the model to begin with on triplets, and writes it into a folder."""
Build = Callable[[ModelRecord], Embedder]
Rankings = Sequence[Sequence[str]]
"""Of each question: ids of documents, best first."""


@dataclass(frozen=True, slots=True)
class Material:
    """Questions to tune and to judge on, and what they are searched in."""

    name: str
    community_id: str
    questions: tuple[SolvedQuestion, ...]
    answered: tuple[AnsweredQuestion, ...]
    report: tuple[SolvedQuestion, ...] | None
    """What is judged on; the latest questions when that was not chosen."""
    scope: Callable[[SolvedQuestion], Scope]
    """What is searched for a question: what was there when it was asked."""
    prepare: Callable[[Search, Progress], object]
    """Makes everything findable by the search's model."""
    database: Path
    """A file that nobody else works with."""


def community_material(database: Database, copy: Path) -> Material:
    """Read a community's own questions, and copy its database to `copy` to work with.

    Only what was said in the open is read: a model can tell what it has learned.
    """
    with database.reading() as tx:
        questions = training_pairs.solved_questions(tx)
        answered = training_pairs.answered_questions(tx)
    check_enough(questions)
    database.back_up(copy)

    def scope(question: SolvedQuestion) -> Scope:
        itself = frozenset({training_pairs.own_document(question.id)})
        return open_scope(before=question.asked_at, without=itself)

    return Material(
        name="community",
        community_id=database.community_id,
        questions=questions,
        answered=answered,
        report=None,
        scope=scope,
        prepare=lambda search, show: search.embed_missing(show),
        database=copy,
    )


def pack_material(
    folder: Path, splits: Sequence[str], judge: str | None, database: Path
) -> Material:
    """Read a pack's questions, for measuring.

    Args:
        folder: In BEIR's layout.
        splits: Whose questions are tuned on.
        judge: The split that is judged on; the latest questions of the others when left out.
        database: Where its documents are made findable.

    Raises:
        SupportbotError: The pack lacks what was asked for, or has too few questions.
    """
    packs = [open_pack(folder, split=split) for split in splits]
    judged = None if judge is None else open_pack(folder, split=judge)
    scopes: dict[str, Scope] = {}
    every = [*packs, *([judged] if judged else [])]
    questions = {pack.split: tuple(_questions_of(pack, scopes)) for pack in every}
    asked = tuple(one for pack in packs for one in questions[pack.split] if one.right)
    check_enough(asked)
    return Material(
        name=folder.resolve().name,
        community_id=COMMUNITY_ID,
        questions=asked,
        answered=(),
        report=questions[judged.split] if judged else None,
        scope=lambda question: scopes[question.id],
        prepare=lambda search, show: search.sync(
            every[0].source, beir.read_documents(folder), show
        ),
        database=database,
    )


def check_enough(questions: Sequence[SolvedQuestion]) -> None:
    """Refuse to tune on too little.

    Raises:
        SupportbotError: It says how much there is, and what counts.
    """
    if len(questions) < ENOUGH:
        message = (
            f"Tuning needs {ENOUGH} open questions that an older answer or document solved, and "
            f"there are {len(questions):,}: some to learn from, some to calibrate on, and some to "
            "see whether it helped. They come from what the bot showed before a question was "
            "solved, and from answers with a link to an older one. Nothing was changed."
        )
        raise SupportbotError(message)


def tune(  # noqa: PLR0913 - what is tuned, with what, and how it is told
    material: Material,
    home: Path,
    serving: Embedder,
    base: ModelRecord,
    *,
    train: Train,
    build: Build,
    now: datetime,
    shows: Shows,
) -> TunedModel:
    """Tune a model, and judge it against the one that serves. It does not serve yet.

    1. The questions are divided by time: tuning, calibration, report.
    2. For each right passage of the tuning part, a wrong one is found that is near.
    3. The base model, never a tuned one, is trained on them.
    4. The report's questions are asked with the model that serves and with the new one.
    5. The calibration is fitted on the calibration part, with the new one.

    Args:
        material: The questions.
        home: Where the weights and the record go.
        serving: What serves now.
        base: The model to begin with.
        train: Trains it.
        build: Makes an embedder of what was trained.
        now: Names the model.
        shows: Shows how far each step is.
    """
    parts = divide(material.questions, material.report)
    with closing(Search(Database(material.database, material.community_id), serving)) as search:
        with shows("passages embedded") as show:
            material.prepare(search, show)
        with shows("questions looked at") as show:
            triplets = mine(search, material, parts, show)
        with shows("questions asked before") as show:
            served = rank(search, material, parts.report, show)
    name = f"{base.name.rpartition('/')[2]}-{now:%Y%m%d%H%M%S}"
    folder = tuned.folder_of(home, name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with shows("steps trained") as show:
            training = train(triplets, folder, show)
        record = tuned.record_of(base, name, training.sha256, folder)
        with closing(
            Search(Database(material.database, material.community_id), build(record))
        ) as search:
            judged = _judge_anew(search, material, parts, name, shows)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    dates = [one.asked_at for one in parts.tuning if one.asked_at]
    made = TunedModel(
        name=name,
        base=base.name,
        base_sha256=base.sha256,
        sha256=training.sha256,
        made_at=now,
        source=material.name,
        tuning_questions=len(parts.tuning),
        triplets=len(triplets),
        calibration_questions=len(parts.calibration),
        until=max(dates, default=None),
        comparison=compare(parts.report, served, judged.rankings),
        calibration=judged.calibration,
        kept_precision=judged.precision,
        kept_answers=judged.answers,
        minutes=training.took / timedelta(minutes=1),
        steps=training.steps,
        planned_steps=training.planned,
        peak_megabytes=peak_megabytes(),
    )
    tuned.keep(home, made)
    return made


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the new model does: its rankings and calibration, and what its answers are worth."""

    rankings: Rankings
    calibration: Calibration | None
    precision: float | None
    answers: int


def _judge_anew(
    search: Search, material: Material, parts: Parts, name: str, shows: Shows
) -> _Judged:
    with shows("passages embedded anew") as show:
        material.prepare(search, show)
    with shows("questions asked after") as show:
        rankings = rank(search, material, parts.report, show)
    with shows("questions calibrated on") as show:
        calibration = calibrate(name, judge(search, material, parts.calibration, show))
    if calibration is None:
        return _Judged(rankings, None, None, 0)
    with shows("questions decided") as show:
        unseen = judge(search, material, parts.report, show)
    answers = kept(unseen, calibration, calibration.answer_threshold)
    return _Judged(rankings, calibration, answers.precision, answers.given)


def mine(search: Search, material: Material, parts: Parts, show: Progress) -> list[Triplet]:
    """Find what is learned from: right passages, and wrong ones that are near."""
    found: list[Triplet] = []
    for done, question in enumerate(parts.tuning, 1):
        with search.reading() as tx:
            near = search.near_passages(
                tx, material.scope(question), question.text, limit=_NEAR, also=question.right
            )
        found += triplets_of(question, near, negatives=NEGATIVES)
        show(done, len(parts.tuning))
    answered = answered_before(material.answered, parts, most=len(found))
    others = [*answered[1:], *answered[:1]]
    found += [
        Triplet(one.text, one.answer, other.answer)
        for one, other in zip(answered, others, strict=True)
    ]
    return found


def rank(
    search: Search, material: Material, questions: Sequence[SolvedQuestion], show: Progress
) -> list[list[str]]:
    """Ask questions as people do; gives the ids of the documents found, best first."""
    found = []
    for done, question in enumerate(questions, 1):
        with search.reading() as tx:
            matches = search.find_matches(tx, material.scope(question), question.text, limit=DEPTH)
        found.append([match.document_id for match in matches])
        show(done, len(questions))
    return found


def compare(questions: Sequence[SolvedQuestion], before: Rankings, after: Rankings) -> Comparison:
    """Compare two rankings of the same questions: MAP where one has several right, else MRR@10.

    The interval is of the difference, question by question.
    """
    has_several = any(len(question.right) > 1 for question in questions)
    figures = np.array(
        [
            [_worth(ranking, question, has_several=has_several) for ranking in both]
            for question, *both in zip(questions, before, after, strict=True)
        ]
    )
    gains = figures[:, 1] - figures[:, 0]
    gain = intervals(lambda rows: {"gain": float(gains[rows].mean())}, len(gains))["gain"]
    means = figures.mean(axis=0)
    return Comparison(
        "MAP" if has_several else "MRR@10",
        before=float(means[0]),
        after=float(means[1]),
        low=gain.low,
        high=gain.high,
        questions=len(questions),
    )


def judge(
    search: Search, material: Material, questions: Sequence[SolvedQuestion], show: Progress
) -> list[JudgedMatch]:
    """Judge the material's questions, as every calibration is fitted."""
    asked = [Asked(one.id, one.text, material.scope(one), one.right) for one in questions]
    return fitting.judge(search, asked, show)


def take_over(database: Database, copy: Path, embedder: Embedder, gone: Sequence[str]) -> None:
    """Bring the new model's vectors into the database, and remove those of models that are gone.

    The bot may run: its own vectors stay, and the new ones count from its next start on.
    """
    with database.reading() as tx:
        missing = list(knowledge.texts_without_vector(tx, embedder.key))
    with closing(Database(copy, database.community_id)) as worked_with:
        # In portions: the bot that runs has to write as well.
        for start in range(0, len(missing), _BROUGHT_AT_ONCE):
            some = missing[start : start + _BROUGHT_AT_ONCE]
            with worked_with.reading() as made:
                vectors = knowledge.read_embeddings(made, embedder.key, some)
            with database.writing() as tx:
                knowledge.put_embeddings(
                    tx, vectors, model=embedder.key, precision=embedder.precision
                )
    with database.writing() as tx:
        for name in gone:
            knowledge.remove_embeddings(tx, name)


def reason_against(model: TunedModel, *, may_only_suggest: bool) -> str:
    """Return why a tuned model is not to serve; empty when it is."""
    if not model.comparison.is_better:
        return f"It is not better by more than chance: {model.comparison}."
    if model.calibration is None:
        return (
            f"It is better ({model.comparison}), but of the {model.calibration_questions} "
            f"questions to calibrate on it found the right document first for fewer than "
            f"{FEWEST_RIGHT}: nothing would tell how sure it is. Tune again when there are more."
        )
    if model.only_suggests and not may_only_suggest:
        return (
            f"It is better ({model.comparison}), but on {model.calibration_questions} questions no "
            "threshold could be found from which 90 % of its answers are right for sure: it could "
            "only suggest. To have it serve all the same: --suggest-only."
        )
    return ""


def peak_megabytes() -> int:
    """Return the most memory that this process has held; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - there is none on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // _MEGABYTE


def _questions_of(pack: Pack, scopes: dict[str, Scope]) -> Iterator[SolvedQuestion]:
    """Yield a pack's questions, and note what is searched for each."""
    for question in pack.questions:
        scopes[question.id] = scope = pack.scope(question)
        right = pack.ids_of(key for key, grade in pack.judgements[question.id].items() if grade > 0)
        yield SolvedQuestion(question.id, question.text, right - scope.without, scope.before)


def _worth(ranking: Sequence[str], question: SolvedQuestion, *, has_several: bool) -> float:
    grades = dict.fromkeys(question.right, 1)
    if has_several:
        return average_precision(ranking, grades)
    return reciprocal_rank(ranking, grades, depth=10)
