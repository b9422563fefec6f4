from collections.abc import Iterator
from pathlib import Path

import pytest

from supportbot.domain.places import COMMUNITY, Scope
from supportbot.errors import SupportbotError
from supportbot.jobs import sync_knowledge
from supportbot.search import Search, untold
from supportbot.settings import KnowledgeSettings
from supportbot.store.database import Database
from supportbot.testing import HashingEmbedder

_GOOD = """---
title: Posting invoices
topics: [invoices]
owner: Donna
reviewed: 2026-01-15
---

Open the invoice and choose Post.
"""


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    database = Database(tmp_path / "supportbot.db")
    yield Search(database, HashingEmbedder())
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    return folder


def test_the_documents_of_the_folder_can_be_found(search: Search, folder: Path) -> None:
    (folder / "posting.md").write_text(_GOOD)
    knowledge = KnowledgeSettings(folder=folder, base_url="https://example.org/")

    report, problems = sync_knowledge(search, "ours", knowledge, untold)

    assert (report.added, problems) == (1, [])
    (match,) = search.find_matches(Scope("ours", frozenset({COMMUNITY})), "post an invoice")
    assert (match.title, match.author, match.source) == (
        "Posting invoices",
        "Donna",
        "best_practices",
    )
    assert match.url == "https://example.org/posting.md"


def test_what_is_wrong_with_a_file_is_told_and_the_others_are_taken(
    search: Search, folder: Path
) -> None:
    (folder / "posting.md").write_text(_GOOD)
    (folder / "plain.md").write_text("Words without front matter.")
    (folder / "empty.md").write_text("")

    report, problems = sync_knowledge(search, "ours", KnowledgeSettings(folder=folder), untold)

    assert report.added == 2
    assert [str(problem.path) for problem in problems] == ["empty.md", "empty.md", "plain.md"]


def test_a_document_that_was_deleted_is_forgotten(search: Search, folder: Path) -> None:
    (folder / "posting.md").write_text(_GOOD)
    knowledge = KnowledgeSettings(folder=folder)
    sync_knowledge(search, "ours", knowledge, untold)
    (folder / "posting.md").unlink()

    report, _ = sync_knowledge(search, "ours", knowledge, untold)

    assert report.removed == 1
    assert search.is_empty("ours")


def test_a_folder_that_is_missing_is_told(search: Search, tmp_path: Path) -> None:
    knowledge = KnowledgeSettings(folder=tmp_path / "nowhere")

    with pytest.raises(SupportbotError, match="There is no folder"):
        sync_knowledge(search, "ours", knowledge, untold)


def test_without_a_base_url_a_link_is_the_path_from_the_folder_on(
    search: Search, folder: Path
) -> None:
    (folder / "posting.md").write_text(_GOOD)

    sync_knowledge(search, "ours", KnowledgeSettings(folder=folder), untold)

    (match,) = search.find_matches(Scope("ours", frozenset({COMMUNITY})), "post an invoice")
    assert match.url == "knowledge/posting.md"
