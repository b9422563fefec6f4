"""Who says what, where, and who may see it."""
