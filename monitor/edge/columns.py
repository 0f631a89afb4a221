"""Column types that mean the same on SQLite and PostgreSQL: what goes in comes out, and what is no value is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, Double, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from monitor.core.types import utc


class Moment(TypeDecorator[datetime]):
    """An aware UTC time: timestamptz, or on SQLite text of one width, `2026-01-02T03:04:05.000006Z`.

    Text of one width compares as time does, which the view relies on. A naive datetime is refused (ValueError).
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`timestamptz` where there is one."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The aware time itself for PostgreSQL, its text for SQLite."""
        if value is None:
            return None
        moment = utc(value)
        if dialect.name == "postgresql":
            return moment
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """Aware and in UTC, whatever the session's time zone."""
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class Seconds(TypeDecorator[timedelta]):
    """A duration, kept as seconds."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, _dialect: Dialect) -> float | None:
        """Seconds with their fraction."""
        return None if value is None else value.total_seconds()

    def process_result_value(self, value: float | None, _dialect: Dialect) -> timedelta | None:
        """To the microsecond."""
        return None if value is None else timedelta(seconds=value)


class Id(TypeDecorator[UUID]):
    """A UUID: the database's own type on PostgreSQL, on SQLite the usual text, which routers read with plain SQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`uuid` where there is one."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """As the driver takes it."""
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> UUID | None:
        """Always a `UUID`."""
        return value if value is None or isinstance(value, UUID) else UUID(value)


class Word(TypeDecorator[StrEnum]):
    """A word of one of our enums. Free text to the database: a new word needs no migration."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        """The bare string: drivers have ideas of their own about enums."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """The enum's member; ValueError for a word that this version does not know."""
        return None if value is None else self.words(value)


class Prose(TypeDecorator[str]):
    """Text that a stranger may have written. NUL and lone surrogates, which no database takes, are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """NUL becomes its picture ␀, a lone surrogate `?`."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
