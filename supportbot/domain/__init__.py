"""What the bot knows and decides: plain values and pure functions, no input or output."""
