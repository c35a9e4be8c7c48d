"""What assessments do when something happens below, and what they open there."""

from lms.assessments import bank
from lms.assessments.events import AttemptPassed
from lms.courses import commands as courses
from lms.courses import queries as course_queries
from lms.courses.events import EditionPublished
from lms.courses.queries import ASSESSMENT
from lms.kernel.events import Bus


def keep_bank(happened: EditionPublished) -> None:
    """A published edition brings its bank and paper."""
    bank.freeze(happened.edition_id, course_queries.edition_package(happened.edition_id))


def open_gate(happened: AttemptPassed) -> None:
    """A passed attempt opens the gate that the course waits for."""
    courses.open_gate(happened.enrolment_id, ASSESSMENT)


def register(bus: Bus) -> None:
    """Tie the reactions to their events."""
    bus.on(EditionPublished, keep_bank)
    bus.on(AttemptPassed, open_gate)
