"""The catalogue: search, filters, one page that the database cuts."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, false, func, select

from lms.courses import parts
from lms.courses.models import Course, CourseTerm, Edition, Enrolment
from lms.courses.packages.package import SUBJECTS
from lms.courses.parts import CourseValue
from lms.courses.queries import CARD_COLUMNS, CourseCard, card_of
from lms.courses.rules import HOURS_RANGES, wanted_terms
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import Page

SIZE = 12
MOST_VALUED = 1000


@dataclass(frozen=True)
class Asked:
    """What the catalogue was asked for; values that mean nothing are dropped by `asked`."""

    text: str = ""
    subject: str = ""
    hours: str = ""
    credit: bool = False
    lacking: bool = False
    page: int = 1

    @property
    def filtered(self) -> bool:
        return bool(self.text or self.subject or self.hours or self.credit or self.lacking)


def asked(
    text: str = "",
    subject: str = "",
    hours: str = "",
    credit: bool = False,
    lacking: bool = False,
    page: int = 1,
) -> Asked:
    """Judge the filters of an address: unknown values count as not given."""
    return Asked(
        text=text.strip()[:60],
        subject=subject if subject in SUBJECTS else "",
        hours=hours if hours in HOURS_RANGES else "",
        credit=credit,
        lacking=lacking,
        page=page,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A course in the catalogue, what it brings today, and how far she is."""

    course: CourseCard
    value: CourseValue | None
    enrolment_id: UUID | None
    finished_at: datetime | None

    @property
    def state(self) -> str:
        """new, studying or finished."""
        if self.enrolment_id is None:
            return "new"
        return "finished" if self.finished_at else "studying"


def catalogue(actor: Actor, wanted: Asked) -> Page[Entry]:
    """One page of open courses, the newest editions first. Two statements of ours, three with a
    full page, and one of each slot that is asked."""
    shape, given = _shape(actor, wanted)
    given |= {"person_id": actor.person_id, "most": SIZE, "skip": (wanted.page - 1) * SIZE}
    rows = session().connection().execute(_page_statement(shape), given).all()
    cards = [card_of(row) for row in rows]
    values = parts.course_values([card.code for card in cards], clock.today()) if cards else {}
    entries = [
        Entry(card, values.get(card.code), row.enrolment_id, row.finished_at)
        for card, row in zip(cards, rows, strict=True)
    ]
    total = len(entries)
    if wanted.page > 1 or total == SIZE:
        # A first page with room to spare says it without a statement.
        total = session().connection().execute(_count_statement(shape), given).scalar_one()
    return Page(entries, wanted.page, total, SIZE)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a search has; their values are bound. Statements are built once a shape."""

    terms: bool = False
    nothing: bool = False
    subject: bool = False
    hours: bool = False
    codes: bool = False


def _shape(actor: Actor, wanted: Asked) -> tuple[Shape, dict[str, Any]]:
    terms = wanted_terms(wanted.text)
    low, high = HOURS_RANGES[wanted.hours or "short"]
    codes: set[str] | None = _with_credit() if wanted.credit else None
    if wanted.lacking and actor.person_id is not None:
        lacking = parts.lacking(actor.person_id)
        codes = lacking if codes is None else codes & lacking
    shape = Shape(
        terms=bool(terms),
        nothing=bool(wanted.text) and not terms,
        subject=bool(wanted.subject),
        hours=bool(wanted.hours),
        codes=codes is not None,
    )
    given: dict[str, Any] = {"person_id": actor.person_id}
    if shape.terms:
        given |= {"terms": terms, "count": len(terms)}
    if shape.subject:
        given["subject"] = wanted.subject
    if shape.hours:
        given |= {"low": low, "high": high}
    if shape.codes:
        given["codes"] = sorted(codes or ())
    return shape, given


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    course, edition, term = Course.__table__.c, Edition.__table__.c, CourseTerm.__table__.c
    conditions: list[ColumnElement[bool]] = [course.closed_at.is_(None)]
    if shape.terms:
        found = (
            select(term.course_id)
            .where(term.term.in_(bindparam("terms", expanding=True)))
            .group_by(term.course_id)
            .having(func.count() == bindparam("count"))
        )
        conditions.append(course.id.in_(found))
    if shape.nothing:
        conditions.append(false())
    if shape.subject:
        conditions.append(edition.subject == bindparam("subject"))
    if shape.hours:
        conditions.append(edition.hours_milli.between(bindparam("low"), bindparam("high")))
    if shape.codes:
        conditions.append(course.code.in_(bindparam("codes", expanding=True)))
    return conditions


@cache
def _count_statement(shape: Shape) -> Any:
    course, edition = Course.__table__, Edition.__table__
    return (
        select(func.count(course.c.id))
        .select_from(course.join(edition, edition.c.id == course.c.current_edition_id))
        .where(*_conditions(shape))
    )


@cache
def _page_statement(shape: Shape) -> Any:
    course, edition = Course.__table__, Edition.__table__
    mine, latest = Enrolment.__table__.alias("mine"), Enrolment.__table__.alias("latest")
    person = bindparam("person_id", type_=Uuid())
    newest_round = (
        select(func.max(latest.c.round))
        .where(latest.c.course_id == course.c.id, latest.c.person_id == person)
        .correlate(course)
        .scalar_subquery()
    )
    own = and_(
        mine.c.course_id == course.c.id,
        mine.c.person_id == person,
        mine.c.round == newest_round,
    )
    return (
        select(*CARD_COLUMNS, mine.c.id.label("enrolment_id"), mine.c.finished_at)
        .select_from(course.join(edition, edition.c.id == course.c.current_edition_id).outerjoin(mine, own))
        .where(*_conditions(shape))
        .order_by(course.c.published_at.desc(), course.c.id)
        .limit(bindparam("most"))
        .offset(bindparam("skip"))
    )


def _with_credit() -> set[str]:
    today = clock.today()
    known = parts.with_credit(today)
    if known is not None:
        return known
    statement = select(Course.code).where(Course.closed_at.is_(None)).limit(MOST_VALUED)
    values = parts.course_values(list(session().scalars(statement)), today)
    return {code for code, value in values.items() if value.credits}
