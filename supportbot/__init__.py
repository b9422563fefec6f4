"""A bot for user groups: it finds the old answer, or the people who know."""

__version__ = "0.1.0"
