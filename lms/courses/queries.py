"""What may be read about courses and enrolments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, bindparam, func, select
from sqlalchemy.orm import QueryableAttribute

from lms.courses import editions
from lms.courses.editions import LessonData
from lms.courses.models import (
    Course,
    Edition,
    Enrolment,
    Gate,
    Lesson,
    LessonProgress,
)
from lms.courses.packages.package import NO_REVIEWER, Package, Text
from lms.kernel.db import session
from lms.kernel.quantities import from_milli

AnyRow: TypeAlias = Row[*tuple[Any, ...]]

ASSESSMENT = "assessment"
"""Code of the gate that a passed assessment opens."""


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course by its current edition."""

    id: UUID
    code: str
    slug: str
    centre_id: UUID
    edition_id: UUID
    edition_number: int
    titles: Text
    summaries: Text
    subject: str
    hours_milli: int
    lesson_count: int
    minutes: int
    has_assessment: bool

    @property
    def hours(self) -> Decimal:
        return from_milli(self.hours_milli)


@dataclass(frozen=True, slots=True)
class TaughtEdition:
    """What an authority must know of an edition that is to carry credit. `closed`: its course is retired."""

    course_id: UUID
    centre_id: UUID
    hours: Decimal
    reviewed: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class EnrolmentCard:
    """One round of one person in a course, on the edition it began with."""

    id: UUID
    person_id: UUID
    course_id: UUID
    course_code: str
    course_slug: str
    titles: Text
    edition_id: UUID
    edition_number: int
    hours_milli: int
    centre_id: UUID
    round: int
    started_at: datetime
    finished_at: datetime | None
    lessons_done: int
    lessons_total: int
    has_assessment: bool
    gates: tuple[str, ...]

    @property
    def all_read(self) -> bool:
        """Whether every lesson is finished."""
        return self.lessons_done >= self.lessons_total


@dataclass(frozen=True, slots=True)
class Studying:
    """An unfinished enrolment and where it goes on: the first lesson not finished, None for the assessment."""

    enrolment: EnrolmentCard
    next_lesson: LessonData | None
    minutes_left: int


_course, _edition = Course.__table__.c, Edition.__table__.c
CARD_COLUMNS = (
    _course.id,
    _course.code,
    _course.slug,
    _course.centre_id,
    _edition.id.label("edition_id"),
    _edition.number.label("edition_number"),
    _edition.titles,
    _edition.summaries,
    _edition.subject,
    _edition.hours_milli,
    _edition.lesson_count,
    _edition.minutes,
    _edition.has_assessment,
)


def card_of(row: AnyRow) -> CourseCard:
    """The card of a row that begins with CARD_COLUMNS."""
    return CourseCard(*row[: len(CARD_COLUMNS)])


def cards_statement() -> Select[*tuple[Any, ...]]:
    """All published courses, open or closed, with their current edition."""
    return select(*CARD_COLUMNS).join(Edition, Edition.id == Course.current_edition_id)


def _card(condition: ColumnElement[bool]) -> CourseCard | None:
    row = session().execute(cards_statement().where(condition)).one_or_none()
    return card_of(row) if row else None


def by_code(code: str) -> CourseCard | None:
    """A published course by its code."""
    return _card(Course.code == code)


def by_slug(slug: str) -> CourseCard | None:
    """A published course by the name in its address."""
    return _card(Course.slug == slug)


def course_cards(*, codes: Collection[str] = (), ids: Collection[UUID] = ()) -> dict[str, CourseCard]:
    """Published courses by code, for the codes and ids given; one statement."""
    condition = Course.code.in_(set(codes)) | Course.id.in_(set(ids))
    rows = session().execute(cards_statement().where(condition))
    return {row.code: card_of(row) for row in rows}


def open_courses(codes: Collection[str]) -> dict[str, CourseCard]:
    """The same of these codes, without courses that are retired; one statement."""
    rows = session().execute(cards_statement().where(Course.code.in_(set(codes)), Course.closed_at.is_(None)))
    return {row.code: card_of(row) for row in rows}


def studied_codes(person_id: UUID) -> set[str]:
    """Codes of the courses that somebody is in the middle of; one statement."""
    hers = (
        select(Course.code)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.person_id == person_id, Enrolment.finished_at.is_(None))
    )
    return set(session().scalars(hers))


def taught_editions(
    codes: Collection[str], edition_ids: Collection[UUID] = ()
) -> dict[tuple[str, UUID | None], TaughtEdition]:
    """Editions of published courses by course code and edition: of each course the current one under None, and those
    of these editions that are its own; one statement."""
    rows = session().execute(
        select(
            Course.code, Course.current_edition_id, Edition.id, Course.id.label("course_id"), Course.centre_id,
            Edition.hours_milli, Edition.reviewer, Course.closed_at,
        )
        .join(Edition, Edition.course_id == Course.id)
        .where(
            Course.code.in_(set(codes)),
            Course.current_edition_id.is_not(None),
            (Edition.id == Course.current_edition_id) | Edition.id.in_(set(edition_ids)),
        )
    )  # fmt: skip
    found: dict[tuple[str, UUID | None], TaughtEdition] = {}
    for row in rows:
        edition = TaughtEdition(
            row.course_id, row.centre_id, from_milli(row.hours_milli), row.reviewer != NO_REVIEWER,
            row.closed_at is not None,
        )  # fmt: skip
        found[row.code, row.id] = edition
        if row.id == row.current_edition_id:
            found[row.code, None] = edition
    return found


def open_codes() -> Select[Any]:
    """SQL: the codes of courses that are not retired."""
    return select(Course.code).where(Course.closed_at.is_(None))


def all_courses() -> list[CourseCard]:
    """Every open published course by code, for an administrator's select."""
    statement = cards_statement().where(Course.closed_at.is_(None)).order_by(Course.code)
    return [card_of(row) for row in session().execute(statement.limit(1000))]


def requirements_of(edition_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Codes of the courses that must be finished before each of these editions; one statement."""
    rows = session().execute(select(Edition.id, Edition.requires).where(Edition.id.in_(edition_ids)))
    return {row.id: tuple(row.requires or ()) for row in rows}


def subjects_of(edition_ids: Collection[UUID]) -> dict[UUID, str]:
    """The subject of each of these editions; one statement."""
    rows = session().execute(select(Edition.id, Edition.subject).where(Edition.id.in_(edition_ids)))
    return {row.id: row.subject for row in rows}


def finished_codes(person_id: UUID) -> dict[str, datetime]:
    """Codes of the courses that somebody has ever finished, and when last; one statement."""
    hers = (
        select(Course.code, func.max(Enrolment.finished_at).label("last"))
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.person_id == person_id, Enrolment.finished_at.is_not(None))
        .group_by(Course.code)
    )
    return {row.code: row.last for row in session().execute(hers)}


def startable(codes: Collection[str]) -> frozenset[str]:
    """Those of these courses that can be begun now: neither closed nor paused; one statement."""
    open_ones = select(Course.code).where(
        Course.code.in_(codes), Course.closed_at.is_(None), Course.paused_at.is_(None)
    )
    return frozenset(session().scalars(open_ones))


def unreviewed_codes() -> Select[str]:
    """What asks for the codes of courses whose current edition nobody has reviewed clinically."""
    current = select(Course.code).join(Edition, Edition.id == Course.current_edition_id)
    return current.where(Edition.reviewer == NO_REVIEWER)


def current_editions() -> Select[UUID | None]:
    """What asks for the editions that are current."""
    return select(Course.current_edition_id).where(Course.current_edition_id.is_not(None))


def _learnt(person: ColumnElement[UUID], *what: Any) -> Select[Any]:
    """What asks for the courses with the edition that concerns somebody: the one she learns, else the current one."""
    hers = and_(Enrolment.course_id == Course.id, Enrolment.person_id == person, Enrolment.finished_at.is_(None))
    return select(*what).select_from(Course).outerjoin(Enrolment, hers)


_CONCERNS = func.coalesce(Enrolment.edition_id, Course.current_edition_id)


def editions_for(person: ColumnElement[UUID]) -> Select[Any]:
    """What asks for the editions that concern somebody: of each course the one she learns, else the current one."""
    return _learnt(person, _CONCERNS).where(_CONCERNS.is_not(None))


def unreviewed_codes_for(person: ColumnElement[UUID]) -> Select[Any]:
    """What asks for the codes of courses of which nobody has reviewed the edition that concerns somebody."""
    return _learnt(person, Course.code).join(Edition, Edition.id == _CONCERNS).where(Edition.reviewer == NO_REVIEWER)


def edition_of(enrolment_id: UUID) -> ScalarSelect[UUID]:
    """What asks for the edition that an enrolment learns."""
    return select(Enrolment.edition_id).where(Enrolment.id == enrolment_id).scalar_subquery()


def edition_number(edition_id: UUID) -> int:
    """The number of an edition among those of its course. NotFound if there is none."""
    return editions.edition(edition_id).number


def number_of(edition_id: QueryableAttribute[UUID | None]) -> ScalarSelect[int | None]:
    """What asks for the number of the edition that a row of a statement names; None where it names none."""
    return select(Edition.number).where(Edition.id == edition_id).scalar_subquery()


def edition_package(edition_id: UUID) -> Package:
    """The package an edition froze; kept in this process. NotFound if there is no such edition."""
    return editions.edition(edition_id).package


LESSONS_DONE = (
    select(func.count())
    .select_from(LessonProgress)
    .join(Lesson, Lesson.id == LessonProgress.lesson_id)
    .where(LessonProgress.enrolment_id == Enrolment.id, Lesson.edition_id == Enrolment.edition_id)
    .correlate(Enrolment)
    .scalar_subquery()
)
"""How many lessons of her edition an enrolment has finished: what was read in another edition does not count."""
_ENROLMENTS = (
    select(
        Enrolment.id,
        Enrolment.person_id,
        Enrolment.course_id,
        Enrolment.edition_id,
        Enrolment.round,
        Enrolment.started_at,
        Enrolment.finished_at,
        Course.centre_id,
        Course.code,
        Course.slug,
        Edition.titles,
        Edition.number,
        Edition.hours_milli,
        Edition.lesson_count,
        Edition.has_assessment,
        LESSONS_DONE.label("done"),
        Gate.code.label("gate"),
    )
    .join(Course, Course.id == Enrolment.course_id)
    .join(Edition, Edition.id == Enrolment.edition_id)
    .outerjoin(Gate, Gate.enrolment_id == Enrolment.id)
)
_ONE_ENROLMENT = _ENROLMENTS.where(Enrolment.id == bindparam("enrolment_id"))


def _enrolment_cards(rows: Sequence[AnyRow]) -> list[EnrolmentCard]:
    """One card an enrolment; its rows differ only in the gate (and in a lesson, where they are asked for)."""
    gates: dict[UUID, set[str]] = {}
    first: dict[UUID, AnyRow] = {}
    for row in rows:
        first.setdefault(row.id, row)
        gates.setdefault(row.id, set()).update([row.gate] if row.gate else [])
    return [
        EnrolmentCard(
            id=row.id,
            person_id=row.person_id,
            course_id=row.course_id,
            course_code=row.code,
            course_slug=row.slug,
            titles=row.titles,
            edition_id=row.edition_id,
            edition_number=row.number,
            hours_milli=row.hours_milli,
            centre_id=row.centre_id,
            round=row.round,
            started_at=row.started_at,
            finished_at=row.finished_at,
            lessons_done=row.done,
            lessons_total=row.lesson_count,
            has_assessment=row.has_assessment,
            gates=tuple(sorted(gates[row.id])),
        )
        for row in first.values()
    ]


def enrolment(enrolment_id: UUID) -> EnrolmentCard | None:
    """One enrolment; one statement. Whose it is the caller judges by `person_id`."""
    rows = session().execute(_ONE_ENROLMENT, {"enrolment_id": enrolment_id}).all()
    return next(iter(_enrolment_cards(rows)), None)


def enrolments(ids: Collection[UUID]) -> dict[UUID, EnrolmentCard]:
    """Several enrolments by id; one statement."""
    rows = session().execute(_ENROLMENTS.where(Enrolment.id.in_(set(ids)))).all()
    return {card.id: card for card in _enrolment_cards(rows)}


def studying(person_id: UUID, most: int = 5) -> list[Studying]:
    """Her unfinished enrolments, the latest begun first, and where each goes on; one statement."""
    unfinished = (
        select(Enrolment.id)
        .where(Enrolment.person_id == person_id, Enrolment.finished_at.is_(None))
        .order_by(Enrolment.started_at.desc(), Enrolment.id.desc())
        .limit(most)
    )
    rows = (
        session()
        .execute(
            _ENROLMENTS.add_columns(LessonProgress.lesson_id)
            .outerjoin(LessonProgress, LessonProgress.enrolment_id == Enrolment.id)
            .where(Enrolment.id.in_(unfinished))
            .order_by(Enrolment.started_at.desc(), Enrolment.id.desc())
        )
        .all()
    )
    done: dict[UUID, set[UUID]] = {}
    for row in rows:
        done.setdefault(row.id, set()).add(row.lesson_id)
    return [_studying(card, done[card.id]) for card in _enrolment_cards(rows)]


def _studying(card: EnrolmentCard, done: Collection[UUID]) -> Studying:
    left = [one for one in editions.edition(card.edition_id).lessons if one.id not in done]
    return Studying(card, left[0] if left else None, sum(lesson.minutes for lesson in left))
