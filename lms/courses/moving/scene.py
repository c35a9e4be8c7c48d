"""A course of one's own centre and its editions, as pages and commands of editions look them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from lms.courses import editions
from lms.courses.access import may_see_studio, may_write, require_writer
from lms.courses.editions import EditionData
from lms.courses.models import Course, Edition, Enrolment
from lms.courses.moving.models import RolledBack
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session


@dataclass(frozen=True, slots=True)
class CourseInUse:
    """A published course and how it stands."""

    id: UUID
    code: str
    slug: str
    centre_path: str
    current_id: UUID
    paused_at: datetime | None
    closed_at: datetime | None
    may_write: bool


@dataclass(frozen=True, slots=True)
class EditionInUse:
    """An edition with how many are inside and how many finished in it."""

    id: UUID
    number: int
    published_at: datetime
    current: bool
    rolled_back: bool
    inside: int
    finished: int


def course_in_use(actor: Actor, slug: str, *, lock: bool = False) -> CourseInUse:
    """A published course of her centres; NotFound otherwise. `lock` holds it until the unit of work ends."""
    statement = select(Course).where(Course.slug == slug, Course.current_edition_id.is_not(None))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    course = require_found(session().scalar(statement))
    require_in_place(may_see_studio(actor, course.centre_path) or actor.system)
    return CourseInUse(
        id=course.id,
        code=course.code,
        slug=course.slug,
        centre_path=course.centre_path,
        current_id=require_found(course.current_edition_id),
        paused_at=course.paused_at,
        closed_at=course.closed_at,
        may_write=may_write(actor, course.centre_path),
    )


def writers_course(actor: Actor, slug: str, *, lock: bool = True) -> CourseInUse:
    """The same for who changes something. Raises NotFound, NotAllowed."""
    course = course_in_use(actor, slug, lock=lock)
    if not actor.system:
        require_writer(actor, course.centre_path)
    return course


def edition_numbered(course_id: UUID, number: int) -> EditionData:
    """An edition of a course by its number; NotFound if there is none."""
    found = session().scalar(select(Edition.id).where(Edition.course_id == course_id, Edition.number == number))
    return editions.edition(require_found(found))


def editions_in_use(course: CourseInUse) -> Sequence[EditionInUse]:
    """All editions of a course, the newest first; two statements."""
    counts = {
        row.edition_id: row
        for row in session().execute(
            select(
                Enrolment.edition_id,
                func.count(Enrolment.id).label("all"),
                func.count(Enrolment.finished_at).label("finished"),
            )
            .where(Enrolment.course_id == course.id)
            .group_by(Enrolment.edition_id)
        )
    }
    rows = session().execute(
        select(Edition.id, Edition.number, Edition.published_at, RolledBack.edition_id.label("rolled_back"))
        .outerjoin(RolledBack, RolledBack.edition_id == Edition.id)
        .where(Edition.course_id == course.id)
        .order_by(Edition.number.desc())
    )
    return [
        EditionInUse(
            id=row.id,
            number=row.number,
            published_at=row.published_at,
            current=row.id == course.current_id,
            rolled_back=row.rolled_back is not None,
            inside=counts[row.id].all - counts[row.id].finished if row.id in counts else 0,
            finished=counts[row.id].finished if row.id in counts else 0,
        )
        for row in rows
    ]
