"""Records through the pages: a doctor with a licence on the roster, her unit's auditor, photos."""

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cast import PASSWORD, Cast, Member
from claim_stage import unit_auditor
from credit_stage import reading
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from uploaded import jpeg
from werkzeug.test import TestResponse

from lms.kernel.db import session
from lms.pathways import facts
from lms.pathways.models import PersonRecord
from lms.pathways.rules.records import Facts, Kind, Record
from lms.people import queries as people

DIPLOMA = {
    "on": "2001-07-01", "level": "junior_college", "relevant": "yes", "school": "云州医学高等专科学校",
    "major": "临床医学", "number": "0001232001000456",
}  # fmt: skip
LICENCE = {"on": "2022-03-01", "until": "2027-02-28", "number": "XZ0001234567", "place": "石门沟村卫生室"}
PRACTICE = {
    "on": "2024-01-01", "until": "2024-12-31", "place": "柳溪镇卫生院", "supervisor": "钱伯雅", "result": "pass"
}  # fmt: skip
WRITTEN = {"on": "2025-08-20", "exam": "assistant", "result": "pass", "score": "362", "line": "360"}
SAID = "照片上看不清编号，请再拍一张。"


@dataclass
class House:
    """Its application, its cast, and who audits the township."""

    app: Flask
    cast: Cast
    unit: Member

    def browser(self, member: Member) -> FlaskClient:
        client = self.app.test_client()
        answer = post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD})
        assert answer.status_code == 303
        return client


def settled(app: Flask, cast: Cast) -> House:
    return House(app, cast, unit_auditor(app, cast))


def photo(name: str = "证.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg((320, 240))), name


def send(client: FlaskClient, kind: str, fields: dict[str, Any], *, paper: bool = True, **more: Any) -> TestResponse:
    """Fill in the form of a kind as a phone without a script does."""
    given = {**fields, "truth": "y", **more}
    if paper:
        given["papers"] = photo()
    return post_form(client, f"/pathways/records/new?kind={kind}", given, action="/pathways/records")


def handed_in(client: FlaskClient, kind: str, fields: dict[str, Any], **more: Any) -> str:
    """A record that was handed in; its id."""
    answer = send(client, kind, fields, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.location).rsplit("/", 1)[1]


def decide(client: FlaskClient, record_id: str, action: str = "verify", **more: Any) -> TestResponse:
    fields = {"action": action, "then": "stay", **({"reason": SAID} if action == "reject" else {}), **more}
    return post_form(client, f"/audit/records/{record_id}", fields)


def entered(client: FlaskClient, member: Member, kind: str, fields: dict[str, Any]) -> TestResponse:
    """What an office enters for somebody."""
    page = f"/audit/records/new?person={member.person_id}&kind={kind}"
    return post_form(client, page, fields, action="/audit/records/new")


def record_of(app: Flask, record_id: str) -> PersonRecord:
    with reading(app):
        found = session().get_one(PersonRecord, UUID(record_id))
        session().expunge_all()
        return found


def facts_of(app: Flask, member: Member) -> Facts:
    with reading(app):
        return facts.facts_about(member.person_id)


def known(app: Flask, member: Member, kind: Kind) -> list[Record]:
    return [one for one in facts_of(app, member).records if one.kind is kind]


def card_of(app: Flask, member: Member) -> people.PersonCard:
    with reading(app):
        found = people.person(member.person_id)
        assert found
        return found
