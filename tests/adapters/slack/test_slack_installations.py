import asyncio
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation

from supportbot.domain.chat.events import ChannelsListed, Event, MessagePosted
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import AdapterContext
from supportbot_slack import serving as module
from supportbot_slack.adapter import SlackAdapter
from supportbot_slack.belonging import CONFIRMED
from supportbot_slack.installations import Installations, States
from tests.acceptance.slack_bots import free_port
from tests.adapters.slack.test_slack_connection import posted
from tests.slack.browser import install_in_browser
from tests.slack.workspace import Workspace
from tests.slack_server import SlackServer

KEY = Fernet.generate_key().decode()
PATIENCE = 20.0


def installed(team: str, token: str) -> Installation:
    return Installation(team_id=team, bot_token=token, bot_user_id="UBOT", user_id="U1")


def test_a_token_is_kept_encrypted_and_comes_out_as_it_went_in(tmp_path: Path) -> None:
    asyncio.run(Installations(tmp_path, KEY).async_save(installed("T1", "xoxb-secret")))

    (file,) = tmp_path.iterdir()
    assert b"xoxb-secret" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert Installations(tmp_path, KEY).tokens() == {"T1": "xoxb-secret"}


def test_with_another_key_nothing_comes_out_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(Installations(tmp_path, KEY).async_save(installed("T1", "xoxb-secret")))

    assert Installations(tmp_path, Fernet.generate_key().decode()).tokens() == {}
    assert "SLACK_TOKEN_KEY" in caplog.text


def test_what_is_no_key_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="generate_key"):
        Installations(tmp_path, "short")


def test_what_is_uninstalled_is_forgotten(tmp_path: Path) -> None:
    kept = Installations(tmp_path, KEY)
    asyncio.run(kept.async_save(installed("T1", "xoxb-secret")))

    asyncio.run(kept.async_delete_installation(enterprise_id=None, team_id="T1"))

    assert list(tmp_path.iterdir()) == []


def test_an_id_that_would_lead_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="no id of a workspace"):
        asyncio.run(Installations(tmp_path, KEY).async_save(installed("../T1", "xoxb-secret")))


async def serving(
    slack: SlackServer,
    home: Path,
    act: Callable[[SlackAdapter, str, asyncio.Queue[Event]], Awaitable[None]],
    *ours: Workspace,
) -> None:
    """Connect an adapter for several workspaces, over HTTP, and act.

    Args:
        slack: Where.
        home: The bot's.
        act: What happens then, with what people do and say.
        ours: What the settings list.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    options = {
        "mode": "http",
        "api_url": slack.api_url,
        "authorize_url": slack.authorize_url,
        "port": port,
        "workspaces": [workspace.id for workspace in ours],
    }
    environment = {
        "SLACK_CLIENT_ID": slack.app.client_id,
        "SLACK_CLIENT_SECRET": slack.app.client_secret,
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_TOKEN_KEY": KEY,
    }
    adapter = SlackAdapter(AdapterContext(home, options, StringIO(), StringIO()), environment)
    events: asyncio.Queue[Event] = asyncio.Queue()
    slack.use_http(f"{address}/slack/events")
    slack.app.redirect_uri = f"{address}/slack/oauth_redirect"

    async def receive(event: Event) -> None:
        if not isinstance(event, ChannelsListed):
            await events.put(event)

    connecting = asyncio.create_task(adapter.connect(receive))
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answers(port):  # noqa: ASYNC110 - it does not tell
                await asyncio.sleep(0.02)
            await act(adapter, address, events)
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


pytestmark = pytest.mark.filterwarnings(
    "ignore:BasicAuth is deprecated:DeprecationWarning"  # slack_sdk's
)


async def install_in(slack: SlackServer, address: str, *workspaces: Workspace) -> None:
    for workspace in workspaces:
        page = f"{address}/slack/install?team={workspace.id}"
        assert await install_in_browser(page) == 200
    await slack.until_delivered()


def test_a_workspace_whose_token_is_revoked_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            sister = slack.add_workspace("Sister Group")
            maria, olga = slack.user("Maria"), slack.user("Olga", workspace=sister)
            here = slack.channel("help", maria)
            there = slack.channel("help", olga, workspace=sister, bot=False)

            async def install(
                _adapter: SlackAdapter, address: str, _events: asyncio.Queue[Event]
            ) -> None:
                await install_in(slack, address, slack.workspace, sister)

            async def ask(
                _adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                await maria.says(here, "How do I post?")
                heard = await posted(events)
                assert heard.place.workspace == slack.workspace.id

                with slack.unheard(sister):
                    there.members.append(sister.bot.id)
                    missed = await olga.says(there, "Where is the ledger?")
                await install_in(slack, address, sister)
                await posted(events, missed.ts)

            await serving(slack, tmp_path, install, slack.workspace, sister)
            with slack.unheard(sister):
                slack.uninstall(sister)
            caplog.clear()
            await serving(slack, tmp_path, ask, slack.workspace, sister)
            left_out = [one for one in caplog.messages if "left out" in one]
            assert len(left_out) == 1
            assert sister.id in left_out[0]
            assert "install the app again" in left_out[0]

    asyncio.run(play())


def test_an_event_of_a_shared_channel_is_for_the_workspace_that_is_authorised(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            sister = slack.add_workspace("Sister Group")
            maria = slack.user("Maria")
            here = slack.channel("help", maria)

            async def act(
                _adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                await install_in(slack, address, slack.workspace, sister)
                slack.envelope = {"team_id": "T0ACME", "is_ext_shared_channel": True}
                await maria.says(here, "How do I post?")
                heard = await posted(events)
                assert heard.place.workspace == slack.workspace.id

            await serving(slack, tmp_path, act, slack.workspace, sister)

    asyncio.run(play())


def test_an_event_of_a_workspace_that_is_not_ours_is_acknowledged_and_dropped(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            maria = slack.user("Maria")
            here = slack.channel("help", maria)

            async def act(
                _adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                await install_in(slack, address, slack.workspace)
                slack.envelope = {"team_id": "T0ACME", "authorizations": [{"team_id": "T0ACME"}]}
                await maria.says(here, "How do I post?")
                await slack.until_delivered()
                assert slack.record.deliveries[-1].was_acknowledged
                assert [a.status for a in slack.record.deliveries[-1].attempts] == [200]
                assert events.empty()

            await serving(slack, tmp_path, act)

    asyncio.run(play())


def test_a_bot_that_is_installed_in_two_workspaces_hears_and_speaks_in_each(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            sister = slack.add_workspace("Sister Group")
            maria, olga = slack.user("Maria"), slack.user("Olga", workspace=sister)
            here = slack.channel("help", maria)
            there = slack.channel("help", olga, workspace=sister)

            async def act(
                adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                for workspace in (slack.workspace, sister):
                    page = f"{address}/slack/install?team={workspace.id}"
                    assert await install_in_browser(page) == 200
                with slack.unheard(sister):
                    sister.join(there, sister.bot.id)
                heard = []
                for person, channel in ((maria, here), (olga, there)):
                    said = await person.says(channel, "How do I post?")
                    event = await events.get()
                    assert isinstance(event, MessagePosted)
                    heard.append((event.place.workspace, event.author.name))
                    message = OutgoingMessage(
                        f"{said.ts}/reply", event.place.in_thread(said.ts), Reply("Like this.")
                    )
                    await adapter.deliver(message, attempt=1)
                assert heard == [(slack.workspace.id, "Maria"), (sister.id, "Olga")]
                assert [m.text for m in slack.said_by_bot(here)] == ["Like this."]
                assert [m.text for m in slack.said_by_bot(there, workspace=sister)] == [
                    "Like this."
                ]
                slack.uninstall(sister)
                await slack.until_delivered()
                place = Place("slack", sister.id, there.id)
                with pytest.raises(DeliveryError) as refused:
                    await adapter.deliver(
                        OutgoingMessage("m2", place, Reply("Anybody?")), attempt=1
                    )
                assert refused.value.permanent

            await serving(slack, tmp_path, act, slack.workspace, sister)

    asyncio.run(play())


def test_the_first_workspace_is_confirmed_and_whoever_installs_the_bot_later_is_not_heard(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            evil = slack.add_workspace("Evil Group")
            maria, owner = slack.user("Maria"), slack.user("Owner", workspace=evil)
            here, there = slack.channel("help", maria), slack.channel("x", owner, workspace=evil)

            async def act(
                adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                await install_in(slack, address, slack.workspace, evil)
                evil.join(there, evil.bot.id)
                await owner.says(there, "How can I close the ledger?")
                await slack.until_delivered()
                await maria.says(here, "How do I post?")
                heard = await events.get()
                assert heard.place.workspace == slack.workspace.id
                await slack.until_delivered()
                assert all(one.was_acknowledged for one in slack.record.deliveries)
                place = Place("slack", evil.id, there.id)
                with pytest.raises(DeliveryError) as refused:
                    await adapter.deliver(OutgoingMessage("m2", place, Reply("No.")), attempt=1)
                assert refused.value.permanent

            await serving(slack, tmp_path, act)
            assert (tmp_path / CONFIRMED).read_text().split() == [slack.workspace.id]

    asyncio.run(play())


def test_a_role_says_in_which_workspace_it_is_held(tmp_path: Path) -> None:
    async def play() -> None:
        async with SlackServer() as slack:
            sister = slack.add_workspace("Sister Group")
            olga = slack.user("Olga", workspace=sister, is_admin=True)
            there = slack.channel("help", olga, workspace=sister)

            async def act(
                _adapter: SlackAdapter, address: str, events: asyncio.Queue[Event]
            ) -> None:
                await install_in(slack, address, sister)
                sister.join(there, sister.bot.id)
                await olga.says(there, "Good morning.")
                heard = await events.get()
                while not isinstance(heard, MessagePosted):
                    heard = await events.get()
                assert heard.author.roles == ("admin",)
                assert heard.author.held_in == sister.id

            await serving(slack, tmp_path, act, slack.workspace, sister)

    asyncio.run(play())


def test_an_installation_for_a_whole_organization_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    whole = Installation(enterprise_id="E1", is_enterprise_install=True, user_id="U1")

    with pytest.raises(SupportbotError, match="choose a workspace"):
        asyncio.run(Installations(tmp_path, KEY).async_save(whole))

    assert names_in(tmp_path) == set()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_those_who_never_come_back_from_slacks_page_leave_nothing_behind(tmp_path: Path) -> None:
    async def play() -> None:
        async with SlackServer() as slack:

            async def act(
                _adapter: SlackAdapter, address: str, _events: asyncio.Queue[Event]
            ) -> None:
                async with aiohttp.ClientSession() as session:
                    for _ in range(100):
                        page = f"{address}/slack/install"
                        async with session.get(page, allow_redirects=False) as response:
                            assert response.status == 302

            before = names_in(tmp_path)
            await serving(slack, tmp_path, act)
            assert names_in(tmp_path) - before <= {"slack-heard.txt"}

    asyncio.run(play())


def test_a_state_is_of_use_once_and_not_for_ever() -> None:
    async def play() -> None:
        states, others = States(KEY, lasting=600), States(Fernet.generate_key().decode(), lasting=9)
        state, foreign = await states.async_issue(), await others.async_issue()

        assert [await states.async_consume(state) for _ in range(2)] == [True, False]
        assert not await states.async_consume(foreign)
        assert not await states.async_consume("nonsense")
        assert not await States(KEY, lasting=-1).async_consume(await states.async_issue())

    asyncio.run(play())


@pytest.mark.parametrize(
    "half",
    [
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\n",
        b"",
    ],
    ids=["half a body", "half a header", "nothing"],
)
def test_a_connection_with_half_a_request_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bytes
) -> None:
    monkeypatch.setattr(module, "_READ_SECONDS", 0.2)
    monkeypatch.setattr(module, "_FIRST_SECONDS", 0.2)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.05)

    async def play() -> None:
        async with SlackServer() as slack:

            async def act(
                _adapter: SlackAdapter, address: str, _events: asyncio.Queue[Event]
            ) -> None:
                port = int(address.rpartition(":")[2])
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(half)
                rest = await reader.read()
                assert rest == b"" or rest.startswith(b"HTTP/1.1 408")
                writer.close()

            await serving(slack, tmp_path, act)

    asyncio.run(play())
