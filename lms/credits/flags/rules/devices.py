"""One device for many people: not a common computer of colleagues, and not a training room used once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from lms.credits.flags.rules.facts import DeviceUse, Finding, Kind, Sitting
from lms.credits.flags.rules.limits import COURSES_EACH, IN_A_ROW, MANY_PEOPLE, MANY_PLACES, NEXT_IN_SECONDS


def find_devices(
    sittings: Iterable[Sitting], uses: Iterable[DeviceUse], workplaces: Mapping[UUID, str], year: int
) -> list[Finding]:
    """One finding a device and year."""
    by_person: dict[UUID, list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        by_person[sitting.person_id].append(sitting)
    on_device: dict[str, dict[UUID, Sitting]] = defaultdict(dict)
    for use in uses:
        if use.shared:
            continue
        for sitting in by_person[use.person_id]:
            if use.since <= sitting.started_at <= use.until:
                on_device[use.device][sitting.id] = sitting
    found = (_judged(device, list(taken.values()), workplaces, year) for device, taken in sorted(on_device.items()))
    return [one for one in found if one is not None]


def habitual(taken: Iterable[Sitting]) -> set[UUID]:
    """Who took the tests of at least COURSES_EACH courses among these."""
    courses: dict[UUID, set[str]] = defaultdict(set)
    for sitting in taken:
        courses[sitting.person_id].add(sitting.course)
    return {person_id for person_id, found in courses.items() if len(found) >= COURSES_EACH}


def longest_row(taken: Sequence[Sitting]) -> list[UUID]:
    """The most people who followed straight after each other, in order."""
    best: list[UUID] = []
    row: list[UUID] = []
    last = None
    for sitting in sorted(taken, key=lambda one: (one.started_at, one.id)):
        if last is not None and (sitting.started_at - last).total_seconds() > NEXT_IN_SECONDS:
            row = []
        if sitting.person_id not in row:
            row = [*row, sitting.person_id]
        last = max(last, sitting.ended_at) if last else sitting.ended_at
        best = max(best, row, key=len)
    return best


def _judged(device: str, taken: list[Sitting], workplaces: Mapping[UUID, str], year: int) -> Finding | None:
    people = habitual(taken)
    places = {workplaces.get(one, "") for one in people}
    row = longest_row([one for one in taken if one.person_id in people])
    many = len(people) >= MANY_PEOPLE and len(places) >= MANY_PLACES
    if not many and len(row) < IN_A_ROW:
        return None
    shown = [one for one in sorted(taken, key=lambda one: (one.started_at, one.id)) if one.person_id in people]
    evidence = {
        "people": len(people),
        "places": len(places),
        "row": len(row),
        "sittings": [
            {
                "attempt": str(one.id),
                "person": str(one.person_id),
                "course": one.course,
                "at": one.started_at.isoformat(),
                "until": one.ended_at.isoformat(),
            }
            for one in shown
        ],
    }
    return Finding(Kind.DEVICE, f"{device}:{year}", tuple(sorted(people)), float(len(people) + len(row)), evidence)
