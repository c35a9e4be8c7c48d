"""What an auditor decides, and what the doctor answers."""

from uuid import UUID

from sqlalchemy import func, insert, select, update

from lms.credits.access import Standing, require_area, require_may_decide
from lms.credits.events import AwardApproved, AwardReturned, AwardReversed, CreditAwarded
from lms.credits.ledger import entries
from lms.credits.models import Activity, AuditDecision, Award, AwardReply
from lms.credits.rules.reasons import BY_ACTION
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc

MOST_WORDS = 1000
MOST_REPLIES = 20
"""Answers to one award. Each makes the auditor look again, so without an end nothing could be decided."""
BECOMES = {"approve": "approved", "return": "returned", "reverse": "reversed"}


def approve_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str = "in_order", text: str = "") -> None:
    """Approve: it counts (again). On a reversed award the higher level restores it by a new entry.

    Raises NotFound outside the area, NotAllowed for her own or what is final for her level,
    Conflict if the award is no longer at `version`.
    """
    award = _decide(actor, award_id, "approve", version, reason_code, text)
    if award.state == "reversed":
        entries.restore(award)
        enrolment_id = session().scalar(select(Activity.enrolment_id).where(Activity.id == award.activity_id))
        announce(CreditAwarded(award.id, award.person_id, enrolment_id))
    announce(AwardApproved(award.id, award.person_id, award.credit_year))


def return_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str, text: str) -> None:
    """Return for explanation: it stays in the ledger and is not counted. Raises like approve_award."""
    award = _decide(actor, award_id, "return", version, reason_code, text)
    announce(AwardReturned(award.id, award.person_id, award.credit_year))


def reverse_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str, text: str) -> None:
    """Take the award back by a new entry that cancels it. Raises like approve_award."""
    award = _decide(actor, award_id, "reverse", version, reason_code, text)
    entries.reverse(award)
    announce(AwardReversed(award.id, award.person_id, award.credit_year))


def _decide(actor: Actor, award_id: UUID, action: str, version: int, reason_code: str, text: str) -> Award:
    """Change the state, if nobody was there first; the award as it was before."""
    award = require_found(session().get(Award, award_id))
    session().expunge(award)
    standing = Standing(award.person_id, award.authority_path, award.state, award.decided_level)
    require_area(actor, standing)
    if award.version != version:
        raise Conflict
    level = require_may_decide(actor, standing, action)
    text = nfc(text)
    _check_words(action, reason_code, text)
    changed = session().execute(
        update(Award)
        .where(Award.id == award_id, Award.version == version)
        .values(
            state=BECOMES[action],
            decided_level=level,
            answered=False,
            version=Award.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    done = "restored" if award.state == "reversed" else BECOMES[action]
    session().execute(
        insert(AuditDecision).values(
            id=new_id(),
            award_id=award_id,
            action=done,
            level=level,
            by=actor.person_id,
            by_name=actor.name,
            reason_code=reason_code,
            reason_text=text,
            at=clock.now(),
        )
    )
    audit.record(actor, f"award.{done}", "award", award_id, reason=reason_code)
    return award


def _check_words(action: str, reason_code: str, text: str) -> None:
    faults = {}
    if reason_code not in BY_ACTION[action]:
        faults["reason_code"] = msg("请选一个原因。")
    if action != "approve" and len(text) < 2:
        faults["text"] = msg("请写一句话，医生会看到。")
    if len(text) > MOST_WORDS:
        faults["text"] = msg("最多 {most} 个字。", most=MOST_WORDS)
    if faults:
        raise Invalid(fields=faults)


def reply_to_award(actor: Actor, award_id: UUID, *, text: str, reply_id: UUID | None = None) -> bool:
    """Answer a returned award of one's own; False if this very answer was kept already.

    Raises NotFound for another's award, Conflict if it is not returned (any more).
    """
    award = require_found(session().get(Award, award_id))
    require_in_place(actor.person_id is not None and award.person_id == actor.person_id)
    text = nfc(text)
    if not 2 <= len(text) <= MOST_WORDS:
        raise Invalid(fields={"text": msg("请写 2 到 {most} 个字，说明情况。", most=MOST_WORDS)})
    given = session().scalar(select(func.count()).select_from(AwardReply).where(AwardReply.award_id == award_id))
    if (given or 0) >= MOST_REPLIES:
        raise TooMany(msg("这条学分已经说明过 {most} 次，请等审核人员来看。", most=MOST_REPLIES))
    made = insert_once(
        AwardReply,
        {
            "id": reply_id or new_id(),
            "award_id": award_id,
            "by": actor.person_id,
            "text": text,
            "at": clock.now(),
        },
        on=["id"],
    )
    if not made:
        return False
    answered = session().execute(
        update(Award)
        .where(Award.id == award_id, Award.state == "returned")
        .values(answered=True, version=Award.version + 1)
        .execution_options(synchronize_session=False)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这条学分已经不在等您补充。请看现在的结果。"))
    audit.record(actor, "award.answered", "award", award_id)
    return True
