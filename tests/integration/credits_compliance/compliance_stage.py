"""Years of the cast: what is stored, what a new count says, and what the statement says."""

from datetime import date
from typing import Any
from uuid import UUID

from cast import Cast, Member, id_number
from credit_stage import reading, writing
from flask import Flask
from sqlalchemy import select

from lms.credits.compliance import commands
from lms.credits.compliance import reading as years
from lms.credits.models import YearResult
from lms.credits.statements import year_standing
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.quantities import to_milli
from lms.people import commands as people
from lms.people.rules import Population

SELDOM = frozenset({"version", "computed_at"})
FULL: dict[str, Any] = {
    "place_path": "", "authority_path": "", "version": 1, "policy": None, "lacking": "", "counted_milli": 0,
    "hours_milli": 0, "need_credits_milli": None, "need_hours_milli": None, "gap_credits_milli": 0,
    "gap_hours_milli": 0, "categories": [],
}  # fmt: skip


def stored(app: Flask, person_id: UUID, year: int) -> dict[str, Any] | None:
    """The row as it is, without what changes at every writing."""
    with reading(app):
        row = session().execute(
            select(YearResult.__table__).where(YearResult.person_id == person_id, YearResult.year == year)
        )
        found = row.mappings().one_or_none()
        return None if found is None else {name: value for name, value in found.items() if name not in SELDOM}


def version(app: Flask, person_id: UUID, year: int) -> int:
    with reading(app):
        found = session().scalar(
            select(YearResult.version).where(YearResult.person_id == person_id, YearResult.year == year)
        )
        return found or 0


def counted_anew(app: Flask, person_id: UUID, year: int) -> dict[str, Any] | None:
    """The row as a run over everybody would make it from nothing."""
    with reading(app):
        known = [one for one in years.many(year, person_id, None) if one.person_id == person_id]
        if not known:
            return None
        row = commands._row(known[0], year, years.Judge())
        return {name: value for name, value in row.items() if name not in SELDOM}


def as_stated(app: Flask, person_id: UUID, year: int) -> tuple[Any, ...]:
    """What her statement says: compliance, counted, hours, gaps."""
    with reading(app):
        standing = year_standing(person_id, year)
        assert standing is not None
        amounts = (standing.counted, standing.hours, standing.gap_credits, standing.gap_hours)
        return (standing.compliance.value, *(to_milli(one) for one in amounts))


def as_kept(row: dict[str, Any]) -> tuple[Any, ...]:
    """The same of a stored row."""
    names = ("compliance", "counted_milli", "hours_milli", "gap_credits_milli", "gap_hours_milli")
    return tuple(row[name] for name in names)


def is_right(app: Flask, member: Member, year: int | None = None) -> dict[str, Any]:
    """The stored row, which is what a new count makes and what her statement says."""
    year = year or clock.today().year
    row = stored(app, member.person_id, year)
    assert row is not None
    assert row == counted_anew(app, member.person_id, year)
    assert as_kept(row) == as_stated(app, member.person_id, year)
    return row


def add_doctor(
    app: Flask, cast: Cast, serial: int, place: str = "LB-YL-LX-SM", name: str = "钱春兰", **more: Any
) -> UUID:
    """One more doctor."""
    values: dict[str, Any] = {
        "name": name,
        "workplace_id": cast.places[place],
        "phone": f"000{serial:08d}",
        "id_number": id_number(serial),
        "population": Population.VILLAGE_DOCTOR,
        "starts_on": date(2024, 1, 1),
    }
    with writing(app):
        return people.add_person(SYSTEM, **(values | more))


def run_all(app: Flask, year: int) -> dict[str, int]:
    """Everybody's year made anew; what the run found."""
    tally = commands.Tally(year)
    with reading(app):
        ranges = list(commands.ranges())
    for start, end in ranges:
        with writing(app):
            tally.add(commands.recompute(year, start, end))
    return tally.answer()


def spoil(app: Flask, person_id: UUID, year: int, **values: Any) -> None:
    """Change a stored row behind the house's back."""
    table = YearResult.__table__
    with writing(app):
        session().execute(table.update().where(table.c.person_id == person_id, table.c.year == year).values(**values))
