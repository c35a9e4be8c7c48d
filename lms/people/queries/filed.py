"""People as a file to the regulator names them: where they worked on the day of an activity, and, for whoever has
the right, their whole identity numbers."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, or_, select

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.crypto import lookup_hashes
from lms.kernel.db import session
from lms.kernel.text import nfc
from lms.organisations import queries as organisations
from lms.people import access, rules
from lms.people.identity import COLUMNS, opened
from lms.people.models import Person, Posting
from lms.people.queries.closed import kept_identities


def workplaces(name: str = "worked_at") -> FromClause:
    """Where people worked, as a table to join in somebody else's query: person_id, starts_on, ends_on, code, name,
    path. Read only."""
    place = organisations.table(f"{name}_place")
    return (
        select(Posting.person_id, Posting.starts_on, Posting.ends_on, place.c.code, place.c.name, place.c.path)
        .join(place, place.c.id == Posting.workplace_id)
        .subquery(name)
    )


def whole_id_numbers(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Identity numbers in plain text, those of restricted accounts too. Whoever calls it has checked the right and
    records the use."""
    wanted = set(ids)
    rows = session().execute(select(Person.id, Person.id_number_sealed).where(Person.id.in_(wanted)))
    kept = {person_id: one.id_number for person_id, one in kept_identities(wanted).items()}
    return {row.id: opened("id_number", row.id_number_sealed) for row in rows} | kept


def by_id_numbers(actor: Actor, numbers: Iterable[str]) -> dict[str, UUID]:
    """People in the actor's places by identity number, as it was written; numbers of nobody are left out."""
    hashes = {
        hashed: number
        for number in numbers
        for hashed in lookup_hashes(rules.plain_id_number(nfc(number)), "id_number")
    }
    columns = COLUMNS["id_number"]
    where: list[ColumnElement[bool]] = [or_(*(column.in_(list(hashes)) for column in columns))]
    if not actor.system:
        where.append(access.in_my_places(actor, clock.today()))
    rows = session().execute(select(Person.id, *columns).where(*where))
    return {hashes[hashed]: person_id for person_id, *both in rows for hashed in both if hashed in hashes}
