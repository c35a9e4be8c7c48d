"""What a person's year is made from: where she stands in the tree, the row that is stored, her awards.

Whoever writes a row must have read its version no later than anything the row is made from: then a
version that is still the same when it is written proves that nothing was missed in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, literal, select
from sqlalchemy.sql import ColumnElement, FromClause, Select

from lms.credits import policies
from lms.credits.compliance.judging import Result, judged
from lms.credits.lines import COUNTING
from lms.credits.models import Award, YearResult
from lms.credits.rules.facts import Person
from lms.kernel import clock
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people import queries as people

COUNTED = (
    Award.id,
    Award.kind,
    Award.on_date,
    Award.awarded_milli,
    Award.hours_milli,
    Award.credit_class,
    Award.state,
)

STORED = tuple(YearResult.__table__.columns)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stood on the day a year is filed by, and since when; who audits her today."""

    population: str
    since: date
    workplace_path: str
    authority_path: str
    authority_now: str

    @property
    def filed_at(self) -> str:
        """Her workplace; her authority where she works outside its area: whom it audits, it finds with it."""
        inside = self.workplace_path.startswith(self.authority_path)
        return self.workplace_path if inside else self.authority_path


@dataclass(frozen=True, slots=True)
class Known:
    """One person's year as one reading found it. `version` is 0 where no row is stored."""

    person_id: UUID
    place: Place
    version: int
    stored: Mapping[str, Any] | None
    awards: tuple[Any, ...]


def days_of(year: int) -> dict[str, date]:
    """The parameters of `people.placements`: a year is filed by its last day, by today while it runs."""
    today = clock.today()
    return {"on": min(today, date(year, 12, 31)), "today": today}


@lru_cache(maxsize=1)
def year_select() -> Select[Any]:
    """One person's year in one statement: a row at least, and one for each award of hers in that year.

    Parameters: `person`, `year`, and those of `days_of`. Others may add columns.
    """
    anchor = select(literal(1).label("one")).subquery("anchor")
    return _year_of(anchor, bindparam("person", type_=Uuid())).order_by(Award.id)


def years_select() -> tuple[Select[Any], ColumnElement[UUID]]:
    """The same of everybody in `people` (ids), one person after the other, and the column that tells whose a row
    is; in the rows it is called `hers`."""
    anchor = people.names("anchor")
    whose: ColumnElement[UUID] = anchor.c.id
    wanted = whose.in_(bindparam("people", type_=Uuid(), expanding=True))
    return _year_of(anchor, whose).add_columns(whose.label("hers")).where(wanted).order_by(whose, Award.id), whose


def _year_of(anchor: FromClause, hers: ColumnElement[UUID]) -> Select[Any]:
    placed = people.placements()
    return (
        select(
            placed.c.population,
            placed.c.since,
            placed.c.workplace_path,
            placed.c.authority_path,
            placed.c.authority_now,
            YearResult.version,
            *COUNTED,
        )
        .select_from(anchor)
        .outerjoin(placed, placed.c.person_id == hers)
        .outerjoin(YearResult, and_(YearResult.person_id == hers, YearResult.year == bindparam("year")))
        .outerjoin(Award, and_(Award.person_id == hers, Award.credit_year == bindparam("year")))
    )


def known_from(person_id: UUID, rows: list[Any]) -> Known | None:
    """What the rows of one person tell, of `year_select` or `years_select`; None for somebody who stood nowhere
    on that day."""
    first = rows[0]
    if first.population is None:
        return None
    place = Place(*first[:5])
    return Known(person_id, place, first.version or 0, None, tuple(row for row in rows if row.id is not None))


def one(person_id: UUID, year: int) -> Known | None:
    """One person's year; one statement."""
    given = {"person": person_id, "year": year, **days_of(year)}
    return known_from(person_id, list(session().execute(year_select(), given)))


@lru_cache(maxsize=2)
def _range_select(whole: bool) -> Select[Any]:
    """Places and stored rows of the people in a range of ids; `whole`: without an end."""
    placed = people.placements()
    found: Select[Any] = (
        select(
            placed.c.person_id,
            placed.c.population,
            placed.c.since,
            placed.c.workplace_path,
            placed.c.authority_path,
            placed.c.authority_now,
            *(column.label(f"stored_{column.name}") for column in STORED),
        )
        .outerjoin(YearResult, and_(YearResult.person_id == placed.c.person_id, YearResult.year == bindparam("year")))
        .where(placed.c.person_id >= bindparam("start", type_=Uuid()))
        .order_by(placed.c.person_id)
    )
    return found if whole else found.where(placed.c.person_id < bindparam("end", type_=Uuid()))


@lru_cache(maxsize=2)
def _awards_select(whole: bool) -> Select[Any]:
    """The awards that count of the people in a range of ids."""
    read: tuple[Any, ...] = (Award.person_id, *COUNTED)
    found = (
        select(*read)
        .where(
            Award.person_id >= bindparam("start", type_=Uuid()),
            Award.credit_year == bindparam("year"),
            Award.state.in_(sorted(COUNTING)),
        )
        .order_by(Award.person_id)
    )
    return found if whole else found.where(Award.person_id < bindparam("end", type_=Uuid()))


def many(year: int, start: UUID, end: UUID | None) -> Iterator[Known]:
    """The years of everybody from `start` up to but not with `end` (None: all the rest); two statements."""
    given: dict[str, Any] = {"year": year, "start": start, "end": end, **days_of(year)}
    # First places and versions, then awards: see above.
    rows = session().execute(_range_select(end is None), given).all()
    found = session().execute(_awards_select(end is None), given)
    awards = {person_id: tuple(group) for person_id, group in groupby(found, lambda row: row.person_id)}
    for row in rows:
        version = row.stored_version or 0
        stored = _named(row[6:]) if version else None
        yield Known(row.person_id, Place(*row[1:6]), version, stored, awards.get(row.person_id, ()))


def _named(values: Sequence[Any]) -> dict[str, Any]:
    """A stored row by the names of its columns."""
    return {column.name: value for column, value in zip(STORED, values, strict=True)}


class Judge:
    """Judges years with what a run over many people needs to know once."""

    def __init__(self) -> None:
        self._codes: Mapping[str, str] | None = organisations.region_codes() if policies.provincial() else None
        self._without: dict[tuple[Person, int], Result] = {}

    def result(self, known: Known, year: int) -> Result:
        """What the year has come to."""
        person = self._person(known.place)
        if known.awards:
            return judged(person, year, known.awards)
        # Thousands who are registered at once have nothing yet, and then it is the same for all like her.
        if (person, year) not in self._without:
            self._without[person, year] = judged(person, year, ())
        return self._without[person, year]

    def _person(self, place: Place) -> Person:
        """As `policies.person_of`: rules are those of where she is audited now, as on her statement."""
        code = policies.NATION
        if self._codes is not None:
            code = organisations.jurisdiction_among(self._codes, place.authority_now)
        return Person(jurisdiction=code, population=place.population)
