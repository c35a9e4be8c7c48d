"""What must be known to judge approvals, and an approval as a row."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.approvals.judging import Held, Known, Wanted
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.models import Approval
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.quantities import to_milli
from lms.organisations import queries as organisations


def look(wanted: Sequence[Wanted]) -> Known:
    """What is known of the courses and authorities of these; three statements, however many they are."""
    codes = {one.course_code for one in wanted}
    editions = courses.taught_editions(codes, {one.edition_id for one in wanted if one.edition_id})
    holding = session().execute(
        select(
            Approval.course_id, Approval.edition_id, Approval.authority_id, Approval.project_number,
            Approval.valid_from, Approval.valid_until, Approval.ended_at.is_not(None),
        )
        .where(Approval.course_id.in_({one.course_id for one in editions.values()}))
        .order_by(Approval.valid_from, Approval.id)
    )  # fmt: skip
    governing = {year: policies.governing(policies.NATION, year) for year in {one.valid_from.year for one in wanted}}
    return Known(
        editions=editions,
        authorities=organisations.cards({one.authority_id for one in wanted}),
        held=[Held(*row) for row in holding],
        classes={year: policy.credit_class for year, policy in governing.items() if policy is not None},
        unreviewed_may=unreviewed_may_carry(),
        today=clock.today(),
    )


def row_of(actor: Actor, known: Known, wanted: Wanted) -> dict[str, Any]:
    """An approval without faults as a row, entered by the actor now."""
    edition = known.editions[wanted.course_code, wanted.edition_id]
    return {
        "id": new_id(),
        "course_id": edition.course_id,
        "edition_id": wanted.edition_id,
        "course_code": wanted.course_code,
        "holder_id": edition.centre_id,
        "authority_id": wanted.authority_id,
        "authority_path": known.authorities[wanted.authority_id].path,
        "project_number": wanted.project_number,
        "kind": wanted.kind,
        "credit_class": known.classes[wanted.valid_from.year],
        "hours_milli": to_milli(wanted.hours),
        "valid_from": wanted.valid_from,
        "valid_until": wanted.valid_until,
        "entered_by": actor.person_id,
        "entered_at": clock.now(),
    }
