"""Logs for people or for machines. Neither says what anybody wrote."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(style: Literal["text", "json"]) -> None:
    """Log to stderr: warnings and worse of everybody, and from `info` on of ourselves in JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else DiscreetFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    if style == "json":
        logging.getLogger("supportbot").setLevel(logging.INFO)


class DiscreetFormatter(logging.Formatter):
    """A line a record. Of an exception it tells its type and where, and not its message.

    An exception's message often quotes the value that it stumbled over, and that may be somebody's
    question.
    """

    def __init__(self) -> None:
        """Say level, logger and message."""
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; what another handler has made of its exception is not taken over."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's own name
        """Tell where an exception came from, without its message."""
        return "\n".join(_told(ei[1]))


class JsonFormatter(DiscreetFormatter):
    """One JSON object a line: time, level, logger, message, and where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as JSON."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = _told(record.exc_info[1])
        return json.dumps(fields, ensure_ascii=False)


def _told(error: BaseException | None) -> list[str]:
    told: list[str] = []
    while error is not None and len(told) < _MOST_LINES:
        told.append(type(error).__qualname__)
        told.extend(
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told[:_MOST_LINES]


_MOST_LINES = 100
