"""What counts of a year's awards under its caps and categories, and what is still lacking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.because import NOTHING, Reason, said
from lms.credits.rules.facts import Person
from lms.credits.rules.history import Past
from lms.credits.rules.judging import binds
from lms.credits.rules.policy import Category, Measure, Per, Policy
from lms.credits.rules.requiring import Minimum, Needs, needs
from lms.credits.rules.shares import Share, ShareCount, shared
from lms.credits.rules.windows import carried


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
    """What counts of a year's awards and what is lacking; `cut`: a reason per capped award.

    `minima`: whose minimum the needed credits and hours are; `shares`: what the shares lack;
    `carried`: credits that earlier years leave to this one, None where no rule says so; `reasons`:
    why the year requires something else than usual.
    """

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
    minima: tuple[Minimum, ...] = ()
    shares: tuple[ShareCount, ...] = ()
    carried: Decimal | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Limit:
    """What is left of `maximum` is shared by all awards with the same key."""

    key: tuple[str, date | None]
    code: str
    maximum: Decimal


def count(
    policy: Policy, person: Person, year: int, awards: Iterable[Held], history: Iterable[Past] = ()
) -> Count:
    """What counts of these awards in this year, in order of (date, id), and what is lacking.

    `history`: what counted in earlier years; it matters only where credits may be carried over.
    """
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
    return _judged_year(policy, person, year, ordered, counted, cut, history)


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
    history: Iterable[Past],
) -> Count:
    total = sum(counted.values(), NOTHING)
    hours = sum((award.hours for award in ordered), NOTHING)
    required = needs(policy, person, year)
    categories = tuple(_categories(policy, person, year, ordered, counted, required))
    shares = tuple(_share(line, ordered, counted) for line in required.shares)
    carry, why = _carried(policy, person, year, required, history)
    gap_credits = max(NOTHING, (required.of(Measure.CREDITS) or NOTHING) - total - (carry or NOTHING))
    # No book fills another: what the books lack must come, even where the total is enough.
    gap_credits = max(gap_credits, sum((one.gap for one in categories), NOTHING), _lacking(shares, Measure.CREDITS))
    gap_hours = max(NOTHING, (required.of(Measure.HOURS) or NOTHING) - hours, _lacking(shares, Measure.HOURS))
    if any(award.awarded and policy.deems(award.kind, award.date, person.population) for award in ordered):
        gap_credits = gap_hours = NOTHING
    return Count(
        counted=counted,
        cut=cut,
        total=total,
        hours=hours,
        need_credits=required.of(Measure.CREDITS),
        need_hours=required.of(Measure.HOURS),
        gap_credits=gap_credits,
        gap_hours=gap_hours,
        compliance=_compliance(policy, person, required.anything, bool(gap_credits or gap_hours)),
        deadline=policy.deadline(year),
        categories=categories,
        minima=required.minima,
        shares=shares,
        carried=carry,
        reasons=required.reasons + why,
    )


def _share(line: Share, ordered: Iterable[Held], counted: Mapping[str, Decimal]) -> ShareCount:
    by_hours = line.measure is Measure.HOURS
    return shared(line, [(one.kind, one.category, one.hours if by_hours else counted[one.id]) for one in ordered])


def _lacking(shares: Iterable[ShareCount], measure: Measure) -> Decimal:
    # What is added for one share adds to the others too: the largest gap is the least that will do.
    return max((one.gap for one in shares if one.measure is measure), default=NOTHING)


def _carried(
    policy: Policy, person: Person, year: int, required: Needs, history: Iterable[Past]
) -> tuple[Decimal | None, tuple[Reason, ...]]:
    """Credits from earlier years; they fill the total only, never a category."""
    if required.of(Measure.CREDITS) is None:
        return None, ()
    found = carried(policy.carry_over, person.population, year, policy.deadline(year), history)
    if found is None:
        return None, ()
    return found[0], (found[1],) if found[0] else ()


def _compliance(policy: Policy, person: Person, required: bool, lacking: bool) -> Compliance:
    if person.population is None or not policy.covers(person.jurisdiction):
        return Compliance.UNKNOWN
    if not required:
        return Compliance.NOT_REQUIRED
    return Compliance.FAIL if lacking else Compliance.PASS


def _categories(
    policy: Policy,
    person: Person,
    year: int,
    ordered: Sequence[Held],
    counted: Mapping[str, Decimal],
    required: Needs,
) -> Iterator[CategoryCount]:
    for category in policy.categories:
        mine = [award for award in ordered if award.category == category.id]
        sum_ = sum((counted[award.id] for award in mine), NOTHING)
        minimum = category.minimum if category.id in required.categories else None
        yield CategoryCount(
            id=category.id,
            awarded=sum((award.awarded for award in mine), NOTHING),
            counted=sum_,
            minimum=minimum,
            maximum=category.maximum if _holds(category, person, policy.deadline(year)) else None,
            gap=max(NOTHING, (minimum or NOTHING) - sum_),
        )
