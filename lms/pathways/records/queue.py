"""The verifiers' queue, and one record with everything that speaks for or against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from lms.credits.claims.access import RANKS
from lms.kernel.access import require_in_place
from lms.kernel.actor import AUDITORS, CLAIM_AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import Message, folded
from lms.organisations.queries import under
from lms.pathways.models import PersonRecord, RecordFile, RecordStep
from lms.pathways.records.access import UNIT_KINDS, area_level, decider_of, record_to_verify, turn_of
from lms.pathways.records.history import papers_of, steps_of
from lms.pathways.records.words import STATES
from lms.pathways.rules import verifying
from lms.pathways.rules.records import Kind
from lms.pathways.rules.verifying import SHOWN, UNIT
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST = 10_000
MOST_FOUND = 20
MOST_NEXT = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; `mine`: only what waits for her level."""

    state: str = "waiting"
    kind: str = ""
    text: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One record in the queue."""

    id: UUID
    name: str
    workplace_name: str
    kind: Kind
    on_date: date
    handed_in_at: datetime
    state: str
    waiting: int
    entered: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, oldest first, and how many records are in each state under the same filters."""

    page: Page[QueueRow]
    counts: dict[str, int]
    filters: Filters


@dataclass(frozen=True, slots=True)
class Examined:
    """One record before a verifier. `twins`: how many other records show the same file."""

    record: PersonRecord
    card: PersonCard
    papers: tuple[RecordFile, ...]
    steps: tuple[RecordStep, ...]
    twins: int
    hindrance: Message | None
    actions: tuple[str, ...]


def queue(actor: Actor, filters: Filters, number: int) -> Queue:
    """The records where she verifies; NotFound if she does nowhere. Three statements."""
    require_in_place(bool(actor.paths(*CLAIM_AUDITORS)))
    conditions = _conditions(actor, filters)
    counts = _counts(conditions)
    found = list(
        session().scalars(
            select(PersonRecord)
            .where(*conditions, PersonRecord.state == filters.state)
            .order_by(PersonRecord.handed_in_at, PersonRecord.id)
            .offset((min(number, MOST // SIZE) - 1) * SIZE)
            .limit(SIZE)
        )
    )
    cards = people.cards({one.person_id for one in found})
    rows = [_row(actor, one, cards[one.person_id]) for one in found]
    return Queue(Page(rows, number, counts[filters.state]), counts, filters)


def waiting_count(actor: Actor) -> Select[Any]:
    """SQL: how many the queue of what waits for her shows."""
    hers = [*_conditions(actor, Filters(mine=True)), PersonRecord.state == "waiting"]
    found = select(PersonRecord.id).where(*hers).limit(MOST).subquery()
    return select(func.count().label("waiting")).select_from(found)


def _row(actor: Actor, record: PersonRecord, card: PersonCard) -> QueueRow:
    return QueueRow(
        id=record.id,
        name=card.name,
        workplace_name=card.workplace_name,
        kind=Kind(record.kind),
        on_date=record.on_date,
        handed_in_at=record.handed_in_at,
        state=record.state,
        waiting=record.waiting,
        entered=record.told_by is not None,
        own=record.person_id == actor.person_id,
    )


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """SQL: the record lies where she verifies; of the empty path, which no place has, nothing does."""
    areas, units = actor.paths(*RANKS), actor.paths(Role.UNIT_AUDITOR)
    of_units = and_(PersonRecord.kind.in_(UNIT_KINDS), under(PersonRecord.unit_path, units))
    there = or_(under(PersonRecord.authority_path, areas), of_units)
    return and_(PersonRecord.state.in_(SHOWN), there)


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found = [_in_scope(actor)]
    if filters.kind:
        found.append(PersonRecord.kind == filters.kind)
    if filters.mine:
        found += [PersonRecord.person_id != actor.person_id, _my_turn(actor)]
    for word in folded(filters.text).split():
        found.append(PersonRecord.search_text.contains(word, autoescape=True))
    return found


def _my_turn(actor: Actor) -> ColumnElement[bool]:
    """SQL: it waits for a level that is hers there."""
    turns = [
        and_(PersonRecord.waiting == rank, under(PersonRecord.authority_path, actor.paths(role)))
        for role, rank in RANKS.items()
        if actor.paths(role)
    ]
    units = actor.paths(Role.UNIT_AUDITOR)
    if units:
        turns.append(and_(PersonRecord.waiting == UNIT, under(PersonRecord.unit_path, units)))
    return or_(*turns) if turns else false()


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(
            select(PersonRecord.id).where(*conditions, PersonRecord.state == state).limit(MOST).subquery()
        )
        .scalar_subquery()
        .label(state)
        for state in STATES
    ]
    return dict(session().execute(select(*columns)).one()._mapping)


def next_waiting(actor: Actor, after: UUID) -> UUID | None:
    """The next record that waits for her and that she may decide on, oldest first; None where none of the first
    MOST_NEXT is."""
    conditions = [
        _in_scope(actor), PersonRecord.state == "waiting", PersonRecord.person_id != actor.person_id, _my_turn(actor)
    ]  # fmt: skip
    records = list(
        session().scalars(
            select(PersonRecord)
            .where(*conditions, PersonRecord.id != after)
            .order_by(PersonRecord.handed_in_at, PersonRecord.id)
            .limit(MOST_NEXT)
        )
    )
    cards = people.cards({one.person_id for one in records} | ({actor.person_id} if actor.person_id else set()))
    free = (one.id for one in records if verifying.hindrance(turn_of(one), decider_of(actor, one, cards)) is None)
    return next(free, None)


def examine(actor: Actor, record_id: UUID) -> Examined:
    """A record where she verifies; NotFound for any other."""
    record = record_to_verify(actor, record_id)
    cards = people.cards({record.person_id} | ({actor.person_id} if actor.person_id else set()))
    turn = turn_of(record)
    why = verifying.hindrance(turn, decider_of(actor, record, cards))
    papers = papers_of(record_id)
    return Examined(
        record=record,
        card=cards[record.person_id],
        papers=papers,
        steps=steps_of(record_id),
        twins=_twins(record_id, papers) if papers else 0,
        hindrance=why,
        actions=() if why else verifying.actions(turn),
    )


def _twins(record_id: UUID, papers: Sequence[RecordFile]) -> int:
    """How many other records, anybody's, have a file of these: by what is kept, or by what was chosen on a phone."""
    same = or_(
        RecordFile.sha.in_([one.sha for one in papers]), RecordFile.chosen_sha.in_([one.chosen_sha for one in papers])
    )
    found = (
        select(func.count(func.distinct(RecordFile.record_id)))
        .join(PersonRecord, PersonRecord.id == RecordFile.record_id)
        .where(
            same, RecordFile.removed_at.is_(None), RecordFile.record_id != record_id, PersonRecord.state.in_(SHOWN)
        )
    )
    return session().scalar(found) or 0


def people_found(actor: Actor, text: str) -> list[PersonCard]:
    """People whom she audits by office, by name: for whom something may be entered; NotFound if she audits nowhere."""
    paths = actor.paths(*AUDITORS)
    require_in_place(bool(paths))
    if not folded(text):
        return []
    found = {one.id: one for path in paths for one in people.working_below(path, text, MOST_FOUND)}
    others = (one for one in found.values() if one.id != actor.person_id)
    return [one for one in others if area_level(actor, one.authority_path)][:MOST_FOUND]
