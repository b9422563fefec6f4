from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import Ask, AskOutcome, Rung
from supportbot.domain.experts.profile import Profile
from supportbot.domain.experts.routing import SHIPPED
from supportbot.experts.people import People
from supportbot.knowledge.search import Search
from supportbot.store import asks, conversations, expert_models, messages, places, profiles
from supportbot.store.engine.sqlite import Database
from supportbot.store.messages import Said
from supportbot.testing import HashingEmbedder, SetClock
from tests.communities import theirs
from tests.reading import chosen_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
BOARD = Place("slack", "T1", "board", is_private=True)
MARIA, PAUL, LENA, AYA = (
    Author("slack", f"U{n}", name) for n, name in enumerate(["Maria", "Paul", "Lena", "Aya"], 1)
)
ZOE, UDO = Author("slack", "U5", "Zoe"), Author("slack", "U6", "Udo")
LEDGER = "How do I close the ledger of last year?"
AGAIN = "Why can I not close the ledger?"
Talk = Callable[..., str]


@pytest.fixture
def people(database: Database) -> People:
    return people_of(database)


def people_of(database: Database, *declared: Declared) -> People:
    search = Search(database, HashingEmbedder())
    return People(database, search, declared, clock=SetClock(NOW))


@pytest.fixture
def talk(database: Database) -> Talk:
    """Return what lets Maria ask something, and somebody answer."""
    count = 0

    def ask(who: Author, text: str = LEDGER, *, days_ago: float = 3, place: Place = HELP) -> str:
        nonlocal count
        count += 1
        thread = place.in_thread(str(count))
        asked_at = NOW - timedelta(days=days_ago)
        key, id_ = thread.key, f"{count}.1"
        question = Question(thread, MARIA, text, asked_at, "", QuestionState.PAST, 0.0)
        answer = Answer(f"{key}/{id_}", key, who, "Widen the dates.", asked_at, "")
        said = [
            Said(key, place.channel_key, MARIA.member_id, key, asked_at),
            Said(place.message_key(id_), place.channel_key, who.member_id, key, asked_at),
        ]
        with database.writing() as tx:
            conversations.save_question(tx, question)
            conversations.save_answer(tx, answer)
            messages.note(tx, said)
        return key

    return ask


def asked(people: People, text: str = AGAIN, place: Place = HELP, **choices: object) -> list[str]:
    chosen = chosen_of(people, text, place, MARIA, **choices)
    return [referral.expert.name for referral in chosen]


def test_nobody_is_asked_in_a_community_that_nobody_has_helped_in(people: People) -> None:
    assert asked(people) == []


def test_who_answered_such_questions_is_asked_before_who_answered_others(
    people: People, talk: Talk
) -> None:
    for _ in range(3):
        talk(LENA, "Which printer can do labels?")
        talk(PAUL)

    assert asked(people)[0] == "Paul"
    assert asked(people, "Can the printer do small labels?")[0] == "Lena"


def test_what_is_learned_later_counts_at_the_next_question(people: People, talk: Talk) -> None:
    talk(PAUL)
    before = asked(people)
    talk(LENA)

    assert before == ["Paul"]
    assert set(asked(people)) == {"Paul", "Lena"}


def test_the_asker_is_not_asked_and_others_are_left_out(people: People, talk: Talk) -> None:
    talk(PAUL)
    talk(LENA)

    assert chosen_of(people, AGAIN, HELP, PAUL)[0].expert == LENA
    assert asked(people, without={LENA.member_id}) == ["Paul"]
    assert len(asked(people, limit=1)) == 1


def test_who_only_talks_is_not_asked(people: People, talk: Talk) -> None:
    talk(PAUL)

    assert "Maria" not in [r.expert.name for r in chosen_of(people, AGAIN, HELP, AYA)]


def test_who_left_is_not_asked(people: People, talk: Talk, database: Database) -> None:
    talk(PAUL)
    with database.writing() as tx:
        places.note_member(tx, PAUL.member_id, HELP, NOW, is_away=True)

    assert asked(people) == []


def test_nobody_is_asked_on_another_platform(people: People, talk: Talk) -> None:
    talk(PAUL)

    assert (
        chosen_of(people, AGAIN, Place("discord", "G", "help"), Author("discord", "7", "Max")) == ()
    )


def test_who_declared_a_near_topic_is_asked_without_having_answered(database: Database) -> None:
    declared = Declared(name="Aya", topics=("close ledger",), member_ids=("slack:U4",))
    people = people_of(database, declared)

    (referral,) = chosen_of(people, "How to close the ledger?", HELP, MARIA)

    assert referral.expert == AYA
    assert str(referral.reason) == "you listed: close ledger"
    assert chosen_of(people, "Who has a car?", HELP, MARIA) == ()


def test_who_told_the_bot_of_a_near_topic_is_asked_without_having_answered(
    people: People, database: Database
) -> None:
    with database.writing() as tx:
        profiles.save(tx, Profile(AYA, Availability(topics=("close ledger",))), now=NOW)

    (referral,) = chosen_of(people, "How to close the ledger?", HELP, MARIA)

    assert (referral.expert, str(referral.reason)) == (AYA, "you listed: close ledger")


def test_the_reason_is_true(people: People, talk: Talk) -> None:
    talk(PAUL, days_ago=40)
    talk(PAUL, "Which printer can do labels?", days_ago=3)

    (referral,) = chosen_of(people, AGAIN, HELP, MARIA)

    assert str(referral.reason) == "you've answered a question in this channel in the last 30 days"


def test_who_is_asked_all_the_time_gives_way_to_who_knows_as_much(
    people: People, talk: Talk, database: Database
) -> None:
    talk(PAUL)
    talk(LENA)
    first, second = asked(people)
    busy = {"Paul": PAUL, "Lena": LENA}[first]
    put_to = Question(HELP.in_thread("99"), AYA, "?", NOW, "", QuestionState.ROUTED, 0.0)
    with database.writing() as tx:
        for number in range(5):
            question = replace(put_to, place=HELP.in_thread(f"9{number}"))
            conversations.save_question(tx, question)
            asks.note(tx, [Ask(question.id, busy.member_id, NOW, Rung.FIRST)])

    assert asked(people) == [second, first]


def left(database: Database, who: Author, *outcomes: AskOutcome, days_ago: float = 60) -> None:
    """Let somebody be asked once a day, and leave it like that."""
    with database.writing() as tx:
        for number, outcome in enumerate(outcomes):
            asked_at = NOW - timedelta(days=days_ago - number)
            place = HELP.in_thread(f"{who.name}{number}")
            put_to = Question(place, AYA, "?", asked_at, "", QuestionState.ROUTED, 0.0)
            conversations.save_question(tx, put_to)
            ask = Ask(put_to.id, who.member_id, asked_at, Rung.FIRST, outcome)
            asks.note(tx, [ask])


@pytest.fixture
def both(talk: Talk) -> None:
    """Paul knows a little more than Lena."""
    talk(PAUL, days_ago=4)
    talk(PAUL)
    talk(LENA)


@pytest.mark.usefixtures("both")
def test_who_never_answers_is_asked_after_who_does(people: People, database: Database) -> None:
    left(database, PAUL, *[AskOutcome.QUIET] * 5)

    assert asked(people) == ["Lena", "Paul"]


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("outcome", [AskOutcome.ANSWERED, AskOutcome.CLAIMED, AskOutcome.PASSED])
def test_who_reacts_again_is_asked_as_before(
    people: People, database: Database, outcome: AskOutcome
) -> None:
    left(database, PAUL, *[AskOutcome.QUIET] * 5, outcome)

    assert asked(people) == ["Paul", "Lena"]


@pytest.mark.usefixtures("both")
def test_what_somebody_else_answered_first_is_held_against_nobody(
    people: People, database: Database
) -> None:
    left(database, PAUL, *[AskOutcome.WAITING] * 5)

    assert asked(people) == ["Paul", "Lena"]


def test_after_a_deletion_everything_is_learned_anew(
    people: People, talk: Talk, database: Database
) -> None:
    key = talk(PAUL)
    asked(people)
    with database.writing() as tx:
        messages.remove_in(tx, HELP.in_thread(key.rpartition("/")[2]))

    people.forget()

    assert asked(people) == []


def test_whom_the_question_names_is_asked_first(people: People, talk: Talk) -> None:
    for _ in range(3):
        talk(PAUL)
    talk(LENA, "Which printer can do labels?", days_ago=300)

    first, *_ = chosen_of(people, AGAIN, HELP, MARIA, mentions={LENA.member_id, MARIA.member_id})

    assert (first.expert, str(first.reason)) == (LENA, "you're named in the question")


def test_naming_somebody_who_never_helped_asks_nobody(people: People, talk: Talk) -> None:
    talk(PAUL)

    assert asked(people, mentions={AYA.member_id}) == ["Paul"]


def test_with_a_model_of_its_own_a_community_asks_whom_the_question_names(
    people: People, talk: Talk
) -> None:
    for number in range(70):
        talk(PAUL, days_ago=100 - number)
    talk(LENA, "Which printer can do labels?", days_ago=99)
    people.learn()

    assert asked(people, limit=1) == ["Paul"]
    assert asked(people, limit=1, mentions={LENA.member_id}) == ["Lena"]


def test_a_newcomer_who_answers_well_is_asked_beside_the_best_when_it_is_easy(
    people: People, talk: Talk, database: Database
) -> None:
    for who in (PAUL, LENA, ZOE, UDO):
        talk(who, days_ago=300)
    thanked = talk(AYA, "Which printer can do labels?", days_ago=9)
    with database.writing() as tx:
        (answer,) = conversations.answers_to(tx, thanked)
        conversations.save_answer(tx, replace(answer, is_accepted=True))

    chosen = chosen_of(people, LEDGER, HELP, MARIA)
    hard = chosen_of(people, "Why does the mail server refuse me?", HELP, MARIA)

    reasons = {referral.expert.name: str(referral.reason) for referral in chosen}
    assert len(chosen) == 3
    assert reasons["Aya"] == "you're new here and gave a good answer"
    assert "you're new here" not in " ".join(str(referral.reason) for referral in hard)


def test_an_answer_that_is_accepted_later_counts_from_then_on_and_once(
    people: People, talk: Talk, database: Database
) -> None:
    for who in (PAUL, LENA, ZOE, UDO):
        talk(who, days_ago=300)
    thanked = talk(AYA, "Which printer can do labels?", days_ago=9)
    before = [str(referral.reason) for referral in chosen_of(people, LEDGER, HELP, MARIA)]
    with database.writing() as tx:
        (answer,) = conversations.answers_to(tx, thanked)
        answer = replace(answer, is_accepted=True)
        conversations.save_answer(tx, answer)

    people.note_accepted(answer)
    people.note_accepted(answer)

    after = [str(referral.reason) for referral in chosen_of(people, LEDGER, HELP, MARIA)]
    assert "you're new here and gave a good answer" not in before
    assert "you're new here and gave a good answer" in after


def test_what_was_answered_in_private_is_no_reason_outside(people: People, talk: Talk) -> None:
    talk(LENA, place=BOARD)
    talk(PAUL, "Which printer can do labels?")

    chosen = chosen_of(people, AGAIN, HELP, AYA)

    assert {r.expert.name: str(r.reason) for r in chosen}.get(
        "Lena", "you've answered questions here"
    ) == ("you've answered questions here")
    assert chosen[0].expert == PAUL


def test_who_has_answered_in_a_private_channel_only_is_asked_there_and_nowhere_else(
    people: People, talk: Talk
) -> None:
    talk(PAUL, "Which printer can do labels?", place=BOARD)

    assert asked(people, place=HELP) == []
    assert asked(people, place=BOARD) == ["Paul"]


def test_a_reason_names_nothing_from_a_private_channel(people: People, talk: Talk) -> None:
    talk(PAUL, "Which printer can do labels?", place=BOARD)
    talk(PAUL, "How do I print?", place=replace(HELP, channel="other"))
    talk(LENA, "How do I scan?", place=replace(HELP, channel="other"))

    reasons = {one.expert: one.reason for one in chosen_of(people, AGAIN, HELP, MARIA)}
    of_aya = {one.expert: one.reason for one in chosen_of(people, AGAIN, HELP, AYA)}

    assert reasons[PAUL] == "you've helped them before"
    assert of_aya[PAUL] == "you've answered questions here"


def test_a_community_with_enough_of_a_past_gets_a_model_of_its_own(
    people: People, talk: Talk, database: Database
) -> None:
    for number in range(70):
        talk((PAUL, LENA)[number % 2], days_ago=100 - number)

    people.learn()

    with database.reading() as tx:
        own = expert_models.read(tx)
        others = expert_models.read(theirs(tx))
    assert own is not None
    assert own != SHIPPED
    assert others is None
    assert asked(people)[0] in {"Paul", "Lena"}


def test_with_too_little_of_a_past_the_shipped_model_counts(
    people: People, talk: Talk, database: Database
) -> None:
    talk(PAUL)

    people.learn()

    with database.reading() as tx:
        assert expert_models.read(tx) is None


def test_a_model_of_other_features_is_not_read(database: Database) -> None:
    with database.writing() as tx:
        expert_models.keep(tx, SHIPPED, now=NOW)
    with database.writing() as tx:
        tx.connection().exec_driver_sql("UPDATE expert_model SET weights = '{\"old\": 1.0}'")

    with database.reading() as tx:
        assert expert_models.read(tx) is None
