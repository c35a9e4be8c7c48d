"""Migrations run up, down and up, keep the refusing triggers, and match the models, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from houses import build_app
from servers import Postgres
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from lms.kernel import schema
from lms.kernel.db import db, dispose


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database."""
    overrides: dict[str, object] = {}
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("pg_server")
        server.execute("DROP DATABASE IF EXISTS shape WITH (FORCE)", "CREATE DATABASE shape")
        overrides["database_url"] = server.url("shape")
    app = build_app(tmp_path, **overrides)
    with app.app_context():
        yield app
        db.session.remove()
        dispose(app)


def test_up_down_and_up_again(bare: Flask) -> None:
    schema.upgrade()
    assert "ledger_entry" in inspect(db.engine).get_table_names()
    schema.downgrade("base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    schema.upgrade()
    assert not schema.differences()


def test_the_ledger_is_append_only_after_a_migration(bare: Flask) -> None:
    schema.upgrade()
    with db.engine.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_trail (id, at, action, thing, thing_id, details) VALUES "
                "('01890000000070008000000000000000', '2026-01-01 00:00:00', 'a', 'b', 'c', '{}')"
            )
        )
        for statement in ("UPDATE audit_trail SET action = 'x'", "DELETE FROM audit_trail"):
            with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
                connection.execute(text(statement))
        connection.rollback()
