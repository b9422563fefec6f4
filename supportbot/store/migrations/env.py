"""Alembic asks for this file; `supportbot.store.engine.sqlite` drives the steps itself."""
