from collections.abc import Iterator

import pytest

from supportbot.retrieval import languages
from supportbot.retrieval.languages import language_of, other_language

GERMAN = "Wie buche ich eine Rechnung, die schon bezahlt ist?"
ENGLISH = "How do I post an invoice that somebody has paid already?"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "German"),
        (ENGLISH, "English"),
        ("Comment puis-je annuler une facture qui est payée ?", "French"),
        ("¿Cómo puedo cerrar el mes en el libro mayor?", "Spanish"),
        ("Jak zaksięgować fakturę, która została już opłacona?", "Polish"),
    ],
)
def test_the_language_of_a_sentence_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "hi", "CustTrans", "0x8007", "\ud800", "post", "Rechnung"])
def test_where_it_is_not_certain_no_language_is_told(text: str) -> None:
    assert language_of(text) == ""


def test_another_language_than_that_of_the_question_is_told() -> None:
    assert other_language(GERMAN, ENGLISH) == "English"
    assert other_language(ENGLISH, GERMAN) == "German"


@pytest.mark.parametrize(("asked", "found"), [(GERMAN, GERMAN), ("hi", GERMAN), (GERMAN, "hi")])
def test_the_same_language_or_an_uncertain_one_is_none(asked: str, found: str) -> None:
    assert other_language(asked, found) == ""


@pytest.fixture
def on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    class Unloadable:
        @staticmethod
        def from_model_file(*_arguments: object, **_named: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(languages, "LanguageIdentifier", Unloadable)
    languages._identifier.cache_clear()
    language_of.cache_clear()
    yield
    languages._identifier.cache_clear()
    language_of.cache_clear()


@pytest.mark.usefixtures("on_a_full_disk")
def test_on_a_full_disk_no_language_is_told_and_nothing_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert [language_of(GERMAN), language_of(ENGLISH)] == ["", ""]
    assert caplog.messages == [
        "languages are not told apart until the next start: [Errno 28] No space left on device"
    ]
