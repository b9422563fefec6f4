"""A folder of Markdown files, read as documents, whatever tool they were written for."""

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import quote

from supportbot.domain.chat.unicode import repaired
from supportbot.domain.knowledge.documents import DOCUMENTS, Document
from supportbot.domain.knowledge.markdown import title_of
from supportbot.errors import SupportbotError
from supportbot.importers.admonitions import without_indented_boxes
from supportbot.importers.comments import without_comments
from supportbot.importers.dialects import translated
from supportbot.importers.front_matter import Flaw, FrontMatter, split_front_matter
from supportbot.importers.includes import targets_of, with_includes

SOURCE = DOCUMENTS
LARGEST = 1_000_000
"""Bytes of a Markdown file. The longest real one of 1,900 that we read has 105,000."""

_MDX = ".mdx"
_ENDINGS = (".md", ".markdown", _MDX, ".mdown", ".mkd")
_OTHER_DOCUMENTS = frozenset(
    re.split(
        " ",
        ".adoc .asciidoc .doc .docx .epub .htm .html .ipynb .odt .org .pdf .rst .rtf .tex "
        ".textile .txt .wiki",
    )
)
"""Endings of documents that a group may expect to be read."""
_PUT_ASIDE = frozenset({"_drafts", "drafts", "_trash", "node_modules", "__macosx"})
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMED_AFTER_FOLDER = frozenset({"readme", "index", "_index"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, in which line (from 1), and how to fix it."""

    path: Path
    line: int
    message: str
    fix: str
    matters: bool = True
    """Whether somebody has to do something, rather than may."""

    def __str__(self) -> str:
        """Say it in one line, the way compilers do, so that editors can jump there."""
        return f"{self.path}:{self.line}: {self.message} {self.fix}".rstrip()


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """One Markdown file: what could be read of it, and what could not."""

    path: Path
    """Relative to the folder."""
    document: Document | None
    """None when the file cannot be taken at all."""
    should_find: tuple[str, ...] = ()
    key_lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Line of each front matter key, also of those that are not ours."""
    lines: tuple[int, ...] = ()
    """Line of the file for each line of the document's body."""
    body: str = ""
    """The text, also of what is no document by itself, since others take it in."""
    taken_in: frozenset[int] = frozenset()
    """Lines of the body, from 1, that stand in another file."""
    addresses: frozenset[str] = frozenset()
    """Where links lead that stand in other files."""
    anchors: frozenset[str] = frozenset()
    """Ids to which links may lead, beside the headings."""
    problems: tuple[Problem, ...] = ()

    def line_of(self, key: str) -> int:
        """Find the line of a front matter key, 1 when it is not there."""
        return self.key_lines.get(key, 1)

    def line_in_file(self, line: int) -> int:
        """Find where a line of the body, from 1, stands in the file."""
        return self.lines[line - 1] if line <= len(self.lines) else 1


def read_folder(
    folder: Path, *, base_url: str = "", required: Sequence[str] = ()
) -> Iterator[KnowledgeFile]:
    """Read every Markdown file under a folder, in the order of their paths.

    What is wrong with a file is told in its `problems`; a file with front matter that is not
    ours is taken all the same, with what can be read of it.

    Args:
        folder: Where the documents are.
        base_url: Put before a file's path to make its link.
        required: Front matter keys that each file has to have.

    Raises:
        SupportbotError: There is no such folder.
    """
    if not folder.is_dir():
        message = f"There is no folder {folder}. Set [knowledge] folder, or create it."
        raise SupportbotError(message)
    paths = sorted(_files(folder, _ENDINGS))
    reading = _Reading(folder, base_url, required)
    reading.find_parts(path.relative_to(folder) for path in paths)
    for path in paths:
        relative = path.relative_to(folder)
        shown = Path(repaired(str(relative)))
        if shown == relative:
            yield reading.read(relative)
        else:
            yield _refused(shown, "has a name that is not UTF-8.", "Rename the file.")


def documents_passed_over(folder: Path) -> Mapping[str, int]:
    """Count the files that look like documents and are not read, by the ending of their names."""
    return Counter(path.suffix.lower() for path in _files(folder, tuple(_OTHER_DOCUMENTS)))


def documents_put_aside(folder: Path) -> int:
    """Count the Markdown files that are not read since they, or their folder, are put aside."""
    every = sum(
        name.lower().endswith(_ENDINGS)
        for _, _, names in os.walk(folder, followlinks=False)
        for name in names
    )
    return every - sum(1 for _ in _files(folder, _ENDINGS))


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    # Links to folders are not followed: they may lead out of the folder, or round in circles.
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not _is_put_aside(name)]
        yield from (
            Path(parent, name)
            for name in names
            if name.lower().endswith(endings) and not name.startswith(".")
        )


def _is_put_aside(folder: str) -> bool:
    """Whether tools keep in a folder what nobody is to see: what was deleted, or is no page yet."""
    return folder.startswith(".") or folder.lower() in _PUT_ASIDE


def _refused(path: Path, message: str, fix: str) -> KnowledgeFile:
    return KnowledgeFile(path, None, problems=(Problem(path, 1, message, fix),))


class _RefusedError(Exception):
    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


class _Reading:
    """Reads the files of one folder."""

    def __init__(self, folder: Path, base_url: str, required: Sequence[str]) -> None:
        self._folder, self._root = folder, folder.resolve()
        self._base_url, self._required = base_url, required
        self._parts: set[str] = set()
        # The same banner is taken in by thousands of pages.
        self._included = lru_cache(maxsize=1_000)(self._read_included)

    def find_parts(self, paths: Iterable[Path]) -> None:
        """Learn which files others take in: without a title these are no documents themselves."""
        for path in paths:
            with suppress(_RefusedError):
                text, _ = self._text(self._folder / path)
                self._parts |= targets_of(text, path.as_posix()) - {path.as_posix()}

    def read(self, path: Path) -> KnowledgeFile:
        try:
            text, encoding = self._text(self._folder / path)
        except _RefusedError as error:
            return _refused(path, str(error), error.fix)
        file = self._read_text(text, path)
        if encoding in {"utf-8", "utf-8-sig", "utf-16"}:
            return file
        flaw = Problem(
            path,
            1,
            f"is not UTF-8, and was read as {encoding}.",
            "Save it as UTF-8.",
            matters=False,
        )
        return _with_problem(file, flaw)

    def _text(self, path: Path) -> tuple[str, str]:
        """Read a file; returns its encoding as well.

        Raises:
            _RefusedError: It cannot be read, or must not be.
        """
        try:
            if not path.resolve(strict=True).is_relative_to(self._root):
                message = "is a link that leads out of the folder."
                raise _RefusedError(message, "Copy the file here.")
            if not path.is_file():
                message = "is not an ordinary file."
                raise _RefusedError(message, "Take it out of the folder.")
            size = path.stat().st_size
            if size > LARGEST:
                message = f"is {size:,} bytes long, and {LARGEST:,} is the most."
                raise _RefusedError(message, "Split it into several documents.")
            data = path.read_bytes()
        except (OSError, RuntimeError) as error:
            # Before Python 3.13, a link that leads to itself is a RuntimeError.
            what = getattr(error, "strerror", None) or str(error)
            message = f"cannot be read: {what}."
            raise _RefusedError(message, "Fix the link or its permissions.") from error
        return _decoded(data)

    def _read_included(self, path: str) -> str | None:
        way = PurePosixPath(path)
        if way.suffix.lower() not in _ENDINGS or any(map(_is_put_aside, way.parts)):
            return None
        try:
            text, _ = self._text(self._folder / path)
        except (_RefusedError, ValueError):
            return None
        front_matter, first = split_front_matter(text)
        if front_matter.unpublished_by:
            return None
        body = "\n".join(text.split("\n")[first - 1 :])
        is_mdx = path.lower().endswith(_MDX)
        whole = without_indented_boxes(body)
        uncommented = without_comments(whole, is_mdx=is_mdx)
        # What nothing closes here may be closed by the page that takes it in.
        return uncommented.text if uncommented.unclosed is None else whole

    def _read_text(self, text: str, path: Path) -> KnowledgeFile:
        front_matter, first = split_front_matter(text)
        # Markdown knows fewer ends of lines than Python: a form feed is none.
        lines = text.split("\n")
        while first <= len(lines) and not lines[first - 1].strip():
            first += 1
        whole_body = without_indented_boxes("\n".join(lines[first - 1 :]))
        uncommented = without_comments(whole_body, is_mdx=path.suffix.lower() == _MDX)
        whole = with_includes(uncommented.text, path.as_posix(), self._included)
        # What is taken in may open a comment here, or be closed by one.
        plain = translated(without_comments(whole.text, is_mdx=path.suffix.lower() == _MDX).text)
        body = plain.text.rstrip()
        blank = len(body) - len(body.lstrip("\n"))
        body = body[blank:]
        is_part = path.as_posix() in self._parts and not front_matter.title
        flaws = list(front_matter.flaws)
        if key := front_matter.unpublished_by:
            what = f"is not shown, since its front matter says '{key}'."
            fix = "Take that out when it may be seen."
            flaws.append(Flaw(front_matter.key_lines.get(key, 1), what, fix, matters=False))
        flaws.extend(
            Flaw(1, f"lacks the front matter key '{key}'.", f"Add `{key}: …`.")
            for key in self._required
            if not is_part and not front_matter.has(key)
        )
        if uncommented.unclosed is not None:
            what = "opens a comment that nothing closes, so the rest of the file is not read."
            line = first + uncommented.unclosed - 1
            flaws.append(Flaw(line, what, "Close it, or put a backslash before it."))
        if not body and not is_part:
            flaws.append(
                Flaw(
                    min(first, len(lines)),
                    "has no text.",
                    "Write it, or delete the file.",
                    matters=False,
                )
            )
        is_shown = bool(body) and not is_part and not front_matter.unpublished_by
        return KnowledgeFile(
            path,
            self._document(path, front_matter, body) if is_shown else None,
            should_find=front_matter.should_find,
            key_lines=front_matter.key_lines,
            lines=tuple(first + line - 1 for line in whole.lines[blank:]),
            body=body,
            taken_in=frozenset(line - blank for line in whole.taken_in),
            addresses=whole.addresses,
            anchors=plain.anchors,
            problems=tuple(Problem(path, f.line, f.what, f.fix, f.matters) for f in flaws),
        )

    def _document(self, path: Path, front_matter: FrontMatter, body: str) -> Document:
        reviewed = front_matter.reviewed
        return Document(
            source=SOURCE,
            key=path.as_posix(),
            title=front_matter.title or title_of(body) or self._name_of(path),
            body=body,
            asked=front_matter.asked_as,
            topics=front_matter.topics,
            author=front_matter.owner,
            said_at=dt.datetime.combine(reviewed, dt.time(), dt.UTC) if reviewed else None,
            url=self._base_url + self._in_address(path),
            is_markdown=True,
        )

    def _in_address(self, path: Path) -> str:
        """Write a path so that nothing in it means something else in an address."""
        is_address = "://" in self._base_url
        return quote(path.as_posix()) if is_address else path.as_posix()

    def _name_of(self, path: Path) -> str:
        """Name a document after its file, and a README or an index after its folder."""
        if path.stem.lower() not in _NAMED_AFTER_FOLDER:
            return path.stem
        return path.parent.name or self._root.name or path.stem


def _decoded(data: bytes) -> tuple[str, str]:
    """Decode a file as what it says it is, as UTF-8, or else as Windows writes Western Europe.

    Raises:
        _RefusedError: It is not text.
    """
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    for encoding in (*marked, "utf-8", "cp1252"):
        if encoding != "utf-16" and _is_binary(data, most=0 if encoding == "cp1252" else 0.5):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    message = "is not text."
    raise _RefusedError(message, "Save it as UTF-8, or take it out of the folder.")


def _is_binary(data: bytes, *, most: float) -> bool:
    """Whether more than a part of the bytes are zero, as in pictures and archives."""
    return data.count(0) > most * len(data)


def _with_problem(file: KnowledgeFile, problem: Problem) -> KnowledgeFile:
    return replace(file, problems=(problem, *file.problems))
