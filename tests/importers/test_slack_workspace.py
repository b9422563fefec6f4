import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest

from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers.archives import open_folder
from supportbot.importers.json_streams import Passed
from supportbot.importers.slack_export import read_messages
from supportbot.importers.slack_workspace import Known, checked, known_from

MOMENT = "1772442000.000100"
OURS = [{"id": f"U{n}", "team_id": "T1", "name": f"member{n}"} for n in range(3)]
THEIRS = {"id": "U9", "team_id": "T9", "name": "otto"}
HELP, STAFF = {"id": "C1", "name": "help"}, {"id": "C2", "name": "staff"}
NOTHING = Known()


def said(**fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U0", "text": "How do I post?", "ts": MOMENT, **fields}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return tmp_path / "export"


def write(folder: Path, name: str, value: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def export_of(folder: Path, *folders: str, **lists: object) -> Path:
    for name, rows in ({"users": OURS} | lists).items():
        write(folder, f"{name}.json", rows)
    for name in folders:
        write(folder, f"{name}/2026-03-02.json", [said()])
    return folder


def read(path: Path, known: Known = NOTHING) -> tuple[dict[str, bool], str]:
    """Return which channels came in as private, and what the person who imports is told."""
    passed = Passed()
    with open_folder(path) as files:
        places = [message.place for message in read_messages(files, passed, known=known)]
    return {place.channel: place.is_private for place in places}, " ".join(passed.remarks)


def workspace_of(path: Path, known: Known = NOTHING) -> str:
    with open_folder(path) as files:
        (message,) = read_messages(files, Passed(), known=known)
    return message.place.workspace


def test_people_of_another_company_do_not_decide_the_workspace(export: Path) -> None:
    export_of(export, "help", channels=[HELP], users=[THEIRS, *OURS])

    assert workspace_of(export) == "T1"


def test_messages_count_for_the_workspace_as_people_do(export: Path) -> None:
    foreign = [{**THEIRS, "id": f"U9{n}"} for n in range(5)]
    export_of(export, "other", channels=[HELP], users=[*foreign, *OURS])
    write(export, "other/2026-03-02.json", [said(team="T1", ts=f"{n}.1") for n in range(10, 20)])

    with open_folder(export) as files:
        places = {message.place.workspace for message in read_messages(files, Passed())}

    assert places == {"T1"}


def test_those_whom_slack_calls_strangers_do_not_count(export: Path) -> None:
    foreign = [{**THEIRS, "id": f"U9{n}", "is_stranger": True} for n in range(5)]
    export_of(export, "help", channels=[HELP], users=[*foreign, *OURS])

    assert workspace_of(export) == "T1"


@pytest.mark.parametrize(
    ("lists", "said_so"),
    [
        ({"users": [], "org_users": OURS}, "no message or person names it"),
        ({"users": [{"id": "U1", "team_id": "E0ORG"}]}, "no message or person names it"),
        ({"users": [OURS[0], THEIRS]}, "as much is of T1 as of T9"),
    ],
    ids=["people of an organisation", "an organisation", "two workspaces"],
)
def test_where_nobody_can_tell_the_workspace_it_is_asked_for(
    export: Path, lists: dict[str, object], said_so: str
) -> None:
    export_of(export, "help", channels=[HELP], **lists)

    with pytest.raises(SupportbotError, match=rf"{said_so}\. Give its id with --workspace"):
        workspace_of(export)


def test_a_workspace_that_is_given_counts(export: Path) -> None:
    export_of(export, "help", channels=[HELP])

    assert workspace_of(export, Known(workspace="T7")) == "T7"


def test_a_workspace_whose_channels_the_bot_knows_counts(export: Path) -> None:
    export_of(export, "help", channels=[HELP], users=[], org_users=OURS)

    assert workspace_of(export, known_from([Place("slack", "T3", "C1")])) == "T3"


@pytest.mark.parametrize("given", ["ours", "E0ORG", "t1", "T1/C1"])
def test_what_is_no_id_of_a_workspace_is_refused(given: str) -> None:
    with pytest.raises(SupportbotError, match=r"is not the id of a Slack workspace\. It begins"):
        checked(given)


def test_the_id_of_a_workspace_is_taken() -> None:
    assert checked("T0GROUP01") == "T0GROUP01"


def test_people_of_an_organisation_have_names(export: Path) -> None:
    people = [{"id": "U0", "name": "maria", "team_id": "E1"}]
    export_of(export, "help", channels=[HELP], users=[THEIRS], org_users=people)

    with open_folder(export) as files:
        (message,) = read_messages(files, Passed())

    assert message.author.name == "maria"


@pytest.mark.parametrize("there", ["groups", "dms", "mpims"])
def test_with_any_list_what_none_of_them_names_stays_closed_and_is_said(
    export: Path, there: str
) -> None:
    export_of(export, "board-old-name", **{there: []})

    channels, told = read(export)

    assert channels == {"board-old-name": True}
    assert "No list in the export names board-old-name." in told


def test_a_list_that_names_nothing_opens_nothing(export: Path) -> None:
    export_of(export, "help", channels=None)

    assert read(export)[0] == {"help": True}


def test_without_any_list_everything_counts_as_open_and_is_said(export: Path) -> None:
    export_of(export, "help", "staff")

    channels, told = read(export)

    assert channels == {"help": False, "staff": False}
    assert "no channels.json, so help, staff counts as open" in told


def test_without_any_list_nothing_opens_where_the_bot_knows_closed_channels(export: Path) -> None:
    export_of(export, "staff")

    channels, told = read(export, known_from([Place("slack", "T1", "C2", is_private=True)]))

    assert channels == {"staff": True}
    assert "so this stays closed too" in told


def test_conversations_about_a_file_stay_out(export: Path) -> None:
    listed = [{"id": "C7", "name": "FC:F05ABCDEF12:My notes"}, {"id": "C8", "name": "Canvas"}]
    folders = ("FC:F05ABCDEF12:My notes", "FC_F06ABCDEF12_Other notes", "C8", "help")
    export_of(export, *folders, channels=[HELP], file_conversations=listed)

    assert read(export) == ({"C1": False}, "")


def test_direct_messages_that_are_listed_as_channels_stay_out(export: Path) -> None:
    direct = [{"id": "C5", "name": "both", "is_mpim": True}, {"id": "D1", "is_im": True}]
    export_of(export, "help", "both", "D1", channels=[HELP, *direct])

    assert read(export)[0] == {"C1": False}


def test_what_is_private_in_any_list_is_private(export: Path) -> None:
    export_of(export, "help", "staff", channels=[HELP, {**STAFF, "is_private": True}])

    assert read(export)[0] == {"C1": False, "C2": True}


def test_a_channel_that_another_organisation_reads_is_not_shown_in_others(export: Path) -> None:
    export_of(export, "help", channels=[{**HELP, "is_ext_shared": True}])

    channels, told = read(export)
    with open_folder(export) as files:
        (message,) = read_messages(files, Passed())

    assert message.place.is_shared
    assert channels == {"C1": True}
    assert told.startswith("Another organisation reads help too.")


def test_of_two_channels_of_one_name_the_private_one_counts(export: Path) -> None:
    export_of(export, "help", channels=[HELP], groups=[{"id": "C2", "name": "help"}])

    assert read(export)[0] == {"C2": True}


UMLAUT = {"id": "C1", "name": "hilfe-f\N{LATIN SMALL LETTER U WITH DIAERESIS}r-alle"}


@pytest.mark.parametrize(
    ("listed", "folder"),
    [
        (UMLAUT, unicodedata.normalize("NFD", UMLAUT["name"])),
        (UMLAUT | {"name": unicodedata.normalize("NFD", UMLAUT["name"])}, UMLAUT["name"]),
        (UMLAUT | {"name_normalized": "hilfe-fur-alle"}, "hilfe-fur-alle"),
        (UMLAUT, "C1"),
        (UMLAUT, UMLAUT["name"].upper()),
        (UMLAUT, UMLAUT["name"].encode().decode("cp437")),
        (UMLAUT, "hilfe-f#U00fcr-alle"),
    ],
    ids=["NFD", "NFC", "normalised name", "id", "case", "cp437", "unzip"],
)
def test_a_folder_may_be_spelt_in_another_way_than_in_its_list(
    export: Path, listed: dict[str, str], folder: str
) -> None:
    export_of(export, folder, channels=[listed])

    assert read(export) == ({"C1": False}, "")


def test_names_in_a_zip_are_read_as_utf8_whatever_it_says(export: Path) -> None:
    export_of(export, channels=[UMLAUT])
    path = export.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in export.glob("*.json"):
            archive.write(file, file.name)
        # A name of the first PCs' characters is written without the flag.
        day = zipfile.ZipInfo("hilfe-f__r-alle/2026-03-02.json")
        archive.writestr(day, json.dumps([said()]))
    path.write_bytes(
        path.read_bytes().replace(
            b"hilfe-f__r", "hilfe-f\N{LATIN SMALL LETTER U WITH DIAERESIS}r".encode()
        )
    )

    assert read(path) == ({"C1": False}, "")


def test_a_name_in_a_zip_that_is_not_utf8_is_read_as_zip_says(export: Path) -> None:
    export_of(export, channels=[UMLAUT])
    path = export.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in export.glob("*.json"):
            archive.write(file, file.name)
        archive.writestr(zipfile.ZipInfo("hilfe-f_r-alle/2026-03-02.json"), json.dumps([said()]))
    path.write_bytes(path.read_bytes().replace(b"hilfe-f_r", b"hilfe-f\x81r"))

    assert read(path) == ({"C1": False}, "")


def guests_of(path: Path, known: Known = NOTHING) -> tuple[set[str], str]:
    """Return whose messages are a guest's, and what the person who imports is told."""
    passed = Passed()
    with open_folder(path) as files:
        read_ = list(read_messages(files, passed, known=known))
    outside = {one.author.user_id for one in read_ if one.author.is_outsider}
    return outside, " ".join(passed.remarks)


@pytest.mark.parametrize(
    ("user", "is_guest"),
    [
        ({"id": "U0", "team_id": "T1"}, False),
        ({"id": "U0", "team_id": "T1", "deleted": True}, False),
        ({"id": "U0", "team_id": "T1", "is_restricted": True}, True),
        ({"id": "U0", "team_id": "T1", "is_ultra_restricted": True}, True),
        ({"id": "U0", "team_id": "T9"}, True),
        ({"id": "U0", "team_id": "T9", "is_stranger": True}, True),
        ({"id": "U0", "team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, False),
        ({"id": "U0", "team_id": "T9", "enterprise_user": {"teams": ["T1"]}}, False),
    ],
)
def test_guests_and_people_of_other_companies_are_no_members(
    export: Path, user: dict[str, object], is_guest: object
) -> None:
    ours = [{**one, "enterprise_user": {"enterprise_id": "E1"}} for one in OURS]
    export_of(export, "help", channels=[HELP], users=[user, *ours])

    outside, told = guests_of(export)

    assert outside == ({"U0"} if is_guest else set())
    assert ("1 person is a guest or of another company" in told) is is_guest


def test_who_is_not_listed_is_of_the_company_that_their_message_names(export: Path) -> None:
    export_of(export, "help", channels=[HELP])
    rows = [said(user="U7", user_team="T9"), said(user="U8", user_team="T1", ts="9.1")]
    write(export, "help/2026-03-02.json", rows)

    assert guests_of(export)[0] == {"U7"}


def test_where_the_group_counts_guests_as_members_so_does_an_import(export: Path) -> None:
    export_of(
        export,
        *("help", "both"),
        channels=[HELP, {"id": "C9", "name": "both", "is_ext_shared": True}],
        users=[{"id": "U0", "team_id": "T9"}, *OURS],
    )
    known = Known(widens_guests=True, widens_shared=True)

    with open_folder(export) as files:
        read_ = list(read_messages(files, Passed(), known=known))

    assert not any(one.author.is_outsider or one.place.is_shared for one in read_)
