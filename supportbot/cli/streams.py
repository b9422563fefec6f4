"""What a command reads from and writes to, however it was started."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from supportbot.errors import SupportbotError


class _Nowhere:
    """Stands for an output that was closed (`>&-`): what is written there has not been shown."""

    encoding = "utf-8"

    def write(self, _text: str) -> int:
        """Refuse."""
        raise OSError(errno.EBADF, "the output is closed")

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""

    def isatty(self) -> bool:
        """Say that nobody sits there."""
        return False


def prepare_streams() -> None:
    """Let a command be started in any way.

    What the output's encoding does not have is written as its number, and does not end the command.
    A stream that was closed is none that a file of ours could come to stand in the place of.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - as long as we run
    if sys.stdout is None:
        sys.stdout = _Nowhere()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the same
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")


@contextmanager
def written_out() -> Iterator[None]:
    """Say in a sentence when the output cannot be written; a reader who has gone is no error.

    Raises:
        SupportbotError: The disk is full, or the output was closed.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _give_up_output()
        raise SystemExit(0) from None
    except OSError as error:
        if error.errno not in _OF_OUTPUT or error.filename is not None:
            raise
        _give_up_output()
        message = f"The output cannot be written: {error.strerror or error}."
        raise SupportbotError(message) from error


_OF_OUTPUT = frozenset({errno.ENOSPC, errno.EBADF, errno.EIO, errno.EDQUOT, errno.EFBIG})


def _give_up_output() -> None:
    """Let Python not try once more, at its end, to write what cannot be written."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
