"""Filings of the cast's county: made on the page, their files taken as the administrator takes them."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from werkzeug.test import TestResponse

LIST = "/reports/filings"
FILES = ("full.csv", "full.xlsx", "full.json", "delta.csv", "delta.xlsx", "delta.json", "totals.csv")
PERIOD = {"period": "own", "start": "2026-01-01", "end": "2026-12-31"}


class Office:
    """An administrator's browser and what she does with filings."""

    def __init__(self, app: Flask, cast: Cast, browser: FlaskClient, work_off: Callable[[Flask], int]) -> None:
        self.app, self.cast, self.browser, self.work_off = app, cast, browser, work_off

    def ask(self, **fill: object) -> TestResponse:
        return post_form(self.browser, LIST, {"place": str(self.cast.places["LB-YL"]), **PERIOD, **fill})

    def make(self, **fill: object) -> str:
        """A filing, made; its page."""
        answer = self.ask(**fill)
        assert answer.status_code == 303, answer.text
        self.work_off(self.app)
        page: str = answer.location
        assert self.browser.get(page).status_code == 200
        return page

    def file(self, page: str, name: str) -> bytes:
        answer = self.browser.post(f"{page}/files", data={"name": name, "csrf_token": self.token(page)})
        assert answer.status_code == 200, (name, answer.status)
        data: bytes = answer.data
        return data

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get(page).text)
        assert found
        return found[1]

    def files(self, page: str) -> dict[str, bytes]:
        return {name: self.file(page, name) for name in FILES}

    def rows(self, page: str, name: str = "delta.csv") -> list[dict[str, str]]:
        """The rows of a CSV file."""
        return list(csv.DictReader(io.StringIO(self.file(page, name).decode("utf-8-sig"), newline="")))

    def data(self, page: str, name: str = "full.json") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file(page, name))
        return found

    def answer(self, page: str, rows: list[dict[str, str]], name: str = "答复.csv") -> TestResponse:
        """Upload the regulator's answer."""
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, ["row", "result", "code", "text"])
        writer.writeheader()
        writer.writerows(rows)
        return self.upload(page, out.getvalue().encode("utf-8-sig"), name)

    def upload(self, page: str, data: bytes, name: str = "答复.csv") -> TestResponse:
        return post_form_with_file(self.browser, page, "/answers", data, name)

    def enter(self, answer_page: str) -> TestResponse:
        """Press the button under a rehearsal."""
        return post_form(self.browser, answer_page, {}, action="/apply")


def post_form_with_file(browser: FlaskClient, page: str, action: str, data: bytes, name: str) -> TestResponse:
    """Send the page's form that ends with `action` with a file in its field `file`."""
    text = browser.get(page).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    target = re.search(rf'action="([^"]*{re.escape(action)})"', text)
    assert token, page
    assert target, f"{page} has no form to {action}"
    assert 'name="file"' in text
    fields = {"csrf_token": token[1], "file": (io.BytesIO(data), name)}
    return browser.post(target[1], data=fields, content_type="multipart/form-data")


def refused(award: UUID | str, text: str = "姓名和证件不符", code: str = "E12") -> dict[str, str]:
    return {"row": str(award), "result": "rejected", "code": code, "text": text}


def accepted(award: UUID | str) -> dict[str, str]:
    return {"row": str(award), "result": "accepted", "code": "", "text": ""}
