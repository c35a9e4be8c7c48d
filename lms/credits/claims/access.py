"""Who a person is before a claim: the doctor whose it is, somebody who decides, or nobody who may know of it."""

from uuid import UUID

from sqlalchemy import exists, or_, select

from lms.credits import policies
from lms.credits.access import same_institution
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.claims.rules import CITY, COUNTY, PROVINCE, SHOWN, UNIT, Decider, Standing
from lms.credits.models import Activity
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.people.queries import PersonCard

RANKS = {Role.COUNTY_AUDITOR: COUNTY, Role.CITY_AUDITOR: CITY, Role.PROVINCE_AUDITOR: PROVINCE}


def level(actor: Actor, claim: Claim) -> int:
    """The highest level at which she audits where the claim lies; 0 if she does not."""
    area = max((rank for role, rank in RANKS.items() if actor.holds(role, claim.authority_path)), default=0)
    return area or (UNIT if audits_unit(actor, claim) else 0)


def audits_unit(actor: Actor, claim: Claim) -> bool:
    return actor.holds(Role.UNIT_AUDITOR, claim.unit_path)


def own_claim(actor: Actor, claim_id: UUID) -> Claim:
    """A claim of her own; NotFound for anybody else's."""
    claim = require_found(session().get(Claim, claim_id))
    require_in_place(actor.person_id is not None and claim.person_id == actor.person_id)
    return claim


def claim_to_decide(actor: Actor, claim_id: UUID) -> Claim:
    """A claim that was handed in where she audits; NotFound for any other."""
    claim = require_found(session().get(Claim, claim_id))
    require_in_place(claim.state in SHOWN and bool(claim.authority_path) and level(actor, claim) > 0)
    return claim


def visible_file(actor: Actor, claim_id: UUID, file_id: UUID) -> ClaimFile:
    """A paper, for the doctor whose it is and for who may decide; NotFound for everybody else."""
    claim = require_found(session().get(Claim, claim_id))
    hers = actor.person_id is not None and claim.person_id == actor.person_id
    if not hers:
        claim_to_decide(actor, claim_id)
    file = require_found(session().get(ClaimFile, file_id))
    require_in_place(file.claim_id == claim_id)
    return file


def standing_of(claim: Claim, approvers: frozenset[object] = frozenset()) -> Standing:
    return Standing(
        state=claim.state,
        levels=tuple(claim.levels),
        waiting=claim.waiting,
        decided=claim.decided,
        answered=claim.answered,
        may_answer=claim.may_answer,
        two=claim.two,
        approvers=approvers,
    )


def decider_of(actor: Actor, claim: Claim, cards: dict[UUID, PersonCard]) -> Decider:
    """The actor before a claim; `cards` hold hers and the claimant's."""
    own = actor.person_id == claim.person_id
    mine = cards.get(actor.person_id) if actor.person_id else None
    return Decider(
        who=str(actor.person_id),
        level=level(actor, claim),
        unit=audits_unit(actor, claim),
        own=own,
        took_part=not own and _took_part(actor, claim),
        colleague=same_institution(mine, cards[claim.person_id]),
    )


def _took_part(actor: Actor, claim: Claim) -> bool:
    """Whether the actor has told of the same activity herself, or has it on her account."""
    same = [Claim.title == claim.title]
    done = [Activity.title["zh"].as_string() == claim.title]
    if claim.project_number:
        same.append(Claim.project_number == claim.project_number)
        done.append(Activity.project_number == claim.project_number)
    told = exists().where(
        Claim.person_id == actor.person_id,
        Claim.state.in_(SHOWN),
        Claim.kind == claim.kind,
        Claim.on_date == claim.on_date,
        or_(*same),
    )
    recorded = exists().where(
        Activity.person_id == actor.person_id,
        Activity.kind == claim.kind,
        Activity.on_date == claim.on_date,
        or_(*done),
    )
    return bool(session().scalar(select(or_(told, recorded))))


def is_closed(claim: Claim, card: PersonCard) -> bool:
    """Whether the year of a claim is over for good under her policy, for all but the province."""
    if claim.credit_year is None:
        return False
    person = policies.person_of(card)
    policy = policies.for_person(person, claim.credit_year)
    closing = policy.closing(claim.credit_year, person.population) if policy else None
    return closing is not None and clock.today() > closing
