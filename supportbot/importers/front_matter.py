"""What documents say about themselves, above their text: YAML between `---`, TOML between `+++`."""

import datetime as dt
import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from types import MappingProxyType

import yaml

from supportbot.domain.chat.unicode import repaired
from supportbot.importers.comments import without_comments

KEYS = ("title", "topics", "owner", "reviewed", "asked_as", "should_find")
"""The keys that mean something here. None of them has to be there."""

_UNPUBLISHED = ("draft", "isdraft", "unlisted", "hidden", "private", "headless")
_PUBLISHED = ("published", "publish", "dg-publish", "public", "permalink")
_STATES = ("status", "state", "visibility")
HIDING_KEYS = (*_UNPUBLISHED, *_PUBLISHED, *_STATES)
"""Keys of other tools that may keep a page from being seen, and do so here, too.

Source: the front matter of Hugo, Jekyll, Docusaurus, Eleventy, Obsidian Publish and Pelican.
"""
_DRAFTS = frozenset(
    {"draft", "drafts", "private", "hidden", "unpublished", "trash", "wip", "internal"}
)
_YES = frozenset({"true", "yes", "y", "on", "1", "1.0"})
_NO = frozenset({"false", "no", "n", "off", "0"})
_NEVER = ("never", False)
_UNSEEN = " \t\ufeff\u200b"
_YAML_MARK = re.compile(r"---(?:[ \t]*(?:ya?ml|#.*))?")
_MOST_LINES = 100
_LONGEST = 20_000
_DEEPEST = 20
_NEAR = 0.8
_TOO_DEEP = "it is nested too deeply"
_KEY_LINE = re.compile(r"[\"']?([\w.-]+)[\"']?[ \t]*[:=][ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, in which line of the file, and how to fix it."""

    line: int
    what: str
    fix: str
    matters: bool = True


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a document says about itself, as far as it can be read."""

    title: str = ""
    topics: tuple[str, ...] = ()
    owner: str = ""
    reviewed: dt.date | None = None
    asked_as: tuple[str, ...] = ()
    should_find: tuple[str, ...] = ()
    unpublished_by: str = ""
    """The key that says that nobody is to see the document yet; empty where it may be shown."""
    key_lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Line of each key, also of those that are not ours."""
    flaws: tuple[Flaw, ...] = ()

    def has(self, key: str) -> bool:
        """Whether something is said under a key."""
        return bool(getattr(self, key)) if key in KEYS else key in self.key_lines


def split_front_matter(text: str) -> tuple[FrontMatter, int]:
    """Read the front matter of a file, if any; returns as well the line in which the body starts.

    Args:
        text: The whole file; newlines alone end its lines.
    """
    lines = text.split("\n")
    first = _first_line(lines)
    mark = lines[first].strip(_UNSEEN) if first < len(lines) else ""
    mark = "---" if _YAML_MARK.fullmatch(mark) else mark
    if mark not in {"---", "+++"}:
        return FrontMatter(unpublished_by=_unpublished_by(_unmarked(lines[first:]))), 1
    end = next((n for n in range(first + 1, len(lines)) if _closes(lines[n], mark)), None)
    flaws: tuple[Flaw, ...] = ()
    after = 1
    if end is None:
        # Three dashes are a rule as well. Front matter goes on with a key.
        begins = next((line for line in lines[first + 1 :] if not line.startswith("#")), "")
        if not _KEY_LINE.fullmatch(begins):
            return FrontMatter(), 1
        end = next((n for n in range(first, len(lines)) if not lines[n].strip()), len(lines))
        flaws = (
            Flaw(first + 1, "has front matter that nothing closes.", f"Close it with {mark}."),
        )
        after = 0
    elif first + 1 < end and not lines[first + 1].strip() and not _has_keys(lines[first:end]):
        return FrontMatter(), 1
    source = "\n".join(lines[first + 1 : end])
    read = _read(source, first + 2, is_toml=mark == "+++")
    return _with_flaws(read, flaws), end + 1 + after


def _first_line(lines: Sequence[str]) -> int:
    """Return the number, from 0, of the first line that says something, behind a comment."""
    first = next((n for n, line in enumerate(lines) if line.strip(_UNSEEN)), len(lines))
    if first < len(lines) and lines[first].lstrip(_UNSEEN).startswith("<!--"):
        end = next((n for n in range(first, len(lines)) if "-->" in lines[n]), None)
        if end is not None and not lines[end].partition("-->")[2].strip():
            after = next((n for n in range(end + 1, len(lines)) if lines[n].strip()), len(lines))
            is_mark = after < len(lines) and lines[after].strip() in {"---", "+++"}
            return after if is_mark else first
    return first


def _unmarked(lines: Sequence[str]) -> Mapping[str, object]:
    """Read what a file says of itself without marks: as Pelican and MultiMarkdown do, or JSON."""
    if lines and lines[0].lstrip(_UNSEEN).startswith("{"):
        with suppress(ValueError, RecursionError):
            value, _ = json.JSONDecoder().raw_decode("\n".join(lines[:_MOST_LINES]).lstrip(_UNSEEN))
            return {str(key): one for key, one in value.items()} if isinstance(value, dict) else {}
    head = list(takewhile(_KEY_LINE.fullmatch, lines[:_MOST_LINES]))
    is_head = len(head) < len(lines) and not lines[len(head)].strip()
    return _salvaged("\n".join(head)) if head and is_head else {}


def _closes(line: str, mark: str) -> bool:
    return line.rstrip() == mark or (mark == "---" and line.rstrip() == "...")


def _has_keys(lines: Sequence[str]) -> bool:
    return any(_KEY_LINE.match(line.strip()) for line in lines)


def _with_flaws(read: FrontMatter, flaws: tuple[Flaw, ...]) -> FrontMatter:
    if not flaws:
        return read
    values = {key: getattr(read, key) for key in (*KEYS, "key_lines", "unpublished_by")}
    return FrontMatter(**values, flaws=(*flaws, *read.flaws))


def _read(source: str, line: int, *, is_toml: bool) -> FrontMatter:
    if len(source) > _LONGEST:
        what = f"has {len(source):,} characters of front matter, and {_LONGEST:,} is the most."
        flaw = Flaw(max(1, line - 1), what, "Shorten it.")
        return FrontMatter(unpublished_by=_unpublished_by(_salvaged(source)), flaws=(flaw,))
    try:
        values, key_lines = _toml(source) if is_toml else _yaml(source)
    except _BrokenError as error:
        name = "TOML" if is_toml else "YAML"
        flaw = Flaw(line + error.line, f"has broken front matter: {error}.", f"Fix the {name}.")
        said = _salvaged(source)
        return FrontMatter(
            title=_as_text(said.get("title")),
            owner=_as_text(said.get("owner")),
            unpublished_by=_unpublished_by(said),
            flaws=(flaw,),
        )
    lines = {key: line + number for key, number in key_lines.items()}
    return _checked(values, lines)


class _BrokenError(Exception):
    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


_Values = tuple[dict[str, object], dict[str, int]]


def _toml(source: str) -> _Values:
    try:
        values: dict[str, object] = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) - 1 if found else source.count("\n")
        what = re.sub(r" \(at .*\)$", "", str(error)) or "it is not TOML"
        raise _BrokenError(what, line) from error
    lines: dict[str, int] = {}
    for number, text in enumerate(source.split("\n")):
        if key := _KEY_LINE.match(text.strip()):
            lines.setdefault(key[1], number)
    return values, {key: lines.get(key, 0) for key in values}


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


def _yaml(source: str) -> _Values:
    node, loaded = _load(source)
    if loaded is None:
        return {}, {}
    if not isinstance(node, yaml.MappingNode) or not isinstance(loaded, dict):
        what = "it does not say `key: value`"
        raise _BrokenError(what)
    key_lines = {repaired(str(key.value)): key.start_mark.line for key, _ in node.value}
    return {_as_key(key): value for key, value in loaded.items()}, key_lines


def _load(source: str) -> tuple[yaml.Node | None, object]:
    """Parse YAML once: its nodes, which know their lines, and the values made of them."""
    try:
        loader = _PlainLoader(source)
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _BrokenError(error.problem or "it is not YAML", mark.line if mark else 0) from error
    except yaml.YAMLError as error:
        what = "it is not YAML"
        raise _BrokenError(what) from error
    except RecursionError as error:
        raise _BrokenError(_TOO_DEEP) from error
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        # PyYAML lets these through where a value does not fit its tag, as in `!!int x`.
        what = f"a value does not fit its tag ({error})"
        raise _BrokenError(what) from error


def _salvaged(source: str) -> Mapping[str, str]:
    """Read what stands in lines of its own in front matter that is broken elsewhere."""
    found = (_KEY_LINE.fullmatch(line) for line in source.split("\n"))
    return {one[1]: re.sub(r"\s+#.*", "", one[2]).strip("\"' ,") for one in found if one}


def _unpublished_by(values: Mapping[str, object]) -> str:
    """Find the key by which other tools keep a page from being seen."""
    said = {key.strip().lower(): _said(value) for key, value in values.items()}
    for key in ("build", "_build", "params"):
        inner = values.get(key)
        if isinstance(inner, Mapping) and (inner.get("render") in _NEVER or _unpublished_by(inner)):
            return key
    by_yes = (key for key in _UNPUBLISHED if said.get(key) in _YES)
    by_no = (key for key in _PUBLISHED if said.get(key) in _NO)
    by_state = (key for key in _STATES if said.get(key) in _DRAFTS)
    return next((key for keys in (by_yes, by_no, by_state) for key in keys), "")


def _said(value: object) -> str:
    one = value[0] if isinstance(value, list) and value else value
    return _as_key(one).strip().lower()


def _checked(values: Mapping[str, object], lines: Mapping[str, int]) -> FrontMatter:
    flaws = [
        Flaw(
            lines.get(key, 1), f"has {said} for '{key}', which cannot be read.", fix, matters=False
        )
        for key, said, fix in _misread(values)
    ]
    reviewed = _as_date(values.get("reviewed"))
    return FrontMatter(
        title=_as_text(values.get("title")),
        topics=_as_texts(values.get("topics")),
        owner=", ".join(_as_texts(values.get("owner"))),
        reviewed=reviewed,
        asked_as=_as_texts(values.get("asked_as")),
        should_find=_as_texts(values.get("should_find")),
        unpublished_by=_unpublished_by(values),
        key_lines=lines,
        flaws=tuple(flaws),
    )


def _misread(values: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Find what is said under our keys and cannot be read: the key, what it has, the fix."""
    for key in KEYS:
        value = values.get(key)
        if value is None or value in ("", []):
            continue
        if key == "reviewed":
            if _as_date(value) is None:
                yield key, f"'{_as_text(value) or value!r:.40}'", "Write a day, such as 2026-03-02."
        elif not (_as_text(value) if key == "title" else _as_texts(value)):
            fix = "Write a text." if key in {"title", "owner"} else "Write a list of texts."
            yield key, "no text", fix


def near_key(key: str) -> str:
    """Find which of our keys another one is near to, as `titel` is; empty when it is to none."""
    said = key.strip().lower().replace("-", "_").replace(" ", "_")
    return next(iter(difflib.get_close_matches(said, KEYS, n=1, cutoff=_NEAR)), "")


def _as_key(key: object) -> str:
    try:
        return repaired(str(key))
    except ValueError:
        # Python refuses to write a number of more than 4,300 digits.
        return "a number"


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
        return ""
    return without_comments(_as_key(value)).text.strip()


def _as_texts(value: object) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    return tuple(text for text in map(_as_text, texts) if text)


def _as_date(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.datetime.fromisoformat(value.strip()).date() if isinstance(value, str) else None
    except ValueError:
        return None
