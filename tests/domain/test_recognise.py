from datetime import UTC, datetime

import pytest

from supportbot.domain.events import Author, MessagePosted
from supportbot.domain.places import Place
from supportbot.domain.questions import Question, QuestionState
from supportbot.domain.recognise import MessageKind, has_words, recognise

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
        "anybody at the meeting tomorrow",
        "Should we upgrade now",
        "I need help with the upgrade",
        "Looking for some advice on backups",
        "I would appreciate any hints",
        "The upgrade stops at 40 %. Any ideas",
        "I wonder how to restore a backup",
        "WHERE IS THE LOG FILE",
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


def test_whatever_is_said_to_the_bot_is_a_question() -> None:
    message = posted("the printer is on fire", is_addressed=True)

    assert recognise(message, None) is MessageKind.QUESTION


@pytest.mark.parametrize("text", ["", "   ", "???", "🤷 ?", "…!"])
def test_a_message_without_words_is_chatter_even_when_it_is_said_to_the_bot(text: str) -> None:
    assert recognise(posted(text, is_addressed=True), None) is MessageKind.CHATTER


def test_a_question_inside_somebody_elses_conversation_is_left_alone() -> None:
    message = posted("How do I post an invoice?", place=THREAD, is_addressed=True)

    assert recognise(message, None) is MessageKind.CHATTER


@pytest.mark.parametrize("text", ["With the button Post.", "Which version?", "Thanks, Maria!"])
def test_what_others_say_in_a_questions_thread_is_an_answer(text: str) -> None:
    message = posted(text, place=THREAD, author=PAUL)

    assert recognise(message, QUESTION) is MessageKind.ANSWER


@pytest.mark.parametrize(
    "text", ["Thanks!", "thank you, Paul", "That worked.", "THX", "ok, solved", "that did it"]
)
def test_thanks_of_the_asker_are_thanks(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "It is version 7.",
        "Thanks in advance!",
        "Thanks, but what is a posting key?",
        "It is still unsolved.",
    ],
)
def test_what_else_the_asker_says_follows_up_on_the_question(text: str) -> None:
    assert recognise(posted(text, place=THREAD), QUESTION) is MessageKind.FOLLOW_UP


def test_somebody_of_the_same_name_is_not_the_asker() -> None:
    message = posted("Thanks!", place=THREAD, author=Author("slack", "U9", "Maria"))

    assert recognise(message, QUESTION) is MessageKind.ANSWER


@pytest.mark.parametrize("text", ["a", "7", "?ß", "発票"])
def test_letters_and_digits_of_any_script_can_be_searched_for(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", ["", " \n", "?!", "🤷", "___"])
def test_signs_alone_cannot_be_searched_for(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize(
    "text", ["This is not solved", "Thanks, but that didn't work", "Thanks in advance"]
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
