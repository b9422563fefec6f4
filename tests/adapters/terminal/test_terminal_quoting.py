import pytest
from rich.console import Console, Group

from supportbot_terminal.quoting import document_lines, document_parts
from tests.adapters.document_cases import CASES, URL, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_document_is_shown_in_plain_lines(case: Case) -> None:
    assert document_lines(case.markdown, URL) == case.terminal


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_document_is_shown_with_the_same_words_in_colour(case: Case) -> None:
    console = Console(width=500)
    with console.capture() as capture:
        console.print(Group(*document_parts(case.markdown, URL)))

    shown = [line.rstrip() for line in capture.get().rstrip("\n").split("\n")]
    assert shown == [line.rstrip() for line in case.terminal]


def test_styles_are_those_of_the_document() -> None:
    (shown,) = document_parts("*one* **two** `three`", URL)

    assert [str(span.style) for span in getattr(shown, "spans", ())] == [
        "italic",
        "none",
        "bold",
        "none",
        "cyan",
    ]
