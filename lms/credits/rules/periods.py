"""Rules over several years: so much within a window of years, or an average with a floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.because import NOTHING
from lms.credits.rules.grounds import Grounds, Measure, Selection
from lms.credits.rules.history import Past


@dataclass(frozen=True, slots=True)
class Period:
    """A requirement over `years` credit years; `years` None: over the appointment so far.

    `minimum` is for the whole window, or for a year of it on average (`average`); then `floor` is
    the least that any single year must have.
    """

    id: str
    measure: Measure
    minimum: Decimal
    years: int | None
    of: Selection
    grounds: Grounds
    average: bool = False
    floor: Decimal | None = None


class PeriodState(StrEnum):
    """`open`: lacking while there is time; `unknown`: lacking where the history is not whole."""

    PASS = "pass"
    OPEN = "open"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """What a rule over several years has seen. `from_year` None: nobody knows since when she is
    appointed; `short_years`: past years below the floor, which nothing can mend."""

    id: str
    measure: Measure
    from_year: int | None
    until_year: int
    have: Decimal
    need: Decimal
    gap: Decimal
    state: PeriodState
    deadline: date
    floor: Decimal | None = None
    short_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Career:
    """What the rules over several years look at: this year (its parts as if they were past, its last
    day) and the years before, the day asked about, since when the appointment runs (None: not known),
    and the years she was excused from."""

    year: int
    deadline: date
    as_of: date
    parts: Sequence[Past]
    history: Sequence[Past]
    appointed: int | None
    excused: frozenset[int]

    def sums(self, period: Period, first: int) -> dict[int, Decimal]:
        """What each year from the first one on brings to a period."""
        found = dict.fromkeys(range(first, self.year + 1), NOTHING)
        for part in (*self.history, *self.parts):
            if part.year in found and period.of.takes(part.kind, part.category):
                found[part.year] += _measured(period.measure, part)
        return found

    @property
    def known_from(self) -> int:
        """The earliest year of which something is known; from then on nothing said is nothing done."""
        return min((part.year for part in self.history), default=self.year)


def _measured(measure: Measure, part: Past) -> Decimal:
    if measure is Measure.HOURS:
        return part.hours
    return Decimal(part.awards) if measure is Measure.AWARDS else part.credits


def judged_period(period: Period, career: Career) -> PeriodCount:
    """How a person stands under a rule over several years, which end with this year."""
    first = career.year - period.years + 1 if period.years else career.appointed
    sums = career.sums(period, career.year if first is None else first)
    below = _below_floor(period, career, sums)
    lost = tuple(year for year in below if career.known_from <= year < career.year)
    have = sum(sums.values(), NOTHING)
    need = period.minimum * (len(sums) if period.average else 1)
    gap = max(NOTHING, need - have)
    if career.year in below and period.floor is not None:
        gap = max(gap, period.floor - sums[career.year])
    met = not gap and not below and first is not None
    whole = first is not None and career.known_from <= first
    return PeriodCount(
        id=period.id,
        measure=period.measure,
        from_year=first,
        until_year=career.year,
        have=have,
        need=need,
        gap=gap,
        state=_state(met, bool(lost), whole, career.as_of < career.deadline),
        deadline=career.deadline,
        floor=period.floor,
        short_years=lost,
    )


def _state(met: bool, lost: bool, whole: bool, time_left: bool) -> PeriodState:
    if met:
        return PeriodState.PASS
    if lost:
        return PeriodState.FAIL
    if not whole:
        return PeriodState.UNKNOWN
    return PeriodState.OPEN if time_left else PeriodState.FAIL


def _below_floor(period: Period, career: Career, sums: Mapping[int, Decimal]) -> list[int]:
    if period.floor is None:
        return []
    return [year for year, amount in sums.items() if amount < period.floor and year not in career.excused]
