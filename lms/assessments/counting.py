"""How the questions of an edition's paper did, counted in the database."""

from typing import Any

from sqlalchemy import Integer, Select, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from lms.assessments.models import Attempt
from lms.courses import counting as courses
from lms.courses.editions import EditionData
from lms.kernel.db import session


def touches(edition: EditionData) -> Select[*tuple[Any, ...]]:
    """SQL: attempts as touches of the place behind the last lesson (courses.counting)."""
    return select(
        Attempt.enrolment_id,
        literal(len(edition.lessons) + 1, Integer).label("position"),
        func.coalesce(Attempt.submitted_at, Attempt.started_at).label("at"),
        literal(0, Integer).label("done"),
    ).where(Attempt.enrolment_id.in_(courses.enrolment_ids(edition)))


def first_attempts(edition: EditionData) -> dict[str, tuple[int, int]]:
    """By question: how many met it in a first attempt that was handed in, and how many were wholly right; one
    statement."""
    code, score, grades = _parts()
    right = func.sum(case((score == "1", 1), else_=0))
    rows = session().execute(
        select(code, func.count(), right)
        .select_from(Attempt)
        .join(grades, literal(True))
        .where(
            Attempt.enrolment_id.in_(courses.enrolment_ids(edition)), Attempt.number == 1, Attempt.state == "submitted"
        )
        .group_by(code)
    )
    return {name: (met, good) for name, met, good in rows}


def _parts() -> tuple[Any, Any, Any]:
    """Code and score of one graded line, and the lines themselves (rules.grading.grade_to_json)."""
    if session().get_bind().dialect.name == "sqlite":
        grades: Any = func.json_each(Attempt.grades).table_valued("value", joins_implicitly=True)
        line = grades.c.value
        return func.json_extract(line, "$[1]"), func.json_extract(line, "$[3]"), grades
    grades = func.jsonb_array_elements(Attempt.grades, type_=JSONB).table_valued("value").render_derived()
    line = grades.c.value
    return line.op("->>")(1), line.op("->>")(3), grades
