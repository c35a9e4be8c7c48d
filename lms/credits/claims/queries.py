"""What the doctor sees of her claims."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from lms.credits import policies
from lms.credits.claims import rules
from lms.credits.claims.access import own_claim, standing_of
from lms.credits.claims.asking import Asked, activity_of, asked, asked_of, offered
from lms.credits.claims.checking import faults
from lms.credits.claims.history import Step, papers_of, steps_of
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.claims.worth import Worth, worth
from lms.credits.ledger.decisions import reasons_of
from lms.credits.models import Award, RefusedActivity
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import words
from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message
from lms.people import queries as people
from lms.people.queries import PersonCard

# While one of these is wrong, nobody can say what it would bring.
WITHOUT_WORTH = {"kind", "role", "choice", "unit", "quantity", "hours", "started_on", "on_date"}


@dataclass(frozen=True, slots=True)
class Result:
    """What an approved claim brought: its award and how that stands, or why it brought nothing."""

    award_id: UUID | None
    state: str
    credits: Decimal
    hours: Decimal
    why: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in a list of hers."""

    id: UUID
    title: str
    kind: str
    on_date: date | None
    state: str
    waiting: int
    answered: bool
    changed_at: datetime
    awarded: Decimal | None
    award_state: str


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """One claim of hers. `faults`: what keeps it from being handed in; `worth`: what it would bring."""

    claim: Claim
    card: PersonCard
    policy: Policy | None
    asks: Asked | None
    papers: tuple[ClaimFile, ...]
    steps: tuple[Step, ...]
    faults: dict[str, Message]
    worth: Worth | None
    result: Result | None

    @property
    def editable(self) -> bool:
        return self.claim.state in rules.EDITABLE

    @property
    def may_withdraw(self) -> bool:
        return rules.may_withdraw(standing_of(self.claim))

    @property
    def may_answer(self) -> bool:
        return rules.may_answer(standing_of(self.claim))

    @property
    def last_decision(self) -> Step | None:
        """What a level said last."""
        said = [step for step in self.steps if step.level]
        return said[-1] if said else None


def own_claims(actor: Actor, number: int) -> Page[ClaimRow]:
    """Her claims, last changed first. Two statements."""
    require_signed_in(actor)
    mine = [Claim.person_id == actor.person_id]
    total = session().scalar(select(func.count()).select_from(Claim).where(*mine)) or 0
    rows = session().execute(
        select(Claim, Award.awarded_milli, Award.state)
        .outerjoin(Award, Award.activity_id == Claim.id)
        .where(*mine)
        .order_by(Claim.changed_at.desc(), Claim.id)
        .offset((number - 1) * SIZE)
        .limit(SIZE)
    )
    return Page([_row(*row) for row in rows], number, total)


def _row(claim: Claim, milli: int | None, state: str | None) -> ClaimRow:
    return ClaimRow(
        id=claim.id,
        title=claim.title,
        kind=claim.kind,
        on_date=claim.on_date,
        state=claim.state,
        waiting=claim.waiting,
        answered=claim.answered,
        changed_at=claim.changed_at,
        awarded=None if milli is None else from_milli(milli),
        award_state=state or "",
    )


def kinds_for(actor: Actor) -> tuple[tuple[str, ...], Policy | None]:
    """The kinds she may claim this year, and the policy that says so."""
    card = require_found(people.person(require_found(actor.person_id)))
    policy = policies.for_person(policies.person_of(card), clock.today().year)
    return offered(policy), policy


def blank(actor: Actor, kind: str) -> tuple[Policy, Asked]:
    """What a new claim of a kind asks; NotFound for a kind that may not be claimed."""
    kinds, policy = kinds_for(actor)
    if policy is None or kind not in kinds:
        require_found(None)
    assert policy is not None
    return policy, asked(policy, kind, "attendee", clock.today())


def claim_view(actor: Actor, claim_id: UUID) -> OwnClaim:
    """One claim of hers with all that belongs to it."""
    claim = own_claim(actor, claim_id)
    card = require_found(people.person(claim.person_id))
    policy = policies.for_person(policies.person_of(card), (claim.on_date or clock.today()).year)
    known = policy if claim.kind in offered(policy) else None
    if known is None and claim.state in rules.EDITABLE:
        # The day may be what is wrong: the form is that of this year, so that she can mend it.
        now = policies.for_person(policies.person_of(card), clock.today().year)
        known = now if claim.kind in offered(now) else None
    asks = asked_of(claim, known) if known else None
    papers = tuple(papers_of(claim.id))
    lacks = faults(claim, card, policy) if claim.state in rules.EDITABLE else {}
    sound = claim.state in (*rules.EDITABLE, "waiting") and not WITHOUT_WORTH & set(lacks)
    found = None
    if sound and asks and claim.on_date:
        found = worth(activity_of(claim, asks.unit, papers, claim.handed_in_at or clock.now()), card)
    return OwnClaim(
        claim=claim,
        card=card,
        policy=policy,
        asks=asks,
        papers=papers,
        steps=steps_of(claim.id),
        faults=lacks,
        worth=found,
        result=result_of(claim) if claim.state in ("approved", "not_counted") else None,
    )


def result_of(claim: Claim) -> Result | None:
    """What became of a claim that was decided; None where it made no activity."""
    award = session().scalar(select(Award).where(Award.activity_id == claim.id))
    if award is not None:
        why = tuple(words(reason) for reason in reasons_of(award.decision)[1:])
        return Result(award.id, award.state, from_milli(award.awarded_milli), from_milli(award.hours_milli), why)
    refused = session().get(RefusedActivity, claim.id)
    if refused is None:
        return None
    nothing = from_milli(0)
    return Result(None, "", nothing, nothing, tuple(words(reason) for reason in reasons_of(refused.decision)[1:]))
