"""A record under many hands at the same moment: handed in once, decided once."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID

import pytest
from cast import PASSWORD, Cast, Member, add_member
from credit_stage import reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.credits.claims.rules import COUNTY
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.records.handing_in import insert
from lms.pathways.rules import verifying
from lms.pathways.rules.checking import Told
from lms.pathways.rules.records import Kind
from lms.people import passwords
from lms.people import queries as people

pytestmark = pytest.mark.races
Press = Callable[[], TestResponse]
DAY = {"kind": "renewal", "on": "2026-01-05", "truth": "y"}


def browser(app: Flask, member: Member) -> FlaskClient:
    client = app.test_client()
    assert post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD}).status_code == 303
    return client


def posting(client: FlaskClient, address: str, **form: str) -> Press:
    """A browser of its own with this one's cookie, ready to press."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/pathways/records").text)
    assert found
    form["csrf_token"] = found[1]
    cookie = client.get_cookie("xinglin")
    assert cookie
    tab = client.application.test_client()
    tab.set_cookie("xinglin", cookie.value)
    return lambda: tab.post(address, data=form)


def at_once(*presses: Press) -> list[int]:
    barrier = Barrier(len(presses))

    def run(press: Press) -> int:
        barrier.wait(30)
        return press().status_code

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(run, presses))


def steps(app: Flask, *what: str) -> int:
    with reading(app):
        return session().scalar(select(func.count()).where(RecordStep.action.in_(what))) or 0


def test_six_presses_hand_a_record_in_once_and_two_forms_never_the_same_twice(app: Flask, cast: Cast) -> None:
    doctor = browser(app, cast.learner)
    once = str(new_id())
    pressed = at_once(*(posting(doctor, "/pathways/records", record_id=once, **DAY) for _ in range(6)))
    assert Counter(pressed) == {303: 6}
    fields = {**DAY, "on": "2026-02-05"}
    forms = at_once(*(posting(doctor, "/pathways/records", record_id=str(new_id()), **fields) for _ in range(4)))
    assert Counter(forms) == {303: 1, 422: 3}
    assert steps(app, "handed_in") == 2


def test_two_auditors_decide_once(app: Flask, cast: Cast) -> None:
    with writing(app):
        other = add_member(
            "second", "罗安然", 71, dict(cast.places), "LB-YL-WJ", ((Role.COUNTY_AUDITOR, "LB-YL"),),
            passwords.hash_password(PASSWORD),
        )  # fmt: skip
    doctor = browser(app, cast.learner)
    record_id = str(new_id())
    assert posting(doctor, "/pathways/records", record_id=record_id, **DAY)().status_code == 303
    address = f"/audit/records/{record_id}"
    first, second = browser(app, cast.county_auditor), browser(app, other)
    pressed = at_once(
        posting(first, address, version="1", action="verify", reason=""),
        posting(second, address, version="1", action="reject", reason="日期不对，请核对。"),
        posting(second, address, version="1", action="reject", reason="日期不对，请核对。"),
    )
    assert Counter(pressed) == {303: 1, 409: 2}
    assert steps(app, "verified", "rejected") == 1
    with reading(app):
        record = session().get_one(PersonRecord, UUID(record_id))
        assert record.version == 2


def test_a_ban_and_a_pass_within_it_are_never_both_verified_unseen(app: Flask, cast: Cast) -> None:
    county, second = browser(app, cast.county_auditor), browser(app, cast.county_auditor)
    exam = {"kind": "exam_practical", "exam": "assistant", "result": "pass"}
    ban = {"kind": "ban", "reason": "考试作弊", "person": str(cast.learner.person_id)}
    for year in (2023, 2024, 2025):
        record_id = new_id()
        with writing(app):
            told = Told(Kind.EXAM_PRACTICAL, date(year, 6, 1), None, {one: exam[one] for one in ("exam", "result")})
            [card] = people.cards([cast.learner.person_id]).values()
            insert(card, record_id, told, verifying.begun((COUNTY,)))
        days = {"on": f"{year}-01-01", "until": f"{year}-12-31", "record_id": str(new_id())}
        pressed = at_once(
            posting(county, f"/audit/records/{record_id}", version="1", action="verify", reason=""),
            posting(second, "/audit/records/new", **ban, **days),
        )
        assert pressed[1] == 303
        with reading(app):
            record = session().get_one(PersonRecord, record_id)
            # Verified first and sent back, or refused because the ban was first.
            assert (record.state, record.version) == (("waiting", 3) if pressed[0] == 303 else ("waiting", 1))
