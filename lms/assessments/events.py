"""What assessments announce."""

from dataclasses import dataclass
from uuid import UUID

from lms.kernel.events import Event


@dataclass(frozen=True)
class AttemptPassed(Event):
    """An attempt reached its pass mark. Announced once an attempt, when it is graded."""

    attempt_id: UUID
    enrolment_id: UUID
    person_id: UUID
    percent: int
