import asyncio
import base64
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import discord
import pytest

from supportbot.errors import SupportbotError
from supportbot.ports import AdapterContext, Finding
from supportbot_discord.options import read_options, read_token
from supportbot_discord.setting_up import PERMISSIONS, DiscordSetup, link
from tests.discord_server import DiscordServer

TOKEN = f"{base64.b64encode(b'1234567890').decode().rstrip('=')}.abc.def"


def context_of(
    server: DiscordServer, home: Path, mode: str = "mentions", **more: object
) -> AdapterContext:
    options = {"mode": mode, "api_url": server.api_url, "gateway_url": server.gateway_url, **more}
    return AdapterContext(home, options, StringIO(), StringIO())


def examined(
    server: DiscordServer, mode: str = "mentions", home: Path = Path("nowhere")
) -> Sequence[Finding]:
    context = context_of(server, home, mode)
    return asyncio.run(DiscordSetup().examine(context, {"DISCORD_TOKEN": server.token}))


def problems(findings: Sequence[Finding]) -> str:
    return "\n".join(finding.problem for finding in findings if finding.problem)


def test_the_link_asks_for_exactly_what_is_needed_each_with_its_reason() -> None:
    page, _, value = link("42").rpartition("&permissions=")
    asked = discord.Permissions(int(value))

    assert page == (
        "https://discord.com/oauth2/authorize?client_id=42&scope=bot+applications.commands"
    )
    assert all(getattr(asked, name) for name in PERMISSIONS)
    assert asked.value.bit_count() == len(PERMISSIONS)
    assert all(reason.startswith("to ") for reason in PERMISSIONS.values())


def test_roles_are_asked_for_only_where_the_bot_gives_some() -> None:
    setup = DiscordSetup()

    without = setup.instructions({}, environment={})
    with_topics = setup.instructions({"topic_roles": {"Ledger": "ledger"}}, environment={})

    assert "manage_roles" not in without
    assert "manage_roles" in with_topics


def test_the_steps_have_the_link_of_the_application_whose_token_is_there() -> None:
    setup = DiscordSetup()

    known = setup.instructions({}, environment={"DISCORD_TOKEN": TOKEN})
    unknown = setup.instructions({}, environment={})

    assert "client_id=1234567890&" in known
    assert "client_id=APPLICATION_ID&" in unknown
    assert all(name in known for name in PERMISSIONS)


def test_the_steps_name_the_switches_that_the_mode_needs() -> None:
    setup = DiscordSetup()

    assert "Message Content Intent" in setup.instructions({"mode": "content"}, environment={})
    assert "Privileged intents are not needed" in setup.instructions({}, environment={})


@pytest.mark.parametrize("token", ["", "Bot a.b.c", "a.b", "nonsense"])
def test_what_is_no_token_is_said_without_saying_it(token: str) -> None:
    with pytest.raises(SupportbotError, match="DISCORD_TOKEN") as raised:
        read_token({"DISCORD_TOKEN": token})

    assert not token or token not in str(raised.value)


def test_a_setting_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(SupportbotError, match=r"modus: .*Known settings: mode, "):
        read_options({"modus": "content"})


def test_a_bot_that_may_do_what_it_needs_has_no_problem(server: DiscordServer) -> None:
    server.call(lambda: server.channel("help"))

    findings = examined(server)

    assert problems(findings) == ""
    assert any("It is in " in finding.otherwise for finding in findings)


def test_a_topic_role_that_is_not_there_any_more_is_named(
    server: DiscordServer, tmp_path: Path
) -> None:
    server.call(lambda: server.channel("help"))
    server.call(lambda: server.role("VAT people", "manage_roles"))
    topics = {"VAT people": "vat", "Ledger people": "ledger"}
    context = context_of(server, tmp_path, topic_roles=topics)

    findings = asyncio.run(DiscordSetup().examine(context, {"DISCORD_TOKEN": server.token}))

    assert "has no role called Ledger people." in problems(findings)


def test_that_anybody_may_add_the_bot_is_said_with_how_to_switch_it_off(
    server: DiscordServer,
) -> None:
    said = " ".join(finding.otherwise for finding in examined(server))

    assert "Warning: the bot is public" in said
    assert "turn off Public Bot" in said


def test_of_several_servers_those_that_are_not_the_groups_are_named(
    server: DiscordServer, tmp_path: Path
) -> None:
    evil = server.call(lambda: server.add_guild("Evil"))
    server.call(lambda: server.channel("help"))

    none_yet = problems(examined(server, home=tmp_path))
    DiscordSetup().confirm(context_of(server, tmp_path), str(server.guild.id))
    one = problems(examined(server, home=tmp_path))

    assert f"({server.guild.id})" in none_yet
    assert f"setup discord --confirm {evil.id}" in one
    assert f"({server.guild.id})" not in one


def test_the_servers_that_the_bot_is_in_are_listed(server: DiscordServer, tmp_path: Path) -> None:
    context = context_of(server, tmp_path)

    listed = asyncio.run(DiscordSetup().memberships(context, {"DISCORD_TOKEN": server.token}))

    assert [(one.id, one.is_served) for one in listed] == [(str(server.guild.id), False)]


def test_a_token_that_was_reset_is_named(server: DiscordServer) -> None:
    server.do(server.revoke_token())

    assert "refuses DISCORD_TOKEN" in problems(examined(server))


def test_a_permission_that_is_missing_is_named_with_its_channels(server: DiscordServer) -> None:
    help_ = server.call(lambda: server.channel("help"))
    server.call(lambda: server.channel("board"))
    server.call(lambda: server.forbid(help_, "create_public_threads"))

    found = problems(examined(server))

    assert "it lacks create_public_threads in #help." in found
    assert "#board" not in found


def test_an_intent_that_is_off_is_named_in_the_mode_that_needs_it(server: DiscordServer) -> None:
    server.call(lambda: server.channel("help"))
    server.call(lambda: server.approved_intents.discard("message_content"))

    assert problems(examined(server)) == ""
    assert "Turn on Message Content Intent at" in problems(examined(server, "content"))


def test_a_bot_in_no_server_gets_the_link(server: DiscordServer) -> None:
    server.call(server.remove_bot)

    assert "Invite it: https://discord.com/oauth2/" in problems(examined(server))


def test_discord_out_of_reach_is_said(server: DiscordServer) -> None:
    server.do(server.stop_listening())

    assert "Discord cannot be reached" in problems(examined(server))
