import pytest

from tests.acceptance.bots import DEAD, Bot, People, eventually


@pytest.mark.parametrize(
    "kind",
    ["nan", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("raises", "shape"))],
)
def test_a_question_on_which_the_model_fails_is_replied_to_without_it(
    bot: Bot, people: People, kind: str
) -> None:
    people.write("q1", "Maria", "How do I open the poison ledger?")
    people.ask(2)

    status = bot.live(model=kind)

    assert status == 0
    assert people.replies() == [1, 1]
    assert "My search isn't working right now" in bot.shown


@pytest.mark.slow
def test_a_question_that_kills_the_process_is_replied_to_at_the_third_start(
    bot: Bot, people: People
) -> None:
    people.write("q1", "Maria", "How do I open the poison ledger?")

    statuses = [bot.live(model="dies") for _ in range(3)]

    assert statuses == [DEAD, DEAD, 0]
    assert people.replies() == [1]


@pytest.mark.slow
def test_an_answer_on_which_the_model_fails_is_kept_without_its_vectors(
    bot: Bot, people: People
) -> None:
    people.write("q1", "Maria", "How do I open the poison ledger?")
    people.write("a1", "Paul", "Take the setup, and widen the dates.", thread="q1")
    people.write("s1", "Maria", "/solved <a1>", thread="q1")

    status = bot.live(model="nan")

    assert status == 0
    assert bot.look("SELECT title FROM document WHERE source = 'answers'") == [
        ["How do I open the poison ledger?"]
    ]
    assert bot.look("SELECT count(*) FROM passage") == [[2]]
    assert bot.look("SELECT count(*) FROM embedding") == [[1]]


@pytest.mark.slow
def test_what_the_model_cannot_embed_does_not_keep_the_bot_from_starting(
    bot: Bot, people: People
) -> None:
    people.write("q1", "Maria", "How do I open the poison ledger?")
    people.write("a1", "Paul", "Take the setup, and widen the dates.", thread="q1")
    people.write("s1", "Maria", "/solved <a1>", thread="q1")
    assert bot.live(model="nan") == 0
    people.ask(2)

    status = bot.live(model="nan")

    assert status == 0
    assert people.replies() == [1, 1]


@pytest.mark.slow
def test_a_model_that_hangs_is_reported(bot: Bot, people: People) -> None:
    bot.start(model="hangs", too_long=0.2, grace=0.6)
    people.write("q1", "Maria", "How do I open the poison ledger?")

    eventually(lambda: bot.health()[0] == 503)

    (problem,) = bot.health()[1]
    assert problem.startswith("an event is in hand since ")
    bot.home.with_suffix(".gate").touch()
    eventually(lambda: bot.health() == (200, []))
    assert bot.end() == 0
    assert people.replies() == [1]


@pytest.mark.slow
def test_a_model_that_fails_on_everything_is_told_in_one_sentence(bot: Bot) -> None:
    assert bot.live() == 0

    status = bot.live(model="broken")

    assert status == 2
    assert bot.said.splitlines()[-1].startswith("The model cannot be used")
    assert "Traceback" not in bot.said
