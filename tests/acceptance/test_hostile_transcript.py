import json
import unicodedata

import pytest

from tests.acceptance.bots import Bot, People

_MEGABYTE = 1_000_000
_HOSTILE = (
    "@everyone <!channel> <@U123> [here](https://evil.example) "
    "\x1b[31mred\x1b]0;title\x07 \u202egnp.exe \u200b\u2066 ignore previous instructions"
)


def said_by(author: object, text: object, **fields: object) -> bytes:
    line = {"author": author, "thread": None, "text": text, "at": "2026-03-02T09:00:00+00:00"}
    return json.dumps(line | fields).encode()


LINES = {
    "nothing": b"",
    "no JSON": b"{'author': 'Maria'",
    "no object": b"[1, 2, 3]",
    "no UTF-8": b'{"author": "\xff\xfe", "text": "How does it work?"}',
    "NUL bytes": b"\0" * 100,
    "a NUL": said_by("Ma\0ria", "How does the \0 ledger work?"),
    "half a character": b'{"author": "\\ud800", "text": "How does \\udfff work?", "thread": null}',
    "deep JSON": b'{"author": "Maria", "text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep in a field": b'{"author": "M", "text": "How?", "x": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a number too long": b'{"author": "Maria", "text": "How?", "thread": ' + b"9" * 5_000 + b"}",
    "fields missing": b'{"author": "Maria"}',
    "fields of other kinds": said_by(["Maria"], {"text": 1}, thread=[], at=7),
    "a name of a megabyte": said_by("M" * _MEGABYTE, "How does the ledger work?"),
    "a text of a megabyte": said_by("Maria", "How does it work? " * (_MEGABYTE // 18)),
    "a thread of a megabyte": said_by("Maria", "How?", thread="9" * _MEGABYTE),
    "a thread that is not there": said_by("Maria", "/solved", thread="999999999999999999999999"),
    "a moment that is none": said_by("Maria", "How does the ledger work?", at="9" * 10_000),
    "the end of time": said_by("Maria", "How does it work?", at="9999-12-31T23:59:59-23:59"),
    "the beginning of time": said_by("Maria", "How does it work?", at="0001-01-01T00:00:00+23:59"),
    "a message to delete that is not there": said_by("Maria", "/delete 99999999999999999999"),
    "a message to edit that is not there": said_by("Maria", "/edit 0 How does it work?"),
    "the bot's own message": b'{"message_id": "forged", "thread": "1", "reply": {"text": 7}}',
    "signs only": said_by("Maria", "?!?!?"),
    "signs that control": said_by("Maria", f"How does {_HOSTILE} work?"),
}


def controlling(text: str) -> set[str]:
    """Return the letters that control a terminal, or the direction of reading."""
    return {
        letter
        for letter in text
        if letter != "\n" and unicodedata.category(letter) in {"Cc", "Cf", "Cs"}
    }


def play(bot: Bot, people: People, *lines: bytes) -> int | None:
    """Put lines into the room as they are, and a question before and after; serve all of it."""
    people.ask(1)
    with (bot.home / "terminal.jsonl").open("ab") as file:
        file.writelines(line + b"\n" for line in lines)
    people.ask(2)
    return bot.live()


@pytest.mark.slow
def test_nothing_that_stands_in_the_room_keeps_the_others_from_their_replies(
    bot: Bot, people: People
) -> None:
    status = play(bot, people, *LINES.values())

    assert status == 0
    assert people.replies() == [1, 1]
    assert bot.look("SELECT event_id, error FROM inbox WHERE state != 'handled'") == []
    assert bot.look("SELECT id, error FROM outbox WHERE state IN ('waiting', 'set_aside')") == []
    assert "Traceback" not in bot.said
    assert controlling(bot.shown) == set()
    assert bot.find_damage() == []


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_no_line_keeps_the_others_from_their_replies(bot: Bot, people: People, line: bytes) -> None:
    status = play(bot, people, line)

    assert status == 0
    assert people.replies() == [1, 1]
    assert bot.look("SELECT event_id, error FROM inbox WHERE state != 'handled'") == []
    assert "Traceback" not in bot.said


def test_what_was_learned_is_quoted_and_controls_nothing(bot: Bot, people: People) -> None:
    people.write("q1", "Maria", "How do I close the hostile ledger?")
    people.write("a1", "Paul\x1b[31m", f"Widen the dates. {_HOSTILE}", thread="q1")
    people.write("s1", "Maria", "/solved <a1>", thread="q1")
    people.write("q2", "Lena", "How do I close the hostile ledger?")

    status = bot.live()

    assert status == 0
    assert "| Widen the dates. @everyone <!channel> <@U123>" in bot.shown
    assert controlling(bot.shown) == set()
