"""Many rows at once: COPY on PostgreSQL, one prepared INSERT on SQLite. For rows that nobody else can be making."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Table, insert

from lms.kernel.db import Model, session

BATCH = 500
_json = json.JSONEncoder(ensure_ascii=False).encode


class Rows:
    """Rows of one table that wait to be written together. All have the same columns, those of the first."""

    def __init__(self, model: type[Model]) -> None:
        self.model, self.waiting = model, list[Mapping[str, Any]]()

    def add(self, row: Mapping[str, Any]) -> None:
        """One more row, by the names of its columns."""
        self.waiting.append(row)

    def write(self) -> int:
        """Write what waits into the open unit of work; how many rows."""
        rows, self.waiting = self.waiting, []
        put(self.model, rows)
        return len(rows)


def trust_references() -> bool:
    """Within this unit of work let PostgreSQL not look up every foreign key; whether it agreed.

    Only for rows that refer to rows made by the same hand. It is a superuser's right: whoever has it not gets every
    key looked up, which is right too and takes longer.
    """
    if session().get_bind().dialect.name != "postgresql":
        return False
    connection = session().connection()
    if connection.exec_driver_sql("SELECT current_setting('is_superuser')").scalar() != "on":
        return False
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return True


def put(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that all have the columns of the first one, in their order. What a constraint refuses
    raises IntegrityError, on PostgreSQL psycopg's own."""
    table = model.__table__
    assert isinstance(table, Table)
    if not rows:
        return
    if session().get_bind().dialect.name == "postgresql":
        _copy(table, list(rows[0]), rows)
        return
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        session().execute(insert(table), [dict(row) for row in batch])


def _copy(table: Table, names: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    json_at = [at for at, name in enumerate(names) if isinstance(table.c[name].type, JSON)]
    connection = session().connection().connection.driver_connection
    assert connection is not None
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            values = list(row.values())
            for at in json_at:
                if values[at] is not None:
                    values[at] = _json(values[at])
            copy.write_row(values)
