"""What the levels decide; the last approval becomes an activity and an award in the same transaction."""

from uuid import UUID

from sqlalchemy import insert, select, update

from lms.credits import policies
from lms.credits.claims import rules
from lms.credits.claims.access import claim_to_decide, decider_of, is_closed, standing_of
from lms.credits.claims.asking import activity_of, asked_of
from lms.credits.claims.history import add_step, approvers, papers_of, steps_of
from lms.credits.claims.models import Claim
from lms.credits.claims.reasons import BY_ACTION, WORDS
from lms.credits.models import AuditDecision, Award
from lms.credits.recording import Recorded, record
from lms.kernel import audit, clock
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.people import notices
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST_WORDS = 1000


def decide(
    actor: Actor, claim_id: UUID, action: str, *, version: int, reason_code: str, text: str = ""
) -> Recorded | None:
    """Take a decision; what it earned if it was the last approval.

    Raises NotFound outside her places, NotAllowed with why she may not, Conflict if the claim is no longer at
    `version`, Invalid for words that are missing.
    """
    claim = claim_to_decide(actor, claim_id)
    if claim.version != version:
        raise Conflict
    cards = people.cards({claim.person_id} | ({actor.person_id} if actor.person_id else set()))
    card = require_found(cards.get(claim.person_id))
    decider = decider_of(actor, claim, cards)
    standing = standing_of(claim, approvers(steps_of(claim_id)))
    why = rules.hindrance(standing, decider, closed=is_closed(claim, card))
    if why is not None and session().scalar(select(Claim.version).where(Claim.id == claim_id)) != version:
        raise Conflict  # what hinders came after the claim was read: another press of hers, or another level's
    require(why is None, why)
    text = nfc(text)
    _check_words(action, reason_code, text)
    level = rules.acting_level(decider)
    after = rules.decided(standing, action, level, decider.who)
    session().expunge(claim)
    _move(claim, after, version)
    add_step(actor, claim_id, rules.BECOMES[action], level=level, reason_code=reason_code, text=text)
    audit.record(actor, f"claim.{rules.BECOMES[action]}", "claim", claim_id, level=level, reason=reason_code)
    if after.state == "returned":
        _tell_her(claim, reason_code, version + 1)
    return _give(actor, claim, card, level, version + 1) if after.state == "approved" else None


def _tell_her(claim: Claim, reason_code: str, version: int) -> None:
    """That it is hers again; handing it in settles it."""
    sentence = msg("您的申报“{title}”退回给您改正：{reason}。", title=claim.title, reason=msg(WORDS[reason_code]))
    link = f"/credits/claims/{claim.id}"
    notices.post(claim.person_id, notices.Kind.RETURNED, f"claim:{claim.id}:{version}", sentence, link)


def _check_words(action: str, reason_code: str, text: str) -> None:
    faults = {}
    if action not in BY_ACTION:
        raise Invalid(fields={"action": msg("请从列出的几项里选一项。")})
    if reason_code not in BY_ACTION[action]:
        faults["reason_code"] = msg("请选一个原因。")
    if action != "approve" and len(text) < 2:
        faults["text"] = msg("请写一句话，医生会看到。")
    if len(text) > MOST_WORDS:
        faults["text"] = msg("最多 {most} 个字。", most=MOST_WORDS)
    if faults:
        raise Invalid(fields=faults)


def _move(claim: Claim, after: rules.Standing, version: int) -> None:
    changed = session().execute(
        update(Claim)
        .where(Claim.id == claim.id, Claim.version == version)
        .values(
            state=after.state, waiting=after.waiting, decided=after.decided, answered=after.answered,
            version=version + 1, changed_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict


def _give(actor: Actor, claim: Claim, card: PersonCard, level: int, version: int) -> Recorded | None:
    """The activity and its award. What earns nothing is told as not counted, with the reason of the rules."""
    year = require_found(claim.on_date).year
    policy = policies.for_person(policies.person_of(card), year)
    if policy is None:
        raise Invalid(fields={"action": msg("{year} 年没有规则集，不能申报。", year=year)})
    unit = asked_of(claim, policy).unit
    activity = activity_of(claim, unit, papers_of(claim.id), require_found(claim.handed_in_at))
    activity.recorded_by = actor.person_id
    try:
        recorded = record(actor, activity, card)
    except Invalid as refusal:
        # The claim was right when it was handed in; what does not fit any more, the decider must know.
        raise Invalid(fields={"action": next(iter(refusal.fields.values()), refusal.message)}) from refusal
    if recorded is None:
        raise Conflict
    if recorded.award_id is None:
        session().execute(
            update(Claim)
            .where(Claim.id == claim.id, Claim.version == version)
            .values(state="not_counted")
            .execution_options(synchronize_session=False)
        )
    elif level > rules.UNIT:
        _approved(actor, recorded.award_id, level - 1)
    return recorded


def _approved(actor: Actor, award_id: UUID, level: int) -> None:
    """The award needs no second look: its level (of the areas, from 1) has just approved it."""
    session().execute(
        update(Award)
        .where(Award.id == award_id, Award.version == 1)
        .values(state="approved", decided_level=level, version=2)
        .execution_options(synchronize_session=False)
    )
    session().execute(
        insert(AuditDecision).values(
            id=new_id(), award_id=award_id, action="approved", level=level, by=actor.person_id, by_name=actor.name,
            reason_code="in_order", reason_text="", at=clock.now(),
        )
    )  # fmt: skip
