"""What who plans rotations sees: people of her area, and their rotations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, func, select

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people import queries as people
from lms.people.queries import Holder, PersonCard
from lms.teaching import rules
from lms.teaching.access import areas, person_to_plan, places_of, rotation_to_plan, supervisors_around
from lms.teaching.models import Rotation
from lms.teaching.queries.rotations import RotationCard, as_card, rotation_card, rotation_cards, rotations_of

MOST_FOUND = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for whom a rotation may be planned."""

    person_id: UUID
    name: str
    workplace_name: str


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """What the form of a rotation offers for somebody, and the rotations that she has. `alone`: she herself is the only
    supervisor of her county."""

    person: PersonCard
    places: Mapping[UUID, OrganisationCard]
    supervisors: Mapping[UUID, Holder]
    rotations: Sequence[RotationCard]
    alone: bool = False


def plan_desk(actor: Actor, person_id: UUID) -> PlanDesk:
    """The desk for somebody of the actor's area; NotFound for any other."""
    card = person_to_plan(actor, person_id)
    supervisors, alone = supervisors_around(card)
    return PlanDesk(card, places_of(card), supervisors, rotations_of([person_id]).get(person_id, []), alone)


def rotation_to_change(actor: Actor, rotation_id: UUID) -> RotationCard:
    """A rotation of the actor's area, to be changed; NotFound for any other, Conflict once it is over."""
    rotation_to_plan(actor, rotation_id)
    card = rotation_card(rotation_id)
    if card.state not in rules.OPEN:
        raise Conflict(msg("这次轮转已经出科签字，或者取消了，不能再改。"))
    return card


def candidates(actor: Actor, text: str) -> list[Candidate]:
    """The first people of her area, by name, whose name holds the text; herself left out."""
    found, paths = {}, areas(actor)
    for path in paths:
        for card in people.working_below(path, text, MOST_FOUND):
            if card.id != actor.person_id and any(card.authority_path.startswith(one) for one in paths):
                found[card.id] = Candidate(card.id, card.name, card.workplace_name)
    return list(found.values())[:MOST_FOUND]


def planned_in(actor: Actor, number: int = 1) -> Page[RotationCard]:
    """One page of the rotations of the people of her area: returned ones first, then the latest."""
    placed = people.placements()
    today = clock.today()
    mine = and_(
        placed.c.person_id == Rotation.person_id,
        organisations.under(placed.c.authority_path, areas(actor)),
        Rotation.person_id != actor.person_id,
    )
    on = {"on": today, "today": today}
    total = session().scalar(select(func.count()).select_from(Rotation).join(placed, mine), on) or 0
    first = case((Rotation.state == rules.RETURNED, 0), else_=1)
    rows = session().execute(
        rotation_cards()
        .join(placed, mine)
        .order_by(first, Rotation.starts_on.desc(), Rotation.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE),
        on,
    )
    return Page([as_card(row) for row in rows], number, total)
