"""Her plan: steps one can begin with, recomputed whenever something changes."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from credit_stage import CODE, SLUG, approve, pass_course, publish_course, write_package
from flask import Flask
from flask.testing import FlaskClient

from lms.courses import commands
from lms.courses.models import Edition
from lms.credits.claims.models import Claim
from lms.credits.coming import commands as entering
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.models import Following, PersonRecord

SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture
def doctor(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, tmp_path: Path) -> FlaskClient:
    publish_course(app, tmp_path)
    approve(app, cast)
    with app.app_context(), unit_of_work():
        session().add(
            Following(person_id=cast.learner.person_id, pathway="rural-gp-assistant", since=clock.today())
        )
    return sign_in(client, cast.learner)


def plan(client: FlaskClient) -> str:
    answer = client.get("/pathways/plan")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def record(app: Flask, cast: Cast, kind: str, state: str, until: date | None = None, **fields: str) -> None:
    with app.app_context(), unit_of_work():
        session().add(
            PersonRecord(
                id=new_id(), person_id=cast.learner.person_id, kind=kind, on_date=clock.today(), until=until,
                state=state, fields=fields, handed_in_at=clock.now(), changed_at=clock.now(),
                waiting=2 if state == "waiting" else 0, verified_at=clock.now() if state == "verified" else None,
            )
        )  # fmt: skip


def next_on_today(client: FlaskClient) -> str:
    return client.get("/today").get_data(as_text=True).partition('id="ways"')[2].partition("</section>")[0]


def test_the_first_step_can_be_begun(doctor: FlaskClient) -> None:
    page = plan(doctor)
    assert "/courses/" in page
    assert "/pathways/records/new?kind=diploma" in page
    # What rests on something else comes later.
    assert page.index("kind=diploma") < page.index("kind=practice")


def test_the_first_page_shows_what_comes_next_on_her_way(doctor: FlaskClient, app: Flask, cast: Cast) -> None:
    """One step, which is one of the plan's, and where it is worked at."""
    way = next_on_today(doctor)
    door = "/pathways/records/new?kind=village_licence"
    assert "乡村医生考乡村全科执业助理医师，还差 9 样" in way
    assert door in way
    assert door in plan(doctor)
    record(app, cast, "village_licence", "verified", until=clock.today() + timedelta(days=1000))
    later = next_on_today(doctor)
    assert "还差 8 样" in later
    assert door not in later


def test_a_way_of_modules_says_nothing_of_how_far_she_is(doctor: FlaskClient, app: Flask, cast: Cast) -> None:
    """What is done of modules is not asked for the first page."""
    with app.app_context(), unit_of_work():
        session().query(Following).delete()
        session().add(Following(person_id=cast.learner.person_id, pathway="gp-transfer-2010", since=clock.today()))
    way = next_on_today(doctor)
    assert "看每个模块还差多少" in way
    assert "还差 " not in way
    assert "/pathways/gp-transfer-2010" in way


def test_each_step_says_what_it_is_for(doctor: FlaskClient) -> None:
    page = plan(doctor)
    diploma = page.partition("kind=diploma")[2].partition("</li>")[0]
    assert "为了：乡村医生考乡村全科执业助理医师" in diploma


def test_what_is_done_many_times_is_one_step(doctor: FlaskClient) -> None:
    page = plan(doctor)
    assert page.count("计划自学") == 1
    assert re.search(r"共要 约 \d+ 小时，学完可以一次报", page)


def test_what_she_is_in_the_middle_of_comes_first(
    doctor: FlaskClient, app: Flask, cast: Cast, tmp_path: Path
) -> None:
    second = write_package(tmp_path / "second", "after_pass").rename(tmp_path / "a-second") / "course.toml"
    text = second.read_text("utf-8").replace('hours = "0.5"', 'hours = "6"')
    second.write_text(text.replace(SLUG, "a-second").replace(CODE, "XL-TWO"), "utf-8")
    with app.app_context(), unit_of_work():
        commands.publish_folder(second.parent, SYSTEM)
    approve(app, cast, course_code="XL-TWO", project_number="2026-01-01-002")

    def first() -> str:
        return plan(doctor).partition('id="now"')[2].partition("</a>")[0]

    before = first()
    assert "/courses/" in before
    other = "a-second" if f"/{SLUG}" in before else SLUG
    with app.app_context(), unit_of_work():
        commands.enrol(cast.learner.actor, other)
    assert "/learn/" in first()


def test_evidence_moves_from_step_to_waiting_to_gone(doctor: FlaskClient, app: Flask, cast: Cast) -> None:
    assert "kind=diploma" in plan(doctor)
    record(app, cast, "diploma", "waiting", level="bachelor", relevant="yes")
    page = plan(doctor)
    assert "kind=diploma" not in page
    assert "医学专业学历" in page
    with app.app_context(), unit_of_work():
        row = session().query(PersonRecord).one()
        row.state, row.waiting, row.verified_at = "verified", 0, clock.now()
    assert "医学专业学历" not in plan(doctor)


def test_a_course_that_was_passed_is_no_step_any_more(
    doctor: FlaskClient, app: Flask, cast: Cast, tmp_path: Path
) -> None:
    before = plan(doctor)
    assert "/courses/" in before
    edition = _edition(app)
    pass_course(app, cast.learner, edition)
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    after = plan(doctor)
    assert after.count('class="gain') < before.count('class="gain')
    # What she answered in its assessment tells what to prepare.
    assert 'id="weak"' in after
    assert after.index(" / ", after.index('id="weak"')) < after.index("还没做过题")
    assert 'id="weak"' not in before


def _edition(app: Flask) -> Any:
    with app.app_context(), unit_of_work(write=False):
        return session().query(Edition).one().id


def test_its_statements_are_few(doctor: FlaskClient, count_sql: Any) -> None:
    plan(doctor)
    with count_sql() as counted:
        plan(doctor)
    assert len(counted) <= 16


def test_who_is_no_learner_has_a_plan_too(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.author)
    assert "接下来怎么走" in plan(client)


def claimed(app: Flask, cast: Cast, state: str, hours: int) -> None:
    with app.app_context(), unit_of_work():
        today = clock.today()
        session().add(
            Claim(
                id=new_id(), person_id=cast.learner.person_id, state=state, kind="self_study", role="attendee",
                title="自学内科学", place="", started_on=today, on_date=today, quantity_milli=hours * 1000,
                hours_milli=hours * 1000, assessed=False, note="", credit_year=today.year, levels=[1, 2],
                waiting=1 if state == "waiting" else 0, handed_in_at=clock.now(), changed_at=clock.now(),
            )
        )  # fmt: skip


def test_what_waits_to_be_granted_takes_its_room_under_the_cap_and_is_not_told_again(
    doctor: FlaskClient, app: Flask, cast: Cast
) -> None:
    told = "/credits/claims/new?kind=self_study"
    before = re.search(r"共要 约 (\d+) 小时", plan(doctor))
    assert before
    assert int(before[1]) > 1  # the cap of ten credits leaves room for several
    claimed(app, cast, "returned", 90)
    again = re.search(r"共要 约 (\d+) 小时", plan(doctor))
    assert again
    assert again[1] == before[1]  # nobody will grant it as it is
    claimed(app, cast, "waiting", 90)
    page = plan(doctor)
    assert told not in page
    assert "1 条申报在等审核" in page
    assert "批下来能计 10.0 学分" in page


def coming(cast: Cast, app: Flask, place: str = "LB-YL", **more: Any) -> str:
    """A project day that the county holds soon, within the year."""
    today, coming_id = clock.today(), new_id()
    told = {
        "kind": "recommended_project", "title": {"zh": "县域急诊急救"}, "hours": Decimal(15), "assessed": True,
        "on_date": min(today + timedelta(days=5), date(today.year, 12, 31)), "project_number": "2026-14-00-007", **more,
    }  # fmt: skip
    with app.app_context(), unit_of_work():
        entering.enter(cast.admin.actor, coming_id=coming_id, place_id=cast.places[place], venue="县医院", **told)
    return str(coming_id)


def test_an_activity_to_come_is_a_step_on_its_day_until_it_is_cancelled(
    doctor: FlaskClient, app: Flask, cast: Cast
) -> None:
    assert "/credits/activities?" not in plan(doctor)
    coming_id = coming(cast, app)
    there = f"/credits/activities?page=1#a-{coming_id}"
    step = plan(doctor).partition(f'href="{there}"')[2].partition("</li>")[0]
    assert "县域急诊急救" in step
    assert "县医院" in step
    assert "最迟" not in step
    assert f'id="a-{coming_id}"' in doctor.get(there).text
    with app.app_context(), unit_of_work():
        entering.cancel(cast.admin.actor, UUID(coming_id), 1)
    assert "/credits/activities?" not in plan(doctor)


@pytest.mark.parametrize(
    ("more", "offered"), [({"assessed": False}, False), ({"place": "TC-DEMO"}, False), ({"place": "LB-YL-YY"}, True)]
)
def test_what_brings_her_nothing_or_is_for_others_is_no_step(
    doctor: FlaskClient, app: Flask, cast: Cast, more: dict[str, Any], offered: bool
) -> None:
    """A project counts where it was passed; her clinic hangs below the hospital, not below the training centre."""
    coming(cast, app, **more)
    assert ("/credits/activities?" in plan(doctor)) is offered


@pytest.mark.parametrize(("kind", "trains"), [("unit_lecture", False), ("recommended_project", True)])
def test_a_lecture_is_not_the_training_that_is_asked_for(
    client: FlaskClient, app: Flask, cast: Cast, sign_in: SignIn, kind: str, trains: bool
) -> None:
    """With nothing else on offer; what the ledger takes for training is one list."""
    coming(cast, app, kind=kind, **({"unit": "items", "quantity": Decimal(1)} if kind == "unit_lecture" else {}))
    page = plan(sign_in(client, cast.learner))
    assert "/credits/activities?" in page
    assert ("这也是要求的培训" in page) is trains
