import io
import os
import stat
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.importers.archives import BrokenFileError, Limits, Problem, open_folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "export"
    made.mkdir()
    return made


def write_zip(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def replace_all(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


def read_all(path: Path, limits: Limits = Limits()) -> tuple[dict[str, bytes | None], list[str]]:  # noqa: B008 - frozen
    with open_folder(path, limits=limits) as files:
        return {name: files.read(name) for name in files.names}, list(map(str, files.problems))


def named(name: str, *, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    entry.flag_bits = flags
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def test_a_zip_and_its_folder_give_the_same_files(path: Path, folder: Path) -> None:
    (folder / "general").mkdir()
    (folder / "users.json").write_bytes(b"[]")
    (folder / "general" / "2026-03-02.json").write_bytes(b"[1]")
    write_zip(path, ("users.json", b"[]"), ("general/", b""), ("general/2026-03-02.json", b"[1]"))

    expected: object = ({"general/2026-03-02.json": b"[1]", "users.json": b"[]"}, [])

    assert read_all(path) == expected
    assert read_all(folder) == expected


def test_a_file_is_a_stream_that_can_be_read_by_lines(path: Path) -> None:
    write_zip(path, ("a.jsonl", b"one\ntwo\n"))

    with open_folder(path) as files, files.open("a.jsonl") as stream:
        assert list(stream) == [b"one\n", b"two\n"]


def test_nothing_is_written_to_the_disk(path: Path) -> None:
    write_zip(path, ("a.json", b"[]"), ("../b.json", b"[]"))

    read_all(path)

    assert [other.name for other in path.parent.iterdir()] == ["export.zip"]


@pytest.mark.parametrize(
    "name",
    [
        "../a.json",
        "general/../../a.json",
        "/etc/a.json",
        "C:/a.json",
        "c:a.json",
        "..\\a.json",
        "general\\a.json",
        "general//a.json",
        "./a.json",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_passed_over(path: Path, name: str) -> None:
    write_zip(path, (name, b"[]"), ("good.json", b"[]"))

    assert read_all(path) == (
        {"good.json": b"[]"},
        [f"{name}: has a name that leads out of the folder."],
    )


@pytest.mark.parametrize("letter", ["\x01", "\n", "\x1b", "\x7f", "\x9b", "\u202e", "\u2028"])
def test_a_control_character_in_a_name_is_passed_over_and_not_shown(
    path: Path, letter: str
) -> None:
    write_zip(path, (f"a{letter}.json", b"[]"), ("good.json", b"[]"))

    assert read_all(path) == (
        {"good.json": b"[]"},
        ["a\ufffd.json: has a control character in its name."],
    )


def test_a_nul_in_a_name_does_not_hide_what_follows(path: Path) -> None:
    write_zip(path, ("a.json_.exe", b"[]"))
    replace_all(path, b"a.json_.exe", b"a.json\0.exe")

    assert read_all(path) == ({}, ["a.json\ufffd.exe: has a control character in its name."])


def test_an_entry_without_a_name_is_passed_over(path: Path) -> None:
    write_zip(path, ("a", b"[]"))
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    directory = data[at : at + 28] + bytes(18)
    end = struct.pack("<HHHHLLH", 0, 0, 1, 1, len(directory), at, 0)
    path.write_bytes(data[:at] + directory + b"PK\x05\x06" + end)

    assert read_all(path) == ({}, [": has a name that leads out of the folder."])


def test_a_long_name_is_told_short(path: Path) -> None:
    write_zip(path, ("a" * 60_000 + "\n", b"[]"))

    assert len(read_all(path)[1][0]) < 300


@pytest.mark.parametrize("second", ["general/a.json", "General/A.json", "general/A.JSON"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_first_file_of_a_name_is_taken(path: Path, second: str) -> None:
    write_zip(path, ("general/a.json", b"[1]"), (second, b"[2]"))

    assert read_all(path) == (
        {"general/a.json": b"[1]"},
        [f"{second}: has the name of another file."],
    )


def test_an_accent_may_be_written_in_two_ways_and_is_the_same_name(path: Path) -> None:
    write_zip(path, ("caf\u00e9.json", b"[1]"), ("cafe\u0301.json", b"[2]"))

    assert list(read_all(path)[0]) == ["caf\u00e9.json"]


@pytest.mark.parametrize(
    "name", ["a.zip", "A.ZIP", "a.tar.gz", "a.tgz", "a.7z", "a.rar", "a.tar", "deep/a.jar"]
)
def test_an_archive_within_the_archive_is_not_opened(path: Path, name: str) -> None:
    write_zip(path, (name, b"PK"), ("good.json", b"[]"))

    assert read_all(path) == (
        {"good.json": b"[]"},
        [f"{name}: is an archive within the archive. Unpack it first."],
    )


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_passed_over(path: Path, kind: int) -> None:
    write_zip(path, (named("a.json", mode=kind | 0o777), b"/etc/passwd"), ("good.json", b"[]"))

    assert read_all(path) == (
        {"good.json": b"[]"},
        ["a.json: is a link, or no ordinary file. Copy the file here."],
    )


def test_a_link_in_a_folder_is_passed_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(b"secret")
    (folder / "a.json").symlink_to(tmp_path / "secret.json")
    (folder / "b").symlink_to(tmp_path)
    (folder / "good.json").write_bytes(b"[]")

    assert read_all(folder) == (
        {"good.json": b"[]"},
        [
            "a.json: is a link, or no ordinary file. Copy the file here.",
            "b: is a link, or no ordinary file. Copy the file here.",
        ],
    )


def test_a_pipe_in_a_folder_is_passed_over_and_never_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")

    assert read_all(folder)[0] == {}


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.json").write_bytes(b"secret")
    (folder / "a.json").write_bytes(b"[]")

    with open_folder(folder) as files:
        (folder / "a.json").unlink()
        (folder / "a.json").symlink_to(tmp_path / "secret.json")

        assert files.read("a.json") is None


def test_a_file_that_becomes_a_pipe_after_it_was_listed_is_not_waited_for(folder: Path) -> None:
    (folder / "a.json").write_bytes(b"[]")

    with open_folder(folder) as files:
        (folder / "a.json").unlink()
        os.mkfifo(folder / "a.json")

        assert files.read("a.json") is None


def test_an_encrypted_file_is_passed_over(path: Path) -> None:
    write_zip(path, ("a.json", b"[]"), ("good.json", b"[]"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    assert read_all(path) == (
        {"good.json": b"[]"},
        ["a.json: is encrypted. Unpack it and give the folder."],
    )


def test_an_unusual_compression_is_passed_over(path: Path) -> None:
    entry = named("a.json")
    entry.compress_type = zipfile.ZIP_LZMA
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"[]", zipfile.ZIP_LZMA)
        archive.writestr("good.json", b"[]")

    assert read_all(path) == (
        {"good.json": b"[]"},
        ["a.json: is compressed in an unusual way (14). Unpack it first."],
    )


def test_a_file_whose_bytes_were_damaged_is_passed_over_and_the_rest_is_read(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"[11111]")
        archive.writestr("good.json", b"[]")
    replace_all(path, b"[11111]", b"[11112]")

    assert read_all(path) == (
        {"a.json": None, "good.json": b"[]"},
        ["a.json: is broken (Bad CRC-32 for file 'a.json'). Fetch it again."],
    )


def test_compressed_bytes_that_are_none_are_passed_over(path: Path) -> None:
    write_zip(path, ("a.json", b"[1]"), ("good.json", b"[]"))
    data = bytearray(path.read_bytes())
    data[36:40] = b"\xff" * 4
    path.write_bytes(data)

    read, problems = read_all(path)

    assert read == {"a.json": None, "good.json": b"[]"}
    assert problems[0].startswith("a.json: is broken (Error -3 while decompressing data")


def test_a_broken_file_says_so_while_it_is_read(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"[11111]")
    replace_all(path, b"[11111]", b"[11112]")

    with (
        open_folder(path) as files,
        files.open("a.json") as stream,
        pytest.raises(BrokenFileError) as refusal,
    ):
        stream.read()

    assert str(refusal.value) == (
        f"{path}/a.json: is broken (Bad CRC-32 for file 'a.json'). Fetch it again."
    )
    assert refusal.value.problem == Problem(
        "a.json", "is broken (Bad CRC-32 for file 'a.json'). Fetch it again."
    )


def test_a_file_in_a_folder_that_cannot_be_opened_is_passed_over(folder: Path) -> None:
    (folder / "a.json").write_bytes(b"[]")

    with open_folder(folder) as files:
        (folder / "a.json").unlink()

        assert files.read("a.json") is None
        assert "No such file" in files.problems[0].message


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06", b"PK\x03\x04" * 100])
def test_what_is_no_zip_is_refused_with_what_to_do(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(SupportbotError) as refusal:
        read_all(path)

    assert str(refusal.value) == (
        f"{path} is no zip archive that can be read (File is not a zip file). "
        "Fetch it again, or unpack it and give the folder."
    )


def test_a_zip_that_was_cut_is_refused(path: Path) -> None:
    write_zip(path, ("a.json", b"[]" * 1_000))
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(SupportbotError, match="is no zip archive that can be read"):
        read_all(path)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"gone is neither a folder nor a zip archive\."):
        read_all(tmp_path / "gone")


def test_a_zip_that_may_not_be_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.mkdir()
    monkeypatch.setattr(Path, "is_dir", lambda _: False)
    monkeypatch.setattr(Path, "is_file", lambda _: True)

    with pytest.raises(SupportbotError, match=r"export\.zip cannot be read: Is a directory\."):
        read_all(path)


def test_a_bomb_stops_by_what_comes_out_of_it(path: Path) -> None:
    write_zip(path, ("bomb.json", bytes(50_000_000)), ("good.json", b"[]"))

    read, problems = read_all(path)

    assert read == {"bomb.json": None, "good.json": b"[]"}
    assert problems == ["bomb.json: grows more than 200-fold when it is unpacked: a zip bomb."]


def test_a_bomb_takes_no_memory(path: Path) -> None:
    write_zip(path, ("bomb.json", bytes(100_000_000)))
    limits = Limits(whole_bytes=1_000_000_000)

    tracemalloc.start()
    read_all(path, limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 50_000_000


def test_a_file_that_repeats_itself_a_little_is_no_bomb(path: Path) -> None:
    write_zip(path, ("a.json", bytes(900_000)))

    assert read_all(path) == ({"a.json": bytes(900_000)}, [])


def test_a_header_that_makes_its_file_small_is_not_believed(path: Path) -> None:
    data = bytes(50_000_000)
    write_zip(path, ("bomb.json", data))
    replace_all(path, struct.pack("<L", len(data)), struct.pack("<L", 10))

    read, problems = read_all(path)

    assert read == {"bomb.json": None}
    assert problems == ["bomb.json: is broken (Bad CRC-32 for file 'bomb.json'). Fetch it again."]


def test_a_header_that_makes_its_file_large_is_counted(path: Path) -> None:
    write_zip(path, ("a.json", b"[1234567]"))
    replace_all(path, struct.pack("<LL", 11, 9), struct.pack("<LL", 11, 3_000_000_000))

    assert read_all(path)[0] == {"a.json": b"[1234567]"}


def test_a_header_that_says_that_the_file_is_too_large_is_believed(path: Path) -> None:
    write_zip(path, ("a.json", bytes(2_000)))

    assert read_all(path, Limits(file_bytes=1_000)) == (
        {},
        ["a.json: is larger than 1,000 bytes. Split it."],
    )


def test_a_file_of_a_folder_that_is_too_large_is_passed_over(folder: Path) -> None:
    (folder / "a.json").write_bytes(bytes(2_000))

    assert read_all(folder, Limits(file_bytes=1_000)) == (
        {},
        ["a.json: is larger than 1,000 bytes. Split it."],
    )


def test_a_file_that_grows_after_it_was_listed_is_stopped(folder: Path) -> None:
    (folder / "a.json").write_bytes(b"[]")

    with open_folder(folder, limits=Limits(file_bytes=1_000)) as files:
        (folder / "a.json").write_bytes(bytes(2_000))
        read = files.read("a.json")

    assert read is None
    assert list(map(str, files.problems)) == ["a.json: is larger than 1,000 bytes. Split it."]


def test_a_file_that_memory_should_not_hold_can_still_be_a_stream(path: Path) -> None:
    write_zip(path, ("a.json", bytes(2_000)))

    with open_folder(path, limits=Limits(whole_bytes=1_000)) as files:
        whole = files.read("a.json")
        with files.open("a.json") as stream:
            streamed = stream.read()

    assert whole is None
    assert list(map(str, files.problems)) == ["a.json: is larger than 1,000 bytes. Split it."]
    assert len(streamed) == 2_000


def test_all_files_together_may_be_too_large(path: Path) -> None:
    write_zip(path, ("a.json", bytes(600)), ("b.json", bytes(600)))

    with pytest.raises(SupportbotError) as refusal:
        read_all(path, Limits(total_bytes=1_000))

    assert not isinstance(refusal.value, BrokenFileError)
    assert str(refusal.value) == (
        f"{path} holds more than 1,000 bytes. Import it in several parts."
    )


def test_a_gzipped_file_is_unpacked_when_asked_so(path: Path) -> None:
    write_zip(path, ("a.jsonl.gz", zlib.compress(b"one\ntwo\n", wbits=31)))

    with open_folder(path) as files, files.open("a.jsonl.gz", gunzip=True) as stream:
        assert list(stream) == [b"one\n", b"two\n"]


def test_a_gzipped_bomb_stops_too(path: Path) -> None:
    write_zip(path, ("a.jsonl.gz", zlib.compress(bytes(50_000_000), 9, wbits=31)))

    with (
        open_folder(path) as files,
        files.open("a.jsonl.gz", gunzip=True) as stream,
        pytest.raises(BrokenFileError, match="a zip bomb"),
    ):
        stream.read()


def overlapping(path: Path, copies: int) -> Path:
    """One kernel of compressed bytes that every entry of the list claims (Fifield's bomb)."""
    kernel = zlib.compress(bytes(1_000_000), 9, wbits=-15)
    crc = zlib.crc32(bytes(1_000_000))
    sizes = struct.pack("<LLL", crc, len(kernel), 1_000_000)
    out = io.BytesIO()
    directory = b""
    for number in range(copies):
        name = f"{number:06}".encode()
        common = struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes
        # Only the last header stands directly before the kernel; the others stand before it.
        start = out.tell()
        out.write(b"PK\x03\x04" + common + struct.pack("<HH", len(name), 0) + name)
        directory += (
            b"PK\x01\x02\x14\x00"
            + common
            + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, start)
            + name
        )
    out.write(kernel)
    at = out.tell()
    end = struct.pack("<HHHHLLH", 0, 0, copies, copies, len(directory), at, 0)
    path.write_bytes(out.getvalue() + directory + b"PK\x05\x06" + end)
    return path


def test_files_that_share_their_bytes_are_refused(path: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        read_all(overlapping(path, 200))

    assert str(refusal.value) == (
        f"{path} is broken, or a zip bomb: its files overlap. Fetch it again."
    )


def test_one_file_of_that_making_is_whole(path: Path) -> None:
    assert read_all(overlapping(path, 1)) == ({"000000": bytes(1_000_000)}, [])


def test_a_zip_that_holds_itself_is_read_once(path: Path) -> None:
    write_zip(path, ("inner.zip", write_zip(path, ("inner.zip", b"PK")).read_bytes()))

    assert read_all(path)[0] == {}


def test_too_many_entries_are_refused_before_they_are_in_memory(path: Path) -> None:
    write_zip(path, *((f"{number}.json", b"") for number in range(11)))

    with pytest.raises(SupportbotError) as refusal:
        read_all(path, Limits(entries=10))

    assert str(refusal.value) == (
        f"{path} lists more than 10 files, or more than 32,000,000 bytes of names. "
        "Import it in several parts."
    )


def test_a_list_of_contents_that_is_too_long_is_refused(path: Path) -> None:
    write_zip(path, *((f"{number}{'x' * 1_000}", b"") for number in range(100)))

    with pytest.raises(SupportbotError, match="more than 100,000 bytes of names"):
        read_all(path, Limits(directory_bytes=100_000))


def test_a_list_of_contents_that_claims_to_be_long_is_not_made_room_for(path: Path) -> None:
    data = write_zip(path, ("a.json", bytes(100_000))).read_bytes()
    at = data.index(b"PK\x01\x02")
    path.write_bytes(
        bytes(200_000)
        + data[:at]
        + data[at:].replace(
            struct.pack("<LL", len(data) - at - 22, at), struct.pack("<LL", 150_000, at)
        )
    )

    with pytest.raises(SupportbotError, match="more than 100,000 bytes of names"):
        read_all(path, Limits(directory_bytes=100_000))


def test_a_million_entries_are_refused(path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    directory = entry * 1_000_000
    end = struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    path.write_bytes(directory + b"PK\x05\x06" + end)

    with pytest.raises(SupportbotError, match="lists more than 200,000 files"):
        read_all(path)


def test_a_folder_of_too_many_files_is_refused(folder: Path) -> None:
    (folder / "a.json").touch()
    (folder / "b.json").touch()

    with pytest.raises(SupportbotError) as refusal:
        read_all(folder, Limits(entries=1))

    assert str(refusal.value) == (f"{folder} holds more than 1 files. Import it in several parts.")


def test_names_of_a_folder_obey_the_same_rules(folder: Path) -> None:
    (folder / "a\x1b.json").touch()
    (folder / "inner.zip").touch()
    (folder / os.fsdecode(b"\xff.json")).touch()

    read, problems = read_all(folder)

    assert read == {}
    assert sorted(problems) == [
        "a\ufffd.json: has a control character in its name.",
        "inner.zip: is an archive within the archive. Unpack it first.",
        "\ufffd.json: has a control character in its name.",
    ]


def test_a_damaged_byte_is_refused_or_makes_one_problem_and_never_crashes(path: Path) -> None:
    whole = write_zip(path, ("a/b.json", b"[1]" * 50), ("good.json", b"[]")).read_bytes()

    outcomes = [_outcome_of(path, whole, place) for place in range(len(whole))]

    assert outcomes.count("read") > 0
    assert outcomes.count("refused") > 0


def _outcome_of(path: Path, whole: bytes, place: int) -> str:
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    try:
        read_all(path)
    except SupportbotError:
        return "refused"
    return "read"
