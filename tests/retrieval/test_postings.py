import numpy as np

from supportbot.retrieval.postings import Posting, Postings, Stems


class Library:
    """Gives the posting of a word, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Stems] = []

    def read(self, postings: Postings, *stems: str, passages: int = 1) -> Posting:
        def look_up() -> Posting:
            self.asked.append(stems)
            return Posting(np.arange(passages, dtype=np.int32), np.ones(passages, np.float32))

        return postings.of(stems, look_up)


def test_a_word_is_read_once() -> None:
    postings, library = Postings(), Library()

    first = library.read(postings, "invoic", passages=3)

    assert library.read(postings, "invoic") is first
    assert library.asked == [("invoic",)]


def test_a_word_that_is_in_no_passage_is_read_once_too() -> None:
    postings, library = Postings(), Library()

    library.read(postings, "nothing", passages=0)
    library.read(postings, "nothing", passages=0)

    assert library.asked == [("nothing",)]


def test_the_order_of_the_stems_of_a_word_counts() -> None:
    postings, library = Postings(), Library()

    library.read(postings, "gen", "ledger")
    library.read(postings, "ledger", "gen")

    assert library.asked == [("gen", "ledger"), ("ledger", "gen")]


def test_words_that_share_a_forgotten_stem_are_read_anew_and_no_others() -> None:
    postings, library = Postings(), Library()
    library.read(postings, "gen", "ledger")
    library.read(postings, "invoic")

    postings.forget({"ledger"})

    library.read(postings, "gen", "ledger")
    library.read(postings, "invoic")
    assert library.asked == [("gen", "ledger"), ("invoic",), ("gen", "ledger")]


def test_the_words_that_were_asked_for_longest_ago_make_room() -> None:
    postings, library = Postings(most=5), Library()
    library.read(postings, "a", passages=2)
    library.read(postings, "b", passages=2)
    library.read(postings, "a")

    library.read(postings, "c", passages=2)

    assert len(postings) == 2
    library.read(postings, "a")
    library.read(postings, "b", passages=2)
    assert library.asked == [("a",), ("b",), ("c",), ("b",)]


def test_a_word_that_is_too_large_to_be_remembered_is_given_all_the_same() -> None:
    postings, library = Postings(most=5), Library()

    given = library.read(postings, "the", passages=6)

    assert given.positions.size == 6
    assert len(postings) == 0


def test_after_clearing_there_is_room_for_as_much_as_before() -> None:
    postings, library = Postings(most=5), Library()
    library.read(postings, "a", passages=5)

    postings.clear()

    assert len(postings) == 0
    library.read(postings, "b", passages=3)
    library.read(postings, "c", passages=2)
    assert len(postings) == 2
