"""The servers of the bench: durable PostgreSQL, Valkey, gunicorn, a Celery worker; and the limits."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from flask import Flask
from servers import DURABLE, Postgres, free_port, postgres, valkey
from stack import GUNICORN, NOT_OURS, Stack

from lms.app import create_app
from lms.kernel import schema
from lms.kernel.settings import load_settings
from tests.bench import limits
from tests.bench.cpu import postmaster, tree_seconds

WORKERS = 2
# A worker of gunicorn retires after 20,000 requests; in a row of ten seconds that would be noise.
STAY = ["--max-requests", "0"]
CELERY = ["-m", "celery", "-A", "wsgi:celery_app", "worker", "--concurrency", "1", "--loglevel", "ERROR"]


@dataclass
class Machine:
    """Everything that runs."""

    app: Flask
    dsn: str
    server: Postgres
    stack: Stack
    port: int
    limits_port: int

    def seconds(self, name: str) -> float:
        """Processor time used so far by `web`, `limits`, `worker` or `postgres`."""
        if name == "postgres":
            return tree_seconds(postmaster(self.server.socket_folder))
        return tree_seconds(self.stack.processes[name].pid)

    def start(self) -> None:
        """Start the web server; the database is filled by now."""
        self.stack.start("web", [*GUNICORN, *STAY])
        self.stack.wait_until_ready()


@contextmanager
def machine(prepare: Callable[[Flask], None]) -> Iterator[Machine]:
    """Databases, broker, worker and limits run; `prepare` has filled the house through `app`; the web
    server waits for `Machine.start`."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="xl-bench-")))
        server = ends.enter_context(postgres(DURABLE, in_memory=False))
        server.execute("CREATE DATABASE house", "CREATE DATABASE limits")
        port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)} | {
            "XINGLIN_DATA": str(folder),
            "XINGLIN_DATABASE_URL": server.url("house"),
            "XINGLIN_REDIS_URL": ends.enter_context(valkey()),
            "XINGLIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "XINGLIN_DEMO": "1",
            "BIND": f"127.0.0.1:{port}",
            "WEB_CONCURRENCY": str(WORKERS),
        }
        app = create_app(load_settings(environment | {"XINGLIN_LOG_LEVEL": "ERROR"}))
        with app.app_context():
            schema.upgrade()
        stack = Stack(f"http://127.0.0.1:{port}", environment, folder)
        ends.callback(stack.stop)
        stack.start("worker", CELERY)
        prepare(app)
        yield Machine(app, _dsn(server, "house"), server, stack, port, _start_limits(server, stack))


def _dsn(server: Postgres, database: str) -> str:
    return f"host={server.socket_folder} user=postgres dbname={database}"


def _start_limits(server: Postgres, stack: Stack) -> int:
    dsn, port = _dsn(server, "limits"), free_port()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(limits.SCHEMA)
    own, stack.environment = stack.environment, {
        **stack.environment, "LIMITS_DSN": dsn, "BIND": f"127.0.0.1:{port}",
    }  # fmt: skip
    stack.start("limits", [*GUNICORN[:-1], *STAY, "tests.bench.limits:app"])
    stack.environment = own
    return port
