"""Proposing, withdrawing, deciding. A proposal that is decided never changes again."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update

from lms.courses import access
from lms.courses import queries as courses
from lms.credits import policies
from lms.credits.approvals.commands import approve_edition
from lms.credits.approvals.queries import COURSE_KINDS
from lms.credits.approvals.reviewed import unreviewed_may_carry
from lms.credits.proposals.computing import Worth, counted, worth
from lms.credits.proposals.models import WAITING, CreditProposal
from lms.credits.proposals.queries import authorities_of
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.quantities import format_credits, from_milli, to_milli
from lms.kernel.text import Message, msg, nfc
from lms.organisations import queries as organisations

MOST_NOTE = 1000


def propose(
    actor: Actor, slug: str, *, authority_id: UUID, kind: str, hours: Decimal, credits: Decimal, note: str = ""
) -> UUID:
    """Propose what the current edition of a course is to bring; the proposal's id.

    Raises NotFound, NotAllowed, Invalid: more hours than the platform counts, other credits than the rules give,
    nobody's clinical review outside a demonstration, a proposal that already waits there.
    """
    course, centre = _course_of(actor, slug)
    package = courses.edition_package(course.edition_id)
    if not package.reviewed and not unreviewed_may_carry():
        raise Invalid(msg("这门课没有经过临床审核，不能带学分。"))
    authority = next((one for one in authorities_of(centre) if one.id == authority_id), None)
    faults: dict[str, Message] = {}
    if authority is None:
        faults["authority_id"] = msg("请从列出的几项里选一项。")
    if kind not in COURSE_KINDS:
        faults["kind"] = msg("请从列出的几项里选一项。")
    most = min(counted(package).most, course.hours)
    if not hours.is_finite() or hours <= 0 or hours * 1000 % 1:
        faults["hours"] = msg("请写学时，最多三位小数。")
    elif hours > most:
        faults["hours"] = msg("平台数下来最多 {hours} 学时，不能写得更多。", hours=most)
    if not faults and authority is not None:
        today = clock.today()
        found = _worth(authority.path, course.code, kind, hours, package.assessment is not None, today)
        if found is None:
            faults["authority_id"] = msg("{year} 年没有规则集，不能登记。", year=today.year)
        elif not found.credits:
            faults["kind"] = msg("按规则不授学分：{why}", why=found.why[-1])
        elif credits != found.credits:
            faults["credits"] = msg("按规则是 {credits} 学分：{why}", credits=format_credits(found.credits),
                                    why=found.why[0])  # fmt: skip
    if len(note) > MOST_NOTE:
        faults["note"] = msg("最多 {most} 个字。", most=MOST_NOTE)
    if faults or authority is None:
        raise Invalid(fields=faults)
    proposal_id = new_id()
    made = insert_once(
        CreditProposal,
        {
            "id": proposal_id, "course_id": course.id, "edition_id": course.edition_id, "course_code": course.code,
            "centre_path": centre, "authority_id": authority.id, "authority_path": authority.path, "kind": kind,
            "hours_milli": to_milli(hours), "credits_milli": to_milli(credits), "note": nfc(note.strip()),
            "state": "waiting", "proposed_by": actor.person_id, "proposed_at": clock.now(), "answer": "",
        },
        on=["edition_id", "authority_id"], where=WAITING,
    )  # fmt: skip
    if not made:
        raise Invalid(fields={"authority_id": msg("这一版已经有一份提议在那里等着。")})
    audit.record(actor, "credit.proposed", "credit_proposal", proposal_id, course=course.code)
    return proposal_id


def withdraw(actor: Actor, proposal_id: UUID) -> None:
    """The centre takes a proposal back that waits. Raises NotFound, NotAllowed, Conflict."""
    found = _found(proposal_id)
    access.require_writer(actor, found.centre_path)
    _decide(actor, found, "withdrawn")


def refuse(actor: Actor, proposal_id: UUID, answer: str) -> None:
    """The authority says no, and why. Raises NotFound, Conflict, Invalid without a word."""
    found = _found(proposal_id)
    require_in_place(actor.holds(Role.ADMINISTRATOR, found.authority_path))
    if not answer.strip() or len(answer) > MOST_NOTE:
        raise Invalid(fields={"answer": msg("请写明为什么不批准，最多 {most} 个字。", most=MOST_NOTE)})
    _decide(actor, found, "refused", answer=nfc(answer.strip()))


def approve(
    actor: Actor, proposal_id: UUID, *, project_number: str, valid_from: date, valid_until: date, answer: str = ""
) -> UUID:
    """The authority gives the edition its project number and its time; the approval's id. Of two who decide, one does.

    Raises NotFound, Conflict (decided meanwhile; the rules give something else by now), Invalid.
    """
    found = _found(proposal_id)
    require_in_place(actor.holds(Role.ADMINISTRATOR, found.authority_path))
    hours, package = from_milli(found.hours_milli), courses.edition_package(found.edition_id)
    assessed = package.assessment is not None
    now = _worth(found.authority_path, found.course_code, found.kind, hours, assessed, valid_from)
    if now is None or now.credits != from_milli(found.credits_milli):
        credits = format_credits(now.credits) if now else "0"
        raise Conflict(msg("规则变了，现在是 {credits} 学分。请中心重新提议。", credits=credits))
    _require_waiting(found)
    approval_id = approve_edition(
        actor, course_code=found.course_code, edition_id=found.edition_id, authority_id=found.authority_id,
        project_number=project_number, kind=found.kind, hours=hours, valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip
    _decide(actor, found, "approved", approval_id=approval_id, answer=nfc(answer.strip())[:MOST_NOTE])
    return approval_id


def _worth(path: str, code: str, kind: str, hours: Decimal, assessed: bool, on: date) -> Worth | None:
    """What the policy of an authority's place gives on a day."""
    policy = policies.governing(organisations.jurisdiction_of(path), on.year)
    return worth(policy, code, kind, hours, assessed, on) if policy is not None else None


def _course_of(actor: Actor, slug: str) -> tuple[courses.CourseCard, str]:
    """A published course of her centres and the centre's path. Raises NotFound, NotAllowed."""
    course = require_found(courses.by_slug(slug))
    centre = require_found(organisations.organisation(course.centre_id))
    access.require_writer(actor, centre.path)
    return course, centre.path


def _found(proposal_id: UUID) -> CreditProposal:
    """A proposal, locked: who decides it too waits."""
    statement = select(CreditProposal).where(CreditProposal.id == proposal_id).with_for_update()
    return require_found(session().scalar(statement))


def _require_waiting(found: CreditProposal) -> None:
    if found.state != "waiting":
        raise Conflict(msg("这份提议刚刚已经办完了。"))


def _decide(actor: Actor, found: CreditProposal, state: str, **values: object) -> None:
    _require_waiting(found)
    decided = session().execute(
        update(CreditProposal)
        .where(CreditProposal.id == found.id, CreditProposal.state == "waiting")
        .values(state=state, decided_by=actor.person_id, decided_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这份提议刚刚已经办完了。"))
    audit.record(actor, f"credit.{state}", "credit_proposal", found.id, course=found.course_code)
