"""Requirements that nobody could ever meet, because what counts is capped below them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.credits.rules.because import NOTHING
from lms.credits.rules.grounds import EVERYBODY, Grounds
from lms.credits.rules.policy import Conversion, Measure, Per, Policy, Requirement
from lms.credits.rules.rates import Deemed
from lms.credits.rules.reading import Fault
from lms.kernel.quantities import plain
from lms.kernel.text import msg


@dataclass(frozen=True, slots=True)
class _Limit:
    """The yearly cap or the category that limits something most."""

    id: str
    maximum: Decimal


def out_of_reach(policy: Policy) -> list[Fault]:
    """Yearly minima above what the yearly caps and categories let count.

    Only limits that hold for everybody and every day of the minimum are looked at, so that what is
    refused is certainly wrong; a minimum that something may be deemed to meet is in reach.
    """
    return [*_categories(policy), *_totals(policy)]


def _categories(policy: Policy) -> Iterator[Fault]:
    for category in policy.categories:
        if category.minimum is not None:
            lines = [line for line in _earning(policy, category.grounds) if line.category == category.id]
            most = _most(policy, lines, category.grounds, books=False)
            if most is not None and most[0] < category.minimum:
                yield _fault(f"categories.{category.id}.minimum", most, category.minimum)


def _totals(policy: Policy) -> Iterator[Fault]:
    if any(isinstance(line.rate, Deemed) for line in policy.conversions):
        return
    for needed in policy.requirements:
        if isinstance(needed, Requirement) and needed.measure is Measure.CREDITS:
            lines = _earning(policy, needed.grounds)
            most = _most(policy, lines, needed.grounds, books=True)
            if most is not None and most[0] < needed.minimum:
                yield _fault(f"requirements.{needed.id}.minimum", most, needed.minimum)


def _fault(key: str, most: tuple[Decimal, tuple[str, ...]], minimum: Decimal) -> Fault:
    said = msg(
        "按 {ids} 最多只能计 {most} 学分，永远达不到 {minimum}",
        ids=", ".join(most[1]), most=str(plain(most[0])), minimum=str(plain(minimum)),
    )  # fmt: skip
    return Fault(key, said)


def _earning(policy: Policy, needed: Grounds) -> list[Conversion]:
    """The conversions that bring credits while a requirement holds."""
    last = needed.effective_until or date.max
    return [
        line
        for line in policy.conversions
        if not isinstance(line.rate, Deemed)
        and line.grounds.effective_from <= last
        and (line.grounds.effective_until or date.max) >= needed.effective_from
    ]


def _most(
    policy: Policy, lines: Iterable[Conversion], needed: Grounds, *, books: bool
) -> tuple[Decimal, tuple[str, ...]] | None:
    """The most that can count of these conversions, and the limits that make it so; None: no end."""
    tightest: dict[str, Decimal] = {}
    for line in lines:
        for kind in line.kinds:
            limits = list(_limits(policy, line, kind, needed, books=books))
            if not limits:
                return None
            least = min(limits, key=lambda limit: (limit.maximum, limit.id))
            tightest[least.id] = least.maximum
    if not tightest:
        return None
    return sum(tightest.values(), NOTHING), tuple(tightest)


def _limits(policy: Policy, line: Conversion, kind: str, needed: Grounds, *, books: bool) -> Iterator[_Limit]:
    for cap in policy.caps:
        if cap.per is Per.YEAR and kind in cap.kinds and _always(cap.grounds, needed):
            yield _Limit(cap.id, cap.maximum)
    for category in policy.categories:
        mine = books and category.id == line.category and category.maximum is not None
        if mine and category.maximum is not None and _always(category.grounds, needed):
            yield _Limit(category.id, category.maximum)


def _always(limit: Grounds, needed: Grounds) -> bool:
    """Whether a limit holds whenever, and for everybody for whom, something is required."""
    everybody = EVERYBODY in limit.populations and set(limit.exempt) <= set(needed.exempt)
    if limit.effective_from > needed.effective_from:
        return False
    until = limit.effective_until or date.max
    return everybody and until >= (needed.effective_until or date.max)
