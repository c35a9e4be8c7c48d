"""What was verified ends: its last day is entered by whoever verified it, and what rests on it is judged anew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import Cast
from credit_stage import reading
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from record_stage import House, decide, handed_in, known, record_of, settled
from sqlalchemy import select
from test_records import state_of
from werkzeug.test import TestResponse

from lms.kernel import clock
from lms.kernel.db import session
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.rules.records import Kind
from lms.pathways.rules.states import State

CLINIC = {"on": "2015-03-01", "place_kind": "village_clinic", "place": "石门沟村卫生室"}
HOSPITAL = {"on": "2016-03-01", "place_kind": "county", "place": "云岭县人民医院"}
WAY, LINE = "rural-gp-assistant", "E3"
# Also when a run goes on past midnight.
TO_COME = (clock.today() + timedelta(days=2)).isoformat()


@pytest.fixture
def there(app: Flask, cast: Cast) -> House:
    return settled(app, cast)


@pytest.fixture
def clinic(there: House) -> str:
    """Her work in the clinic, verified by her unit and by the county."""
    record_id = handed_in(there.browser(there.cast.learner), "employment", CLINIC)
    assert decide(there.browser(there.cast.county_auditor), record_id).status_code == 303
    return record_id


def end(client: FlaskClient, record_id: str, until: str, **more: Any) -> TestResponse:
    page = f"/audit/records/{record_id}"
    return post_form(client, page, {"until": until, **more}, action=f"{page}/end")


def ends(client: FlaskClient, record_id: str) -> bool:
    page = client.get(f"/audit/records/{record_id}").text
    return any(form["action"].endswith("/end") for form in forms_of(page))


def deeds(app: Flask, record_id: str) -> list[str]:
    with reading(app):
        steps = select(RecordStep).order_by(RecordStep.at, RecordStep.id)
        return [one.action for one in session().scalars(steps) if str(one.record_id) == record_id]


def test_who_left_the_clinic_for_the_hospital_works_there_no_more(
    there: House, clinic: str, work_off: Callable[[Flask], int]
) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    post_form(doctor, f"/pathways/{WAY}", action=f"/pathways/{WAY}/follow")
    hospital = handed_in(doctor, "employment", HOSPITAL)
    assert decide(county, hospital).status_code == 303
    assert state_of(there, WAY, LINE) is State.VERIFIED
    assert "已经结束了，就把离岗日期告诉云岭县" in doctor.get(f"/pathways/records/{clinic}").text
    since = record_of(there.app, clinic).verified_at
    assert end(county, clinic, "2016-02-29").status_code == 303
    record = record_of(there.app, clinic)
    assert (record.state, str(record.until), record.verified_at) == ("verified", "2016-02-29", since)
    assert deeds(there.app, clinic) == ["handed_in", "verified", "ended"]
    assert state_of(there, WAY, LINE) is State.EXPIRED
    assert {one.until for one in known(there.app, there.cast.learner, Kind.EMPLOYMENT)} == {None, record.until}
    page = doctor.get(f"/pathways/records/{clinic}").text
    assert "县级：登记最后一天" in page
    assert page.count("2016年2月29日") == 2, "among its facts and in its history"
    assert "已核实，各条路都用得上" in page
    assert "已经结束了，就把" not in page
    assert "登记了最后一天：2016年2月29日" in doctor.get("/account/notices").text
    work_off(there.app)
    with reading(there.app):
        mine = PathwayResult.person_id == there.cast.learner.person_id, PathwayResult.pathway == WAY
        assert LINE in session().scalars(select(PathwayResult.lapsed).where(*mine)).one().split()


def test_a_wrong_last_day_is_changed_or_taken_back(there: House, clinic: str) -> None:
    county = there.browser(there.cast.county_auditor)
    assert end(county, clinic, "2016-02-29").status_code == 303
    assert end(county, clinic, "2017-02-28").status_code == 303
    assert str(record_of(there.app, clinic).until) == "2017-02-28"
    assert end(county, clinic, "").status_code == 303
    assert record_of(there.app, clinic).until is None
    assert deeds(there.app, clinic)[2:] == ["ended", "ended", "end_undone"]
    assert state_of(there, WAY, LINE) is State.VERIFIED
    assert "取消了最后一天" in there.browser(there.cast.learner).get("/account/notices").text


@pytest.mark.parametrize(("until", "said"), [
    ("2015-02-28", "这一天早于“到岗日期”"), (TO_COME, "这一天还没有到"), ("", "请填写这一项"),
    ("2016-02-30", "2016-02-30"),
])  # fmt: skip
def test_a_day_that_cannot_be_changes_nothing(there: House, clinic: str, until: str, said: str) -> None:
    county = there.browser(there.cast.county_auditor)
    answer = end(county, clinic, until)
    assert answer.status_code == 422
    assert said in answer.text
    record = record_of(there.app, clinic)
    assert (record.until, record.version) == (None, 2)
    assert deeds(there.app, clinic) == ["handed_in", "verified"]


def test_twice_is_once_and_an_old_page_changes_nothing(there: House, clinic: str) -> None:
    county = there.browser(there.cast.county_auditor)
    page = county.get(f"/audit/records/{clinic}").text
    form = next(one for one in forms_of(page) if one["action"].endswith("/end"))
    sent = {**dict(form["fields"]), "until": "2016-02-29"}
    assert [county.post(form["action"], data=sent).status_code for _ in range(2)] == [303, 303]
    assert deeds(there.app, clinic) == ["handed_in", "verified", "ended"]
    late = county.post(form["action"], data={**sent, "until": "2018-01-01"})
    assert late.status_code == 409
    assert 'value="2018-01-01"' in late.text, "what she wrote is not lost"
    assert str(record_of(there.app, clinic).until) == "2016-02-29"


def test_the_level_that_verified_it_or_one_above_ends_it(there: House, clinic: str) -> None:
    unit, county, province = (
        there.browser(one) for one in (there.unit, there.cast.county_auditor, there.cast.province_auditor)
    )
    other = there.browser(there.cast.stranger)
    assert [ends(one, clinic) for one in (unit, county, province)] == [False, True, True]
    sent = {"csrf_token": token(unit), "version": "2", "until": "2016-02-29"}
    assert unit.post(f"/audit/records/{clinic}/end", data=sent).status_code == 403
    sent["csrf_token"] = token(other)
    assert other.post(f"/audit/records/{clinic}/end", data=sent).status_code == 404
    assert end(province, clinic, "2016-02-29").status_code == 303


def token(client: FlaskClient) -> str:
    form = next(form for form in forms_of(client.get("/account").text) if form["method"] == "post")
    return dict(form["fields"])["csrf_token"]


def test_only_what_is_verified_and_goes_on_has_an_end(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    waiting = handed_in(doctor, "employment", CLINIC)
    training = handed_in(doctor, "training", {"on": "2026-03-01", "title": "急救", "place": "云岭县人民医院"})
    assert decide(county, training).status_code == 303
    for record_id, version in ((waiting, "1"), (training, "2")):
        assert not ends(county, record_id)
        sent = {"csrf_token": token(county), "version": version, "until": "2026-06-01"}
        assert county.post(f"/audit/records/{record_id}/end", data=sent).status_code == 409
    with reading(there.app):
        assert set(session().scalars(select(PersonRecord.until))) == {None}
