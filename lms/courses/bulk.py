"""Many enrolments at once, for an invented province: rows as studying would have left them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lms.courses.commands import enrolment_values
from lms.courses.editions import EditionData
from lms.courses.models import Enrolment, Gate, LessonProgress
from lms.courses.queries import ASSESSMENT
from lms.kernel import bulk


@dataclass
class Studying:
    """Writes enrolments with their lessons and gates in batches."""

    enrolments: bulk.Rows = field(default_factory=lambda: bulk.Rows(Enrolment))
    lessons: bulk.Rows = field(default_factory=lambda: bulk.Rows(LessonProgress))
    gates: bulk.Rows = field(default_factory=lambda: bulk.Rows(Gate))

    def add(
        self,
        enrolment_id: UUID,
        person_id: UUID,
        edition: EditionData,
        started_at: datetime,
        read_at: Sequence[datetime],
        passed_at: datetime | None,
    ) -> bool:
        """Somebody's first round in a course with an assessment: when she finished the lessons, one after the
        other, and when she passed. Whether that finishes the course."""
        complete = len(read_at) == len(edition.lessons) and passed_at is not None
        values = enrolment_values(enrolment_id, person_id, edition.course_id, edition.id, 1, started_at)
        self.enrolments.add(values | {"finished_at": passed_at if complete else None})
        for lesson, at in zip(edition.lessons, read_at, strict=False):
            self.lessons.add({"enrolment_id": enrolment_id, "lesson_id": lesson.id, "finished_at": at})
        if passed_at is not None:
            self.gates.add({"enrolment_id": enrolment_id, "code": ASSESSMENT, "opened_at": passed_at})
        return complete

    def write(self) -> int:
        """Write what waits into the open unit of work; how many rows."""
        return sum(rows.write() for rows in (self.enrolments, self.lessons, self.gates))
