"""Who may act in the log of whom: the person herself, the supervisor who is named, who plans rotations of a place."""

from uuid import UUID

from sqlalchemy import select

from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import Kind
from lms.people import queries as people
from lms.people.queries import Holder, PersonCard
from lms.teaching.models import PracticeEntry, Rotation

PLANNERS = (Role.TEACHER, Role.CENTRE_ADMIN, *AUDITORS)
"""Whoever holds one of these plans rotations of the people of her area."""
SITES = (Kind.COUNTY_HOSPITAL, Kind.TOWNSHIP_CENTRE, Kind.TRAINING_CENTRE)
"""Kinds of institution where practice is offered everywhere in an area; one's own clinic comes to them."""


def own_entry(actor: Actor, entry_id: UUID) -> PracticeEntry:
    """An entry of her own; NotFound for anybody else's."""
    entry = require_found(session().get(PracticeEntry, entry_id))
    require_in_place(actor.person_id is not None and entry.person_id == actor.person_id)
    return entry


def is_teacher(actor: Actor) -> bool:
    """Whether she is a supervisor somewhere today."""
    return actor.has(Role.TEACHER)


def require_teacher(actor: Actor) -> None:
    """NotAllowed unless she is a supervisor somewhere: whoever was one signs no more, and gives back what waits."""
    require(is_teacher(actor), msg("您现在不是带教老师，不能签字。请医生改选一位带教老师。"))


def areas(actor: Actor) -> tuple[str, ...]:
    """Paths of the areas whose people she may plan rotations for: an auditor's own, a teacher's and a centre's the
    county (or city, or province) that they stand in."""
    if actor.system:
        return ("/",)
    found = list(actor.paths(*AUDITORS))
    for path in actor.paths(Role.TEACHER, Role.CENTRE_ADMIN):
        region = organisations.region_above(path)
        if region is not None:
            found.append(region.path)
    return tuple(dict.fromkeys(found))


def plans_for(actor: Actor, card: PersonCard) -> bool:
    """Whether she plans rotations of this person; nobody plans her own."""
    within = any(card.authority_path.startswith(path) for path in areas(actor))
    return bool(card.authority_path) and within and card.id != actor.person_id


def person_to_plan(actor: Actor, person_id: UUID) -> PersonCard:
    """Somebody of the actor's area, with an open account; NotFound for any other, and for herself."""
    card = require_found(people.person(person_id))
    require_in_place(plans_for(actor, card) and not card.closed)
    return card


def rotation_to_plan(actor: Actor, rotation_id: UUID) -> Rotation:
    """A rotation of somebody she plans for; NotFound for any other."""
    rotation = require_found(session().get(Rotation, rotation_id))
    person_to_plan(actor, rotation.person_id)
    return rotation


def supervised_rotation(actor: Actor, rotation_id: UUID) -> Rotation:
    """A rotation that names her as its supervisor, which she may be no more; NotFound for any other."""
    rotation = require_found(session().get(Rotation, rotation_id))
    require_in_place(actor.person_id is not None and rotation.supervisor_id == actor.person_id)
    return rotation


def supervisors_of(card: PersonCard) -> dict[UUID, Holder]:
    """The teachers of the area that audits this person, herself left out."""
    return supervisors_around(card)[0]


def supervisors_around(card: PersonCard) -> tuple[dict[UUID, Holder], bool]:
    """The teachers of the area that audits this person, herself left out; and whether she is the only one there is."""
    found = people.holders(Role.TEACHER, card.authority_path) if card.authority_path else {}
    herself = found.pop(card.id, None)
    return found, herself is not None and not found


def places_of(card: PersonCard) -> dict[UUID, OrganisationCard]:
    """Where this person may practise: her own clinic, and the hospitals, health centres and training centres of her
    area; her own first, then by the tree."""
    offered = organisations.in_scope([card.authority_path], SITES) if card.authority_path else []
    own = organisations.organisation(card.workplace_id) if card.workplace_id else None
    return {one.id: one for one in ([own] if own else []) + offered if one.closed_on is None}


def rotation_at(person_id: UUID, rotation_id: UUID) -> Rotation | None:
    """A rotation of this person that stands (planned or returned); None for any other."""
    return session().scalar(
        select(Rotation).where(
            Rotation.id == rotation_id, Rotation.person_id == person_id, Rotation.state.in_(("planned", "returned"))
        )
    )
