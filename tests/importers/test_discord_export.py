import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers.archives import Problem
from supportbot.importers.discord_export import (
    Channel,
    open_export,
    read_message,
    read_messages,
)
from supportbot.importers.json_streams import Passed

POST = {
    "id": "500",
    "type": "GuildPublicThread",
    "categoryId": "100",
    "category": "help",
    "name": "Posting fails",
}
TEXT = {"id": "100", "type": "GuildTextChat", "categoryId": "1", "category": "A", "name": "help"}
CHANNEL = Channel("100", "help", "7")
THREAD = Channel("500", "Posting fails", "7", parent="100", is_thread=True)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def row(id_: str = "500", **fields: Any) -> dict[str, Any]:
    author = {"id": "11", "name": "maria", "nickname": "Maria", "isBot": False}
    said = {"timestamp": "2026-03-02T10:00:00.5+01:00", "content": "How do I post?"}
    return {"id": id_, "type": "Default", "author": author, **said, **fields}


def write(folder: Path, name: str, channel: object, *rows: object, guild: str = "7") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    value = {"guild": {"id": guild, "name": "G"}, "channel": channel, "messages": rows}
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read(path: Path) -> tuple[list[PastMessage], list[Problem], int]:
    passed = Passed()
    with open_export(path) as files:
        messages = list(read_messages(files, passed))
    return messages, files.problems, passed.rows


def read_one(channel: Channel = CHANNEL, **fields: Any) -> PastMessage:
    message = read_message(row(**fields), channel)
    assert message is not None
    return message


def test_a_forums_post_is_a_thread_of_its_channel_and_says_its_title(tmp_path: Path) -> None:
    reply = row("501", type="Reply", content="So.", reference={"messageId": "500"})
    path = write(tmp_path, "post.json", POST, row(), reply)

    (asked, answered), problems, rows = read(path)

    assert (problems, rows) == ([], 0)
    assert asked == PastMessage(
        place=Place("discord", "7", "100", "500"),
        message_id="500",
        author=Author("discord", "11", "Maria"),
        text="Posting fails\nHow do I post?",
        said_at=datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC),
        url="https://discord.com/channels/7/500/500",
        channel_name="help",
    )
    assert (asked.is_first, answered.is_first, answered.reply_to) == (True, False, "500")
    assert answered.text == "So."


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("Posting fails", "My  posting FAILS today", "My  posting FAILS today"),
        ("My posting fai…", "My posting fails", "My posting fails"),
        ("Posting fails", "", "Posting fails"),
    ],
)
def test_a_title_is_said_once(title: str, text: str, said: str) -> None:
    channel = Channel("500", title, "7", parent="100", is_thread=True)

    assert read_one(channel, content=text).text == said


def test_what_counts_as_open_is_said_unless_the_bot_knows_the_channel(tmp_path: Path) -> None:
    path = write(tmp_path, "help.json", TEXT, row("101"))

    with open_export(path) as files:
        unknown, known = Passed(), Passed()
        list(read_messages(files, unknown))
        list(read_messages(files, known, known={"100"}))

    assert known.remarks == []
    assert "the bot does not know it yet of help: what was said there may be" in unknown.remarks[0]


def test_a_thread_that_does_not_tell_its_channel_stays_closed(tmp_path: Path) -> None:
    path = write(tmp_path, "post.json", {**POST, "categoryId": None}, row())

    with open_export(path) as files:
        passed = Passed()
        (message,) = read_messages(files, passed)

    assert message.place == Place("discord", "7", "500", "500", is_private=True)
    assert "in which channel the threads Posting fails are, so they stay" in passed.remarks[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_export_may_be_saved_by_windows(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "help.json", TEXT, row("101", content="Gr\u00fc\u00dfe"))
    path.write_bytes(path.read_text().encode(encoding))

    (message,), problems, _ = read(path)

    assert (message.text, problems) == ("Gr\u00fc\u00dfe", [])


def empties(path: Path) -> tuple[int, list[str]]:
    with open_export(path) as files:
        passed = Passed()
        messages = list(read_messages(files, passed, known={"100"}))
    return len(messages), passed.remarks


def test_an_export_without_contents_says_how_to_get_them(tmp_path: Path) -> None:
    rows = [row(str(number), content="") for number in range(101, 104)]
    path = write(tmp_path, "help.json", TEXT, *rows)

    count, (told,) = empties(path)

    assert count == 0
    assert told.startswith("3 messages are empty, of 3, and stayed out: ")
    assert "Switch the Message Content intent on" in told


def test_a_post_without_contents_is_empty_although_it_has_a_title(tmp_path: Path) -> None:
    path = write(tmp_path, "post.json", POST, row(content=""))

    assert empties(path)[0] == 0


def test_a_few_empty_messages_are_counted_and_no_more(tmp_path: Path) -> None:
    said = [row(str(number)) for number in range(102, 105)]
    path = write(tmp_path, "help.json", TEXT, row("101", content=""), *said)

    assert empties(path) == (3, ["1 message is empty and stayed out, of 4."])


def test_stickers_are_named() -> None:
    assert read_one(content="", stickers=[{"name": "wave"}, {}]).text == "[sticker: wave]"


def test_a_forwarded_message_is_quoted_and_no_reply() -> None:
    forwarded = {"content": "Press Reopen.\nThen post.", "attachments": [], "embeds": []}

    message = read_one(
        content="Look:",
        reference={"type": "Forward", "messageId": "9", "channelId": "8"},
        forwardedMessage=forwarded,
    )

    assert message.text == "Look:\n> Press Reopen.\n> Then post."
    assert message.reply_to == ""


def test_a_forwarded_file_is_named() -> None:
    forwarded = {"content": "", "attachments": [{"fileName": "log.txt"}]}

    assert read_one(content="", forwardedMessage=forwarded).text == "> [file: log.txt]"


def test_a_message_without_content_says_what_its_embeds_say() -> None:
    embed = {"title": "Ticket 7", "description": "The portal is down."}

    assert read_one(content="", embeds=[embed]).text == "Ticket 7\nThe portal is down."


def test_messages_of_a_text_channel_stand_in_no_thread(tmp_path: Path) -> None:
    path = write(tmp_path, "help.json", TEXT, row("101"))

    (message,), _, _ = read(path)

    assert message.place == Place("discord", "7", "100")
    assert message.text == "How do I post?"


def test_a_message_that_a_thread_hangs_on_is_the_threads_first(tmp_path: Path) -> None:
    write(tmp_path, "b.json", TEXT, row("101"), row("500"))
    write(tmp_path, "a.json", POST, row("21", type="21"), row("501", content="So."))

    messages, _, _ = read(tmp_path)

    assert [message.place.thread for message in messages] == [None, "500", "500"]
    assert messages[1].key == messages[2].place.key


def test_a_private_thread_is_a_closed_channel_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "p.json", {**POST, "type": "GuildPrivateThread"}, row("501"))

    (message,), _, _ = read(path)

    assert message.place == Place("discord", "7", "500", "500", is_private=True)


def test_direct_messages_stay_out(tmp_path: Path) -> None:
    write(tmp_path, "dm.json", {"id": "9", "type": "DirectTextChat"}, row())
    write(tmp_path, "help.json", TEXT, row("101"))

    messages, problems, _ = read(tmp_path)

    assert len(messages) == 1
    assert problems == [Problem("dm.json", "holds direct messages: they stay out.")]


@pytest.mark.parametrize("kind", ["DM", 1, "1", "GroupDM", "Unknown", "", "directTextChat"])
def test_what_no_server_holds_is_a_direct_conversation(tmp_path: Path, kind: object) -> None:
    write(tmp_path, "dm.json", {"id": "9", "type": kind}, row(), guild="0")
    write(tmp_path, "help.json", TEXT, row("101"))

    messages, _, _ = read(tmp_path)

    assert len(messages) == 1


@pytest.mark.parametrize("kind", ["PrivateThread", "12", 12, "guildPrivateThread"])
def test_a_private_thread_stays_closed_however_its_type_is_written(
    tmp_path: Path, kind: object
) -> None:
    write(tmp_path, "thread.json", {"id": "9", "type": kind, "categoryId": "5"}, row())

    (message,), _, _ = read(tmp_path)

    assert message.place.is_private


@pytest.mark.parametrize(
    "author", [{"id": "456226577798135808"}, {"id": "7", "name": "deleted_user_12ab34cd"}]
)
def test_whose_account_is_gone_has_left(tmp_path: Path, author: dict[str, str]) -> None:
    write(tmp_path, "help.json", TEXT, row(author={"name": "Deleted User", **author}))

    (message,), _, _ = read(tmp_path)

    assert message.has_left


def test_a_zip_a_folder_and_a_file_say_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "export", "post.json", POST, row())
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(path, "post.json")

    assert read(path) == read(path.parent) == read(tmp_path / "export.zip")


def test_messages_that_were_exported_backwards_come_in_the_order_of_time(tmp_path: Path) -> None:
    later = row("102", timestamp="2026-03-02T12:00:00+00:00")
    path = write(tmp_path, "help.json", TEXT, later, row("101"))

    assert [message.message_id for message in read(path)[0]] == ["101", "102"]


def test_the_parts_of_a_channel_come_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, "a [part 2].json", TEXT, row("102", timestamp="2026-03-03T12:00:00+00:00"))
    write(tmp_path, "b [part 1].json", TEXT, row("101"))

    assert [message.message_id for message in read(tmp_path)[0]] == ["101", "102"]


def test_joining_pinning_and_renaming_are_nobodys_messages(tmp_path: Path) -> None:
    kinds = ["ChannelNameChange", "ChannelPinnedMessage", "GuildMemberJoin", "20", None]
    path = write(tmp_path, "help.json", TEXT, *[row("101", type=kind) for kind in kinds])

    assert read(path) == ([], [], 0)


def test_bots_mentions_files_and_marks_are_read() -> None:
    checked = {"emoji": {"name": "✔️"}, "users": [{"id": "11"}, {"id": "12"}]}
    hearts = {"emoji": {"name": "❤️"}, "users": [{"id": "13"}]}
    uncounted = {"emoji": {"name": "✅"}, "count": 1}
    message = read_one(
        content="",
        author={"id": "12", "name": "helper", "nickname": None, "isBot": True},
        mentions=[{"id": "11"}, {"name": "nobody"}, "junk"],
        attachments=[{"fileName": "log.txt"}],
        reactions=[checked, hearts, uncounted],
    )

    assert message.is_bot
    assert message.author.name == "helper"
    assert message.mentions == ("11",)
    assert message.text == "[file: log.txt]"
    assert message.approved_by == ("11", "12")


@pytest.mark.parametrize(
    "broken",
    [
        row("x"),
        row(timestamp="yesterday"),
        row(timestamp=5),
        row(content=["How?"]),
        row(author={"name": "maria"}),
        row(author="maria"),
        "a word",
        None,
    ],
)
def test_a_row_that_is_no_message_is_counted_and_passed_over(
    tmp_path: Path, broken: object
) -> None:
    path = write(tmp_path, "help.json", TEXT, broken, row("101"))

    messages, problems, rows = read(path)

    assert ([message.message_id for message in messages], problems, rows) == (["101"], [], 1)


def test_a_file_that_is_broken_half_way_is_named_and_what_came_before_counts(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "help.json", TEXT, row("101"), row("102"))
    path.write_text(path.read_text()[:-30])

    messages, (problem,), _ = read(path)

    assert [message.message_id for message in messages] == ["101"]
    assert problem.message.startswith("is no JSON from some point on (")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"messages": []}', "{" * 99, "<html>"])
def test_other_json_in_the_folder_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content)
    write(tmp_path, "help.json", TEXT, row("101"))

    messages, (problem,), _ = read(tmp_path)

    assert (len(messages), problem.name) == (1, "other.json")


def test_a_folder_without_an_export_is_refused_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "help.html").write_text("<html>")
    (tmp_path / "other.json").write_text("{}")

    with pytest.raises(SupportbotError) as error:
        read(tmp_path)

    assert 'other.json: is no JSON of DiscordChatExporter: it does not begin with "guild"' in str(
        error.value
    )
    assert "has no JSON file of DiscordChatExporter that can be read" in str(error.value)


@pytest.mark.slow
@given(JUNK, st.sampled_from(sorted({*row(), "reactions", "mentions", "reference", "attachments"})))
@settings(deadline=None)
def test_no_junk_in_a_row_makes_reading_fail(junk: object, name: str) -> None:
    message = read_message({**row(), name: junk}, THREAD)

    assert message is None or isinstance(message.text, str)
    assert read_message(junk, THREAD) is None
