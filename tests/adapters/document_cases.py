# ruff: noqa: E501 - what is shown stands in one line
"""What documents are written in, and what each platform makes of it."""

from dataclasses import dataclass

from hypothesis import strategies as st

URL = "https://docs.example/k/page.md#top"
"""Where the documents of the cases stand."""

MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "*",
                "**",
                "_",
                "`",
                "```\n",
                "~~",
                "[",
                "](",
                ")",
                "<",
                ">",
                "> ",
                "- ",
                "1. ",
                "# ",
            ),
            *("\n", "\n\n", "    ", "|", "|---|\n", "a", " ", "\\", "@everyone", "@here", "<@123>"),
            *("<#1>", "<!channel>", "https://a.example", "(https://b.example)", "&lt;", "&#x60;"),
        ]
    ),
    max_size=40,
).map("".join)
"""Texts that are made of what means something."""

SlackElement = tuple[str, str, str]
"""Words, styles and address."""


@dataclass(frozen=True, slots=True)
class Case:
    """A passage, and how it is shown."""

    name: str
    markdown: str
    terminal: list[str]
    discord: str
    slack: list[tuple[str, list[SlackElement]]]
    """Each block, with what stands in it."""


CASES = [
    Case(
        "emphasis",
        "*one* _two_ in*fix*",
        terminal=["one two infix"],
        discord="> *one* *two* in*fix*",
        slack=[
            (
                "quote",
                [
                    ("one", "italic", ""),
                    (" ", "", ""),
                    ("two", "italic", ""),
                    (" in", "", ""),
                    ("fix", "italic", ""),
                ],
            )
        ],
    ),
    Case(
        "strong",
        "**one** __two__",
        terminal=["one two"],
        discord="> **one** **two**",
        slack=[("quote", [("one", "bold", ""), (" ", "", ""), ("two", "bold", "")])],
    ),
    Case(
        "strong emphasis",
        "***both*** **one *two***",
        terminal=["both one two"],
        discord="> ***both*** **one** ***two***",
        slack=[
            (
                "quote",
                [
                    ("both", "bold+italic", ""),
                    (" ", "", ""),
                    ("one ", "bold", ""),
                    ("two", "bold+italic", ""),
                ],
            )
        ],
    ),
    Case(
        "struck words",
        "~~gone~~",
        terminal=["gone"],
        discord="> ~~gone~~",
        slack=[("quote", [("gone", "strike", "")])],
    ),
    Case(
        "code",
        "`a*b` and `` a ` b ``",
        terminal=["a*b and a ` b"],
        discord="> `a*b` and `` a ` b ``",
        slack=[("quote", [("a*b", "code", ""), (" and ", "", ""), ("a ` b", "code", "")])],
    ),
    Case(
        "a link beside the document",
        "[close it](close.md#steps)",
        terminal=["close it (https://docs.example/k/close.md#steps)"],
        discord="> [close it](<https://docs.example/k/close.md#steps>)",
        slack=[("quote", [("close it", "", "https://docs.example/k/close.md#steps")])],
    ),
    Case(
        "a link to an anchor",
        "[below](#end)",
        terminal=["below (https://docs.example/k/page.md#end)"],
        discord="> [below](<https://docs.example/k/page.md#end>)",
        slack=[("quote", [("below", "", "https://docs.example/k/page.md#end")])],
    ),
    Case(
        "a link elsewhere",
        "[Close](https://other.example/close)",
        terminal=["Close (https://other.example/close) (other.example)"],
        discord="> [Close](<https://other.example/close>) (other.example)",
        slack=[
            ("quote", [("Close", "", "https://other.example/close"), (" (other.example)", "", "")])
        ],
    ),
    Case(
        "a link whose words name another place",
        "[bank.example](https://evil.example/)",
        terminal=["bank.example (https://evil.example/)"],
        discord="> bank.example (<https://evil.example/>)",
        slack=[
            (
                "quote",
                [("bank.example (", "", ""), ("", "", "https://evil.example/"), (")", "", "")],
            )
        ],
    ),
    Case(
        "a link with a title and styles",
        '[**Close** `it`](close.md "Title")',
        terminal=["Close it (https://docs.example/k/close.md)"],
        discord="> [**Close**](<https://docs.example/k/close.md>) [`it`](<https://docs.example/k/close.md>)",
        slack=[
            (
                "quote",
                [
                    ("Close", "bold", "https://docs.example/k/close.md"),
                    (" ", "", "https://docs.example/k/close.md"),
                    ("it", "code", "https://docs.example/k/close.md"),
                ],
            )
        ],
    ),
    Case(
        "a reference",
        "[close it][1]\n\n[1]: close.md",
        terminal=["close it (https://docs.example/k/close.md)"],
        discord="> [close it](<https://docs.example/k/close.md>)",
        slack=[("quote", [("close it", "", "https://docs.example/k/close.md")])],
    ),
    Case(
        "an address",
        "<https://other.example/a>",
        terminal=["https://other.example/a"],
        discord="> <https://other.example/a>",
        slack=[("quote", [("", "", "https://other.example/a")])],
    ),
    Case(
        "a mail address",
        "<ines@group.example>",
        terminal=["ines@group.example"],
        discord="> ines@group.example",
        slack=[("quote", [("ines@group.example", "", "")])],
    ),
    Case(
        "a link that runs something",
        "[press](javascript:alert(1))",
        terminal=["[press](javascript:alert(1))"],
        discord="> \\[press](\u200bjavascript:alert(1))",
        slack=[("quote", [("[press](javascript:alert(1))", "", "")])],
    ),
    Case(
        "a picture",
        "![The page](media/page.png)",
        terminal=["🖼 The page (https://docs.example/k/media/page.png)"],
        discord="> [🖼 The page](<https://docs.example/k/media/page.png>)",
        slack=[("quote", [("🖼 The page", "", "https://docs.example/k/media/page.png")])],
    ),
    Case(
        "a picture in a link",
        "[![The page](page.png)](close.md)",
        terminal=["🖼 The page (https://docs.example/k/close.md)"],
        discord="> [🖼 The page](<https://docs.example/k/close.md>)",
        slack=[("quote", [("🖼 The page", "", "https://docs.example/k/close.md")])],
    ),
    Case(
        "a picture without words",
        "See ![](page.png) there",
        terminal=["See  there"],
        discord="> See  there",
        slack=[("quote", [("See  there", "", "")])],
    ),
    Case(
        "a soft break",
        "one\ntwo",
        terminal=["one", "two"],
        discord="> one\n> two",
        slack=[("quote", [("one\ntwo", "", "")])],
    ),
    Case(
        "hard breaks",
        "one  \ntwo\\\nthree<br>four",
        terminal=["one", "two", "three", "four"],
        discord="> one\n> two\n> three\n> four",
        slack=[("quote", [("one\ntwo\nthree\nfour", "", "")])],
    ),
    Case(
        "entities",
        "&lt;b&gt; &amp; &copy; &#x202e;",
        terminal=["<b> & © "],
        discord="> <b> & © ",
        slack=[("quote", [("<b> & © ", "", "")])],
    ),
    Case(
        "escapes",
        "\\*one\\* \\# \\[two\\]\\(three\\)",
        terminal=["*one* # [two](three)"],
        discord="> \\*one\\* # \\[two](\u200bthree)",
        slack=[("quote", [("*one* # [two](three)", "", "")])],
    ),
    Case(
        "signs that mean nothing",
        "2 * 3 * 4, snake_case_name, a < b",
        terminal=["2 * 3 * 4, snake_case_name, a < b"],
        discord="> 2 \\* 3 \\* 4, snake\\_case\\_name, a < b",
        slack=[("quote", [("2 * 3 * 4, snake_case_name, a < b", "", "")])],
    ),
    Case(
        "a paragraph and another",
        "One.\n\nTwo.",
        terminal=["One.", "", "Two."],
        discord="> One.\n> \n> Two.",
        slack=[("quote", [("One.\n\nTwo.", "", "")])],
    ),
    Case(
        "a bullet list",
        "- one\n- two",
        terminal=["• one", "• two"],
        discord="> • one\n> • two",
        slack=[("quote", [("• one\n• two", "", "")])],
    ),
    Case(
        "a nested list",
        "- one\n  - two\n    - three",
        terminal=["• one", "   ◦ two", "      ▪ three"],
        discord="> • one\n>    ◦ two\n>       ▪ three",
        slack=[("quote", [("• one\n   ◦ two\n      ▪ three", "", "")])],
    ),
    Case(
        "an ordered list",
        "3. one\n4. two",
        terminal=["3. one", "4. two"],
        discord="> 3. one\n> 4. two",
        slack=[("quote", [("3. one\n4. two", "", "")])],
    ),
    Case(
        "an ordered list in a bullet list",
        "- one\n  1. two\n  2. three",
        terminal=["• one", "   1. two", "   2. three"],
        discord="> • one\n>    1. two\n>    2. three",
        slack=[("quote", [("• one\n   1. two\n   2. three", "", "")])],
    ),
    Case(
        "a task list",
        "- [x] one\n- [ ] *two*",
        terminal=["☑ one", "☐ two"],
        discord="> ☑ one\n> ☐ *two*",
        slack=[("quote", [("☑ one\n☐ ", "", ""), ("two", "italic", "")])],
    ),
    Case(
        "a list with paragraphs",
        "- one\n\n  two\n\n- three",
        terminal=["• one", "two", "• three"],
        discord="> • one\n> two\n> • three",
        slack=[("quote", [("• one\ntwo\n• three", "", "")])],
    ),
    Case(
        "code in a list",
        "1. one\n   ```\n   a = 1\n   ```\n2. two",
        terminal=["1. one", "    a = 1", "2. two"],
        discord="> 1. one\n```\na = 1\n```\n> 2. two",
        slack=[
            ("quote", [("1. one", "", "")]),
            ("preformatted", [("a = 1", "", "")]),
            ("quote", [("2. two", "", "")]),
        ],
    ),
    Case(
        "a table",
        "| a | b |\n|---|---|\n| **one** | `two` |",
        terminal=["    a    b", "    one  two"],
        discord="```\na    b\none  two\n```",
        slack=[("preformatted", [("a    b\none  two", "", "")])],
    ),
    Case(
        "a wide table",
        "| name | what it does |\n|---|---|\n| [Close](close.md) | words words words words words words words words words |\n",
        terminal=[
            "• name: Close (https://docs.example/k/close.md) · what it does: words words words words words words words words words"
        ],
        discord="> • **name**: [Close](<https://docs.example/k/close.md>) · **what it does**: words words words words words words words words words",
        slack=[
            (
                "quote",
                [
                    ("• ", "", ""),
                    ("name", "bold", ""),
                    (": ", "", ""),
                    ("Close", "", "https://docs.example/k/close.md"),
                    (" · ", "", ""),
                    ("what it does", "bold", ""),
                    (": words words words words words words words words words", "", ""),
                ],
            )
        ],
    ),
    Case(
        "headings",
        "# One\n\nTwo *three*\n----------",
        terminal=["One", "", "Two three"],
        discord="> **One**\n> \n> **Two** ***three***",
        slack=[
            (
                "quote",
                [
                    ("One", "bold", ""),
                    ("\n\n", "", ""),
                    ("Two ", "bold", ""),
                    ("three", "bold+italic", ""),
                ],
            )
        ],
    ),
    Case(
        "a quotation",
        "> one\n> two\n>\n> > three",
        terminal=["│ one", "│ two", "", "│ │ three"],
        discord="> │ one\n> │ two\n> \n> │ │ three",
        slack=[("quote", [("│ one\n│ two\n\n│ │ three", "", "")])],
    ),
    Case(
        "a list in a quotation",
        "> - one\n> - two",
        terminal=["│ • one", "│ • two"],
        discord="> │ • one\n> │ • two",
        slack=[("quote", [("│ • one\n│ • two", "", "")])],
    ),
    Case(
        "a block of code",
        "```python\nprint('*a*')\n\n# b\n```",
        terminal=["    print('*a*')", "", "    # b"],
        discord="```\nprint('*a*')\n\n# b\n```",
        slack=[("preformatted", [("print('*a*')\n\n# b", "", "")])],
    ),
    Case(
        "indented code",
        "    a  <!channel>",
        terminal=["    a  <!channel>"],
        discord="```\na  <!channel>\n```",
        slack=[("preformatted", [("a  <!channel>", "", "")])],
    ),
    Case(
        "code with fences",
        "````\n```\na\n```\n````",
        terminal=["    ```", "    a", "    ```"],
        discord="```\n`\u200b``\na\n`\u200b``\n```",
        slack=[("preformatted", [("```\na\n```", "", "")])],
    ),
    Case(
        "a rule",
        "one\n\n---\n\ntwo",
        terminal=["one", "", "———", "", "two"],
        discord="> one\n> \n> ———\n> \n> two",
        slack=[("quote", [("one\n\n———\n\ntwo", "", "")])],
    ),
    Case(
        "HTML",
        "<kbd>F9</kbd> <!-- 4711 --> now\n\n<div>\nword\n</div>\n\n<script>4711</script>",
        terminal=["F9  now", "", "word"],
        discord="> F9  now\n> \n> word",
        slack=[("quote", [("F9  now\n\nword", "", "")])],
    ),
    Case(
        "what would ping",
        "@everyone <!channel> <@U123> <@123> <#C1> @here",
        terminal=["@everyone  <@U123> <@123> <#C1> @here"],
        discord="> @\u200beveryone  <\u200b@U123> <\u200b@123> <\u200b#C1> @\u200bhere",
        slack=[("quote", [("@everyone  <@U123> <@123> <#C1> @here", "", "")])],
    ),
    Case(
        "what would end the quotation",
        "```\none\n\n> # two\n-# three",
        terminal=["    one", "", "    > # two", "    -# three"],
        discord="```\none\n\n> # two\n-# three\n```",
        slack=[("preformatted", [("one\n\n> # two\n-# three", "", "")])],
    ),
]
