import json
import sys
import threading
from pathlib import Path

import pytest

from supportbot_terminal.room import Entry, Room


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terminal.jsonl"


def texts(room: Room) -> list[object]:
    return [entry.fields.get("text") for entry in room.entries()][1:]


def test_a_room_keeps_its_name(path: Path) -> None:
    made = Room(path)

    assert made.id
    assert Room(path).id == made.id


def test_an_empty_file_becomes_a_room(path: Path) -> None:
    path.touch()

    assert Room(path).id


def test_two_rooms_have_two_names(tmp_path: Path) -> None:
    assert Room(tmp_path / "a").id != Room(tmp_path / "b").id


def test_what_is_written_is_read_with_its_number(path: Path) -> None:
    room = Room(path)

    room.append({"text": "Grüße 🤷\nzweite Zeile"})
    room.append({"text": "two"})

    assert list(room.entries())[1:] == [
        Entry(2, {"text": "Grüße 🤷\nzweite Zeile"}),
        Entry(3, {"text": "two"}),
    ]


def test_only_what_is_new_is_read_when_asked_so(path: Path) -> None:
    room = Room(path)
    room.append({"text": "one"})
    room.append({"text": "two"})

    assert [entry.number for entry in room.entries(after=2)] == [3]


def test_a_line_that_is_not_finished_is_passed_over(path: Path) -> None:
    room = Room(path)
    room.append({"text": "one"})
    with path.open("ab") as file:
        file.write(b'{"text": "tor')

    assert texts(room) == ["one"]


def test_what_is_written_after_a_torn_line_begins_a_line_of_its_own(path: Path) -> None:
    room = Room(path)
    with path.open("ab") as file:
        file.write(b'{"text": "tor')

    room.append({"text": "whole"})

    assert [(entry.number, dict(entry.fields)) for entry in room.entries()][1:] == [
        (2, {}),
        (3, {"text": "whole"}),
    ]


@pytest.mark.parametrize(
    "line",
    [b"", b"not json", b"[1, 2]", b"5", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "words", "list", "number", "null", "string", "bytes", "deep"],
)
def test_a_line_that_is_no_entry_is_passed_over(path: Path, line: bytes) -> None:
    room = Room(path)
    with path.open("ab") as file:
        file.write(line + b"\n")

    room.append({"text": "whole"})

    assert [dict(entry.fields) for entry in room.entries()][1:] == [{}, {"text": "whole"}]


@pytest.mark.parametrize("torn", [b'{"ro', b'{"ro\n', b"\n", b'{"text": "hello"}\n'])
def test_a_room_whose_first_line_is_torn_gets_a_new_name_and_keeps_it(
    path: Path, torn: bytes
) -> None:
    path.write_bytes(torn)

    room = Room(path)

    assert room.id
    assert Room(path).id == room.id


def test_two_writers_do_not_tear_each_others_lines(path: Path) -> None:
    rooms = [Room(path), Room(path)]
    both_are_there = threading.Barrier(2)

    def write(room: Room, name: str) -> None:
        both_are_there.wait()
        for number in range(30):
            room.append({"text": f"{name} {number}" + "x" * 5_000})

    writers = [
        threading.Thread(target=write, args=arguments)
        for arguments in zip(rooms, ("a", "b"), strict=True)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(texts(rooms[0])) == 60
    assert None not in texts(rooms[0])


def test_a_message_of_the_bot_is_found_by_its_id(path: Path) -> None:
    room = Room(path)
    room.append({"text": "one"})
    room.append({"message_id": "e1/reply"})

    assert room.find_message("e1/reply") == 3
    assert room.find_message("e2/reply") is None


def test_the_size_grows_with_what_is_written(path: Path) -> None:
    room = Room(path)
    before = room.size()

    room.append({"text": "one"})

    assert room.size() == before + len(json.dumps({"text": "one"})) + 1


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX")
def test_a_line_that_does_not_fit_on_the_disk_is_refused(path: Path) -> None:
    import resource  # noqa: PLC0415 - there is none on Windows

    room = Room(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room.size() + 10, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            room.append({"text": "longer than ten letters"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    room.append({"text": "later"})
    assert texts(room) == [None, "later"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "\\ud800\\u0000"}',
        b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"text": 1e999, "at": NaN}',
        b'{"text": ' + b"9" * 4_000 + b"}",
        b'{"text": "' + b"a" * 1_000_000 + b'"}',
    ],
    ids=["half a character", "nested", "infinite", "long number", "a megabyte"],
)
def test_a_line_made_to_harm_is_an_entry_like_any_other(path: Path, line: bytes) -> None:
    room = Room(path)
    with path.open("ab") as file:
        file.write(line + b"\n")

    assert [entry.number for entry in room.entries()] == [1, 2]


def test_a_number_that_is_too_long_for_python_makes_a_line_no_entry(path: Path) -> None:
    room = Room(path)
    with path.open("ab") as file:
        file.write(b'{"text": ' + b"9" * 5_000 + b"}\n")

    assert dict(list(room.entries())[1].fields) == {}
