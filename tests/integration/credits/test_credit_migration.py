"""Migration 0002: facts learn what was chosen, and stay append-only on the way up and down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from houses import build_app
from servers import Postgres
from sqlalchemy import inspect, text

from lms.kernel import schema
from lms.kernel.db import db, dispose

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'activity'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'activity'::regclass AND NOT tgisinternal",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database."""
    overrides: dict[str, object] = {}
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("pg_server")
        server.execute("DROP DATABASE IF EXISTS chosen WITH (FORCE)", "CREATE DATABASE chosen")
        overrides["database_url"] = server.url("chosen")
    app = build_app(tmp_path, **overrides)
    with app.app_context():
        yield app
        db.session.remove()
        dispose(app)


def seen() -> tuple[bool, int]:
    """Whether activities know a choice, and how many triggers guard them."""
    with db.engine.connect() as connection:
        triggers = connection.execute(text(TRIGGERS[connection.dialect.name])).all()
    return "choice" in {column["name"] for column in inspect(db.engine).get_columns("activity")}, len(triggers)


def test_facts_stay_guarded_while_the_choice_comes_and_goes(bare: Flask) -> None:
    schema.upgrade("0001")
    assert seen() == (False, 2)
    schema.upgrade("0002")
    assert seen() == (True, 2)
    schema.downgrade("0001")
    assert seen() == (False, 2)
    schema.upgrade("0002")
    assert seen() == (True, 2)
