"""Replies as Discord's components. Pure.

A reply is one container: the bot's own sentences, what is quoted, who said it, and the buttons. The
container has the number of our message, by which it is found again before it is posted twice.

Source: https://discord.com/developers/docs/components/reference
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from supportbot.adapter_kit.showing import (
    MOST_QUOTES,
    host_of,
    in_one_line,
    in_own_words,
    link_to,
    paragraphs_of,
    parts_of,
    source_of,
    way_to,
    within,
    written,
)
from supportbot.domain.chat.places import Place
from supportbot.domain.language.catalogue import words
from supportbot.domain.language.counts import shortened
from supportbot.domain.language.texts import (
    Link,
    Mention,
    Name,
    Part,
    Room,
    Said,
    Words,
    shown_name,
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
from supportbot_discord.markup import escaped, escaped_name, in_code, in_quotation
from supportbot_discord.quoting import framed_document
from supportbot_discord.targets import (
    MEANT,
    PASS_TO,
    PLATFORM,
    SHARE_IN,
    asked_from,
    name_of,
    read_name,
)

LONGEST = 3_900
"""Characters of all texts of a message together. Discord takes 4,000."""
MOST_CHOICES = 25
"""Choices of a select. Source: as above, string select."""
_MOST_BUTTONS = 5
_LONGEST_OWN, _LONGEST_TITLE, _SHORTEST_QUOTE = 900, 150, 200
_PARTS = 3
"""A quotation's title, words and source: each has as much room, where all are long."""
_LONGEST_LABEL = 100
_ACTION_ROW, _BUTTON, _STRING_SELECT, _USER_SELECT = 1, 2, 3, 5
_TEXT, _CONTAINER = 10, 17
_PRIMARY, _SECONDARY = 1, 2

Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in which somebody may ask the group."""

    workspace: str
    id: str
    name: str


def number_of(message_id: str) -> int:
    """Return the number that our message carries: positive, of 31 bits, and never a small one.

    Discord numbers the components that have no number itself, from 1 on.
    """
    digest = hashlib.sha256(message_id.encode()).digest()
    return int.from_bytes(digest[:4]) >> 1 | 1 << 30


def render(
    message: OutgoingMessage, channels: Sequence[Channel] = (), *, hears_all: bool = True
) -> list[Component]:
    """Return the components of a message.

    Args:
        message: What to say.
        channels: Those in which its reader may ask the group.
        hears_all: Whether the bot reads what does not call it. Where it does not, it says so to
            those whom it asks.
    """
    about = message.about or message.place
    inside = list(_inside(message.reply))
    if not hears_all and Action.CLAIM in message.reply.actions:
        inside.append(text_of(f"-# {escaped(words('listen.replies_only'))}"))
    reply = message.reply
    inside.extend(rows_of(reply.actions, about, channels, reply.choices))
    return [container(message.id, inside)]


def container(message_id: str, inside: Sequence[Component]) -> Component:
    """Return the container of a message, with its number."""
    shown = list(inside) or [text_of("…")]
    return {"type": _CONTAINER, "id": number_of(message_id), "components": shown}


def text_of(text: str) -> Component:
    """Return a text in Discord's markup."""
    return {"type": _TEXT, "content": text}


def _inside(reply: Reply) -> Iterator[Component]:
    """Yield the texts of a reply. Together they fit, whatever they are made of."""
    own, closing = (own_words(said).strip() for said in paragraphs_of(reply))
    quotes = reply.quotes[:MOST_QUOTES]
    count = len(quotes) + (reply.asked is not None)
    each = (LONGEST - len(own) - len(closing)) // max(1, count)
    if own:
        yield text_of(own)
    if reply.asked:
        yield text_of(_asked(reply.asked, each))
    for quote in quotes:
        yield text_of(_quoted(quote, each))
    if closing:
        yield text_of(closing)


def _quoted(quote: Quote, limit: int) -> str:
    """Show a quotation with its title and source; what is too long is shortened, not lost."""
    title = _title(quote, limit // _PARTS)
    room = limit - len(title) - len("\n\n")
    source = _source(quote, link_to(quote.url), limit // _PARTS)
    if room - len(source) < min(_SHORTEST_QUOTE, limit // _PARTS):
        # The address is longer than what it leads to: the words come first.
        source = _source(quote, "", limit // _PARTS)
    words = (
        _framed_document(quote, room - len(source))
        if quote.is_document
        else framed(quote.text, room - len(source))
    )
    return "\n".join(part for part in (title, words, source) if part)


def framed(text: str, limit: int) -> str:
    """Frame what somebody wrote: paragraphs as a quotation, code as code; cut where it is long."""
    return _fitting(_framed, in_own_words(text), limit) or "> …"


def _framed_document(quote: Quote, limit: int) -> str:
    show = partial(framed_document, url=quote.url)
    return _fitting(show, in_own_words(quote.text), limit) or "> …"


def fitting(text: str, limit: int) -> str:
    """Escape a text, and cut it where it would be too long once it is escaped."""
    return _fitting(escaped, text, limit)


def _fitting(show: Callable[[str], str], text: str, limit: int) -> str:
    shown, kept = show(text), len(text)
    while len(shown) > limit:
        kept = min(kept * 9 // 10, kept - 1, limit)
        if kept <= 0:
            return ""
        shown = show(shortened(text, kept))
    return shown


def _fitting_line(text: str, limit: int) -> str:
    """Escape a line that people's names stand in, and cut it to what it may be once escaped."""
    shown, kept = escaped_name(text), limit
    while len(shown) > limit:
        if kept <= 0:
            return ""
        shown, kept = escaped_name(within(text, kept)), kept * 9 // 10
    return shown


def _framed(text: str) -> str:
    return "\n".join(
        in_code(part) if is_code else in_quotation(part)
        for is_code, part in parts_of(text)
        if part.strip()
    )


def _asked(asked: Asked, limit: int) -> str:
    link = "" if asked.asked_here_at is not None else link_to(asked.url)
    source = f"\n-# [{escaped(words('link.thread'))}]({link})" if link else ""
    if len(source) > limit // 2:
        source = ""
    return framed(asked.text, limit - len(source)) + source


def _title(quote: Quote, limit: int) -> str:
    title = _fitting_line(in_one_line(quote.title, _LONGEST_TITLE), limit - len("****"))
    return f"**{title}**" if title else ""


def _source(quote: Quote, link: str, limit: int) -> str:
    """Say in small print who said it, when, why it was found, and where it stands.

    Args:
        quote: What is quoted.
        link: Where it stands; empty to leave that out.
        limit: Characters at most, without the link.
    """
    said = _fitting_line(" · ".join(source_of(quote)), limit - len("-# "))
    if link:
        host = host_of(link)
        where = "" if host == "discord.com" else f" ({escaped(host)})"
        way = f"[{escaped(way_to(quote))}{where}]({link})"
        said = f"{said} · {way}" if said else way
    return f"-# {said}" if said else ""


def own_words(said: Said, limit: int = _LONGEST_OWN) -> str:
    """Write the bot's own sentences; only whom they mention can be notified."""
    return written(said, _marked, limit)


def _marked(part: Part) -> str:
    match part:
        case Words(words):
            return escaped(words)
        case Name(name):
            return escaped_name(name)
        case Mention(author):
            is_there = author.platform == PLATFORM and re.fullmatch(r"\d{1,20}", author.user_id)
            return f"<@{author.user_id}>" if is_there else _marked(Name(shown_name(author.name)))
        case Link(label, url):
            return f"[{escaped_name(label)}]({url})"
        case Room(platform, channel):
            is_here = platform == PLATFORM and channel.isdecimal()
            return f"<#{channel}>" if is_here else _marked(Name(f"#{channel}"))


def rows_of(
    actions: Sequence[Action],
    about: Place,
    channels: Sequence[Channel] = (),
    choices: Sequence[Choice] = (),
) -> Iterator[Component]:
    """Build the rows of what may be pressed: buttons first, then what is chosen from a menu."""
    elements = [_element(action, about, channels, choices) for action in actions]
    buttons = [one for one in elements if one and one["type"] == _BUTTON]
    menus = [one for one in elements if one and one["type"] != _BUTTON]
    for begin in range(0, len(buttons), _MOST_BUTTONS):
        yield row(buttons[begin : begin + _MOST_BUTTONS])
    for menu in menus:
        yield row([menu])


def without_buttons(components: Sequence[Component], left: Collection[str]) -> list[Component]:
    """Take out what may be pressed, but for what does this, and the rows of which nothing is left.

    Args:
        components: As a message has them.
        left: Names of actions.
    """
    kept = []
    for one in components:
        inside = one.get("components")
        if one.get("type") == _ACTION_ROW:
            inside = [each for each in inside or () if _does(each) in left]
            if not inside:
                continue
        elif inside is not None:
            inside = without_buttons(inside, left)
        kept.append(one if inside is None else {**one, "components": inside})
    return kept


def _does(pressed: Component) -> str:
    target = read_name(str(pressed.get("custom_id")))
    return target.name.partition(MEANT)[0] if target else ""


def row(components: Sequence[Component]) -> Component:
    """Return a row of what may be pressed."""
    return {"type": _ACTION_ROW, "components": list(components)}


def button(custom_id: str, label: str, *, is_first: bool = False) -> Component:
    """Return a button."""
    style = _PRIMARY if is_first else _SECONDARY
    return {"type": _BUTTON, "style": style, "custom_id": custom_id, "label": label}


def select(
    custom_id: str, placeholder: str, options: Mapping[str, str], chosen: str = ""
) -> Component:
    """Return a select of one of several texts, by their values."""
    return {
        "type": _STRING_SELECT,
        "custom_id": custom_id,
        "placeholder": placeholder,
        "options": [
            {"label": within(label, _LONGEST_LABEL), "value": value, "default": value == chosen}
            for value, label in list(options.items())[:MOST_CHOICES]
        ],
    }


def _element(
    action: Action, about: Place, channels: Sequence[Channel], choices: Sequence[Choice]
) -> Component | None:
    name, label = name_of(action, about), label_of(action)
    match action:
        case Action.SHARE if channels or asked_from(about.thread) is None:
            return _channels(about, channels) if channels else None
        case Action.PASS_TO:
            name = name_of(PASS_TO, about)
            return {"type": _USER_SELECT, "custom_id": name, "placeholder": label}
        case Action.PASS:
            return select(name, label, ways_of_not_me())
        case Action.SOLVED if len(choices) > 1:
            labels = {one.message_id: in_one_line(one.label, _LONGEST_LABEL) for one in choices}
            return select(
                name, words("press.whose"), {id_: label or "…" for id_, label in labels.items()}
            )
        case Action.SOLVED if choices:
            name = name_of(f"{action}{MEANT}{choices[0].message_id}", about)
    return button(name, label, is_first=action in PRIMARY)


def _channels(about: Place, channels: Sequence[Channel]) -> Component:
    options = {f"{one.workspace}.{one.id}": f"#{one.name}" for one in channels}
    return select(name_of(SHARE_IN, about), words("press.share_in"), options)
