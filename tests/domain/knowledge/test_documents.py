from datetime import UTC, datetime

from supportbot.domain.chat.audiences import COMMUNITY
from supportbot.domain.knowledge.documents import Document, Match, Passage


def test_a_document_is_named_by_its_source_and_its_key() -> None:
    document = Document("best_practices", "how/to.md", "How to", "Like this.")

    assert document.id == "best_practices:how/to.md"


def test_a_document_is_for_the_whole_community_unless_told_otherwise() -> None:
    document = Document("best_practices", "how/to.md", "How to", "Like this.")

    assert document.audience == COMMUNITY


def test_a_passage_starts_in_the_first_line_unless_told_otherwise() -> None:
    assert Passage(searched="a", shown="a").line == 1


def test_a_match_has_no_confidence_before_the_decision() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)

    match = Match("a:1", "T", "", "a", "", "Ann", "slack:U1", moment, "Text", 0.9, 0.8)

    assert match.confidence == 0.0
