import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from supportbot.domain.knowledge.decision import DecisionKind
from supportbot.errors import SupportbotError
from supportbot.evaluation.decision import Trial, Variant
from supportbot.evaluation.packs import Over
from supportbot.evaluation.trials import DecisionEvaluation, evaluate_decision
from supportbot.knowledge.search import Search
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder
from tests.packs import write_records, write_table

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
AS_IS, WITHOUT = Variant.AS_IS, Variant.WITHOUT


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    with closing(Search(Database(tmp_path / "x.db", "evaluation"), HashingEmbedder())) as search:
        yield search


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Invoices can be answered (d1, d3), and the weather cannot."""
    pack = tmp_path / "small"
    pack.mkdir()
    write_records(
        pack / "corpus.jsonl",
        [
            ("d1", "How do I post an invoice?", MONDAY),
            ("d2", "Where is the lunch menu?", MONDAY),
            ("d3", "post the invoice", MONDAY),
        ],
    )
    write_records(
        pack / "queries.jsonl",
        [("q1", "post an invoice", TUESDAY), ("q2", "will it rain", TUESDAY)],
    )
    write_table(pack, "qrels", "q1 d1 1", "q1 d2 0", "q2 d2 0")
    return pack


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    (tmp_path / "shop_train.csv").write_text(
        "sentence,label\nwhere is my order,ORDER\ntrack my order,ORDER\nwhich colours,COLOUR\n"
    )
    (tmp_path / "shop_test.csv").write_text(
        "sentence,label\ntrack my order,ORDER\nwhich colours,ORDER\n"
        "hello there,NO_NODES_DETECTED\npay later,PAYMENT\n"
    )
    return tmp_path / "shop"


def evaluated(search: Search, path: Path, over: Over | None = None) -> DecisionEvaluation:
    return evaluate_decision(search, HASHING_CALIBRATION, path, over=over)


def tops(evaluation: DecisionEvaluation) -> list[tuple[str, Variant, str]]:
    return [(trial.question, trial.variant, trial.top) for trial in evaluation.trials]


def test_a_question_counts_as_it_is_and_without_what_is_relevant_to_it(
    search: Search, pack: Path
) -> None:
    evaluation = evaluated(search, pack)

    assert evaluation.asked == "split dev, over the corpus"
    assert tops(evaluation)[:2] == [("q1", AS_IS, "d1"), ("q1", WITHOUT, "d3")]
    first, second = evaluation.trials[:2]
    assert (first.is_answerable, first.is_right, first.shows_right) == (True, True, True)
    assert (second.is_answerable, second.is_right, second.shows_right) == (False, False, False)


def test_a_question_without_anything_relevant_counts_once(search: Search, pack: Path) -> None:
    evaluation = evaluated(search, pack)

    (trial,) = [trial for trial in evaluation.trials if trial.question == "q2"]
    assert (trial.variant, trial.is_answerable, trial.is_right) == (AS_IS, False, False)
    assert evaluation.measures.questions == 2
    assert evaluation.measures.counted == 3


def test_what_was_not_judged_is_not_searched_where_there_are_candidates(
    search: Search, pack: Path
) -> None:
    write_table(pack, "candidates", "q1 d1 1", "q1 d2 2", "q1 d3 3", "q2 d2 1")

    evaluation = evaluated(search, pack)

    assert evaluation.asked == "split dev, over what was judged"
    assert tops(evaluation)[:2] == [("q1", AS_IS, "d1"), ("q1", WITHOUT, "d2")]


def test_what_is_relevant_and_no_candidate_cannot_be_found(search: Search, pack: Path) -> None:
    write_table(pack, "candidates", "q1 d2 1", "q2 d2 1")

    evaluation = evaluated(search, pack, Over.CANDIDATES)

    assert evaluation.asked == "split dev, over the candidates"
    assert tops(evaluation) == [("q1", AS_IS, "d2"), ("q2", AS_IS, "d2")]
    assert evaluation.measures.answerable == 0


def test_where_nothing_is_left_to_search_there_is_nothing_to_decide(
    search: Search, pack: Path
) -> None:
    write_table(pack, "qrels", "q1 d1 1")

    evaluation = evaluated(search, pack, Over.JUDGED)

    assert tops(evaluation) == [("q1", AS_IS, "d1")]


def test_as_of_the_question_nothing_newer_is_searched_and_never_itself(
    search: Search, pack: Path
) -> None:
    (pack / "pack.json").write_text('{"as_of": "ts"}')
    write_records(
        pack / "corpus.jsonl",
        [
            ("q1", "post an invoice", MONDAY),
            ("d1", "How do I post an invoice?", MONDAY),
            ("d2", "post an invoice", TUESDAY),
            ("d3", "Where is the lunch menu?", MONDAY),
        ],
    )

    evaluation = evaluated(search, pack)

    assert tops(evaluation)[:2] == [("q1", AS_IS, "d1"), ("q1", WITHOUT, "d3")]


def test_it_is_decided_as_for_people(search: Search, pack: Path) -> None:
    never = replace(HASHING_CALIBRATION, answer_threshold=1.0, suggest_threshold=1.0)

    usual = evaluated(search, pack)
    shy = evaluate_decision(search, never, pack)

    assert usual.trials[0].kind is DecisionKind.ANSWER
    assert usual.trials[2].kind is DecisionKind.ROUTE
    assert {trial.kind for trial in shy.trials} == {DecisionKind.ROUTE}
    assert shy.trials[0].is_right
    assert not shy.trials[0].shows_right


def test_with_no_documents_at_all_people_are_asked(search: Search, pack: Path) -> None:
    (pack / "corpus.jsonl").write_text("")

    evaluation = evaluated(search, pack)

    assert evaluation.trials[0] == Trial("q1", AS_IS, DecisionKind.ROUTE, 0.0, is_answerable=True)


def test_a_bots_sentences_are_right_when_their_label_is_found(search: Search, bot: Path) -> None:
    evaluation = evaluated(search, bot)

    assert evaluation.asked == "over 2 labels"
    assert [(t.question, t.label, t.is_right) for t in evaluation.trials] == [
        ("2", "ORDER", True),
        ("3", "ORDER", False),
        ("4", "", False),
        ("5", "", False),
    ]
    assert [trial.top for trial in evaluation.trials[:2]] == ["ORDER", "COLOUR"]
    assert evaluation.measures.answerable == 2
    assert evaluation.measures.as_json()["mcc_answer"] is not None


def test_a_bot_has_no_splits_to_choose_from(search: Search, bot: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        evaluated(search, bot, Over.CORPUS)

    assert str(refusal.value) == (
        "--over is for packs in BEIR's layout: HINT3's tables have no such choice."
    )


def test_what_is_neither_a_folder_nor_a_bot_is_told(search: Search) -> None:
    with pytest.raises(SupportbotError) as refusal:
        evaluated(search, Path("nowhere"))

    assert str(refusal.value) == "There is no folder nowhere, and no nowhere_train.csv."


def test_the_same_seed_gives_the_same_figures(search: Search, pack: Path) -> None:
    assert evaluated(search, pack) == evaluated(search, pack)


def test_a_run_has_a_line_for_each_variant(search: Search, pack: Path) -> None:
    evaluation = replace(
        evaluated(search, pack),
        trials=(
            Trial("q1", AS_IS, DecisionKind.ANSWER, 0.75, "d1", is_answerable=True, is_right=True),
            Trial("q1", WITHOUT, DecisionKind.ROUTE, 0.125, ""),
        ),
    )

    assert evaluation.as_run() == "q1\tas-is\t0.750000\t1\td1\nq1\twithout\t0.125000\t0\t\n"


def test_scripts_find_thresholds_and_intervals_beside_the_figures(
    search: Search, pack: Path
) -> None:
    figures = json.loads(json.dumps(evaluated(search, pack).as_json()))

    assert figures["auroc_right"] == 1.0
    assert figures["answer_threshold"] == 0.8
    assert figures["suggest_threshold"] == 0.4
    low, high = figures["intervals"]["aurc"]
    assert 0 <= low <= figures["aurc"] <= high <= 1


def test_it_tells_how_far_it_is(search: Search, pack: Path) -> None:
    embedded: list[tuple[int, int]] = []
    asked: list[tuple[int, int]] = []

    evaluate_decision(
        search,
        HASHING_CALIBRATION,
        pack,
        on_embedded=lambda done, total: embedded.append((done, total)),
        on_asked=lambda done, total: asked.append((done, total)),
    )

    assert embedded == [(3, 3)]
    assert asked == [(1, 3), (2, 3), (3, 3)]
