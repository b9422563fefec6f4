"""The bot in a terminal, without any account."""
