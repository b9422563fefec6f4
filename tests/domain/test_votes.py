from datetime import UTC, datetime

from supportbot.domain.votes import Vote, confirm, reject

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
