"""Replies as Slack's blocks. Pure.

Somebody's own words become `rich_text`: in it nothing can ping, link elsewhere than it says, or
break out of its frame. The bot's own sentences are sections; everything in them is escaped but the
people whom the reply may notify.

Source: https://docs.slack.dev/reference/block-kit/blocks, for what there is and the limits
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supportbot.adapter_kit.documents import segments_of, words_of
from supportbot.adapter_kit.showing import (
    LONGEST_QUOTE,
    MOST_QUOTES,
    host_of,
    in_one_line,
    in_own_words,
    link_to,
    paragraphs_of,
    parts_of,
    parts_shown,
    source_of,
    unmarked,
    way_to,
    within,
    written,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.unicode import neutralised, repaired
from supportbot.domain.language.catalogue import words
from supportbot.domain.language.counts import shortened
from supportbot.domain.language.texts import (
    Link,
    Mention,
    Name,
    Part,
    Room,
    Said,
    Text,
    Words,
    shown_name,
    unlinked,
)
from supportbot.domain.replies.reply import (
    PRIMARY,
    Action,
    Asked,
    Choice,
    OutgoingMessage,
    Quote,
    Reply,
    label_of,
    ways_of_not_me,
)
from supportbot_slack.events import ACTION, PASS_TO, PLATFORM, SHARE_IN, asked_from, target_of
from supportbot_slack.quoting import quoted_document

LONGEST_TEXT = 2_400
"""Characters of a section, escaped. Slack takes 3,000, and about 11,000 in all blocks together."""
MOST_IN_ALL = 11_000
"""Letters in the blocks of a message, as they are sent: Slack takes about 13,000 together."""
LONGEST_PLAIN = 4_000
"""Characters of the text that is read aloud and shown in notifications."""
_LONGEST_TITLE = 150
_MOST_PARTS = 200
"""Elements of a quotation: one that is made of more changes is shown as it stands."""

Blocks = list[dict[str, Any]]


def render(message: OutgoingMessage) -> dict[str, Any]:
    """Return what `chat.postMessage` takes: `text` and `blocks`, which say the same."""
    reply = message.reply
    return {"text": plain(reply), "blocks": blocks_of(reply, message.about or message.place)}


def blocks_of(reply: Reply, about: Place) -> Blocks:
    """Return the blocks of a reply.

    Args:
        reply: What to say.
        about: The thread that its buttons are about.
    """
    own, closing = paragraphs_of(reply)
    before = paragraph_of(own)
    if reply.asked:
        before.extend(_asked(reply.asked))
    after = paragraph_of(closing)
    if reply.actions:
        after.append(
            {
                "type": "actions",
                "block_id": target_of(about),
                "elements": elements_of(reply.actions, about, reply.choices),
            }
        )
    quotes = reply.quotes[:MOST_QUOTES]
    # Each has its share of the room, so that a long one is shortened, and none is lost.
    share = (MOST_IN_ALL - letters_in([*before, *after])) // max(1, len(quotes))
    return [*before, *(block for quote in quotes for block in _quoted(quote, share)), *after]


def letters_in(part: object) -> int:
    """Count what Slack counts of blocks."""
    match part:
        case str():
            return len(part)
        case list():
            return sum(map(letters_in, part))
        case dict():
            return sum(letters_in(part[name]) for name in ("text", "elements") if name in part)
        case _:
            return 0


def plain(reply: Reply) -> str:
    """Return a reply as text, for notifications and for those who have it read aloud."""
    own, closing = paragraphs_of(reply)
    parts = [own_words(own)]
    if reply.asked:
        parts.append(escaped(shortened(reply.asked.text, LONGEST_QUOTE)))
    for quote in reply.quotes[:MOST_QUOTES]:
        source = _source_line(quote, LONGEST_TEXT // 4)
        quoted = fitting(
            "\n".join(filter(None, (quote.title, _plain_words(quote)))), LONGEST_TEXT - len(source)
        )
        parts.append("\n".join(filter(None, (quoted, f"({source})" if source else ""))))
    parts.append(own_words(closing))
    text = "\n\n".join(part for part in parts if part)
    return within(text, LONGEST_PLAIN) or "…"


def _plain_words(quote: Quote) -> str:
    text = shortened(quote.text, LONGEST_QUOTE)
    return words_of(segments_of(text, quote.url)) if quote.is_document else text


def escaped(text: str) -> str:
    """Take from a text what Slack would obey.

    Source: https://docs.slack.dev/messaging/formatting-message-text (escaping text)
    """
    shown = repaired(neutralised(text))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def own_words(said: Said, limit: int = LONGEST_TEXT) -> str:
    """Write the bot's own sentences as `mrkdwn`; only whom they mention can be notified."""
    return written(said, _marked, limit)


def _marked(part: Part) -> str:
    match part:
        case Words(words):
            return escaped(words)
        case Name(name):
            return unstyled(unlinked(escaped(name)))
        case Mention(author):
            if _is_here(author):
                return f"<@{author.user_id}>"
            return _marked(Name(shown_name(author.name)))
        case Link(label, url):
            return f"<{escaped(url)}|{unstyled(unlinked(escaped(label)))}>"
        case Room(_, channel):
            return f"<#{channel}>" if _is_channel(part) else _marked(Name(f"#{channel}"))


def unstyled(text: str) -> str:
    """Return a text in which no character begins or ends a style: shown the same."""
    return _EMOJI.sub(":\u200b", _STYLING.sub("\u200b\\g<0>\u200b", text))


_EMOJI = re.compile(r":(?=[\w+'-]+:)")
_STYLING = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")


def _is_here(author: Author) -> bool:
    return author.platform == PLATFORM and bool(re.fullmatch(r"[A-Z0-9]{2,20}", author.user_id))


def fitting(text: str, limit: int) -> str:
    """Escape a text, and cut it where it would be too long once it is escaped."""
    shown, kept = escaped(text), len(text)
    while len(shown) > limit and kept > 0:
        kept = min(kept * 9 // 10, kept - 1, max(limit, 0))
        shown = escaped(shortened(text, kept))
    return shown if len(shown) <= limit else "…"[: max(limit, 0)]


def paragraph_of(said: Said) -> Blocks:
    """Return a block with the bot's own sentences; none where there are none.

    It is `rich_text`, in which no character is markup: a name is shown as it is spelt.
    """
    if not own_words(said).strip():
        return []
    return [rich_text([_text_section(elements_in(said))])]


def elements_in(said: Said, limit: int = LONGEST_TEXT) -> list[dict[str, Any]]:
    """Return the bot's own sentences as elements of a `rich_text`.

    What is too long is cut; whoever is mentioned before that is mentioned all the same.
    """
    elements: list[dict[str, Any]] = []
    left = limit
    for part in parts_shown(said):
        alone = Text((part,))
        size = len(unmarked(alone, left + 1))
        if size > left:
            rest = unmarked(alone, left)
            return [*elements, _styled(rest)] if rest else elements
        left -= size
        if element := _element(part):
            elements.append(element)
    return elements


def _element(part: Part) -> dict[str, Any] | None:
    match part:
        case Words(words):
            return _styled(words) if words else None
        case Mention(author) if _is_here(author):
            return {"type": "user", "user_id": author.user_id}
        case Room(_, channel) if _is_channel(part):
            return {"type": "channel", "channel_id": channel}
        case Link(label, url):
            return {"type": "link", "url": url, "text": label}
        case Name() | Mention() | Room():
            return _styled(unmarked(Text((part,))))


def _is_channel(room: Room) -> bool:
    return room.platform == PLATFORM and re.fullmatch(r"[CG][A-Z0-9]+", room.channel) is not None


def _quoted(quote: Quote, limit: int) -> Blocks:
    """Return the blocks of a quotation, in so many characters."""
    title = in_one_line(quote.title, _LONGEST_TITLE)
    blocks = [rich_text([_text_section([_styled(title, bold=True)])])] if title else []
    source = {"type": "context", "elements": _source(quote, limit // 2)}
    room = limit - letters_in([*blocks, source])
    words = in_own_words(quote.text)
    while letters_in(said := rich_text(_framed(quote, words))) > room and words:
        words = shortened(words, min(len(words) * 9 // 10, max(room, 0)))
    return [*blocks, said, source] if source["elements"] else [*blocks, said]


def _framed(quote: Quote, words: str) -> list[dict[str, Any]]:
    if quote.is_document:
        return quoted_document(words, quote.url)
    return _own_words_of_somebody(words)


def _source_line(quote: Quote, limit: int) -> str:
    """Return who said something and when, with nothing in it that Slack would style or link."""
    return unstyled(unlinked(fitting(" · ".join(source_of(quote)), limit)))


def _source(quote: Quote, limit: int) -> list[dict[str, Any]]:
    """Return who said something, and lead there; an address that is too long is left out."""
    said = _source_line(quote, min(limit, LONGEST_TEXT) // 2)
    elements = [{"type": "mrkdwn", "text": said, "verbatim": True}] if said else []
    link = link_to(quote.url)
    host = escaped(host_of(link))
    where = "" if host.endswith(".slack.com") else f" ({host})"
    way = f"<{escaped(link)}|{escaped(way_to(quote))}{where}>"
    if link and len(way) <= min(limit - len(said), LONGEST_TEXT):
        elements.append({"type": "mrkdwn", "text": way, "verbatim": True})
    return elements


def _asked(asked: Asked) -> Iterator[dict[str, Any]]:
    yield rich_text(_own_words_of_somebody(in_own_words(asked.text)))
    way = f"<{escaped(link_to(asked.url))}|{escaped(words('link.thread'))}>"
    if asked.asked_here_at is None and link_to(asked.url) and len(way) <= LONGEST_TEXT:
        source = {"type": "mrkdwn", "text": way, "verbatim": True}
        yield {"type": "context", "elements": [source]}


def _own_words_of_somebody(text: str) -> list[dict[str, Any]]:
    """Frame what somebody wrote: paragraphs as a quotation, code as code."""
    elements = []
    for is_code, part in parts_of(text):
        words = part.strip("\n")
        if not words.strip():
            continue
        if is_code:
            element = {"type": "rich_text_preformatted", "elements": [_styled(words)], "border": 1}
        else:
            element = {"type": "rich_text_quote", "elements": _inline(words)}
        elements.append(element)
    return elements or [{"type": "rich_text_quote", "elements": [_styled("…")]}]


_INLINE = re.compile(
    r"`(?P<code>[^`\n]{1,300})`"
    r"|\*\*(?P<bold>[^*\n]{1,300})\*\*"
    r"|\[(?P<label>[^\]\n]{1,300})\]\((?P<address>[^)\s]{1,1000})\)"
    r"|(?P<url>https?://[^\s<>\"')\]]{1,1000})"
)
_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[-*+] +", re.MULTILINE)


def _inline(text: str) -> list[dict[str, Any]]:
    text = _BULLET.sub(r"\1• ", _HEADING.sub("", text))
    elements: list[dict[str, Any]] = []
    end = 0
    for found in _INLINE.finditer(text):
        if len(elements) > _MOST_PARTS:
            break
        if found.start() > end:
            elements.append(_styled(text[end : found.start()]))
        elements.append(_inline_part(found))
        end = found.end()
    if end < len(text):
        elements.append(_styled(text[end:]))
    return elements


def _inline_part(found: re.Match[str]) -> dict[str, Any]:
    if found["code"]:
        return _styled(found["code"], code=True)
    if found["bold"]:
        return _styled(found["bold"], bold=True)
    if found["url"]:
        return {"type": "link", "url": found["url"]}
    # The label of a link may say that it leads elsewhere, so its address is shown.
    return _styled(f"{found['label']} ({found['address']})")


def _styled(text: str, **style: bool) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "text", "text": text}
    return {**element, "style": style} if style else element


def _text_section(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": elements}


def rich_text(elements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a block in which nothing can ping."""
    return {"type": "rich_text", "elements": elements}


def elements_of(actions: Sequence[Action], about: Place, choices: Sequence[Choice] = ()) -> Blocks:
    """Build what may be pressed, and a menu where there is something to choose."""
    return [_pressed(action, about, choices) for action in actions]


def _pressed(action: Action, about: Place, choices: Sequence[Choice]) -> dict[str, Any]:
    match action:
        case Action.SHARE if asked_from(about) is None:
            return _select("conversations_select", SHARE_IN, words("press.share_in"))
        case Action.PASS_TO:
            return _select("users_select", PASS_TO, label_of(action))
        case Action.PASS:
            return _menu(action, label_of(action), ways_of_not_me())
        case Action.SOLVED if len(choices) > 1:
            return _menu(
                action, words("press.whose"), {one.message_id: one.label for one in choices}
            )
        case Action.SOLVED if choices:
            return {**_button(action), "value": choices[0].message_id}
        case _:
            return _button(action)


def _button(action: Action) -> dict[str, Any]:
    button: dict[str, Any] = {
        "type": "button",
        "action_id": f"{ACTION}{action}",
        "text": _plain_text(label_of(action)),
    }
    return {**button, "style": "primary"} if action in PRIMARY else button


def _menu(action: Action, placeholder: str, options: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "static_select",
        "action_id": f"{ACTION}{action}",
        "placeholder": _plain_text(placeholder),
        "options": [
            {"text": _plain_text(in_one_line(label, _LONGEST_OPTION) or "…"), "value": value}
            for value, label in options.items()
        ],
    }


def _plain_text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


_LONGEST_OPTION = 75
"""Characters of an option of a menu. Source: as above, option object."""


def _select(kind: str, action: str, placeholder: str) -> dict[str, Any]:
    select: dict[str, Any] = {
        "type": kind,
        "action_id": f"{ACTION}{action}",
        "placeholder": _plain_text(placeholder),
    }
    if kind == "conversations_select":
        select["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    return select
