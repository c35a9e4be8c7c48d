"""What an import would do, row by row, without doing it: who it is, by which rules, what is there already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.credits import policies
from lms.credits.history_import.deciding import Source, decider, recomputed
from lms.credits.history_import.models import HistoryRow
from lms.credits.history_import.rows import NAMES, NEEDED, History, read_rows
from lms.credits.models import Activity
from lms.credits.rules.facts import Fact, RefusedError
from lms.credits.rules.judging import Judgement
from lms.credits.rules.policy import Policy, Status
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.quantities import to_milli
from lms.kernel.text import Message, folded, msg
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.sheets.incoming.tables import Fault, Incoming, UnreadableFileError, read_table

MOST_ROWS = 10_000
BATCH = 400


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that would be imported, and what it would bring; `claimed`: what its source gave."""

    row: History
    person: PersonCard
    judgement: Judgement

    @property
    def claimed(self) -> Decimal | None:
        return self.row.credits

    @property
    def recomputed(self) -> bool:
        return recomputed(self.judgement)

    @property
    def differs(self) -> bool:
        """Whether the rules come to something else than the source says."""
        return self.recomputed and self.claimed is not None and self.claimed != self.judgement.awarded


@dataclass(slots=True)
class Rehearsal:
    """Every row of the file is in exactly one of: ready, known (imported before), duplicates, faults."""

    encoding: str
    ready: list[Ready] = field(default_factory=list)
    known: list[tuple[int, str]] = field(default_factory=list)
    duplicates: list[tuple[int, Message]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """As JSON: counts of rows."""
        kinds = Counter("stated" if not one.recomputed else "differs" if one.differs else "same" for one in self.ready)
        return {
            "encoding": self.encoding,
            "new": len(self.ready),
            "known": len(self.known),
            "duplicates": len(self.duplicates),
            "faulty_rows": len({one.line for one in self.faults}),
            "faults": len(self.faults),
            "stated": kinds["stated"],
            "differs": kinds["differs"],
            "nothing": sum(not one.judgement.awarded for one in self.ready),
        }


def rehearse(actor: Actor, system: str, data: bytes, named: Mapping[str, str]) -> Rehearsal:
    """Read a file and say what importing it would do; `named`: what else headings are called, as `headings` gives it.
    Raises Invalid for what is no table."""
    meant = set(named.values())
    names = {heading: name for heading, name in NAMES.items() if name not in meant} | dict(named)
    try:
        table = read_table(data, names, NEEDED, typed=True)
    except UnreadableFileError as error:
        raise Invalid(fields={"file": error.message}) from error
    if len(table.rows) > MOST_ROWS:
        raise Invalid(fields={"file": msg("一个文件最多 {most} 行，请分成几个。", most=MOST_ROWS)})
    return _checked(actor, system, table)


def _checked(actor: Actor, system: str, table: Incoming) -> Rehearsal:
    rows, faults = read_rows(table.rows, clock.today())
    found = Rehearsal(table.encoding, faults=[*table.faults, *faults])
    ids = _people(actor, rows)
    cards = people.cards(ids.values())
    known, done = _known(system, rows), _done(list(cards))
    seen: dict[str, int] = {}
    for row in rows:
        person = cards.get(ids.get(row.id_number, UUID(int=0)))
        if row.source_id in seen:
            said = msg("第 {line} 行已经用了这个来源编号。", line=seen[row.source_id])
            found.faults.append(Fault(row.line, "source_id", said))
        elif row.source_id in known:
            found.known.append((row.line, row.source_id))
        else:
            _one(found, system, row, person, actor, done)
        seen.setdefault(row.source_id, row.line)
    found.faults.sort(key=lambda fault: fault.line)
    return found


def _one(
    found: Rehearsal, system: str, row: History, person: PersonCard | None, actor: Actor, done: set[tuple[object, ...]]
) -> None:
    fault = _person_fault(row, person, actor)
    if fault is not None or person is None:
        found.faults.append(fault or Fault(row.line, "id_number", msg("您管的范围里没有登记过这个号码。")))
        return
    policy = policy_for(person, row.on.year)
    if policy is None:
        found.faults.append(Fault(row.line, "date", msg("{year} 年没有规则集，不能登记。", year=row.on.year)))
        return
    try:
        judgement = judged(row, system, person, policy)
    except RefusedError as error:
        column = {"choice": "kind"}.get(error.field, error.field)
        found.faults.append(Fault(row.line, column, error.message))
        return
    marks = _marks(person.id, row)
    if marks & done:
        found.duplicates.append((row.line, msg("这个人同一天已有同类活动，或者这个项目这一年已经记过。")))
        return
    done |= marks
    found.ready.append(Ready(row, person, judgement))


def _person_fault(row: History, person: PersonCard | None, actor: Actor) -> Fault | None:
    if person is None:
        return Fault(row.line, "id_number", msg("您管的范围里没有登记过这个号码。"))
    if folded(person.name) != folded(row.name):
        return Fault(row.line, "name", msg("姓名和登记的不一样。"))
    if person.id == actor.person_id:
        return Fault(row.line, "id_number", msg("自己的活动要请别的管理员登记。"))
    if not person.authority_path:
        return Fault(row.line, "id_number", msg("这位医生还没有任职记录，不知道由哪里审核。请先登记任职。"))
    return None


def policy_for(person: PersonCard, year: int) -> Policy | None:
    """The rules of a year: those in force, else the nation's old ones that speak of it."""
    governing = policies.for_person(policies.person_of(person), year)
    if governing is not None:
        return governing
    old = [
        known.policy
        for known in policies.library()
        if known.policy.status is Status.HISTORY
        and known.policy.jurisdiction == policies.NATION
        and known.policy.speaks_of(year)
    ]
    return max(old, key=lambda policy: policy.first_year, default=None)


def judged(row: History, system: str, person: PersonCard, policy: Policy) -> Judgement:
    """What a row would bring if it were the first of its year; raises RefusedError."""
    fact = Fact(
        id=row.source_id, kind=row.kind, activity=row.project_number or None, project=row.project_number or None,
        date=row.on, quantity=row.quantity if row.quantity is not None else Decimal(1), unit=row.unit or "items",
        hours=row.hours, role=row.role, assessed=row.assessed, recorded_on=clock.today(),
    )  # fmt: skip
    return decider(row, Source(system, row.source_id))(policy, policies.person_of(person), fact, row.on.year, ())


def _people(actor: Actor, rows: Sequence[History]) -> dict[str, UUID]:
    numbers = sorted({row.id_number for row in rows})
    found: dict[str, UUID] = {}
    for start in range(0, len(numbers), BATCH):
        found |= people.by_id_numbers(actor, numbers[start : start + BATCH])
    return found


def _known(system: str, rows: Sequence[History]) -> set[str]:
    ids = sorted({row.source_id for row in rows})
    found: set[str] = set()
    for start in range(0, len(ids), BATCH):
        found |= set(
            session().scalars(
                select(HistoryRow.source_id).where(
                    HistoryRow.system == system, HistoryRow.live, HistoryRow.source_id.in_(ids[start : start + BATCH])
                )
            )
        )
    return found


def _done(persons: Sequence[UUID]) -> set[tuple[object, ...]]:
    """What is recorded of these people already, as marks."""
    found: set[tuple[object, ...]] = set()
    for start in range(0, len(persons), BATCH):
        rows = session().execute(
            select(
                Activity.person_id, Activity.activity_code, Activity.on_date, Activity.kind, Activity.quantity_milli
            ).where(Activity.person_id.in_(persons[start : start + BATCH]), ~taken_back())
        )
        for row in rows:
            found.add((row.person_id, row.on_date, row.kind, row.quantity_milli))
            if row.activity_code:
                found.add((row.person_id, row.activity_code, row.on_date.year))
    return found


def taken_back() -> Any:
    """SQL: the activity came with an import that was taken back."""
    return (
        select(HistoryRow.activity_id)
        .where(HistoryRow.activity_id == Activity.id, HistoryRow.state == "undone")
        .correlate(Activity)
        .exists()
    )


def _marks(person_id: UUID, row: History) -> set[tuple[object, ...]]:
    """By what a row is found again: project and year; day, kind and quantity."""
    quantity = to_milli(row.quantity if row.quantity is not None else Decimal(1))
    found: set[tuple[object, ...]] = {(person_id, row.on, row.kind, quantity)}
    if row.project_number:
        found.add((person_id, row.project_number, row.on.year))
    return found


