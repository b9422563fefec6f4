# ruff: noqa: RUF001 - trouble in several scripts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.recognition.trouble import Trouble, trouble_told
from tests.growth import grows_linearly


@pytest.mark.parametrize(
    "text",
    [
        "My account is locked and the mail for a new password does not come",
        "Export of invoices fails with a timeout since this morning.",
        "the API returns 429 all the time",
        "Login broken",
        "I get 'Posting date is not within your range' when I post a journal",
        "need help with vat rates",
        "Printer offline again",
        "looking for a way to export the customer list",
        "stuck at step 3 of the wizard",
        "can't log in",
        "The scanner does not read barcodes since the update",
        "sync stopped working on Friday",
        "Webhook does not fire",
        "Nothing happens when I press Save",
        "No sound in the meeting room",
        "The new user does not show up in the list",
        'it tells me "License expired" although we paid',
        "Traceback (most recent call last): KeyError: 'posting_date'",
        "java.lang.NullPointerException at com.acme.Export.run(Export.java:42)",
        "npm ERR! code ERESOLVE",
        "Trying to change the currency but the field is greyed out",
        "Ich kann mich nicht anmelden",
        "Je n'arrive pas à exporter les factures",
        "No puedo iniciar sesión",
        "Nie mogę się zalogować",
        "Не могу войти в систему",
        "Giriş yapamıyorum",
        "ログインできません",
        "打印机无法连接",
    ],
)
def test_trouble_that_somebody_has_now_is_plain(text: str) -> None:
    assert trouble_told(text) is Trouble.PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "deployed the fix for the login bug",
        "the build is green again",
        "FYI the API will return 429 tomorrow",
        "I fixed the export",
        "The server is down for an hour tonight, as announced",
        "just merged the PR that fixes the crash",
        "lol my brain is not working today",
        "that does not work, you need the second flag",
        "If the export fails, try again with a smaller range",
        "Yes, it fails when the date is empty",
        "The coffee machine is broken, bring your own",
        "The error is gone since the restart",
        "We no longer support version 3",
        "I was stuck in traffic",
        "@Paul the build is broken",
        "Thanks, the export works now",
        "The docs say that the call returns 429 when the limit is reached",
        "I have opened a ticket with the vendor",
        "Wir haben den Fehler behoben",
        "C'est corrigé, merci",
        "Проблема решена",
        "Good morning",
        "(I don't have the specification in front of me)",
        "I looked at the second tool, it does not load either",
    ],
)
def test_what_is_over_or_announced_or_advised_or_talk_is_no_trouble(text: str) -> None:
    assert trouble_told(text) is Trouble.NONE


@pytest.mark.parametrize(
    "text",
    [
        "The archive viewer cannot handle folders that are nested, for one thing",
        "The `cond` macro does not evaluate what comes next",
    ],
)
def test_what_may_be_talk_about_how_things_are_is_faint(text: str) -> None:
    assert trouble_told(text) is Trouble.FAINT


@given(st.text(max_size=300))
def test_any_text_tells_more_or_less_of_trouble(text: str) -> None:
    assert trouble_told(text) in Trouble


@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "ne x ",
        "i get ",
        "it ",
        "trying to ",
        "geht ",
        '"aaaaa',
        "'",
        "says ",
        "\n",
        "no longer ",
        "error: ",
    ],
)
def test_a_very_long_text_takes_no_longer_than_its_length_deserves(piece: str) -> None:
    assert grows_linearly(trouble_told, f"x{piece * (100_000 // len(piece))}")
