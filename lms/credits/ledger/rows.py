"""What a fact, its award or its refusal are as rows. Pure: whoever writes one or a million asks here."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from lms.credits.ledger.decisions import stored
from lms.credits.models import Activity, Approval, Award
from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.judging import Earlier, Judgement
from lms.credits.rules.policy import Policy
from lms.credits.rules.sampling import LOTS
from lms.kernel import clock
from lms.kernel.quantities import from_milli, to_milli
from lms.kernel.text import folded
from lms.people.queries import PersonCard


def fact_of(activity: Activity) -> Fact:
    """A recorded activity as the rules see it."""
    return Fact(
        id=str(activity.id),
        kind=activity.kind,
        activity=activity.activity_code,
        project=activity.project_number,
        date=activity.on_date,
        quantity=from_milli(activity.quantity_milli),
        unit=activity.unit,
        hours=from_milli(activity.hours_milli),
        role=activity.role,
        assessed=activity.assessed,
        choice=activity.choice,
        evidence=tuple(sorted({paper["kind"] for paper in activity.evidence or ()})),
        recorded_on=clock.local(activity.recorded_at).date(),
    )


def course_values(
    approval: Approval, titles: Mapping[str, str], subject: str, assessed: bool, started_at: datetime, on: date
) -> dict[str, Any]:
    """A course finished on a day under its approval, as a fact without its ids and its time."""
    return {
        "kind": approval.kind,
        "activity_code": approval.course_code,
        "project_number": approval.project_number,
        "title": dict(titles),
        "subject": subject,
        "started_on": min(clock.local(started_at).date(), on),
        "on_date": on,
        "quantity_milli": approval.hours_milli,
        "unit": "hours",
        "hours_milli": approval.hours_milli,
        "role": "attendee",
        "assessed": assessed,
        "approval_id": approval.id,
    }


def earlier_of(award: Award | Any) -> Earlier:
    """An award as later ones of its year must know it. What was reversed no longer takes room under a
    project's cap, but stays given once."""
    return Earlier(
        award.kind,
        award.activity_code,
        None if award.state == "reversed" else award.project_number,
        award.on_date,
        from_milli(award.awarded_milli),
    )


def award_values(
    activity: Activity,
    card: PersonCard,
    policy: Policy,
    person: Person,
    judgement: Judgement,
    award_id: UUID,
    at: datetime,
) -> dict[str, Any]:
    """The award of a fact, as it is granted at an instant."""
    words = [card.name, card.workplace_name, *activity.title.values(), activity.project_number]
    return {
        "id": award_id,
        "person_id": activity.person_id,
        "activity_id": activity.id,
        "activity_code": activity.activity_code,
        "project_number": activity.project_number,
        "credit_year": activity.on_date.year,
        "kind": activity.kind,
        "credit_class": judgement.category or policy.credit_class,
        "on_date": activity.on_date,
        "computed_milli": to_milli(judgement.computed),
        "awarded_milli": to_milli(judgement.awarded),
        "hours_milli": to_milli(judgement.hours),
        "policy_version_id": policy.version,
        "decision": stored(person, judgement),
        "state": "granted",
        "decided_level": 0,
        "answered": False,
        "version": 1,
        "authority_path": card.authority_path,
        "search_text": folded(" ".join(word for word in words if word)),
        "lot": int.from_bytes(sha256(award_id.bytes).digest()[:6], "big") % LOTS,
        "awarded_at": at,
    }


def refusal_values(
    activity: Activity, policy: Policy, person: Person, judgement: Judgement, at: datetime
) -> dict[str, Any]:
    """That a fact earned nothing, and why."""
    return {
        "activity_id": activity.id,
        "person_id": activity.person_id,
        "credit_year": activity.on_date.year,
        "computed_milli": to_milli(judgement.computed),
        "policy_version_id": policy.version,
        "decision": stored(person, judgement),
        "decided_at": at,
    }
