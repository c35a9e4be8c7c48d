"""The real thing as processes: web server, task worker, schedule, on either database.

Used by browser journeys, races and kills. Everything listens on 127.0.0.1 and ends with the block.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import hashing
import psutil
from servers import Postgres, free_port, valkey

from lms.app import create_app
from lms.kernel import schema
from lms.kernel.db import dispose
from lms.kernel.settings import load_settings

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
GUNICORN = ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
WEB = ["-m", "tests.serving", *GUNICORN[2:]]
WORKER = ["-m", "celery", "-A", "wsgi:celery_app", "worker", "--concurrency", "2", "--loglevel", "ERROR"]
BEAT = ["-m", "celery", "-A", "wsgi:celery_app", "beat", "--loglevel", "ERROR"]
NOT_OURS = ("XINGLIN_", "PORT")


@dataclass
class Stack:
    """A running installation."""

    url: str
    environment: dict[str, str]
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str]) -> None:
        """Start one of our processes; its output goes to a file in the data folder."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [PYTHON, *command],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a power cut would (SIGKILL)."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """End everything this stack started."""
        for process in self.processes.values():
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def left(self) -> list[str]:
        """Every process that still runs with this stack's settings, whoever its parent is now."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                mine = process.environ().get("XINGLIN_DATA") == str(self.folder)
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid}: {' '.join(process.cmdline())}")
        return found

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait for /readyz to answer 200; raises RuntimeError with the log's end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        tails = [p.read_text(errors="replace")[-2000:] for p in self.folder.glob("*.log")]
        raise RuntimeError("not ready:\n" + "\n".join(tails))


@contextmanager
def stack(
    folder: Path,
    prepare: Callable[[object], object],
    *,
    server: Postgres | None = None,
    database: str = "stack",
    celery: bool = False,
    workers: int = 2,
    demo: bool = True,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Run gunicorn (and with celery=True Valkey, a worker and beat) on a database that `prepare`
    has filled through an application of its own. Without a server the database is SQLite."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)}
    environment |= {
        "XINGLIN_DATA": str(folder),
        "XINGLIN_LOG_LEVEL": "WARNING",
        "XINGLIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(workers),
        **(settings or {}),
    }
    if demo:
        environment["XINGLIN_DEMO"] = "1"
    with ExitStack() as ends:
        if server:
            server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", f"CREATE DATABASE {database}")
            environment["XINGLIN_DATABASE_URL"] = server.url(database)
        if celery:
            environment["XINGLIN_REDIS_URL"] = ends.enter_context(valkey())
        app = create_app(load_settings(environment))
        with app.app_context():
            ends.callback(dispose, app)
            schema.upgrade()
        with hashing.cost(hashing.of_servers()):
            prepare(app)
        running = Stack(f"http://127.0.0.1:{port}", environment, folder)
        ends.callback(running.stop)
        running.start("web", WEB)
        if celery:
            running.start("worker", WORKER)
            running.start("beat", BEAT)
        running.wait_until_ready()
        yield running
