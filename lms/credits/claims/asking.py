"""What a claim of a kind is asked for, read off the policy of its year, and the activity it would become."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.entering import choices_of, needs_hours, rule_for, unit_of
from lms.credits.models import Activity
from lms.credits.rules.conditions import Proof
from lms.credits.rules.policy import ROLES, Per, Policy
from lms.kernel import clock
from lms.people.queries import PersonCard

# Kinds that a doctor tells herself. Approved projects are not among them: their courses award by themselves, and
# their sessions are entered by who held them.
CLAIMED = (
    "further_study", "degree_study", "paper", "research", "government_task", "counterpart_support", "unit_lecture",
    "case_discussion", "ward_round", "unit_activity", "practice", "self_study", "self_study_review",
)  # fmt: skip
# Kinds for which one must be somewhere, so that nobody does two at once.
AT_A_PLACE = frozenset(CLAIMED) - {"degree_study", "paper", "research", "self_study", "self_study_review"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form of a kind asks for. `papers`: kinds of papers without which the policy gives nothing."""

    kind: str
    unit: str
    hours: bool
    roles: tuple[str, ...]
    choices: tuple[tuple[str, Decimal | None], ...]
    by_project: bool
    assessed: bool
    papers: tuple[str, ...]


def offered(policy: Policy | None) -> tuple[str, ...]:
    """The kinds that may be claimed under a policy: those it converts."""
    return tuple(kind for kind in CLAIMED if policy is not None and policy.knows(kind))


def asked(policy: Policy, kind: str, role: str, on: date) -> Asked:
    """What a claim must say under a policy on a day."""
    lines = [line for line in policy.conversions if kind in line.kinds]
    roles = tuple(one for one in ROLES if any(one in line.roles for line in lines))
    role = role if role in roles else (roles or ("attendee",))[0]
    rule = rule_for(policy, kind, role, on)
    conditions = [
        one for one in policy.conditions if kind in one.kinds and role in one.roles and one.grounds.hold_on(on)
    ]
    return Asked(
        kind=kind,
        unit=unit_of(rule),
        hours=needs_hours(rule, role),
        roles=roles,
        choices=choices_of(policy).get(kind, ()),
        by_project=any(cap.per is Per.PROJECT and kind in cap.kinds for cap in policy.caps),
        assessed=any(one.proof is Proof.ASSESSED for one in conditions),
        papers=tuple(dict.fromkeys(paper for one in conditions for paper in one.evidence)),
    )


def asked_of(claim: Claim, policy: Policy) -> Asked:
    return asked(policy, claim.kind, claim.role, claim.on_date or clock.today())


def activity_of(claim: Claim, unit: str, papers: Sequence[ClaimFile], at: datetime) -> Activity:
    """The fact a claim would become; it bears the claim's id. `at`: when she told it.

    A claim without a day counts as of today: the form asks for the day before anything is handed in.
    """
    on = claim.on_date or clock.today()
    quantity = claim.hours_milli if unit == "hours" else claim.quantity_milli
    return Activity(
        id=claim.id,
        person_id=claim.person_id,
        kind=claim.kind,
        activity_code=claim.project_number,
        project_number=claim.project_number,
        title={"zh": claim.title},
        started_on=claim.started_on or on,
        on_date=on,
        quantity_milli=quantity or 0,
        unit=unit,
        hours_milli=claim.hours_milli or 0,
        role=claim.role,
        choice=claim.choice,
        assessed=claim.assessed,
        evidence=[{"kind": one.kind, "sha": one.sha} for one in papers] or None,
        holder=claim.place,
        note=claim.note,
        recorded_at=at,
    )


def missing(asks: Asked, papers: Iterable[ClaimFile]) -> tuple[str, ...]:
    """Kinds of papers that the policy asks for and the claim has not."""
    there = {one.kind for one in papers}
    return tuple(kind for kind in asks.papers if kind not in there)


def unit_and_area(card: PersonCard) -> tuple[str, str]:
    """The paths by which deciders find a claim: of her unit, and of who audits her."""
    return card.workplace_path or card.authority_path, card.authority_path
