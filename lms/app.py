"""The composition root: the only place that knows every feature."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import Celery, Task
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from lms.assessments import parts as assessments_parts
from lms.assessments import personal as assessments_personal
from lms.assessments import reactions as assessments_reactions
from lms.assessments import schedule as assessments_schedule
from lms.assessments import tasks as assessments_tasks
from lms.assessments import views as assessments_views
from lms.books import cli as books_cli
from lms.books import tasks as books_tasks
from lms.books import views as books_views
from lms.certificates import parts as certificates_parts
from lms.certificates import personal as certificates_personal
from lms.certificates import reactions as certificates_reactions
from lms.certificates import schedule as certificates_schedule
from lms.certificates import tasks as certificates_tasks
from lms.certificates import views as certificates_views
from lms.courses import cli as courses_cli
from lms.courses import personal as courses_personal
from lms.courses import schedule as courses_schedule
from lms.courses import tasks as courses_tasks
from lms.courses import views as courses_views
from lms.courses.media import transcoding as courses_transcoding
from lms.credits import cli as credits_cli
from lms.credits import parts as credits_parts
from lms.credits import personal as credits_personal
from lms.credits import reactions as credits_reactions
from lms.credits import schedule as credits_schedule
from lms.credits import tasks as credits_tasks
from lms.credits import views as credits_views
from lms.demo import build as demo_build
from lms.demo import seed_cli
from lms.home import views as home_views
from lms.improving import cli as improving_cli
from lms.improving import parts as improving_parts
from lms.improving import personal as improving_personal
from lms.improving import schedule as improving_schedule
from lms.improving import tasks as improving_tasks
from lms.improving import views as improving_views
from lms.kernel import answers, events, jobs, logs, messages, outbox, personal, shell, web
from lms.kernel.assets import hashed_assets
from lms.kernel.db import (
    READING,
    Model,
    db,
    engine_options,
    keep_from_writing,
    prepare_sqlite,
    reading_options,
)
from lms.kernel.health import bp as health
from lms.kernel.health import count_requests
from lms.kernel.settings import Settings, load_settings
from lms.organisations import views as organisations_views
from lms.pathways import cli as pathways_cli
from lms.pathways import parts as pathways_parts
from lms.pathways import personal as pathways_personal
from lms.pathways import reactions as pathways_reactions
from lms.pathways import schedule as pathways_schedule
from lms.pathways import tasks as pathways_tasks
from lms.pathways import views as pathways_views
from lms.people import cli as people_cli
from lms.people import parts as people_parts
from lms.people import personal as people_personal
from lms.people import schedule as people_schedule
from lms.people import tasks as people_tasks
from lms.people import views as people_views
from lms.people.batches import cli as batches_cli
from lms.people.batches import tasks as batches_tasks
from lms.people.privacy import cli as privacy_cli
from lms.teaching import parts as teaching_parts
from lms.teaching import personal as teaching_personal
from lms.teaching import views as teaching_views
from lms.uploads import personal as uploads_personal
from lms.uploads import schedule as uploads_schedule
from lms.uploads import tasks as uploads_tasks
from lms.uploads import views as uploads_views

ROOT = Path(__file__).parent.parent
MOST_BYTES = 24 * 1024 * 1024
# Every feature's routes, floor by floor.
BLUEPRINTS = (
    health,
    organisations_views.bp,
    people_views.bp,
    uploads_views.bp,
    courses_views.bp,
    assessments_views.bp,
    teaching_views.bp,
    credits_views.bp,
    pathways_views.bp,
    certificates_views.bp,
    books_views.bp,
    improving_views.bp,
    home_views.bp,
)
# What a feature does on events from below; the order is that of the floors.
REACTIONS = (assessments_reactions, credits_reactions, pathways_reactions, certificates_reactions)
# What upper features put into the slots of lower ones.
PARTS = (
    people_parts, assessments_parts, teaching_parts, credits_parts, pathways_parts, certificates_parts, improving_parts,
)  # fmt: skip
# What each feature keeps of people, from the lowest up.
personal.KEEPERS[:] = [
    one.KEEPER
    for one in (
        personal, people_personal, uploads_personal, courses_personal, assessments_personal, teaching_personal,
        credits_personal, pathways_personal, certificates_personal, improving_personal,
    )
]  # fmt: skip
# What happens by the clock.
SCHEDULES = (
    jobs.KERNEL_JOBS,
    people_schedule.JOBS,
    uploads_schedule.JOBS,
    courses_schedule.JOBS,
    assessments_schedule.JOBS,
    credits_schedule.JOBS,
    pathways_schedule.JOBS,
    certificates_schedule.JOBS,
    improving_schedule.JOBS,
)
# What happens every second or few.
PULSES = [*courses_schedule.PULSES, *credits_schedule.PULSES]
# Commands on the shell.
COMMANDS = (
    *shell.COMMANDS,
    *people_cli.GROUPS,
    *batches_cli.GROUPS,
    *privacy_cli.GROUPS,
    *courses_cli.GROUPS,
    *credits_cli.GROUPS,
    *pathways_cli.GROUPS,
    *books_cli.GROUPS,
    *improving_cli.GROUPS,
    *demo_build.GROUPS,
    *seed_cli.GROUPS,
)
# Importing these registers the outbox's tasks.
TASKS = (
    *(messages, jobs, people_tasks, batches_tasks, uploads_tasks, courses_tasks, courses_transcoding),
    *(assessments_tasks, credits_tasks, pathways_tasks, certificates_tasks, books_tasks, improving_tasks),
)


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
        # The prefix makes browsers refuse a cookie that was not set by this very host over TLS.
        SESSION_COOKIE_NAME="__Host-xinglin" if settings.secure_cookies else "xinglin",
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SQLALCHEMY_DATABASE_URI=settings.engine_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.engine_url, settings.database_pool),
        SQLALCHEMY_BINDS=_binds(settings),
    )
    answers.install(app)
    if settings.metrics:
        count_requests(app)
    if settings.compress:
        answers.Compressed(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _binds(settings: Settings) -> dict[str | None, Any]:
    if settings.engine_url.startswith("sqlite"):
        return {}
    return {READING: reading_options(settings.engine_url, settings.database_pool)}


def _database(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    with app.app_context():
        if READING in db.engines:
            keep_from_writing(db.engines[READING])
        else:
            prepare_sqlite(db.engine)


def _celery(app: Flask, settings: Settings) -> Any:
    class InContext(Task):  # type: ignore[type-arg]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app: Any = Celery("xinglin", task_cls=InContext)
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
        beat_schedule={"tick": {"task": "kernel.tick", "schedule": 10.0}} | _pulses(),
        beat_schedule_filename=str(settings.data / "beat"),
    )
    celery_app.set_default()
    runner: outbox.InProcess | outbox.ThroughCelery
    if settings.redis_url:
        runner = outbox.ThroughCelery(celery_app)
    else:
        runner = outbox.InProcess(app, celery_app, jobs.tick, {one.name: (one.seconds, one.run) for one in PULSES})
    app.extensions["xinglin.runner"] = runner
    app.extensions["xinglin.relay"] = runner.relay

    def tick() -> None:
        jobs.tick()
        if isinstance(runner, outbox.ThroughCelery):
            runner.sweep()

    # Not shared: every application has a tick of its own.
    celery_app.task(name="kernel.tick", shared=False)(tick)
    celery_app.task(name="kernel.pulse", shared=False)(jobs.pulse)
    return celery_app


def _pulses() -> dict[str, Any]:
    """Beat's messages for the pulses; one that finds no worker in time is dropped, the next one does the work."""
    return {
        one.name: {
            "task": "kernel.pulse",
            "args": (one.name,),
            "schedule": one.seconds,
            "options": {"expires": 2 * one.seconds},
        }
        for one in PULSES
    }


def _features(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint.blueprint)
    for reactions in REACTIONS:
        reactions.register(app.extensions["xinglin.bus"])
    with app.app_context():  # credits reads the policies of this house, so that a faulty one stops the start
        for part in PARTS:
            part.fill()
    for schedule in SCHEDULES:
        jobs.register(schedule)
    jobs.register_pulses(PULSES)
    for command in COMMANDS:
        app.cli.add_command(command)


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
