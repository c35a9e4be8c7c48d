"""From a fact to an award: record, judge, award, enter; each step safe to meet twice.

The database holds what must hold: one fact per enrolment or form, one award per learner, activity
and year, one line per award and number. The code only finds out who came second, and judges again
on what it then sees.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, update

from lms.credits import policies
from lms.credits.compliance import commands as compliance
from lms.credits.ledger import entries
from lms.credits.ledger.decisions import stored
from lms.credits.ledger.looking import Decide, Seen, judged, look, nothing
from lms.credits.ledger.rows import award_values, earlier_of, fact_of, refusal_values
from lms.credits.models import Activity, Award, RefusedActivity
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import Judgement, Reason, judge
from lms.credits.rules.policy import Policy
from lms.kernel import clock
from lms.kernel.db import insert_once, session
from lms.kernel.ids import new_id
from lms.kernel.quantities import to_milli
from lms.people.queries import PersonCard

__all__ = ["Decide", "Outcome", "award_for", "fact_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fact; `award_id` is None when it earned nothing."""

    activity_id: UUID
    award_id: UUID | None
    judgement: Judgement


def award_for(activity: Activity, card: PersonCard, policy: Policy, decide: Decide = judge) -> Outcome | None:
    """Record a fact and give what it is worth; None if this very fact is recorded already.

    `decide`: what judges it, where that is not the engine alone (an import). Raises RefusedError when the policy
    has no rule for it, and Conflict for somebody whose account is closed.
    """
    entries.require_open(card)
    person = policies.person_of(card)
    fact = fact_of(activity)
    # Judged once before anything is written: a fact the policy refuses leaves no trace.
    decide(policy, person, fact, activity.on_date.year, ())
    if not _record(activity):
        return None
    seen = look(activity.person_id, activity.on_date.year, policy)
    if not seen.policy_kept:
        policies.keep(policy)
    judgement = judged(decide, policy, person, fact, seen.earlier, seen.reversed_codes)
    if judgement.awarded:
        award = _draft(activity, card, policy, person, judgement)
        if _make(award):
            judgement, seen = _enter(award, activity, card, policy, seen, judgement, decide)
            if judgement.awarded:
                _keep_year(award, seen)
                return Outcome(activity.id, award.id, judgement)
        else:
            # Somebody awarded the same activity between our look and our row.
            seen = look(activity.person_id, fact.date.year, policy)
            judgement = judged(decide, policy, person, fact, seen.earlier, seen.reversed_codes)
            if judgement.awarded:
                judgement = nothing(judgement, Reason("already_given"))
    _refuse(activity, policy, person, judgement)
    return Outcome(activity.id, None, judgement)


def _record(activity: Activity) -> bool:
    values = {
        column.name: getattr(activity, column.name)
        for column in Activity.__table__.columns
        if column.name not in ("holder", "note")
    }
    values |= {"holder": activity.holder or "", "note": activity.note or ""}
    return insert_once(Activity, values, on=["enrolment_id"] if activity.enrolment_id else ["id"])


def _draft(activity: Activity, card: PersonCard, policy: Policy, person: Person, judgement: Judgement) -> Award:
    return Award(**award_values(activity, card, policy, person, judgement, new_id(), clock.now()))


def _make(award: Award) -> bool:
    values = {column.name: getattr(award, column.name) for column in Award.__table__.columns}
    return insert_once(Award, values, on=["person_id", "activity_code", "credit_year"])


def _keep_year(award: Award, seen: Seen) -> None:
    """Her row of the year, from what has been read anyway; read again only if somebody was faster."""
    if seen.year is not None:
        others = [row for row in seen.year.awards if row.id != award.id]
        if not compliance.keep(replace(seen.year, awards=(*others, award)), award.credit_year):
            compliance.refresh(award.person_id, award.credit_year)


def _enter(
    award: Award, activity: Activity, card: PersonCard, policy: Policy, seen: Seen, judgement: Judgement,
    decide: Decide,
) -> tuple[Judgement, Seen]:
    """Enter the award; where another award of this learner came in between, judge once more."""
    person, fact = policies.person_of(card), fact_of(activity)
    while not entries.enter(award, activity, card, seen.tip):
        seen = _look_without(award, activity, policy)
        again = decide(policy, person, fact, fact.date.year, seen.earlier)
        if not again.awarded:
            session().execute(delete(Award).where(Award.id == award.id))
            return again, seen
        if again != judgement:
            judgement = again
            _correct(award, person, judgement)
    return judgement, seen


def _look_without(award: Award, activity: Activity, policy: Policy) -> Seen:
    """The year again, without the award that is just being entered."""
    seen = look(activity.person_id, activity.on_date.year, policy)
    earlier = list(seen.earlier)
    earlier.remove(earlier_of(award))
    return replace(seen, earlier=tuple(earlier))


def _correct(award: Award, person: Person, judgement: Judgement) -> None:
    """Nobody has seen this award yet: it is of the transaction that is still open."""
    award.awarded_milli = to_milli(judgement.awarded)
    award.decision = stored(person, judgement)
    session().execute(
        update(Award).where(Award.id == award.id).values(awarded_milli=award.awarded_milli, decision=award.decision)
    )


def _refuse(activity: Activity, policy: Policy, person: Person, judgement: Judgement) -> None:
    values = refusal_values(activity, policy, person, judgement, clock.now())
    insert_once(RefusedActivity, values, on=["activity_id"])
