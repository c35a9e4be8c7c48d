"""What a roll-over is about: approvals that end with a year and nothing follows, and roll-overs that were done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.models import Activity, Approval
from lms.credits.rollover.models import Rollover, RolloverLine
from lms.credits.rules.policy import Policy
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import N_
from lms.organisations import queries as organisations

MOST = 100
"""Approvals of one roll-over; what is beyond comes with the next."""
SHOWN = 10
KEPT = timedelta(days=14)
"""How long a roll-over can be taken back (house practice, as tables of people)."""
AWARDED, FOLLOWED = N_("已经有人按它记了学习活动"), N_("后面又结转了一条")
"""Why an approval that was entered stays."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An approval as a roll-over shows it: one that ends, or one that was entered. `edition_number` and `edition_id`
    are None where it holds for every edition; `authority`: its names; `titles`: none where there is no course."""

    id: UUID
    course_code: str
    titles: Mapping[str, str]
    edition_id: UUID | None
    edition_number: int | None
    authority_id: UUID
    authority: Mapping[str, str]
    project_number: str
    kind: str
    hours: Decimal
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Done:
    """A roll-over with what it entered that is still there, and why some of it cannot be taken back."""

    id: UUID
    year: int
    entered: int
    made_at: datetime
    undone_at: datetime | None
    entries: tuple[Entry, ...]
    held: Mapping[UUID, str]

    @property
    def undoable(self) -> bool:
        return self.undone_at is None and self.made_at > clock.now() - KEPT


def coming_year(today: date) -> int:
    """The year that is prepared on a day: the next one from July on, before that the one that has begun."""
    return today.year + (today.month > 6)


def due(actor: Actor, year: int) -> tuple[list[Entry], int]:
    """Approvals of authorities in the actor's places that end within the year before, not by hand, of courses that are
    not retired, and that no later one of these authorities follows: the first MOST by course, and how many there are.
    Two statements.

    What a roll-over has followed is not listed again, even where somebody ended the new one by hand.
    """
    paths = actor.paths(Role.ADMINISTRATOR)
    require_in_place(bool(paths))
    after = aliased(Approval)
    followed = (
        select(after.id)
        .where(
            after.course_id == Approval.course_id,
            after.ended_at.is_(None),
            after.valid_until > Approval.valid_until,
            or_(after.edition_id.is_(None), after.edition_id == Approval.edition_id),
            organisations.under(after.authority_path, paths),
        )
        .exists()
    )
    ending = (
        organisations.under(Approval.authority_path, paths),
        Approval.valid_until.between(date(year - 1, 1, 1), date(year - 1, 12, 31)),
        Approval.ended_at.is_(None),
        Approval.course_code.in_(courses.open_codes()),
        ~followed,
        Approval.id.not_in(select(RolloverLine.follows_id)),
    )
    rows = _rows(*ending, limit=MOST)
    return _entries(rows), rows[0].total if rows else 0


def _rows(*which: ColumnElement[bool], limit: int | None = None) -> list[Any]:
    authority = organisations.table("authority")
    statement = (
        select(
            Approval, courses.number_of(Approval.edition_id).label("edition_number"), authority.c.name,
            authority.c.name_en, func.count().over().label("total"),
        )
        .join(authority, authority.c.id == Approval.authority_id)
        .where(*which)
        .order_by(Approval.course_code, Approval.id)
        .limit(limit)
    )  # fmt: skip
    return list(session().execute(statement))


def _entries(rows: Collection[Any]) -> list[Entry]:
    titles = {code: card.titles for code, card in _cards(rows).items()}
    return [_entry(row.Approval, row.edition_number, {"zh": row.name, "en": row.name_en}, titles) for row in rows]


def _cards(rows: Collection[Any]) -> dict[str, courses.CourseCard]:
    return courses.course_cards(codes={row.Approval.course_code for row in rows}) if rows else {}


def _entry(
    row: Approval, number: int | None, authority: Mapping[str, str], titles: Mapping[str, Mapping[str, str]]
) -> Entry:
    return Entry(
        id=row.id,
        course_code=row.course_code,
        titles=titles.get(row.course_code, {}),
        edition_id=row.edition_id,
        edition_number=number,
        authority_id=row.authority_id,
        authority=authority,
        project_number=row.project_number,
        kind=row.kind,
        hours=from_milli(row.hours_milli),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def mine(actor: Actor, rollover_id: UUID) -> Rollover:
    """A roll-over of her own; NotFound for any other."""
    found = require_found(session().get(Rollover, rollover_id, populate_existing=True))
    require_in_place(actor.person_id is not None and found.made_by == actor.person_id)
    return found


def rollovers(actor: Actor) -> list[Rollover]:
    """Her last roll-overs, latest first."""
    hers = select(Rollover).where(Rollover.made_by == actor.person_id)
    return list(session().scalars(hers.order_by(Rollover.made_at.desc()).limit(SHOWN)))


def done(actor: Actor, rollover_id: UUID) -> Done:
    """One of her roll-overs; five statements. Raises NotFound."""
    found = mine(actor, rollover_id)
    lines = select(RolloverLine.approval_id).where(RolloverLine.rollover_id == rollover_id)
    entries = _entries(_rows(Approval.id.in_(lines)))
    held = held_among({one.id for one in entries})
    return Done(found.id, found.year, found.entered, found.made_at, found.undone_at, tuple(entries), held)


def held_among(approval_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of these approvals those that cannot be taken back any more, and why: something was awarded or refused under
    them, or the next roll-over has followed them. Two statements."""
    used = select(Activity.approval_id).where(Activity.approval_id.in_(approval_ids)).distinct()
    later = select(RolloverLine.follows_id).where(RolloverLine.follows_id.in_(approval_ids))
    held: dict[UUID, str] = dict.fromkeys(session().scalars(later), FOLLOWED)
    return held | {one: AWARDED for one in session().scalars(used) if one is not None}


def policies_of(actor: Actor, year: int) -> list[Policy | None]:
    """The policies by which a year is counted in the actor's places, each once; None among them: a place has none.
    One statement at most."""
    codes = organisations.region_codes() if policies.provincial() else {}
    places = [organisations.jurisdiction_among(codes, path) for path in actor.paths(Role.ADMINISTRATOR)]
    return list(dict.fromkeys(policies.governing(place, year) for place in places))
