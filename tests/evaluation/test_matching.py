import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.evaluation.matching import Evaluation, evaluate_matching
from supportbot.evaluation.packs import Over
from supportbot.knowledge.search import Search
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder
from tests.packs import write_records, write_table

MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    with closing(Search(Database(tmp_path / "x.db", "evaluation"), HashingEmbedder())) as search:
        yield search


def write_splits(pack: Path, splits: Sequence[str]) -> None:
    (pack / "qrels" / "dev.tsv").unlink()
    for split in splits:
        write_table(pack, "qrels", "q1 d1 1", split=split)


def write_pack(pack: Path) -> Path:
    pack.mkdir()
    write_records(
        pack / "corpus.jsonl",
        [
            ("d1", "How do I post an invoice?", MONDAY),
            ("d2", "Where is the lunch menu?", TUESDAY),
            ("d3", "Posting an invoice fails", WEDNESDAY),
        ],
    )
    write_records(
        pack / "queries.jsonl",
        [("q1", "post an invoice", TUESDAY), ("d2", "lunch menu", TUESDAY), ("q9", "else", MONDAY)],
    )
    write_table(pack, "qrels", "q1 d1 1", "q1 d2 0", "d2 d2 1")
    return pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "small")


def ranked(evaluation: Evaluation) -> dict[str, list[str]]:
    return {question: list(ranking) for question, ranking in evaluation.rankings.items()}


def test_the_judged_questions_of_a_split_are_searched_and_measured(
    search: Search, pack: Path
) -> None:
    evaluation = evaluate_matching(search, pack)

    assert (evaluation.split, evaluation.over) == ("dev", Over.CORPUS)
    assert ranked(evaluation) == {"q1": ["d1", "d3", "d2"], "d2": ["d2", "d3", "d1"]}
    assert evaluation.measures.queries == 2
    assert evaluation.measures.map == 1.0


@pytest.mark.parametrize(
    ("splits", "chosen"),
    [
        (["train", "test", "dev"], "dev"),
        (["train", "test"], "test"),
        (["train"], "train"),
    ],
)
def test_the_split_is_dev_or_test_or_the_only_one(
    search: Search, pack: Path, splits: list[str], chosen: str
) -> None:
    write_splits(pack, splits)

    assert evaluate_matching(search, pack).split == chosen


def test_another_split_may_be_asked_for(search: Search, pack: Path) -> None:
    write_table(pack, "qrels", "q9 d1 1", split="train")

    evaluation = evaluate_matching(search, pack, split="train")

    assert evaluation.split == "train"
    assert list(evaluation.rankings) == ["q9"]


def test_among_several_other_splits_one_must_be_chosen(search: Search, pack: Path) -> None:
    (pack / "qrels" / "dev.tsv").rename(pack / "qrels" / "train2.tsv")
    write_table(pack, "qrels", "q1 d1 1", split="train1")

    with pytest.raises(SupportbotError) as refusal:
        evaluate_matching(search, pack)

    assert str(refusal.value) == (
        f"Say which split of {pack} with --split, one of: train1, train2."
    )


def test_a_folder_without_splits_is_no_pack(search: Search, tmp_path: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        evaluate_matching(search, tmp_path)

    assert str(refusal.value) == (
        f"Say which split of {tmp_path} with --split, which a BEIR folder has in qrels/."
    )


def test_an_unknown_split_is_refused(search: Search, pack: Path) -> None:
    with pytest.raises(SupportbotError, match=r"no split 'final' in .*\. There are: dev\."):
        evaluate_matching(search, pack, split="final")


def test_where_the_pack_has_candidates_only_they_are_ranked(search: Search, pack: Path) -> None:
    write_table(pack, "candidates", "q1 d2 1", "q1 d3 2")

    evaluation = evaluate_matching(search, pack)

    assert evaluation.over is Over.CANDIDATES
    assert ranked(evaluation) == {"q1": ["d3", "d2"], "d2": []}


def test_everything_is_ranked_when_it_is_asked_for(search: Search, pack: Path) -> None:
    write_table(pack, "candidates", "q1 d2 1")

    evaluation = evaluate_matching(search, pack, over=Over.CORPUS)

    assert evaluation.over is Over.CORPUS
    assert ranked(evaluation)["q1"] == ["d1", "d3", "d2"]


def test_candidates_that_the_pack_does_not_have_are_refused(search: Search, pack: Path) -> None:
    with pytest.raises(SupportbotError, match=r"no split 'dev' in .*candidates\. The folder has n"):
        evaluate_matching(search, pack, over=Over.CANDIDATES)


def test_as_of_the_question_only_what_is_older_is_ranked(search: Search, pack: Path) -> None:
    (pack / "pack.json").write_text('{"as_of": "ts"}', encoding="utf-8")

    evaluation = evaluate_matching(search, pack)

    assert ranked(evaluation) == {"q1": ["d1"], "d2": ["d1"]}


def test_a_question_is_not_found_by_itself_where_it_has_no_date(search: Search, pack: Path) -> None:
    (pack / "pack.json").write_text('{"as_of": "when"}', encoding="utf-8")

    evaluation = evaluate_matching(search, pack)

    assert ranked(evaluation) == {"q1": ["d1", "d3", "d2"], "d2": ["d1", "d3"]}


def test_a_folder_may_have_a_colon_in_its_name(search: Search, tmp_path: Path) -> None:
    evaluation = evaluate_matching(search, write_pack(tmp_path / "a:b"))

    assert evaluation.measures.map == 1.0


def test_an_id_may_have_colons(search: Search, pack: Path) -> None:
    write_records(pack / "corpus.jsonl", [("d:1:x", "How do I post an invoice?", MONDAY)])

    evaluation = evaluate_matching(search, pack)

    assert ranked(evaluation)["q1"] == ["d:1:x"]


def test_judged_questions_that_are_not_there_are_told(search: Search, pack: Path) -> None:
    write_table(pack, "qrels", "q1 d1 1", "q8 d1 1", "q7 d1 1")

    with pytest.raises(SupportbotError) as refusal:
        evaluate_matching(search, pack)

    assert str(refusal.value) == (
        f"{pack}: 2 judged questions are not among the queries, such as q7."
    )


def test_no_more_than_a_hundred_documents_of_a_ranking_are_kept(search: Search, pack: Path) -> None:
    records = [(f"d{number}", "How do I post an invoice?", MONDAY) for number in range(120)]
    write_records(pack / "corpus.jsonl", records)

    evaluation = evaluate_matching(search, pack)

    assert len(evaluation.rankings["q1"]) == 100


def test_a_run_is_written_as_question_document_and_score(search: Search, pack: Path) -> None:
    write_table(pack, "candidates", "q1 d1 1", "q1 d2 1", "d2 d3 1")

    run = evaluate_matching(search, pack).as_run()

    lines = [line.split("\t") for line in run.splitlines()]
    assert [line[:2] for line in lines] == [["q1", "d1"], ["q1", "d2"], ["d2", "d3"]]
    assert all(re.fullmatch(r"0\.\d{6}", line[2]) for line in lines)
    assert float(lines[0][2]) > float(lines[1][2])


def test_only_what_was_judged_is_ranked_when_it_is_asked_for(search: Search, pack: Path) -> None:
    evaluation = evaluate_matching(search, pack, over=Over.JUDGED)

    assert ranked(evaluation) == {"q1": ["d1", "d2"], "d2": ["d2"]}


def test_scripts_find_the_intervals_beside_the_figures(search: Search, pack: Path) -> None:
    write_table(pack, "qrels", "q1 d1 1", "d2 d1 1")

    figures = evaluate_matching(search, pack).as_json()

    assert figures["map"] == pytest.approx(2 / 3)
    assert figures["p@1"] == 0.5
    intervals = figures["intervals"]
    assert isinstance(intervals, dict)
    # Of two questions, one is drawn twice in every fourth draw.
    assert intervals["map"] == pytest.approx([1 / 3, 1.0])
    assert intervals["p@1"] == [0.0, 1.0]


def test_it_tells_how_far_it_is(search: Search, pack: Path) -> None:
    embedded: list[tuple[int, int]] = []
    asked: list[tuple[int, int]] = []

    evaluate_matching(
        search,
        pack,
        on_embedded=lambda done, total: embedded.append((done, total)),
        on_asked=lambda done, total: asked.append((done, total)),
    )

    assert embedded == [(3, 3)]
    assert asked == [(1, 2), (2, 2)]
