"""The doctor's log, and what waits for a supervisor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people import queries as people
from lms.people.queries import Holder, PersonCard
from lms.teaching import rules
from lms.teaching.access import is_teacher, own_entry, places_of, supervisors_around
from lms.teaching.models import PracticeEntry, PracticeStep, Rotation
from lms.teaching.queries.rotations import RotationCard, rotations_of
from lms.teaching.steps import Step, steps_of_entry

MOST_WAITING = 200
"""Entries that a supervisor's page shows at once, the oldest first."""


@dataclass(frozen=True, slots=True)
class EntryCard:
    """An entry as its doctor and its supervisor see it. `reason`: why it was returned, while it is."""

    id: UUID
    person_id: UUID
    on_date: date
    kind: str
    place_id: UUID
    place: Mapping[str, str]
    supervisor_id: UUID
    supervisor_name: str
    rotation_id: UUID | None
    rotation: Mapping[str, str] | None
    hours: Decimal | None
    cases: int | None
    note: str
    state: str
    version: int
    entered_at: datetime
    signed_at: datetime | None
    reason: str = ""

    @property
    def editable(self) -> bool:
        return self.state in rules.EDITABLE


@dataclass(frozen=True, slots=True)
class Desk:
    """What the form of an entry offers, and the entry before, whose choices it begins with. `alone`: nobody else in her
    county may sign, only she herself, for others; `rotated`: a rotation was planned for her at some time."""

    person: PersonCard
    places: Mapping[UUID, OrganisationCard]
    supervisors: Mapping[UUID, Holder]
    rotations: Sequence[RotationCard]
    last: EntryCard | None
    alone: bool = False
    rotated: bool = False

    def lost(self, entry: EntryCard) -> bool:
        """Whether an entry waits for somebody whom she could not name any more, and she could name another one."""
        return entry.state == rules.WAITING and bool(self.supervisors) and entry.supervisor_id not in self.supervisors


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """Somebody whose entries wait for a supervisor, the oldest first."""

    person_id: UUID
    name: str
    workplace_name: str
    entries: Sequence[EntryCard]


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """An entry and whose it is."""

    card: EntryCard
    person_name: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a supervisor, by person; `more`: how many entries are not shown. `may_sign`: whether he
    is a supervisor today; whoever was one gives them back."""

    people: Sequence[WaitingPerson]
    total: int
    more: int
    may_sign: bool = True


def _cards() -> Select[Any]:
    place, supervisor = organisations.table("place"), people.names("supervisor")
    last = (
        select(PracticeStep.reason)
        .where(PracticeStep.entry_id == PracticeEntry.id, PracticeStep.action == "returned")
        .order_by(PracticeStep.at.desc(), PracticeStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            PracticeEntry.__table__,
            place.c.name.label("place_name"),
            place.c.name_en.label("place_name_en"),
            supervisor.c.name.label("supervisor_name"),
            Rotation.titles,
            case((PracticeEntry.state == rules.RETURNED, last), else_="").label("reason"),
        )
        .join(place, place.c.id == PracticeEntry.place_id)
        .join(supervisor, supervisor.c.id == PracticeEntry.supervisor_id)
        .outerjoin(Rotation, Rotation.id == PracticeEntry.rotation_id)
    )


def _card(row: Any) -> EntryCard:
    return EntryCard(
        id=row.id, person_id=row.person_id, on_date=row.on_date, kind=row.kind, place_id=row.place_id,
        place={"zh": row.place_name, "en": row.place_name_en}, supervisor_id=row.supervisor_id,
        supervisor_name=row.supervisor_name, rotation_id=row.rotation_id, rotation=row.titles,
        hours=None if row.hours_milli is None else from_milli(row.hours_milli), cases=row.cases, note=row.note,
        state=row.state, version=row.version, entered_at=row.entered_at, signed_at=row.signed_at,
        reason=row.reason or "",
    )  # fmt: skip


_FIRST = case((PracticeEntry.state == rules.RETURNED, 0), else_=1)
_NEWEST = (PracticeEntry.on_date.desc(), PracticeEntry.entered_at.desc(), PracticeEntry.id)


def entries_of(actor: Actor, number: int = 1) -> Page[EntryCard]:
    """One page of one's own entries: what came back first, then the newest days; withdrawn ones are left out."""
    mine = and_(PracticeEntry.person_id == actor.person_id, PracticeEntry.state != rules.WITHDRAWN)
    total = session().scalar(select(func.count()).select_from(PracticeEntry).where(mine)) or 0
    rows = session().execute(
        _cards().where(mine).order_by(_FIRST, *_NEWEST).limit(SIZE).offset((number - 1) * SIZE)
    )
    return Page([_card(row) for row in rows], number, total)


def entry_card(actor: Actor, entry_id: UUID) -> tuple[EntryCard, list[Step]]:
    """One entry of one's own with its history; NotFound for anybody else's."""
    own_entry(actor, entry_id)
    row = session().execute(_cards().where(PracticeEntry.id == entry_id)).one()
    return _card(row), steps_of_entry(entry_id)


def desk(actor: Actor) -> Desk:
    """What the form of an entry offers to this person."""
    person_id = require_found(actor.person_id)
    card = require_found(people.person(person_id))
    row = session().execute(
        _cards()
        .where(PracticeEntry.person_id == person_id, PracticeEntry.state != rules.WITHDRAWN)
        .order_by(PracticeEntry.entered_at.desc(), PracticeEntry.id)
        .limit(1)
    ).first()
    planned = [one for one in rotations_of([person_id]).get(person_id, ()) if one.state != rules.CANCELLED]
    rotations = [one for one in planned if one.state in rules.OPEN]
    supervisors, alone = supervisors_around(card)
    return Desk(card, places_of(card), supervisors, rotations, _card(row) if row else None, alone, bool(planned))


def waiting_count(actor: Actor) -> Select[Any]:
    """SQL: how many entries wait for this supervisor."""
    return select(func.count().label("waiting")).select_from(PracticeEntry).where(_waits_for(actor))


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    return and_(PracticeEntry.supervisor_id == actor.person_id, PracticeEntry.state == rules.WAITING)


def anything_waits(actor: Actor) -> bool:
    """Whether an entry or a rotation waits for this person, who may have been its supervisor once."""
    rotations = select(Rotation.id).where(
        Rotation.supervisor_id == actor.person_id, Rotation.state == rules.PLANNED
    )
    entries = select(PracticeEntry.id).where(_waits_for(actor))
    return bool(session().scalar(select(or_(entries.exists(), rotations.exists()))))


def waiting_for(actor: Actor) -> Waiting:
    """What waits for this supervisor, by person; four statements for however many."""
    his = _waits_for(actor)
    total = session().scalar(waiting_count(actor)) or 0
    order = (PracticeEntry.on_date, PracticeEntry.entered_at, PracticeEntry.id)
    found = [_card(row) for row in session().execute(_cards().where(his).order_by(*order).limit(MOST_WAITING))]
    cards = people.cards({one.person_id for one in found})
    by_person: dict[UUID, list[EntryCard]] = {}
    for one in found:
        by_person.setdefault(one.person_id, []).append(one)
    grouped = [
        WaitingPerson(person_id, cards[person_id].name, cards[person_id].workplace_name, entries)
        for person_id, entries in by_person.items()
    ]
    return Waiting(grouped, total, total - len(found), is_teacher(actor))


def entry_to_sign(actor: Actor, entry_id: UUID) -> NamedEntry:
    """An entry that names this supervisor, with the name of its person; NotFound for any other, and once it is
    withdrawn."""
    who = people.names("learner")
    his = and_(
        PracticeEntry.id == entry_id,
        PracticeEntry.supervisor_id == actor.person_id,
        PracticeEntry.state != rules.WITHDRAWN,
    )
    query = _cards().add_columns(who.c.name.label("learner_name")).join(who, who.c.id == PracticeEntry.person_id)
    row = require_found(session().execute(query.where(his)).one_or_none())
    return NamedEntry(_card(row), row.learner_name)
