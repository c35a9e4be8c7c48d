"""What may be read about approvals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ScalarSelect, Select, Uuid, and_, bindparam, func, select, true

from lms.courses import queries as courses
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.models import Approval
from lms.kernel import clock
from lms.kernel.access import require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations
from lms.organisations.rules import Kind

# Which conversions a course can fall under is the policy's business; these are its two projects.
COURSE_KINDS = ("recommended_project", "promotion_project")
# Who may approve: regions and their commissions.
AUTHORITY_KINDS = (Kind.PROVINCE, Kind.CITY, Kind.COUNTY, Kind.COMMISSION)


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """One approval as an administrator sees it. state: coming · valid · over · ended. `edition_number` is None where it
    holds for every edition."""

    id: UUID
    course_code: str
    edition_number: int | None
    authority_name: str
    project_number: str
    kind: str
    hours: Decimal
    valid_from: date
    valid_until: date
    entered_at: datetime
    ended_at: datetime | None

    def state(self, today: date) -> str:
        if self.ended_at is not None:
            return "ended"
        if today < self.valid_from:
            return "coming"
        return "valid" if today <= self.valid_until else "over"


@dataclass(frozen=True, slots=True)
class ValidApproval:
    """What an approval that holds gives a course."""

    course_code: str
    kind: str
    project_number: str
    hours_milli: int


def holding(on: date) -> ColumnElement[bool]:
    """SQL: the approval holds on a day."""
    return and_(Approval.valid_from <= on, Approval.valid_until >= on, Approval.ended_at.is_(None))


def valid_approval(
    course_code: str, on: date, edition: ScalarSelect[UUID] | None = None
) -> Select[Approval]:
    """What asks for the approval a course has on a day; the latest begun if several overlap. `edition`: what asks for
    the edition that was learnt, else any."""
    fits = true() if edition is None else Approval.edition_id.is_(None) | (Approval.edition_id == edition)
    return (
        select(Approval)
        .where(Approval.course_code == course_code, holding(on), fits)
        .order_by(Approval.valid_from.desc(), Approval.id)
        .limit(1)
    )


_approval = Approval.__table__.c
# Built once: the catalogue and every course page ask it.
_ON_A_DAY = (
    select(_approval.course_code, _approval.kind, _approval.project_number, _approval.hours_milli)
    .where(
        _approval.valid_from <= bindparam("day", type_=Date),
        _approval.valid_until >= bindparam("day", type_=Date),
        _approval.ended_at.is_(None),
    )
    .order_by(_approval.valid_from, _approval.id.desc())
)


def _for(editions: ColumnElement[bool]) -> Select[Any]:
    return _ON_A_DAY.where(_approval.edition_id.is_(None) | editions)


_VALID = _for(_approval.edition_id.in_(courses.current_editions()))
_VALID_REVIEWED = _VALID.where(_approval.course_code.not_in(courses.unreviewed_codes()))
_person = bindparam("person", type_=Uuid())
_HERS = _for(_approval.edition_id.in_(courses.editions_for(_person)))
_HERS_REVIEWED = _HERS.where(_approval.course_code.not_in(courses.unreviewed_codes_for(_person)))


def _of_one(statement: Select[Any]) -> Select[Any]:
    return statement.where(_approval.course_code == bindparam("code"))


def _of_some(statement: Select[Any]) -> Select[Any]:
    return statement.where(_approval.course_code.in_(bindparam("codes", expanding=True)))


# By whether courses that nobody reviewed clinically count too: of all, of one, of some.
_STATEMENTS = {
    anyway: (statement, _of_one(statement), _of_some(statement))
    for anyway, statement in ((True, _VALID), (False, _VALID_REVIEWED))
}

# The approval a course has for who begins it on a day, to be a part of another statement.
_TO_BEGIN = {
    anyway: one.order_by(None).order_by(_approval.valid_from.desc(), _approval.id).limit(1)
    for anyway, (_, one, _) in _STATEMENTS.items()
}


def approval_to_begin(code: str, on: date) -> Select[Any]:
    """What asks for the approval that a course has for who begins it on a day: course_code, kind, project_number,
    hours_milli (a ValidApproval), or no row. Outside a demonstration, none where nobody reviewed it clinically."""
    return _TO_BEGIN[unreviewed_may_carry()].params(day=on, code=code)


_OF_EDITION = _of_one(_for(_approval.edition_id == bindparam("edition", type_=Uuid())))
_OF_EDITIONS = _of_one(_for(_approval.edition_id.in_(bindparam("editions", type_=Uuid(), expanding=True)))).add_columns(
    _approval.edition_id
)


def valid_approval_of(code: str, edition_id: UUID, on: date) -> ValidApproval | None:
    """The approval an edition has on a day, the one it is awarded under; one statement."""
    rows = session().connection().execute(_OF_EDITION, {"day": on, "code": code, "edition": edition_id}).all()
    return ValidApproval(*rows[-1]) if rows else None


def valid_approvals_of(code: str, edition_ids: Collection[UUID], on: date) -> dict[UUID, ValidApproval]:
    """The same of several editions of one course, by edition; one statement."""
    rows = session().connection().execute(_OF_EDITIONS, {"day": on, "code": code, "editions": list(edition_ids)})
    found: dict[UUID, ValidApproval] = {}
    for *said, bound in rows:
        approval = ValidApproval(*said)
        found |= {one: approval for one in edition_ids if bound is None or bound == one}
    return found


def valid_approvals_for(person_id: UUID, on: date) -> dict[str, ValidApproval]:
    """The approval of each course as it concerns somebody on a day, by course code: of the edition she learns where she
    is inside, else of the current one; one statement."""
    hers = _HERS if unreviewed_may_carry() else _HERS_REVIEWED
    rows = session().connection().execute(hers, {"day": on, "person": person_id})
    return {row[0]: ValidApproval(*row) for row in rows}


def valid_approvals(on: date, codes: Collection[str] | None = None) -> dict[str, ValidApproval]:
    """The approval of each course (of these, or of all) on a day, by course code; one statement.

    Outside a demonstration, without courses whose current edition nobody has reviewed clinically.
    """
    connection = session().connection()
    of_all, of_one, of_some = _STATEMENTS[unreviewed_may_carry()]
    if codes is None:
        rows = connection.execute(of_all, {"day": on})
    elif len(codes) == 1:
        rows = connection.execute(of_one, {"day": on, "code": next(iter(codes))})
    else:
        rows = connection.execute(of_some, {"day": on, "codes": sorted(set(codes))})
    return {row[0]: ValidApproval(*row) for row in rows}


def approval_ends(codes: Collection[str], on: date) -> dict[str, date]:
    """The last day on which each of these courses can still be awarded under an approval that holds on a day; one
    statement."""
    wanted = (
        select(Approval.course_code, func.max(Approval.valid_until).label("until"))
        .where(Approval.course_code.in_(codes), holding(on))
        .group_by(Approval.course_code)
    )
    return {row.course_code: row.until for row in session().execute(wanted)}


def approvals(actor: Actor, number: int) -> Page[ApprovalCard]:
    """Approvals of authorities in the actor's places, latest first."""
    paths = actor.paths(Role.ADMINISTRATOR)
    require_in_place(bool(paths))
    authority = organisations.table("authority")
    mine = organisations.under(Approval.authority_path, paths)
    total = session().scalar(select(func.count()).select_from(Approval).where(mine)) or 0
    rows = session().execute(
        select(
            Approval.id,
            Approval.course_code,
            courses.number_of(Approval.edition_id).label("edition_number"),
            authority.c.name,
            Approval.project_number,
            Approval.kind,
            Approval.hours_milli,
            Approval.valid_from,
            Approval.valid_until,
            Approval.entered_at,
            Approval.ended_at,
        )
        .join(authority, authority.c.id == Approval.authority_id)
        .where(mine)
        .order_by(Approval.id.desc())
        .offset((number - 1) * SIZE)
        .limit(SIZE)
    )
    cards = [
        ApprovalCard(
            id=row.id,
            course_code=row.course_code,
            edition_number=row.edition_number,
            authority_name=row.name,
            project_number=row.project_number,
            kind=row.kind,
            hours=from_milli(row.hours_milli),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            entered_at=row.entered_at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
    return Page(cards, number, total)


def authorities(actor: Actor) -> list[organisations.OrganisationCard]:
    """Who may approve, within the actor's places: regions and commissions that are open."""
    found = organisations.in_scope(actor.paths(Role.ADMINISTRATOR), AUTHORITY_KINDS)
    return [card for card in found if card.closed_on is None or card.closed_on > clock.today()]
