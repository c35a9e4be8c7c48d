"""What happened, as a decision sees it; and the reader of a facts file."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lms.credits.rules.policy import KINDS, ROLES, UNITS
from lms.credits.rules.reading import (
    Fault,
    FaultyFileError,
    Table,
    UnreadableError,
    amount,
    day,
    flag,
    one_of,
    positive,
    text,
    whole,
)
from lms.kernel.text import Message, msg


@dataclass(frozen=True, slots=True)
class Person:
    """Of a person, a decision needs to know only where and what she is."""

    jurisdiction: str | None
    population: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing done. `activity` is the code of the course or project, None where each occurrence
    counts; `project` the number under which it was approved; `assessed` whether she passed;
    `choice` what was chosen where a policy gives several rates for the same kind."""

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


@dataclass(frozen=True, slots=True)
class Case:
    """One person's facts of one year, as known on a day."""

    year: int
    as_of: date
    person: Person
    facts: tuple[Fact, ...]


def load_case(content: bytes, name: str) -> Case:
    """The case in a JSON facts file; raises FaultyFileError with every fault found in it."""
    try:
        value = json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("文件不是 UTF-8 文字"))]) from error
    except (ValueError, RecursionError) as error:
        raise FaultyFileError(name, [Fault("-", msg("不是正确的 JSON：{why}", why=str(error)))]) from error
    if not isinstance(value, dict):
        raise FaultyFileError(name, [Fault("-", msg("最外层要写成一个表"))])
    faults: list[Fault] = []
    case = _case(Table(value, "", faults))
    twice = [one for one, times in Counter(fact.id for fact in case.facts).items() if times > 1]
    faults.extend(Fault("facts.id", msg("“{id}”用了两次", id=one)) for one in twice if one)
    if faults:
        raise FaultyFileError(name, faults)
    return case


def _case(top: Table) -> Case:
    year = top.take("year", _year, 2000)
    as_of = top.take("as_of", day, date(year, 12, 31), optional=True)
    person = top.table("person")
    known = Person(
        jurisdiction=person.take("jurisdiction", _maybe_text, None, optional=True),
        population=person.take("population", _maybe_text, None, optional=True),
    )
    person.finish()
    facts = tuple(_fact(one) for one in top.tables("facts", optional=False))
    top.finish()
    return Case(year, as_of, known, facts)


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
    )
    table.finish()
    return fact


def _hours(quantity: Decimal, unit: str) -> Decimal:
    """Where a fact does not state its hours: its quantity if that is in hours, else none."""
    return quantity if unit == "hours" else Decimal(0)


def _maybe_text(value: Any) -> str | None:
    return text(value)


def _year(value: Any) -> int:
    found = whole(value)
    if not 1990 <= found <= 2200:
        raise UnreadableError(msg("要写一个年份，例如 2025"))
    return found


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class RefusedError(ValueError):
    """A policy does not take this fact: it has no rule for its kind, role or unit."""

    def __init__(self, fact: str, field: str, message: Message) -> None:
        self.fact = fact
        self.field = field
        self.message = message
        super().__init__(f"{fact}: {field}: {message}")
