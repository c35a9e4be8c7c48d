"""The shape of the database: migrations up and down, and whether the models match.

Alembic is imported where it is used: a web process that never migrates need not carry its 10 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from sqlalchemy import text

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
    """Take the database down to a revision ("base": empty)."""
    from alembic import command  # noqa: PLC0415

    with _config() as config:
        command.downgrade(config, revision)


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


@schema_cli.command("revise")
@click.argument("message")
def revise_command(message: str) -> None:
    """Write a migration from the difference between models and database."""
    from alembic import command  # noqa: PLC0415

    with _config() as config:
        command.revision(config, message=message, autogenerate=True)
