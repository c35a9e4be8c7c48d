"""What credits does when a course is finished, in the same transaction."""

from lms.courses.events import CourseFinished
from lms.credits import commands
from lms.kernel import clock
from lms.kernel.events import Bus


def register(bus: Bus) -> None:
    """Wait for finished courses."""
    bus.on(CourseFinished, _award)


def _award(happened: CourseFinished) -> None:
    commands.award_course(
        happened.enrolment_id,
        happened.person_id,
        happened.course_code,
        clock.local(happened.finished_at).date(),
    )
