"""A licence whose days change on the roster or on the page of a person: counted at once, spoken of no more."""

from collections.abc import Callable
from datetime import date, timedelta

from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from record_stage import LICENCE, decide, entered
from sheet_desk import LEARNER, desk_of
from sqlalchemy import select
from standing_stage import licensed

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.pathways.county import keeping
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import PersonRecord
from lms.pathways.rules.months import later
from lms.people.notices import licences
from lms.people.notices.models import Notice

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ENDS = later(clock.today(), 2)
NEXT = later(ENDS, 60)
HEADINGS = ("姓名", "身份证号", "证书发证日", "证书到期日")


def kept(app: Flask, cast: Cast) -> tuple[date | None, int]:
    """The last day that the county counts by, and how many notices of a licence still stand."""
    with app.app_context(), unit_of_work(write=False):
        row = session().get(PathwayResult, (cast.learner.person_id, keeping.LICENSED))
        assert row is not None
        open_ones = select(Notice).where(Notice.person_id == cast.learner.person_id, Notice.settled_at.is_(None))
        return row.licence_until, len(session().scalars(open_ones.where(Notice.key.startswith("licence:"))).all())


def reminded(app: Flask, cast: Cast) -> None:
    """Her licence ends soon, is counted so, and she has been told."""
    licensed(app, cast.learner, later(ENDS, -59), ENDS)
    with app.app_context(), unit_of_work():
        keeping.refresh([cast.learner.person_id])
        licences.remind({cast.learner.person_id: ENDS})
    assert kept(app, cast) == (ENDS, 1)


def test_by_the_page_of_a_person(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: Callable[[Flask], int]
) -> None:
    reminded(app, cast)
    admin = sign_in(client, cast.admin)
    page = f"/admin/people/{cast.learner.person_id}/edit"
    days = {"licence_from": ENDS.isoformat(), "licence_until": NEXT.isoformat()}
    assert post_form(admin, page, days).status_code == 303
    work_off(app)
    assert kept(app, cast) == (NEXT, 0)
    # It was a slip: put right, she is reminded as before.
    days = {"licence_from": later(ENDS, -59).isoformat(), "licence_until": ENDS.isoformat()}
    assert post_form(admin, page, days).status_code == 303
    work_off(app)
    reminded(app, cast)


def test_by_the_next_licence_that_is_voided_later(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: Callable[[Flask], int]
) -> None:
    """Entered by the county and taken back: by its page, and with a whole table."""
    reminded(app, cast)
    county = sign_in(client, cast.county_auditor)
    since = clock.today() - timedelta(days=30)
    days = {"on": since.isoformat(), "until": later(since, 59).isoformat()}
    assert entered(county, cast.learner, "village_licence", {**LICENCE, **days}).status_code == 303
    work_off(app)
    assert kept(app, cast)[1] == 0
    [record_id] = records(app, cast)
    assert decide(county, record_id, "reject", reason="登记错了人。").status_code == 303
    work_off(app)
    reminded(app, cast)
    row = LEARNER | {
        "类型": "乡村医生执业证书", "证书编号": "XZ0001234567", "发证日期": days["on"], "有效期至": days["until"],
        "地点或单位": "石门沟村卫生室",
    }  # fmt: skip
    desk = desk_of(app, sign_in, work_off, cast.county_auditor, "licences", tuple(row))
    page = desk.do(row)
    assert kept(app, cast)[1] == 0
    desk.press(page, "/undo")
    reminded(app, cast)


def records(app: Flask, cast: Cast) -> list[str]:
    with app.app_context(), unit_of_work(write=False):
        hers = select(PersonRecord.id).where(PersonRecord.person_id == cast.learner.person_id)
        return [str(one) for one in session().scalars(hers)]


def test_by_a_roster_and_by_taking_it_back(
    app: Flask, cast: Cast, sign_in: SignIn, work_off: Callable[[Flask], int]
) -> None:
    reminded(app, cast)
    desk = desk_of(app, sign_in, work_off, cast.admin, "people", HEADINGS)
    page = desk.do({**LEARNER, "证书发证日": ENDS.isoformat(), "证书到期日": NEXT.isoformat()})
    assert kept(app, cast) == (NEXT, 0)
    with app.app_context(), unit_of_work():
        licences.remind({cast.learner.person_id: ENDS})
    desk.press(page, "/undo")
    assert kept(app, cast) == (ENDS, 0)
