"""`demo --reset`: empties a demonstration whatever stands in it, and never a house of real people."""

import sys
from collections.abc import Iterator
from pathlib import Path

import hashing
import pytest
from cast import Cast, make_cast
from flask import Flask
from houses import build_app
from servers import Postgres
from sqlalchemy import inspect, text

from lms.demo import build
from lms.kernel import schema
from lms.kernel.db import db, dispose, session
from lms.kernel.uow import unit_of_work

sys.path.insert(0, str(Path(__file__).parent.parent / "credits"))
sys.path.insert(0, str(Path(__file__).parent.parent / "assessments"))

import credit_stage


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A migrated house; `demo` empties it and builds nothing."""
    overrides: dict[str, object] = {}
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("pg_server")
        server.execute("DROP DATABASE IF EXISTS reset WITH (FORCE)", "CREATE DATABASE reset")
        overrides["database_url"] = server.url("reset")
    monkeypatch.setattr(build, "build_demo", lambda: None)
    app = build_app(tmp_path, **overrides)
    with app.app_context():
        schema.upgrade()
    yield app
    with app.app_context():
        db.session.remove()
    dispose(app)


def filled(app: Flask) -> Cast:
    """People, places and lines of the ledger, as a building that was cut off leaves them."""
    with hashing.cost(hashing.LEAST):
        cast = make_cast(app)
    credit_stage.award_of(app, cast, cast.learner)
    assert people(app)
    return cast


def people(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(text("SELECT count(*) FROM person")) or 0


def reset(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["demo", "--reset"])
    return done.exit_code, done.output


def test_one_that_was_cut_off_begins_anew(house: Flask) -> None:
    filled(house)
    house.extensions["xinglin.settings"].mark_demo()
    code, said = reset(house)
    assert code == 0, said
    assert not people(house)
    filled(house)  # its triggers are there again, and its keys hold
    with house.app_context():
        assert not schema.differences()


def test_one_of_half_a_version_begins_anew(house: Flask) -> None:
    """Cut off between two migrations, or left by an older version: no table is where the newest one looks for it."""
    house.extensions["xinglin.settings"].mark_demo()
    with house.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
        assert "ledger_entry" in inspect(db.engine).get_table_names()
    code, said = reset(house)
    assert code == 0, said
    with house.app_context():
        assert not schema.differences()


def test_real_people_stay(house: Flask) -> None:
    filled(house)
    before = people(house)
    code, said = reset(house)
    assert code != 0
    assert "Real data lives here" in said
    assert people(house) == before
