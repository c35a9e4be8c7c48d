"""Being away from the post: what is known of a person, and when it excuses her from a year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lms.credits.rules.because import Reason
from lms.credits.rules.grounds import Grounds

STATES = ("leave", "long_illness", "retired", "moved", "not_in_post", "cancelled")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """A state from a day until a day (both included); `until` None: until further notice."""

    state: str
    from_day: date
    until: date | None = None


class Away(StrEnum):
    """How an absence is measured within the credit year."""

    DAYS = "absent_days"
    MONTHS = "absent_months"
    ANY_DAY = "absent_any_day"
    ON_DEADLINE = "absent_on_deadline"


@dataclass(frozen=True, slots=True)
class Exemption:
    """The states that excuse from a year: from `least` days or whole months on, where measured so."""

    id: str
    away: Away
    states: tuple[str, ...]
    least: int
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on end, both included, all within one credit year."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int:
        """Whole months, each from its first day until the day before the same day of a later month."""
        end = self.last + DAY
        found = (end.year - self.first.year) * 12 + end.month - self.first.month
        return found - 1 if end.day < min(self.first.day, _length(end)) else found


def _length(day: date) -> int:
    """How many days the month of a day has: the 31st of a shorter month is its last day."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - DAY).day


def excused(
    exemptions: Iterable[Exemption], absences: Sequence[Absence], population: str | None, year: Stretch
) -> Reason | None:
    """Why a person is excused from a credit year; None if she is not."""
    for exemption in exemptions:
        if not (exemption.grounds.hold_on(year.last) and exemption.grounds.hold_for(population)):
            continue
        mine = [one for one in absences if one.state in exemption.states]
        away = stretches(mine, year)
        if away and _enough(exemption, away, year.last):
            return _because(exemption, mine, away, year)
    return None


def stretches(absences: Iterable[Absence], year: Stretch) -> tuple[Stretch, ...]:
    """The days away within a year, each day once: what overlaps or follows on is one stretch."""
    found: list[Stretch] = []
    for one in sorted(absences, key=lambda one: one.from_day):
        first, last = max(one.from_day, year.first), min(one.until or year.last, year.last)
        if first > last:
            continue
        if found and first <= found[-1].last + DAY:
            found[-1] = Stretch(found[-1].first, max(found[-1].last, last))
        else:
            found.append(Stretch(first, last))
    return tuple(found)


def _enough(exemption: Exemption, away: Sequence[Stretch], deadline: date) -> bool:
    if exemption.away is Away.ANY_DAY:
        return True
    if exemption.away is Away.ON_DEADLINE:
        return away[-1].last == deadline
    if exemption.away is Away.DAYS:
        return sum(one.days for one in away) >= exemption.least
    return sum(one.months for one in away) >= exemption.least


def _because(exemption: Exemption, mine: Iterable[Absence], away: Sequence[Stretch], year: Stretch) -> Reason:
    last = exemption.away is Away.ON_DEADLINE
    shown = away[-1] if last else away[0]
    # The state she was in on the first day that is told (on the deadline: the last one entered upon).
    within = [one for one in mine if one.from_day <= shown.last and (one.until or year.last) >= shown.first]
    state = (max if last else min)(within, key=lambda one: (one.from_day, one.state)).state
    params: list[tuple[str, str]] = [("state", state), ("from", shown.first.isoformat())]
    if exemption.away in (Away.DAYS, Away.MONTHS):
        unit = "days" if exemption.away is Away.DAYS else "months"
        params.append((unit, str(sum(getattr(one, unit) for one in away))))
        params.append(("least", str(exemption.least)))
    return Reason(f"excused_{exemption.away}", exemption.id, tuple(params))
