"""What credits announces."""

from dataclasses import dataclass
from uuid import UUID

from lms.kernel.events import Event


@dataclass(frozen=True, slots=True)
class CreditAwarded(Event):
    """An award stands in the ledger: newly made, or restored after a reversal."""

    award_id: UUID
    person_id: UUID
    enrolment_id: UUID | None


@dataclass(frozen=True, slots=True)
class CreditsAwarded(Event):
    """Many awards stand in the ledger, newly made together for activities outside the platform."""

    award_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CourseNotCredited(Event):
    """A course was finished that brings no credit (no approval, or already awarded this year)."""

    enrolment_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class AwardReturned(Event):
    """An auditor asked the doctor to explain; the award is not counted meanwhile."""

    award_id: UUID
    person_id: UUID
    credit_year: int


@dataclass(frozen=True, slots=True)
class AwardApproved(Event):
    """An auditor approved the award."""

    award_id: UUID
    person_id: UUID
    credit_year: int


@dataclass(frozen=True, slots=True)
class AwardReversed(Event):
    """An auditor took the award back."""

    award_id: UUID
    person_id: UUID
    credit_year: int
