import asyncio
import time
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation

from supportbot.errors import SupportbotError
from supportbot.ports import AdapterContext, Finding
from supportbot_slack.installations import TOKENS, Installations
from supportbot_slack.manifest import EVENTS, SCOPES, as_yaml, lacking, link, manifest
from supportbot_slack.setting_up import SlackSetup
from tests.slack_server import Refusal, SlackServer, running_slack

ROOT = Path(__file__).parents[3]


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with running_slack() as server:
        yield server


def examined(
    slack: SlackServer, environment: dict[str, str] | None = None, **options: object
) -> Sequence[Finding]:
    context = AdapterContext(Path(), {"api_url": slack.api_url, **options}, StringIO(), StringIO())
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    return asyncio.run(SlackSetup().examine(context, {**tokens, **(environment or {})}))


def problems(findings: Sequence[Finding]) -> str:
    return "\n".join(finding.problem for finding in findings if finding.problem)


def test_the_manifest_that_is_kept_is_the_one_that_is_made() -> None:
    kept = (ROOT / "deploy/slack-manifest.yaml").read_text(encoding="utf-8")

    assert kept == as_yaml(manifest())


def test_every_event_has_its_scope_and_every_scope_a_reason() -> None:
    assert set(EVENTS.values()) <= {*SCOPES, ""}
    assert all(reason.strip() for reason in SCOPES.values())


def test_the_link_leads_to_a_page_that_is_filled_in() -> None:
    page, _, given = link(manifest()).partition("manifest_yaml=")

    assert page == "https://api.slack.com/apps?new_app=1&"
    assert yaml.safe_load(unquote(given)) == manifest()


def test_over_http_every_request_has_its_address() -> None:
    address = "https://bot.example.org/slack/events"

    made = manifest(address=address)

    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert {command["url"] for command in made["features"]["slash_commands"]} == {address}
    assert made["settings"]["socket_mode_enabled"] is False


def test_the_instructions_name_both_tokens_and_what_to_write_into_the_settings() -> None:
    said = SlackSetup().instructions({})

    assert "export SLACK_BOT_TOKEN=xoxb-…" in said
    assert "export SLACK_APP_TOKEN=xapp-…" in said
    assert "[adapters.slack]" in said


def test_over_http_the_instructions_want_to_know_the_address() -> None:
    with pytest.raises(SupportbotError, match="--address"):
        SlackSetup().instructions({"mode": "http"})

    said = SlackSetup().instructions({"mode": "http"}, address="https://bot.example.org/x")
    assert "SLACK_SIGNING_SECRET" in said


def test_nothing_is_wrong_when_everything_is_there(slack: SlackServer) -> None:
    slack.call(lambda: slack.channel("help"))

    findings = examined(slack)

    assert problems(findings) == ""
    assert [finding.otherwise for finding in findings][-1] == "It is in #help."


def test_a_bot_that_is_in_no_channel_wants_to_be_invited(slack: SlackServer) -> None:
    assert "/invite" in problems(examined(slack))


def test_with_several_workspaces_each_is_looked_at_and_the_refused_one_named(
    slack: SlackServer, tmp_path: Path
) -> None:
    sister = slack.call(lambda: slack.add_workspace("Sister Group"))
    token = slack.call(lambda: slack.install(sister)).token
    slack.call(lambda: slack.channel("help"))
    key = Fernet.generate_key().decode()
    kept = Installations(tmp_path / TOKENS, key)
    for workspace, its in ((slack.workspace, slack.bot_token), (sister, token)):
        asyncio.run(kept.async_save(Installation(team_id=workspace.id, bot_token=its, user_id="U")))
    slack.call(lambda: slack.revoke(sister))

    environment = {
        "SLACK_CLIENT_ID": "1",
        "SLACK_CLIENT_SECRET": "2",
        "SLACK_TOKEN_KEY": key,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    options = {"api_url": slack.api_url, "workspaces": [slack.workspace.id, sister.id]}
    context = AdapterContext(tmp_path, options, StringIO(), StringIO())
    findings = asyncio.run(SlackSetup().examine(context, environment))

    assert "The bot is supportbot in User Group." in [one.otherwise for one in findings]
    assert f"Slack refuses the token of {sister.id} (token_revoked)" in problems(findings)
    assert len(problems(findings).splitlines()) == 1


def test_a_workspace_that_is_not_the_groups_is_named_with_what_to_write(
    slack: SlackServer, tmp_path: Path
) -> None:
    evil = slack.call(lambda: slack.add_workspace("Evil Group"))
    token = slack.call(lambda: slack.install(evil)).token
    slack.call(lambda: slack.channel("help"))
    slack.call(lambda: slack.channel("help", workspace=evil))
    key = Fernet.generate_key().decode()
    kept = Installations(tmp_path / TOKENS, key)
    for workspace, its in ((slack.workspace, slack.bot_token), (evil, token)):
        asyncio.run(kept.async_save(Installation(team_id=workspace.id, bot_token=its, user_id="U")))
    environment = {
        "SLACK_CLIENT_ID": "1",
        "SLACK_CLIENT_SECRET": "2",
        "SLACK_TOKEN_KEY": key,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    context = AdapterContext(tmp_path, {"api_url": slack.api_url}, StringIO(), StringIO())
    SlackSetup().confirm(context, slack.workspace.id)

    said = problems(asyncio.run(SlackSetup().examine(context, environment)))
    listed = asyncio.run(SlackSetup().memberships(context, environment))

    assert f"Evil Group ({evil.id})" in said
    assert f"supportbot setup slack --confirm {evil.id}" in said
    assert {one.id: one.is_served for one in listed} == {slack.workspace.id: True, evil.id: False}


def test_channels_that_another_company_sees_are_named(slack: SlackServer) -> None:
    shared = slack.call(lambda: slack.channel("with-acme"))
    slack.call(lambda: shared.more.update(is_ext_shared=True))

    own = " ".join(finding.otherwise for finding in examined(slack))
    wide = " ".join(one.otherwise for one in examined(slack, shared_channels="community"))

    assert "Shared with another company: #with-acme. Nothing said elsewhere" in own
    assert "Nothing said elsewhere" not in wide


def test_a_single_token_is_its_owners_word_for_its_workspace(slack: SlackServer) -> None:
    slack.call(lambda: slack.channel("help"))

    served = problems(examined(slack))
    waiting = problems(examined(slack, workspaces=["T0OTHER"]))

    assert "group's list" not in served
    assert f"({slack.workspace.id})" in waiting


def test_a_clock_that_is_far_from_slacks_is_named() -> None:
    with running_slack(clock=lambda: time.time() - 1800) as slack:
        slack.call(lambda: slack.channel("help"))

        said = problems(examined(slack))

    assert "clock is 30 minutes ahead of Slack's" in said


def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    slack.call(lambda: slack.installation().scopes.remove("reactions:read"))

    assert "lacks the scopes reactions:read" in problems(examined(slack))


def compared(slack: SlackServer, token: str | None = None) -> Sequence[Finding]:
    """Examine an app that was made from the manifest, with leave to see how it is set up."""
    slack.call(lambda: slack.channel("help"))
    slack.app.manifest = manifest()
    given = slack.app.config_token if token is None else token
    return examined(slack, {"SLACK_CONFIG_TOKEN": given})


def test_an_app_that_is_set_up_as_it_should_be_hears_of_every_event(slack: SlackServer) -> None:
    findings = compared(slack)

    assert problems(findings) == ""
    assert "It hears of every event that it needs." in [one.otherwise for one in findings]


def test_an_event_to_which_the_app_is_not_subscribed_is_named(slack: SlackServer) -> None:
    slack.app.unsubscribed |= {"reaction_added", "message.im"}

    assert "without the event message.im, the event reaction_added." in problems(compared(slack))


def test_without_leave_to_see_how_the_app_is_set_up_nothing_is_compared(
    slack: SlackServer,
) -> None:
    findings = compared(slack, "")

    assert problems(findings) == ""
    assert slack.record.calls_of("apps.manifest.export") == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, "Slack refuses SLACK_CONFIG_TOKEN (invalid_auth)"),
        (Refusal("token_expired"), "lasts 12 hours"),
    ],
)
def test_a_token_that_may_not_see_how_the_app_is_set_up_is_told_of(
    slack: SlackServer, fault: Refusal | None, said: str
) -> None:
    if fault:
        slack.faults.add("apps.manifest.export", fault)

    assert said in problems(compared(slack, "xoxe.xoxp-another"))


def test_all_that_an_app_can_lack_is_named() -> None:
    lacks = lacking({"features": {"app_home": {"home_tab_enabled": False}}})

    assert {
        "the scope chat:write",
        "the event message.channels",
        "the command /ask",
        "the shortcut ask_the_group",
        "interactivity",
        "the Home tab",
        "the Messages tab",
    } <= set(lacks)
    assert lacking(manifest(address="https://bot.example.org/")) == ()


def test_a_token_that_was_revoked_is_told_of(slack: SlackServer) -> None:
    slack.call(slack.revoke)

    (finding,) = examined(slack)

    assert "SLACK_BOT_TOKEN" in finding.problem
    assert "install the app again" in finding.problem


def test_socket_mode_that_is_off_is_told_of(slack: SlackServer) -> None:
    slack.do(slack.turn_socket_mode_off())

    assert "Socket Mode is off" in problems(examined(slack))


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "begins with xoxp-, and has to begin with xoxb-"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "begins with xoxb-, and has to begin with xapp-"),
        ({"SLACK_APP_TOKEN": "nonsense"}, "begins with something else"),
    ],
)
def test_a_token_that_cannot_be_one_is_told_of_without_asking_slack(
    slack: SlackServer, environment: dict[str, str], said: str
) -> None:
    (finding,) = examined(slack, environment)

    assert said in finding.problem
    assert slack.record.calls == []


def test_over_http_the_signing_secret_is_wanted(slack: SlackServer) -> None:
    (finding,) = examined(slack, mode="http")

    assert "SLACK_SIGNING_SECRET is not set" in finding.problem


def test_settings_that_cannot_be_used_are_told_of(slack: SlackServer) -> None:
    (finding,) = examined(slack, mod="http")

    assert "[adapters.slack]" in finding.problem
    assert "Known settings: mode" in finding.problem
