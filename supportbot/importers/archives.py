"""Folders and zip archives that people give, read without trusting them.

Nothing is ever written: a file is a stream of bytes that are counted while they come out. What a
header says of its file is believed only where it makes the file smaller.
"""

import gzip
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from supportbot.errors import SupportbotError


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of what may have been made to harm.

    The defaults let a Slack export of a million messages in tens of thousands of day files pass,
    and the largest corpus of BEIR (3 GB).
    """

    entries: int = 200_000
    """Files and folders. A Slack export has one file for each day of each channel."""
    directory_bytes: int = 32_000_000
    """Bytes of a zip's list of contents: 160 for each entry. It is held in memory."""
    file_bytes: int = 4_000_000_000
    """Bytes that come out of one file."""
    total_bytes: int = 8_000_000_000
    """Bytes that come out of all files together, each time that they are read."""
    whole_bytes: int = 64_000_000
    """Bytes of a file that is read into memory at once."""
    ratio: int = 200
    """Bytes that may come out of one that went in. Chat exports reach 30; the most that zip's
    compression can do, and only for a file that repeats itself, is 1,032."""
    free_bytes: int = 1_000_000
    """Bytes of a file that may come out whatever the ratio is: a little harms nobody."""


_DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file was passed over: its name, and what is wrong with it."""

    name: str
    message: str

    def __str__(self) -> str:
        """Say it in one line, without what a screen would obey."""
        return f"{_OBEYED.sub(_UNSHOWN, self.name[:_SHOWN])}: {self.message}"


class BrokenFileError(SupportbotError):
    """One file of an archive or a folder cannot be read to its end; the others may be."""

    def __init__(self, where: Path, problem: Problem) -> None:
        """Say which file of which archive it is."""
        super().__init__(f"{where}/{problem}")
        self.problem = problem


class Files:
    """The files of a folder or of a zip: the same names, streams and refusals for both.

    `names` are relative, with slashes, and sorted. What is passed over stands in `problems`, and
    `read` adds to them.
    """

    def __init__(
        self,
        where: Path,
        sizes: Mapping[str, int],
        problems: Iterable[Problem],
        open_file: Callable[[str], Any],
        limits: Limits,
    ) -> None:
        """Hold what is offered, and the bytes that each file takes on the disk."""
        self.where = where
        self.names = tuple(sorted(sizes))
        self.problems = list(problems)
        self._sizes = sizes
        self._open_file = open_file
        self._limits = limits
        self._total = 0

    def open(self, name: str, *, gunzip: bool = False) -> BinaryIO:
        """Open a file for reading; with `gunzip`, what comes out of a gzipped one.

        Raises:
            BrokenFileError: Now, or while it is read: this file is broken, or larger than it may
                be. Pass over it.
            SupportbotError: While it is read: all files together are too large.
        """
        with self._translated(name):
            source = self._open_file(name)
        file = _buffered(_Counted(self, name, source))
        if not gunzip:
            return file
        return _buffered(_Counted(self, name, gzip.GzipFile(fileobj=file), file))

    def read(self, name: str) -> bytes | None:
        """Read a whole file; None when it is passed over, which `problems` then tells.

        Raises:
            SupportbotError: All files together are too large.
        """
        most = self._limits.whole_bytes
        data = bytearray()
        try:
            with self.open(name) as file:
                # In pieces: Python makes room for all that is asked for before it reads.
                while len(data) <= most and (piece := file.read(_PIECE)):
                    data += piece
            if len(data) <= most:
                return bytes(data)
            problem = Problem(name, f"is larger than {most:,} bytes. Split it.")
        except BrokenFileError as error:
            problem = error.problem
        self.problems.append(problem)
        return None

    def _take(self, name: str, size: int, so_far: int) -> None:
        """Count what came out of a file, and refuse it when it is too much."""
        limits = self._limits
        self._total += size
        if self._total > limits.total_bytes:
            message = (
                f"{self.where} holds more than {limits.total_bytes:,} bytes. "
                "Import it in several parts."
            )
            raise SupportbotError(message)
        if so_far > limits.file_bytes:
            reason = f"is larger than {limits.file_bytes:,} bytes. Split it."
            raise BrokenFileError(self.where, Problem(name, reason))
        if so_far > limits.free_bytes + limits.ratio * self._sizes[name]:
            reason = f"grows more than {limits.ratio}-fold when it is unpacked: a zip bomb."
            raise BrokenFileError(self.where, Problem(name, reason))

    @contextmanager
    def _translated(self, name: str) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            reason = f"is broken ({str(error) or 'it ends too early'}). Fetch it again."
            raise BrokenFileError(self.where, Problem(name, reason)) from error


@contextmanager
def open_folder(path: Path, *, limits: Limits = _DEFAULT) -> Iterator[Files]:
    """Open a folder, or a zip of one.

    Names that climb out of the folder, links, devices, encrypted files, archives within the
    archive and second files of a name are passed over, and stand in `Files.problems`.

    Args:
        path: Where it is.
        limits: The most that is read.

    Raises:
        SupportbotError: It is neither, it is broken, or it holds more than it may.
    """
    if path.is_dir():
        yield _listed(path, limits)
    elif path.is_file():
        with _Guarded(path, limits) as file, _opened(path, file) as archive:
            yield _contents(path, archive, limits)
    else:
        message = f"{path} is neither a folder nor a zip archive."
        raise SupportbotError(message)


_PIECE = 1 << 16
_SHOWN = 200
_UNSHOWN = "\ufffd"
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ENTRY = b"PK\x01\x02"
_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What `zipfile` raises for bytes that somebody has made."""


class _Counted(io.RawIOBase):
    """A file's bytes, counted while they come out."""

    def __init__(self, files: Files, name: str, source: Any, *below: BinaryIO) -> None:
        self._files = files
        self._name = name
        self._source = source
        self._below = below
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # Small pieces, so that a bomb is counted before it fills the memory.
        with self._files._translated(self._name):  # noqa: SLF001 - one idea in two classes
            data = self._source.read(min(len(buffer), _PIECE))
        self._count += len(data)
        self._files._take(self._name, len(data), self._count)  # noqa: SLF001
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            for source in (self._source, *self._below):
                source.close()
        super().close()


def _buffered(file: _Counted) -> BinaryIO:
    return io.BufferedReader(file, buffer_size=_PIECE)


class _Guarded(io.FileIO):
    """A zip's own bytes. A list of contents that is too long is not taken into memory."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._path = path
        try:
            super().__init__(path)
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}."
            raise SupportbotError(message) from error

    def read(self, size: int | None = -1) -> bytes:
        most = self._limits.directory_bytes
        wanted = most + 1 if size is None or size < 0 else size
        data = super().read(wanted) if wanted <= most + 1 else b""
        entries = data.count(_ENTRY)
        if wanted > most + 1 or len(data) > most or entries > self._limits.entries:
            message = (
                f"{self._path} lists more than {self._limits.entries:,} files, or more than "
                f"{most:,} bytes of names. Import it in several parts."
            )
            raise SupportbotError(message)
        return data


def _opened(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        message = (
            f"{path} is no zip archive that can be read ({error}). Fetch it again, or unpack it "
            "and give the folder."
        )
        raise SupportbotError(message) from error


def _contents(path: Path, archive: zipfile.ZipFile, limits: Limits) -> Files:
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    _refuse_shared_bytes(path, entries, archive.start_dir)
    problems: list[Problem] = []
    good: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = _name_of(entry)
        same = unicodedata.normalize("NFC", name).casefold()
        reason = _why_passed_over(entry, name, limits)
        if reason is None and same in seen:
            reason = "has the name of another file."
        if reason is None:
            seen.add(same)
            good[name] = entry
        else:
            problems.append(Problem(name, reason))
    sizes = {name: entry.compress_size for name, entry in good.items()}
    return Files(path, sizes, problems, lambda name: archive.open(good[name]), limits)


def _refuse_shared_bytes(path: Path, entries: Iterable[zipfile.ZipInfo], end: int) -> None:
    """Refuse an archive in which one file's bytes are another's too.

    Source: Fifield 2019, "A better zip bomb": 46 MB that way become 4.5 PB.
    """
    spans = sorted(
        (e.header_offset, e.header_offset + _LOCAL_HEADER + e.compress_size) for e in entries
    )
    for (_, before), (start, _) in pairwise([(0, 0), *spans, (end, end)]):
        if start < before:
            message = f"{path} is broken, or a zip bomb: its files overlap. Fetch it again."
            raise SupportbotError(message)


_LOCAL_HEADER = 30


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Read a name that is not marked as UTF-8 as such all the same, where it can be.

    `filename` ends at a NUL; the original does not.
    Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.4.4, bit 11; appendix D)
    """
    name = entry.orig_filename
    if entry.flag_bits & _NAMED_IN_UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


_NAMED_IN_UTF8 = 0x800


def _why_passed_over(entry: zipfile.ZipInfo, name: str, limits: Limits) -> str | None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & 0x41:
        return "is encrypted. Unpack it and give the folder."
    if kind not in {0, stat.S_IFREG}:
        return _NO_FILE
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # The others may ask for gigabytes of memory before the first byte comes out.
        return f"is compressed in an unusual way ({entry.compress_type}). Unpack it first."
    if entry.file_size > limits.file_bytes:
        return f"is larger than {limits.file_bytes:,} bytes. Split it."
    return _why_no_name(name)


def _why_no_name(name: str) -> str | None:
    if _OBEYED.search(name):
        return "has a control character in its name."
    if "\\" in name or re.match(r"/|[A-Za-z]:", name) or {"", ".", ".."} & set(name.split("/")):
        return "has a name that leads out of the folder."
    if name.lower().endswith(_ARCHIVES):
        return "is an archive within the archive. Unpack it first."
    return None


_NO_FILE = "is a link, or no ordinary file. Copy the file here."


def _listed(folder: Path, limits: Limits) -> Files:
    """List a folder. Links are not followed: they may lead out of it, or round in circles."""
    problems: list[Problem] = []
    sizes: dict[str, int] = {}
    for count, path in enumerate(_paths(folder), 1):
        if count > limits.entries:
            message = (
                f"{folder} holds more than {limits.entries:,} files. Import it in several parts."
            )
            raise SupportbotError(message)
        name = path.relative_to(folder).as_posix()
        reason, size = _look_at(path, name, limits)
        if reason is None:
            sizes[name] = size
        else:
            problems.append(Problem(name, reason))
    return Files(folder, sizes, problems, lambda name: _open_plainly(folder / name), limits)


def _paths(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        linked = (name for name in folders if Path(parent, name).is_symlink())
        yield from (Path(parent, name) for name in (*names, *linked))


def _look_at(path: Path, name: str, limits: Limits) -> tuple[str | None, int]:
    try:
        status = path.lstat()
    except OSError as error:
        return f"cannot be read: {error.strerror}.", 0
    if not stat.S_ISREG(status.st_mode):
        return _NO_FILE, 0
    if status.st_size > limits.file_bytes:
        return f"is larger than {limits.file_bytes:,} bytes. Split it.", 0
    return _why_no_name(name), status.st_size


def _open_plainly(path: Path) -> BinaryIO:
    """Open a file that was no link, no pipe and no device when it was listed, and is none now."""
    plainly = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    binary = getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, os.O_RDONLY | plainly | binary), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        message = "it is no ordinary file now"
        raise OSError(message)
    return file
