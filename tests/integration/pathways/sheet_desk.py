"""An office at its desk: hands in a table, and lets the house work."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cast import Member, id_number
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from roster_files import Rows, as_csv
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.batches.models import Batch
from lms.sheets.incoming.tables import read_table

PAGE = "/admin/rosters"
LEARNER, COLLEAGUE, STRANGER, NOBODY = (
    {"姓名": name, "身份证号": id_number(serial)}
    for name, serial in (("赵桂芳", 1), ("李春生", 2), ("吴德福", 8), ("赵桂芳", 777))
)


def filled(headings: Sequence[str], rows: Rows) -> list[dict[str, str]]:
    """Rows that all have these columns."""
    return [{**dict.fromkeys(headings, ""), **row} for row in rows]


@dataclass
class SheetDesk:
    """`headings`: the columns of the kind of table that is handed in here."""

    app: Flask
    client: FlaskClient
    work_off: Callable[[Flask], int]
    kind: str
    headings: Sequence[str]

    def send(self, data: bytes) -> TestResponse:
        self.client.get(PAGE)
        with self.client.session_transaction() as kept:
            token = kept["csrf"]
        fields = {"csrf_token": token, "kind": self.kind, "file": (io.BytesIO(data), "名单.csv")}
        return self.client.post(PAGE, data=fields, content_type="multipart/form-data")

    def rehearse(self, *rows: dict[str, str]) -> str:
        """The address of the batch, rehearsed."""
        return self.rehearse_file(as_csv(filled(self.headings, rows)))

    def rehearse_file(self, data: bytes) -> str:
        sent = self.send(data)
        assert sent.status_code == 303, sent.text
        self.work_off(self.app)
        return sent.location

    def do(self, *rows: dict[str, str]) -> str:
        page = self.rehearse(*rows)
        self.press(page, "/commit")
        assert "已办理" in self.text(page)
        return page

    def press(self, page: str, action: str) -> None:
        assert post_form(self.client, page, {}, action=action).status_code == 303
        self.work_off(self.app)

    def text(self, page: str) -> str:
        return self.client.get(page).text

    def faults(self, *rows: dict[str, str]) -> list[str]:
        """What is said of each row, as the copy with faults marked says it; nothing can be done."""
        page = self.text(self.rehearse(*rows))
        assert "/commit" not in page
        found = re.search(r'href="(/admin/rosters/[^"]+/faults.xlsx)"', page)
        assert found, page
        table = read_table(self.client.get(found[1]).data, {"问题": "said"}, ["said"])
        return [row.cells["said"] for row in table.rows]

    def report(self) -> dict[str, Any]:
        with self.app.app_context(), unit_of_work(write=False):
            found = session().scalars(select(Batch).order_by(Batch.made_at.desc())).first()
            assert found
            return found.report


def desk_of(
    app: Flask, sign_in: Callable[..., FlaskClient], work_off: Callable[[Flask], int], member: Member, kind: str,
    headings: Sequence[str],
) -> SheetDesk:  # fmt: skip
    return SheetDesk(app, sign_in(app.test_client(), member), work_off, kind, headings)
