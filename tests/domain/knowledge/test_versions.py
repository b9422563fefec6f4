import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.knowledge.versions import other_version


@pytest.mark.parametrize(
    ("asked", "found", "other"),
    [
        ("How do I post in AX 2009?", "In AX 2012 R3 you choose Post.", "AX 2012"),
        ("how do i post in ax 2009?", "In AX2012 you choose Post.", "AX2012"),
        ("Print preview in BC24?", "Since BC 22 it is there.", "BC 22"),
        ("Does it work in Lean 4?", "In Lean 3, use `simp`.", "Lean 3"),
        ("Python 3.11 says no", "With Python 3.9 it is so", "Python 3.9"),
        ("since v2.3 it fails", "In v1.9 this was mended", "v1.9"),
        ("since version 24 it fails", "Version 22 cannot do it", "Version 22"),
    ],
)
def test_another_version_of_the_same_product_is_told(asked: str, found: str, other: str) -> None:
    assert other_version(asked, found) == other


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("How do I post in AX 2009?", "In AX 2009 you choose Post."),
        ("How do I post in AX 2009?", "AX 2012 and AX 2009 are alike here."),
        ("How do I post in AX 2009?", "You choose Post."),
        ("How do I post?", "In AX 2009 you choose Post."),
        ("Print preview in BC 24?", "Since BC 24.1 it is there."),
        ("BC 24 and SQL 2019", "SQL 2019 is enough"),
        ("AX 2009 beside NAV 2018", "NAV 2018 is another product"),
    ],
)
def test_what_agrees_or_names_no_version_is_none(asked: str, found: str) -> None:
    assert other_version(asked, found) == ""


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Error 401 when posting", "Error 500 when posting"),
        ("See page 3", "Page 7 tells it"),
        ("Step 2 fails", "After Steps 3 and 4"),
        ("Invoice 1001 is wrong", "Invoice 1002 was right"),
        ("I have 3 users", "You need 5 users"),
        ("a rise of VAT 19%", "VAT 16% until then"),
        ("we had ledgers 12", "their ledgers 15"),
        ("10.0.0.1 is not reached", "10.0.0.2 is"),
    ],
)
def test_numbers_of_other_things_are_no_versions(asked: str, found: str) -> None:
    assert other_version(asked, found) == ""


TEXTS = st.text(alphabet="AXbc v.0124% -\n", max_size=80)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_what_is_told_stands_in_the_text_that_was_found(asked: str, found: str) -> None:
    assert other_version(asked, found) in found
    assert other_version(found, found) == ""
