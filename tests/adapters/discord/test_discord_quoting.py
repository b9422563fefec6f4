import re

import pytest
from hypothesis import given

from supportbot_discord.quoting import framed_document
from tests.adapters.document_cases import CASES, MARKUP, URL, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_document_is_shown_in_discords_markup(case: Case) -> None:
    assert framed_document(case.markdown, URL) == case.discord


@given(MARKUP)
def test_whatever_a_document_is_made_of_nobody_is_notified_and_it_stays_in_its_frame(
    text: str,
) -> None:
    shown = framed_document(text, URL)

    prose = re.sub(r"^```\n.*?\n```$", "", shown, flags=re.DOTALL | re.MULTILINE)
    assert all(line.startswith("> ") for line in prose.split("\n") if line)
    assert not re.search(r"@everyone|@here|<[@#:]", prose)
    assert shown.count("```") % 2 == 0


def test_brackets_in_the_words_of_a_link_do_not_end_it() -> None:
    assert framed_document("[a \\] b](close.md)", "https://docs.example/k/") == (
        "> [a \\] b](<https://docs.example/k/close.md>)"
    )
