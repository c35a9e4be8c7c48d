"""What is judged of people, gathered: records, trainings that earned credit, licences on the roster, years, modules.

For one person or for many in the same few statements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, bindparam, cast, literal, null, select, union_all

from lms.credits import queries as credits
from lms.kernel import clock
from lms.kernel.db import Json, run
from lms.pathways.models import PersonRecord
from lms.pathways.rules.months import later
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.people.rules import Population

STANDINGS = {"waiting": Standing.SUBMITTED, "verified": Standing.VERIFIED, "rejected": Standing.REJECTED}
CREDIT = "credit"
"""The id of a training that earned credit here: it is no record of its own."""
LICENCE_YEARS = 5
"""Village Doctor Regulation, article 16."""


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
    kept = select(
        cast(PersonRecord.id, String(36)).label("id"), PersonRecord.person_id, PersonRecord.kind, PersonRecord.on_date,
        PersonRecord.until, PersonRecord.state, PersonRecord.fields,
    ).where(PersonRecord.person_id.in_(wanted), PersonRecord.state != "withdrawn")  # fmt: skip
    trained = credits.last_trainings(wanted).subquery("trained").c
    by_credit = select(
        literal(CREDIT), trained.person_id, literal(str(Kind.TRAINING)), trained.on_date,
        cast(null(), PersonRecord.until.type), literal("verified"), cast(null(), Json),
    )  # fmt: skip
    return select(union_all(kept, by_credit).subquery("records"))


def _record(row: Any) -> Record:
    return Record(
        id=row.id if row.id == CREDIT else str(UUID(row.id)),  # SQLite writes an id without its dashes
        kind=Kind(row.kind),
        on=row.on_date,
        until=row.until,
        standing=STANDINGS[row.state],
        fields=row.fields or {},
    )


def _on_the_roster(card: PersonCard) -> Iterable[Record]:
    """The licence that her administrator has entered with her account: the county's own word."""
    if card.population == Population.VILLAGE_DOCTOR and card.licence_until is not None:
        since = card.licence_from or later(card.licence_until, -12 * LICENCE_YEARS)
        yield Record("roster", Kind.VILLAGE_LICENCE, since, card.licence_until, Standing.VERIFIED)


def facts_of(
    cards: Collection[PersonCard], day: date | None = None, years: Mapping[UUID, str] | None = None
) -> dict[UUID, Facts]:
    """Everything that is judged of people on a day (today). `years`: compliance of the day's year, where the caller
    has judged it already; else what is kept of it. Two or three statements, however many people."""
    day = day or clock.today()
    if years is None:
        years = credits.compliances([one.id for one in cards], day.year)
    records = records_of(cards, day)
    return {
        one.id: Facts(records=records[one.id], years={day.year: str(years.get(one.id, "unknown"))})
        for one in cards
    }


def facts_about(person_id: UUID, day: date | None = None) -> Facts:
    """The same of one person, her year judged now."""
    day = day or clock.today()
    card = people.person(person_id)
    if card is None:
        return Facts()
    standing = credits.year_standing(person_id, day.year, card)
    return facts_of([card], day, {person_id: str(standing.compliance) if standing else "unknown"})[person_id]
