"""Learners of a course, made quickly: who began, what they touched and when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cast import Cast
from flask import Flask

from lms.courses import editions
from lms.courses.commands import enrolment_values
from lms.courses.models import CheckAnswer, Enrolment, LessonProgress
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.people import commands as people


def more_people(app: Flask, cast: Cast, number: int) -> list[UUID]:
    """As many rural doctors, without a way to sign in."""
    with app.app_context(), unit_of_work():
        return [
            people.add_person(SYSTEM, name="冯秀兰", workplace_id=cast.places["LB-YL-LX-SM"], phone=f"000{n:08d}")
            for n in range(5000, 5000 + number)
        ]


def begin(
    person: UUID, edition_id: UUID, at: datetime, finished_at: datetime | None = None, nth: int = 1
) -> UUID:
    """Somebody's enrolment, inside a unit of work."""
    made, course = new_id(), editions.edition(edition_id).course_id
    values = enrolment_values(made, person, course, edition_id, nth, at) | {"finished_at": finished_at}
    session().execute(Enrolment.__table__.insert(), [values])
    return made


def read(enrolment: UUID, edition_id: UUID, position: int, at: datetime) -> None:
    """She finished a lesson."""
    lesson = editions.edition(edition_id).lessons[position - 1].id
    values = {"enrolment_id": enrolment, "lesson_id": lesson, "finished_at": at}
    session().execute(LessonProgress.__table__.insert(), [values])


def answer(enrolment: UUID, code: str, correct: bool, at: datetime) -> None:
    """She answered a self-check."""
    values = {
        "id": new_id(), "enrolment_id": enrolment, "item_code": code, "response": "b", "correct": correct, "at": at,
    }  # fmt: skip
    session().execute(CheckAnswer.__table__.insert(), [values])


def read_all(enrolment: UUID, edition_id: UUID, times: Sequence[datetime]) -> None:
    for position, at in enumerate(times, 1):
        read(enrolment, edition_id, position, at)
