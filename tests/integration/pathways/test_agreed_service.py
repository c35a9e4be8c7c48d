"""The years of an agreement, from the form to the line that asks for them."""

import pytest
from cast import Cast
from flask import Flask
from record_stage import House, decide, handed_in, record_of, send, settled
from test_records import state_of

from lms.pathways.rules.states import State

SERVICE = {"on": "2021-03-01", "place": "柳溪镇卫生院"}


@pytest.fixture
def there(app: Flask, cast: Cast) -> House:
    return settled(app, cast)


def test_the_years_of_the_agreement_are_what_is_asked(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    assert "协议服务年限（年）" in doctor.get("/pathways/records/new?kind=service").text
    refused = send(doctor, "service", {**SERVICE, "agreed_years": "5年"})
    assert refused.status_code == 422
    assert "请只写数字，1 到 12。" in refused.text
    record_id = handed_in(doctor, "service", {**SERVICE, "agreed_years": "5"})
    assert record_of(there.app, record_id).fields == {"place": "柳溪镇卫生院", "agreed_years": "5"}
    assert state_of(there, "resident-training", "S1") is State.SUBMITTED
    assert "协议服务年限（年）" in county.get(f"/audit/records/{record_id}").text
    assert decide(county, record_id).status_code == 303
    assert state_of(there, "resident-training", "S1") is State.VERIFIED, "five years and eight months"


def test_without_them_it_is_six(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    record_id = handed_in(doctor, "service", SERVICE)
    assert decide(county, record_id).status_code == 303
    assert state_of(there, "resident-training", "S1") is State.MISSING
