"""Whether a folder of documents is in order: what is wrong, in which line, and how to fix it."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from supportbot.domain.chat.audiences import open_scope
from supportbot.domain.knowledge.documents import Passage
from supportbot.domain.knowledge.markdown import parser
from supportbot.domain.language.counts import counted
from supportbot.errors import SupportbotError
from supportbot.evaluation.duplicates import duplicates
from supportbot.importers.front_matter import HIDING_KEYS, KEYS, near_key
from supportbot.knowledge.markdown import (
    SOURCE,
    KnowledgeFile,
    Problem,
    documents_passed_over,
    documents_put_aside,
    read_folder,
)
from supportbot.knowledge.search import Progress, Search
from supportbot.retrieval.chunking import passages_of

_FOUND_AMONG = 3
_SHORTEST = 80
"""Characters of a passage that is compared: shorter ones are alike by nature."""
_LINK = re.compile(r"\]\([^()\n]*\)")
"""Where a link leads, which is not compared."""
_MOST_PLACES = 3
_MOST_SLIPS = 5
"""Files in which a key is nearly one of ours by mistake. In more of them it is a key of its own."""


def check_knowledge(
    paths: Sequence[Path], search: Search, progress: Progress, *, required: Sequence[str] = ()
) -> Iterator[Problem]:
    """Check documents: what matters first, then what may be improved.

    Args:
        paths: Folders, or single files: then their whole folder is read, since links and
            duplicates need it, and only what is wrong with these files is told.
        search: Over a database of its own, which holds these documents alone.
        progress: Told how far the embedding is.
        required: Front matter keys that each file has to have.

    Raises:
        SupportbotError: A path does not exist.
    """
    for folder, names in _by_folder(paths).items():
        files = list(read_folder(folder, required=required))
        told = [problem for file in files for problem in file.problems]
        problems = [
            *_broken_links(folder, files),
            *_asked_twice(files),
            *_near_duplicates(files, names),
            *_not_found(files, search, progress),
            *(problem for problem in told if problem.matters),
            *_near_keys(files),
            *(problem for problem in told if not problem.matters),
        ]
        for problem in problems:
            if not names or problem.path.as_posix() in names:
                yield replace(problem, path=folder / problem.path)
        if not names:
            yield from _remarks(folder, files)


def _by_folder(paths: Sequence[Path]) -> dict[Path, set[str]]:
    """Group paths by folder, with the names of the single files; none means all."""
    folders: dict[Path, set[str]] = {}
    for path in paths:
        if not path.exists():
            message = f"There is no file or folder {path}."
            raise SupportbotError(message)
        if path.is_dir():
            folders[path] = set()
        elif not path.is_file():
            message = f"{path} is not an ordinary file. Give a Markdown file, or a folder of them."
            raise SupportbotError(message)
        elif folders.get(path.parent) != set():
            folders.setdefault(path.parent, set()).add(path.name)
    return folders


def _near_keys(files: Iterable[KnowledgeFile]) -> Iterator[Problem]:
    """Find keys that are nearly ours."""
    files = list(files)
    counts = _other_keys(files)
    for file in files:
        for key, line in file.key_lines.items():
            if near := _slip(key, counts):
                what = f"has the key '{key}', which means nothing here."
                yield Problem(file.path, line, what, f"Did you mean '{near}'?")


def _slip(key: str, counts: Mapping[str, int]) -> str:
    return near_key(key) if 0 < counts.get(key, 0) <= _MOST_SLIPS else ""


def _other_keys(files: Iterable[KnowledgeFile]) -> Counter[str]:
    return Counter(
        key for file in files for key in file.key_lines if key not in {*KEYS, *HIDING_KEYS}
    )


def _remarks(folder: Path, files: Sequence[KnowledgeFile]) -> Iterator[Problem]:
    """Tell in a line each what is not read: front matter of other tools, and other documents."""
    counts = _other_keys(files)
    for key, count in sorted(counts.items()):
        if not _slip(key, counts):
            file = next(file for file in files if key in file.key_lines)
            what = f"has the key '{key}', which is not read (in {counted(count, 'file')})."
            yield Problem(folder / file.path, file.line_of(key), what, "", matters=False)
    for ending, count in sorted(documents_passed_over(folder).items()):
        what = f"has {counted(count, f'{ending} file')}, not read: only Markdown is."
        yield Problem(folder, 1, what, "", matters=False)
    if hidden := documents_put_aside(folder):
        what = f"has {counted(hidden, 'file')} in hidden folders or among drafts, not read."
        yield Problem(folder, 1, what, "", matters=False)


def _not_found(
    files: Sequence[KnowledgeFile], search: Search, progress: Progress
) -> Iterator[Problem]:
    asking = [file for file in files if file.should_find and file.document]
    if not asking:
        return
    documents = [file.document for file in files if file.document]
    search.sync(SOURCE, documents, progress)
    scope = open_scope()
    for file in asking:
        for question in file.should_find:
            with search.reading() as tx:
                found = search.find_matches(tx, scope, question, limit=_FOUND_AMONG)
            if file.document and file.document.id not in {match.document_id for match in found}:
                yield Problem(
                    file.path,
                    file.line_of("should_find"),
                    f"is not found by '{question}', which finds: "
                    f"{'; '.join(match.title for match in found)}.",
                    "Add a question like it to asked_as, or say in the text what it asks for.",
                )


@dataclass(frozen=True, slots=True)
class _PlacedPassage:
    file: KnowledgeFile
    passage: Passage

    @property
    def line(self) -> int:
        return self.file.line_in_file(self.passage.line)

    def __str__(self) -> str:
        return f"{self.file.path}:{self.line}"


def _near_duplicates(files: Iterable[KnowledgeFile], names: Collection[str]) -> Iterator[Problem]:
    placed = [
        _PlacedPassage(file, passage)
        for file in files
        if file.document
        for passage in passages_of(file.document)
        if len(passage.shown) >= _SHORTEST and passage.line not in file.taken_in
    ]
    for group in duplicates([_LINK.sub(" ", one.passage.shown) for one in placed]):
        members = [placed[number] for number in group]
        told = [one for one in members if not names or one.file.path.as_posix() in names]
        if not told:
            continue
        others = [str(one) for one in members if one is not told[-1]]
        more = len(others) - _MOST_PLACES
        rest = f", and {more:,} more" if more > 0 else ""
        yield Problem(
            told[-1].file.path,
            told[-1].line,
            f"says nearly the same as {', '.join(others[:_MOST_PLACES])}{rest}.",
            "Keep one of them, and link to it.",
        )


def _asked_twice(files: Iterable[KnowledgeFile]) -> Iterator[Problem]:
    asked_in: dict[str, list[KnowledgeFile]] = defaultdict(list)
    for file in files:
        for question in file.document.asked if file.document else ():
            asked_in[" ".join(question.lower().split()).rstrip("?!. ")].append(file)
    for question, (first, *others) in asked_in.items():
        for other in others:
            yield Problem(
                other.path,
                other.line_of("asked_as"),
                f"has '{question}' in asked_as, and so has {first.path}.",
                "Keep it in the document that answers it.",
            )


@dataclass(frozen=True, slots=True)
class _Links:
    """Where a document leads, and where one may be led to in it."""

    targets: tuple[tuple[int, str], ...] = ()
    """Each with its line in the file."""
    anchors: frozenset[str] = frozenset()


def _links_of(file: KnowledgeFile) -> _Links:
    tokens = parser().parse(file.body)
    targets = tuple(
        (file.line_in_file(token.map[0] + 1), str(target))
        for token in tokens
        for child in token.children or ()
        if token.map and (target := child.attrGet("href") or child.attrGet("src"))
        # What another file leads to is told there.
        if unquote(str(target)) not in file.addresses
    )
    anchors = (str(token.attrGet("id")) for token in tokens if token.attrGet("id"))
    return _Links(targets, frozenset(anchors) | file.anchors)


def _broken_links(folder: Path, files: Sequence[KnowledgeFile]) -> Iterator[Problem]:
    links = {(folder / file.path).resolve(): _links_of(file) for file in files}
    anchors = {path: one.anchors for path, one in links.items()}
    for file in files:
        for line, target in links[(folder / file.path).resolve()].targets:
            broken = _broken_link(folder, file, target, anchors)
            if broken is not None:
                yield Problem(file.path, line, *broken)


def _broken_link(
    folder: Path, file: KnowledgeFile, target: str, anchors: Mapping[Path, frozenset[str]]
) -> tuple[str, str] | None:
    """Find what is wrong with a relative link, and the fix; None when it leads somewhere."""
    try:
        link = urlsplit(target)
    except ValueError:
        return f"links to {target}, which is not an address.", "Fix the link, or delete it."
    if link.scheme or link.netloc or link.path.startswith("/"):
        return None
    itself = (folder / file.path).resolve()
    path = itself.parent / unquote(link.path) if link.path else itself
    if not _exists(path):
        return f"links to {target}, which does not exist.", "Fix the link, or delete it."
    path = path.resolve()
    if not link.fragment or path not in anchors or _leads(unquote(link.fragment), anchors[path]):
        return None
    there = ", ".join(sorted(anchors[path])) or "none"
    return (
        f"links to the heading #{link.fragment}, which {path.name} does not have.",
        f"Headings there: {there}.",
    )


def _leads(fragment: str, anchors: frozenset[str]) -> bool:
    # What becomes of capitals and of an emoji at the start differs between tools.
    return fragment in anchors or fragment.lower().strip("-") in {
        anchor.lower().strip("-") for anchor in anchors
    }


def _exists(path: Path) -> bool:
    """Whether a link leads to a file; some tools leave out the ending of its name."""
    try:
        return path.exists() or any(path.with_name(path.name + end).exists() for end in _ENDINGS)
    except (OSError, ValueError):  # a name that no file can have
        return False


_ENDINGS = (".md", ".mdx")
