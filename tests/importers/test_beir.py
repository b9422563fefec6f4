import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.knowledge.documents import Document
from supportbot.errors import SupportbotError
from supportbot.importers.beir import (
    Record,
    moment_of,
    read_documents,
    read_judgements,
    read_records,
    read_settings,
    source_of,
)

LINE = '{"_id": "d1", "title": "Post an invoice", "text": "How?", "metadata": {}}\n'


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    return folder


def write_corpus(pack: Path, *records: object) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (pack / "corpus.jsonl").write_text(lines, encoding="utf-8")


def write_table(pack: Path, content: str | bytes, split: str = "dev") -> Path:
    path = pack / "qrels" / f"{split}.tsv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_packs_documents_belong_to_a_source_of_its_name(pack: Path) -> None:
    assert source_of(pack) == "beir:small"


def test_a_pack_has_the_same_name_from_within(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pack)

    assert source_of(Path()) == "beir:small"


def test_a_thread_becomes_a_past_question_with_its_first_answer(pack: Path) -> None:
    write_corpus(
        pack,
        {
            "_id": "d1",
            "title": "Post an invoice",
            "text": "How do I do it?",
            "metadata": {
                "answers": [None, "With the button.", "By letter."],
                "ts": 1_772_442_000,
                "url": "https://chat.example/d1",
                "author": "Paul",
            },
        },
    )

    (document,) = read_documents(pack)

    assert document == Document(
        source="beir:small",
        key="d1",
        title="Post an invoice",
        body="With the button.",
        asked=("Post an invoice\nHow do I do it?",),
        said_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        url="https://chat.example/d1",
        author="Paul",
    )


def test_a_thread_without_an_answer_shows_its_question(pack: Path) -> None:
    write_corpus(pack, {"_id": "d1", "title": "Post", "text": "How?", "metadata": {"answers": 3}})

    (document,) = read_documents(pack)

    assert document.body == "How?"


def test_a_record_with_a_title_alone_shows_its_title(pack: Path) -> None:
    write_corpus(pack, {"_id": "d1", "title": "Post an invoice"})

    (document,) = read_documents(pack)

    assert document.body == "Post an invoice"
    assert document.asked == ("Post an invoice",)


def test_a_record_without_a_title_is_called_by_its_first_line(pack: Path) -> None:
    write_corpus(pack, {"_id": "d1", "text": "\n" + "x" * 100 + "\nsecond line"})

    (document,) = read_documents(pack)

    assert document.title == "x" * 80


@pytest.mark.parametrize(("title", "text"), [("", ""), (" ", "\n"), (None, None)])
def test_a_record_without_words_is_left_out(
    pack: Path, title: str | None, text: str | None
) -> None:
    write_corpus(pack, {"_id": "d1", "title": title, "text": text})

    assert list(read_documents(pack)) == []


def test_half_a_character_becomes_a_replacement_character(pack: Path) -> None:
    metadata = {"answers": ["So. \udd37"]}
    write_corpus(pack, {"_id": "d1", "title": "How? \ud83e", "metadata": metadata})

    (document,) = read_documents(pack)

    assert (document.title, document.body) == ("How? \ufffd", "So. \ufffd")


def test_a_gzipped_file_is_read_like_a_plain_one(pack: Path) -> None:
    (pack / "corpus.jsonl.gz").write_bytes(gzip.compress(LINE.encode()))

    assert list(read_records(pack, "corpus")) == [Record("d1", "Post an invoice", "How?", {})]


def test_the_plain_file_is_taken_where_there_are_both(pack: Path) -> None:
    (pack / "corpus.jsonl").write_text(LINE, encoding="utf-8")
    (pack / "corpus.jsonl.gz").write_bytes(b"broken")

    assert [record.id for record in read_records(pack, "corpus")] == ["d1"]


def test_empty_lines_are_skipped(pack: Path) -> None:
    (pack / "corpus.jsonl").write_text(f"\n{LINE}  \n{LINE}", encoding="utf-8")

    assert [record.id for record in read_records(pack, "corpus")] == ["d1", "d1"]


def test_a_number_may_be_an_id(pack: Path) -> None:
    write_corpus(pack, {"_id": 7, "text": "How?"})

    assert [record.id for record in read_records(pack, "corpus")] == ["7"]


@pytest.mark.parametrize("metadata", [None, [], [1], "text", 7])
def test_metadata_that_is_no_object_is_none(pack: Path, metadata: object) -> None:
    write_corpus(pack, {"_id": "d1", "text": "How?", "metadata": metadata})

    assert list(read_records(pack, "corpus")) == [Record("d1", "", "How?", {})]


def test_a_missing_file_is_told_with_what_a_pack_has(pack: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        list(read_records(pack, "queries"))

    assert str(refusal.value) == (
        f"{pack} has no queries.jsonl or queries.jsonl.gz. "
        "A BEIR folder has a corpus, queries, and a folder qrels."
    )


@pytest.mark.parametrize(
    "broken", ['{"_id": "d2"', '["d2"]', '"d2"', "7", '{"text": "How?"}', "[" * 100_000]
)
def test_a_broken_line_is_told_with_its_file_and_number(pack: Path, broken: str) -> None:
    (pack / "corpus.jsonl").write_text(f"{LINE}{broken}\n", encoding="utf-8")

    with pytest.raises(SupportbotError) as refusal:
        list(read_records(pack, "corpus"))

    assert str(refusal.value).startswith(
        f"{pack}/corpus.jsonl:2: expected a JSON object with _id and text ("
    )


def test_the_lines_before_a_broken_one_are_given(pack: Path) -> None:
    (pack / "corpus.jsonl").write_text(f"{LINE}broken\n", encoding="utf-8")

    assert next(read_records(pack, "corpus")).id == "d1"


def test_a_file_that_is_not_utf_8_is_told_with_the_line(pack: Path) -> None:
    (pack / "corpus.jsonl").write_bytes(LINE.encode() * 5_000 + b'{"_id": "Gr\xfc"}\n')

    with pytest.raises(SupportbotError, match=r"corpus\.jsonl:\d+: this is neither UTF-8 nor"):
        list(read_records(pack, "corpus"))


def test_a_file_that_is_not_gzipped_is_told(pack: Path) -> None:
    (pack / "corpus.jsonl.gz").write_text(LINE, encoding="utf-8")

    with pytest.raises(SupportbotError) as refusal:
        list(read_records(pack, "corpus"))

    assert str(refusal.value) == (
        f"{pack}/corpus.jsonl.gz:1: the file is broken here "
        """(Not a gzipped file (b'{"')). Fetch it again."""
    )


def test_a_gzipped_file_that_ends_too_early_is_told(pack: Path) -> None:
    (pack / "corpus.jsonl.gz").write_bytes(gzip.compress(LINE.encode())[:-9])

    with pytest.raises(SupportbotError, match=r"corpus\.jsonl\.gz:2: the file is broken here"):
        list(read_records(pack, "corpus"))


def test_a_gzipped_file_that_was_damaged_is_told(pack: Path) -> None:
    data = bytearray(gzip.compress(bytes(range(97, 122)).join([LINE.encode()] * 3)))
    data[10:20] = b"\xff" * 10
    (pack / "corpus.jsonl.gz").write_bytes(data)

    with pytest.raises(SupportbotError, match=r"corpus\.jsonl\.gz:1: the file is broken here"):
        list(read_records(pack, "corpus"))


def test_judgements_are_read_by_question(pack: Path) -> None:
    table = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n\nq2\td1\t2\n"

    judgements = read_judgements(write_table(pack, table))

    assert judgements == {"q1": {"d1": 1, "d2": 0}, "q2": {"d1": 2}}


def test_a_table_of_a_heading_alone_is_empty(pack: Path) -> None:
    assert read_judgements(write_table(pack, "query-id\tcorpus-id\tscore\n")) == {}


def test_a_quotation_mark_in_an_id_is_a_letter_like_any_other(pack: Path) -> None:
    path = write_table(pack, 'query-id\tcorpus-id\tscore\n"q1\td1\t1\n')

    assert read_judgements(path) == {'"q1': {"d1": 1}}


@pytest.mark.parametrize(
    "table",
    [
        "q1\td1\t1\nq2\td2\t2\n",
        "query-id\tcorpus-id\tscore\nq1\td1\t1.0\nq2\td2\t2.0\n",
        "q1\t0\td1\t1\nq2\tQ0\td2\t2\n",
        "q1 0 d1 1\nq2 0  d2 2\n",
        "query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq2\td2\t2\r\n",
        "\ufeffquery-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n",
        "\ufeffq1\td1\t1\nq2\td2\t2\n",
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n".encode("utf-16"),
        "q1\td1\t1\nq2\td2\t2\n".encode("utf-16-le"),
    ],
    ids=["no header", "1.0", "TREC", "spaces", "CRLF", "BOM", "BOM only", "UTF-16", "UTF-16-LE"],
)
def test_a_table_may_be_as_other_programs_write_it(pack: Path, table: str | bytes) -> None:
    assert read_judgements(write_table(pack, table)) == {"q1": {"d1": 1}, "q2": {"d2": 2}}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_corpus_may_be_as_windows_writes_it(pack: Path, encoding: str) -> None:
    line = '{"_id": 1, "text": "Gr\u00fc\u00dfe"}\r\n'
    (pack / "corpus.jsonl").write_bytes((line * 2).encode(encoding))

    records = list(read_records(pack, "corpus"))

    assert [(record.id, record.text) for record in records] == [("1", "Gr\u00fc\u00dfe")] * 2


@pytest.mark.parametrize("row", ["q1 0 0 d1 1", "q1\td1", "q1\td1\tyes", "q1\td1\t0.5", "q1\t\t1"])
def test_a_row_with_other_columns_is_told_with_its_line(pack: Path, row: str) -> None:
    path = write_table(pack, f"query-id\tcorpus-id\tscore\nq1\td1\t1\n{row}\n")

    with pytest.raises(SupportbotError) as refusal:
        read_judgements(path)

    assert str(refusal.value) == (
        f"{path}:3: expected query-id, corpus-id and a whole number, with tabs."
    )


def test_empty_lines_of_a_table_count_as_lines(pack: Path) -> None:
    path = write_table(pack, "query-id\tcorpus-id\tscore\n\nq1\td1\t1\n\nbroken\n")

    with pytest.raises(SupportbotError, match=r"dev\.tsv:5: "):
        read_judgements(path)


def test_a_table_that_is_not_utf_8_is_told(pack: Path) -> None:
    path = write_table(pack, b"q1\td\xff\t1")

    with pytest.raises(SupportbotError, match=r"dev\.tsv:1: this is neither UTF-8 nor"):
        read_judgements(path)


def test_a_row_that_is_longer_than_any_id_is_told(pack: Path) -> None:
    path = write_table(pack, f"query-id\tcorpus-id\tscore\nq1\td1\t1\n{'q' * 200_000}\td1\t1\n")

    with pytest.raises(SupportbotError, match=r"dev\.tsv:3: "):
        read_judgements(path)


def test_an_unknown_split_is_told_with_those_that_there_are(pack: Path) -> None:
    write_table(pack, "", "test")
    write_table(pack, "", "dev")

    with pytest.raises(SupportbotError) as refusal:
        read_judgements(pack / "qrels" / "train.tsv")

    assert str(refusal.value) == (
        f"There is no split 'train' in {pack}/qrels. There are: dev, test."
    )


def test_a_pack_without_splits_is_told(pack: Path) -> None:
    with pytest.raises(SupportbotError, match=r"no split 'dev' in .*qrels\. The folder has none\."):
        read_judgements(pack / "qrels" / "dev.tsv")


def test_a_packs_settings_are_read(pack: Path) -> None:
    (pack / "pack.json").write_text('{"as_of": "ts"}', encoding="utf-8")

    assert read_settings(pack) == {"as_of": "ts"}


def test_a_pack_needs_no_settings(pack: Path) -> None:
    assert read_settings(pack) == {}


@pytest.mark.parametrize("content", ["[]", '"ts"', "7", "null"])
def test_settings_that_are_no_object_are_refused(pack: Path, content: str) -> None:
    (pack / "pack.json").write_text(content, encoding="utf-8")

    with pytest.raises(SupportbotError) as refusal:
        read_settings(pack)

    assert str(refusal.value) == (
        f'{pack}/pack.json: expected an object such as {{"as_of": "ts"}}.'
    )


@pytest.mark.parametrize("content", [b"", b"{as_of}", b'{"a": "\xff"}', b"[" * 100_000])
def test_settings_that_are_not_json_are_refused(pack: Path, content: bytes) -> None:
    (pack / "pack.json").write_bytes(content)

    with pytest.raises(SupportbotError, match=r"pack\.json: not JSON"):
        read_settings(pack)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_772_442_000, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        (1_772_442_000.5, datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T09:00:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        ("2026-03-02T10:00:00+01:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_may_be_seconds_or_a_date(value: object, moment: datetime) -> None:
    assert moment_of(Record("d1", "", "", {"ts": value}), "ts") == moment


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", [], 1e300, float("nan"), float("inf"), -(10**400)]
)
def test_what_is_no_moment_is_none(value: object) -> None:
    assert moment_of(Record("d1", "", "", {"ts": value}), "ts") is None


def test_a_record_without_that_key_has_no_moment() -> None:
    assert moment_of(Record("d1", "", "", {}), "ts") is None


def write_zip(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("top", ["", "small/"])
def test_a_pack_may_be_a_zip_with_or_without_its_folder(tmp_path: Path, top: str) -> None:
    path = write_zip(
        tmp_path / "small.zip",
        {
            f"{top}corpus.jsonl": LINE,
            f"{top}queries.jsonl": '{"_id": "q1", "text": "Why?"}',
            f"{top}qrels/dev.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
            f"{top}pack.json": '{"as_of": "ts"}',
            "__MACOSX/corpus.jsonl": "junk",
        },
    )

    assert [document.id for document in read_documents(path)] == ["beir:small:d1"]
    assert [record.id for record in read_records(path, "queries")] == ["q1"]
    assert read_judgements(path / "qrels" / "dev.tsv") == {"q1": {"d1": 1}}
    assert read_settings(path) == {"as_of": "ts"}


def test_a_gzipped_corpus_in_a_zip_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "small.zip", {"corpus.jsonl.gz": gzip.compress(LINE.encode())})

    assert [record.id for record in read_records(path, "corpus")] == ["d1"]


def test_a_zip_belongs_to_the_same_source_as_its_folder(pack: Path, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "small.zip", {"corpus.jsonl": LINE})

    assert source_of(path) == source_of(pack) == "beir:small"


def test_a_folder_that_is_called_like_a_zip_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "small.zip"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(LINE, encoding="utf-8")

    assert [record.id for record in read_records(folder, "corpus")] == ["d1"]
    assert source_of(folder) == "beir:small.zip"


@pytest.mark.parametrize(
    "files", [{}, {"a.txt": "words"}, {"a/corpus.jsonl": LINE, "b/corpus.jsonl": LINE}]
)
def test_a_zip_without_one_corpus_is_told(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    path = write_zip(tmp_path / "small.zip", files)

    with pytest.raises(SupportbotError) as refusal:
        list(read_documents(path))

    assert str(refusal.value) == (
        f"{path} has no corpus.jsonl or corpus.jsonl.gz. "
        "A BEIR folder has a corpus, queries, and a folder qrels."
    )


def test_a_zip_without_the_split_or_settings_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "small.zip", {"corpus.jsonl": LINE})

    assert read_settings(path) == {}
    with pytest.raises(SupportbotError, match=r"There is no split 'dev' in .*small\.zip/qrels\."):
        read_judgements(path / "qrels" / "dev.tsv")


def test_a_broken_line_in_a_zip_is_told_with_its_place_there(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "small.zip", {"small/corpus.jsonl": f"{LINE}broken\n"})

    with pytest.raises(SupportbotError) as refusal:
        list(read_records(path, "corpus"))

    assert str(refusal.value).startswith(f"{path}/small/corpus.jsonl:2: expected a JSON object")


def test_a_bomb_in_a_zip_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "small.zip", {"corpus.jsonl": "\n" * 3_000_000})

    with pytest.raises(SupportbotError, match=r"small\.zip/corpus\.jsonl: grows more than 200-fo"):
        list(read_records(path, "corpus"))


def test_a_line_that_is_longer_than_any_text_is_told_and_not_held(pack: Path) -> None:
    with gzip.open(pack / "corpus.jsonl.gz", "wb", 1) as file:
        file.write(LINE.encode() + b" " * 5_000_000)

    with pytest.raises(SupportbotError) as refusal:
        list(read_records(pack, "corpus"))

    assert str(refusal.value) == (
        f"{pack}/corpus.jsonl.gz:2: the line has more than 4,000,000 characters. Cut it."
    )


@pytest.mark.parametrize("nested", ["[" * 101 + "]" * 101, '{"a":' * 500 + "1" + "}" * 500])
def test_a_deeply_nested_line_is_refused(pack: Path, nested: str) -> None:
    line = f'{{"_id": "d1", "text": "How?", "metadata": {{"url": {nested}}}}}'
    (pack / "corpus.jsonl").write_text(line, encoding="utf-8")

    with pytest.raises(SupportbotError, match=r"corpus\.jsonl:1: .*nested more than 100 deep"):
        list(read_documents(pack))


def test_many_brackets_beside_each_other_are_not_deep(pack: Path) -> None:
    write_corpus(pack, {"_id": "d1", "text": "How?", "metadata": {"answers": [[], {}] * 200}})

    assert [document.key for document in read_documents(pack)] == ["d1"]


def test_half_a_character_is_repaired_wherever_it_is(pack: Path) -> None:
    half = "a\ud800"
    write_corpus(
        pack,
        {
            "_id": half,
            "title": half,
            "text": half,
            "metadata": {"answers": [half], "url": half, "author": half},
        },
    )

    (document,) = read_documents(pack)

    assert "\ud800" not in repr(document)
    assert document.key == document.author == document.url == "a\ufffd"


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_that_no_calendar_has_is_none(value: object) -> None:
    assert moment_of(Record("d1", "", "", {"ts": value}), "ts") is None


def test_moments_are_in_utc() -> None:
    moment = moment_of(Record("d1", "", "", {"ts": "2026-03-02T10:00:00+01:00"}), "ts")

    assert moment is not None
    assert moment.tzinfo is UTC
