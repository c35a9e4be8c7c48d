"""Entering and ending approvals."""

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import select, update

from lms.credits.approvals import judging
from lms.credits.approvals.judging import Wanted
from lms.credits.approvals.looking import look, row_of
from lms.credits.models import Approval
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg, nfc

ENTERED = "approval.entered"


class Said(TypedDict):
    """What an authority says of a course."""

    course_code: str
    authority_id: UUID
    project_number: str
    kind: str
    hours: Decimal
    valid_from: date
    valid_until: date


def approve_course(
    actor: Actor,
    *,
    course_code: str,
    authority_id: UUID,
    project_number: str,
    kind: str,
    hours: Decimal,
    valid_from: date,
    valid_until: date,
) -> UUID:
    """Enter that an authority approved a course for credit.

    It holds for every edition. Raises NotFound for an authority outside the actor's places, Invalid for what does not
    fit, Invalid too where another approval of the course holds on one of these days.
    """
    number = nfc(project_number)
    return _enter(actor, Wanted(course_code, None, authority_id, number, kind, hours, valid_from, valid_until))


def approve_edition(actor: Actor, *, edition_id: UUID, **said: Unpack[Said]) -> UUID:
    """The same for one edition alone, as it was proposed: the next one needs its own. Raises as `approve_course`."""
    said["project_number"] = nfc(said["project_number"])
    return _enter(actor, Wanted(edition_id=edition_id, **said))


def _enter(actor: Actor, wanted: Wanted) -> UUID:
    known = look([wanted])
    authority = require_found(known.authorities.get(wanted.authority_id))
    require_in_place(actor.holds(Role.ADMINISTRATOR, authority.path))
    faults = judging.faults(known, wanted)
    if faults:
        raise Invalid(fields=faults)
    row = row_of(actor, known, wanted)
    if not insert_once(Approval, row, on=["course_id", "authority_id", "project_number", "valid_from"]):
        raise Invalid(fields={"project_number": msg("这条批准已经登记过了。")})
    approval_id: UUID = row["id"]
    audit.record(actor, ENTERED, "approval", approval_id, course=row["course_code"], number=row["project_number"])
    return approval_id


def end_approval(actor: Actor, approval_id: UUID) -> None:
    """End an approval now: what was awarded stays, nothing new is awarded under it.

    Raises NotFound outside the actor's places, Conflict if it has been ended already.
    """
    path = session().scalar(select(Approval.authority_path).where(Approval.id == approval_id))
    require_in_place(actor.holds(Role.ADMINISTRATOR, require_found(path)))
    ended = session().execute(
        update(Approval)
        .where(Approval.id == approval_id, Approval.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_by=actor.person_id)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这条批准已经结束了。"))
    audit.record(actor, "approval.ended", "approval", approval_id)
