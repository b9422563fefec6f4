"""Tuning, with a trainer that learns nothing, and a model that is said to have learned."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot.cli import models
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.knowledge.training_pairs import SolvedQuestion, Triplet
from supportbot.errors import SupportbotError
from supportbot.evaluation import tuning
from supportbot.knowledge.search import Progress, Search, untold
from supportbot.ports import Embedder, Vectors
from supportbot.retrieval import embedder, serving, training, tuned
from supportbot.retrieval.models import MINILM, ModelRecord
from supportbot.retrieval.training import Training
from supportbot.retrieval.tuned import TunedModel
from supportbot.store import conversations, knowledge
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.testing import HashingEmbedder

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA, PAUL = Author("slack", "U1", "Maria"), Author("slack", "U2", "Paul")
QUESTIONS = 70


class Learned(HashingEmbedder):
    """Has learned that a theme is a topic."""

    def __init__(self, name: str = "tuned") -> None:
        super().__init__()
        self.model = name
        self.key = f"{name}@1"

    def _vector(self, text: str) -> Vectors:
        return super()._vector(text.replace("theme", "topic"))


class Unlearned(HashingEmbedder):
    """Is another model that has learned nothing."""

    key = "unlearned@1"


class Trainer:
    """Notes what it was given, and writes a folder."""

    def __init__(self) -> None:
        self.triplets: list[Triplet] = []

    def __call__(self, triplets: Sequence[Triplet], folder: Path, show: Progress) -> Training:
        self.triplets = list(triplets)
        folder.mkdir()
        show(1, 1)
        return Training("0" * 64, steps=1, planned=1, took=timedelta(minutes=1))


@contextmanager
def quietly(_what: str) -> Iterator[Progress]:
    yield untold


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "ENOUGH", QUESTIONS)


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with answers about topics, and later questions about the same, called themes."""
    path = tmp_path_factory.mktemp("filled") / "supportbot.db"
    shutil.copy(template, path)
    with closing(Database(path, "ours")) as database:
        fill(database)
    return path


@pytest.fixture
def full(filled: Path, tmp_path: Path, few: None) -> Iterator[Database]:
    """The same, for one test."""
    del few
    with closing(Database(Path(shutil.copy(filled, tmp_path / "full.db")), "ours")) as database:
        yield database


def fill(database: Database) -> None:
    search = Search(database, HashingEmbedder())
    with database.writing() as tx:
        for number in range(QUESTIONS):
            teach(search, tx, number)
    search.embed_missing()


def teach(search: Search, tx: Transaction, number: int) -> None:
    asked = question(number, f"topic{number} fails")
    later = question(number + QUESTIONS, f"theme{number} fails")
    for one, said, standing in (
        (asked, f"Restart {number}.", Standing.KNOWLEDGE),
        (later, f"See {asked.url}", Standing.GIVEN),
    ):
        answer = Answer(f"{one.id}/a", one.id, PAUL, said, one.asked_at, "", standing=standing)
        conversations.save_question(tx, one)
        conversations.save_answer(tx, answer)
        if standing is Standing.KNOWLEDGE:
            document = document_from(one, replace(answer, url=one.url))
            search.store(tx, search.make_findable(document, by_meaning=False))


def question(number: int, text: str) -> Question:
    url = f"https://example.org/p{number}"
    at = START + timedelta(hours=number)
    return Question(HELP.in_thread(str(number)), MARIA, text, at, url, QuestionState.PAST, 0.0)


def tune(
    database: Database, tmp_path: Path, after: Embedder, train: Trainer | None = None
) -> TunedModel:
    material = tuning.community_material(database, tmp_path / "copy.db")
    return tuning.tune(
        material,
        tmp_path,
        HashingEmbedder(),
        MINILM,
        train=train or Trainer(),
        build=lambda _record: after,
        now=NOW,
        shows=quietly,
    )


def test_a_model_that_finds_more_is_better(full: Database, tmp_path: Path) -> None:
    model = tune(full, tmp_path, Learned())

    assert model.comparison.measure == "MRR@10"
    assert model.comparison.questions == 10
    assert model.comparison.after > model.comparison.before
    assert model.comparison.is_better


def test_the_same_model_is_no_better(full: Database, tmp_path: Path) -> None:
    model = tune(full, tmp_path, HashingEmbedder())

    assert model.comparison.before == model.comparison.after
    assert not model.comparison.is_better
    assert tuning.reason_against(model, may_only_suggest=True).startswith("It is not better")


def test_it_is_trained_on_the_oldest_questions_alone(full: Database, tmp_path: Path) -> None:
    train = Trainer()

    model = tune(full, tmp_path, Learned(), train)

    solved = {one.question for one in train.triplets if one.question.startswith("theme")}
    assert solved == {f"theme{number} fails" for number in range(49)}
    assert model.tuning_questions == 49
    assert model.until == START + timedelta(hours=QUESTIONS + 48)


def test_right_and_wrong_are_passages_of_documents(full: Database, tmp_path: Path) -> None:
    train = Trainer()

    tune(full, tmp_path, Learned(), train)

    first = train.triplets[0]
    assert (first.question, first.right) == ("theme0 fails", "topic0 fails")
    assert first.wrong.startswith("topic")
    assert first.wrong != "topic0 fails"


def test_answers_are_learned_with_the_questions_in_whose_threads_they_stand(
    full: Database, tmp_path: Path
) -> None:
    train = Trainer()

    tune(full, tmp_path, Learned(), train)

    answered = {one.question: one.right for one in train.triplets if one.right.startswith("Re")}
    assert answered["topic69 fails"] == "Restart 69."


def test_the_record_says_what_it_was_tuned_from_and_what_it_is_worth(
    full: Database, tmp_path: Path
) -> None:
    model = tune(full, tmp_path, Learned())

    assert model.name == "all-MiniLM-L6-v2-20260601000000"
    assert (model.base, model.base_sha256) == (MINILM.name, MINILM.sha256)
    assert model.calibration is not None
    assert model.calibration.model == model.name
    assert tuned.read(tmp_path, model.name) == model


def test_it_does_not_serve_before_it_is_told_to(full: Database, tmp_path: Path) -> None:
    tune(full, tmp_path, Learned())

    assert tuned.serving(tmp_path) is None


def test_the_communitys_database_is_left_alone(full: Database, tmp_path: Path) -> None:
    with full.reading() as tx:
        before = knowledge.revision(tx)

    tune(full, tmp_path, Learned())

    with full.reading() as tx:
        assert knowledge.revision(tx) == before


def test_what_is_kept_has_its_vectors_at_once(full: Database, tmp_path: Path) -> None:
    after = Learned()
    tune(full, tmp_path, after)

    tuning.take_over(full, tmp_path / "copy.db", after, ["older"])

    with full.reading() as tx:
        assert knowledge.texts_without_vector(tx, after.key) == {}
        assert knowledge.texts_without_vector(tx, HashingEmbedder.key) == {}


def test_the_vectors_of_a_model_that_is_gone_go(full: Database, tmp_path: Path) -> None:
    after = Learned()
    tune(full, tmp_path, after)
    tuning.take_over(full, tmp_path / "copy.db", after, [])

    tuning.take_over(full, tmp_path / "copy.db", HashingEmbedder(), ["tuned"])

    with full.reading() as tx:
        assert len(knowledge.texts_without_vector(tx, after.key)) == QUESTIONS


def test_where_it_is_interrupted_nothing_is_left(full: Database, tmp_path: Path) -> None:
    class Stopped(Learned):
        def embed_documents(self, texts: Sequence[str]) -> Vectors:
            del texts
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(full, tmp_path, Stopped())

    assert list((tmp_path / "models").iterdir()) == []


def test_too_few_questions_are_refused_with_how_many_there_are(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(SupportbotError, match=r"needs 200 .* there are 0"):
        tuning.community_material(database, tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_a_model_without_a_calibration_does_not_serve(full: Database, tmp_path: Path) -> None:
    model = replace(tune(full, tmp_path, Learned()), calibration=None)

    assert "how sure it is" in tuning.reason_against(model, may_only_suggest=True)


def test_a_better_model_that_can_only_suggest_needs_a_yes(full: Database, tmp_path: Path) -> None:
    model = tune(full, tmp_path, Learned())
    quiet = replace(model, calibration=Calibration(model.name, -5.0, 10.0, 1.0, 0.33))

    assert "--suggest-only" in tuning.reason_against(quiet, may_only_suggest=False)
    assert tuning.reason_against(quiet, may_only_suggest=True) == ""


def test_the_difference_is_drawn_question_by_question() -> None:
    questions = [SolvedQuestion(str(n), "?", frozenset({"d"})) for n in range(30)]
    before, after = [["x", "d"]] * 30, [["d", "x"]] * 30

    found = tuning.compare(questions, before, after)

    assert (found.before, found.after, found.low, found.high) == (0.5, 1.0, 0.5, 0.5)


def test_where_a_question_has_several_right_documents_the_measure_is_map() -> None:
    questions = [SolvedQuestion("q", "?", frozenset({"d", "e"}))]

    found = tuning.compare(questions, [["d", "x", "e"]], [["d", "e"]])

    assert (found.measure, round(found.before, 3), found.after) == ("MAP", 0.833, 1.0)


def test_a_pack_is_measured_on_the_split_that_was_chosen(few: None, tmp_path: Path) -> None:
    del few
    pack = tmp_path / "pack"
    (pack / "qrels").mkdir(parents=True)
    numbers = range(QUESTIONS + 20)
    write = {
        "corpus.jsonl": [
            f'{{"_id": "d{n}", "title": "", "text": "topic{n} fails"}}' for n in numbers
        ],
        "queries.jsonl": [f'{{"_id": "q{n}", "text": "theme{n} fails"}}' for n in numbers],
        "qrels/train.tsv": ["q\td\ts", *(f"q{n}\td{n}\t1" for n in numbers[:QUESTIONS])],
        "qrels/dev.tsv": ["q\td\ts", *(f"q{n}\td{n}\t1" for n in numbers[QUESTIONS:])],
    }
    for name, lines in write.items():
        (pack / name).write_text("\n".join(lines) + "\n")

    material = tuning.pack_material(pack, ["train"], "dev", tmp_path / "pack.db")
    model = tuning.tune(
        material,
        tmp_path,
        HashingEmbedder(),
        MINILM,
        train=Trainer(),
        build=lambda _record: Learned(),
        now=NOW,
        shows=quietly,
    )

    assert (model.tuning_questions, model.calibration_questions) == (58, 12)
    assert model.comparison.questions == 20
    assert model.comparison.is_better


def test_each_model_gets_its_own_record(full: Database, tmp_path: Path) -> None:
    records: list[ModelRecord] = []

    def build(record: ModelRecord) -> Embedder:
        records.append(record)
        return Learned(record.name)

    material = tuning.community_material(full, tmp_path / "copy.db")
    tuning.tune(
        material,
        tmp_path,
        HashingEmbedder(),
        MINILM,
        train=Trainer(),
        build=build,
        now=NOW,
        shows=quietly,
    )

    (record,) = records
    assert record.folder == tmp_path / "models" / record.name
    assert record.sha256 == "0" * 64


@pytest.fixture
def served(home: Path, filled: Path, few: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bot's home with questions, where a model is trained in no time."""
    del few
    home.mkdir()
    shutil.copy(filled, home / "supportbot.db")
    Path("supportbot.toml").write_text('community = "ours"\n')

    def train(
        _base: ModelRecord, triplets: Sequence[Triplet], folder: Path, **options: Any
    ) -> Training:
        return Trainer()(triplets, folder, options["on_step"])

    monkeypatch.setattr(serving, "build_serving", lambda *_: (HashingEmbedder(), None))
    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    monkeypatch.setattr(embedder, "SentenceTransformerEmbedder", lambda *_, **__: Learned())
    return home


def test_what_is_better_is_kept_and_serves(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.tune(suggest_only=True)

    printed = capsys.readouterr().out
    assert "MRR@10" in printed
    assert "Tuned on 49 questions" in printed
    assert "Kept: it serves from the next start of the bot on." in printed
    model = tuned.serving(served)
    assert model is not None
    assert model.comparison.is_better
    assert list(served.glob("tuning-*")) == []


def test_what_can_only_suggest_is_thrown_away_unless_it_is_wanted(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.tune()

    assert "Thrown away. It is better" in capsys.readouterr().out
    assert tuned.tuned_models(served) == []
    assert tuned.serving(served) is None


def test_what_is_no_better_is_thrown_away(
    served: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "SentenceTransformerEmbedder", lambda *_, **__: Unlearned())

    models.tune(as_json=True)

    told = json.loads(capsys.readouterr().out)
    assert told["verdict"].startswith("Thrown away. It is not better by more than chance")
    assert tuned.tuned_models(served) == []
