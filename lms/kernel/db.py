"""The database, kept thin: one model base, column types, two dialect differences.

SQLAlchemy 2 does the work; Flask-SQLAlchemy only owns the engine and the scoped session.
Nothing here commits: `kernel.uow` does.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Insert,
    MetaData,
    Table,
    TextClause,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)


# SQLite takes its write lock at the start of a writing transaction; otherwise two readers that
# both decide to write would fail or lose an update. Readers take no lock.
writing: ContextVar[bool] = ContextVar("writing", default=False)
# Set within a unit of work that only reads: on PostgreSQL it has connections of its own.
reading: ContextVar[bool] = ContextVar("reading", default=False)
READING = "reading"


class UnitSession(FlaskSession):
    """The session of a unit of work. A unit that only reads uses connections that PostgreSQL keeps from
    writing and that open no transaction: BEGIN and COMMIT would be half of a lesson's way to the database,
    and READ COMMITTED promises nothing from one statement to the next that a transaction would keep."""

    def get_bind(self, *_given: Any, **_options: Any) -> Engine:
        """The engine for this unit; SQLite has only one."""
        engines = self._db.engines
        return engines[READING] if reading.get() and READING in engines else engines[None]


db = SQLAlchemy(model_class=Model, session_options={"class_": UnitSession, "expire_on_commit": False})


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which has no zones, stores the UTC wall clock."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


def session() -> Session:
    """The session of the unit of work that is open here."""
    return db.session()


def run(statement: Executable, values: Mapping[str, Any], *, count: bool = False) -> CursorResult[Any]:
    """Run a statement that was built once and gives no objects: half the price of `session().execute`.

    `count`: whether `rowcount` is wanted of an INSERT (psycopg throws it away otherwise).
    """
    here = session()
    here.flush()
    options = {"preserve_rowcount": True} if count else None
    return here.connection().execute(statement, dict(values), execution_options=options)


def insert_once(
    target: type[Model] | Table,
    values: Mapping[str, Any],
    on: Sequence[str],
    where: ColumnElement[bool] | TextClause | None = None,
) -> bool:
    """INSERT … ON CONFLICT (on) DO NOTHING; True if this call made the row.

    `on` names the columns of the unique constraint that may already be taken; `where` is the
    condition of the unique index when it is a partial one: the one object of the model, not one built for the call.
    """
    table = target if isinstance(target, Table) else target.__table__
    assert isinstance(table, Table)
    return run(insert_or_nothing(table, on, where), values, count=True).rowcount == 1


def insert_or_nothing(
    table: Table, on: Sequence[str], where: ColumnElement[bool] | TextClause | None = None
) -> Insert:
    """The statement of `insert_once`, for who gives it rows in another way."""
    return _insert_or_nothing(session().get_bind().dialect.name, table, tuple(on), where)


@lru_cache(maxsize=256)
def _insert_or_nothing(
    dialect: str, table: Table, on: tuple[str, ...], where: ColumnElement[bool] | TextClause | None
) -> Insert:
    """The statement without its values: built once a table, so that its compiled form is found at once."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table).on_conflict_do_nothing(index_elements=on, index_where=where)


def engine_options(url: str, pool: int) -> dict[str, Any]:
    """Arguments of create_engine for an address. Faults are logged without the values they had: those
    can be names and answers."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": 30, "check_same_thread": False},
            "pool_size": pool,
            "max_overflow": 40,
            "hide_parameters": True,
        }
    return {
        "pool_size": pool,
        "max_overflow": 4,
        "pool_pre_ping": False,
        "pool_timeout": 20,
        "hide_parameters": True,
    }


def prepare_sqlite(engine: Engine) -> None:
    """Make an SQLite engine durable (WAL, synchronous=FULL), strict about keys and fit for writers."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # INSERT OR REPLACE deletes too: only so do the triggers of append-only tables hear of it.
            "recursive_triggers=ON",
            "busy_timeout=30000",
            "temp_store=MEMORY",
            "journal_size_limit=67108864",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def reading_options(url: str, pool: int) -> dict[str, Any]:
    """Arguments of create_engine for the connections of units that only read (PostgreSQL)."""
    return {"url": url, **engine_options(url, pool), "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}


def keep_from_writing(engine: Engine) -> None:
    """Let PostgreSQL itself refuse to write on every connection of this engine."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.execute("SET default_transaction_read_only = on")


def dispose(app: Flask) -> None:
    """Close every connection an application holds."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
