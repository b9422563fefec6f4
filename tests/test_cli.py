import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supportbot import app as app_module
from supportbot import cli as cli_module
from supportbot import demo as demo_module
from supportbot.cli import main
from supportbot.store.database import Database
from supportbot.testing import HashingEmbedder

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
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            opened.append(self)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["supportbot", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        status = end.value.code or 0
        assert isinstance(status, int)
        return Ran(status, printed.out, printed.err)

    monkeypatch.setattr(app_module, "Database", Noted)
    monkeypatch.setattr(app_module, "build_embedder", lambda _settings: HashingEmbedder())
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
    assert "This was answered before" in ran.out
    assert "Open the invoice and choose Post." in ran.out
    assert "  -- Donna, 2026-01-15, https://example.org/posting.md" in ran.out


def test_the_first_question_syncs_the_knowledge_and_the_next_does_not(run: Run) -> None:
    first = run("ask", "How do I post an invoice?")
    second = run("ask", "How do I post an invoice?")

    assert first.err == (
        "First sync of the knowledge: 1 documents (1 new, 0 changed, 0 removed), 2 passages, "
        "2 of them embedded now.\n"
    )
    assert second.err == ""


def test_a_question_that_nobody_answered_names_whom_to_ask(run: Run) -> None:
    ran = run("ask", "When is the ledger closing?")

    assert "I don't know this one." in ran.out
    assert ran.out.endswith("I would ask:\n  Paul, who knows about ledger closing\n")


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
    assert answer["experts"] == [{"name": "Paul", "reason": "knows about ledger closing"}]


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
                "The question has 100,000 letters, and 10,000 is the most. Ask what matters, "
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
        "1 documents (1 new, 0 changed, 0 removed), 2 passages, 2 of them embedded now.\n",
        "",
    )


def test_a_sync_tells_that_files_have_remarks(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("Words without front matter.")

    ran = run("sync")

    assert ran.status == 0
    assert ran.err == "1 remarks about the files: supportbot knowledge check lists them.\n"


def test_a_sync_as_json_has_the_counts_and_the_remarks(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("Words without front matter.")

    ran = run("sync", "--json")

    assert json.loads(ran.out) == {
        "added": 2,
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "passages": 3,
        "embedded": 3,
        "problems": [
            (
                "plain.md:1: has no front matter. Start the file with ---, title, topics, "
                "owner, reviewed, and --- again."
            )
        ],
    }


def test_the_settings_may_be_elsewhere(run: Run, folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (folder / "supportbot.toml").rename(elsewhere / "ours.toml")
    (folder / "knowledge").rename(elsewhere / "knowledge")

    ran = run("sync", "--settings", str(elsewhere / "ours.toml"))

    assert ran.out.startswith("1 documents (1 new")


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
    assert run("knowledge", "check") == Ran(0, "", "Everything is in order.\n")


def test_each_problem_of_a_document_is_a_line_with_file_and_number(run: Run, folder: Path) -> None:
    (folder / "knowledge" / "plain.md").write_text("Words without front matter.")

    ran = run("knowledge", "check", "knowledge")

    assert ran.status == 1
    assert ran.out == (
        "knowledge/plain.md:1: has no front matter. Start the file with ---, title, topics, "
        "owner, reviewed, and --- again.\n"
    )
    assert ran.err == "1 problems.\n"


def test_the_check_leaves_the_bots_own_knowledge_alone(run: Run, home: Path) -> None:
    run("knowledge", "check")

    assert not (home / "supportbot.db").exists()
    assert (home / "cache" / "knowledge-check.db").exists()


def test_matching_is_measured(run: Run, pack: Path) -> None:
    ran = run("evaluate", "matching", str(pack))

    assert ran.status == 0
    assert ran.out.startswith("tiny, split dev, over the corpus\n")
    assert "queries  1\n" in ran.out


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

    assert ran == Ran(2, "", "--over is 'everything'. It can be: candidates, corpus.\n")


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


def test_an_import_of_what_is_no_pack_is_told(run: Run, folder: Path) -> None:
    ran = run("import", "beir", str(folder))

    assert (ran.status, ran.out) == (2, "")
    assert "has no corpus.jsonl or corpus.jsonl.gz" in ran.err


def test_the_bot_serves_until_the_input_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    screen = io.StringIO()
    typed = io.StringIO("Maria: How do I post an invoice?\n")
    build = app_module.build_adapters

    def with_streams(*arguments: Any) -> Any:
        return build(*arguments, stdin=typed, stdout=screen)

    monkeypatch.setattr(app_module, "build_adapters", with_streams)

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
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_module, "cli", interrupt)

    assert run("sync") == Ran(130, "", "Stopped. What was done is kept.\n")


def test_our_own_mistake_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
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
        (["import", "beir"], "Example: supportbot import beir packs/cqa"),
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
