import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot.domain.experts.routing import SHIPPED
from supportbot.errors import SupportbotError
from supportbot.evaluation.plots import draw_trade
from supportbot.evaluation.replay import GoldQuestion, read_gold, read_past
from supportbot.evaluation.routing import (
    BUDGET,
    Asks,
    RoutingEvaluation,
    evaluate_routing,
    gini,
)

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TOPICS = {
    "U2": "ledger closing",
    "U3": "label printer",
    "U4": "tax report",
    "U5": "warehouse pick",
    "U6": "payroll slip",
}
Row = dict[str, Any]


def talk(days: int = 100) -> tuple[list[Row], list[str]]:
    """Return a channel in which each topic has its expert, and a gold table of its questions."""
    rows, gold = [], ["#qid\tts\tasker\tmain\tanswerers\tsplit"]
    chance = random.Random(3)  # noqa: S311 - made up on purpose
    for day in range(days):
        expert, topic = chance.choice(list(TOPICS.items()))
        asked_at = (BEGIN + timedelta(days=day)).timestamp()
        asked, answered = f"{asked_at:.6f}", f"{asked_at + 600:.6f}"
        rows += [
            {
                "ts": asked,
                "thread_ts": asked,
                "user": f"U{10 + day % 7}",
                "text": f"How is the {topic} done, part {day}?",
            },
            {"ts": answered, "thread_ts": asked, "user": expert, "text": f"Open the {topic} page."},
        ]
        split = "history" if day < 0.6 * days else "dev" if day < 0.8 * days else "test"
        gold.append(f"help:{asked}\t{asked}\tU{10 + day % 7}\t{expert}\t{expert}\t{split}")
    return rows, gold


def write(folder: Path, rows: Sequence[Row], gold: Sequence[str]) -> tuple[Path, Path]:
    export = folder / "export"
    (export / "help").mkdir(parents=True)
    (export / "channels.json").write_text(json.dumps([{"id": "C1", "name": "help"}]))
    (export / "users.json").write_text("[]")
    by_day: dict[str, list[Row]] = {}
    for row in rows:
        day = datetime.fromtimestamp(float(row["ts"]), UTC).date().isoformat()
        by_day.setdefault(day, []).append({"type": "message", **row})
    for day, said in by_day.items():
        (export / "help" / f"{day}.json").write_text(json.dumps(said))
    table = folder / "gold.tsv"
    table.write_text("\n".join(gold))
    return export, table


def evaluated(
    folder: Path, rows: Sequence[Row], gold: Sequence[str], split: str | None = "test"
) -> RoutingEvaluation:
    export, table = write(folder, rows, gold)
    return evaluate_routing(read_past(export), read_gold(table), SHIPPED, split=split)


def test_who_knows_a_topic_is_found_where_activity_does_not_tell(tmp_path: Path) -> None:
    measures = evaluated(tmp_path, *talk(200)).measures

    assert measures["ours"].questions == 40
    assert measures["ours"].hit_at_1 > 0.9
    assert measures["most active, 30 days"].hit_at_1 < 0.6
    assert measures["random"].hit_at_1 < 0.5


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_gold_table_may_be_saved_by_windows(tmp_path: Path, encoding: str) -> None:
    table = tmp_path / "gold.tsv"
    table.write_bytes("help:1.2\t1\tU1\tU2\tU2\ttest\r\n".encode(encoding))

    (question,) = read_gold(table)

    assert (question.id, question.split) == ("help:1.2", "test")


def test_the_future_changes_nothing(tmp_path: Path) -> None:
    rows, gold = talk()
    questions = [line.split("\t")[0] for line in gold if line.endswith("\ttest")]
    now = float(questions[5].split(":")[1])
    chance = random.Random(5)  # noqa: S311 - made up on purpose
    future = [row for row in rows if float(row["ts"]) > now]
    others = chance.sample(future, len(future))
    shuffled = [row for row in rows if float(row["ts"]) <= now] + [
        {**row, "user": other["user"], "text": other["text"]}
        for row, other in zip(future, others, strict=True)
    ]

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = evaluated(tmp_path / "a", rows, gold).rankings
    after = evaluated(tmp_path / "b", shuffled, gold).rankings

    assert [after[id_] for id_ in questions[:6]] == [before[id_] for id_ in questions[:6]]
    assert after != before


def test_with_little_history_the_shipped_model_counts(tmp_path: Path) -> None:
    assert not evaluated(tmp_path, *talk(20)).is_own_model


def test_a_split_is_chosen_when_none_is_given(tmp_path: Path) -> None:
    assert evaluated(tmp_path, *talk(20), split=None).split == "dev"


def test_a_split_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="There are: dev, history, test"):
        evaluated(tmp_path, *talk(20), split="train")


def test_a_gold_of_another_export_is_refused(tmp_path: Path) -> None:
    rows, gold = talk(20)
    with pytest.raises(SupportbotError, match="Do the two belong together"):
        evaluated(tmp_path, rows, [line.replace("help:", "board:") for line in gold])


@pytest.mark.parametrize("line", ["help:1\t1\tU1", "no-channel\t1\tU1\tU2\tU2\ttest"])
def test_a_broken_table_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    table = tmp_path / "gold.tsv"
    table.write_text(f"#qid\n{line}\n")

    with pytest.raises(SupportbotError, match=r"gold\.tsv:2: expected"):
        read_gold(table)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="cannot be read"):
        read_gold(tmp_path / "gold.tsv")


def test_questions_that_nobody_answered_are_left_out(tmp_path: Path) -> None:
    table = tmp_path / "gold.tsv"
    table.write_text("help:1\t1\tU1\t\t\ttest\nhelp:2\t2\tU1\tU2\tU2|U3\ttest\n")

    assert read_gold(table) == [GoldQuestion("help:2", "U1", "U2", frozenset({"U2", "U3"}), "test")]


def test_the_run_names_people_best_first(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path, *talk(40))

    first = evaluation.as_run().splitlines()[0].split("\t")

    assert first[0].startswith("help:")
    assert set(TOPICS) <= set(first[1].split(","))


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path, *talk(20))

    draw_trade(evaluation, tmp_path / "trade.svg")

    assert "<svg" in (tmp_path / "trade.svg").read_text()
    with pytest.raises(SupportbotError, match="cannot be drawn"):
        draw_trade(evaluation, tmp_path / "nowhere" / "trade.svg")


def test_asks_are_counted_for_a_week_and_decay() -> None:
    asks = Asks()
    asks.note("a", BEGIN)
    asks.note("a", BEGIN + timedelta(days=6))

    assert asks.in_a_week("a", BEGIN + timedelta(days=6, hours=1)) == 2
    assert asks.in_a_week("a", BEGIN + timedelta(days=8)) == 1
    assert asks.in_a_week("b", BEGIN) == 0
    assert asks.loads(BEGIN + timedelta(days=13))["a"] == pytest.approx(0.5 + 2 ** (-13 / 7))


def test_the_share_within_budget_asks_nobody_too_often(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path, *talk(40))

    assert BUDGET == 5
    for measures in evaluation.measures.values():
        assert 0 <= measures.hit_at_3_budget <= 1


@pytest.mark.parametrize(
    ("counts", "coefficient"),
    [([], 0), ([0, 0], 0), ([2, 2, 2], 0), ([0, 0, 0, 4], 0.75), ([1, 3], 0.25)],
)
def test_gini_tells_how_unequal_asks_are(counts: list[int], coefficient: float) -> None:
    assert gini(counts) == pytest.approx(coefficient)
