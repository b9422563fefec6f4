"""What is done by the clock, or on command: so far, the knowledge sync."""

from collections.abc import Iterator

from supportbot.domain.documents import Document
from supportbot.importers.best_practices import SOURCE, Problem, read_folder
from supportbot.search import Progress, Search, SyncReport
from supportbot.settings import KnowledgeSettings


def sync_knowledge(
    search: Search, community_id: str, knowledge: KnowledgeSettings, progress: Progress
) -> tuple[SyncReport, list[Problem]]:
    """Make the index agree with the knowledge folder.

    Returns:
        What was done, and what is wrong with the files.

    Raises:
        SupportbotError: There is no such folder, or the database cannot be written.
    """
    problems: list[Problem] = []

    def documents() -> Iterator[Document]:
        base_url = knowledge.base_url or f"{knowledge.folder.name}/"
        for file in read_folder(knowledge.folder, base_url=base_url):
            problems.extend(file.problems)
            if file.document is not None:
                yield file.document

    return search.sync(community_id, SOURCE, documents(), progress), problems
