"""What learners of an edition did, counted in the database: for whoever wants to know whether a course works.

A touch is something she did: a self-check answered, a lesson finished. Reading leaves no trace, so it is no touch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, extract, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from lms.courses.access import may_see_studio
from lms.courses.editions import EditionData
from lms.courses.models import CheckAnswer, Course, Edition, Enrolment, Lesson, LessonProgress
from lms.courses.moving.models import ClinicalNotice, RolledBack
from lms.courses.queries import CourseCard, card_of, cards_statement
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session

EDGES = (60, 600, 3600, 86_400, 604_800)
"""Seconds between which times are counted: up to a minute, ten minutes, an hour, a day, a week, more."""
NO_TIME = -1
"""Bucket of what was touched once: between one touch there is no time."""
GOING, STOPPED, FINISHED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class LessonCount:
    """Of one lesson: how many touched it and finished it, how long from first to last touch, how many stopped there.

    `position` counts from 1; 0: touched nothing; one more than the lessons: the assessment.
    `times`: how many in each bucket of EDGES.
    """

    position: int
    touched: int = 0
    finished: int = 0
    stopped: int = 0
    times: tuple[int, ...] = (0,) * (len(EDGES) + 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one edition: enrolments begun, finished, stopped (no touch since a day that was given), still going.
    `times`: from the beginning to the last touch, of those who touched anything. `checks`: by question how many
    answered it, and how many of these were right at their first try."""

    started: int
    finished: int
    stopped: int
    times: tuple[int, ...]
    lessons: tuple[LessonCount, ...]
    checks: Mapping[str, tuple[int, int]]

    @property
    def going(self) -> int:
        return self.started - self.finished - self.stopped


def course_of(actor: Actor, slug: str) -> CourseCard:
    """A published course of her centres, by the name in its address; NotFound otherwise. One statement."""
    row = session().execute(cards_statement().add_columns(Course.centre_path).where(Course.slug == slug)).one_or_none()
    found = require_found(row)
    require_in_place(may_see_studio(actor, found.centre_path))
    return card_of(found)


def place_of(course_id: UUID) -> tuple[str, str]:
    """The name in the address of a course, and the path of its centre. NotFound if there is none."""
    row = session().execute(select(Course.slug, Course.centre_path).where(Course.id == course_id)).one_or_none()
    found = require_found(row)
    return found.slug, found.centre_path


def finished_by(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """SQL: the courses that somebody has finished (course_id), and when first (finished_at)."""
    return (
        select(Enrolment.course_id, Course.slug, func.min(Enrolment.finished_at).label("finished_at"))
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == person_id, Enrolment.finished_at.is_not(None))
        .group_by(Enrolment.course_id, Course.slug)
    )


def rounds_of(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """SQL: the rounds of somebody: enrolment_id, slug, edition_id, titles, knowledge_items (0 where the edition should
    not be asked about any more), finished_at, touched (a lesson finished or a self-check answered), last (she has begun
    none after it)."""
    read = select(LessonProgress.lesson_id).where(LessonProgress.enrolment_id == Enrolment.id).exists()
    answered = select(CheckAnswer.id).where(CheckAnswer.enrolment_id == Enrolment.id).exists()
    later = aliased(Enrolment)
    another = select(later.id).where(
        later.person_id == person_id, later.course_id == Enrolment.course_id, later.round > Enrolment.round
    )
    return (
        select(
            Enrolment.id.label("enrolment_id"),
            Course.slug,
            Enrolment.edition_id,
            Edition.titles,
            case((or_(Course.closed_at.is_not(None), _overtaken()), 0), else_=Edition.knowledge_items).label(
                "knowledge_items"
            ),
            Enrolment.finished_at,
            or_(read, answered).label("touched"),
            (~another.exists()).label("last"),
        )
        .join(Course, Course.id == Enrolment.course_id)
        .join(Edition, Edition.id == Enrolment.edition_id)
        .where(Enrolment.person_id == person_id)
    )


def _overtaken() -> ColumnElement[bool]:
    """Whether an edition was taken back, or a later one brought a clinical change: what it says may be wrong."""
    newer, notice, back = aliased(Edition), ClinicalNotice, aliased(RolledBack)
    taken_back = select(RolledBack.edition_id).where(RolledBack.edition_id == Edition.id).exists()
    changed = (
        select(notice.edition_id)
        .join(newer, newer.id == notice.edition_id)
        .outerjoin(back, back.edition_id == notice.edition_id)
        .where(notice.course_id == Edition.course_id, newer.number > Edition.number, back.edition_id.is_(None))
        .exists()
    )
    return or_(taken_back, changed)


def editions_of(course_id: UUID) -> dict[int, UUID]:
    """The editions of a course by their numbers, the first one first."""
    found = select(Edition.number, Edition.id).where(Edition.course_id == course_id).order_by(Edition.number)
    return {row.number: row.id for row in session().execute(found)}


def courses_with_learners() -> list[UUID]:
    """Courses that somebody has begun."""
    begun = select(Enrolment.id).where(Enrolment.course_id == Course.id).exists()
    return list(session().scalars(select(Course.id).where(begun).order_by(Course.code)))


def enrolment_ids(edition: EditionData) -> Select[UUID]:
    """SQL: the enrolments of an edition, by the index of its course."""
    return select(Enrolment.id).where(_of(edition))


def last_rounds(edition: EditionData, among: Select[UUID]) -> Select[UUID]:
    """SQL: the enrolments of an edition whose people have no later round of the course `among` these enrolments."""
    later = aliased(Enrolment)
    newer = select(later.id).where(
        later.person_id == Enrolment.person_id, later.course_id == Enrolment.course_id,
        later.round > Enrolment.round, later.id.in_(among),
    )  # fmt: skip
    return enrolment_ids(edition).where(~newer.exists())


def _of(edition: EditionData) -> ColumnElement[bool]:
    return and_(Enrolment.course_id == edition.course_id, Enrolment.edition_id == edition.id)


def count(edition: EditionData, stopped_before: datetime, *more: Select[*tuple[Any, ...]]) -> Counted:
    """Count an edition; three statements, however many learn. `more`: touches of higher features, as rows of
    (enrolment_id, position, at, done)."""
    each = _each_lesson(edition, more).cte("each_lesson")
    lessons = {n: LessonCount(n) for n in range(len(edition.lessons) + 2)}
    finished = dict.fromkeys(lessons, 0)
    touched = dict.fromkeys(lessons, 0)
    times = {n: [0] * (len(EDGES) + 1) for n in lessons}
    for row in session().execute(_by_lesson(each)):
        touched[row.position] += row.n
        finished[row.position] += row.done
        if row.bucket != NO_TIME:
            times[row.position][row.bucket] += row.n
    ends = session().execute(_by_end(edition, each, stopped_before)).all()
    stops = {n: sum(row.n for row in ends if row.state == STOPPED and row.position == n) for n in lessons}
    whole = [sum(row.n for row in ends if row.bucket == place) for place in range(len(EDGES) + 1)]
    return Counted(
        started=sum(row.n for row in ends),
        finished=sum(row.n for row in ends if row.state == FINISHED),
        stopped=sum(stops.values()),
        times=tuple(whole),
        lessons=tuple(LessonCount(n, touched[n], finished[n], stops[n], tuple(times[n])) for n in lessons),
        checks=_first_tries(edition),
    )


def _touches(edition: EditionData, more: Sequence[Select[*tuple[Any, ...]]]) -> Any:
    """Every touch: whose, at which lesson, when, and whether it finished the lesson."""
    read = (
        select(
            LessonProgress.enrolment_id,
            Lesson.position,
            LessonProgress.finished_at.label("at"),
            literal(1, Integer).label("done"),
        )
        .join(Enrolment, Enrolment.id == LessonProgress.enrolment_id)
        .join(Lesson, Lesson.id == LessonProgress.lesson_id)
        .where(_of(edition), Lesson.edition_id == edition.id)
    )
    places = {code: lesson.position for lesson in edition.lessons for code in lesson.checks}
    if not places:
        return union_all(read, *more) if more else read
    answered = (
        select(
            CheckAnswer.enrolment_id,
            case(places, value=CheckAnswer.item_code).label("position"),
            CheckAnswer.at,
            literal(0, Integer).label("done"),
        )
        .join(Enrolment, Enrolment.id == CheckAnswer.enrolment_id)
        .where(_of(edition), CheckAnswer.item_code.in_(places))
    )
    return union_all(read, answered, *more)


def _each_lesson(edition: EditionData, more: Sequence[Select[*tuple[Any, ...]]]) -> Select[Any]:
    """One row for each enrolment and lesson that was touched."""
    touch = _touches(edition, more).subquery("touch").c
    return select(
        touch.enrolment_id,
        touch.position,
        func.min(touch.at).label("first"),
        func.max(touch.at).label("last"),
        func.count().label("touches"),
        func.max(touch.done).label("done"),
    ).group_by(touch.enrolment_id, touch.position)


def _by_lesson(each: Any) -> Select[Any]:
    times = case((each.c.touches == 1, NO_TIME), else_=_bucket(each.c.first, each.c.last)).label("bucket")
    return select(
        each.c.position, times, func.count().label("n"), func.sum(each.c.done).label("done")
    ).group_by(each.c.position, times)


def _by_end(edition: EditionData, each: Any, stopped_before: datetime) -> Select[Any]:
    """Where each enrolment stands: its last touch, and whether it is finished, stopped or going on."""
    order = (each.c.last.desc(), each.c.position.desc())
    nth = func.row_number().over(partition_by=each.c.enrolment_id, order_by=order).label("nth")
    ranked = select(each.c.enrolment_id, each.c.position, each.c.last, nth).subquery("ranked")
    state = case(
        (Enrolment.finished_at.is_not(None), FINISHED),
        (func.coalesce(ranked.c.last, Enrolment.started_at) < stopped_before, STOPPED),
        else_=GOING,
    ).label("state")
    place = func.coalesce(ranked.c.position, 0).label("position")
    times = case(
        (ranked.c.last.is_(None), NO_TIME), else_=_bucket(Enrolment.started_at, ranked.c.last)
    ).label("bucket")
    return (
        select(state, place, times, func.count().label("n"))
        .select_from(Enrolment)
        .outerjoin(ranked, and_(ranked.c.enrolment_id == Enrolment.id, ranked.c.nth == 1))
        .where(_of(edition))
        .group_by(state, place, times)
    )


def _bucket(first: Any, last: Any) -> ColumnElement[int]:
    """In which span of EDGES the whole seconds from first to last lie."""
    if session().get_bind().dialect.name == "sqlite":
        span: Any = (func.julianday(last) - func.julianday(first)) * 86_400.0
    else:
        span = extract("epoch", last - first)
    seconds = cast(func.round(span), Integer)
    return case(*((seconds < edge, place) for place, edge in enumerate(EDGES)), else_=len(EDGES))


def _first_tries(edition: EditionData) -> dict[str, tuple[int, int]]:
    order = (CheckAnswer.at, CheckAnswer.id)
    nth = func.row_number().over(partition_by=(CheckAnswer.enrolment_id, CheckAnswer.item_code), order_by=order)
    tries = (
        select(CheckAnswer.item_code, CheckAnswer.correct, nth.label("nth"))
        .join(Enrolment, Enrolment.id == CheckAnswer.enrolment_id)
        .where(_of(edition))
        .subquery("tries")
        .c
    )
    right = func.sum(case((tries.correct.is_(True), 1), else_=0))
    rows = session().execute(
        select(tries.item_code, func.count(), right).where(tries.nth == 1).group_by(tries.item_code)
    )
    return {code: (answered, good) for code, answered, good in rows}
