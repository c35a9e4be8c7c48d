"""Who holds a role where."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people.models import Person, RoleGrant


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role, and the place she holds it at (the first, where there are several)."""

    person_id: UUID
    name: str
    place: Mapping[str, str]


def holders(role: Role, path: str) -> dict[UUID, Holder]:
    """Those who hold a role at a place or below it and may sign in, by name; one statement."""
    place = organisations.table("place")
    rows = session().execute(
        select(Person.id, Person.name, place.c.name.label("zh"), place.c.name_en.label("en"))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(place, place.c.id == RoleGrant.organisation_id)
        .where(
            RoleGrant.role == str(role),
            RoleGrant.withdrawn_at.is_(None),
            organisations.under(RoleGrant.path, [path]),
            Person.disabled_at.is_(None),
            Person.closed_at.is_(None),
        )
        .order_by(Person.name_folded, Person.id, RoleGrant.granted_at, RoleGrant.id)
    )
    found: dict[UUID, Holder] = {}
    for row in rows:
        found.setdefault(row.id, Holder(row.id, row.name, {"zh": row.zh, "en": row.en}))
    return found
