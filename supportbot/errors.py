"""What can go wrong in a way that somebody can fix."""

from datetime import timedelta


class SupportbotError(Exception):
    """Something a maintainer can fix; the message says what is wrong, where, and what to do.

    The command line prints it alone and returns 2.
    """


class AlreadyRunningError(SupportbotError):
    """Another bot works in the same home."""


class DamageError(SupportbotError):
    """The database is damaged, or is none."""


class DeliveryError(Exception):
    """A platform refused or did not answer; every adapter translates its own codes into this."""

    def __init__(
        self, reason: str, *, permanent: bool, retry_after: timedelta | None = None
    ) -> None:
        """Say why, whether trying again is of no use, and how long the platform asks to wait."""
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after


class EmbeddingError(Exception):
    """The model could not turn a text into a vector, or gave something that is none."""
