from pathlib import Path

import pytest

from supportbot.domain.knowledge.documents import Document
from supportbot.errors import SupportbotError
from supportbot.importers.hint3 import (
    Bot,
    Sentence,
    find_bot,
    read_documents,
    read_sentences,
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "shop_train.csv"


def test_each_label_becomes_a_document_that_answers_all_its_sentences(table: Path) -> None:
    table.write_text(
        "sentence,label\nwhere is my order,ORDER\nin what colours,COLOUR\n"
        "track it,ORDER\ntrack it,ORDER\n"
    )

    documents = read_documents(Bot(table.with_name("shop")))

    assert documents == [
        Document(
            source="hint3:shop",
            key="ORDER",
            title="ORDER",
            body="where is my order",
            asked=("where is my order", "track it"),
        ),
        Document(
            source="hint3:shop",
            key="COLOUR",
            title="COLOUR",
            body="in what colours",
            asked=("in what colours",),
        ),
    ]


def test_what_the_bot_has_no_answer_to_is_no_document(table: Path) -> None:
    table.write_text("sentence,label\nhello,NO_NODES_DETECTED\ntrack it,ORDER\n")

    assert [document.key for document in read_documents(Bot(table.with_name("shop")))] == ["ORDER"]


def test_a_sentence_knows_its_line_also_behind_one_of_two_lines(table: Path) -> None:
    table.write_text('label,sentence\nA,"one\ntwo"\n\nB,"x, y"\n')

    assert read_sentences(table) == [Sentence("one\ntwo", "A", 3), Sentence("x, y", "B", 5)]


def test_the_mark_that_windows_writes_and_further_columns_do_no_harm(table: Path) -> None:
    table.write_bytes("\ufeffSentence,Label,note\r\nWo ist der Köder?,A,n\r\n".encode())

    assert read_sentences(table) == [Sentence("Wo ist der Köder?", "A", 2)]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", ":1: has no column sentence: expected sentence and label."),
        (b"sentence;label\nx;A\n", ":1: has no column sentence: expected sentence and label."),
        (b"sentence,intent\nx,A\n", ":1: has no column label: expected sentence and label."),
        (b"sentence,label\n", " has no sentences."),
        (b"sentence,label\nx,A\ny\n", ":3: expected a sentence and its label."),
        (b"sentence,label\nx,\n", ":2: expected a sentence and its label."),
        (b"sentence,label\n  ,A\n", ":2: expected a sentence and its label."),
        (b"sentence,label\nx, y,A\n", ":2: expected a sentence and its label."),
        (
            b'sentence,label\nx,A\n"y,A\n',
            ":3: is no CSV with commas between the columns (unexpected end of data).",
        ),
        (
            b"sentence,label\nx,A\n\xff,A\n",
            (
                ":3: this is neither UTF-8 nor UTF-16. "
                "Open the file in the program that wrote it, and save it as UTF-8."
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_table_is_refused_with_its_line(
    table: Path, content: bytes, complaint: str
) -> None:
    table.write_bytes(content)

    with pytest.raises(SupportbotError) as refusal:
        read_sentences(table)

    assert str(refusal.value) == f"{table}{complaint}"


def test_a_table_that_is_not_there_is_told(table: Path) -> None:
    with pytest.raises(SupportbotError, match=r"^There is no .*shop_train\.csv: HINT3's tables co"):
        read_sentences(table)


def test_a_table_that_is_a_folder_is_told(table: Path) -> None:
    table.mkdir()

    with pytest.raises(
        SupportbotError, match=r"shop_train\.csv is a folder, and has to be a file\."
    ):
        read_sentences(table)


@pytest.mark.parametrize("named", ["shop", "shop_train.csv", "shop_test.csv"])
def test_a_bot_is_found_by_its_name_or_by_one_of_its_tables(table: Path, named: str) -> None:
    table.touch()

    bot = find_bot(table.with_name(named))

    assert bot == Bot(table.with_name("shop"))
    assert (bot.train.name, bot.test.name) == ("shop_train.csv", "shop_test.csv")


@pytest.mark.parametrize("named", [".", "packs", "elsewhere"])
def test_a_folder_and_what_is_not_there_are_no_bot(table: Path, named: str) -> None:
    (table.parent / "packs").mkdir()
    (table.parent / "packs_train.csv").touch()

    assert find_bot(table.parent / named) is None
    assert find_bot(Path()) is None
