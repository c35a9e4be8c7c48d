"""The catalogue: search, filters, one page that the database cuts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select
from sqlalchemy.orm import aliased

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
    """One page of open courses, the newest editions first. At most five statements."""
    conditions = _conditions(actor, wanted)
    mine, latest = aliased(Enrolment), aliased(Enrolment)
    newest_round = (
        select(func.max(latest.round))
        .where(latest.course_id == Course.id, latest.person_id == bindparam("person_id"))
        .correlate(Course)
        .scalar_subquery()
    )
    rows = (
        session()
        .execute(
            select(*CARD_COLUMNS, mine.id.label("enrolment_id"), mine.finished_at)
            .join(Edition, Edition.id == Course.current_edition_id)
            .outerjoin(
                mine,
                and_(
                    mine.course_id == Course.id,
                    mine.person_id == bindparam("person_id"),
                    mine.round == newest_round,
                ),
            )
            .where(*conditions)
            .order_by(Course.published_at.desc(), Course.id)
            .limit(SIZE)
            .offset((wanted.page - 1) * SIZE),
            {"person_id": actor.person_id},
        )
        .all()
    )
    cards = [card_of(row) for row in rows]
    values = parts.course_values([card.code for card in cards], clock.today()) if cards else {}
    entries = [
        Entry(card, values.get(card.code), row.enrolment_id, row.finished_at)
        for card, row in zip(cards, rows, strict=True)
    ]
    return Page(entries, wanted.page, _total(wanted, len(entries), conditions), SIZE)


def _total(wanted: Asked, shown: int, conditions: list[ColumnElement[bool]]) -> int:
    """How many match in all; a first page with room to spare says it without a statement."""
    if wanted.page == 1 and shown < SIZE:
        return shown
    statement = select(func.count(Course.id)).join(Edition, Edition.id == Course.current_edition_id)
    return session().scalar(statement.where(*conditions)) or 0


def _conditions(actor: Actor, wanted: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Course.closed_at.is_(None)]
    terms = wanted_terms(wanted.text)
    if terms:
        found = (
            select(CourseTerm.course_id)
            .where(CourseTerm.term.in_(terms))
            .group_by(CourseTerm.course_id)
            .having(func.count() == len(terms))
        )
        conditions.append(Course.id.in_(found))
    elif wanted.text:
        conditions.append(literal(value=False))
    if wanted.subject:
        conditions.append(Edition.subject == wanted.subject)
    if wanted.hours:
        conditions.append(Edition.hours_milli.between(*HOURS_RANGES[wanted.hours]))
    if wanted.credit:
        conditions.append(Course.code.in_(_with_credit()))
    if wanted.lacking and actor.person_id is not None:
        conditions.append(Course.code.in_(parts.lacking(actor.person_id)))
    return conditions


def _with_credit() -> set[str]:
    today = clock.today()
    known = parts.with_credit(today)
    if known is not None:
        return known
    statement = select(Course.code).where(Course.closed_at.is_(None)).limit(MOST_VALUED)
    values = parts.course_values(list(session().scalars(statement)), today)
    return {code for code, value in values.items() if value.credits}
