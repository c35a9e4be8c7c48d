"""What is to be renewed: it ends soon, or has ended, and nothing of its kind holds longer. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.pathways.rules.months import in_last, later
from lms.pathways.rules.records import Kind, Record, Standing
from lms.pathways.rules.schema import SCHEMAS

RENEWED_BY = {Kind.VILLAGE_LICENCE: Kind.RENEWAL}
"""What is applied for, by what ends."""


@dataclass(frozen=True, slots=True)
class Due:
    """`until`: its last day; `over`: that day has passed; `applied`: she has applied for the next."""

    record: Record
    until: date
    over: bool
    applied: bool


def due(records: Iterable[Record], day: date) -> tuple[Due, ...]:
    """Of each kind that is renewed the verified one that ends last, from so many months before its end."""
    known = tuple(records)
    found = []
    for kind, schema in SCHEMAS.items():
        if schema.renew_months is None:
            continue
        held = [one for one in known if one.kind is kind and one.verified and one.on <= day]
        if not held or any(one.until is None for one in held):
            continue
        last = max(held, key=lambda one: (one.until or day, one.on))
        until = last.until or day
        if day >= later(until, -schema.renew_months):
            found.append(Due(last, until, day > until, _applied(known, kind, until, schema.renew_months)))
    return tuple(sorted(found, key=lambda one: one.until))


def _applied(records: Iterable[Record], kind: Kind, until: date, months: int) -> bool:
    made = (one for one in records if one.kind is RENEWED_BY.get(kind) and one.standing is not Standing.REJECTED)
    return any(in_last(one.on, until, months) for one in made)
