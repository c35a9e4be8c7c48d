"""What pathways let the outbox do."""

from uuid import UUID

from lms.kernel import outbox
from lms.pathways.county import keeping


@outbox.task(keeping.REFRESH)
def refresh(person_id: str) -> None:
    """One person's standings."""
    keeping.refresh([UUID(person_id)])


@outbox.task(keeping.RANGE)
def recompute(start: str, end: str) -> None:
    """The standings of a range of people."""
    keeping.recompute(UUID(start), UUID(end) if end else None)
