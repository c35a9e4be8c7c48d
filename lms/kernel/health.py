"""Is the process alive, can it serve, how is it doing."""

from flask import current_app
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.kernel import outbox
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.kernel.settings import Settings
from lms.kernel.web import ANYBODY, FeatureBlueprint

bp = FeatureBlueprint("health", __name__)
REQUESTS = Counter("xinglin_requests", "Answers by endpoint and status", ["endpoint", "status"])
SECONDS = Histogram("xinglin_request_seconds", "Time to answer by endpoint", ["endpoint"])
PATIENCE_SECONDS = 300


@bp.get("/healthz", who=ANYBODY)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz", who=ANYBODY)
def readyz() -> ResponseReturnValue:
    """Database, broker and storage can be used; the outbox is not stuck."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    checks = {"database": _database(), "storage": _storage(settings), "broker": _broker(settings)}
    state: dict[str, object] = {"status": "ok" if all(checks.values()) else "unready", **checks}
    if checks["database"]:
        standing = outbox.standing()
        state["outbox"] = standing
        state["outbox_late"] = standing["oldest_seconds"] > PATIENCE_SECONDS
    return state, 200 if state["status"] == "ok" else 503


@bp.get("/metrics", who=ANYBODY)
def metrics() -> ResponseReturnValue:
    """Prometheus text, where the settings allow it."""
    if not current_app.extensions["xinglin.settings"].metrics:
        raise NotFound
    return generate_latest(), 200, {"Content-Type": CONTENT_TYPE_LATEST}


def _database() -> bool:
    try:
        return bool(session().scalar(text("SELECT 1")) == 1)
    except SQLAlchemyError:
        return False


def _storage(settings: Settings) -> bool:
    folder = settings.data / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".ready"
        probe.write_bytes(b"")
        return True
    except OSError:
        return False


def _broker(settings: Settings) -> bool:
    if not settings.redis_url:
        return True
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=2) as broker:
            return bool(broker.ping())
    except RedisError:
        return False
