"""What else speaks of the same thing: shown beside a decision, decided by nobody but a person."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, false, or_, select

from lms.credits.claims.access import RANKS
from lms.credits.claims.asking import AT_A_PLACE
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.claims.rules import SHOWN
from lms.credits.models import Activity, Award
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.text import folded
from lms.organisations.queries import under

MOST = 20


@dataclass(frozen=True, slots=True)
class Duplicate:
    """`why`: project, file, overlap or awarded. What lies outside the actor's places has neither id nor title: only
    that there is one. `hers`: of the same doctor."""

    why: str
    hers: bool
    title: str
    on_date: date | None
    claim_id: UUID | None = None
    award_id: UUID | None = None


def duplicates(actor: Actor, claim: Claim) -> tuple[Duplicate, ...]:
    """Everything found for a claim; three statements."""
    return (*_same_files(actor, claim), *_own_claims(actor, claim), *_own_awards(actor, claim))


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """SQL: the claim was handed in where she audits."""
    areas, units = actor.paths(*RANKS), actor.paths(Role.UNIT_AUDITOR)
    return and_(Claim.state.in_(SHOWN), or_(under(Claim.authority_path, areas), under(Claim.unit_path, units)))


def _same_files(actor: Actor, claim: Claim) -> list[Duplicate]:
    """The same file on another claim, anybody's: by what is kept, or by what was chosen on a phone."""
    mine = select(ClaimFile.sha, ClaimFile.chosen_sha).where(
        ClaimFile.claim_id == claim.id, ClaimFile.removed_at.is_(None)
    )
    own = mine.subquery("own_file")
    rows = session().execute(
        select(Claim.id, Claim.person_id, Claim.title, Claim.on_date, in_scope(actor).label("seen"))
        .join(ClaimFile, ClaimFile.claim_id == Claim.id)
        .join(own, or_(own.c.sha == ClaimFile.sha, own.c.chosen_sha == ClaimFile.chosen_sha))
        .where(Claim.id != claim.id, Claim.state.in_(SHOWN), ClaimFile.removed_at.is_(None))
        .distinct()
        .order_by(Claim.on_date, Claim.id)
        .limit(MOST)
    )
    found = []
    for row in rows:
        hers = row.person_id == claim.person_id
        if row.seen:
            found.append(Duplicate("file", hers, row.title, row.on_date, claim_id=row.id))
        else:
            found.append(Duplicate("file", hers, "", None))
    return found


def _own_claims(actor: Actor, claim: Claim) -> list[Duplicate]:
    """Other claims of hers with the same project and year, or at another place at the same time."""
    rows = session().execute(
        select(
            Claim.id, Claim.kind, Claim.title, Claim.place, Claim.project_number, Claim.on_date,
            in_scope(actor).label("seen"),
        )
        .where(
            Claim.person_id == claim.person_id,
            Claim.id != claim.id,
            Claim.state.in_(SHOWN),
            Claim.state != "refused",
            or_(_same_project(claim, Claim.project_number, Claim.credit_year), _overlaps(claim, Claim)),
        )
        .order_by(Claim.on_date, Claim.id)
        .limit(MOST)
    )  # fmt: skip
    found = []
    for row in rows:
        same = claim.project_number is not None and row.project_number == claim.project_number
        if same or _two_places(claim, row.kind, row.place):
            why = "project" if same else "overlap"
            title, day, there = (row.title, row.on_date, row.id) if row.seen else ("", None, None)
            found.append(Duplicate(why, True, title, day, claim_id=there))
    return found


def _own_awards(actor: Actor, claim: Claim) -> list[Duplicate]:
    """What is on her account already: the same project, the same kind on the same days, or another place then."""
    hers = or_(under(Award.authority_path, actor.paths(*RANKS)), Award.authority_path == claim.authority_path)
    rows = session().execute(
        select(
            Award.id, Award.kind, Activity.title, Activity.holder, Award.project_number, Award.on_date,
            hers.label("seen"),
        )
        .join(Activity, Activity.id == Award.activity_id)
        .where(
            Award.person_id == claim.person_id,
            Award.credit_year == claim.credit_year,
            Award.activity_id != claim.id,
            Award.state != "reversed",
            or_(_same_project(claim, Award.project_number, Award.credit_year), _overlaps(claim, Activity)),
        )
        .order_by(Award.on_date, Award.id)
        .limit(MOST)
    )  # fmt: skip
    found = []
    for row in rows:
        same = claim.project_number is not None and row.project_number == claim.project_number
        if same or row.kind == claim.kind or _two_places(claim, row.kind, row.holder):
            why = "awarded" if same or row.kind == claim.kind else "overlap"
            title, day, there = (row.title.get("zh", ""), row.on_date, row.id) if row.seen else ("", None, None)
            found.append(Duplicate(why, True, title, day, award_id=there))
    return found


def _same_project(
    claim: Claim, number: SQLColumnExpression[str | None], year: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    """SQL: the same project in the same year; nothing where the claim has no project."""
    if claim.project_number is None:
        return false()
    return and_(number == claim.project_number, year == claim.credit_year)


def _overlaps(claim: Claim, table: type[Claim] | type[Activity]) -> ColumnElement[bool]:
    start = claim.started_on or claim.on_date
    begun = table.started_on if table is Activity else Claim.started_on
    first = or_(begun <= claim.on_date, and_(begun.is_(None), table.on_date <= claim.on_date))
    return and_(first, table.on_date >= start)


def _two_places(claim: Claim, kind: str, place: str) -> bool:
    """Whether she would have had to be at two places; where nothing is known of the other's, it is not said."""
    both = claim.kind in AT_A_PLACE and kind in AT_A_PLACE
    return both and bool(place) and folded(place) != folded(claim.place)
