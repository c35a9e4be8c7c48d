"""What a year requires of a person: the policy's minima, her unit's where they are higher, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lms.credits.rules.absences import excused
from lms.credits.rules.because import NOTHING, Reason, said
from lms.credits.rules.facts import OwnMinimum, Person
from lms.credits.rules.policy import Category, Measure, Policy, Share


@dataclass(frozen=True, slots=True)
class Minimum:
    """What is needed of credits or hours, and whose minimum that is: the policy's or the unit's."""

    measure: Measure
    need: Decimal | None
    by_unit: bool


@dataclass(frozen=True, slots=True)
class Needs:
    """What a year requires; `reasons` say why it is not simply what the policy says."""

    minima: tuple[Minimum, ...]
    categories: frozenset[str]
    shares: tuple[Share, ...]
    reasons: tuple[Reason, ...] = ()

    def of(self, measure: Measure) -> Decimal | None:
        """The minimum of credits or hours; None where there is none."""
        return next(one.need for one in self.minima if one.measure is measure)

    @property
    def anything(self) -> bool:
        return bool(self.categories or self.shares) or any(one.need is not None for one in self.minima)


BOTH = (Measure.CREDITS, Measure.HOURS)
NOTHING_NEEDED = tuple(Minimum(measure, None, by_unit=False) for measure in BOTH)


def needs(policy: Policy, person: Person, year: int) -> Needs:
    """What the policy, and her unit beyond it, require of a person in a year."""
    lines = policy.binding(year, person.population)
    found = Needs(
        minima=tuple(Minimum(one, policy.minimum(one, year, person.population), by_unit=False) for one in BOTH),
        categories=frozenset(one.id for one in policy.categories if one.minimum and _binds(policy, one, person, year)),
        shares=tuple(line for line in lines if isinstance(line, Share)),
    )
    if not found.anything:
        return found
    why = excused(policy.exemptions, person.absences, person.population, policy.credit_year(year))
    if why is not None:
        return Needs(NOTHING_NEEDED, frozenset(), (), (why,))
    if person.own_minimum is None:
        return found
    minima = tuple(_stricter(one, person.own_minimum) for one in found.minima)
    reasons = tuple(_unit_reasons(found.minima, minima))
    return Needs(minima, found.categories, found.shares, reasons)


def _binds(policy: Policy, category: Category, person: Person, year: int) -> bool:
    return category.grounds.hold_on(policy.deadline(year)) and category.grounds.hold_for(person.population)


def _stricter(policy: Minimum, own: OwnMinimum) -> Minimum:
    asked = own.credits if policy.measure is Measure.CREDITS else own.hours
    if asked is None or asked <= (policy.need or NOTHING):
        return policy
    return Minimum(policy.measure, asked, by_unit=True)


def _unit_reasons(policy: tuple[Minimum, ...], found: tuple[Minimum, ...]) -> Iterator[Reason]:
    for before, after in zip(policy, found, strict=True):
        if after.by_unit and after.need is not None:
            params = [("minimum", said(after.need))]
            if before.need is not None:
                params.append(("need", said(before.need)))
            yield Reason(f"own_minimum_{after.measure}", "", tuple(params))
