"""What was found in a text that nobody should store."""

from dataclasses import dataclass
from enum import StrEnum


class SecretKind(StrEnum):
    """What it is, in the words of the marker that takes its place."""

    API_KEY = "API key"
    PRIVATE_KEY = "private key"
    PASSWORD = "password"  # noqa: S105 - the word, not one
    EMAIL = "email address"
    PHONE = "phone number"
    IBAN = "IBAN"
    CARD = "card number"


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret in a text: `text[start:end]`."""

    kind: SecretKind
    start: int
    end: int
