"""The role that serves may add to the ledger and never change it, with triggers or without."""

from pathlib import Path

import pytest
from houses import build_app
from log_stage import LogHouse, LogHouses, read_log
from servers import Postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.app import create_schema
from lms.kernel import schema
from lms.kernel.audit import APPEND_ONLY
from lms.kernel.db import db, dispose

ON_POSTGRESQL = pytest.mark.parametrize("kind", ["postgresql"])  # SQLite has no roles
ROLE = "xinglin_serves"


@pytest.fixture
def serving(log_houses: LogHouses) -> LogHouse:
    """A house that PostgreSQL knows as a role with the rights that the command gives."""
    house = log_houses.new()
    server: Postgres = log_houses.server
    server.execute(f"DROP ROLE IF EXISTS {ROLE}", f"CREATE ROLE {ROLE} LOGIN") if not _exists(house) else None
    with house.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)"))
    result = house.shell("schema", "rights", ROLE)
    assert result.exit_code == 0, result.output
    url = house.settings["database_url"].replace("postgres@", f"{ROLE}@")
    return log_houses.again(house, database_url=url)


def _exists(house: LogHouse) -> bool:
    return house.sql("SELECT COUNT(*) FROM pg_roles WHERE rolname = :role", role=ROLE) == [(1,)]


@ON_POSTGRESQL
def test_the_house_works_under_it(serving: LogHouse) -> None:
    serving.awards(3)
    assert serving.write()
    assert read_log(serving.log).size == 3
    assert serving.verify()["exit"] == 0


@ON_POSTGRESQL
def test_the_rights_refuse_before_any_trigger(serving: LogHouse) -> None:
    serving.awards(1)
    assert "ledger_entry" in APPEND_ONLY
    for table in sorted(APPEND_ONLY):
        with serving.app.app_context(), db.engine.connect() as connection:
            columns = connection.execute(text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = :table LIMIT 1"
            ), {"table": table}).scalar_one()  # fmt: skip
        quoted = f'"{columns}"'
        for verb in (f"UPDATE {table} SET {quoted} = {quoted}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE",
                     f"DROP TABLE {table}", f"ALTER TABLE {table} DISABLE TRIGGER ALL"):  # fmt: skip
            with (
                serving.app.app_context(),
                db.engine.connect() as connection,
                pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            ):
                connection.execute(text(verb))


def test_it_prints_what_it_would_do(log_house: LogHouse) -> None:
    result = log_house.shell("schema", "rights", 'odd"name', "--print")
    assert result.exit_code == 0
    assert 'GRANT SELECT, INSERT ON activity, audit_decision' in result.stdout
    assert '"odd""name"' in result.stdout


def test_it_is_only_for_postgresql(tmp_path: Path) -> None:
    app = build_app(tmp_path)
    create_schema(app)
    result = app.test_cli_runner().invoke(args=["schema", "rights", "somebody"])
    assert result.exit_code == 1
    dispose(app)


def test_every_table_is_in_one_of_the_two_lists() -> None:
    grants = [one for one in schema.rights("r") if one.startswith("GRANT SELECT, INSERT")]
    names = [name for one in grants for name in one.split(" ON ")[1].split(" TO ")[0].split(", ")]
    assert len(names) == len(set(names))
    assert {"ledger_entry", "log_pending", "award", "outbox"} <= set(names)
