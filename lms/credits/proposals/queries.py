"""What may be read about proposals: the centre's own, and those that wait for an authority."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lms.courses import access
from lms.courses import queries as courses
from lms.credits.approvals.queries import AUTHORITY_KINDS
from lms.credits.models import Approval
from lms.credits.proposals.computing import Counted, Worth, counted, table
from lms.credits.proposals.models import CreditProposal
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import Kind
from lms.people import queries as people

MOST = 100


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """A proposal; number and days once it is approved."""

    id: UUID
    course_code: str
    edition_id: UUID
    edition_number: int
    authority_name: str
    kind: str
    hours: Decimal
    credits: Decimal
    note: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    answer: str
    project_number: str | None
    credit_class: str | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CreditPage:
    """What a centre sees: its course, the minutes that are counted, what they bring, what was proposed."""

    course: courses.CourseCard
    counted: Counted
    hours: Decimal
    worth: list[Worth]
    authorities: list[OrganisationCard]
    proposals: list[ProposalCard]
    may_propose: bool


@dataclass(frozen=True, slots=True)
class DecidingPage:
    """What an authority sees of one proposal."""

    proposal: ProposalCard
    course: courses.CourseCard
    counted: Counted
    worth: list[Worth]


def authorities_of(centre_path: str) -> list[OrganisationCard]:
    """Who may approve a centre's courses: the open regions above it and their commissions."""
    today = clock.today()
    regions = [card for card in organisations.above(centre_path) if card.kind in AUTHORITY_KINDS]
    found = list(regions)
    if regions:
        ids = {card.id for card in regions}
        found += [one for one in organisations.below(regions[-1].path, [Kind.COMMISSION]) if one.parent_id in ids]
    return [card for card in found if card.closed_on is None or card.closed_on > today]


def credit_page(actor: Actor, slug: str, hours: Decimal | None = None) -> CreditPage:
    """A course of her centres; `hours`: those the values are computed for, else those that may be proposed at most.
    Raises NotFound."""
    course = require_found(courses.by_slug(slug))
    centre = require_found(organisations.organisation(course.centre_id))
    require_in_place(access.may_see_studio(actor, centre.path))
    package = courses.edition_package(course.edition_id)
    minutes = counted(package)
    hours = hours or min(minutes.most, course.hours)
    return CreditPage(
        course, minutes, hours, table(course.code, hours, package.assessment is not None, clock.today()),
        authorities_of(centre.path), _cards(CreditProposal.course_id == course.id),
        access.may_write(actor, centre.path),
    )  # fmt: skip


def waiting(actor: Actor) -> list[ProposalCard]:
    """Proposals that wait for authorities in the actor's places, oldest first."""
    mine = organisations.under(CreditProposal.authority_path, actor.paths(Role.ADMINISTRATOR))
    return _cards(mine, CreditProposal.state == "waiting")[::-1]


def deciding_page(actor: Actor, proposal_id: UUID) -> DecidingPage:
    """A proposal to an authority in the actor's places. Raises NotFound."""
    path = session().scalar(select(CreditProposal.authority_path).where(CreditProposal.id == proposal_id))
    require_in_place(actor.holds(Role.ADMINISTRATOR, require_found(path)))
    (card,) = _cards(CreditProposal.id == proposal_id)
    package = courses.edition_package(card.edition_id)
    assessed = package.assessment is not None
    return DecidingPage(
        card, require_found(courses.by_code(card.course_code)), counted(package),
        table(card.course_code, card.hours, assessed, clock.today()),
    )  # fmt: skip


def _cards(*which: ColumnElement[bool]) -> list[ProposalCard]:
    authority = organisations.table("authority")
    rows = session().execute(
        select(CreditProposal, authority.c.name, Approval)
        .join(authority, authority.c.id == CreditProposal.authority_id)
        .outerjoin(Approval, Approval.id == CreditProposal.approval_id)
        .where(*which)
        .order_by(CreditProposal.proposed_at.desc(), CreditProposal.id.desc())
        .limit(MOST)
    ).all()  # fmt: skip
    ids = {one for row, _, _ in rows for one in (row.proposed_by, row.decided_by) if one}
    names = {person_id: card.name for person_id, card in people.cards(ids).items()} if ids else {}
    return [
        ProposalCard(
            row.id, row.course_code, row.edition_id, courses.edition_number(row.edition_id), name, row.kind,
            from_milli(row.hours_milli), from_milli(row.credits_milli), row.note, row.state,
            names.get(row.proposed_by, ""), row.proposed_at, names.get(row.decided_by, "") if row.decided_by else "",
            row.decided_at, row.answer, approval.project_number if approval else None,
            approval.credit_class if approval else None, approval.valid_from if approval else None,
            approval.valid_until if approval else None,
        )
        for row, name, approval in rows
    ]  # fmt: skip
