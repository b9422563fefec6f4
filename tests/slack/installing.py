"""Who the app is and where it is installed: `auth.*`, `oauth.*`, `apps.*`, `team.*`, `bots.*`."""

import base64
import copy
import secrets
from dataclasses import dataclass, field

from tests.slack.api import Request, method
from tests.slack.model import JSON, refuse
from tests.slack.workspace import Workspace

SCOPES = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
]


@dataclass(slots=True)
class App:
    """The app, as its pages at api.slack.com show it."""

    id: str = "A0SUPPORT1"
    name: str = "supportbot"
    client_id: str = "1111.2222"
    client_secret: str = "not-a-secret-client"  # noqa: S105 - nobody's secret
    signing_secret: str = "not-a-secret-signing"  # noqa: S105 - nobody's secret
    verification_token: str = "not-a-secret-token"  # noqa: S105 - nobody's secret
    app_token: str = "xapp-1-A0SUPPORT1-1-test"  # noqa: S105 - nobody's secret
    app_token_is_revoked: bool = False
    config_token: str = "xoxe.xoxp-1-not-a-secret-config"  # noqa: S105 - nobody's secret
    """Of somebody who may change the app; Slack lets it live for 12 hours."""
    manifest: JSON = field(default_factory=dict)
    """What it was made from; `unsubscribed` is not in what is exported."""
    socket_mode: bool = True
    redirect_uri: str = ""
    """Where people are sent after installing, when the app does not say."""
    unsubscribed: set[str] = field(default_factory=set)
    """Event types that it does not hear of, like `reaction_added` or `message.im`."""


@dataclass(slots=True)
class Installation:
    """The app in one workspace. A `fault` of its token is the error that it is answered with."""

    workspace: Workspace
    token: str
    scopes: list[str]
    fault: str = ""


@method("api.test", kind="none")
def api_test(request: Request) -> JSON:
    if error := request.text("error"):
        refuse(error, args=request.arguments)
    return {"ok": True, "args": request.arguments}


@method("auth.test")
def auth_test(request: Request) -> JSON:
    workspace = request.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot.name,
        "team_id": workspace.id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(request: Request) -> JSON:
    if request.flag("test"):
        return {"ok": True, "revoked": False}
    request.slack.revoke(request.workspace)
    return {"ok": True, "revoked": True}


@method("apps.uninstall")
def uninstall(request: Request) -> JSON:
    app = request.slack.app
    if request.text("client_id") != app.client_id:
        refuse("invalid_client_id")
    if request.text("client_secret") != app.client_secret:
        refuse("bad_client_secret")
    request.slack.uninstall(request.workspace)
    return {"ok": True}


@method("apps.connections.open", "connections:write", kind="app")
def open_connection(request: Request) -> JSON:
    if not request.slack.app.socket_mode:
        refuse("socket_mode_not_enabled")
    return {"ok": True, "url": request.slack.new_socket_url()}


@method("apps.manifest.export", kind="config")
def export_manifest(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/apps.manifest.export"""
    app = request.slack.app
    if request.required("app_id") != app.id:
        refuse("app_not_found")
    manifest = copy.deepcopy(app.manifest)
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    heard = [name for name in subscriptions.get("bot_events", []) if name not in app.unsubscribed]
    if subscriptions:
        subscriptions["bot_events"] = heard
    return {"ok": True, "manifest": manifest}


@method("team.info", "team:read")
def team_info(request: Request) -> JSON:
    workspace = request.workspace
    about = {"id": workspace.id, "name": workspace.name, "domain": workspace.domain}
    return {"ok": True, "team": about | {"url": f"https://{workspace.domain}.slack.com/"}}


@method("bots.info", "users:read")
def bots_info(request: Request) -> JSON:
    bot = request.bot
    if request.text("bot") not in {"", bot.bot_id}:
        refuse("bot_not_found")
    about = {"id": bot.bot_id, "app_id": bot.app_id, "user_id": bot.id, "name": bot.real_name}
    return {"ok": True, "bot": about | {"deleted": False, "updated": 1_700_000_000}}


@method("oauth.v2.access", kind="none")
def oauth_access(request: Request) -> JSON:
    """Return a bot token for a code, once. https://docs.slack.dev/reference/methods/oauth.v2.access"""
    client_id, client_secret = _client(request)
    slack = request.slack
    if client_id != slack.app.client_id:
        refuse("invalid_client_id")
    if client_secret != slack.app.client_secret:
        refuse("bad_client_secret")
    grant = slack.codes.pop(request.text("code"), None)
    if grant is None:
        refuse("invalid_code")
    if request.text("redirect_uri") not in {"", grant.redirect_uri}:
        refuse("bad_redirect_uri")
    installation = slack.install(grant.workspace, grant.scopes)
    workspace = grant.workspace
    return {
        "ok": True,
        "app_id": slack.app.id,
        "authed_user": {"id": grant.user},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": installation.token,
        "bot_user_id": workspace.bot.id,
        "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody allowed on the page of `/oauth/v2/authorize`."""

    workspace: Workspace
    user: str
    scopes: list[str]
    redirect_uri: str


def new_code() -> str:
    return f"{secrets.randbelow(10**12)}.{secrets.token_hex(8)}"


def _client(request: Request) -> tuple[str, str]:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        client_id, _, client_secret = base64.b64decode(value).decode().partition(":")
        return client_id, client_secret
    return request.text("client_id"), request.text("client_secret")
