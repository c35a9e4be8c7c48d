"""Many rows at once: COPY on PostgreSQL, one prepared INSERT on SQLite. For rows that nobody else can be making."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Table, TextClause, insert

from lms.kernel.db import Model, insert_once, insert_or_nothing, session

BATCH = 500
# PostgreSQL: unique violation, and two transactions that waited for each other.
_FASTER = {"23505", "40P01"}
_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}


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


class Taken(Exception):
    """Somebody else has written first what a block was going to write."""


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """A part of a unit of work of which everything stays or nothing; the unit goes on either way.

    Raises Taken when a unique constraint refused a row: whoever judges anew then sees the row that was faster.
    """
    try:
        with session().begin_nested():
            yield
    except Exception as error:
        cause = getattr(error, "orig", None) or error
        if getattr(cause, "sqlstate", None) in _FASTER or getattr(cause, "sqlite_errorcode", None) in _TAKEN:
            raise Taken from error
        raise


def put_once(
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    on: Sequence[str],
    where: ColumnElement[bool] | TextClause | None = None,
) -> list[Mapping[str, Any]]:
    """INSERT … ON CONFLICT (on) DO NOTHING of many rows (as `db.insert_once` does of one) with a key `id`; those of
    them that this call made."""
    table = model.__table__
    assert isinstance(table, Table)
    if len(rows) < 2:
        # For one the statement without an answer is the cheaper one.
        return [row for row in rows if insert_once(table, row, on, where)]
    made = insert_or_nothing(table, on, where).returning(table.c.id)
    ids = set(session().connection().execute(made, [dict(row) for row in rows]).scalars())
    return [row for row in rows if row["id"] in ids]


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
                    values[at] = orjson.dumps(values[at]).decode()
            copy.write_row(values)
