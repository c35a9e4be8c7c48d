"""Finished courses of many people, for whoever looks at when they were finished."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from lms.courses.models import Edition, Enrolment
from lms.courses.packages.package import Text
from lms.kernel.db import session
from lms.kernel.quantities import from_milli


@dataclass(frozen=True, slots=True)
class FinishedCourse:
    """One enrolment that came to its end."""

    enrolment_id: UUID
    person_id: UUID
    edition_id: UUID
    titles: Text
    hours: Decimal
    finished_at: datetime


def finished_courses(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[FinishedCourse]:
    """What these people finished in a span of time; one statement."""
    rows = session().execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.edition_id,
            Edition.titles,
            Edition.hours_milli,
            Enrolment.finished_at,
        )
        .join(Edition, Edition.id == Enrolment.edition_id)
        .where(Enrolment.person_id.in_(person_ids), Enrolment.finished_at >= since, Enrolment.finished_at < until)
    )
    return [
        FinishedCourse(one, person, edition, titles, from_milli(hours), at)
        for one, person, edition, titles, hours, at in rows
        if at is not None
    ]
