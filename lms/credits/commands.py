"""The doors through which credits are written; approvals and audits have rooms of their own."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.approvals.commands import approve_course, end_approval
from lms.credits.approvals.queries import valid_approval
from lms.credits.auditing.commands import (
    answer_proposal,
    approve_award,
    approve_small,
    reply_to_award,
    return_award,
    reverse_award,
    withdraw_proposal,
)
from lms.credits.entering import milli
from lms.credits.events import CourseNotCredited, CreditAwarded
from lms.credits.ledger.awarding import Outcome, award_for
from lms.credits.ledger.halting import halted
from lms.credits.ledger.rows import course_values
from lms.credits.models import Activity, Approval
from lms.credits.recording import Recorded, record
from lms.credits.rules.facts import RefusedError
from lms.kernel import clock, outbox
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.people import access as people_access
from lms.people import queries as people

__all__ = [
    "Recorded",
    "answer_proposal",
    "approve_award",
    "approve_course",
    "approve_small",
    "award_course",
    "end_approval",
    "record_activity",
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
    found = session().execute(valid_approval(course_code, on).add_columns(halted())).first()
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
    subject = courses.edition_package(enrolment.edition_id).subject
    values = course_values(approval, enrolment.titles, subject, enrolment.has_assessment, enrolment.started_at, on)
    activity = Activity(
        id=new_id(), person_id=person_id, enrolment_id=enrolment_id, recorded_at=clock.now(), **values
    )
    try:
        return award_for(activity, card, policy)
    except RefusedError:
        return None  # her province's policy has no rule for this kind of project


def record_activity(
    actor: Actor,
    *,
    person_id: UUID,
    kind: str,
    title: Mapping[str, str],
    on_date: date,
    hours: Decimal,
    quantity: Decimal | None = None,
    unit: str = "hours",
    started_on: date | None = None,
    project_number: str | None = None,
    activity_code: str | None = None,
    role: str = "attendee",
    choice: str | None = None,
    assessed: bool = False,
    holder: str = "",
    note: str = "",
    activity_id: UUID | None = None,
) -> Recorded | None:
    """Enter an activity from outside (a face-to-face project, a lecture, …) for a person.

    `quantity` is in `unit` (hours by default, `items` for events counted one by one); `choice` is
    what was chosen where the policy has several rates for the kind. The code
    under which it is awarded once a year is the project number unless another is given. Returns
    None when `activity_id` has been entered before (a form sent twice). Raises NotFound for a
    person outside the actor's places, NotAllowed for herself, Invalid for what does not fit.
    """
    card = require_found(people.person(person_id))
    # Where she works today is known; only for somebody who works elsewhere the rest is asked.
    mine = bool(card.workplace_path) and actor.holds(Role.ADMINISTRATOR, card.workplace_path)
    require_in_place(mine or people_access.may_see(actor, person_id))
    require(actor.system or actor.has(Role.ADMINISTRATOR))
    require(actor.person_id != person_id, msg("自己的活动要请别的管理员登记。"))
    number = nfc(project_number or "") or None
    activity = Activity(
        id=activity_id or new_id(),
        person_id=person_id,
        kind=kind,
        activity_code=nfc(activity_code or "") or number,
        project_number=number,
        title={language: nfc(text) for language, text in title.items()},
        started_on=started_on or on_date,
        on_date=on_date,
        hours_milli=milli(hours, "hours", "hours"),
        quantity_milli=milli(quantity if quantity is not None else hours, "quantity", unit),
        unit=unit,
        role=role,
        choice=choice,
        assessed=assessed,
        holder=nfc(holder),
        note=nfc(note),
        recorded_by=actor.person_id,
        recorded_at=clock.now(),
    )
    return record(actor, activity, card)
