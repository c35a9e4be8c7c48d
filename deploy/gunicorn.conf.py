"""gunicorn for production: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

import os

from lms.kernel.outbox import InProcess

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
backlog = 2048
keepalive = 15
timeout = 60
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
accesslog = None


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Without a broker each worker works the outbox off itself; claims keep them apart."""
    app = worker.app.callable
    runner = app.extensions["xinglin.runner"]
    if isinstance(runner, InProcess):
        runner.start()
