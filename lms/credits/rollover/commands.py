"""Rolling over and taking it back. The approvals are judged as every other one (`approvals.judging`), all of them by
what a few statements read, and entered together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from lms.credits.approvals import judging
from lms.credits.approvals.commands import ENTERED
from lms.credits.approvals.judging import Known, Wanted
from lms.credits.approvals.looking import look, row_of
from lms.credits.ledger.halting import require_awarding
from lms.credits.models import Approval
from lms.credits.rollover import queries
from lms.credits.rollover.models import Rollover, RolloverLine
from lms.credits.rollover.queries import Entry
from lms.kernel import audit, bulk, clock
from lms.kernel.access import require, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import Message, msg, nfc

REMOVED = "approval.removed"
CHANGED = msg("名单刚刚变了：有的批准已经结转过，或者已经结束。什么也没有登记，请再看一遍。")


@dataclass(frozen=True, slots=True)
class Line:
    """What is new of one approval in the new year."""

    approval_id: UUID
    project_number: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """Which approvals go on in a year, all with the same days (both counted)."""

    year: int
    valid_from: date
    valid_until: date
    lines: tuple[Line, ...]


class LinesRefused(Invalid):
    """Some lines cannot be entered: what is wrong, by the approval that ends and the field."""

    def __init__(self, lines: Mapping[UUID, Mapping[str, Message]]) -> None:
        self.lines = dict(lines)
        super().__init__(msg("有 {n} 条不能登记，什么也没有登记。请改好，或者不勾选。", n=len(self.lines)))


def rehearse(actor: Actor, plan: Plan) -> None:
    """Judge a plan, and write nothing. Raises Invalid for its days and for none chosen, LinesRefused, Conflict where an
    approval does not end so any more or has a successor, NotFound without places."""
    _judged(actor, plan)


def roll_over(actor: Actor, rollover_id: UUID, plan: Plan) -> bool:
    """Enter all of a plan or nothing; False if this roll-over had been entered before. Raises as `rehearse`."""
    require(actor.signed_in)
    if _entered(actor, rollover_id):
        return False
    try:
        known, wanted = _judged(actor, plan)
        with bulk.all_or_nothing():
            _write(actor, rollover_id, plan, [row_of(actor, known, one) for one in wanted])
    except (Conflict, LinesRefused, bulk.Taken) as refusal:
        # Of two presses the first may have been entered while the second was judged or written.
        if _entered(actor, rollover_id):
            return False
        if isinstance(refusal, bulk.Taken) or not _due(actor, plan):
            raise Conflict(CHANGED) from None
        raise
    return True


def _due(actor: Actor, plan: Plan) -> dict[UUID, Entry]:
    """The approvals that end and have no successor, by id; empty where one of the plan's is none of them any more."""
    entries = {one.id: one for one in queries.due(actor, plan.year)[0]}
    return entries if all(one.approval_id in entries for one in plan.lines) else {}


def _entered(actor: Actor, rollover_id: UUID) -> bool:
    """Whether this roll-over is on record; NotFound if it is somebody else's."""
    if session().get(Rollover, rollover_id, populate_existing=True) is None:
        return False
    queries.mine(actor, rollover_id)
    return True


def _judged(actor: Actor, plan: Plan) -> tuple[Known, list[Wanted]]:
    """What is to be entered, without a fault in it, in the order of the plan; six statements."""
    days = _faults_of_days(plan)
    if days:
        raise Invalid(fields=days)
    if not plan.lines:
        raise Invalid(msg("请至少勾选一条。"))
    entries = _due(actor, plan)
    if not entries:
        raise Conflict(CHANGED)
    wanted = [_wanted(entries[one.approval_id], one, plan) for one in plan.lines]
    known, refused = look(wanted), dict[UUID, Mapping[str, Message]]()
    for line, one in zip(plan.lines, wanted, strict=True):
        found = judging.faults(known, one)
        if found:
            refused[line.approval_id] = found
        else:
            known.hold(one)
    if refused:
        raise LinesRefused(refused)
    return known, wanted


def _wanted(entry: Entry, line: Line, plan: Plan) -> Wanted:
    return Wanted(
        entry.course_code, entry.edition_id, entry.authority_id, nfc(line.project_number), entry.kind, line.hours,
        plan.valid_from, plan.valid_until,
    )  # fmt: skip


def _faults_of_days(plan: Plan) -> dict[str, Message]:
    if plan.valid_from.year != plan.year:
        return {"valid_from": msg("开始的日期要在 {year} 年里。", year=plan.year)}
    return judging.faults_of_days(plan.valid_from, plan.valid_until)


def _write(actor: Actor, rollover_id: UUID, plan: Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    made = {
        "id": rollover_id, "year": plan.year, "entered": len(rows), "made_by": actor.person_id,
        "made_at": clock.now(), "undone_at": None,
    }  # fmt: skip
    bulk.put(Rollover, [made])
    bulk.put(Approval, rows)
    bulk.put(
        RolloverLine,
        [
            {"approval_id": row["id"], "follows_id": line.approval_id, "rollover_id": rollover_id}
            for row, line in zip(rows, plan.lines, strict=True)
        ],
    )
    audit.record(actor, "rollover.done", "rollover", rollover_id, year=plan.year, approvals=len(rows))
    told = {row["id"]: {"course": row["course_code"], "number": row["project_number"]} for row in rows}
    audit.record_all(actor, ENTERED, "approval", told)


def undo(actor: Actor, rollover_id: UUID) -> bool:
    """Remove what a roll-over entered, except what cannot go any more (`queries.held_among`): that stays. False if it
    was taken back before. Raises NotFound, Conflict after KEPT and while awarding is stopped: what is finished then
    is awarded under them later."""
    queries.mine(actor, rollover_id)
    require_awarding()
    found = session().scalars(select(Rollover).where(Rollover.id == rollover_id).with_for_update()).one()
    if found.undone_at is not None:
        return False
    if found.made_at <= clock.now() - queries.KEPT:
        late = msg("登记已经超过 {days} 天，不能整批收回。可以在“课程批准”里一条一条结束。", days=queries.KEPT.days)
        raise Conflict(late)
    entered = _locked(rollover_id)
    require_in_place(all(actor.holds(Role.ADMINISTRATOR, row.authority_path) for row in entered))
    held = queries.held_among({row.id for row in entered})
    gone = {row.id: {"course": row.course_code, "number": row.project_number} for row in entered if row.id not in held}
    session().execute(delete(RolloverLine).where(RolloverLine.approval_id.in_(gone)))
    session().execute(delete(Approval).where(Approval.id.in_(gone)))
    session().execute(update(Rollover).where(Rollover.id == rollover_id).values(undone_at=clock.now()))
    audit.record(actor, "rollover.undone", "rollover", rollover_id, removed=len(gone), held=len(held))
    audit.record_all(actor, REMOVED, "approval", gone)
    return True


def _locked(rollover_id: UUID) -> Sequence[Any]:
    """What it entered and is still there. Nothing can be awarded under these until this unit of work has ended."""
    lines = select(RolloverLine.approval_id).where(RolloverLine.rollover_id == rollover_id)
    wanted = select(Approval.id, Approval.authority_path, Approval.course_code, Approval.project_number)
    return session().execute(wanted.where(Approval.id.in_(lines)).order_by(Approval.id).with_for_update()).all()
