import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.documents import Document
from supportbot.errors import SupportbotError
from supportbot.importers.best_practices import LARGEST, KnowledgeFile, Problem, read_folder
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

    assert file.body_line == 13
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


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("title: Post an invoice\n", "title"),
        ("topics: [invoices, accounting]\n", "topics"),
        ("owner: Finance team\n", "owner"),
        ("reviewed: 2026-03-02\n", "reviewed"),
    ],
)
def test_a_missing_key_is_told(folder: Path, line: str, key: str) -> None:
    assert problems_of(folder, GOOD.replace(line, "")) == [
        f"post.md:1: lacks the front matter key '{key}'. Add `{key}: …`."
    ]


def test_all_missing_keys_are_told_at_once(folder: Path) -> None:
    messages = problems_of(folder, "---\nasked_as: [Why not]\n---\nText")

    assert messages == [
        "post.md:1: lacks the front matter key 'title'. Add `title: …`.",
        "post.md:1: lacks the front matter key 'topics'. Add `topics: …`.",
        "post.md:1: lacks the front matter key 'owner'. Add `owner: …`.",
        "post.md:1: lacks the front matter key 'reviewed'. Add `reviewed: …`.",
    ]


def test_an_unknown_key_is_told_with_its_line_and_those_that_are_known(folder: Path) -> None:
    content = GOOD.replace("should_find:", "should_found:")

    assert problems_of(folder, content) == [
        (
            "post.md:9: has the unknown key 'should_found'. "
            "Known keys: title, topics, owner, reviewed, asked_as, should_find."
        )
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "start"),
    [
        ("title: Post an invoice", "title: 7", "post.md:2: has a wrong value for 'title'"),
        ("title: Post an invoice", "title: ' '", "post.md:2: has a wrong value for 'title'"),
        ("topics: [invoices, accounting]", "topics: []", "post.md:3: has a wrong value for 'top"),
        ("topics: [invoices, accounting]", "topics: tax", "post.md:3: has a wrong value for 'top"),
        ("topics: [invoices, accounting]", "topics: [7]", "post.md:3: has a wrong value for 'top"),
        ("owner: Finance team", "owner: [a, b]", "post.md:4: has a wrong value for 'owner'"),
        ("owner: Finance team", "owner:", "post.md:4: has a wrong value for 'owner'"),
        ("reviewed: 2026-03-02", "reviewed: soon", "post.md:5: has a wrong value for 'reviewed'"),
        (
            "reviewed: 2026-03-02",
            "reviewed: 2026-03-02 09:30:00",
            "post.md:5: has a wrong value for 'reviewed'",
        ),
        ("reviewed: 2026-03-02", "reviewed: 2026-13-45", "post.md:2: has broken front matter"),
        (
            "asked_as:\n  - How do I post an invoice?\n  - Where is the button Post?",
            "asked_as: Why?",
            "post.md:6: has a wrong value for 'asked_as'",
        ),
        ("  - posting invoices", "  - ''", "post.md:9: has a wrong value for 'should_find'"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(
    folder: Path, right: str, wrong: str, start: str
) -> None:
    (message,) = problems_of(folder, GOOD.replace(right, wrong))

    assert message.startswith(start)


def test_one_question_may_be_written_without_a_list(folder: Path) -> None:
    file = read(folder, "---\nasked_as: Why?\n---\nText")

    assert file.document is not None
    assert file.document.asked == ("Why?",)


def test_a_moment_is_no_day_of_review(folder: Path) -> None:
    file = read(folder, GOOD.replace("2026-03-02", "2026-03-02 09:30:00"))

    assert file.document is not None
    assert file.document.said_at is None


def test_a_file_without_front_matter_is_taken_and_told(folder: Path) -> None:
    file = read(folder, "# Post an invoice\n\nUse the button.")

    assert file.document == Document(
        source="best_practices",
        key="post.md",
        title="Post an invoice",
        body="# Post an invoice\n\nUse the button.",
        url="post.md",
        is_markdown=True,
    )
    assert [str(problem) for problem in file.problems] == [
        (
            "post.md:1: has no front matter. "
            "Start the file with ---, title, topics, owner, reviewed, and --- again."
        )
    ]


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
            "Close it with --> or %%."
        )
    ]


def test_without_title_and_heading_a_document_is_called_like_its_file(folder: Path) -> None:
    file = read(folder, "Use the button.")

    assert file.document is not None
    assert file.document.title == "post"


def test_front_matter_that_is_not_closed_is_none(folder: Path) -> None:
    (message,) = problems_of(folder, "---\ntitle: Post\n\nUse the button.")

    assert message.startswith("post.md:1: has no front matter.")


@pytest.mark.parametrize("body", ["", "\n \n\n"])
def test_a_document_without_text_is_not_taken(folder: Path, body: str) -> None:
    file = read(folder, GOOD[: GOOD.index("# Post")].rstrip() + "\n" + body)

    assert file.document is None
    assert [problem.message for problem in file.problems] == ["has no text."]
    assert file.problems[0].line >= 12


def test_an_empty_file_is_not_taken(folder: Path) -> None:
    file = read(folder, "")

    assert file.document is None
    assert [problem.message for problem in file.problems] == [
        "has no front matter.",
        "has no text.",
    ]


def test_a_file_that_is_not_utf_8_is_refused(folder: Path) -> None:
    file = read(folder, b"---\ntitle: Gr\xfc\xdfe\n---\nText")

    assert file.document is None
    assert [str(problem) for problem in file.problems] == [
        "post.md:1: is not UTF-8 (byte 13). Save it as UTF-8."
    ]


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    file = read(folder, b"\xef\xbb\xbf" + GOOD.encode())

    assert file.problems == ()
    assert file.line_of("title") == 2


def test_windows_line_ends_make_no_difference(folder: Path) -> None:
    file = read(folder, GOOD.replace("\n", "\r\n"))

    assert file.problems == ()
    assert file.body_line == 13
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
            "Cut it into several documents."
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
        "post.md:3: has broken front matter: aliases (*name) are not allowed. Mend the YAML."
    )


@pytest.mark.parametrize("nested", ["[" * 10_000, "[" * 9_000 + "]" * 9_000, "{a: " * 4_000])
def test_deep_nesting_is_refused(folder: Path, nested: str) -> None:
    (message,) = problems_of(folder, f"---\ntitle: {nested}\n---\nText")

    assert message == (
        "post.md:2: has broken front matter: it is nested too deeply. Mend the YAML."
    )


def test_front_matter_that_is_too_long_is_not_read(folder: Path) -> None:
    file = read(folder, GOOD.replace("Finance team", "x" * 20_000))

    assert file.document is not None
    assert file.document.author == ""
    assert [str(problem) for problem in file.problems] == [
        "post.md:1: has 20,186 letters of front matter. Cut it."
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
            "post.md:2: has front matter that is no mapping.",
        ),
        (
            "- a\n- b",
            "post.md:2: has front matter that is no mapping.",
        ),
        ("", "post.md:2: has front matter that is no mapping."),
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
    assert [problem.line for problem in file.problems if "unknown" in problem.message] == [3, 4, 5]


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
    assert [problem.message for problem in file.problems] == ["is no ordinary file."]


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
