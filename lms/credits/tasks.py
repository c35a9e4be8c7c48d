"""What credits let the outbox do."""

from datetime import date
from uuid import UUID

from lms.credits import commands
from lms.credits.filing import tasks as filing
from lms.credits.history_import import tasks as history
from lms.kernel import outbox

ROOMS = (filing, history)
"""Importing them registers the tasks of these rooms."""


@outbox.task(commands.AWARD_LATER)
def award_course(enrolment_id: str, person_id: str, course_code: str, on: str, tries: int) -> None:
    """Award a course that was finished while awarding was stopped."""
    commands.award_course(UUID(enrolment_id), UUID(person_id), course_code, date.fromisoformat(on), tries)
