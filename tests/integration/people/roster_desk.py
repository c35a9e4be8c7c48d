"""An administrator at her desk: sends a table, and lets the house work."""

import io
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.batches.models import Batch

PAGE = "/admin/rosters"


class Desk:
    """Whoever hands in: her browser, and the house."""

    def __init__(self, app: Flask, client: FlaskClient, work_off: Callable[[Flask], int]) -> None:
        self.app, self.client, self.work_off = app, client, work_off

    def send(self, data: bytes, kind: str = "people", name: str = "名单.csv") -> TestResponse:
        self.client.get(PAGE)
        with self.client.session_transaction() as kept:
            token = kept["csrf"]
        fields = {"csrf_token": token, "kind": kind, "file": (io.BytesIO(data), name)}
        return self.client.post(PAGE, data=fields, content_type="multipart/form-data")

    def rehearse(self, data: bytes, kind: str = "people") -> str:
        """The page of the batch, rehearsed."""
        sent = self.send(data, kind)
        assert sent.status_code == 303, sent.text
        self.work_off(self.app)
        return sent.location

    def do(self, data: bytes, kind: str = "people") -> str:
        page = self.rehearse(data, kind)
        self.press(page, "/commit")
        assert "已办理" in self.client.get(page).text
        return page

    def press(self, page: str, action: str) -> None:
        assert post_form(self.client, page, {}, action=action).status_code == 303
        self.work_off(self.app)

    def text(self, page: str) -> str:
        return self.client.get(page).text

    def report(self) -> dict[str, Any]:
        with self.app.app_context(), unit_of_work(write=False):
            return session().scalars(select(Batch).order_by(Batch.made_at.desc())).first().report  # type: ignore[union-attr]
