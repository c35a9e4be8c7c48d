"""What happened, as a decision sees it; and the reader of a facts file."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lms.credits.rules.absences import STATES, Absence
from lms.credits.rules.because import NOTHING
from lms.credits.rules.grounds import KINDS, ROLES, UNITS
from lms.credits.rules.history import Past
from lms.credits.rules.reading import (
    Fault,
    FaultyFileError,
    Table,
    UnreadableError,
    amount,
    calendar_year,
    day,
    flag,
    json_table,
    one_of,
    positive,
    several,
    text,
    up_to,
    whole,
)
from lms.kernel.text import Message, msg

Day = date  # within Fact, `date` is the day it was done


@dataclass(frozen=True, slots=True)
class OwnMinimum:
    """What her unit asks of her in a year; it matters only where it is more than the policy does."""

    credits: Decimal | None = None
    hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Of a person, a decision needs to know only where and what she is, and, where it is known,
    when she was away, since when her appointment runs and what her unit asks of her."""

    jurisdiction: str | None
    population: str | None
    absences: tuple[Absence, ...] = ()
    appointed_on: date | None = None
    own_minimum: OwnMinimum | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing done. `activity` is the code of the course or project, None where each occurrence
    counts; `project` the number under which it was approved; `assessed` whether she passed;
    `choice` what was chosen where a policy gives several rates for the same kind; `attendance` the
    share of the time she was there (0–1), `score` out of 100, `signed` in and out, `evidence` the
    kinds of papers shown; `recorded_on` the day it was entered."""

    id: str
    kind: str
    activity: str | None
    project: str | None
    date: date
    quantity: Decimal
    unit: str
    hours: Decimal
    role: str = "attendee"
    assessed: bool = False
    choice: str | None = None
    attendance: Decimal | None = None
    score: Decimal | None = None
    signed: bool = False
    evidence: tuple[str, ...] = ()
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One person's facts of one year, as known on a day; `history`: what counted in earlier years."""

    year: int
    as_of: date
    person: Person
    facts: tuple[Fact, ...]
    history: tuple[Past, ...] = ()


def load_case(content: bytes, name: str) -> Case:
    """The case in a JSON facts file; raises FaultyFileError with every fault found in it."""
    value, faults = json_table(content, name), list[Fault]()
    case = _case(Table(value, "", faults))
    twice = [one for one, times in Counter(fact.id for fact in case.facts).items() if times > 1]
    faults.extend(Fault("facts.id", msg("“{id}”用了两次", id=one)) for one in twice if one)
    if faults:
        raise FaultyFileError(name, faults)
    return case


def _case(top: Table) -> Case:
    year = top.take("year", calendar_year, 2000)
    as_of = top.take("as_of", day, date(year, 12, 31), optional=True)
    person = _person(top.table("person"))
    facts = tuple(_fact(one) for one in top.tables("facts", optional=False))
    history = tuple(_past(one, year) for one in top.tables("history"))
    top.finish()
    return Case(year, as_of, person, facts, history)


def _person(table: Table) -> Person:
    person = Person(
        jurisdiction=table.take("jurisdiction", _maybe_text, None, optional=True),
        population=table.take("population", _maybe_text, None, optional=True),
        absences=tuple(_absence(one) for one in table.tables("absences")),
        appointed_on=table.take("appointed_on", _maybe_day, None, optional=True),
        own_minimum=_own_minimum(table),
    )
    table.finish()
    return person


def _absence(table: Table) -> Absence:
    absence = Absence(
        state=table.take("state", one_of(STATES), STATES[0]),
        from_day=table.take("from", day, date.min),
        until=table.take("until", _maybe_day, None, optional=True),
    )
    if absence.until is not None and absence.until < absence.from_day:
        table.fault("until", msg("结束的日期比开始的早"))
    table.finish()
    return absence


def _own_minimum(person: Table) -> OwnMinimum | None:
    if person.value.get("own_minimum") is None:
        person.asked.add("own_minimum")
        return None
    table = person.table("own_minimum")
    own = OwnMinimum(
        credits=table.take("credits", _maybe_positive, None, optional=True),
        hours=table.take("hours", _maybe_positive, None, optional=True),
    )
    table.finish()
    return own


def _past(table: Table, year: int) -> Past:
    past = Past(
        year=table.take("year", calendar_year, year - 1),
        kind=table.take("kind", _maybe_kind, None, optional=True),
        category=table.take("category", _maybe_text, None, optional=True),
        credits=table.take("credits", amount, NOTHING, optional=True),
        hours=table.take("hours", amount, NOTHING, optional=True),
        awards=table.take("awards", _count, 0, optional=True),
        excess=table.take("excess", amount, NOTHING, optional=True),
    )
    if past.year >= year:
        table.fault("year", msg("要写 {year} 年以前的年份", year=year))
    table.finish()
    return past


def _fact(table: Table) -> Fact:
    unit = table.take("unit", one_of(UNITS), "hours")
    quantity = table.take("quantity", positive, Decimal(1))
    if unit in ("items", "characters") and quantity != quantity.to_integral_value():
        table.fault("quantity", msg("次数和字数要写整数"))
    fact = Fact(
        id=table.take("id", text, ""),
        kind=table.take("kind", one_of(KINDS), KINDS[0]),
        activity=table.take("activity", _maybe_text, None, optional=True),
        project=table.take("project", _maybe_text, None, optional=True),
        date=table.take("date", day, date.min),
        quantity=quantity,
        unit=unit,
        hours=table.take("hours", amount, _hours(quantity, unit), optional=True),
        role=table.take("role", one_of(ROLES), "attendee", optional=True),
        assessed=table.take("assessed", flag, False, optional=True),
        choice=table.take("choice", _maybe_text, None, optional=True),
        attendance=table.take("attendance", _maybe(up_to(Decimal(1))), None, optional=True),
        score=table.take("score", _maybe(up_to(Decimal(100))), None, optional=True),
        signed=table.take("signed", flag, False, optional=True),
        evidence=table.take("evidence", _texts, (), optional=True),
        recorded_on=table.take("recorded_on", _maybe_day, None, optional=True),
    )
    table.finish()
    return fact


def _hours(quantity: Decimal, unit: str) -> Decimal:
    """Where a fact does not state its hours: its quantity if that is in hours, else none."""
    return quantity if unit == "hours" else Decimal(0)


def _maybe_text(value: Any) -> str | None:
    return text(value)


def _maybe(read: Callable[[Any], Decimal]) -> Callable[[Any], Decimal | None]:
    return read


def _maybe_positive(value: Any) -> Decimal | None:
    return positive(value)


def _maybe_day(value: Any) -> date | None:
    return day(value)


def _maybe_kind(value: Any) -> str | None:
    return one_of(KINDS)(value)


def _texts(value: Any) -> tuple[str, ...]:
    # Nothing shown is an empty list, which a policy may not write but a fact may.
    return () if value == [] else several(text)(value)


def _count(value: Any) -> int:
    found = whole(value)
    if not 0 <= found <= 100_000:
        raise UnreadableError(msg("要写一个不小于 0 的整数"))
    return found


class RefusedError(ValueError):
    """A policy does not take this fact: it has no rule for its kind, role or unit."""

    def __init__(self, fact: str, field: str, message: Message) -> None:
        self.fact = fact
        self.field = field
        self.message = message
        super().__init__(f"{fact}: {field}: {message}")
