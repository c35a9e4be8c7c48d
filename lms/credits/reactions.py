"""What credits does when something happened below or in itself, in the same transaction."""

from lms.courses.events import CourseFinished
from lms.credits import commands
from lms.credits.compliance import commands as compliance
from lms.credits.events import AwardApproved, AwardReturned, AwardReversed
from lms.kernel import clock
from lms.kernel.events import Bus
from lms.people.events import ManyPosted, PersonPosted, PopulationChanged


def register(bus: Bus) -> None:
    """Wait for finished courses, and for what changes somebody's year.

    A new award is not among it: the step that enters it writes the year from what it has read.
    """
    bus.on(CourseFinished, _award)
    bus.on(AwardApproved, _refresh)
    bus.on(AwardReturned, _refresh)
    bus.on(AwardReversed, _refresh)
    bus.on(PersonPosted, _refresh_all_years)
    bus.on(PopulationChanged, _refresh_all_years)
    bus.on(ManyPosted, _refresh_many)


def _award(happened: CourseFinished) -> None:
    commands.award_course(
        happened.enrolment_id,
        happened.person_id,
        happened.course_code,
        clock.local(happened.finished_at).date(),
    )


def _refresh(happened: AwardApproved | AwardReturned | AwardReversed) -> None:
    compliance.refresh(happened.person_id, happened.credit_year)


def _refresh_all_years(happened: PersonPosted | PopulationChanged) -> None:
    compliance.refresh_all_years(happened.person_id)


def _refresh_many(happened: ManyPosted) -> None:
    compliance.refresh_many(happened.person_ids, new=happened.new)
