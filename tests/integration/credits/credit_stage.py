"""Credits for the cast: a course of six hours that can be approved and passed, and outside activities."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from assessment_stage import SLUG, TOTAL, Stage, write_package
from cast import Cast, Member
from flask import Flask
from sqlalchemy import func, select

from lms.courses import commands as courses
from lms.credits import commands
from lms.credits.models import Award, LedgerEntry, RefusedActivity
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

CODE = "XL-STAGE"
LONGEST = 20  # days of an outside activity
FACE: dict[str, Any] = {
    "kind": "promotion_project",
    "title": {"zh": "县域急诊急救能力提升", "en": "Emergency care in the county"},
    "started_on": date(2026, 5, 11),
    "on_date": date(2026, 5, 15),
    "hours": Decimal(33),
    "project_number": "2026-14-00-007",
    "assessed": True,
}
SELF_STUDY: dict[str, Any] = {
    "kind": "self_study",
    "title": {"zh": "中医适宜技术", "en": "Chinese medicine techniques"},
    "started_on": date(2026, 5, 18),
    "on_date": date(2026, 6, 1),
    "hours": Decimal(42),
}
LECTURE: dict[str, Any] = {
    "kind": "unit_lecture",
    "title": {"zh": "糖尿病足早期识别", "en": "Recognising the diabetic foot"},
    "on_date": date(2026, 4, 1),
    "hours": Decimal(2),
    "quantity": Decimal(1),
    "unit": "items",
}
SAID = {"reason_code": "evidence", "text": "请补交签到表照片。"}


@contextmanager
def reading(app: Flask) -> Iterator[None]:
    with app.app_context(), unit_of_work(write=False):
        yield


@contextmanager
def writing(app: Flask) -> Iterator[None]:
    with app.app_context(), unit_of_work():
        yield


def publish_course(app: Flask, folder: Path) -> UUID:
    """A course of six hours with an assessment; the edition's id."""
    root = write_package(folder, "after_pass")
    course = root / "course.toml"
    course.write_text(course.read_text("utf-8").replace('hours = "0.5"', 'hours = "6"'), "utf-8")
    with writing(app):
        edition_id, _ = courses.publish_folder(root, SYSTEM)
    return edition_id


def approve(app: Flask, cast: Cast, **changes: Any) -> UUID:
    """The county's approval of the course for this year."""
    today = clock.today()
    values: dict[str, Any] = {
        "course_code": CODE,
        "authority_id": cast.places["LB-YL-WJ"],
        "project_number": "2026-01-01-001",
        "kind": "recommended_project",
        "hours": Decimal(6),
        "valid_from": date(today.year, 1, 1),
        "valid_until": date(today.year, 12, 31),
    }
    with writing(app):
        return commands.approve_course(cast.admin.actor, **(values | changes))


def pass_course(app: Flask, member: Member, edition_id: UUID) -> UUID:
    """Enrol, read, answer everything rightly, submit; the enrolment's id."""
    with writing(app):
        enrolment_id = courses.enrol(member.actor, SLUG)
    stage = Stage(app, member, edition_id, enrolment_id)
    stage.read_lessons()
    attempt_id = stage.start()
    stage.answer_all(attempt_id, TOTAL)
    stage.submit(attempt_id)
    return enrolment_id


def record(app: Flask, cast: Cast, member: Member, **activity: Any) -> commands.Recorded:
    """Enter an outside activity as the administrator does; moved to another day, it begins as long before."""
    started, on = activity.get("started_on"), activity["on_date"]
    if started and not 0 <= (on - started).days <= LONGEST:
        activity["started_on"] = on - timedelta(days=LONGEST)
    with writing(app):
        found = commands.record_activity(cast.admin.actor, person_id=member.person_id, **activity)
    assert found is not None
    return found


def award_of(app: Flask, cast: Cast, member: Member, **activity: Any) -> UUID:
    """The award of an outside activity (a lecture unless another is given)."""
    award_id = record(app, cast, member, **(activity or LECTURE)).award_id
    assert award_id is not None
    return award_id


def awards(app: Flask, member: Member) -> list[Award]:
    with reading(app):
        found = session().scalars(select(Award).where(Award.person_id == member.person_id).order_by(Award.id))
        rows = list(found)
        session().expunge_all()
        return rows


def refusals(app: Flask, member: Member) -> list[RefusedActivity]:
    with reading(app):
        rows = list(session().scalars(select(RefusedActivity).where(RefusedActivity.person_id == member.person_id)))
        session().expunge_all()
        return rows


def ledger(app: Flask, member: Member) -> list[tuple[int, int]]:
    """Number and amount of each line of a learner, in order."""
    with reading(app):
        rows = session().execute(
            select(LedgerEntry.person_sequence, LedgerEntry.amount_milli)
            .where(LedgerEntry.person_id == member.person_id)
            .order_by(LedgerEntry.person_sequence)
        )
        return [(row[0], row[1]) for row in rows]


def ledger_sum(app: Flask, member: Member) -> int:
    with reading(app):
        return (
            session().scalar(
                select(func.sum(LedgerEntry.amount_milli)).where(LedgerEntry.person_id == member.person_id)
            )
            or 0
        )


def state(app: Flask, award_id: UUID) -> tuple[str, int]:
    """State and version of an award."""
    with reading(app):
        award = session().get_one(Award, award_id)
        return award.state, award.version
