"""Who acts, and what she may do where. Views make an actor; commands and queries judge it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """A role holds at a place of the tree of organisations and everywhere below it."""

    LEARNER = "learner"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    TEACHER = "teacher"
    CENTRE_ADMIN = "centre_admin"
    UNIT_AUDITOR = "unit_auditor"
    COUNTY_AUDITOR = "county_auditor"
    CITY_AUDITOR = "city_auditor"
    PROVINCE_AUDITOR = "province_auditor"
    ADMINISTRATOR = "administrator"


AUDITORS = (Role.COUNTY_AUDITOR, Role.CITY_AUDITOR, Role.PROVINCE_AUDITOR)
# Who decides on claims: her unit first, then the areas.
CLAIM_AUDITORS = (Role.UNIT_AUDITOR, *AUDITORS)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one place; `path` is the place's path in the tree."""

    role: Role
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the house itself) acting now."""

    person_id: UUID | None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    session_id: UUID | None = None
    language: str | None = None
    system: bool = False
    # Endpoint of a page she must deal with before any other (the privacy notice); None when free.
    must_first: str | None = None
    # Signed in on a phone that others use too: no page may stay behind on it.
    shared: bool = False

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    def has(self, *roles: Role) -> bool:
        """Whether she holds one of the roles anywhere."""
        return self.system or any(grant.role in roles for grant in self.grants)

    def holds(self, role: Role, path: str) -> bool:
        """Whether she holds the role at the place `path` or above it."""
        return self.system or any(
            grant.role is role and path.startswith(grant.path) for grant in self.grants
        )

    def paths(self, *roles: Role) -> tuple[str, ...]:
        """The places at which she holds one of the roles; SYSTEM holds all at the root."""
        if self.system:
            return ("/",)
        return tuple(dict.fromkeys(grant.path for grant in self.grants if grant.role in roles))


NOBODY = Actor(person_id=None)
SYSTEM = Actor(person_id=None, name="system", system=True)
