"""Texts to vectors, vectors to candidates, candidates to a ranking."""
