"""The composition root: the only place that knows every feature."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from celery import Celery, Task
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from lms.kernel import events, jobs, logs, messages, outbox, shell, web
from lms.kernel.assets import hashed_assets
from lms.kernel.db import Model, db, engine_options, prepare_sqlite
from lms.kernel.health import bp as health
from lms.kernel.health import count_requests
from lms.kernel.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
MOST_BYTES = 24 * 1024 * 1024
FEATURES = ["organisations", "people", "courses", "assessments", "credits", "certificates", "home"]


def _module(feature: str, word: str) -> Any:
    name = f"lms.{feature}.{word}"
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    try:
        return importlib.import_module(name) if found else None
    except ImportError as error:
        import sys
        print("interim: skipped", name, error, file=sys.stderr)
        return None


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from settings (the environment's by default)."""
    settings = settings or load_settings()
    logs.configure(settings.log_level)
    app = Flask(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    app.extensions["xinglin.settings"] = settings
    app.extensions["xinglin.bus"] = events.Bus()
    app.extensions["xinglin.message_port"] = messages.keep
    _configure(app, settings)
    _database(app, settings)
    app.extensions["celery"] = _celery(app, settings)
    _features(app)
    _assets(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="xinglin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SQLALCHEMY_DATABASE_URI=settings.engine_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.engine_url, settings.database_pool),
    )
    web.install(app)
    if settings.metrics:
        count_requests(app)
    if settings.compress:
        web.Compressed(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _database(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    if settings.engine_url.startswith("sqlite"):
        with app.app_context():
            prepare_sqlite(db.engine)


def _celery(app: Flask, settings: Settings) -> Celery:
    class InContext(Task):  # type: ignore[type-arg]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery("xinglin", task_cls=InContext)
    celery_app.conf.update(
        broker_url=settings.redis_url or "memory://",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # A request must not wait for a dead broker: no second try, the sweep sends again.
        broker_transport_options={
            "visibility_timeout": 600,
            "socket_timeout": 3,
            "socket_connect_timeout": 1,
            "max_retries": 0,
        },
        broker_connection_retry_on_startup=True,
        timezone="Asia/Shanghai",
        worker_hijack_root_logger=False,
        beat_schedule={"tick": {"task": "kernel.tick", "schedule": 10.0}},
        beat_schedule_filename=str(settings.data / "beat"),
    )
    celery_app.set_default()
    runner: outbox.InProcess | outbox.ThroughCelery
    if settings.redis_url:
        runner = outbox.ThroughCelery(celery_app)
    else:
        runner = outbox.InProcess(app, celery_app, jobs.tick)
    app.extensions["xinglin.runner"] = runner
    app.extensions["xinglin.relay"] = runner.relay

    @celery_app.task(name="kernel.tick", shared=False)  # else every later application would get this one
    def tick() -> None:
        jobs.tick()
        if isinstance(runner, outbox.ThroughCelery):
            runner.sweep()

    return celery_app


def _features(app: Flask) -> None:
    app.register_blueprint(health.blueprint)
    for command in shell.COMMANDS:
        app.cli.add_command(command)
    jobs.register(jobs.KERNEL_JOBS)
    bus: events.Bus = app.extensions["xinglin.bus"]
    for feature in FEATURES:
        _module(feature, "models")
        _module(feature, "tasks")
        views = _module(feature, "views")
        if hasattr(views, "bp"):
            app.register_blueprint(views.bp.blueprint)
        if reactions := _module(feature, "reactions"):
            reactions.register(bus)
        if schedule := _module(feature, "schedule"):
            jobs.register(schedule.JOBS)
        if parts := _module(feature, "parts"):
            if hasattr(parts, "fill"):
                parts.fill()
        if cli := _module(feature, "cli"):
            for group in cli.GROUPS:
                app.cli.add_command(group)


def _assets(app: Flask) -> None:
    folder = ROOT / "lms" / "static"
    app.extensions["xinglin.static"] = static = hashed_assets(folder)
    web.build_environments(app, {name: f"/static/{made}" for name, made in static.items()})
    served = WhiteNoise(app.wsgi_app, max_age=31536000, immutable_file_test=lambda path, url: True)
    for name, made in static.items():
        served.add_file_to_dictionary(f"/static/{made}", str(folder / name))
    app.wsgi_app = served  # type: ignore[method-assign]


def create_schema(app: Flask) -> None:
    """Make all tables at once (tests); installations use the migrations."""
    with app.app_context():
        Model.metadata.create_all(db.engine)
