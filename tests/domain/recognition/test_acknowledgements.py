# ruff: noqa: RUF001 - thanks and complaints in many scripts
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.recognition.acknowledgements import (
    Verdict,
    calls_it_wrong,
    is_acknowledgement,
    says_it_failed,
    verdict_of,
)
from supportbot.domain.recognition.follow_ups import only_complains
from supportbot.domain.recognition.kinds import ASKS, SOLVES, asks_probability, solves_probability
from tests.growth import grows_linearly


def verdict(text: str) -> Verdict:
    solves, asks = solves_probability(text) >= SOLVES, asks_probability(text) >= ASKS
    return verdict_of(text, solves=solves, asks=asks)


@pytest.mark.parametrize(
    "text",
    [
        "great",
        "ok",
        "👍",
        "perfect 🙏",
        "cool, got it",
        ":+1:",
        ":raised_hands:",
        ":pray:",
        "awesome",
        "شكرا جزيلا",
        "شكراً",
        "شكرًا، اشتغل",
        "תודה רבה, זה עבד",
        "תודה!",
        "Teşekkürler, çalıştı",
        "teşekkür ederim",
        "Спасибо, заработало",
        "спасибо большое",
        "Obrigado, funcionou!",
        "valeu!",
        "Dziękuję, działa",
        "dzięki",
        "ありがとうございます!",
        "ありがとう、動きました",
        "なるほど、助かりました",
        "谢谢，解决了",
        "谢谢",
        "감사합니다",
        "고마워요, 해결됐어요",
        "Ευχαριστώ πολύ",
        "Děkuji, funguje to",
        "Köszönöm, működik",
        "Mulțumesc, merge",
        "धन्यवाद",
        "ขอบคุณครับ",
        "cảm ơn bạn, được rồi",
        "terima kasih, berhasil",
        "merci beaucoup, ça marche",
        "danke, klappt",
        "grazie mille, funziona",
        "dank je, werkt nu",
        "tack, funkar",
        "kiitos, toimii",
        "works now",
        "no problem, thanks",
        "no worries",
        "not a problem any more",
        "No errors any more, thank you!",
        "never mind, found it",
        "didn't know that, thanks!",
        "I can't thank you enough",
        "why didn't I think of that, thanks",
        "that fixed the error",
        "The error is gone, thanks",
        "it doesn't crash any more",
        "problem solved",
        "Nice, that's the one",
        "ah",
        "oh I see",
        "hm",
        "interesting",
        "will try",
        "Thanks, I will try it tomorrow",
        "let me check",
        "Thanks in advance!",
        "ok thx",
        "k",
        "yes",
        "yep that's it",
        "😂",
        "🎉🎉",
        "💯",
        "It is version 7.",
        "version 7",
        "bin dabei",
        "tamam",
        "はい",
        "好的",
        "да",
        "понятно",
        "wow",
        "no need to answer any more",
        "not bad!",
        "that was quick",
        "I'm on it",
        "I haven't tried it yet",
        "couldn't be easier, thanks",
        "thank you both",
        "you rock",
        "u da best",
        "lol",
        "really?",
        "thanks for the help with this issue",
        "It was a problem with my proxy. Thanks!",
        "👌🏽",
        "🙏🏻",
        "<3",
        "^^",
        "+1",
        "10/10",
        "gracias, ya funciona",
        "muito obrigado, mais uma vez",
        "没问题，谢谢",
        "ありがとうございます。問題ありません",
        "нет проблем, спасибо",
        "kein Problem, danke",
        "Done",
        "brb",
        "one sec",
        "Eskerrik asko",
        "მადლობა",
        "Շնորհակալություն",
        "ok so it is in the setup",
        "Perfect, exactly what I needed",
        "I like it",
        "Thanks, but I found it already",
        "nvm",
    ],
)
def test_what_does_not_say_that_it_failed_is_no_evidence(text: str) -> None:
    assert verdict(text) is not Verdict.UNSOLVED


@pytest.mark.parametrize(
    "text",
    [
        "that did not help",
        "still broken",
        "ok but it still fails",
        "thanks, but no",
        "great, now it crashes",
        "Thanks, but what is a posting key?",
        "It is still unsolved.",
        "no",
        "nope",
        "no luck",
        "didn't work",
        "does not work",
        "same error",
        "Thanks, now I get another error",
        "oh great, another error",
        "It says access denied",
        "How do I undo it?",
        "and in version 2?",
        "where is that button",
        "I don't see that button",
        "I get 'Posting date is not within your range'",
        "KeyError: 'x'",
        "wrong page",
        "that's for another version",
        "This is about something else, I meant invoices not orders but thanks",
        "geht leider nicht",
        "danke, aber es geht immer noch nicht",
        "ne marche toujours pas",
        "ça ne marche pas",
        "no funciona",
        "sigue sin funcionar",
        "não funcionou",
        "non funziona",
        "werkt niet",
        "fungerar inte",
        "nie działa",
        "nefunguje to",
        "nem működik",
        "nu merge",
        "не работает",
        "все еще ошибка",
        "çalışmıyor",
        "olmadı",
        "لا يعمل",
        "ما زال الخطأ موجودا",
        "לא עובד",
        "עדיין לא עובד",
        "動きません",
        "まだエラーが出ます",
        "まだダメです",
        "还是不行",
        "没有用",
        "报错了",
        "안 돼요",
        "여전히 오류가 납니다",
        "ไม่ได้",
        "không được",
        "masih gagal",
        "👎",
        ":-1:",
        ":thumbsdown:",
        "❌",
        "It worked yesterday, now it fails again",
        "cool, but the button is greyed out",
        "the page is empty",
        "Thanks. Where do I find this setting?",
        "That was not it, thanks",
        "thanks, the first step worked but the second one fails",
        "I need a real person",
        "I already did that, no change",
        "stuck at step 3",
        "useless",
        "wieso?",
        "なぜですか？",
        "لماذا؟",
        "ok, how?",
        "works, but only on Chrome",
        "thanks for trying, it is still the same",
        "I have no such menu",
        "unfortunately not",
    ],
)
def test_what_says_that_it_did_not_help_or_asks_on_is_evidence(text: str) -> None:
    assert verdict(text) is Verdict.UNSOLVED
    assert not is_acknowledgement(text)


@pytest.mark.parametrize(
    "text",
    [
        "شكرا جزيلا",
        "شكرًا، اشتغل",
        "תודה רבה, זה עבד",
        "Teşekkürler, çalıştı",
        "Спасибо, заработало",
        "Obrigado, funcionou!",
        "Dziękuję, działa",
        "ありがとう、動きました",
        "谢谢，解决了",
        "고마워요, 해결됐어요",
        "Ευχαριστώ πολύ",
        "Děkuji, funguje to",
        "Köszönöm, működik",
        "धन्यवाद",
        "ขอบคุณครับ",
        "cảm ơn bạn, được rồi",
        "terima kasih, berhasil",
        "merci beaucoup, ça marche",
        "danke, klappt",
        "works now",
        "No errors any more, thank you!",
        "never mind, found it",
        "problem solved",
        "thank you both",
        "It was a problem with my proxy. Thanks!",
    ],
)
def test_thanks_and_success_in_any_script_are_understood(text: str) -> None:
    assert verdict(text) is Verdict.SOLVED


@pytest.mark.parametrize(
    "text",
    ["Thanks in advance!", "merci d'avance", "заранее спасибо", "Thanks, I'll try it tomorrow"],
)
def test_thanks_for_what_is_yet_to_come_say_nothing(text: str) -> None:
    assert verdict(text) is Verdict.UNCLEAR


@pytest.mark.parametrize(
    "text",
    ["perfect 🙏", "cool, got it", ":+1:", "شكرا جزيلا", "תודה רבה, זה עבד", "tamam", "はい"],
)
def test_what_only_acknowledges_is_told_from_what_says_more(text: str) -> None:
    assert is_acknowledgement(text)
    assert not is_acknowledgement(f"{text} invoice printer ledger")


@pytest.mark.parametrize(
    "text", ["that did not help", "no", "still broken", "hilft nicht", "还是不行"]
)
def test_a_complaint_without_content_is_told_from_one_that_can_be_searched(text: str) -> None:
    assert only_complains(text)
    assert not only_complains(f"{text}: invoice printer")


@given(st.text(max_size=300))
def test_any_text_has_a_verdict(text: str) -> None:
    assert verdict(text) in Verdict
    assert is_acknowledgement(text) in {True, False}


@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "?",
        "ne ",
        "no ",
        "but ",
        "how did i miss ",
        "it was a ",
        "get ",
        "\n",
        "`",
        "不",
        "thanks ",
    ],
)
def test_a_very_long_text_takes_no_longer_than_its_length_deserves(piece: str) -> None:
    assert grows_linearly(verdict, f"x{piece * (100_000 // len(piece))}")


@pytest.mark.parametrize(
    "text",
    [
        "That is wrong.",
        "this isn't correct any more",
        "Don't do that, it deletes everything.",
        "Das ist leider falsch.",
        "It was wrong.",
    ],
)
def test_what_calls_an_answer_wrong_is_known(text: str) -> None:
    assert calls_it_wrong(text)


@pytest.mark.parametrize(
    "text",
    [
        "Something is wrong with my ledger.",
        "That is right.",
        "What is wrong?",
        "It is not wrong to ask.",
        "> That is wrong.\nIt works here.",
    ],
)
def test_what_does_not_call_an_answer_wrong_is_left(text: str) -> None:
    assert not calls_it_wrong(text)


def test_who_only_asks_on_says_nothing_of_a_failure() -> None:
    assert says_it_failed("That did not work, what else?")
    assert not says_it_failed("And how do I close it again?")


MEANT = [
    tuple(line.split("\t", 1))
    for name in ("reply-fit.tsv", "reply-held-out.tsv")
    for line in (Path(__file__).parents[2] / "benchmarks" / name).read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("meant", "text"), MEANT)
def test_what_an_asker_says_is_taken_as_it_was_meant(meant: str, text: str) -> None:
    is_as_meant = {
        "S": verdict(text) is not Verdict.UNSOLVED,
        "F": verdict(text) is Verdict.UNSOLVED,
        "N": verdict(text) is not Verdict.SOLVED,
    }

    assert is_as_meant[meant]
