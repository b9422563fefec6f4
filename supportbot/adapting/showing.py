"""What is the same however a platform shows a reply. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from supportbot.domain.replies import Line, Page, Quote
from supportbot.domain.unicode import neutralised, repaired
from supportbot.domain.wording import shortened

LONGEST_QUOTE = 1_500
"""Letters of a quotation; a longer one is cut at a paragraph or a line, and links to the rest."""
MOST_QUOTES = 4
LONGEST_ASKED, LONGEST_LINE = 80, 300
"""Letters of a line on a page: of somebody's words, and of the bot's."""
_LONGEST_NAME, _LONGEST_URL = 80, 2_000


def within(text: str, limit: int) -> str:
    """Cut a text that is too long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_one_line(text: str, limit: int) -> str:
    """Give a text without what would begin a line, turn it round, or make it long."""
    return within(" ".join(neutralised(repaired(text)).split()), limit)


def in_own_words(text: str) -> str:
    """Give what somebody wrote, as far as it is shown, without what a screen would obey."""
    return shortened(neutralised(repaired(text)), LONGEST_QUOTE)


def source_of(quote: Quote) -> Iterator[str]:
    """Say who said something, when, and how sure it is that it helps."""
    if quote.author:
        yield in_one_line(quote.author, _LONGEST_NAME)
    if quote.said_at:
        yield f"{quote.said_at.day} {quote.said_at:%B %Y}"
    yield f"helps with {quote.confidence:.0%} probability"
    if quote.reason:
        yield in_one_line(quote.reason, LONGEST_LINE)


def way_to(quote: Quote) -> str:
    """Say what a link to a quotation leads to."""
    return "read on" if len(quote.text) > LONGEST_QUOTE else "see it there"


def link_to(url: str) -> str:
    """Give an address that may be linked to; empty for any other."""
    url = url.strip()
    is_safe = len(url) <= _LONGEST_URL and not re.search(r"[\s<>|\x00-\x1f]", url)
    return url if is_safe and url.startswith(("https://", "http://")) and host_of(url) else ""


def host_of(url: str) -> str:
    """Give the host of an address; empty when it has none."""
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
    """Give a page as text, for notifications and for those who have it read aloud."""
    return "\n".join(
        part
        for section in page.sections
        for part in (section.title, section.text, *map(_plain_line, section.lines))
        if part
    )


def _plain_line(line: Line) -> str:
    return f"• {in_one_line(f'{line.asked} {line.text}', LONGEST_ASKED + LONGEST_LINE)}"
