"""Whether a folder of documents is in order: what is wrong, in which line, and how to mend it."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from supportbot.domain.documents import Passage
from supportbot.domain.places import open_scope
from supportbot.errors import SupportbotError
from supportbot.importers.best_practices import SOURCE, KnowledgeFile, Problem, read_folder
from supportbot.retrieval.chunking import markdown, passages_of
from supportbot.search import Progress, Search

COMMUNITY_ID = "knowledge-check"
NEAR_DUPLICATE = 0.95
"""Cosine from which two passages say the same. Chosen by reading pairs of the manual and of
1,900 real documents: below it, passages of sister pages differ in what matters."""

_FOUND_AMONG = 3
_SHORTEST = 80
"""Letters of a passage that is compared: shorter ones are alike by nature."""


def check_knowledge(paths: Sequence[Path], search: Search, progress: Progress) -> Iterator[Problem]:
    """Check documents: what can be read off them first, then what needs the model.

    Args:
        paths: Folders, or single files: then their whole folder is read, since links and
            duplicates need it, and only what is wrong with these files is told.
        search: Over a database of its own, which holds these documents alone.
        progress: Told how far the embedding is.

    Raises:
        SupportbotError: A path does not exist.
    """
    for folder, names in _by_folder(paths).items():
        files = list(read_folder(folder))
        problems = itertools.chain(
            *(file.problems for file in files),
            _broken_links(folder, files),
            _asked_twice(files),
            _near_duplicates(files, search),
            _not_found(files, search, progress),
        )
        for problem in problems:
            if not names or problem.path.as_posix() in names:
                yield replace(problem, path=folder / problem.path)


def _by_folder(paths: Sequence[Path]) -> dict[Path, set[str]]:
    """Group paths by folder, with the names of the single files; none means all."""
    folders: dict[Path, set[str]] = {}
    for path in paths:
        if not path.exists():
            message = f"There is no file or folder {path}."
            raise SupportbotError(message)
        if path.is_dir():
            folders[path] = set()
        elif folders.get(path.parent) != set():
            folders.setdefault(path.parent, set()).add(path.name)
    return folders


def _not_found(
    files: Sequence[KnowledgeFile], search: Search, progress: Progress
) -> Iterator[Problem]:
    documents = [file.document for file in files if file.document]
    search.sync(COMMUNITY_ID, SOURCE, documents, progress)
    scope = open_scope(COMMUNITY_ID)
    for file in files:
        for question in file.should_find:
            found = search.find_matches(scope, question, limit=_FOUND_AMONG)
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
        return self.file.body_line + self.passage.line - 1


def _near_duplicates(files: Iterable[KnowledgeFile], search: Search) -> Iterator[Problem]:
    placed = [
        _PlacedPassage(file, passage)
        for file in files
        if file.document
        for passage in passages_of(file.document)
        if len(passage.shown) >= _SHORTEST
    ]
    vectors = search.embedder.embed_documents([one.passage.shown for one in placed])
    for i, later in enumerate(placed):
        for j in (vectors[:i] @ vectors[i] >= NEAR_DUPLICATE).nonzero()[0].tolist():
            earlier = placed[j]
            yield Problem(
                later.file.path,
                later.line,
                f"says nearly the same as {earlier.file.path}:{earlier.line}.",
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


def _anchors(file: KnowledgeFile) -> frozenset[str]:
    tokens = markdown().parse(file.document.body if file.document else "")
    return frozenset(str(token.attrGet("id")) for token in tokens if token.attrGet("id"))


def _broken_links(folder: Path, files: Sequence[KnowledgeFile]) -> Iterator[Problem]:
    anchors = {(folder / file.path).resolve(): _anchors(file) for file in files}
    for file in files:
        for line, target in _links(file):
            broken = _broken_link(folder, file, target, anchors)
            if broken is not None:
                yield Problem(file.path, line, *broken)


def _broken_link(
    folder: Path, file: KnowledgeFile, target: str, anchors: Mapping[Path, frozenset[str]]
) -> tuple[str, str] | None:
    """Say what is wrong with a relative link, and the mend; None when it leads somewhere."""
    link = urlsplit(target)
    if link.scheme or link.netloc or link.path.startswith("/"):
        return None
    itself = (folder / file.path).resolve()
    path = itself.parent / unquote(link.path) if link.path else itself
    if not _exists(path):
        return f"links to {target}, which does not exist.", "Mend the link, or delete it."
    path = path.resolve()
    if not link.fragment or path not in anchors or unquote(link.fragment) in anchors[path]:
        return None
    there = ", ".join(sorted(anchors[path])) or "none"
    return (
        f"links to the heading #{link.fragment}, which {path.name} does not have.",
        f"Headings there: {there}.",
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _links(file: KnowledgeFile) -> Iterator[tuple[int, str]]:
    """Give each link and picture of a document, with its line in the file."""
    for token in markdown().parse(file.document.body if file.document else ""):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target and token.map:
                yield file.body_line + token.map[0], str(target)
