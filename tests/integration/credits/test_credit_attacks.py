"""What somebody with bad intentions tries at credits."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, Member
from credit_stage import CODE, LECTURE, SAID, award_of, awards, publish_course, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from lms.credits import commands
from lms.credits.models import APPEND_ONLY, Approval, AwardReply
from lms.kernel import clock
from lms.kernel.db import db, session
from lms.kernel.errors import TooMany

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def approvals(app: Flask) -> int:
    with writing(app):
        return session().scalar(select(func.count()).select_from(Approval)) or 0


@pytest.mark.parametrize("place", ["LB-YL-LX-SM", "LB-YL-LX", "LB-YL-YY", "LB-YL-YGT", "TC-DEMO"])
def test_who_administers_a_clinic_cannot_approve_courses_in_its_name(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path, place: str
) -> None:
    publish_course(app, tmp_path)
    sign_in(client, cast.admin)
    today = clock.today()
    answer = post_form(
        client,
        "/admin/approvals",
        {
            "course_code": CODE,
            "authority_id": str(cast.places[place]),
            "project_number": "MY-OWN-1",
            "kind": "recommended_project",
            "hours": "6",
            "valid_from": f"{today.year}-01-01",
            "valid_until": f"{today.year}-12-31",
        },
        action="/admin/approvals",
    )
    assert answer.status_code == 422
    assert approvals(app) == 0


@pytest.mark.parametrize("version", ["9" * 30, "9" * 5000, "-1", "²", "x"])
def test_a_forged_version_is_a_conflict_and_no_fault(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, version: str
) -> None:
    award_id = award_of(app, cast, cast.learner)
    sign_in(client, cast.county_auditor)
    answer = post_form(client, f"/audit/awards/{award_id}", {"action": "approve", "version": version})
    assert answer.status_code == 409
    (award,) = awards(app, cast.learner)
    assert award.state == "granted"


@pytest.mark.parametrize("hours", ["1e-9999999", "1e-4", "1E+2", "0.0000001", "1_0"])
def test_hours_are_plain_numbers(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, hours: str) -> None:
    sign_in(client, cast.admin)
    fill = {"kind": "unit_lecture", "title": "讲座", "on_date": f"{LECTURE['on_date']}", "hours": hours, "times": ""}
    answer = post_form(client, f"/admin/activities/{cast.learner.person_id}", fill)
    assert answer.status_code == 422
    assert awards(app, cast.learner) == []


def test_numbers_of_people_stay_out_of_addresses(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, cast.admin)
    found = client.get("/admin/activities", query_string={"q": cast.learner.phone})
    assert f"/admin/activities/{cast.learner.person_id}" not in found.text
    by_number = post_form(client, "/admin/activities", {"number": cast.learner.phone})
    assert by_number.status_code == 303
    assert by_number.headers["Location"] == f"/admin/activities/{cast.learner.person_id}"
    foreign = post_form(client, "/admin/activities", {"number": cast.stranger.phone})
    assert (foreign.status_code, str(cast.stranger.person_id) in foreign.text) == (422, False)


def test_a_doctor_cannot_keep_the_auditor_from_deciding_by_replying_without_end(app: Flask, cast: Cast) -> None:
    award_id: UUID = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    for _ in range(20):
        with writing(app):
            assert commands.reply_to_award(cast.learner.actor, award_id, text="请再看看。")
    with pytest.raises(TooMany), writing(app):
        commands.reply_to_award(cast.learner.actor, award_id, text="请再看看。")
    with writing(app):
        assert session().scalar(select(func.count()).select_from(AwardReply)) == 20


@pytest.mark.parametrize("table", [model.__tablename__ for model in APPEND_ONLY] + ["audit_trail"])
def test_a_line_of_the_account_cannot_be_replaced_either(app: Flask, cast: Cast, table: str) -> None:
    award_of(app, cast, cast.learner)
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return  # PostgreSQL has no REPLACE; its triggers are tested elsewhere
        with db.engine.connect() as connection:
            if not connection.scalar(text(f"SELECT count(*) FROM {table}")):
                return
            with pytest.raises(DatabaseError, match="append-only"):
                connection.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
