"""Rows in one SQLite file. SQL and table classes stay in this folder; values come out."""
