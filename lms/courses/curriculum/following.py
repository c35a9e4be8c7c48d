"""A learning path as somebody meets it: which of its courses there are here, and how far she is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms.courses import queries
from lms.courses.curriculum.reading import LearningPath, PathStep, learning_paths
from lms.courses.queries import CourseCard


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step with its course; `finished`: when she last finished it, `studying`: she is in the middle of it."""

    step: PathStep
    course: CourseCard
    finished: datetime | None
    studying: bool


@dataclass(frozen=True, slots=True)
class PathTaken:
    """A path with those of its courses that are published here."""

    path: LearningPath
    steps: tuple[StepTaken, ...]

    @property
    def done(self) -> int:
        """How many of its courses she has finished."""
        return sum(one.finished is not None for one in self.steps)

    @property
    def minutes(self) -> int:
        """Of all its courses."""
        return sum(one.course.minutes for one in self.steps)

    @property
    def next(self) -> StepTaken | None:
        """The first that she has not finished."""
        return next((one for one in self.steps if one.finished is None), None)


def paths_for(person_id: UUID | None) -> tuple[PathTaken, ...]:
    """All paths that have a course here; three statements, one for whoever is not signed in."""
    paths = learning_paths()
    cards = queries.open_courses({step.course for path in paths for step in path.steps})
    finished = queries.finished_codes(person_id) if person_id else {}
    studying = queries.studied_codes(person_id) if person_id else frozenset[str]()
    taken = (PathTaken(path, _steps(path, cards, finished, studying)) for path in paths)
    return tuple(one for one in taken if one.steps)


def _steps(
    path: LearningPath,
    cards: Mapping[str, CourseCard],
    finished: Mapping[str, datetime],
    studying: Collection[str],
) -> tuple[StepTaken, ...]:
    return tuple(
        StepTaken(step, cards[step.course], finished.get(step.course), step.course in studying)
        for step in path.steps
        if step.course in cards
    )
