import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.adapter_kit.slack_markup import plain_text
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers import json_streams
from supportbot.importers.archives import Problem, open_folder
from supportbot.importers.json_streams import Passed
from supportbot.importers.slack_export import read_message, read_messages
from supportbot.importers.slack_workspace import Channel, Workspace

USERS: list[dict[str, Any]] = [
    {"id": "U1", "team_id": "T1", "name": "maria", "profile": {"display_name": "Maria"}},
    {"id": "U2", "team_id": "T1", "name": "paul", "real_name": "Paul Jones", "profile": {}},
    {"id": "U9", "team_id": "T1", "name": "helper", "is_bot": True},
]
CHANNELS: list[dict[str, Any]] = [{"id": "C1", "name": "help"}]
FIRST, SECOND, THIRD = "1772442000.000100", "1772442060.000200", "1772528400.000300"
WORKSPACE = Workspace("T1", {"U1": "Maria", "U2": "Paul"})
HELP = Channel("C1", "help")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def row(ts: str = FIRST, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": "How do I post?", "ts": ts, **fields}


def write(folder: Path, name: str, value: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    write(folder, "users.json", USERS)
    write(folder, "channels.json", CHANNELS)
    return folder


def read(path: Path) -> tuple[list[PastMessage], list[Problem], int]:
    passed = Passed()
    with open_folder(path) as files:
        messages = list(read_messages(files, passed))
    return messages, files.problems, passed.rows


def read_one(**fields: Any) -> PastMessage:
    message = read_message(row(**fields), WORKSPACE, HELP)
    assert message is not None
    return message


def zipped(folder: Path, within: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, within + file.relative_to(folder).as_posix())
    return path


def test_a_thread_is_read_with_its_place_authors_and_moments(export: Path) -> None:
    write(
        export,
        "help/2026-03-02.json",
        [row(thread_ts=FIRST), row(SECOND, user="U2", text="So.", thread_ts=FIRST)],
    )

    messages, problems, rows = read(export)

    asked, answered = messages
    assert (problems, rows) == ([], 0)
    assert asked == PastMessage(
        place=Place("slack", "T1", "C1", FIRST),
        message_id=FIRST,
        author=Author("slack", "U1", "Maria"),
        text="How do I post?",
        said_at=datetime(2026, 3, 2, 9, 0, 0, 100, tzinfo=UTC),
        url=f"https://slack.com/app_redirect?team=T1&channel=C1&message_ts={FIRST}",
        channel_name="help",
    )
    assert (asked.is_first, answered.is_first) == (True, False)
    assert answered.author == Author("slack", "U2", "Paul Jones")
    assert answered.url.endswith(f"&message_ts={SECOND}&thread_ts={FIRST}")


@pytest.mark.parametrize("within", ["", "our export/"])
def test_a_zip_says_the_same_as_its_folder(export: Path, within: str) -> None:
    write(export, "help/2026-03-02.json", [row(), row(SECOND)])

    assert read(zipped(export, within)) == read(export)


def test_all_channels_are_read_day_by_day_in_the_order_of_time(export: Path) -> None:
    write(export, "help/2026-03-03.json", [row(THIRD)])
    write(export, "help/2026-03-02.json", [row(SECOND)])
    write(export, "other/2026-03-02.json", [row(FIRST)])

    messages, _, _ = read(export)

    assert [message.message_id for message in messages] == [FIRST, SECOND, THIRD]


def test_a_day_that_is_too_long_to_be_held_is_read_all_the_same(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_streams, "_WAITING_LETTERS", 30)
    write(export, "help/2026-03-02.json", [row(f"177244200{n}.000000") for n in range(9)])

    messages, _, _ = read(export)

    assert [message.message_id[9] for message in messages] == list("012345678")


def test_private_channels_are_private_and_direct_messages_stay_out(export: Path) -> None:
    write(export, "groups.json", [{"id": "G1", "name": "board"}])
    write(export, "dms.json", [{"id": "D1", "members": ["U1", "U2"]}])
    write(export, "mpims.json", [{"id": "G2", "name": "three-of-us"}])
    for folder in ("help", "board", "D1", "three-of-us", "mpdm-a--b-1", "D012345678", "unlisted"):
        write(export, f"{folder}/2026-03-02.json", [row()])

    messages, _, _ = read(export)

    private = {message.place.channel: message.place.is_private for message in messages}
    assert private == {"C1": False, "G1": True, "unlisted": True}


def test_without_its_lists_an_export_names_channels_and_people_itself(tmp_path: Path) -> None:
    profile = {"display_name": "", "real_name": "Maria Lind"}
    write(tmp_path, "help/2026-03-02.json", [row(user_profile=profile, team="T7")])

    (message,), problems, _ = read(tmp_path)

    assert problems == []
    assert message.place == Place("slack", "T7", "help")
    assert message.author.name == "Maria Lind"


def test_what_slack_says_of_joining_and_renaming_is_nobodys_message(export: Path) -> None:
    subtypes = ["channel_join", "channel_topic", "pinned_item", "tombstone", "message_deleted"]
    rows = [row(subtype=subtype) for subtype in subtypes]
    write(export, "help/2026-03-02.json", [*rows, row(hidden=True), {"type": "event"}])

    assert read(export) == ([], [], 0)


@pytest.mark.parametrize("subtype", ["me_message", "file_share", "thread_broadcast"])
def test_what_people_say_in_other_ways_counts(subtype: str) -> None:
    assert not read_one(subtype=subtype, thread_ts=SECOND).is_bot


@pytest.mark.parametrize(
    "fields",
    [
        {"subtype": "bot_message", "user": None, "username": "CI"},
        {"bot_id": "B1"},
        {"user": "USLACKBOT"},
    ],
)
def test_bots_are_known_as_bots(fields: dict[str, Any]) -> None:
    assert read_one(**fields).is_bot


def test_what_people_say_through_an_app_is_theirs(export: Path) -> None:
    write(export, "help/2026-03-02.json", [row(bot_id="B1")])

    assert not read(export)[0][0].is_bot


def test_a_user_who_is_a_bot_is_known_as_one(export: Path) -> None:
    write(export, "help/2026-03-02.json", [row(user="U9")])

    assert read(export)[0][0].is_bot


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<@U1> and <@U7|zoe>, <@U8>", "@Maria and @zoe, @U8"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<https://a.example/b|the page>", "the page (https://a.example/b)"),
        ("<https://a.example/b>", "https://a.example/b"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<!here> <!subteam^S1|@admins> <!date^1^{date}|today>", "@here @admins today"),
        ("a &lt; b &amp;&amp; c &gt; d &amp;lt;", "a < b && c > d &lt;"),
        ("```\nif x:\n  y()\n```", "```\nif x:\n  y()\n```"),
    ],
)
def test_text_reads_as_people_read_it(marked: str, plain: str) -> None:
    assert plain_text(marked, {"U1": "Maria"}) == plain


def test_channels_are_called_by_the_names_of_the_list(export: Path) -> None:
    write(export, "help/2026-03-02.json", [row(text="See <#C1>, <#C1|>, <#C7|>.")])

    assert read(export)[0][0].text == "See #help, #help, #C7."


def test_mentions_keep_their_ids() -> None:
    assert read_one(text="<@U2> <@U3|zoe> <@U2> <!here>").mentions == ("U2", "U3")


def test_a_files_name_stands_for_a_message_without_words() -> None:
    files = [{"name": "log.txt"}, {"title": "Screen"}, "junk", {}]

    assert read_one(text="", files=files).text == "[file: log.txt]\n[file: Screen]"
    assert read_one(text="See", files=files).text == "See"


def test_words_in_blocks_and_forwarded_messages_are_read() -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Look:"}]}
    forwarded = {"is_share": True, "author_name": "Bruno", "text": "Clear the cache."}
    blocks = [{"type": "rich_text", "elements": [section]}]

    message = read_one(text="", blocks=blocks, attachments=[forwarded])

    assert message.text == "Look:\n> Clear the cache.\n> — Bruno"


def test_those_who_mark_a_message_as_the_solution_are_known() -> None:
    reactions = [
        {"name": "white_check_mark", "users": ["U1", "U2"]},
        {"name": "heavy_check_mark", "users": ["U1", 7]},
        {"name": "eyes", "users": ["U3"]},
    ]

    assert read_one(reactions=reactions).approved_by == ("U1", "U2")


def test_an_old_exports_first_message_is_known_by_its_replies() -> None:
    assert read_one(replies=[{"user": "U2", "ts": SECOND}]).place.thread == FIRST
    assert read_one().place.thread is None


@pytest.mark.parametrize(
    "broken",
    [
        row(ts="yesterday"),
        row(ts="99999999999.0"),
        row(ts="١٧٧٢٤٤٢٠٠٠.000100"),
        {**row(), "ts": 1772442000.1},
        row(text=["How?"]),
        row(user=None),
        row(user={}),
        "a word",
        None,
    ],
)
def test_a_row_that_is_no_message_is_counted_and_passed_over(export: Path, broken: object) -> None:
    write(export, "help/2026-03-02.json", [broken, row()])

    messages, problems, rows = read(export)

    assert ([message.message_id for message in messages], problems, rows) == ([FIRST], [], 1)


def test_a_file_that_is_broken_half_way_is_named_and_what_came_before_counts(export: Path) -> None:
    write(export, "help/2026-03-02.json", json.dumps([row(), row(SECOND)])[:-20])
    write(export, "help/2026-03-03.json", [row(THIRD)])

    messages, (problem,), _ = read(export)

    assert [message.message_id for message in messages] == [FIRST, THIRD]
    assert problem.name == "help/2026-03-02.json"
    assert problem.message.startswith("is no JSON from some point on (")


@pytest.mark.parametrize("content", ["", "{}", "null", "[", "\x00", '["a", {]', "[" * 100_000])
def test_whatever_a_day_holds_the_other_days_come_in(export: Path, content: str) -> None:
    write(export, "help/2026-03-02.json", content)
    write(export, "help/2026-03-03.json", [row(THIRD)])

    assert [message.message_id for message in read(export)[0]] == [THIRD]


def test_a_value_that_is_too_large_is_not_taken_into_memory(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_streams, "MOST_OF_A_VALUE", 100_000)
    write(export, "help/2026-03-02.json", [row(text="x" * 500_000)])

    messages, (problem,), _ = read(export)

    assert messages == []
    assert "holds a value of more than 100,000 bytes" in problem.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_export_may_be_saved_by_windows(tmp_path: Path, encoding: str) -> None:
    said = [row(text="Gr\u00fc\u00dfe \U0001f600 " * 20_000), row(SECOND)]
    for name, value in {"users": USERS, "channels": CHANNELS, "help/2026-03-02": said}.items():
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(json.dumps(value, ensure_ascii=False).encode(encoding))

    messages, problems, _ = read(tmp_path)

    assert problems == []
    assert [message.author.name for message in messages] == ["Maria", "Maria"]
    assert messages[0].text.startswith("Gr\u00fc\u00dfe \U0001f600 Gr\u00fc")


@pytest.mark.parametrize("data", [b'[{"text": "Gr\xfc\xdfe"}]', b"\xff\xfe[\0{\0\x00\xd8"])
def test_a_file_in_another_encoding_is_told(export: Path, data: bytes) -> None:
    (export / "help").mkdir()
    (export / "help" / "2026-03-02.json").write_bytes(data)

    _, (problem,), _ = read(export)

    assert problem.message.startswith("this is neither UTF-8 nor UTF-16.")


def test_lists_that_are_broken_cost_the_names_and_not_the_messages(export: Path) -> None:
    write(export, "users.json", "[{")
    write(export, "help/2026-03-02.json", [row(team="T1")])

    (message,), (problem,), _ = read(export)

    assert (message.author.name, problem.name) == ("U1", "users.json")


def test_a_second_export_in_the_folder_is_named(export: Path) -> None:
    write(export, "help/2026-03-02.json", [row()])
    write(export, "older/export/help/2026-03-02.json", [row(SECOND)])

    messages, problems, _ = read(export)

    assert len(messages) == 1
    assert problems == [Problem("older/export/", "lies apart from the export in the top folder.")]


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("?")

    with pytest.raises(SupportbotError, match=r"is no export of Slack's: it has no folder"):
        read(tmp_path)


def test_reading_tells_how_far_it_is(export: Path) -> None:
    told: list[tuple[int, int]] = []
    for day in ("02", "03"):
        write(export, f"help/2026-03-{day}.json", [row()])

    with open_folder(export) as files:
        list(read_messages(files, Passed(), lambda done, total: told.append((done, total))))

    assert told == [(1, 2), (2, 2)]


@pytest.mark.slow
@given(JUNK, st.sampled_from(sorted({*row(), "thread_ts", "reactions", "files", "user_profile"})))
@settings(deadline=None)
def test_no_junk_in_a_row_makes_reading_fail(junk: object, name: str) -> None:
    message = read_message({**row(), name: junk}, WORKSPACE, HELP)

    assert message is None or isinstance(message.text, str)


def test_whose_account_has_been_deactivated_has_left(export: Path) -> None:
    write(export, "users.json", [USERS[0], {**USERS[1], "deleted": True}])
    write(export, "help/2026-03-02.json", [row(), row(SECOND, user="U2")])

    messages, _, _ = read(export)

    assert [message.has_left for message in messages] == [False, True]


def test_a_mention_of_a_closed_channel_does_not_name_it(export: Path) -> None:
    write(export, "groups.json", [{"id": "C9", "name": "layoffs-2026"}])
    write(
        export, "help/2026-03-02.json", [row(text="Ask in <#C9>, <#C9|layoffs-2026>, or in <#C1>.")]
    )

    (message,), _, _ = read(export)

    assert "layoffs" not in message.text
    assert "#help" in message.text


@pytest.mark.parametrize(
    "fields",
    [
        {"user_profile": {"is_restricted": True}},
        {"user_profile": {"is_ultra_restricted": True}},
        {"user_profile": {"team": "T9"}},
        {"user_team": "E09ABC"},
        {"user_team": "T9"},
    ],
)
def test_whom_no_list_names_and_whose_message_says_so_is_an_outsider(fields: Any) -> None:
    assert read_one(user="U77", **fields).author.is_outsider


@pytest.mark.parametrize(
    "marks",
    [
        {"is_ext_shared": "true"},
        {"is_shared": True},
        {"shared_team_ids": ["T1", "T9"]},
        {"connected_team_ids": ["T9"]},
        {"pending_connected_team_ids": ["T9"]},
        {"pending_shared": ["T9"]},
        {"conversation_host_id": "T9"},
    ],
)
def test_a_channel_that_names_another_team_is_shared(export: Path, marks: Any) -> None:
    write(export, "channels.json", [CHANNELS[0] | marks])
    write(export, "help/2026-03-02.json", [row()])

    (message,), _, _ = read(export)

    assert message.place.is_shared


@pytest.mark.parametrize("marks", [{"is_private": 1}, {"is_private": "true"}, {"is_group": True}])
def test_a_mark_of_a_closed_channel_closes_it_however_it_is_written(
    export: Path, marks: Any
) -> None:
    write(export, "channels.json", [CHANNELS[0] | marks])
    write(export, "help/2026-03-02.json", [row()])

    (message,), _, _ = read(export)

    assert message.place.is_private


@pytest.mark.parametrize("marks", [{"is_workflow_bot": True}, {"profile": {"bot_id": "B1"}}])
def test_a_workflow_and_an_app_are_no_people(export: Path, marks: Any) -> None:
    write(export, "users.json", [USERS[0] | marks])
    write(export, "help/2026-03-02.json", [row()])

    (message,), _, _ = read(export)

    assert message.is_bot
