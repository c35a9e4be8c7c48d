"""What counts of a year's awards under its caps and categories, and what is still lacking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.facts import Person
from lms.credits.rules.judging import NOTHING, Reason, binds, said
from lms.credits.rules.policy import Category, Measure, Per, Policy


@dataclass(frozen=True, slots=True)
class Held:
    """An award as the yearly count sees it; `category`: the book it is in, where there are several."""

    id: str
    kind: str
    date: date
    awarded: Decimal
    hours: Decimal
    category: str | None = None


class Compliance(StrEnum):
    """Whether the year's requirement is met."""

    PASS = "pass"
    FAIL = "fail"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """One book of the year: what was awarded into it, what of that counts, what it still lacks."""

    id: str
    awarded: Decimal
    counted: Decimal
    minimum: Decimal | None
    maximum: Decimal | None
    gap: Decimal


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
    categories: tuple[CategoryCount, ...] = ()


@dataclass(frozen=True, slots=True)
class _Limit:
    """What is left of `maximum` is shared by all awards with the same key."""

    key: tuple[str, date | None]
    code: str
    maximum: Decimal


def count(policy: Policy, person: Person, year: int, awards: Iterable[Held]) -> Count:
    """What counts of these awards in this year, in order of (date, id), and what is lacking."""
    ordered = sorted(awards, key=lambda one: (one.date, one.id))
    counted: dict[str, Decimal] = {}
    cut: dict[str, Reason] = {}
    taken: dict[tuple[str, date | None], Decimal] = {}
    for award in ordered:
        amount = award.awarded
        limits = tuple(_limits(policy, person, award))
        for limit in limits:
            room = max(NOTHING, limit.maximum - taken.get(limit.key, NOTHING))
            if amount > room:
                cut[award.id] = _cut(award, limit, room)
                amount = room
        for limit in limits:
            taken[limit.key] = taken.get(limit.key, NOTHING) + amount
        counted[award.id] = amount
    return _judged_year(policy, person, year, ordered, counted, cut)


def _limits(policy: Policy, person: Person, award: Held) -> Iterator[_Limit]:
    for cap in policy.caps:
        if cap.per.limits_counting and binds(cap, person, award.kind, award.date):
            day = award.date if cap.per is Per.DAY else None
            yield _Limit((cap.id, day), f"max_per_{cap.per}", cap.maximum)
    for category in policy.categories:
        if category.id == award.category and category.maximum is not None and _holds(category, person, award.date):
            yield _Limit((category.id, None), "max_per_category", category.maximum)


def _holds(category: Category, person: Person, day: date) -> bool:
    return category.grounds.hold_on(day) and category.grounds.hold_for(person.population)


def _cut(award: Held, limit: _Limit, room: Decimal) -> Reason:
    numbers = (("awarded", award.awarded), ("cap", limit.maximum), ("excess", award.awarded - room))
    return Reason(limit.code, limit.key[0], tuple((name, said(number)) for name, number in numbers))


def _judged_year(
    policy: Policy,
    person: Person,
    year: int,
    ordered: Sequence[Held],
    counted: dict[str, Decimal],
    cut: dict[str, Reason],
) -> Count:
    total = sum(counted.values(), NOTHING)
    hours = sum((award.hours for award in ordered), NOTHING)
    need_credits = policy.minimum(Measure.CREDITS, year, person.population)
    need_hours = policy.minimum(Measure.HOURS, year, person.population)
    categories = tuple(_categories(policy, person, year, ordered, counted))
    gap_credits = max(NOTHING, (need_credits or NOTHING) - total)
    # No book fills another: what the books lack must come, even where the total is enough.
    gap_credits = max(gap_credits, sum((one.gap for one in categories), NOTHING))
    gap_hours = max(NOTHING, (need_hours or NOTHING) - hours)
    if any(award.awarded and policy.deems(award.kind, award.date, person.population) for award in ordered):
        gap_credits = gap_hours = NOTHING
    required = need_credits is not None or need_hours is not None or any(one.minimum for one in categories)
    return Count(
        counted=counted,
        cut=cut,
        total=total,
        hours=hours,
        need_credits=need_credits,
        need_hours=need_hours,
        gap_credits=gap_credits,
        gap_hours=gap_hours,
        compliance=_compliance(policy, person, required, bool(gap_credits or gap_hours)),
        deadline=policy.deadline(year),
        categories=categories,
    )


def _compliance(policy: Policy, person: Person, required: bool, lacking: bool) -> Compliance:
    if person.population is None or not policy.covers(person.jurisdiction):
        return Compliance.UNKNOWN
    if not required:
        return Compliance.NOT_REQUIRED
    return Compliance.FAIL if lacking else Compliance.PASS


def _categories(
    policy: Policy, person: Person, year: int, ordered: Sequence[Held], counted: Mapping[str, Decimal]
) -> Iterator[CategoryCount]:
    for category in policy.categories:
        mine = [award for award in ordered if award.category == category.id]
        sum_ = sum((counted[award.id] for award in mine), NOTHING)
        bound = _holds(category, person, policy.deadline(year))
        minimum = category.minimum if bound else None
        yield CategoryCount(
            id=category.id,
            awarded=sum((award.awarded for award in mine), NOTHING),
            counted=sum_,
            minimum=minimum,
            maximum=category.maximum if bound else None,
            gap=max(NOTHING, (minimum or NOTHING) - sum_),
        )
