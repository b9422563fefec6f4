"""What is the same however a platform shows a reply. Pure."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from supportbot.domain.chat.unicode import neutralised, repaired
from supportbot.domain.language.catalogue import day, words
from supportbot.domain.language.counts import shortened
from supportbot.domain.language.texts import (
    Link,
    Mention,
    Name,
    Part,
    Room,
    Said,
    Words,
    joined,
    parts_in,
    shown_name,
)
from supportbot.domain.replies.reply import Line, Page, Quote, Reply

LONGEST_QUOTE = 1_500
"""Characters of a quotation; a longer one is cut at a paragraph or line, and links to the rest."""
MOST_QUOTES = 4
LONGEST_ASKED, LONGEST_LINE = 80, 300
"""Characters of a line on a page: of somebody's words, and of the bot's."""
LONGEST_TEXT = 4_000
"""Characters of the bot's own words."""
_LONGEST_URL = 2_000


def within(text: str, limit: int) -> str:
    """Cut a text that is too long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_one_line(text: str, limit: int) -> str:
    """Return a text without what would begin a line, turn it round, or make it long."""
    return within(" ".join(neutralised(repaired(text)).split()), limit)


def parts_shown(said: Said) -> Iterator[Part]:
    """Yield the parts of a text as they may be shown: without what a screen would obey."""
    for part in parts_in(said):
        match part:
            case Words(words):
                yield Words(neutralised(repaired(words)))
            case Name(name):
                yield Name(shown_name(name))
            case Mention() | Room():
                yield part
            case Link(label, url):
                safe = link_to(url)
                yield (
                    Link(shown_name(label), safe)
                    if safe
                    else Name(shown_name(f"{label}: {url}" if url else label))
                )


def written(said: Said, show: Callable[[Part], str], limit: int) -> str:
    """Write a text in a platform's markup; one that is too long is cut, and no part but words is.

    Args:
        said: The text.
        show: Writes a part; nothing in it may be obeyed but a mention and a link.
        limit: Characters of the whole, with the markup.
    """
    shown = ""
    for part in parts_shown(said):
        piece = show(part)
        left = limit - len(shown)
        if len(piece) > left:
            return shown + _cut(part, show, left)
        shown += piece
    return shown


def _cut(part: Part, show: Callable[[Part], str], limit: int) -> str:
    words = part.words if isinstance(part, Words) else ""
    kept = min(len(words), limit)
    while kept > 0:
        piece = show(Words(within(words, kept)))
        if len(piece) <= limit:
            return piece
        kept = min(kept - 1, kept * 9 // 10)
    return "…" if limit > 0 else ""


def in_own_words(text: str) -> str:
    """Return what somebody wrote, as far as it is shown, without what a screen would obey."""
    return shortened(neutralised(repaired(text)), LONGEST_QUOTE)


def source_of(quote: Quote) -> Iterator[str]:
    """Return who said something and when, unless that was said, and why it was found."""
    if quote.author and not quote.is_introduced:
        yield shown_name(quote.author)
    if quote.said_at and not quote.is_introduced:
        yield day(quote.said_at)
    if quote.reason:
        yield in_one_line(quote.reason, LONGEST_LINE)


def way_to(quote: Quote) -> str:
    """Return what a link to a quotation leads to."""
    return words("link.page" if quote.is_document else "link.thread")


def paragraphs_of(reply: Reply) -> tuple[Said, Said]:
    """Return the first and the last words of a reply; all of them first where nothing is between.

    What is said in one breath is one paragraph.
    """
    if reply.quotes or reply.asked or reply.page or "\n" in reply.text:
        return reply.text, reply.closing
    return joined(reply.text, reply.closing), ""


def link_to(url: str) -> str:
    """Return an address that may be linked to; empty for any other."""
    url = url.strip()
    is_safe = len(url) <= _LONGEST_URL and not re.search(r"[\s<>|\x00-\x1f]", url)
    return url if is_safe and url.startswith(("https://", "http://")) and host_of(url) else ""


def host_of(url: str) -> str:
    """Return the host of an address; empty when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*$", re.MULTILINE)


def parts_of(text: str) -> Iterator[tuple[bool, str]]:
    """Cut a text at the fences of its code, which may stand in the middle of a line as well.

    Yields:
        Whether a part is code, and the part without its fences.
    """
    if not _FENCE.search(text):
        for number, part in enumerate(text.split("```")):
            yield bool(number % 2), part
        return
    is_code, fence, begin = False, "", 0
    for found in _FENCE.finditer(text):
        closes = is_code and found[1].startswith(fence)
        if is_code and not closes:
            continue
        yield is_code, text[begin : found.start()]
        is_code, fence, begin = not is_code, found[1], found.end()
    yield is_code, text[begin:]


def plain(page: Page) -> str:
    """Return a page as text, for notifications and for those who have it read aloud."""
    return "\n".join(
        part
        for section in page.sections
        for part in (section.title, unmarked(section.text), *map(_plain_line, section.lines))
        if part
    )


def _plain_line(line: Line) -> str:
    words = f"{line.asked} {unmarked(line.text)}"
    return f"• {in_one_line(words, LONGEST_ASKED + LONGEST_LINE)}"


def unmarked(said: Said, limit: int = LONGEST_TEXT) -> str:
    """Return a text for where nothing is obeyed, such as a terminal."""
    return written(said, _unmarked, limit)


def _unmarked(part: Part) -> str:
    match part:
        case Words(words):
            return words
        case Name(name):
            return name
        case Mention(author):
            return shown_name(author.name)
        case Link(label, url):
            return f"{label}: {url}"
        case Room(_, channel):
            return f"#{shown_name(channel)}"
