"""Pages as Discord's components, with what people fill in. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from supportbot.adapter_kit.choosing import DAYS, Given, days, ways
from supportbot.adapter_kit.showing import LONGEST_ASKED, LONGEST_LINE, in_one_line, link_to
from supportbot.domain.chat.places import Listening
from supportbot.domain.experts.availability import Availability
from supportbot.domain.language.catalogue import say, words
from supportbot.domain.replies.notices import listens_to
from supportbot.domain.replies.reply import (
    Line,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Section,
)
from supportbot_discord.markup import escaped
from supportbot_discord.render import (
    LONGEST,
    Channel,
    Component,
    button,
    container,
    own_words,
    render,
    row,
    rows_of,
    select,
    text_of,
)
from supportbot_discord.targets import name_of

LISTEN = "listen"
"""The select of what the bot listens to in a channel."""
FORMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "when": ("form.when", ("budget", "from", "to", "zone", "days")),
    "what": ("form.what", ("away", "topics", "not", "ask", "receipts")),
}
"""The two forms about how somebody is asked, with their fields: a form has five at most."""
FORM = "form"
"""Begins the name of a button that opens a form, and of the form."""
_LONGEST_TITLE, _LONGEST_SECTION, _LONGEST_INPUT = 100, 1_500, 1_000
_MOST_COMPONENTS = 36
"""Discord takes 40 in a message."""
_ALWAYS = (0, 24 * 60)
_ACTION_ROW, _LABEL, _TEXT_INPUT, _STRING_SELECT = 1, 18, 4, 3


def rendered(
    message: OutgoingMessage, channels: Sequence[Channel] = (), *, hears_all: bool = True
) -> list[Component]:
    """Return the components of a message, as `render`, with the page after its words."""
    page = message.reply.page
    if page is None:
        return render(message, channels, hears_all=hears_all)
    (shown,) = render(message, channels)
    own = shown["components"] if message.reply.text or message.reply.closing else []
    return [container(message.id, list(_kept([*own, *_page(page, message)])))]


def profile_of(message: OutgoingMessage) -> Availability | None:
    """Return what a page says of how its reader is asked; None where it does not."""
    page = message.reply.page
    forms = [section.form for section in page.sections] if page else []
    return next((form.availability for form in forms if isinstance(form, ProfileForm)), None)


def _kept(components: Iterable[Component]) -> Iterator[Component]:
    """Leave out what would be too much together: of the text that is too long, its last lines."""
    letters = count = 0
    for component in components:
        count += 1 + len(component.get("components", ()))
        text = component.get("content", "")
        if count > _MOST_COMPONENTS:
            return
        if letters + len(text) > LONGEST:
            if begun := _first_lines(text, LONGEST - letters):
                yield text_of(begun)
            return
        letters += len(text)
        yield component


def _first_lines(text: str, limit: int) -> str:
    """Return as many whole lines as fit, and `…` for the others; empty where none fits."""
    kept = text[: max(0, limit - len("\n…"))].rpartition("\n")[0]
    return f"{kept}\n…" if kept else ""


def _page(page: Page, message: OutgoingMessage) -> Iterator[Component]:
    for section in page.sections:
        yield from _section(section, message)


def _section(section: Section, message: OutgoingMessage) -> Iterator[Component]:
    lines = [f"### {escaped(in_one_line(section.title, _LONGEST_TITLE)) or '…'}"]
    if section.text:
        lines.append(own_words(section.text, _LONGEST_SECTION))
    for line in section.lines:
        lines.append(_line(line))
        if line.actions and line.about is not None:
            yield text_of("\n".join(lines))
            yield from rows_of(line.actions, line.about)
            lines = []
    if lines:
        yield text_of("\n".join(lines))
    if isinstance(section.form, ProfileForm):
        named = {form: name_of(f"{FORM}-{form}", message.place) for form in FORMS}
        yield row([button(named[form], f"{words(title)} …") for form, (title, _) in FORMS.items()])
    if isinstance(section.form, ListeningForm):
        yield row([_listening(section.form)])


def _line(line: Line) -> str:
    """Give somebody's words, which lead to where they stand, and the bot's after them."""
    asked, text = in_one_line(line.asked, LONGEST_ASKED), own_words(line.text, LONGEST_LINE)
    url = link_to(line.url)
    parts = []
    if asked:
        parts.append(f"[{escaped(asked)}]({url})" if url else f"**{escaped(asked)}**")
    if text:
        parts.append(text)
    if url and not asked:
        parts.append(f"[{escaped(words('link.thread'))}]({url})")
    return f"- {' '.join(parts) or '…'}"


def _listening(form: ListeningForm) -> Component:
    options = {str(one): str(say("listen.here", what=listens_to(one))) for one in Listening}
    return select(name_of(LISTEN, form.channel), words("listen.choose"), options, form.listening)


def form_of(name: str, known: Availability) -> dict[str, Any]:
    """Return a form about how somebody is asked, as `modal` in an interaction's response.

    Args:
        name: One of `FORMS`.
        known: What is chosen now.
    """
    title, fields = FORMS[name]
    holders = [_field(field, known) for field in fields]
    return {"custom_id": f"{FORM}-{name}", "title": words(title), "components": holders}


def _field(name: str, known: Availability) -> Component:
    has_hours = (known.begins, known.ends) != _ALWAYS
    texts = {
        "budget": ("form.budget_hint", known.asks_a_week),
        "from": ("form.from_hint", _time(known.begins, has_hours)),
        "to": ("form.to_hint", _time(known.ends, has_hours)),
        "zone": ("form.zone_hint", known.timezone),
        "away": ("form.away_hint", known.away_until),
        "topics": ("form.topics_hint", ", ".join(known.topics)),
        "not": ("form.topics_hint", ", ".join(known.refused)),
    }
    label = words(f"form.{name}")
    if name in texts:
        hint, value = texts[name]
        return _labelled(label, words(hint), _text_input(name, "" if value is None else str(value)))
    choices: dict[str, tuple[Mapping[str, str], Sequence[str], int]] = {
        "days": (days(), [DAYS[day] for day in known.days], len(DAYS)),
        "ask": (ways(), ["alone" if known.is_asked_alone else "here"], 1),
        "receipts": (_notes(), [_note(known)], 1),
    }
    options, chosen, most = choices[name]
    return _labelled(label, "", _choice(name, options, chosen, most))


def _notes() -> Mapping[str, str]:
    return {"on": words("form.receipts_on"), "off": words("form.receipts_off")}


def _note(known: Availability) -> str:
    return "on" if known.receipts else "off"


def _time(minutes: int, has_hours: bool) -> str:  # noqa: FBT001 - read where it is called
    return f"{minutes // 60}:{minutes % 60:02}" if has_hours else ""


def _labelled(label: str, hint: str, component: Component) -> Component:
    holder = {"type": _LABEL, "label": label, "component": component}
    return {**holder, "description": hint} if hint else holder


def _text_input(name: str, value: str) -> Component:
    return {
        "type": _TEXT_INPUT,
        "custom_id": name,
        "style": 1,
        "required": False,
        "max_length": _LONGEST_INPUT,
        "value": value[:_LONGEST_INPUT],
    }


def _choice(name: str, options: Mapping[str, str], chosen: Sequence[str], most: int) -> Component:
    return {
        "type": _STRING_SELECT,
        "custom_id": name,
        "min_values": 1,
        "max_values": most,
        "options": [
            {"label": label, "value": value, "default": value in chosen}
            for value, label in options.items()
        ],
    }


def given_in(components: object) -> Given:
    """Read what was filled in, from the components of an interaction that submits a form."""
    found: dict[str, tuple[str, ...]] = {}
    for holder in components if isinstance(components, list) else ():
        if not isinstance(holder, Mapping):
            continue
        inner = holder.get("component")
        for one in [inner, *(holder.get("components") or ())]:
            if isinstance(one, Mapping) and isinstance(name := one.get("custom_id"), str):
                found[name] = _values(one)
    if "receipts" in found:
        found["receipts"] = tuple(value for value in found["receipts"] if value == "on")
    return found


def _values(component: Mapping[str, Any]) -> tuple[str, ...]:
    value, values = component.get("value"), component.get("values")
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, values)) if isinstance(values, list) else ()
