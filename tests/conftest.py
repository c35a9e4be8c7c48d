"""Fixtures of all tests: a house on SQLite and on PostgreSQL, emptied before each test.

Each worker process builds each house once, with the cast in it, and keeps a copy of the database; a
test starts from that copy. Commits are real.
"""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

import hashing
import memory_disk
import once
from cast import PASSWORD, Cast, Member, make_cast
from chains import Chains
from chromiums import started
from counting import counted
from houses import House, build_app
from pages import post_form
from playwright.sync_api import Browser
from servers import Postgres, postgres
from xdist.remote import Producer

from lms.app import create_schema
from lms.kernel import i18n, jobs
from lms.kernel.db import dispose

# Servers that tests start keep what they compiled: some two hundred would compile the whole house anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The gate says the same of the same code each time, however busy the machine; `--hypothesis-profile=default` draws
# anew.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")
once.begin()


def pytest_configure(config: pytest.Config) -> None:
    """Workers get their folders from the process that began the run."""
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        made = memory_disk.folder()
        if made is not None:
            config.option.basetemp = str(made / "run")
            (made / "templates").mkdir()
            os.environ[once.FOLDER] = str(made / "templates")
            config.add_cleanup(lambda: shutil.rmtree(made, ignore_errors=True))


# Nothing is looked through for garbage while the tests are gathered; afterwards what is there stays out of it, and it
# is looked for after ten thousand new objects, not after 700. That was a quarter of the time of the tests that stay in
# one process: whatever the house leaves in cycles is found a little later, and nothing else changes.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for again."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Chains:
    """Several workers, chains of tests."""
    return Chains(config, log)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this process; without Chromium they say so and are skipped."""
    with started() as browser:
        yield browser


@pytest.fixture(autouse=True)
def chinese_first() -> None:
    """A test begins in Chinese, whatever the one before it spoke."""
    i18n.speak("zh")


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("sqlite")
    app = build_app(folder, demo=True)
    create_schema(app)
    with hashing.cost(hashing.LEAST):
        cast = make_cast(app)
    database, kept = folder / "xinglin.db", folder / "kept.db"

    def close() -> None:
        dispose(app)

    close()
    shutil.copy(database, kept)

    def restore() -> None:
        close()
        for ending in ("-wal", "-shm"):
            database.with_name(database.name + ending).unlink(missing_ok=True)
        shutil.copy(kept, database)

    yield House(app, cast, restore)
    close()


@pytest.fixture(scope="session")
def postgresql_house(tmp_path_factory: pytest.TempPathFactory, pg_server: Postgres) -> Iterator[House]:
    pg_server.execute("CREATE DATABASE house")
    app = build_app(tmp_path_factory.mktemp("postgresql"), demo=True, database_url=pg_server.url("house"))
    create_schema(app)
    with hashing.cost(hashing.LEAST):
        cast = make_cast(app)

    def close() -> None:
        dispose(app)

    close()
    pg_server.execute("CREATE DATABASE kept TEMPLATE house")

    def restore() -> None:
        close()
        # As files: the other way writes each page into the server's log too, and takes half as long again.
        pg_server.execute("DROP DATABASE house WITH (FORCE)", "CREATE DATABASE house TEMPLATE kept STRATEGY file_copy")

    yield House(app, cast, restore)
    close()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    made: House = request.getfixturevalue(f"{request.param}_house")
    made.restore()
    jobs.forget_slots()
    with hashing.cost(hashing.LEAST):
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    """The application, on SQLite and again on PostgreSQL, holding nothing but the cast."""
    return house.app


@pytest.fixture
def cast(house: House) -> Cast:
    return house.cast


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of nobody, without JavaScript."""
    return app.test_client()


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, Member], FlaskClient]:
    """Sign a member of the cast in through the rendered form."""

    def through_the_form(client: FlaskClient, member: Member) -> FlaskClient:
        answer = post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return through_the_form


@pytest.fixture
def work_off() -> Callable[[Flask], int]:
    """Work off the outbox of an application now, in this thread."""

    def drain(app: Flask) -> int:
        with app.app_context():
            done: int = app.extensions["xinglin.runner"].drain()
            return done

    return drain


@pytest.fixture
def count_sql() -> Callable[[], object]:
    """`with count_sql() as statements:` gathers the SQL of the block."""
    return counted
