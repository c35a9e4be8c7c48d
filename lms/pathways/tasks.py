"""What pathways let the outbox do."""

from uuid import UUID

from lms.kernel import outbox
from lms.pathways.county import keeping


@outbox.task(keeping.REFRESH)
def refresh(people: list[str]) -> None:
    """The standings of people of whom something has changed."""
    keeping.refresh([UUID(one) for one in people])


@outbox.task(keeping.RANGE)
def recompute(start: str, end: str) -> None:
    """The standings of a range of people."""
    keeping.recompute(UUID(start), UUID(end) if end else None)
