"""What people fill in: how they are asked, and to what the bot listens in a channel. Pure.

The button that opens one carries what is chosen now, so that it opens within the three seconds that
Slack gives for it, without asking anybody.

Source: https://docs.slack.dev/surfaces/modals
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from supportbot.adapter_kit import choosing
from supportbot.adapter_kit.choosing import DAYS, Filled
from supportbot.domain.chat.places import Listening
from supportbot.domain.experts.availability import Availability
from supportbot.domain.language.catalogue import words
from supportbot.domain.replies.notices import listens_to
from supportbot.domain.replies.reply import ListeningForm, ProfileForm

CHANGE = "supportbot.change"
"""The button that opens a form."""
PROFILE, LISTENING = "supportbot.profile", "supportbot.listening"
"""What the forms are called when they come back."""
_MOST = 2_000
"""Characters of a button's value."""
_LONGEST_INPUT = 3_000
_ALWAYS = (0, 24 * 60)
_Values = Mapping[str, Mapping[str, Any]]
"""What was filled in, by the name of the block, which is that of its one input as well."""


def value_of(form: ProfileForm | ListeningForm) -> str:
    """Write down what is chosen now. Topics that are too long together are left out."""
    if isinstance(form, ListeningForm):
        return _written({"channel": form.channel.channel, "listening": form.listening})
    chosen = form.availability
    held: dict[str, Any] = {f.name: getattr(chosen, f.name) for f in fields(chosen)}
    held["away_until"] = chosen.away_until.isoformat() if chosen.away_until else None
    written = _written(held)
    if len(written) > _MOST:
        written = _written({k: v for k, v in held.items() if k not in {"topics", "refused"}})
    return written


def form_of(value: str, *, timezone: str = "") -> dict[str, Any] | None:
    """Return the form that a button opens; None when the button is none of ours.

    Args:
        value: What the button carries.
        timezone: The reader's, as far as Slack knows it.
    """
    held = _read(value)
    if "listening" in held:
        return _listening_form(held, value)
    if "begins" in held:
        return _profile_form(held, value, timezone)
    return None


@dataclass(frozen=True, slots=True)
class Opening:
    """A press that opens a form."""

    user: str
    trigger: str
    """Slack's leave to open one, for three seconds."""
    value: str
    """What is chosen now, as `value_of` has written it."""


def opening(body: Mapping[str, Any]) -> Opening | None:
    """Read a press that opens a form; None when it is none."""
    actions, user = body.get("actions"), body.get("user")
    action = actions[0] if isinstance(actions, list) and actions else None
    is_ours = isinstance(action, Mapping) and action.get("action_id") == CHANGE
    if not is_ours or not isinstance(action, Mapping) or not isinstance(user, Mapping):
        return None
    return Opening(*map(str, (user.get("id"), body.get("trigger_id"), action.get("value"))))


def errors_in(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what cannot be read in a submitted form, by the block; empty when all can."""
    view = body.get("view")
    is_profile = isinstance(view, Mapping) and view.get("callback_id") == PROFILE
    if body.get("type") != "view_submission" or not is_profile or not isinstance(view, Mapping):
        return {}
    return {name: str(sentence) for name, sentence in filled(view).errors.items()}


def filled(view: Mapping[str, Any]) -> Filled:
    """Read what somebody has filled in about themselves."""
    values = _values(view)
    given = {block: _given(value) for block, value in values.items()}
    return choosing.filled(given, _availability(_read(view.get("private_metadata"))))


def chosen_listening(view: Mapping[str, Any]) -> Listening | None:
    """Read to what the bot is to listen; None when nothing is chosen."""
    values = _values(view)
    try:
        return Listening(next(iter(_given(values.get("listening", {}))), ""))
    except ValueError:
        return None


def channel_of(view: Mapping[str, Any]) -> str:
    """Return the id of the channel whose settings a form is about; empty when it is about none."""
    channel = _read(view.get("private_metadata")).get("channel")
    return channel if isinstance(channel, str) else ""


def _profile_form(held: Mapping[str, Any], value: str, timezone: str) -> dict[str, Any]:
    chosen = _availability(held)
    has_hours = (chosen.begins, chosen.ends) != _ALWAYS
    days = [_option(name, day) for day, name in choosing.days().items()]
    ways = [_option(text, way) for way, text in choosing.ways().items()]
    notes = [_option(words("form.receipts_on"), "on")]
    budget = "" if chosen.asks_a_week is None else str(chosen.asks_a_week)
    zone = chosen.timezone or ("UTC" if has_hours else timezone)
    blocks = [
        _text_input("budget", budget),
        _text_input("from", _time(chosen.begins) if has_hours else ""),
        _text_input("to", _time(chosen.ends) if has_hours else ""),
        _text_input("zone", zone),
        _choice("days", words("form.days"), "checkboxes", days, _days(chosen)),
        _date_input("away", chosen.away_until),
    ]
    if "topics" in held:
        blocks.append(_text_input("topics", ", ".join(chosen.topics)))
        blocks.append(_text_input("not", ", ".join(chosen.refused), "form.topics_hint"))
    way = ["alone" if chosen.is_asked_alone else "here"]
    blocks.append(_choice("ask", words("form.ask"), "radio_buttons", ways, way))
    receipts = ["on"] if chosen.receipts else []
    blocks.append(_choice("receipts", words("form.receipts"), "checkboxes", notes, receipts))
    return _modal(PROFILE, words("form.profile"), blocks, value)


def _listening_form(held: Mapping[str, Any], value: str) -> dict[str, Any]:
    options = [_option(listens_to(one)[:75], one) for one in Listening]
    chosen = [str(held["listening"])]
    block = _choice("listening", words("listen.choose"), "radio_buttons", options, chosen)
    return _modal(LISTENING, words("settings.title"), [block], value)


def _modal(
    callback: str, title: str, blocks: Sequence[dict[str, Any]], value: str
) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": _plain(title),
        "submit": _plain(words("form.save")),
        "close": _plain(words("form.cancel")),
        "private_metadata": value,
        "blocks": list(blocks),
    }


def _text_input(block: str, initial: str, hint: str = "") -> dict[str, Any]:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": block,
        "max_length": _LONGEST_INPUT,
    }
    if initial:
        element["initial_value"] = initial
    labelled = _input(block, words(f"form.{block}"), element)
    return labelled | {"hint": _plain(words(hint or f"form.{block}_hint"))}


def _date_input(block: str, initial: date | None) -> dict[str, Any]:
    element = {"type": "datepicker", "action_id": block}
    if initial is not None:
        element["initial_date"] = initial.isoformat()
    return _input(block, words(f"form.{block}"), element)


def _choice(
    block: str, label: str, kind: str, options: list[dict[str, Any]], chosen: Sequence[str]
) -> dict[str, Any]:
    element: dict[str, Any] = {"type": kind, "action_id": block, "options": options}
    initial = [option for option in options if option["value"] in chosen]
    if initial and kind == "radio_buttons":
        element["initial_option"] = initial[0]
    elif initial:
        element["initial_options"] = initial
    return _input(block, label, element)


def _input(block: str, label: str, element: dict[str, Any]) -> dict[str, Any]:
    # Optional all of them: what is left empty is said in our own words, or means something.
    is_optional = {"optional": True}
    return {"type": "input", "block_id": block, "label": _plain(label), "element": element} | (
        is_optional
    )


def _option(text: str, value: str) -> dict[str, Any]:
    return {"text": _plain(text), "value": value}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _days(chosen: Availability) -> list[str]:
    return [DAYS[day] for day in chosen.days]


def _availability(held: Mapping[str, Any]) -> Availability:
    """Read back what `value_of` has written."""
    away = held.get("away_until")
    given = {f.name: held[f.name] for f in fields(Availability) if f.name in held}
    given |= {k: tuple(v) for k, v in given.items() if isinstance(v, list)}
    return replace(
        Availability(**{k: v for k, v in given.items() if k != "away_until"}),
        away_until=date.fromisoformat(away) if away else None,
    )


def _written(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


def _read(value: object) -> dict[str, Any]:
    try:
        held = json.loads(value) if isinstance(value, str) else {}
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _values(view: Mapping[str, Any]) -> _Values:
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    given = values if isinstance(values, Mapping) else {}
    return {
        block: next(iter(of.values()))
        for block, of in given.items()
        if isinstance(of, Mapping) and of and isinstance(next(iter(of.values())), Mapping)
    }


def _given(value: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an input holds, whatever its kind."""
    text = value.get("value") or value.get("selected_date")
    if isinstance(text, str):
        return (text,)
    several = value.get("selected_options")
    options = several if isinstance(several, list) else [value.get("selected_option")]
    return tuple(str(o["value"]) for o in options if isinstance(o, Mapping) and "value" in o)
