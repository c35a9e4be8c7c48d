"""How a course goes, as its centre reads it: what was counted last, of one edition or of all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.courses import counting as courses
from lms.courses.queries import CourseCard
from lms.improving.models import Tally, TallyAsked
from lms.improving.numbers import Numbers, from_json, together, told
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Results:
    """The numbers of a course. `edition`: the number of the one that is shown, None for all together.
    `counted_at`: when the oldest of what is shown was counted; None as long as nothing has been. `waiting`: how many
    editions of a count that was asked for are still to be done."""

    course: CourseCard
    editions: tuple[int, ...]
    edition: int | None
    numbers: Numbers | None
    counted_at: datetime | None
    waiting: int


def results(actor: Actor, slug: str, number: int | None = None) -> Results:
    """Four statements, however many learn. NotFound outside her centres, and for an edition that there is not."""
    course = courses.course_of(actor, slug)
    numbered = courses.editions_of(course.id)
    if number is not None and number not in numbered:
        raise NotFound
    rows = session().execute(
        select(Tally.edition_id, Tally.numbers, Tally.counted_at).where(Tally.course_id == course.id)
    )
    kept = {row.edition_id: row for row in rows}
    order = sorted(numbered, reverse=True) if number is None else [number]
    shown = [kept[numbered[one]] for one in order if numbered[one] in kept]
    read = [from_json(row.numbers) for row in shown]
    return Results(
        course=course,
        editions=tuple(sorted(numbered)),
        edition=number,
        numbers=(told(read[0]) if number is not None else together(read)) if read else None,
        counted_at=min((row.counted_at for row in shown), default=None),
        waiting=_waiting(course.id, list(numbered.values()), {one: row.counted_at for one, row in kept.items()}),
    )


def _waiting(course_id: UUID, editions: list[UUID], counted: dict[UUID, datetime]) -> int:
    asked = session().scalar(select(TallyAsked.asked_at).where(TallyAsked.course_id == course_id))
    if asked is None:
        return 0
    return sum(one not in counted or counted[one] < asked for one in editions)
