import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supportbot.importers.comments import without_comments
from tests.growth import grows_linearly


@pytest.mark.parametrize(
    "text",
    [
        "<!-- the code is 4711 -->\n\nText",
        "<!--\nthe code is 4711\n\nand more 4711\n-->\n\nText",
        "Text <!-- the code is 4711 --> goes on",
        "Text <!-- the code\n\nis 4711 --> goes on",
        "Text <!--- 4711 ---> goes on",
        "Text <!-- 4711 --!> goes on",
        "- Text <!-- 4711\n  4711 -->\n- more",
        "> Text <!-- 4711\n> 4711 -->",
        "| a | b |\n|---|---|\n| x <!-- 4711 | 4711 --> | Text |",
        "| ` | <!-- 4711 --> | ` |\n|---|---|---|\n| Text | b | c |",
        "# Text <!-- 4711 -->",
        "Text `<!--` <!-- ` 4711 -->",
        "Text <!-- \n```\n4711 -->\n<!-- 4711 -->\n```\n",
        "> ```\n> code\n\n<!-- 4711 -->\n\nText",
        "Text\n\n%% 4711 %%",
        "%%\n4711\n\n4711\n%%\n\nText",
        "- Text %% 4711 %%\n- more",
        "Text{/* 4711 */}",
        "Text {% comment %}\n4711\n{% endcomment %}",
        "Text {%- comment -%}4711{%- endcomment -%}",
        "Text {# 4711 #}",
        "Text {#secret words 4711#}",
        "Text {{/* 4711 */}} {{</* 4711 */>}}",
        "Text\n\n<!-- 4711",
        "Text <!-- 4711\n\n# 4711",
        "Text\n\n%%\n4711\n\n4711",
        "Text %% 4711",
        "Text <!-- <!-- 4711 --> goes on",
    ],
)
def test_a_comment_is_taken_out_and_the_text_around_it_stays(text: str) -> None:
    shown = without_comments(text).text

    assert "4711" not in shown
    assert "Text" in shown


@pytest.mark.parametrize(
    "text",
    [
        "```\n<!-- 4711 -->\n%% 4711 %%\n```",
        "~~~ html\n<!-- 4711 -->\n~~~",
        "- a\n\n  ```\n  <!-- 4711 -->\n  ```",
        "Text\n\n    <!-- 4711 -->",
        "Text `<!-- 4711 -->` and `` ` %%4711%% ``",
        r"Text \<!-- 4711 -->",
        "Text at 100%% of 4711",
        "## Text {#id-4711}",
        "## Text { #id-4711 .note }",
        "Text {{ site.name_4711 }}",
        "a <- 4711 -> b",
    ],
)
def test_what_only_looks_like_a_comment_stays(text: str) -> None:
    assert without_comments(text).text == text


def test_the_lines_after_a_comment_keep_their_numbers() -> None:
    assert without_comments("a\n\n<!-- b\n\nc -->\n\nd").text == "a\n\n\n\n\n\nd"


def test_what_a_comment_leaves_at_the_start_of_a_line_does_not_become_code() -> None:
    assert without_comments("<!-- a -->      b").text == "b"


@pytest.mark.parametrize("text", ["a\n\n<!-- b\n\nc", "a\n\nb %% c"])
def test_a_comment_that_nothing_closes_is_told_with_its_line(text: str) -> None:
    assert without_comments(text).unclosed == 3


def test_a_comment_that_ends_where_it_begins_hides_nothing() -> None:
    assert without_comments("a <!--> b <!---> c").text == "a  b  c"


_PIECES = st.sampled_from(
    ["<!--", "-->", "%%", "`", "``", "```\n", "\n", "\n\n", "> ", "- ", "    ", "|", "a", " ", "\\"]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
@example("<!-- a --> `<!-- b -->`")
def test_a_text_keeps_its_number_of_lines(text: str) -> None:
    assert without_comments(text).text.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    ["<!--", "<!-- a -->", "%%", "`", "` `` ``` ", "{#", "| ` ", "> <!-- -->\n", "\\", "{/*"],
)
def test_a_text_made_to_harm_takes_no_longer_than_its_length_deserves(text: str) -> None:
    assert grows_linearly(without_comments, text * 3_000)
