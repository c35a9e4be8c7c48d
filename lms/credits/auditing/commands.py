"""What an auditor decides, and what the doctor answers."""

from uuid import UUID

from sqlalchemy import func, insert, select, update

from lms.credits.access import Standing, level, require_area, require_may_decide
from lms.credits.auditing import seconds
from lms.credits.auditing.models import AwardProposal
from lms.credits.auditing.queries import standing_of
from lms.credits.events import AwardApproved, AwardReturned, AwardReversed, CreditAwarded
from lms.credits.ledger import entries
from lms.credits.models import Activity, AuditDecision, Award, AwardReply
from lms.credits.rules.reasons import BY_ACTION, WORDS
from lms.kernel import audit, clock
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.people import notices

MOST_WORDS = 1000
MOST_REPLIES = 20
"""Answers to one award. Each makes the auditor look again, so without an end nothing could be decided."""
BECOMES = {"approve": "approved", "return": "returned", "reverse": "reversed"}


def approve_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str = "in_order", text: str = "") -> bool:
    """Approve: it counts (again). On a reversed award the higher level restores it by a new entry.

    False where the award is above the limit: then it is proposed, and waits for a second person.
    Raises NotFound outside the area, NotAllowed for her own, her institution's or what is final for her level,
    Conflict if the award is no longer at `version` or waits for a second person.
    """
    return _decide(actor, award_id, "approve", version, reason_code, text)


def approve_small(actor: Actor, award_id: UUID, *, version: int) -> bool:
    """Approve as one of many; False, and nothing happens, where it takes two persons. Raises like approve_award."""
    return _decide(actor, award_id, "approve", version, "in_order", "", proposes=False)


def return_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str, text: str) -> bool:
    """Return for explanation: it stays in the ledger and is not counted. Raises like approve_award."""
    return _decide(actor, award_id, "return", version, reason_code, text)


def reverse_award(actor: Actor, award_id: UUID, *, version: int, reason_code: str, text: str) -> bool:
    """Take the award back by a new entry that cancels it. False and raises like approve_award."""
    return _decide(actor, award_id, "reverse", version, reason_code, text)


def answer_proposal(actor: Actor, award_id: UUID, said: str, *, version: int, text: str = "") -> None:
    """As the second person, confirm what a first one proposed (then it is decided, in this transaction) or decline it
    (then the award is as before, and may be decided anew).

    Raises NotFound outside the area, NotAllowed for the one who proposed it and for who may not decide, Invalid for
    words that are missing, Conflict if the proposal is no longer what she saw.
    """
    award, standing = _looked_at(actor, award_id, version)
    proposal = seconds.open_proposal(award)
    if proposal is None:
        raise Conflict
    why = seconds.second_hindrance(actor, standing, proposal)
    require(why is None, why)
    text = nfc(text)
    if said not in ("confirm", "decline"):
        raise Invalid(fields={"action": msg("请从列出的几项里选一项。")})
    if said == "decline" and len(text) < 2:
        raise Invalid(fields={"text": msg("请写一句话，提议的人会看到。")})
    if len(text) > MOST_WORDS:
        raise Invalid(fields={"text": msg("最多 {most} 个字。", most=MOST_WORDS)})
    rank = level(actor, award.authority_path)
    if said == "confirm" and not seconds.still_stands(award, proposal):
        raise Invalid(fields={"action": msg("提议的人现在不能审这条学分了，她的提议不算数。请选不同意，再重新提议。")})
    if said == "confirm":
        _settle(actor, award, proposal.action, rank, proposal.reason_code, proposal.reason_text, proposal)
    else:
        _move(award, {})
        audit.record(actor, "award.declined", "award", award_id)
    seconds.answer(actor, proposal, said, text)


def withdraw_proposal(actor: Actor, award_id: UUID, *, version: int) -> None:
    """Take back what one proposed oneself, so that the award waits for nobody and may be decided by anybody again.

    Raises NotFound outside the area, Conflict if nothing of hers waits there any more.
    """
    award, _standing = _looked_at(actor, award_id, version)
    proposal = seconds.open_proposal(award)
    if proposal is None or proposal.by != actor.person_id:
        raise Conflict
    _move(award, {})
    audit.record(actor, "award.proposal_withdrawn", "award", award_id)


def _looked_at(actor: Actor, award_id: UUID, version: int) -> tuple[Award, Standing]:
    """The award as it is, if it is hers to see and at the version she saw."""
    award = require_found(session().get(Award, award_id))
    session().expunge(award)
    standing = standing_of(actor, award)
    require_area(actor, standing)
    if award.version != version:
        raise Conflict
    return award, standing


def _decide(
    actor: Actor, award_id: UUID, action: str, version: int, reason_code: str, text: str, *, proposes: bool = True
) -> bool:
    """Decide, if nobody was there first; False if it takes a second person, and is proposed only (if at all)."""
    award, standing = _looked_at(actor, award_id, version)
    rank = require_may_decide(actor, standing, action)
    text = nfc(text)
    _check_words(action, reason_code, text)
    proposal = seconds.open_proposal(award)
    if proposal is not None:
        told = (proposal.by, proposal.action, proposal.reason_code, proposal.reason_text)
        if told == (actor.person_id, action, reason_code, text):
            return False  # the same form twice: it is kept
        raise Conflict(seconds.WAITS)
    if seconds.takes_second(award, action):
        if proposes:
            seconds.propose(actor, award, action, rank=rank, reason_code=reason_code, text=text)
        return False
    _settle(actor, award, action, rank, reason_code, text)
    return True


def _settle(
    actor: Actor, award: Award, action: str, rank: int, reason_code: str, text: str,
    first: AwardProposal | None = None,
) -> None:
    """Change the state, tell why and by whom, and let entries and events follow."""
    _move(award, {"state": BECOMES[action], "decided_level": rank, "answered": False})
    done = "restored" if award.state == "reversed" else BECOMES[action]
    session().execute(
        insert(AuditDecision).values(
            id=new_id(), award_id=award.id, action=done, level=rank, by=actor.person_id, by_name=actor.name,
            reason_code=reason_code, reason_text=text, at=clock.now(),
            proposed_by=first.by if first else None, proposed_by_name=first.by_name if first else None,
        )
    )  # fmt: skip
    told = {"reason": reason_code} | ({"proposed_by": str(first.by)} if first else {})
    audit.record(actor, f"award.{done}", "award", award.id, **told)
    if award.state == "returned":
        notices.settle(award.person_id, f"award:{award.id}")
    if action == "reverse":
        entries.reverse(award)
        announce(AwardReversed(award.id, award.person_id, award.credit_year))
    elif action == "return":
        _tell_her(award, reason_code)
        announce(AwardReturned(award.id, award.person_id, award.credit_year))
    else:
        if award.state == "reversed":
            entries.restore(award)
            enrolment_id = session().scalar(select(Activity.enrolment_id).where(Activity.id == award.activity_id))
            announce(CreditAwarded(award.id, award.person_id, enrolment_id))
        announce(AwardApproved(award.id, award.person_id, award.credit_year))


def _tell_her(award: Award, reason_code: str) -> None:
    """That she is asked to explain; her answer, or the next decision, settles it."""
    title = session().scalar(select(Activity.title).where(Activity.id == award.activity_id))
    sentence = msg(
        "{day}的学分“{title}”退回给您补充：{reason}。", day=award.on_date, title=title, reason=msg(WORDS[reason_code])
    )
    key = f"award:{award.id}:{award.version + 1}"
    notices.post(award.person_id, notices.Kind.RETURNED, key, sentence, f"/credits/awards/{award.id}")


def _move(award: Award, values: dict[str, object]) -> None:
    """Change an award that nobody changed meanwhile; raises Conflict."""
    changed = session().execute(
        update(Award)
        .where(Award.id == award.id, Award.version == award.version)
        .values(**values, version=Award.version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict


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
    notices.settle(award.person_id, f"award:{award_id}")
    audit.record(actor, "award.answered", "award", award_id)
    return True
