"""Refusals in Discord's form.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json.
"""

from typing import NoReturn

from simcord.backend.errors import BackendError, invalid_form_body


def refuse(status: int, code: int, message: str) -> NoReturn:
    """Refuse a call."""
    raise BackendError(status, code, message)


def refuse_form(detail: str) -> NoReturn:
    """Refuse what a call says: 50035."""
    raise invalid_form_body(detail)
