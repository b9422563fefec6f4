"""Column types that values need: moments in UTC, and values as JSON."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from supportbot.domain.chat.unicode import repaired


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        del dialect
        return value.astimezone(UTC) if value else None

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Read as UTC. One call for a value: thousands are read for a question."""
        read = self.impl_instance.result_processor(dialect, coltype)

        def read_as_utc(value: Any) -> datetime | None:
            moment: datetime | None = read(value) if read else value
            return moment.replace(tzinfo=UTC) if moment else None

        return read_as_utc


class Json(TypeDecorator[Any]):
    """A frozen dataclass (or a union or tuple of them), stored as JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, upgraded: Callable[[Any], Any] | None = None) -> None:
        """Store values of this type.

        Args:
            kind: The type.
            upgraded: Brings what an earlier version wrote, as parsed from JSON, to today's shape.
        """
        super().__init__()
        self.kind, self.upgraded = kind, upgraded
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write JSON. A lone surrogate, which UTF-8 cannot hold, is repaired."""
        del dialect
        if value is None:
            return None
        return repaired(
            json.dumps(self._adapter.dump_python(value, mode="json"), ensure_ascii=False)
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value back, validated."""
        del dialect
        if value is None or self.upgraded is None:
            return None if value is None else self._adapter.validate_json(value)
        # As JSON again: only there may a list stand for a tuple, and a text for a moment.
        return self._adapter.validate_json(json.dumps(self.upgraded(json.loads(value))))
