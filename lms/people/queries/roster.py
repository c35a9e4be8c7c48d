"""The roster of an administrator's places: lists cut by the database, one person's file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import folded, nfc
from lms.organisations import queries as organisations
from lms.people import access, identity, rules
from lms.people.models import Person, Posting, RoleGrant
from lms.people.queries.cards import PersonCard, PostingCard, cards, postings


@dataclass(frozen=True, slots=True)
class Filters:
    """What an administrator looks for. Phones and identity numbers are not among it: this becomes an address."""

    text: str = ""
    at: str = ""
    role: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class GrantCard:
    """A role that is held."""

    id: UUID
    person_id: UUID
    role: Role
    organisation_id: UUID
    organisation_name: str
    path: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the roster."""

    card: PersonCard
    grants: tuple[GrantCard, ...]


@dataclass(frozen=True, slots=True)
class PersonFile:
    """All that an administrator sees of a person."""

    card: PersonCard
    email_mask: str
    has_id_number: bool
    has_licence_number: bool
    has_password: bool
    postings: list[PostingCard]
    grants: tuple[GrantCard, ...]
    withdrawable: frozenset[UUID]
    history: list[audit.AuditRow]


STATES = ("", "disabled", "undrawable", "no_password")


def people_in(actor: Actor, filters: Filters, number: int = 1) -> Page[PersonRow]:
    """One page of the people in the actor's places, by name."""
    conditions = [access.in_my_places(actor, clock.today()), *_conditions(filters)]
    total = session().scalar(select(func.count(Person.id)).where(*conditions)) or 0
    ids = list(
        session().scalars(
            select(Person.id)
            .where(*conditions)
            .order_by(Person.name_folded, Person.id)
            .limit(SIZE)
            .offset((number - 1) * SIZE)
        )
    )
    found, grants = cards(ids), grants_of(ids)
    rows = [PersonRow(found[i], grants.get(i, ())) for i in ids]
    return Page(rows, number, total)


def working_below(path: str, text: str, most: int) -> list[PersonCard]:
    """The first `most` people, by name, who work today at a place or below it, those whose accounts are closed left
    out; two statements."""
    today, workplace = clock.today(), organisations.table("workplace")
    there = (
        select(Posting.person_id)
        .join(workplace, workplace.c.id == Posting.workplace_id)
        .where(
            Posting.starts_on <= today,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= today),
            organisations.under(workplace.c.path, [path]),
        )
    )
    conditions = [Person.id.in_(there), Person.closed_at.is_(None), *_conditions(Filters(text=text))]
    found = select(Person.id).where(*conditions).order_by(Person.name_folded, Person.id).limit(most)
    ids = list(session().scalars(found))
    known = cards(ids)
    return [known[one] for one in ids]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.text:
        conditions.append(Person.name_folded.contains(folded(filters.text), autoescape=True))
    if filters.at:
        conditions.append(_works_at(filters.at))
    if filters.role:
        conditions.append(
            select(RoleGrant.id)
            .where(
                RoleGrant.person_id == Person.id,
                RoleGrant.role == filters.role,
                RoleGrant.withdrawn_at.is_(None),
            )
            .exists()
        )
    if filters.state == "disabled":
        conditions.append(Person.disabled_at.is_not(None))
    elif filters.state == "undrawable":
        conditions.append(Person.name_drawable.is_(False))
    elif filters.state == "no_password":
        conditions.append(Person.password_hash.is_(None))
    return conditions


def _works_at(text: str) -> ColumnElement[bool]:
    """SQL: works or is employed at, or below, a place whose name or code holds the text."""
    place, here = organisations.table("here"), organisations.table("named")
    return (
        select(Posting.id)
        .join(place, or_(place.c.id == Posting.workplace_id, place.c.id == Posting.employer_id))
        .join(here, place.c.path.startswith(here.c.path))
        .where(
            Posting.person_id == Person.id,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= clock.today()),
            or_(
                here.c.name.contains(text, autoescape=True),
                here.c.code == text.upper(),
            ),
        )
        .exists()
    )


def find_exactly(actor: Actor, text: str) -> UUID | None:
    """The person in the actor's places with exactly this phone number or identity number."""
    text = nfc(text)
    number, phone = rules.plain_id_number(text), rules.plain_phone(text)
    return session().scalar(
        select(Person.id).where(
            access.in_my_places(actor, clock.today()),
            or_(identity.has("id_number", number), identity.has("phone", phone)),
        )
    )


def grants_of(ids: Iterable[UUID]) -> dict[UUID, tuple[GrantCard, ...]]:
    """The roles that people hold now, in one statement."""
    place = organisations.table("place")
    rows = session().execute(
        select(
            RoleGrant.id,
            RoleGrant.person_id,
            RoleGrant.role,
            RoleGrant.organisation_id,
            place.c.name.label("organisation_name"),
            RoleGrant.path,
            RoleGrant.granted_at,
        )
        .join(place, place.c.id == RoleGrant.organisation_id)
        .where(RoleGrant.person_id.in_(list(ids)), RoleGrant.withdrawn_at.is_(None))
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    grants: dict[UUID, tuple[GrantCard, ...]] = {}
    for row in rows:
        card = GrantCard(**{**row._mapping, "role": Role(row.role)})
        grants[card.person_id] = (*grants.get(card.person_id, ()), card)
    return grants


def person_file(actor: Actor, person_id: UUID) -> PersonFile:
    """Everything an administrator may see of a person in her places; NotFound for others."""
    access.require_mine(actor, person_id)
    card = require_found(cards([person_id]).get(person_id))
    more = (
        session()
        .execute(
            select(
                Person.email_mask,
                Person.id_number_sealed.is_not(None).label("has_id_number"),
                Person.licence_number_sealed.is_not(None).label("has_licence_number"),
                Person.password_hash.is_not(None).label("has_password"),
            ).where(Person.id == person_id)
        )
        .one()
    )
    grants = grants_of([person_id]).get(person_id, ())
    mine = person_id != actor.person_id
    return PersonFile(
        card=card,
        **more._mapping,
        postings=postings(person_id),
        grants=grants,
        withdrawable=frozenset(grant.id for grant in grants if mine and actor.holds(Role.ADMINISTRATOR, grant.path)),
        history=audit.history("person", person_id)[-20:][::-1],
    )
