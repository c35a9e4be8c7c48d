"""The campaign against the planner: profiles by seed, each judged by the checker and by trying everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter

from plan_checker import check, least_hours
from plan_profiles import profile

from lms.pathways.planner.asking import OFFERED, Doing
from lms.pathways.planner.planning import plan

SLACK = Decimal("1.1")


@dataclass(slots=True)
class Counts:
    """How many were compared with the least hours, how many met them exactly, how many nothing could close,
    how many joined an activity, how many of those in a plan that is as short as can be and closes everything."""

    compared: int = 0
    exact: int = 0
    impossible: int = 0
    begun: int = 0
    joined: int = 0
    joined_exact: int = 0


def judged(seeds: Iterable[int]) -> Counts:
    """Judge the plan of every seed; fails with the seed of the first that does not stand."""
    counts = Counts()
    for seed in seeds:
        made = profile(seed)
        found = plan(made.asked)
        check(made, found)
        least = least_hours(made)
        year = made.asked.year
        assert year is not None
        after_year = any(step.doing in OFFERED and step.ends.year != year.year for step in found.steps)
        if least is None:
            # Trying everything looks at this year only; training may come after it.
            assert not found.feasible or after_year, seed
            counts.impossible += 1
        else:
            assert found.feasible, seed
            assert found.work <= least * SLACK, (seed, found.work, least)
            counts.compared += 1
            counts.exact += found.work == least
        joins = any(step.doing is Doing.JOIN for step in found.steps)
        counts.joined += joins
        counts.joined_exact += joins and found.work == least
        counts.begun += any(offer.begun for offer in made.asked.offers)
    return counts


def timed(seeds: Iterable[int]) -> list[float]:
    """Seconds for each plan with 500 offers, in order; every plan is checked."""
    times = []
    for seed in seeds:
        made = profile(seed, offers=500)
        start = perf_counter()
        found = plan(made.asked)
        times.append(perf_counter() - start)
        check(made, found)
    return sorted(times)
