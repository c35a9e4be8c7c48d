"""After the year: until when a correction is still taken, and what may be carried into the next years."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.credits.rules.because import NOTHING, Reason, said
from lms.credits.rules.grounds import Grounds
from lms.credits.rules.history import Past


@dataclass(frozen=True, slots=True)
class Window:
    """A fact may be recorded until `closes` (month, day) of the following year; after that never."""

    id: str
    closes: tuple[int, int]
    grounds: Grounds

    def closing(self, year: int) -> date:
        """The last day on which facts of a credit year may be recorded."""
        return date(year + 1, *self.closes)


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What was over in the last `years` years may fill this one, at most `maximum` credits."""

    id: str
    maximum: Decimal
    years: int
    grounds: Grounds


def lateness(
    windows: Iterable[Window], population: str | None, year: int, deadline: date, recorded_on: date | None
) -> Reason | None:
    """`late` for what is recorded after the year and before the window closes, `closed` after that."""
    if recorded_on is None or recorded_on <= deadline:
        return None
    for window in windows:
        if window.grounds.hold_on(deadline) and window.grounds.hold_for(population):
            closing = window.closing(year)
            params = (("closes", closing.isoformat()), ("recorded", recorded_on.isoformat()))
            return Reason("late" if recorded_on <= closing else "closed", window.id, params)
    return None


def carried(
    lines: Iterable[CarryOver], population: str | None, year: int, deadline: date, history: Iterable[Past]
) -> tuple[Decimal, Reason] | None:
    """The credits that earlier years leave to this one, and why; None where no line says so."""
    for line in lines:
        if line.grounds.hold_on(deadline) and line.grounds.hold_for(population):
            since = year - line.years
            left = sum((one.excess for one in history if since <= one.year < year), NOTHING)
            found = min(line.maximum, left)
            params = (("carried", said(found)), ("cap", said(line.maximum)), ("since", str(since)))
            return found, Reason("carried_over", line.id, params)
    return None
