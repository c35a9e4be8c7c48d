"""Entering and ending approvals."""

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import select, true, update

from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.approvals.queries import AUTHORITY_KINDS, COURSE_KINDS
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.models import Approval
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.quantities import to_milli
from lms.kernel.text import Message, msg, nfc
from lms.organisations import queries as organisations

MOST_YEARS = 5


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
    return _enter(
        actor, None, course_code=course_code, authority_id=authority_id, project_number=project_number, kind=kind,
        hours=hours, valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip


def approve_edition(actor: Actor, *, edition_id: UUID, **said: Unpack[Said]) -> UUID:
    """The same for one edition alone, as it was proposed: the next one needs its own. Raises as `approve_course`."""
    return _enter(actor, edition_id, **said)


def _enter(
    actor: Actor,
    edition_id: UUID | None,
    *,
    course_code: str,
    authority_id: UUID,
    project_number: str,
    kind: str,
    hours: Decimal,
    valid_from: date,
    valid_until: date,
) -> UUID:
    authority = require_found(organisations.organisation(authority_id))
    require_in_place(actor.holds(Role.ADMINISTRATOR, authority.path))
    course = courses.by_code(course_code)
    if course is None:
        raise Invalid(fields={"course_code": msg("没有这门课程，或者还没有发布。")})
    package = courses.edition_package(edition_id or course.edition_id)
    if not unreviewed_may_carry() and not package.reviewed:
        raise Invalid(fields={"course_code": msg("这门课没有经过临床审核，不能带学分。")})
    project_number = nfc(project_number)
    faults = _faults(kind, project_number, hours, package.hours)
    if authority.kind not in AUTHORITY_KINDS or (authority.closed_on and authority.closed_on <= clock.today()):
        # Whoever administers a clinic would otherwise give credit to the whole country's doctors.
        faults["authority_id"] = msg("请从列出的几项里选一项。")
    faults |= _faults_of_time(course.id, edition_id, valid_from, valid_until)
    policy = policies.governing(policies.NATION, valid_from.year)
    if policy is None:
        faults["valid_from"] = msg("{year} 年没有规则集，不能登记。", year=valid_from.year)
    if faults or policy is None:
        raise Invalid(fields=faults)
    approval_id = new_id()
    made = insert_once(
        Approval,
        {
            "id": approval_id,
            "course_id": course.id,
            "edition_id": edition_id,
            "course_code": course.code,
            "holder_id": course.centre_id,
            "authority_id": authority_id,
            "authority_path": authority.path,
            "project_number": project_number,
            "kind": kind,
            "credit_class": policy.credit_class,
            "hours_milli": to_milli(hours),
            "valid_from": valid_from,
            "valid_until": valid_until,
            "entered_by": actor.person_id,
            "entered_at": clock.now(),
        },
        on=["course_id", "authority_id", "project_number", "valid_from"],
    )
    if not made:
        raise Invalid(fields={"project_number": msg("这条批准已经登记过了。")})
    audit.record(
        actor, "approval.entered", "approval", approval_id,
        course=course.code, number=project_number,
    )  # fmt: skip
    return approval_id


def _faults(kind: str, project_number: str, hours: Decimal, course_hours: Decimal) -> dict[str, Message]:
    faults: dict[str, Message] = {}
    if kind not in COURSE_KINDS:
        faults["kind"] = msg("请从列出的几项里选一项。")
    if not 1 <= len(project_number) <= 30:
        faults["project_number"] = msg("请写项目编号，最多 30 个字。")
    if not hours.is_finite() or hours <= 0 or hours * 1000 % 1:
        faults["hours"] = msg("请写学时，最多三位小数。")
    elif hours > course_hours:
        # Awards must match actual content; a declared number is not simply granted (domain.md 1.4).
        faults["hours"] = msg("不能多于课程实际的 {hours} 学时。", hours=course_hours)
    return faults


def _faults_of_time(
    course_id: UUID, edition_id: UUID | None, valid_from: date, valid_until: date
) -> dict[str, Message]:
    if valid_until < valid_from:
        return {"valid_until": msg("结束的日期比开始的早。")}
    if valid_until.year - valid_from.year > MOST_YEARS:
        return {"valid_until": msg("一次批准最多 {years} 年。", years=MOST_YEARS)}
    # One edition may be approved while another is; what holds for all overlaps with each.
    same = true() if edition_id is None else Approval.edition_id.is_(None) | (Approval.edition_id == edition_id)
    overlapping = session().scalar(
        select(Approval.project_number)
        .where(
            same,
            Approval.course_id == course_id,
            Approval.ended_at.is_(None),
            Approval.valid_from <= valid_until,
            Approval.valid_until >= valid_from,
        )
        .limit(1)
    )
    if overlapping is None:
        return {}
    return {
        "valid_from": msg(
            "这门课在这段时间里已有批准（{number}）。请先结束那一条，或者改日期。",
            number=overlapping,
        )
    }


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
