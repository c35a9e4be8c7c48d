"""What certificates do when something happened below, in the same transaction."""

from lms.certificates import commands
from lms.credits.events import AwardReversed, CourseNotCredited, CreditAwarded, CreditsAwarded
from lms.kernel.events import Bus


def register(bus: Bus) -> None:
    """Wait for awards, for courses that end without one, and for reversals."""
    bus.on(CreditAwarded, _issue_with_the_award)
    bus.on(CreditsAwarded, _issue_with_the_awards)
    bus.on(CourseNotCredited, _issue_on_completion)
    bus.on(AwardReversed, _revoke)


def _issue_with_the_award(happened: CreditAwarded) -> None:
    commands.issue_for_award(happened.award_id, happened.enrolment_id)


def _issue_with_the_awards(happened: CreditsAwarded) -> None:
    commands.issue_for_awards(happened.award_ids)


def _issue_on_completion(happened: CourseNotCredited) -> None:
    commands.issue_for_completion(happened.enrolment_id)


def _revoke(happened: AwardReversed) -> None:
    commands.revoke_for_award(happened.award_id)
