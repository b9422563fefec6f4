import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.knowledge.documents import Document
from supportbot.errors import SupportbotError
from supportbot.knowledge.markdown import (
    LARGEST,
    KnowledgeFile,
    Problem,
    documents_passed_over,
    documents_put_aside,
    read_folder,
)
from tests.growth import grows_linearly

GOOD = """\
---
title: Post an invoice
topics: [invoices, accounting]
owner: Finance team
reviewed: 2026-03-02
asked_as:
  - How do I post an invoice?
  - Where is the button Post?
should_find:
  - posting invoices
---

# Post an invoice

Use the button Post.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    return knowledge


def read(folder: Path, content: str | bytes) -> KnowledgeFile:
    data = content.encode() if isinstance(content, str) else content
    (folder / "post.md").write_bytes(data)
    (file,) = read_folder(folder)
    return file


def problems_of(folder: Path, content: str | bytes) -> list[str]:
    return [str(problem) for problem in read(folder, content).problems]


def test_a_good_file_becomes_a_document(folder: Path) -> None:
    (folder / "post.md").write_text(GOOD, encoding="utf-8")

    (file,) = read_folder(folder, base_url="https://docs.example/")

    assert file.problems == ()
    assert file.document == Document(
        source="best_practices",
        key="post.md",
        title="Post an invoice",
        body="# Post an invoice\n\nUse the button Post.",
        asked=("How do I post an invoice?", "Where is the button Post?"),
        topics=("invoices", "accounting"),
        author="Finance team",
        said_at=datetime(2026, 3, 2, tzinfo=UTC),
        url="https://docs.example/post.md",
        is_markdown=True,
    )


def test_the_lines_of_a_file_are_known(folder: Path) -> None:
    file = read(folder, GOOD)

    assert file.lines[0] == 13
    assert file.line_of("title") == 2
    assert file.line_of("asked_as") == 6
    assert file.line_of("should_find") == 9
    assert file.line_of("nothing") == 1


def test_the_questions_that_should_find_a_file_are_kept_beside_the_document(folder: Path) -> None:
    assert read(folder, GOOD).should_find == ("posting invoices",)


def test_files_are_read_in_the_order_of_their_paths_in_folders_below_too(folder: Path) -> None:
    (folder / "b").mkdir()
    (folder / "b" / "Z.MD").write_text(GOOD, encoding="utf-8")
    (folder / "c.md").write_text(GOOD, encoding="utf-8")
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    (folder / "notes.txt").write_text("not Markdown", encoding="utf-8")

    files = list(read_folder(folder))

    assert [file.path.as_posix() for file in files] == ["a.md", "b/Z.MD", "c.md"]


def test_a_folder_whose_name_looks_like_a_file_is_a_folder(folder: Path) -> None:
    (folder / "old.md").mkdir()
    (folder / "old.md" / "a.md").write_text(GOOD, encoding="utf-8")

    (file,) = read_folder(folder)

    assert file.path == Path("old.md/a.md")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"There is no folder .*nowhere"):
        list(read_folder(tmp_path / "nowhere"))


def test_no_key_has_to_be_there(folder: Path) -> None:
    assert problems_of(folder, "Use the button.") == []
    assert problems_of(folder, "---\nms.date: 03/02/2026\n---\nText") == []


def test_a_required_key_that_is_missing_is_told(folder: Path) -> None:
    (folder / "post.md").write_text("---\ntitle: Post\nsidebar: 1\n---\nText", encoding="utf-8")

    (file,) = read_folder(folder, required=("title", "owner", "sidebar"))

    assert [str(problem) for problem in file.problems] == [
        "post.md:1: lacks the front matter key 'owner'. Add `owner: …`."
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("title: Post an invoice", "title: [a]", 2),
        ("topics: [invoices, accounting]", "topics: {a: b}", 3),
        ("owner: Finance team", "owner: {name: a}", 4),
        ("reviewed: 2026-03-02", "reviewed: soon", 5),
        ("reviewed: 2026-03-02", "reviewed: 11/22/2026", 5),
        ("reviewed: 2026-03-02", "reviewed: 2026", 5),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_line_and_does_not_matter(
    folder: Path, right: str, wrong: str, line: int
) -> None:
    (problem,) = read(folder, GOOD.replace(right, wrong)).problems

    assert problem.line == line
    assert f"'{right.partition(':')[0]}'" in problem.message
    assert not problem.matters


@pytest.mark.parametrize(
    ("front_matter", "title", "author", "topics"),
    [
        ("title: 2024", "2024", "", ()),
        ("owner: [Ines, Bruno]", "post", "Ines, Bruno", ()),
        ("owner:", "post", "", ()),
        ("topics: posting", "post", "", ("posting",)),
        ("topics: [posting, 7]", "post", "", ("posting", "7")),
        ("title: 'How to: fix it'", "How to: fix it", "", ()),
        ("title: How to: fix it\nowner: Ines", "How to: fix it", "Ines", ()),
    ],
)
def test_what_can_be_read_is_read(
    folder: Path, front_matter: str, title: str, author: str, topics: tuple[str, ...]
) -> None:
    document = read(folder, f"---\n{front_matter}\n---\nText").document

    assert document is not None
    assert (document.title, document.author, document.topics) == (title, author, topics)


@pytest.mark.parametrize(
    "day", ["2026-03-02", "'2026-03-02'", "2026-03-02 09:30:00", "2026-03-02T09:30:00Z"]
)
def test_the_day_of_review_may_be_written_in_several_ways(folder: Path, day: str) -> None:
    document = read(folder, GOOD.replace("2026-03-02", day)).document

    assert document is not None
    assert document.said_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_front_matter_may_be_toml(folder: Path) -> None:
    front_matter = 'title = "Reopen"\nreviewed = 2026-03-02\ntopics = ["period"]\n[extra]\na = 1'

    file = read(folder, f"+++\n{front_matter}\n+++\n\nPress Reopen.")

    assert file.problems == ()
    assert file.line_of("topics") == 4
    assert file.document is not None
    assert file.document.title == "Reopen"
    assert file.document.topics == ("period",)
    assert file.document.said_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert file.document.body == "Press Reopen."


def test_broken_toml_is_told_with_its_line(folder: Path) -> None:
    (message,) = problems_of(folder, '+++\ntitle = "a"\nowner = \n+++\nText')

    assert message == "post.md:3: has broken front matter: Invalid value. Fix the TOML."


def test_front_matter_may_come_after_blank_lines(folder: Path) -> None:
    file = read(folder, "\n\n---\ntitle: Post\n---\nText")

    assert file.document is not None
    assert (file.document.title, file.document.body) == ("Post", "Text")
    assert file.line_of("title") == 4


def test_a_rule_at_the_start_is_text(folder: Path) -> None:
    file = read(folder, "---\n\nA rule.\n\n---\n\nMore.")

    assert file.document is not None
    assert file.document.body == "---\n\nA rule.\n\n---\n\nMore."


def test_one_question_may_be_written_without_a_list(folder: Path) -> None:
    file = read(folder, "---\nasked_as: Why?\n---\nText")

    assert file.document is not None
    assert file.document.asked == ("Why?",)


def test_a_file_without_front_matter_is_taken(folder: Path) -> None:
    file = read(folder, "# Post an invoice\n\nUse the button.")

    assert file.document == Document(
        source="best_practices",
        key="post.md",
        title="Post an invoice",
        body="# Post an invoice\n\nUse the button.",
        url="post.md",
        is_markdown=True,
    )
    assert file.problems == ()


def test_a_comment_is_no_part_of_a_document_nor_of_its_title(folder: Path) -> None:
    front_matter = "---\ntitle: Post %% 4711 %%\nasked_as: ['Why? <!-- 4711 -->']\n---\n"
    file = read(folder, front_matter + "Press Post. <!-- the code is 4711 -->\n\n%%\n4711\n%%\n")

    assert file.document is not None
    assert file.document.title == "Post"
    assert file.document.asked == ("Why?",)
    assert file.document.body == "Press Post."


def test_a_comment_that_nothing_closes_hides_the_rest_and_is_told(folder: Path) -> None:
    file = read(folder, GOOD + "\n<!-- the code is 4711\n\nMore text.\n")

    assert file.document is not None
    assert file.document.body == "# Post an invoice\n\nUse the button Post."
    assert [str(problem) for problem in file.problems] == [
        (
            "post.md:17: opens a comment that nothing closes, so the rest of the file is not read. "
            "Close it, or put a backslash before it."
        )
    ]


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# Post it\n\nText", "Post it"),
        ("Post it\n=======\n\nText\n\nPart\n----\n\nText", "Post it"),
        ("Post it\n---\n\nText", "Post it"),
        ("# **Post** `it` [now](x.md) {#post}", "Post it now"),
        ("![Logo](x.png) [a](b.md)\n\n# Post it\n\nText", "Post it"),
        ("Text\n\n# Post it\n\nText", "Post it"),
        ("<h1>Post it</h1>\n\nText", "Post it"),
        ("#posting #month-end\n\nText", "post"),
        ("Run this:\n\n```bash\n# install it first\n```\n\nText", "post"),
        ("    # install it first\n\nText", "post"),
        ("Text\n\n## Settings\n\nText", "post"),
        ("<!-- # Secret -->\n\nText", "post"),
        ("> # Quoted\n\nText", "post"),
    ],
)
def test_a_title_is_the_first_heading_or_the_name_of_the_file(
    folder: Path, body: str, title: str
) -> None:
    document = read(folder, body).document

    assert document is not None
    assert document.title == title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("posting/README.md", "posting"),
        ("posting/index.md", "posting"),
        ("posting/_index.md", "posting"),
        ("posting/Index.mdx", "posting"),
        ("README.md", "knowledge"),
        ("posting/post.md", "post"),
    ],
)
def test_a_readme_is_called_like_its_folder(folder: Path, path: str, title: str) -> None:
    (folder / "posting").mkdir()
    (folder / path).write_text("Post it with F9.\n\n## Undo\n\nUse a credit memo.")

    (file,) = read_folder(folder)

    assert file.document is not None
    assert file.document.title == title


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("Close a period.md", "Close%20a%20period.md"),
        ("C#/50% off?.md", "C%23/50%25%20off%3F.md"),
        ("Grüße (2).md", "Gr%C3%BC%C3%9Fe%20%282%29.md"),
    ],
)
def test_a_link_leads_to_the_file_whatever_its_name(folder: Path, path: str, url: str) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text("Text")

    (file,) = read_folder(folder, base_url="https://docs.example/k/")

    assert file.document is not None
    assert file.document.url == f"https://docs.example/k/{url}"
    assert file.document.key == path


def test_without_title_and_heading_a_document_is_called_like_its_file(folder: Path) -> None:
    file = read(folder, "Use the button.")

    assert file.document is not None
    assert file.document.title == "post"


def test_front_matter_that_is_not_closed_is_read_and_told(folder: Path) -> None:
    file = read(folder, "---\ntitle: Post it\n\nUse the button.")

    assert [str(problem) for problem in file.problems] == [
        "post.md:1: has front matter that nothing closes. Close it with ---."
    ]
    assert file.document is not None
    assert (file.document.title, file.document.body) == ("Post it", "Use the button.")


@pytest.mark.parametrize("body", ["", "\n \n\n"])
def test_a_document_without_text_is_not_taken(folder: Path, body: str) -> None:
    file = read(folder, GOOD[: GOOD.index("# Post")].rstrip() + "\n" + body)

    assert file.document is None
    assert [problem.message for problem in file.problems] == ["has no text."]
    assert file.problems[0].line >= 12


def test_an_empty_file_is_not_taken(folder: Path) -> None:
    file = read(folder, "")

    assert file.document is None
    assert [problem.message for problem in file.problems] == ["has no text."]


@pytest.mark.parametrize(
    ("encoding", "problems"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("cp1252", ["post.md:1: is not UTF-8, and was read as cp1252. Save it as UTF-8."]),
    ],
)
def test_a_file_is_read_in_the_encoding_that_it_has(
    folder: Path, encoding: str, problems: list[str]
) -> None:
    file = read(folder, "---\r\ntitle: Grüße\r\n---\r\nMaße\r\n".encode(encoding))

    assert file.document is not None
    assert (file.document.title, file.document.body) == ("Grüße", "Maße")
    assert [str(problem) for problem in file.problems] == problems


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\x00" * 100, b"a\x81"])
def test_a_file_that_is_not_text_is_refused(folder: Path, data: bytes) -> None:
    file = read(folder, data)

    assert file.document is None
    assert [str(problem) for problem in file.problems] == [
        "post.md:1: is not text. Save it as UTF-8, or take it out of the folder."
    ]


@pytest.mark.parametrize("name", ["post.mdx", "post.markdown", "POST.MD"])
def test_markdown_is_read_whatever_its_ending(folder: Path, name: str) -> None:
    (folder / name).write_text("# Post\n\nText", encoding="utf-8")

    (file,) = read_folder(folder)

    assert file.document is not None
    assert file.document.key == name


def test_other_documents_are_counted(folder: Path) -> None:
    for name in ("a.rst", "b.PDF", "c.rst", "picture.png"):
        (folder / name).touch()

    assert documents_passed_over(folder) == {".rst": 2, ".pdf": 1}


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    file = read(folder, b"\xef\xbb\xbf" + GOOD.encode())

    assert file.problems == ()
    assert file.line_of("title") == 2


def test_windows_line_ends_make_no_difference(folder: Path) -> None:
    file = read(folder, GOOD.replace("\n", "\r\n"))

    assert file.problems == ()
    assert file.lines[0] == 13
    assert file.document is not None
    assert file.document.body == "# Post an invoice\n\nUse the button Post."


def test_separators_that_are_no_line_ends_do_not_move_the_body(folder: Path) -> None:
    file = read(folder, GOOD.replace("title: Post", "title: 'Post\f'\n# \u2028 \x85").strip())

    assert file.document is not None
    assert file.document.body.startswith("# Post an invoice")


def test_a_separator_inside_a_code_block_stays_as_it_is(folder: Path) -> None:
    file = read(folder, GOOD + "\n```\npage one\fpage two\n```\n")

    assert file.document is not None
    assert "page one\fpage two" in file.document.body


def test_a_huge_file_is_refused_without_reading_it(folder: Path) -> None:
    with (folder / "huge.md").open("wb") as file:
        file.truncate(50_000_000)

    (huge,) = read_folder(folder)

    assert huge.document is None
    assert [str(problem) for problem in huge.problems] == [
        (
            "huge.md:1: is 50,000,000 bytes long, and 1,000,000 is the most. "
            "Split it into several documents."
        )
    ]


def test_a_file_of_just_the_largest_size_is_taken(folder: Path) -> None:
    file = read(folder, GOOD.ljust(LARGEST, "x"))

    assert file.problems == ()


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text(GOOD, encoding="utf-8")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")

    (file,) = read_folder(folder)

    assert file.document is None
    assert [str(problem) for problem in file.problems] == [
        "link.md:1: is a link that leads out of the folder. Copy the file here."
    ]


def test_a_link_to_a_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text(GOOD, encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "circle").symlink_to(folder)

    assert list(read_folder(folder)) == []


def test_a_link_within_the_folder_is_a_document_of_its_own(folder: Path) -> None:
    (folder / "post.md").write_text(GOOD, encoding="utf-8")
    (folder / "alias.md").symlink_to("post.md")

    files = list(read_folder(folder))

    assert [file.path.name for file in files if file.document] == ["alias.md", "post.md"]


def test_a_folder_that_is_itself_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "post.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "link").symlink_to(folder)

    (file,) = read_folder(tmp_path / "link")

    assert file.problems == ()


def test_a_link_to_nothing_is_told(folder: Path) -> None:
    (folder / "link.md").symlink_to("gone.md")

    (file,) = read_folder(folder)

    assert file.document is None
    assert [problem.message for problem in file.problems] == [
        "cannot be read: No such file or directory."
    ]


def test_a_link_to_itself_is_told_and_the_other_files_are_read(folder: Path) -> None:
    (folder / "circle.md").symlink_to("circle.md")
    (folder / "post.md").write_text(GOOD, encoding="utf-8")

    circle, post = read_folder(folder)

    assert circle.document is None
    assert len(circle.problems) == 1
    assert post.problems == ()


def included(folder: Path, text: str, **others: str) -> str:
    """Read what a document shows that takes in others."""
    for name, other in others.items():
        (folder / f"{name}.md").write_text(other, encoding="utf-8")
    (folder / "page.md").write_text(text, encoding="utf-8")
    (file,) = (file for file in read_folder(folder) if file.path.name == "page.md")
    return file.body


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("In [!INCLUDE [x](name.md)] you post.", "In Product you post."),
        ("In [!include[](name.md)], you post.", "In Product, you post."),
        ("> [!INCLUDE [x](steps.md)]", "> 1. Open it\n> 2. Post it"),
        ("[!INCLUDE [x](deep.md)]", "Use Product."),
        ("`[!INCLUDE [x](name.md)]`", "`[!INCLUDE [x](name.md)]`"),
        ("Text [!INCLUDE [x](gone.md)]", "Text"),
        ("Text [!INCLUDE [x](hidden.md)]", "Text"),
        ("Text [!INCLUDE [x](../outside.md)]", "Text"),
        ("Text [!INCLUDE [x](/../outside.md)]", "Text"),
        ("Text [!INCLUDE [x](..%2Foutside.md)]", "Text"),
        ("Text [!INCLUDE [x](link.md)]", "Text"),
        ("Text [!INCLUDE [x](page.md)]", "Text"),
        ("Text [!INCLUDE [x](circle.md)]", "Text round"),
        ("Text [!INCLUDE [x](a%00b.md)]", "Text"),
        ("[!INCLUDE [x](/name.md)] and [!INCLUDE [x](~/name.md)]", "Product and Product"),
    ],
)
def test_what_a_document_takes_in_is_shown_in_its_place_and_nothing_from_outside(
    folder: Path, tmp_path: Path, text: str, shown: str
) -> None:
    (tmp_path / "outside.md").write_text("4711")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")

    body = included(
        folder,
        text,
        name="---\nauthor: x\n---\n\nProduct\n",
        steps="1. Open it\n2. Post it",
        deep="Use [!INCLUDE [x](name.md)].",
        hidden="<!-- 4711 -->",
        circle="round [!INCLUDE [x](circle.md)][!INCLUDE [x](page.md)]",
    )

    assert body == shown


def test_documents_that_take_in_more_and_more_end(folder: Path) -> None:
    laughs = {f"l{i}": f"[!INCLUDE [x](l{i + 1}.md)]\n" * 20 for i in range(8)}

    body = included(folder, "[!INCLUDE [x](l0.md)]\n" * 20, **laughs | {"l4": "ha" * 1_000})

    assert len(body) < 500_000


def test_links_of_what_is_taken_in_lead_to_where_they_led(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "tip.md").write_text("[Up](../up.md#a), [beside](b.md), [web](https://a.b)")

    body = included(folder, "[!INCLUDE [x](parts/tip.md)]")

    assert body == "[Up](up.md#a), [beside](parts/b.md), [web](https://a.b)"


def test_what_others_take_in_is_no_document_unless_it_has_a_title(folder: Path) -> None:
    (folder / "tip.md").write_text("Restart it.")
    (folder / "whole.md").write_text("---\ntitle: Whole\n---\nRestart it.")
    (folder / "page.md").write_text("[!INCLUDE [x](tip.md)] [!INCLUDE [x](whole.md)]")

    documents = [file.document.key for file in read_folder(folder) if file.document]

    assert documents == ["page.md", "whole.md"]


def test_lines_after_what_is_taken_in_keep_their_numbers(folder: Path) -> None:
    (folder / "steps.md").write_text("1. Open\n2. Post\n3. Close")
    (folder / "page.md").write_text("---\nowner: a\n---\n[!INCLUDE [x](steps.md)]\n\nText")

    (page, _) = read_folder(folder)

    assert page.lines == (4, 4, 4, 5, 6)


def test_a_tag_that_would_run_a_command_is_refused_and_nothing_runs(
    folder: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "was-here"
    command = f"title: !!python/object/apply:os.system ['touch {mark}']"

    (message,) = problems_of(folder, GOOD.replace("title: Post an invoice", command))

    assert message.startswith("post.md:2: has broken front matter: could not determine")
    assert not mark.exists()


@pytest.mark.parametrize(
    "value", ["!!bool maybe", "!!int ''", "!!float ''", "!!timestamp soon", "!!binary 'é'"]
)
def test_a_tag_that_does_not_fit_its_value_is_told(folder: Path, value: str) -> None:
    (message,) = problems_of(folder, GOOD.replace("Post an invoice\n", f"{value}\n", 1))

    assert message.startswith("post.md:2: has broken front matter")


def test_aliases_that_multiply_are_refused_at_the_first(folder: Path) -> None:
    laughs = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 20))

    (message,) = problems_of(folder, f"---\nl0: &l0 [ha]\n{laughs}\n---\nText")

    assert message == (
        "post.md:3: has broken front matter: aliases (*name) are not allowed. Fix the YAML."
    )


@pytest.mark.parametrize("nested", ["[" * 10_000, "[" * 9_000 + "]" * 9_000, "{a: " * 4_000])
def test_deep_nesting_is_refused(folder: Path, nested: str) -> None:
    (message,) = problems_of(folder, f"---\ntitle: {nested}\n---\nText")

    assert message == ("post.md:2: has broken front matter: it is nested too deeply. Fix the YAML.")


def test_front_matter_that_is_too_long_is_not_read(folder: Path) -> None:
    file = read(folder, GOOD.replace("Finance team", "x" * 20_000))

    assert file.document is not None
    assert file.document.author == ""
    assert [str(problem) for problem in file.problems] == [
        "post.md:1: has 20,186 characters of front matter, and 20,000 is the most. Shorten it."
    ]


@pytest.mark.parametrize(
    ("front_matter", "message"),
    [
        (
            "title: a: b\nowner: c",
            "post.md:2: has broken front matter: mapping values are not allowed here.",
        ),
        (
            "title: a\n- b",
            "post.md:3: has broken front matter: expected <block end>, but found '-'.",
        ),
        ("title: \x07", "post.md:2: has broken front matter: it is not YAML."),
        (
            "just words",
            "post.md:2: has broken front matter: it does not say `key: value`.",
        ),
        (
            "- a\n- b",
            "post.md:2: has broken front matter: it does not say `key: value`.",
        ),
    ],
)
def test_broken_front_matter_is_told_with_its_line(
    folder: Path, front_matter: str, message: str
) -> None:
    file = read(folder, f"---\n{front_matter}\n---\n\nUse the button.")

    assert str(file.problems[-1]).startswith(message)
    assert file.document is not None
    assert file.document.body == "Use the button."


def test_front_matter_of_another_system_still_gives_a_document(folder: Path) -> None:
    foreign = "title: Restore a backup\nms.date: 03/02/2026\nms.topic: how-to\n1: 2"

    file = read(folder, f"---\n{foreign}\n---\n\nStop it.")

    assert file.document is not None
    assert file.document.title == "Restore a backup"
    assert file.problems == ()
    assert dict(file.key_lines) == {"title": 2, "ms.date": 3, "ms.topic": 4, "1": 5}


def test_a_problem_is_said_the_way_compilers_say_it() -> None:
    problem = Problem(Path("a/b.md"), 3, "has no text.", "Write it.")

    assert str(problem) == "a/b.md:3: has no text. Write it."


def test_a_file_that_goes_while_the_folder_is_read_is_told(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "b" / "c.md").write_text(GOOD, encoding="utf-8")
    files = read_folder(folder)
    next(files)

    shutil.rmtree(folder / "b")
    (gone,) = files

    assert gone.document is None
    assert gone.problems[0].message == "cannot be read: No such file or directory."


def test_what_is_no_ordinary_file_is_told_and_never_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")

    (file,) = read_folder(folder)

    assert file.document is None
    assert [problem.message for problem in file.problems] == ["is not an ordinary file."]


@pytest.mark.parametrize(
    "front_matter",
    [
        r'title: "a\ud800"',
        r'"a\ud800": b',
        "? 0x" + "f" * 5_000 + "\n: b",
        "title: 0x" + "f" * 5_000,
        r'"\U99999999": b',
        r'title: "\U00110000"',
        "title: " + "1:" * 9_000 + "1",
        "title: " + "1" * 5_000,
        "title: 1e999999",
        "reviewed: 0001-01-01T00:00:00+23:59",
        "? [a]\n: b",
        "title: !!set {a, b}",
        "<<: [{title: a}, {title: b}]",
        "title: " + "- " * 9_000,
        "title: " + "? " * 9_000,
        "title: " + "!a " * 6_000,
        "title: |\n" + " " * 19_000 + "a",
        "{" * 9_000,
    ],
    ids=range(18),
)
def test_front_matter_made_to_harm_still_gives_a_document_that_can_be_stored(
    folder: Path, front_matter: str
) -> None:
    file = read(folder, f"---\n{front_matter}\n---\n\nText")

    assert file.document is not None
    assert file.document.body == "Text"
    assert f"{file.document.title}{file.document.topics}{file.problems}".encode()
    assert grows_linearly(lambda part: read(folder, f"---\n{part}\n---\n\nText"), front_matter)


@pytest.mark.parametrize(
    "body", ["> " * 10_000, "- " * 10_000, "[" * 10_000, "---\n" * 10_000, "a\x00" * 100_000]
)
def test_a_file_made_to_harm_takes_no_longer_than_its_length_deserves(
    folder: Path, body: str
) -> None:
    assert read(folder, GOOD + body).problems == ()
    assert grows_linearly(lambda text: read(folder, GOOD + text), body)


def test_a_name_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / os.fsdecode(b"Gr\xfc\xdfe.md")).write_text(GOOD, encoding="utf-8")

    (file,) = read_folder(folder)

    assert file.document is None
    assert [str(problem) for problem in file.problems] == [
        "Gr\ufffd\ufffde.md:1: has a name that is not UTF-8. Rename the file."
    ]


@pytest.mark.parametrize(
    "said",
    [
        "draft: true",
        "Draft: yes",
        "published: false",
        "publish: no",
        "unlisted: true",
        "hidden: true",
        "private: true",
        "status: draft",
        "visibility: private",
        "draft: true\nbroken: [",
    ],
)
def test_what_is_not_published_yet_is_not_shown_and_that_is_told(folder: Path, said: str) -> None:
    file = read(folder, f"---\ntitle: Emu\n{said}\n---\n\nText about the emu.\n")

    key = said.partition(":")[0].lower()
    assert file.document is None
    assert any(f"its front matter says '{key}'" in str(problem) for problem in file.problems)


@pytest.mark.parametrize(
    "said", ["draft: false", "published: true", "status: current", "hidden: false", "draft:"]
)
def test_what_is_published_is_shown(folder: Path, said: str) -> None:
    assert read(folder, f"---\ntitle: Emu\n{said}\n---\n\nText about the emu.\n").document


def test_what_is_put_aside_is_not_read_and_is_counted(folder: Path) -> None:
    for name in (".trash/a.md", "b/.obsidian/c.md", "_drafts/d.md", ".e.md", "f/g.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("# Yak\n\nText about the yak.\n", encoding="utf-8")

    assert [file.path.as_posix() for file in read_folder(folder)] == ["f/g.md"]
    assert documents_put_aside(folder) == 4


def test_a_home_in_a_hidden_folder_may_hold_the_documents(tmp_path: Path) -> None:
    folder = tmp_path / ".supportbot" / "knowledge"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("# Yak\n\nText about the yak.\n", encoding="utf-8")

    assert [file.path.as_posix() for file in read_folder(folder)] == ["a.md"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("draft.md", "---\ndraft: true\n---\n4711"),
        (".hidden/b.md", "4711"),
        ("_drafts/b.md", "4711"),
        ("drafts/b.md", "4711"),
        (".b.md", "4711"),
        (".env", "TOKEN=4711"),
        ("settings.toml", "token = 4711"),
    ],
)
def test_only_what_would_be_shown_itself_is_taken_in(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)

    (page,) = (
        file for file in _all(folder, f"Text [!INCLUDE [x]({name})]") if file.path.name == "page.md"
    )

    assert "4711" not in page.body


@pytest.mark.parametrize(
    ("part", "page"),
    [
        ("hi <!-- x", "[!INCLUDE [x](b.md)]\n\n4711 -->\n\nText"),
        ("!-- 4711 -->", "Text <[!INCLUDE [x](b.md)]"),
    ],
)
def test_a_comment_may_span_what_is_taken_in(folder: Path, part: str, page: str) -> None:
    (folder / "b.md").write_text(part)

    (shown,) = (file for file in _all(folder, page) if file.path.name == "page.md")

    assert "4711" not in shown.body


def _all(folder: Path, page: str) -> list[KnowledgeFile]:
    (folder / "page.md").write_text(page)
    return list(read_folder(folder))


@pytest.mark.parametrize(
    "content",
    [
        "---\ndraft: true\n\nText",
        "---\n# c\ndraft: true\n\nText",
        f"---\ndraft: true\nx: {'y' * 21_000}\n---\nText",
        "---\ndraft: true # not yet\nx: [\n---\nText",
        "---\n'draft': true\nx: [\n---\nText",
        "+++\ndraft = true # no\nx = [\n+++\nText",
        "Title: X\nStatus: draft\n\nText",
        '{ "draft": true }\n\nText',
        "<!-- licence -->\n---\ndraft: true\n---\nText",
        "\u200b---\ndraft: true\n---\nText",
        "--- # c\ndraft: true\n---\nText",
        "---yaml\ndraft: true\n---\nText",
        "---\nbuild:\n  render: never\n---\nText",
        "---\nheadless: true\n---\nText",
        "+++\n[params]\ndraft = true\n+++\nText",
        "---\ndraft: y\n---\nText",
        "---\ndraft: 1.0\n---\nText",
        "---\nstatus: [draft]\n---\nText",
        "---\nstatus: wip\n---\nText",
        "---\nvisibility: internal\n---\nText",
        "---\npublic: false\n---\nText",
        "---\npermalink: false\n---\nText",
        "---\nisDraft: true\n---\nText",
    ],
)
def test_a_draft_is_not_shown_however_it_says_so(folder: Path, content: str) -> None:
    file = read(folder, content)

    assert file.document is None
    assert any("not shown" in str(problem) for problem in file.problems)


@pytest.mark.parametrize(
    "content",
    [
        "Status: everything works\n\nText",
        "{ not json }\n\nText",
        "---\npermalink: /here\npublic: true\n---\nText",
        "<!-- licence -->\n# Title\n\nText",
    ],
)
def test_what_only_looks_like_a_draft_is_shown(folder: Path, content: str) -> None:
    document = read(folder, content).document

    assert document is not None
    assert "Text" in document.body
