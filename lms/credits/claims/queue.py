"""The deciders' queue, and one claim with everything that speaks for or against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from lms.credits import policies
from lms.credits.claims import rules
from lms.credits.claims.access import RANKS, claim_to_decide, decider_of, is_closed, level, standing_of
from lms.credits.claims.asking import Asked, activity_of, asked_of
from lms.credits.claims.closed import closed_now
from lms.credits.claims.duplicates import Duplicate, duplicates, in_scope
from lms.credits.claims.history import Step, approvers, papers_of, steps_of
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.claims.queries import Result, result_of
from lms.credits.claims.reasons import STATES
from lms.credits.claims.worth import Worth, worth
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import CLAIM_AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import Message, folded
from lms.organisations.queries import under
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST = 10_000
MOST_NEXT = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; `mine`: only what waits for her level."""

    state: str = "waiting"
    year: int | None = None
    kind: str = ""
    text: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One claim in the queue. `hers`: it waits for the actor, who may tick it."""

    id: UUID
    version: int
    name: str
    workplace_name: str
    title: str
    kind: str
    on_date: date | None
    handed_in_at: datetime
    state: str
    waiting: int
    answered: bool
    own: bool
    hers: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, oldest first, and how many claims are in each state under the same filters."""

    page: Page[QueueRow]
    counts: dict[str, int]
    filters: Filters


@dataclass(frozen=True, slots=True)
class Examined:
    """One claim before a decider."""

    claim: Claim
    card: PersonCard
    asks: Asked | None
    papers: tuple[ClaimFile, ...]
    steps: tuple[Step, ...]
    worth: Worth | None
    result: Result | None
    duplicates: tuple[Duplicate, ...]
    hindrance: Message | None
    actions: tuple[str, ...]


def queue(actor: Actor, filters: Filters, number: int) -> Queue:
    """The claims where she audits; NotFound if she audits nowhere. Three statements."""
    require_in_place(bool(actor.paths(*CLAIM_AUDITORS)))
    conditions = _conditions(actor, filters)
    counts = _counts(conditions)
    found = session().execute(
        select(Claim, closed_now().label("closed"))
        .where(*conditions, _listed(filters.state))
        .order_by(Claim.handed_in_at, Claim.id)
        .offset((min(number, MOST // SIZE) - 1) * SIZE)
        .limit(SIZE)
    )
    claims = [(row.Claim, bool(row.closed)) for row in found]
    cards = people.cards({claim.person_id for claim, _ in claims})
    rows = [_row(actor, claim, cards[claim.person_id], closed=closed) for claim, closed in claims]
    return Queue(Page(rows, number, counts[filters.state]), counts, filters)


def waiting_count(actor: Actor) -> Select[Any]:
    """SQL: how many the queue of what waits for her shows."""
    hers = [*_conditions(actor, Filters(mine=True)), _listed("waiting")]
    return select(func.count().label("waiting")).select_from(select(Claim.id).where(*hers).limit(MOST).subquery())


def _row(actor: Actor, claim: Claim, card: PersonCard, *, closed: bool) -> QueueRow:
    own, rank = claim.person_id == actor.person_id, level(actor, claim)
    return QueueRow(
        id=claim.id,
        version=claim.version,
        name=card.name,
        workplace_name=card.workplace_name,
        title=claim.title,
        kind=claim.kind,
        on_date=claim.on_date,
        handed_in_at=require_found(claim.handed_in_at),
        state=claim.state,
        waiting=claim.waiting,
        answered=claim.answered,
        own=own,
        hers=not own and claim.state == "waiting" and rank >= (rules.TOP if closed else claim.waiting),
    )


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found = [in_scope(actor)]
    if filters.year is not None:
        found.append(Claim.credit_year == filters.year)
    if filters.kind:
        found.append(Claim.kind == filters.kind)
    if filters.mine:
        found += [Claim.person_id != actor.person_id, _my_turn(actor)]
    for word in folded(filters.text).split():
        found.append(Claim.search_text.contains(word, autoescape=True))
    return found


def _listed(state: str) -> ColumnElement[bool]:
    """SQL: listed under a state. A refusal that was answered waits, like what was handed in."""
    answered = and_(Claim.state == "refused", Claim.answered.is_(True))
    if state == "waiting":
        return or_(Claim.state == "waiting", answered)
    if state == "refused":
        return and_(Claim.state == "refused", Claim.answered.is_(False))
    return Claim.state == state


def _my_turn(actor: Actor) -> ColumnElement[bool]:
    """SQL: it waits for a level that is hers there; also a refusal that was answered. What waits of a year that is over
    is the province's, whichever level it was handed in to."""
    closed = closed_now()
    turns = [
        and_(
            or_(Claim.waiting == rank, closed) if rank == rules.TOP else and_(Claim.waiting == rank, not_(closed)),
            under(Claim.authority_path, actor.paths(role)),
        )
        for role, rank in RANKS.items()
        if actor.paths(role)
    ]
    units = actor.paths(Role.UNIT_AUDITOR)
    if units:
        turns.append(and_(Claim.waiting == rules.UNIT, not_(closed), under(Claim.unit_path, units)))
    return or_(*turns) if turns else false()


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(select(Claim.id).where(*conditions, _listed(state)).limit(MOST).subquery())
        .scalar_subquery()
        .label(state)
        for state in STATES
    ]
    return dict(session().execute(select(*columns)).one()._mapping)


def next_waiting(actor: Actor, after: UUID) -> UUID | None:
    """The next claim that waits for her and that she may decide, oldest first; None where none of the first MOST_NEXT
    is."""
    conditions = [in_scope(actor), _listed("waiting"), Claim.person_id != actor.person_id, _my_turn(actor)]
    claims = list(
        session().scalars(
            select(Claim)
            .where(*conditions, Claim.id != after)
            .order_by(Claim.handed_in_at, Claim.id)
            .limit(MOST_NEXT)
        )
    )
    cards = people.cards({one.person_id for one in claims} | ({actor.person_id} if actor.person_id else set()))
    return next((one.id for one in claims if _hindrance(actor, one, cards) is None), None)


def _hindrance(actor: Actor, claim: Claim, cards: dict[UUID, PersonCard]) -> Message | None:
    """Why she may not decide on a claim; three statements at most."""
    closed, steps = is_closed(claim, cards[claim.person_id]), steps_of(claim.id) if claim.two else ()
    standing = standing_of(claim, approvers(steps))
    return rules.hindrance(standing, decider_of(actor, claim, cards), closed=closed)


def examine(actor: Actor, claim_id: UUID) -> Examined:
    """A claim where she audits; NotFound for any other."""
    claim = claim_to_decide(actor, claim_id)
    cards = people.cards({claim.person_id} | ({actor.person_id} if actor.person_id else set()))
    card = cards[claim.person_id]
    steps, papers = steps_of(claim.id), tuple(papers_of(claim.id))
    policy = policies.for_person(policies.person_of(card), require_found(claim.on_date).year)
    asks = asked_of(claim, policy) if policy and policy.knows(claim.kind) else None
    decided = claim.state in ("approved", "not_counted")
    why = rules.hindrance(
        standing_of(claim, approvers(steps)), decider_of(actor, claim, cards), closed=is_closed(claim, card)
    )
    brings = None
    if asks and not decided:
        brings = worth(activity_of(claim, asks.unit, papers, require_found(claim.handed_in_at)), card)
    return Examined(
        claim=claim,
        card=card,
        asks=asks,
        papers=papers,
        steps=steps,
        worth=brings,
        result=result_of(claim) if decided else None,
        duplicates=duplicates(actor, claim),
        hindrance=why,
        actions=() if why else rules.actions(standing_of(claim)),
    )
