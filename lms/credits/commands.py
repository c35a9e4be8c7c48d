"""The doors through which credits are written; approvals and audits have rooms of their own."""

from datetime import date, timedelta
from typing import Unpack
from uuid import UUID

from sqlalchemy import select

from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.access import require_may_enter, works_here
from lms.credits.approvals.commands import approve_course, end_approval
from lms.credits.approvals.queries import valid_approval
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.auditing.commands import (
    answer_proposal,
    approve_award,
    approve_small,
    reply_to_award,
    return_award,
    reverse_award,
    withdraw_proposal,
)
from lms.credits.entering import Told, fact_values
from lms.credits.events import CourseNotCredited, CreditAwarded
from lms.credits.ledger.awarding import Outcome, award_for
from lms.credits.ledger.halting import halted
from lms.credits.ledger.rows import course_values
from lms.credits.listing import Listed, ListRecorded, record_list
from lms.credits.models import Activity, Approval
from lms.credits.recording import Recorded, record
from lms.credits.rules.facts import RefusedError
from lms.kernel import clock, outbox
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.people import access as people_access
from lms.people import queries as people

__all__ = [
    "ListRecorded",
    "Listed",
    "Recorded",
    "answer_proposal",
    "approve_award",
    "approve_course",
    "approve_small",
    "award_course",
    "end_approval",
    "record_activity",
    "record_list",
    "reply_to_award",
    "return_award",
    "reverse_award",
    "withdraw_proposal",
]

AWARD_LATER = "credits.award_course"
AGAIN_AFTER = timedelta(minutes=5)


def award_course(enrolment_id: UUID, person_id: UUID, course_code: str, on: date, tries: int = 0) -> None:
    """Give a finished course its credit, if it was approved on that day; say which of the two.

    While awarding is stopped, finishing goes on and the credit follows later.
    """
    approved = valid_approval(course_code, on, courses.edition_of(enrolment_id))
    # Held as the activity's reference would hold it: what is just being taken back is waited for, and awards nothing.
    held = approved.add_columns(halted()).with_for_update(read=True, key_share=True, of=Approval)
    found = session().execute(held).first()
    approval, stopped = found or (None, False)
    if stopped:
        outbox.send(
            AWARD_LATER, key=f"award:{enrolment_id}:{tries}", after=AGAIN_AFTER, enrolment_id=str(enrolment_id),
            person_id=str(person_id), course_code=course_code, on=on.isoformat(), tries=tries + 1,
        )  # fmt: skip
        return
    outcome = _award_approved(enrolment_id, person_id, approval, on) if approval else None
    if outcome and outcome.award_id:
        announce(CreditAwarded(outcome.award_id, person_id, enrolment_id))
    elif outcome or not session().scalar(select(Activity.id).where(Activity.enrolment_id == enrolment_id)):
        # Told twice, its activity is recorded: what became of it was said the first time.
        announce(CourseNotCredited(enrolment_id, person_id))


def _award_approved(enrolment_id: UUID, person_id: UUID, approval: Approval, on: date) -> Outcome | None:
    card = require_found(people.person(person_id))
    policy = policies.for_person(policies.person_of(card), on.year)
    enrolment = require_found(courses.enrolment(enrolment_id))
    if policy is None or not card.authority_path:
        return None
    package = courses.edition_package(enrolment.edition_id)
    if not package.reviewed and not unreviewed_may_carry():
        return None  # the page of the course says so before anybody begins
    titles, began = enrolment.titles, enrolment.started_at
    values = course_values(approval, titles, package.subject, enrolment.has_assessment, began, on)
    activity = Activity(
        id=new_id(), person_id=person_id, enrolment_id=enrolment_id, recorded_at=clock.now(), **values
    )
    try:
        return award_for(activity, card, policy)
    except RefusedError:
        return None  # her province's policy has no rule for this kind of project


def record_activity(
    actor: Actor, *, person_id: UUID, activity_id: UUID | None = None, **told: Unpack[Told]
) -> Recorded | None:
    """Enter an activity from outside (a face-to-face project, a lecture, …) for a person.

    Returns None when `activity_id` has been entered before (a form sent twice). Raises NotFound for a
    person outside the actor's places, NotAllowed for herself, Invalid for what does not fit.
    """
    card = require_found(people.person(person_id))
    # Where she works today is known; only for somebody who works elsewhere the rest is asked.
    require_in_place(works_here(actor, card) or people_access.may_see(actor, person_id))
    require_may_enter(actor, [person_id])
    activity = Activity(id=activity_id or new_id(), person_id=person_id, **fact_values(actor, told))
    return record(actor, activity, card)
