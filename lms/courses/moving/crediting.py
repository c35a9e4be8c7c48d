"""Whether somebody loses the prospect of credit from one edition to another."""

from uuid import UUID

from lms.courses import editions, parts
from lms.courses.editions import EditionData
from lms.courses.moving.differing import edition_before
from lms.kernel import clock


def lost(before: EditionData, after: EditionData) -> bool:
    """Whether today the one carries credit and the other does not: an approval may be of one edition alone (ADR 32).
    Two statements at most."""
    today = clock.today()
    if before.id == after.id or parts.edition_value(before, today) is None:
        return False
    return parts.edition_value(after, today) is None


def lost_since(edition_id: UUID) -> bool:
    """The same of an edition and the one before it. Three statements at most."""
    after = editions.edition(edition_id)
    before = edition_before(after)
    return before is not None and lost(before, after)
