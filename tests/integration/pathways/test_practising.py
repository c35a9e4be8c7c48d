"""A doctor goes a way with modules: from the step of her plan to who plans her rotations, to days that count, and how
far she is; modules of a way that is not open to her are planned for nobody."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import delete, func, select
from standing_stage import became, put
from teaching_stage import Ward, make_ward

from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.models import Following
from lms.people.models import RoleGrant
from lms.teaching.models import Rotation

PROGRAMME = "gp-transfer-2010"


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


def follow(ward: Ward, member: Member) -> None:
    """A physician, registered, who goes the way."""
    became(ward.app, member, "physician")
    put(ward.app, member, "registration", clock.today() - timedelta(days=900), grade="physician", scope="other")
    with ward.app.app_context(), unit_of_work():
        session().add(Following(person_id=member.person_id, pathway=PROGRAMME, since=clock.today()))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def rotations(ward: Ward) -> int:
    with ward.app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(Rotation)) or 0


def planned_by(ward: Ward, office: FlaskClient, module: str) -> Any:
    today = clock.today()
    given = {
        "rotation_id": str(new_id()), "chosen": module, "site_id": str(ward.cast.places["LB-YL-YY"]),
        "supervisor_id": str(ward.teacher.person_id), "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    page = f"/practice-log/planning/{ward.cast.learner.person_id}"
    token = dict(forms_of(office.get(page).text)[0]["fields"])["csrf_token"]
    return office.post(page, data=given | {"csrf_token": token})


def test_from_the_step_of_her_plan_to_days_that_count(ward: Ward) -> None:
    follow(ward, ward.cast.learner)
    doctor, office = ward.browser(ward.cast.learner), ward.browser(ward.cast.county_auditor)
    door = f"/pathways/{PROGRAMME}#modules"
    plan = doctor.get("/pathways/plan").text
    assert f'href="{door}"' in plan
    assert 'href="/practice-log"' not in plan.partition("<main")[2]
    way = doctor.get(door).text.partition('id="modules"')[2]
    assert "还没有给您安排轮转" in way
    assert "带教老师、培训中心管理员或审核员安排" in way
    assert "邓立新" in way
    log = doctor.get("/practice-log").text
    assert 'name="rotation_id"' not in log
    assert "带教老师、培训中心管理员或审核员安排" in log

    made = planned_by(ward, office, f"{PROGRAMME}/T")
    assert made.status_code == 303
    way = doctor.get(door).text.partition('id="modules"')[2]
    assert "还没有给您安排轮转" not in way
    assert made.headers["Location"] in way
    assert 'href="/practice-log"' in way
    log = doctor.get("/practice-log").text
    assert "带教老师、培训中心管理员或审核员安排" not in log
    form = next(one for one in forms_of(log) if "entry_id" in one["names"])
    assert dict(form["fields"])["rotation_id"] == made.headers["Location"].rpartition("/")[2]
    assert post_form(doctor, "/practice-log", {"hours": "8", "kind": "teaching"}).status_code == 303
    assert "理论培训已签字 0，共要 160 学时等签字 8" in words(doctor.get("/practice-log").text)


def test_who_is_the_only_supervisor_is_told_so(ward: Ward) -> None:
    with ward.app.app_context(), unit_of_work():
        session().execute(delete(RoleGrant).where(
            RoleGrant.role == str(Role.TEACHER), RoleGrant.person_id != ward.teacher.person_id))  # fmt: skip
    follow(ward, ward.teacher)
    himself = ward.browser(ward.teacher)
    for page in ("/practice-log", f"/pathways/{PROGRAMME}"):
        assert "除您以外，本县还没有带教老师" in himself.get(page).text, page
    office = ward.browser(ward.cast.county_auditor)
    assert "除本人以外，本县还没有带教老师" in office.get(f"/practice-log/planning/{ward.teacher.person_id}").text
    with ward.app.app_context(), unit_of_work():
        session().execute(delete(RoleGrant).where(RoleGrant.role == str(Role.TEACHER)))
    page = himself.get("/practice-log").text
    assert "本县还没有带教老师" in page
    assert "除您以外" not in page


def test_modules_that_would_count_nowhere_are_not_planned(ward: Ward) -> None:
    office = ward.browser(ward.cast.county_auditor)
    page = f"/practice-log/planning/{ward.cast.learner.person_id}"
    village = office.get(page).text
    assert "没有对这位医生开放的培训方案" in village
    assert f"{PROGRAMME}/" not in village
    refused = planned_by(ward, office, f"{PROGRAMME}/C")
    assert refused.status_code == 422
    assert rotations(ward) == 0

    became(ward.app, ward.cast.learner, "physician")
    offered = office.get(page).text
    assert f"{PROGRAMME}/C" in offered
    assert "gp-transfer-beijing/" not in offered, "another province's"
    assert "请从列出的几项里选一项" in planned_by(ward, office, "gp-transfer-beijing/C").text
    assert planned_by(ward, office, f"{PROGRAMME}/C").status_code == 303
    assert rotations(ward) == 1


def test_who_goes_a_way_that_is_open_to_her_no_more_is_still_planned_for(ward: Ward) -> None:
    follow(ward, ward.cast.learner)
    became(ward.app, ward.cast.learner, "village_doctor")
    assert planned_by(ward, ward.browser(ward.cast.county_auditor), f"{PROGRAMME}/C").status_code == 303


def test_the_log_tells_each_module_of_a_programme_she_is_in(ward: Ward, count_sql: Callable[..., Any]) -> None:
    doctor = ward.browser(ward.cast.learner)
    assert "共要" not in doctor.get("/practice-log").text
    became(ward.app, ward.cast.learner, "physician")
    assert "共要" not in doctor.get("/practice-log").text, "open to her, but she is not in it"
    rotation = ward.plan(-5, 5, programme=PROGRAMME, module="T")
    assert ward.sign(ward.enter(rotation_id=rotation, hours=Decimal("7.5"))) == (1, 0)
    with count_sql() as before:
        page = doctor.get("/practice-log").text
    assert "已签字 7.5，共要 160 学时" in words(page)
    assert "已签字 0，共要 10 个月" in words(page)
    assert f'href="/pathways/{PROGRAMME}#modules"' in page
    put(ward.app, ward.cast.learner, "exemption", clock.today(), programme=PROGRAMME, module="C")
    follow(ward, ward.cast.learner)
    ward.plan(6, 20, programme=PROGRAMME, module="C")
    for back in range(4):
        ward.enter(rotation_id=rotation, on_date=clock.today() - timedelta(days=back), hours=Decimal(1))
    with count_sql() as after:
        page = words(doctor.get("/practice-log").text)
    assert len(after) == len(before)
    assert "免修，已核实" in page
    assert page.count("共要 160 学时") == 1
