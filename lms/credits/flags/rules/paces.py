"""Impossible pace: questions answered faster than anybody can read them."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from lms.credits.flags.rules.facts import Finding, Kind, Sitting
from lms.credits.flags.rules.limits import CHARACTERS_A_SECOND, LEAST_UNSEEN


def too_fast(sitting: Sitting) -> bool:
    """Whether she passed a paper in less time than reading its new questions takes the fastest reader.

    Questions met in an earlier try are not counted, and an attempt that was not passed gained nothing.
    """
    if not sitting.passed or sitting.unseen < LEAST_UNSEEN:
        return False
    return sitting.seconds * CHARACTERS_A_SECOND < sitting.characters


def find_paces(sittings: Iterable[Sitting]) -> list[Finding]:
    """One finding a person and year, with every such attempt of it."""
    fast: dict[tuple[UUID, int], list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        if too_fast(sitting):
            fast[sitting.person_id, sitting.started_at.year].append(sitting)
    return [_finding(person_id, year, found) for (person_id, year), found in fast.items()]


def _finding(person_id: UUID, year: int, found: list[Sitting]) -> Finding:
    found = sorted(found, key=lambda one: (one.started_at, one.id))
    rows = [
        {
            "attempt": str(one.id),
            "course": one.course,
            "number": one.number,
            "at": one.started_at.isoformat(),
            "seconds": one.seconds,
            "questions": one.unseen,
            "characters": one.characters,
            "least_seconds": round(one.characters / CHARACTERS_A_SECOND),
        }
        for one in found
    ]
    evidence = {"sittings": rows, "characters_a_second": CHARACTERS_A_SECOND}
    return Finding(Kind.PACE, f"{person_id}:{year}", (person_id,), float(len(found)), evidence)
