"""A house with a few pages and tasks of its own, so that the kernel is tried through its doors."""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from servers import Postgres
from sqlalchemy import text

from lms.app import create_app, create_schema
from lms.kernel import audit, forms, outbox
from lms.kernel.actor import NOBODY
from lms.kernel.db import dispose, session
from lms.kernel.errors import Conflict, Transient
from lms.kernel.settings import load_settings
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import ANYBODY, SIGNED_IN, FeatureBlueprint, current_actor, see_other

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("XINGLIN_") and k != "PORT"}
NUMBERS = itertools.count()
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def write_down(words: str) -> None:
    """What every deed of these tests does: one row that can be counted afterwards."""
    audit.record(NOBODY, "probe", "probe", words)


def written(app: Flask) -> list[str]:
    """What was written down for good, in order."""
    with app.app_context(), unit_of_work(write=False):
        rows = session().execute(text("SELECT thing_id FROM audit_trail WHERE action = 'probe' ORDER BY at, id"))
        return [row[0] for row in rows]


def probe_blueprint() -> FeatureBlueprint:
    """One form and what can become of it."""
    bp = FeatureBlueprint("probe", __name__)

    @bp.get("/probe", who=ANYBODY)
    def page() -> ResponseReturnValue:
        return f'<form method="post"><input name="csrf_token" value="{forms.csrf_token()}"><input name="deed"></form>'

    @bp.post("/probe", who=ANYBODY)
    def deed() -> ResponseReturnValue:
        wanted = forms.request.form["deed"]
        write_down(wanted)
        outbox.send("probe.write", key=f"after {wanted}", words=f"after {wanted}")
        if wanted == "refused":
            raise Conflict(msg("这条记录刚刚被改过。请看过新的内容，再决定要不要改。"))
        if wanted == "broken":
            raise RuntimeError("the inside of the house")
        if wanted == "answered 422":
            return "no", 422
        return see_other("probe.page")

    @bp.get("/probe/writes", who=ANYBODY)
    def writes() -> ResponseReturnValue:
        write_down("on a GET")
        outbox.send("probe.write", key="on a GET", words="on a GET")
        return "fine"

    @bp.get("/probe/broken", who=ANYBODY)
    def broken() -> ResponseReturnValue:
        raise RuntimeError("the inside of the house")

    @bp.get("/probe/private", who=SIGNED_IN)
    def private() -> ResponseReturnValue:
        return current_actor().name

    return bp


CALLS: list[str] = []


@outbox.task("probe.write")
def probe_write(words: str) -> None:
    """A task that leaves a row."""
    write_down(words)


@outbox.task("probe.fails")
def probe_fails(words: str) -> None:
    """A task that writes and then never succeeds."""
    CALLS.append(words)
    write_down(words)
    raise Transient("nobody answers")


@outbox.task("probe.killed")
def probe_killed(words: str) -> None:
    """A task whose first run ends as a kill would end it: nothing after it happens."""
    CALLS.append(words)
    write_down(words)
    if len(CALLS) == 1:
        raise KeyboardInterrupt


WAITS: dict[str, Callable[[], Any]] = {}


@outbox.task("probe.waits")
def probe_waits(words: str) -> None:
    """A task that takes as long as its test wants."""
    CALLS.append(words)
    WAITS[words]()
    write_down(words)


@dataclass
class Houses:
    """Makes houses, each on a new data folder and a new database with all its tables."""

    folder: Path
    kind: str
    server: Postgres | None
    made: list[Flask] = field(default_factory=list)

    def new(self, kind: str | None = None, *, tables: bool = True, **settings: object) -> Flask:
        """A house on "sqlite" or "postgresql" (this test's kind by default)."""
        number = next(NUMBERS)
        if (kind or self.kind) == "postgresql":
            assert self.server
            template = "bare" if tables else "template1"
            self.server.execute(f"CREATE DATABASE kernel_{number} TEMPLATE {template} STRATEGY file_copy")
            settings = {"database_url": self.server.url(f"kernel_{number}"), **settings}
            tables = False
        given = {"data": self.folder / str(number), "log_level": "ERROR", "field_key": KEY, **settings}
        app = create_app(load_settings(CLEAN, **given))
        self.made.append(app)
        app.testing = True
        app.register_blueprint(probe_blueprint().blueprint)
        if tables:
            create_schema(app)
        return app

    def close(self) -> None:
        """Let go of every connection."""
        for app in self.made:
            dispose(app)
            app.extensions["celery"].close()
