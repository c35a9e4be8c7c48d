"""The limits of a machine: Flask and psycopg with nothing of ours around them.

Served by gunicorn like the application (`LIMITS_DSN` names the database). Every worker process keeps
one connection; its threads take turns, because a connection holds one transaction.
"""

import os
from threading import Lock

import psycopg
from flask import Flask

THINGS = 10_000
SCHEMA = """
CREATE TABLE thing (id integer PRIMARY KEY, body text NOT NULL);
INSERT INTO thing SELECT n, repeat('thing ' || n, 4) FROM generate_series(1, 10000) AS n;
CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                   thing_id integer NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT now());
ANALYZE thing;
"""
SELECT = "SELECT body FROM thing WHERE id = %s"
INSERT = "INSERT INTO note (thing_id, body) VALUES (%s, %s)"


class Kept:
    """The one connection of this worker, opened at its first use."""

    def __init__(self) -> None:
        self.turn = Lock()
        self._connection: psycopg.Connection[tuple[str]] | None = None

    def connection(self) -> psycopg.Connection[tuple[str]]:
        if self._connection is None:
            self._connection = psycopg.connect(os.environ["LIMITS_DSN"], autocommit=True)
        return self._connection


def create_limits() -> Flask:
    """Three routes: nothing; one indexed SELECT; one SELECT, one INSERT and a COMMIT."""
    app = Flask(__name__, static_folder=None)
    # deploy/gunicorn.conf.py asks for it; there is no outbox here.
    app.extensions["xinglin.runner"] = None
    kept = Kept()

    @app.get("/empty")
    def empty() -> str:
        return "ok"

    @app.get("/select/<int:one>")
    def select(one: int) -> str:
        with kept.turn:
            row = kept.connection().execute(SELECT, (one,)).fetchone()
        return row[0] if row else ""

    @app.post("/write/<int:one>")
    def write(one: int) -> str:
        with kept.turn, kept.connection().transaction():
            row = kept.connection().execute(SELECT, (one,)).fetchone()
            kept.connection().execute(INSERT, (one, "a note"))
        return row[0] if row else ""

    return app


app = create_limits()
