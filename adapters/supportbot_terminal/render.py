"""Replies and messages, as a terminal shows them. Pure."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from supportbot.adapter_kit.showing import paragraphs_of, source_of, unmarked, way_to
from supportbot.domain.chat.unicode import neutralised
from supportbot.domain.language.catalogue import words
from supportbot.domain.language.counts import shortened
from supportbot.domain.replies.reply import (
    THE_BOTS_OWN,
    Action,
    Choice,
    Line,
    Page,
    ProfileForm,
    Quote,
    Reply,
    Section,
    label_of,
)
from supportbot_terminal.events import HERE
from supportbot_terminal.quoting import document_lines, document_parts

LONGEST_QUOTE = 1_200
"""Characters of a quotation; a longer one is cut at a paragraph or a line."""
LONGEST_MESSAGE = 4_000
"""Characters of a message that are shown; rich takes seconds for a megabyte."""
_LONGEST_NAME, _LONGEST_URL = 200, 2_000


def render_message(
    number: int, author: str, text: str, thread: str | int | None, *, is_plain: bool
) -> RenderableType:
    """Show what a person wrote."""
    name = _in_one_line(author)
    is_reply = bool(thread) and isinstance(thread, str | int)
    where = f"@{_in_one_line(str(thread))}" if is_reply else f"#{number}"
    if is_plain:
        return _plain(f"{name}  {where}", shortened(text, LONGEST_MESSAGE))
    head = Text.assemble((name, "bold cyan"), (f"  {where}", "dim"))
    return Group(head, Padding(_words(text), (0, 0, 1, 2)))


def render_reply(reply: Reply, thread: str, *, is_plain: bool) -> RenderableType:
    """Show what the bot says in a thread. Plain has neither frames nor styles."""
    thread = _in_one_line(thread)
    buttons = [line for action in reply.actions for line in _buttons(action, thread, reply.choices)]
    if is_plain:
        quotes = [_plain_quote(quote) for quote in reply.quotes]
        said, closing = map(unmarked, paragraphs_of(reply))
        lines = (said, *quotes, closing, *buttons)
        return _plain(f"supportbot  @{thread}", "\n".join(line for line in lines if line))
    head = Text.assemble(("supportbot", "bold green"), (f"  @{thread}", "dim"))
    said, closing = map(unmarked, paragraphs_of(reply))
    parts: list[RenderableType] = [_words(said)]
    parts.extend(_framed_quote(quote) for quote in reply.quotes)
    parts.extend(_words(line) for line in (closing,) if line)
    parts.extend(Text(line, "dim") for line in buttons)
    return Group(head, Padding(Group(*parts), (0, 0, 1, 2)))


def _buttons(action: Action, thread: str, choices: Sequence[Choice] = ()) -> Iterator[str]:
    """Return what to type for a button, or for each choice of a menu."""
    match action:
        case Action.SOLVED if choices:
            for choice in choices:
                number = "" if choice.message_id == THE_BOTS_OWN else f" {choice.message_id}"
                label = label_of(action) if len(choices) == 1 else _in_one_line(choice.label)
                yield f"[{label}: @{thread}: /{action}{number}]"
        case Action.PASS:
            yield f"[{label_of(action)}: @{thread}: /{action} NAME]"
            yield f"[{label_of(Action.REFUSE)}: @{thread}: /{Action.REFUSE}]"
        case Action.PASS_TO:
            yield f"[{label_of(action)}: @{thread}: /{Action.PASS} NAME]"
        case _:
            yield f"[{label_of(action)}: @{thread}: /{action}]"


def render_direct(reply: Reply, name: str, thread: str = "", *, is_plain: bool) -> RenderableType:
    """Show what the bot says to one member alone: in a terminal, everybody sees it.

    Args:
        reply: What it says.
        name: Who that is.
        thread: What the buttons are about; without it, there are none.
        is_plain: Without frames and styles.
    """
    head = f"supportbot  (to {_in_one_line(name)} alone)"
    page = "\n".join(_page(reply.page)) if reply.page else ""
    thread = _in_one_line(thread)
    buttons = "\n".join(
        line
        for action in (reply.actions if thread else ())
        for line in _buttons(action, thread, reply.choices)
    )
    own, closing = map(unmarked, paragraphs_of(reply))
    said = "\n".join(text for text in (own, page, closing, buttons) if text)
    if is_plain:
        return _plain(head, shortened(said, LONGEST_MESSAGE))
    return Group(Text(head, "bold green"), Padding(_words(said), (0, 0, 1, 2)))


def _page(page: Page) -> Iterator[str]:
    for section in page.sections:
        yield _in_one_line(section.title)
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    if section.text:
        yield f"  {_in_one_line(unmarked(section.text), LONGEST_MESSAGE)}"
    for line in section.lines:
        parts = (line.asked, unmarked(line.text), f"({line.url})" if line.url else "")
        yield f"  - {' '.join(_in_one_line(part, LONGEST_MESSAGE) for part in parts if part)}"
        yield from (f"    {button}" for button in _buttons_of(line))
    if isinstance(section.form, ProfileForm):
        yield f"  [{words('press.change')} /me budget 3]"


def _buttons_of(line: Line) -> Iterator[str]:
    thread = _in_one_line(line.about.thread or "") if line.about else ""
    for action in line.actions:
        yield from _buttons(action, thread)


def _words(text: str) -> Text:
    return Text(shortened(neutralised(text), LONGEST_MESSAGE))


def _in_one_line(text: str, limit: int = _LONGEST_NAME) -> str:
    return " ".join(neutralised(text[:limit]).splitlines())


def _plain(head: str, text: str) -> Text:
    lines = "\n".join(f"  {line}".rstrip() for line in neutralised(text).splitlines())
    return Text(f"{head}\n{lines}\n", overflow="ignore", no_wrap=True)


def _plain_quote(quote: Quote) -> str:
    lines = (
        _in_one_line(quote.title),
        *_lines_of(quote),
        *_signed(quote),
    )
    return "\n".join(f"| {line}".rstrip() for line in lines)


def _lines_of(quote: Quote) -> Sequence[str]:
    text = shortened(quote.text, LONGEST_QUOTE)
    return document_lines(text, quote.url) if quote.is_document else text.splitlines()


def _parts_of(quote: Quote) -> Iterator[RenderableType]:
    text = shortened(neutralised(quote.text), LONGEST_QUOTE)
    if quote.is_document:
        yield from document_parts(text, quote.url)
    else:
        yield Markdown(text, hyperlinks=False)


def _framed_quote(quote: Quote) -> Panel:
    return Panel(
        Group(
            *_parts_of(quote),
            Text("\n".join(["", *_signed(quote)]), "dim"),
        ),
        title=Text(_in_one_line(quote.title), "bold"),
        title_align="left",
        border_style="blue",
    )


def _signed(quote: Quote) -> list[str]:
    source = " · ".join(_source(quote))
    return [f"-- {source}"] if source else []


def _source(quote: Quote) -> Iterator[str]:
    yield from source_of(quote)
    if quote.url:
        # A thread of this room is named by its number, which stands beside it.
        shown = quote.url.removeprefix(HERE)
        yield f"{way_to(quote)}: {_in_one_line(shown, _LONGEST_URL)}"
