"""Everything counted by night, and when somebody asks: one task an edition, so that workers share them."""

from datetime import timedelta
from uuid import UUID

from lms.courses import counting as courses
from lms.improving import counting
from lms.kernel import clock, outbox

# While authors sleep, in the civil time of the house.
HOUR = 4


def nightly() -> None:
    """Once a night send every course that anybody has begun."""
    if clock.local(clock.now()).hour != HOUR:
        return
    for course_id in courses.courses_with_learners():
        counting.send(course_id, clock.today().isoformat())


@outbox.task(counting.TASK, lease=timedelta(minutes=5))
def count(edition_id: str) -> None:
    """One edition."""
    counting.count(UUID(edition_id))
