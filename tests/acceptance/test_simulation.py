"""A world in which everything goes wrong: whatever happens, the promises hold.

Hypothesis plays the members, the platform and the power company. The worlds of these tests are the
same each time; `make simulate` plays new ones, and a failure prints how to play it again.
"""

import os
import re
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.audiences import open_scope
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AnswerReviewed,
    ChannelsListed,
    Event,
    ForgetRequested,
    HelpRequested,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
    QuestionClaimed,
    QuestionPassed,
    QuestionShared,
    TopicRefused,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place, direct_to
from supportbot.domain.chat.questions import QuestionState, Standing
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.errors import DeliveryError
from supportbot.store import acceptances, asks, conversations, inbox, places
from supportbot.testing import (
    Bot,
    FragileDatabase,
    PowerCutError,
    PowerSwitch,
    SetClock,
    SimulatedPlatform,
    template_database,
)
from supportbot.testing.simulation import said_again
from tests.reading import matches as matches_in

STEPS_EACH = 60
PEOPLE = [Author("simulated", f"U{n}", name) for n, name in enumerate(["Maria", "Paul", "Lena"])]
GUEST = Author("simulated", "U8", "Sam", is_outsider=True)
STRANGER = Author("simulated", "U9", "Mallory", ("moderator",), "another workspace")
"""A maintainer, but of a workspace that is a stranger's."""
CHANNELS = ["help", "board"]
TOPICS = ["ledger", "printer"]
RULES = TeachingRules(
    trusted=frozenset({"simulated:U1"}), maintainer_roles=frozenset({"moderator"})
)
EXPERTS = (Declared(name="Paul", topics=("ledger",), member_ids=("simulated:U1",)),)
BURST = timedelta(seconds=20)
"""Longer than from one event to the next, so that whoever writes twice may be going on."""
LADDER = LadderRules(asks_per_week=3, helpers=("simulated:U2",))
MANY = Allowance(per_member=10_000, per_channel=10_000)
ANY = st.integers(min_value=0, max_value=10_000)
_TOKEN = re.compile(r"zq\d+x")


@dataclass
class Said:
    """A message as people know it. Its token is a word that nothing else has."""

    event: MessagePosted
    tokens: list[str]
    thread: str | None
    gone_by: list[str] = field(default_factory=list)
    """Ids of the events that took it away."""

    goes_on: bool = False
    """It says no more than that somebody goes on with what they asked, if they did."""

    @property
    def is_question(self) -> bool:
        """Whether it is meant as a question of its own."""
        return (self.thread is None or self.event.is_addressed) and not self.goes_on

    @property
    def its_thread(self) -> Place:
        """Return the thread that it begins, or in which it was said."""
        place = self.event.place
        return place if place.thread else place.in_thread(self.event.message_id)


class TheWorld(RuleBasedStateMachine):
    """Members ask, answer, edit, delete and forget, while the bot is run, cut off and restarted."""

    database: FragileDatabase
    template: Path
    steps = 0
    seen: ClassVar[Counter[str]] = Counter()
    """What came about in all worlds, to know that it did."""

    def __init__(self) -> None:
        super().__init__()
        self.database.start_over(self.template)
        self.clock = SetClock()
        self.platform_time = self.clock.now()
        self.switch = self.database.switch
        self.platform = SimulatedPlatform(self.clock, self.switch)
        self.bot = Bot(
            self.database,
            self.platform,
            self.clock,
            experts=EXPERTS,
            rules=RULES,
            allowance=MANY,
            ladder=LADDER,
            burst=BURST,
        )
        self.path = self.database.path
        self.said: dict[str, Said] = {}
        self.on_the_way: list[Event] = []
        self.is_private = {"help": False, "board": True}
        self.is_shared = {"help": False, "board": False}
        """With another company."""
        self.shared: list[Said] = []
        """What was asked alone, and then shared on purpose."""
        self.count = self.cuts = 0
        self.looked_at = 0

    # Members

    @rule(who=ANY, where=ANY, topic=ANY)
    def ask(self, who: int, where: int, topic: int) -> None:
        self._post(who, self._place(where), f"How does the {_pick(TOPICS, topic)} closing work?")

    @rule(who=ANY, where=ANY, topic=ANY)
    def ask_in_a_quiet_hour(self, who: int, where: int, topic: int) -> None:
        self.ask(who, where, topic)
        self._live_on()

    @rule(who=ANY, where=ANY, more=ANY)
    def ask_one_thing_after_the_other(self, who: int, where: int, more: int) -> None:
        """Let somebody ask as quickly as they can type, and tell details in between."""
        for number in range(2 + more % 3):
            self.ask(who, where, number)
            if (more + number) % 2:
                self._go_on(who, where, "The version is")
            if (more + number) % 5 == 0:
                self._go_on(who, where, "Any idea? It is number")

    def _go_on(self, who: int, where: int, text: str) -> None:
        self._post(who, self._place(where), text)
        list(self.said.values())[-1].goes_on = True

    @rule(where=ANY, topic=ANY, is_edited=st.booleans())
    def teach(self, where: int, topic: int, *, is_edited: bool) -> None:
        """Let Maria ask and Paul, who is trusted, answer; nobody forgets or deletes it so soon."""
        self.ask(0, where, topic)
        first = list(self.said.values())[-1]
        place = first.its_thread
        self._post(1, place, f"Open the {_pick(TOPICS, topic)} setup and widen the dates.")
        self._live_on()
        if is_edited:
            self.edit(len(self._there()) - 1)

    @precondition(lambda self: self.said)
    @rule(who=ANY, which=ANY, topic=ANY)
    def reply(self, who: int, which: int, topic: int) -> None:
        first = self._question(which)
        place = first.its_thread
        self._post(who, place, f"Open the {_pick(TOPICS, topic)} setup and widen the dates.")

    @precondition(lambda self: self.said)
    @rule(which=ANY, marked=ANY, is_asker=st.booleans(), is_reaction=st.booleans())
    def accept(self, which: int, marked: int, *, is_asker: bool, is_reaction: bool) -> None:
        """Let somebody press below the bot's words, or mark one of the replies in a thread."""
        first = self._question(which)
        who = first.event.author if is_asker else PEOPLE[2]
        place = first.its_thread
        there = [one.event.message_id for one in self.said.values() if one.thread == place.thread]
        message_id = _pick(["", *there], marked)
        event = AnswerAccepted(self._id(), place, who, self._now(), message_id)
        self._happen(replace(event, is_reaction=is_reaction and bool(message_id)))

    @rule(where=ANY, topic=ANY, is_edited=st.booleans())
    def solve(self, where: int, topic: int, *, is_edited: bool) -> None:
        """Let Paul ask, Lena, who is not trusted, answer, and Paul accept; she may edit it then."""
        self.ask(1, where, topic)
        place = list(self.said.values())[-1].its_thread
        self._post(2, place, f"Open the {_pick(TOPICS, topic)} setup and widen the dates.")
        answer = list(self.said.values())[-1].event
        self._live_on()
        accepted = AnswerAccepted(self._id(), place, PEOPLE[1], self._now(), answer.message_id)
        self._happen(accepted)
        self._live_on()
        if is_edited:
            self.edit(len(self._there()) - 1)

    @precondition(lambda self: self.said)
    @rule(which=ANY, is_accepted=st.booleans())
    def review(self, which: int, *, is_accepted: bool) -> None:
        """Let a maintainer decide about whatever an answer is by now."""
        said = _pick(list(self.said.values()), which)
        event = AnswerReviewed(
            self._id(),
            said.event.place,
            said.event.message_id,
            Author("supportbot", "maintainer", "A maintainer"),
            is_accepted=is_accepted,
            reviewed_at=self._now(),
            standings=("waiting", "knowledge", "dropped"),
        )
        self._happen(event)

    @precondition(lambda self: self.said)
    @rule(who=ANY, times=st.integers(min_value=5, max_value=25))
    def say_again_and_again_that_it_was_not_meant(self, who: int, times: int) -> None:
        member = _pick(PEOPLE, who)
        theirs = [one for one in self.said.values() if one.event.author == member]
        for said in [one for one in theirs if one.is_question][:times]:
            self._happen(AnswerRejected(self._id(), said.its_thread, member, self._now()))

    @precondition(lambda self: self._there())
    @rule(which=ANY)
    def edit(self, which: int) -> None:
        said = _pick(self._there(), which)
        token = self._token()
        said.tokens.append(token)
        text = _TOKEN.sub(token, said.event.text)
        event = said.event
        self._happen(
            MessageEdited(
                self._id(), event.place, event.message_id, event.author, text, self._now()
            )
        )

    @precondition(lambda self: self.said)
    @rule(which=ANY)
    def delete(self, which: int) -> None:
        said = _pick(list(self.said.values()), which)
        event = MessageDeleted(self._id(), said.event.place, said.event.message_id, self._now())
        said.gone_by.append(event.event_id)
        self._happen(event)

    @precondition(lambda self: self.said)
    @rule(which=ANY)
    def delete_thread(self, which: int) -> None:
        first = self._question(which)
        place = first.its_thread
        thread = place.thread
        event = PlaceDeleted(self._id(), place, self._now())
        for said in self.said.values():
            if thread in {said.thread, said.event.message_id}:
                # Each message of a thread goes; what comes in later is nobody's any more.
                said.gone_by.append(event.event_id)
        self._happen(event)

    @rule(who=ANY)
    def forget(self, who: int) -> None:
        member = _pick(PEOPLE, who)
        place = Place("simulated", "T", "help", self._id())
        event = ForgetRequested(self._id(), place, member, self._now())
        for said in self.said.values():
            if said.event.author == member:
                said.gone_by.append(event.event_id)
        self._happen(event)

    @rule(where=ANY)
    def open_or_close(self, where: int) -> None:
        channel = _pick(CHANNELS, where)
        self.is_private[channel] = not self.is_private[channel]
        self._happen(PlaceChanged(self._id(), self._place(where), self._now()))

    @rule(where=ANY)
    def share_with_others_or_not_any_more(self, where: int) -> None:
        """Let another company into a channel, or out of it."""
        channel = _pick(CHANNELS, where)
        self.is_shared[channel] = not self.is_shared[channel]
        self._happen(PlaceChanged(self._id(), self._place(where), self._now()))

    @rule(where=ANY, is_private=st.booleans(), is_shared=st.booleans())
    def change_a_channel_unheard(self, where: int, *, is_private: bool, is_shared: bool) -> None:
        """Convert, gate or share a channel while nobody listens, who then asks how all are."""
        channel = _pick(CHANNELS, where)
        self.is_private[channel], self.is_shared[channel] = is_private, is_shared
        seen = [(name, self.is_private[name], self.is_shared[name]) for name in CHANNELS]
        open_ = tuple(name for name, closed, shared in seen if not closed and not shared)
        shared = tuple(name for name, _, is_shared in seen if is_shared)
        workspace = Place("simulated", "T", "")
        self._happen(ChannelsListed(self._id(), workspace, open_, self._now(), shared))

    @rule(where=ANY, topic=ANY)
    def ask_as_a_guest(self, where: int, topic: int) -> None:
        text = f"How does the {_pick(TOPICS, topic)} closing work?"
        self._say(GUEST, self._place(where), text)
        self._live_on()

    @rule(topic=ANY)
    def ask_alone_as_a_guest(self, topic: int) -> None:
        text = f"How does the {_pick(TOPICS, topic)} closing work?"
        self._say(GUEST, direct_place(GUEST, "T"), text)
        self._live_on()

    @precondition(lambda self: self.said)
    @rule(which=ANY)
    def accept_by_a_role_that_is_held_elsewhere(self, which: int) -> None:
        place = self._question(which).its_thread
        self._happen(AnswerAccepted(self._id(), place, STRANGER, self._now()))

    @rule(who=ANY, where=ANY, is_leaving=st.booleans())
    def come_or_go(self, who: int, where: int, *, is_leaving: bool) -> None:
        kind = MemberLeft if is_leaving else MemberJoined
        self._happen(kind(self._id(), self._place(where), _pick(PEOPLE, who), self._now()))

    @rule(who=ANY, topic=ANY)
    def ask_alone(self, who: int, topic: int) -> None:
        place = direct_place(_pick(PEOPLE, who), "T")
        self._post(who, place, f"How does the {_pick(TOPICS, topic)} closing work?")

    @rule(who=ANY, topic=ANY)
    def ask_alone_in_a_thread_that_had_begun(self, who: int, topic: int) -> None:
        """Ask where the platform began the thread, and said nothing of it."""
        place = direct_place(_pick(PEOPLE, who), "T").in_thread(f"begun-{self._id()}")
        text = f"How does the {_pick(TOPICS, topic)} closing work?"
        self._post(who, place, text, is_addressed=True)

    @precondition(lambda self: self._alone())
    @rule(which=ANY, where=ANY)
    def share(self, which: int, where: int) -> None:
        """Let somebody who asked the bot alone ask the group, and the group get to know it."""
        said = _pick(self._alone(), which)
        to = self._place(where)
        asker = said.event.author
        self._happen(QuestionShared(self._id(), said.its_thread, asker, to, self._now()))
        self.shared.append(said)
        self._live_on()

    def _alone(self) -> list[Said]:
        said = self.said.values()
        return [one for one in said if one.is_question and direct_to(one.event.place)]

    @precondition(lambda self: self.said)
    @rule(who=ANY, which=ANY, what=ANY)
    def press_a_button(self, who: int, which: int, what: int) -> None:
        first = self._question(which)
        place = first.its_thread
        kinds = [QuestionClaimed, QuestionPassed, TopicRefused, AnswerRejected, HelpRequested]
        kind: Any = _pick(kinds, what)
        event = kind(self._id(), place, _pick(PEOPLE, who), self._now())
        if isinstance(event, QuestionPassed):
            event = replace(event, to=_pick([None, *PEOPLE], who + what))
        self._happen(event)

    @precondition(lambda self: self.said)
    @rule(hours=st.integers(min_value=1, max_value=30))
    def let_hours_pass(self, hours: int) -> None:
        self.clock.move(timedelta(hours=hours))
        with self._power():
            self.bot.look_at_the_clock()
        self._live_on()

    # The platform

    @precondition(lambda self: self.on_the_way)
    @rule(which=ANY, times=st.integers(min_value=1, max_value=3), is_again=st.booleans())
    def bring(self, which: int, times: int, *, is_again: bool) -> None:
        event = _pick(self.on_the_way, which)
        with self._power():
            for _ in range(times):
                self.bot.receive(event)
            if not is_again:
                self.on_the_way.remove(event)

    @rule()
    def bring_everything_again(self) -> None:
        self.on_the_way = list(self.platform.events)

    @rule(wait=st.integers(min_value=-10, max_value=7_200))
    def refuse(self, wait: int) -> None:
        after = timedelta(seconds=wait)
        self.platform.refusals.append(
            DeliveryError("too many requests", permanent=False, retry_after=after)
        )

    @rule()
    def lose_a_response(self) -> None:
        self.platform.losses.append(DeliveryError("no response", permanent=False))

    # The machine

    @rule(steps=st.integers(min_value=0, max_value=12))
    def threaten_to_cut_the_power(self, steps: int) -> None:
        self.switch.cut_after(steps)

    @rule()
    def restart(self) -> None:
        self.bot.restart()

    @rule(minutes=st.integers(min_value=-60, max_value=120))
    def set_the_clock(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))

    @rule()
    def work(self) -> None:
        with self._power():
            self.bot.work()

    @rule()
    def work_on(self) -> None:
        with self._power():
            while self.bot.work():
                pass
            self.bot.scrub()

    @rule()
    def send(self) -> None:
        gone = self._known_to_be_gone()
        private = self._known_to_be_private()
        shared = self._known_to_be_shared()
        with self._power():
            self.bot.send()
        self._check_outsiders(shared)
        self._check_shown(gone, private)

    def _live_on(self) -> None:
        with self._power():
            while self.on_the_way:
                self.bot.receive(self.on_the_way[0])
                self.on_the_way.pop(0)
            while self.bot.work():
                pass
            self.bot.scrub()
        self.send()

    @invariant()
    def a_step_was_made(self) -> None:
        TheWorld.steps += 1

    # What holds

    def _check_shown(self, gone: set[str], private: dict[str, bool]) -> None:
        for shown in self.platform.shown[self.looked_at :]:
            message = shown.message
            assert len(message.reply.mentions) <= 3
            asked = message.reply.asked.text if message.reply.asked else ""
            words = [asked, *(f"{quote.title} {quote.text}" for quote in message.reply.quotes)]
            for token in _TOKEN.findall(" ".join(words)):
                origin = self._origin(token)
                assert token not in gone, f"{token} was deleted, and shown"
                is_at_home = origin.event.place.channel == message.place.channel
                is_open = not private.get(origin.event.place.channel, True)
                is_shared = any(origin is said for said in self.shared)
                is_fine = is_at_home or is_open or is_shared
                assert is_fine, f"{token} is private, and shown elsewhere"
        self._check_asks()
        self.looked_at = len(self.platform.shown)
        counts = Counter(shown.message.id for shown in self.platform.shown)
        assert not counts or max(counts.values()) == 1, "said twice"

    def _check_outsiders(self, shared: dict[str, bool]) -> None:
        """Hold that others see only what was said where they are: in their channel, or channels."""
        theirs = {s.event.place.channel for s in self.said.values() if s.event.author == GUEST}
        # Who asks a channel's group has chosen among the channels that the platform shows them.
        theirs |= {
            event.to.channel
            for event in self.platform.events
            if isinstance(event, QuestionShared) and event.author == GUEST
        }
        asked_by_guest = {s.its_thread.key for s in self.said.values() if s.event.author == GUEST}
        for shown in self.platform.shown[self.looked_at :]:
            place = shown.message.place
            quotes = " ".join(f"{one.title} {one.text}" for one in shown.message.reply.quotes)
            for token in _TOKEN.findall(quotes):
                said_in = self._origin(token).event.place.channel
                is_at_home = said_in == place.channel
                assert is_at_home or not shared.get(place.channel), f"{token}: shown to others"
                is_guests = place.key in asked_by_guest
                assert said_in in theirs or not is_guests, f"{token}: shown to a guest"

    def _check_asks(self) -> None:
        with self.bot.database.reading() as tx:
            asked = asks.asks_since(tx, datetime(2026, 1, 1, tzinfo=UTC))
        for member in PEOPLE:
            moments = [ask.asked_at for ask in asked if ask.member_id == member.member_id]
            over = zip(moments, moments[LADDER.asks_per_week :], strict=False)
            assert all(b - a >= timedelta(days=7) for a, b in over), "asked over their budget"
        forgotten = {e.author for e in self.platform.events if isinstance(e, ForgetRequested)}
        times = Counter(
            # What is posted for somebody begins a thread of its own.
            (shown.message.place.key if shown.message.place.thread else shown.id, author)
            for shown in self.platform.shown
            for author in shown.message.reply.mentions
            if author not in forgotten and not str(shown.message.reply.text).startswith("How is it")
        )
        assert not times or max(times.values()) == 1, "asked twice for one question"

    def teardown(self) -> None:
        try:
            self._bring_everything_and_settle()
            self._check_the_end()
            self.on_the_way = [
                said_again(event, f"again-{event.event_id}") for event in self.platform.events
            ]
            before = len(self.platform.shown)
            self._bring_everything_and_settle()
            assert self._questions_replied_to(since=before) == []
            self._check_the_end()
        finally:
            self._count_what_came_about()
            self.bot.stop()

    def _bring_everything_and_settle(self) -> None:
        self.switch.leave_on()
        self.platform.refusals.clear()
        self.platform.losses.clear()
        for event in self.on_the_way:
            self.bot.receive(event)
        self.on_the_way.clear()
        self.bot.settle()
        self.looked_at = len(self.platform.shown)

    def _check_the_end(self) -> None:
        with self.bot.database.reading() as tx:
            aside = inbox.events_set_aside(tx)
        assert aside == []
        assert not self._thanked_for_by(STRANGER), "a role that is held elsewhere has counted"
        assert self.bot.database.find_damage() == ()
        replies = Counter(shown.message.id for shown in self.platform.shown)
        gone = {token for said in self.said.values() if said.gone_by for token in said.tokens}
        for said in self.said.values():
            if said.is_question:
                count = replies[f"{said.event.place.message_key(said.event.message_id)}/reply"]
                is_let_off = said.gone_by or self._is_resolved(said)
                assert count == 1 or (count == 0 and is_let_off), f"{count} replies"
        files = b"".join(path.read_bytes() for path in self.path.parent.glob("supportbot.db*"))
        left = {token: self._where(token) for token in gone if token.encode() in files}
        assert not left, f"in the file: {left}"
        scopes = [open_scope()]
        found = {
            match.excerpt
            for scope in scopes
            for topic in TOPICS
            for match in matches_in(self.bot.search, scope, f"How does the {topic} work?")
        }
        shown_tokens = set(_TOKEN.findall(" ".join(found)))
        assert shown_tokens & gone == set(), "in the index"
        approved, waiting = self._check_what_is_known()
        old = {token for said in self.said.values() for token in said.tokens[:-1]}
        assert shown_tokens & old <= approved, "what was edited is still found"
        assert shown_tokens & waiting == set(), "what nobody has approved is found"

    def _check_what_is_known(self) -> tuple[set[str], set[str]]:
        """Check who has taught what; gives the approved words of edited answers, and the edits."""
        with self.bot.database.reading() as tx:
            known = [
                answer
                for answer in conversations.answers_decided(tx)
                if answer.standing is Standing.KNOWLEDGE
            ]
            for answer in known:
                who = answer.author.member_id
                helped = acceptances.count_people_helped(tx, who)
                is_trusted = who in RULES.trusted or helped >= RULES.trusted_after
                assert answer.is_accepted or is_trusted, "taught by nobody's leave"
            drift = self.bot.recalibration.drift
        assert drift is None, "three people have turned answers off"
        waits = [answer for answer in known if answer.proposed]
        approved = {token for answer in waits for token in _TOKEN.findall(answer.text)}
        return approved, {t for answer in waits for t in _TOKEN.findall(answer.proposed)}

    def _is_resolved(self, said: Said) -> bool:
        """Whether people were quicker than a reply that had to be thought over."""
        with self.bot.database.reading() as tx:
            question = conversations.question_in(tx, said.its_thread)
        return question is not None and question.state is QuestionState.RESOLVED

    def _thanked_for_by(self, author: Author) -> list[Any]:
        """Read for which answers the bot has thanked somebody because of one person."""
        with closing(sqlite3.connect(self.path)) as connection:
            thanks = "SELECT id FROM outbox WHERE caused_by = ? AND message LIKE '%Thank you%'"
            return connection.execute(thanks, [author.member_id]).fetchall()

    def _where(self, token: str) -> list[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return [
                f"{name}: {row}"
                for (name,) in tables.fetchall()
                for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608
                if token in repr(row)
            ]

    def _count_what_came_about(self) -> None:
        replies = [shown.message.reply for shown in self.platform.shown]
        self.seen["worlds"] += 1
        self.seen["events"] += len(self.platform.events)
        self.seen["shown"] += len(replies)
        self.seen["with quotes"] += sum(bool(reply.quotes) for reply in replies)
        self.seen["taken back"] += sum("taken back" in reply.text for reply in replies)
        self.seen["by the ladder"] += sum(
            shown.message.id.startswith("ladder:") for shown in self.platform.shown
        )
        self.seen["thanks"] += sum("Thank you" in reply.text for reply in replies)
        self.seen["cuts"] += self.cuts

    def _questions_replied_to(self, since: int) -> list[str]:
        ids = {f"{s.event.place.message_key(s.event.message_id)}/reply" for s in self.said.values()}
        later = self.platform.shown[since:]
        return [shown.message.id for shown in later if shown.message.id in ids]

    # Doing

    def _power(self) -> Any:
        return _restarting_after_a_cut(self)

    def _post(self, who: int, place: Place, text: str, *, is_addressed: bool = False) -> None:
        self._say(_pick(PEOPLE, who), place, text, is_addressed=is_addressed)

    def _say(self, author: Author, place: Place, text: str, *, is_addressed: bool = False) -> None:
        token = self._token()
        message_id = self._id()
        event = MessagePosted(
            f"e-{message_id}",
            place,
            message_id,
            author,
            f"{text} {token}",
            self._now(),
            is_addressed=is_addressed,
        )
        self.said[token] = Said(event, [token], place.thread)
        self._happen(event)

    def _happen(self, event: Event) -> None:
        self.platform.happen(event)
        self.on_the_way.append(event)
        # The platform has a clock of its own, and no two things happen at the same moment.
        self.platform_time += timedelta(seconds=1)

    def _now(self) -> datetime:
        return self.platform_time

    def _id(self) -> str:
        self.count += 1
        return f"{self.count}"

    def _token(self) -> str:
        return f"zq{self._id()}x"

    def _place(self, where: int) -> Place:
        channel = _pick(CHANNELS, where)
        is_private, is_shared = self.is_private[channel], self.is_shared[channel]
        return Place("simulated", "T", channel, is_private=is_private, is_shared=is_shared)

    def _question(self, which: int) -> Said:
        first: Said = _pick([said for said in self.said.values() if said.is_question], which)
        return first

    def _there(self) -> list[Said]:
        return [said for said in self.said.values() if not said.gone_by]

    def _origin(self, token: str) -> Said:
        return next(said for said in self.said.values() if token in said.tokens)

    def _known_to_be_gone(self) -> set[str]:
        with self.bot.database.reading() as tx:
            return {
                token
                for said in self.said.values()
                for event_id in said.gone_by
                if inbox.is_handled(tx, event_id)
                for token in said.tokens
            }

    def _known_to_be_private(self) -> dict[str, bool]:
        with self.bot.database.reading() as tx:
            return {
                channel: places.as_known(tx, Place("simulated", "T", channel)).is_private
                for channel in CHANNELS
            }

    def _known_to_be_shared(self) -> dict[str, bool]:
        with self.bot.database.reading() as tx:
            return {
                channel: places.as_known(tx, Place("simulated", "T", channel)).is_shared
                for channel in CHANNELS
            }


class _restarting_after_a_cut:  # noqa: N801 - reads as a statement
    def __init__(self, world: TheWorld) -> None:
        self.world = world

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> bool:
        if isinstance(error, PowerCutError):
            self.world.cuts += 1
            self.world.bot.restart()
            return True
        return False


def _pick(of: list[Any], number: int) -> Any:
    return of[number % len(of)]


def _fast_folder() -> str | None:
    """Prefer memory to a disk: here, nobody waits for the disk on purpose."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def play(examples: int) -> None:
    """Play so many worlds, each of up to `STEPS_EACH` steps."""
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        TheWorld.template = template_database(Path(folder) / "template.db")
        database = FragileDatabase(Path(folder) / "supportbot.db", PowerSwitch())
        TheWorld.database = database
        run_state_machine_as_test(
            TheWorld,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS_EACH,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
                phases=[Phase.explicit, Phase.reuse, Phase.generate],
            ),
        )


def test_whatever_happens_the_promises_hold() -> None:
    play(examples=3)


@pytest.mark.slow
def test_whatever_happens_for_longer_the_promises_hold() -> None:
    play(examples=80)
