"""Reads each in a transaction of its own: for tests that look once."""

from typing import Any

from supportbot.domain.chat.audiences import Scope
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.expert import Referral
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.knowledge.training_pairs import NearPassage
from supportbot.experts.people import People
from supportbot.knowledge.search import Search


def matches(search: Search, scope: Scope, text: str, **options: Any) -> tuple[Match, ...]:
    """Find what matches a question."""
    with search.reading() as tx:
        return search.find_matches(tx, scope, text, **options)


def near_passages(search: Search, scope: Scope, text: str, **options: Any) -> list[NearPassage]:
    """Find the passages near a question."""
    with search.reading() as tx:
        return search.near_passages(tx, scope, text, **options)


def chosen_of(
    people: People, text: str, place: Place, asker: Author, **options: Any
) -> tuple[Referral, ...]:
    """Choose whom to ask."""
    with people._database.reading() as tx:
        return people.choose(tx, text, place, asker, **options)
