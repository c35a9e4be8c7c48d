"""Who is banned, who has failed an examination: told to the doctor, and to her county."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from standing_stage import licensed, put

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.pathways.county import keeping
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import Following

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WAY = "rural-gp-assistant"
WRITTEN = "医学综合考试达到合格线"


@pytest.fixture
def doctor(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    """Village doctor on the way to the examination, with a licence and a place of work."""
    with app.app_context(), unit_of_work():
        session().add(Following(person_id=cast.learner.person_id, pathway=WAY, since=clock.today()))
    today = clock.today()
    licensed(app, cast.learner, today - timedelta(days=400), today + timedelta(days=1000))
    put(app, cast.learner, "employment", today - timedelta(days=900), place_kind="village_clinic")
    return sign_in(client, cast.learner)


def read(client: FlaskClient, address: str) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = re.sub(r"</?(?:time|b|a)\b[^>]*>", "", answer.text[answer.text.index("<main") :])
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def kept(app: Flask, cast: Cast) -> PathwayResult:
    """What the county's pages count of her."""
    with app.app_context(), unit_of_work():
        keeping.refresh([cast.learner.person_id])
    with app.app_context(), unit_of_work(write=False):
        found = session().get(PathwayResult, (cast.learner.person_id, WAY))
        assert found is not None
        session().expunge(found)
        return found


def test_who_is_banned_is_not_sent_to_the_written_examination(
    doctor: FlaskClient, app: Flask, cast: Cast
) -> None:
    """She passed the practical; her diploma waits, her practice was not accepted, and she is banned."""
    today = clock.today()
    put(app, cast.learner, "exam_practical", today - timedelta(days=500), exam="rural_assistant", result="pass")
    put(app, cast.learner, "diploma", today - timedelta(days=3000), state="waiting", level="bachelor", relevant="yes")
    put(app, cast.learner, "practice", today - timedelta(days=900), today - timedelta(days=500), state="rejected",
        result="pass")  # fmt: skip
    ends = today + timedelta(days=40)
    put(app, cast.learner, "ban", today - timedelta(days=300), ends)
    told = f"还在禁考期内。到 {ends.year}年{ends.month}月{ends.day}日 为止。"
    first_page = read(doctor, "/today").partition("接下来怎么走")[2]
    assert "不在禁考期内" in first_page
    assert told in first_page
    assert WRITTEN not in first_page
    way = read(doctor, f"/pathways/{WAY}")
    assert WRITTEN not in way.partition("下一步")[2].partition("走了多远")[0]
    plan = read(doctor, "/pathways/plan")
    assert f"不在禁考期内：{told}" in plan
    assert WRITTEN not in plan.partition("这些眼下补不上")[0]
    assert WRITTEN in plan.partition("这些眼下补不上")[2]


def test_who_lacks_only_the_end_of_a_ban_is_not_one_step_away(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    today = clock.today()
    put(app, cast.learner, "diploma", today - timedelta(days=3000), level="bachelor", relevant="yes")
    put(app, cast.learner, "practice", today - timedelta(days=900), today - timedelta(days=500), result="pass")
    assert kept(app, cast).before_exam == 1, "she has not declared yet"
    put(app, cast.learner, "declaration", today - timedelta(days=20))
    assert kept(app, cast).before_exam == 0
    put(app, cast.learner, "ban", today - timedelta(days=10), today + timedelta(days=40))
    assert (kept(app, cast).before_exam, kept(app, cast).lacking.split()[0]) == (-1, "E4")


def test_the_county_counts_what_the_doctor_reads(
    doctor: FlaskClient, app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    """What is not due yet (registering in time, without a certificate) is neither asked nor verified, here as there."""
    told = re.search(r"(\d+) 项已核实，共 (\d+) 项", read(doctor, f"/pathways/{WAY}"))
    assert told
    assert told.groups() == ("2", "9")
    row = kept(app, cast)
    assert (row.met, row.asked) == (2, 9)
    office = sign_in(app.test_client(), cast.county_auditor)
    page = read(office, f"/reports/pathways/people/{cast.learner.person_id}")
    assert f"乡村医生考乡村全科执业助理医师：{told[0]}" in page
    people = read(office, f"/reports/pathways/{cast.places['LB-YL']}/{WAY}/people")
    assert " 2 / 9 " in people.partition(cast.learner.name)[2]
