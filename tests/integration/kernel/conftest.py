"""Houses of the kernel's own tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from servers import Postgres

sys.path.insert(0, str(Path(__file__).parent))

from kernel_probe import CALLS, CLEAN, WAITS, Houses

from lms.app import create_app, create_schema
from lms.kernel import jobs
from lms.kernel.db import dispose
from lms.kernel.settings import load_settings
from lms.kernel.web import POLICIES


@pytest.fixture(scope="session")
def bare(pg_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    """PostgreSQL with a database "bare" that has all tables and nothing in them."""
    pg_server.execute("CREATE DATABASE bare")
    data = tmp_path_factory.mktemp("bare")
    app = create_app(load_settings(CLEAN, data=data, database_url=pg_server.url("bare"), log_level="ERROR"))
    create_schema(app)
    dispose(app)
    return pg_server


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def houses(kind: str, tmp_path: Path, bare: Postgres) -> Iterator[Houses]:
    CALLS.clear()
    WAITS.clear()
    jobs.forget_slots()
    known_jobs = dict(jobs.JOBS)
    made = Houses(tmp_path, kind, bare)
    yield made
    made.close()
    jobs.JOBS.clear()
    jobs.JOBS.update(known_jobs)
    for endpoint in [name for name in POLICIES if name.startswith("probe.")]:
        del POLICIES[endpoint]


@pytest.fixture
def kernel_app(houses: Houses) -> Flask:
    """A house of this test alone."""
    return houses.new()
