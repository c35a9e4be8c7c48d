"""gunicorn for production: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

import os
from pathlib import Path

from prometheus_client import multiprocess

from lms.kernel.outbox import InProcess

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# One thread computes, another may wait for the database; more would only quarrel over the interpreter's lock.
threads = int(os.environ.get("WEB_THREADS", "2"))
backlog = 2048
keepalive = 15
timeout = 60
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
accesslog = None  # the house logs every answer itself, with its request id


def on_starting(server):  # type: ignore[no-untyped-def]
    """Counts of several workers meet in a folder; those of an earlier run are no use."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for old in Path(folder).glob("*.db"):
            old.unlink()


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Without a broker each worker works the outbox off itself; claims keep them apart."""
    app = worker.app.callable
    runner = app.extensions["xinglin.runner"]
    if isinstance(runner, InProcess):
        runner.start()


def worker_exit(server, worker):  # type: ignore[no-untyped-def]
    """Let the outbox thread finish the row in hand."""
    app = getattr(worker.app, "callable", None)
    runner = app.extensions["xinglin.runner"] if app else None
    if isinstance(runner, InProcess):
        runner.stop()


def child_exit(server, worker):  # type: ignore[no-untyped-def]
    """Forget the gauges of a worker that is gone; its counts stay."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)
