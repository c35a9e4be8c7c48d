"""Programmes made of modules: how much of each, in which unit, and whether that is done. Pure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.grounds import Grounds, Words
from lms.kernel.text import N_
from lms.pathways.rules.records import Done, Facts, Kind
from lms.pathways.rules.shapes import Held, Wanted
from lms.pathways.rules.states import Judged, State


class Unit(StrEnum):
    """What a module is measured in; CREDITS: those of the programme itself, as its supervisors sign them."""

    HOURS = "hours"
    WEEKS = "weeks"
    MONTHS = "months"
    CREDITS = "credits"
    CASES = "cases"


UNIT_NAMES = {
    Unit.HOURS: N_("学时"),
    Unit.WEEKS: N_("周"),
    Unit.MONTHS: N_("个月"),
    Unit.CREDITS: N_("学分"),
    Unit.CASES: N_("例"),
}


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a programme. `within`: the module it is a named part of; what is done of the part counts for the
    whole too. `rotation`: it is spent at a site, with a supervisor who signs its end."""

    code: str
    title: Words
    amount: Decimal
    unit: Unit
    grounds: Grounds
    rotation: bool = False
    exemptible: bool = False
    within: str | None = None


@dataclass(frozen=True, slots=True)
class ModuleState:
    """How a module stands. `exempt`: prior experience stands for it, verified."""

    module: Module
    state: State
    done: Done
    exempt: bool = False

    @property
    def lacking(self) -> Decimal:
        """What is not signed yet, in the module's unit."""
        return Decimal(0) if self.exempt else max(self.module.amount - self.done.signed, Decimal(0))


@dataclass(frozen=True, slots=True)
class Modules:
    """All modules of a programme. `programme`: its pathway's id."""

    programme: str
    modules: tuple[Module, ...] = field(default=())

    def states(self, facts: Facts, day: date) -> tuple[ModuleState, ...]:
        """Each module of the day."""
        return tuple(self._state(one, facts, day) for one in self.modules if one.grounds.hold_on(day))

    def _state(self, module: Module, facts: Facts, day: date) -> ModuleState:
        parts = [one.code for one in self.modules if one.within == module.code]
        found = [facts.modules.get((self.programme, code), Done()) for code in (module.code, *parts)]
        done = Done(sum((one.signed for one in found), Decimal(0)), sum((one.waiting for one in found), Decimal(0)))
        excused = Judged(State.MISSING)
        if module.exemptible:
            where = {"programme": (self.programme,), "module": (module.code,)}
            excused = Held(Wanted(Kind.EXEMPTION, where)).judge(facts, day)
        if excused.state is State.VERIFIED or done.signed >= module.amount:
            return ModuleState(module, State.VERIFIED, done, excused.state is State.VERIFIED)
        waits = excused.state is State.SUBMITTED or done.signed + done.waiting >= module.amount
        return ModuleState(module, State.SUBMITTED if waits else State.MISSING, done)

    def judge(self, facts: Facts, day: date) -> Judged:
        states = {one.state for one in self.states(facts, day)}
        if states <= {State.VERIFIED}:
            return Judged(State.VERIFIED)
        return Judged(State.SUBMITTED if State.MISSING not in states else State.MISSING)

    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.EXEMPTION,)
