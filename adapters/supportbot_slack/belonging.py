"""Which workspaces the bot serves: an installation alone makes nobody a part of the group."""

from supportbot.adapter_kit.group import Group
from supportbot.ports import AdapterContext
from supportbot_slack.options import SlackOptions

WORKSPACE = "workspace"
CONFIRMED = "slack-workspaces.txt"
"""The file of the home that says which workspaces were confirmed."""


def group_of(context: AdapterContext, options: SlackOptions) -> Group:
    """Return what is known of the workspaces that belong to the group."""
    path = context.home / CONFIRMED
    return Group(path, listed=options.workspaces, served=context.served)
