"""Files that people give and files that only the bot reads."""
