"""A house with an invented province, made by the real `seed` on PostgreSQL, for what is measured at scale."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask
from houses import build_app
from servers import DURABLE, FAST, postgres

from lms.demo.province import DOCTORS, Province, province
from lms.kernel import clock
from lms.kernel.cli import say

ROOT = Path(__file__).parent.parent.parent
# What docs/operations.md asks of a server that serves a province; the bars are for such a one.
SERVER = ["-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"]


@dataclass
class House:
    """The seeded house, its plan, and what seeding cost."""

    app: Flask
    folder: Path
    environment: dict[str, str]
    connection: "psycopg.Connection[object]"
    made: Province
    scale: float
    seconds: float
    gigabytes: float

    @property
    def whole(self) -> float:
        """By what a measurement that grows with the province is multiplied to speak of all of it."""
        return DOCTORS / len(self.made.doctors)

    def command(self, *words: str) -> list[str]:
        """A command of this house, to be run with its environment in the project's folder."""
        return [sys.executable, "-m", "flask", "--app", "wsgi", *words]

    def run(self, *words: str) -> "subprocess.Popen[bytes]":
        """The real command in a process of its own; what it says goes nowhere."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen(self.command(*words), cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet)

    def settle(self) -> None:
        """Statistics and visibility, as autovacuum leaves them after a while."""
        self.connection.execute("VACUUM ANALYZE")
        self.connection.execute("CHECKPOINT")


@contextmanager
def seeded(scale: float, *, durable: bool = True) -> Iterator[House]:
    """Start PostgreSQL, seed a province through the shell, and give it until the block ends."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="xl-province-")))
        server = ends.enter_context(postgres([*SERVER, *(DURABLE if durable else FAST)], in_memory=not durable))
        server.execute("CREATE DATABASE province")
        url = server.url("province")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XINGLIN_")}
        environment = kept | {"XINGLIN_DATA": str(folder), "XINGLIN_DATABASE_URL": url, "XINGLIN_LOG_LEVEL": "ERROR"}
        say(f"seeding a province at scale {scale}")
        begun = time.monotonic()
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "seed", "--province", "hebei", "--scale", str(scale)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        seconds = time.monotonic() - begun
        app = build_app(folder, database_url=url)
        dsn = f"host={server.socket_folder} user=postgres dbname=province"
        connection = ends.enter_context(psycopg.connect(dsn, autocommit=True))
        house = House(
            app, folder, environment, connection, province(1, scale, clock.today()), scale, seconds,
            _gigabytes(connection, folder),
        )  # fmt: skip
        house.settle()
        yield house


def _gigabytes(connection: "psycopg.Connection[object]", folder: Path) -> float:
    """Of the database and the published log."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert isinstance(row, tuple)
    files = sum(file.stat().st_size for file in (folder / "log").rglob("*") if file.is_file())
    return (int(row[0]) + files) / 1e9
