"""Her plan: steps one can begin with, recomputed whenever something changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cast import Cast, Member
from credit_stage import approve, pass_course, publish_course
from flask import Flask
from flask.testing import FlaskClient

from lms.courses.models import Edition
from lms.kernel import clock
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


def record(app: Flask, cast: Cast, kind: str, state: str, **fields: str) -> None:
    with app.app_context(), unit_of_work():
        session().add(
            PersonRecord(
                id=new_id(), person_id=cast.learner.person_id, kind=kind, on_date=clock.today(), state=state,
                fields=fields, handed_in_at=clock.now(), changed_at=clock.now(),
                waiting=2 if state == "waiting" else 0, verified_at=clock.now() if state == "verified" else None,
            )
        )  # fmt: skip


def test_the_first_step_can_be_begun(doctor: FlaskClient) -> None:
    page = plan(doctor)
    assert "/courses/" in page
    assert "/pathways/records/new?kind=diploma" in page
    # What rests on something else comes later.
    assert page.index("kind=diploma") < page.index("kind=practice")


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
