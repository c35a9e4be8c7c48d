"""The one way from an activity outside the platform to its award, whoever told of it: an administrator, or the
doctor whose claim was approved."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from lms.credits import policies
from lms.credits.entering import faults_of
from lms.credits.events import CreditAwarded
from lms.credits.ledger.awarding import Outcome, award_for, fact_of
from lms.credits.models import Activity
from lms.credits.rules.facts import RefusedError
from lms.credits.rules.judging import Reason, judge
from lms.kernel import audit
from lms.kernel.actor import Actor
from lms.kernel.errors import Invalid
from lms.kernel.events import announce
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an activity that was entered; `award_id` is None when it earned nothing."""

    activity_id: UUID
    award_id: UUID | None
    awarded: Decimal
    reasons: tuple[Reason, ...]


def record(actor: Actor, activity: Activity, card: PersonCard) -> Recorded | None:
    """Enter an activity with what it is worth; None if this very one is entered already. Raises Invalid."""
    outcome = _award_outside(activity, card)
    if outcome is None:
        return None
    audit.record(
        actor, "activity.recorded", "activity", activity.id,
        person=str(card.id), kind=activity.kind, award=str(outcome.award_id or ""),
    )  # fmt: skip
    if outcome.award_id:
        announce(CreditAwarded(outcome.award_id, card.id, None))
    judgement = outcome.judgement
    return Recorded(activity.id, outcome.award_id, judgement.awarded, judgement.reasons)


def _award_outside(activity: Activity, card: PersonCard) -> Outcome | None:
    person = policies.person_of(card)
    policy = policies.for_person(person, activity.on_date.year)
    faults = faults_of(activity, card, policy)
    if faults or policy is None:
        raise Invalid(fields=faults)
    try:
        judge(policy, person, fact_of(activity), activity.on_date.year, ())
        return award_for(activity, card, policy)
    except RefusedError as error:
        raise Invalid(fields={refused_field(error): error.message}) from error


def refused_field(error: RefusedError) -> str:
    """The field of an activity that a policy has no rule for."""
    return "on_date" if error.field == "date" else error.field
