"""A share of the year that must be of certain kinds, such as two thirds in professional subjects."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from lms.credits.rules.because import NOTHING
from lms.credits.rules.grounds import Grounds, Measure, Selection

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Share:
    """Of the hours of the year (or of its counted credits), at least `share` must be `of` something."""

    id: str
    measure: Measure
    share: Fraction
    of: Selection
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class ShareCount:
    """`have` of `total` are of the kinds named; `gap`: how much more of them the year needs."""

    id: str
    measure: Measure
    share: Fraction
    have: Decimal
    total: Decimal
    gap: Decimal


def shared(line: Share, parts: Collection[tuple[str, str | None, Decimal]]) -> ShareCount:
    """The share kept by parts of a year: kind, category, and hours or counted credits."""
    total = sum((amount for _, _, amount in parts), NOTHING)
    have = sum((amount for kind, category, amount in parts if line.of.takes(kind, category)), NOTHING)
    return ShareCount(line.id, line.measure, line.share, have, total, _gap(line.share, have, total))


def _gap(share: Fraction, have: Decimal, total: Decimal) -> Decimal:
    """What must be added of the kinds named. It adds to the total too: 50 of 90 hours lack, for
    two thirds, not 10 but 30 (80 of 120)."""
    lacking = share * Fraction(total) - Fraction(have)
    if lacking <= 0:
        return NOTHING
    # Where everything must be of these kinds, no addition helps: what is not must be made up for.
    exact = lacking if share == 1 else lacking / (1 - share)
    return _upwards(exact)


def _upwards(exact: Fraction) -> Decimal:
    """The next thousandth, so that adding what is said really is enough."""
    milli = -(-exact.numerator * 1000 // exact.denominator)
    return (Decimal(milli) / 1000).quantize(THOUSANDTH, rounding=ROUND_CEILING)
