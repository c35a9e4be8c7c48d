"""Activities that are to come: an administrator enters them, doctors of the place see them, lists begin from them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import Cast, Member
from credit_stage import awards, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from list_stage import doctors
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.credits.coming import commands
from lms.credits.coming.models import ComingActivity
from lms.kernel import clock
from lms.kernel.audit import AuditRow
from lms.kernel.db import session
from lms.kernel.ids import new_id

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ALL, NEW, HERS = "/admin/activities/coming", "/admin/activities/coming/new", "/credits/activities"


def lecture(on: date, **more: object) -> dict[str, object]:
    return {
        "kind": "unit_lecture", "title": "糖尿病足早期识别", "place": "LB-YL-LX", "venue": "卫生院二楼",
        "on_date": on.isoformat(), "hours": "2", "times": "", **more,
    }  # fmt: skip


def project(on: date, **more: object) -> dict[str, object]:
    return lecture(
        on, kind="promotion_project", title="县域急诊急救", place="LB-YL", hours="12", assessed="y",
        started_on=(on - timedelta(days=1)).isoformat(), project_number="2026-14-00-007", **more,
    )  # fmt: skip


@pytest.fixture
def soon() -> date:
    return clock.today() + timedelta(days=5)


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


@pytest.fixture
def doctor(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(app.test_client(), cast.learner)


def hidden(page: str, name: str) -> str:
    return next(value for form in forms_of(page) for field, value in form["fields"] if field == name)


def rows(app: Flask) -> list[ComingActivity]:
    with reading(app):
        found = list(session().scalars(select(ComingActivity).order_by(ComingActivity.started_on)))
        session().expunge_all()
        return found


def test_a_doctor_of_the_place_reads_what_it_brings_her_and_another_county_does_not_see_it(
    app: Flask, cast: Cast, admin: FlaskClient, doctor: FlaskClient, sign_in: SignIn, soon: date
) -> None:
    assert "要办的活动" in admin.get("/admin/activities").text
    assert "眼下没有登记要办的活动" in doctor.get(HERS).text
    assert post_form(admin, NEW, project(soon)).headers["Location"].endswith(ALL)
    post_form(admin, NEW, lecture(soon + timedelta(days=1)))
    shown = doctor.get(HERS).text
    assert shown.index("县域急诊急救") < shown.index("糖尿病足早期识别")
    assert "卫生院二楼" in shown
    assert "结束时有考核，合格才计" in shown
    assert "参加后可计" in shown
    assert "县域急诊急救" in admin.get(ALL).text
    assert "眼下没有登记要办的活动" in sign_in(app.test_client(), cast.stranger).get(HERS).text


def test_a_place_below_is_told_to_its_own_people_only(
    app: Flask, cast: Cast, admin: FlaskClient, doctor: FlaskClient, sign_in: SignIn, soon: date
) -> None:
    post_form(admin, NEW, lecture(soon, place="LB-YL-YY", title="病房查房"))
    post_form(admin, NEW, lecture(soon, place="TC-DEMO", title="教学法"))
    assert "病房查房" in doctor.get(HERS).text, "the clinic hangs below the hospital"
    assert "教学法" not in doctor.get(HERS).text


def test_sent_twice_it_is_entered_once(app: Flask, admin: FlaskClient, soon: date) -> None:
    coming_id = hidden(admin.get(NEW).text, "coming_id")
    for _ in range(2):
        assert post_form(admin, NEW, {**lecture(soon), "coming_id": coming_id}).status_code == 303
    assert len(rows(app)) == 1
    assert "没有重复登记" in admin.get(ALL).text


def test_another_one_typed_on_a_page_gone_back_to_is_not_lost(app: Flask, admin: FlaskClient, soon: date) -> None:
    coming_id = hidden(admin.get(NEW).text, "coming_id")
    post_form(admin, NEW, {**lecture(soon), "coming_id": coming_id})
    other = lecture(soon, title="高血压患者随访")
    answer = post_form(admin, NEW, {**other, "coming_id": coming_id})
    assert answer.status_code == 409
    assert "再按一次" in answer.text
    again = {**other, "coming_id": hidden(answer.text, "coming_id")}
    assert post_form(admin, NEW, again).status_code == 303
    assert sorted(one.title["zh"] for one in rows(app)) == ["糖尿病足早期识别", "高血压患者随访"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("on_date", "2026-01-05", "这一天已经过去了"),
        ("on_date", "2036-01-05", "日期太远了"),
        ("started_on", "2026-01-05", "这一天已经过去了"),
        ("title", " ", "请填写这一项"),
        ("venue", "", "请填写这一项"),
        ("place", "LB-XX", "您管的范围里没有这个机构"),
        ("hours", "0", "请写一个大于 0 的数"),
        ("hours", "25", "不会超过 24 学时"),
        ("times", "1.5", "次数和字数要写整数"),
        ("kind", "self_study", "这类活动不是到场参加的"),
        ("kind", "promotion_project", "项目要写项目编号"),
        ("kind", "nonsense", "没有这类活动"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_field_and_nothing_is_entered(
    app: Flask, admin: FlaskClient, soon: date, field: str, value: str, said: str
) -> None:
    answer = post_form(admin, NEW, lecture(soon, **{field: value}))
    assert answer.status_code == 422
    assert said in answer.text
    assert "糖尿病足早期识别" in answer.text or field == "title", "what was typed is still there"
    assert not rows(app)


def test_it_is_changed_and_cancelled_and_a_stale_page_changes_nothing(
    app: Flask, admin: FlaskClient, doctor: FlaskClient, soon: date
) -> None:
    post_form(admin, NEW, lecture(soon))
    page = f"{ALL}/{rows(app)[0].id}"
    stale = admin.get(page).text
    assert post_form(admin, page, {"venue": "县医院礼堂"}).status_code == 303
    assert "县医院礼堂" in doctor.get(HERS).text
    late = {"version": hidden(stale, "version"), "venue": "别处"}
    answer = post_form(admin, page, late)
    assert answer.status_code == 409
    assert "刚刚被别人改过" in answer.text
    assert "县医院礼堂" in answer.text, "what is there now"
    assert 'value="别处"' in answer.text, "and what she typed"
    assert "县医院礼堂" in doctor.get(HERS).text
    assert post_form(admin, page, {"version": "1"}, action=f"{page}/cancel").status_code == 303
    assert "县医院礼堂" in doctor.get(HERS).text, "a stale page cancels nothing"
    assert post_form(admin, page, {}, action=f"{page}/cancel").status_code == 303
    assert "县医院礼堂" not in doctor.get(HERS).text
    assert "已取消" in admin.get(ALL).text
    assert "已经开始或者取消" in admin.get(page).text


def test_its_attendance_list_is_begun_from_it_and_nobody_is_awarded_for_it_twice(
    app: Flask, cast: Cast, admin: FlaskClient, soon: date
) -> None:
    there = doctors(app, cast, 2)
    post_form(admin, NEW, lecture(soon))
    one = rows(app)[0]
    clinic = f"/admin/activities/list?place=LB-YL-LX-SM&coming={one.id}"
    with clock.held_at(clock.now() + timedelta(days=6)):
        assert f"coming={one.id}" in admin.get(ALL).text
        begun = admin.get(f"/admin/activities/list?coming={one.id}").text
        assert "糖尿病足早期识别" in begun
        assert 'value="糖尿病足早期识别"' in admin.get(clinic).text
        for people in (there[:1], there):
            answer = post_form(admin, clinic, {"people": [str(who.person_id) for who in people]})
            assert answer.status_code == 200
        assert "1 人不授学分" in answer.text
    assert [len(awards(app, who)) for who in there] == [1, 1]
    with reading(app):
        assert session().scalar(select(func.count()).select_from(ComingActivity)) == 1


@pytest.mark.parametrize("kind", [lecture, project])
def test_a_number_typed_on_a_list_makes_no_second_award_of_it(
    app: Flask, cast: Cast, admin: FlaskClient, soon: date, kind: Callable[[date], dict[str, object]]
) -> None:
    there = doctors(app, cast, 1)
    post_form(admin, NEW, kind(soon))
    clinic = f"/admin/activities/list?place=LB-YL-LX-SM&coming={rows(app)[0].id}"
    with clock.held_at(clock.now() + timedelta(days=6)):
        for number in ("2026-14-00-098", "2026-14-00-099"):
            people = [str(who.person_id) for who in there]
            answer = post_form(admin, clinic, {"people": people, "project_number": number, "assessed": "y"})
            assert answer.status_code == 200
    assert "1 人不授学分" in answer.text
    assert len(awards(app, there[0])) == 1


def test_who_passed_only_the_list_says(app: Flask, admin: FlaskClient, soon: date) -> None:
    post_form(admin, NEW, project(soon))
    page = admin.get(f"/admin/activities/list?place=LB-YL-LX-SM&coming={rows(app)[0].id}").text
    form = next(one for one in forms_of(page) if "people" in one["names"])
    assert "assessed" in form["names"]
    assert "assessed" not in dict(form["fields"])


def test_on_its_first_day_it_is_changed_no_more_but_called_off(app: Flask, admin: FlaskClient) -> None:
    today = clock.today()
    post_form(admin, NEW, lecture(today, started_on=today.isoformat()))
    page = f"{ALL}/{rows(app)[0].id}"
    assert page in admin.get(ALL).text
    assert "已经开始或者取消" in admin.get(page).text
    token = hidden(admin.get(NEW).text, "csrf_token")
    refused = admin.post(page, data={**lecture(today, venue="别处"), "version": "1", "csrf_token": token})
    assert refused.status_code == 409
    assert rows(app)[0].venue == "卫生院二楼"
    for _ in range(2):
        admin.post(f"{page}/cancel", data={"version": "1", "csrf_token": token})
        assert "已取消。医生不再看到这一场" in admin.get(ALL).text
    assert rows(app)[0].cancelled_at is not None
    assert "已取消" in admin.get(ALL).text
    with reading(app):
        told = select(func.count()).select_from(AuditRow).where(AuditRow.action == "coming.cancelled")
        assert session().scalar(told) == 1


def test_what_was_cancelled_meanwhile_is_not_said_to_be_changed(
    app: Flask, cast: Cast, admin: FlaskClient, soon: date
) -> None:
    post_form(admin, NEW, lecture(soon))
    page = f"{ALL}/{rows(app)[0].id}"
    form = next(one for one in forms_of(admin.get(page).text) if "venue" in one["names"])
    with writing(app):
        assert commands.cancel(cast.admin.actor, rows(app)[0].id, 1)
    late = admin.post(page, data=dict(form["fields"]))
    assert late.status_code == 409
    assert "已改好" not in admin.get(ALL).text


def test_once_attendance_is_listed_it_is_not_called_off(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there, today = doctors(app, cast, 1), clock.today()
    post_form(admin, NEW, lecture(today, started_on=today.isoformat()))
    coming = rows(app)[0].id
    page = f"{ALL}/{coming}"
    form = next(one for one in forms_of(admin.get(page).text) if one["action"].endswith("/cancel"))
    clinic = f"/admin/activities/list?place=LB-YL-LX-SM&coming={coming}"
    people = [str(who.person_id) for who in there]
    assert post_form(admin, clinic, {"people": people, "assessed": "y"}).status_code == 200
    assert "已登记过签到表" in admin.get(ALL).text
    assert "/cancel" not in admin.get(page).text
    admin.post(form["action"], data=dict(form["fields"]))
    assert "已经登记了签到表，不能再取消" in admin.get(ALL).text
    assert rows(app)[0].cancelled_at is None
    assert len(awards(app, there[0])) == 1


def test_a_change_sent_twice_is_kept_once_and_told_so(app: Flask, admin: FlaskClient, soon: date) -> None:
    post_form(admin, NEW, lecture(soon))
    page = f"{ALL}/{rows(app)[0].id}"
    sent = {"venue": "礼堂", "version": "1"}
    assert post_form(admin, page, sent).status_code == 303
    assert post_form(admin, page, sent).status_code == 303
    assert [(one.venue, one.version) for one in rows(app)] == [("礼堂", 2)]


def test_a_name_in_english_stays_while_the_chinese_one_does(
    app: Flask, cast: Cast, admin: FlaskClient, soon: date
) -> None:
    with writing(app):
        commands.enter(
            cast.admin.actor, coming_id=new_id(), place_id=cast.places["LB-YL"], venue="县医院", kind="unit_lecture",
            title={"zh": "讲座", "en": "Lecture"}, on_date=soon, hours=Decimal(2), quantity=Decimal(1), unit="items",
        )  # fmt: skip
    page = f"{ALL}/{rows(app)[0].id}"
    post_form(admin, page, {"venue": "礼堂"})
    assert rows(app)[0].title == {"zh": "讲座", "en": "Lecture"}
    post_form(admin, page, {"title": "另一场讲座"})
    assert rows(app)[0].title == {"zh": "另一场讲座"}


def test_a_list_begins_from_no_activity_of_another_county(
    app: Flask, cast: Cast, admin: FlaskClient, sign_in: SignIn, soon: date
) -> None:
    post_form(admin, NEW, lecture(soon))
    other = sign_in(app.test_client(), cast.stranger)
    assert other.get(f"/admin/activities/list?coming={rows(app)[0].id}").status_code == 404
    assert other.get(f"{ALL}/{rows(app)[0].id}").status_code == 404
    assert admin.get("/admin/activities/list?coming=nonsense").status_code == 404
