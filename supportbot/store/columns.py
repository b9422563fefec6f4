"""Column types that values need: moments in UTC, and values as JSON."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from supportbot.domain.unicode import repaired


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

    def __init__(self, kind: Any) -> None:
        """Store values of this type."""
        super().__init__()
        self.kind = kind
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
        return None if value is None else self._adapter.validate_json(value)
