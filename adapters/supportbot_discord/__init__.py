"""Discord, for supportbot."""
