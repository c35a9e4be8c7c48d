"""Rows as lines of text, the same from SQLite and from PostgreSQL.

A line is a JSON array, one value a column: instants and dates as ISO 8601, UUIDs in hex with hyphens,
bytes in base64, decimals as text, JSON as canonical JSON text (so that SQL NULL and JSON null stay
two things). Lines come in the order of the primary key, by bytes, whatever collation a database has.
So equal tables give equal text, and a hash of it proves a copy.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    cast,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator, TypeEngine

from lms.kernel.db import Instant

BATCH = 500


class CannotCopy(Exception):
    """A column of a kind this module cannot carry faithfully; a fault of the programme."""


class RawJson(TypeDecorator[str]):
    """A JSON column seen as its text."""

    impl = Text
    cache_ok = True


class RawJsonb(RawJson):
    """The same on PostgreSQL, whose JSONB must be cast both ways."""

    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        return cast(bindvalue, JSONB)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        return cast(column, Text)


def plain_table(table: Table, dialect: str) -> Table:
    """The table as this module reads and writes it: nothing but names and plain types."""
    columns = []
    for column in table.columns:
        if column.computed is not None or column.identity is not None:
            raise CannotCopy(f"{column}: the database computes it")
        if column is table.autoincrement_column:
            raise CannotCopy(f"{column}: the database numbers it")
        columns.append(
            Column(
                column.name,
                _plain(column.type, dialect, str(column)),
                primary_key=column.primary_key,
            )
        )
    if not table.primary_key.columns:
        raise CannotCopy(f"{table.name}: no primary key, so no order")
    return Table(table.name, MetaData(), *columns)


def _plain(kind: TypeEngine[Any], dialect: str, name: str) -> TypeEngine[Any]:
    if isinstance(kind, Instant):
        return Instant()
    if isinstance(kind, TypeDecorator):
        return _plain(kind.impl_instance, dialect, name)
    if isinstance(kind, JSON):
        return RawJsonb() if dialect == "postgresql" else RawJson()
    if isinstance(kind, DateTime):
        raise CannotCopy(f"{name}: an instant without the house's type")
    if isinstance(kind, String):  # Enum is one of them: its names are texts in the database
        return Text()
    known = (Uuid, Date, Boolean, Integer, LargeBinary, Float, Numeric)
    for one in known:
        if isinstance(kind, one):
            return kind
    raise CannotCopy(f"{name}: {kind!r}")


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row of a plain table as a line, in the order of its primary key."""
    order = [
        key.collate("C")
        if isinstance(key.type, Text) and connection.dialect.name == "postgresql"
        else key
        for key in table.primary_key.columns
    ]
    rows = select(table).order_by(*order).execution_options(yield_per=BATCH)
    result = connection.execute(rows)
    raw = [isinstance(column.type, RawJson) for column in table.columns]
    for row in result:
        values = [
            _json_text(value) if is_json and value is not None else _written(value)
            for value, is_json in zip(row, raw, strict=True)
        ]
        yield _dump(values).encode() + b"\n"


def put(connection: Connection, table: Table, text: Iterable[bytes]) -> int:
    """Insert lines into a plain table; the number of rows."""
    kinds = [(column.name, column.type) for column in table.columns]
    batch: list[dict[str, Any]] = []
    total = 0
    for line in text:
        values = json.loads(line)
        batch.append({name: _read(v, kind) for (name, kind), v in zip(kinds, values, strict=True)})
        if len(batch) == BATCH:
            total += _insert(connection, table, batch)
            batch = []
    return total + (_insert(connection, table, batch) if batch else 0)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    connection.execute(insert(table), rows)
    return len(rows)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _json_text(value: str) -> str:
    return _dump(json.loads(value))


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _read(value: Any, kind: TypeEngine[Any]) -> Any:
    if value is None:
        return None
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Uuid):
        return UUID(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, Numeric) and isinstance(value, str):
        return Decimal(value)
    return value
