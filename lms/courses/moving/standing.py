"""How a course stands: no new starts for a while, retired, open again, or one edition back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from lms.courses import editions, publishing
from lms.courses.models import Course, Edition
from lms.courses.moving import moving
from lms.courses.moving.models import RolledBack
from lms.courses.moving.scene import CourseInUse, writers_course
from lms.kernel import audit, clock
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.text import msg


@dataclass(frozen=True, slots=True)
class Dependent:
    """A course that asks for another one first."""

    code: str
    slug: str
    titles: Mapping[str, str]


def pause(actor: Actor, slug: str) -> None:
    """No new starts; whoever is inside goes on. A second press changes nothing. Raises NotFound, NotAllowed, Conflict
    (retired)."""
    course = _open_course(actor, slug)
    if course.paused_at is None:
        _set(actor, course, "course.paused", paused_at=clock.now())


def resume(actor: Actor, slug: str) -> None:
    """New starts again. Raises NotFound, NotAllowed, Conflict (retired)."""
    course = _open_course(actor, slug)
    if course.paused_at is not None:
        _set(actor, course, "course.resumed", paused_at=None)


def retire(actor: Actor, slug: str) -> None:
    """Out of the catalogue for everybody who is not inside; learners inside finish, and what was earned stays.
    Raises NotFound, NotAllowed."""
    course = writers_course(actor, slug)
    if course.closed_at is None:
        asked_by = [one.code for one in dependents(course.code)]
        _set(actor, course, "course.retired", closed_at=clock.now(), told={"asked_by": asked_by})


def reopen(actor: Actor, slug: str) -> None:
    """A retired course can be begun again. Raises NotFound, NotAllowed."""
    course = writers_course(actor, slug)
    if course.closed_at is not None:
        _set(actor, course, "course.reopened", closed_at=None, paused_at=None)


def _open_course(actor: Actor, slug: str) -> CourseInUse:
    course = writers_course(actor, slug)
    if course.closed_at is not None:
        raise Conflict(msg("这门课已经下架。先重新开放，再暂停或恢复报名。"))
    return course


def _set(
    actor: Actor, course: CourseInUse, deed: str, told: Mapping[str, object] | None = None, **values: object
) -> None:
    session().execute(
        update(Course).where(Course.id == course.id).values(values), execution_options={"synchronize_session": False}
    )
    audit.record(actor, deed, "course", course.id, **(told or {}))


def dependents(code: str) -> Sequence[Dependent]:
    """Open courses whose current edition asks for this course first: nobody could begin them any more."""
    rows = session().execute(
        select(Course.code, Course.slug, Edition.titles, Edition.requires, Edition.package_hash)
        .join(Edition, Edition.id == Course.current_edition_id)
        .where(Course.closed_at.is_(None), Course.code != code)
        .order_by(Course.code)
    )
    found = []
    for row in rows.all():
        # Only editions from before this was kept have to be opened.
        asked = row.requires if row.requires is not None else editions.package(row.package_hash).prerequisites
        if code in asked:
            found.append(Dependent(row.code, row.slug, row.titles))
    return found


def former(course: CourseInUse) -> UUID | None:
    """The edition that new starts would get if the current one is taken back: the newest before it that was not
    taken back itself."""
    number = select(Edition.number).where(Edition.id == course.current_id).scalar_subquery()
    return session().scalar(
        select(Edition.id)
        .outerjoin(RolledBack, RolledBack.edition_id == Edition.id)
        .where(Edition.course_id == course.id, Edition.number < number, RolledBack.edition_id.is_(None))
        .order_by(Edition.number.desc())
        .limit(1)
    )


def roll_back(actor: Actor, slug: str, number: int) -> int:
    """Take the current edition, which has this number, back: new starts get the one before it, and those who were
    moved return. The number that is current now; a second press changes nothing. Raises NotFound, NotAllowed,
    Conflict (there is none before it, or another is current)."""
    course = writers_course(actor, slug)
    current = editions.edition(course.current_id)
    again = session().scalar(
        select(RolledBack.to_edition_id)
        .join(Edition, Edition.id == RolledBack.edition_id)
        .where(Edition.course_id == course.id, Edition.number == number)
    )
    if again is not None:
        return editions.edition(again).number
    if current.number != number:
        raise Conflict(msg("现用的版本刚刚变过。请回课程页看过再决定。"))
    former_id = former(course)
    if former_id is None:
        raise Conflict(msg("前面没有可以退回的版本。"))
    values = {
        "edition_id": current.id, "to_edition_id": former_id, "made_by": actor.person_id, "made_at": clock.now(),
    }  # fmt: skip
    insert_once(RolledBack, values, ["edition_id"])
    session().execute(
        update(Course).where(Course.id == course.id).values(current_edition_id=former_id),
        execution_options={"synchronize_session": False},
    )
    before = editions.edition(former_id)
    publishing.write_terms(course.id, before.package)
    returning = moving.open_moves_into(current.id)
    for move_id in returning:
        moving.call_back(move_id)
    audit.record(
        actor, "edition.rolled_back", "course", course.id,
        number=number, to=before.number, moves=[str(one) for one in returning],
    )  # fmt: skip
    return before.number
