"""What may be read about activities that are to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from lms.credits import policies
from lms.credits.coming.judging import ROLE
from lms.credits.coming.models import ComingActivity
from lms.credits.queries import Standing, earlier_of_year
from lms.credits.rules.facts import Fact, RefusedError
from lms.credits.rules.judging import Judgement, judge
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations
from lms.organisations.rules import ancestors
from lms.people.queries import PersonCard

MOST_OFFERED = 100
"""So many of the next ones a plan looks at."""


@dataclass(frozen=True, slots=True)
class Coming:
    """An activity as its pages show it. `place`: the names of the place whose people may join; `mine`: the reader
    may change it."""

    row: ComingActivity
    place: dict[str, str]
    mine: bool = False

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def hours(self) -> Decimal:
        return from_milli(self.row.hours_milli)

    def state(self, today: date) -> str:
        """cancelled · coming · on · over."""
        if self.row.cancelled_at is not None:
            return "cancelled"
        if today < self.row.started_on:
            return "coming"
        return "on" if today <= self.row.on_date else "over"


@dataclass(frozen=True, slots=True)
class Worth:
    """An activity and what it would bring the reader on top of what she has; None where no rule speaks of it."""

    coming: Coming
    judgement: Judgement | None


def fact_of(row: ComingActivity) -> Fact:
    """What will be on record of whoever was there. Where it has no project number it is known by its own id, as its
    attendance lists say, so that nobody is awarded for it twice."""
    return Fact(
        id=str(row.id),
        kind=row.kind,
        activity=activity_code(row),
        project=row.project_number,
        date=row.on_date,
        quantity=from_milli(row.quantity_milli),
        unit=row.unit,
        hours=from_milli(row.hours_milli),
        role=ROLE,
        assessed=row.assessed,
        choice=row.choice,
    )


def activity_code(row: ComingActivity) -> str:
    """Under what it is awarded once a year."""
    return row.project_number or str(row.id)


def title_of(row: ComingActivity, chinese: str) -> dict[str, str]:
    """Its names, as long as the Chinese one has not been written anew."""
    return dict(row.title) if row.title.get("zh") == chinese else {"zh": chinese}


def seen(actor: Actor, coming_id: UUID) -> ComingActivity:
    """One that an administrator may begin an attendance list from: of her places, or held by a place above them.
    Raises NotFound for any other, or one that was cancelled."""
    row = session().scalar(
        select(ComingActivity).where(
            ComingActivity.id == coming_id, ComingActivity.cancelled_at.is_(None), _around(actor)
        )
    )
    return require_found(row)


def managed(actor: Actor, coming_id: UUID) -> Coming:
    """One of the actor's own places, as it is now; raises NotFound for any other."""
    row = require_found(session().get(ComingActivity, coming_id, populate_existing=True))
    require_in_place(actor.holds(Role.ADMINISTRATOR, row.place_path))
    return _shown([row], actor)[0]


def listed(actor: Actor, number: int) -> Page[Coming]:
    """All of the actor's places and of those above them, the latest first."""
    require_in_place(bool(actor.paths(Role.ADMINISTRATOR)))
    return _page(_around(actor), number, latest=True, actor=actor)


def offered(card: PersonCard, day: date) -> list[ComingActivity]:
    """The next ones that somebody may join from a day on, at most MOST_OFFERED; one statement."""
    rows = session().scalars(
        select(ComingActivity)
        .where(_hers(card, day))
        .order_by(ComingActivity.started_on, ComingActivity.id)
        .limit(MOST_OFFERED)
    )
    return list(rows)


def for_her(card: PersonCard, standing: Standing | None, number: int) -> Page[Worth]:
    """Those that somebody may join, the next first, each with what it would bring her. `standing`: of the running year;
    five statements at most."""
    today = clock.today()
    page = _page(_hers(card, today), number)
    earlier = earlier_of_year(card.id, today.year) if standing and page.items else ()
    person = standing.person if standing else policies.person_of(card)
    found = []
    for one in page.items:
        year = one.row.on_date.year
        policy = policies.for_person(person, year)
        before = earlier if year == today.year else ()
        try:
            judgement = judge(policy, person, fact_of(one.row), year, before) if policy else None
        except RefusedError:
            judgement = None
        found.append(Worth(one, judgement))
    return Page(found, number, page.total)


def _page(
    condition: ColumnElement[bool], number: int, *, latest: bool = False, actor: Actor | None = None
) -> Page[Coming]:
    total = session().scalar(select(func.count()).select_from(ComingActivity).where(condition)) or 0
    order: tuple[Any, ...] = (ComingActivity.started_on, ComingActivity.id)
    rows = session().scalars(
        select(ComingActivity)
        .where(condition)
        .order_by(*(column.desc() if latest else column for column in order))
        .offset((number - 1) * SIZE)
        .limit(SIZE)
    )
    return Page(_shown(list(rows), actor), number, total)


def _shown(rows: Sequence[ComingActivity], actor: Actor | None) -> list[Coming]:
    places = organisations.cards({row.place_id for row in rows}) if rows else {}
    return [
        Coming(
            row,
            {"zh": places[row.place_id].name, "en": places[row.place_id].name_en},
            actor is not None and actor.holds(Role.ADMINISTRATOR, row.place_path),
        )
        for row in rows
    ]


def _hers(card: PersonCard, day: date) -> ColumnElement[bool]:
    """SQL: somebody may join it: its place is where she works, or above, and it has not begun. (Who was there is
    ticked among those who work there.)"""
    return (
        ComingActivity.place_path.in_(ancestors(card.workplace_path) if card.workplace_path else [])
        & (ComingActivity.started_on >= day)
        & ComingActivity.cancelled_at.is_(None)
    )


def _around(actor: Actor) -> ColumnElement[bool]:
    """SQL: it is of the actor's places, or of a place above one of them."""
    paths = actor.paths(Role.ADMINISTRATOR)
    above = sorted({one for path in paths if path != "/" for one in ancestors(path)})
    return or_(organisations.under(ComingActivity.place_path, paths), ComingActivity.place_path.in_(above))
