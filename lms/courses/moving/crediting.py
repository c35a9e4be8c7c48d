"""Whether somebody loses the prospect of credit from one edition to another."""

from collections.abc import Collection
from uuid import UUID

from lms.courses import editions, parts
from lms.courses.editions import EditionData
from lms.courses.moving.differing import edition_before
from lms.kernel import clock


def carrying(some: Collection[EditionData]) -> set[UUID]:
    """Which of these editions of one course carry credit today: an approval may be of one edition alone (ADR 32).
    One statement."""
    return parts.editions_with_credit(some, clock.today())


def lost(before: EditionData, after: EditionData) -> bool:
    """Whether today the one carries credit and the other does not. One statement at most."""
    if before.id == after.id:
        return False
    found = carrying([before, after])
    return before.id in found and after.id not in found


def lost_since(edition_id: UUID) -> bool:
    """The same of an edition and the one before it. Two statements at most."""
    after = editions.edition(edition_id)
    before = edition_before(after)
    return before is not None and lost(before, after)
