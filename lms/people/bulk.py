"""Many people at once, for an invented province: rows as registering each of them would have left."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lms.kernel import bulk
from lms.kernel.actor import Role
from lms.kernel.text import Message
from lms.people import identity, sessions
from lms.people.commands.register import identity_columns, name_columns
from lms.people.models import Consent, Person, Posting, RoleGrant
from lms.people.rules import Population


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be, with her one posting and her roles as (id, role, organisation, its path)."""

    id: UUID
    posting_id: UUID
    name: str
    population: Population
    phone: str
    id_number: str
    workplace_id: UUID
    employer_id: UUID
    authority_id: UUID
    since: date
    email: str | None = None
    roles: tuple[tuple[UUID, Role, UUID, str], ...] = ()
    licence_from: date | None = None
    licence_until: date | None = None


@dataclass
class Registrar:
    """Writes people in batches. All of them sign in with one password hash and agreed to the notice at once."""

    password_hash: str
    at: datetime
    tables: dict[type, bulk.Rows] = field(
        default_factory=lambda: {model: bulk.Rows(model) for model in (Person, Posting, RoleGrant, Consent)}
    )
    _names: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, one: NewPerson) -> None:
        """One more person; raises ValueError for a number or name that no form would take."""
        faults: dict[str, Message] = {}
        if one.name not in self._names:
            self._names[one.name] = name_columns(one.name, faults)
        values = self._names[one.name] | identity.nothing("email")
        values |= identity_columns(one.phone, one.email, one.id_number, faults)
        if faults:
            raise ValueError(f"{one.name}: {sorted(faults)}")
        self.tables[Person].add(
            {
                "id": one.id, **dict(sorted(values.items())), "population": str(one.population),
                "password_hash": self.password_hash, "created_at": self.at,
                "licence_from": one.licence_from, "licence_until": one.licence_until,
            }
        )  # fmt: skip
        self.tables[Posting].add(
            {
                "id": one.posting_id, "person_id": one.id, "employer_id": one.employer_id,
                "workplace_id": one.workplace_id, "authority_id": one.authority_id, "starts_on": one.since,
            }
        )  # fmt: skip
        for grant_id, role, organisation_id, path in one.roles:
            self.tables[RoleGrant].add(
                {
                    "id": grant_id, "person_id": one.id, "role": str(role), "organisation_id": organisation_id,
                    "path": path, "granted_at": self.at,
                }
            )  # fmt: skip
        self.tables[Consent].add({"person_id": one.id, "notice_version": sessions.NOTICE, "at": self.at})

    def write(self) -> int:
        """Write those who wait; how many people."""
        return {model: rows.write() for model, rows in self.tables.items()}[Person]


def add_people(people: Iterable[NewPerson], password_hash: str, at: datetime) -> int:
    """Write people in one go; how many."""
    registrar = Registrar(password_hash, at)
    for one in people:
        registrar.add(one)
    return registrar.write()
