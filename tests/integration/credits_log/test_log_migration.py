"""The migration with lines that are already there: they become transfers with leaves, and wait for the log."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cast import make_cast
from credit_stage import LECTURE, award_of, state, writing
from flask import Flask
from houses import build_app
from log_stage import LogHouse, read_log
from servers import Postgres
from sqlalchemy import text

from lms.credits import commands
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


def lines(app: Flask, *columns: str) -> list[Any]:
    with writing(app):
        order = "person_id, person_sequence"
        return list(session().execute(text(f"SELECT {', '.join(columns)} FROM ledger_entry ORDER BY {order}")).all())


def down(app: Flask) -> None:
    with app.app_context():
        schema.downgrade(BEFORE)
        db.session.remove()


def up(app: Flask) -> None:
    with app.app_context():
        schema.upgrade()
        assert not schema.differences()
        db.session.remove()


OLD = ("award_id", "sequence", "person_id", "person_sequence", "credit_year", "amount_milli", "effective_on",
       "recorded_at", "policy_version_id")  # fmt: skip


def test_lines_go_down_and_up_and_are_the_same(migrated: Flask, tmp_path: Path) -> None:
    cast = make_cast(migrated)
    house = LogHouse(migrated, cast, tmp_path / "house")
    awards = [award_of(migrated, cast, cast.learner, **LECTURE | {"on_date": date(2026, 2, n)}) for n in range(1, 5)]
    award_of(migrated, cast, cast.colleague, **LECTURE)
    for deed, reason in ((commands.reverse_award, "duplicate"), (commands.approve_award, "in_order")):
        with writing(migrated):
            version = session().execute(
                text("SELECT version FROM award WHERE state <> 'granted' UNION SELECT 1 ORDER BY 1 DESC LIMIT 1")
            ).scalar_one()
            deed(cast.province_auditor.actor, awards[1], version=version, reason_code=reason, text="登记了两次。")
    house.write()
    before = lines(migrated, *OLD, "id", "award_key", "debit", "credit", "reverses")
    down(migrated)
    shutil.rmtree(house.log)
    for made in (tmp_path / "house").glob("log_key*"):
        made.unlink()
    assert lines(migrated, *OLD) == [row[: len(OLD)] for row in before]
    up(migrated)
    after = lines(migrated, *OLD, "id", "award_key", "debit", "credit", "reverses")
    places = [place for place in range(len(after[0])) if place not in (len(OLD) + 2, len(OLD) + 3)]
    assert [[row[at] for at in places] for row in after] == [[row[at] for at in places] for row in before]
    assert house.sql("SELECT COUNT(*) FROM log_pending") == [(7,)]
    assert house.write()
    assert read_log(house.log).size == 7
    assert house.verify()["exit"] == 0
    # and life goes on behind them
    award_of(migrated, cast, cast.learner, **LECTURE | {"on_date": date(2026, 3, 1)})
    assert state(migrated, awards[1])[0] == "approved"
    house.write()
    assert read_log(house.log).size == 8
    assert house.verify()["exit"] == 0


def test_the_triggers_stand_after_each_way(migrated: Flask) -> None:
    cast = make_cast(migrated)
    award_of(migrated, cast, cast.learner, **LECTURE)
    for move in (down, up):
        move(migrated)
        for verb in ("UPDATE ledger_entry SET sequence = 9", "DELETE FROM ledger_entry"):
            with pytest.raises(Exception, match="append-only"), writing(migrated):
                session().execute(text(verb))
