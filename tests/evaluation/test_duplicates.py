from hypothesis import given
from hypothesis import strategies as st

from supportbot.evaluation.duplicates import NEARLY_THE_SAME, duplicates

TEXT = "Open the page for periods, choose the company, and enter the month that is closed."


def test_texts_that_are_the_same_but_for_a_word_are_grouped_with_the_first() -> None:
    texts = [TEXT, "Something else.", f"{TEXT} Now.", TEXT.upper(), "Another thing entirely."]

    assert list(duplicates(texts)) == [[0, 2, 3]]


def test_texts_that_differ_in_what_matters_are_not() -> None:
    texts = ["Post a sales invoice with F9.", "Post a purchase invoice with F11."]

    assert list(duplicates(texts)) == []


def test_texts_without_spaces_are_compared_too() -> None:
    assert list(
        duplicates(["これは長い文章です。" * 9, "別の文です。", "これは長い文章です" * 9])
    ) == [[0, 2]]


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=8), max_size=12))
def test_no_pair_that_is_alike_is_passed_over(words: list[list[str]]) -> None:
    texts = [" ".join(one) for one in words]
    later = {number for group in duplicates(texts) for number in group[1:]}
    firsts = [number for number in range(len(texts)) if number not in later]

    def pairs(number: int) -> set[tuple[str, str]]:
        return set(zip(words[number], words[number][1:], strict=False))

    assert all(
        len(pairs(one) & pairs(other)) / len(pairs(one) | pairs(other)) < NEARLY_THE_SAME
        for one in firsts
        for other in firsts
        if one < other
    )
