import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.importers.admonitions import without_indented_boxes
from supportbot.importers.dialects import translated
from tests.growth import grows_linearly


def shown(text: str) -> str:
    return translated(without_indented_boxes(text)).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> [!NOTE]\n> Text", "> **Note:**\n> Text"),
        ("> [!warning]- Careful\n> Text", "> **Careful:**\n> Text"),
        ("> [!tip] Do this!\n> Text", "> **Do this!**\n> Text"),
        ('> [!div class="a"]\n> Text', "> \n> Text"),
        ("> [!VIDEO https://v.example/1]", "> "),
        (":::note\nText\n:::", "**Note:**\nText\n"),
        (":::tip Pro tip\nText\n:::", "**Pro tip:**\nText\n"),
        ("::: warning [Pro tip]\nText\n:::", "**Pro tip:**\nText\n"),
        (':::{.callout-note title="Pro tip"}\nText\n:::', "**Pro tip:**\nText\n"),
        ('::: moniker range=">=1"\nText\n::: moniker-end', "\nText\n"),
        (':::image source="a.png" alt-text="The page":::', "![The page](a.png)"),
        ('!!! note "Before you restore"\n\n    Text', "**Before you restore:**\n\nText"),
        ("!!! danger\n    Text\n\n    - a\n\nMore", "**Danger:**\nText\n\n- a\n\nMore"),
        ("??? tip\n    !!! note\n        Text\n    More", "**Tip:**\n**Note:**\nText\nMore"),
        ('=== "Linux"\n\n    ```\n    # a\n    ```\n', "**Linux:**\n\n```\n# a\n```\n"),
        ("- a\n\n    !!! note\n\n        Text", "- a\n\n    **Note:**\n\n    Text"),
        ("```{note}\nText\n```", "**Note:**\nText\n"),
        ("```{code-block} python\nText\n```", "```{code-block} python\nText\n```"),
    ],
)
def test_the_text_of_a_box_stays(text: str, words: str) -> None:
    assert shown(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import A from '@theme/A';\n\nText", "\n\nText"),
        ("import {\n  A,\n  B\n} from './a'\n\nText", "\n\n\n\n\nText"),
        ("export const a = {\n  b: 1,\n}\n\nText", "\n\n\n\nText"),
        ("We import goods from 'A'.", "We import goods from 'A'."),
        ('<Tabs>\n<TabItem value="a" label="Linux">\n\nText', "\n**Linux** \n\nText"),
        ("Press <kbd>F9</kbd> or <b>Post</b><br/>now", "Press `F9` or **Post** now"),
        ("<Note type={{a: 1}}>Text</Note>", "Text"),
        ('<a href="b.md">Text</a>', "[Text](b.md)"),
        ('<img src="a b.png" alt="The page">', "![The page](a%20b.png)"),
        ('<h2 id="export">Export data</h2>', "## Export data {#export}"),
        ("<details>\n<summary>How?</summary>\n\nText\n</details>", "\n**How?** \n\nText\n"),
        ("<table>\n    <tr>\n        <td>One</td>\n", "\n\nOne \n"),
        ("<script>\nalert(1)\n</script>Text", "\n\nText"),
        ("<style>a {b: c}</style>Text <?php echo 1 ?>", "Text "),
        ("<script>alert(1)", ""),
        ("a < b and c > d, List<String>", "a < b and c > d, List\\<String>"),
        ("Enter <your-name> or <name>", "Enter \\<your-name> or \\<name>"),
        ("<https://a.example> <a@b.example>", "<https://a.example> <a@b.example>"),
    ],
)
def test_tags_leave_their_words_and_scripts_nothing(text: str, words: str) -> None:
    assert shown(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% include nav.html %}\nText in {{ site.product }}.", "\nText in ."),
        ("[setup]({{ site.baseurl }}/setup.html)", "setup"),
        ("[setup]({% link _docs/setup.md %})", "setup"),
        ('See {{< ref "close.md" >}}', "See close.md"),
        ("{{< notice warning >}}\nText\n{{< /notice >}}", "\nText\n"),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", "```ruby\nputs 1\n```"),
        ("{% raw %}{{ a }}{% endraw %}", "\\{\\{ a \\}\\}"),
        ("Use ${{ secrets.KEY }}", "Use ${{ secrets.KEY }}"),
        ("* TOC\n{:toc}\n\nText\n{: .note }", "\n\n\nText\n"),
        ("[TOC]\n[[_TOC_]]", "\n"),
        ("## Part {#part}", "## Part {#part}"),
        ("A [link](b.md){: .button } here", "A [link](b.md) here"),
    ],
)
def test_what_templates_compute_is_left_out(text: str, words: str) -> None:
    assert shown(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[Reopen a period]]", "Reopen a period"),
        ("[[Reopen a period|reopening]]", "reopening"),
        ("| [[a\\|b]] |\n|---|", "| b |\n|---|"),
        ("[[Setup#Number series]]", "Setup › Number series"),
        ("[[#Steps]] [[Setup#^abc]]", "Steps Setup"),
        ("![[Note#Steps]] ![[a.png|300]]", "Note › Steps "),
        ("if [[ -f a ]]; then", "if [[ -f a ]]; then"),
        ("==Marked== text. ^block-id", "Marked text."),
        ("a == b, c == d, 10 ^2", "a == b, c == d, 10 ^2"),
        ("Text[^1].\n\n[^1]: Note", "Text\\[1\\].\n\n\\[1\\] Note"),
        ('Text\n\n--8<-- "a.md"\n*[HTML]: Hyper Text', "Text\n\n\n"),
        ("Term\n:   Words", "Term\nWords"),
        ("[a][1], [b][], [c]\n\n[1]: x.md\n[b]: y.md\n", "[a](<x.md>), [b](<y.md>), [c]\n\n"),
    ],
)
def test_links_and_marks_of_other_tools_become_their_words(text: str, words: str) -> None:
    assert shown(text).removesuffix("[1]: x.md\n[b]: y.md\n") == words


@pytest.mark.parametrize(
    "code",
    [
        "`[[a]] {{ b }} <b> ==c== :::note`",
        "```\n> [!NOTE]\n!!! note\n    a\n[[a]] {{ b }} <script>c</script>\nimport a from 'b'\n```",
        "Text\n\n    [[a]] {{ b }} <b>",
        "\\[[a]] \\<b> \\{{ c }}",
    ],
)
def test_code_and_what_is_escaped_stays_as_it_is(code: str) -> None:
    assert shown(code) == code


def test_ids_of_tags_are_anchors() -> None:
    assert translated('## End <a id="end"></a>\n\n<A name=\'b\'/> `<a id="c">`').anchors == {
        "end",
        "b",
    }


_PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<A b={c}>", "[[", "]]", "{{", "}}", "{%", "%}", "`", "```\n"),
        *("> [!NOTE]\n", "!!! note\n", "    ", ":::", "\n", "\n\n", "==", "[a]", "(b)", "a", " "),
        *("\\", "<script>", "|"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_a_text_keeps_its_number_of_lines(text: str) -> None:
    assert shown(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        *("<", "<a b='", "<A b={", "[[a", "{{", "{%", "{{<", "==a", "!!! note\n    ", "> [!"),
        *(":::",),
        *("[a](", "<h1>", "<script", "import a\n", "export const\n", "`", "<!a", "<?", "[^", "{:"),
        *("{% highlight a", "<a href='b'>", "a{.", "^a ", "{% raw %}"),
    ],
)
def test_a_text_made_to_harm_takes_no_longer_than_its_length_deserves(text: str) -> None:
    assert grows_linearly(shown, text * 2_000)
