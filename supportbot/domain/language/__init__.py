"""Sentences, in the language of the group."""
