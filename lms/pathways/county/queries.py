"""A pathway in an area: counts by stage, by what lacks and by place, and the lists behind every count.

Each count and its list are the same conditions: `Chosen` says them once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select

from lms.credits.compliance.areas import Area, area, around, tops
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import Page
from lms.kernel.text import folded
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.pathways import catalogue
from lms.pathways.county.keeping import LICENSED
from lms.pathways.county.models import PathwayResult
from lms.pathways.rules.months import later
from lms.pathways.rules.pathway import Pathway
from lms.people import queries as people
from lms.people.rules import Population

__all__ = ["Area", "Chosen", "Funnel", "Listed", "ResultRow", "funnel", "listed", "seen_person", "tops",
           "whole_list"]  # fmt: skip
SIZE = 50
MOST = 200_000
"""Rows of a file: more than any province has village doctors (domain.md, section 4)."""
ANY = "*"
"""Whichever requirement it is."""
DONE = "-"
"""The stage of who is at the end of the way."""
YEAR = "12"
LICENCES = {"over": None, "3": 3, "6": 6, YEAR: 12}
"""Village licences that have ended, or end within so many months."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which people of a pathway in an area: all, or those of a stage, who lack a requirement, whose requirement has
    lapsed, who are one step from the examination or may enter it, whose licence ends. `here`: only those filed at the
    place itself; `text`: parts of a name."""

    stage: str = ""
    lacks: str = ""
    lapsed: str = ""
    steps: str = ""
    licence: str = ""
    here: bool = False
    text: str = ""

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """SQL: the same for the count and for the list."""
        found: list[ColumnElement[bool]] = []
        if self.stage:
            found.append(PathwayResult.stage == ("" if self.stage == DONE else self.stage))
        if self.lacks:
            found.append(_names(PathwayResult.lacking, self.lacks))
        if self.lapsed:
            anything = PathwayResult.lapsed != ""
            found.append(anything if self.lapsed == ANY else _names(PathwayResult.lapsed, self.lapsed))
        if self.steps:
            found.append(PathwayResult.before_exam == int(self.steps))
        if self.licence in LICENCES:
            found.append(_ends(LICENCES[self.licence], today))
        return found


def _names(column: Any, code: str) -> ColumnElement[bool]:
    return literal(" ").concat(column).concat(" ").contains(f" {code} ", autoescape=True)


def _ends(months: int | None, today: date) -> ColumnElement[bool]:
    if months is None:
        return PathwayResult.licence_until < today
    return PathwayResult.licence_until.between(today, later(today, months))


@dataclass(slots=True)
class Counts:
    """How many people of a place are where."""

    people: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    lapsed: Counter[str] = field(default_factory=Counter)
    steps: Counter[int] = field(default_factory=Counter)
    fallen: int = 0

    def add(self, row: Any) -> None:
        self.people += row.people
        self.stages[row.stage or DONE] += row.people
        for code in row.lacking.split():
            self.lacking[code] += row.people
        for code in row.lapsed.split():
            self.lapsed[code] += row.people
        self.fallen += row.people if row.lapsed else 0
        self.steps[row.before_exam] += row.people


@dataclass(frozen=True, slots=True)
class Funnel:
    """A pathway in an area. `ways`: how many people of the area each pathway of the house has; `licences`: how many
    village licences have ended or end soon; `as_of`: when the oldest of the standings was computed."""

    area: Area
    pathway: Pathway
    ways: tuple[tuple[Pathway, int], ...]
    total: Counts
    parts: tuple[tuple[OrganisationCard, Counts], ...]
    here: Counts
    licences: Mapping[str, int]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One person's standing in a list."""

    person_id: UUID
    name: str
    id_number_mask: str
    place: OrganisationCard | None
    stage: str
    asked: int
    met: int
    lacking: tuple[str, ...]
    waiting: tuple[str, ...]
    lapsed: tuple[str, ...]
    licence_until: date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the people chosen."""

    area: Area
    pathway: Pathway
    chosen: Chosen
    page: Page[ResultRow]


def _seen(actor: Actor, found: Area, pathway_id: str | None) -> list[ColumnElement[bool]]:
    """SQL: filed at the place or below, and the actor's to see."""
    path = found.place.path
    conditions = [PathwayResult.place_path >= path, PathwayResult.place_path < f"{path.removesuffix('/')}0"]
    if pathway_id is not None:
        conditions.insert(0, PathwayResult.pathway == pathway_id)
    else:
        conditions.insert(0, PathwayResult.pathway.in_(catalogue.library()))
    if not found.administers:
        audited = organisations.under(PathwayResult.authority_path, actor.paths(*AUDITORS))
        placed = organisations.under(PathwayResult.place_path, actor.paths(Role.ADMINISTRATOR))
        conditions.append(or_(audited, placed))
    return conditions


def funnel(actor: Actor, place: UUID | OrganisationCard, pathway_id: str = "") -> Funnel:
    """A pathway in a place the actor audits or administers: the one named, else the one that most people go. Six
    statements at most. NotFound outside her places and for a pathway the house has not."""
    found = around(actor, place) if isinstance(place, OrganisationCard) else area(actor, place)
    ways = _ways(actor, found)
    pathway = _chosen_way(ways, pathway_id)
    seen = _seen(actor, found, pathway.id)
    child = organisations.child_of(PathwayResult.place_path, found.place.path).label("child")
    columns = (PathwayResult.stage, PathwayResult.lacking, PathwayResult.lapsed, PathwayResult.before_exam)
    rows = session().execute(
        select(child, *columns, func.count().label("people")).where(*seen).group_by("child", *columns)
    )
    total, here, parts = Counts(), Counts(), {one.path: Counts() for one in found.below}
    for row in rows:
        total.add(row)
        parts.get(row.child, here).add(row)
    licences, as_of = _licences(seen)
    if not pathway.is_for(Population.VILLAGE_DOCTOR):
        licences = dict.fromkeys(licences, 0)
    return Funnel(
        area=found,
        pathway=pathway,
        ways=ways,
        total=total,
        parts=tuple((one, parts[one.path]) for one in found.below if parts[one.path].people),
        here=here,
        licences=licences,
        as_of=as_of,
    )


def _ways(actor: Actor, found: Area) -> tuple[tuple[Pathway, int], ...]:
    counted = session().execute(
        select(PathwayResult.pathway, func.count().label("people"))
        .where(*_seen(actor, found, None))
        .group_by(PathwayResult.pathway)
    )
    numbers: dict[str, int] = {row.pathway: row.people for row in counted}
    return tuple((one, numbers.get(one.id, 0)) for one in catalogue.library().values())


def _chosen_way(ways: tuple[tuple[Pathway, int], ...], pathway_id: str) -> Pathway:
    if pathway_id:
        return require_found(catalogue.known(pathway_id))
    return max(ways, key=lambda one: (one[1] > 0, not one[0].duty, one[1]))[0]


def _licences(seen: list[ColumnElement[bool]]) -> tuple[dict[str, int], datetime | None]:
    today = clock.today()
    counted: list[Any] = [
        func.count().filter(_ends(months, today)).label(f"n{word}") for word, months in LICENCES.items()
    ]
    row = session().execute(select(*counted, func.min(PathwayResult.computed_at)).where(*seen)).one()
    numbers, oldest = tuple(row)[:-1], tuple(row)[-1]
    return dict(zip(LICENCES, numbers, strict=True)), oldest


def licences_ending(actor: Actor) -> list[tuple[OrganisationCard, int]]:
    """How many village licences end within a year, by the outermost places the actor administers: those that `listed`
    shows for the duties of village doctors. A statement a place, and one for the places."""
    paths = actor.paths(Role.ADMINISTRATOR)
    outer = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    found = []
    for place in organisations.at(outer):
        seen = _seen(actor, Area(place, (), (), administers=True), LICENSED)
        ending = select(func.count()).where(*seen, *Chosen(licence=YEAR).conditions(clock.today()))
        found.append((place, session().scalar(ending) or 0))
    return found


def listed(actor: Actor, place_id: UUID, pathway_id: str, chosen: Chosen, number: int) -> Listed:
    """A page of the people chosen, by name; five statements. NotFound as `funnel`."""
    found, pathway = area(actor, place_id), require_found(catalogue.known(pathway_id))
    query = _list_select(actor, found, pathway, chosen)
    total = session().scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session().execute(_ordered(query).offset((number - 1) * SIZE).limit(SIZE)).all()
    return Listed(found, pathway, chosen, Page(_rows(rows), number, total, SIZE))


def whole_list(actor: Actor, place_id: UUID, pathway_id: str, chosen: Chosen) -> Listed:
    """All the people chosen, MOST at most, for a file: the same conditions and order as `listed`."""
    found, pathway = area(actor, place_id), require_found(catalogue.known(pathway_id))
    rows = session().execute(_ordered(_list_select(actor, found, pathway, chosen)).limit(MOST)).all()
    return Listed(found, pathway, chosen, Page(_rows(rows), 1, len(rows), max(len(rows), 1)))


_NAMES = people.names()


def _list_select(actor: Actor, found: Area, pathway: Pathway, chosen: Chosen) -> Select[Any]:
    conditions = [*_seen(actor, found, pathway.id), *chosen.conditions(clock.today())]
    conditions += [_NAMES.c.name_folded.contains(word, autoescape=True) for word in folded(chosen.text).split()]
    if chosen.here:
        conditions.append(PathwayResult.place_path == found.place.path)
    return (
        select(
            PathwayResult.person_id, PathwayResult.place_path, PathwayResult.stage, PathwayResult.asked,
            PathwayResult.met, PathwayResult.lacking, PathwayResult.waiting, PathwayResult.lapsed,
            PathwayResult.licence_until, _NAMES.c.name, _NAMES.c.id_number_mask,
        )
        .join(_NAMES, _NAMES.c.id == PathwayResult.person_id)
        .where(*conditions)
    )  # fmt: skip


def _ordered(query: Select[Any]) -> Select[Any]:
    return query.order_by(_NAMES.c.name_folded, PathwayResult.person_id)


def _rows(rows: Any) -> list[ResultRow]:
    places = {card.path: card for card in organisations.at({row.place_path for row in rows})}
    return [
        ResultRow(
            person_id=row.person_id,
            name=row.name,
            id_number_mask=row.id_number_mask,
            place=places.get(row.place_path),
            stage=row.stage,
            asked=row.asked,
            met=row.met,
            lacking=tuple(row.lacking.split()),
            waiting=tuple(row.waiting.split()),
            lapsed=tuple(row.lapsed.split()),
            licence_until=row.licence_until,
        )
        for row in rows
    ]


def seen_person(actor: Actor, person_id: UUID) -> tuple[PathwayResult, ...]:
    """The standings of somebody whom the actor may see; NotFound for anybody else. One statement."""
    rows = session().scalars(
        select(PathwayResult)
        .where(
            PathwayResult.person_id == person_id,
            or_(
                organisations.under(PathwayResult.authority_path, actor.paths(*AUDITORS)),
                organisations.under(PathwayResult.place_path, actor.paths(Role.ADMINISTRATOR)),
            ),
        )
        .order_by(PathwayResult.pathway)
    )
    found = tuple(rows)
    require_found(found[0] if found else None)
    return found

