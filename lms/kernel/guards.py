"""Letting rows in as they were: foreign keys and triggers stand aside inside one transaction.

Tables point at each other in circles and triggers judge new rows by old ones, so a whole house cannot
be poured in table by table in front of them. Both are put back before the commit, and the foreign keys
are checked then over every row.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection


@contextmanager
def guards_down(connection: Connection) -> Iterator[None]:
    """Foreign keys wait and triggers sleep within the block. An error in it must roll all back."""
    if connection.dialect.name == "postgresql":
        again = _postgresql(connection)
    else:
        again = _sqlite(connection)
    yield
    for statement in again:
        connection.exec_driver_sql(statement)


def _postgresql(connection: Connection) -> list[str]:
    """Drop the foreign keys and disable our triggers; what brings them back. Needs the tables' owner,
    not a superuser."""
    keys = connection.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' "
            "AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    ).all()
    tables = connection.scalars(
        text(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
            "WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
        )
    ).all()
    again = []
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        again.append(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for table, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return again


def _sqlite(connection: Connection) -> list[str]:
    """Put foreign keys off until the commit and drop the triggers; what brings these back."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    triggers = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    ).all()
    for name, _statement in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return [statement for _name, statement in triggers]
