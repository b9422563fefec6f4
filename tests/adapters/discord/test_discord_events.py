"""What the adapter makes of what people do, as the core hears it."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import pytest

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    HelpRequested,
    Inquired,
    Inquiry,
    MarkTakenBack,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceDeleted,
    ProfileChanged,
    QuestionClaimed,
    QuestionPassed,
    QuestionShared,
    TopicRefused,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.replies.reply import (
    Action,
    Asked,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Reply,
    Section,
)
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import AdapterContext
from supportbot_discord import adapter as adapter_module
from supportbot_discord.adapter import DiscordAdapter
from tests.discord.quick import QuickConnection
from tests.discord.redirecting import redirected_for_now
from tests.discord_server import Channel, DiscordServer, Message, Person, running_discord

T = TypeVar("T")
E = TypeVar("E", bound=Event)
PATIENCE = 20.0


@dataclass
class World:
    """A bot whose core only listens, among people."""

    server: DiscordServer
    home: Path
    options: dict[str, object] = field(default_factory=dict)
    """More of the settings."""
    heard: list[Event] = field(default_factory=list)
    is_broken: bool = False
    """Whether nothing can be stored."""

    def begin(self) -> None:
        """Connect."""
        options = {
            "mode": "content",
            "api_url": self.server.api_url,
            "gateway_url": self.server.gateway_url,
            "cdn_url": self.server.cdn_url,
            "look_seconds": 0.02,
            **self.options,
        }
        context = AdapterContext(self.home, options, StringIO(), StringIO())
        self.adapter = DiscordAdapter(context, {"DISCORD_TOKEN": self.server.token})
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.connecting = asyncio.run_coroutine_threadsafe(self._connect(), self.loop)
        self.until((self.home / "discord-commands.txt").exists)

    async def _connect(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        await self.adapter.connect(self._receive)

    def end(self) -> None:
        """Go."""
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.until(self.connecting.done)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()

    async def _receive(self, event: Event) -> None:
        if self.is_broken:
            message = "the disk is full"
            raise SupportbotError(message)
        self.heard.append(event)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.002)

    def hears(self, kind: type[E], about: str) -> E:
        """Wait for an event in whose id something stands."""

        def found() -> list[E]:
            return [e for e in self.heard if isinstance(e, kind) and about in e.event_id]

        self.until(found)
        return found()[0]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let people do something."""
        return self.server.do(work)

    def says(self, person: Person, place: Channel, text: str, **more: Any) -> MessagePosted:
        """Let somebody say something, and give what is heard of it."""
        said = self.do(person.says(place, text, **more))
        return self.hears(MessagePosted, f":{said.id}")

    def shows(self, message: OutgoingMessage, *, attempt: int = 1) -> Message:
        """Let the bot say something; gives what stands there then."""
        posted = ""

        def is_there() -> bool:
            nonlocal posted
            delivering = self.adapter.deliver(message, attempt=attempt)
            try:
                posted = asyncio.run_coroutine_threadsafe(delivering, self.loop).result(PATIENCE)
            except DeliveryError as error:
                # What somebody typed may not be acknowledged yet: it is tried again, as it is live.
                if error.permanent or "acknowledged" not in str(error):
                    raise
            return bool(posted)

        self.until(is_there)
        found = self.server.call(self.server.messages)
        return next(one for one in found if str(one.id) == posted)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with redirected_for_now() as patch, running_discord() as server:
        patch.setattr(adapter_module, "Connection", QuickConnection)
        world = World(server, tmp_path_factory.mktemp("home"))
        world.begin()
        yield world
        world.end()


@pytest.fixture
def maria(world: World) -> Person:
    return world.server.call(lambda: world.server.user("Maria"))


@pytest.fixture
def paul(world: World) -> Person:
    return world.server.call(lambda: world.server.user("Paul"))


@pytest.fixture
def help_(world: World) -> Channel:
    return world.server.call(lambda: world.server.channel("help"))


def open_place(world: World, channel: Channel) -> Place:
    return Place("discord", str(world.server.guild.id), str(channel.id))


# What is said


def test_a_message_is_read_with_whom_it_mentions_and_without_the_call_of_the_bot(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    heard = world.says(maria, help_, f"<@{world.server.bot.id}> {paul.mention} how do I post?")

    assert heard.text == "@Paul how do I post?"
    assert heard.is_addressed
    assert [author.name for author in heard.mentions] == ["Paul"]
    assert heard.place == open_place(world, help_)
    assert heard.url.endswith(f"/{help_.id}/{heard.message_id}")


def test_a_mention_of_a_closed_channel_does_not_name_it(
    world: World, maria: Person, help_: Channel
) -> None:
    server = world.server
    closed = server.call(lambda: server.channel("layoffs-2026", maria, private=True))

    heard = world.says(maria, help_, f"Ask in <#{closed.id}>, or in <#{help_.id}>.")

    assert "layoffs" not in heard.text
    assert f"#{help_.name}" in heard.text


def test_who_may_manage_the_guild_is_known_by_the_permission_and_not_by_a_role_of_that_name(
    world: World, help_: Channel
) -> None:
    server = world.server
    manages = server.call(lambda: server.role("Keepers", "manage_guild"))
    called_so = server.call(lambda: server.role("manage_guild"))
    hugo = server.call(lambda: server.user("Hugo", roles=[manages]))
    eve = server.call(lambda: server.user("Eve", roles=[called_so]))

    kept = world.says(hugo, help_, "Who keeps this?")
    claimed = world.says(eve, help_, "I do!")

    assert kept.author.roles == ("Keepers", "manage_guild")
    assert claimed.author.roles == ()


def test_what_is_said_in_a_thread_is_in_the_thread_of_its_message(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    root = world.do(maria.says(help_, "How do I post?"))
    thread = world.do(paul.starts_thread(root, "posting"))

    heard = world.says(paul, thread, "With the button.")

    assert heard.place == open_place(world, help_).in_thread(str(root.id))


def test_a_reply_in_the_channel_is_in_the_thread_of_what_it_replies_to(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    root = world.do(maria.says(help_, "How do I post?"))

    heard = world.says(paul, help_, "With the button.", reply_to=root)

    assert heard.place.thread == str(root.id)


def test_a_reply_to_the_bot_is_in_the_thread_that_its_buttons_are_about(
    world: World, maria: Person
) -> None:
    place = direct_place(author(maria)).in_thread("4711")
    shown = world.shows(OutgoingMessage("r/1", place, Reply("Hm.", actions=(Action.SOLVED,))))

    heard = world.says(maria, maria.dm, "No", reply_to=shown)

    assert heard.place == place


def author(person: Person) -> Author:
    return Author("discord", str(person.id), person.name)


def test_a_post_is_read_with_its_title_and_tags(world: World, maria: Person) -> None:
    forum = world.server.call(lambda: world.server.forum("forum", tags=["tax"]))

    post = world.do(maria.posts(forum, "Year end", "How do I close?", tags=["tax"]))

    heard = world.hears(MessagePosted, f":{post.id}")
    assert heard.text == "Year end\nHow do I close?\n(tax)"
    assert heard.place == open_place(world, forum)


def test_text_files_are_read_and_pictures_are_counted(
    world: World, maria: Person, help_: Channel
) -> None:
    files = [("a.txt", b"Error 7"), ("b.png", b"\x89PNG"), ("c.zip", b"PK")]

    heard = world.says(maria, help_, "What is this?", files=files)

    assert heard.text == "What is this?\n```\nError 7\n```\n[file: c.zip]"
    assert (heard.pictures, heard.files) == (1, 1)


def test_what_is_closed_to_some_is_private(world: World, maria: Person, help_: Channel) -> None:
    server = world.server
    closed = server.call(lambda: server.channel("closed", maria, private=True))
    may = server.call(lambda: server.role("Whisperers", "create_private_threads"))
    world.do(maria.gets(may))
    whispered = world.do(maria.starts_thread(help_, "psst", private=True))
    server.call(lambda: server.backend.add_thread_member(whispered.id, server.bot.id))

    assert world.says(maria, closed, "Hm").place.is_private
    heard = world.says(maria, whispered, "Hm")
    assert heard.place == Place("discord", str(server.guild.id), str(whispered.id), is_private=True)
    assert world.says(maria, maria.dm, "Hm").place == direct_place(author(maria))


def test_a_thread_that_is_opened_without_a_message_begins_with_its_name_and_the_first_one(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    thread = world.do(maria.starts_thread(help_, "How do I sort the list?"))

    first = world.says(maria, thread, "I have tried the header.")
    next_ = world.says(paul, thread, "Click twice.")

    assert first.text == "How do I sort the list?\nI have tried the header."
    assert (first.place, first.message_id) == (open_place(world, help_), str(thread.id))
    assert next_.place == open_place(world, help_).in_thread(str(thread.id))
    assert next_.message_id != str(thread.id)


def test_a_title_that_the_first_message_says_as_well_is_read_once(
    world: World, maria: Person, help_: Channel
) -> None:
    thread = world.do(maria.starts_thread(help_, "How do I sort?"))

    assert world.says(maria, thread, "Hello! How do I  sort?").text == "Hello! How do I  sort?"


def test_edits_and_deletions_of_what_begins_a_thread_are_of_the_thread(
    world: World, maria: Person, help_: Channel
) -> None:
    thread = world.do(maria.starts_thread(help_, "How do I sort?"))
    first = world.do(maria.says(thread, "By name"))
    second = world.do(maria.says(thread, "Please"))
    world.hears(MessagePosted, f":{second.id}")

    world.do(maria.edits(first, "By weight"))
    edit = world.hears(MessageEdited, f":{first.id}/edit")
    world.do(maria.deletes(first))
    world.do(maria.deletes(second))

    assert (edit.message_id, edit.place.thread) == (str(thread.id), None)
    assert edit.text == "How do I sort?\nBy weight"
    assert world.hears(MessageDeleted, f":{first.id}/").message_id == str(thread.id)
    assert world.hears(MessageDeleted, f":{second.id}/").message_id == str(second.id)


def test_what_began_a_thread_is_known_when_it_is_deleted_after_a_restart(
    world: World, maria: Person, help_: Channel
) -> None:
    thread = world.do(maria.starts_thread(help_, "How do I sort?"))
    first = world.do(maria.says(thread, "By name"))
    second = world.says(maria, thread, "Please")
    (world.home / "discord-commands.txt").unlink()
    world.end()
    world.begin()

    world.do(maria.deletes(first))

    assert world.hears(MessageDeleted, f":{first.id}/").message_id == str(thread.id)
    assert second.message_id != str(thread.id)


def test_a_role_that_is_called_is_no_word_and_the_bots_own_role_is_the_bot(
    world: World, maria: Person, help_: Channel
) -> None:
    server = world.server
    helpers = server.call(lambda: server.role("Helpers"))
    own = server.call(server.own_role)

    assert world.says(maria, help_, f"<@&{helpers.id}>, how do I post?").text == "how do I post?"
    assert world.says(maria, help_, "@here how do I post? @everyone").text == "how do I post?"
    heard = world.says(maria, help_, f"<@&{own.id}> <@&{helpers.id}> how do I post?")
    assert (heard.text, heard.is_addressed) == ("how do I post?", True)
    asked = world.says(maria, help_, f"Is <@&{helpers.id}> the one to ask?")
    assert (asked.text, asked.is_addressed) == ("Is @Helpers the one to ask?", False)


def forwards(world: World, who: Person, to: Channel, what: Message, text: str = "") -> Message:
    reference = {"type": 1, "channel_id": str(what.channel_id), "message_id": str(what.id)}
    backend = world.server.backend
    return world.server.call(
        lambda: backend.create_message(to.id, who.id, text, reference=reference)
    )


def test_what_is_forwarded_is_read_as_a_quotation(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    source = world.server.call(lambda: world.server.channel("source"))
    what = world.do(paul.says(source, "How do I post?", files=[("a.png", b"\x89PNG")]))

    heard = world.hears(MessagePosted, f":{forwards(world, maria, help_, what).id}")

    assert heard.text == "> How do I post?"
    assert heard.author.name == "Maria"
    assert heard.pictures == 1


def test_recordings_are_counted_and_not_named(world: World, maria: Person, help_: Channel) -> None:
    files = [("voice-message.ogg", b"OggS"), ("clip.mp4", b"\0"), ("b.png", b"\x89PNG")]

    heard = world.says(maria, help_, "", files=files)

    assert (heard.text, heard.recordings, heard.pictures, heard.files) == ("", 2, 1, 0)


def test_an_edit_that_mentions_the_bot_says_so(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    said = world.do(maria.says(help_, "Hm"))

    world.do(maria.edits(said, f"<@{world.server.bot.id}> {paul.mention} how do I post?"))

    heard = world.hears(MessageEdited, f":{said.id}/edit")
    assert heard.is_addressed
    assert [one.name for one in heard.mentions] == ["Paul"]
    assert heard.url.endswith(f"/{said.id}")
    assert heard.posted_at is not None


# What changes


def test_edits_and_deletions_are_heard(world: World, maria: Person, help_: Channel) -> None:
    said = [world.do(maria.says(help_, f"How do I post {n}?")) for n in range(4)]

    world.do(maria.edits(said[0], "How do I post it all?"))
    world.do(maria.deletes(said[1]))
    world.server.call(lambda: world.server.delete_in_bulk(*said[2:]))

    assert world.hears(MessageEdited, f":{said[0].id}/edit").text == "How do I post it all?"
    for one in said[1:]:
        assert world.hears(MessageDeleted, f":{one.id}/").message_id == str(one.id)


def test_threads_and_channels_that_go_are_heard(world: World, maria: Person) -> None:
    server = world.server
    channel = server.call(lambda: server.channel("going"))
    root = world.do(maria.says(channel, "How do I post?"))
    thread = world.do(maria.starts_thread(root, "posting"))

    server.call(lambda: server.delete_channel(thread))
    gone = world.hears(PlaceDeleted, f":{thread.id}:")
    server.call(lambda: server.delete_channel(channel))

    assert gone.place == open_place(world, channel).in_thread(str(root.id))
    assert world.hears(PlaceDeleted, f":{channel.id}:").place == open_place(world, channel)


def test_a_channel_that_is_closed_is_heard(world: World, maria: Person) -> None:
    server = world.server
    channel = server.call(lambda: server.channel("closing"))
    world.says(maria, channel, "Hm")
    everyone = server.guild.roles[server.guild.id]
    before = everyone.permissions

    server.call(lambda: server.backend.edit_role(everyone.id, everyone.id, {"permissions": 0}))

    world.until(lambda: str(channel.id) not in _last(world, ChannelsListed, "").open)
    server.call(lambda: server.backend.edit_role(everyone.id, everyone.id, {"permissions": before}))
    world.until(lambda: str(channel.id) in _last(world, ChannelsListed, "").open)


def _last(world: World, kind: type[E], about: str) -> E:
    return [e for e in world.heard if isinstance(e, kind) and about in e.event_id][-1]


def test_a_tick_accepts_and_other_marks_do_not(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    said = world.do(paul.says(help_, "With the button."))

    world.do(maria.reacts(said, "🎉"))
    world.do(maria.reacts(said, "✅"))

    heard = world.hears(AnswerAccepted, f":{said.id}/")
    assert (heard.author.name, heard.message_id) == ("Maria", str(said.id))


def test_a_mark_that_is_taken_back_is_heard(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    said = world.do(paul.says(help_, "With the button."))
    world.do(maria.reacts(said, "✅"))
    mark = world.hears(AnswerAccepted, f":{said.id}/")

    world.do(maria.unreacts(said, "✅"))

    back = world.hears(MarkTakenBack, f":{said.id}/")
    assert (back.mark_id, back.author.member_id) == (mark.event_id, mark.author.member_id)
    assert back.message_id == mark.message_id


@pytest.mark.parametrize("emoji", ["", "✅"])
def test_marks_that_a_moderator_clears_are_taken_back(
    world: World, maria: Person, paul: Person, help_: Channel, emoji: str
) -> None:
    said = world.do(paul.says(help_, "With the button."))
    world.do(maria.reacts(said, "✅"))
    world.hears(AnswerAccepted, f":{said.id}/")

    world.server.call(lambda: world.server.clear_reactions(said, emoji))

    assert world.hears(MarkTakenBack, f":{said.id}/").author.name == "Maria"


CLOSINGS: dict[str, Callable[[DiscordServer, Channel], object]] = {
    "tagged": lambda server, thread: server.tag(thread, "solved"),
    "renamed": lambda server, thread: server.backend.edit_channel(
        thread.id, {"name": "[Solved] How do I?"}
    ),
    "locked": lambda server, thread: server.archive(thread, locked=True),
    "archived": lambda server, thread: server.archive(thread),
}


@pytest.mark.parametrize("how", CLOSINGS)
def test_a_post_that_people_close_is_one_about_which_nobody_else_is_asked(
    world: World, maria: Person, how: str
) -> None:
    forum = world.server.call(lambda: world.server.forum("posts", tags=["solved", "tax"]))
    post = world.do(maria.posts(forum, "Year end", "How do I close?"))
    world.hears(MessagePosted, f":{post.id}")

    world.server.call(lambda: CLOSINGS[how](world.server, post))

    heard = world.hears(AskingEnded, f":{post.id}:closed/")
    assert heard.place == open_place(world, forum).in_thread(str(post.id))


def test_a_post_that_people_tag_or_rename_otherwise_stays_open(world: World, maria: Person) -> None:
    server = world.server
    forum = server.call(lambda: server.forum("posts", tags=["solved", "tax"]))
    post = world.do(maria.posts(forum, "Year end", "How do I close?"))

    server.call(lambda: server.tag(post, "tax"))
    server.call(
        lambda: server.backend.edit_channel(post.id, {"name": "Solved? How do I close this"})
    )

    world.says(maria, post, "Anybody?")
    assert not [e for e in world.heard if isinstance(e, AskingEnded) and str(post.id) in e.event_id]


def test_who_comes_to_a_private_thread_and_leaves_it_is_heard(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    server = world.server
    may = server.call(lambda: server.role("Whisperers", "create_private_threads"))
    world.do(maria.gets(may))
    thread = world.do(maria.starts_thread(help_, "psst", private=True))
    server.call(lambda: server.backend.add_thread_member(thread.id, server.bot.id))

    server.call(lambda: server.backend.add_thread_member(thread.id, paul.id))
    came = world.hears(MemberJoined, f":{thread.id}:joined/{paul.id}/")
    server.call(lambda: server.backend.remove_thread_member(thread.id, paul.id))

    gone = world.hears(MemberLeft, f":{thread.id}:left/{paul.id}/")
    assert came.place == gone.place
    assert gone.place.channel == str(thread.id)


def test_who_comes_and_goes_is_heard(world: World) -> None:
    tom = world.server.call(lambda: world.server.user("Tom"))

    world.do(tom.leaves())

    assert world.hears(MemberJoined, f"joined/{tom.id}/").author.name == "Tom"
    assert world.hears(MemberLeft, f"left/{tom.id}/").author.name == "Tom"


# What is pressed


PRESSED: dict[Action, type[Event]] = {
    Action.SOLVED: AnswerAccepted,
    Action.PERSON: HelpRequested,
    Action.CLAIM: QuestionClaimed,
    Action.REFUSE: TopicRefused,
}


@pytest.mark.parametrize("action", PRESSED)
def test_buttons_are_about_their_thread(
    world: World, maria: Person, help_: Channel, action: Action
) -> None:
    place = open_place(world, help_)
    about = place.in_thread("4711")
    shown = world.shows(
        OutgoingMessage(f"b/{action}", place, Reply("Hm.", actions=(action,)), about=about)
    )
    name = f"sb:{action}:{about.workspace}:{about.channel}:4711"

    result = world.do(maria.presses(shown, custom_id=name))

    assert result.acknowledged
    heard = world.hears(PRESSED[action], f":4711/{action}/")
    assert getattr(heard, "place", None) == about


def test_somebody_is_passed_on_to(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    place = open_place(world, help_)
    shown = world.shows(
        OutgoingMessage(
            "p", place, Reply("Hm.", actions=(Action.PASS_TO,)), about=place.in_thread("1")
        )
    )

    world.do(maria.chooses(shown, paul))

    heard = world.hears(QuestionPassed, ":1/to/")
    assert heard.to is not None
    assert (heard.to.user_id, heard.to.name) == (str(paul.id), "Paul")


def test_who_asked_alone_chooses_the_channel_in_which_the_group_is_asked(
    world: World, maria: Person, help_: Channel
) -> None:
    place = direct_place(author(maria)).in_thread("4712")
    shown = world.shows(OutgoingMessage("s", place, Reply("Hm.", actions=(Action.SHARE,))))

    world.do(maria.chooses(shown, "#help"))

    assert world.hears(QuestionShared, ":4712/in/").to == open_place(world, help_)


# What is typed


def test_a_question_by_command_is_answered_to_the_one_who_typed_it(
    world: World, maria: Person, help_: Channel
) -> None:
    known = len(world.server.call(lambda: maria.sees(help_)))
    world.do(maria.runs("ask", help_, question="How do I post?"))
    heard = _last(world, MessagePosted, ":ask.")
    place = heard.place.in_thread(heard.message_id)

    world.shows(OutgoingMessage("a/1", place, Reply("Hm.", actions=(Action.SHARE,))))
    world.shows(OutgoingMessage("a/2", place, Reply("And so on.")))

    assert heard.text == "How do I post?"
    alone = world.server.call(lambda: maria.sees(help_))[known:]
    assert len(alone) == 2
    world.do(maria.presses(alone[0], "Ask the group"))
    assert world.hears(QuestionShared, "/share/").to == open_place(world, help_)


PAGES = {
    "experts": Inquiry.EXPERTS,
    "home": Inquiry.HOME,
    "me": Inquiry.HOME,
    "help": Inquiry.HELP,
}


@pytest.mark.parametrize("command", PAGES)
def test_commands_ask_for_pages(world: World, maria: Person, help_: Channel, command: str) -> None:
    world.do(maria.runs(command, help_))

    heard = _last(world, Inquired, ":ask.")
    assert heard.about is PAGES[command]
    assert heard.channel == open_place(world, help_)


def test_what_is_chosen_about_oneself_is_typed_or_filled_in(
    world: World, maria: Person, help_: Channel
) -> None:
    world.do(maria.runs("me", help_, change="budget 2"))
    assert _last(world, ProfileChanged, "").text == "budget 2"
    form = ProfileForm(Availability())
    page = Page((Section("How I am asked", form=form),))
    shown = world.shows(OutgoingMessage("home", direct_place(author(maria)), Reply("", page=page)))
    world.do(maria.presses(shown, "When I'm asked …"))
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    world.do(maria.submits({"At most so many times a week": "3", "On these days": days}))

    world.until(lambda: _last(world, ProfileChanged, "").text == "budget 3")


def asked_alone(world: World, who: Person, channel: Channel, number: str) -> Message:
    """Let somebody ask by command, and be offered to ask the group."""
    world.do(who.runs("ask", channel, question="How do I post?"))
    place = _last(world, MessagePosted, ":ask.").place
    thread = place.in_thread(_last(world, MessagePosted, ":ask.").message_id)
    reply = Reply("Hm.", actions=(Action.SHARE,))
    return world.shows(OutgoingMessage(f"alone/{number}", thread, reply))


def last_seen(world: World, who: Person, channel: Channel) -> Message:
    return world.server.call(lambda: who.sees(channel))[-1]


def test_where_the_bot_may_not_write_other_channels_are_proposed_at_once(
    world: World, maria: Person, help_: Channel
) -> None:
    closed = world.server.call(lambda: world.server.channel("shut", bot=False))
    shown = asked_alone(world, maria, closed, "shut")

    world.do(maria.presses(shown, "Ask the group"))
    world.until(lambda: last_seen(world, maria, closed).id != shown.id)
    proposed = last_seen(world, maria, closed)

    assert not [
        e
        for e in world.heard
        if isinstance(e, QuestionShared)
        and "/share/" in e.event_id
        and e.to.channel == str(closed.id)
    ]
    world.do(maria.chooses(proposed, "#help"))
    assert world.hears(QuestionShared, "/in/")
    assert _last(world, QuestionShared, "/in/").to == open_place(world, help_)


def test_a_message_where_the_bot_may_not_write_is_not_taken(
    world: World, maria: Person, paul: Person
) -> None:
    closed = world.server.call(lambda: world.server.channel("shut", bot=False))
    said = world.do(maria.says(closed, "The printer is silent"))

    world.do(paul.uses("Ask the group", said))

    assert last_seen(world, paul, closed).content.startswith("I can't see this channel")
    assert not [e for e in world.heard if e.event_id.endswith(f":{said.id}/asked")]


def test_what_is_asked_for_somebody_in_a_forum_is_a_post_named_by_their_words(
    world: World, maria: Person, paul: Person
) -> None:
    forum = world.server.call(lambda: world.server.forum("wishes", tags=["solved"]))
    post = world.do(paul.posts(forum, "Printer", "It hums."))
    shown = asked_alone(world, maria, post, "forum")

    world.do(maria.presses(shown, "Ask the group"))

    world.until(lambda: _last(world, QuestionShared, "/share/").to.channel == str(forum.id))
    to = _last(world, QuestionShared, "/share/").to
    asked = Asked(author(maria), "How do I post?", asked_here_at=datetime.now(UTC))
    opened = world.shows(OutgoingMessage("shared/1", to, Reply("Maria asks:", asked=asked)))
    thread = world.server.call(lambda: world.server.backend.channels[opened.id])
    assert (thread.name, thread.parent_id) == ("How do I post?", forum.id)
    link = world.adapter.url_of(to, str(opened.id))
    assert link.endswith(f"/{thread.id}/{opened.id}")
    again = world.shows(
        OutgoingMessage("shared/1", to, Reply("Maria asks:", asked=asked)), attempt=2
    )
    assert again.id == opened.id


def test_the_menu_of_a_message_makes_it_a_question(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    said = world.do(maria.says(help_, "The printer is silent"))

    world.do(paul.uses("Ask the group", said))

    heard = world.hears(MessagePosted, f":{said.id}/asked")
    assert heard.is_addressed
    assert heard.author.name == "Maria"


def test_a_maintainer_chooses_to_what_the_bot_listens(world: World, help_: Channel) -> None:
    server = world.server
    vera = server.call(lambda: server.user("Vera", roles=[server.role("Keepers", "manage_guild")]))
    world.do(vera.runs("settings", help_))
    assert _last(world, Inquired, ":ask.").about is Inquiry.SETTINGS
    form = ListeningForm(open_place(world, help_), Listening.QUESTIONS)
    page = Page((Section("Settings", form=form),))
    shown = world.shows(
        OutgoingMessage("settings", direct_place(author(vera)), Reply("", page=page))
    )

    world.do(vera.chooses(shown, "mentions"))

    heard = world.hears(ChannelConfigured, "/listen/")
    assert heard.listening is Listening.MENTIONS
    assert heard.place == open_place(world, help_)


def test_what_cannot_be_stored_is_said_to_who_typed_it(
    world: World, maria: Person, help_: Channel
) -> None:
    world.is_broken = True
    world.do(maria.runs("ask", help_, question="How do I post?"))
    world.is_broken = False

    alone = world.server.call(lambda: maria.sees(help_))[-1]
    assert "Please try again in a minute" in alone.content


# What was missed


def test_what_was_missed_is_heard_and_what_was_answered_is_late(
    world: World, maria: Person, paul: Person, help_: Channel
) -> None:
    server = world.server
    world.do(maria.says(maria.dm, "Hm"))
    world.until((world.home / "discord-direct.txt").exists)
    world.end()
    day_ago = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    (world.home / "discord-heard.txt").write_text(day_ago)
    open_ = world.do(maria.says(help_, "How do I post?"))
    answered = world.do(maria.says(help_, "How do I print?"))
    world.do(paul.replies(answered, "With the button."))
    threaded = world.do(maria.says(help_, "How do I paint?"))
    thread = world.do(paul.starts_thread(threaded, "painting"))
    brush = world.do(paul.says(thread, "With a brush."))
    world.do(maria.reacts(brush, "✅"))
    server.call(lambda: server.archive(thread))
    alone = world.do(maria.says(maria.dm, "How do I pay?"))
    (world.home / "discord-commands.txt").unlink()

    world.begin()

    assert not world.hears(MessagePosted, f":{open_.id}").is_late
    assert world.hears(MessagePosted, f":{answered.id}").is_late
    assert world.hears(MessagePosted, f":{threaded.id}").is_late
    assert world.hears(MessagePosted, f":{brush.id}").place.thread == str(threaded.id)
    assert world.hears(AnswerAccepted, f":{brush.id}/")
    assert world.hears(MessagePosted, f":{alone.id}").place == direct_place(author(maria))


def test_a_server_that_was_unavailable_is_caught_up_with_when_it_is_back(
    world: World, maria: Person, help_: Channel
) -> None:
    server = world.server
    world.says(maria, help_, "Is anybody there?")
    server.call(lambda: server.gateway.begin_outage(server.guild.id))
    missed = world.do(maria.says(help_, "How do I drain the pond?"))

    server.call(lambda: server.gateway.end_outage(server.guild.id))

    assert world.hears(MessagePosted, f":{missed.id}").text == "How do I drain the pond?"


def test_a_server_that_is_unavailable_at_the_login_is_caught_up_with_from_before_it(
    world: World, maria: Person, help_: Channel
) -> None:
    server = world.server
    world.says(maria, help_, "Is anybody there?")
    world.end()
    missed = world.do(maria.says(help_, "How do I fill the pond?"))
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    (world.home / "discord-heard.txt").write_text(hour_ago)
    with server.clock.at(datetime.now(UTC) - timedelta(minutes=40)):
        long_ago = world.do(maria.says(help_, "How do I skate on the pond?"))
    server.call(lambda: server.gateway.begin_outage(server.guild.id))
    (world.home / "discord-commands.txt").unlink()
    world.begin()
    world.until(lambda: (world.home / "discord-heard.txt").read_text() != hour_ago)

    server.call(lambda: server.gateway.end_outage(server.guild.id))

    assert world.hears(MessagePosted, f":{missed.id}")
    assert world.hears(MessagePosted, f":{long_ago.id}")
    world.until(lambda: (world.home / "discord-absent.txt").read_text() == "{}")


def test_a_server_that_the_bot_is_removed_from_is_one_in_which_nobody_is_asked(
    world: World,
) -> None:
    server = world.server

    server.call(lambda: server.remove_bot(server.guild))
    heard = world.hears(AskingEnded, f":{server.guild.id}:away/")
    server.call(lambda: server.return_bot(server.guild))

    assert heard.place == Place("discord", str(server.guild.id), "")
