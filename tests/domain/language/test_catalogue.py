import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from supportbot.domain.language.catalogue import (
    LANGUAGES,
    SENTENCES,
    Forms,
    Language,
    Sentence,
    about,
    ago,
    day,
    duration,
    language,
    listed,
    say,
    speak,
    speaking,
    words,
)
from supportbot.domain.language.texts import Name, Text, Words

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
MODULES = [
    "supportbot/domain/replies/notices.py",
    "supportbot/domain/replies/pages.py",
    "supportbot/domain/experts/availability.py",
    "supportbot/domain/experts/routing.py",
    "supportbot/adapter_kit/choosing.py",
    "supportbot/adapter_kit/showing.py",
    "supportbot/handlers/pages.py",
    "supportbot/handlers/ladder.py",
    "supportbot/handlers/identities.py",
    "supportbot/handlers/dispatch.py",
    "supportbot/experts/selection.py",
    "adapters/supportbot_slack/render.py",
    "adapters/supportbot_slack/pages.py",
    "adapters/supportbot_slack/modals.py",
    "adapters/supportbot_discord/render.py",
    "adapters/supportbot_discord/pages.py",
    "adapters/supportbot_discord/topics.py",
    "adapters/supportbot_discord/interactions.py",
    "adapters/supportbot_discord/asked_alone.py",
    "adapters/supportbot_terminal/render.py",
]
"""Where something is said to members."""
NOT_SAID = {
    # Why an answer waits, which `supportbot review` says to maintainers.
    "a maintainer dropped it",
    "a maintainer accepted it",
    # What is typed, what a feature is called, and how rich is told to look.
    "experts ledger",
    "me budget 3",
    " /me budget 3]",
    "hours always",
    "answers mostly near questions",
    "bold green",
    "bold cyan",
}


def forms_of(sentence: Sentence) -> list[str]:
    if isinstance(sentence, Forms):
        return [form for form in (sentence.one, sentence.other, sentence.none) if form]
    return [sentence]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_no_language_lacks_a_sentence_or_has_one_too_many(spoken: Language) -> None:
    assert SENTENCES[spoken].keys() == SENTENCES["en"].keys()
    assert all(form.strip() for s in SENTENCES[spoken].values() for form in forms_of(s))


@pytest.mark.parametrize("key", SENTENCES["en"])
def test_a_sentence_has_the_same_placeholders_in_every_language(key: str) -> None:
    english, german = SENTENCES["en"][key], SENTENCES["de"][key]

    assert isinstance(english, Forms) == isinstance(german, Forms)
    assert placeholders(forms_of(english)[-1]) <= set.union(*map(placeholders, forms_of(english)))
    wanted = set.union(*map(placeholders, forms_of(english))) | {"n"}
    assert set.union(*map(placeholders, forms_of(german))) | {"n"} == wanted


@pytest.mark.parametrize("module", MODULES)
def test_no_sentence_is_written_outside_the_catalogue(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))

    assert sorted(set(sentences_in(tree)) - NOT_SAID) == []


def sentences_in(tree: ast.AST) -> list[str]:
    """Find what reads like a sentence, or like a label of several words."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                skipped.add(id(node.value))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))) | ast.Raise():
                skipped |= {id(inner) for inner in ast.walk(node)}
            case ast.Assign(targets=[ast.Name(id="reason" | "message")]):
                skipped |= {id(inner) for inner in ast.walk(node)}
            case _:
                pass
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in skipped and re.search(r"[A-Za-z]{2,},? [a-z']{2,}", node.value)
    ]


@pytest.mark.parametrize("module", [*MODULES, "supportbot/domain/experts/topics.py"])
def test_every_key_that_is_said_stands_in_the_catalogue(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    said = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in {"say", "words"} and isinstance(node.args[0], ast.Constant)
    ]

    assert [key for key in said if key not in SENTENCES["en"]] == []


def test_names_stay_parts_in_every_language() -> None:
    with speaking("de"):
        said = say("thread.claimed", who=Name("{Paul}"))

    assert said == Text(
        (
            Name("{Paul}"),
            Words(" kümmert sich darum. Vorerst frage ich sonst niemanden."),
        )
    )


def test_a_number_chooses_the_form_and_is_written_as_the_language_does() -> None:
    assert [words("count.answers", n=n) for n in (0, 1, 1200)] == [
        "no answers",
        "1 answer",
        "1,200 answers",
    ]
    with speaking("de"):
        assert words("count.answers", n=1200) == "1.200 Antworten"


def test_dates_and_times_are_said_as_the_language_does() -> None:
    earlier = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    last_year = datetime(2025, 3, 2, tzinfo=UTC)

    assert (day(earlier, NOW), day(last_year, NOW)) == ("1 December", "2 March 2025")
    assert (ago(earlier, NOW), ago(last_year, NOW)) == ("2 days ago", "on 2 March 2025")
    assert (duration(timedelta(minutes=90)), about(timedelta(hours=3))) == ("90 minutes", "3 hours")
    with speaking("de"):
        assert (day(earlier, NOW), day(last_year, NOW)) == ("1. Dezember", "2. März 2025")
        assert (ago(earlier, NOW), ago(last_year, NOW)) == ("vor 2 Tagen", "am 2. März 2025")
        assert (duration(timedelta(hours=1)), ago(NOW, NOW)) == ("1 Stunde", "gerade eben")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Paul"], "Paul"),
        (["Paul", "Aya"], "Paul and Aya"),
        (["Paul", "Aya", "Ben"], "Paul, Aya and Ben"),
        (["Paul", "Aya", "Ben", "Zoe"], "Paul, Aya, Ben and Zoe"),
    ],
)
def test_a_list_reads_as_one_says_it(names: list[str], said: str) -> None:
    assert str(listed([Name(name) for name in names])) == said


def test_one_language_is_spoken_until_another_is_chosen() -> None:
    with speaking("en"):
        speak("de")
        assert language() == "de"
    assert language() == "en"
