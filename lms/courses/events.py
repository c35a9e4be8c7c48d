"""What courses announce."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms.kernel.events import Event


@dataclass(frozen=True)
class EditionPublished(Event):
    """A new edition is the current one of its course."""

    edition_id: UUID
    course_id: UUID


@dataclass(frozen=True)
class Enrolled(Event):
    """Somebody began a course, or a new round of it."""

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID


@dataclass(frozen=True)
class CourseFinished(Event):
    """All lessons are finished and every gate is open. Told exactly once an enrolment."""

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_code: str
    edition_id: UUID
    finished_at: datetime
