from datetime import UTC, datetime

from supportbot.domain.knowledge.votes import Vote, assured, confirm, reject

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_who_says_that_it_is_solved_confirms_what_was_shown_first() -> None:
    assert confirm("q", ["a:1", "a:2"], "slack:U1", NOW) == (
        Vote("q", "a:1", "slack:U1", has_helped=True, voted_at=NOW),
    )


def test_who_says_that_it_is_not_what_was_meant_rejects_all_that_was_shown() -> None:
    assert [(v.document_id, v.has_helped) for v in reject("q", ["a:1", "a:2"], "m", NOW)] == [
        ("a:1", False),
        ("a:2", False),
    ]


def test_where_nothing_was_shown_nothing_is_voted_on() -> None:
    assert confirm("q", [], "slack:U1", NOW) == reject("q", [], "slack:U1", NOW) == ()


def vote(member: str, question: str = "q", *, has_helped: bool = True, minute: int = 0) -> Vote:
    at = NOW.replace(minute=minute)
    return Vote(question, "a:1", member, has_helped=has_helped, voted_at=at)


def test_three_different_people_assure_a_document() -> None:
    assert assured([vote("m1"), vote("m2"), vote("m3")], str) == {"a:1"}


def test_one_person_cannot_assure_a_document_alone_however_many_accounts_they_join() -> None:
    often = [vote("m1", f"q{number}") for number in range(9)]
    joined = [vote("m1"), vote("m2"), vote("m3")]

    assert assured(often, str) == frozenset()
    assert assured(joined, lambda _member: "one person") == frozenset()


def test_those_who_say_that_it_did_not_help_count_against_it() -> None:
    said = [vote("m1"), vote("m2"), vote("m3"), vote("m4", has_helped=False)]

    assert assured(said, str) == {"a:1"}
    assert assured([*said, vote("m3", has_helped=False, minute=5)], str) == frozenset()
