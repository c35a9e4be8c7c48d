"""Areas × courses × lessons × items: what is taught, tested and refreshed, and what is missing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lms.courses.curriculum.reading import Area
from lms.courses.packages.package import Lesson, Objective, Package

FEWEST_TESTED = 2
"""Questions of the final paper that ask for an objective, at least."""


@dataclass(frozen=True, slots=True)
class Taught:
    """An objective that belongs to an area, in its course: the lessons that teach it, and how many questions of each
    use ask for it (the final paper, self-checks, the refresher)."""

    package: Package
    objective: Objective
    lessons: tuple[Lesson, ...]
    tested: int
    checked: int
    refreshed: int

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks: lesson · test · refresher."""
        lacks = {
            "lesson": not self.lessons, "test": self.tested < FEWEST_TESTED, "refresher": not self.refreshed,
        }  # fmt: skip
        return tuple(name for name, lacking in lacks.items() if lacking)


@dataclass(frozen=True, slots=True)
class AreaMap:
    """An area with what is taught of it; `unknown`: goals that no course here has."""

    area: Area
    taught: tuple[Taught, ...]
    unknown: tuple[str, ...]


def mapped(areas: Iterable[Area], packages: Mapping[str, Package]) -> tuple[AreaMap, ...]:
    """Every area with what these courses (by code) teach of it."""
    return tuple(_mapped(area, packages) for area in areas)


def unplaced(areas: Iterable[Area], packages: Mapping[str, Package]) -> tuple[str, ...]:
    """Objectives of these courses that belong to no area."""
    placed = {(goal.course, goal.objective) for area in areas for goal in area.goals}
    every = ((code, one.id) for code, package in sorted(packages.items()) for one in package.objectives)
    return tuple(f"{code}:{objective}" for code, objective in every if (code, objective) not in placed)


def _mapped(area: Area, packages: Mapping[str, Package]) -> AreaMap:
    taught, unknown = [], []
    for goal in area.goals:
        package = packages.get(goal.course)
        objective = next((one for one in package.objectives if one.id == goal.objective), None) if package else None
        if package is None or objective is None:
            unknown.append(f"{goal.course}:{goal.objective}")
            continue
        uses = [item.use for item in package.items if item.objective == objective.id]
        lessons = tuple(lesson for lesson in package.lessons if objective.id in lesson.objectives)
        counts = uses.count("assessment"), uses.count("check"), uses.count("knowledge")
        taught.append(Taught(package, objective, lessons, *counts))
    return AreaMap(area, tuple(taught), tuple(unknown))
