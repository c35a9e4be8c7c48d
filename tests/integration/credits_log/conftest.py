"""Houses of the log's tests: each with its own data folder and database, and the cast in it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from houses import House
from servers import Postgres

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "credits", HERE.parent / "assessments"):
    sys.path.insert(0, str(folder))

from log_stage import LogHouse, LogHouses


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def log_houses(request: pytest.FixtureRequest, kind: str, tmp_path: Path, pg_server: Postgres) -> Iterator[LogHouses]:
    made: House = request.getfixturevalue(f"{kind}_house")
    made.restore()
    houses = LogHouses(tmp_path, kind, made, pg_server)
    yield houses
    houses.close()


@pytest.fixture
def log_house(log_houses: LogHouses) -> LogHouse:
    """One house, with a key of its own."""
    return log_houses.new()
