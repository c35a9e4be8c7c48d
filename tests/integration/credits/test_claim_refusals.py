"""What cannot be true is refused with its field named, in both languages, and leaves nothing half-written."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, Member
from claim_stage import (
    LECTURE,
    Place,
    claim_of,
    claimed,
    decide,
    draft,
    hand_in,
    photo,
    provincial,
    text_of,
    unit_auditor,
)
from credit_stage import award_of, awards, reading
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select
from uploaded import archive

from lms.credits.claims import drafting
from lms.credits.claims.models import Claim, ClaimFile, ClaimStep
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


@pytest.fixture
def place(app: Flask, cast: Cast) -> Place:
    """The house under the national rules, where lectures may be claimed."""
    return Place(app, cast, unit_auditor(app, cast))


@pytest.fixture
def doctor(place: Place) -> FlaskClient:
    return place.browser(place.cast.learner)


def counts(app: Flask) -> tuple[int, ...]:
    with reading(app):
        tables = (Claim, ClaimFile, ClaimStep)
        return tuple(session().scalar(select(func.count()).select_from(one)) or 0 for one in tables)


@pytest.mark.parametrize(
    ("fields", "zh", "en"),
    [
        ({"on_date": "{tomorrow}"}, "到哪一天：这一天还没有到", "That day has not come yet."),
        ({"started_on": "2026-04-02"}, "到哪一天：结束的日期比开始的早", "The end is before the start."),
        ({"hours": "25"}, "学时：从开始到结束一共 1 天，不会超过 24 学时", "24"),
        ({"times": "101"}, "数量：要大于 0，最多 100", "at most 100"),
        ({"times": "1.5"}, "数量：次数和字数要写整数", "whole"),
        ({"hours": ""}, "学时：请写一个大于 0 的数", "above 0"),
        ({"title": ""}, "活动名称：请写活动的名称", "name"),
        ({"place": ""}, "请写在哪里、哪个单位", "at which institution"),
        ({"on_date": "2019-04-01"}, "到哪一天：2019 年没有规则集", "There is no rule set for 2019"),
    ],
)
def test_what_cannot_be_true_is_not_handed_in(
    doctor: FlaskClient, place: Place, fields: dict[str, str], zh: str, en: str
) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = draft(doctor, "unit_lecture", **{name: text.format(tomorrow=tomorrow) for name, text in fields.items()})
    before = counts(place.app)
    answer = hand_in(doctor, page)
    assert answer.status_code == 422
    assert zh in text_of(answer.text).replace("： ", "：")
    doctor.post("/account/language", data={"language": "en", "back": "/", "csrf_token": token(doctor)})
    assert en in hand_in(doctor, page).text
    assert counts(place.app) == before
    assert claim_of(place.app, page.rsplit("/", 1)[1]).state == "draft"


def token(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        return str(kept["csrf"])


@pytest.mark.parametrize("hours", ["0.0005", "1000000000000", "-1", "NaN", "1e9"])
def test_numbers_nobody_can_mean_are_not_even_kept(doctor: FlaskClient, place: Place, hours: str) -> None:
    answer = post_form(doctor, "/credits/claims/new?kind=unit_lecture", {**LECTURE, "hours": hours})
    assert answer.status_code == 422
    assert 'href="#hours"' in answer.text
    assert counts(place.app) == (0, 0, 0)


def test_evidence_that_is_not_what_it_says_is_refused_by_name(doctor: FlaskClient, place: Place) -> None:
    trick = (io.BytesIO(archive()), "照片.jpg")
    answer = post_form(doctor, "/credits/claims/new?kind=unit_lecture", {**LECTURE, "papers": trick})
    assert answer.status_code == 422
    assert "照片.jpg" in answer.text
    assert counts(place.app) == (0, 0, 0)


def test_without_a_paper_or_the_word_of_truth_nothing_is_handed_in(doctor: FlaskClient, place: Place) -> None:
    page = str(post_form(doctor, "/credits/claims/new?kind=unit_lecture", LECTURE).location).partition("#")[0]
    assert "请至少交一份证明材料" in hand_in(doctor, page).text
    post_form(doctor, page, {"papers": photo()})
    answer = post_form(doctor, page, {}, action="/hand-in")
    assert answer.status_code == 422
    assert "请先确认内容属实" in answer.text
    assert hand_in(doctor, page).status_code == 303


def test_an_unknown_kind_is_refused(doctor: FlaskClient, place: Place) -> None:
    assert "进修" not in text_of(doctor.get("/credits/claims/new").text).replace("例如", "")
    assert doctor.get("/credits/claims/new?kind=further_study").status_code == 404
    form = {"kind": "further_study", "claim_id": "", "csrf_token": token(doctor)}
    assert doctor.post("/credits/claims", data=form).status_code == 404
    assert counts(place.app) == (0, 0, 0)


def test_the_same_is_not_claimed_twice(doctor: FlaskClient, place: Place) -> None:
    claimed(doctor, "unit_lecture")
    page = draft(doctor, "unit_lecture")
    answer = hand_in(doctor, page)
    assert answer.status_code == 422
    assert "您已经申报过" in answer.text
    assert hand_in(doctor, draft(doctor, "unit_lecture", on_date="2026-04-08")).status_code == 303


def test_what_was_withdrawn_may_be_claimed_anew(doctor: FlaskClient, place: Place) -> None:
    claim_id = claimed(doctor, "unit_lecture")
    assert post_form(doctor, f"/credits/claims/{claim_id}", {}, action="/withdraw").status_code == 303
    assert claim_of(place.app, claim_id).state == "withdrawn"
    assert place.browser(place.unit).get(f"/audit/claims/{claim_id}").status_code == 404
    claimed(doctor, "unit_lecture")


def test_what_a_cap_leaves_nothing_of_is_told_with_its_reason(place: Place, doctor: FlaskClient) -> None:
    """A project's number awarded before: approved, and nothing given."""
    award_of(place.app, place.cast, place.cast.learner)
    first = claimed(doctor, "unit_lecture", project_number="2026-LX-1")
    second = claimed(doctor, "unit_lecture", project_number="2026-LX-1", on_date="2026-05-06")
    county = place.browser(place.cast.county_auditor)
    assert "同一项目同一年还有申报" in county.get(f"/audit/claims/{second}").text
    decide(county, first)
    decide(county, second)
    assert claim_of(place.app, first).state == "approved"
    assert claim_of(place.app, second).state == "not_counted"
    assert len(awards(place.app, place.cast.learner)) == 2
    page = doctor.get(f"/credits/claims/{second}").text
    assert "通过了，但不授学分" in page
    assert "同一课程或项目一年只计一次" in page


# Who sees and decides ------------------------------------------------------------------------------


def test_evidence_is_for_the_doctor_and_her_deciders_only(place: Place, doctor: FlaskClient) -> None:
    page = draft(doctor, "unit_lecture")
    with reading(place.app):
        paper = session().scalars(select(ClaimFile.id)).one()
    address = f"{page}/papers/{paper}"
    deciders = [place.unit, place.cast.county_auditor, place.cast.province_auditor]
    others = [place.cast.colleague, place.cast.stranger, place.cast.admin, place.cast.author]

    def opens(member: Member, address: str) -> int:
        answer = place.browser(member).get(address)
        answer.close()
        return answer.status_code

    assert [opens(one, address) for one in deciders] == [404, 404, 404]
    hand_in(doctor, page)
    assert [opens(one, address) for one in deciders] == [200, 200, 200]
    assert [opens(one, f"{address}/small") for one in (place.cast.learner, place.unit)] == [200, 200]
    assert [opens(one, address) for one in others] == [404] * 4


def test_a_removed_paper_and_an_old_version_are_told(place: Place, doctor: FlaskClient) -> None:
    page = draft(doctor, "unit_lecture")
    with reading(place.app):
        paper = session().scalars(select(ClaimFile.id)).one()
    assert post_form(doctor, page, {"gone": str(paper)}).status_code == 303
    assert "请至少交一份证明材料" in doctor.get(page).text
    answer = post_form(doctor, page, {"version": "1", "title": "另一个名称", "papers": photo()})
    assert answer.status_code == 409
    assert "另一个名称" in answer.text
    assert claim_of(place.app, page.rsplit("/", 1)[1]).title == LECTURE["title"]


def test_nobody_decides_her_own_claim(place: Place) -> None:
    unit, county = place.browser(place.unit), place.browser(place.cast.county_auditor)
    claim_id = claimed(unit, "unit_lecture")
    assert "这是您自己的申报" in unit.get(f"/audit/claims/{claim_id}").text
    form = {"action": "approve", "version": "2", "csrf_token": token(unit)}
    assert unit.post(f"/audit/claims/{claim_id}", data=form).status_code == 403
    assert claim_of(place.app, claim_id).decided == 0
    assert decide(county, claim_id).status_code == 303


def test_who_took_part_does_not_decide_for_the_unit(place: Place, doctor: FlaskClient) -> None:
    unit = place.browser(place.unit)
    claimed(unit, "unit_lecture")
    hers = claimed(doctor, "unit_lecture")
    assert "您自己也参加了" in unit.get(f"/audit/claims/{hers}").text


def test_a_county_auditor_of_the_same_institution_leaves_it_to_others(place: Place) -> None:
    """The county's auditor and the administrator both work at the health bureau."""
    admin, county = place.browser(place.cast.admin), place.browser(place.cast.county_auditor)
    claim_id = claimed(admin, "unit_lecture")
    assert "申报人和您在同一单位" in county.get(f"/audit/claims/{claim_id}").text


def test_two_auditors_at_once_and_the_second_is_told(place: Place, doctor: FlaskClient) -> None:
    claim_id = claimed(doctor, "unit_lecture")
    county, province = place.browser(place.cast.county_auditor), place.browser(place.cast.province_auditor)
    province.get(f"/audit/claims/{claim_id}")
    decide(county, claim_id, "return")
    form = {"action": "approve", "version": "2", "csrf_token": token(province)}
    answer = province.post(f"/audit/claims/{claim_id}", data=form)
    assert answer.status_code == 409
    assert "您的决定没有存上" in answer.text
    assert "请补一张鉴定表的照片。" in answer.text


def test_a_refusal_is_answered_once_and_the_province_thinks_again(place: Place, doctor: FlaskClient) -> None:
    claim_id = claimed(doctor, "unit_lecture")
    county, province = place.browser(place.cast.county_auditor), place.browser(place.cast.province_auditor)
    refusal = {"action": "refuse", "reason_code": "absent", "text": "名单上没有您。", "then": "stay"}
    assert post_form(county, f"/audit/claims/{claim_id}", refusal).status_code == 303
    page = f"/credits/claims/{claim_id}"
    assert "名单上没有您。" in doctor.get(page).text
    assert "您的一条申报没有通过" in doctor.get("/today").text
    assert claim_id not in province.get("/audit/claims").text
    assert post_form(doctor, page, {"text": "签到表第二页有我。"}, action="/answer").status_code == 303
    assert 'action="' + page + '/answer"' not in doctor.get(page).text
    assert "您的一条申报没有通过" not in doctor.get("/today").text
    assert claim_id in province.get("/audit/claims").text
    assert "由市级审核人员来看" in county.get(f"/audit/claims/{claim_id}").text
    assert decide(province, claim_id).status_code == 303
    assert claim_of(place.app, claim_id).state == "approved"
    assert len(awards(place.app, place.cast.learner)) == 1
    assert "您的一条申报通过了" in doctor.get("/today").text


def test_ticked_rows_are_decided_each_by_itself(place: Place, doctor: FlaskClient) -> None:
    colleague = place.browser(place.cast.colleague)
    ids = [claimed(doctor, "unit_lecture"), claimed(doctor, "unit_lecture", on_date="2026-04-08")]
    ids.append(claimed(colleague, "unit_lecture", title="另一讲"))
    county = place.browser(place.cast.county_auditor)
    page = county.get("/audit/claims").text
    assert [page.index(one) for one in ids] == sorted(page.index(one) for one in ids), "oldest first"
    decide(county, ids[1], "return")
    ticked = {"claim": [f"{one}:2" for one in ids], f"name_{ids[1]}": "赵桂芳 糖尿病足"}
    answer = county.post("/audit/claims", data={**ticked, "csrf_token": token(county)})
    assert answer.status_code == 409
    assert "有 1 条没有通过，其余的已经通过" in answer.text
    assert "赵桂芳 糖尿病足" in answer.text
    assert [claim_of(place.app, one).state for one in ids] == ["approved", "returned", "approved"]


def test_the_queue_is_narrowed_and_other_counties_are_not_in_it(place: Place, doctor: FlaskClient) -> None:
    claim_id = claimed(doctor, "unit_lecture")
    county, stranger = place.browser(place.cast.county_auditor), place.browser(place.cast.stranger)
    assert claim_id not in stranger.get("/audit/claims").text
    assert stranger.get(f"/audit/claims/{claim_id}").status_code == 404
    for query, there in (
        ("q=赵桂芳", True), ("q=李", False), ("kind=unit_lecture", True), ("kind=self_study", False),
        ("year=2026", True), ("year=2025", False), ("state=approved", False), ("mine=y", False),
    ):  # fmt: skip
        assert (claim_id in county.get(f"/audit/claims?{query}").text) is there, query
    assert claim_id in place.browser(place.unit).get("/audit/claims?mine=y").text


def test_the_same_photo_of_two_people_is_found_without_telling_of_another_county(
    place: Place, doctor: FlaskClient
) -> None:
    same = photo()[0].getvalue()
    fields = {**LECTURE, "papers": (io.BytesIO(same), "a.jpg")}
    hers = str(post_form(doctor, "/credits/claims/new?kind=unit_lecture", fields).location).partition("#")[0]
    hand_in(doctor, hers)
    other = place.browser(place.cast.stranger)
    page = str(
        post_form(
            other, "/credits/claims/new?kind=unit_lecture",
            {**LECTURE, "title": "河湾村的讲座", "papers": (io.BytesIO(same), "b.jpg")},
        ).location
    ).partition("#")[0]  # fmt: skip
    assert hand_in(other, page).status_code == 303
    seen = place.browser(place.cast.county_auditor).get(f"/audit/claims/{hers.rsplit('/', 1)[1]}").text
    assert "同一个文件也交在别的单位的一条申报里" in seen
    assert "河湾村的讲座" not in seen
    assert page.rsplit("/", 1)[1] not in seen
    assert "河湾村的讲座" in place.browser(place.cast.province_auditor).get(
        f"/audit/claims/{hers.rsplit('/', 1)[1]}"
    ).text


def test_two_places_at_once_and_what_is_on_the_account_are_shown(place: Place, doctor: FlaskClient) -> None:
    award_of(place.app, place.cast, place.cast.learner)
    here = claimed(doctor, "unit_lecture")
    there = claimed(doctor, "case_discussion", title="病例讨论", place="县人民医院")
    county = place.browser(place.cast.county_auditor)
    assert "账上已经有" in county.get(f"/audit/claims/{here}").text
    assert "同一时间在另一个地方" in county.get(f"/audit/claims/{there}").text


# A closed year -------------------------------------------------------------------------------------

WINDOW = """
[[windows]]
id = "until-spring"
closes = "03-31"
source = "provincial-tables"
citation = { zh = "试验", en = "Trial" }
certainty = "practice"
effective_from = 2025-01-01
populations = ["*"]
"""


@contextmanager
def _closing(app: Flask, cast: Cast, folder: Path) -> Iterator[Place]:
    with provincial(app, cast, folder, WINDOW) as found:
        yield found


def test_a_closed_year_takes_no_claims_and_only_the_province_decides(app: Flask, cast: Cast, tmp_path: Path) -> None:
    year = clock.today().year - 1
    month = {"started_on": f"{year}-05-01", "on_date": f"{year}-05-31"}
    with _closing(app, cast, tmp_path) as place:
        doctor = place.browser(cast.learner)
        page = draft(doctor, **month)
        answer = hand_in(doctor, page)
        assert answer.status_code == 422
        assert f"{year} 年的学分已经截止" in answer.text
        claim_id = page.rsplit("/", 1)[1]
        with place.app.app_context(), clock.held_at(clock.now().replace(month=2, day=1)), unit_of_work():
            drafting.hand_in(cast.learner.actor, UUID(claim_id), version=1, true=True)
        county, province = place.browser(cast.county_auditor), place.browser(cast.province_auditor)
        assert "只有省级还能处理" in county.get(f"/audit/claims/{claim_id}").text
        # It waits for nobody else, and stands in nobody else's way.
        unit = place.browser(place.unit)
        for decider, shown in ((unit, False), (county, False), (province, True)):
            assert (claim_id in decider.get("/audit/claims?mine=y").text) is shown
            assert (f'value="{claim_id}:' in decider.get("/audit/claims").text) is shown
        assert decide(province, claim_id).status_code == 303
        assert [award.awarded_milli for award in awards(place.app, cast.learner)] == [5000]
