"""Who is banned, who has failed an examination: told to the doctor, and to her county."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from standing_stage import licensed, put

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.pathways import catalogue
from lms.pathways.county import keeping
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import Following, PersonRecord
from lms.pathways.rules.judging import judge
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.pathways.rules.states import Judged

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
    assert (row.verified, row.asked) == (2, 9)
    office = sign_in(app.test_client(), cast.county_auditor)
    page = read(office, f"/reports/pathways/people/{cast.learner.person_id}")
    assert f"乡村医生考乡村全科执业助理医师：{told[0]}" in page
    people = read(office, f"/reports/pathways/{cast.places['LB-YL']}/{WAY}/people")
    assert " 2 / 9 " in people.partition(cast.learner.name)[2]


def test_an_examination_that_was_failed_is_told_and_counted_until_it_is_passed(
    doctor: FlaskClient, app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    today = clock.today()
    said = "没有考过：2024年9月1日，150/180。"
    written = {"exam": "rural_assistant", "score": "150", "line": "180"}
    claimed = put(app, cast.learner, "exam_written", date(2024, 9, 1), state="waiting", result="fail", **written)
    assert said not in read(doctor, f"/pathways/{WAY}"), "what nobody has verified"
    with app.app_context(), unit_of_work():
        row = session().get_one(PersonRecord, claimed)
        row.state, row.waiting, row.verified_at = "verified", 0, clock.now()
    line = read(doctor, f"/pathways/{WAY}").partition(f" {WRITTEN} ")[2].partition("依据")[0]
    assert line.startswith(f"还缺 {said}")
    assert said in read(doctor, "/pathways/plan")
    found = kept(app, cast)
    assert (found.failed, "E6" in found.lapsed.split()) == ("E6", True)
    office = sign_in(app.test_client(), cast.county_auditor)
    assert said in read(office, f"/reports/pathways/people/{cast.learner.person_id}")
    people = f"/reports/pathways/{cast.places['LB-YL']}/{WAY}/people?failed=E6"
    assert f"{WRITTEN}（没有考过）" in read(office, people).partition(cast.learner.name)[2]
    put(app, cast.learner, "exam_written", today - timedelta(days=2), result="pass", **written)
    assert kept(app, cast).failed == ""
    assert said not in read(doctor, f"/pathways/{WAY}")


def test_a_failure_before_a_pass_that_has_ended_is_over() -> None:
    def exam(day: date, result: str, until: date | None = None, standing: str = "verified") -> Record:
        fields = {"exam": "assistant", "result": result}
        return Record(f"{day}", Kind.EXAM_PRACTICAL, day, until, Standing(standing), fields)

    def judged(*records: Record) -> Judged:
        found = judge(catalogue.library()["assistant-physician"], Facts(records), date(2026, 11, 1))
        return next(one.judged for one in found.states if one.code == "E5")

    ended = exam(date(2023, 6, 1), "pass", date(2025, 12, 31))
    assert judged(exam(date(2022, 6, 1), "fail"), ended).failed is None
    again = judged(ended, exam(date(2026, 6, 1), "fail"))
    assert (again.state, again.failed) == ("expired", "2026-06-01")
    waits = judged(exam(date(2025, 6, 1), "fail"), exam(date(2026, 6, 1), "pass", None, "submitted"))
    assert (waits.state, waits.failed) == ("submitted", None)


def test_who_stops_is_on_record_with_day_and_reason_until_she_goes_again(
    doctor: FlaskClient, app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    office = sign_in(app.test_client(), cast.county_auditor)
    county = f"/reports/pathways/{cast.places['LB-YL']}"
    way = f"/pathways/{WAY}"
    assert post_form(doctor, way, {"why": "nonsense"}, action="/stop").status_code == 422
    assert kept(app, cast).stopped_why == ""
    assert post_form(doctor, way, {"why": "another"}, action="/stop").status_code == 303
    assert "您走的路" not in read(doctor, "/pathways")
    assert kept(app, cast).stopped_why == "another"
    page = read(office, f"{county}?way={WAY}").partition("不走了的")[2]
    assert "换了一条路 1" in page
    assert "一共 1" in page
    today = clock.today()
    day = f"{today.year}年{today.month}月{today.day}日"
    assert f"{day} 换了一条路" in read(office, f"{county}/{WAY}/people?stopped=another").partition(cast.learner.name)[2]
    assert cast.learner.name not in read(office, f"{county}/{WAY}/people?stopped=done")
    assert cast.learner.name not in read(office, f"{county}/{WAY}/people")
    hers = read(office, f"/reports/pathways/people/{cast.learner.person_id}")
    assert f"{day} 起不走了：换了一条路" in hers
    assert f"{WRITTEN}" not in hers
    assert post_form(doctor, way, action="/follow").status_code == 303
    assert (kept(app, cast).stopped_why, kept(app, cast).stopped_on) == ("", None)
    assert post_form(doctor, way, action="/stop").status_code == 303, "one press, without a word"
    assert kept(app, cast).stopped_why == "-"
    assert "没有说 1" in read(office, f"{county}?way={WAY}")
