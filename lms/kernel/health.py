"""Is the process alive, can it serve, how is it doing."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.kernel import jobs, outbox
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.kernel.settings import Settings
from lms.kernel.storage.choosing import storage
from lms.kernel.web import ANYBODY, FeatureBlueprint

bp = FeatureBlueprint("health", __name__)
REQUESTS = Counter("xinglin_requests", "Answers by endpoint and status", ["endpoint", "status"])
SECONDS = Histogram("xinglin_request_seconds", "Time to answer by endpoint", ["endpoint"])
PATIENCE_SECONDS = 300
# Features add what they know of their own health: a name, then whether all is well and what to show. It is told and
# never takes the web down: people go on learning while somebody looks.
standings: dict[str, Callable[[], tuple[bool, dict[str, Any]]]] = {}
gauges: dict[str, Callable[[], Iterator[GaugeMetricFamily]]] = {}
log = structlog.get_logger("health")


@bp.get("/healthz", who=ANYBODY)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz", who=ANYBODY)
def readyz() -> ResponseReturnValue:
    """Database, broker and storage can be used (else 503); the outbox is not stuck, features are well (else told)."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    checks = {"database": _database(), "storage": _storage(), "broker": _broker(settings)}
    state: dict[str, object] = {"status": "ok" if all(checks.values()) else "unready", **checks}
    if checks["database"]:
        for name, ask in standings.items():
            well, state[name] = ask()
            if not well and state["status"] == "ok":
                state["status"] = "degraded"
        standing = outbox.standing()
        state["outbox"] = standing
        state["outbox_late"] = standing["oldest_seconds"] > PATIENCE_SECONDS
        state["schedule_seconds"] = jobs.last_seconds()
    return state, 503 if state["status"] == "unready" else 200


@bp.get("/metrics", who=ANYBODY)
def metrics() -> ResponseReturnValue:
    """Prometheus text, where the settings allow it."""
    if not current_app.extensions["xinglin.settings"].metrics:
        raise NotFound
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Several workers each count for themselves, into files of this folder: add them up.
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    now.register(Standing())
    page = generate_latest(counted) + generate_latest(now)
    return page, 200, {"Content-Type": CONTENT_TYPE_LATEST}


class Standing(Collector):
    """What the database says of the outbox and the schedule at this moment."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gauges; the schedule's is left out until a job has run."""
        standing = outbox.standing()
        for name, what in (
            ("waiting", "Outbox rows that are due"),
            ("parked", "Outbox rows given up after too many tries"),
            ("oldest_seconds", "Age of the oldest due outbox row"),
        ):
            yield GaugeMetricFamily(f"xinglin_outbox_{name}", what, value=standing[name])
        last = jobs.last_seconds()
        if last is not None:
            yield GaugeMetricFamily(
                "xinglin_schedule_seconds", "Time since the schedule last started a job", value=last
            )
        for ask in gauges.values():
            yield from ask()


def count_requests(app: Flask) -> None:
    """Count and time every answer from now on."""
    app.after_request(_counted)


def _counted(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, response.status_code).inc()
    if started := g.get("started"):
        SECONDS.labels(endpoint).observe(time.perf_counter() - started)
    return response


def _database() -> bool:
    try:
        return bool(session().scalar(text("SELECT 1")) == 1)
    except SQLAlchemyError:
        return False


def _storage() -> bool:
    try:
        storage().check()
        return True
    except OSError as error:
        log.warning("storage cannot be written", error=str(error))
        return False


def _broker(settings: Settings) -> bool:
    if not settings.redis_url:
        return True
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=2) as broker:
            return bool(broker.ping())
    except RedisError:
        return False
