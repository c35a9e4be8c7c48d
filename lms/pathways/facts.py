"""What is judged of people, gathered: records, trainings that earned credit, licences on the roster, years, modules.

For one person or for many in the same few statements."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, cast, literal, null, or_, select, union_all

from lms.credits import queries as credits
from lms.kernel import clock
from lms.kernel.db import Json, run
from lms.pathways import catalogue
from lms.pathways.models import Following, PersonRecord
from lms.pathways.programmes import done_by
from lms.pathways.rules.months import later
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.people.rules import Population

STANDINGS = {"waiting": Standing.SUBMITTED, "verified": Standing.VERIFIED, "rejected": Standing.REJECTED}
CREDIT, ROSTER = "credit", "roster"
"""Ids of records that rest on nothing she handed in."""
LICENCE_YEARS = 5
"""Village Doctor Regulation, article 16."""


@dataclass(frozen=True, slots=True)
class About:
    """What is judged of one person, the standing of her year that is part of it (None: no policy speaks of it), and
    the ways that she goes, in the order in which she chose them."""

    facts: Facts
    year: credits.Standing | None
    going: tuple[Pathway, ...]


def records_of(cards: Collection[PersonCard], day: date | None = None) -> dict[UUID, tuple[Record, ...]]:
    """What is on record about people, as rules judge it; one statement. With the last training of each that earned
    credit here (on or before the day; today), and the licence that the roster names."""
    found: dict[UUID, list[Record]] = {one.id: list(_on_the_roster(one)) for one in cards}
    values = {"people": list(found), "day": day or clock.today()}
    for row in run(_records_select(), values) if found else ():
        found[row.person_id].append(_record(row))
    return {person_id: tuple(records) for person_id, records in found.items()}


@lru_cache(maxsize=1)
def _records_select() -> Select[Any]:
    wanted = bindparam("people", type_=Uuid(), expanding=True)
    return select(union_all(_kept(wanted), _trained(wanted)).subquery("records"))


def _kept(wanted: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[Any]:
    chain: tuple[ColumnElement[Any], ...] = (
        PersonRecord.__table__.c.waiting, PersonRecord.__table__.c.decided, PersonRecord.__table__.c.told_by
    )  # fmt: skip
    return select(
        PersonRecord.id, PersonRecord.person_id, PersonRecord.kind, PersonRecord.on_date,
        PersonRecord.until, PersonRecord.state, PersonRecord.fields, *chain, *more,
    ).where(
        PersonRecord.person_id.in_(wanted), PersonRecord.state != "withdrawn",
        # What an office entered and made void says nothing of her.
        or_(PersonRecord.state != "rejected", PersonRecord.told_by.is_(None)),
    )  # fmt: skip


def _trained(wanted: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[Any]:
    """The last trainings that earned credit here: records without an id."""
    trained = credits.last_trainings(wanted).subquery("trained").c
    return select(
        cast(null(), Uuid()), trained.person_id, literal(str(Kind.TRAINING)), trained.on_date,
        cast(null(), PersonRecord.until.type), literal("verified"), cast(null(), Json), *_nobody(), *more,
    )  # fmt: skip


def _nobody() -> tuple[ColumnElement[Any], ...]:
    """Of what no level verifies: whose turn it is, who has decided, which office entered it."""
    return literal(0), literal(0), cast(null(), Uuid())


@lru_cache(maxsize=1)
def _with_year_select() -> Select[Any]:
    """Records and trainings of one person, the awards of her year and the ways that she goes beside them."""
    wanted = bindparam("people", type_=Uuid(), expanding=True)
    award = credits.awards_of_year().subquery("award").c
    amounts: tuple[tuple[str, ColumnElement[Any]], ...] = (
        ("awarded_milli", award.awarded_milli), ("hours_milli", award.hours_milli),
        ("activity_code", award.activity_code), ("credit_class", award.credit_class),
    )  # fmt: skip
    none = [cast(null(), column.type).label(name) for name, column in amounts]
    awards = select(
        award.id, cast(null(), Uuid()), award.kind, award.on_date, cast(null(), PersonRecord.until.type), award.state,
        cast(null(), Json), *_nobody(), *(column for _, column in amounts), literal("award"),
    )  # fmt: skip
    ways = select(
        cast(null(), Uuid()), Following.person_id, Following.pathway, Following.since,
        cast(null(), PersonRecord.until.type), literal(""), cast(null(), Json), *_nobody(), *none, literal("way"),
    ).where(Following.person_id.in_(wanted), Following.stopped_on.is_(None))  # fmt: skip
    record = literal("record")
    every = union_all(_kept(wanted, *none, record.label("what")), _trained(wanted, *none, record), awards, ways)
    return select(every.subquery("known"))


def about(card: PersonCard, day: date | None = None) -> About:
    """What is judged of one person on a day (today), her year, and the ways that she goes (one the house no longer has
    is left out); one statement for all of it, for the pages she opens most."""
    day = day or clock.today()
    values = {"people": [card.id], "day": day, "person": card.id, "year": day.year}
    rows = run(_with_year_select(), values).all()
    standing = credits.standing_of(card, day.year, [row for row in rows if row.what == "award"])
    records = (*_on_the_roster(card), *(_record(row) for row in rows if row.what == "record"))
    known = Facts(records, {day.year: str(standing.compliance) if standing else "not_required"})
    ways = sorted((row.on_date, row.kind) for row in rows if row.what == "way")
    going = (catalogue.known(pathway_id) for _, pathway_id in ways)
    return About(known, standing, tuple(one for one in going if one is not None))


def _record(row: Any) -> Record:
    return Record(
        id=str(row.id) if row.id else CREDIT,
        kind=Kind(row.kind),
        on=row.on_date,
        until=row.until,
        standing=STANDINGS[row.state],
        fields=row.fields or {},
        turn=row.waiting,
        acted=row.decided,
        entered=row.told_by is not None,
    )


def _on_the_roster(card: PersonCard) -> Iterable[Record]:
    """The licence that her administrator has entered with her account: the county's own word."""
    if card.population == Population.VILLAGE_DOCTOR and card.licence_until is not None:
        since = card.licence_from or later(card.licence_until, -12 * LICENCE_YEARS)
        yield Record(ROSTER, Kind.VILLAGE_LICENCE, since, card.licence_until, Standing.VERIFIED)


def facts_of(cards: Collection[PersonCard], day: date | None = None) -> dict[UUID, Facts]:
    """Everything that is judged of people on a day (today), of their year what is kept. Four statements, however many
    people."""
    day = day or clock.today()
    years = credits.compliances([one.id for one in cards], day.year)
    records = records_of(cards, day)
    modules = done_by([one.id for one in cards], day)
    return {
        one.id: Facts(
            records=records[one.id],
            years={day.year: str(years.get(one.id, "unknown"))},
            modules=modules.get(one.id, {}),
        )
        for one in cards
    }


def with_modules(known: Facts, person_id: UUID, day: date | None = None) -> Facts:
    """The same, and what she has done of programmes; two statements."""
    return replace(known, modules=done_by([person_id], day or clock.today()).get(person_id, {}))


def facts_about(person_id: UUID, day: date | None = None) -> Facts:
    """Everything that is judged of one person, her year judged now."""
    card = people.person(person_id)
    if card is None:
        return Facts()
    return with_modules(about(card, day).facts, person_id, day)
