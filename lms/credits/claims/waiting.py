"""What a doctor has told that nobody has decided yet, as the rules would see it once it is approved."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select

from lms.credits.claims.asking import activity_of, asked_of, offered
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.ledger.rows import fact_of
from lms.credits.rules.facts import Fact
from lms.credits.rules.policy import Policy
from lms.kernel import clock
from lms.kernel.db import session


def facts_waiting(person_id: UUID, policy: Policy, year: int) -> tuple[Fact, ...]:
    """Her claims of a year that wait to be decided, in order of their days; one statement."""
    there = and_(ClaimFile.claim_id == Claim.id, ClaimFile.removed_at.is_(None))
    rows = session().execute(
        select(Claim, ClaimFile)
        .outerjoin(ClaimFile, there)
        .where(Claim.person_id == person_id, Claim.state == "waiting", Claim.credit_year == year)
        .order_by(Claim.on_date, Claim.id)
    )
    papers: dict[Claim, list[ClaimFile]] = {}
    for claim, paper in rows:
        papers.setdefault(claim, []).extend([paper] if paper is not None else [])
    kinds = offered(policy)
    return tuple(_fact(one, policy, shown) for one, shown in papers.items() if one.kind in kinds)


def _fact(claim: Claim, policy: Policy, papers: Sequence[ClaimFile]) -> Fact:
    told_at = claim.handed_in_at or clock.now()
    return fact_of(activity_of(claim, asked_of(claim, policy).unit, papers, told_at))
