import os
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.files.text import decoded, encoding_of, read_text

WORDS = 'a = "Gr\u00fc\u00dfe"\r\n'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_a_text_is_read_as_it_was_written(encoding: str) -> None:
    assert decoded(WORDS.encode(encoding)) == WORDS


@pytest.mark.parametrize("head", [b"", b"a", b"\0", b"\xef\xbb", b"\0\0\0\0"])
def test_a_text_that_says_nothing_of_itself_is_utf8(head: bytes) -> None:
    assert encoding_of(head) == "utf-8-sig"


def test_marks_of_big_bytes_are_known() -> None:
    assert decoded(b"\xfe\xff\0a") == "a"
    assert decoded(b"\0\0\xfe\xff\0\0\0a") == "a"


def test_another_encoding_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"a\nGr\xfc\xdfe")

    with pytest.raises(SupportbotError) as refusal:
        read_text(path, most=100)

    assert str(refusal.value) == (
        f"{path}:2: this is neither UTF-8 nor UTF-16. Open the file in the program that wrote it, "
        "and save it as UTF-8."
    )


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SupportbotError, match="is not an ordinary file"):
        read_text(tmp_path / "pipe", most=100)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="gone cannot be read: No such file or directory"):
        read_text(tmp_path / "gone", most=100)


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 101)

    with pytest.raises(SupportbotError, match="is larger than 100 bytes"):
        read_text(tmp_path / "long", most=100)
