import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supportbot import cli as cli_module
from supportbot.cli import demo as demo_module
from supportbot.cli import main, operations
from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.profile import Profile
from supportbot.domain.knowledge.decision import Calibration
from supportbot.retrieval import serving, tuned
from supportbot.runtime import build
from supportbot.runtime.build import build_app
from supportbot.runtime.home import only_one, submit
from supportbot.settings import CalibrationSettings, Settings
from supportbot.store import conversations, delivery, inbox, outbox_counts, profiles
from supportbot.store.engine.sqlite import Database
from supportbot.store.inbox import InboxState
from supportbot.store.outbox_rows import OutboxState
from supportbot.testing import HashingEmbedder, SetClock
from tests.packs import write_judged_pack
from tests.tuned_models import tuned_record

_SETTINGS = """
[knowledge]
base_url = "https://example.org/"

[calibration]
model = "hashing"
intercept = -8.0
slope = 16.0
answer_threshold = 0.8
suggest_threshold = 0.4

[[experts]]
name = "Paul"
topics = ["ledger closing"]
"""
_POSTING = """---
title: Posting invoices
topics: [invoices]
owner: Donna
reviewed: 2026-01-15
asked_as:
  - How do I post an invoice?
---

Open the invoice and choose Post.
"""


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status, and what it printed."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run the command line here, without the real model."""
    opened: list[Database] = []

    class Noted(Database):
        def __init__(self, path: Path, community_id: str) -> None:
            super().__init__(path, community_id)
            opened.append(self)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["supportbot", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        status = end.value.code or 0
        assert isinstance(status, int)
        return Ran(status, printed.out, printed.err)

    monkeypatch.setattr(build, "Database", Noted)
    monkeypatch.setattr(serving, "build_embedder", lambda _settings: HashingEmbedder())
    yield run
    for database in opened:
        database.close()


@pytest.fixture(autouse=True)
def folder(home: Path, tmp_path: Path) -> Path:
    """A maintainer's folder: settings, and one document."""
    del home
    (tmp_path / "supportbot.toml").write_text(_SETTINGS)
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "posting.md").write_text(_POSTING)
    return tmp_path


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Two past questions in BEIR's layout, and one that asks for the first."""
    pack = tmp_path / "tiny"
    (pack / "qrels").mkdir(parents=True)
    (pack / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Post an invoice", "text": "Which button posts an invoice?"}\n'
        '{"_id": "d2", "title": "Close the ledger", "text": "The month will not close."}\n'
    )
    (pack / "queries.jsonl").write_text('{"_id": "q1", "text": "how to post the invoice"}\n')
    (pack / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    return pack


def test_a_question_is_answered_in_words(run: Run) -> None:
    ran = run("ask", "How do I post an invoice?")

    assert ran.status == 0
    assert "This page should answer it" in ran.out
    assert "Open the invoice and choose Post." in ran.out
    assert "  -- Donna, 2026-01-15, https://example.org/posting.md" in ran.out


def test_the_first_question_syncs_the_knowledge_and_the_next_does_not(run: Run) -> None:
    first = run("ask", "How do I post an invoice?")
    second = run("ask", "How do I post an invoice?")

    assert first.err == (
        "First sync of the knowledge: 1 document (1 new, 0 changed, 0 removed), 2 passages, "
        "2 of them embedded now.\n"
    )
    assert second.err == ""


def test_a_question_that_nobody_answered_names_whom_to_ask(run: Run) -> None:
    ran = run("ask", "When is the ledger closing?")

    assert "I have no answer yet." in ran.out
    assert ran.out.endswith("I would ask:\n  Paul (you listed: ledger closing)\n")


def test_an_answer_as_json_has_what_scripts_read(run: Run) -> None:
    ran = run("ask", "How do I post an invoice?", "--json")

    answer = json.loads(ran.out)
    assert list(answer) == ["decision", "confidence", "matches", "experts"]
    assert (answer["decision"], answer["experts"]) == ("answer", [])
    assert answer["confidence"] == pytest.approx(0.9997)
    (match,) = answer["matches"]
    assert match == {
        "title": "Posting invoices",
        "source": "best_practices",
        "url": "https://example.org/posting.md",
        "author": "Donna",
        "answered_at": "2026-01-15T00:00:00+00:00",
        "score": match["score"],
        "confidence": answer["confidence"],
        "excerpt": "Open the invoice and choose Post.",
    }
    assert 0 <= match["score"] <= 1


def test_a_referral_as_json_has_a_name_and_a_reason(run: Run) -> None:
    ran = run("ask", "When is the ledger closing?", "--json")

    answer = json.loads(ran.out)
    assert answer["decision"] == "route"
    assert answer["experts"] == [{"name": "Paul", "reason": "you listed: ledger closing"}]


def test_what_is_quoted_cannot_control_the_terminal(run: Run, folder: Path) -> None:
    hostile = _POSTING.replace("choose Post", "choose \x1b[2J\u202ePost")
    (folder / "knowledge" / "posting.md").write_text(hostile, encoding="utf-8")

    ran = run("ask", "How do I post an invoice?")

    assert "Open the invoice and choose" in ran.out
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("", "The question is empty. Write what you want to know, in quotes."),
        (" \n\t", "The question is empty. Write what you want to know, in quotes."),
        (
            "x" * 100_000,
            (
                "The question has 100,000 characters, and 10,000 is the most. Ask what matters, "
                "and leave out the log."
            ),
        ),
        (
            "\x00\x1b\x7f",
            "The question has no words, only signs. Write what you want to know.",
        ),
        ("?!…", "The question has no words, only signs. Write what you want to know."),
    ],
    ids=["empty", "blank", "long", "controls", "signs"],
)
def test_what_is_no_question_is_refused_in_one_sentence(
    run: Run, question: str, sentence: str
) -> None:
    ran = run("ask", question)

    assert ran == Ran(2, "", f"{sentence}\n")


def test_the_longest_question_is_taken(run: Run) -> None:
    assert run("ask", "word " * 2_000).status == 0


def test_half_a_character_is_taken(run: Run) -> None:
    assert run("ask", "How do I post \udce4n invoice?", "--json").status == 0


def test_a_sync_tells_what_it_did(run: Run) -> None:
    ran = run("sync")

    assert ran == Ran(
        0,
        "1 document (1 new, 0 changed, 0 removed), 2 passages, 2 of them embedded now.\n",
        "",
    )


def test_a_sync_tells_that_files_have_remarks(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("---\ntitle: Not closed\n\nWords.")

    ran = run("sync")

    assert ran.status == 0
    assert ran.err == "1 remark about the files: supportbot knowledge check lists them.\n"


def test_a_sync_as_json_has_the_counts_and_the_remarks(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("---\ntitle: Not closed\n\nWords.")

    ran = run("sync", "--json")

    assert json.loads(ran.out) == {
        "added": 2,
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "passages": 3,
        "embedded": 3,
        "problems": ["plain.md:1: has front matter that nothing closes. Close it with ---."],
    }


def test_the_settings_may_be_elsewhere(run: Run, folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (folder / "supportbot.toml").rename(elsewhere / "ours.toml")
    (folder / "knowledge").rename(elsewhere / "knowledge")

    ran = run("sync", "--settings", str(elsewhere / "ours.toml"))

    assert ran.out.startswith("1 document (1 new")


def test_wrong_settings_are_all_told_at_once(run: Run, folder: Path) -> None:
    (folder / "supportbot.toml").write_text("[thresholds]\nanwser = 0.5\nsuggest = 7\n")

    ran = run("sync")

    assert ran.status == 2
    assert ran.out == ""
    assert "unknown setting 'thresholds.anwser'. Did you mean 'answer'?" in ran.err
    assert "wrong value 7 for 'thresholds.suggest'" in ran.err


def test_a_knowledge_folder_that_is_missing_is_told(run: Run, folder: Path) -> None:
    (folder / "knowledge").rename(folder / "somewhere")

    ran = run("sync")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("There is no folder knowledge.")


def test_documents_in_order_pass_the_check(run: Run) -> None:
    assert run("knowledge", "check") == Ran(
        0, "", "Checking knowledge …\nEverything is in order.\n"
    )


def test_each_problem_of_a_document_is_a_line_with_file_and_number(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("Words without front matter. [Gone](gone.md)")

    ran = run("knowledge", "check", "knowledge")

    assert ran.status == 1
    assert ran.out == (
        "knowledge/plain.md:1: links to gone.md, which does not exist. "
        "Fix the link, or delete it.\n"
    )
    assert ran.err == "Checking knowledge …\n1 problem, no remarks.\n"


def test_what_does_not_matter_passes_the_check(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("---\nlayout: page\n---\nWords.")

    ran = run("knowledge", "check")

    assert ran.status == 0
    assert ran.out == (
        "knowledge/plain.md:2: has the key 'layout', which is not read (in 1 file).\n"
    )
    assert ran.err == "Checking knowledge …\nNo problems, 1 remark.\n"


def test_a_group_may_require_keys(run: Run, folder: Path) -> None:
    settings = (folder / "supportbot.toml").read_text()
    table = '[knowledge]\nrequired = ["owner"]\n'
    (folder / "supportbot.toml").write_text(settings.replace("[knowledge]\n", table))
    (folder / "knowledge" / "plain.md").write_text("Words.")

    ran = run("knowledge", "check")

    assert ran.status == 1
    assert "plain.md:1: lacks the front matter key 'owner'. Add `owner: …`.\n" in ran.out


def test_the_check_leaves_the_bots_own_knowledge_alone(run: Run, home: Path) -> None:
    run("knowledge", "check")

    assert not (home / "supportbot.db").exists()
    assert (home / "cache" / "knowledge-check.db").exists()


def test_matching_is_measured(run: Run, pack: Path) -> None:
    ran = run("evaluate", "matching", str(pack))

    assert ran.status == 0
    assert ran.out.startswith("tiny, split dev, over the corpus\n")
    assert "   queries  1\n       map  1.000 (1.00–1.00)\n" in ran.out


@pytest.fixture
def chat(folder: Path) -> tuple[str, str]:
    """Return a Slack export in which Paul answers every question, and its gold."""
    (folder / "export" / "help").mkdir(parents=True)
    (folder / "export" / "channels.json").write_text('[{"id": "C1", "name": "help"}]')
    rows, gold = [], []
    for number in range(4):
        asked, answered = f"{1767600000 + 1000 * number}.000100", f"{1767600500 + 1000 * number}.1"
        asker = f"U{2 + number}"
        for ts, user in ((asked, asker), (answered, "U1")):
            rows.append(
                {"type": "message", "ts": ts, "thread_ts": asked, "user": user, "text": "How?"}
            )
        gold.append(f"help:{asked}\t{asked}\t{asker}\tU1\tU1\ttest")
    (folder / "export" / "help" / "2026-01-05.json").write_text(json.dumps(rows))
    (folder / "gold.tsv").write_text("\n".join(gold))
    return str(folder / "export"), str(folder / "gold.tsv")


def test_routing_is_measured_beside_the_simple_ways(run: Run, chat: tuple[str, str]) -> None:
    export, gold = chat

    ran = run("evaluate", "routing", export, "--gold", gold)

    assert ran.status == 0
    assert ran.out.startswith("export, split test, model as shipped\n")
    for way in ("ours", "random", "most active, 30 days", "nearest questions"):
        assert f"\n{way} " in ran.out


def test_routing_is_measured_as_json_and_the_rankings_are_written(
    run: Run, chat: tuple[str, str], folder: Path
) -> None:
    export, gold = chat
    rankings, plot = folder / "run.tsv", folder / "trade.png"

    ran = run(
        "evaluate", "routing", export, "--gold", gold, "--json", "--run", str(rankings),
        "--plot", str(plot),
    )  # fmt: skip

    figures = json.loads(ran.out)
    assert figures["questions"] == 4
    assert figures["hit@1"] == 0.75  # nobody is known at the first question
    assert rankings.read_text().splitlines()[3].split("\t")[1].startswith("U1")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_deciding_is_measured_and_drawn_with_letters(run: Run, pack: Path) -> None:
    ran = run("evaluate", "decision", str(pack))

    assert ran.status == 0
    assert ran.out.startswith(
        "tiny, split dev, over the corpus; answers from 0.800, shows from 0.400\n"
        "       questions  1\n"
    )
    assert "     auroc_right  1.000 (1.00–1.00)\n" in ran.out
    assert "       mcc_shown  –\n" in ran.out
    assert "What confidence promised (|) and kept (#):\n  promised    kept   count\n" in ran.out
    assert "\n       50%     1.000  ####" in ran.out


def test_deciding_is_measured_on_a_bots_tables_as_json_and_drawn(run: Run, folder: Path) -> None:
    (folder / "shop_train.csv").write_text("sentence,label\ntrack my order,ORDER\nhi,HELLO\n")
    (folder / "shop_test.csv").write_text(
        "sentence,label\ntrack my order,ORDER\nlunch,NO_NODES_DETECTED\n"
    )
    decided, plot = folder / "run.tsv", folder / "decision.png"

    ran = run(
        "evaluate", "decision", "shop", "--json", "--run", str(decided), "--plot", str(plot)
    )  # fmt: skip

    figures = json.loads(ran.out)
    assert (figures["questions"], figures["answerable"], figures["mcc_answer"]) == (2, 1, 1.0)
    assert figures["intervals"]["answer_coverage"] == [0.0, 1.0]
    first, second = decided.read_text().splitlines()
    assert first.startswith("2\tas-is\t0.999")
    assert first.endswith("\t1\tORDER")
    assert second.startswith("3\tas-is\t")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_what_votes_bring_is_measured_where_there_are_questions_enough(
    run: Run, folder: Path
) -> None:
    (folder / "shop_train.csv").write_text("sentence,label\ntrack my order,ORDER\nhi,HELLO\n")
    sentences = [f"track my order {number},ORDER\n" for number in range(130)]
    (folder / "shop_test.csv").write_text("".join(["sentence,label\n", *sentences]))

    ran = run("evaluate", "decision", "shop", "--votes", "20")
    told = run("evaluate", "decision", "shop", "--votes", "20", "--json")
    too_many = run("evaluate", "decision", "shop", "--votes", "60")

    *_, head, none, twenty, _ = ran.out.split("\n")
    assert head.split()[:4] == ["votes", "left", "ece", "ece_by_chance"]
    assert none.split()[:2] == ["0", "130"]
    assert twenty.split()[:2] == ["20", "110"]
    assert [one["left"] for one in json.loads(told.out)["after_votes"]] == [130, 110]
    assert (too_many.status, too_many.out) == (2, "")
    assert too_many.err.startswith("60 votes leave 70 of 130 questions to judge on")


def test_a_calibration_is_fitted_for_a_model(run: Run, folder: Path) -> None:
    pack = write_judged_pack(folder / "judged", 120)

    ran = run("model", "fit", str(pack), "--split", "train", "--judge", "dev", "--model", "a/b")

    assert ran.status == 0
    assert ran.out.startswith("# Fitted on 120 judged matches of judged.\n# train: answered 63 of")
    assert '\n[calibration]\nmodel = "hashing"\n' in ran.out


def test_a_fitted_calibration_is_printed_as_json(run: Run, folder: Path) -> None:
    pack = write_judged_pack(folder / "judged", 120)

    fitted = json.loads(run("model", "fit", str(pack), "--split", "train", "--json").out)

    assert fitted["calibration"]["model"] == "hashing"
    assert fitted["reports"][0]["shown"] == {"given": 60, "judged": 120, "precision": 1.0}


def test_thresholds_of_the_settings_decide(run: Run, pack: Path, folder: Path) -> None:
    with (folder / "supportbot.toml").open("a") as settings:
        settings.write("\n[thresholds]\nanswer = 1.0\nsuggest = 1.0\n")

    ran = run("evaluate", "decision", str(pack), "--json")

    assert json.loads(ran.out)["shown_coverage"] == 0.0


def test_a_pack_that_is_not_there_is_told(run: Run) -> None:
    ran = run("evaluate", "decision", "nowhere", "--over", "corpus")

    assert ran == Ran(2, "", "There is no folder nowhere, and no nowhere_train.csv.\n")


def test_matching_is_measured_as_json_and_the_rankings_are_written(
    run: Run, pack: Path, folder: Path
) -> None:
    rankings = folder / "run.tsv"

    ran = run("evaluate", "matching", str(pack), "--json", "--run", str(rankings))

    figures = json.loads(ran.out)
    assert figures["queries"] == 1
    assert figures["mrr"] == 1.0
    first, second = rankings.read_text().splitlines()
    assert first.startswith("q1\td1\t")
    assert second.startswith("q1\td2\t")


def test_rankings_that_cannot_be_written_are_told(run: Run, pack: Path, folder: Path) -> None:
    ran = run("evaluate", "matching", str(pack), "--run", str(folder / "nowhere" / "run.tsv"))

    assert ran.status == 2
    assert ran.err.endswith("run.tsv cannot be written: No such file or directory.\n")


def test_a_choice_that_does_not_exist_is_told(run: Run, pack: Path) -> None:
    ran = run("evaluate", "matching", str(pack), "--over", "everything")

    assert ran == Ran(2, "", "--over is 'everything'. It can be: candidates, corpus, judged.\n")


def test_only_candidates_are_ranked_when_asked_so(run: Run, pack: Path) -> None:
    (pack / "candidates").mkdir()
    (pack / "candidates" / "dev.tsv").write_text("query-id\tcorpus-id\trank\nq1\td2\t1\n")

    ran = run("evaluate", "matching", str(pack), "--over", "candidates", "--json")

    assert json.loads(ran.out)["mrr"] == 0.0


def test_an_import_that_is_repeated_changes_nothing(run: Run, pack: Path) -> None:
    first = run("import", "beir", str(pack))
    second = run("import", "beir", str(pack))

    assert first.out == (
        "2 documents (2 new, 0 changed, 0 removed), 2 passages, 2 of them embedded now.\n"
    )
    assert second.out == (
        "2 documents (0 new, 0 changed, 0 removed), 2 passages, 0 of them embedded now.\n"
    )


def test_half_a_character_in_an_import_hurts_nobody(run: Run, pack: Path) -> None:
    (pack / "corpus.jsonl").write_text('{"_id": "d1", "title": "Broken \\ud83d", "text": "word"}')

    run("import", "beir", str(pack))
    ran = run("ask", "Broken word", "--json")

    assert json.loads(ran.out)["matches"][0]["title"] == "Broken \ufffd"


def test_an_import_whose_ids_repeat_takes_the_first_and_changes_nothing_again(
    run: Run, pack: Path
) -> None:
    with (pack / "corpus.jsonl").open("a") as corpus:
        corpus.write('{"_id": "d1", "title": "Twin", "text": "Another thread of that name."}\n')

    first = run("import", "beir", str(pack))
    second = run("import", "beir", str(pack))

    assert first.out.startswith("2 documents (2 new, 0 changed, 0 removed)")
    assert second.out.startswith("2 documents (0 new, 0 changed, 0 removed)")


def test_what_was_imported_for_a_community_is_found_by_that_community_only(
    run: Run, pack: Path, folder: Path
) -> None:
    run("import", "beir", str(pack), "--community", "theirs")
    theirs = folder / "theirs.toml"
    theirs.write_text(f'community = "theirs"\n{_SETTINGS}')

    here = run("ask", "Close the ledger", "--json")
    there = run("ask", "Close the ledger", "--json", "--settings", str(theirs))

    assert [match["source"] for match in json.loads(here.out)["matches"]] == ["best_practices"]
    assert json.loads(there.out)["matches"][0]["title"] == "Close the ledger"


def slack_export(folder: Path) -> Path:
    """Write an export with a question that was answered in a thread, and a broken day."""
    days = folder / "slack" / "help"
    days.mkdir(parents=True)
    rows = [
        {"user": "U1", "ts": "1772442000.000100", "text": "How do I widen the posting dates?"},
        {"user": "U2", "ts": "1772442060.000200", "text": "Open the ledger and widen them there."},
        {"user": "U1", "ts": "now"},
    ]
    said = [{"type": "message", "thread_ts": "1772442000.000100", **row} for row in rows]
    (folder / "slack" / "users.json").write_text(json.dumps([{"id": "U1", "team_id": "T1"}]))
    (folder / "slack" / "channels.json").write_text(json.dumps([{"id": "C1", "name": "help"}]))
    (days / "2026-03-02.json").write_text(json.dumps(said))
    (days / "2026-03-03.json").write_text("[")
    return folder / "slack"


def test_history_comes_in_and_says_what_it_holds(run: Run, folder: Path) -> None:
    path = str(slack_export(folder))

    dry = run("import", "slack-export", path, "--dry-run")
    first = run("import", "slack-export", path)
    second = run("import", "slack-export", path)
    asked = run("ask", "How are posting dates widened?", "--json")

    assert dry.out == "1 question, 1 answer, 1 person who knows things.\n"
    assert (first.out, second.out, first.status) == (dry.out, dry.out, 0)
    assert "passed over: help/2026-03-03.json: is no JSON from some point on (" in first.err
    assert "passed over: 1 row that is no message\n" in first.err
    assert dry.err.endswith("2 messages, 2 of them new. Nothing was stored.\n")
    assert first.err.endswith("2 messages, 2 of them new; 1 answer became knowledge now.\n")
    assert second.err.endswith("2 messages, 0 of them new; 0 answers became knowledge now.\n")
    match = json.loads(asked.out)["matches"][0]
    assert match["excerpt"] == "Open the ledger and widen them there."


def test_history_of_discord_comes_in_from_one_file(run: Run, folder: Path) -> None:
    channel = {"id": "100", "type": "GuildTextChat", "name": "help"}
    path = folder / "help.json"
    path.write_text(json.dumps({"guild": {"id": "7"}, "channel": channel, "messages": []}))

    ran = run("import", "discord-export", str(path))

    assert (ran.status, ran.out) == (0, "0 questions, 0 answers, 0 people who know things.\n")


def test_a_better_export_brings_the_names(run: Run, folder: Path) -> None:
    path = slack_export(folder)
    run("import", "slack-export", str(path))
    users = [{"id": "U1", "team_id": "T1", "name": "maria"}, {"id": "U2", "name": "paul"}]
    (path / "users.json").write_text(json.dumps(users))

    before = run("ask", "How are posting dates widened?", "--json")
    run("import", "slack-export", str(path))
    after = run("ask", "How are posting dates widened?", "--json")

    assert json.loads(before.out)["matches"][0]["author"] == "U2"
    assert json.loads(after.out)["matches"][0]["author"] == "paul"


def test_history_without_its_words_is_no_success(run: Run, folder: Path) -> None:
    author = {"id": "11", "name": "maria"}
    said = {"id": "500", "type": "Default", "author": author, "content": ""}
    said["timestamp"] = "2026-03-02T10:00:00+00:00"
    channel = {"id": "100", "type": "GuildTextChat", "name": "help"}
    path = folder / "help.json"
    path.write_text(json.dumps({"guild": {"id": "7"}, "channel": channel, "messages": [said]}))

    ran = run("import", "discord-export", str(path))

    assert (ran.status, ran.out) == (2, "")
    assert "1 message is empty, of 1, and stayed out" in ran.err


def test_history_is_brought_in_for_the_community_that_is_named(run: Run, folder: Path) -> None:
    run("import", "slack-export", str(slack_export(folder)), "--community", "theirs")

    asked = run("ask", "How are posting dates widened?", "--json")

    assert [match["source"] for match in json.loads(asked.out)["matches"]] == ["best_practices"]


def test_history_of_a_workspace_that_nobody_can_tell_is_refused(run: Run, folder: Path) -> None:
    path = slack_export(folder)
    (path / "users.json").unlink()

    refused = run("import", "slack-export", str(path))
    wrong = run("import", "slack-export", str(path), "--workspace", "ours")
    given = run("import", "slack-export", str(path), "--workspace", "T1")

    assert (refused.status, wrong.status, given.status) == (2, 2, 0)
    assert "Give its id with --workspace. It begins with T," in refused.err
    assert "'ours' is not the id of a Slack workspace." in wrong.err


def test_what_an_import_takes_for_open_is_said(run: Run, folder: Path) -> None:
    path = slack_export(folder)
    (path / "channels.json").unlink()

    ran = run("import", "slack-export", str(path))

    assert "note: The export has no channels.json, so help counts as open:" in ran.err


def test_what_was_closed_stays_closed_where_a_later_export_names_no_list(
    run: Run, folder: Path
) -> None:
    path = slack_export(folder)
    lists = path / "channels.json"
    run("import", "slack-export", str(lists.rename(path / "groups.json").parent))
    (path / "groups.json").unlink()

    ran = run("import", "slack-export", str(path))
    asked = run("ask", "How are posting dates widened?", "--json")

    assert "so this stays closed too" in ran.err
    assert "Open the ledger and widen them there." not in asked.out


def test_history_that_cannot_be_read_at_all_is_told(run: Run, folder: Path) -> None:
    path = slack_export(folder)
    (path / "help" / "2026-03-02.json").write_text("[")

    ran = run("import", "slack-export", str(path))

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith(f"Nothing of {path} could be read: see above.\n")


def test_an_import_of_what_is_no_pack_is_told(run: Run, folder: Path) -> None:
    ran = run("import", "beir", str(folder))

    assert (ran.status, ran.out) == (2, "")
    assert "has no corpus.jsonl or corpus.jsonl.gz" in ran.err


def test_the_bot_serves_until_the_input_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    screen = io.StringIO()
    typed = io.StringIO("Maria: How do I post an invoice?\n")
    adapters = build.build_adapters

    def with_streams(*arguments: Any) -> Any:
        return adapters(*arguments, stdin=typed, stdout=screen)

    monkeypatch.setattr(build, "build_adapters", with_streams)

    ran = run("run", "--settings", str(folder / "supportbot.toml"))

    assert ran.status == 0
    assert "| Open the invoice and choose Post.\n" in screen.getvalue()


def test_an_adapter_that_is_not_installed_is_told(run: Run, folder: Path) -> None:
    (folder / "supportbot.toml").write_text(f"{_SETTINGS}\n[adapters.carrier-pigeon]\n")

    ran = run("run")

    assert ran.status == 2
    assert "There is no adapter 'carrier-pigeon'. Installed: " in ran.err


def test_the_demo_is_played(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[bool] = []
    monkeypatch.setattr(
        demo_module, "play", lambda *, interactive, **_streams: played.append(interactive)
    )

    run("demo")
    run("demo", "--interactive")

    assert played == [False, True]


def test_a_command_that_is_interrupted_says_that_nothing_is_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(**_how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_module, "cli", interrupt)

    assert run("sync") == Ran(
        130, "", "Stopped. What was done until now is kept; run the command again for the rest.\n"
    )


def test_our_own_mistake_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_how: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli_module, "cli", fail)

    with pytest.raises(ZeroDivisionError):
        main()


def test_a_long_job_shows_how_far_it_is_on_a_terminal(
    run: Run, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    lines = (f'{{"_id": "d{number}", "text": "Question {number}"}}\n' for number in range(600))
    (pack / "corpus.jsonl").write_text("".join(lines))
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)

    ran = run("import", "beir", str(pack))

    assert "passages embedded" in screen.getvalue()
    assert "600/600" in screen.getvalue()
    assert ran.out.startswith("600 documents")


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        ([], "Example: supportbot demo"),
        (["demo"], "Example: supportbot demo --interactive"),
        (["ask"], 'Example: supportbot ask "Why does the bot'),
        (["run"], "Example: supportbot run --settings supportbot.toml"),
        (["sync"], "Example: supportbot sync"),
        (["knowledge", "check"], "Example: supportbot knowledge check knowledge/"),
        (["evaluate", "matching"], "Example: supportbot evaluate matching packs/cqa"),
        (["evaluate", "decision"], "Example: supportbot evaluate decision packs/cqa --plot"),
        (["import", "beir"], "Example: supportbot import beir packs/cqa"),
        (["doctor"], "Example: supportbot doctor --json"),
        (["retry"], "Example: supportbot retry --all"),
        (["forget"], "Example: supportbot forget slack:U024BE7LH"),
        (["export"], "Example: supportbot export slack:U024BE7LH > member.json"),
        (["backup"], "Example: supportbot backup supportbot-2026-11-22.db"),
        (["review"], "Example: supportbot review accept 3f9a01c2"),
        (["review", "accept"], "Example: supportbot review accept 3f9a01c2"),
        (["review", "edit"], "Example: supportbot review edit 3f9a01c2 --text"),
        (["review", "drop"], "Example: supportbot review drop 3f9a01c2"),
        (["review", "withdraw"], "Example: supportbot review withdraw 3f9a01c2"),
        (["review", "restore"], "Example: supportbot review restore 3f9a01c2"),
        (["review", "correct"], "Example: supportbot review correct 3f9a01c2 --text"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_help_of_each_command_ends_with_an_example(
    run: Run, arguments: list[str], example: str
) -> None:
    ran = run(*arguments, "--help")

    assert ran.status == 0
    assert example in ran.out


def test_the_help_loads_neither_model_nor_database(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.argv = ['supportbot', '--help']\n"
        "from supportbot.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    heavy = {'torch', 'sqlmodel', 'sqlalchemy', 'faiss', 'numpy', 'rich'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )

    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert "Usage: " in ended.stdout
    assert ended.stderr == "[]\n"


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("terminal", "room", "main")
MARIA = Author("terminal", "Maria", "Maria")
PAUL = Author("terminal", "Paul", "Paul")
ASKED = MessagePosted("t:1", HELP, "1", MARIA, "How does the ledger closing work?", NOW)
REPLIED = MessagePosted(
    "t:2", HELP.in_thread("1"), "2", PAUL, "Widen the posting dates.", NOW, "terminal:#2"
)


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """The home's database, with an answer that waits to be looked at."""
    home.mkdir()
    database = Database(home / "supportbot.db", "community")
    settings = Settings(
        community="community",
        calibration=CalibrationSettings(
            model="hashing",
            intercept=-8.0,
            slope=16.0,
            answer_threshold=0.8,
            suggest_threshold=0.4,
        ),
    )
    app = build_app(settings, home, embedder=HashingEmbedder(), clock=SetClock(NOW))
    submit(app, ASKED)
    submit(app, REPLIED)
    app.database.close()
    yield database
    database.close()


@pytest.fixture
def aside(database: Database) -> Database:
    """An event and a message that were set aside."""
    with database.writing() as tx:
        inbox.handle_again(tx, "t:1")
        inbox.set_aside(tx, "t:1", "Traceback\n  line\nValueError: by nothing\n")
        delivery.set_aside(tx, "terminal/room/main/1/reply", "no such room")
    return database


def waiting(run: Run) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = json.loads(run("review", "--json").out)["answers"]
    return answers


@pytest.mark.usefixtures("database")
def test_the_doctor_of_a_home_in_order_finds_nothing(run: Run) -> None:
    run("sync")

    ran = run("doctor")

    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert [line[:14].rstrip() for line in lines] == [
        "ok  home",
        "ok  files",
        "ok  database",
        "ok  queues",
        "ok  set aside",
        "ok  clock",
        "ok  model",
        "ok  index",
        "ok  votes",
        "ok  experts",
        "ok  question",
        "ok  platforms",
    ]


@pytest.mark.usefixtures("aside")
def test_the_doctor_shows_what_was_set_aside_and_why(run: Run) -> None:
    run("sync")

    ran = run("doctor")

    assert ran.status == 1
    assert "!!  set aside  1 event and 1 message." in ran.out
    assert (
        "\nevent    t:1 (message_posted, 2026-03-02 09:00)\n  ValueError: by nothing\n" in ran.out
    )
    assert (
        "\nmessage  terminal/room/main/1/reply (terminal, 2026-03-02 09:00, tried 0 times)\n"
        "  no such room\n"
    ) in ran.out


@pytest.mark.usefixtures("aside")
def test_the_doctors_findings_as_json_have_what_scripts_read(run: Run) -> None:
    ran = run("doctor", "--json")

    found = json.loads(ran.out)
    assert ran.status == 1
    assert list(found) == ["findings", "events", "messages", "is_fine"]
    assert found["is_fine"] is False
    assert found["findings"][4]["health"] == "wrong"
    assert found["events"][0]["event_id"] == "t:1"
    assert found["messages"][0]["attempts"] == 0


def test_what_was_set_aside_for_no_reason_is_shown_too(run: Run, aside: Database) -> None:
    with aside.writing() as tx:
        inbox.set_aside(tx, "t:1", "")

    assert "(message_posted, 2026-03-02 09:00)\n  \n" in run("doctor").out


def test_everything_that_was_set_aside_is_tried_again(run: Run, aside: Database) -> None:
    ran = run("retry", "--all")

    assert ran == Ran(0, "2 are tried again by the bot that runs, or at its next start.\n", "")
    with aside.reading() as tx:
        assert inbox.count(tx, InboxState.WAITING) == 1
        # The reply, and the offer "Did Paul's answer solve it?" behind it.
        assert outbox_counts.count(tx, OutboxState.WAITING) == 2


def test_one_thing_that_was_set_aside_is_given_up(run: Run, aside: Database) -> None:
    event = run("retry", "t:1", "--drop")
    message = run("retry", "terminal/room/main/1/reply", "--drop")

    assert event.out == message.out == "1 is given up.\n"
    with aside.reading() as tx:
        assert inbox.events_set_aside(tx) == []
        assert delivery.messages_set_aside(tx) == []


def test_nothing_is_tried_again_when_one_of_the_ids_is_wrong(run: Run, aside: Database) -> None:
    ran = run("retry", "t:1", "t:9")

    assert ran == Ran(2, "", "Nothing with the id t:9 was set aside. See: supportbot doctor\n")
    with aside.reading() as tx:
        assert len(inbox.events_set_aside(tx)) == 1


@pytest.mark.parametrize("arguments", [[], ["t:1", "--all"]], ids=["nothing", "both"])
def test_what_is_to_be_tried_again_has_to_be_said(run: Run, arguments: list[str]) -> None:
    assert run("retry", *arguments) == Ran(
        2, "", "Say which: the ids that supportbot doctor shows, or --all.\n"
    )


@pytest.mark.parametrize("name", ["terminal:Maria", "maria"])
def test_a_member_is_forgotten(run: Run, database: Database, name: str) -> None:
    ran = run("forget", name, "--yes")

    assert ran == Ran(
        0, "Forgotten: 1 question, no answers and no documents of terminal:Maria.\n", ""
    )
    with database.reading() as tx:
        assert conversations.questions_by(tx, "terminal:Maria") == ()
    again = run("forget", "terminal:Maria", "--yes")
    assert again.out == (
        "Forgotten: no questions, no answers and no documents of terminal:Maria.\n"
    )


@pytest.mark.usefixtures("database")
def test_an_expert_who_is_forgotten_still_stands_in_the_settings(run: Run) -> None:
    ran = run("forget", "terminal:Paul", "--yes")

    assert ran == Ran(
        0,
        "Forgotten: no questions, 1 answer and no documents of terminal:Paul.\n",
        "terminal:Paul still stands in the settings, as the expert Paul. Take the entry out.\n",
    )


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "left"), [("n\n", 1), ("y\n", 0)])
def test_a_person_is_asked_whether_they_are_sure(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch, typed: str, left: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(typed))

    ran = run("forget", "Maria")

    assert ran.status == left
    assert "This removes 1 question, no answers and no documents of terminal:Maria" in ran.err
    with database.reading() as tx:
        assert len(conversations.questions_by(tx, "terminal:Maria")) == left


@pytest.mark.parametrize("name", ["Nobody", ":Maria", "terminal:"])
@pytest.mark.usefixtures("database")
def test_a_member_of_whom_nothing_is_held_is_named_by_id(run: Run, name: str) -> None:
    assert run("forget", name, "--yes") == Ran(
        2,
        "",
        f"Nothing is held about {name}. Name a member by id, such as slack:U024BE7LH.\n",
    )


def test_members_of_one_name_are_told_apart_by_id(run: Run, database: Database) -> None:
    with database.writing() as tx:
        (answer,) = conversations.answers_to(tx, "terminal/room/main/1")
        twin = replace(answer, id=f"{answer.question_id}/3", author=Author("slack", "U2", "paul"))
        conversations.save_answer(tx, twin)

    assert run("export", "Paul") == Ran(
        2,
        "",
        "2 members are called Paul: slack:U2, terminal:Paul. Which one? Name one by id.\n",
    )


@pytest.mark.usefixtures("database")
def test_all_that_is_held_about_a_member_is_printed(run: Run) -> None:
    ran = run("export", "Paul")

    held = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert list(held) == [
        "member_id",
        "questions",
        "answers",
        "documents",
        "events",
        "asked_to_help_with",
        "forgotten_at",
        "asks",
        "availability",
        "shown",
        "wants_receipts",
        "also",
        "messages",
        "votes",
        "left",
        "is_outsider",
        "caused",
        "has_link_code",
        "expert",
    ]
    assert held["answers"][0]["text"] == "Widen the posting dates."
    assert held["events"][0]["event_id"] == "t:2"
    assert held["expert"] == [{"name": "Paul", "topics": ["ledger closing"], "identities": []}]


@pytest.mark.usefixtures("database")
def test_of_a_member_who_was_forgotten_only_the_moment_is_printed(run: Run) -> None:
    run("forget", "Maria", "--yes")

    held = json.loads(run("export", "terminal:Maria").out)

    assert held.pop("forgotten_at") is not None
    assert held == {
        "member_id": "terminal:Maria",
        "questions": [],
        "answers": [],
        "documents": [],
        "events": [],
        "asked_to_help_with": [],
        "asks": [],
        "availability": None,
        "shown": 0,
        "wants_receipts": True,
        "also": [],
        "messages": 0,
        "votes": [],
        "left": [],
        "is_outsider": False,
        "caused": 0,
        "has_link_code": False,
        "expert": [],
    }


@pytest.mark.usefixtures("database")
def test_answers_that_wait_are_shown_with_their_question_and_the_reason(run: Run) -> None:
    ran = run("review")

    assert ran.status == 0
    (id_,) = (answer["id"] for answer in waiting(run))
    assert ran.out == (
        f"{id_}  Paul, 2026-03-02: nobody has accepted it yet, and nobody has accepted answers by "
        "Paul so far; trusted from 3 on.\n"
        "  Q  How does the ledger closing work?\n"
        "  A  Widen the posting dates.\n"
        "  terminal:#2\n"
        "\n"
    )


@pytest.mark.usefixtures("database")
def test_answers_that_wait_as_json_have_what_scripts_read(run: Run) -> None:
    (answer,) = waiting(run)

    assert answer == {
        "id": answer["id"],
        "question": "How does the ledger closing work?",
        "answer": "Widen the posting dates.",
        "edited": "",
        "author": "Paul",
        "author_id": "terminal:Paul",
        "answered_at": "2026-03-02T09:00:00+00:00",
        "is_accepted": False,
        "standing": "waiting",
        "reason": (
            "nobody has accepted it yet, and nobody has accepted answers by Paul so far; trusted "
            "from 3 on"
        ),
        "url": "terminal:#2",
    }


def test_an_answer_that_stands_nowhere_is_shown_without_a_link(
    run: Run, database: Database
) -> None:
    with database.writing() as tx:
        (answer,) = conversations.answers_to(tx, "terminal/room/main/1")
        conversations.save_answer(tx, replace(answer, url=""))

    assert run("review").out.endswith("  A  Widen the posting dates.\n\n")


def test_when_no_answer_waits_it_is_told(run: Run) -> None:
    assert run("review") == Ran(0, "No answer waits.\n", "")


@pytest.mark.usefixtures("database")
def test_an_answer_that_is_accepted_is_shown_from_then_on(run: Run) -> None:
    (answer,) = waiting(run)

    ran = run("review", "accept", answer["id"])

    assert ran == Ran(0, "It is shown from now on.\n", "")
    assert "Widen the posting dates." in run("ask", "How does the ledger closing work?").out
    assert waiting(run) == []


@pytest.mark.usefixtures("database")
def test_an_answer_that_is_edited_is_shown_as_it_was_edited(run: Run) -> None:
    (answer,) = waiting(run)

    ran = run("review", "edit", answer["id"], "--text", "Widen them.")

    assert ran.out == "It is shown from now on.\n"
    assert "  Widen them." in run("ask", "How does the ledger closing work?").out


@pytest.mark.usefixtures("database")
def test_an_answer_is_edited_in_the_editor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.edit", lambda text: f"{text} Then save.\n")
    (answer,) = waiting(run)

    run("review", "edit", answer["id"])

    asked = run("ask", "How does the ledger closing work?")
    assert "Widen the posting dates. Then save." in asked.out


@pytest.mark.parametrize("saved", [None, "", " \n"], ids=["not saved", "empty", "blank"])
@pytest.mark.usefixtures("database")
def test_an_edit_that_says_nothing_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, saved: str | None
) -> None:
    monkeypatch.setattr("click.edit", lambda _text: saved)
    (answer,) = waiting(run)

    ran = run("review", "edit", answer["id"])

    assert ran == Ran(2, "", "Nothing was changed: the text is empty, or was not saved.\n")
    assert len(waiting(run)) == 1


@pytest.mark.usefixtures("database")
def test_an_answer_that_is_dropped_is_never_shown(run: Run) -> None:
    (answer,) = waiting(run)

    ran = run("review", "drop", answer["id"])

    assert ran == Ran(0, "It is dropped.\n", "")
    assert waiting(run) == []
    assert "Widen" not in run("ask", "How does the ledger closing work?").out


@pytest.mark.parametrize("command", ["accept", "edit", "drop", "withdraw", "restore", "correct"])
def test_an_answer_that_is_not_there_is_told(run: Run, command: str) -> None:
    assert run("review", command, "deadbeef") == Ran(
        2, "", "There is no such answer as deadbeef. See: supportbot review --all\n"
    )


@pytest.mark.usefixtures("database")
def test_what_is_knowledge_is_listed_taken_back_restored_and_corrected(run: Run) -> None:
    (answer,) = waiting(run)
    run("review", "accept", answer["id"])
    (known,) = json.loads(run("review", "--all", "--json").out)["answers"]
    assert (known["standing"], known["reason"]) == ("knowledge", "shown")

    taken = run("review", "withdraw", known["id"])
    assert taken.status == 0
    assert "Widen" not in run("ask", "How does the ledger closing work?").out
    (hidden,) = json.loads(run("review", "--all", "--json").out)["answers"]
    assert (hidden["standing"], hidden["reason"]) == ("dropped", "a maintainer took it back")

    run("review", "restore", known["id"])
    assert "Widen the posting dates." in run("ask", "How does the ledger closing work?").out

    run("review", "correct", known["id"], "--text", "Widen the dates in June.")
    assert "Widen the dates in June." in run("ask", "How does the ledger closing work?").out


@pytest.mark.usefixtures("database")
def test_an_edit_of_what_was_approved_waits_and_is_shown_once_it_is_accepted(
    run: Run, database: Database
) -> None:
    (answer,) = waiting(run)
    run("review", "accept", answer["id"])
    with database.writing() as tx:
        (kept,) = conversations.answers_to(tx, "terminal/room/main/1")
        conversations.save_answer(tx, replace(kept, proposed="Widen all dates."))

    (edited,) = waiting(run)
    assert (edited["answer"], edited["edited"]) == ("Widen the posting dates.", "Widen all dates.")
    assert "Widen all dates." not in run("ask", "How does the ledger closing work?").out
    run("review", "accept", edited["id"])

    assert waiting(run) == []
    assert "Widen all dates." in run("ask", "How does the ledger closing work?").out


def test_while_a_bot_runs_a_command_waits_until_it_has_done_it(
    run: Run, database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle(_seconds: float) -> None:
        with database.writing() as tx:
            claimed = inbox.claim(tx)
            assert claimed is not None
            inbox.mark_handled(tx, claimed[0].event_id, now=NOW)

    monkeypatch.setattr("time.sleep", handle)

    with only_one(home):
        ran = run("forget", "Maria", "--yes")

    assert ran.out == "Forgotten: 1 question, no answers and no documents of terminal:Maria.\n"


@pytest.mark.usefixtures("database")
def test_a_bot_that_is_busy_is_told(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_PATIENCE", 0.0)

    with only_one(home):
        ran = run("forget", "Maria", "--yes")

    assert ran == Ran(
        2, "", "The bot that runs here is busy; it will be done once it has caught up.\n"
    )


def test_a_second_bot_in_a_home_is_refused(run: Run, home: Path) -> None:
    home.mkdir()

    with only_one(home):
        ran = run("run")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"A supportbot runs in {home} already (process {os.getpid()}). Stop it, or set "
        "SUPPORTBOT_HOME to another folder.\n"
    )


def test_a_bot_does_not_start_on_a_damaged_database(run: Run, database: Database) -> None:
    with database.writing() as tx:
        statement = "INSERT INTO passage_words(rowid, words) VALUES (1, 'word')"
        tx.connection().exec_driver_sql(statement)
    with database.writing() as tx:
        tx.connection().exec_driver_sql("DELETE FROM passage_words_data WHERE id > 10")

    ran = run("run")

    assert ran.status == 2
    assert "is damaged" in ran.err


@pytest.mark.usefixtures("database")
def test_a_backup_is_a_database_with_everything(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"

    ran = run("backup", str(target))

    assert (ran.status, ran.out) == (0, f"{target}: 0.4 MB\n")
    with closing(Database(target, "community")) as copy, copy.reading() as tx:
        assert len(conversations.questions_by(tx, "terminal:Maria")) == 1


def test_a_backup_does_not_replace_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "diary.txt"
    target.write_text("Dear diary")

    ran = run("backup", str(target))

    assert ran == Ran(2, "", f"{target} is there already. Choose another name.\n")
    assert target.read_text() == "Dear diary"


@pytest.mark.usefixtures("database")
def test_a_backup_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    ran = run("backup", str(tmp_path / "nowhere" / "backup.db"))

    assert ran.status == 2
    assert "cannot be opened. Check that the folder exists and can be written." in ran.err


def test_who_knows_about_a_topic_is_told_with_the_reason(run: Run, folder: Path) -> None:
    run("import", "slack-export", str(slack_export(folder)))

    by_topic = run("experts", "posting dates")
    anybody = run("experts", "--json")

    assert (by_topic.status, by_topic.out) == (
        0,
        "U2  answered 1 question on this, last on 2 March 2026\n",
    )
    told = json.loads(anybody.out)
    assert told["topic"] == ""
    assert told["experts"] == [
        {
            "name": "U2",
            "member_ids": ["slack:U2"],
            "answers": 1,
            "accepted": 0,
            "last_answered_at": "2026-03-02T09:01:00.000200+00:00",
            "says": [],
            "reason": "answered 1 question, last on 2 March 2026",
        },
        {
            "name": "Paul",
            "member_ids": ["terminal:Paul"],
            "answers": 0,
            "accepted": 0,
            "last_answered_at": None,
            "says": ["ledger closing"],
            "reason": "says: ledger closing",
        },
    ]


def test_what_an_expert_says_they_know_counts(run: Run) -> None:
    assert run("experts", "the ledger").out == "Paul  says: ledger closing\n"


@pytest.mark.usefixtures("database")
def test_what_people_say_themselves_counts_too(run: Run, database: Database) -> None:
    donna = Author("terminal", "Donna", "Donna")
    with database.writing() as tx:
        for author, topics in ((donna, ("printing",)), (PAUL, ("printing invoices",))):
            profile = Profile(author, Availability(topics=topics))
            profiles.save(tx, profile, now=NOW)

    ran = run("experts", "printing")

    assert ran.out.splitlines() == [
        "Donna  says: printing",
        "Paul  says: ledger closing and printing invoices",
    ]


@pytest.mark.usefixtures("database")
def test_a_name_stays_in_its_line(run: Run, database: Database) -> None:
    author = Author("terminal", "X", "X\nPaul  says: everything\x1b[2J")
    with database.writing() as tx:
        profile = Profile(author, Availability(topics=("printing",)))
        profiles.save(tx, profile, now=NOW)

    out = run("experts", "printing").out

    assert len(out.splitlines()) == 1
    assert "\x1b" not in out


def test_where_nobody_knows_it_is_said(run: Run, folder: Path) -> None:
    unknown = run("experts", "kubernetes")
    (folder / "supportbot.toml").write_text(_SETTINGS.partition("[[experts]]")[0])
    nobody = run("experts")

    assert unknown == Ran(
        0, "Nobody has answered a question with these words. Try fewer, or others.\n", ""
    )
    assert nobody.out == "Nobody has answered anything yet. supportbot import brings history in.\n"


def test_a_topic_that_tells_nothing_is_refused(run: Run) -> None:
    ran = run("experts", "how do I")

    assert ran == Ran(2, "", "I can't tell what that topic is about. Name a thing, or an error.\n")


def test_a_digest_says_what_was_asked_and_answered(run: Run, folder: Path) -> None:
    run("import", "slack-export", str(slack_export(folder)))

    read = run("digest", "--since", "2026-03-02")
    found = json.loads(run("digest", "--since", "2026-03-02", "--json").out)

    lines = read.out.splitlines()
    assert read.status == 0
    assert lines[0].startswith("2 March 2026, 00:00 to ")
    assert lines[2:] == [
        "1 question asked: 1 answered by people, 0 still open.",
        (
            "First answer by a person: half within 60 seconds, nine in ten within 60 seconds (of "
            "the 1 that have one; 0 without)."
        ),
        "",
        "Who answered",
        "  U2: 1 question",
    ]
    assert found.pop("until")
    assert found == {
        "since": "2026-03-02T00:00:00+00:00",
        "asked": 1,
        "answered_by_people": 1,
        "answered_by_match": 0,
        "confirmed": 0,
        "closed": 0,
        "open": [],
        "helpers": [{"member_id": "slack:U2", "name": "U2", "answers": 1}],
        "first_answer_seconds": {"median": 60.0001, "p90": 60.0001},
        "sole_topics": [],
    }


@pytest.mark.usefixtures("database")
def test_a_digest_goes_back_as_far_as_it_is_told(run: Run) -> None:
    far = run("digest", "--since", "2020-01-01").out
    lately = run("digest", "--since", "1h").out

    assert "1 question asked: 1 answered by people, 0 still open." in far
    assert lately.splitlines()[-1] == "Nobody asked anything."


@pytest.mark.parametrize("since", ["", "7", "7m", "7 days", "2026-13-01", "999999w", "d"])
def test_a_time_that_cannot_be_read_is_refused(run: Run, since: str) -> None:
    ran = run("digest", "--since", since)

    assert ran == Ran(
        2, "", f"'{since}' is no time. Say 12h, 7d, 4w, or a date such as 2026-11-01.\n"
    )


@pytest.mark.parametrize("since", ["0d", "9999-01-01"])
def test_a_digest_looks_back(run: Run, since: str) -> None:
    ran = run("digest", "--since", since)

    assert ran.status == 2
    assert ran.err.startswith(f"'{since}' is not in the past.")


@pytest.mark.usefixtures("database")
def test_the_weekly_note_to_a_member_is_turned_off_and_on(run: Run) -> None:
    off = run("receipts", "Paul", "off")
    held = json.loads(run("export", "Paul").out)
    on = run("receipts", "terminal:Paul", "on")

    assert off == Ran(0, "terminal:Paul does not hear whom their answers helped.\n", "")
    assert held["wants_receipts"] is False
    assert on == Ran(0, "terminal:Paul hears whom their answers helped.\n", "")
    assert json.loads(run("export", "Paul").out)["wants_receipts"] is True


@pytest.mark.usefixtures("database")
def test_a_note_to_nobody_who_is_known_is_not_turned_off(run: Run) -> None:
    ran = run("receipts", "Nora", "off")

    assert ran == Ran(
        2, "", "Nobody is known who is called Nora. Name one by id, such as slack:U024BE7LH.\n"
    )


def test_tuning_with_too_few_questions_says_how_many_there_are(run: Run, home: Path) -> None:
    ran = run("model", "tune")

    assert ran.status == 2
    assert "Tuning needs 200 open questions" in ran.err
    assert "and there are 0" in ran.err
    assert not (home / "models").exists()


def test_splits_are_for_packs(run: Run) -> None:
    ran = run("model", "tune", "--split", "train")

    assert ran.status == 2
    assert ran.err == "--split and --judge are for packs: name one with --pack.\n"


def test_a_pack_with_too_few_questions_is_not_tuned_on(run: Run, pack: Path) -> None:
    ran = run("model", "tune", "--pack", str(pack), "--split", "dev")

    assert ran.status == 2
    assert "and there are 1" in ran.err


def test_where_nothing_was_tuned_the_model_of_the_settings_is_listed(run: Run) -> None:
    ran = run("model", "list")

    assert ran.out.startswith("* ")
    assert ran.out.endswith("of the settings\n")


def test_what_was_tuned_is_listed_with_its_figures(run: Run, home: Path) -> None:
    _tuned(home)

    ran = run("model", "list")

    assert ran.out.splitlines()[1] == (
        "* small-1  2026-03-02, community: MRR@10 0.500 before, 0.550 after: +0.050 "
        "(+0.010 to +0.090) on 30 later questions, only suggests"
    )
    assert json.loads(run("model", "list", "--json").out)["serving"] == "small-1"


def test_rolling_back_says_what_serves_then(run: Run, home: Path) -> None:
    _tuned(home)

    ran = run("model", "rollback")

    assert ran.out == (
        "small-1 serves no more: from the next start of the bot, or supportbot sync, on it is the "
        "model of the settings. What was learned meanwhile is embedded then.\n"
    )
    assert run("model", "rollback").status == 2


def _tuned(home: Path) -> None:
    """Have a tuned model that serves."""
    name = "small-1"
    record = tuned_record(
        name,
        base="small",
        base_sha256="",
        sha256="",
        calibration=Calibration(name, -5.0, 10.0, 1.0, 0.33),
        kept_precision=None,
        kept_answers=0,
    )
    tuned.keep(home, record)
    tuned.serve(home, name)
