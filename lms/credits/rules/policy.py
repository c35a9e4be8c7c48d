"""What a policy is: lines of a few known shapes, each with its source and how sure we are of it.

Nothing about a conversion, a cap or a requirement is written in code; the numbers live in
`content/policies/*.toml` and arrive here as frozen data.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.absences import Exemption, Stretch
from lms.credits.rules.audits import Audit
from lms.credits.rules.conditions import Condition
from lms.credits.rules.grounds import (
    CERTAINTY_WORDS,
    EVERYBODY,
    KINDS,
    ROLES,
    UNITS,
    Certainty,
    Grounds,
    Measure,
    Rule,
    Source,
    Words,
)
from lms.credits.rules.periods import Period
from lms.credits.rules.rates import Deemed, Rate
from lms.credits.rules.shares import Share
from lms.credits.rules.windows import CarryOver, Window

# The shapes of a policy are found here, wherever they are written.
__all__ = [
    "CERTAINTY_WORDS",
    "EVERYBODY",
    "KINDS",
    "ROLES",
    "UNITS",
    "Audit",
    "Cap",
    "CarryOver",
    "Category",
    "Certainty",
    "Condition",
    "Conversion",
    "Exemption",
    "Grounds",
    "Measure",
    "Per",
    "Period",
    "Policy",
    "Remark",
    "Repeat",
    "Requirement",
    "Rule",
    "Share",
    "Source",
    "Status",
    "Window",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Conversion:
    """From a fact to credits, for some kinds of activity and some roles in it; `category`: the
    book the credits go into, where the policy keeps more than one."""

    id: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    rate: Rate
    grounds: Grounds
    category: str | None = None


class Per(StrEnum):
    """What a cap is counted over."""

    AWARD = "award"
    ACTIVITY = "activity"
    PROJECT = "project"
    DAY = "day"
    YEAR = "year"

    @property
    def limits_counting(self) -> bool:
        """Whether such a cap limits what counts of the awards, not what is awarded."""
        return self in (Per.DAY, Per.YEAR)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `maximum` credits: a cap per day or year limits what counts, the others what is awarded."""

    id: str
    per: Per
    kinds: tuple[str, ...]
    maximum: Decimal
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Repeat:
    """One award per activity (code) and year, for these kinds."""

    id: str
    grounds: Grounds
    kinds: tuple[str, ...] = KINDS


@dataclass(frozen=True, slots=True)
class Requirement:
    """A yearly minimum; several may hold together."""

    id: str
    measure: Measure
    minimum: Decimal
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Category:
    """A book of its own (such as class I): at least `minimum` credits a year, of which at most
    `maximum` count. What is over in one book never fills another."""

    id: str
    title: Words
    minimum: Decimal | None
    maximum: Decimal | None
    grounds: Grounds


class Status(StrEnum):
    """Whether a policy may govern anybody; only what is in force does."""

    IN_FORCE = "in_force"
    UNCONFIRMED = "unconfirmed"
    DISPUTED = "disputed"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is open or recognised without a number, shown with its certainty."""

    id: str
    text: Words
    grounds: Grounds


Required = Requirement | Share | Period


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one jurisdiction from `first_year` until `last_year` or until a successor governs."""

    id: str
    jurisdiction: str
    first_year: int
    title: Words
    credit_class: str
    year_ends: tuple[int, int]
    sources: tuple[Source, ...]
    conversions: tuple[Conversion, ...]
    conditions: tuple[Condition, ...]
    caps: tuple[Cap, ...]
    repeats: tuple[Repeat, ...]
    requirements: tuple[Required, ...]
    remarks: tuple[Remark, ...]
    categories: tuple[Category, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    carry_over: tuple[CarryOver, ...] = ()
    windows: tuple[Window, ...] = ()
    audits: tuple[Audit, ...] = ()
    status: Status = Status.IN_FORCE
    last_year: int | None = None
    extends: str | None = None
    fingerprint: str = ""

    @property
    def version(self) -> str:
        """The name under which awards remember it: `CN-2025:<12 digits of its hash>`."""
        return f"{self.id}:{self.fingerprint[:12]}"

    def governs(self, year: int) -> bool:
        """Whether it is in force in a year."""
        return self.status is Status.IN_FORCE and self.speaks_of(year)

    def speaks_of(self, year: int) -> bool:
        """Whether its lines are meant for a year, in force or not."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def deadline(self, year: int) -> date:
        """The last day of a credit year."""
        month, day = self.year_ends
        return date(year, month, day)

    def credit_year(self, year: int) -> Stretch:
        """All days of a credit year."""
        return Stretch(self.deadline(year - 1) + timedelta(days=1), self.deadline(year))

    def covers(self, jurisdiction: str | None) -> bool:
        """Whether the policy speaks for a place: its own jurisdiction and what lies in it."""
        return jurisdiction is not None and (
            jurisdiction == self.jurisdiction or jurisdiction.startswith(f"{self.jurisdiction}-")
        )

    def knows(self, kind: str) -> bool:
        return any(kind in conversion.kinds for conversion in self.conversions)

    def deems(self, kind: str, day: date, population: str | None) -> bool:
        """Whether an award of this kind stands for the whole year's requirement."""
        return any(
            isinstance(line.rate, Deemed)
            and kind in line.kinds
            and line.grounds.hold_on(day)
            and line.grounds.hold_for(population)
            for line in self.conversions
        )

    def minimum(self, measure: Measure, year: int, population: str | None) -> Decimal | None:
        """The largest minimum that binds this population in this year; None if none does."""
        found = [
            line.minimum
            for line in self.binding(year, population)
            if isinstance(line, Requirement) and line.measure is measure
        ]
        return max(found, default=None)

    def binding(self, year: int, population: str | None) -> tuple[Required, ...]:
        """The requirements of every shape that bind a population in a year."""
        day = self.deadline(year)
        return tuple(
            line for line in self.requirements if line.grounds.hold_on(day) and line.grounds.hold_for(population)
        )

    def audit_of(self, kind: str, day: date) -> Audit | None:
        """The chain of audit for awards of a kind on a day; None where the policy says nothing."""
        return next((line for line in self.audits if kind in line.kinds and line.grounds.hold_on(day)), None)

    def closing(self, year: int, population: str | None) -> date | None:
        """The last day on which facts of a credit year may be recorded; None where nothing closes."""
        day = self.deadline(year)
        lines = (line for line in self.windows if line.grounds.hold_on(day) and line.grounds.hold_for(population))
        return next((line.closing(year) for line in lines), None)
