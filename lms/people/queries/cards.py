"""People as other features see them: with the places of the day. Identity numbers and phones are masked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, case, func, or_, select
from sqlalchemy.sql import Select

from lms.kernel import clock
from lms.kernel.db import run, session
from lms.organisations import queries as organisations
from lms.people import rules
from lms.people.identity import account_of, has
from lms.people.models import Person, Posting


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as other features see her. Names of places are those of the posting of the day."""

    id: UUID
    name: str
    id_number_mask: str
    phone_mask: str
    population: str
    name_drawable: bool
    workplace_id: UUID | None
    workplace_name: str
    workplace_path: str
    employer_id: UUID | None
    employer_name: str
    authority_id: UUID | None
    authority_name: str
    authority_path: str
    contact_name: str
    contact_phone: str
    licence_from: date | None
    licence_until: date | None
    disabled: bool
    closed: bool = False

    @property
    def masked_name(self) -> str:
        return rules.mask_name(self.name)


def _card_select() -> Select[Any]:
    """One statement, to be built once (building costs more than running): person, posting of the day, its places, and
    whom to call: the contact of the workplace, else of what stands one or two levels above it."""
    place, employer = organisations.table("workplace"), organisations.table("employer")
    authority = organisations.table("authority")
    up, top = organisations.table("parent"), organisations.table("grandparent")
    reached = [(t.c.phone != "", t) for t in (place, up, top)]
    return (
        select(
            Person.id,
            Person.name,
            Person.id_number_mask,
            Person.phone_mask,
            Person.population,
            Person.name_drawable,
            place.c.id.label("workplace_id"),
            func.coalesce(place.c.name, "").label("workplace_name"),
            func.coalesce(place.c.path, "").label("workplace_path"),
            employer.c.id.label("employer_id"),
            func.coalesce(employer.c.name, "").label("employer_name"),
            authority.c.id.label("authority_id"),
            func.coalesce(authority.c.name, "").label("authority_name"),
            func.coalesce(authority.c.path, "").label("authority_path"),
            case(*[(c, t.c.contact_name) for c, t in reached], else_="").label("contact_name"),
            case(*[(c, t.c.phone) for c, t in reached], else_="").label("contact_phone"),
            Person.licence_from,
            Person.licence_until,
            Person.disabled_at.is_not(None).label("disabled"),
            Person.closed_at.is_not(None).label("closed"),
        )
        .outerjoin(
            Posting,
            and_(
                Posting.person_id == Person.id,
                Posting.starts_on <= bindparam("on"),
                or_(Posting.ends_on.is_(None), Posting.ends_on >= bindparam("on")),
            ),
        )
        .outerjoin(place, place.c.id == Posting.workplace_id)
        .outerjoin(employer, employer.c.id == Posting.employer_id)
        .outerjoin(authority, authority.c.id == Posting.authority_id)
        .outerjoin(up, up.c.id == place.c.parent_id)
        .outerjoin(top, top.c.id == up.c.parent_id)
    )


@lru_cache(maxsize=1)
def _one_card_select() -> Select[Any]:
    return _card_select().where(Person.id == bindparam("id", type_=Uuid()))


@lru_cache(maxsize=1)
def _cards_select() -> Select[Any]:
    return _card_select().where(Person.id.in_(bindparam("ids", expanding=True)))


def person(person_id: UUID) -> PersonCard | None:
    """One person, with the posting of today."""
    row = run(_one_card_select(), {"on": clock.today(), "id": person_id}).first()
    return PersonCard(**row._mapping) if row else None


def cards(ids: Iterable[UUID], on: date | None = None) -> dict[UUID, PersonCard]:
    """Several people by id, with their postings of a day (today), in one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = run(_cards_select(), {"on": on or clock.today(), "ids": list(wanted)})
    return {row.id: PersonCard(**row._mapping) for row in rows}


def by_account(account: str) -> UUID | None:
    """The person who signs in with this phone number or mail address."""
    known = account_of(account)
    return session().scalar(select(Person.id).where(has(known.field, known.plain)))


@dataclass(frozen=True, slots=True)
class PostedPerson:
    """A person who has a posting, as far as a run over everybody needs her."""

    id: UUID
    name: str
    population: str
    workplace_name: str
    authority_path: str


def posted_people(on: date, after: UUID | None, most: int) -> list[PostedPerson]:
    """The next `most` people by id, after that one, who have a posting on a day; one statement."""
    place, authority = organisations.table("workplace"), organisations.table("authority")
    found = (
        select(Person.id, Person.name, Person.population, place.c.name, authority.c.path)
        .join(Posting, Posting.person_id == Person.id)
        .join(place, place.c.id == Posting.workplace_id)
        .join(authority, authority.c.id == Posting.authority_id)
        .where(Posting.starts_on <= on, or_(Posting.ends_on.is_(None), Posting.ends_on >= on))
        .order_by(Person.id)
        .limit(most)
    )
    if after is not None:
        found = found.where(Person.id > after)
    return [PostedPerson(*row) for row in session().execute(found)]


@dataclass(frozen=True, slots=True)
class PostingCard:
    """One stretch of a person's working life."""

    id: UUID
    employer_id: UUID
    employer_name: str
    workplace_id: UUID
    workplace_name: str
    authority_id: UUID
    authority_name: str
    starts_on: date
    ends_on: date | None


def postings(person_id: UUID) -> list[PostingCard]:
    """All postings of a person, latest first."""
    place, employer = organisations.table("workplace"), organisations.table("employer")
    authority = organisations.table("authority")
    rows = session().execute(
        select(
            Posting.id,
            Posting.employer_id,
            employer.c.name,
            Posting.workplace_id,
            place.c.name,
            Posting.authority_id,
            authority.c.name,
            Posting.starts_on,
            Posting.ends_on,
        )
        .join(place, place.c.id == Posting.workplace_id)
        .join(employer, employer.c.id == Posting.employer_id)
        .join(authority, authority.c.id == Posting.authority_id)
        .where(Posting.person_id == person_id)
        .order_by(Posting.starts_on.desc())
    )
    return [PostingCard(*row) for row in rows]


def current_posting(person_id: UUID, on: date | None = None) -> PostingCard | None:
    """The posting of a day (today)."""
    day = on or clock.today()
    return next(
        (one for one in postings(person_id) if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on)),
        None,
    )
