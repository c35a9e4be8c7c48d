"""Sums of practice: by kind for the doctor, by module for who judges programmes. Nothing withdrawn is in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.teaching import rules
from lms.teaching.models import PracticeEntry, Rotation

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """Practice of one kind (or of all): what is signed, and what is not yet (waiting or returned)."""

    kind: str
    hours_signed: Decimal = NONE
    cases_signed: int = 0
    hours_waiting: Decimal = NONE
    cases_waiting: int = 0

    def plus(self, other: "KindTotal") -> "KindTotal":
        return KindTotal(
            self.kind, self.hours_signed + other.hours_signed, self.cases_signed + other.cases_signed,
            self.hours_waiting + other.hours_waiting, self.cases_waiting + other.cases_waiting,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Totals:
    """A person's practice: this month and in all, each as a sum and by kind (kinds without any left out)."""

    month: KindTotal
    month_kinds: Sequence[KindTotal]
    all: KindTotal
    all_kinds: Sequence[KindTotal]

    @property
    def rows(self) -> Sequence[tuple[KindTotal, KindTotal]]:
        """Each kind there is: this month (perhaps nothing), and in all."""
        month = {one.kind: one for one in self.month_kinds}
        return [(month.get(one.kind, KindTotal(one.kind)), one) for one in self.all_kinds]


@dataclass(frozen=True, slots=True)
class ModuleDone:
    """What somebody has done of a module. `passed`: days of rotations that are signed off with a passed assessment,
    `failed`: with a failed one, `planned`: those not signed off (returned ones too). Hours and cases are those of
    entries in rotations that are neither cancelled nor failed: signed, and not signed yet."""

    passed: tuple[rules.Span, ...] = ()
    failed: tuple[rules.Span, ...] = ()
    planned: tuple[rules.Span, ...] = ()
    hours_signed: Decimal = NONE
    cases_signed: int = 0
    hours_waiting: Decimal = NONE
    cases_waiting: int = 0


Modules = dict[UUID, dict[tuple[str, str], ModuleDone]]


def totals(person_id: UUID) -> Totals:
    """The sums of one person's log; one statement."""
    this_month = PracticeEntry.on_date >= _first_of_month(clock.today())
    month = case((this_month, 1), else_=0)
    rows = session().execute(
        select(PracticeEntry.kind, month.label("month"), *_sums())
        .where(PracticeEntry.person_id == person_id, PracticeEntry.state != rules.WITHDRAWN)
        .group_by(PracticeEntry.kind, month)
    ).all()
    return Totals(*_by_kind(row for row in rows if row.month), *_by_kind(rows))


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _sums() -> tuple[Any, ...]:
    """SQL: thousandths of hours and cases, signed and not."""
    signed = PracticeEntry.state == rules.SIGNED
    return tuple(
        func.coalesce(func.sum(case((condition, column), else_=0)), 0).label(name)
        for name, condition, column in (
            ("hours_signed", signed, PracticeEntry.hours_milli),
            ("cases_signed", signed, PracticeEntry.cases),
            ("hours_waiting", ~signed, PracticeEntry.hours_milli),
            ("cases_waiting", ~signed, PracticeEntry.cases),
        )
    )


def _total(kind: str, row: Any) -> KindTotal:
    return KindTotal(
        kind, from_milli(int(row.hours_signed)), int(row.cases_signed), from_milli(int(row.hours_waiting)),
        int(row.cases_waiting),
    )  # fmt: skip


def _by_kind(rows: Any) -> tuple[KindTotal, list[KindTotal]]:
    kinds: dict[str, KindTotal] = {}
    for row in rows:
        kinds[row.kind] = kinds.get(row.kind, KindTotal(row.kind)).plus(_total(row.kind, row))
    ordered = [kinds[str(kind)] for kind in rules.Kind if str(kind) in kinds]
    whole = KindTotal("")
    for one in ordered:
        whole = whole.plus(one)
    return whole, ordered


def module_totals(person_ids: Collection[UUID]) -> Mapping[UUID, Mapping[tuple[str, str], ModuleDone]]:
    """What several people have done, by (programme, module); people without a rotation are left out. At the
    most two statements for however many."""
    rotations = session().execute(
        select(Rotation.id, Rotation.person_id, Rotation.programme, Rotation.module, Rotation.starts_on,
               Rotation.ends_on, Rotation.state, Rotation.exam)
        .where(Rotation.person_id.in_(person_ids), Rotation.state != rules.CANCELLED)
        .order_by(Rotation.starts_on, Rotation.id)
    ).all()  # fmt: skip
    if not rotations:
        return {}
    practised = session().execute(
        select(PracticeEntry.rotation_id, *_sums())
        .where(
            PracticeEntry.person_id.in_(person_ids),
            PracticeEntry.rotation_id.is_not(None),
            PracticeEntry.state != rules.WITHDRAWN,
        )
        .group_by(PracticeEntry.rotation_id)
    )
    sums = {row.rotation_id: _total("", row) for row in practised}
    found: Modules = {}
    for row in rotations:
        modules, key = found.setdefault(row.person_id, {}), (row.programme, row.module)
        modules[key] = _with(modules.get(key, ModuleDone()), row, sums.get(row.id, KindTotal("")))
    return found


def _with(done: ModuleDone, row: Any, sums: KindTotal) -> ModuleDone:
    """What is done, with one rotation more."""
    span = (rules.Span(row.starts_on, row.ends_on),)
    if row.exam == "fail":
        return replace(done, failed=done.failed + span)
    done = replace(
        done,
        hours_signed=done.hours_signed + sums.hours_signed,
        cases_signed=done.cases_signed + sums.cases_signed,
        hours_waiting=done.hours_waiting + sums.hours_waiting,
        cases_waiting=done.cases_waiting + sums.cases_waiting,
    )
    if row.exam == "pass":
        return replace(done, passed=done.passed + span)
    return replace(done, planned=done.planned + span)


def rotation_sums(rotation_id: UUID) -> KindTotal:
    """What was practised in one rotation; one statement."""
    row = session().execute(
        select(*_sums()).where(PracticeEntry.rotation_id == rotation_id, PracticeEntry.state != rules.WITHDRAWN)
    ).one()
    return _total("", row)
