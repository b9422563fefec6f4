import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.evaluation.knowledge import check_knowledge
from supportbot.knowledge.search import Search, untold
from supportbot.ports import Vectors
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder

LONG = "Open the transaction for periods, choose the company, and enter the month that is closed."


class CountingEmbedder(HashingEmbedder):
    """Counts the texts of documents that it embeds."""

    texts = 0

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed them, and count."""
        self.texts += len(texts)
        return super().embed_documents(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    return knowledge


def write(path: Path, body: str, *, title: str = "", more: str = "") -> Path:
    """Write a good document, whose body starts in line 8 plus the lines of `more`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    front_matter = f"title: {title or path.stem}\ntopics: [a]\nowner: O\nreviewed: 2026-03-02\n"
    path.write_text(f"---\n{front_matter}{more}---\n\n{body}\n", encoding="utf-8")
    return path


def check(*paths: Path) -> list[str]:
    """Check paths; gives what is wrong, as one line each."""
    with closing(Search(Database(Path("check.db"), "evaluation"), HashingEmbedder())) as search:
        problems = check_knowledge(paths, search, lambda _done, _total: None)
        return [str(problem) for problem in problems]


def test_a_folder_in_order_has_no_problems(folder: Path) -> None:
    write(
        folder / "post.md",
        "# Post an invoice\n\nUse the button, see [taxes](more/taxes.md#rates-1) and [below](#end)."
        "\n\n## End\n\nThat is all. [A site](https://example.org/gone), "
        "[mail](mailto:a@b.example), [root](/gone.md), ![picture](post.png).",
        more="asked_as: [How do I post an invoice]\nshould_find: [post an invoice]\n",
    )
    write(folder / "more" / "taxes.md", "## Rates\n\nOld.\n\n## Rates\n\nNew. [Up](../post.md)")
    (folder / "post.png").touch()

    assert check(folder) == []


def test_an_empty_folder_has_no_problems(folder: Path) -> None:
    assert check(folder) == []


def test_what_the_files_themselves_say_is_told_with_the_whole_path(folder: Path) -> None:
    (folder / "post.md").write_text("---\ntitle: a\n\nUse the button.", encoding="utf-8")

    assert check(folder) == [
        f"{folder}/post.md:1: has front matter that nothing closes. Close it with ---."
    ]


def test_a_file_that_is_not_taken_is_told_once(folder: Path) -> None:
    (folder / "post.md").write_bytes(b"\x00\xff")

    assert check(folder) == [
        f"{folder}/post.md:1: is not text. Save it as UTF-8, or take it out of the folder."
    ]


def test_a_key_that_is_nearly_one_of_ours_is_told_where_it_stands(folder: Path) -> None:
    write(folder / "post.md", "Text.", more="should-find: [a]\n")

    assert check(folder) == [
        (
            f"{folder}/post.md:6: has the key 'should-find', which means nothing here. "
            "Did you mean 'should_find'?"
        )
    ]


def test_a_key_of_another_tool_is_told_once_however_many_files_have_it(folder: Path) -> None:
    for number in range(9):
        write(folder / f"{number}.md", f"Text {number}.", more="ms.date: 1\nreviewer: a\n")

    assert check(folder) == [
        f"{folder}/0.md:6: has the key 'ms.date', which is not read (in 9 files).",
        f"{folder}/0.md:7: has the key 'reviewer', which is not read (in 9 files).",
    ]


def test_what_matters_comes_first(folder: Path) -> None:
    (folder / "a.md").write_bytes("---\nlayout: x\nreviewed: soon\n---\nGrüße".encode("cp1252"))
    write(folder / "b.md", "Text. [Gone](gone.md)")
    (folder / "c.rst").touch()

    with closing(Search(Database(Path("check.db"), "evaluation"), HashingEmbedder())) as search:
        problems = list(check_knowledge([folder], search, lambda _done, _total: None))

    assert [(problem.path.name, problem.matters) for problem in problems] == [
        ("b.md", True),
        ("a.md", False),
        ("a.md", False),
        ("a.md", False),
        ("knowledge", False),
    ]


def test_a_required_key_that_is_missing_matters(folder: Path) -> None:
    (folder / "a.md").write_text("Text.")

    with closing(Search(Database(Path("check.db"), "evaluation"), HashingEmbedder())) as search:
        (problem,) = check_knowledge([folder], search, untold, required=["owner"])

    assert problem.matters
    assert problem.message == "lacks the front matter key 'owner'."


def test_without_questions_that_should_find_something_nothing_is_embedded(folder: Path) -> None:
    write(folder / "a.md", LONG)
    embedder = CountingEmbedder()

    with closing(Search(Database(Path("check.db"), "evaluation"), embedder)) as search:
        list(check_knowledge([folder], search, untold))

    assert embedder.texts == 0


def test_a_text_is_embedded_once(folder: Path) -> None:
    write(folder / "a.md", LONG, more="should_find: [the month]\n")
    embedder = CountingEmbedder()

    with closing(Search(Database(Path("check.db"), "evaluation"), embedder)) as search:
        list(check_knowledge([folder], search, untold))

    assert embedder.texts == 1


def test_a_comment_is_not_checked_and_not_told(folder: Path) -> None:
    write(folder / "a.md", f"{LONG}\n\n<!-- [Gone](gone.md)\n\n# Secret -->\n\n[b](b.md#x)")
    write(folder / "b.md", "# B\n\n<!-- # Secret -->\n\nText.")

    assert check(folder) == [
        f"{folder}/a.md:14: links to the heading #x, which b.md does not have. Headings there: b."
    ]


@pytest.mark.parametrize("target", ["#end", "#End", "#begin", "#the-end", "#part-2"])
def test_a_link_leads_to_ids_of_other_tools_too(folder: Path, target: str) -> None:
    write(
        folder / "a.md",
        f'Text <a id="end"></a> [Link]({target})\n\n## Start {{#begin}}\n\nText.\n\n'
        "## 🚀 The end\n\nText.\n\n<h3 name='part-2'>Part</h3>\n",
    )

    assert check(folder) == []


def test_a_link_may_leave_out_the_ending_of_a_file(folder: Path) -> None:
    write(folder / "a.md", "Text. [B](b) [B](./b#part)")
    write(folder / "b.md", "## Part\n\nMore.")

    assert check(folder) == []


def test_a_broken_link_of_a_file_that_others_take_in_is_told_there(folder: Path) -> None:
    write(folder / "a.md", "Text [!INCLUDE [x](tip.md)]")
    write(folder / "b.md", "More [!INCLUDE [x](tip.md)]")
    (folder / "tip.md").write_text("See [gone](gone.md).")

    assert check(folder) == [
        f"{folder}/tip.md:1: links to gone.md, which does not exist. Fix the link, or delete it."
    ]


@pytest.mark.parametrize(
    ("body", "line", "target"),
    [
        ("[Taxes](taxes.md)", 8, "taxes.md"),
        ("Text.\n\n- a\n- [Taxes](more/taxes.md#rates)", 11, "more/taxes.md#rates"),
        ("![Picture](post.png)", 8, "post.png"),
        ("| a |\n|---|\n| [Taxes](taxes.md) |", 10, "taxes.md"),
        ("[Taxes][1]\n\n[1]: taxes.md", 8, "taxes.md"),
        ("[Taxes](old%20taxes.md)", 8, "old%20taxes.md"),
        ("[Taxes](a%00b.md)", 8, "a%00b.md"),
        (f"[Taxes]({'a' * 300}.md)", 8, "a" * 300 + ".md"),
    ],
)
def test_a_link_to_what_does_not_exist_is_told(
    folder: Path, body: str, line: int, target: str
) -> None:
    write(folder / "post.md", body)

    assert check(folder) == [
        (
            f"{folder}/post.md:{line}: links to {target}, which does not exist. "
            "Fix the link, or delete it."
        )
    ]


def test_a_link_to_a_file_with_a_space_in_its_name_is_followed(folder: Path) -> None:
    write(folder / "old taxes.md", "# Rates\n\nOld.")
    write(folder / "post.md", "[Taxes](old%20taxes.md#rates)")

    assert check(folder) == []


def test_a_link_in_a_code_block_is_code(folder: Path) -> None:
    write(folder / "post.md", "```\n[Taxes](taxes.md)\n```\n\nand `[Taxes](taxes.md)`")

    assert check(folder) == []


def test_a_link_to_a_heading_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    write(folder / "post.md", "Text.\n\n[Taxes](taxes.md#rate)")
    write(folder / "taxes.md", "# Taxes\n\n## Rates\n\nText.")

    assert check(folder) == [
        (
            f"{folder}/post.md:10: links to the heading #rate, which taxes.md does not have. "
            "Headings there: rates, taxes."
        )
    ]


def test_a_link_to_a_heading_of_the_document_itself_is_followed_too(folder: Path) -> None:
    write(folder / "post.md", "No headings. [End](#end)")

    assert check(folder) == [
        (
            f"{folder}/post.md:8: links to the heading #end, which post.md does not have. "
            "Headings there: none."
        )
    ]


def test_a_fragment_of_a_file_that_is_no_document_is_left_alone(folder: Path) -> None:
    (folder / "list.csv").touch()
    write(folder / "post.md", "[List](list.csv#row=5)")

    assert check(folder) == []


def test_a_question_that_two_documents_answer_is_told(folder: Path) -> None:
    write(folder / "a.md", "One.", more="asked_as: ['How do I post  an invoice?']\n")
    write(folder / "b.md", "Two.", more="asked_as:\n  - HOW do I post an invoice\n")

    assert check(folder) == [
        (
            f"{folder}/b.md:6: has 'how do i post an invoice' in asked_as, and so has a.md. "
            "Keep it in the document that answers it."
        )
    ]


def test_a_question_that_a_document_answers_twice_is_told(folder: Path) -> None:
    write(folder / "a.md", "One.", more="asked_as: [Why not, Why not.]\n")

    assert check(folder) == [
        (
            f"{folder}/a.md:6: has 'why not' in asked_as, and so has a.md. "
            "Keep it in the document that answers it."
        )
    ]


def test_passages_that_say_nearly_the_same_are_told(folder: Path) -> None:
    write(folder / "a.md", f"# Periods\n\n{LONG}")
    write(folder / "b.md", f"Before.\n\n# Months\n\n{LONG}")

    assert check(folder) == [
        f"{folder}/b.md:12: says nearly the same as a.md:10. Keep one of them, and link to it."
    ]


def test_a_document_that_repeats_itself_is_told(folder: Path) -> None:
    write(folder / "a.md", f"# Periods\n\n{LONG}\n\n# Months\n\n{LONG}")

    assert check(folder) == [
        f"{folder}/a.md:14: says nearly the same as a.md:10. Keep one of them, and link to it."
    ]


def test_many_passages_that_say_the_same_are_told_together(folder: Path) -> None:
    for number in range(6):
        write(folder / f"{number}.md", LONG)

    assert check(folder) == [
        (
            f"{folder}/5.md:8: says nearly the same as 0.md:8, 1.md:8, 2.md:8, and 2 more. "
            "Keep one of them, and link to it."
        )
    ]


def test_what_two_documents_take_in_is_no_duplicate(folder: Path) -> None:
    write(folder / "a.md", "[!INCLUDE [x](tip.md)]")
    write(folder / "b.md", "[!INCLUDE [x](tip.md)]")
    (folder / "tip.md").write_text(LONG)

    assert check(folder) == []


def test_short_passages_may_be_alike(folder: Path) -> None:
    write(folder / "a.md", "Use the button Post.")
    write(folder / "b.md", "Use the button Post.")

    assert check(folder) == []


def test_a_document_that_is_not_found_by_its_question_is_told(folder: Path) -> None:
    write(folder / "a.md", "invoice posting one", title="Invoice posting A")
    write(folder / "b.md", "invoice posting two", title="Invoice posting B")
    write(folder / "c.md", "invoice posting three", title="Invoice posting C")
    write(folder / "d.md", "The lunch menu.", more="should_find: [lunch, invoice posting]\n")

    (problem,) = check(folder)

    assert problem.startswith(
        f"{folder}/d.md:6: is not found by 'invoice posting', which finds: Invoice posting "
    )
    assert problem.endswith(
        ". Add a question like it to asked_as, or say in the text what it asks for."
    )


def test_of_a_single_file_only_its_own_problems_are_told(folder: Path) -> None:
    write(folder / "a.md", f"{LONG} [Gone](gone.md)")
    write(folder / "b.md", f"{LONG} [Gone](away.md)")

    assert check(folder / "b.md") == [
        f"{folder}/b.md:8: links to away.md, which does not exist. Fix the link, or delete it.",
        f"{folder}/b.md:8: says nearly the same as a.md:8. Keep one of them, and link to it.",
    ]


def test_several_files_of_a_folder_are_checked_together(folder: Path) -> None:
    first = write(folder / "a.md", "[Gone](one.md)")
    second = write(folder / "b.md", "[Gone](two.md)")
    write(folder / "c.md", "[Gone](three.md)")

    assert check(first, second) == [
        f"{folder}/a.md:8: links to one.md, which does not exist. Fix the link, or delete it.",
        f"{folder}/b.md:8: links to two.md, which does not exist. Fix the link, or delete it.",
    ]


@pytest.mark.parametrize("order", [(".", "a.md"), ("a.md", ".")])
def test_a_file_beside_its_whole_folder_adds_nothing(folder: Path, order: tuple[str, str]) -> None:
    write(folder / "a.md", "[Gone](one.md)")
    write(folder / "b.md", "[Gone](two.md)")

    assert len(check(*(folder / name for name in order))) == 2


def test_folders_are_checked_one_by_one(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md", LONG)
    write(tmp_path / "other" / "a.md", LONG, more="should_find: [transaction for periods]\n")

    assert check(folder, tmp_path / "other") == []


def test_a_path_that_does_not_exist_is_refused(folder: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        check(folder, folder / "gone.md")

    assert str(refusal.value) == f"There is no file or folder {folder}/gone.md."


def test_it_tells_how_far_the_embedding_is(folder: Path) -> None:
    write(folder / "a.md", "Use the button.", more="should_find: [the button]\n")
    told: list[tuple[int, int]] = []

    with closing(Search(Database(Path("check.db"), "evaluation"), HashingEmbedder())) as search:
        list(check_knowledge([folder], search, lambda done, total: told.append((done, total))))

    assert told == [(1, 1)]


def test_what_is_no_file_is_not_called_in_order(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    with pytest.raises(SupportbotError, match="pipe is not an ordinary file"):
        check(folder / "pipe")
