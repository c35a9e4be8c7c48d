"""A claim from its draft to the statement, through the pages, without a script."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from claim_stage import Place, activities, claim_of, claimed, decide, draft, hand_in, photo, provincial, text_of
from credit_stage import awards, ledger_sum, reading, writing
from flask import Flask
from pages import post_form
from sqlalchemy import select, update

from lms.credits.claims.models import Claim
from lms.credits.ledger.entries import evidence_of
from lms.credits.models import Activity, Award, LedgerEntry
from lms.kernel.db import session


@pytest.fixture
def place(app: Flask, cast: Cast, tmp_path: Path) -> Iterator[Place]:
    with provincial(app, cast, tmp_path) as found:
        yield found


def test_a_month_of_further_study_is_returned_corrected_and_approved(place: Place) -> None:
    doctor, unit = place.browser(place.cast.learner), place.browser(place.unit)
    county = place.browser(place.cast.county_auditor)
    assert "/credits/claims" in doctor.get("/credits").text
    page = draft(doctor)
    shown = doctor.get(page).text
    assert "能折算 5.0 学分，授 5.0 学分；今年会多计 5.0 学分（0.0 → 5.0）" in text_of(shown)
    assert hand_in(doctor, page).status_code == 303
    claim_id = page.rsplit("/", 1)[1]
    assert "现在由本单位审核" in doctor.get(page).text

    assert "到县医院心内科进修" in unit.get("/audit/claims?mine=y").text
    assert decide(unit, claim_id, "return").status_code == 303
    today = doctor.get("/today").text
    assert "请补一张鉴定表的照片。" in today
    assert "退回" in doctor.get("/credits/claims").text

    changed = post_form(doctor, page, {"times": "1.5", "papers": photo("鉴定表.jpg")})
    assert changed.status_code == 303, changed.text
    assert "授 7.5 学分" in text_of(doctor.get(page).text)
    assert hand_in(doctor, page).status_code == 303
    assert "现在由本单位审核" in doctor.get(page).text

    assert decide(unit, claim_id).status_code == 303
    assert not activities(place.app, place.cast.learner)
    answer = decide(county, claim_id)
    assert answer.status_code == 303, answer.text
    (award,) = awards(place.app, place.cast.learner)
    assert (award.awarded_milli, award.state, award.kind) == (7500, "approved", "further_study")
    (activity,) = activities(place.app, place.cast.learner)
    assert str(activity.id) == claim_id
    assert len(activity.evidence or ()) == 2
    assert ledger_sum(place.app, place.cast.learner) == 7500
    assert "到县医院心内科进修" in doctor.get("/credits?year=2026").text
    assert "授 7.5 学分" in doctor.get(page).text
    assert claim_of(place.app, claim_id).state == "approved"


def test_a_claim_that_came_back_larger_than_one_person_may_approve_takes_two(place: Place) -> None:
    doctor, county = place.browser(place.cast.learner), place.browser(place.cast.county_auditor)
    page = draft(doctor)
    assert hand_in(doctor, page).status_code == 303
    claim_id = page.rsplit("/", 1)[1]
    assert not claim_of(place.app, claim_id).two
    assert decide(county, claim_id, "return").status_code == 303
    assert post_form(doctor, page, {"times": "3", "started_on": "2026-03-01"}).status_code == 303
    assert hand_in(doctor, page).status_code == 303
    assert claim_of(place.app, claim_id).two, "above the house's limit of 10 credits"
    assert decide(county, claim_id).status_code == 303
    assert not awards(place.app, place.cast.learner)
    assert decide(place.browser(place.cast.province_auditor), claim_id).status_code == 303
    (award,) = awards(place.app, place.cast.learner)
    assert award.awarded_milli > 10_000


def test_the_next_claim_is_one_that_she_may_decide(place: Place) -> None:
    """The province's auditor works at the county's bureau, as the county's does: his claim is somebody else's turn."""
    house, doctor = place.browser(place.cast.province_auditor), place.browser(place.cast.learner)
    of_house = claimed(house)
    first, second = (claimed(doctor, started_on=f"2026-0{month}-01", on_date=f"2026-0{month}-28") for month in (3, 4))
    with writing(place.app):
        session().execute(update(Claim).values(waiting=2, decided=1))
    county = place.browser(place.cast.county_auditor)
    assert "在同一单位" in county.get(f"/audit/claims/{of_house}").text
    assert str(decide(county, first, then="next").location).endswith(second)
    assert str(decide(county, second, then="next").location).endswith(second)


def test_what_the_county_reverses_later_shows_on_the_claim(place: Place) -> None:
    doctor, county = place.browser(place.cast.learner), place.browser(place.cast.county_auditor)
    claim_id = claimed(doctor)
    decide(county, claim_id)
    (award,) = awards(place.app, place.cast.learner)
    province = place.browser(place.cast.province_auditor)
    reversal = {"action": "reverse", "reason_code": "absent", "text": "核实没有去。", "then": "stay"}
    assert post_form(province, f"/audit/awards/{award.id}", reversal).status_code == 303
    assert "学分后来撤销了" in doctor.get(f"/credits/claims/{claim_id}").text
    assert "看申报和材料" in county.get(f"/audit/awards/{award.id}").text


def test_the_hashes_of_its_papers_are_in_its_line(place: Place) -> None:
    """What the line's leaf names as evidence is another hash if a paper is another."""
    doctor, county = place.browser(place.cast.learner), place.browser(place.cast.county_auditor)
    decide(county, claimed(doctor))
    with reading(place.app):
        line = session().scalars(select(LedgerEntry)).one()
        activity_id = session().get_one(Award, line.award_id).activity_id
        activity, award = session().get_one(Activity, activity_id), session().get_one(Award, line.award_id)
        told = json.loads(line.leaf)["evidence"]
        assert told == evidence_of(activity, award.decision)
        assert activity.evidence is not None
        session().expunge(activity)
        activity.evidence = [{**activity.evidence[0], "sha": "0" * 64}]
        assert told != evidence_of(activity, award.decision)
