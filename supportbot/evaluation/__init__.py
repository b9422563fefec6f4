"""How good the bot is, measured on questions whose answers are known."""
