"""What an area's years have come to: counts by the places directly below one, and lists of people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from lms.credits import policies
from lms.credits.compliance.areas import Area, area, around, mine, seen, tops
from lms.credits.compliance.judging import CATEGORY
from lms.credits.models import YearResult
from lms.credits.rules.counting import Compliance
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import Page
from lms.kernel.quantities import from_milli
from lms.kernel.text import N_, folded
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people import queries as people

# In the order of the pages: what is lacking comes first.
COMPLIANCE_WORDS = {
    Compliance.FAIL.value: N_("还不够"),
    Compliance.PASS.value: N_("已达标"),
    Compliance.UNKNOWN.value: N_("未知"),
    Compliance.NOT_REQUIRED.value: N_("未作要求"),
}
__all__ = ["Area", "Filed", "Filters", "Overview", "ResultRow", "Roster", "Shares", "filed", "overview",
           "overview_of", "roster", "tops"]  # fmt: skip
SIZE = 50
MOST = 10_000


@dataclass(slots=True)
class Shares:
    """How many people's years came to what; `lacking`: of those that failed, how many lack which thing."""

    states: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, lacking: str, people: int) -> None:
        self.states[state] += people
        for word in lacking.split():
            self.lacking[word] += people

    @property
    def people(self) -> int:
        return self.states.total()

    @property
    def judged(self) -> int:
        """Those of whom something is required and who could be judged."""
        return self.states[Compliance.PASS] + self.states[Compliance.FAIL]

    @property
    def passed(self) -> int:
        return self.states[Compliance.PASS]

    @property
    def percent(self) -> Decimal | None:
        """The share that passed of those judged, with one decimal, rounded down: 100 only where all have."""
        return Decimal(self.passed * 1000 // self.judged) / 10 if self.judged else None

    def without(self, category: str) -> int:
        """How many lack this category."""
        return self.lacking[CATEGORY + category]


@dataclass(frozen=True, slots=True)
class Overview:
    """A year of an area: in all, by the places directly below, and at the place itself."""

    area: Area
    year: int
    years: tuple[int, ...]
    total: Shares
    parts: tuple[tuple[OrganisationCard, Shares], ...]
    here: Shares
    categories: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of people is narrowed to; `here`: only those filed at the place itself."""

    state: str = ""
    text: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One person's year in a list. Amounts are Decimal; need_… None where nothing is required."""

    person_id: UUID
    name: str
    id_number_mask: str
    place: OrganisationCard | None
    compliance: str
    counted: Decimal
    hours: Decimal
    need_credits: Decimal | None
    need_hours: Decimal | None
    gap_credits: Decimal
    gap_hours: Decimal
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of the people of an area, and how many there are in each state under the same filters."""

    area: Area
    year: int
    page: Page[ResultRow]
    counts: Mapping[str, int]
    filters: Filters


def overview(actor: Actor, place_id: UUID, year: int) -> Overview:
    """A year of a place; three statements, one scan of an index. NotFound outside the actor's places."""
    return _counted(actor, area(actor, place_id), year)


def overview_of(actor: Actor, top: OrganisationCard, year: int) -> Overview:
    """A year of a place whose card is known (one of `tops`); two statements."""
    return _counted(actor, around(actor, top), year)


def _counted(actor: Actor, found: Area, year: int) -> Overview:
    path = found.place.path
    first = select(func.min(YearResult.year)).scalar_subquery()
    rows = session().execute(
        select(
            organisations.child_of(YearResult.place_path, path).label("child"),
            YearResult.compliance,
            YearResult.lacking,
            func.count().label("people"),
            first.label("first"),
        )
        .where(*seen(actor, found, year))
        .group_by("child", YearResult.compliance, YearResult.lacking)
    )
    total, shares, since = Shares(), {one.path: Shares() for one in found.below}, year
    here = Shares()
    for row in rows:
        since = min(since, row.first)
        total.add(row.compliance, row.lacking, row.people)
        shares.get(row.child, here).add(row.compliance, row.lacking, row.people)
    return Overview(
        area=found,
        year=year,
        years=_years(since, year),
        total=total,
        parts=tuple((one, shares[one.path]) for one in found.below if shares[one.path].people),
        here=here,
        categories=_categories(year, total),
    )


def _categories(year: int, total: Shares) -> dict[str, Mapping[str, str]]:
    """Names of the categories of which the year requires something, or that somebody lacks."""
    found: dict[str, Mapping[str, str]] = {}
    for known in policies.library():
        for one in known.policy.categories if known.policy.speaks_of(year) else ():
            if total.without(one.id) or (one.minimum and known.policy.governs(year)):
                found[one.id] = one.title.both()
    return found


def _years(since: int, year: int) -> tuple[int, ...]:
    last = max(clock.today().year, year)
    return tuple(range(last, min(since, last) - 1, -1))


def roster(actor: Actor, place_id: UUID, year: int, filters: Filters, number: int) -> Roster:
    """A page of the people of a place, by name; five statements. NotFound outside the actor's places."""
    found = area(actor, place_id)
    known = people.names()
    conditions = [*seen(actor, found, year), *(_named(known, filters.text))]
    if filters.here:
        conditions.append(YearResult.place_path == found.place.path)
    counted = select(YearResult.compliance, func.count()).where(*conditions).group_by(YearResult.compliance)
    if filters.text:
        counted = counted.join(known, known.c.id == YearResult.person_id)
    counts = {row[0]: row[1] for row in session().execute(counted)}
    if filters.state:
        conditions.append(YearResult.compliance == filters.state)
    chosen = (
        select(YearResult, known.c.name, known.c.id_number_mask)
        .join(known, known.c.id == YearResult.person_id)
        .where(*conditions)
        .order_by(known.c.name_folded, YearResult.person_id)
        .offset((min(number, MOST // SIZE) - 1) * SIZE)
        .limit(SIZE)
    )
    rows = session().execute(chosen).all()
    places = {card.path: card for card in organisations.at(row.YearResult.place_path for row in rows)}
    total = counts.get(filters.state, 0) if filters.state else sum(counts.values())
    page = Page([_row(row, places.get(row.YearResult.place_path)) for row in rows], number, min(total, MOST), SIZE)
    return Roster(found, year, page, counts, filters)


def _named(known: Any, text: str) -> Iterable[ColumnElement[bool]]:
    return (known.c.name_folded.contains(word, autoescape=True) for word in folded(text).split())


def _row(row: Any, place: OrganisationCard | None) -> ResultRow:
    result: YearResult = row.YearResult
    return ResultRow(
        person_id=result.person_id,
        name=row.name,
        id_number_mask=row.id_number_mask,
        place=place,
        compliance=result.compliance,
        counted=from_milli(result.counted_milli),
        hours=from_milli(result.hours_milli),
        need_credits=_maybe(result.need_credits_milli),
        need_hours=_maybe(result.need_hours_milli),
        gap_credits=from_milli(result.gap_credits_milli),
        gap_hours=from_milli(result.gap_hours_milli),
        categories=_lacked(result.lacking),
    )


def _maybe(milli: int | None) -> Decimal | None:
    return None if milli is None else from_milli(milli)


def _lacked(lacking: str) -> tuple[str, ...]:
    return tuple(word[1:] for word in lacking.split() if word.startswith(CATEGORY))


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a person's year is filed, and which years of hers the actor may see, latest first."""

    place: OrganisationCard | None
    years: tuple[int, ...]


def filed(actor: Actor, person_id: UUID, year: int) -> Filed:
    """Of a person's year; NotFound unless it is the actor's to see. Two statements."""
    rows = session().execute(
        select(YearResult.year, YearResult.place_path)
        .where(YearResult.person_id == person_id, mine(actor))
        .order_by(YearResult.year.desc())
    )
    paths = {row.year: row.place_path for row in rows}
    places = organisations.at([require_found(paths.get(year))])
    return Filed(next(iter(places), None), tuple(paths))
