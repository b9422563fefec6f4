"""Slack's published limits on blocks and views."""

from typing import Any

import pytest

from tests.slack.blocks import measure, problems_of_message, problems_of_view

JSON = dict[str, Any]


OPTION_IS_TOO_LONG = (
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]"
)


def plain(length: int) -> JSON:
    return {"type": "plain_text", "text": "x" * length}


def section(length: int = 1, **more: Any) -> JSON:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}, **more}


def button(**more: Any) -> JSON:
    return {"type": "button", "text": plain(1), "action_id": "go", **more}


def actions(*elements: JSON) -> JSON:
    return {"type": "actions", "elements": list(elements)}


def buttons(count: int) -> JSON:
    return actions(*(button(action_id=f"go-{number}") for number in range(count)))


def option(length: int = 1, **more: Any) -> JSON:
    return {"text": plain(length), "value": "v", **more}


def select(*options: JSON) -> JSON:
    return actions({"type": "static_select", "action_id": "choose", "options": list(options)})


def modal(**more: Any) -> JSON:
    return {"type": "modal", "title": plain(24), "blocks": [section()], **more}


@pytest.mark.parametrize(
    "blocks",
    [
        [section()] * 50,
        [section(3_000)],
        [section(fields=[plain(2_000)] * 10)],
        [section(accessory=button())],
        [{"type": "header", "text": plain(150)}],
        [{"type": "divider"}],
        [{"type": "context", "elements": [plain(1)] * 10}],
        [buttons(25)],
        [actions(button(text=plain(75), value="x" * 2_000, url="x" * 3_000))],
        [select(*[option(75)] * 100)],
        [section(block_id="x" * 255)],
        [actions(button()), actions(button())],
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "image", "image_url": "https://x", "alt_text": "x"}],
    ],
)
def test_what_is_as_large_as_it_may_be_is_good(blocks: list[JSON]) -> None:
    assert problems_of_message(blocks) == []


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([section(3_001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section(0)], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
        (
            [section(fields=[plain(1)] * 11)],
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            [{"type": "header", "text": plain(151)}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "must be one of plain_text [json-pointer:/blocks/0/text/type]",
        ),
        (
            [{"type": "context", "elements": [plain(1)] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        ([buttons(26)], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        ([actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (
            [actions(button(text=plain(76)))],
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            [actions(button(value="x" * 2_001))],
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            [actions(button(url="x" * 3_001))],
            "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
        ),
        (
            [actions(button(action_id="x" * 256))],
            "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
        ),
        (
            [actions(button(), button())],
            "action_id already exists: go [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (
            [actions(button(style="warning"))],
            "must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            [actions(button(colour="red"))],
            "invalid additional property: colour [json-pointer:/blocks/0/elements/0]",
        ),
        (
            [section(block_id="x" * 256)],
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        (
            [section(block_id="a"), section(block_id="a")],
            "block_id already exists: a [json-pointer:/blocks/1/block_id]",
        ),
        (
            [select(option(76))],
            OPTION_IS_TOO_LONG,
        ),
        (
            [select(option(value="x" * 151))],
            "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
        ),
        ([{"type": "poem"}], "unsupported type: poem [json-pointer:/blocks/0/type]"),
        (
            [actions({"type": "lever"})],
            "unsupported type: lever [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            [{"type": "markdown", "text": "x" * 6_001}] * 2,
            "must be less than 12001 characters together [json-pointer:/blocks]",
        ),
        (
            [{"type": "image", "image_url": "https://x"}],
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
    ],
)
def test_what_slack_would_refuse_is_named_with_its_place(blocks: list[JSON], problem: str) -> None:
    assert problems_of_message(blocks) == [problem]


@pytest.mark.parametrize(
    "view",
    [
        modal(),
        modal(blocks=[section()] * 100, submit=plain(24), close=plain(24)),
        modal(private_metadata="x" * 3_000, callback_id="x" * 255),
        {"type": "home", "blocks": [section()]},
    ],
)
def test_a_view_that_is_as_large_as_it_may_be_is_good(view: JSON) -> None:
    assert problems_of_view(view) == []


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (
            modal(title=plain(25)),
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (
            modal(submit=plain(25)),
            "must be less than 25 characters [json-pointer:/view/submit/text]",
        ),
        (modal(close=plain(25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            modal(private_metadata="x" * 3_001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            modal(blocks=[section()] * 101),
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        (
            modal(
                blocks=[
                    {
                        "type": "input",
                        "label": plain(1),
                        "element": {"type": "plain_text_input", "action_id": "a"},
                    }
                ]
            ),
            "missing required field: submit [json-pointer:/view]",
        ),
        ({"type": "poster", "blocks": []}, "unsupported type: poster [json-pointer:/view/type]"),
    ],
)
def test_what_slack_would_refuse_in_a_view_is_named(view: JSON, problem: str) -> None:
    assert problems_of_view(view) == [problem]


def test_the_characters_that_people_see_are_counted() -> None:
    blocks = [section(10), {"type": "context", "elements": [plain(5)]}, actions(button())]

    assert measure(blocks) == 16
