from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.audiences import COMMUNITY, Audience, Scope, audience_of
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    ChannelConfigured,
    HelpRequested,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    QuestionClaimed,
    QuestionShared,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place
from supportbot.domain.chat.questions import QuestionState
from supportbot.domain.experts.declared import Declared
from supportbot.domain.knowledge.decision import DecisionKind
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.outcome import Outcome
from supportbot.domain.replies import notices
from supportbot.domain.replies.reply import Action, Choice
from supportbot.experts.people import People
from supportbot.knowledge.search import Search
from supportbot.store import conversations, delivery, inbox, outbox, outbox_rows, places
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder, SetClock
from supportbot.testing.building import Handling, services_over

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
THREAD = HELP.in_thread("1")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
EXPERTS = (
    Declared(name="Paul", topics=("ledger closing",), member_ids=("slack:U2",)),
    Declared(name="Donna", topics=("workflow", "approval"), member_ids=("slack:U3",)),
    Declared(name="Aisha", topics=("ledger closing",), member_ids=("terminal:Aisha",)),
)
ASKED = MessagePosted(
    event_id="slack:e1",
    place=HELP,
    message_id="1",
    author=MARIA,
    text="How does the ledger closing work?",
    posted_at=NOW,
    url="https://example.org/1",
)
REPLIED = replace(
    ASKED,
    event_id="slack:e2",
    place=THREAD,
    message_id="2",
    author=PAUL,
    text="Open the setup, and widen the dates.",
    posted_at=NOW + timedelta(minutes=1),
    url="https://example.org/2",
)
ACCEPTED = AnswerAccepted("slack:e3", THREAD, MARIA, NOW + timedelta(minutes=2), "2")
SCOPE = Scope(frozenset({COMMUNITY}))


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database, HashingEmbedder())


@pytest.fixture
def handlers(database: Database, search: Search) -> Handling:
    return handlers_of(database, search)


def handlers_of(database: Database, search: Search, **choices: Any) -> Handling:
    clock = SetClock(NOW)
    people = People(database, search, EXPERTS, clock=clock)
    return Handling(database, services_over(search, people, clock, **choices))


def store(database: Database, *outcomes: Outcome) -> None:
    with database.writing() as tx:
        for outcome in outcomes:
            if outcome.question:
                conversations.save_question(tx, outcome.question)
            for answer in outcome.answers:
                conversations.save_answer(tx, answer)


def is_only_a_word(outcome: Outcome) -> bool:
    """Whether nothing happens, but for a word to the one who pressed, which they alone see."""
    is_heard_by_them_alone = all(message.alone for message in outcome.messages)
    return is_heard_by_them_alone and replace(outcome, messages=()) == Outcome()


def know(search: Search, *documents: Document) -> None:
    search.sync("answers", documents)


def answered(key: str, asked: str, author: Author) -> Document:
    return Document(
        "answers",
        key,
        asked,
        "Like this.",
        asked=(asked,),
        author=author.name,
        author_id=author.member_id,
        said_at=NOW,
    )


def test_a_question_whose_answer_is_known_is_answered_and_nobody_is_asked(
    handlers: Handling, search: Search
) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))

    outcome = handlers.handle(ASKED)

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.ANSWERED
    assert outcome.question.experts == ()
    assert outcome.question.place == THREAD
    (message,) = outcome.messages
    assert (message.id, message.place) == ("slack/T1/help/1/reply", THREAD)
    assert [quote.text for quote in message.reply.quotes] == ["Like this."]
    assert message.reply.mentions == ()
    assert message.reply.actions == (Action.SOLVED, Action.REJECT, Action.PERSON)


def test_a_question_that_nothing_matches_is_given_to_the_one_who_knows(
    handlers: Handling,
) -> None:
    outcome = handlers.handle(ASKED)

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.ROUTED
    assert outcome.question.experts == ("slack:U2",)
    (message,) = outcome.messages
    assert str(message.reply.text) == "I have no answer yet."
    assert message.reply.mentions == (PAUL,)
    assert str(message.reply.closing) == (
        "Paul, can you help? (you listed: ledger closing) "
        "If it stays quiet for 2 hours, I'll ask others."
    )


def test_a_near_answer_is_shown_and_its_author_is_asked(handlers: Handling, search: Search) -> None:
    know(search, answered("1", "the ledger closing took days", DONNA))

    outcome = handlers.handle(ASKED)

    (message,) = outcome.messages
    assert str(message.reply.text).startswith("This may help")
    assert [quote.text for quote in message.reply.quotes] == ["Like this."]
    assert {mentioned.name for mentioned in message.reply.mentions} == {"Donna", "Paul"}
    assert "Donna (you answered a question like this on 2 March 2026)" in message.reply.closing


def test_an_expert_is_not_asked_their_own_question(handlers: Handling) -> None:
    outcome = handlers.handle(replace(ASKED, author=PAUL))

    (message,) = outcome.messages
    assert message.reply.mentions == ()
    assert str(message.reply.closing) == (
        "I don't know who to ask. If you know the answer, please reply in this thread."
    )


def test_only_who_is_on_the_platform_is_asked(handlers: Handling) -> None:
    asker = Author("terminal", "You", "You")
    place = Place("terminal", "room", "main")

    outcome = handlers.handle(replace(ASKED, author=asker, place=place))

    (message,) = outcome.messages
    assert [mentioned.member_id for mentioned in message.reply.mentions] == ["terminal:Aisha"]


def test_who_answered_on_another_platform_is_not_asked_here(
    handlers: Handling, search: Search
) -> None:
    know(search, answered("1", "printer has no paper", Author("discord", "7", "Zoe")))

    considered = handlers.consider("Why has the printer got no ink?", HELP, MARIA)

    assert considered.decision.kind is not DecisionKind.ANSWER
    assert "discord:7" not in {referral.expert.member_id for referral in considered.referrals}


def test_who_answered_several_like_it_is_asked_although_no_topic_was_declared(
    handlers: Handling, search: Search
) -> None:
    zoe = Author("slack", "U7", "Zoe")
    know(
        search,
        answered("1", "paper jam on the first floor", zoe),
        answered("2", "paper jam in the basement", zoe),
    )

    considered = handlers.consider("My paper jam returns, what now?", HELP, MARIA)

    (referral,) = considered.referrals
    assert referral.expert == zoe
    assert str(referral.reason) == "you've answered 2 questions like this, last on 2 March 2026"


def test_the_topic_that_is_nearest_is_the_reason(handlers: Handling) -> None:
    considered = handlers.consider("Who gives approval?", HELP, MARIA)

    (referral,) = considered.referrals
    assert (referral.expert, str(referral.reason)) == (DONNA, "you listed: approval")


def test_chatter_leads_to_nothing(handlers: Handling) -> None:
    assert handlers.handle(replace(ASKED, text="Good morning!")) == Outcome()


def test_a_reply_in_the_thread_of_no_question_leads_to_nothing(handlers: Handling) -> None:
    assert handlers.handle(REPLIED) == Outcome()


def test_a_persons_reply_in_the_thread_of_a_question_is_kept(
    handlers: Handling, database: Database
) -> None:
    asked = handlers.handle(ASKED)
    store(database, asked)
    with database.writing() as tx:
        outbox.put(tx, asked.messages, now=NOW)

    outcome = handlers.handle(REPLIED)

    (answer,) = outcome.answers
    assert answer.text == "Open the setup, and widen the dates."
    assert answer.author == PAUL
    assert answer.question_id == "slack/T1/help/1"
    (offer,) = outcome.messages
    assert offer.reply.choices == (Choice("2", "Paul"),)


def test_what_the_asker_adds_is_no_answer(handlers: Handling, database: Database) -> None:
    store(database, handlers.handle(ASKED))

    assert handlers.handle(replace(REPLIED, author=MARIA)) == Outcome()


def test_an_asker_who_goes_on_under_an_answer_is_brought_to_people(
    handlers: Handling, search: Search, database: Database
) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))
    store(database, handlers.handle(ASKED))

    outcome = handlers.handle(replace(REPLIED, author=MARIA, text="No, that is another page."))

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.ROUTED
    assert outcome.question.experts == ("slack:U3", "slack:U2")
    (message,) = outcome.messages
    assert (message.id, message.place) == ("slack:e2/reply", THREAD)
    assert str(message.reply.text) == "This is one for people."
    assert message.reply.mentions == (DONNA, PAUL)


def test_people_are_asked_once_however_long_the_asker_goes_on(
    handlers: Handling, search: Search, database: Database
) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))
    store(database, handlers.handle(ASKED))
    said = replace(REPLIED, author=MARIA, text="No, that is another page.")
    store(database, handlers.handle(said))

    assert handlers.handle(replace(said, event_id="slack:e9")) == Outcome()


def test_thanks_of_the_asker_lead_to_the_offer_to_close(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED))

    outcome = handlers.handle(replace(REPLIED, author=MARIA, text="Thanks, that worked!"))

    (message,) = outcome.messages
    assert message.reply.actions == (Action.SOLVED,)
    assert message.place == THREAD
    assert outcome.question is None


def test_an_accepted_answer_becomes_knowledge_and_its_author_is_thanked(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED))
    store(database, handlers.handle(REPLIED))

    outcome = handlers.handle(ACCEPTED)

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.RESOLVED
    (answer,) = outcome.answers
    assert answer.is_accepted
    assert outcome.documents == (
        Document(
            source="answers",
            key="slack/T1/help/1",
            title="How does the ledger closing work?",
            body="Open the setup, and widen the dates.",
            asked=("How does the ledger closing work?",),
            author="Paul",
            author_id="slack:U2",
            said_at=NOW + timedelta(minutes=1),
            url="https://example.org/2",
            audience=COMMUNITY,
            channel_key="slack/T1/help",
        ),
    )
    (message,) = outcome.messages
    assert str(message.reply.text) == (
        "Thank you, Paul! Maria says this solved it. I'll show your answer, with your "
        "name, to the next person who asks."
    )


def test_what_was_answered_in_private_becomes_knowledge_of_that_place(
    handlers: Handling, database: Database
) -> None:
    board = Place("slack", "T1", "board", is_private=True)
    thread = board.in_thread("1")
    store(database, handlers.handle(replace(ASKED, place=board)))
    store(database, handlers.handle(replace(REPLIED, place=thread)))

    outcome = handlers.handle(replace(ACCEPTED, place=thread))

    (document,) = outcome.documents
    assert document.audience == "place:slack/T1/board"


def test_a_question_in_private_finds_what_is_open_and_what_was_said_there(
    handlers: Handling, search: Search
) -> None:
    board = Place("slack", "T1", "board", is_private=True)
    asked = "How does the ledger closing work?"
    know(search, replace(answered("1", asked, DONNA), audience=_audience("board")))

    here = handlers.handle(replace(ASKED, place=board))
    elsewhere = handlers.handle(replace(ASKED, place=replace(board, channel="staff")))
    in_the_open = handlers.handle(ASKED)

    assert [
        len(outcome.messages[0].reply.quotes) for outcome in (here, elsewhere, in_the_open)
    ] == [
        1,
        0,
        0,
    ]


def test_who_answered_in_private_is_not_named_elsewhere(handlers: Handling, search: Search) -> None:
    zoe = Author("slack", "U7", "Zoe")
    asked = "How does the ledger closing work?"
    know(search, replace(answered("1", asked, zoe), audience=_audience("board")))

    outcome = handlers.handle(ASKED)

    assert outcome.messages[0].reply.mentions == (PAUL,)


def test_somebody_else_cannot_accept(handlers: Handling, database: Database) -> None:
    store(database, handlers.handle(ASKED))
    store(database, handlers.handle(REPLIED))

    assert is_only_a_word(handlers.handle(replace(ACCEPTED, author=PAUL)))


def test_an_acceptance_in_the_thread_of_no_question_leads_to_nothing(handlers: Handling) -> None:
    assert is_only_a_word(handlers.handle(ACCEPTED))


def test_a_question_that_only_the_bot_answered_is_closed_and_nothing_is_learned(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED))

    outcome = handlers.handle(ACCEPTED)

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.RESOLVED
    assert outcome.documents == ()
    assert str(outcome.messages[0].reply.text) == "Good! I've closed the question."


@pytest.mark.parametrize(
    "later",
    [
        replace(ACCEPTED, event_id="slack:e9"),
        replace(REPLIED, event_id="slack:e9", author=MARIA, text="Thanks, solved!"),
    ],
    ids=["accepted again", "thanks"],
)
def test_a_closed_question_stays_quiet(
    handlers: Handling, database: Database, later: MessagePosted | AnswerAccepted
) -> None:
    store(database, handlers.handle(ASKED))
    store(database, handlers.handle(REPLIED))
    store(database, handlers.handle(ACCEPTED))

    assert is_only_a_word(handlers.handle(later))


def test_who_asks_on_in_the_thread_of_a_solved_question_is_told_where_to_ask(
    handlers: Handling, database: Database
) -> None:
    for event in (ASKED, REPLIED, ACCEPTED):
        store(database, handlers.handle(event))
    further = replace(
        REPLIED,
        event_id="slack:e9",
        message_id="9",
        author=MARIA,
        text="Thanks! And how do I open a new period?",
    )

    outcome = handlers.handle(further)

    (message,) = outcome.messages
    assert message.place == THREAD
    assert str(message.reply.text) == (
        "This question is marked as solved, so I no longer look for answers here. If this is about "
        "something else, please ask in a new message, outside this thread."
    )
    assert outcome.question is None


def test_a_late_reply_to_a_closed_question_is_kept(handlers: Handling, database: Database) -> None:
    store(database, handlers.handle(ASKED))
    store(database, handlers.handle(ACCEPTED))

    outcome = handlers.handle(REPLIED)

    (answer,) = outcome.answers
    assert not answer.is_accepted


def test_an_answer_whose_author_is_unknown_names_nobody(handlers: Handling, search: Search) -> None:
    know(search, replace(answered("1", "paper jam on the first floor", DONNA), author_id=""))

    considered = handlers.consider("My paper jam returns, what now?", HELP, MARIA)

    assert considered.referrals == ()


def test_the_same_event_leads_to_the_same_outcome(handlers: Handling) -> None:
    assert handlers.handle(ASKED) == handlers.handle(ASKED)


def _audience(channel: str) -> Audience:
    return audience_of(Place("slack", "T1", channel, is_private=True))


UNCLEAR = replace(ASKED, text="Where is the archive?")
FIND = HelpRequested("slack:e4", THREAD, MARIA, NOW + timedelta(minutes=2))


def came_in(
    database: Database, handlers: Handling, *events: MessagePosted | MessageEdited | MessageDeleted
) -> None:
    with database.writing() as tx:
        for event in events:
            inbox.put(tx, event, now=NOW)
    outcome = handlers.handle(UNCLEAR)
    with database.writing() as tx:
        outbox.put(tx, outcome.messages, now=NOW)


def test_where_it_is_not_clear_that_a_message_asks_the_bot_offers_to_find_somebody(
    handlers: Handling,
) -> None:
    outcome = handlers.handle(UNCLEAR)

    (offer,) = outcome.messages
    assert (offer.id, offer.place) == ("slack/T1/help/1/offer", THREAD)
    assert str(offer.reply.text) == "Shall I find someone who can help?"
    assert offer.reply.actions == (Action.FIND,)
    assert outcome.question is None


def test_what_is_known_is_shown_at_once_where_a_message_may_ask(
    handlers: Handling, search: Search
) -> None:
    know(search, answered("1", "Where is the archive?", DONNA))

    outcome = handlers.handle(UNCLEAR)

    (message,) = outcome.messages
    assert message.id == "slack/T1/help/1/reply"
    assert [quote.text for quote in message.reply.quotes] == ["Like this."]
    assert outcome.question is not None
    assert outcome.question.state is QuestionState.ANSWERED


def test_what_may_help_one_who_may_ask_is_shown_and_nobody_is_asked_before_they_say_so(
    handlers: Handling, database: Database, search: Search
) -> None:
    know(
        search,
        answered("1", "How do I move an archive to the other label printer in the hall?", DONNA),
    )
    shown = handlers.handle(UNCLEAR)
    store(database, shown)

    asked = handlers.handle(replace(FIND, event_id="slack:e8"))

    assert shown.decision is DecisionKind.SUGGEST
    assert (shown.messages[0].reply.mentions, shown.asks) == ((), ())
    assert shown.messages[0].reply.actions == (Action.SOLVED, Action.PERSON)
    assert asked.question is not None
    assert asked.question.state is QuestionState.ROUTED


def test_what_may_ask_and_is_somebodys_topic_is_a_question(handlers: Handling) -> None:
    outcome = handlers.handle(replace(ASKED, text="Is there a workflow?"))

    (message,) = outcome.messages
    assert (message.id, message.reply.mentions) == ("slack/T1/help/1/reply", (DONNA,))


FAINT = replace(
    ASKED, text="The archive viewer cannot handle folders that are nested, for one thing"
)


def test_what_may_be_talk_is_a_question_where_it_matches_well(
    handlers: Handling, search: Search
) -> None:
    know(search, answered("1", FAINT.text, DONNA))

    (message,) = handlers.handle(FAINT).messages

    assert [quote.text for quote in message.reply.quotes] == ["Like this."]


def test_trouble_that_is_told_without_asking_is_a_question(handlers: Handling) -> None:
    outcome = handlers.handle(replace(ASKED, text="The ledger closing fails since this morning."))

    (message,) = outcome.messages
    assert message.reply.mentions == (PAUL,)


def test_an_offer_is_not_made_inside_a_thread(handlers: Handling) -> None:
    assert handlers.handle(replace(UNCLEAR, place=THREAD, message_id="2")) == Outcome()


def test_who_has_had_enough_replies_gets_no_offer(database: Database, search: Search) -> None:
    allowance = Allowance(per_member=0)
    quiet = handlers_of(database, search, allowance=allowance)

    assert quiet.handle(UNCLEAR) == Outcome()


def test_who_presses_something_over_their_limit_is_told_so_alone(
    handlers: Handling, database: Database, search: Search
) -> None:
    store(database, handlers.handle(ASKED))
    quiet = handlers_of(database, search, allowance=Allowance(per_member=0))

    claimed = quiet.handle(QuestionClaimed("slack:e7", THREAD, DONNA, NOW))
    configured = quiet.handle(CONFIGURED)

    (noted,), (refused,) = claimed.messages, configured.messages
    assert claimed.asks
    assert (noted.reply, refused.reply) == (notices.compose_noted(), notices.compose_enough())
    assert noted.alone is not None
    assert (noted.alone.member, noted.slot) == (DONNA, outbox_rows.WORD)


def test_a_message_becomes_a_question_when_its_author_takes_the_offer(
    handlers: Handling, database: Database
) -> None:
    came_in(database, handlers, UNCLEAR)

    outcome = handlers.handle(FIND)

    assert outcome.question is not None
    assert (outcome.question.text, outcome.question.asker) == (UNCLEAR.text, MARIA)
    assert (outcome.question.place, outcome.question.asked_at) == (THREAD, NOW)
    assert [message.id for message in outcome.messages] == ["slack/T1/help/1/reply"]


def test_a_question_of_an_offer_stays_one_when_its_reply_is_thought_over(
    handlers: Handling, database: Database
) -> None:
    came_in(database, handlers, UNCLEAR)
    store(database, handlers.handle(FIND))

    assert [message.id for message in handlers.handle(UNCLEAR).messages] == [
        "slack/T1/help/1/reply"
    ]
    assert is_only_a_word(handlers.handle(FIND))


def test_only_its_author_or_a_maintainer_may_take_an_offer(
    handlers: Handling, database: Database, search: Search
) -> None:
    came_in(database, handlers, UNCLEAR)
    rules = TeachingRules(maintainers=frozenset({DONNA.member_id}))
    led = handlers_of(database, search, rules=rules)

    assert is_only_a_word(led.handle(replace(FIND, author=PAUL)))
    asked = led.handle(replace(FIND, author=DONNA)).question
    assert asked is not None
    assert asked.asker == MARIA


def test_what_was_changed_before_the_offer_is_taken_is_asked_as_it_is_now(
    handlers: Handling, database: Database
) -> None:
    edit = MessageEdited("slack:e9", HELP, "1", MARIA, "The approval fails", NOW)
    came_in(database, handlers, UNCLEAR)
    with database.writing() as tx:
        inbox.put(tx, edit, now=NOW)

    asked = handlers.handle(FIND).question

    assert asked is not None
    assert asked.text == "The approval fails"


def test_what_was_deleted_before_the_offer_is_taken_is_not_asked(
    handlers: Handling, database: Database
) -> None:
    came_in(database, handlers, UNCLEAR)
    with database.writing() as tx:
        inbox.put(tx, MessageDeleted("slack:e9", HELP, "1", NOW), now=NOW)

    assert is_only_a_word(handlers.handle(FIND))


def test_what_was_edited_away_is_not_asked(handlers: Handling, database: Database) -> None:
    came_in(database, handlers, UNCLEAR)
    with database.writing() as tx:
        inbox.put(tx, MessageEdited("slack:e9", HELP, "1", MARIA, "...", NOW), now=NOW)

    assert is_only_a_word(handlers.handle(FIND))


def test_an_offer_whose_message_is_not_kept_any_more_leads_to_nothing(
    handlers: Handling, database: Database
) -> None:
    came_in(database, handlers)

    assert is_only_a_word(handlers.handle(FIND))


def test_nothing_is_found_where_nothing_was_offered(handlers: Handling, database: Database) -> None:
    with database.writing() as tx:
        inbox.put(tx, UNCLEAR, now=NOW)

    assert is_only_a_word(handlers.handle(FIND))
    assert is_only_a_word(handlers.handle(replace(FIND, place=HELP)))


REJECTED = AnswerRejected("slack:e5", THREAD, MARIA, NOW + timedelta(minutes=2))
ASK_A_PERSON = replace(FIND, event_id="slack:e5")


@pytest.mark.parametrize("pressed", [REJECTED, ASK_A_PERSON])
def test_people_are_asked_when_what_was_found_does_not_help(
    handlers: Handling, database: Database, search: Search, pressed: AnswerRejected | HelpRequested
) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))
    store(database, handlers.handle(ASKED))

    outcome = handlers.handle(pressed)

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.ROUTED
    (message,) = outcome.messages
    assert (message.id, message.place) == ("slack:e5/reply", THREAD)
    assert str(message.reply.text) == "This is one for people."
    assert message.reply.mentions


@pytest.mark.parametrize("pressed", [REJECTED, ASK_A_PERSON])
def test_nobody_else_can_say_that_what_was_found_does_not_help(
    handlers: Handling, database: Database, search: Search, pressed: AnswerRejected | HelpRequested
) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))
    store(database, handlers.handle(ASKED))

    assert is_only_a_word(handlers.handle(replace(pressed, author=PAUL)))


@pytest.mark.parametrize("pressed", [REJECTED, ASK_A_PERSON])
def test_people_who_are_asked_already_are_not_asked_once_more(
    handlers: Handling, database: Database, pressed: AnswerRejected | HelpRequested
) -> None:
    store(database, handlers.handle(ASKED))

    assert is_only_a_word(handlers.handle(pressed))


def test_a_reaction_to_a_reply_accepts_it_although_no_thread_is_named(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED))
    store(database, handlers.handle(REPLIED))

    outcome = handlers.handle(replace(ACCEPTED, place=HELP, message_id="2"))

    assert outcome.question is not None
    assert outcome.question.state is QuestionState.RESOLVED
    assert [answer.is_accepted for answer in outcome.answers] == [True]


def test_a_mark_on_the_question_or_the_bots_own_words_asks_whose_answer_it_was(
    handlers: Handling, database: Database
) -> None:
    outcome = handlers.handle(ASKED)
    store(database, outcome)
    store(database, handlers.handle(REPLIED))
    with database.writing() as tx:
        outbox.put(tx, outcome.messages, now=NOW)
        delivery.claim(tx, "slack", now=NOW)
        delivery.mark_delivered(tx, outcome.messages[0].id, "7")
    marked = replace(ACCEPTED, place=HELP, is_reaction=True)

    for message_id in ("7", "1"):
        outcome = handlers.handle(replace(marked, message_id=message_id))
        (offer,) = outcome.messages
        assert offer.reply.choices == (Choice("2", "Paul"),)
        assert offer.slot == "whose"
        assert replace(outcome, messages=()) == Outcome()


def test_a_reaction_to_any_other_message_leads_to_nothing(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED))

    marked = replace(ACCEPTED, place=HELP, message_id="9", is_reaction=True)
    assert handlers.handle(marked) == Outcome()


CALLED = replace(
    REPLIED, event_id="slack:e6", message_id="3", text="Can you help here?", is_addressed=True
)


def test_called_into_a_thread_the_bot_takes_its_first_message_as_the_question(
    handlers: Handling, database: Database
) -> None:
    with database.writing() as tx:
        inbox.put(tx, UNCLEAR, now=NOW)

    outcome = handlers.handle(CALLED)

    assert outcome.question is not None
    assert (outcome.question.asker, outcome.question.text) == (MARIA, UNCLEAR.text)
    assert [message.id for message in outcome.messages] == ["slack/T1/help/1/reply"]


def test_called_into_a_thread_whose_beginning_is_not_known_the_bot_says_so(
    handlers: Handling,
) -> None:
    outcome = handlers.handle(CALLED)

    assert outcome.question is None
    (message,) = outcome.messages
    assert message.place == THREAD
    assert "I didn't see how this thread began" in message.reply.text


def test_what_people_have_answered_while_the_bot_was_away_is_kept_and_not_replied_to(
    handlers: Handling, database: Database
) -> None:
    outcome = handlers.handle(replace(ASKED, is_late=True))

    assert outcome.question is not None
    assert outcome.messages == ()
    assert outcome.asks == ()
    store(database, outcome)
    assert handlers.handle(REPLIED).answers


def test_a_reply_where_the_bot_has_said_nothing_is_kept_and_nobody_is_asked_about_it(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(replace(ASKED, is_late=True)))

    outcome = handlers.handle(REPLIED)

    assert [answer.author for answer in outcome.answers] == [PAUL]
    assert outcome.messages == ()


def test_an_unclear_message_that_people_have_answered_is_left_alone(handlers: Handling) -> None:
    assert handlers.handle(replace(UNCLEAR, is_late=True)) == Outcome()


ALONE = direct_place(MARIA, "T1")
ASKED_ALONE = replace(ASKED, place=ALONE, is_addressed=True)
SHARED = QuestionShared("slack:e7", ALONE.in_thread("1"), MARIA, HELP, NOW + timedelta(minutes=1))


def test_who_asks_the_bot_alone_is_answered_and_nobody_else_hears_of_it(
    handlers: Handling,
) -> None:
    outcome = handlers.handle(ASKED_ALONE)

    (message,) = outcome.messages
    assert message.place == ALONE.in_thread("1")
    assert message.reply.mentions == ()
    assert message.reply.actions == (Action.SHARE,)
    assert "Shall I ask the group?" in message.reply.closing
    assert (outcome.asks, outcome.reached) == ((), ())


def test_what_is_open_is_shown_to_one_who_asks_alone(handlers: Handling, search: Search) -> None:
    know(search, answered("1", "How does the ledger closing work?", DONNA))

    outcome = handlers.handle(ASKED_ALONE)

    (message,) = outcome.messages
    assert [quote.text for quote in message.reply.quotes] == ["Like this."]
    assert message.reply.actions == (Action.SOLVED, Action.SHARE)


def test_one_who_asked_alone_and_goes_on_is_offered_to_ask_the_group(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED_ALONE))
    added = replace(
        ASKED_ALONE, event_id="slack:e8", message_id="2", place=ALONE.in_thread("1"), text="No."
    )

    (message,) = handlers.handle(added).messages

    assert message.reply.actions == (Action.SHARE,)


def test_the_group_is_asked_when_the_one_who_asked_alone_says_so(
    handlers: Handling, database: Database
) -> None:
    store(database, handlers.handle(ASKED_ALONE))

    outcome = handlers.handle(SHARED)

    shared, done = outcome.messages
    assert (shared.id, shared.place) == (f"{ALONE.in_thread('1').key}/shared", HELP)
    assert shared.about == ALONE.in_thread("1")
    assert str(shared.reply.text) == "Maria asks:"
    assert shared.reply.asked is not None
    assert (shared.reply.asked.asker, shared.reply.asked.text) == (MARIA, ASKED.text)
    assert shared.reply.asked.asked_here_at == SHARED.shared_at
    assert shared.reply.mentions == (MARIA,)
    assert done.place == ALONE.in_thread("1")
    assert done.after is not None
    assert done.after.message_id == shared.id


@pytest.mark.parametrize(
    "shared",
    [
        replace(SHARED, author=PAUL),
        replace(SHARED, place=ALONE.in_thread("9")),
        replace(SHARED, to=direct_place(PAUL, "T1")),
    ],
    ids=["by another", "what was not asked", "to one person"],
)
def test_nothing_else_is_shared(
    handlers: Handling, database: Database, shared: QuestionShared
) -> None:
    store(database, handlers.handle(ASKED_ALONE))

    assert handlers.handle(shared) == Outcome()


@pytest.mark.parametrize(
    ("listening", "is_addressed", "replies"),
    [
        (Listening.QUESTIONS, False, 1),
        (Listening.MENTIONS, False, 0),
        (Listening.MENTIONS, True, 1),
        (Listening.NOTHING, True, 0),
    ],
)
def test_the_bot_replies_where_it_listens(
    database: Database, search: Search, listening: Listening, replies: int, *, is_addressed: bool
) -> None:
    handlers = handlers_of(database, search, listening=listening)

    outcome = handlers.handle(replace(ASKED, is_addressed=is_addressed))

    assert len(outcome.messages) == replies


def test_what_is_chosen_for_a_channel_counts_there(handlers: Handling, database: Database) -> None:
    with database.writing() as tx:
        places.note(tx, HELP, NOW)
        places.set_listening(tx, HELP, Listening.NOTHING)

    assert handlers.handle(ASKED) == Outcome()
    assert handlers.handle(replace(ASKED, place=replace(HELP, channel="other"))).messages


def test_one_who_asks_the_bot_alone_is_always_heard(database: Database, search: Search) -> None:
    handlers = handlers_of(database, search, listening=Listening.NOTHING)

    assert handlers.handle(ASKED_ALONE).messages


CONFIGURED = ChannelConfigured("slack:e9", THREAD, MARIA, Listening.MENTIONS, NOW)


def test_a_maintainer_chooses_to_what_the_bot_listens(database: Database, search: Search) -> None:
    rules = TeachingRules(maintainers=frozenset({MARIA.member_id}))
    handlers = handlers_of(database, search, rules=rules)

    outcome = handlers.handle(CONFIGURED)

    assert outcome.effect == CONFIGURED
    assert "messages that mention me" in outcome.messages[0].reply.text


def test_nobody_else_chooses_to_what_the_bot_listens(handlers: Handling) -> None:
    outcome = handlers.handle(CONFIGURED)

    assert outcome.effect is None
    assert "Only maintainers" in outcome.messages[0].reply.text


def test_a_picture_without_words_is_answered_with_a_request_for_words(handlers: Handling) -> None:
    (message,) = handlers.handle(replace(ASKED, text="", pictures=1)).messages

    assert message.place == THREAD
    assert str(message.reply.text) == "I can't read images. Could you paste the text of the error?"


def test_a_picture_beside_a_question_is_said_to_be_unread(handlers: Handling) -> None:
    (message,) = handlers.handle(replace(ASKED, pictures=2)).messages

    assert "I can't read the picture" in message.reply.text


def test_a_question_in_a_thread_that_is_shown_to_the_channel_is_asked(handlers: Handling) -> None:
    there = replace(ASKED, place=HELP.in_thread("0"), is_addressed=False)

    quiet = handlers.handle(there)
    asked = handlers.handle(replace(there, is_broadcast=True))

    assert quiet == Outcome()
    assert asked.question is not None
    assert asked.question.place == HELP.in_thread("0")


@pytest.mark.parametrize("text", ["", "[file: voice-message.ogg]"])
def test_a_recording_without_words_is_answered_with_a_request_for_words(
    handlers: Handling, text: str
) -> None:
    outcome = handlers.handle(replace(ASKED, text=text, recordings=1))

    (message,) = outcome.messages
    assert outcome.question is None
    assert str(message.reply.text).startswith("I can't listen to recordings")


def test_a_recording_beside_a_question_is_said_to_be_unheard(handlers: Handling) -> None:
    (message,) = handlers.handle(replace(ASKED, recordings=1)).messages

    assert "I can't listen to the recording" in message.reply.text


def test_a_file_that_is_not_read_is_no_question(handlers: Handling) -> None:
    file = replace(ASKED, text="[file: invoices.pdf]", files=1, is_addressed=True)

    outcome = handlers.handle(file)

    (message,) = outcome.messages
    assert outcome.question is None
    assert str(message.reply.text).startswith("I can't read this kind of file")


def test_a_file_that_is_shared_with_the_channel_is_left_alone(handlers: Handling) -> None:
    file = replace(ASKED, text="[file: invoices.pdf]", files=1, is_addressed=False)

    assert handlers.handle(file) == Outcome()


def test_a_picture_in_a_conversation_is_left_alone(handlers: Handling) -> None:
    assert handlers.handle(replace(ASKED, place=THREAD, text="", pictures=1)) == Outcome()
