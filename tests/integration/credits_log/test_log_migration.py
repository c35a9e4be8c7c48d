"""The migrations of the ledger: nobody's lines are written anew, and the table refuses changes after each way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import make_cast
from credit_stage import LECTURE, award_of, ledger_sum, writing
from flask import Flask
from houses import build_app
from servers import Postgres
from sqlalchemy import text

from lms.kernel import schema
from lms.kernel.db import db, dispose, session

BEFORE = "0001"


@pytest.fixture
def migrated(kind: str, tmp_path: Path, pg_server: Postgres) -> Iterator[Flask]:
    overrides: dict[str, object] = {}
    if kind == "postgresql":
        pg_server.execute("DROP DATABASE IF EXISTS moved WITH (FORCE)", "CREATE DATABASE moved")
        overrides["database_url"] = pg_server.url("moved")
    app = build_app(tmp_path / "house", demo=True, **overrides)
    with app.app_context():
        schema.upgrade()
    yield app
    dispose(app)


def down(app: Flask, revision: str = BEFORE) -> None:
    with app.app_context():
        schema.downgrade(revision)
        db.session.remove()


def up(app: Flask) -> None:
    with app.app_context():
        schema.upgrade()
        assert not schema.differences()
        db.session.remove()


def test_a_ledger_with_lines_does_not_go_back_and_is_not_harmed(migrated: Flask) -> None:
    cast = make_cast(migrated)
    award_of(migrated, cast, cast.learner, **LECTURE)
    before = ledger_sum(migrated, cast.learner)
    with pytest.raises(RuntimeError, match=r"账目.* has lines"):
        down(migrated)
    with migrated.app_context():
        assert not schema.differences()
    assert ledger_sum(migrated, cast.learner) == before > 0


def test_a_ledger_of_the_first_form_is_refused(migrated: Flask) -> None:
    down(migrated, "0011")
    with writing(migrated):
        session().execute(text("ALTER TABLE ledger_entry ADD COLUMN award_key VARCHAR(60)"))
    with pytest.raises(RuntimeError, match=r"请用空库.* begin with an empty one"):
        up(migrated)


def test_the_triggers_stand_after_each_way(migrated: Flask) -> None:
    for move in (down, up):
        move(migrated)
        with migrated.app_context(), db.engine.connect() as connection:
            if db.engine.dialect.name == "sqlite":
                found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry'"
                names = {"ledger_entry_no_update", "ledger_entry_no_delete"}
            else:
                found = ("SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_entry'::regclass "
                         "AND NOT tgisinternal")  # fmt: skip
                names = {"ledger_entry_no_change", "ledger_entry_no_truncate"}
            assert set(connection.execute(text(found)).scalars()) == names
