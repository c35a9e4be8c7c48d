"""Two persons above a limit: what one proposes, another confirms or declines; only then is anything decided.

The limit is the policy's audit line for the kind, else the house's setting: practice, no law. A proposal is bound to
the award's version, so whatever happens to the award meanwhile (the doctor answers) leaves it without effect.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, exists, insert, select

from lms.credits import policies
from lms.credits.access import LEVELS, Standing, hindrance, level, same_institution, takes_two_here
from lms.credits.auditing.models import AwardProposal, ProposalAnswer
from lms.credits.models import Award
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, msg
from lms.people import queries as people

WAITS = msg("已经有人提议过，这条学分在等第二位审核人员确认。请看过提议再决定。")
PROPOSABLE = ("approve", "reverse")


def takes_second(award: Award, action: str) -> bool:
    """Whether this decision on this award takes two persons. Approving what is approved moves nothing."""
    if action not in PROPOSABLE or (action == "approve" and award.state == "approved"):
        return False
    policy = policies.by_version(award.policy_version_id)
    chain = policy.audit_of(award.kind, award.on_date) if policy else None
    return takes_two_here(chain, from_milli(award.awarded_milli))


def waiting() -> ColumnElement[bool]:
    """SQL: the award waits for a second person."""
    return exists(
        select(AwardProposal.id).where(
            AwardProposal.award_id == Award.id, AwardProposal.award_version == Award.version
        )
    ).correlate(Award)


def open_proposal(award: Award) -> AwardProposal | None:
    """The proposal that waits for a second person, if one does."""
    return session().scalar(
        select(AwardProposal).where(
            AwardProposal.award_id == award.id, AwardProposal.award_version == award.version
        )
    )


def open_proposals(award_ids: Collection[UUID]) -> dict[UUID, AwardProposal]:
    """Of these awards, the proposals that wait, by award; one statement."""
    found = session().scalars(
        select(AwardProposal)
        .join(Award, Award.id == AwardProposal.award_id)
        .where(Award.id.in_(award_ids), AwardProposal.award_version == Award.version)
    )
    return {one.award_id: one for one in found}


def second_hindrance(actor: Actor, award: Standing, proposal: AwardProposal) -> Message | None:
    """Why she may not be the second person; None if she may."""
    why = hindrance(actor, award)
    if why is None and actor.person_id == proposal.by:
        return msg("这是您提出的，要由另一位审核人员来确认。")
    if why is None and level(actor, award.authority_path) < proposal.level:
        return msg("这是上一级提出的，要由同级或上级的另一位审核人员来确认。")
    return why


def still_stands(award: Award, proposal: AwardProposal) -> bool:
    """Whether the first person could propose it today: she audits there at that level, works elsewhere than the
    doctor, and her account is open. Two agree only if both may."""
    cards = people.cards({proposal.by, award.person_id})
    first = cards[proposal.by]
    grants = people.grants_of([proposal.by]).get(proposal.by, ())
    here = [LEVELS.get(one.role, 0) for one in grants if award.authority_path.startswith(one.path)]
    audits = max(here, default=0) >= proposal.level and not first.disabled
    return audits and not same_institution(cards[award.person_id], first)


def propose(actor: Actor, award: Award, action: str, *, rank: int, reason_code: str, text: str) -> None:
    """Keep what a first person would decide; nothing else happens. Raises Conflict if somebody was faster."""
    held = session().scalar(select(Award.version).where(Award.id == award.id).with_for_update())
    values = {
        "id": new_id(), "award_id": award.id, "award_version": award.version, "action": action, "level": rank,
        "reason_code": reason_code, "reason_text": text, "by": require_found(actor.person_id), "by_name": actor.name,
        "at": clock.now(),
    }  # fmt: skip
    if held != award.version or not insert_once(AwardProposal, values, on=["award_id", "award_version"]):
        raise Conflict
    audit.record(actor, f"award.propose_{action}", "award", award.id, reason=reason_code)


def answer(actor: Actor, proposal: AwardProposal, said: str, text: str) -> None:
    """Keep what the second person said."""
    session().execute(
        insert(ProposalAnswer).values(
            proposal_id=proposal.id, proposed_by=proposal.by, answer=said, by=actor.person_id, by_name=actor.name,
            text=text, at=clock.now(),
        )
    )  # fmt: skip
