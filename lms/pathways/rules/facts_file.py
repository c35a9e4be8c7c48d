"""What is judged of somebody, as a JSON file tells it (docs/pathways.md): for decisions without a database. Pure."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from lms.credits.rules.reading import (
    Fault,
    FaultyFileError,
    Table,
    amount,
    day,
    json_table,
    member,
    one_of,
    text,
)
from lms.kernel.text import msg
from lms.pathways.rules.records import Done, Facts, Kind, Record, Standing
from lms.pathways.rules.schema import FIELDS

COMPLIANCES = ("pass", "fail", "unknown", "not_required")


def load_facts(content: bytes, name: str) -> Facts:
    """The facts in a JSON file; raises FaultyFileError with every fault found in it."""
    value, faults = json_table(content, name), list[Fault]()
    facts = _facts(Table(value, "", faults))
    twice = [one for one, times in Counter(record.id for record in facts.records).items() if times > 1]
    faults.extend(Fault("records.id", msg("“{id}”用了两次", id=one)) for one in twice if one)
    if faults:
        raise FaultyFileError(name, faults)
    return facts


def _facts(top: Table) -> Facts:
    records = tuple(_record(one) for one in top.tables("records", optional=False))
    years: dict[int, str] = {}
    if "years" in top.value:
        table = top.table("years")
        for name in table.value:
            found = table.take(name, one_of(COMPLIANCES), "unknown")
            if name.isascii() and name.isdigit() and len(name) == 4:
                years[int(name)] = found
            else:
                table.fault(name, msg("要写一个年份，例如 2025"))
    modules = dict(_module(one) for one in top.tables("modules"))
    top.finish()
    return Facts(records, years, modules)


def _record(line: Table) -> Record:
    kind = line.take("kind", member(Kind), Kind.DIPLOMA)
    found = Record(
        id=line.take("id", text, ""),
        kind=kind,
        on=line.take("on", day, date.min),
        until=line.take("until", _maybe_day, None, optional=True),
        standing=line.take("standing", member(Standing), Standing.SUBMITTED),
        fields=_fields(line, kind),
    )
    if found.until is not None and found.until < found.on:
        line.fault("until", msg("结束的日期比开始的早"))
    line.finish()
    return found


def _maybe_day(value: Any) -> date | None:
    return day(value)


def _fields(line: Table, kind: Kind) -> dict[str, str]:
    line.asked.add("fields")
    if "fields" not in line.value:
        return {}
    table, found = line.table("fields"), {}
    for name in table.value:
        known = FIELDS[kind].get(name)
        if known is None:
            table.fault(name, msg("这类记录没有这一项"))
        else:
            listed = known.words or [str(one) for one in known.numbers]
            found[name] = table.take(name, one_of(listed) if listed else text, "")
        table.asked.add(name)
    table.finish()
    return found


def _module(line: Table) -> tuple[tuple[str, str], Done]:
    key = line.take("pathway", text, ""), line.take("module", text, "")
    done = Done(
        signed=line.take("signed", amount, Decimal(0), optional=True),
        waiting=line.take("waiting", amount, Decimal(0), optional=True),
    )
    line.finish()
    return key, done


