"""A folder of Markdown files with front matter, read as documents."""

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from supportbot.domain.documents import Document
from supportbot.domain.unicode import repaired
from supportbot.errors import SupportbotError
from supportbot.importers.comments import without_comments

SOURCE = "best_practices"
LARGEST = 1_000_000
"""Bytes of a Markdown file. The longest real one of 1,900 that we read has 105,000."""

_LARGEST_FRONT_MATTER = 20_000
_DEEPEST = 20
_TOO_DEEP = "it is nested too deeply"
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class FrontMatter(BaseModel):
    """What a best-practice document says about itself."""

    model_config = ConfigDict(extra="forbid")

    title: _Text
    topics: list[_Text] = Field(min_length=1)
    owner: _Text
    reviewed: dt.date
    asked_as: list[_Text] = []
    should_find: list[_Text] = []


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, in which line (from 1), and how to mend it."""

    path: Path
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        """Say it in one line, the way compilers do, so that editors can jump there."""
        return f"{self.path}:{self.line}: {self.message} {self.mend}"


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """One Markdown file: what could be read of it, and what could not."""

    path: Path
    """Relative to the folder."""
    document: Document | None
    """None when the file cannot be taken at all."""
    should_find: tuple[str, ...] = ()
    body_line: int = 1
    """Line of the file in which the body starts, from 1."""
    key_lines: Mapping[str, int] | None = None
    """Line of each front matter key."""
    problems: tuple[Problem, ...] = ()

    def line_of(self, key: str) -> int:
        """Give the line of a front matter key, 1 when it is not there."""
        return (self.key_lines or {}).get(key, 1)


def read_folder(folder: Path, *, base_url: str = "") -> Iterator[KnowledgeFile]:
    """Read every Markdown file under a folder, in the order of their paths.

    What is wrong with a file is told in its `problems`; a file with front matter that is not
    ours is taken all the same, with what can be read of it.

    Args:
        folder: Where the documents are.
        base_url: Put before a file's path to make its link.

    Raises:
        SupportbotError: There is no such folder.
    """
    if not folder.is_dir():
        message = f"There is no folder {folder}. Set [knowledge] folder, or create it."
        raise SupportbotError(message)
    root = folder.resolve()
    for path in sorted(_markdown_files(folder)):
        relative = path.relative_to(folder)
        shown = Path(repaired(str(relative)))
        if shown == relative:
            yield _read_file(path, relative, root, base_url)
        else:
            yield _refused(shown, "has a name that is not UTF-8.", "Rename the file.")


def _markdown_files(folder: Path) -> Iterator[Path]:
    # Links to folders are not followed: they may lead out of the folder, or round in circles.
    for parent, _, names in os.walk(folder, followlinks=False):
        yield from (Path(parent, name) for name in names if name.lower().endswith(".md"))


def _read_file(path: Path, relative: Path, root: Path, base_url: str) -> KnowledgeFile:
    try:
        if not path.resolve(strict=True).is_relative_to(root):
            mend = "Copy the file here."
            return _refused(relative, "is a link that leads out of the folder.", mend)
        if not path.is_file():
            return _refused(relative, "is no ordinary file.", "Take it out of the folder.")
        size = path.stat().st_size
        if size > LARGEST:
            return _refused(
                relative,
                f"is {size:,} bytes long, and {LARGEST:,} is the most.",
                "Cut it into several documents.",
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(
            relative, f"is not UTF-8 (byte {error.start}).", "Save it as UTF-8.", line=1
        )
    except (OSError, RuntimeError) as error:
        # Before Python 3.13, a link that leads to itself is a RuntimeError.
        what = getattr(error, "strerror", None) or str(error)
        mend = "Mend the link or its permissions."
        return _refused(relative, f"cannot be read: {what}.", mend)
    return _read_text(text, relative, base_url)


def _refused(path: Path, message: str, mend: str, *, line: int = 1) -> KnowledgeFile:
    return KnowledgeFile(path, None, problems=(Problem(path, line, message, mend),))


def _read_text(text: str, path: Path, base_url: str) -> KnowledgeFile:
    source, body_line = _front_matter(text)
    # Markdown knows fewer ends of lines than Python: a form feed is none.
    lines = text.split("\n")
    while body_line <= len(lines) and not lines[body_line - 1].strip():
        body_line += 1
    uncommented = without_comments("\n".join(lines[body_line - 1 :]))
    body = uncommented.text.rstrip()
    fields, key_lines, problems = _read_front_matter(source, path)
    if uncommented.unclosed is not None:
        line = body_line + uncommented.unclosed - 1
        what = "opens a comment that nothing closes, so the rest of the file is not read."
        problems.append(Problem(path, line, what, "Close it with --> or %%."))
    title = _as_text(fields.get("title")) or _first_heading(body) or path.stem
    if not body:
        problems.append(Problem(path, body_line, "has no text.", "Write it, or delete the file."))
    reviewed = fields.get("reviewed")
    document = Document(
        source=SOURCE,
        key=path.as_posix(),
        title=title,
        body=body,
        asked=tuple(_as_texts(fields.get("asked_as"))),
        topics=tuple(_as_texts(fields.get("topics"))),
        author=_as_text(fields.get("owner")),
        said_at=(
            dt.datetime.combine(reviewed, dt.time(), dt.UTC)
            if isinstance(reviewed, dt.date) and not isinstance(reviewed, dt.datetime)
            else None
        ),
        url=base_url + path.as_posix(),
        is_markdown=True,
    )
    return KnowledgeFile(
        path,
        document if body else None,
        should_find=tuple(_as_texts(fields.get("should_find"))),
        body_line=body_line,
        key_lines=key_lines,
        problems=tuple(problems),
    )


def _front_matter(text: str) -> tuple[str | None, int]:
    """Give the front matter's YAML, if any, and the line in which the body starts."""
    # Nothing but the front matter is asked for, so nothing but its rule runs.
    tokens = MarkdownIt("zero").use(front_matter_plugin).parse(text)
    if tokens and tokens[0].type == "front_matter" and tokens[0].map is not None:
        return tokens[0].content, tokens[0].map[1] + 1
    return None, 1


class _PlainLoader(yaml.SafeLoader):
    """YAML without tags that make objects (safe) and without aliases (they can multiply)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not allowed", event.start_mark
            )
        return super().compose_node(parent, index)

    def fetch_flow_collection_start(self, token: type[yaml.Token]) -> None:
        # Each open bracket may begin a key, and PyYAML looks at all of them again at each letter.
        if self.flow_level >= _DEEPEST:
            raise yaml.scanner.ScannerError(None, None, _TOO_DEEP, self.get_mark())
        super().fetch_flow_collection_start(token)


def _read_front_matter(
    source: str | None, path: Path
) -> tuple[dict[str, object], dict[str, int], list[Problem]]:
    """Give the front matter's fields, the line of each, and what is wrong with them."""
    if source is None:
        mend = "Start the file with ---, title, topics, owner, reviewed, and --- again."
        return {}, {}, [Problem(path, 1, "has no front matter.", mend)]
    if len(source) > _LARGEST_FRONT_MATTER:
        problem = Problem(path, 1, f"has {len(source):,} letters of front matter.", "Cut it.")
        return {}, {}, [problem]
    try:
        node, loaded = _load(source)
    except _BrokenYamlError as error:
        message = f"has broken front matter: {error}."
        return {}, {}, [Problem(path, error.line + 2, message, "Mend the YAML.")]
    if not isinstance(node, yaml.MappingNode) or not isinstance(loaded, dict):
        mend = "Write one `key: value` a line."
        return {}, {}, [Problem(path, 2, "has front matter that is no mapping.", mend)]
    key_lines = {repaired(str(key.value)): key.start_mark.line + 2 for key, _ in node.value}
    fields = {_as_key(key): value for key, value in loaded.items()}
    return fields, key_lines, _validated(fields, key_lines, path)


class _BrokenYamlError(Exception):
    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


def _load(source: str) -> tuple[yaml.Node | None, object]:
    """Parse YAML once: its nodes, which know their lines, and the values made of them."""
    try:
        loader = _PlainLoader(source)
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _BrokenYamlError(error.problem or "no YAML", mark.line if mark else 0) from error
    except yaml.YAMLError as error:
        what = "it is not YAML"
        raise _BrokenYamlError(what) from error
    except RecursionError as error:
        raise _BrokenYamlError(_TOO_DEEP) from error
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        # PyYAML lets these through where a value does not fit its tag, as in `!!int x`.
        what = f"a value does not fit its tag ({error})"
        raise _BrokenYamlError(what) from error


def _validated(
    fields: Mapping[str, object], key_lines: Mapping[str, int], path: Path
) -> list[Problem]:
    try:
        FrontMatter.model_validate(fields)
    except ValidationError as error:
        return [_as_problem(dict(detail), key_lines, path) for detail in error.errors()]
    return []


def _as_problem(detail: Mapping[str, object], key_lines: Mapping[str, int], path: Path) -> Problem:
    location = detail["loc"]
    key = str(location[0]) if isinstance(location, tuple) and location else ""
    line = key_lines.get(key, 1)
    if detail["type"] == "missing":
        return Problem(path, 1, f"lacks the front matter key '{key}'.", f"Add `{key}: …`.")
    if detail["type"] == "extra_forbidden":
        known = ", ".join(FrontMatter.model_fields)
        return Problem(path, line, f"has the unknown key '{key}'.", f"Known keys: {known}.")
    return Problem(path, line, f"has a wrong value for '{key}': {detail['msg']}.", "Mend it.")


def _as_key(key: object) -> str:
    try:
        return repaired(str(key))
    except ValueError:
        # Python refuses to write a number of more than 4,300 digits.
        return "a number"


def _as_text(value: object) -> str:
    return without_comments(repaired(value)).text.strip() if isinstance(value, str) else ""


def _as_texts(value: object) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [text for text in map(_as_text, texts) if text]


def _first_heading(body: str) -> str:
    lines = (line.lstrip("#").strip() for line in body.splitlines() if line.startswith("#"))
    return next(lines, "")
