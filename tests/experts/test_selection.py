"""The polite ladder from end to end: events and the clock in, messages and rows out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.events import (
    AnswerAccepted,
    Event,
    ForgetRequested,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
    ProfileChanged,
    QuestionClaimed,
    QuestionDue,
    QuestionPassed,
    TopicRefused,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import Ask, LadderRules
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.replies.reply import Action, Alone, Asked, OutgoingMessage
from supportbot.experts.people import People
from supportbot.experts.selection import Asking
from supportbot.jobs.ladder import climbing
from supportbot.knowledge.search import Search
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.worker import Worker
from supportbot.store import asks, conversations, delivery, inbox, profiles
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder, SetClock
from supportbot.testing.building import services_over

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HELP = Place("slack", "T1", "help")
THREAD = HELP.in_thread("1")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
LENA = Author("slack", "U3", "Lena")
DONNA = Author("slack", "U4", "Donna")
ZOE = Author("slack", "U5", "Zoe")
HUGO = Author("slack", "U9", "Hugo")
QUESTION = "How does the ledger closing work?"
ASKED = MessagePosted("slack:e1", HELP, "1", MARIA, QUESTION, NOW)
RULES = LadderRules(helpers=("slack:U9",))


def expert(author: Author, *topics: str) -> Declared:
    return Declared(name=author.name, topics=topics or ("ledger",), member_ids=(author.member_id,))


FOUR = (expert(PAUL), expert(LENA), expert(DONNA), expert(ZOE), expert(HUGO, "garden tools"))


@dataclass
class Bench:
    """The bot without a platform, and a clock."""

    database: Database
    experts: Sequence[Declared] = FOUR
    rules: LadderRules = RULES
    allowance: Allowance = field(default_factory=Allowance)
    teaching: TeachingRules = field(default_factory=TeachingRules)
    clock: SetClock = field(default_factory=SetClock)
    number: int = 0

    def __post_init__(self) -> None:
        self.embedder = HashingEmbedder()
        self.search = Search(self.database, self.embedder)
        people = People(self.database, self.search, self.experts, clock=self.clock)
        self.asking = Asking(
            self.search,
            people,
            clock=self.clock,
            rules=self.rules,
            declared=self.experts,
        )
        services = services_over(
            self.search,
            people,
            self.clock,
            allowance=self.allowance,
            asking=self.asking,
            rules=self.teaching,
            experts=self.experts,
        )
        self.worker = Worker(
            self.database,
            services,
            metrics=Metrics(),
            on_outgoing=lambda: None,
            on_removed=people.forget,
        )
        self.job = climbing(self.database, self.clock, self.asking)

    def hear(self, *events: Event) -> list[OutgoingMessage]:
        """Handle events; gives what is said to them."""
        for event in events:
            with self.database.writing() as tx:
                inbox.put(tx, event, now=self.clock.now())
        while self.worker.handle_next():
            pass
        return self.said()

    def wait(self, time: timedelta) -> list[OutgoingMessage]:
        """Let time pass, and do what is due then."""
        self.clock.move(time)
        self.job.do()
        return self.hear()

    def said(self) -> list[OutgoingMessage]:
        """Return what waits to be said, and deliver it."""
        found = []
        with self.database.writing() as tx:
            for platform in ("slack", "discord"):
                while claim := delivery.claim(tx, platform, now=self.clock.now()):
                    found.append(claim.message)
                    delivery.mark_delivered(tx, claim.message.id, "")
        return found

    def ask(self, text: str = QUESTION, author: Author = MARIA, place: Place = HELP) -> Question:
        """Ask a question; its first reply is said."""
        self.number += 1
        id_ = f"q{self.number}"
        self.hear(MessagePosted(f"slack:{id_}", place, id_, author, text, self.clock.now()))
        return self.question(place.in_thread(id_))

    def question(self, thread: Place = THREAD) -> Question:
        with self.database.reading() as tx:
            question = conversations.question_in(tx, thread)
        assert question is not None
        return question

    def asks(self, thread: Place = THREAD) -> dict[str, Ask]:
        """Return who was asked, by name."""
        with self.database.reading() as tx:
            climb = asks.climb_of(tx, self.question(thread))
        return {ask.name: ask for ask in climb.asks}

    def rungs(self) -> dict[str, str]:
        """Return of each who was asked on which rung, in that order."""
        return {name: ask.rung for name, ask in self.asks().items()}

    def outcomes(self) -> dict[str, str]:
        return {name: ask.outcome for name, ask in self.asks().items()}

    def choose(self, author: Author, *sayings: str) -> list[str]:
        """Let somebody say something of themselves; gives what is replied."""
        texts = []
        for said in sayings:
            self.number += 1
            event = ProfileChanged(f"slack:me{self.number}", THREAD, author, said, self.clock.now())
            texts += [str(message.reply.text) for message in self.hear(event)]
        return texts


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def names(message: OutgoingMessage) -> set[str]:
    return {author.name for author in message.reply.mentions}


def claimed(author: Author, number: int = 1) -> QuestionClaimed:
    return QuestionClaimed(f"slack:c{author.name}{number}", THREAD, author, NOW)


def passed(author: Author, to: Author | None = None, number: int = 1) -> QuestionPassed:
    return QuestionPassed(f"slack:p{author.name}{number}", THREAD, author, NOW, to)


def refused(author: Author, thread: Place = THREAD) -> TopicRefused:
    return TopicRefused(f"slack:r{author.name}{thread.thread}", thread, author, NOW)


def replied(author: Author, text: str = "Open the setup and widen the dates.") -> MessagePosted:
    return MessagePosted(
        f"slack:a{author.name}{text}", THREAD, f"{author.name}{text}", author, text, NOW
    )


def test_the_ladder_goes_from_the_first_to_the_next_to_the_helpers_to_the_open_list(
    bench: Bench,
) -> None:
    (first,) = bench.hear(ASKED)
    early = bench.wait(2 * HOUR - timedelta(minutes=1))
    (second,) = bench.wait(timedelta(minutes=1))
    (third,) = bench.wait(2 * HOUR)
    (last,) = bench.wait(2 * HOUR)
    nothing_more = bench.wait(2 * HOUR)

    assert (early, nothing_more) == ([], [])
    assert len(names(first)) + len(names(second)) == 4
    assert not names(first) & names(second)
    assert names(third) == {"Hugo"}
    assert names(last) == set()
    assert str(second.reply.text) == "Nobody has answered yet."
    assert str(last.reply.text) == (
        "Nobody has answered yet. I don't know anyone else to ask, so this is now on the list of "
        "open questions."
    )
    assert set(bench.outcomes().values()) == {"quiet"}


def test_the_wait_that_is_told_is_the_one_that_is_kept(bench: Bench) -> None:
    (first,) = bench.hear(ASKED)

    assert str(first.reply.closing).endswith("If it stays quiet for 2 hours, I'll ask others.")
    assert first.reply.actions == (Action.CLAIM, Action.PASS)


def test_everybody_asked_is_kept_with_the_question(bench: Bench) -> None:
    bench.hear(ASKED)
    bench.wait(2 * HOUR)

    assert set(bench.question().experts) == {
        author.member_id for author in (PAUL, LENA, DONNA, ZOE)
    }


@pytest.mark.parametrize("author", [PAUL, HUGO], ids=["who was asked", "anybody"])
def test_a_question_that_somebody_takes_is_not_escalated(bench: Bench, author: Author) -> None:
    bench.hear(ASKED)

    (said,) = bench.hear(claimed(author))

    assert str(said.reply.text) == f"{author.name} is on it. I won't ask anyone else for now."
    assert bench.wait(20 * HOUR) == []


def test_who_takes_a_question_twice_is_thanked_once(bench: Bench) -> None:
    bench.hear(ASKED)
    bench.hear(claimed(PAUL))

    (word,) = bench.hear(claimed(PAUL, 2))
    assert word.alone == Alone(PAUL, claimed(PAUL, 2).event_id)


def test_the_asker_cannot_take_their_own_question(bench: Bench) -> None:
    bench.hear(ASKED)

    (word,) = bench.hear(claimed(MARIA))
    assert word.alone == Alone(MARIA, claimed(MARIA).event_id)
    assert bench.wait(2 * HOUR) != []


def test_a_claim_that_goes_quiet_is_asked_about_once_and_then_others_are_asked(
    bench: Bench,
) -> None:
    bench.hear(ASKED, claimed(HUGO))

    (reminder,) = bench.wait(DAY)
    nothing = bench.wait(DAY - HOUR)
    (reopened,) = bench.wait(HOUR)

    assert nothing == []
    assert names(reminder) == {"Hugo"}
    assert str(reminder.reply.text) == "How is this one going?"
    assert str(reopened.reply.text) == "It's gone quiet here."
    assert names(reopened)
    assert bench.outcomes()["Hugo"] == "quiet"


def test_nobody_is_reminded_outside_their_hours(bench: Bench) -> None:
    bench.choose(PAUL, "hours 8-10")
    bench.hear(ASKED)
    bench.clock.move(3 * HOUR)
    bench.hear(claimed(PAUL))

    at_noon = bench.wait(DAY)
    (reminder,) = bench.wait(20 * HOUR)

    assert at_noon == []
    assert names(reminder) == {"Paul"}
    assert bench.clock.now().hour == 8


def test_who_took_a_question_and_is_away_for_long_is_not_waited_for(bench: Bench) -> None:
    bench.hear(ASKED, claimed(PAUL))
    bench.choose(PAUL, "away 2026-04-01")

    (reopened,) = bench.wait(DAY)

    assert str(reopened.reply.text) == "It's gone quiet here."
    assert "Paul" not in names(reopened)


def test_who_took_a_question_and_has_left_is_not_reminded(bench: Bench) -> None:
    bench.hear(ASKED, claimed(PAUL), MemberLeft("slack:left", HELP, PAUL, NOW))

    (reopened,) = bench.wait(DAY)

    assert str(reopened.reply.text) == "It's gone quiet here."
    assert "Paul" not in names(reopened)


def test_an_answer_stops_the_ladder_and_the_asker_is_asked_once_whether_it_helped(
    bench: Bench,
) -> None:
    bench.hear(ASKED, replied(PAUL))

    before = bench.wait(DAY - HOUR)
    (check,) = bench.wait(HOUR)

    assert before == []
    assert bench.outcomes()["Paul"] == "answered"
    assert str(check.reply.text) == "Did Paul's answer solve it?"
    assert names(check) == set()
    assert [bench.wait(DAY) for _ in range(5)] == [[]] * 5


def test_an_asker_who_says_that_it_is_not_solved_gets_the_next_ones(bench: Bench) -> None:
    bench.hear(ASKED, replied(PAUL))
    bench.wait(DAY)

    bench.hear(replied(MARIA, "The button is still grey after I widened the dates."))
    (asked,) = bench.wait(timedelta(minutes=1))

    assert str(asked.reply.text) == "This isn't solved yet."
    assert names(asked)
    assert "Paul" not in names(asked)


def test_a_question_that_is_solved_is_left_alone(bench: Bench) -> None:
    solved = AnswerAccepted("slack:ok", THREAD, MARIA, NOW, replied(PAUL).message_id)
    bench.hear(ASKED, replied(PAUL), solved)

    assert bench.wait(DAY) == []
    (closed,) = bench.hear(claimed(LENA))
    assert closed.alone is not None
    assert closed.alone.member == LENA
    assert str(closed.reply.text).startswith("Thank you! This question is already closed")


def test_a_question_that_is_passed_on_is_put_to_the_one_who_was_named(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL), expert(ZOE, "printer paper")))
    bench.hear(ASKED)

    (said,) = bench.hear(passed(PAUL, ZOE))

    assert names(said) == {"Zoe"}
    assert "Paul suggests Zoe. Zoe, can you help?" in said.reply.closing
    paul = bench.asks()["Paul"]
    assert (paul.outcome, paul.passed_to) == ("passed", "slack:U5")
    assert bench.rungs() == {"Paul": "first", "Zoe": "referred"}


def test_who_was_named_is_asked_for_the_next_question_like_it_before_who_named_them(
    bench: Bench,
) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL), expert(ZOE, "printer paper")))
    bench.hear(ASKED, passed(PAUL, ZOE), replied(ZOE))

    bench.hear(replace(ASKED, event_id="slack:e2", message_id="2", author=LENA))

    assert bench.question(HELP.in_thread("2")).experts[0] == ZOE.member_id


def test_the_reason_says_who_named_somebody(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL), expert(ZOE, "printer paper")))
    bench.hear(ASKED, passed(PAUL, ZOE))

    (said,) = bench.hear(replace(ASKED, event_id="slack:e2", message_id="2", author=LENA))

    assert "Zoe (Paul suggested you for a question like this)" in said.reply.closing


def test_who_was_named_for_one_question_is_not_asked_about_all_others(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL), expert(ZOE, "printer paper")))
    bench.hear(ASKED, passed(PAUL, ZOE))

    assert bench.ask("Why do tomatoes need sun?").experts == ()


def test_one_who_may_not_be_asked_is_not_and_the_reason_is_told(bench: Bench) -> None:
    bench.choose(ZOE, "away 2026-04-01")
    bench.hear(ASKED)

    (said,) = bench.hear(passed(PAUL, ZOE))

    assert str(said.reply.text) == ("Thanks, Paul. Zoe is away, so I'll ask others.")
    assert said.reply.mentions == ()
    assert "Zoe" not in bench.asks()
    assert bench.asks()["Paul"].passed_to == "slack:U5"


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        (MARIA, "Maria is the one asking, so I'll ask others."),
        (LENA, "I've already asked Lena, so I'll ask others."),
        (Author("slack", "U77", "Nobody"), "I don't know Nobody here, so I'll ask others."),
    ],
)
def test_a_question_is_not_passed_on_to_anybody(bench: Bench, to: Author, reason: str) -> None:
    bench.hear(ASKED)
    assert {"Paul", "Lena"} <= set(bench.asks())

    (said,) = bench.hear(passed(PAUL, to))

    assert str(said.reply.text) == f"Thanks, Paul. {reason}"
    assert said.reply.mentions == ()


def test_when_all_have_declined_the_next_are_asked_without_waiting(bench: Bench) -> None:
    bench.hear(ASKED)
    first = set(bench.asks())
    for author in (PAUL, LENA, DONNA, ZOE):
        if author.name in first:
            bench.hear(passed(author))

    (next_,) = bench.wait(timedelta(minutes=1))

    assert names(next_)
    assert not names(next_) & first


def test_only_those_who_were_asked_can_pass_on_or_refuse(bench: Bench) -> None:
    bench.hear(ASKED)

    (to_pass,) = bench.hear(passed(HUGO, ZOE))
    (to_refuse,) = bench.hear(refused(HUGO))

    assert to_pass.reply == to_refuse.reply
    assert [message.alone and message.alone.member for message in (to_pass, to_refuse)] == [
        HUGO,
        HUGO,
    ]


def test_who_refuses_a_topic_is_not_asked_about_the_like(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL, "ledger closing"),))
    bench.hear(ASKED)

    (said,) = bench.hear(refused(PAUL))
    like = bench.ask("How does the ledger closing begin?")
    other = bench.ask("Which ledger has closing colours of red and blue on every page?")

    assert str(said.reply.text).startswith("Thanks for letting me know, Paul.")
    assert like.experts == ()
    assert other.experts == ("slack:U2",)


def test_what_is_refused_goes_with_the_question(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL, "ledger closing"),))
    bench.hear(ASKED, refused(PAUL), MessageDeleted("slack:gone", HELP, "1", NOW))

    assert bench.ask("How does the ledger closing begin?").experts == ("slack:U2",)


def test_a_topic_that_is_named_as_not_theirs_keeps_them_from_being_asked(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL, "ledger closing"),))
    bench.choose(PAUL, "not ledger")

    assert bench.ask().experts == ()


def test_nobody_is_asked_over_their_budget(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL),), rules=LadderRules(asks_per_week=2))

    questions = [bench.ask(f"How does the ledger closing {n} work?") for n in range(4)]

    assert [question.experts for question in questions] == [("slack:U2",)] * 2 + [()] * 2
    bench.clock.move(7 * DAY)
    assert bench.ask("How does the ledger closing of May work?").experts == ("slack:U2",)


@pytest.mark.parametrize(
    "saying", ["budget 0", "hours 10-12", "days tue", "away 2026-03-03", "hours 8-9:30 Asia/Tokyo"]
)
def test_nobody_is_asked_when_they_do_not_want_to_be(bench: Bench, saying: str) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL),), rules=LadderRules())
    bench.choose(PAUL, saying)

    assert bench.ask().experts == ()


def test_helpers_have_budgets_and_hours_too(bench: Bench) -> None:
    bench = Bench(bench.database, experts=())
    bench.choose(HUGO, "budget 0")
    bench.hear(ASKED)

    (said,) = bench.wait(2 * HOUR)

    assert names(said) == set()
    assert "list of open questions" in said.reply.text


def test_a_question_of_the_night_waits_for_those_who_come_in_the_morning(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL),), rules=LadderRules())
    bench.choose(PAUL, "hours 14-18")
    (first,) = bench.hear(ASKED)
    nothing = bench.wait(2 * HOUR) + bench.wait(2 * HOUR)

    (asked,) = bench.wait(2 * HOUR)

    assert names(first) == set()
    assert nothing == []
    assert names(asked) == {"Paul"}


def test_who_never_answers_is_asked_less(bench: Bench) -> None:
    bench = Bench(bench.database, experts=(expert(PAUL),), rules=LadderRules(asks_per_week=2))
    for week in range(2):
        for number in range(2):
            bench.ask(f"How does the ledger closing {week} {number} work?")
        bench.wait(2 * HOUR)
        bench.clock.move(8 * DAY)

    asked = [bench.ask(f"How does the ledger closing of year {n} work?") for n in range(2)]

    assert [question.experts for question in asked] == [("slack:U2",), ()]


def test_nobody_is_asked_twice_for_one_question(bench: Bench) -> None:
    bench.hear(ASKED)
    mentioned: list[str] = []
    for _ in range(20):
        for message in bench.wait(3 * HOUR):
            mentioned += [author.name for author in message.reply.mentions]

    first = [name for name, rung in bench.rungs().items() if rung == "first"]
    assert len(mentioned + first) == len({*mentioned, *first})


def test_a_reply_that_is_thought_over_asks_nobody_whom_a_later_one_has_asked(
    bench: Bench,
) -> None:
    bench = Bench(bench.database, experts=(expert(LENA, "ledger closing"),))
    bench.hear(
        replace(ASKED, author=DONNA),
        replied(PAUL, "Widen the dates of the ledger closing."),
        AnswerAccepted(
            "slack:ok", THREAD, DONNA, NOW, "PaulWiden the dates of the ledger closing."
        ),
    )
    asked = replace(ASKED, event_id="slack:again", message_id="again", author=MARIA)
    said_no = MessagePosted(
        "slack:no", HELP.in_thread("again"), "no", MARIA, "The button is still grey.", NOW
    )
    gone = MessageDeleted("slack:gone", THREAD, "PaulWiden the dates of the ledger closing.", NOW)

    said = [*bench.hear(asked, said_no, gone), *bench.wait(2 * HOUR), *bench.wait(2 * HOUR)]

    mentioned = [
        author.member_id
        for message in said
        for author in message.reply.mentions
        if message.place.thread == "again"
    ]
    assert LENA.member_id in mentioned
    assert len(mentioned) == len({*mentioned})


def test_what_is_due_is_said_once_however_often_it_is_found_due(bench: Bench) -> None:
    bench.hear(ASKED)
    bench.clock.move(2 * HOUR)

    bench.job.do()
    bench.job.do()
    first = bench.hear()
    bench.job.do()

    assert (len(first), bench.hear()) == (1, [])


def test_what_became_undue_meanwhile_is_not_done(bench: Bench) -> None:
    bench.hear(ASKED)
    bench.clock.move(2 * HOUR)
    bench.job.do()
    with bench.database.reading() as tx:
        (due,) = [e for e in _events(tx) if isinstance(e, QuestionDue)]
    with bench.database.writing() as tx:
        asks.note(tx, [replace(bench.asks()["Paul"], outcome="claimed", changed_at=NOW)])

    assert due.move == "climb"
    assert bench.hear() == []


def _events(tx: object) -> list[Event]:
    rows = tx.exec(inbox.select(inbox.InboxRow))  # type: ignore[attr-defined]  # a transaction
    return [row.event for row in rows if row.event is not None]


def test_a_question_is_not_asked_about_for_ever(bench: Bench) -> None:
    bench.hear(ASKED)
    for _ in range(14 * 4 - 1):
        bench.wait(6 * HOUR)

    (said,) = bench.wait(6 * HOUR)

    assert str(said.reply.text) == (
        "Nobody has answered for 14 days, so I've stopped asking. You can ask again any time."
    )
    assert bench.question().state is QuestionState.EXPIRED
    assert bench.wait(DAY) == []


def test_what_expired_while_the_bot_was_away_does_so_without_a_word(bench: Bench) -> None:
    bench.hear(ASKED)

    assert bench.wait(20 * DAY) == []
    assert bench.question().state is QuestionState.EXPIRED


def test_a_question_from_before_the_bot_came_is_nobodys_to_answer(bench: Bench) -> None:
    past = Question(THREAD, MARIA, QUESTION, NOW, "", QuestionState.PAST, 0.0)
    with bench.database.writing() as tx:
        conversations.save_question(tx, past)

    assert bench.wait(2 * HOUR) == []
    assert bench.question().state is QuestionState.PAST


def test_the_ladder_of_somebody_forgotten_ends(bench: Bench) -> None:
    bench.hear(ASKED, replied(PAUL, "Ask the ledger team, they know the closing best."))
    bench.hear(ForgetRequested("slack:forget", HELP.in_thread("9"), MARIA, bench.clock.now()))

    assert bench.wait(2 * DAY) == []


def test_a_helper_who_has_left_is_not_asked(bench: Bench) -> None:
    bench = Bench(bench.database, experts=())
    bench.hear(ASKED, MemberLeft("slack:left", HELP, HUGO, NOW))

    (said,) = bench.wait(2 * HOUR)

    assert names(said) == set()


def test_the_asker_is_told_how_long_this_group_usually_takes(bench: Bench) -> None:
    with bench.database.writing() as tx:
        for number in range(30):
            place = HELP.in_thread(f"old{number}")
            asked_at = NOW - timedelta(days=7 * number)
            past = Question(place, ZOE, "How?", asked_at, "", QuestionState.PAST, 0.0)
            said_at = asked_at + timedelta(minutes=38)
            conversations.save_question(tx, past)
            conversations.save_answer(tx, Answer(f"{past.id}/a", past.id, LENA, "So.", said_at, ""))

    (said,) = bench.hear(ASKED)
    early = bench.wait(timedelta(minutes=39))
    asked = bench.wait(timedelta(minutes=1))

    assert str(said.reply.closing).endswith(
        "On weekday mornings, people here usually answer within 40 minutes. After that, I'll ask "
        "others."
    )
    assert (early, len(asked)) == ([], 1)


def test_the_job_looks_each_minute(bench: Bench) -> None:
    assert (bench.job.name, bench.job.every) == ("ladder", timedelta(minutes=1))


def test_nobody_else_is_asked_for_a_flood_of_questions(bench: Bench) -> None:
    bench = Bench(bench.database, allowance=Allowance(per_member=1))
    bench.hear(ASKED)
    flood = [bench.ask(f"How does the ledger closing {n} work?") for n in range(5)]

    bench.wait(2 * HOUR)

    assert [question.experts for question in flood] == [()] * 5
    assert all(not bench.question(question.place).experts for question in flood)
    bench.clock.move(14 * DAY - 2 * HOUR)
    assert len(bench.wait(timedelta(0))) <= 1


def test_what_somebody_chooses_is_kept_and_told(bench: Bench) -> None:
    (told,) = bench.choose(PAUL, "budget 3")
    bench.choose(PAUL, "away 2026-12-24")
    (all_of_it,) = bench.choose(PAUL, "")

    assert told == "Got it. I ask you at most 3 times a week. That can be at any hour of any day."
    assert all_of_it.endswith("You're away until 24 December 2026.")
    with bench.database.reading() as tx:
        availability = profiles.availability_of(tx, "slack:U2")
    assert (availability.asks_a_week, availability.away_until) == (3, date(2026, 12, 24))


def test_what_cannot_be_read_changes_nothing_and_is_explained(bench: Bench) -> None:
    (said,) = bench.choose(PAUL, "budget many")

    assert said == (
        "I haven't changed anything. A budget is how often I may ask you in a week, from 0 to "
        "100. For example: budget 3."
    )
    with bench.database.reading() as tx:
        assert profiles.find(tx, "slack:U2") is None


def test_a_model_that_fails_leaves_the_ladder_to_the_helpers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.hear(ASKED)

    def fail(_text: str) -> None:
        message = "broken"
        raise ValueError(message)

    monkeypatch.setattr(bench.embedder, "embed_question", fail)
    bench.search = Search(bench.database, bench.embedder)
    bench.asking._search = bench.search
    bench.worker._services = replace(bench.worker._services, search=bench.search)

    (said,) = bench.wait(2 * HOUR)

    assert names(said) == {"Hugo"}


def test_whom_a_question_names_is_asked_first(bench: Bench) -> None:
    (reply,) = bench.hear(replace(ASKED, mentions=(ZOE,)))

    assert "Zoe (you're named in the question)" in reply.reply.closing
    assert reply.reply.mentions[0] == ZOE


def test_whom_a_question_of_the_night_names_is_asked_in_their_hours(bench: Bench) -> None:
    bench.choose(ZOE, "hours 12-13")

    (first,) = bench.hear(replace(ASKED, mentions=(ZOE,)))
    (later,) = bench.wait(3 * HOUR + timedelta(minutes=1))

    assert "Zoe" not in first.reply.closing
    assert "Zoe, can you help? (you're named in the question)" in later.reply.closing


def test_who_wants_it_so_is_asked_alone_with_the_question_and_its_buttons(bench: Bench) -> None:
    bench.choose(PAUL, "ask alone")
    bench.number += 1
    event = MessagePosted("slack:q1", HELP, "q1", MARIA, QUESTION, bench.clock.now(), "https://x/1")

    here, card = bench.hear(event)

    thread = HELP.in_thread("q1")
    assert here.place == thread
    assert PAUL not in here.reply.mentions
    assert card.place == direct_place(PAUL, HELP.workspace)
    assert card.about == thread
    assert card.reply.actions == (Action.CLAIM, Action.PASS)
    assert card.reply.asked == Asked(MARIA, QUESTION, "https://x/1")
    assert "Paul" in bench.asks(thread)


def test_what_is_asked_in_private_is_told_to_nobody_alone(bench: Bench) -> None:
    bench.choose(PAUL, "ask alone")
    closed = replace(HELP, channel="closed", is_private=True)

    (here,) = bench.hear(
        MessagePosted("slack:q1", closed, "q1", MARIA, QUESTION, bench.clock.now())
    )

    assert here.place == closed.in_thread("q1")


def test_what_only_says_how_things_stand_is_kept_in_one_message(bench: Bench) -> None:
    bench.hear(ASKED)

    (taken,) = bench.hear(claimed(PAUL))

    assert taken.slot == "status"


def test_one_members_questions_do_not_use_up_everybodys_time(bench: Bench) -> None:
    bench = Bench(bench.database, rules=replace(RULES, asks_per_week=50, asks_per_asker=3))
    said = []
    for number in range(4):
        asked = replace(ASKED, event_id=f"slack:m{number}", message_id=f"m{number}")
        said += bench.hear(replace(asked, text=f"How does ledger number {number} work?"))

    assert sum(len(names(message)) for message in said) == 3
    assert "open questions" in str(said[-1].reply.closing)
    assert said[-1].reply.actions == (Action.CLAIM,)
    other = replace(ASKED, event_id="slack:o", message_id="o", author=HUGO)
    (reply,) = bench.hear(other)
    assert names(reply)


def test_nobody_can_take_every_question_and_keep_the_others_from_being_asked(
    bench: Bench,
) -> None:
    said: list[OutgoingMessage] = []
    for number in range(6):
        place = HELP.in_thread(f"c{number}")
        asked = replace(ASKED, event_id=f"slack:c{number}", message_id=f"c{number}")
        bench.hear(asked)
        taken = replace(claimed(HUGO, number), place=place)
        said += bench.hear(taken)

    assert [message.alone is None for message in said] == [True] * 5 + [False]
