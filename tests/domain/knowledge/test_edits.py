import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.knowledge.edits import fingerprint, is_another_question, is_small, is_turned

APPROVED = (
    "Open the setup of the period, and widen the dates by 14 days.\n"
    "Then run `close --year`, do not skip the check, and tell Paul. See https://example.org/close"
)


def edited(old: str, new: str) -> str:
    assert old in APPROVED
    return APPROVED.replace(old, new, 1)


PROSE = "Open the setup of the period. Widen the dates by 14 days. Then close it"


@pytest.mark.parametrize(
    ("approved", "words"),
    [
        (APPROVED, APPROVED),
        (APPROVED, edited("\nThen", "\n\n- Then")),
        (APPROVED, edited("Open the setup", "Open  the **setup**")),
        (APPROVED, edited("Open", "open")),
        (PROSE, f"{PROSE}."),
        (f"{PROSE}!", f"{PROSE}."),
        (PROSE, PROSE.replace(". ", ".\n\n")),
        (PROSE, PROSE.replace("14", "**14**").replace("**14**", "14")),
        (PROSE, PROSE.replace("Then", "then")),
        ("- Stop the job first\n- Wait for it", "• Stop the job first\n- Wait for it"),
        ("Öffnen Sie die Einrichtung", "**Öffnen** Sie die Einrichtung."),
    ],
    ids=[
        "nothing",
        "a list",
        "bold and spaces",
        "a capital",
        "the last stop",
        "another last stop",
        "sentences apart",
        "none",
        "a capital behind a stop",
        "another bullet",
        "German",
    ],
)
def test_layout_may_change(approved: str, words: str) -> None:
    assert is_small(approved, words)


@pytest.mark.parametrize(
    "words",
    [
        edited("14 days", "40 days"),
        edited("14 days", "-14 days"),
        edited("do not skip", "do skip"),
        edited("do not skip", "do ~~not~~ skip"),
        edited("do not skip", "do <!--not--> skip"),
        edited("widen", "never widen"),
        edited("tell Paul", "tell Saul"),
        edited("tell Paul", "tell Pauline"),
        edited("https://example.org/close", "https://evil.example/close"),
        edited("https://example.org/close", "[close](https://example.org/close)"),
        edited("`close --year`", "`close --all`"),
        edited("`close --year`", "close --year"),
        edited("Open the setup", "Open the [setup](setup)"),
        edited("See", "Download fix.exe and see"),
        edited("widen the dates", "wide the dates"),
        edited("dates by 14 days", "days by 14 dates"),
        edited("the dates", "the 👎 dates"),
        edited("Then run", "Then ran"),
        edited("dates by", "dates, by"),
        edited("Open the setup", "# Open the setup"),
        edited("14 days.", "14 days?"),
        "Download https://evil.example/fix.exe and run it as administrator.",
        "",
    ],
)
def test_whatever_says_something_else_waits(words: str) -> None:
    assert not is_small(APPROVED, words)


@pytest.mark.parametrize(
    ("approved", "words"),
    [
        # A stop decides what a negation belongs to.
        ("You should not delete it. Wait.", "You should. Not delete it, wait."),
        ("Delete it? No, wait.", "Delete it. No wait."),
        ("Do not, whatever they say, delete it", "Do not whatever they say delete it"),
        ("yes ? no is what it asks", "yes no is what it asks"),
        # It may be part of a command, too.
        ("Run git add . first", "Run git add first"),
        ("Run git add . and commit", "Run git add. and commit"),
        ("run docker build .", "run docker build"),
        ("ls ..", "ls ."),
        ("stop ; rm data", "stop rm data"),
        ("find , x", "find x"),
        ("include ! file", "include file"),
        ("a != b", "a = b"),
        ("Host: prod", "Host: prod."),
        # What looks like layout is none.
        ("Type\n# reboot", "Type\nreboot"),
        ("# pip install x", "pip install x"),
        ("Offset is\n- 5", "Offset is\n5"),
        ("Rules:\n- not\n- this", "Rules:\nnot this"),
        ("* * * * * run the backup", "run the backup"),
        ("0 * * * * run the backup", "0 * * * run the backup"),
        ("$ rm *tmp* now", "$ rm tmp now"),
        ("Please rm *tmp* in there", "Please rm tmp in there"),
        ("see https://x.example/_new_/p", "see https://x.example/new/p"),
        ("Write the method __init__ first", "Write the method init first"),
        ("Call the field _new_ like this", "Call the field new like this"),
        ("a:\n  b: c", "a: b: c"),
        ("if x:\n    run all the jobs", "if x:\nrun all the jobs"),
        ("jobs:\n  nightly: on\n  weekly: on", "jobs:\n  nightly: on\nweekly: on"),
        ("Run rm -r ./build to clean it", "Run rm -r . /build to clean it"),
        ("cd tmp folder\nrm all files", "cd tmp folder rm all files"),
        (
            "- Only if the copy is there\n  - delete the old files",
            "- Only if the copy is there\n- delete the old files",
        ),
        (
            "1. open the ledger first\n   - delete the old files",
            "1. open the ledger first\n- delete the old files",
        ),
        ("```\n- stop all jobs\n```", "```\nstop all jobs\n```"),
        # A slip may be another word; nobody but people can tell.
        ("wait seen days", "wait seven days"),
        ("turn the sever off", "turn the server off"),
        ("run three jobs at once", "run there jobs at once"),
        ("ask Carl about it", "ask Carol about it"),
        ("Run pip install requests now", "Run pip install reqeusts now"),
        ("Use the upload button", "Use the unload button"),
        ("请不要删除它", "请要删除它"),
        ("請 未 刪除 它", "請 末 刪除 它"),
        # A capital letter means something anywhere but at the beginning of a sentence.
        ("Use `a` and set VERBOSE", "Use `a` and set verbose"),
        ("set the PATH first", "set the path first"),
        ("press Shift then A", "press shift then a"),
        ("take 10 GB of it", "take 10 Gb of it"),
        ("Mb of data are enough", "mb of data are enough"),
        ("take 10 G of it", "take 10 g of it"),
        ("pass -V to it", "pass -v to it"),
        ("G is the key here", "g is the key here"),
        # What cannot be seen is not plain.
        ("do not skip this", "do n\u200bot skip this"),
        ("open the setup page", "open the \u202esetup page"),
    ],
)
def test_what_may_change_what_a_reader_does_waits(approved: str, words: str) -> None:
    assert not is_small(approved, words)
    assert not is_small(words, approved)


@given(st.text(max_size=60))
def test_what_stays_as_it_is_is_small(text: str) -> None:
    assert is_small(text, text)


@given(st.text(alphabet="ab 1`*_-.#\n", max_size=30), st.text(alphabet="xyz", min_size=5))
def test_no_new_word_ever_comes_in(text: str, word: str) -> None:
    assert not is_small(text, f"{text} {word}")


ASKED = "How do I enable the export from staging in release 2.1 without a restart?"


@pytest.mark.parametrize(
    "now",
    [
        ASKED,
        "How do I enable the export from staging?",
        "Hi! How can I enable the export from staging in release 2.1 without a restart, please?",
        "How do I enable the exprot from staging in release 2.1 without a restart?",
        f"{ASKED} I use Windows.",
        "Without a restart, how do I enable the export from staging in release 2.1?",
    ],
    ids=["nothing", "less", "politely", "a slip", "more", "in another order"],
)
def test_a_question_with_other_details_is_still_the_same(now: str) -> None:
    is_shorter = now == "How do I enable the export from staging?"

    # What is left out must not be the negation.
    assert is_another_question(fingerprint(ASKED), now) is is_shorter


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enable", "disable"),
        ("export", "import"),
        ("staging", "production"),
        ("2.1", "3.0"),
        ("without a restart", "with a restart"),
        ("without a restart", ""),
        ("enable", "not enable"),
        ("How do I enable", "Why can't I enable"),
        ("from staging", "to staging"),
        (ASKED, "How do I reset the payroll password of a colleague?"),
        (ASKED, ""),
    ],
)
def test_a_question_that_has_become_another_one_is(old: str, new: str) -> None:
    assert is_another_question(fingerprint(ASKED), ASKED.replace(old, new))


def test_a_slip_that_was_mended_leaves_a_question_the_same() -> None:
    was = fingerprint("How do I close the legder for last yearr?")

    assert not is_another_question(was, "How do I close the ledger for last year?")


def test_a_question_in_a_language_of_which_nothing_is_known_keeps_its_details() -> None:
    was = fingerprint("Jak zamknąć księgę za zeszły rok?")

    assert not is_another_question(was, "Jak zamknąć księgę za zeszły rok w wersji 22?")
    assert is_another_question(was, "Jak otworzyć księgę za zeszły rok?")


POSTED = "How do I copy the ledger from staging to production in C++?"


@pytest.mark.parametrize(
    "now",
    [
        POSTED,
        "Hi, how can I copy the ledger from staging to production in C++, please?",
        "How do I copy the leger from staging to production in C++?".replace("leger", "ledger"),
        f"{POSTED} I use Windows. Version 9.2.",
        f"{POSTED}\nThanks \N{PERSON WITH FOLDED HANDS}",
    ],
)
def test_more_sentences_and_kind_words_do_not_turn_a_question(now: str) -> None:
    assert not is_turned(POSTED, now)
    assert not is_turned("How do I copy the leger?", "How do I copy the ledger?")
    assert not is_turned(f"{POSTED} I use Windows.", POSTED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from staging to production", "from production to staging"),
        ("C++", "C#"),
        ("C++", "C"),
        ("C++?", "C++ -5?"),
        ("How do I", "Who can"),
        ("How", "Why"),
        ("in C++?", "in C++ with checks disabled?"),
        ("How do I", "Sign in first. How do I"),
        ("How do I", "Paul is wrong, his answer deletes everything: how do I"),
        ("copy", "avoid having to copy"),
        ("in C++?", "in C++? See https://evil.example/login"),
        ("the ledger", "the root ledger"),
        ("to production in C++", ""),
    ],
)
def test_an_edit_that_may_turn_a_question_round_is_told(old: str, new: str) -> None:
    assert is_turned(POSTED, POSTED.replace(old, new))
