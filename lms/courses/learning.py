"""What a learner's two pages show: the course page and the lesson page. Few statements, no writing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, cast, func, null, select, union_all
from sqlalchemy.orm import aliased

from lms.courses import editions
from lms.courses.editions import EditionData, LessonData
from lms.courses.models import CheckAnswer, Course, Enrolment, Gate, LessonProgress
from lms.courses.queries import AnyRow, EnrolmentCard
from lms.items.base import Response
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import Instant, Json, session
from lms.kernel.errors import NotFound
from lms.organisations import queries as organisations

MOST_ANSWERS = 60
"""Newest self-check answers that a lesson page looks at."""


@dataclass(frozen=True)
class Prerequisite:
    """A course that must be finished first."""

    code: str
    slug: str
    titles: Mapping[str, str]
    finished: bool


@dataclass(frozen=True)
class CoursePage:
    """A course for one person. The edition is the one she learns, else the current one."""

    edition: EditionData
    current_edition_id: UUID
    centre_name: Mapping[str, str]
    centre_phone: str
    open: bool
    paused: bool
    enrolment: EnrolmentCard | None
    done: Collection[UUID]
    prerequisites: tuple[Prerequisite, ...]

    @property
    def next_lesson(self) -> LessonData | None:
        """The first lesson not finished."""
        return next((one for one in self.edition.lessons if one.id not in self.done), None)

    @property
    def minutes_left(self) -> int:
        return sum(one.minutes for one in self.edition.lessons if one.id not in self.done)

    @property
    def missing(self) -> tuple[Prerequisite, ...]:
        return tuple(one for one in self.prerequisites if not one.finished)


@dataclass(frozen=True)
class CheckState:
    """Her newest answer to a self-check."""

    response: Response
    correct: bool


@dataclass(frozen=True)
class LessonPage:
    """A lesson within an enrolment."""

    enrolment_id: UUID
    edition: EditionData
    lesson: LessonData
    done: Collection[UUID]
    checks: Mapping[str, CheckState]

    @property
    def next_lesson(self) -> LessonData | None:
        return self.edition.next_lesson(self.lesson)

    @property
    def previous_lesson(self) -> LessonData | None:
        return self.edition.previous_lesson(self.lesson)


_mine = aliased(Enrolment)
_LATEST = (
    select(func.max(_mine.round))
    .where(_mine.person_id == bindparam("person_id"), _mine.course_id == Course.id)
    .correlate(Course)
    .scalar_subquery()
)


def _course_statement() -> Any:
    centre = organisations.table("centre")
    return (
        select(
            Course.id.label("course_id"),
            Course.current_edition_id,
            Course.centre_id,
            Course.closed_at,
            Course.paused_at,
            centre.c.name,
            centre.c.name_en,
            centre.c.phone,
            Enrolment.id.label("enrolment_id"),
            Enrolment.edition_id,
            Enrolment.round,
            Enrolment.started_at,
            Enrolment.finished_at,
            LessonProgress.lesson_id,
            Gate.code.label("gate"),
        )
        .join(centre, centre.c.id == Course.centre_id)
        .outerjoin(
            Enrolment,
            and_(
                Enrolment.course_id == Course.id,
                Enrolment.person_id == bindparam("person_id"),
                Enrolment.round == _LATEST,
            ),
        )
        .outerjoin(LessonProgress, LessonProgress.enrolment_id == Enrolment.id)
        .outerjoin(Gate, Gate.enrolment_id == Enrolment.id)
        .where(Course.slug == bindparam("slug"), Course.current_edition_id.is_not(None))
    )


_COURSE = _course_statement()


def course_page(slug: str, person_id: UUID | None) -> CoursePage:
    """A course as `person_id` (or nobody) sees it; NotFound. One statement; one more where a course
    has prerequisites and she has not begun it."""
    rows = session().connection().execute(_COURSE, {"slug": slug, "person_id": person_id}).all()
    first = require_found(rows[0] if rows else None)
    if first.closed_at is not None and first.enrolment_id is None:
        raise NotFound
    edition = editions.edition(first.edition_id or first.current_edition_id)
    done = _done(edition, rows)
    card = _card(rows, edition, person_id, done) if person_id and first.enrolment_id else None
    codes = () if card else edition.package.prerequisites
    return CoursePage(
        edition=edition,
        current_edition_id=first.current_edition_id,
        centre_name={"zh": first.name, "en": first.name_en or first.name},
        centre_phone=first.phone,
        open=first.closed_at is None,
        paused=first.closed_at is None and first.paused_at is not None,
        enrolment=card,
        done=done,
        prerequisites=prerequisites(codes, person_id) if codes else (),
    )


def _done(edition: EditionData, rows: Sequence[AnyRow]) -> set[UUID]:
    """The finished lessons of this edition; she may have read in another one before."""
    return {row.lesson_id for row in rows} & {lesson.id for lesson in edition.lessons}


def _card(rows: Sequence[AnyRow], edition: EditionData, person_id: UUID, done: Collection[UUID]) -> EnrolmentCard:
    first = rows[0]
    return EnrolmentCard(
        id=first.enrolment_id,
        person_id=person_id,
        course_id=first.course_id,
        course_code=edition.course_code,
        course_slug=edition.course_slug,
        titles=edition.titles,
        edition_id=edition.id,
        edition_number=edition.number,
        hours_milli=edition.hours_milli,
        centre_id=first.centre_id,
        round=first.round,
        started_at=first.started_at,
        finished_at=first.finished_at,
        lessons_done=len(done),
        lessons_total=len(edition.lessons),
        has_assessment=edition.has_assessment,
        gates=tuple(sorted({row.gate for row in rows if row.gate})),
    )


def prerequisites(codes: Collection[str], person_id: UUID | None) -> tuple[Prerequisite, ...]:
    """The courses of these codes and whether she has ever finished each; one statement."""
    finished = (
        select(func.count())
        .where(
            Enrolment.course_id == Course.id,
            Enrolment.person_id == person_id,
            Enrolment.finished_at.is_not(None),
        )
        .correlate(Course)
        .scalar_subquery()
    )
    rows = session().execute(
        select(Course.code, Course.slug, Course.current_edition_id, finished.label("finished"))
        .where(Course.code.in_(set(codes)))
        .order_by(Course.code)
    )
    return tuple(
        Prerequisite(
            code=row.code,
            slug=row.slug,
            titles=editions.edition(row.current_edition_id).titles,
            finished=row.finished > 0,
        )
        for row in rows.all()
        if row.current_edition_id
    )


def _lesson_statement() -> Any:
    """Enrolment, finished lessons and newest answers in one: the page most often asked for."""
    enrolment, done = Enrolment.__table__.c, LessonProgress.__table__.c
    answer = CheckAnswer.__table__.c
    given, person = bindparam("enrolment_id", type_=Uuid()), bindparam("person_id", type_=Uuid())
    mine = and_(enrolment.id == given, enrolment.person_id == person)
    read = (
        select(
            enrolment.edition_id,
            done.lesson_id,
            cast(null(), Uuid).label("answered_in"),
            null().label("item_code"),
            cast(null(), Json).label("response"),
            null().label("correct"),
            cast(null(), Instant).label("at"),
        )
        .select_from(Enrolment.__table__.outerjoin(LessonProgress.__table__, done.enrolment_id == enrolment.id))
        .where(mine)
    )
    newest = (
        select(
            enrolment.edition_id,
            cast(null(), Uuid).label("lesson_id"),
            answer.edition_id.label("answered_in"),
            answer.item_code,
            answer.response,
            answer.correct,
            answer.at,
        )
        .select_from(CheckAnswer.__table__.join(Enrolment.__table__, answer.enrolment_id == enrolment.id))
        .where(mine)
        .order_by(answer.at.desc(), answer.id.desc())
        .limit(MOST_ANSWERS)
        .subquery()
    )
    return union_all(read, select(newest))


_LESSON = _lesson_statement()


def lesson_page(actor: Actor, enrolment_id: UUID, slug: str) -> LessonPage:
    """A lesson of one's own enrolment; NotFound otherwise. One statement."""
    given = {"enrolment_id": enrolment_id, "person_id": actor.person_id}
    rows = session().connection().execute(_LESSON, given).all()
    edition = editions.edition(require_found(rows[0].edition_id if rows else None))
    lesson = edition.lesson(slug)
    checks: dict[str, CheckState] = {}
    answers = [row for row in rows if row.item_code in lesson.checks and _still_asked(edition, row)]
    for row in sorted(answers, key=lambda one: one.at):
        checks[row.item_code] = CheckState(row.response, bool(row.correct))
    return LessonPage(
        enrolment_id=enrolment_id,
        edition=edition,
        lesson=lesson,
        done=_done(edition, rows),
        checks=checks,
    )


def _still_asked(edition: EditionData, row: AnyRow) -> bool:
    """Whether an answer was given to the question as this edition asks it."""
    if row.answered_in is None or row.answered_in == edition.id:
        return True
    before = editions.edition(row.answered_in).package.item(row.item_code)
    return before is not None and before == edition.package.item(row.item_code)


def own_lesson(actor: Actor, enrolment_id: UUID, slug: str) -> tuple[EditionData, LessonData]:
    """The edition and the lesson of one's own enrolment; NotFound otherwise. One statement."""
    edition_id = session().scalar(
        select(Enrolment.edition_id).where(Enrolment.id == enrolment_id, Enrolment.person_id == actor.person_id)
    )
    edition = editions.edition(require_found(edition_id))
    return edition, edition.lesson(slug)
