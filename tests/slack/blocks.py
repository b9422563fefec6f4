"""Slack's published limits on blocks and views, as pure functions over JSON."""

from tests.slack.workspace import JSON

MOST_CHARACTERS = 13_000


def problems_of_message(blocks: list[JSON]) -> list[str]:
    return [] if len(blocks) <= 50 else ["no more than 50 items allowed [json-pointer:/blocks]"]


def problems_of_view(view: JSON) -> list[str]:
    return [] if len(view.get("blocks", [])) <= 100 else ["no more than 100 items allowed"]


def measure(blocks: object) -> int:
    match blocks:
        case str():
            return len(blocks)
        case list():
            return sum(measure(block) for block in blocks)
        case dict():
            return sum(measure(v) for k, v in blocks.items() if k in {"text", "elements", "fields"})
        case _:
            return 0
