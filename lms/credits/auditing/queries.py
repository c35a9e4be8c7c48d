"""What an auditor sees: the queue of her area, a seeded sample, one award with all its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from lms.credits.access import Standing, require_area
from lms.credits.ledger.awarding import LOTS
from lms.credits.models import Activity, Award
from lms.credits.rules.reasons import STATES
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.kernel.text import folded
from lms.organisations.queries import under
from lms.people import queries as people

# A list never counts further than this: the cost of a page must not grow with the province.
MOST = 10_000
LARGEST_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to."""

    state: str = "granted"
    year: int | None = None
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One award in the queue."""

    id: UUID
    name: str
    workplace_name: str
    titles: dict[str, str]
    kind: str
    on_date: date
    hours: Decimal
    credits: Decimal
    state: str
    answered: bool
    awarded_at: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many awards there are in each state under the same filters."""

    page: Page[QueueRow]
    counts: dict[str, int]
    filters: Filters


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample anybody with the same seed, size and last day draws again."""

    rows: tuple[QueueRow, ...]
    seed: str
    size: int
    until: date
    frame: int


def queue(actor: Actor, filters: Filters, number: int) -> Queue:
    """The awards of the actor's area; NotFound if she audits nothing."""
    conditions = _conditions(actor, filters)
    counts = _counts(conditions)
    rows = _rows(
        actor,
        [*conditions, Award.state == filters.state],
        order=Award.id.desc(),
        offset=(min(number, MOST // SIZE) - 1) * SIZE,
        limit=SIZE,
    )
    return Queue(Page(rows, number, counts[filters.state]), counts, filters)


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    paths = actor.paths(*AUDITORS)
    require_in_place(bool(paths))
    found: list[ColumnElement[bool]] = [under(Award.authority_path, paths)]
    if filters.year is not None:
        found.append(Award.credit_year == filters.year)
    if filters.kind:
        found.append(Award.kind == filters.kind)
    for word in folded(filters.text).split():
        found.append(Award.search_text.contains(word, autoescape=True))
    return found


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(select(Award.id).where(*conditions, Award.state == state).limit(MOST).subquery())
        .scalar_subquery()
        .label(state)
        for state in STATES
    ]
    return dict(session().execute(select(*columns)).one()._mapping)


def _rows(
    actor: Actor,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: Any,
    offset: int = 0,
    limit: int,
) -> list[QueueRow]:
    rows = session().execute(
        select(Award, Activity.title)
        .join(Activity, Activity.id == Award.activity_id)
        .where(*conditions)
        .order_by(order, Award.id)
        .offset(offset)
        .limit(limit)
    )
    awards = rows.all()
    cards = people.cards({award.person_id for award, _ in awards})
    return [
        QueueRow(
            id=award.id,
            name=cards[award.person_id].name,
            workplace_name=cards[award.person_id].workplace_name,
            titles=title,
            kind=award.kind,
            on_date=award.on_date,
            hours=from_milli(award.hours_milli),
            credits=from_milli(award.awarded_milli),
            state=award.state,
            answered=award.answered,
            awarded_at=award.awarded_at,
            own=award.person_id == actor.person_id,
        )
        for award, title in awards
    ]


def sample(actor: Actor, filters: Filters, *, seed: str, size: int, until: date) -> Sample:
    """`size` awards drawn by seed from all those of the area dated up to a day, whatever their state.

    The state does not narrow it: otherwise each decision would change what the same seed draws.
    The lots are permuted by (a·lot + b) mod p with a and b from the seed, so the database draws.
    """
    size = max(1, min(size, LARGEST_SAMPLE))
    conditions = [*_conditions(actor, filters), Award.on_date <= until]
    digest = sha256(f"xinglin sample {seed}".encode()).digest()
    a = int.from_bytes(digest[:4], "big") % (LOTS - 1) + 1
    b = int.from_bytes(digest[4:8], "big") % LOTS
    rows = _rows(actor, conditions, order=(Award.lot * a + b) % LOTS, limit=size)
    frame = session().scalar(
        select(func.count()).select_from(select(Award.id).where(*conditions).limit(MOST).subquery())
    )
    return Sample(tuple(rows), seed, size, until, frame or 0)


def years(actor: Actor) -> list[int]:
    """The years in which the actor's area has awards, latest first."""
    paths = actor.paths(*AUDITORS)
    span = (
        session()
        .execute(
            select(func.min(Award.credit_year), func.max(Award.credit_year)).where(under(Award.authority_path, paths))
        )
        .one()
    )
    return list(range(span[1], span[0] - 1, -1)) if span[0] is not None else []


def next_waiting(actor: Actor, after: UUID) -> UUID | None:
    """The next award in the queue that waits to be audited and is not the actor's own."""
    mine = [
        under(Award.authority_path, actor.paths(*AUDITORS)),
        Award.state == "granted",
        Award.person_id != actor.person_id,
    ]
    below = session().scalar(select(Award.id).where(*mine, Award.id < after).order_by(Award.id.desc()).limit(1))
    return below or session().scalar(
        select(Award.id).where(*mine, Award.id != after).order_by(Award.id.desc()).limit(1)
    )


def standing_of(award: Award) -> Standing:
    """Of an award, what decides who may act on it."""
    return Standing(award.person_id, award.authority_path, award.state, award.decided_level)


def award_in_area(actor: Actor, award_id: UUID) -> Award:
    """An award of the actor's area; NotFound for any other."""
    award = require_found(session().get(Award, award_id))
    require_area(actor, standing_of(award))
    return award
