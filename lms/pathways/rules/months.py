"""Calendar months as the law counts them (Civil Code, articles 201 and 202). Pure."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta


def later(day: date, months: int) -> date:
    """The same day so many months later (or, negative, earlier); the month's last day where it has no such day.

    A time limit that begins with an event ends on this day, which still belongs to it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_last(day: date, until: date, months: int) -> bool:
    """Whether a day lies in the last so many months before a last day, that and the first of them included."""
    return later(until, -months) <= day <= until


def whole_months(start: date, end: date) -> int:
    """How many whole months lie between two days; `end` is the day after the last one."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if later(start, months) <= end else months - 1


def joined(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Spans of days (both counted), in order, overlapping and adjoining ones made one: no day counts twice."""
    found: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + timedelta(days=1):
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def length(spans: Iterable[tuple[date, date]]) -> tuple[int, int]:
    """How long spans are together, as whole months and days left over; thirty days left over are a month."""
    months = days = 0
    for start, end in joined(spans):
        whole = whole_months(start, end + timedelta(days=1))
        months += whole
        days += (end + timedelta(days=1) - later(start, whole)).days
    return months + days // 30, days % 30
