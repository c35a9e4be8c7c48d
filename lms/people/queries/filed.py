"""People as a file to the regulator names them: where they worked on the day of an activity, and, for whoever has
the right, their whole identity numbers."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import FromClause, select

from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people.identity import opened
from lms.people.models import Person, Posting


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
    """Identity numbers in plain text. Whoever calls it has checked the right and records the use."""
    rows = session().execute(select(Person.id, Person.id_number_sealed).where(Person.id.in_(set(ids))))
    return {row.id: opened("id_number", row.id_number_sealed) for row in rows}
