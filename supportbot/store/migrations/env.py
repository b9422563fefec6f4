"""Alembic asks for this file; `supportbot.store.database` drives the steps itself."""
