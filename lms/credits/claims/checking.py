"""What keeps a claim from being handed in: everything that is missing or cannot be true, by field of its form."""

from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import select

from lms.credits import policies
from lms.credits.claims.access import is_closed
from lms.credits.claims.asking import Asked, activity_of, asked_of, missing, offered
from lms.credits.claims.history import papers_of
from lms.credits.claims.models import Claim
from lms.credits.entering import faults_of, milli
from lms.credits.ledger.awarding import fact_of
from lms.credits.models import Activity
from lms.credits.rules.evidence import EVIDENCE as PAPERS
from lms.credits.rules.facts import RefusedError
from lms.credits.rules.judging import judge
from lms.credits.rules.policy import Policy
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, folded, msg
from lms.people.queries import PersonCard

SAME = msg("同样的活动您已经申报过：类型、日期和名称都一样。请看原来那一条。")


def checked(claim: Claim, card: PersonCard, *, true: bool) -> tuple[Policy, Asked]:
    """The policy of a claim's year and what it asks, if the claim answers it; raises Invalid with every fault."""
    policy = _policy(claim, card)
    found = faults(claim, card, policy)
    if not true:
        found["truth"] = msg("请先确认内容属实，再交。")
    if found or policy is None:
        raise Invalid(fields=found)
    return policy, asked_of(claim, policy)


def _policy(claim: Claim, card: PersonCard) -> Policy | None:
    return policies.for_person(policies.person_of(card), (claim.on_date or clock.today()).year)


def faults(claim: Claim, card: PersonCard, policy: Policy | None) -> dict[str, Message]:
    """What keeps a claim from being handed in, by field of its form."""
    if policy is None:
        return {"on_date": msg("{year} 年没有规则集，不能申报。", year=(claim.on_date or clock.today()).year)}
    if claim.kind not in offered(policy):
        return {"kind": msg("您这里的规则没有这类活动的折算标准，不能申报。")}
    asks = asked_of(claim, policy)
    there = papers_of(claim.id)
    activity = activity_of(claim, asks.unit, there, clock.now())
    found = {**_too_much(activity), **faults_of(activity, card, policy)}
    if not found:
        found |= _refused(policy, card, activity)
    if "quantity" in found and asks.unit == "hours":
        found["hours"] = found.pop("quantity")
    if claim.on_date is None:
        found["on_date"] = msg("请填写这一项。")
    if not claim.place:
        found["place"] = msg("请写在哪里、哪个单位。")
    if claim.on_date and is_closed(claim, card):
        found["on_date"] = msg("{year} 年的学分已经截止，不能再申报。", year=claim.on_date.year)
    if not there:
        found["papers"] = msg("请至少交一份证明材料：照片或 PDF。")
    elif lacking := missing(asks, there):
        found["papers"] = msg("还缺{paper}。规则要求有这份材料。", paper=msg(PAPERS[lacking[0]]))
    if _told_before(claim):
        found["title"] = SAME
    return found


def _too_much(activity: Activity) -> Mapping[str, Message]:
    """A draft may hold any number; what its unit allows is known once everything else is."""
    try:
        milli(from_milli(activity.quantity_milli), "quantity", activity.unit)
    except Invalid as refusal:
        return refusal.fields
    return {}


def _refused(policy: Policy, card: PersonCard, activity: Activity) -> dict[str, Message]:
    try:
        judge(policy, policies.person_of(card), fact_of(activity), activity.on_date.year, ())
    except RefusedError as error:
        return {"on_date" if error.field == "date" else error.field: error.message}
    return {}


def _told_before(claim: Claim) -> bool:
    same = select(Claim.id).where(
        Claim.person_id == claim.person_id, Claim.fingerprint == fingerprint(claim), Claim.id != claim.id
    )
    return session().scalar(same) is not None


def fingerprint(claim: Claim) -> str:
    """What was done, so that the same is not told twice: kind, days, and the project's number or the title."""
    parts = (claim.kind, claim.started_on or claim.on_date, claim.on_date, folded(claim.project_number or claim.title))
    return sha256("\n".join(str(part) for part in parts).encode()).hexdigest()
