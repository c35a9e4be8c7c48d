"""Tables of which each row is a record that an office enters: licences, and results of exams.

A row is judged as the page judges a single one (`records.verifying.enter`): by the same schema, the same exclusion
periods, the same levels. People, what is on record of them, and what is written go a thousand to a statement.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.credits.access import same_institution
from lms.kernel import audit, bulk, clock
from lms.kernel.actor import AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.text import N_, Message
from lms.kernel.uow import unit_of_work
from lms.pathways.county import keeping
from lms.pathways.facts import STANDINGS
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.numbers import opened
from lms.pathways.records.access import area_level
from lms.pathways.records.checking import SAME, fingerprint
from lms.pathways.records.handing_in import cleaned, content_with, row_of
from lms.pathways.records.verifying import COLLEAGUE, OWN, renews
from lms.pathways.rules import verifying
from lms.pathways.rules.checking import Told, barred, faults
from lms.pathways.rules.records import Kind, Record
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.verifying import Turn
from lms.pathways.sheets import columns, telling, undoing
from lms.people import queries as people
from lms.people.batches.kinds import Done, Plan, Step, Tick
from lms.people.notices import licences
from lms.people.queries import PersonCard
from lms.people.rosters import whose
from lms.people.rosters.entries import Entry, flag
from lms.people.rosters.looking import CHUNK
from lms.sheets.columns import Column, Line

TICK = 500
TWICE = N_("第 {lines} 行是同一份：同一个人，类别和日期都一样。只留一行。")
ONE_NUMBER = N_("第 {lines} 行是同一个证书编号，却是不同的人。请照证书核对。")
DEEDS = {"verified": N_("登记，已核实"), "waiting": N_("登记，等上一级核实")}
WAY_BACK = N_("登记的会撤掉，像没有登记过；已经有人核实过或改过的留下。")


@dataclass(frozen=True, slots=True)
class Entering:
    """A record that is to be entered, by an office of this level."""

    card: PersonCard
    told: Told
    turn: Turn
    level: int


@dataclass(frozen=True, slots=True)
class RecordSheet:
    """A kind of batch whose rows are records. `tell`: what a line says."""

    name: str
    title: str
    purpose: str
    columns: Sequence[Column]
    tell: Callable[[Entry], Told | None]
    deeds: Mapping[str, str]
    way_back: str = WAY_BACK
    roles: Sequence[Role] = AUDITORS
    by_house: bool = False
    """An office vouches for a record by its name; the house has none."""

    def plan(self, actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
        """Which records are new; those that are on record already change nothing."""
        found = whose.find(actor, lines, lambda card: area_level(actor, card.authority_path) > 0, hold=hold)
        rows = _judged(actor, found, self.tell)
        there = _on_record({card.id for _, card, _ in rows})
        _flag_twins(rows)
        plan, new = Plan(), dict[int, Step]()
        for number, (entry, card, told) in enumerate(rows):
            step = _step(actor, entry, card, told, there[card.id])
            if step is not None:
                new[entry.line] = step
            if number % TICK == 0:
                tick(number)
        for entry, _ in found:
            if entry.faults:
                plan.faults += entry.faults
            elif entry.line in new:
                plan.steps.append(new[entry.line])
            else:
                plan.same += 1
        return plan

    def apply(self, actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
        """Enter them all."""
        done = list[Done]()
        for start in range(0, len(steps), CHUNK):
            done += _enter(actor, batch_id, steps[start : start + CHUNK])
        return done

    def held(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> Mapping[int, Message]:
        """Which lines stay, and why."""
        return undoing.held(actor, done)

    def take_back(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
        """Withdraw what was entered."""
        undoing.take_back(actor, batch_id, done)


Rows = list[tuple[Entry, PersonCard, Told]]


def _judged(actor: Actor, found: whose.Found, tell: Callable[[Entry], Told | None]) -> Rows:
    """The lines that say something of somebody, judged by what they say themselves."""
    with unit_of_work(write=False):
        mine = people.person(actor.person_id) if actor.person_id else None
    today, rows = clock.today(), []
    for entry, card in found:
        told = tell(entry) if card is not None else None
        if card is None or told is None:
            continue
        if card.id == actor.person_id:
            entry.wrong("name", OWN)
        elif same_institution(mine, card):
            entry.wrong("name", COLLEAGUE)
        told = cleaned(told)
        wrong = {one.column for one in entry.faults}
        for column, said in faults(told, today, words={}, name=card.name).items():
            if column not in wrong:
                entry.wrong(column, said)
        if told.on is not None:
            rows.append((entry, card, told))
    return rows


def _flag_twins(rows: Rows) -> None:
    """Flag lines that say the same thing of somebody, and one number that several people are to have."""
    things, numbers = defaultdict[Any, list[Entry]](list), defaultdict[Any, dict[UUID, list[Entry]]](dict)
    for entry, card, told in rows:
        things[card.id, fingerprint(told)].append(entry)
        if told.number:
            numbers[told.kind, told.number].setdefault(card.id, []).append(entry)
    for group in things.values():
        flag(group, "on", TWICE)
    for holders in numbers.values():
        if len(holders) > 1:
            entries = [entry for group in holders.values() for entry in group]
            flag(sorted(entries, key=lambda entry: entry.line), "number", ONE_NUMBER)


@dataclass(slots=True)
class OnRecord:
    """What is known of somebody: bans, and records by what they are."""

    bans: list[Record]
    things: dict[str, Any]


def _on_record(person_ids: Collection[UUID]) -> Mapping[UUID, OnRecord]:
    found = defaultdict[UUID, OnRecord](lambda: OnRecord([], {}))
    wanted = list(person_ids)
    for start in range(0, len(wanted), CHUNK):
        query = select(
            PersonRecord.id, PersonRecord.person_id, PersonRecord.kind, PersonRecord.on_date, PersonRecord.until,
            PersonRecord.state, PersonRecord.fields, PersonRecord.number_sealed, PersonRecord.fingerprint,
            PersonRecord.told_by,
        ).where(
            PersonRecord.person_id.in_(wanted[start : start + CHUNK]), PersonRecord.state != "withdrawn"
        )  # fmt: skip
        with unit_of_work(write=False):
            for row in session().execute(query):
                hers = found[row.person_id]
                if row.fingerprint:
                    hers.things[row.fingerprint] = row
                if row.kind == Kind.BAN:
                    standing = STANDINGS[row.state]
                    hers.bans.append(Record(str(row.id), Kind.BAN, row.on_date, row.until, standing))
    return found


def _step(actor: Actor, entry: Entry, card: PersonCard, told: Told, there: OnRecord) -> Step | None:
    """What a line without a fault comes to; None where all of it is on record."""
    if entry.faults:
        return None
    why = barred(told, tuple(there.bans))
    if why is not None:
        entry.wrong("on", why)
        return None
    other = there.things.get(fingerprint(told))
    if other is not None:
        if not _says_the_same(other, told):
            entry.wrong("on", SAME)
        return None
    level = area_level(actor, card.authority_path)
    turn = verifying.entered(SCHEMAS[told.kind].levels, level, str(actor.person_id))
    said = (card.id, told.kind, told.on, told.until, sorted(told.fields.items()), told.number, turn)
    mark = sha256(repr(said).encode()).hexdigest()
    return Step(entry.line, turn.state, card.name, (), mark, Entering(card, told, turn, level))


def _says_the_same(row: Any, told: Told) -> bool:
    """Whether nothing is left to do: it stands, or waits for a higher level, with the same words."""
    stands = row.state == "verified" or (row.state == "waiting" and row.told_by is not None)
    words = (row.until, row.fields, opened(row.number_sealed))
    return bool(stands and words == (told.until, dict(told.fields), told.number))


def _enter(actor: Actor, batch_id: UUID, steps: Iterable[Step]) -> list[Done]:
    records, history, done = bulk.Rows(PersonRecord), bulk.Rows(RecordStep), list[Done]()
    deeds, renewed = dict[object, Mapping[str, Any]](), set[UUID]()
    for step in steps:
        one: Entering = step.plan
        record_id = new_id()
        records.add(row_of(one.card, record_id, one.told, one.turn, actor.person_id))
        history.add(
            {
                "id": new_id(), "record_id": record_id, "action": "entered", "level": one.level,
                "by": actor.person_id, "by_name": actor.name, "reason": "", "content": content_with(one.told, ()),
                "at": clock.now(),
            }
        )  # fmt: skip
        deeds[record_id] = {"kind": str(one.told.kind), "level": one.level, "batch": str(batch_id)}
        done.append(Done(step.line, step.did, one.card.id, {"record": str(record_id)}))
        if renews(one.told.kind, one.turn.state, one.told.until):
            renewed.add(one.card.id)
    records.write()
    history.write()
    audit.record_all(actor, "record.entered", "record", deeds)
    keeping.changed(*dict.fromkeys(one.person_id for one in done))
    if renewed:
        licences.all_renewed(list(renewed))
    return done


LICENCES = RecordSheet(
    "licences", N_("登记证书"), N_("乡村医生执业证书、医师资格证书、医师执业证书，每行一份，登记就是核实。"),
    columns.LICENCES, telling.licence, DEEDS,
)  # fmt: skip
EXAM_RESULTS = RecordSheet(
    "exam_results", N_("登记考试成绩"), N_("医师资格考试的实践技能和医学综合，每行一个人的一门。"),
    columns.EXAM_RESULTS, telling.exam_result, DEEDS,
)  # fmt: skip
