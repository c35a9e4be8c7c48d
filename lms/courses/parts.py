"""Places on the courses' pages that higher features fill."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, false, select

from lms.courses.models import Enrolment
from lms.kernel.parts import Slot
from lms.kernel.text import Message

if TYPE_CHECKING:
    from lms.courses.editions import EditionData, LessonData
    from lms.courses.learning import LessonPage
    from lms.courses.moving.notices import Notice
    from lms.courses.queries import EnrolmentCard


@dataclass(frozen=True, slots=True)
class CourseValue:
    """What a course brings on a day: credits only under an approval, hours always."""

    credits: Decimal | None
    hours: Decimal
    project_number: str | None


@dataclass(frozen=True, slots=True)
class AssessmentPanel:
    """The final assessment as the course page shows it.

    state: locked (lessons missing) · ready · open (an attempt is running) · cooling · passed · used_up.
    """

    state: str
    attempt_id: UUID | None
    tries_left: int
    next_at: datetime | None
    pass_mark: int
    minutes: int
    item_count: int
    best_percent: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something the course has brought: a line and where to see it."""

    label: Message
    url: str


def _no_values(codes: Collection[str], on: date) -> dict[str, CourseValue]:
    return {}


def _no_value(edition: "EditionData", on: date) -> CourseValue | None:
    return None


def _none_carries(editions: "Collection[EditionData]", on: date) -> set[UUID]:
    return set()


def _no_panel(card: "EnrolmentCard") -> AssessmentPanel | None:
    return None


def _no_outcomes(card: "EnrolmentCard") -> list[Outcome]:
    return []


def _nothing_lacks(person_id: UUID) -> set[str]:
    return set()


def _never() -> bool:
    return False


def _nobody_sits() -> Select[Any]:
    return select(Enrolment.id).where(false())


def _no_end(page: "LessonPage") -> str:
    return ""


def _no_start(page: "LessonPage") -> str:
    return ""


@dataclass(frozen=True, slots=True)
class CourseMore:
    """What else stands on the course page of an enrolment: clinical notices above everything, HTML below the progress
    and at the end; what the course brings her who may begin it again."""

    notices: "Sequence[Notice]" = ()
    tests: str = ""
    end: str = ""
    again: CourseValue | None = None


def _no_more(card: "EnrolmentCard") -> CourseMore:
    return CourseMore()


def _nothing_said(enrolment_id: UUID, edition: "EditionData", lesson: "LessonData", values: Mapping[str, str]) -> None:
    return None


def _none_wait(course_id: UUID) -> int:
    return 0


def _unknown(on: date) -> set[str] | None:
    return None


course_values: Slot[[Collection[str], date], dict[str, CourseValue]] = Slot(_no_values)
"""Of the current editions by code, for the codes given; one statement. Filled by credits."""

edition_value: Slot[["EditionData", date], CourseValue | None] = Slot(_no_value)
"""What one edition brings on a day, current or not; one statement at most. Filled by credits."""

editions_with_credit: Slot[["Collection[EditionData]", date], set[UUID]] = Slot(_none_carries)
"""Which of some editions of one course carry credit on a day, current or not, published or not yet; one statement.
Filled by credits."""

course_assessment: Slot[["EnrolmentCard"], AssessmentPanel | None] = Slot(_no_panel)
"""The assessment of an enrolment, None if its edition has none; one statement once all is read. Filled by
assessments."""

course_outcomes: Slot[["EnrolmentCard"], list[Outcome]] = Slot(_no_outcomes)
"""What a finished enrolment brought; one statement. Filled by certificates."""

lacking: Slot[[UUID], set[str]] = Slot(_nothing_lacks)
"""Codes of courses that would still bring her counted credit this year. Filled by credits."""

unreviewed_carries: Slot[[], bool] = Slot(_never)
"""Whether a course that nobody reviewed clinically may carry credit here. Filled by credits."""

with_credit: Slot[[date], "set[str] | None"] = Slot(_unknown)
"""Codes of all courses that carry credit on a day; None lets us ask course_values. Filled by credits."""

sitting: Slot[[], Select[Any]] = Slot(_nobody_sits)
"""Ids of the enrolments that are in the middle of a test, as a statement of one column. Filled by assessments."""

lesson_start: Slot[["LessonPage"], str] = Slot(_no_start)
"""HTML above a lesson; one statement above the first one while nothing is done, none elsewhere. Filled by improving."""

lesson_end: Slot[["LessonPage"], str] = Slot(_no_end)
"""HTML at the end of a lesson: within the form that finishes it, after it once it is finished; one statement then, none
before. Filled by improving."""

lesson_finished: Slot[[UUID, "EditionData", "LessonData", Mapping[str, str]], None] = Slot(_nothing_said)
"""What came with the form that finished a lesson of her own. Filled by improving."""

course_more: Slot[["EnrolmentCard"], CourseMore] = Slot(_no_more)
"""What else stands on the course page of an enrolment; one statement. Filled by improving."""

words_waiting: Slot[[UUID], int] = Slot(_none_wait)
"""How much that learners said of a course waits for its centre's answer; one statement. Filled by improving."""
