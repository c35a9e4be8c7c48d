"""What a policy is: lines of a few known shapes, each with its source and how sure we are of it.

Nothing about a conversion, a cap or a requirement is written in code; the numbers live in
`content/policies/*.toml` and arrive here as frozen data.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from lms.credits.rules.rates import Deemed, Rate
from lms.kernel.text import N_

KINDS = (
    "recommended_project", "promotion_project", "national_project", "provincial_project",
    "municipal_project", "unit_activity", "unit_lecture", "case_discussion", "ward_round",
    "self_study", "self_study_review", "paper", "research", "further_study", "degree_study",
    "government_task", "counterpart_support", "practice",
)  # fmt: skip
UNITS = ("hours", "characters", "items", "months")
ROLES: tuple[str, ...] = ("attendee", "lecturer", "author_1", "author_2", "author_3")
EVERYBODY = "*"


class Certainty(StrEnum):
    """How sure we are of a line; the last two are labelled wherever they are shown."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    PRACTICE = "practice"
    ASSUMED = "assumed"

    @property
    def labelled(self) -> bool:
        return self in (Certainty.PRACTICE, Certainty.ASSUMED)


CERTAINTY_WORDS = {
    Certainty.OFFICIAL: N_("原文"),
    Certainty.SECONDARY: N_("转载"),
    Certainty.PRACTICE: N_("各地做法"),
    Certainty.ASSUMED: N_("暂定"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the policy in both languages."""

    zh: str
    en: str

    def both(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Source:
    """A text the policy rests on."""

    id: str
    title: Words
    issuer: Words
    year: int


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a line holds, for whom, and from when until when (both days included)."""

    source: str
    citation: Words
    certainty: Certainty
    effective_from: date
    effective_until: date | None
    populations: tuple[str, ...]
    exempt: tuple[str, ...] = ()

    def hold_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def hold_for(self, population: str | None) -> bool:
        if population in self.exempt:
            return False
        return EVERYBODY in self.populations or population in self.populations


class Rule(Protocol):
    """What every line of a policy has, whatever its shape."""

    @property
    def id(self) -> str: ...

    @property
    def grounds(self) -> Grounds: ...


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


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be shown before these kinds earn anything in these roles; the one shape so far: assessed."""

    id: str
    kinds: tuple[str, ...]
    grounds: Grounds
    roles: tuple[str, ...] = ROLES


class Per(StrEnum):
    """What a cap is counted over."""

    AWARD = "award"
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
    """One award per activity (code) and year."""

    id: str
    grounds: Grounds


class Measure(StrEnum):
    """What a yearly minimum is measured in."""

    CREDITS = "credits"
    HOURS = "hours"


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
    requirements: tuple[Requirement, ...]
    remarks: tuple[Remark, ...]
    categories: tuple[Category, ...] = ()
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
        day = self.deadline(year)
        found = [
            line.minimum
            for line in self.requirements
            if line.measure is measure and line.grounds.hold_on(day) and line.grounds.hold_for(population)
        ]
        return max(found, default=None)
