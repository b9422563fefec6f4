"""Making the index agree with the knowledge folder."""

from collections.abc import Iterator

from supportbot.domain.knowledge.documents import Document
from supportbot.knowledge.markdown import SOURCE, Problem, read_folder
from supportbot.knowledge.search import Progress, Search, SyncReport
from supportbot.settings import KnowledgeSettings


def sync_knowledge(
    search: Search, knowledge: KnowledgeSettings, progress: Progress
) -> tuple[SyncReport, list[Problem]]:
    """Make the index agree with the knowledge folder.

    Returns:
        What was done, and what is wrong with the files that matters.

    Raises:
        SupportbotError: There is no such folder, or the database cannot be written.
    """
    problems: list[Problem] = []

    def documents() -> Iterator[Document]:
        base_url = knowledge.base_url or f"{knowledge.folder.name}/"
        required = knowledge.required
        for file in read_folder(knowledge.folder, base_url=base_url, required=required):
            problems.extend(problem for problem in file.problems if problem.matters)
            if file.document is not None:
                yield file.document

    return search.sync(SOURCE, documents(), progress), problems
