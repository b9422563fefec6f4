import logging
import os
from pathlib import Path

import pytest

from supportbot.adapter_kit.group import Group, confirm_in
from supportbot.errors import SupportbotError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "servers.txt"


def problems(group: Group, present: dict[str, str]) -> list[str]:
    looked = group.look_at(present, platform="discord", kind="server", setting="servers")
    return [finding.problem for finding in looked if finding.problem]


def test_what_the_settings_list_is_served_and_nothing_else(path: Path) -> None:
    Group(path).confirm("2")
    group = Group(path, listed=["1"], served=["3"])

    group.meet(["1", "2", "3"], "server")

    assert group.ids() == {"1"}


def test_the_only_server_at_the_first_connection_is_taken_and_that_is_logged(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    group = Group(path)

    group.meet(["1"], "server")

    assert group.ids() == {"1"}
    assert "the server 1 is taken as the group's" in caplog.text


def test_a_later_one_waits_and_is_named_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    group = Group(path)
    group.meet(["1"], "server")

    group.meet(["1", "2"], "server")
    group.meet(["1", "2"], "server")

    assert group.ids() == {"1"}
    assert caplog.text.count("the server 2 is not on the group's list") == 1


def test_of_several_at_the_first_connection_none_is_taken(path: Path) -> None:
    group = Group(path)

    group.meet(["1", "2"], "server")

    assert group.ids() == frozenset()
    assert not group.is_settled


def test_a_home_from_before_keeps_those_that_it_has_served(path: Path) -> None:
    Group(path, served=["1", "2", ""]).meet(["1", "2", "3"], "server")

    # What was heard of since then adds none.
    assert Group(path, served=["1", "2", "3"]).ids() == {"1", "2"}


def test_what_another_process_confirms_is_served_at_once(path: Path) -> None:
    running = Group(path)
    running.meet(["1"], "server")
    assert not running.includes("2")

    Group(path).confirm("2")
    os.utime(path, ns=(1, 1))  # so that the file is seen to be another one however quick this is

    assert running.ids() == {"1", "2"}


def test_the_list_can_be_read_by_its_owner_alone(path: Path) -> None:
    Group(path).confirm("1")

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_doctor_names_what_waits_and_says_what_to_write(path: Path) -> None:
    present = {"1": "Ours", "2": "Evil"}
    Group(path).confirm("1")

    (by_command,) = problems(Group(path), present)
    (by_setting,) = problems(Group(path, listed=["1"]), present)

    assert "Evil (2)" in by_command
    assert "supportbot setup discord --confirm 2" in by_command
    assert 'servers = ["…", "2"] in [adapters.discord]' in by_setting
    assert "Ours" not in by_command


def test_the_doctor_says_that_the_only_server_is_taken(path: Path) -> None:
    looked = Group(path).look_at(
        {"1": "Ours"}, platform="discord", kind="server", setting="servers"
    )

    assert [finding.otherwise for finding in looked] == [
        "Its only server is taken as the group's: Ours (1)."
    ]


def test_what_has_not_the_form_of_an_id_is_not_confirmed(path: Path) -> None:
    with pytest.raises(SupportbotError, match="'Evil' is no id"):
        confirm_in(Group(path), "Evil", r"\d+", setting="servers")

    assert not path.exists()


def test_where_the_settings_decide_nothing_is_confirmed_beside_them(path: Path) -> None:
    with pytest.raises(SupportbotError, match="decides, so add '2' there"):
        confirm_in(Group(path, listed=["1"]), "2", r"\d+", setting="servers")


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
