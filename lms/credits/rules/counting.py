"""What counts of a year's awards under the yearly caps, and what is still lacking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.facts import Person
from lms.credits.rules.judging import NOTHING, Reason, binds, said
from lms.credits.rules.policy import Measure, Per, Policy


@dataclass(frozen=True, slots=True)
class Held:
    """An award as the yearly count sees it."""

    id: str
    kind: str
    date: date
    awarded: Decimal
    hours: Decimal


class Compliance(StrEnum):
    """Whether the year's requirement is met."""

    PASS = "pass"
    FAIL = "fail"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Count:
    """What counts of a year's awards and what is lacking; `cut`: a reason per capped award."""

    counted: dict[str, Decimal]
    cut: dict[str, Reason]
    total: Decimal
    hours: Decimal
    need_credits: Decimal | None
    need_hours: Decimal | None
    gap_credits: Decimal
    gap_hours: Decimal
    compliance: Compliance
    deadline: date


def count(policy: Policy, person: Person, year: int, awards: Iterable[Held]) -> Count:
    """What counts of these awards in this year, in order of (date, id), and what is lacking."""
    ordered = sorted(awards, key=lambda one: (one.date, one.id))
    counted: dict[str, Decimal] = {}
    cut: dict[str, Reason] = {}
    taken: dict[str, Decimal] = {}
    for award in ordered:
        amount = award.awarded
        caps = [cap for cap in policy.caps if cap.per is Per.YEAR and binds(cap, person, award.kind, award.date)]
        for cap in caps:
            room = max(NOTHING, cap.maximum - taken.get(cap.id, NOTHING))
            if amount > room:
                cut[award.id] = Reason(
                    "max_per_year",
                    cap.id,
                    (
                        ("awarded", said(award.awarded)),
                        ("cap", said(cap.maximum)),
                        ("excess", said(award.awarded - room)),
                    ),
                )
                amount = room
        for cap in caps:
            taken[cap.id] = taken.get(cap.id, NOTHING) + amount
        counted[award.id] = amount
    total = sum(counted.values(), NOTHING)
    hours = sum((award.hours for award in ordered), NOTHING)
    return _judged_year(policy, person, year, counted, cut, total, hours)


def _judged_year(
    policy: Policy,
    person: Person,
    year: int,
    counted: dict[str, Decimal],
    cut: dict[str, Reason],
    total: Decimal,
    hours: Decimal,
) -> Count:
    need_credits = policy.minimum(Measure.CREDITS, year, person.population)
    need_hours = policy.minimum(Measure.HOURS, year, person.population)
    gap_credits = max(NOTHING, (need_credits or NOTHING) - total)
    gap_hours = max(NOTHING, (need_hours or NOTHING) - hours)
    if person.population is None or not policy.covers(person.jurisdiction):
        compliance = Compliance.UNKNOWN
    elif need_credits is None and need_hours is None:
        compliance = Compliance.NOT_REQUIRED
    else:
        compliance = Compliance.FAIL if gap_credits or gap_hours else Compliance.PASS
    return Count(
        counted=counted,
        cut=cut,
        total=total,
        hours=hours,
        need_credits=need_credits,
        need_hours=need_hours,
        gap_credits=gap_credits,
        gap_hours=gap_hours,
        compliance=compliance,
        deadline=policy.deadline(year),
    )
