"""The shape of the database: migrations up and down, and whether the models match.

Alembic is imported where it is used: a web process that never migrates need not carry its 10 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from lms.kernel.audit import APPEND_ONLY, CLEARED
from lms.kernel.cli import fail
from lms.kernel.db import Model, db

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent.parent / "migrations"
ONE_AT_A_TIME = 7_316_201  # PostgreSQL advisory lock: two starting processes must not both migrate

schema_cli = AppGroup("schema", help="Bring the database to a version, or compare it.")


@contextmanager
def _config() -> Iterator[Config]:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
            connection.commit()
        config.attributes["connection"] = connection
        yield config
        connection.commit()


def upgrade(revision: str = "head") -> None:
    """Bring the database up to a revision."""
    from alembic import command  # noqa: PLC0415

    with _config() as config:
        command.upgrade(config, revision)


def downgrade(revision: str) -> None:
    """Take the database down to a revision ("base": empty). Every migration on the way is asked first whether it may
    be undone (its `require_may_go_back`, where it has one), so that a refusal comes before anything was dropped."""
    from alembic import command  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    with _config() as config:
        connection = config.attributes["connection"]
        current = MigrationContext.configure(connection).get_current_revision()
        for script in ScriptDirectory.from_config(config).iterate_revisions(current, revision):
            judge = getattr(script.module, "require_may_go_back", None)
            if judge is not None:
                judge(connection)
        connection.commit()
        command.downgrade(config, revision)


def clear() -> None:
    """Take every table out, of whatever version, with all that it holds and the triggers on it. Unlike `downgrade` it
    asks nobody, so only a demonstration is emptied like this; who calls has judged that it is one."""
    with _config() as config:
        connection: Connection = config.attributes["connection"]
        connection.commit()
        if connection.dialect.name == "postgresql":
            _clear_postgresql(connection)
        else:
            _clear_sqlite(connection)


_TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)
_FUNCTIONS = (
    "SELECT oid::regprocedure::text FROM pg_proc "
    "WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype"
)


def _clear_postgresql(connection: Connection) -> None:
    tables = connection.scalars(text(_TABLES)).all()
    if tables:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(tables)} CASCADE")
    for name in connection.scalars(text(_FUNCTIONS)).all():
        connection.exec_driver_sql(f"DROP FUNCTION {name}")


def _clear_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # heard outside a transaction only
    try:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        for name in connection.scalars(text(named)).all():
            connection.exec_driver_sql(f'DROP TABLE "{name}"')
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def differences() -> list[object]:
    """What the models have and the database has not, or the other way round."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Model.metadata))


@schema_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade_command(revision: str) -> None:
    """Migrate up to REVISION (the newest by default)."""
    upgrade(revision)


@schema_cli.command("downgrade")
@click.argument("revision")
def downgrade_command(revision: str) -> None:
    """Migrate down to REVISION."""
    downgrade(revision)


def rights(role: str) -> list[str]:
    """What a PostgreSQL role needs to serve: rows it may read, add, change and remove, but never to change or
    remove what is append-only, but for clearing what may be cleared. For the owner of the tables to run, after
    every migration."""
    name = '"' + role.replace('"', '""') + '"'
    kept = ", ".join(sorted(APPEND_ONLY))
    free = ", ".join(sorted(Model.metadata.tables.keys() - APPEND_ONLY))
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}, PUBLIC",
        f"REVOKE CREATE ON SCHEMA public FROM {name}, PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT ON alembic_version TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {free} TO {name}",
        f"GRANT SELECT, INSERT ON {kept} TO {name}",
        # Names and words of people who are erased: a trigger sees to it that they become nothing else.
        *(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {name}" for table, columns in sorted(CLEARED.items())),
    ]


@schema_cli.command("rights")
@click.argument("role")
@click.option("--print", "only_print", is_flag=True, help="Print the SQL and change nothing.")
def rights_command(role: str, only_print: bool) -> None:
    """Give a PostgreSQL ROLE the rights to serve, and no more; run as the owner of the tables."""
    statements = rights(role)
    if only_print:
        click.echo(";\n".join(statements) + ";")
        return
    if db.engine.dialect.name != "postgresql":
        fail("only PostgreSQL has roles")
    try:
        with db.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        fail(str(error.orig).strip())
    click.echo(f"{role}: {len(APPEND_ONLY)} tables append-only", err=True)


@schema_cli.command("revise")
@click.argument("message")
def revise_command(message: str) -> None:
    """Write a migration from the difference between models and database."""
    from alembic import command  # noqa: PLC0415

    with _config() as config:
        command.revision(config, message=message, autogenerate=True)
