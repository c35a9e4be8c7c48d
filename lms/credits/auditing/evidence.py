"""One award with everything that speaks for or against it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from lms.assessments import queries as assessments
from lms.assessments.queries import AttemptEvidence
from lms.courses import queries as courses
from lms.courses.queries import EnrolmentCard
from lms.credits import policies
from lms.credits.access import actions, hindrance
from lms.credits.auditing import seconds
from lms.credits.auditing.models import AwardProposal, ProposalAnswer
from lms.credits.auditing.queries import award_in_area, standing_of
from lms.credits.ledger.decisions import reasons_of
from lms.credits.log.standing import Logged, logged
from lms.credits.models import Activity, Approval, AuditDecision, Award, AwardReply, LedgerEntry
from lms.credits.rules.counting import count
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import words
from lms.credits.statements import Basis, as_held, basis_of, year_standing
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message
from lms.people import queries as people
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an award. what: granted approved returned reversed restored reply, and for auditors
    propose_approve propose_reverse declined. `first_name`: who had proposed what `by_name` then decided."""

    what: str
    at: datetime
    by_name: str
    reason_code: str
    text: str
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger."""

    amount: Decimal
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What both the doctor and the auditor see of an award."""

    award: Award
    activity: Activity
    person: PersonCard
    credits: Decimal
    computed: Decimal
    hours: Decimal
    basis: Basis
    why: tuple[Message, ...]
    policy: Policy | None
    approval: Approval | None
    enrolment: EnrolmentCard | None
    recorder: str
    entries: tuple[Entry, ...]
    logged: Logged | None
    steps: tuple[Step, ...]

    @property
    def last_return(self) -> Step | None:
        found = [step for step in self.steps if step.what == "returned"]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class AuditView:
    """What only the auditor sees besides: attempts with answers, and what each decision would do. `takes_two`: which of
    the actions a second person must confirm; `proposal`: what waits for her or for somebody else as the second,
    `own_proposal` where it is hers."""

    evidence: Evidence
    attempts: tuple[AttemptEvidence, ...]
    hindrance: Message | None
    actions: tuple[str, ...]
    takes_two: tuple[str, ...]
    proposal: AwardProposal | None
    own_proposal: bool
    counted_with: Decimal
    counted_without: Decimal


def audit_view(actor: Actor, award_id: UUID) -> AuditView:
    """An award of her area; NotFound for any other."""
    award = award_in_area(actor, award_id)
    evidence = _evidence(award, proposals=True)
    standing = standing_of(actor, award)
    proposal = seconds.open_proposal(award)
    hindered = seconds.second_hindrance(actor, standing, proposal) if proposal else hindrance(actor, standing)
    allowed = () if hindered or proposal else actions(actor, standing)
    attempts = assessments.attempt_evidence(evidence.enrolment.id) if evidence.enrolment else []
    with_it, without = _effect(award)
    return AuditView(
        evidence=evidence,
        attempts=tuple(attempts),
        hindrance=hindered,
        actions=allowed,
        takes_two=tuple(action for action in allowed if seconds.takes_second(award, action)),
        proposal=proposal,
        own_proposal=proposal is not None and proposal.by == actor.person_id,
        counted_with=with_it,
        counted_without=without,
    )


def own_award(actor: Actor, award_id: UUID) -> Evidence:
    """One's own award; NotFound for anybody else's."""
    award = require_found(session().get(Award, award_id))
    require_in_place(actor.person_id is not None and award.person_id == actor.person_id)
    return _evidence(award)


def _evidence(award: Award, *, proposals: bool = False) -> Evidence:
    activity = session().get_one(Activity, award.activity_id)
    approval = session().get(Approval, activity.approval_id) if activity.approval_id else None
    named = {award.person_id} | ({activity.recorded_by} if activity.recorded_by else set())
    cards = people.cards(named)
    reasons = reasons_of(award.decision)
    recorder = cards.get(activity.recorded_by) if activity.recorded_by else None
    return Evidence(
        award=award,
        activity=activity,
        person=cards[award.person_id],
        credits=from_milli(award.awarded_milli),
        computed=from_milli(award.computed_milli),
        hours=from_milli(award.hours_milli),
        basis=basis_of(reasons[0], award.policy_version_id, award.credit_year),
        why=tuple(words(reason) for reason in reasons[1:]),
        policy=policies.by_version(award.policy_version_id),
        approval=approval,
        enrolment=courses.enrolment(activity.enrolment_id) if activity.enrolment_id else None,
        recorder=recorder.name if recorder else "",
        entries=_entries(award.id),
        logged=logged(award.id),
        steps=_steps(award, cards[award.person_id].name, proposals=proposals),
    )


def _entries(award_id: UUID) -> tuple[Entry, ...]:
    rows = session().execute(
        select(LedgerEntry.amount_milli, LedgerEntry.recorded_at)
        .where(LedgerEntry.award_id == award_id)
        .order_by(LedgerEntry.sequence)
    )
    return tuple(Entry(from_milli(row.amount_milli), row.recorded_at) for row in rows)


def _steps(award: Award, name: str, *, proposals: bool) -> tuple[Step, ...]:
    """Oldest first. The doctor is told what was decided, not what somebody would have decided."""
    decisions = session().scalars(select(AuditDecision).where(AuditDecision.award_id == award.id))
    replies = session().scalars(select(AwardReply).where(AwardReply.award_id == award.id))
    steps = [
        Step(one.action, one.at, one.by_name, one.reason_code, one.reason_text, one.proposed_by_name or "")
        for one in decisions
    ]
    steps += [Step("reply", one.at, name, "", one.text) for one in replies]
    steps.append(Step("granted", award.awarded_at, "", "", ""))
    if proposals:
        steps += _proposed(award.id)
    return tuple(sorted(steps, key=lambda step: step.at))


def _proposed(award_id: UUID) -> list[Step]:
    rows = session().execute(
        select(AwardProposal, ProposalAnswer)
        .outerjoin(ProposalAnswer, ProposalAnswer.proposal_id == AwardProposal.id)
        .where(AwardProposal.award_id == award_id)
    )
    steps = []
    for proposal, answer in rows:
        what = f"propose_{proposal.action}"
        steps.append(Step(what, proposal.at, proposal.by_name, proposal.reason_code, proposal.reason_text))
        if answer is not None and answer.answer == "decline":
            steps.append(Step("declined", answer.at, answer.by_name, "", answer.text))
    return steps


def _effect(award: Award) -> tuple[Decimal, Decimal]:
    """What counts in the award's year if it counts, and if it does not."""
    standing = year_standing(award.person_id, award.credit_year)
    if standing is None:
        return from_milli(0), from_milli(0)
    policy, person, year = standing.policy, standing.person, standing.year
    others = [held for held in standing.held if held.id != str(award.id)]
    with_it = count(policy, person, year, [*others, as_held(award)])
    return with_it.total, count(policy, person, year, others).total
