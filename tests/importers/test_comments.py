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
        "Text 100%% sure.\n\n%%\n4711\n%%\n\nText",
        "Text {# 4711 } more #} there",
        "Text {#4711 } more #} there",
        "Text.\n\n{# 4711\n\nmore",
        "{% comment %}a{% comment %}b{% endcomment %}4711{% endcomment %} Text",
        "{% comment 'why' %}4711{% endcomment %} Text",
        "Text {%- # 4711 -%}",
        "Text {{- /* 4711 */ -}}",
        "Text {{< comment >}} 4711\n\n4711 {{< /comment >}}",
        "Text {{% comment %}} 4711 {{% /comment %}}",
        "Text {{!-- 4711\n\n}} 4711 --}}",
        "Text {{! 4711\n4711 }}",
        "Text <%# 4711 %> and <%-- 4711 --%>",
        "Text\n\n{::comment}\n4711\n\n4711\n{:/comment}",
        "Text {::comment}4711{:/}",
        "Text.\n\n% 4711\n\nmore",
        "% 4711\nText",
        "%remember 4711\n\nText",
        "[//]: # (4711)\n\nText",
        "[comment]: <> (4711)\nText",
        'Text\n\n[//]: # "4711"',
        "[_]: # '4711'\n\nText",
        "Text\n\n[hidden note]: <> (4711)",
        "<div hidden>4711</div>\n\nText",
        "<div class='a' hidden=\"until-found\">\n<div>a</div>\n4711</div>\n\nText",
        'Text <span style="color: red; display: none">4711</span>',
        "Text <span style='visibility:hidden'>4711</span>",
        'Text <P STYLE="DISPLAY : none!important">4711</P>',
        "Text\n\n<section hidden>\n\n4711",
        "Text <https://x.example/`> <!-- 4711 --> and <https://x.example/`>",
        "Text <a title='`'>b</a> <!-- 4711 --> <a title='`'>b</a>",
        "<table>\n<tr><td>Don`t\n<!-- 4711 -->\n<tr><td>Won`t</td></tr>\n</table>\n\nText",
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
        "%APPDATA%\\4711 is where it is",
        "%d of 4711 are done",
        "Text at 100 % 4711",
        "## Text {#4711}\n\n{% if a %} b {% endif %}",
        "Text `{::comment}4711{:/comment}` and `{{!-- 4711 --}}`",
        "```\n% 4711\n[//]: # (4711)\n<div hidden>4711</div>\n```",
        "<div class='hidden-4711'>Text</div>",
        "<input type='hidden' value='4711'> Text",
        "a < b hidden > 4711",
        "Text about the `hidden` attribute: 4711",
        "[4711]: https://x.example/#comment",
        "{{ !flag }} 4711",
    ],
)
def test_what_only_looks_like_a_comment_stays(text: str) -> None:
    assert without_comments(text).text == text


def test_in_mdx_an_indented_line_is_no_code() -> None:
    text = "<Tabs>\n\n    {/* 4711 */}\n\n</Tabs>"

    assert "4711" in without_comments(text).text
    assert "4711" not in without_comments(text, is_mdx=True).text


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
    [
        *("<!--", "<!-- a -->", "%%", "`", "` `` ``` ", "{#", "| ` ", "> <!-- -->\n", "\\", "{/*"),
        *("{# a ", "{#a", "<a hidden>", "<a ", "<a b='", "{{!", "{::comment}", "% a\n", "[//]: #"),
        *("{% comment %}", "<%#", "{{! a }}", "<p hidden></p>", "{% comment %}{% endcomment %}"),
    ],
)
def test_a_text_made_to_harm_takes_no_longer_than_its_length_deserves(text: str) -> None:
    assert grows_linearly(without_comments, text * 3_000)


OF_OTHER_TOOLS = [
    "[//]: # (internal\n4711\n)\n\nText",
    "Text\n\n[//]: #\n (4711)",
    "- a\n\n    [//]: # (4711)\n\nText",
    "> % 4711\n\nText",
    "%4711\n\nText",
    "::: comment\n4711\n:::\n\nText",
    "::: {.content-hidden when=x}\n4711\n:::\nText",
    "::: notes\n4711\n:::\nText",
    "Text {>> 4711 <<}",
    "Text {-- 4711 --}",
    "#+BEGIN_COMMENT\n4711\n#+END_COMMENT\nText",
    "\\cond INTERNAL\n4711\n\\endcond\nText",
    "{% if false %}4711{% endif %} Text",
    "Text <% # 4711 %>",
    "Text <#-- 4711 -->",
    "Text @* 4711 *@",
    "Text <%doc>4711</%doc>",
    "<div style=display:none>4711</div> Text",
    "<div style={{display: 'none'}}>4711</div> Text",
    '<div hidden @click="x">4711</div> Text',
    "<img hidden alt='4711' src='x.png'> Text",
    "<div style='display:/**/none'>4711</div> Text",
    "Text <!4711> b",
    "Text </ 4711> b",
    "{% liquid\n # 4711\n%}\nText",
]


@pytest.mark.parametrize("text", OF_OTHER_TOOLS)
def test_what_other_tools_hide_is_taken_out(text: str) -> None:
    shown = without_comments(text).text

    assert "4711" not in shown
    assert "Text" in shown


@pytest.mark.parametrize("text", ["{ /* 4711 */ } Text", "{// 4711\n} Text"])
def test_a_comment_of_mdx_may_have_spaces_and_lines(text: str) -> None:
    shown = without_comments(text, is_mdx=True).text

    assert "4711" not in shown
    assert "Text" in shown


@pytest.mark.parametrize(
    "text",
    [
        "a 50 %% b 4711",
        "a @internal b 4711",
        "{--} 4711",
        "::: tip\n4711\n:::",
        "%USERNAME% 4711",
        "[a]: #x\n4711",
        "</div> 4711",
        "use `{>> 4711 <<}`",
        "```\n::: comment\n4711\n:::\n```",
    ],
)
def test_what_only_looks_like_another_tools_comment_stays(text: str) -> None:
    assert "4711" in without_comments(text).text
