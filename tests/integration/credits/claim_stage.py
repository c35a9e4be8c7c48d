"""Claims through the pages: a house whose province pays for months of further study, a unit auditor, photos."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cast import PASSWORD, Cast, Member, add_member
from credit_stage import reading, writing
from flask import Flask
from flask.testing import FlaskClient
from house_rules import PAPERS_AND_MONTHS, settle, under
from pages import post_form
from sqlalchemy import select
from uploaded import jpeg
from werkzeug.test import TestResponse

from lms.credits.claims.models import Claim
from lms.credits.models import Activity
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.people import passwords

PROVINCE, REGION = "CN-ZJ-2025", "CN-ZJ"
MONTH = {
    "title": "到县医院心内科进修",
    "started_on": "2026-05-01",
    "on_date": "2026-05-31",
    "place": "云岭县人民医院",
    "times": "1",
}
LECTURE = {"title": "糖尿病足早期识别", "on_date": "2026-04-01", "place": "柳溪镇卫生院", "hours": "2", "times": "1"}
SAID = {"reason_code": "paper", "text": "请补一张鉴定表的照片。"}


@dataclass
class Place:
    """A house with claims: its application, its cast, and who audits the township."""

    app: Flask
    cast: Cast
    unit: Member

    def browser(self, member: Member) -> FlaskClient:
        client = self.app.test_client()
        answer = post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD})
        assert answer.status_code == 303
        return client


@contextmanager
def provincial(app: Flask, cast: Cast, folder: Path, added: str = "") -> Iterator[Place]:
    """The house of `app` in a province that pays for further study."""
    settle(app, cast, REGION)
    with under(app, folder / "rules", PROVINCE, PAPERS_AND_MONTHS + added) as other:
        yield Place(other, cast, unit_auditor(other, cast))


def unit_auditor(app: Flask, cast: Cast, serial: int = 60) -> Member:
    """Somebody of the township's health centre who audits its people."""
    with writing(app):
        return add_member(
            f"unit{serial}", "邓立新", serial, dict(cast.places), "LB-YL-LX",
            ((Role.UNIT_AUDITOR, "LB-YL-LX"),), passwords.hash_password(PASSWORD),
        )  # fmt: skip


def photo(name: str = "进修.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg((320, 240))), name


def draft(client: FlaskClient, kind: str = "further_study", **fields: Any) -> str:
    """Write a claim as a phone without a script does; the address of its page."""
    given = dict(MONTH if kind == "further_study" else LECTURE) | fields
    answer = post_form(client, f"/credits/claims/new?kind={kind}", {**given, "papers": photo()})
    assert answer.status_code == 303, answer.text
    return str(answer.location).partition("#")[0]


def hand_in(client: FlaskClient, page: str) -> TestResponse:
    return post_form(client, page, {"truth": "y"}, action="/hand-in")


def claimed(client: FlaskClient, kind: str = "further_study", **fields: Any) -> str:
    """A claim that was handed in; its id."""
    page = draft(client, kind, **fields)
    answer = hand_in(client, page)
    assert answer.status_code == 303, answer.text
    return page.rsplit("/", 1)[1]


def decide(client: FlaskClient, claim_id: str, action: str = "approve", **fields: Any) -> TestResponse:
    said = {} if action == "approve" else SAID
    return post_form(client, f"/audit/claims/{claim_id}", {"action": action, "then": "stay", **said, **fields})


def claim_of(app: Flask, claim_id: str) -> Claim:
    with reading(app):
        found = session().get_one(Claim, UUID(claim_id))
        session().expunge_all()
        return found


def activities(app: Flask, member: Member) -> list[Activity]:
    with reading(app):
        found = list(session().scalars(select(Activity).where(Activity.person_id == member.person_id)))
        session().expunge_all()
        return found


def text_of(html: str) -> str:
    """The words of a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
