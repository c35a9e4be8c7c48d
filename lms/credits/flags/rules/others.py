"""Two places at once, and bursts before the deadline: what days and hours can tell."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

from lms.credits.flags.rules.facts import Finding, Finished, Kind, Presence
from lms.credits.flags.rules.limits import BURST_HOURS, DAYS_BEFORE, HOURS_A_DAY
from lms.kernel import clock


def clash(first: Presence, second: Presence) -> list[date]:
    """The days on which two activities of one person, held by different hosts, need more hours than a day has.

    An activity's hours are spread evenly over its days; the clock times are not known.
    """
    if first.person_id != second.person_id or first.holder == second.holder:
        return []
    start, end = max(first.first, second.first), min(first.last, second.last)
    if start > end or _a_day(first) + _a_day(second) <= HOURS_A_DAY:
        return []
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _a_day(one: Presence) -> float:
    return one.hours / ((one.last - one.first).days + 1)


def find_places(presences: Iterable[Presence]) -> list[Finding]:
    """One finding a pair of activities."""
    by_person: dict[UUID, list[Presence]] = defaultdict(list)
    for one in presences:
        by_person[one.person_id].append(one)
    found = []
    for person_id, mine in sorted(by_person.items()):
        for first, second in combinations(sorted(mine, key=lambda one: one.id), 2):
            days = clash(first, second)
            if days:
                rows = [_presence(one) for one in (first, second)]
                evidence = {"activities": rows, "days": [day.isoformat() for day in days], "most_hours": HOURS_A_DAY}
                subject = f"{first.id}:{second.id}"
                found.append(Finding(Kind.PLACES, subject, (person_id,), float(len(days)), evidence))
    return found


def _presence(one: Presence) -> dict[str, object]:
    return {
        "title": dict(one.title), "holder": one.holder, "first": one.first.isoformat(), "last": one.last.isoformat(),
        "hours": one.hours, "hours_a_day": round(_a_day(one), 1),
    }  # fmt: skip


def find_bursts(finished: Iterable[Finished], deadline: date) -> list[Finding]:
    """One finding a person and year: the days shortly before the deadline with more study than fits into one."""
    days: dict[UUID, dict[date, list[Finished]]] = defaultdict(lambda: defaultdict(list))
    for one in finished:
        day = clock.local(one.at).date()
        if deadline - timedelta(days=DAYS_BEFORE) < day <= deadline:
            days[one.person_id][day].append(one)
    found = []
    for person_id, mine in sorted(days.items()):
        full = {day: rows for day, rows in mine.items() if sum(one.hours for one in rows) > BURST_HOURS}
        if full:
            evidence = {
                "deadline": deadline.isoformat(),
                "most_hours": BURST_HOURS,
                "days": [_day(day, rows) for day, rows in sorted(full.items())],
            }
            strength = max(sum(one.hours for one in rows) for rows in full.values())
            found.append(Finding(Kind.BURST, f"{person_id}:{deadline.year}", (person_id,), strength, evidence))
    return found


def _day(day: date, rows: list[Finished]) -> dict[str, object]:
    rows = sorted(rows, key=lambda one: (one.at, one.id))
    return {
        "day": day.isoformat(),
        "hours": sum(one.hours for one in rows),
        "courses": [{"title": dict(one.title), "at": one.at.isoformat(), "hours": one.hours} for one in rows],
    }
