from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.recognition.kinds import (
    ASKS,
    MAY_ASK,
    Known,
    MessageKind,
    answers_probability,
    asks_probability,
    has_words,
    recognise,
    solves_probability,
    weighed,
)
from tests.growth import grows_linearly

CHANNEL = Place("slack", "T1", "C1")
THREAD = CHANNEL.in_thread("17.5")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUESTION = Question(THREAD, MARIA, "How?", MONDAY, "", QuestionState.ROUTED, 0.2)


def posted(
    text: str, *, place: Place = CHANNEL, author: Author = MARIA, is_addressed: bool = False
) -> MessagePosted:
    return MessagePosted("e1", place, "m1", author, text, MONDAY, is_addressed=is_addressed)


@pytest.mark.parametrize(
    "text",
    [
        "The invoice is not posted. Why?",
        "is the server down? It was fine this morning",
        "How do I post an invoice",
        "hi all, what is the longest name a file may have",
        "Hello everyone! Has anybody seen this error",
        "hey folks, is there a list of the error codes",
        "Can someone explain the second step",
        "I need help with the upgrade",
        "Looking for some advice on backups",
        "The upgrade stops at 40 %. Any ideas",
        "I wonder how to restore a backup",
        "WHERE IS THE LOG FILE",
        "Why does the printer blink?",
        "Could somebody tell me where the log is?",
        "Weiß jemand, wo das Protokoll liegt?",
        "¿Alguien sabe dónde está el registro?",
        "Is there a document about this\N{FULLWIDTH QUESTION MARK}",
    ],
)
def test_a_message_that_asks_is_a_question(text: str) -> None:
    assert recognise(posted(text), None) is MessageKind.QUESTION


@pytest.mark.parametrize(
    "text",
    [
        "Good morning",
        "The meeting is at five.",
        "See https://example.org/search?q=invoice for the list",
        "We upgraded yesterday, and it went well.",
        "I know what you mean.",
    ],
)
def test_a_message_that_only_tells_is_chatter(text: str) -> None:
    assert recognise(posted(text), None) is MessageKind.CHATTER


@pytest.mark.parametrize(
    "text",
    [
        "Where is the archive?",
        "Is there a discount?",
        "Wie kann ich exportieren?",
    ],
)
def test_where_it_is_not_clear_whether_a_message_asks_it_may(text: str) -> None:
    assert recognise(posted(text), None) is MessageKind.MAYBE_QUESTION
    assert MAY_ASK <= asks_probability(text) < ASKS


@pytest.mark.parametrize(
    "text",
    [
        "really?",
        "lunch?",
        "@Paul did you see it?",
        "Thanks for the talk yesterday!",
        "You should try the second one",
        "I have opened a ticket with the vendor",
    ],
)
def test_talk_is_chatter_also_with_a_question_mark(text: str) -> None:
    assert recognise(posted(text), None) is MessageKind.CHATTER


@pytest.mark.parametrize(
    ("kind", "known", "weighed_as"),
    [
        (MessageKind.MAYBE_QUESTION, Known.STRONGLY, MessageKind.QUESTION),
        (MessageKind.MAYBE_QUESTION, Known.BY_SOMEBODY, MessageKind.QUESTION),
        (MessageKind.MAYBE_QUESTION, Known.PERHAPS, MessageKind.MAYBE_QUESTION),
        (MessageKind.MAYBE_QUESTION, Known.NOT, MessageKind.MAYBE_QUESTION),
        (MessageKind.FAINT, Known.STRONGLY, MessageKind.QUESTION),
        (MessageKind.FAINT, Known.BY_SOMEBODY, MessageKind.MAYBE_QUESTION),
        (MessageKind.FAINT, Known.PERHAPS, MessageKind.CHATTER),
        (MessageKind.FAINT, Known.NOT, MessageKind.CHATTER),
        (MessageKind.CHATTER, Known.STRONGLY, MessageKind.CHATTER),
        (MessageKind.QUESTION, Known.NOT, MessageKind.QUESTION),
    ],
)
def test_what_is_known_decides_where_the_wording_does_not(
    kind: MessageKind, known: Known, weighed_as: MessageKind
) -> None:
    assert weighed(kind, known) is weighed_as


def test_what_is_asked_in_code_or_in_an_address_is_not_asked() -> None:
    asked = asks_probability("How do I post an invoice?")

    assert asks_probability("```How do I post an invoice?```") < MAY_ASK < asked
    assert asks_probability("> How do I post an invoice?\nLike this.") < MAY_ASK


@pytest.mark.parametrize(
    "text", ["hi", "Hello everyone!", "thanks @bot", "<@U1> thank you", "danke!"]
)
def test_a_greeting_or_thanks_said_to_the_bot_is_chatter(text: str) -> None:
    assert recognise(posted(text, is_addressed=True), None) is MessageKind.CHATTER


def test_whatever_is_said_to_the_bot_is_a_question() -> None:
    message = posted("the printer is on fire", is_addressed=True)

    assert recognise(message, None) is MessageKind.QUESTION


@pytest.mark.parametrize("text", ["", "   ", "???", "🤷 ?", "…!"])
def test_a_message_without_words_is_chatter_even_when_it_is_said_to_the_bot(text: str) -> None:
    assert recognise(posted(text, is_addressed=True), None) is MessageKind.CHATTER


def test_a_question_inside_somebody_elses_conversation_is_left_alone() -> None:
    message = posted("How do I post an invoice?", place=THREAD)

    assert recognise(message, None) is MessageKind.CHATTER


def test_the_bot_can_be_called_into_a_conversation() -> None:
    message = posted("Can you look at this?", place=THREAD, is_addressed=True)

    assert recognise(message, None) is MessageKind.CALLED


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Posting an invoice", MessageKind.QUESTION),
        ("Thank you!", MessageKind.CHATTER),
        ("forget me", MessageKind.FORGET_ME),
    ],
)
def test_who_is_alone_with_the_bot_asks_also_in_a_thread(text: str, kind: MessageKind) -> None:
    message = posted(text, place=direct_place(MARIA).in_thread("17.5"), is_addressed=True)

    assert recognise(message, None) is kind


@pytest.mark.parametrize(
    "text",
    [
        "With the button Post.",
        "Set the posting date in the user setup.",
        "No.",
        "yes",
        "42",
        "Have you tried restarting it? That fixed it for me.",
    ],
)
def test_what_others_say_in_a_questions_thread_is_an_answer_unless_it_clearly_is_not(
    text: str,
) -> None:
    message = posted(text, place=THREAD, author=PAUL)

    assert recognise(message, QUESTION) is MessageKind.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "Which version?",
        "Could you post the log?",
        "Same here.",
        "me too!",
        "+1",
        "Following",
        "Thanks, Maria!",
    ],
)
def test_who_asks_back_or_joins_in_gives_no_answer(text: str) -> None:
    assert recognise(posted(text, place=THREAD, author=PAUL), QUESTION) is MessageKind.CHATTER


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "thank you, Paul",
        "That worked.",
        "THX",
        "ok, solved",
        "that did it",
        "danke",
        "Merci!",
        "obrigado",
        "bedankt",
        "tack",
        "Gracias, ya funciona",
        "Great, that helped",
    ],
)
def test_thanks_of_the_asker_are_thanks(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but what is a posting key?",
        "It is still unsolved.",
        "ok but it still fails",
    ],
)
def test_what_says_that_it_is_not_solved_follows_up_on_the_question(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.FOLLOW_UP


@pytest.mark.parametrize("text", ["It is version 7.", "Thanks in advance!", "ok", "hm", ":+1:"])
def test_what_else_the_asker_says_is_unclear(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.UNCLEAR


def test_what_the_asker_asks_once_it_is_solved_is_a_further_question() -> None:
    solved = replace(QUESTION, state=QuestionState.RESOLVED)

    def kind(text: str) -> MessageKind:
        return recognise(posted(text, place=THREAD), solved)

    assert kind("Thanks! And how do I open a new period?") is MessageKind.FURTHER_QUESTION
    assert kind("It was version 7.") is MessageKind.UNCLEAR
    assert kind("Thanks, that worked!") is MessageKind.THANKS


def test_somebody_of_the_same_name_is_not_the_asker() -> None:
    message = posted("Press Post.", place=THREAD, author=Author("slack", "U9", "Maria"))

    assert recognise(message, QUESTION) is MessageKind.ANSWER


@pytest.mark.parametrize("text", ["a", "7", "?ß", "発票"])
def test_letters_and_digits_of_any_script_can_be_searched_for(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", ["", " \n", "?!", "🤷", "___"])
def test_signs_alone_cannot_be_searched_for(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "This is not solved",
        "Thanks, but that didn't work",
        "thanks but it still fails",
        "didn't work, thanks anyway",
    ],
)
def test_thanks_that_say_no_are_a_follow_up(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.FOLLOW_UP


@pytest.mark.parametrize(
    "text",
    [
        "forget me",
        "Forget me!",
        "please forget me",
        "Please, forget me.",
        "forget me, please",
        "  FORGET   ME  ",
        ": forget me",
    ],
)
def test_one_who_tells_the_bot_to_forget_them_is_understood(text: str) -> None:
    assert recognise(posted(text, is_addressed=True), None) is MessageKind.FORGET_ME


def test_one_may_ask_to_be_forgotten_in_the_thread_of_any_question() -> None:
    own = posted("forget me", place=THREAD, is_addressed=True)
    another = posted("forget me", place=THREAD, author=PAUL, is_addressed=True)

    assert recognise(own, QUESTION) is MessageKind.FORGET_ME
    assert recognise(another, QUESTION) is MessageKind.FORGET_ME


def test_one_who_tells_somebody_else_to_forget_them_is_not_forgotten() -> None:
    assert recognise(posted("forget me"), None) is MessageKind.CHATTER
    assert recognise(posted("forget me", place=THREAD, author=PAUL), QUESTION) is MessageKind.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "Don't forget me when the release is out",
        "How do I forget me not seeds?",
        "forget him",
        "do not forget me",
        "forget me later",
        "forgetme",
    ],
)
def test_a_sentence_that_only_has_these_words_does_not_forget_anybody(text: str) -> None:
    assert recognise(posted(text, is_addressed=True), None) is MessageKind.QUESTION


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_recognised_and_its_probabilities_are_probabilities(
    text: str,
    is_addressed: bool,  # noqa: FBT001
) -> None:
    assert recognise(posted(text, is_addressed=is_addressed), None) in MessageKind
    assert recognise(posted(text, place=THREAD, author=PAUL), QUESTION) in MessageKind
    for probability in (asks_probability, solves_probability, answers_probability):
        assert 0 <= probability(text) <= 1


@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "?",
        "?\N{HORIZONTAL ELLIPSIS} ",
        "so, ",
        "so so ",
        "i ",
        "\n",
        "`",
        "> ",
        "<@a>",
        "- x\n",
        "thanks a lot ",
        "-",
    ],
)
def test_a_very_long_text_takes_no_longer_than_its_length_deserves(piece: str) -> None:
    def work(text: str) -> None:
        recognise(posted(text), None)
        recognise(posted(text, place=THREAD), QUESTION)

    assert grows_linearly(work, f"x{piece * (100_000 // len(piece))}")


@pytest.mark.parametrize("call", ["@Helpers", "@here", "@channel,", "@everyone", "@on-call: "])
def test_a_group_that_is_called_is_no_word_of_a_question(call: str) -> None:
    question = "how do I export the ferret list?"

    assert asks_probability(f"{call} {question}") == asks_probability(question)
    assert asks_probability(f"{call}") == 0.0


def test_what_begins_with_a_persons_name_is_for_them_and_not_for_the_group() -> None:
    asked = posted("@Paul how do I export the ferret list?")

    to_paul = replace(asked, mentions=(PAUL,))

    assert recognise(asked, None) is MessageKind.QUESTION
    assert recognise(to_paul, None) is not MessageKind.QUESTION


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "Month-end closing stops: posting date not within allowed range?",
            MessageKind.FAINT,
        ),
        (
            "Shipping labels blank since Tuesday morning (label printer)?",
            MessageKind.FAINT,
        ),
        ("Lunch at the usual place at noon?", MessageKind.FAINT),
        ("Really?", MessageKind.CHATTER),
        ("Lunch?", MessageKind.CHATTER),
    ],
)
def test_who_ends_with_a_question_mark_is_weighed_whatever_it_reads_like(
    text: str, kind: MessageKind
) -> None:
    assert recognise(posted(text), None) is kind
